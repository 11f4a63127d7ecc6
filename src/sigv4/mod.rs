//! AWS Signature Version 4 and its asymmetric form 4A: bytes in, bytes out.
//!
//! This module is the whole of the signing algorithm and nothing else. It reads no clock, no environment, no file and
//! no network, so the same input gives the same output on every machine. Each step of the specification is a file of
//! its own and every intermediate result is a value that the caller can look at:
//!
//! | step | file | value |
//! | --- | --- | --- |
//! | what is asked | `request` | [`Request`] |
//! | percent-encoding | `encode` | |
//! | 1. canonical request | `canonical` | [`CanonicalRequest`] |
//! | credential scope | `scope` | [`CredentialScope`] |
//! | 2. string to sign, 3. signing key and signature | `signature` | [`StringToSign`], [`SigningKey`], [`Signature`] |
//! | the same with a key pair | `v4a` | [`KeyPair`], [`PublicKey`] |
//! | 4. the URL, or the headers | `url` | [`PresignedUrl`] |
//! | which request was this signature made for? | `forensics` | [`forensics::Outcome`] |
//! | all of it in order | `presign` | [`Presigner`], [`Presigned`] |
//! | the policy of a form, and its signature | `post_policy` | [`PostPolicy`], [`PostForm`] |
//! | the same for many keys, with everything else done once | `template` on `kernel` | [`Template`] |
//!
//! The specification is AWS's "Signature Version 4 signing process" and, for links, "Authenticating requests: using
//! query parameters" of the Amazon S3 API reference.
//!
//! ```
//! use cos_presign::sigv4::{Credentials, Expiry, Presigner, Request, Scheme, SigningTime};
//!
//! # fn main() -> Result<(), cos_presign::sigv4::Error> {
//! let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
//! let signed_at = SigningTime::from_unix_seconds(1_369_353_600)?;
//! let presigner = Presigner::s3(&credentials, "us-east-1", signed_at)?.expires_in(Expiry::seconds(86_400)?);
//!
//! let request = Request::new("GET", Scheme::Https, "examplebucket.s3.amazonaws.com", "/test.txt");
//! let presigned = presigner.presign(&request)?;
//!
//! // The signature that Amazon S3's documentation prints for this request.
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
mod post_policy;
mod presign;
mod request;
mod scope;
#[allow(
    unsafe_code,
    reason = "SHA-256 with the processor's own instructions: see there"
)]
mod sha256_lanes;
pub(crate) mod signature;
mod time;
mod url;
mod v4a;

pub use bulk::{BulkSigner, Template};
pub use canonical::{CanonicalRequest, SECRET_HEADERS, fold_header_value};
pub use credentials::{Credentials, Secret, wipe_stack};
pub use error::Error;
pub use post_policy::{
    Condition, FILENAME, Mismatch, PolicyError, PostForm, PostPolicy, split_credential,
};
pub use presign::{Expiry, Placement, Presigned, Presigner, SessionTokenMode};
pub use request::{
    Header, PathEncoding, PathMode, PayloadHash, QueryParameter, Request, RequestPath, Scheme,
};
pub use scope::CredentialScope;
pub use sha256_lanes::Kernel;
pub use signature::{ALGORITHM, Algorithm, Signature, SigningKey, SigningKeySteps, StringToSign};
pub use time::SigningTime;
pub use url::{AUTHENTICATION_PARAMETERS, PresignedUrl, RawParameter, UrlError, UrlParts};
pub use v4a::{KeyPair, PublicKey};
