//! Pasted access keys.

/// Why bytes cannot be an access key ID, a secret access key or a session token (`what`): stores
/// issue none of this form, so it was damaged by copying, or is not filled in.
pub fn key_problem(bytes: &[u8], what: &str) -> Option<&'static str> {
    let first_and_last_are =
        |b: u8| bytes.len() > 1 && bytes.first() == Some(&b) && bytes.last() == Some(&b);
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let is_invisible = |c: char| {
        matches!(c, '\u{ad}' | '\u{feff}')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{2064}')
    };
    let has_comment = || {
        let pairs = bytes.windows(2);
        pairs
            .into_iter()
            .any(|pair| matches!(pair, [b' ' | b'\t', b'#' | b';']))
    };
    Some(if bytes.is_empty() {
        "is empty"
    } else if bytes.last().is_some_and(|b| b"\r\n".contains(b)) {
        "ends with a line break"
    } else if bytes.contains(&b'\n') {
        "is in several lines"
    } else if has_comment() {
        "has a comment behind it, which is part of the value"
    } else if bytes.starts_with(b" ") || bytes.ends_with(b" ") {
        "begins or ends with a space"
    } else if first_and_last_are(b'"') || first_and_last_are(b'\'') || first_and_last_are(b'`') {
        "is in quotes that are part of the value"
    } else if text.contains(char::is_whitespace) {
        "has white space in it"
    } else if text.contains(is_invisible) {
        "has an invisible character in it"
    } else if bytes.iter().any(u8::is_ascii_control) {
        "has a control character in it"
    } else if is_placeholder(text) {
        "is a placeholder, not a key"
    } else if what == "access key id" && looks_like_a_secret(bytes) {
        "looks like a secret access key"
    } else if what.starts_with("secret") && looks_like_an_id(bytes) {
        "looks like an access key id"
    } else {
        return None;
    })
}

/// What documentation and templates have where a key belongs.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_in = |open: &str, close: &str| lower.starts_with(open) && lower.ends_with(close);
    let words: Vec<&str> = lower.split(['-', '_', '.']).collect();
    matches!(
        lower.as_str(),
        "none" | "null" | "nil" | "undefined" | "changeme" | "todo" | "replaceme" | "redacted"
    ) || is_in("<", ">")
        || is_in("[", "]")
        || is_in("{{", "}}")
        || is_in("${", "}")
        || (text.len() > 2 && is_in("%", "%"))
        || lower.strip_prefix('$').is_some_and(is_variable)
        || is_own_name(&lower)
        || ["...", "…", "***", "xxxxxxxx"]
            .iter()
            .any(|mask| lower.contains(mask))
        || (text.len() > 2 && lower.bytes().all(|b| b"x*.".contains(&b)))
        || (words.len() > 1
            && (words[0] == "your"
                || words[0] == "replace"
                || words[0] == "insert"
                || words[0] == "change")
            && words.iter().any(|word| {
                matches!(
                    *word,
                    "key"
                        | "keyid"
                        | "id"
                        | "secret"
                        | "access"
                        | "token"
                        | "me"
                        | "here"
                        | "accesskey"
                        | "secretkey"
                )
            }))
}

/// The name of a variable, in small letters.
fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The name of the setting, in the place of its value.
fn is_own_name(lower: &str) -> bool {
    let name = lower.replace(['-', '_'], "");
    let name = ["aws", "coshmac", "s3"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(&name);
    matches!(name, "accesskeyid" | "secretaccesskey" | "sessiontoken")
}

/// Amazon's secrets have 40 letters, digits, `+` and `/`, IBM's 48 hexadecimal digits; their ids
/// have neither.
fn looks_like_a_secret(bytes: &[u8]) -> bool {
    let is_of_amazon = bytes.len() == 40
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/".contains(b))
        && bytes.iter().any(|b| b"+/".contains(b));
    let is_of_ibm = bytes.len() == 48 && bytes.iter().all(u8::is_ascii_hexdigit);
    is_of_amazon || is_of_ibm
}

/// Amazon's ids say what they are.
fn looks_like_an_id(bytes: &[u8]) -> bool {
    bytes.len() == 20
        && [b"AKIA", b"ASIA"]
            .iter()
            .any(|prefix| bytes.starts_with(*prefix))
        && bytes
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
