//! Presigned URLs for IBM Cloud Object Storage and every other store that supports AWS Signature
//! Version 4.
//!
//! The crate is the library half of the `cos-presign` program: [`sigv4`] is the signing algorithm
//! and its verification, [`store`] holds the facts about stores. Both are meant for use by other
//! programs, and neither reads a clock, a file, a variable or the network.
//!
//! A URL of an object:
//!
//! ```
//! use std::time::SystemTime;
//! use cos_presign::sigv4::{Credentials, Expiry, Signer};
//! use cos_presign::store::{Addressing, Endpoint, Network, find_provider};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
//! let signer = Signer::s3(credentials, "us-south")?;
//! let ibm = find_provider("ibm").ok_or("not in the table")?;
//! let url = ibm.endpoint("us-south", Network::Public).ok_or("no such region")?;
//! let endpoint: Endpoint = url.parse()?;
//!
//! let request = endpoint.object(Addressing::Path, "my-bucket", "reports/Q1 100%.pdf")?;
//! let url = signer.url(&request, SystemTime::now().try_into()?, Expiry::DAY)?;
//! assert!(url.as_str().starts_with(
//!     "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/reports/Q1%20100%25.pdf?X-Amz-Algorithm=",
//! ));
//! # Ok(())
//! # }
//! ```
//!
//! Programs for download and upload URLs, bulk signing, forms, and a server that verifies URLs are
//! in the folder `examples/library` of the repository.
//!
//! # Features
//!
//! | feature | what it adds | default |
//! | --- | --- | --- |
//! | `chrono` | conversions of `sigv4::SigningTime` | yes |
//! | `diagnosis` | the module `offline`: the reports of `inspect` and `diagnose` | yes |
//! | `forensics` | the module `forensics`: which request was this signature made for? | yes |
//! | `forms` | policies of HTML forms: `sigv4::Form` | yes |
//! | `v4a` | Signature Version 4A: `sigv4::KeyPair`, `sigv4::Presigner::of_region_set` | yes |
//! | `xml` | listings of buckets: `store::ListPage` | yes |
//! | `cli` | the program, with everything that reads files or sends requests; includes all of the above | yes |
//! | `aws-chain` | credentials from AWS profiles, containers and instances, through `aws-config` | yes |
//!
//! Features are additive. Other programs use the library without the program:
//!
//! ```toml
//! cos-presign = { version = "0.1", default-features = false }
//! ```
//!
//! # Versions
//!
//! The public surface is [`sigv4`], [`store`] and, with their features, what is listed above. It
//! follows semantic versioning: before 1.0 a breaking change raises the second number, and from 1.0
//! on the first. The rows of [`store::PROVIDERS`] are facts about services of others: they are
//! corrected with any release. What is hidden from this documentation, and `run`, `env` and `error`
//! of the feature `cli`, may change with any release. The page `docs/library.md` of the repository
//! says more.

#[cfg(feature = "cli")]
mod app;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod cli;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "diagnosis")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod diagnosis;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod disk;
#[cfg(feature = "cli")]
pub mod env;
#[cfg(feature = "cli")]
pub mod error;
#[cfg(feature = "forensics")]
pub mod forensics;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod http;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod manifest;
#[cfg(feature = "diagnosis")]
pub mod offline;
#[cfg(feature = "diagnosis")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod output;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod pipeline;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod resolve;
pub mod sigv4;
pub mod store;
#[cfg(feature = "diagnosis")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod text;
#[cfg(feature = "cli")]
mod threads;
#[cfg(feature = "cli")]
#[doc(hidden)]
#[allow(missing_docs, reason = "not part of the public API")]
pub mod transfer;

#[cfg(feature = "cli")]
pub use app::run;

/// The example of the page is compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;
