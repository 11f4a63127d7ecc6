//! The validated request of a verb.

use std::ffi::OsStr;
use std::io::Write;

use anyhow::Context;

use crate::cli::{BulkArgs, ObjectArgs, PageArgs, SignArgs, TargetArgs};
use crate::env::Env;
use crate::output::Body;
use crate::resolve::{Parts, Place};
use crate::sigv4::{Header, PathEncoding, PathMode, PayloadHash, SessionTokenMode, wipe_stack};

/// Environment and output streams.
pub struct Io<'a> {
    pub env: &'a Env,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
}

/// Lets a verb sign and write into memory, and writes that after everything secret has been
/// dropped: a slow reader may block the write for a long time.
pub fn signed_first(
    out: &mut dyn Write,
    make: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut text = Vec::new();
    make(&mut text)?;
    wipe_stack();
    out.write_all(&text)
        .and_then(|()| out.flush())
        .context("cannot write to standard output")
}

/// What the target of a verb must contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An object.
    Object,
    /// A bucket; what follows it is a prefix of keys.
    Listing,
    /// An object, a bucket or the store itself.
    Any,
    /// A URL of a service that is not a store.
    OtherService,
}

/// Signed checksum of a file.
pub enum Pin {
    /// A fixed algorithm.
    One(Header),
    /// The algorithm that the store checks.
    ByStore {
        /// `x-amz-checksum-sha256`
        sha256: Header,
        /// `Content-MD5`, which all stores check.
        md5: Header,
    },
}

impl Pin {
    /// The header for a store. A checksum that the store does not know would be signed but not
    /// checked.
    pub fn header(&self, place: &Place) -> Header {
        match self {
            Pin::One(header) => header.clone(),
            Pin::ByStore { sha256, .. }
                if place
                    .provider
                    .is_some_and(|provider| provider.checks_sha256()) =>
            {
                sha256.clone()
            }
            Pin::ByStore { md5, .. } => md5.clone(),
        }
    }
}

/// The validated request of a verb.
pub struct LinkRequest<'a> {
    /// The verb as typed: `get`, `request POST`.
    pub verb: String,
    pub method: &'a str,
    pub scope: Scope,
    pub target: &'a TargetArgs,
    pub sign: &'a SignArgs,
    pub parts: Parts,
    pub service: &'a str,
    /// `None`: the `x-amz-content-sha256` header if present, else unsigned.
    pub payload_hash: Option<PayloadHash>,
    pub path_mode: PathMode,
    pub path_encoding: PathEncoding,
    pub session_token_mode: SessionTokenMode,
    pub body: Body<'a>,
    /// Whether the file of the body is only for a printed command.
    pub names_file: bool,
    /// `--download-as`
    pub download_as: Option<&'a OsStr>,
    /// Checksum of the only body that may be uploaded.
    pub pin: Option<Pin>,
    /// Texts of the upload page, if the verb can print one.
    pub page: Option<&'a PageArgs>,
    /// Source of keys in bulk, if the verb supports it.
    pub bulk: Option<&'a BulkArgs>,
}

impl<'a> LinkRequest<'a> {
    pub fn new(
        verb: impl Into<String>,
        method: &'a str,
        scope: Scope,
        target: &'a TargetArgs,
        sign: &'a SignArgs,
        parts: Parts,
    ) -> Self {
        LinkRequest {
            verb: verb.into(),
            method,
            scope,
            target,
            sign,
            parts,
            service: "s3",
            payload_hash: None,
            path_mode: PathMode::Raw,
            path_encoding: PathEncoding::Once,
            session_token_mode: SessionTokenMode::Signed,
            body: Body::Empty,
            names_file: false,
            download_as: None,
            pin: None,
            page: None,
            bulk: None,
        }
    }

    /// A request for one object or a list of keys.
    pub fn for_object(verb: &str, method: &'a str, object: &'a ObjectArgs, parts: Parts) -> Self {
        LinkRequest {
            bulk: Some(&object.bulk),
            ..LinkRequest::new(
                verb,
                method,
                Scope::Object,
                &object.target,
                &object.sign,
                parts,
            )
        }
    }
}
