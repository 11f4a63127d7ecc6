//! Syntax that curl itself interprets in a word: config files, and values of `--form`.

/// Appends the text between the double quotes of a value in a config file (curl(1), "--config").
pub fn append_config_string(value: &[u8], out: &mut Vec<u8>) {
    if !value
        .iter()
        .any(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t'))
    {
        return out.extend_from_slice(value);
    }
    for byte in value {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => out.push(*byte),
        }
    }
}

/// The value of `--form` that sends a file in the field `name`. Without quotes curl interprets `;`
/// and `,` in file names, and trims blanks.
pub fn form_file(name: &str, file: &[u8]) -> Vec<u8> {
    let mut value = [name.as_bytes(), b"=@"].concat();
    if file
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(b))
    {
        value.extend_from_slice(file);
        return value;
    }
    value.push(b'"');
    for byte in file {
        if matches!(byte, b'"' | b'\\') {
            value.push(b'\\');
        }
        value.push(*byte);
    }
    value.push(b'"');
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_names_of_files_in_forms() {
        for (file, value) in [
            ("a-1.txt", "file=@a-1.txt"),
            (" a", "file=@\" a\""),
            ("a;type=x", "file=@\"a;type=x\""),
            ("a\"\\b", "file=@\"a\\\"\\\\b\""),
        ] {
            assert_eq!(form_file("file", file.as_bytes()), value.as_bytes());
        }
    }
}
