//! Reports of Amazon S3 Inventory, and manifests of S3 Batch Operations, which have the same form.
//!
//! There is no header line. The columns are named in the report's `manifest.json`:
//!
//! ```text
//! "fileSchema": "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag"
//! ```
//!
//! Bucket and key are always the first two. The key is URL-encoded, a space as `+` or `%20`; the
//! bucket is not. Versions are there only in a report on all of them, and only together with
//! `IsLatest` and `IsDeleteMarker`; a manifest of Batch Operations has them alone, in its third and
//! last column.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::fields::{self, Field};
use super::{KeyRequest, Layout, ManifestError, Options, Overrides, Record, RecordError};

/// An inventory of one or more buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    columns: usize,
    /// The columns, if there is a schema.
    schema: Option<Schema>,
}

/// Columns, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Schema {
    bucket: usize,
    key: usize,
    version_id: Option<usize>,
    is_delete_marker: Option<usize>,
}

impl Inventory {
    /// Parses the schema, or counts the columns of the first record.
    pub(super) fn begin(
        options: &Options,
        bytes: &[u8],
        is_end: bool,
    ) -> Result<Option<Layout>, ManifestError> {
        if let Some(text) = &options.schema {
            let names: Vec<&str> = text.split(',').map(str::trim).collect();
            let find = |wanted: &str| {
                names
                    .iter()
                    .position(|name| name.eq_ignore_ascii_case(wanted))
            };
            let bucket = find("Bucket").ok_or(ManifestError::Schema("Bucket"))?;
            let key = find("Key").ok_or(ManifestError::Schema("Key"))?;
            let schema = Some(Schema {
                bucket,
                key,
                version_id: find("VersionId"),
                is_delete_marker: find("IsDeleteMarker"),
            });
            return Ok(Some(Layout::Inventory(Inventory {
                columns: names.len(),
                schema,
            })));
        }
        let Some(columns) = fields::first_columns(bytes, b',', is_end)? else {
            return Ok(None);
        };
        if columns == 1 {
            return Err(ManifestError::NoSuchNumber {
                wanted: "2".to_owned(),
                columns,
            });
        }
        Ok(Some(Layout::Inventory(Inventory {
            columns,
            schema: None,
        })))
    }

    pub(super) fn next<'a>(&self, bytes: &'a [u8]) -> Record<'a> {
        let Some(schema) = self.schema else {
            let mut first = [Field::default(); 5];
            let row = fields::row(bytes, b',', |column, field| {
                if let Some(place) = first.get_mut(column) {
                    *place = field;
                }
            });
            let [bucket, key, third, fourth, fifth] = first;
            return row.record(bytes, self.columns, || {
                let is_flag = |field: Field| matches!(&*field.value(), b"true" | b"false");
                let has_version = match self.columns {
                    3 => may_be_version(&third.value()),
                    columns => columns >= 5 && is_flag(fourth) && is_flag(fifth),
                };
                let has_flags = self.columns >= 5 && has_version;
                let is_marker = has_flags && &*fifth.value() == b"true";
                key_request(bucket, key, has_version.then_some(third), is_marker)
            });
        };
        let [mut bucket, mut key] = [Field::default(); 2];
        let (mut version_id, mut is_marker) = (None, false);
        let row = fields::row(bytes, b',', |column, field| {
            if column == schema.bucket {
                bucket = field;
            } else if column == schema.key {
                key = field;
            } else if Some(column) == schema.version_id {
                version_id = Some(field);
            } else if Some(column) == schema.is_delete_marker {
                is_marker = &*field.value() == b"true";
            }
        });
        row.record(bytes, self.columns, || {
            key_request(bucket, key, version_id, is_marker)
        })
    }
}

fn key_request<'a>(
    bucket: Field<'a>,
    key: Field<'a>,
    version_id: Option<Field<'a>>,
    is_delete_marker: bool,
) -> Result<KeyRequest<'a>, RecordError> {
    let key = decode(key.value())?;
    if key.is_empty() {
        return Err(RecordError::EmptyKey);
    }
    let some = |text: Cow<'a, str>| (!text.is_empty()).then_some(text);
    let overrides = Overrides {
        bucket: some(text(bucket.value())?),
        version_id: some(text(version_id.map(Field::value).unwrap_or_default())?),
        is_delete_marker,
        ..Overrides::default()
    };
    Ok(KeyRequest {
        key,
        overrides: Some(overrides),
    })
}

fn text(value: Cow<'_, [u8]>) -> Result<Cow<'_, str>, RecordError> {
    match value {
        Cow::Borrowed(bytes) => match str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(RecordError::NotUtf8 {
                at: error.valid_up_to(),
            }),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(error) => Err(RecordError::NotUtf8 {
                at: error.utf8_error().valid_up_to(),
            }),
        },
    }
}

/// Whether the last of three columns is a version ID. In a report on current versions it can be any
/// of the optional columns: a size, a date, an ETag, an owner ID, or a storage class or status in
/// upper case.
fn may_be_version(value: &[u8]) -> bool {
    let is_date = || value.get(4) == Some(&b'-') && value.ends_with(b"Z");
    let is_entity_tag = || {
        value
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
            && !is_uuid(value)
    };
    let is_capitals = || !value.iter().any(u8::is_ascii_lowercase);
    value == b"null"
        || ((16..=64).contains(&value.len())
            && !is_date()
            && !is_entity_tag()
            && (is_uuid(value) || !is_capitals()))
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36 && [8, 13, 18, 23].iter().all(|at| value[*at] == b'-')
}

/// `+` is a space, `%2B` a plus.
fn decode(value: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, RecordError> {
    if memchr2(b'+', b'%', &value).is_none() {
        return Ok(value);
    }
    let digit = |byte: Option<&u8>| {
        byte.and_then(|byte| char::from(*byte).to_digit(16))
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = &*value;
    while let Some(at) = memchr(b'%', rest) {
        let (Some(high), Some(low)) = (digit(rest.get(at + 1)), digit(rest.get(at + 2))) else {
            return Err(RecordError::KeyEncoding);
        };
        push_with_spaces(&rest[..at], &mut decoded);
        decoded.push(high << 4 | low);
        rest = &rest[at + 3..];
    }
    push_with_spaces(rest, &mut decoded);
    Ok(Cow::Owned(decoded))
}

fn push_with_spaces(text: &[u8], out: &mut Vec<u8>) {
    out.extend(
        text.iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte }),
    );
}
