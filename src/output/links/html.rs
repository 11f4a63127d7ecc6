//! An HTML link.

use std::io::{self, Write};

use crate::output::Link;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    // A referrer would leak the URL, which is a secret, to the next page.
    writeln!(
        out,
        "<a href=\"{}\" rel=\"noreferrer\">{}</a>",
        escape(link.url()),
        escape(&crate::text::escape_controls(&name(link)))
    )
}

/// The link text: the key, or the bucket.
pub fn name(link: &Link) -> String {
    match &link.place.key {
        Some(key) => String::from_utf8_lossy(key).into_owned(),
        None => link.place.bucket.clone().unwrap_or_default(),
    }
}

pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
