//! The file name in Content-Disposition (RFC 6266).

use percent_encoding::percent_decode;

/// The suggested name, not sanitized. `filename*` takes precedence over `filename`, because it can
/// contain any character.
pub fn file_name(disposition: &str) -> Option<Vec<u8>> {
    let mut plain = None;
    let mut rest = disposition;
    // The first word is the type: `attachment` or `inline`.
    while let Some((_, parameters)) = split_outside_quotes(rest) {
        let (parameter, _) = split_outside_quotes(parameters).unwrap_or((parameters, ""));
        rest = parameters;
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                if let Some(name) = extended(value) {
                    return Some(name);
                }
            }
            "filename" => plain = plain.or_else(|| Some(unquoted(value).into_bytes())),
            _ => {}
        }
    }
    plain.filter(|name| !name.is_empty())
}

/// The text up to the next semicolon, and the rest.
fn split_outside_quotes(text: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

/// `UTF-8''R%C3%A9sum%C3%A9.pdf`
fn extended(value: &str) -> Option<Vec<u8>> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let name: Vec<u8> = percent_decode(encoded.as_bytes()).collect();
    (charset.eq_ignore_ascii_case("utf-8") && !name.is_empty()).then_some(name)
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let mut name = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => name.extend(chars.next()),
            c => name.push(c),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, name) in [
            ("attachment; filename=\"a b;c.pdf\"", Some("a b;c.pdf")),
            ("attachment; filename=plain.txt; x=y", Some("plain.txt")),
            (
                "attachment; filename=\"R_sum_.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9.pdf",
                Some("Résumé.pdf"),
            ),
            ("attachment;FILENAME*=utf-8'en'a%20b", Some("a b")),
            (
                "attachment; filename*=iso-8859-1''%e9; filename=x",
                Some("x"),
            ),
            ("attachment; filename=\"a\\\"b\\\\c\"", Some("a\"b\\c")),
            ("inline", None),
            ("attachment; filename=\"\"", None),
            ("attachment; filename", None),
        ] {
            assert_eq!(
                file_name(text).as_deref(),
                name.map(str::as_bytes),
                "{text}"
            );
        }
    }
}
