//! What mail programs, shells, chats and copying do to the text of a URL, and how it was before.

use crate::sigv4::encode;

use super::code::Code;

/// A text and what was repaired in it. Without `Debug`: the text is a link.
#[derive(Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The text as it must have been. If nothing was found, as it was given.
    pub text: String,
    /// What was found, in the order in which it was repaired.
    pub damages: Vec<Damage>,
}

/// One kind of damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The code of the finding.
    pub code: Code,
    /// One sentence.
    pub message: String,
}

/// Gives the text without one kind of damage, and what it was.
type Step = fn(&str) -> Option<(String, Damage)>;

/// Undoes what can be undone.
pub fn repair(original: &str) -> Repaired {
    let mut repaired = Repaired {
        text: original.to_owned(),
        damages: Vec::new(),
    };
    let steps: [Step; 19] = [
        invisible_characters,
        quoted_printable,
        escaped_ampersands,
        escaped_slashes,
        encoded_as_a_whole,
        before_the_url,
        wrapped_by_proofpoint,
        wrapped_by_a_gateway,
        broken_by_a_mail_server,
        line_breaks,
        printed_as_a_format,
        doubled_percent_signs,
        lost_percent_signs,
        ellipsis,
        after_the_signature,
        shell_escapes,
        raw_path_characters,
        query_encoded_twice,
        signed_headers_encoded_twice,
    ];
    for step in steps {
        if let Some((text, damage)) = step(&repaired.text) {
            repaired.text = text;
            match repaired
                .damages
                .iter_mut()
                .find(|known| known.code == damage.code)
            {
                Some(known) => known.message = format!("{}; {}", known.message, damage.message),
                None => repaired.damages.push(damage),
            }
        }
    }
    repaired
}

fn wrapped(message: &str) -> Damage {
    Damage {
        code: Code::UrlWrapped,
        message: message.to_owned(),
    }
}

/// Where `http://` or `https://` begins.
fn start_of_url(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    [lower.find("https://"), lower.find("http://")]
        .into_iter()
        .flatten()
        .min()
}

fn invisible_characters(text: &str) -> Option<(String, Damage)> {
    let invisible = |c: char| {
        matches!(
            c,
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}' | '\u{a0}'
        )
    };
    let visible: String = text.chars().filter(|c| !invisible(*c)).collect();
    (visible != text).then(|| (visible, wrapped("the text has invisible characters in it")))
}

/// The form in which mail travels: `=` is `=3D`, and a long line is broken behind a `=`.
fn quoted_printable(text: &str) -> Option<(String, Damage)> {
    if !text.contains("X-Amz-Algorithm=3D") && !text.contains("X-Amz-Signature=3D") {
        return None;
    }
    let joined = text
        .replace("=\r\n", "")
        .replace("=\n", "")
        .replace("=3D", "=")
        .replace("=3d", "=")
        .replace("=26", "&");
    Some((
        joined,
        wrapped("the text is in a mail's quoted-printable form (`=3D` for `=`)"),
    ))
}

fn escaped_ampersands(text: &str) -> Option<(String, Damage)> {
    let mut plain = without_amp(text);
    for escaped in [
        "&#38;", "&#038;", "&#x26;", "&#X26;", "\\u0026", "\\U0026", "\\x26", "&AMP;",
    ] {
        plain = plain.replace(escaped, "&");
    }
    for (escaped, raw) in [
        ("\\u003d", "="),
        ("\\u003D", "="),
        ("\\u0025", "%"),
        ("\\u003f", "?"),
        ("\\u003F", "?"),
        ("\\u002f", "/"),
    ] {
        plain = plain.replace(escaped, raw);
    }
    let damage = Damage {
        code: Code::HtmlEscapedAmpersand,
        message: "the `&` between the parameters are escaped as in HTML or JSON".to_owned(),
    };
    (plain != text).then_some((plain, damage))
}

/// `&` for `&amp;`, and for `&amp;amp;`, which was escaped twice.
fn without_amp(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&amp;") {
        plain.push_str(&rest[..=at]);
        rest = rest[at + 1..].trim_start_matches("amp;");
    }
    plain.push_str(rest);
    plain
}

