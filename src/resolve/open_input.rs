//! A file of keys or records, or standard input; gzip is opened on the way.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::env::Env;
use crate::error::Failure;

/// The first bytes of gzip (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Input that was opened.
pub struct Input<'a> {
    /// What to read from.
    pub reader: Box<dyn Read + Send + 'a>,
    /// For messages.
    pub name: String,
    /// How many bytes there are to read, if that can be known.
    pub size: Option<u64>,
}

/// Opens a file, or standard input for `-`.
///
/// # Errors
/// A file that cannot be opened or read.
pub fn open_input<'a>(option: &str, file: &Path, env: &'a Env) -> Result<Input<'a>, Failure> {
    let (name, opened) = if file == Path::new("-") {
        ("standard input".to_owned(), Ok((env.stdin(), None)))
    } else {
        (format!("`{}`", file.display()), open(file))
    };
    let cannot_read = |error: io::Error| Failure::cannot_read(&name, Some(option), &error);
    let (mut reader, mut size) = opened.map_err(cannot_read)?;
    let mut first = Vec::new();
    reader
        .by_ref()
        .take(2)
        .read_to_end(&mut first)
        .map_err(cannot_read)?;
    let is_gzip = first == GZIP;
    let whole = Cursor::new(first).chain(reader);
    let reader: Box<dyn Read + Send> = if is_gzip {
        size = None;
        Box::new(MultiGzDecoder::new(whole))
    } else {
        Box::new(whole)
    };
    Ok(Input { reader, name, size })
}

type Opened<'a> = (Box<dyn Read + Send + 'a>, Option<u64>);

fn open<'a>(file: &Path) -> io::Result<Opened<'a>> {
    let file = File::open(file)?;
    let data = file.metadata()?;
    if data.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok((Box::new(file), data.is_file().then_some(data.len())))
}
