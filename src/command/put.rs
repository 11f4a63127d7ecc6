//! `put`: presign a PUT, with the headers that the upload must send.

use std::ffi::OsStr;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::cli::{ChecksumArgs, PinArg, PutArgs};
use crate::error::Failure;
use crate::output::Body;
use crate::resolve::{FileFacts, Parts, md5_of_file, sha256_of_file};
use crate::sigv4::Header;

use super::shared::link_request::{Io, LinkRequest, Pin};
use super::shared::signed_options;
use super::shared::single;

pub fn run(args: &PutArgs, streams: Io) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    add_file(&mut parts, args)?;
    add_checksums(&mut parts, &args.checksums)?;
    signed_options::add_upload(&mut parts, &args.upload)?;
    signed_options::add_customer_key(&mut parts, &args.customer_key)?;
    let mut link_request = LinkRequest::for_object("put", "PUT", &args.object, parts);
    let file = args
        .upload_file
        .as_deref()
        .or(args.from_file.as_deref().map(Path::as_os_str));
    link_request.body = file.map_or(Body::FileOfSameName, |file| {
        Body::File(file.as_encoded_bytes())
    });
    link_request.names_file = args.upload_file.is_some();
    link_request.pin = pin(args)?;
    link_request.page = Some(&args.page);
    if args.from_file.is_some() && args.object.bulk.is_used() {
        return Err(Failure::usage(
            "--from-file is for one object and cannot be combined with a \
            list of keys",
        )
        .hint(
            "run put once per file: `for f in *; do cos-presign put \"BUCKET/$f\" \
                --from-file \"$f\"; done`",
        )
        .into());
    }
    single::run(link_request, streams)
}

/// Content-Type, and the headers of `--from-file` and `--if-none-match`.
fn add_file(parts: &mut Parts, args: &PutArgs) -> anyhow::Result<()> {
    let facts = args
        .from_file
        .as_deref()
        .map(|file| FileFacts::read("--from-file", file))
        .transpose()?;
    let by_file = facts
        .as_ref()
        .and_then(|facts| facts.content_type.as_deref())
        .map(OsStr::new);
    parts.header(
        "content-type",
        args.upload.content_type.as_deref().or(by_file),
    )?;
    parts.header("content-length", facts.map(|facts| facts.size.to_string()))?;
    parts.header("if-match", args.if_match.as_deref())?;
    if signed_options::requires_new_object(args.if_none_match.as_deref())? {
        parts.header("if-none-match", Some("*"))?;
    }
    Ok(())
}

/// Checksums of the file; which of them is signed depends on the store.
fn pin(args: &PutArgs) -> Result<Option<Pin>, Failure> {
    let (Some(kind), Some(file)) = (args.pin_content, args.from_file.as_deref()) else {
        return Ok(None);
    };
    let option = "--from-file";
    let sha256 = || {
        sha256_of_file(option, file)
            .map(|digest| Header::new("x-amz-checksum-sha256", BASE64.encode(digest)))
    };
    let md5 = || {
        md5_of_file(option, file).map(|digest| Header::new("Content-MD5", BASE64.encode(digest)))
    };
    Ok(Some(match kind {
        PinArg::Sha256 => Pin::One(sha256()?),
        PinArg::Md5 => Pin::One(md5()?),
        PinArg::Auto => Pin::ByStore {
            sha256: sha256()?,
            md5: md5()?,
        },
    }))
}

fn add_checksums(parts: &mut Parts, args: &ChecksumArgs) -> anyhow::Result<()> {
    for (name, value) in [
        ("content-md5", &args.content_md5),
        ("x-amz-checksum-crc32", &args.checksum_crc32),
        ("x-amz-checksum-crc32c", &args.checksum_crc32c),
        ("x-amz-checksum-crc64nvme", &args.checksum_crc64nvme),
        ("x-amz-checksum-sha1", &args.checksum_sha1),
        ("x-amz-checksum-sha256", &args.checksum_sha256),
        ("x-amz-checksum-sha512", &args.checksum_sha512),
        ("x-amz-checksum-xxhash128", &args.checksum_xxhash128),
        ("x-amz-checksum-xxhash3", &args.checksum_xxhash3),
        ("x-amz-checksum-xxhash64", &args.checksum_xxhash64),
    ] {
        if let Some((length, option)) = digest_length(name)
            && let Some(value) = value
        {
            signed_options::check_digest(option, value, length)?;
        }
        parts.header(name, value.as_deref())?;
    }
    Ok(())
}

/// Length in bytes and option of each checksum.
fn digest_length(header: &str) -> Option<(usize, &'static str)> {
    match header {
        "content-md5" => Some((16, "--content-md5")),
        "x-amz-checksum-crc32" => Some((4, "--checksum-crc32")),
        "x-amz-checksum-crc32c" => Some((4, "--checksum-crc32c")),
        "x-amz-checksum-crc64nvme" => Some((8, "--checksum-crc64nvme")),
        "x-amz-checksum-sha1" => Some((20, "--checksum-sha1")),
        "x-amz-checksum-sha256" => Some((32, "--checksum-sha256")),
        "x-amz-checksum-sha512" => Some((64, "--checksum-sha512")),
        "x-amz-checksum-xxhash128" => Some((16, "--checksum-xxhash128")),
        "x-amz-checksum-xxhash3" => Some((8, "--checksum-xxhash3")),
        "x-amz-checksum-xxhash64" => Some((8, "--checksum-xxhash64")),
        _ => None,
    }
}
