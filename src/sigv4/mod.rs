//! AWS Signature Version 4: bytes in, bytes out.
//!
//! This module is the complete signing algorithm and nothing else. It reads no clock, environment,
//! file or network, so the same input has the same output on every machine.
//!
//! - [`Signer`] presigns URLs, from any number of threads.
//! - [`SignedUrl`] verifies them on a server.
//! - [`Template`] and [`BulkSigner`] presign millions of URLs that differ in their keys.
//! - [`Form`] signs upload forms for browsers, with the feature `forms`.
//! - [`Presigner`] is the basis of these: one signing time, and every option of the algorithm.
//!
//! Each step of the specification has its own file, and every intermediate result is a public
//! value:
//!
//! | step | file | value |
//! | --- | --- | --- |
//! | the request | `request` | [`Request`] |
//! | percent-encoding | `encode` | |
//! | 1. canonical request | `canonical` | [`CanonicalRequest`] |
//! | credential scope | `scope` | [`CredentialScope`] |
//! | 2. string to sign, 3. signing key and signature | `signature` | [`StringToSign`], [`SigningKey`], [`Signature`] |
//! | with a key pair, with the feature `v4a` | `v4a` | `KeyPair`, `PublicKey` |
//! | 4. the URL, or the headers | `url` | [`PresignedUrl`] |
//! | all steps in order | `presign` | [`Presigner`], [`Presigned`] |
//!
//! The specification is AWS's "Signature Version 4 signing process" and, for presigned URLs,
//! "Authenticating requests: using query parameters" of the Amazon S3 API reference.
//!
//! ```
//! use cos_presign::sigv4::{Credentials, Expiry, Request, Scheme, Signer};
//!
//! # fn main() -> Result<(), cos_presign::sigv4::Error> {
//! let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE",
//! "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
//! let signer = Signer::s3(credentials, "us-east-1")?;
//!
//! let request = Request::new("GET", Scheme::Https, "examplebucket.s3.amazonaws.com", "/test.txt");
//! let presigned = signer.presign(&request, "20130524T000000Z".parse()?, Expiry::DAY)?;
//!
//! // The signature in Amazon S3's documentation of this request.
//! assert_eq!(
//!     presigned.signature.to_string(),
//!     "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
//! );
//! # Ok(())
//! # }
//! ```

mod bulk;
mod canonical;
mod credentials;
pub mod encode;
mod error;
pub(crate) mod hash;
#[cfg(feature = "forms")]
mod post_policy;
mod presign;
mod request;
mod scope;
#[allow(unsafe_code, reason = "SHA-256 with processor instructions: see there")]
mod sha256_lanes;
mod signature;
mod signer;
mod time;
mod url;
#[cfg(feature = "v4a")]
mod v4a;
mod verify;
mod wipe;

pub use bulk::{BulkSigner, BulkWriter, Template};
pub use canonical::{CanonicalRequest, SECRET_HEADERS, fold_header_value};
pub use credentials::{Credentials, Secret};
pub use error::Error;
#[cfg(feature = "diagnosis")]
pub(crate) use post_policy::split_credential;
#[cfg(feature = "forms")]
pub use post_policy::{
    Condition, FILENAME, Form, Mismatch, OtherCondition, PolicyError, PostForm, PostPolicy,
};
pub use presign::{Expiry, Placement, Presigned, Presigner, SessionTokenMode};
#[cfg(feature = "diagnosis")]
pub(crate) use request::HeaderLineError;
pub use request::{
    Header, PathEncoding, PathMode, PayloadHash, QueryParameter, Request, RequestPath, Scheme,
};
pub use scope::CredentialScope;
pub use sha256_lanes::Kernel;
pub use signature::{ALGORITHM, Algorithm, Signature, SigningKey, SigningKeySteps, StringToSign};
pub use signer::Signer;
pub use time::SigningTime;
pub use url::{AUTHENTICATION_PARAMETERS, PresignedUrl, RawParameter, UrlError, UrlParts};
#[cfg(feature = "v4a")]
pub use v4a::{KeyPair, PublicKey};
pub use verify::{Refusal, SignedUrl, Verified};
#[cfg(feature = "cli")]
pub(crate) use wipe::wipe_stack;
