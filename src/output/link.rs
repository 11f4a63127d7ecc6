//! A presigned URL with what its output formats show.

use std::ffi::OsStr;

use crate::resolve::{Lifetime, Place, Remote, Sourced, Warning};
use crate::sigv4::{Algorithm, CredentialScope, Credentials, Header, Presigned, SigningKeySteps};
use crate::text;

/// A presigned URL, for all output formats.
#[derive(Debug)]
pub struct Link<'a> {
    /// The URL and the intermediate values of its signature.
    pub presigned: Presigned,
    /// `GET`, `PUT`, …
    pub method: &'a str,
    pub place: Place,
    /// Signing time and expiry.
    pub lifetime: Lifetime,
    pub credentials: Sourced<Credentials>,
    /// `20130524/us-east-1/s3/aws4_request`
    pub credential_scope: String,
    /// Warnings to print.
    pub warnings: Vec<Warning>,
    /// The body that a printed command sends.
    pub body: Body<'a>,
    /// The name under which browsers save it (`--download-as`), also used by printed commands.
    pub download_as: Option<&'a OsStr>,
}

/// The body that a printed command sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// No body, or an empty one if the method requires one.
    Empty,
    /// This file.
    File(&'a [u8]),
    /// No file was given: one named like the object.
    FileOfSameName,
}

impl Link<'_> {
    /// Wipes the secret after signing.
    pub fn forget_secret(&mut self) {
        self.credentials.value.forget_secret();
        self.place.account.iter_mut().for_each(Remote::forget_keys);
    }

    /// The derived keys of a signature of version 4: each is a secret.
    pub fn signing_key_steps(&self) -> Option<SigningKeySteps> {
        if self.place.algorithm != Algorithm::HmacSha256 {
            return None;
        }
        let (region, service) = (&self.place.region.value, &self.place.service);
        let scope = CredentialScope::new(self.lifetime.signed_at, region, service).ok()?;
        let secret = self.credentials.value.secret_access_key();
        Some(SigningKeySteps::derive(secret, &scope))
    }

    /// The URL.
    pub fn url(&self) -> &str {
        self.presigned.url.as_str()
    }

    /// A file name under which a download can be saved safely.
    pub fn local_name(&self) -> String {
        match self.download_as {
            // Browsers also use only the last segment.
            Some(name) => text::local_name(name.as_encoded_bytes()),
            None => text::local_name(self.place.key.as_deref().unwrap_or_default()),
        }
    }

    /// Whether clients that normalize paths would change this one.
    pub fn has_dot_segments(&self) -> bool {
        let path = &self.place.address.path;
        path.split(|b| *b == b'/')
            .any(|segment| segment == b"." || segment == b"..")
    }

    /// The file that a printed command uploads.
    pub fn file_to_upload(&self) -> Option<Vec<u8>> {
        match self.body {
            Body::Empty => None,
            Body::File(name) => Some(name.to_vec()),
            Body::FileOfSameName => Some(self.local_name().into_bytes()),
        }
    }

    /// The signed headers that a printed command must contain: clients send the length of a file
    /// themselves.
    pub fn headers_to_name(&self) -> impl Iterator<Item = &Header> {
        let by_itself = self.body != Body::Empty;
        self.presigned.headers_to_send.iter().filter(move |header| {
            !(by_itself && header.name.eq_ignore_ascii_case("content-length"))
        })
    }

    /// Whether the client must send a header of this name (lower case).
    pub fn signs_header(&self, name: &str) -> bool {
        self.presigned
            .headers_to_send
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(name))
    }
}
