//! Lists of keys: one per line, or separated by NUL.

use memchr::{memchr, memrchr};

/// Maximum length of a record, which exceeds that of keys and of manifest lines. Limits memory.
pub const LONGEST_RECORD: usize = 1 << 20;

/// The separator of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// A line feed.
    Line,
    /// Carriage return and line feed. Used if the first line ends in them.
    CrLf,
    /// NUL, for keys that contain line ends.
    Null,
}

impl Separator {
    /// Last byte of the separator.
    pub fn byte(self) -> u8 {
        match self {
            Separator::Line | Separator::CrLf => b'\n',
            Separator::Null => 0,
        }
    }

    /// End of the last whole record, 0 if there is none.
    pub fn cut(self, bytes: &[u8]) -> usize {
        memrchr(self.byte(), bytes).map_or(0, |at| at + 1)
    }

    /// The first record of non-empty bytes without its separator, and the offset of the next.
    pub fn next(self, bytes: &[u8]) -> (&[u8], usize) {
        match memchr(self.byte(), bytes) {
            Some(at) => (&bytes[..at], at + 1),
            None => (bytes, bytes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_and_nothing_is_trimmed() {
        assert_eq!(Separator::Line.cut(b"a\n b \nc"), 6);
        assert_eq!(Separator::Line.cut(b"abc"), 0);
        assert_eq!(Separator::Null.cut(b"a\nb\0c\n"), 4);
        assert_eq!(Separator::Line.next(b" a \nb"), (&b" a "[..], 4));
        assert_eq!(Separator::Line.next(b"last"), (&b"last"[..], 4));
        assert_eq!(Separator::CrLf.next(b"a\r\nb"), (&b"a\r"[..], 3));
        assert_eq!(Separator::Null.next(b"a\nb\0"), (&b"a\nb"[..], 4));
    }
}
