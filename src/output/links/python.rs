//! A Python program that needs only the standard library. `urllib.request` does not normalize
//! paths.

use std::io::{self, Write};

use crate::output::Link;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for header in link.headers_to_name() {
        // http.client encodes header values as Latin-1, so the bytes are written as Latin-1
        // characters.
        let value: String = header.value.iter().copied().map(char::from).collect();
        headers.push((literal(&header.name), literal(&value)));
    }
    let upload = link.file_to_upload();
    if upload.is_some() && !link.signs_header("content-type") {
        // Otherwise urllib would set the type of a form.
        headers.push((literal("Content-Type"), literal("application/octet-stream")));
    }
    if upload.is_some() {
        writeln!(out, "import os")?;
    }
    if link.method == "GET" && link.place.key.is_some() {
        writeln!(out, "import shutil")?;
    }
    writeln!(out, "import urllib.request")?;
    writeln!(out)?;
    writeln!(out, "url = {}", literal(link.url()))?;
    let pairs: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    writeln!(out, "headers = {{{}}}", pairs.join(", "))?;
    if let Some(file) = upload {
        writeln!(out, "path = {}", literal(&String::from_utf8_lossy(&file)))?;
        // Without a length urllib sends the body chunked, which stores refuse.
        writeln!(
            out,
            "headers[\"Content-Length\"] = str(os.path.getsize(path))"
        )?;
        writeln!(out, "with open(path, \"rb\") as body:")?;
        writeln!(
            out,
            "    request = urllib.request.Request(url, data=body, headers=headers, method={})",
            literal(link.method)
        )?;
        writeln!(out, "    with urllib.request.urlopen(request) as response:")?;
        return writeln!(out, "        print(response.status)");
    }
    writeln!(
        out,
        "request = urllib.request.Request(url, headers=headers, method={})",
        literal(link.method)
    )?;
    writeln!(out, "with urllib.request.urlopen(request) as response:")?;
    match link.method {
        "GET" if link.place.key.is_some() => {
            writeln!(
                out,
                "    with open({}, \"wb\") as file:",
                literal(&link.local_name())
            )?;
            writeln!(out, "        shutil.copyfileobj(response, file)")
        }
        "GET" => writeln!(out, "    print(response.read().decode())"),
        _ => {
            writeln!(out, "    print(response.status)")?;
            // Control characters from the server are escaped.
            writeln!(out, "    for name, value in response.headers.items():")?;
            writeln!(out, "        print(ascii(f\"{{name}}: {{value}}\")[1:-1])")
        }
    }
}

/// A string literal of ASCII characters.
fn literal(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c if u32::from(c) <= 0xffff => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn literals() {
        assert_eq!(
            literal("a\"b\\c\né😀"),
            "\"a\\\"b\\\\c\\u000a\\u00e9\\U0001f600\""
        );
    }
}
