//! A curl command for a POSIX shell, safe to paste for every key.

use std::io::{self, Write};

use crate::output::{Body, Link};
use crate::text::CommandLine;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut command = CommandLine::curl().fixed("--fail");
    // curl removes `..` segments by default.
    if link.has_dot_segments() {
        command = command.fixed("--path-as-is");
    }
    // curl interprets brackets and braces as patterns, in file names too; an IPv6 address has
    // brackets.
    let file = link.file_to_upload().unwrap_or_default();
    if link.place.address.authority.contains('[') || file.iter().any(|b| b"[]{}".contains(b)) {
        command = command.fixed("--globoff");
    }
    command = match link.method {
        "GET" if link.place.key.is_some() => command.option("--output", link.local_name()),
        "GET" => command,
        "HEAD" => command.fixed("--head"),
        "DELETE" => command.fixed_option("--request", "DELETE"),
        "PUT" if link.body != Body::Empty && !takes_file_name(&link.place.address.path) => {
            command.option("--upload-file", &file)
        }
        method => {
            command = command.option("--request", method);
            if !link.signs_header("content-type") {
                // --data-binary would set the type of a form.
                command = command.fixed_option("--header", "Content-Type:");
            }
            // With a missing file `--data-binary @FILE` sends nothing and succeeds.
            match file.is_empty() {
                true => command.option("--data-binary", ""),
                false => command
                    .fixed_option("--data-binary", "@-")
                    .input_from(&file),
            }
        }
    };
    for header in link.headers_to_name() {
        // `Name:` would remove the header; `Name;` sends it empty.
        let separator: &[u8] = if header.value.is_empty() { b";" } else { b": " };
        let header = [header.name.as_bytes(), separator, &header.value].concat();
        command = command.option("--header", header);
    }
    out.write_all(&command.value(link.url()).to_bytes())?;
    out.write_all(b"\n")
}

/// Whether curl's --upload-file would append the file name to this path, which changes what was
/// signed: it does for every path that ends in a slash, even with --path-as-is.
pub fn takes_file_name(path: &[u8]) -> bool {
    let last = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    matches!(last, b"" | b"." | b"..")
}
