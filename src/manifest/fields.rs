//! Rows of fields (RFC 4180). A quote is special only as the first byte of a field; elsewhere it is
//! literal, as in Python and Excel, so that `5" disk.pdf` does not consume the following lines.
//!
//! A line ends in `\n` or `\r\n`. A `\r` elsewhere is part of its field, but at the end of the
//! input it is the first half of a line end.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::{KeyRequest, ManifestError, Record, RecordError};

/// A field as written in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field<'a> {
    /// The text without surrounding quotes.
    text: &'a [u8],
    /// Contains doubled quotes.
    has_doubled_quotes: bool,
}

impl<'a> Field<'a> {
    /// The decoded value.
    pub(super) fn value(self) -> Cow<'a, [u8]> {
        if !self.has_doubled_quotes {
            return Cow::Borrowed(self.text);
        }
        let mut value = Vec::with_capacity(self.text.len());
        let mut rest = self.text;
        while let Some(at) = memchr(b'"', rest) {
            value.extend_from_slice(&rest[..=at]);
            rest = &rest[at + 2..];
        }
        value.extend_from_slice(rest);
        Cow::Owned(value)
    }
}

/// The end of a row.
pub(super) struct Row {
    /// Number of columns, 0 for an empty line.
    pub(super) columns: Result<usize, RecordError>,
    /// Length including the line end.
    pub(super) len: usize,
    /// Number of `\n`.
    pub(super) lines: usize,
    /// Length without the line end.
    pub(super) text: usize,
}

impl Row {
    /// The record of this row, the first of `bytes`, if it has the expected number of columns.
    pub(super) fn record<'a>(
        self,
        bytes: &'a [u8],
        expected: usize,
        request: impl FnOnce() -> Result<KeyRequest<'a>, RecordError>,
    ) -> Record<'a> {
        let request = match self.columns {
            Ok(0) => Ok(None),
            Ok(found) if found != expected => Err(RecordError::Columns { found, expected }),
            Ok(_) => request().map(Some),
            Err(error) => Err(error),
        };
        let (text, line_end) = bytes[..self.len].split_at(self.text);
        Record {
            request,
            len: self.len,
            line_end,
            lines: self.lines,
            text,
            insert: self.text,
        }
    }
}

/// A quote in a text.
struct Quote {
    at: usize,
    /// Whether a line may end before it.
    may_follow_line: bool,
}

/// The first quote. Fields are short: within their first bytes this is faster than a call of
/// [`memchr`], of which every quoted field needs four.
#[inline]
fn find_quote(bytes: &[u8]) -> Option<Quote> {
    const WORDS: usize = 5;
    let (words, _) = bytes.as_chunks::<8>();
    let words = &words[..words.len().min(WORDS)];
    let mut line_ends = 0;
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quotes = bytes_equal(word, b'"');
        if quotes != 0 {
            let before = (quotes & quotes.wrapping_neg()) - 1;
            line_ends |= bytes_equal(word, b'\n') & before;
            return Some(Quote {
                at: 8 * index + quotes.trailing_zeros() as usize / 8,
                may_follow_line: line_ends != 0,
            });
        }
        line_ends |= bytes_equal(word, b'\n');
    }
    let searched = 8 * words.len();
    memchr(b'"', &bytes[searched..]).map(|at| Quote {
        at: searched + at,
        may_follow_line: true,
    })
}

/// The high bit of every byte of the word that is this one; above the lowest such bit perhaps of
/// others too.
#[inline]
fn bytes_equal(word: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let difference = word ^ (ONES * u64::from(byte));
    difference.wrapping_sub(ONES) & !difference & (ONES << 7)
}

