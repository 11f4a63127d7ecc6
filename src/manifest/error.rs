//! Errors of a manifest or one of its records. Data only: hints and line numbers are added by the
//! caller.

use std::fmt;

use super::{Kind, MAX_RECORD};

/// Why a manifest cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManifestError {
    /// Two columns have the requested name.
    AmbiguousColumn(String),
    /// Columns are counted from 1.
    ColumnZero,
    /// The first record, which determines the number of columns, is malformed.
    First(RecordError),
    /// The first record does not end within [`MAX_RECORD`] bytes.
    FirstTooLong,
    /// There is no header line and more than one column, and no option selects that of the keys.
    KeyColumnUnsaid {
        /// Number of columns.
        columns: usize,
    },
    /// A column was selected by name, but the input has no header line.
    NameWithoutHeader(String),
    /// The header line is missing or empty.
    NoHeader,
    /// No column has the requested name.
    NoSuchColumn {
        /// The requested name.
        wanted: String,
        /// The existing columns.
        columns: Vec<String>,
    },
    /// The requested number exceeds the number of columns.
    NoSuchNumber {
        /// The number as typed.
        wanted: String,
        /// Number of columns.
        columns: usize,
    },
    /// Another encoding, or compressed input.
    NotText(&'static str),
    /// The schema of an inventory lacks a required column.
    Schema(&'static str),
    /// An option that has no effect for this kind of input.
    Unsuitable {
        option: &'static str,
        /// Kind of input.
        kind: Kind,
    },
    /// The column to add already exists.
    UrlColumnExists(String),
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestError::AmbiguousColumn(name) => {
                write!(f, "there is more than one column `{name}`")
            }
            ManifestError::ColumnZero => f.write_str("columns are counted from 1"),
            ManifestError::First(error) => write!(f, "the first record is malformed: {error}"),
            ManifestError::FirstTooLong => {
                write!(f, "the first record does not end within {MAX_RECORD} bytes")
            }
            ManifestError::KeyColumnUnsaid { columns } => {
                write!(
                    f,
                    "there is no header line to select one of the {columns} columns by name"
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
            ManifestError::UrlColumnExists(name) => write!(f, "the column `{name}` already exists"),
        }
    }
}

impl std::error::Error for ManifestError {}

/// Why a record cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// Text after the closing quote of a field.
    AfterQuote {
        /// Column, counted from 1.
        column: usize,
    },
    /// The number of columns differs from that of the first record, so the URL would be in the
    /// wrong one.
    Columns {
        /// In this record.
        found: usize,
        /// In the first.
        expected: usize,
    },
    /// A field of the object occurs twice.
    Doubled(String),
    /// No object has an empty key; a URL without a key is for the bucket.
    EmptyKey,
    /// Not JSON.
    Json {
        /// Valid bytes before the error.
        at: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// The URL-encoded key of an inventory has a `%` without two hexadecimal digits.
    KeyEncoding,
    /// An unpaired surrogate, which is not a character.
    LoneSurrogate { field: String },
    /// The object has no key.
    MissingKey { field: String },
    /// JSON, but not an object.
    NotAnObject(&'static str),
    /// Bytes that are not UTF-8 in text.
    NotUtf8 {
        /// Valid bytes before the first invalid one.
        at: usize,
    },
    /// A quoted field is not closed before the end of the input.
    UnclosedQuote {
        /// Column, counted from 1.
        column: usize,
    },
    /// The object already has the field to add.
    UrlExists(String),
    /// A field of the object has a value of the wrong type.
    WrongType {
        field: String,
        /// The expected type.
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
            RecordError::Doubled(field) => write!(f, "`{field}` occurs twice"),
            RecordError::EmptyKey => f.write_str("the key is empty"),
            RecordError::Json { at, expected } => {
                write!(f, "not JSON: expected {expected} at byte {}", at + 1)
            }
            RecordError::KeyEncoding => {
                f.write_str("the key has a `%` without two hexadecimal digits after it")
            }
            RecordError::LoneSurrogate { field } => {
                write!(f, "`{field}` contains an unpaired surrogate")
            }
            RecordError::MissingKey { field } => write!(f, "`{field}` is missing"),
            RecordError::NotAnObject(found) => write!(f, "expected a JSON object, found {found}"),
            RecordError::NotUtf8 { at } => write!(f, "not UTF-8 at byte {}", at + 1),
            RecordError::UnclosedQuote { column } => {
                write!(f, "the quote of column {column} is not closed")
            }
            RecordError::UrlExists(field) => write!(f, "`{field}` already exists"),
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
            } => write!(f, "`{field}` is not an object whose values are text"),
        }
    }
}

impl std::error::Error for RecordError {}

/// Types of a field of a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Text,
    TextOrNumber,
    /// An object whose values are strings.
    Texts,
}
