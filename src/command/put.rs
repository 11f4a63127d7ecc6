//! `put`: a link to upload an object, with everything that the upload has to carry.

use crate::cli::{PutArgs, UploadArgs};
use crate::output::Body;
use crate::resolve::{Parts, parse_metadata};

use super::ask::{Ask, Scope, Streams};
use super::link;
use super::parts;

pub fn run(args: &PutArgs, streams: Streams) -> anyhow::Result<()> {
    let mut parts = Parts::default();
    add_upload(&mut parts, &args.upload)?;
    parts::add_customer_key(&mut parts, &args.customer_key)?;
    let mut ask = Ask::new("put", "PUT", Scope::Object, &args.target, &args.sign, parts);
    ask.body = args.upload_file.as_deref().map_or(Body::FileOfSameName, |file| Body::File(file.as_encoded_bytes()));
    ask.bulk = Some(&args.bulk);
    link::run(ask, streams)
}

fn add_upload(parts: &mut Parts, args: &UploadArgs) -> anyhow::Result<()> {
    parts.header("content-type", args.content_type.as_deref())?;
    for (name, value) in [
        ("content-md5", &args.content_md5),
        ("x-amz-checksum-crc32", &args.checksum_crc32),
        ("x-amz-checksum-crc32c", &args.checksum_crc32c),
        ("x-amz-checksum-crc64nvme", &args.checksum_crc64nvme),
        ("x-amz-checksum-sha1", &args.checksum_sha1),
        ("x-amz-checksum-sha256", &args.checksum_sha256),
        ("x-amz-acl", &args.acl),
        ("x-amz-storage-class", &args.storage_class),
        ("x-amz-server-side-encryption", &args.sse),
        ("x-amz-server-side-encryption-aws-kms-key-id", &args.sse_kms_key_id),
    ] {
        if let Some((length, option)) = digest_length(name)
            && let Some(value) = value
        {
            parts::check_digest(option, value, length)?;
        }
        parts.header(name, value.as_deref())?;
    }
    for pair in &args.metadata {
        parts.push_header(parse_metadata(pair)?)?;
    }
    parts::add_requester_pays(parts, args.requester_pays)
}

/// Bytes of each checksum, and the option that gives it.
fn digest_length(header: &str) -> Option<(usize, &'static str)> {
    match header {
        "content-md5" => Some((16, "--content-md5")),
        "x-amz-checksum-crc32" => Some((4, "--checksum-crc32")),
        "x-amz-checksum-crc32c" => Some((4, "--checksum-crc32c")),
        "x-amz-checksum-crc64nvme" => Some((8, "--checksum-crc64nvme")),
        "x-amz-checksum-sha1" => Some((20, "--checksum-sha1")),
        "x-amz-checksum-sha256" => Some((32, "--checksum-sha256")),
        _ => None,
    }
}
