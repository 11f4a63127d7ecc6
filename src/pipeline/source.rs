//! Input in pieces of whole records.

use std::io::{self, Read};

use super::LONGEST_RECORD;

/// Bytes read at once. Small, so that all threads have work and memory stays low: the output is ten
/// times as long. Slow input is passed on as it arrives.
const PIECE: usize = 32 << 10;

/// Whole records.
#[derive(Debug, Default)]
pub struct Piece {
    /// Their bytes. The last record of the input may lack its end.
    pub bytes: Vec<u8>,
    /// Length of the start of an overlong record before these bytes, all of it that is kept.
    pub skipped: u64,
    /// Approximate size of the output; 0 if unknown.
    pub expected_output: usize,
}

/// Source of pieces.
pub trait Source: Send {
    /// The next piece; `None` at the end. A piece may be empty if something was skipped.
    ///
    /// # Errors
    /// The error of the reader.
    fn next(&mut self) -> io::Result<Option<Piece>>;
}

/// End of the last whole record in the bytes, 0 if there is none.
pub type Cut = Box<dyn Fn(&[u8]) -> usize + Send>;

/// Divides the input of a reader.
pub struct Reader<R> {
    from: R,
    cut: Cut,
    /// A byte after which a record certainly starts, whatever preceded it.
    resync: Option<u8>,
    /// Bytes read without a record end yet.
    rest: Vec<u8>,
    is_skipping: bool,
    skipped: u64,
    is_at_end: bool,
}

impl<R: Read + Send> Reader<R> {
    /// `first` was read already. `resync` is a byte after which a record certainly starts; without
    /// one, an overlong record is an error, because the following ones could not be found.
    pub fn new(from: R, first: Vec<u8>, cut: Cut, resync: Option<u8>) -> Self {
        Reader {
            from,
            cut,
            resync,
            rest: first,
            is_skipping: false,
            skipped: 0,
            is_at_end: false,
        }
    }

    /// Takes the whole records out of the buffer.
    fn take(&mut self) -> Option<Piece> {
        let end = if self.is_at_end {
            self.rest.len()
        } else {
            (self.cut)(&self.rest)
        };
        if end == 0 {
            return None;
        }
        let rest = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, rest);
        if !std::mem::take(&mut self.is_skipping) {
            return Some(Piece {
                bytes,
                ..Piece::default()
            });
        }
        // The bytes up to the first end belong to the skipped record, which is counted there.
        let end = self.resync.and_then(|end| memchr::memchr(end, &bytes));
        let first_end = end.map_or(bytes.len(), |at| at + 1);
        let skipped = std::mem::take(&mut self.skipped) + first_end as u64;
        Some(Piece {
            bytes: bytes[first_end..].to_vec(),
            skipped,
            ..Piece::default()
        })
    }
}

impl<R: Read + Send> Source for Reader<R> {
    fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.take() {
                return Ok(Some(piece));
            }
            if self.is_at_end {
                let skipped = std::mem::take(&mut self.skipped);
                return Ok((skipped > 0).then(|| Piece {
                    skipped,
                    ..Piece::default()
                }));
            }
            if self.rest.len() > LONGEST_RECORD {
                if self.resync.is_none() {
                    let message = "a record is longer than 1 MiB: a quote may be missing, or the \
                        file has another format";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, message));
                }
                self.is_skipping = true;
                self.skipped += self.rest.len() as u64;
                self.rest.clear();
            }
            let before = self.rest.len();
            self.rest.resize(before + PIECE, 0);
            let count = loop {
                match self.from.read(&mut self.rest[before..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            self.rest.truncate(before + *count.as_ref().unwrap_or(&0));
            self.is_at_end = count? == 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Separator;

    /// Returns a few bytes at a time, like a pipe.
    struct Slowly(Vec<u8>, usize);

    impl Read for Slowly {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    fn pieces(input: &[u8], at_a_time: usize) -> Vec<Piece> {
        let mut reader = Reader::new(
            Slowly(input.to_vec(), at_a_time),
            Vec::new(),
            Box::new(|b| Separator::Line.cut(b)),
            Some(b'\n'),
        );
        std::iter::from_fn(|| reader.next().expect("no error")).collect()
    }

    #[test]
    fn every_piece_holds_whole_records_and_nothing_is_lost() {
        let input: Vec<u8> = (0..3000)
            .flat_map(|n| format!("key {n}\n").into_bytes())
            .chain(*b"last")
            .collect();
        for at_a_time in [1, 7, 4096, 1 << 20] {
            let pieces = pieces(&input, at_a_time);
            let (last, others) = pieces.split_last().expect("some");
            assert!(others.iter().all(|piece| piece.bytes.ends_with(b"\n")));
            assert!(last.bytes.ends_with(b"last"));
            assert_eq!(
                pieces
                    .iter()
                    .flat_map(|piece| piece.bytes.clone())
                    .collect::<Vec<u8>>(),
                input
            );
        }
        assert!(pieces(b"", 1).is_empty());
    }

    #[test]
    fn what_is_too_long_is_skipped_and_counted() {
        let long = 3 * LONGEST_RECORD + 5;
        let input = [b"a\n".to_vec(), vec![b'x'; long], b"\nb\nc".to_vec()].concat();
        for at_a_time in [60_000, 1 << 20] {
            let pieces = pieces(&input, at_a_time);
            assert_eq!(
                pieces.iter().map(|piece| piece.skipped).sum::<u64>(),
                long as u64 + 1
            );
            let kept: Vec<u8> = pieces
                .iter()
                .flat_map(|piece| piece.bytes.clone())
                .collect();
            assert_eq!(kept, b"a\nb\nc");
            let at_the_end = pieces_of_unended(long);
            assert_eq!(at_the_end, long as u64);
        }
    }

    fn pieces_of_unended(long: usize) -> u64 {
        pieces(&vec![b'x'; long], 1 << 20)
            .iter()
            .map(|piece| piece.skipped + piece.bytes.len() as u64)
            .sum()
    }
}
