//! The URL alone.

use std::io::{self, Write};

use crate::output::Link;

pub fn write(link: &Link, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", link.url())
}