/// Parses the first row of `bytes`. `visit` gets every field and its index.
#[inline]
pub(super) fn row<'a>(
    bytes: &'a [u8],
    delimiter: u8,
    mut visit: impl FnMut(usize, Field<'a>),
) -> Row {
    let mut columns = 0;
    let mut error = None;
    let mut has_lines = false;
    let mut start = 0;
    loop {
        // The rest of the field from its first byte, and the offset of the part not written yet.
        let mut field = Field::default();
        let is_quoted = bytes.get(start) == Some(&b'"');
        if is_quoted {
            let open = start + 1;
            let mut from = open;
            let close = loop {
                let Some(quote) = find_quote(&bytes[from..]) else {
                    return unclosed(bytes, columns + 1);
                };
                has_lines |= quote.may_follow_line;
                let at = from + quote.at;
                if bytes.get(at + 1) != Some(&b'"') {
                    break at;
                }
                field.has_doubled_quotes = true;
                from = at + 2;
            };
            field.text = &bytes[open..close];
            start = close + 1;
        }
        let stop = match bytes.get(start) {
            Some(byte) if *byte == delimiter || *byte == b'\n' => start,
            _ => memchr2(delimiter, b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at),
        };
        let is_last = bytes.get(stop) != Some(&delimiter);
        let end = if is_last && bytes[start..stop].ends_with(b"\r") {
            stop - 1
        } else {
            stop
        };
        if !is_quoted {
            field.text = &bytes[start..end];
        } else if end > start {
            error.get_or_insert(RecordError::AfterQuote {
                column: columns + 1,
            });
        }
        visit(columns, field);
        columns += 1;
        if !is_last {
            start = stop + 1;
            continue;
        }
        let line_end = usize::from(stop < bytes.len());
        let inner_lines = if has_lines {
            memchr_iter(b'\n', &bytes[..end]).count()
        } else {
            0
        };
        let columns = match error {
            Some(error) => Err(error),
            None if end == 0 => Ok(0),
            None => Ok(columns),
        };
        return Row {
            columns,
            len: stop + line_end,
            lines: inner_lines + line_end,
            text: end,
        };
    }
}

/// Number of columns of the first non-empty row. `None` if more bytes are needed; 0 if there is no
/// row.
pub(super) fn first_columns(
    bytes: &[u8],
    delimiter: u8,
    is_end: bool,
) -> Result<Option<usize>, ManifestError> {
    let mut rest = if is_end {
        bytes
    } else {
        &bytes[..cut(bytes, delimiter)]
    };
    while !rest.is_empty() {
        let row = row(rest, delimiter, |_, _| ());
        match row.columns.map_err(ManifestError::First)? {
            0 => rest = &rest[row.len..],
            columns => return Ok(Some(columns)),
        }
    }
    Ok(is_end.then_some(0))
}

/// The rest is one malformed row, because the start of the next is unknown.
#[cold]
fn unclosed(bytes: &[u8], column: usize) -> Row {
    let text = bytes
        .strip_suffix(b"\n")
        .map_or(bytes, |text| text.strip_suffix(b"\r").unwrap_or(text));
    Row {
        columns: Err(RecordError::UnclosedQuote { column }),
        len: bytes.len(),
        lines: memchr_iter(b'\n', bytes).count(),
        text: text.len(),
    }
}

/// The end of the last complete row in `bytes`, which start with a row. Only quotes are inspected
/// one by one.
pub(super) fn cut(bytes: &[u8], delimiter: u8) -> usize {
    let mut end = 0;
    // Start of the unquoted text, and start of the search for a quote.
    let (mut open_from, mut from) = (0, 0);
    loop {
        let quote = find_quote(&bytes[from..]).map(|quote| from + quote.at);
        let is_opening =
            |at: usize| at == 0 || bytes[at - 1] == delimiter || bytes[at - 1] == b'\n';
        match quote {
            // Between quoted fields there is often only a delimiter.
            Some(at) if at == open_from + 1 && bytes[open_from] == delimiter => {}
            Some(at) if !is_opening(at) => {
                from = at + 1;
                continue;
            }
            _ => {
                let unquoted = &bytes[open_from..quote.unwrap_or(bytes.len())];
                end = memrchr(b'\n', unquoted).map_or(end, |at| open_from + at + 1);
            }
        }
        let Some(mut close) = quote else { return end };
        loop {
            let Some(quote) = find_quote(&bytes[close + 1..]) else {
                return end;
            };
            close += 1 + quote.at;
            if bytes.get(close + 1) != Some(&b'"') {
                break;
            }
            close += 1;
        }
        (open_from, from) = (close + 1, close + 1);
    }
}

/// Appends a field to a row, quoted if necessary.
pub(super) fn write(value: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    out.push(delimiter);
    let is_special =
        |byte: u8| (byte == delimiter) | (byte == b'"') | (byte == b'\n') | (byte == b'\r');
    // No early exit, so that the compiler can vectorize the loop.
    if !value
        .iter()
        .fold(false, |found, byte| found | is_special(*byte))
    {
        out.extend_from_slice(value);
        return;
    }
    out.push(b'"');
    for byte in value {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