fn escaped_slashes(text: &str) -> Option<(String, Damage)> {
    let is_json = text.contains(":\\/\\/");
    is_json.then(|| {
        (
            text.replace("\\/", "/"),
            wrapped("the slashes are escaped as in JSON"),
        )
    })
}

/// `https%3A%2F%2F…`, or a query that was encoded together with its `?`.
fn encoded_as_a_whole(text: &str) -> Option<(String, Damage)> {
    let twice = |message: &str| Damage {
        code: Code::PercentEncodedTwice,
        message: message.to_owned(),
    };
    let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || "\"'<([{`".contains(c));
    let lower = trimmed.to_ascii_lowercase();
    if lower.starts_with("https%3a%2f%2f") || lower.starts_with("http%3a%2f%2f") {
        return Some((decoded(trimmed), twice("the whole URL was percent-encoded")));
    }
    let algorithm = ["X-Amz-Algorithm%3D", "X-Amz-Algorithm%3d"]
        .iter()
        .find_map(|mark| text.find(mark))
        .filter(|_| !text.contains('?'));
    let query =
        algorithm.and_then(|at| text[..at].rfind("%3F").or_else(|| text[..at].rfind("%3f")));
    if let Some(at) = query {
        let (address, query) = text.split_at(at);
        return Some((
            format!("{address}{}", decoded(query)),
            twice("the query was percent-encoded together with its `?`"),
        ));
    }
    None
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&encode::decode_lenient(text.as_bytes())).into_owned()
}

/// `<https://…`, `URL: https://…`, `[name](https://…`.
fn before_the_url(text: &str) -> Option<(String, Damage)> {
    let start = start_of_url(text).filter(|start| *start > 0)?;
    Some((
        text[start..].to_owned(),
        wrapped("there is something before the URL"),
    ))
}

/// Mail gateways and search engines put the URL into a parameter of their own.
fn wrapped_by_a_gateway(text: &str) -> Option<(String, Damage)> {
    let (address, query) = text.split_once('?')?;
    let host = address.split("://").nth(1)?.split('/').next()?;
    let known = host.ends_with("safelinks.protection.outlook.com")
        || host.starts_with("www.google.")
        || host.starts_with("urldefense.")
        || host == "l.facebook.com"
        || host == "slack-redir.net";
    let is_signed = |query: &str| {
        ["X-Amz-Signature=", "X-Goog-Signature=", "Signature="]
            .iter()
            .any(|mark| query.contains(mark))
    };
    let inner = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let url = decoded(value);
        let is_of_gateway = known && matches!(name, "url" | "q" | "u");
        (start_of_url(&url) == Some(0) && (is_of_gateway || is_signed(&url))).then_some(url)
    })?;
    // A signed URL may have another one in a parameter.
    (known || !is_signed(query)).then(|| {
        (
            inner,
            wrapped(&format!("the URL is wrapped in a link of `{host}`")),
        )
    })
}

