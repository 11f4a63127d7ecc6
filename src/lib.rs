//! Presigned URLs for IBM Cloud Object Storage and every other store that speaks AWS Signature Version 4.
//!
//! The crate is the library half of the `cos-presign` program. [`sigv4`] is the signing algorithm as pure functions
//! with every intermediate value open to the caller; [`store`] holds the facts about stores. Both are meant for use by
//! other programs. `run`, with the feature `cli`, is the program itself: it takes its surroundings as arguments and can
//! be called twice.

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod bulk;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "the doc comments of the arguments are the help texts")]
pub mod cli;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod diagnosis;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod disk;
#[cfg(feature = "cli")]
pub mod env;
#[cfg(feature = "cli")]
pub mod error;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod manifest;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod online;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod output;
#[cfg(feature = "cli")]
mod program;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod resolve;
pub mod sigv4;
pub mod store;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod text;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod transfer;

#[cfg(feature = "cli")]
pub use program::run;

/// The Rust example of the README is compiled and run with the others.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
