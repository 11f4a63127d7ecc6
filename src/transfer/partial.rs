//! What a partial download is called, and the note behind its last byte that says which object it
//! is of and how much of it is there. The note is cut off when the file gets its name; so there is
//! nothing beside the file that could be lost or belong to another.

use std::ffi::OsStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checksums::Checks;
use super::etag::opaque;

/// Room for the note.
const NOTE_SIZE: usize = 8 * 1024;

/// Files have at most so many bytes, the note included: offsets are signed numbers.
pub const LARGEST: u64 = i64::MAX as u64 - NOTE_SIZE as u64;

/// File systems take names of 255 bytes.
const NAME_ROOM: usize = 200;

/// More pieces than this are never open.
const MOST_SPANS: usize = 64;

/// Which object it is of, and how much of it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// The object's, from [`object_id`]. Another server can use the same ETag.
    pub object: String,
    /// As the store gave it; a strong one, since two objects may share a weak one.
    pub etag: String,
    /// Of the object.
    pub size: u64,
    /// What all responses that have contributed bytes say about the whole.
    pub checks: Checks,
    /// Pieces, in their order; together the whole.
    pub spans: Vec<Span>,
}

/// A digest of what decides which object a URL is for: scheme, host, port, path and version id. Not
/// the signature: a new link for the same object resumes the download. It is a digest because a
/// path may be longer than the note.
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

/// A piece of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first byte.
    pub start: u64,
    /// The first byte that is missing.
    pub at: u64,
    /// The byte after its last.
    pub end: u64,
}

impl Span {
    /// How many bytes are missing.
    pub fn missing(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

impl Partial {
    /// Nothing is there yet. Each of several connections gets a piece.
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

    /// Divides the longest of the missing pieces until there are so many.
    pub fn divide(&mut self, pieces: usize) {
        // Less than this is not worth a connection.
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

    /// How many bytes are there.
    pub fn done(&self) -> u64 {
        self.spans.iter().map(|span| span.at - span.start).sum()
    }

    /// Takes back the last byte of a partial that has all of them: one response has to confirm that
    /// the object is still this one.
    pub fn reopen(&mut self) {
        let is_finished = self.done() == self.size;
        if let Some(last) = self.spans.last_mut().filter(|_| is_finished) {
            last.at = last.at.max(last.start + 1) - 1;
        }
    }

    /// The note for the end of the file.
    pub fn note(&self) -> Option<Vec<u8>> {
        let mut note = serde_json::to_vec(self)
            .ok()
            .filter(|note| note.len() < NOTE_SIZE)?;
        note.resize(NOTE_SIZE, b'\n');
        Some(note)
    }

    /// Where the note is in a file of this length.
    pub fn place_of_note(length: u64) -> Option<u64> {
        length.checked_sub(NOTE_SIZE as u64)
    }

    /// Reads the note of a file of this length. What does not fit together is no note.
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

    /// What the file is called until it is complete. Another object has another name. `more` tells
    /// files of the same object apart, where the first of these names is taken.
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

/// How the names of all partial files of a target begin: hidden, and next to the target in a
/// listing of all files. Where the name of the target is too long or no text, its digest tells it
/// apart.
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

/// Whether a range of the object can be asked for by it: the same bytes have the same ETag.
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
        // A file that was cut or grew is not trusted, nor is another text.
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
