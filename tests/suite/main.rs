//! The built program and the modules behind it, as one test program: linking is what takes longest.
//! `cargo test --test suite verify` runs the tests of one module.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod broken_urls;
mod bulk;
#[cfg(unix)]
mod credential_providers;
mod doctor;
#[cfg(target_os = "linux")]
mod faults;
mod forms_and_parts;
mod fuzz_corpora;
mod golden;
mod listing;
mod manifest;
mod network;
#[cfg(target_os = "linux")]
mod network_options;
#[cfg(unix)]
mod packaging;
mod readme;
mod real_server;
mod run;
mod store_responses;
mod transfer;
mod verify;
