//! A curl command for a POSIX shell, safe to paste whatever is in the key.

use std::io::{self, Write};

use crate::output::{Body, Link};
use crate::text::shell_quote;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut words: Vec<Vec<u8>> = vec![b"curl".to_vec(), b"--fail".to_vec()];
    let mut word = |text: &[u8]| words.push(shell_quote(text));
    // curl tidies up `..` unless it is told not to.
    if link.has_dot_segments() {
        word(b"--path-as-is");
    }
    // Brackets and braces are patterns to curl, in file names too; an IPv6 address has brackets.
    let file = link.file_to_upload().unwrap_or_default();
    if link.place.address.authority.contains('[') || file.iter().any(|b| b"[]{}".contains(b)) {
        word(b"--globoff");
    }
    match link.method {
        "GET" if link.place.key.is_some() => {
            word(b"--output");
            word(link.local_name().as_bytes());
        }
        "GET" => {}
        "HEAD" => word(b"--head"),
        "DELETE" => {
            word(b"--request");
            word(b"DELETE");
        }
        "PUT" if link.body != Body::Empty && !takes_file_name(&link.place.address.path) => {
            word(b"--upload-file");
            word(&file);
        }
        method => {
            word(b"--request");
            word(method.as_bytes());
            if !link.signs_header("content-type") {
                // --data-binary would call it a form.
                word(b"--header");
                word(b"Content-Type:");
            }
            word(b"--data-binary");
            word(&if file.is_empty() {
                Vec::new()
            } else {
                [b"@", file.as_slice()].concat()
            });
        }
    }
    for header in link.headers_to_name() {
        word(b"--header");
        // `Name:` would remove the header; `Name;` sends it empty.
        let separator: &[u8] = if header.value.is_empty() { b";" } else { b": " };
        word(&[header.name.as_bytes(), separator, &header.value].concat());
    }
    words.push(shell_quote(link.url().as_bytes()));
    out.write_all(&words.join(&b' '))?;
    out.write_all(b"\n")
}

/// Whether curl's --upload-file would add the name of the file to this path, which was not signed: it does to every path
/// that looks like a folder's, even with --path-as-is.
pub fn takes_file_name(path: &[u8]) -> bool {
    let last = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    matches!(last, b"" | b"." | b"..")
}
