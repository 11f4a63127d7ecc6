//! A PowerShell command, for Windows PowerShell 5.1 and later.

use std::io::{self, Write};

use crate::output::Link;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut command = format!(
        "Invoke-WebRequest -UseBasicParsing -Uri {}",
        quote(link.url())
    );
    match link.method {
        "GET" if link.place.key.is_some() => {
            command.push_str(&format!(" -OutFile {}", quote(&link.local_name())))
        }
        "GET" => {}
        "HEAD" | "PUT" | "DELETE" | "POST" | "OPTIONS" | "PATCH" => {
            command.push_str(&format!(" -Method {}", link.method))
        }
        // PowerShell 6 and later only.
        other => command.push_str(&format!(" -CustomMethod {}", quote(other))),
    }
    if let Some(file) = link.file_to_upload() {
        command.push_str(&format!(
            " -InFile {}",
            quote(&String::from_utf8_lossy(&file))
        ));
    }
    let mut headers = Vec::new();
    for header in link.headers_to_name() {
        let value = String::from_utf8_lossy(&header.value);
        // Windows PowerShell refuses this header in -Headers.
        if header.name.eq_ignore_ascii_case("content-type") {
            command.push_str(&format!(" -ContentType {}", quote(&value)));
        } else {
            headers.push(format!("{} = {}", quote(&header.name), quote(&value)));
        }
    }
    if !headers.is_empty() {
        command.push_str(&format!(" -Headers @{{ {} }}", headers.join("; ")));
    }
    writeln!(out, "{command}")
}

/// A verbatim string. PowerShell accepts typographic quotes as quotes, so they are doubled too.
fn quote(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        quoted.push(c);
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(c);
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn every_quote_that_powershell_knows_is_doubled() {
        assert_eq!(quote("it's $x ‘q’"), "'it''s $x ‘‘q’’'");
    }
}
