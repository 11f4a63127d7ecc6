//! A POST form as it was sent or is to be sent, against its own policy.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};

use crate::sigv4::hash::hmac_sha256;
use crate::sigv4::{Condition, Mismatch, PostPolicy, SigningKeySteps, split_credential};
use crate::text::escape_controls;

use super::case::NamedCandidate;
use super::checks::{rfc3339, span};
use super::code::Code;
use super::finding::Finding;

/// The fields of a form, in their order. A field `file` stands for the file.
#[derive(Clone, PartialEq, Eq)]
pub struct PostedForm {
    fields: Vec<(String, String)>,
    /// Whether the text shows all fields with the file among them: a page, or the arguments of a
    /// client.
    has_file_field: bool,
}

/// Names alone: whoever has the values can upload.
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
        let (fields, has_file_field) = match start.chars().next()? {
            '{' => (fields_of_json(start)?, false),
            _ if start.to_ascii_lowercase().contains("<input") => (fields_of_html(start), true),
            _ => (fields_of_arguments(start), true),
        };
        (!fields.is_empty()).then_some(PostedForm {
            fields,
            has_file_field,
        })
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Everything that a store refuses, as far as the form shows it.
    pub fn findings(
        &self,
        bucket: &str,
        now: DateTime<Utc>,
        candidates: &[NamedCandidate],
    ) -> Vec<Finding> {
        let malformed = |message: String| Finding::certain(Code::FormMalformed, message);
        let mut found = Vec::new();
        let Some(text) = self.field("policy") else {
            return vec![
                malformed("the form has no field `policy`".to_owned())
                    .fix("send all fields that were made with the form"),
            ];
        };
        if self.field("key").is_none() {
            found.push(
                malformed("the form has no field `key`".to_owned())
                    .fix("add it, with a `name`, before the file"),
            );
        }
        found.extend(self.file());
        let policy = BASE64.decode(text.trim()).ok().map(PostPolicy::parse);
        let policy = match policy {
            None => {
                let is_python = text.starts_with("b'") || text.starts_with("b\"");
                let why = if is_python {
                    ": it is the text of a Python `bytes`"
                } else {
                    ""
                };
                found.push(
                    malformed(format!("the field `policy` is not base64{why}"))
                        .fix("send the policy as it was made, without anything around it"),
                );
                return found;
            }
            Some(Err(error)) => {
                found.push(
                    malformed(format!(
                        "the policy {}",
                        escape_controls(&error.to_string())
                    ))
                    .fix("make the form again: `cos-presign post BUCKET/PREFIX --region REGION`"),
                );
                return found;
            }
            Some(Ok(policy)) => policy,
        };
        let since = (now - policy.expiration().to_utc()).num_seconds();
        if since >= 0 {
            found.push(
                Finding::certain(
                    Code::Expired,
                    format!(
                        "the policy of the form expired {} ago, at {}",
                        span(since),
                        rfc3339(policy.expiration().to_utc())
                    ),
                )
                .fix("make a new form: `cos-presign post BUCKET/PREFIX --region REGION --expires 24h`"),
            );
        }
        let sent: Vec<(String, String)> = self
            .fields
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("file"))
            .cloned()
            .collect();
        for mismatch in policy.check(bucket, &sent) {
            found.push(broken(&mismatch));
        }
        found.extend(self.signature(text, candidates));
        found
    }

    /// The file is one, and comes last.
    fn file(&self) -> Option<Finding> {
        if !self.has_file_field {
            return None;
        }
        let is_file = |(name, _): &(String, String)| name.eq_ignore_ascii_case("file");
        let files = self.fields.iter().filter(|field| is_file(field)).count();
        let behind = self
            .fields
            .iter()
            .skip_while(|field| !is_file(field))
            .skip(1)
            .find(|field| !is_file(field));
        let (message, fix) = match (files, behind) {
            (0, _) => (
                "the form has no field `file`".to_owned(),
                "add the file as the last field",
            ),
            (1, Some((name, _))) => (
                format!(
                    "the field `{}` stands behind the file, where stores do not read it",
                    escape_controls(name)
                ),
                "put the file last",
            ),
            (1, None) => return None,
            (count, _) => (
                format!("the form has {count} files"),
                "send one file in each request",
            ),
        };
        Some(Finding::certain(Code::FormMalformed, message).fix(fix))
    }

    fn signature(&self, policy: &str, candidates: &[NamedCandidate]) -> Option<Finding> {
        let given = self.field("x-amz-signature")?;
        let (id, [date, region, service]) = split_credential(self.field("x-amz-credential")?)?;
        let named = candidates
            .iter()
            .find(|named| named.suspect.access_key_id == id)?;
        let steps = SigningKeySteps::of_fields(&named.suspect.secret, date, region, service);
        let expected = hex::encode(hmac_sha256(&steps.signing, policy.trim().as_bytes()));
        (expected != given.to_ascii_lowercase()).then(|| {
            Finding::likely(
                Code::WrongSecret,
                format!(
                    "the signature of the form is not that of its policy with the secret of {}: the policy was changed, or another secret signed it",
                    named.source
                ),
            )
            .fix("make the form again: `cos-presign post BUCKET/PREFIX --region REGION`")
        })
    }
}

