//! Options that several verbs share, added to the request to sign.

use std::ffi::{OsStr, OsString};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::cli::{CustomerKeyArgs, ReadArgs, ResponseArgs, UploadArgs};
use crate::error::Failure;
use crate::resolve::{self, Parts, Warning};
use crate::sigv4::PayloadHash;
use crate::text::{CommandLine, escape_controls};

use super::link_request::LinkRequest;

/// Adds `--query` and `--header`, checks the request, and returns the payload hash.
pub fn complete(link_request: &mut LinkRequest) -> anyhow::Result<PayloadHash> {
    add_query(&mut link_request.parts, &link_request.sign.request.query)?;
    for text in &link_request.sign.request.header {
        let header = resolve::parse_header(text)?;
        link_request.parts.push_header(header)?;
    }
    check_doubles(&link_request.parts)?;
    Ok(payload_hash(link_request)?)
}

/// Adds `--query`. A parameter without a value selects the operation (`tagging`, `uploads`) and
/// precedes all others, as in botocore.
fn add_query(parts: &mut Parts, texts: &[OsString]) -> Result<(), Failure> {
    let mut operations = Vec::new();
    for text in texts {
        let parameter = resolve::parse_query(text)?;
        let has_value = text.as_encoded_bytes().contains(&b'=');
        if !has_value && text.as_encoded_bytes().iter().any(|b| b".[*".contains(b)) {
            parts.warnings.push(Warning::new(
                "query-signed",
                format!(
                    "--query `{}` is signed as a parameter of the URL; it does not filter output, \
                     as that of the AWS CLI does",
                    text.to_string_lossy().escape_debug()
                ),
            ));
        }
        if has_value {
            &mut parts.query
        } else {
            &mut operations
        }
        .push(parameter);
    }
    parts.query.splice(0..0, operations);
    Ok(())
}

/// `--version-id`, `--requester-pays`.
pub fn add_read(parts: &mut Parts, args: &ReadArgs) -> anyhow::Result<()> {
    if args.version_id.as_ref().is_some_and(|id| id.is_empty()) {
        return Err(Failure::usage("--version-id is empty")
            .hint("remove it to use the latest version")
            .into());
    }
    parts.parameter("versionId", args.version_id.as_deref());
    add_requester_pays(parts, args.requester_pays)
}

/// Headers of the object of an upload, except its Content-Type.
pub fn add_upload(parts: &mut Parts, args: &UploadArgs) -> anyhow::Result<()> {
    parts.header("x-amz-acl", args.acl.as_deref())?;
    parts.header("x-amz-storage-class", args.storage_class.as_deref())?;
    parts.header("x-amz-server-side-encryption", args.sse.as_deref())?;
    parts.header(
        "x-amz-server-side-encryption-aws-kms-key-id",
        args.sse_kms_key_id.as_deref(),
    )?;
    for pair in &args.metadata {
        parts.push_header(resolve::parse_metadata(pair)?)?;
        parts.warnings.extend(metadata_list(pair));
    }
    parts.header("cache-control", args.cache_control.as_deref())?;
    parts.header("content-disposition", args.content_disposition.as_deref())?;
    parts.header("content-encoding", args.content_encoding.as_deref())?;
    parts.header("content-language", args.content_language.as_deref())?;
    add_tags_and_locks(parts, args)?;
    parts.header(
        "x-amz-website-redirect-location",
        args.website_redirect.as_deref(),
    )?;
    parts.header(
        "x-amz-expected-bucket-owner",
        args.expected_bucket_owner.as_deref(),
    )?;
    parts.header(
        "x-amz-grant-full-control",
        args.grant_full_control.as_deref(),
    )?;
    parts.header("x-amz-grant-read", args.grant_read.as_deref())?;
    parts.header("x-amz-grant-read-acp", args.grant_read_acp.as_deref())?;
    parts.header("x-amz-grant-write-acp", args.grant_write_acp.as_deref())?;
    add_requester_pays(parts, args.requester_pays)
}

/// A warning about `a=b,c=d`, which the AWS CLI splits at its commas.
fn metadata_list(pair: &OsStr) -> Option<Warning> {
    let text = pair.to_str()?;
    let is_pair = |part: &str| {
        let name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        part.split_once('=')
            .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(name))
    };
    let pairs: Vec<&str> = text.split(',').collect();
    if pairs.len() < 2 || !pairs.iter().all(|part| is_pair(part)) {
        return None;
    }
    let options = pairs.iter().fold(CommandLine::options(), |options, pair| {
        options.option("--metadata", pair)
    });
    Some(Warning::new(
        "metadata-list",
        format!("--metadata `{text}` is one value with its commas; for several write `{options}`"),
    ))
}

/// `--tagging`, `--object-lock-…`
fn add_tags_and_locks(parts: &mut Parts, args: &UploadArgs) -> anyhow::Result<()> {
    if let Some(tags) = args.tagging.as_deref()
        && !tags.split('&').all(|pair| {
            pair.split_once('=')
                .is_some_and(|(name, _)| !name.is_empty())
        })
    {
        return Err(Failure::usage(format!(
            "--tagging `{}` is not a list of tags",
            tags.escape_debug()
        ))
        .hint("write it as a query: `--tagging 'project=blue&class=a'`")
        .into());
    }
    parts.header("x-amz-tagging", args.tagging.as_deref())?;
    let mode = args
        .object_lock_mode
        .as_deref()
        .map(str::to_ascii_uppercase);
    if let Some(mode) = mode
        .as_deref()
        .filter(|mode| !matches!(*mode, "GOVERNANCE" | "COMPLIANCE"))
    {
        return Err(Failure::usage(format!(
            "--object-lock-mode `{}` is unknown",
            mode.escape_debug()
        ))
        .hint("use GOVERNANCE or COMPLIANCE")
        .into());
    }
    parts.header("x-amz-object-lock-mode", mode)?;
    let until = args
        .object_lock_until
        .as_deref()
        .map(|text| resolve::parse_time("--object-lock-until", text));
    let until = until
        .transpose()?
        .map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    parts.header("x-amz-object-lock-retain-until-date", until)?;
    parts
        .header(
            "x-amz-object-lock-legal-hold",
            args.object_lock_hold.then_some("ON"),
        )
        .map_err(Into::into)
}

