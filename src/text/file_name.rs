//! Keys as names of local files.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::escape::is_harmful;

/// Longest file name, in bytes, with room for what programs append to it.
const MAX_NAME: usize = 200;

/// The last segment of a key as a safe file name: no separators, no control characters, nothing
/// that Windows reserves, not hidden, not an option, not too long for file systems.
pub fn local_name(key: &[u8]) -> String {
    let text = String::from_utf8_lossy(key);
    let last = text
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let mut name: String = escape_free(last);
    while name.len() > MAX_NAME {
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

/// Whether Windows treats the name as a device, whatever follows its first dot. Superscript digits
/// count as digits there.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let is_any_of =
        |text: &str, names: &[&str]| names.iter().any(|name| text.eq_ignore_ascii_case(name));
    let is_port = stem.split_at_checked(3).is_some_and(|(device, number)| {
        let mut number = number.chars();
        let digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
        is_any_of(device, &["COM", "LPT"])
            && number.next().is_some_and(digit)
            && number.next().is_none()
    });
    is_port || is_any_of(stem, &["AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"])
}

/// The complete key as a relative path that stays below its directory: every segment is safe as in
/// [`local_name`]. Different keys have different paths: a segment that had to be changed is
/// followed by a part of the hash of the key.
pub fn local_path(key: &[u8]) -> Cow<'_, str> {
    if let Some(path) = harmless_path(key) {
        return Cow::Borrowed(path);
    }
    let text = String::from_utf8_lossy(key);
    let segments: Vec<String> = text
        .split('/')
        .map(|segment| local_name(segment.as_bytes()))
        .collect();
    let path = segments.join("/");
    if path.as_bytes() == key {
        return Cow::Owned(path);
    }
    let hash = hex::encode(&Sha256::digest(key)[..4]);
    Cow::Owned(format!("{path}~{hash}"))
}

/// The key itself, if it is easily seen that none of its segments changes: most keys of a bulk run
/// are of this kind, and naming the file must not cost more than signing the URL.
fn harmless_path(key: &[u8]) -> Option<&str> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./+=,@%".contains(byte);
    let key = std::str::from_utf8(key)
        .ok()
        .filter(|key| key.bytes().all(|byte| is_plain(&byte)))?;
    let is_unchanged = |segment: &str| match segment.as_bytes() {
        [] | [b'.' | b'-', ..] | [.., b'.'] => false,
        bytes => bytes.len() <= MAX_NAME && !is_reserved(segment),
    };
    key.split('/').all(is_unchanged).then_some(key)
}

fn escape_free(text: &str) -> String {
    let replaced =
        |c: char| c == char::REPLACEMENT_CHARACTER || "\\:*?\"<>|".contains(c) || is_harmful(c);
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
    fn paths_of_plain_keys_are_the_keys() {
        for key in [
            "a",
            "a/b-c_d.txt",
            "com10/x",
            "a/console.log",
            "x=1,y@2+%20",
        ] {
            assert!(harmless_path(key.as_bytes()).is_some(), "{key}");
            assert_eq!(local_path(key.as_bytes()), key);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_short_cut_never_changes_a_path(
            key in "((con|nul|com1|LPT9|aux|conin|prn|x)?[a-zA-Z./%~ \\\\é-]{0,9}/?){0,4}"
        ) {
            if let Some(path) = harmless_path(key.as_bytes()) {
                for segment in path.split('/') {
                    proptest::prop_assert_eq!(local_name(segment.as_bytes()), segment);
                }
            }
        }
    }
}
