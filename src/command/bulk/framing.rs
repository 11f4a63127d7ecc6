//! How keys are framed in the input, and URLs in the output.

use crate::manifest::Layout;
use crate::pipeline::{Cut, Separator};

/// Framing of the input and the output.
#[derive(Clone)]
pub enum Framing {
    /// One key per line or between NULs.
    Keys(Separator),
    /// The objects of a listing, or their versions.
    Listed { has_versions: bool },
    /// In manifest records, which are written again with the URL.
    Records(Layout),
}

impl Framing {
    /// The unit of the numbers in messages.
    pub fn unit(&self) -> &'static str {
        match self {
            Framing::Keys(Separator::Null) | Framing::Listed { .. } => "key",
            _ => "line",
        }
    }

    /// Finds the end of the last whole record.
    pub fn cut(&self) -> Cut {
        match self.clone() {
            Framing::Keys(separator) => Box::new(move |bytes: &[u8]| separator.cut(bytes)),
            Framing::Listed { .. } => Box::new(|bytes: &[u8]| Separator::Null.cut(bytes)),
            Framing::Records(layout) => Box::new(move |bytes: &[u8]| layout.cut(bytes)),
        }
    }

    /// The byte in which every record ends.
    pub fn end(&self) -> u8 {
        match self {
            Framing::Keys(separator) => separator.byte(),
            Framing::Listed { .. } => Separator::Null.byte(),
            Framing::Records(_) => b'\n',
        }
    }

    /// Whether records can contain more than a key.
    pub fn can_ask_for_more(&self) -> bool {
        match self {
            Framing::Keys(_) | Framing::Records(Layout::Csv(_)) => false,
            Framing::Listed { has_versions } => *has_versions,
            // JSONL records can contain any field, an inventory versions.
            Framing::Records(Layout::Jsonl(_) | Layout::Inventory(_)) => true,
        }
    }

    /// The end of the last whole record of the output.
    pub fn cut_output(&self, bytes: &[u8]) -> usize {
        match self {
            Framing::Keys(_) | Framing::Listed { .. } => Separator::Line.cut(bytes),
            Framing::Records(layout) => layout.cut(bytes),
        }
    }

    /// Number of URLs in whole records of the output.
    pub fn count_output(&self, mut bytes: &[u8]) -> u64 {
        let Framing::Records(layout) = self else {
            return memchr::memchr_iter(b'\n', bytes).count() as u64;
        };
        let mut count = 0;
        while !bytes.is_empty() {
            let record = layout.next(bytes);
            count += u64::from(!record.text.is_empty());
            bytes = &bytes[record.len..];
        }
        count
    }
}
