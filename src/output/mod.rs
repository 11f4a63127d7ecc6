//! From a presigned URL to bytes: one file per format.

#[cfg(feature = "cli")]
pub mod form;
#[cfg(feature = "cli")]
mod link;
#[cfg(feature = "cli")]
pub mod links;
#[cfg(feature = "cli")]
pub mod links_page;
#[cfg(feature = "cli")]
pub mod plan;
#[cfg(feature = "cli")]
pub mod qr;
pub mod reports;
#[cfg(feature = "cli")]
pub mod upload_page;
#[cfg(feature = "cli")]
pub mod verbose;

#[cfg(feature = "cli")]
pub use link::{Body, Link};
