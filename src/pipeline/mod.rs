//! Very many records: read in pieces, worked on by several threads, written in the order of the input.
//!
//! | what | file |
//! | --- | --- |
//! | where a record ends | `records` |
//! | reading in pieces of whole records | `source` |
//! | the threads, and the order | `engine` |
//! | writing whole records, and knowing how many were written | `sink` |
//!
//! Memory is bounded by the number of threads, whatever the input: a piece is read when a buffer is free for its output.

mod engine;
mod records;
mod sink;
mod source;

pub use engine::{Job, Outcome, Rejected, run};
pub use records::{LONGEST_RECORD, Separator};
pub use sink::{Sink, Tally, WriteFailure};
pub use source::{Cut, Piece, Reader, Source};
