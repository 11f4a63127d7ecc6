//! A curl command for a POSIX shell, safe to paste whatever is in the key.

use std::io::{self, Write};

use super::Link;
use super::text::shell_quote;

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
        "PUT" if uploads_as_file(link) => {
            word(b"--upload-file");
            word(&link.file_to_upload());
        }
        "PUT" => {
            // To an address that ends in a slash, --upload-file adds the file's name, which was not signed.
            word(b"--request");
            word(b"PUT");
            if !has_header(link, "content-type") {
                word(b"--header");
                word(b"Content-Type:");
            }
            word(b"--data-binary");
            word(&[b"@", link.file_to_upload().as_slice()].concat());
        }
        method => {
            word(b"--request");
            word(method.as_bytes());
            if link.upload_file.is_some() {
                word(b"--data-binary");
                word(&[b"@", link.file_to_upload().as_slice()].concat());
            }
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

fn uploads_as_file(link: &Link) -> bool {
    !link.place.address.path.ends_with(b"/")
}

fn has_header(link: &Link, name: &str) -> bool {
    link.presigned.headers_to_send.iter().any(|h| h.name.eq_ignore_ascii_case(name))
}
