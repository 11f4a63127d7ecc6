//! `request`: presign any other request, also for services other than S3.

use crate::cli::{PathEncodingArg, PathModeArg, RequestArgs, SessionTokenModeArg};
use crate::error::Failure;
use crate::output::Body;
use crate::resolve::Parts;
use crate::sigv4::{PathEncoding, PathMode, PayloadHash, SessionTokenMode};

use super::shared::link_request::{Io, LinkRequest, Scope};
use super::shared::single;

pub fn run(args: &RequestArgs, streams: Io) -> anyhow::Result<()> {
    if !args
        .method
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b == b'-')
        || args.method.is_empty()
    {
        return Err(
            Failure::usage(format!("`{}` is not a method", args.method.escape_debug()))
                .hint(
                    "write it in upper case, before the TARGET: `cos-presign request POST \
                BUCKET/KEY -Q uploads`",
                )
                .into(),
        );
    }
    let is_s3 = args.service == "s3";
    let mut link_request = LinkRequest::new(
        format!("request {}", args.method),
        &args.method,
        if is_s3 {
            Scope::Any
        } else {
            Scope::OtherService
        },
        &args.target,
        &args.sign,
        Parts::default(),
    );
    link_request.service = &args.service;
    link_request.payload_hash = args.payload_hash.as_deref().map(|text| match text {
        "unsigned" => PayloadHash::Unsigned,
        "empty" => PayloadHash::OfBody(Vec::new()),
        text => PayloadHash::Literal(text.to_owned()),
    });
    link_request.path_mode = match args.path_mode {
        Some(PathModeArg::Raw) => PathMode::Raw,
        Some(PathModeArg::Normalized) => PathMode::Normalized,
        None if is_s3 => PathMode::Raw,
        None => PathMode::Normalized,
    };
    link_request.path_encoding = match args.path_encoding {
        Some(PathEncodingArg::Once) => PathEncoding::Once,
        Some(PathEncodingArg::Twice) => PathEncoding::Twice,
        None if is_s3 => PathEncoding::Once,
        None => PathEncoding::Twice,
    };
    link_request.session_token_mode = match args.session_token_mode {
        SessionTokenModeArg::Signed => SessionTokenMode::Signed,
        SessionTokenModeArg::After => SessionTokenMode::AddedAfterSigning,
    };
    if args.upload_file.is_some() && matches!(args.method.as_str(), "GET" | "HEAD" | "DELETE") {
        return Err(Failure::usage(format!(
            "--upload-file has no effect: a {} sends no file",
            args.method
        ))
        .hint("remove it")
        .into());
    }
    link_request.names_file = args.upload_file.is_some();
    link_request.body = args
        .upload_file
        .as_deref()
        .map_or(Body::Empty, |file| Body::File(file.as_encoded_bytes()));
    single::run(link_request, streams)
}
