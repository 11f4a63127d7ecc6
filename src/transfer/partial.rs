//! Names of partial downloads, and the resume record after their last byte: which object, and how
//! much of it is complete. The record is removed when the file gets its final name, so there is no
//! second file that could be lost or belong to another download.

use std::ffi::OsStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checksums::Checks;
use super::etag::opaque;

/// Maximum size of the record.
const NOTE_SIZE: usize = 8 * 1024;

/// Maximum size of files including the record: offsets are signed.
pub const LARGEST: u64 = i64::MAX as u64 - NOTE_SIZE as u64;

/// Maximum length of file names.
const NAME_ROOM: usize = 200;

/// Maximum number of ranges.
const MOST_SPANS: usize = 64;

/// The object, and the complete ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// From [`object_id`]. Another server may use the same ETag.
    pub object: String,
    /// As in the response; a strong one, because two objects may share a weak one.
    pub etag: String,
    /// Size of the object.
    pub size: u64,
    /// The checksums of the whole object in all responses that contributed bytes.
    pub checks: Checks,
    /// Ranges in order, which together are the whole object.
    pub spans: Vec<Span>,
}

/// A digest of what identifies the object of a URL: scheme, host, port, path and version ID. Not
/// the signature: a new URL for the same object resumes the download. A digest, because a path may
/// be longer than the record.
pub fn object_id(scheme: &str, authority: &str, path: &str, version_id: Option<&[u8]>) -> String {
    let scheme = scheme.to_ascii_lowercase();
    let authority = authority.to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    let mut digest = Sha256::new();
    for field in [scheme.as_bytes(), authority.as_bytes(), path.as_bytes()] {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field);
    }
    if let Some(version_id) = version_id {
        digest.update(version_id);
    }
    hex::encode(digest.finalize())
}

/// A range of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// First missing byte.
    pub at: u64,
    /// Byte after the last.
    pub end: u64,
}