/// `urldefense.com/v3/__URL__;BASE64!!…`: each `*` stands for a character of the decoded BASE64.
/// And its second form, `urldefense.proofpoint.com/v2/url?u=URL`, in which `-` stands for `%` and
/// `_` for `/`.
fn wrapped_by_proofpoint(text: &str) -> Option<(String, Damage)> {
    let host = text
        .split("://")
        .nth(1)?
        .split('/')
        .next()?
        .to_ascii_lowercase();
    if !host.starts_with("urldefense.") {
        return None;
    }
    let damage = || wrapped(&format!("the URL is wrapped in a link of `{host}`"));
    if let Some((_, inner)) = text.split_once("/v3/__") {
        let (url, rest) = inner
            .split_once("__;")
            .unwrap_or((inner.trim_end_matches('_'), ""));
        let encoded = rest.split('!').next().unwrap_or_default();
        let replaced = {
            use base64::Engine;
            let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
            let bytes = engine
                .decode(encoded.trim_end_matches('='))
                .unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let mut characters = replaced.chars();
        let mut plain = String::with_capacity(url.len());
        let mut rest = url;
        while let Some(at) = rest.find('*') {
            plain.push_str(&rest[..at]);
            // `**A` to `**Z`, `**a` …: that number of characters at once; the first of them stands
            // for two.
            let run = rest[at..]
                .strip_prefix("**")
                .and_then(|rest| rest.chars().next());
            let count = run.and_then(run_length);
            match count {
                Some(count) => {
                    plain.extend(characters.by_ref().take(count));
                    rest = &rest[at + 3..];
                }
                None => {
                    plain.push(characters.next().unwrap_or('*'));
                    rest = &rest[at + 1..];
                }
            }
        }
        plain.push_str(rest);
        // The wrapper folds the slashes of the scheme.
        let plain = match plain.split_once(":/") {
            Some((scheme, rest)) if !rest.starts_with('/') => format!("{scheme}://{rest}"),
            _ => plain,
        };
        return Some((plain, damage()));
    }
    let (_, query) = text.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("u="))?;
    if start_of_url(&decoded(value)) == Some(0) {
        return None;
    }
    let plain = decoded(&value.replace('-', "%").replace('_', "/"));
    (start_of_url(&plain) == Some(0)).then(|| (plain, damage()))
}

/// The letters of a run in Proofpoint's third form: A is 2, Z is 27, a is 28.
fn run_length(letter: char) -> Option<usize> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    LETTERS.find(letter).map(|at| at + 2)
}

/// A mail server breaks lines after 998 characters: `!`, a line break and a space.
fn broken_by_a_mail_server(text: &str) -> Option<(String, Damage)> {
    let joined = text
        .replace("!\r\n ", "")
        .replace("!\n ", "")
        .replace("!\r\n", "")
        .replace("!\n", "");
    (joined != text).then(|| (joined, wrapped("a mail server broke the line with `!`")))
}

/// `%!F(MISSING)`, `%!s(MISSING)`, `%!F(NOVERB)`: the URL was printed as the format of a Printf.
/// What was there is known in the credential and in the list of headers only.
fn printed_as_a_format(text: &str) -> Option<(String, Damage)> {
    if !text.contains("%!") || !(text.contains("(MISSING)") || text.contains("(NOVERB)")) {
        return None;
    }
    let (address, query) = text.split_once('?').unwrap_or((text, ""));
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| {
            let mark = match pair.split_once('=').map(|(name, _)| name) {
                Some("X-Amz-Credential") => "%2F",
                Some("X-Amz-SignedHeaders") => "%3B",
                _ => return pair.to_owned(),
            };
            let mut plain = String::new();
            let mut rest = pair;
            while let Some(at) = rest.find("%!") {
                plain.push_str(&rest[..at]);
                let Some(end) = rest[at..].find(')') else {
                    break;
                };
                plain.push_str(mark);
                rest = &rest[at + end + 1..];
            }
            plain.push_str(rest);
            plain
        })
        .collect();
    let plain = format!("{address}?{}", pairs.join("&"));
    Some((
        plain,
        wrapped("the URL was printed as the format string of a Printf (`%!F(MISSING)` for `%2F`)"),
    ))
}

/// `%%2F`: doubled for a Windows batch file.
fn doubled_percent_signs(text: &str) -> Option<(String, Damage)> {
    let (_, query) = text.split_once('?')?;
    let credential = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    credential.contains("%%2").then(|| {
        (
            text.replace("%%", "%"),
            wrapped("the percent signs are doubled, as in a batch file"),
        )
    })
}