/// `--requester-pays`.
pub fn add_requester_pays(parts: &mut Parts, requester_pays: bool) -> anyhow::Result<()> {
    Ok(parts.header("x-amz-request-payer", requester_pays.then_some("requester"))?)
}

/// `--sse-c-key-file`.
pub fn add_customer_key(parts: &mut Parts, args: &CustomerKeyArgs) -> anyhow::Result<()> {
    let Some(file) = &args.sse_c_key_file else {
        return Ok(());
    };
    for header in resolve::customer_key_headers(file)? {
        parts.push_header(header)?;
    }
    parts.warnings.push(Warning::new(
        "customer-key",
        "users of the URL also need the SSE-C key; --output json and curl contain it",
    ));
    Ok(())
}

/// `--response-…`, in alphabetical order.
pub fn add_response(parts: &mut Parts, args: &ResponseArgs) {
    parts.parameter(
        "response-cache-control",
        args.response_cache_control.as_deref(),
    );
    parts.parameter(
        "response-content-disposition",
        args.response_content_disposition.as_deref(),
    );
    parts.parameter(
        "response-content-encoding",
        args.response_content_encoding.as_deref(),
    );
    parts.parameter(
        "response-content-language",
        args.response_content_language.as_deref(),
    );
    parts.parameter(
        "response-content-type",
        args.response_content_type.as_deref(),
    );
    parts.parameter("response-expires", args.response_expires.as_deref());
}

/// Checks that a checksum is base64 of the right length; a hexadecimal one is a common mistake.
pub fn check_digest(option: &str, value: &str, length: usize) -> Result<(), Failure> {
    let decoded = BASE64.decode(value);
    if decoded.as_ref().is_ok_and(|bytes| bytes.len() == length) {
        return Ok(());
    }
    let from_hex = hex::decode(value)
        .ok()
        .filter(|bytes| bytes.len() == length);
    Err(Failure::usage(format!(
        "{option} `{}` is not {length} bytes in base64",
        value.escape_debug()
    ))
    .hint(match from_hex {
        Some(bytes) => format!(
            "the value is hexadecimal; in base64 it is `{option} {}`",
            BASE64.encode(bytes)
        ),
        None if option.contains("crc") => {
            "write the checksum as base64 of its big-endian bytes".to_owned()
        }
        None => format!(
            "compute it: `{} -binary FILE | base64`",
            CommandLine::new(match option.rsplit('-').next() {
                Some("md5") => "openssl dgst -md5",
                Some("sha1") => "openssl dgst -sha1",
                Some("sha512") => "openssl dgst -sha512",
                _ => "openssl dgst -sha256",
            })
        ),
    }))
}

/// A parameter or header that two options set would be signed, but stores differ in which value
/// they use.
fn check_doubles(parts: &Parts) -> Result<(), Failure> {
    for (index, parameter) in parts.query.iter().enumerate() {
        if parts.query[..index]
            .iter()
            .any(|p| p.name == parameter.name)
        {
            let name = String::from_utf8_lossy(&parameter.name);
            return Err(Failure::usage(format!(
                "the query parameter `{}` is set twice",
                name.escape_debug()
            ))
            .hint("remove one of them"));
        }
    }
    for (index, header) in parts.headers.iter().enumerate() {
        if parts.headers[..index]
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(&header.name))
        {
            return Err(
                Failure::usage(format!("the header `{}` is set twice", header.name))
                    .hint("join the values with a comma, or remove one of them"),
            );
        }
    }
    Ok(())
}

fn payload_hash(link_request: &LinkRequest) -> Result<PayloadHash, Failure> {
    let header = link_request
        .parts
        .headers
        .iter()
        .find(|h| h.name.eq_ignore_ascii_case("x-amz-content-sha256"));
    let from_header =
        header.map(|h| PayloadHash::Literal(String::from_utf8_lossy(&h.value).into_owned()));
    let hash = match (&link_request.payload_hash, from_header) {
        (Some(given), Some(header)) if given.to_text() != header.to_text() => {
            return Err(Failure::usage(format!(
                "--payload-hash `{}` and the header x-amz-content-sha256 differ",
                given.to_text()
            ))
            .hint("remove one of them"));
        }
        (Some(given), _) => given.clone(),
        (None, Some(header)) => header,
        (None, None) => PayloadHash::Unsigned,
    };
    let text = hash.to_text();
    let is_sha256 = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !(is_sha256 || text == "UNSIGNED-PAYLOAD" || text.starts_with("STREAMING-")) {
        return Err(Failure::usage(format!(
            "the payload hash `{}` is neither a SHA-256 nor a known name",
            text.escape_debug()
        ))
        .hint("use `unsigned`, `empty`, or the SHA-256 of the body in hexadecimal"));
    }
    Ok(hash)
}

/// Whether `--if-none-match` is given; `*` is its only value.
pub fn requires_new_object(value: Option<&str>) -> Result<bool, Failure> {
    match value {
        None => Ok(false),
        Some("*") => Ok(true),
        Some(other) => Err(Failure::usage(format!(
            "--if-none-match `{}` is not `*`, the only supported value",
            escape_controls(other)
        ))
        .hint("quote the star, or the shell expands it: `--if-none-match '*'`")),
    }
}
