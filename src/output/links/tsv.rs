//! Key, tab, URL. In the key, backslash, tab, line feed, carriage return and NUL are written as
//! `\\`, `\t`, `\n`, `\r` and `\0`, as read by PostgreSQL's COPY and MySQL's LOAD DATA.

use std::io::{self, Write};

use crate::output::Link;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    append_key(link.place.key.as_deref().unwrap_or_default(), &mut line);
    line.push(b'\t');
    line.extend_from_slice(link.url().as_bytes());
    line.push(b'\n');
    out.write_all(&line)
}

/// The key alone.
pub fn append_key(key: &[u8], out: &mut Vec<u8>) {
    for part in key.split_inclusive(|byte| b"\\\t\n\r\0".contains(byte)) {
        let Some((last, before)) = part.split_last() else {
            continue;
        };
        let escaped: &[u8] = match last {
            b'\\' => b"\\\\",
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\0' => b"\\0",
            _ => {
                out.extend_from_slice(part);
                continue;
            }
        };
        out.extend_from_slice(before);
        out.extend_from_slice(escaped);
    }
}