/// `AKIDF20260131Fus-east-1Fs3Faws4_request`: a batch file replaced `%2` and `%3` by its second and
/// third argument, of which there are none. What else was encoded cannot be known.
fn lost_percent_signs(text: &str) -> Option<(String, Damage)> {
    let (address, query) = text.split_once('?')?;
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name @ "X-Amz-Credential", value)) => match scope_without_slashes(value) {
                Some(fields) => format!("{name}={}", fields.join("%2F")),
                None => pair.to_owned(),
            },
            // Names of headers have no upper case.
            Some((name @ "X-Amz-SignedHeaders", value)) => {
                format!("{name}={}", value.replace('B', "%3B"))
            }
            _ => pair.to_owned(),
        })
        .collect();
    let is_damaged = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("X-Amz-Credential="))
        .any(|value| scope_without_slashes(value).is_some());
    is_damaged.then(|| {
        (
            format!("{address}?{}", pairs.join("&")),
            wrapped(
                "every `%` is missing with the digit after it (`F` for `%2F`), as in a batch file",
            ),
        )
    })
}

/// The fields of a credential that are separated by `F`.
fn scope_without_slashes(value: &str) -> Option<[&str; 5]> {
    if value.contains(['%', '/']) {
        return None;
    }
    let rest = value.strip_suffix("Faws4_request")?;
    let (rest, service) = rest.rsplit_once('F')?;
    let (rest, region) = rest.rsplit_once('F')?;
    let (id, date) = rest.rsplit_once('F')?;
    let is_date = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
    (is_date && !id.is_empty()).then_some([id, date, region, service, "aws4_request"])
}

/// Line breaks anywhere, white space in the query. A space in the path may belong to the key.
fn line_breaks(text: &str) -> Option<(String, Damage)> {
    let trimmed = text.trim();
    let (path, query) = trimmed
        .split_once('?')
        .map_or((trimmed, None), |(path, query)| (path, Some(query)));
    let mut joined: String = joined_lines(path);
    if let Some(query) = query {
        joined.push('?');
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| {
                // What follows the last value after white space is another text.
                let pair = if pair.contains("X-Amz-Signature=") {
                    up_to_other_text(pair)
                } else {
                    pair
                };
                let own = pair.to_ascii_lowercase().trim_start().starts_with("x-amz-");
                if own {
                    pair.chars().filter(|c| !c.is_whitespace()).collect()
                } else {
                    joined_lines(pair)
                }
            })
            .collect();
        joined.push_str(&pairs.join("&"));
    }
    (joined != text).then(|| {
        (
            joined,
            wrapped("there is white space in the text that does not belong to the URL"),
        )
    })
}

/// Without line breaks and the indentation after them.
fn joined_lines(text: &str) -> String {
    if !text.contains(['\n', '\r', '\t']) {
        return text.to_owned();
    }
    text.split(['\n', '\r'])
        .enumerate()
        .map(|(i, line)| if i == 0 { line.trim_end() } else { line.trim() })
        .collect::<String>()
        .replace('\t', "")
}

/// A signature of 64 digits, white space, and then words: the words are not part of it.
fn up_to_other_text(pair: &str) -> &str {
    let Some(at) = pair
        .find("X-Amz-Signature=")
        .map(|at| at + "X-Amz-Signature=".len())
    else {
        return pair;
    };
    let mut digits = 0;
    for (offset, c) in pair[at..].char_indices() {
        match c {
            c if c.is_ascii_hexdigit() => digits += 1,
            c if c.is_whitespace() && digits >= 64 => return &pair[..at + offset],
            c if c.is_whitespace() => {}
            _ => return pair,
        }
    }
    pair
}

fn ellipsis(text: &str) -> Option<(String, Damage)> {
    let rest = text
        .strip_suffix('…')
        .or_else(|| text.strip_suffix("..."))?;
    let damage = Damage {
        code: Code::UrlTruncated,
        message: "the text ends in dots: a program has shortened it for display".to_owned(),
    };
    Some((rest.to_owned(), damage))
}

