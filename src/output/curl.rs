//! A curl command for a POSIX shell, safe to paste whatever is in the key.

use std::io::{self, Write};

use super::text::shell_quote;
use super::{Body, Link};

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut words: Vec<Vec<u8>> = vec![b"curl".to_vec(), b"--fail".to_vec()];
    let mut word = |text: &[u8]| words.push(shell_quote(text));
    // curl tidies up `..` unless it is told not to.
    if link.has_dot_segments() {
        word(b"--path-as-is");
    }
    // Brackets are ranges to curl, and an IPv6 address has them.
    if link.place.address.authority.contains('[') {
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
        // To an address that ends in a slash, --upload-file would add the file's name, which was not signed.
        "PUT" if !link.place.address.path.ends_with(b"/") && link.body != Body::Empty => {
            word(b"--upload-file");
            word(&link.file_to_upload().unwrap_or_default());
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
            word(&link.file_to_upload().map(|file| [b"@", file.as_slice()].concat()).unwrap_or_default());
        }
    }
    for header in &link.presigned.headers_to_send {
        word(b"--header");
        // `Name:` would remove the header; `Name;` sends it empty.
        let separator: &[u8] = if header.value.is_empty() { b";" } else { b": " };
        word(&[header.name.as_bytes(), separator, &header.value].concat());
    }
    words.push(shell_quote(link.url().as_bytes()));
    out.write_all(&words.join(&b' '))?;
    out.write_all(b"\n")
}
