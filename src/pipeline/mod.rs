//! Bulk processing: input is read in pieces, processed by several threads, and written in the order
//! of the input.
//!
//! | task | file |
//! | --- | --- |
//! | where a record ends | `records` |
//! | reading in pieces of whole records | `source` |
//! | smaller pieces for long URLs | `portions` |
//! | threads and order | `engine` |
//! | writing whole records, and counting them | `sink` |
//!
//! Memory is bounded, whatever the input and the number of threads: a piece is processed when there
//! is space for its output.

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
