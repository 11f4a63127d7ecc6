//! Quotes a word for sh, bash, zsh and fish.

use super::escape::escape_controls;

/// Between single quotes only the quote itself is special, and in fish the backslash: both are
/// written outside.
pub fn shell_quote(bytes: &[u8]) -> Vec<u8> {
    if is_plain(bytes) {
        return bytes.to_vec();
    }
    let mut quoted = vec![b'\''];
    for byte in bytes {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            b'\\' => quoted.extend_from_slice(b"'\\\\'"),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// Quotes a word on one line, without control characters, backticks or anything else that messages
/// escape or delimit: `printf` produces such bytes. It cannot produce line breaks at the end of a
/// word, which the shell removes.
pub fn shell_quote_on_one_line(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('`') && escape_controls(text) == text => {
            String::from_utf8_lossy(&shell_quote(bytes)).into_owned()
        }
        _ => format!("\"$(printf '{}')\"", printf_format(bytes)),
    }
}

/// Everything special to `printf` or a shell as octal escapes, which every `printf` supports; a
/// leading hyphen would be an option.
fn printf_format(bytes: &[u8]) -> String {
    let mut format = String::new();
    for (index, chunk) in bytes.utf8_chunks().enumerate() {
        for (position, c) in chunk.valid().char_indices() {
            let is_first = index == 0 && position == 0;
            let stands_for_itself = match c {
                '-' => !is_first,
                c if c.is_ascii() => c.is_ascii_alphanumeric() || "_./:@+=, ".contains(c),
                c => escape_controls(c.encode_utf8(&mut [0; 4])) == c.to_string(),
            };
            if stands_for_itself {
                format.push(c);
            } else {
                append_octal(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut format);
            }
        }
        append_octal(chunk.invalid(), &mut format);
    }
    format
}

fn append_octal(bytes: &[u8], format: &mut String) {
    for byte in bytes {
        format.push_str(&format!("\\{byte:03o}"));
    }
}

/// Words that need no quotes in any of the shells. zsh expands `=name` to a program, old versions
/// of fish `%name` to a job.
fn is_plain(bytes: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(b);
    bytes.first().is_some_and(|first| !b"=%".contains(first)) && bytes.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_words_for_every_shell() {
        for (text, word) in [
            ("plain-1.txt", "plain-1.txt"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("a\\", "'a'\\\\''"),
            ("$(x)`\n", "'$(x)`\n'"),
            ("~", "'~'"),
            ("=ls", "'=ls'"),
        ] {
            assert_eq!(shell_quote(text.as_bytes()), word.as_bytes(), "{text}");
        }
    }

    #[test]
    fn leaves_nothing_to_escape_on_one_line() {
        for (bytes, word) in [
            (b"it's".as_slice(), "'it'\\''s'"),
            (b"a\nb", "\"$(printf 'a\\012b')\""),
            (b"-\t'", "\"$(printf '\\055\\011\\047')\""),
            (b"`x`", "\"$(printf '\\140x\\140')\""),
            (b"\xff-", "\"$(printf '\\377-')\""),
            (
                "é\u{202e}%".as_bytes(),
                "\"$(printf 'é\\342\\200\\256\\045')\"",
            ),
        ] {
            assert_eq!(shell_quote_on_one_line(bytes), word);
        }
    }
}
