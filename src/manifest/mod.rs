//! Input of many records, each of which names a key: CSV, TSV, JSON Lines, Amazon S3 Inventory.
//! Every record is written again byte for byte, with its URL added.
//!
//! Nothing is remembered from one record to the next, so input that is cut at [`Layout::cut`] can
//! be read in any order, by several threads.

mod csv;
mod error;
mod fields;
mod inventory;
mod jsonl;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

pub use self::csv::Csv;
pub use self::error::{ManifestError, RecordError, Wanted};
pub use self::inventory::Inventory;
pub use self::jsonl::Jsonl;

/// No record is longer. Where [`Layout::cut`] finds no end in so many bytes, a quote was opened and
/// never closed, or the input is no manifest; to read on would be to keep all of it in memory.
pub const MAX_RECORD: usize = 1 << 20;

/// The column, or field, that is added if nothing else is said.
pub const URL_COLUMN: &str = "presigned_url";

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// First bytes that no text in UTF-8 has. A reader of lines would take them for one bad record
/// after the other.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "a ZIP archive or spreadsheet"),
    (b"\xfe\xff", "UTF-16"),
    (b"\xff\xfe", "UTF-16"),
];

/// A form of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// A report of Amazon S3 Inventory, or a manifest of S3 Batch Operations: no header, keys
    /// URL-encoded.
    Inventory,
    /// One JSON object a line.
    Jsonl,
    /// Tab-separated values, quoted like CSV.
    Tsv,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Csv => "CSV",
            Kind::Inventory => "inventory",
            Kind::Jsonl => "JSONL",
            Kind::Tsv => "TSV",
        })
    }
}

/// Whether the first line of CSV or TSV names the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// It is a record like all others.
    Absent,
    /// It names the columns.
    Present,
}

/// How a manifest is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether there is a header line. If that is not said there is one, unless the column of the
    /// keys is given by number: a number is how one names a column that has no name. To guess it
    /// from the first line would sign a header, or lose an object, whenever the guess is wrong.
    pub header: Option<Header>,
    /// The column, or field, of the keys: its name, or its number counted from 1. A name is looked
    /// for as written, then without regard to case. With a header line that is asked for, a column
    /// of that name comes before the number. For JSONL always a name. If nothing is said: `key`, or
    /// without a header line the only column.
    pub key_column: Option<String>,
    /// What kind of input it is.
    pub kind: Kind,
    /// The columns of an inventory, as `fileSchema` in its `manifest.json` has them.
    pub schema: Option<String>,
    /// The column, or field, to add.
    pub url_column: String,
}

impl Options {
    /// With nothing said but the kind.
    pub fn new(kind: Kind) -> Self {
        Options {
            header: None,
            key_column: None,
            kind,
            schema: None,
            url_column: URL_COLUMN.to_owned(),
        }
    }

    /// An option that would be ignored is refused.
    fn check(&self) -> Result<(), ManifestError> {
        let tabular = matches!(self.kind, Kind::Csv | Kind::Tsv);
        let option = if self.header == Some(Header::Present) && !tabular {
            "header line"
        } else if self.key_column.is_some() && self.kind == Kind::Inventory {
            "key column to choose"
        } else if self.schema.is_some() && self.kind != Kind::Inventory {
            "schema"
        } else if self.kind == Kind::Jsonl
            && self.key_column.as_deref().unwrap_or("key") == self.url_column
        {
            return Err(ManifestError::UrlColumnExists(self.url_column.clone()));
        } else {
            return Ok(());
        };
        Err(ManifestError::Unsuitable {
            option,
            kind: self.kind,
        })
    }
}

/// How the records of one manifest are read and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// CSV and TSV.
    Csv(Csv),
    /// S3 Inventory.
    Inventory(Inventory),
    /// JSON Lines.
    Jsonl(Jsonl),
}

/// What stands before the first record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// How the records are to be read.
    pub layout: Layout,
    /// Where the first record begins.
    pub consumed: usize,
    /// How many lines stand before it.
    pub lines: usize,
    /// What is to be written first: the byte order mark and the header line with the new column, as
    /// far as there are any.
    pub output: Vec<u8>,
}

/// A record where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What is to be signed. `Ok(None)` for an empty line, which asks for nothing and is no error.
    pub asked: Result<Option<Asked<'a>>, RecordError>,
    /// Length of text and line end: where the next record begins.
    pub len: usize,
    /// `\n` or `\r\n`; in the last record of the input it may be missing, or a single `\r`.
    pub line_end: &'a [u8],
    /// How many `\n` are in text and line end, for line numbers.
    pub lines: usize,
    /// The record without its line end.
    pub text: &'a [u8],
    /// Where in the text the URL is added.
    insert: usize,
}

/// What a record asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The key, decoded. Never empty.
    pub key: Cow<'a, [u8]>,
    /// What is different for this record alone.
    pub overrides: Option<Overrides<'a>>,
}

