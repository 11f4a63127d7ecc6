//! The built program and its modules in one test program, because linking takes longest. `cargo
//! test --test suite verify` runs the tests of one module.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod broken_urls;
mod bulk;
#[cfg(unix)]
mod configuration;
#[cfg(unix)]
mod credential_providers;
mod doctor;
#[cfg(unix)]
mod examples;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod find_region;
mod forms_and_parts;
mod fuzz_corpora;
mod golden;
#[cfg(target_os = "linux")]
mod hostile_listings;
mod hosts;
#[cfg(target_os = "linux")]
mod limits;
mod listing;
#[cfg(target_os = "linux")]
mod listing_options;
mod manifest;
mod network;
#[cfg(target_os = "linux")]
mod network_options;
#[cfg(unix)]
mod packaging;
#[cfg(unix)]
mod printed_commands;
mod readme;
mod real_server;
mod refused_urls;
mod run;
mod share;
mod store_responses;
mod transfer;
mod verify;