/// `"`, `>`, `)`, `.` and the like behind the last value.
fn after_the_signature(text: &str) -> Option<(String, Damage)> {
    let junk = |c: char| "\"'<>()[]{}.,;:!?*`|\\”’»“‘«_~".contains(c) || c.is_whitespace();
    let last = text.rsplit(['?', '&']).next()?;
    let (name, value) = last.split_once('=')?;
    // An encoded line break or quote at the end of the signature.
    let tail = value.find('%').filter(|_| name == "X-Amz-Signature");
    if let Some(at) = tail {
        let decoded = decoded(&value[at..]);
        let message = match decoded.trim().is_empty() {
            true => Some("an encoded line break (`%0A`) is at the end of the URL".to_owned()),
            false => decoded.chars().all(junk).then(|| {
                format!(
                    "an encoded mark (`{}`) is at the end of the URL",
                    &value[at..]
                )
            }),
        };
        if let Some(message) = message {
            let kept = text.len() - value.len() + at;
            return Some((text[..kept].to_owned(), wrapped(&message)));
        }
    }
    let kept = if name == "X-Amz-Signature" || name == "Signature" {
        let digits = value
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(value.len());
        if name == "Signature" || !value[digits..].starts_with(junk) {
            return trailing_marks(text);
        }
        text.len() - value.len() + digits
    } else if name.starts_with("X-Amz-") {
        text.trim_end_matches(junk).len()
    } else {
        return trailing_marks(text);
    };
    (kept < text.len()).then(|| {
        (
            text[..kept].to_owned(),
            wrapped("there is something after the URL"),
        )
    })
}

/// Marks that no URL has unencoded.
fn trailing_marks(text: &str) -> Option<(String, Damage)> {
    let rest = text.trim_end_matches(['"', '<', '>', '`', '”', '’', '»']);
    (rest != text).then(|| (rest.to_owned(), wrapped("there is something after the URL")))
}

fn shell_escapes(text: &str) -> Option<(String, Damage)> {
    let plain = text
        .replace("\\&", "&")
        .replace("\\?", "?")
        .replace("\\=", "=")
        .replace("^&", "&");
    (plain != text).then(|| (plain, wrapped("the text has a shell's escapes in it")))
}

/// `?` and `#` of a key that are in the URL unencoded end the path too early.
fn raw_path_characters(text: &str) -> Option<(String, Damage)> {
    let signature = ["?X-Amz-", "&X-Amz-"]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min()?;
    let (front, query) = text.split_at(signature);
    let host_end = front.find("://").map_or(0, |at| at + 3);
    let (host, path) = front.split_at(host_end);
    let is_key = query.starts_with('?') && path.contains('?');
    let encoded = if is_key {
        path.replace('?', "%3F")
    } else {
        path.to_owned()
    }
    .replace('#', "%23");
    let damage = Damage {
        code: Code::PathNotEncoded,
        message: "a `?` or `#` of the key is in the URL unencoded, so the path ends there"
            .to_owned(),
    };
    (encoded != path).then(|| (format!("{host}{encoded}{query}"), damage))
}

/// `%252F` in the credential: the query went through an encoder twice.
fn query_encoded_twice(text: &str) -> Option<(String, Damage)> {
    let (address, query) = text.split_once('?')?;
    let credential = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    // `%252F` was encoded twice, `%25252F` three times.
    let once_more =
        |text: &str| text.contains("%252F") || text.contains("%252f") || text.contains("%2525");
    if !once_more(credential) {
        return None;
    }
    let (mut address, mut query) = (address.to_owned(), query.to_owned());
    while query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-Credential="))
        .is_some_and(once_more)
    {
        query = query.replace("%25", "%");
        // The path went through the same hands, if it can have done.
        if all_escapes_are_escaped(&address) {
            address = address.replace("%25", "%");
        }
    }
    let damage = Damage {
        code: Code::PercentEncodedTwice,
        message: "it was percent-encoded a second time (`%252F` in the credential)".to_owned(),
    };
    Some((format!("{address}?{query}"), damage))
}

/// Whether every `%` is a `%25` with two digits behind it: `%252F`.
fn all_escapes_are_escaped(text: &str) -> bool {
    text.split('%').skip(1).all(|escape| {
        escape
            .strip_prefix("25")
            .is_some_and(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2)
    })
}

