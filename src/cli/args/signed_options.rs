//! Headers and query parameters that are signed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::cli::args::heading::{REQUEST, RESPONSE};

/// Signed headers and query parameters of any kind.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct ExtraArgs {
    /// Header that the client must send; it is signed
    #[arg(short = 'H', long, value_name = "NAME: VALUE", hide_short_help = true)]
    pub header: Vec<OsString>,
    /// Query parameter to sign; `-Q uploads` has no value
    #[arg(short = 'Q', long, value_name = "NAME=VALUE", hide_short_help = true)]
    pub query: Vec<OsString>,
}

/// For `get`, `head` and `delete`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct ReadArgs {
    /// Version ID of the object
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "ID",
        hide_short_help = true
    )]
    pub version_id: Option<OsString>,
    /// Sign that the requester pays (x-amz-request-payer)
    #[arg(long, hide_short_help = true)]
    pub requester_pays: bool,
}

/// Encryption with a key of the customer (SSE-C).
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct CustomerKeyArgs {
    /// File with the 32-byte SSE-C key, raw or base64; clients of the URL need the key too
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub sse_c_key_file: Option<PathBuf>,
}

/// Checksums that a single-request upload must have.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct ChecksumArgs {
    /// Content-MD5 that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub content_md5: Option<String>,
    /// SHA-256 that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_sha256: Option<String>,
    /// SHA-1 that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_sha1: Option<String>,
    /// CRC-32 that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_crc32: Option<String>,
    /// CRC-32C that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_crc32c: Option<String>,
    /// SHA-512 that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_sha512: Option<String>,
    /// XXHash64 that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_xxhash64: Option<String>,
    /// XXH3 (64 bits) that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_xxhash3: Option<String>,
    /// XXH3 (128 bits) that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_xxhash128: Option<String>,
    /// CRC-64/NVME that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_crc64nvme: Option<String>,
}

/// Headers that an upload must have.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct UploadArgs {
    /// Content-Type that the upload must have
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<OsString>,
    /// Metadata of the object (x-amz-meta-KEY)
    #[arg(long, value_name = "KEY=VALUE", hide_short_help = true)]
    pub metadata: Vec<OsString>,
    /// Storage class of the object
    #[arg(long, value_name = "CLASS", hide_short_help = true)]
    pub storage_class: Option<String>,
    /// Canned ACL of the object
    #[arg(long, value_name = "ACL", hide_short_help = true)]
    pub acl: Option<String>,
    /// Server-side encryption: AES256, aws:kms or aws:kms:dsse
    #[arg(long, value_name = "KIND", hide_short_help = true)]
    pub sse: Option<String>,
    /// Cache-Control of the object
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub cache_control: Option<OsString>,
    /// Content-Disposition of the object
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub content_disposition: Option<OsString>,
    /// Content-Encoding of the object
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub content_encoding: Option<OsString>,
    /// Content-Language of the object
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub content_language: Option<OsString>,
    /// Tags of the object: KEY=VALUE&KEY=VALUE
    #[arg(long, value_name = "TAGS", hide_short_help = true)]
    pub tagging: Option<String>,
    /// Object Lock: GOVERNANCE or COMPLIANCE
    #[arg(
        long,
        value_name = "MODE",
        hide_short_help = true,
        requires = "object_lock_until"
    )]
    pub object_lock_mode: Option<String>,
    /// Object Lock: time until which the object is kept
    #[arg(
        long,
        value_name = "TIME",
        hide_short_help = true,
        requires = "object_lock_mode"
    )]
    pub object_lock_until: Option<String>,
    /// Object Lock: place a legal hold
    #[arg(long, hide_short_help = true)]
    pub object_lock_hold: bool,
    /// URL to which the object redirects on a website
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub website_redirect: Option<OsString>,
    /// Account that has to own the bucket
    #[arg(long, value_name = "ACCOUNT", hide_short_help = true)]
    pub expected_bucket_owner: Option<String>,
    /// Who may do all: id=ID, uri=URI, emailAddress=MAIL
    #[arg(long, value_name = "GRANTEE", hide_short_help = true)]
    pub grant_full_control: Option<String>,
    /// Who may read the object
    #[arg(long, value_name = "GRANTEE", hide_short_help = true)]
    pub grant_read: Option<String>,
    /// Who may read the ACL of the object
    #[arg(long, value_name = "GRANTEE", hide_short_help = true)]
    pub grant_read_acp: Option<String>,
    /// Who may change the ACL of the object
    #[arg(long, value_name = "GRANTEE", hide_short_help = true)]
    pub grant_write_acp: Option<String>,
    /// Key ID for aws:kms encryption
    #[arg(long, value_name = "ID", hide_short_help = true, requires = "sse")]
    pub sse_kms_key_id: Option<String>,
    /// Sign that the requester pays (x-amz-request-payer)
    #[arg(long, hide_short_help = true)]
    pub requester_pays: bool,
}

/// Overrides of response headers.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = RESPONSE)]
pub struct ResponseArgs {
    /// Cache-Control of the response
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_cache_control: Option<OsString>,
    /// Content-Disposition of the response
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_content_disposition: Option<OsString>,
    /// Content-Encoding of the response
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_content_encoding: Option<OsString>,
    /// Content-Language of the response
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_content_language: Option<OsString>,
    /// Content-Type of the response
    #[arg(long, value_name = "TYPE", hide_short_help = true)]
    pub response_content_type: Option<OsString>,
    /// Expires of the response
    #[arg(long, value_name = "DATE", hide_short_help = true)]
    pub response_expires: Option<OsString>,
}
