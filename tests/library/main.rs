//! The library alone: `cargo test --no-default-features` runs these without the program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod forensics;
mod laws;
mod post_policy;
mod stores;
mod vectors;
