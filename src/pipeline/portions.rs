//! Divides pieces by the size of their output: a short key can become a URL of many kilobytes.

use std::io;

use super::engine::BYTES_IN_FLIGHT;
use super::{Cut, Piece, Source};

/// Approximate output size of a portion: large enough that the overhead is negligible, small enough
/// that each of many threads has one.
const MOST_OUTPUT: usize = 256 << 10;
const LEAST_OUTPUT: usize = 16 << 10;

/// Minimum number of records in a portion, for the lanes in which they are signed.
const LEAST_RECORDS: usize = 16;

/// A source whose pieces have little output if records are short.
pub struct Portions<'a> {
    source: Box<dyn Source + 'a>,
    cut: Cut,
    /// Ends every record, and may occur inside.
    end: u8,
    /// Output of a record besides a multiple of its own length.
    output_per_record: usize,
    /// Maximum number of records in a portion.
    most: usize,
    /// The rest of a piece.
    rest: Vec<u8>,
    start: usize,
}

impl<'a> Portions<'a> {
    /// `cut` finds the end of the last whole record, each of which ends in the byte `end`. `jobs`
    /// is the number of threads.
    pub fn new(
        source: Box<dyn Source + 'a>,
        cut: Cut,
        end: u8,
        output_per_record: usize,
        jobs: usize,
    ) -> Self {
        let output_per_record = output_per_record.max(1);
        let output = (BYTES_IN_FLIGHT / (3 * jobs.max(1))).clamp(LEAST_OUTPUT, MOST_OUTPUT);
        Portions {
            source,
            cut,
            end,
            output_per_record,
            most: (output / output_per_record).max(LEAST_RECORDS),
            rest: Vec::new(),
            start: 0,
        }
    }

    /// Length of the next portion of non-empty bytes, and an upper bound of its number of records.
    fn next_portion(&self, bytes: &[u8]) -> (usize, usize) {
        let mut most = self.most;
        loop {
            match memchr::memchr_iter(self.end, bytes).nth(most - 1) {
                // The last record of the input may lack its end.
                None => {
                    return (
                        bytes.len(),
                        memchr::memchr_iter(self.end, bytes).count() + 1,
                    );
                }
                Some(at) => match (self.cut)(&bytes[..=at]) {
                    0 => most *= 2,
                    end => return (end, most),
                },
            }
        }
    }
}

impl Source for Portions<'_> {
    fn next(&mut self) -> io::Result<Option<Piece>> {
        let mut skipped = 0;
        if self.start == self.rest.len() {
            let Some(piece) = self.source.next()? else {
                return Ok(None);
            };
            (self.rest, self.start, skipped) = (piece.bytes, 0, piece.skipped);
        }
        let bytes = &self.rest[self.start..];
        if bytes.is_empty() {
            return Ok(Some(Piece {
                skipped,
                ..Piece::default()
            }));
        }
        let (length, records) = self.next_portion(bytes);
        // Percent-encoding makes three bytes of one; a record that is written again adds its own
        // length.
        let expected_output = records * self.output_per_record + 4 * length;
        let bytes = match length == self.rest.len() {
            true => std::mem::take(&mut self.rest),
            false => bytes[..length].to_vec(),
        };
        match self.rest.is_empty() {
            true => self.start = 0,
            false => self.start += length,
        }
        Ok(Some(Piece {
            bytes,
            skipped,
            expected_output,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Reader, Separator};

    fn portions(input: &[u8], output_per_record: usize) -> Vec<Piece> {
        let reader = Reader::new(
            io::Cursor::new(input.to_vec()),
            Vec::new(),
            Box::new(|bytes| Separator::Line.cut(bytes)),
            Some(b'\n'),
        );
        let mut portions = Portions::new(
            Box::new(reader),
            Box::new(|bytes| Separator::Line.cut(bytes)),
            b'\n',
            output_per_record,
            2,
        );
        std::iter::from_fn(|| portions.next().expect("no error")).collect()
    }

    #[test]
    fn portions_make_little_output_and_lose_nothing() {
        let input: Vec<u8> = (0..20_000)
            .flat_map(|n| format!("{n}\n").into_bytes())
            .chain(*b"last")
            .collect();
        for output_per_record in [1, 400, 5000, 1 << 20] {
            let pieces = portions(&input, output_per_record);
            let all: Vec<u8> = pieces
                .iter()
                .flat_map(|piece| piece.bytes.clone())
                .collect();
            assert!(all == input, "{output_per_record}");
            let most = MOST_OUTPUT.max(LEAST_RECORDS * output_per_record);
            for piece in pieces {
                let records = memchr::memchr_iter(b'\n', &piece.bytes).count();
                assert!(records * output_per_record <= most, "{output_per_record}");
                assert!(piece.expected_output >= records * output_per_record);
            }
        }
    }
}