/// `%253B` in the list of signed headers alone.
fn signed_headers_encoded_twice(text: &str) -> Option<(String, Damage)> {
    let (address, query) = text.split_once('?')?;
    let name = "X-Amz-SignedHeaders=";
    let list = query.split('&').find_map(|pair| pair.strip_prefix(name))?;
    let plain = list.replace("%253B", "%3B").replace("%253b", "%3B");
    let damage = Damage {
        code: Code::SignedHeadersMalformed,
        message: "X-Amz-SignedHeaders was percent-encoded twice".to_owned(),
    };
    let repaired = query.replacen(&format!("{name}{list}"), &format!("{name}{plain}"), 1);
    (plain != list).then(|| (format!("{address}?{repaired}"), damage))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://s3.example.com/b/k%20y?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Fr%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn leaves_a_sound_text_alone() {
        for text in [
            URL,
            "https://h/a b(c)?x=1",
            "https://h/k?X-Amz-Signature=ab&x-id=GetObject",
            "not a url",
            "",
        ] {
            assert_eq!(repair(text).text, text);
            assert_eq!(repair(text).damages, [], "{text}");
        }
    }

    #[test]
    fn undoes_what_was_done() {
        let encoded = encode::component(URL.as_bytes()).into_owned();
        for (text, code) in [
            (format!("<{URL}>"), Code::UrlWrapped),
            (format!("\"{URL}\""), Code::UrlWrapped),
            (format!("'{URL}'"), Code::UrlWrapped),
            (format!("  {URL}\n"), Code::UrlWrapped),
            (format!("{URL}."), Code::UrlWrapped),
            (format!("{URL})."), Code::UrlWrapped),
            (format!("[file]({URL})"), Code::UrlWrapped),
            (format!("see {URL} for the file"), Code::UrlWrapped),
            (format!("\u{feff}{URL}"), Code::UrlWrapped),
            (
                URL.replace("&X-Amz-Date", "\n   &X-Amz-Date"),
                Code::UrlWrapped,
            ),
            (
                URL.replace("abcdef&", "ab cdef&")
                    .replace("89abcdef0", "89ab\r\ncdef0"),
                Code::UrlWrapped,
            ),
            (
                URL.replace('=', "=3D")
                    .replace("&X-Amz-Date", "=\n&X-Amz-Date"),
                Code::UrlWrapped,
            ),
            (URL.replace('/', "\\/"), Code::UrlWrapped),
            (
                URL.replace('&', "\\&").replace('?', "\\?"),
                Code::UrlWrapped,
            ),
            (
                format!("https://eur01.safelinks.protection.outlook.com/?url={encoded}&data=x"),
                Code::UrlWrapped,
            ),
            (
                format!("https://links.example.com/v1?k=0&u={encoded}&e=1"),
                Code::UrlWrapped,
            ),
            (format!("{URL}%22"), Code::UrlWrapped),
            (format!("{URL}%22%3E"), Code::UrlWrapped),
            (format!("{URL}%0D%0A"), Code::UrlWrapped),
            (URL.replace("%2F", "F"), Code::UrlWrapped),
            (URL.replace('&', "&amp;"), Code::HtmlEscapedAmpersand),
            (URL.replace('&', "&amp;amp;"), Code::HtmlEscapedAmpersand),
            (
                URL.replace('&', &format!("&{}", "amp;".repeat(50_000))),
                Code::HtmlEscapedAmpersand,
            ),
            (URL.replace('&', "\\u0026"), Code::HtmlEscapedAmpersand),
            (URL.replace('&', "&#38;"), Code::HtmlEscapedAmpersand),
            (encoded.clone(), Code::PercentEncodedTwice),
            (URL.replace("%2F", "%252F"), Code::PercentEncodedTwice),
            (URL.replace("%2F", "%25252F"), Code::PercentEncodedTwice),
        ] {
            let repaired = repair(&text);
            assert_eq!(repaired.text, URL, "{text}");
            assert_eq!(
                repaired.damages.iter().map(|d| d.code).collect::<Vec<_>>(),
                [code],
                "{text}"
            );
        }
        let raw = repair(&URL.replace("k%20y", "k?1#2"));
        assert_eq!(
            (raw.text, raw.damages[0].code),
            (URL.replace("k%20y", "k%3F1%232"), Code::PathNotEncoded)
        );
    }
}