fn broken(mismatch: &Mismatch) -> Finding {
    let (message, fix) = match mismatch {
        Mismatch::Missing(condition) => (
            format!("the form lacks the field of the condition {condition}"),
            "add the field with the value that the policy asks for",
        ),
        Mismatch::Differs { condition, value } => (
            format!("the value `{value}` does not meet the condition {condition}"),
            "send the value that the policy asks for, or make a form for this one",
        ),
        Mismatch::WithoutCondition(name) => (
            format!("the field `{name}` is not in the policy"),
            "leave the field out, or make a form whose policy has it",
        ),
    };
    let evidence = match mismatch {
        Mismatch::Missing(condition) | Mismatch::Differs { condition, .. } => about(condition),
        Mismatch::WithoutCondition(_) => None,
    };
    let finding = Finding::certain(
        Code::PolicyConditionFailed,
        escape_controls(&message).into_owned(),
    )
    .fix(fix);
    match evidence {
        Some(line) => finding.evidence(line),
        None => finding,
    }
}

fn about(condition: &Condition) -> Option<String> {
    condition
        .field()
        .map(|field| format!("condition of the policy on `{}`", escape_controls(field)))
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

/// `-F name=value`, `--form name=value`, `--form-string`, in the quoting of a shell.
fn fields_of_arguments(text: &str) -> Vec<(String, String)> {
    let words = shell_words(text);
    let mut fields = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let field = match word.as_str() {
            "-F" | "--form" | "--form-string" => words.next(),
            _ => word
                .strip_prefix("--form=")
                .or_else(|| word.strip_prefix("-F"))
                .map(str::to_owned),
        };
        if let Some((name, value)) = field.as_deref().and_then(|field| field.split_once('=')) {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    fields
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

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "eyJleHBpcmF0aW9uIjogIjIwMjYtMTItMDFUMDA6MDA6MDBaIiwgImNvbmRpdGlvbnMiOiBbeyJidWNrZXQiOiAiYmt0LWZha2UifSwgWyJzdGFydHMtd2l0aCIsICIka2V5IiwgImluLyJdLCB7IkNvbnRlbnQtVHlwZSI6ICJpbWFnZS9qcGVnIn1dfQ==";

    fn codes(text: &str, now: &str) -> Vec<Code> {
        let now = now.parse().expect("a time");
        let form = PostedForm::parse(text).expect("a form");
        form.findings("bkt-fake", now, &[])
            .iter()
            .map(|finding| finding.code)
            .collect()
    }

    #[test]
    fn reads_json_pages_and_arguments() {
        let good = [
            format!(
                "{{\"url\":\"u\",\"fields\":{{\"key\":\"in/a\",\"Content-Type\":\"image/jpeg\",\"policy\":\"{POLICY}\"}}}}"
            ),
            format!(
                "<form><input type=hidden name=\"key\" value='in/a'><input name=Content-Type value=image/jpeg><input name=policy value=\"{POLICY}\"/><input type=\"file\" name=\"file\"></form>"
            ),
            format!(
                "curl -F key=in/a \\\n -F 'Content-Type=image/jpeg' --form \"policy={POLICY}\" -F file=@a.jpg URL"
            ),
        ];
        for text in good {
            assert_eq!(codes(&text, "2026-11-30T00:00:00Z"), [], "{text}");
        }
    }

    #[test]
    fn finds_what_a_store_refuses() {
        for (text, codes_found) in [
            (
                format!("-F key=out/a -F Content-Type=image/jpeg -F policy={POLICY} -F file=@a"),
                vec![Code::PolicyConditionFailed],
            ),
            (
                format!("-F key=in/a -F policy={POLICY} -F file=@a"),
                vec![Code::PolicyConditionFailed],
            ),
            (
                format!(
                    "-F key=in/a -F Content-Type=image/jpeg -F x=y -F policy={POLICY} -F file=@a"
                ),
                vec![Code::PolicyConditionFailed],
            ),
            (
                format!("-F file=@a -F key=in/a -F Content-Type=image/jpeg -F policy={POLICY}"),
                vec![Code::FormMalformed],
            ),
            (
                format!("-F key=in/a -F Content-Type=image/jpeg -F policy={POLICY}"),
                vec![Code::FormMalformed],
            ),
            (
                format!("-F key=in/a -F \"policy=b'{POLICY}'\" -F file=@a"),
                vec![Code::FormMalformed],
            ),
            (
                "-F key=in/a -F file=@a".to_owned(),
                vec![Code::FormMalformed],
            ),
        ] {
            assert_eq!(codes(&text, "2026-11-30T00:00:00Z"), codes_found, "{text}");
        }
        let text = format!("-F key=in/a -F Content-Type=image/jpeg -F policy={POLICY} -F file=@a");
        assert_eq!(codes(&text, "2026-12-02T00:00:00Z"), [Code::Expired]);
    }
}
