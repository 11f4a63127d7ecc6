//! Presigned URLs for IBM Cloud Object Storage and every other store that speaks AWS Signature
//! Version 4.
//!
//! The crate is the library half of the `cos-presign` program. [`sigv4`] is the signing algorithm
//! as pure functions with every intermediate value open to the caller; [`store`] holds the facts
//! about stores. Both are meant for use by other programs, and neither reads a clock, a file, a
//! variable or the network.
//!
//! A link to an object, from the words that a person would use:
//!
//! ```
//! use cos_presign::sigv4::{Credentials, Expiry, Presigner, Request, SigningTime};
//! use cos_presign::store::{Address, Addressing, Endpoint, Network, find_provider};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
//! let ibm = find_provider("ibm").ok_or("not in the table")?;
//! let endpoint = Endpoint::parse(&ibm.endpoint("us-south", Network::Public).ok_or("no such region")?)?;
//! let address = Address::new(&endpoint, Addressing::Path, Some("my-bucket"), Some(b"reports/Q1 100%.pdf"));
//!
//! let presigner = Presigner::s3(&credentials, "us-south", SigningTime::from_unix_seconds(1_769_860_800)?)?
//!     .expires_in(Expiry::seconds(86_400)?);
//! let presigned = presigner.presign(&Request::new("GET", address.scheme, address.authority, address.path))?;
//! assert!(presigned.url.as_str().starts_with(
//!     "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/reports/Q1%20100%25.pdf?X-Amz-Algorithm=",
//! ));
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | what it adds | default |
//! | --- | --- | --- |
//! | `cli` | the program, and all that reads files or asks stores | yes |
//! | `aws-chain` | keys that AWS's profiles, containers and machines hand out, through `aws-config` | yes |
//!
//! Other programs want neither:
//!
//! ```toml
//! cos-presign = { version = "0.1", default-features = false }
//! ```
//!
//! # What stays as it is
//!
//! The public surface is [`sigv4`] and [`store`]: what is documented there follows semantic
//! versioning, so before 1.0 a change that breaks callers raises the second number, and from 1.0 on
//! the first. Enumerations may grow with such a change only. The rows of [`store::PROVIDERS`] are
//! facts about other people's services: they are corrected with any release. What is hidden from
//! this documentation, and `run`, `env` and `error` of the feature `cli`, may change with any
//! release: they are public for the program and its tests. The oldest compiler is the
//! `rust-version` of the manifest; raising it raises the second number.
//!
//! Of the program, these are kept the same way: verbs and options, exit codes, the fields of JSON
//! output (new ones may come), the columns of `tsv`, and the codes of `diagnose`. The words of
//! messages, warnings and help are not.

#[cfg(feature = "cli")]
mod app;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(
    missing_docs,
    reason = "the doc comments of the arguments are the help texts"
)]
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
#[cfg(feature = "forensics")]
pub mod forensics;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod http;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod manifest;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod output;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod pipeline;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod resolve;
pub mod sigv4;
pub mod store;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod text;
#[cfg(feature = "cli")]
mod threads;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod transfer;

#[cfg(feature = "cli")]
pub use app::run;

/// The Rust example of the README is compiled and run with the others.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
