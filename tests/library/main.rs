//! The library alone: `cargo test --no-default-features` runs these without the program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod examples;
mod faults;
#[cfg(feature = "forensics")]
mod forensics;
#[cfg(all(feature = "forms", feature = "v4a", feature = "xml"))]
mod laws;
#[cfg(feature = "diagnosis")]
mod offline;
#[cfg(all(feature = "forms", feature = "xml"))]
mod post_policy;
mod public_api;
mod signer;
mod stores;
#[cfg(feature = "v4a")]
mod vectors;
mod verify;
