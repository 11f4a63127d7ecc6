//! A file while it is being downloaded: what it is called, and the note behind its last byte that says how far it is. The note
//! is cut off when the file is whole; so there is nothing beside the file that could be lost or belong to another.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checksums::Checks;
use super::etag::opaque;

/// Room for the note.
const NOTE_SIZE: usize = 8 * 1024;

/// File systems take names of 255 bytes.
const NAME_ROOM: usize = 200;

/// More pieces than this are never open.
const MOST_SPANS: usize = 64;

/// How far a download is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// As the store gave it; a strong one, since two objects may share a weak one.
    pub etag: String,
    /// Of the object.
    pub size: u64,
    /// What the whole has to add up to, as the first answer said: an answer with a range does not say it.
    pub checks: Checks,
    /// Pieces, in their order; together the whole.
    pub spans: Vec<Span>,
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
    pub fn new(etag: &str, size: u64, checks: Checks, pieces: usize) -> Partial {
        let mut partial = Partial {
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
            && is_strong(&partial.etag);
        fits.then_some(partial)
    }

    /// What the file is called until it is whole. Another object of the same name has another.
    pub fn file_name(&self, name: &str) -> String {
        let digest = Sha256::digest(format!("{}\n{}", opaque(&self.etag), self.size));
        format!("{}{}{SUFFIX}", prefix(name), hex::encode(&digest[..6]))
    }

    /// Whether this is the name of such a file for a target of this name.
    pub fn is_name_for(candidate: &str, name: &str) -> bool {
        let tag = candidate
            .strip_prefix(&prefix(name))
            .and_then(|rest| rest.strip_suffix(SUFFIX));
        tag.is_some_and(|tag| tag.len() == 12 && tag.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}

const SUFFIX: &str = ".part";

/// Hidden, and next to the target in a listing of all files.
fn prefix(name: &str) -> String {
    let mut end = name.len().min(NAME_ROOM);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!(".{}.", &name[..end])
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
        let mut partial = Partial::new("\"abc\"", 1_000_000, Checks::default(), 4);
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
        let mut partial = Partial::new("\"abc\"", 1_000_000, Checks::default(), 1);
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
            Partial::new("\"abc\"", 1000, Checks::default(), 8)
                .spans
                .len(),
            1
        );
        assert_eq!(
            Partial::new("\"abc\"", 0, Checks::default(), 8).spans.len(),
            1
        );
        assert_eq!(
            Partial::new("\"abc\"", u64::MAX, Checks::default(), 1000)
                .spans
                .len(),
            64
        );
    }

    #[test]
    fn names_belong_to_one_object() {
        let of =
            |etag: &str, size| Partial::new(etag, size, Checks::default(), 1).file_name("a.bin");
        assert_ne!(of("\"a\"", 1), of("\"b\"", 1));
        assert_ne!(of("\"a\"", 1), of("\"a\"", 2));
        assert!(Partial::is_name_for(&of("\"a\"", 1), "a.bin"));
        for other in [
            "a.bin",
            ".a.bin.part",
            ".a.bin.0123456789ab",
            ".b.bin.0123456789ab.part",
            ".a.bin.x.0123456789ab.part",
        ] {
            assert!(!Partial::is_name_for(other, "a.bin"), "{other}");
        }
        let long = Partial::new("\"a\"", 1, Checks::default(), 1).file_name(&"é".repeat(125));
        assert!(long.len() < 255, "{}", long.len());
        assert!(!is_strong("W/\"a\"") && !is_strong("\"\"") && is_strong("\"a\""));
    }
}
