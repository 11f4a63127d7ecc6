//! One verb's wish, as `link` takes it.

use std::io::Write;

use crate::cli::{BulkArgs, SignArgs, TargetArgs};
use crate::env::Env;
use crate::output::Body;
use crate::resolve::Parts;
use crate::sigv4::{PathEncoding, PathMode, PayloadHash, SessionTokenMode};

/// Where to read from and write to.
pub struct Streams<'a> {
    pub env: &'a Env,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
}

/// What a verb's target has to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An object.
    Object,
    /// A bucket; what follows it is a prefix of keys.
    Listing,
    /// An object, a bucket or the store itself.
    Any,
    /// An address of a service that is not a store.
    OtherService,
}

/// One verb's wish.
pub struct Ask<'a> {
    /// As it is typed: `get`, `request POST`.
    pub verb: String,
    pub method: &'a str,
    pub scope: Scope,
    pub target: &'a TargetArgs,
    pub sign: &'a SignArgs,
    pub parts: Parts,
    pub service: &'a str,
    /// `None`: the `x-amz-content-sha256` header if there is one, else unsigned.
    pub payload_hash: Option<PayloadHash>,
    pub path_mode: PathMode,
    pub path_encoding: PathEncoding,
    pub session_token_mode: SessionTokenMode,
    pub body: Body<'a>,
    /// Where very many keys come from, if the verb can take them.
    pub bulk: Option<&'a BulkArgs>,
}

impl<'a> Ask<'a> {
    pub fn new(
        verb: impl Into<String>,
        method: &'a str,
        scope: Scope,
        target: &'a TargetArgs,
        sign: &'a SignArgs,
        parts: Parts,
    ) -> Self {
        Ask {
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
            bulk: None,
        }
    }
}
