//! What can be wrong with a manifest or with one record of it. Data only: hints and line numbers
//! are added at the edge.

use std::fmt;

use super::{Kind, MAX_RECORD};

/// Why a manifest cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManifestError {
    /// Two columns have the name that was asked for.
    AmbiguousColumn(String),
    /// Columns are counted from 1.
    ColumnZero,
    /// The first record, which tells how many columns there are, is broken.
    First(RecordError),
    /// The first record does not end within [`MAX_RECORD`] bytes.
    FirstTooLong,
    /// There is no header line, several columns, and nothing says which of them has the keys.
    KeyColumnUnsaid {
        /// How many columns there are.
        columns: usize,
    },
    /// A column was asked for by name, of input without a header line.
    NameWithoutHeader(String),
    /// The header line is missing or empty.
    NoHeader,
    /// No column has the name that was asked for.
    NoSuchColumn {
        /// The name.
        wanted: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// There are fewer columns than the number that was asked for.
    NoSuchNumber {
        /// The number, as written.
        wanted: String,
        /// How many columns there are.
        columns: usize,
    },
    /// The input is in another encoding, or compressed.
    NotText(&'static str),
    /// The schema of an inventory does not name a column that is needed.
    Schema(&'static str),
    /// An option that says nothing about input of this kind.
    Unsuitable {
        /// The option.
        option: &'static str,
        /// The kind of input.
        kind: Kind,
    },
    /// The column that is to be added is there already.
    UrlColumnExists(String),
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestError::AmbiguousColumn(name) => {
                write!(f, "there is more than one column `{name}`")
            }
            ManifestError::ColumnZero => f.write_str("columns are counted from 1"),
            ManifestError::First(error) => write!(f, "the first record is broken: {error}"),
            ManifestError::FirstTooLong => {
                write!(f, "the first record does not end within {MAX_RECORD} bytes")
            }
            ManifestError::KeyColumnUnsaid { columns } => {
                write!(
                    f,
                    "which of the {columns} columns has the keys is not said, and there is no header line"
                )
            }
            ManifestError::NameWithoutHeader(name) => {
                write!(f, "without a header line there is no column `{name}`")
            }
            ManifestError::NoHeader => f.write_str("the header line is missing"),
            ManifestError::NoSuchColumn { wanted, columns } => {
                write!(
                    f,
                    "there is no column `{wanted}`, only `{}`",
                    columns.join("`, `")
                )
            }
            ManifestError::NoSuchNumber { wanted, columns: 1 } => {
                write!(f, "there is no column {wanted}, only one")
            }
            ManifestError::NoSuchNumber { wanted, columns } => {
                write!(f, "there is no column {wanted}, only {columns}")
            }
            ManifestError::NotText(format) => write!(f, "the input is {format}, not UTF-8 text"),
            ManifestError::Schema(column) => {
                write!(f, "the schema of the inventory has no column `{column}`")
            }
            ManifestError::Unsuitable { option, kind } => write!(f, "{kind} input has no {option}"),
            ManifestError::UrlColumnExists(name) => write!(f, "there is a column `{name}` already"),
        }
    }
}

impl std::error::Error for ManifestError {}

/// Why nothing can be signed for a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// A quoted field goes on after its closing quote.
    AfterQuote {
        /// The field's column, counted from 1.
        column: usize,
    },
    /// Another number of columns than the first record has: the URL would land in a wrong one.
    Columns {
        /// In this record.
        found: usize,
        /// In the first.
        expected: usize,
    },
    /// A field of the object is given twice.
    Doubled(String),
    /// No object has an empty key; a URL without a key speaks of the whole bucket.
    EmptyKey,
    /// Not JSON.
    Json {
        /// Bytes before the fault.
        at: usize,
        /// What would have been right.
        expected: &'static str,
    },
    /// The URL-encoded key of an inventory has a `%` without two hexadecimal digits.
    KeyEncoding,
    /// Half of a surrogate pair, which is no character.
    LoneSurrogate {
        /// The field that has it.
        field: String,
    },
    /// The object has no key.
    MissingKey {
        /// The field that would have it.
        field: String,
    },
    /// JSON, but no object.
    NotAnObject(&'static str),
    /// Bytes that are no UTF-8 where text is needed.
    NotUtf8 {
        /// Good bytes before the first bad one.
        at: usize,
    },
    /// A quoted field is not closed before the input ends.
    UnclosedQuote {
        /// The field's column, counted from 1.
        column: usize,
    },
    /// The object has the field that is to be added.
    UrlExists(String),
    /// A field of the object has a value of the wrong type.
    WrongType {
        /// The field.
        field: String,
        /// What it may be.
        wanted: Wanted,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::AfterQuote { column } => {
                write!(f, "text after the closing quote of column {column}")
            }
            RecordError::Columns { found, expected } => {
                write!(
                    f,
                    "{found} column{} instead of {expected}",
                    if *found == 1 { "" } else { "s" }
                )
            }
            RecordError::Doubled(field) => write!(f, "`{field}` is there twice"),
            RecordError::EmptyKey => f.write_str("the key is empty"),
            RecordError::Json { at, expected } => {
                write!(f, "not JSON: at byte {} there should be {expected}", at + 1)
            }
            RecordError::KeyEncoding => {
                f.write_str("the key has a `%` without two hexadecimal digits after it")
            }
            RecordError::LoneSurrogate { field } => {
                write!(f, "`{field}` has half of a surrogate pair in it")
            }
            RecordError::MissingKey { field } => write!(f, "`{field}` is missing"),
            RecordError::NotAnObject(found) => write!(f, "not a JSON object but {found}"),
            RecordError::NotUtf8 { at } => write!(f, "not UTF-8 at byte {}", at + 1),
            RecordError::UnclosedQuote { column } => {
                write!(f, "the quote of column {column} is never closed")
            }
            RecordError::UrlExists(field) => write!(f, "`{field}` is there already"),
            RecordError::WrongType {
                field,
                wanted: Wanted::Text,
            } => write!(f, "`{field}` is not text"),
            RecordError::WrongType {
                field,
                wanted: Wanted::TextOrNumber,
            } => write!(f, "`{field}` is neither a number nor text"),
            RecordError::WrongType {
                field,
                wanted: Wanted::Texts,
            } => write!(f, "`{field}` is not an object of texts"),
        }
    }
}

impl std::error::Error for RecordError {}

/// What a field of a JSON object may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A string.
    Text,
    /// A string or a number.
    TextOrNumber,
    /// An object whose values are strings.
    Texts,
}
