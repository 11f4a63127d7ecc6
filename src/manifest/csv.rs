//! CSV and TSV: one column contains the keys, the URL is appended as the last column.

use super::fields::{self, Field};
use super::{Beginning, Header, KeyRequest, Layout, ManifestError, Options, Record, RecordError};

/// Comma- or tab-separated values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csv {
    columns: usize,
    delimiter: u8,
    /// Column of the keys, counted from 0.
    key: usize,
}

impl Csv {
    /// Parses the header line, or counts the columns of the first record.
    pub(super) fn begin(
        options: &Options,
        delimiter: u8,
        bytes: &[u8],
        is_end: bool,
    ) -> Result<Option<Beginning>, ManifestError> {
        let wanted = options.key_column.as_deref();
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let header = match (options.header, wanted) {
            (Some(header), _) => header,
            (None, Some(text)) if is_number(text) => Header::Absent,
            (None, _) => Header::Present,
        };
        let number = wanted.filter(|text| is_number(text));
        match header {
            Header::Absent => {
                if let (Some(name), None) = (wanted, number) {
                    return Err(ManifestError::NameWithoutHeader(name.to_owned()));
                }
                let Some(columns) = fields::first_columns(bytes, delimiter, is_end)? else {
                    return Ok(None);
                };
                let key = match number {
                    // Without records the column cannot be missing.
                    Some(number) => {
                        by_number(number, if columns == 0 { usize::MAX } else { columns })?
                    }
                    None if columns > 1 => return Err(ManifestError::KeyColumnUnsaid { columns }),
                    None => 0,
                };
                Ok(Some(Beginning::at_once(Layout::Csv(Csv {
                    columns,
                    delimiter,
                    key,
                }))))
            }
            Header::Present => {
                if !is_end && fields::cut(bytes, delimiter) == 0 {
                    return Ok(None);
                }
                let mut names = Vec::new();
                let row = fields::row(bytes, delimiter, |_, field| names.push(field.value()));
                let columns = row.columns.map_err(ManifestError::First)?;
                if columns == 0 {
                    return Err(ManifestError::NoHeader);
                }
                let names: Vec<String> = names
                    .iter()
                    .map(|name| String::from_utf8_lossy(name).into_owned())
                    .collect();
                if names.contains(&options.url_column) {
                    return Err(ManifestError::UrlColumnExists(options.url_column.clone()));
                }
                let key = match (by_name(wanted.unwrap_or("key"), &names), number) {
                    (Err(ManifestError::NoSuchColumn { .. }), Some(number)) => {
                        by_number(number, columns)?
                    }
                    (found, _) => found?,
                };
                let mut output = bytes[..row.text].to_vec();
                fields::write(options.url_column.as_bytes(), delimiter, &mut output);
                output.extend_from_slice(&bytes[row.text..row.len]);
                let layout = Layout::Csv(Csv {
                    columns,
                    delimiter,
                    key,
                });
                Ok(Some(Beginning {
                    layout,
                    consumed: row.len,
                    lines: row.lines,
                    output,
                }))
            }
        }
    }

    pub(super) fn cut(&self, bytes: &[u8]) -> usize {
        fields::cut(bytes, self.delimiter)
    }

    pub(super) fn next<'a>(&self, bytes: &'a [u8]) -> Record<'a> {
        let mut key = Field::default();
        let row = fields::row(bytes, self.delimiter, |column, field| {
            if column == self.key {
                key = field;
            }
        });
        row.record(bytes, self.columns, || match key.value() {
            key if key.is_empty() => Err(RecordError::EmptyKey),
            key => Ok(KeyRequest {
                key,
                overrides: None,
            }),
        })
    }

    pub(super) fn write_url(&self, url: &[u8], out: &mut Vec<u8>) {
        fields::write(url, self.delimiter, out);
    }
}

/// The only column with this name, exactly or ignoring case.
fn by_name(wanted: &str, names: &[String]) -> Result<usize, ManifestError> {
    let only = |is_it: &dyn Fn(&str) -> bool| {
        let mut found = names
            .iter()
            .enumerate()
            .filter(|(_, name)| is_it(name))
            .map(|(column, _)| column);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(ManifestError::AmbiguousColumn(wanted.to_owned())),
            (column, _) => Ok(column),
        }
    };
    let column = match only(&|name| name == wanted)? {
        None => only(&|name| name.eq_ignore_ascii_case(wanted))?,
        column => column,
    };
    column.ok_or_else(|| ManifestError::NoSuchColumn {
        wanted: wanted.to_owned(),
        columns: names.to_vec(),
    })
}

/// The column with this number, counted from 1.
fn by_number(number: &str, columns: usize) -> Result<usize, ManifestError> {
    match number.parse::<usize>() {
        Ok(0) => Err(ManifestError::ColumnZero),
        Ok(number) if number <= columns => Ok(number - 1),
        _ => Err(ManifestError::NoSuchNumber {
            wanted: number.to_owned(),
            columns,
        }),
    }
}
