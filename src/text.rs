//! Text for people and for shells: escaping, quoting, file names.

use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Makes text safe to print: control characters and those that change the direction of writing are shown as `\u{…}`,
/// so that a key cannot move the cursor, clear the screen or pretend to be another. Line breaks count as such.
pub fn escape_controls(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{2028}' | '\u{2029}')
    };
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if harmful(c) => escaped.push_str(&c.escape_unicode().to_string()),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// A sentence in lines of at most `width` characters, each behind `indent`. A word that is longer stays whole.
pub fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            lines.push('\n');
            column = 0;
        }
        if column == 0 {
            lines.push_str(indent);
            column = indent.chars().count();
        } else {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// One word for a POSIX shell: between single quotes nothing has a meaning but the quote itself.
pub fn shell_quote(bytes: &[u8]) -> Vec<u8> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(b);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return bytes.to_vec();
    }
    let mut quoted = vec![b'\''];
    for byte in bytes {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// The last segment of a key as a file name that is harmless in a working directory: no separators, no control
/// characters, nothing that Windows reserves, not hidden, not an option, not longer than file systems take.
pub fn local_name(key: &[u8]) -> String {
    let text = String::from_utf8_lossy(key);
    let last = text
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let mut name: String = escape_free(last);
    while name.len() > 200 {
        name.pop();
    }
    let name = name.trim_end_matches([' ', '.']);
    let reserved = is_reserved(name);
    match name.chars().next() {
        None => "download".to_owned(),
        Some('.' | '-' | '~' | ' ') => format!("_{name}"),
        Some(_) if reserved => format!("_{name}"),
        Some(_) => name.to_owned(),
    }
}

/// Whether Windows takes the name for a device, whatever follows its first dot. The superscript digits count there as digits.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let is_port = port.is_some_and(|number| {
        let mut number = number.chars();
        let digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
        number.next().is_some_and(digit) && number.next().is_none()
    });
    is_port
        || matches!(
            stem.as_str(),
            "AUX" | "CON" | "CONIN$" | "CONOUT$" | "NUL" | "PRN"
        )
}

/// The whole key as a relative path that stays below the directory it is used in: every segment is harmless as in
/// [`local_name`]. Different keys have different paths: where a segment had to be changed, a part of the key's hash follows.
pub fn local_path(key: &[u8]) -> String {
    let text = String::from_utf8_lossy(key);
    let segments: Vec<String> = text
        .split('/')
        .map(|segment| local_name(segment.as_bytes()))
        .collect();
    let path = segments.join("/");
    if path.as_bytes() == key {
        return path;
    }
    let hash = hex::encode(&Sha256::digest(key)[..4]);
    format!("{path}~{hash}")
}

fn escape_free(text: &str) -> String {
    let replaced = |c: char| {
        c == char::REPLACEMENT_CHARACTER
            || "\\:*?\"<>|".contains(c)
            || escape_controls(c.encode_utf8(&mut [0; 4])) != c.to_string()
    };
    text.chars()
        .map(|c| if replaced(c) { '_' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless() {
        for (key, name) in [
            ("a/b/report.pdf", "report.pdf"),
            ("a/b/", "b"),
            ("", "download"),
            ("..", "download"),
            ("a/..", "download"),
            ("a/.bashrc", "_.bashrc"),
            ("-rf", "_-rf"),
            ("a\\b:c", "a_b_c"),
            ("nul.txt", "_nul.txt"),
            ("com1", "_com1"),
            ("COM¹.txt", "_COM¹.txt"),
            ("lpt³", "_lpt³"),
            ("conin$", "_conin$"),
            ("CONOUT$.log", "_CONOUT$.log"),
            ("con .txt", "_con .txt"),
            ("com", "com"),
            ("com10", "com10"),
            ("console", "console"),
            ("x\n\u{202e}y", "x__y"),
            ("日本 語.txt", "日本 語.txt"),
            ("trailing. ", "trailing"),
        ] {
            assert_eq!(local_name(key.as_bytes()), name, "{key}");
        }
        assert!(local_name("é".repeat(1000).as_bytes()).len() <= 200);
    }

    #[test]
    fn shell_words() {
        for (text, word) in [
            ("plain-1.txt", "plain-1.txt"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(x)`\n", "'$(x)`\n'"),
            ("~", "'~'"),
        ] {
            assert_eq!(shell_quote(text.as_bytes()), word.as_bytes(), "{text}");
        }
    }

    #[test]
    fn terminals_are_left_alone() {
        assert_eq!(
            escape_controls("a\u{1b}[2Jb\n\u{202e}c"),
            "a\\u{1b}[2Jb\\n\\u{202e}c"
        );
        assert_eq!(escape_controls("日本 é"), "日本 é");
    }
}