/// What a record says besides its key. All of it is text as written; whether it makes sense is for
/// others to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides<'a> {
    /// The bucket of the key.
    pub bucket: Option<Cow<'a, str>>,
    /// How long the URL is good: `1h`, or a number of seconds.
    pub expires: Option<Cow<'a, str>>,
    /// Headers to sign, in their order; a name may come twice.
    pub headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The method to sign for.
    pub method: Option<Cow<'a, str>>,
    /// The version of the object.
    pub version_id: Option<Cow<'a, str>>,
    /// Whether the version marks that the object is deleted, and so has no content.
    pub is_delete_marker: bool,
}

impl Layout {
    /// Reads what stands before the first record. `head` begins where the input begins, and
    /// `is_end` says that it ends with it. `None` if more bytes are needed to tell; that is never
    /// so beyond [`MAX_RECORD`] bytes.
    ///
    /// # Errors
    /// [`ManifestError`], if the options do not fit the input or its first line is broken.
    pub fn begin(
        options: &Options,
        head: &[u8],
        is_end: bool,
    ) -> Result<Option<Beginning>, ManifestError> {
        options.check()?;
        if let Some((_, format)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(ManifestError::NotText(format));
        }
        if head.len() < 4 && !is_end {
            return Ok(None);
        }
        let mark = if head.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK
        } else {
            b""
        };
        let body = &head[mark.len()..];
        let begun = match options.kind {
            Kind::Csv => Csv::begin(options, b',', body, is_end)?,
            Kind::Inventory => Inventory::begin(options, body, is_end)?.map(Beginning::at_once),
            Kind::Jsonl => Some(Beginning::at_once(Layout::Jsonl(Jsonl::new(options)))),
            Kind::Tsv => Csv::begin(options, b'\t', body, is_end)?,
        };
        let Some(mut beginning) = begun else {
            return if body.len() > MAX_RECORD {
                Err(ManifestError::FirstTooLong)
            } else {
                Ok(None)
            };
        };
        beginning.consumed += mark.len();
        beginning.output.splice(..0, mark.iter().copied());
        Ok(Some(beginning))
    }

    /// The end of the last complete record in `bytes`, which begin with a record; 0 if none is
    /// complete. A reader that gets 0 for more than [`MAX_RECORD`] bytes should give up and say
    /// where the record begins: most likely a quote was opened there and never closed.
    pub fn cut(&self, bytes: &[u8]) -> usize {
        match self {
            Layout::Csv(csv) => csv.cut(bytes),
            Layout::Inventory(_) => fields::cut(bytes, b','),
            // JSON has no line end within a string.
            Layout::Jsonl(_) => memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1),
        }
    }

    /// The first record of `bytes`, which begin with a record and are not empty; the next begins at
    /// its `len`. Only the last record of the input may lack its line end.
    pub fn next<'a>(&self, bytes: &'a [u8]) -> Record<'a> {
        match self {
            Layout::Csv(csv) => csv.next(bytes),
            Layout::Inventory(inventory) => inventory.next(bytes),
            Layout::Jsonl(jsonl) => jsonl.next(bytes),
        }
    }

    /// Writes the record with its URL, which may be empty if there is none for it. A record that
    /// asks for nothing, or is malformed, is written as it was found.
    pub fn write(&self, record: &Record<'_>, url: &[u8], out: &mut Vec<u8>) {
        if !matches!(record.asked, Ok(Some(_))) {
            out.extend_from_slice(record.text);
            out.extend_from_slice(record.line_end);
            return;
        }
        let (before, after) = record.text.split_at(record.insert);
        out.reserve(record.len + url.len() + 32);
        out.extend_from_slice(before);
        match self {
            Layout::Csv(csv) => csv.write_url(url, out),
            Layout::Inventory(_) => fields::write(url, b',', out),
            Layout::Jsonl(jsonl) => jsonl.write_url(url, out),
        }
        out.extend_from_slice(after);
        out.extend_from_slice(record.line_end);
    }
}

impl Layout {
    /// What stands directly before and behind the URL in every record, for a caller that writes a
    /// URL of unreserved characters, `:/?&=%` by itself, between the parts of [`Record::parts`].
    pub fn frame(&self) -> [Vec<u8>; 2] {
        let mut framed = Vec::new();
        match self {
            Layout::Csv(csv) => csv.write_url(b"x", &mut framed),
            Layout::Inventory(_) => fields::write(b"x", b',', &mut framed),
            Layout::Jsonl(jsonl) => jsonl.write_url(b"x", &mut framed),
        }
        let at = memchr::memrchr(b'x', &framed).unwrap_or(framed.len());
        let behind = framed.get(at + 1..).unwrap_or_default().to_vec();
        framed.truncate(at);
        [framed, behind]
    }
}

impl<'a> Record<'a> {
    /// The text before the place of the URL, and the text and line end behind it.
    pub fn parts(&self) -> [&'a [u8]; 3] {
        let (before, after) = self.text.split_at(self.insert);
        [before, after, self.line_end]
    }
}

impl Beginning {
    /// Where nothing stands before the first record.
    fn at_once(layout: Layout) -> Self {
        Beginning {
            layout,
            consumed: 0,
            lines: 0,
            output: Vec::new(),
        }
    }
}
