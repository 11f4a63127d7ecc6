//! The fields of a POST form, read from the JSON of `post`, a page or the arguments of curl.

use std::fmt;

/// The fields of a form, in their order. A field `file` stands for the file.
#[derive(Clone, PartialEq, Eq)]
pub struct PostedForm {
    pub(super) fields: Vec<(String, String)>,
    /// Whether the text shows all fields with the file among them: a page, or the arguments of a
    /// client.
    pub(super) has_file_field: bool,
    /// Why it is not sent as `multipart/form-data` with POST, if so.
    pub(super) problem: Option<&'static str>,
    /// Bytes of the file, where they are known.
    pub file_size: Option<u64>,
}

/// Names alone: the values permit an upload.
impl fmt::Debug for PostedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("PostedForm")
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

impl PostedForm {
    /// Reads the JSON of `post`, an HTML page, or the arguments of curl. `None` if no field is
    /// found.
    pub fn parse(text: &str) -> Option<PostedForm> {
        let start = text.trim_start();
        let lower = start.to_ascii_lowercase();
        let (fields, has_file_field, problem) = match start.chars().next()? {
            '{' => (fields_of_json(start)?, false, None),
            _ if lower.contains("<input") => (fields_of_html(start), true, problem_of_html(&lower)),
            _ => {
                let (fields, is_urlencoded) = fields_of_arguments(start);
                let problem = is_urlencoded.then_some(
                    "curl sends `--data` as application/x-www-form-urlencoded, not as \
                     multipart/form-data",
                );
                (fields, !is_urlencoded, problem)
            }
        };
        (!fields.is_empty()).then_some(PostedForm {
            fields,
            has_file_field,
            problem,
            file_size: None,
        })
    }

    /// The first field of this name, letter case aside.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The file that the arguments of curl name.
    pub fn file_path(&self) -> Option<&str> {
        let path = self.field("file")?.strip_prefix(['@', '<'])?;
        Some(path.split(';').next().unwrap_or(path))
    }
}

fn fields_of_json(text: &str) -> Option<Vec<(String, String)>> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let fields = value.get("fields").unwrap_or(&value).as_object()?;
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(
        fields
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
    )
}

/// What a browser makes of the attributes of `<form>`, where it is none that a store accepts.
fn problem_of_html(lower: &str) -> Option<&'static str> {
    let at = lower.find("<form")? + 5;
    let end = lower[at..].find('>').map_or(lower.len(), |end| at + end);
    let attributes = attributes(&lower[at..end]);
    let is = |name: &str, value: &str| {
        attributes
            .iter()
            .any(|(n, v)| n == name && v.trim() == value)
    };
    if !is("method", "post") {
        return Some("the form has no `method=\"post\"`, so the browser sends a GET");
    }
    (!is("enctype", "multipart/form-data")).then_some(
        "the form has no `enctype=\"multipart/form-data\"`, so the browser sends names without \
         the file",
    )
}

/// Every `<input>` with a name.
fn fields_of_html(html: &str) -> Vec<(String, String)> {
    let lower = html.to_ascii_lowercase();
    let mut fields = Vec::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find("<input").map(|at| from + at + 6) {
        let end = lower[at..].find('>').map_or(html.len(), |end| at + end);
        let attributes = attributes(&html[at..end]);
        let of = |name: &str| {
            attributes
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.clone())
        };
        // A submit button with a name is a field as well.
        if let Some(name) = of("name") {
            fields.push((name, of("value").unwrap_or_default()));
        }
        from = end;
    }
    fields
}

/// `name="x" value='y' disabled`
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag.trim_start();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let name = rest[..end].trim_matches('/').to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let (text, left) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    after[1..].split_once(quote).unwrap_or((&after[1..], ""))
                }
                _ => {
                    let end = after.find(char::is_whitespace).unwrap_or(after.len());
                    after.split_at(end)
                }
            };
            value = without_entities(text);
            rest = left.trim_start();
        }
        if !name.is_empty() {
            found.push((name, value));
        } else if end == 0 && value.is_empty() {
            break;
        }
    }
    found
}

fn without_entities(text: &str) -> String {
    [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2F;", "/"),
        ("&#43;", "+"),
        ("&#61;", "="),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// `-F name=value`, `--form name=value`, `--form-string`, in the quoting of a shell; and whether
/// the fields are those of `--data` instead.
fn fields_of_arguments(text: &str) -> (Vec<(String, String)>, bool) {
    let words = shell_words(text);
    let (mut of_form, mut of_data) = (Vec::new(), Vec::new());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (field, fields) = match word.as_str() {
            "-F" | "--form" | "--form-string" => (words.next(), &mut of_form),
            "-d" | "--data" | "--data-raw" | "--data-urlencode" => (words.next(), &mut of_data),
            _ => {
                let field = word
                    .strip_prefix("--form=")
                    .or_else(|| word.strip_prefix("--form-string="))
                    .or_else(|| word.strip_prefix("-F"));
                (field.map(str::to_owned), &mut of_form)
            }
        };
        if let Some((name, value)) = field.as_deref().and_then(|field| field.split_once('=')) {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    match of_form.is_empty() {
        true => (of_data, true),
        false => (of_form, false),
    }
}

/// Words between white space; quotes and backslashes as a POSIX shell reads them.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_open = false;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                is_open = true;
            }
            (Some(q), c) if c == q => quote = None,
            (None | Some('"'), '\\') => match chars.next() {
                Some('\n') | None => {}
                Some(next) => {
                    is_open = true;
                    word.push(next);
                }
            },
            (None, c) if c.is_whitespace() => {
                if is_open {
                    words.push(std::mem::take(&mut word));
                }
                is_open = false;
            }
            (_, c) => {
                is_open = true;
                word.push(c);
            }
        }
    }
    if is_open {
        words.push(word);
    }
    words
}