impl Span {
    /// Number of missing bytes.
    pub fn missing(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

impl Partial {
    /// An empty download, with one range per connection.
    pub fn new(object: &str, etag: &str, size: u64, checks: Checks, pieces: usize) -> Partial {
        let mut partial = Partial {
            object: object.to_owned(),
            etag: etag.to_owned(),
            size,
            checks,
            spans: vec![Span {
                start: 0,
                at: 0,
                end: size,
            }],
        };
        partial.divide(pieces);
        partial
    }

    /// Splits the longest missing ranges until there are this many.
    pub fn divide(&mut self, pieces: usize) {
        // Minimum size for another connection.
        const LEAST: u64 = 64 * 1024;
        let pieces = pieces.min(MOST_SPANS);
        while self.spans.len() < MOST_SPANS
            && self.spans.iter().filter(|span| span.missing() > 0).count() < pieces
        {
            let Some(longest) = (0..self.spans.len()).max_by_key(|at| self.spans[*at].missing())
            else {
                return;
            };
            let span = self.spans[longest];
            if span.missing() < 2 * LEAST {
                return;
            }
            let middle = span.at + span.missing() / 2;
            self.spans[longest].end = middle;
            self.spans.insert(
                longest + 1,
                Span {
                    start: middle,
                    at: middle,
                    end: span.end,
                },
            );
        }
    }

    /// Number of complete bytes.
    pub fn done(&self) -> u64 {
        self.spans.iter().map(|span| span.at - span.start).sum()
    }

    /// Number of complete bytes before the first gap.
    pub fn without_gap(&self) -> u64 {
        self.spans
            .iter()
            .find(|span| span.missing() > 0)
            .map_or(self.size, |span| span.at)
    }

    /// Drops the last byte of a complete partial file: one response must confirm that the object is
    /// unchanged.
    pub fn reopen(&mut self) {
        let is_finished = self.done() == self.size;
        if let Some(last) = self.spans.last_mut().filter(|_| is_finished) {
            last.at = last.at.max(last.start + 1) - 1;
        }
    }

    /// The record for the end of the file.
    pub fn note(&self) -> Option<Vec<u8>> {
        let mut note = serde_json::to_vec(self)
            .ok()
            .filter(|note| note.len() < NOTE_SIZE)?;
        note.resize(NOTE_SIZE, b'\n');
        Some(note)
    }

    /// Offset of the record in a file of this length.
    pub fn place_of_note(length: u64) -> Option<u64> {
        length.checked_sub(NOTE_SIZE as u64)
    }

    /// Parses the record of a file of this length. An inconsistent record is ignored.
    pub fn read(note: &[u8], length: u64) -> Option<Partial> {
        let partial: Partial = serde_json::from_slice(note).ok()?;
        let mut end = 0;
        for span in &partial.spans {
            if span.start != end || span.at < span.start || span.at > span.end {
                return None;
            }
            end = span.end;
        }
        let fits = end == partial.size
            && Self::place_of_note(length) == Some(partial.size)
            && partial.object.len() <= 64
            && is_strong(&partial.etag);
        fits.then_some(partial)
    }

    /// Name of the partial file. Each object has a different one. `more` distinguishes files of the
    /// same object if the first name exists.
    pub fn file_name(&self, prefix: &str, more: Option<u32>) -> String {
        let id = format!("{}\n{}\n{}", self.object, opaque(&self.etag), self.size);
        let digest = hex::encode(&Sha256::digest(id)[..TAG_LENGTH / 2]);
        match more {
            None => format!("{prefix}{digest}{SUFFIX}"),
            Some(more) => format!("{prefix}{digest}-{more:08x}{SUFFIX}"),
        }
    }

    /// Whether this is the name of such a file.
    pub fn is_name_for(candidate: &str, prefix: &str) -> bool {
        let is_hex = |text: &str, length| {
            text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let tag = candidate
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_suffix(SUFFIX));
        tag.is_some_and(|tag| match tag.split_once('-') {
            Some((digest, more)) => is_hex(digest, TAG_LENGTH) && is_hex(more, 8),
            None => is_hex(tag, TAG_LENGTH),
        })
    }
}

const SUFFIX: &str = ".part";
const TAG_LENGTH: usize = 12;

/// Prefix of all partial files of a destination: hidden, and next to the destination in a sorted
/// listing of all files. If the name of the destination is too long or not UTF-8, its digest
/// replaces it.
pub fn partial_prefix(target: &OsStr) -> String {
    match target.to_str() {
        Some(name) if name.len() <= NAME_ROOM => format!(".{name}."),
        _ => {
            let name = target.to_string_lossy();
            let mut end = name.len().min(NAME_ROOM - 20);
            while !name.is_char_boundary(end) {
                end -= 1;
            }
            let digest = hex::encode(&Sha256::digest(target.as_encoded_bytes())[..8]);
            format!(".{}~{digest}.", &name[..end])
        }
    }
}

/// Whether the ETag can validate ranges: the same ETag means the same bytes.
pub fn is_strong(etag: &str) -> bool {
    etag.starts_with('"') && etag.len() > 2 && etag.len() < 1024
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_note_tells_how_far_it_is() {
        let mut partial = Partial::new("o", "\"abc\"", 1_000_000, Checks::default(), 4);
        assert_eq!(partial.spans.len(), 4);
        assert_eq!(
            (partial.spans[0].start, partial.spans[3].end),
            (0, 1_000_000)
        );
        partial.spans[0].at += 10;
        partial.spans[2].at += 5;
        assert_eq!(partial.done(), 15);
        let note = partial.note().unwrap();
        let length = 1_000_000 + note.len() as u64;
        assert_eq!(Partial::place_of_note(length), Some(1_000_000));
        assert_eq!(Partial::read(&note, length), Some(partial.clone()));
        // A file that was truncated or extended is not trusted, nor is other text.
        assert_eq!(Partial::read(&note, length - 1), None);
        assert_eq!(Partial::read(b"{}", length), None);
        partial.spans[1].at = partial.spans[1].end + 1;
        assert_eq!(Partial::read(&partial.note().unwrap(), length), None);
    }

    #[test]
    fn what_is_missing_is_divided() {
        let mut partial = Partial::new("o", "\"abc\"", 1_000_000, Checks::default(), 1);
        partial.spans[0].at = 600_000;
        partial.divide(2);
        assert_eq!(
            partial.spans,
            [
                Span {
                    start: 0,
                    at: 600_000,
                    end: 800_000
                },
                Span {
                    start: 800_000,
                    at: 800_000,
                    end: 1_000_000
                }
            ]
        );
        assert_eq!(
            Partial::new("o", "\"abc\"", 1000, Checks::default(), 8)
                .spans
                .len(),
            1
        );
        assert_eq!(
            Partial::new("o", "\"abc\"", 0, Checks::default(), 8)
                .spans
                .len(),
            1
        );
        assert_eq!(
            Partial::new("o", "\"abc\"", u64::MAX, Checks::default(), 1000)
                .spans
                .len(),
            64
        );
    }

    #[test]
    fn a_finished_partial_lacks_a_byte_until_it_is_confirmed() {
        let mut partial = Partial::new("o", "\"abc\"", 1_000_000, Checks::default(), 2);
        partial.reopen();
        assert_eq!(partial.done(), 0);
        partial.spans.iter_mut().for_each(|span| span.at = span.end);
        partial.reopen();
        assert_eq!(partial.done(), 999_999);
        assert_eq!(partial.spans[1].at, 999_999);
    }

    #[test]
    fn an_object_is_that_of_one_server_path_and_version() {
        let id = |scheme, authority, path, version: Option<&str>| {
            object_id(scheme, authority, path, version.map(str::as_bytes))
        };
        let one = id("https", "s3.example", "/b/k", None);
        assert_eq!(one, id("HTTPS", "S3.example:443", "/b/k", None));
        for other in [
            id("http", "s3.example", "/b/k", None),
            id("https", "s3.example:8443", "/b/k", None),
            id("https", "s4.example", "/b/k", None),
            id("https", "s3.example", "/b/K", None),
            id("https", "s3.example/b", "/k", None),
            id("https", "s3.example", "/b/k", Some("v")),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn names_belong_to_one_object_and_one_target() {
        let of = |object: &str, etag: &str, size| {
            Partial::new(object, etag, size, Checks::default(), 1)
                .file_name(&partial_prefix(OsStr::new("a.bin")), None)
        };
        assert_ne!(of("o", "\"a\"", 1), of("o", "\"b\"", 1));
        assert_ne!(of("o", "\"a\"", 1), of("o", "\"a\"", 2));
        assert_ne!(of("o", "\"a\"", 1), of("p", "\"a\"", 1));
        for (candidate, is_one) in [
            (of("o", "\"a\"", 1).as_str(), true),
            (".a.bin.0123456789ab-0000000f.part", true),
            ("a.bin", false),
            (".a.bin.part", false),
            (".a.bin.0123456789ab", false),
            (".a.bin.0123456789ab-f.part", false),
            (".b.bin.0123456789ab.part", false),
            (".a.bin.x.0123456789ab.part", false),
        ] {
            let prefix = partial_prefix(OsStr::new("a.bin"));
            assert_eq!(
                Partial::is_name_for(candidate, &prefix),
                is_one,
                "{candidate}"
            );
        }
        let long = |last: &str| partial_prefix(OsStr::new(&format!("{}{last}", "é".repeat(120))));
        assert_ne!(long("a"), long("b"));
        let name = Partial::new("o", "\"a\"", 1, Checks::default(), 1)
            .file_name(&long("a"), Some(u32::MAX));
        assert!(name.len() < 255, "{}", name.len());
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let raw = |bytes: &'static [u8]| partial_prefix(OsStr::from_bytes(bytes));
            assert_ne!(raw(b"a\xff"), raw(b"a\xfe"));
        }
        assert!(!is_strong("W/\"a\"") && !is_strong("\"\"") && is_strong("\"a\""));
    }
}
