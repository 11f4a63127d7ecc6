//! Very many records: read in pieces, worked on by several threads, written in the order of the
//! input.
//!
//! | what | file |
//! | --- | --- |
//! | where a record ends | `records` |
//! | reading in pieces of whole records | `source` |
//! | smaller pieces where links are long | `portions` |
//! | the threads, and the order | `engine` |
//! | writing whole records, and knowing how many were written | `sink` |
//!
//! Memory is bounded, whatever the input and the number of threads: a piece is worked on when there
//! is room for its output.

mod engine;
mod portions;
mod records;
mod sink;
mod source;

pub use engine::{Job, Outcome, Rejected, run};
pub use portions::Portions;
pub use records::{LONGEST_RECORD, Separator};
pub use sink::{Sink, Tally, WriteFailure};
pub use source::{Cut, Piece, Reader, Source};
