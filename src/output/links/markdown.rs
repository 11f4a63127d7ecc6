//! A Markdown link (CommonMark 0.31, 6.3).

use std::io::{self, Write};

use super::html::name;
use crate::output::Link;
use crate::text::escape_controls;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    // The URL has no `<`, `>`, space or line break: all of them are percent-encoded.
    writeln!(out, "[{}](<{}>)", text(&name(link)), link.url())
}

/// Text with all Markdown syntax escaped.
pub fn text(name: &str) -> String {
    let mut text = String::new();
    for c in escape_controls(name).chars() {
        if c.is_ascii_punctuation() && !"-.,/".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
