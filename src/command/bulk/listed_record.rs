//! How the objects of a listing are passed to the workers: as records that end in NUL, although a
//! key may contain any byte.

/// Precedes the code of a byte that has a meaning here.
const ESCAPE: u8 = 1;

/// Codes after [`ESCAPE`].
const OF_NUL: u8 = 2;
const OF_ESCAPE: u8 = 3;
const VERSION: u8 = 4;

/// Appends the record of a key, and of its version if there is one.
pub fn append(key: &[u8], version_id: Option<&str>, out: &mut Vec<u8>) {
    append_escaped(key, out);
    if let Some(version_id) = version_id {
        out.extend([ESCAPE, VERSION]);
        append_escaped(version_id.as_bytes(), out);
    }
    out.push(0);
}

fn append_escaped(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr2(0, ESCAPE, text) {
        out.extend_from_slice(&text[..at]);
        out.extend([ESCAPE, if text[at] == 0 { OF_NUL } else { OF_ESCAPE }]);
        text = &text[at + 1..];
    }
    out.extend_from_slice(text);
}

/// Appends the key of a record, without its NUL, and returns the version.
pub fn parse(mut record: &[u8], key: &mut Vec<u8>) -> Option<String> {
    let mut version: Option<Vec<u8>> = None;
    loop {
        let at = memchr::memchr(ESCAPE, record).filter(|at| at + 1 < record.len());
        let text = version.as_mut().unwrap_or(key);
        let Some(at) = at else {
            text.extend_from_slice(record);
            break;
        };
        text.extend_from_slice(&record[..at]);
        match record[at + 1] {
            OF_NUL => text.push(0),
            VERSION => version = Some(Vec::new()),
            _ => text.push(ESCAPE),
        }
        record = &record[at + 2..];
    }
    version.map(|text| String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_versions_of_any_bytes_are_kept() {
        let keys: [&[u8]; 8] = [
            b"",
            b"a",
            b"\0",
            b"\x01",
            b"\x01\x04",
            b"a\0\x01b\xff\0",
            b"\x02\x03\x04",
            b"\n",
        ];
        for key in keys {
            for version in [None, Some(""), Some("null"), Some("3/L4kqtJ+\x01\x04")] {
                let mut record = Vec::new();
                append(key, version, &mut record);
                assert_eq!(record.pop(), Some(0));
                assert!(!record.contains(&0));
                let mut read = b"prefix/".to_vec();
                assert_eq!(parse(&record, &mut read).as_deref(), version);
                assert_eq!(read, [b"prefix/", key].concat());
            }
        }
    }
}
