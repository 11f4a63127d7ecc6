//! A wget command for a POSIX shell.

use std::io::{self, Write};

use crate::output::Link;
use crate::text::shell_quote;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut words: Vec<Vec<u8>> = vec![b"wget".to_vec()];
    let mut option = |name: &str, value: &[u8]| {
        words.push(shell_quote(&[name.as_bytes(), b"=", value].concat()))
    };
    match link.method {
        "GET" if link.place.key.is_some() => {
            option("--output-document", link.local_name().as_bytes())
        }
        "GET" => option("--output-document", b"-"),
        method => {
            option("--method", method.as_bytes());
            if let Some(file) = link.file_to_upload() {
                option("--body-file", &file);
                if !link.signs_header("content-type") {
                    // Otherwise wget would call it a form.
                    option("--header", b"Content-Type: application/octet-stream");
                }
            }
            option("--output-document", b"-");
        }
    }
    for header in link.headers_to_name() {
        option(
            "--header",
            &[header.name.as_bytes(), b": ", &header.value].concat(),
        );
    }
    words.push(shell_quote(link.url().as_bytes()));
    out.write_all(&words.join(&b' '))?;
    out.write_all(b"\n")
}
