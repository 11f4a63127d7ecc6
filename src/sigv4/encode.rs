//! Percent-encoding for SigV4: RFC 3986's unreserved characters are kept, every other byte becomes
//! `%XX` in upper case. A space is `%20`, never `+`.
//!
//! The signature and the URL use the same encoder, so they cannot differ.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// `A-Z a-z 0-9 - . _ ~` (RFC 3986, 2.3) are not encoded.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In a path `/` is not encoded either: it separates segments.
const PATH: &AsciiSet = &COMPONENT.remove(b'/');

/// Encodes a name or value of the query, or any other text in which `/` is data.
pub fn component(bytes: &[u8]) -> Cow<'_, str> {
    percent_encode(bytes, COMPONENT).into()
}

/// Encodes a path: like [`component`], but keeps `/`.
pub fn path(bytes: &[u8]) -> Cow<'_, str> {
    percent_encode(bytes, PATH).into()
}

/// Appends an encoded path: like [`path`], optimized for bulk signing.
pub fn append_path(bytes: &[u8], out: &mut Vec<u8>) {
    if all_stay_in_path(bytes) {
        out.extend_from_slice(bytes);
        return;
    }
    // Four bytes are written for each, and the next starts where the valid ones end: no branch
    // depends on the key.
    let begin = out.len();
    out.resize(begin + 3 * bytes.len() + 1, 0);
    let place = &mut out[begin..];
    let mut end = 0;
    for byte in bytes {
        let index = usize::from(*byte);
        if let Some(four) = place.get_mut(end..end + 4) {
            four.copy_from_slice(&ENCODED_IN_PATH[index]);
        }
        end += usize::from(LENGTH_IN_PATH[index]);
    }
    out.truncate(begin + end);
}

/// The encoding of every byte of a path, padded to four bytes.
static ENCODED_IN_PATH: [[u8; 4]; 256] = {
    let digits = b"0123456789ABCDEF";
    let mut table = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match stays_in_path(byte as u8) {
            true => [byte as u8, 0, 0, 0],
            false => [b'%', digits[byte >> 4], digits[byte & 15], 0],
        };
        byte += 1;
    }
    table
};

/// Number of valid bytes in [`ENCODED_IN_PATH`].
static LENGTH_IN_PATH: [u8; 256] = {
    let mut table = [3; 256];
    let mut byte = 0;
    while byte < 256 {
        if stays_in_path(byte as u8) {
            table[byte] = 1;
        }
        byte += 1;
    }
    table
};

/// Sixteen at a time; the last sixteen may overlap the previous ones.
fn all_stay_in_path(bytes: &[u8]) -> bool {
    let all = |bytes: &[u8; 16]| {
        bytes
            .iter()
            .fold(true, |all, byte| all & stays_in_path(*byte))
    };
    match bytes.last_chunk() {
        Some(last) => bytes.as_chunks().0.iter().all(all) && all(last),
        None => bytes.iter().all(|byte| stays_in_path(*byte)),
    }
}

/// Written as ranges, so that the compiler can vectorize it: `-` to `9` are `-`, `.`, `/` and the
/// digits.
const fn stays_in_path(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'-') <= b'9' - b'-';
    letter | digit | (byte == b'_') | (byte == b'~')
}

/// Decodes `%XX`; everything else, including `+`, is kept.
///
/// # Errors
/// The offset of the first `%` that is not followed by two hexadecimal digits.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'%' {
            decoded.push(text[at]);
            at += 1;
            continue;
        }
        let digits = text.get(at + 1..at + 3).ok_or(at)?;
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).map_err(|_| at)?;
        decoded.push(byte[0]);
        at += 3;
    }
    Ok(decoded)
}

/// Decodes `%XX` and keeps a `%` that does not start an escape, as servers do with malformed text.
pub fn decode_lenient(text: &[u8]) -> Vec<u8> {
    if !text.contains(&b'%') {
        return text.to_vec();
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let mut byte = [0];
        let digits = if text[at] == b'%' {
            text.get(at + 1..at + 3)
        } else {
            None
        };
        match digits.map(|digits| hex::decode_to_slice(digits, &mut byte)) {
            Some(Ok(())) => {
                decoded.push(byte[0]);
                at += 3;
            }
            _ => {
                decoded.push(text[at]);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_decoding_keeps_what_is_no_escape() {
        assert_eq!(decode_lenient(b"100%/%zz/%4"), b"100%/%zz/%4");
        assert_eq!(decode_lenient(b"%41%2"), b"A%2");
    }

    #[test]
    fn keeps_the_unreserved_and_encodes_the_rest_in_upper_case() {
        let all: Vec<u8> = (0..=255).collect();
        let encoded = component(&all);
        let mut expected = String::new();
        for byte in 0..=255u8 {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                expected.push(char::from(byte));
            } else {
                expected.push_str(&format!("%{byte:02X}"));
            }
        }
        assert_eq!(encoded, expected);
        assert_eq!(path(&all), expected.replace("%2F", "/"));
        let mut appended = Vec::new();
        append_path(&all, &mut appended);
        for byte in 0..=255u8 {
            append_path(&[byte], &mut appended);
        }
        assert_eq!(
            appended,
            expected.replace("%2F", "/").repeat(2).into_bytes()
        );
    }

    #[test]
    fn decoding_is_the_inverse_and_does_not_touch_plus() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(component(&all).as_bytes()), Ok(all.clone()));
        assert_eq!(decode(path(&all).as_bytes()), Ok(all));
        assert_eq!(decode(b"a+b%2bc"), Ok(b"a+b+c".to_vec()));
        assert_eq!(decode(b"100%"), Err(3));
        assert_eq!(decode(b"a%zz"), Err(1));
        assert_eq!(decode(b"a%+1"), Err(1));
    }

    /// Where a text is looked at sixteen bytes at a time, no byte is overlooked, and two do not
    /// make up for each other.
    #[test]
    fn appends_what_is_encoded_at_every_place_of_every_length() {
        for length in 1..40 {
            for first in 0..length {
                for second in first..length {
                    let mut text = vec![b'a'; length];
                    text[first] = b' ';
                    text[second] = 0xff;
                    let mut appended = Vec::new();
                    append_path(&text, &mut appended);
                    assert_eq!(String::from_utf8_lossy(&appended), path(&text));
                }
            }
        }
    }
}
