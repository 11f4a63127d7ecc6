//! A wget command for a POSIX shell.

use std::io::{self, Write};

use crate::output::Link;
use crate::text::CommandLine;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut command = CommandLine::new("wget");
    match link.method {
        "GET" if link.place.key.is_some() => {
            command = command.joined_option("--output-document", link.local_name());
        }
        "GET" => command = command.joined_option("--output-document", "-"),
        method => {
            command = command.joined_option("--method", method.as_bytes());
            if let Some(file) = link.file_to_upload() {
                command = command.joined_option("--body-file", &file);
                if !link.signs_header("content-type") {
                    // Otherwise wget would set the type of a form.
                    command = command
                        .joined_option("--header", b"Content-Type: application/octet-stream");
                }
            }
            command = command.joined_option("--output-document", b"-");
        }
    }
    for header in link.headers_to_name() {
        command = command.joined_option(
            "--header",
            [header.name.as_bytes(), b": ", &header.value].concat(),
        );
    }
    command = command.value(link.url());
    out.write_all(&command.to_bytes())?;
    out.write_all(b"\n")
}
