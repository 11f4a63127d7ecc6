//! Input of many records with one key each: CSV, TSV, JSON Lines, Amazon S3 Inventory. Every record
//! is written again byte for byte, with its URL added.
//!
//! Records are independent of each other, so input divided at [`Layout::cut`] can be processed in
//! any order by several threads.

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

/// Maximum length of a record. If [`Layout::cut`] finds no end within this length, a quote was not
/// closed, or the input is not a manifest; reading on would load all of it into memory.
pub const MAX_RECORD: usize = 1 << 20;

/// Default name of the added column or field.
pub const URL_COLUMN: &str = "presigned_url";

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Prefixes that UTF-8 text never has. A line-based reader would report one malformed record after
/// the other.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "a ZIP archive or spreadsheet"),
    (b"\xfe\xff", "UTF-16"),
    (b"\xff\xfe", "UTF-16"),
];

/// An input format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// A report of Amazon S3 Inventory, or a manifest of S3 Batch Operations: no header, keys
    /// URL-encoded.
    Inventory,
    /// One JSON object per line.
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

/// Whether the first line of CSV or TSV is a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// It is a record.
    Absent,
    /// It contains the column names.
    Present,
}

/// Options for reading a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether there is a header line. By default there is one, unless the column of the keys is
    /// selected by number. Guessing from the first line would sign a header, or lose an object,
    /// whenever the guess is wrong.
    pub header: Option<Header>,
    /// The column or field of the keys: its name, or its number counted from 1. A name is matched
    /// exactly, then ignoring case. With an explicit header line, a column with that name takes
    /// precedence over the number. For JSONL it is always a name. Default: `key`, or without a
    /// header line the only column.
    pub key_column: Option<String>,
    /// Input format.
    pub kind: Kind,
    /// The columns of an inventory, as in `fileSchema` of its `manifest.json`.
    pub schema: Option<String>,
    /// Column or field to add.
    pub url_column: String,
}

impl Options {
    /// The defaults for a format.
    pub fn new(kind: Kind) -> Self {
        Options {
            header: None,
            key_column: None,
            kind,
            schema: None,
            url_column: URL_COLUMN.to_owned(),
        }
    }

    /// Options without an effect are refused.
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

/// The header of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// How records are read.
    pub layout: Layout,
    /// Offset of the first record.
    pub consumed: usize,
    /// Number of lines before it.
    pub lines: usize,
    /// Text to write first: the byte order mark and the header line with the new column, if any.
    pub output: Vec<u8>,
}

/// A record at its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What to sign. `Ok(None)` for an empty line, which is not an error.
    pub request: Result<Option<KeyRequest<'a>>, RecordError>,
    /// Length of text and line end: the offset of the next record.
    pub len: usize,
    /// `\n` or `\r\n`; in the last record it may be missing, or a single `\r`.
    pub line_end: &'a [u8],
    /// Number of `\n` in text and line end, for line numbers.
    pub lines: usize,
    /// The record without its line end.
    pub text: &'a [u8],
    /// Offset in the text at which the URL is added.
    insert: usize,
}

/// What a record requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest<'a> {
    /// The decoded key. Never empty.
    pub key: Cow<'a, [u8]>,
    /// Values that apply to this record only.
    pub overrides: Option<Overrides<'a>>,
}

/// Values of a record besides its key, as unvalidated text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides<'a> {
    /// Bucket of the key.
    pub bucket: Option<Cow<'a, str>>,
    /// Validity of the URL: `1h`, or a number of seconds.
    pub expires: Option<Cow<'a, str>>,
    /// Headers to sign, in order; names may repeat.
    pub headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Method to sign.
    pub method: Option<Cow<'a, str>>,
    /// Version of the object.
    pub version_id: Option<Cow<'a, str>>,
    /// Whether the version is a delete marker, which has no content.
    pub is_delete_marker: bool,
}

impl Layout {
    /// Reads the header. `head` is the start of the input, and all of it if `is_end`. `None` if
    /// more bytes are needed, which are at most [`MAX_RECORD`].
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

    /// The end of the last complete record in `bytes`, which start with a record; 0 if none is
    /// complete. A reader that gets 0 for more than [`MAX_RECORD`] bytes should stop and report
    /// where the record starts: most likely a quote is not closed there.
    pub fn cut(&self, bytes: &[u8]) -> usize {
        match self {
            Layout::Csv(csv) => csv.cut(bytes),
            Layout::Inventory(_) => fields::cut(bytes, b','),
            // JSON strings contain no raw line ends.
            Layout::Jsonl(_) => memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1),
        }
    }

    /// The first record of `bytes`, which are not empty; the next one starts at its `len`. Only the
    /// last record of the input may lack its line end.
    pub fn next<'a>(&self, bytes: &'a [u8]) -> Record<'a> {
        match self {
            Layout::Csv(csv) => csv.next(bytes),
            Layout::Inventory(inventory) => inventory.next(bytes),
            Layout::Jsonl(jsonl) => jsonl.next(bytes),
        }
    }

    /// Writes the record with its URL, which is empty if it was not signed. An empty or malformed
    /// record is written unchanged.
    pub fn write(&self, record: &Record<'_>, url: &[u8], out: &mut Vec<u8>) {
        if !matches!(record.request, Ok(Some(_))) {
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
    /// The text directly before and after the URL in every record, for a caller that writes the URL
    /// itself, between the parts of [`Record::parts`]. The URL must consist of unreserved
    /// characters and `:/?&=%`.
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
    /// The text before the place of the URL, and the text and line end after it.
    pub fn parts(&self) -> [&'a [u8]; 3] {
        let (before, after) = self.text.split_at(self.insert);
        [before, after, self.line_end]
    }
}

impl Beginning {
    /// If nothing precedes the first record.
    fn at_once(layout: Layout) -> Self {
        Beginning {
            layout,
            consumed: 0,
            lines: 0,
            output: Vec::new(),
        }
    }
}
