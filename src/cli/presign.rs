//! The verbs that print a presigned URL: `get`, `put`, `head`, `delete`, `list`, `request`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::heading::{ALGORITHM, LISTING, OUTPUT, REQUEST, RESPONSE};
use crate::cli::{
    BulkArgs, ChecksumArgs, CustomerKeyArgs, PageArgs, PathEncodingArg, PathModeArg, ReadArgs,
    ResponseArgs, SessionTokenModeArg, SignArgs, TargetArgs, UploadArgs,
};

/// Option groups of every verb for one object or a list of keys.
#[derive(Args, Debug, Default)]
pub struct ObjectArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub bulk: BulkArgs,
    #[command(flatten)]
    pub sign: SignArgs,
}

/// Presign a GET: download an object
#[derive(Args, Debug, Default)]
#[command(before_help = GET_EXAMPLES)]
pub struct GetArgs {
    #[command(flatten)]
    pub object: ObjectArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub customer_key: CustomerKeyArgs,
    /// File name under which a browser saves the object
    #[arg(long, value_name = "NAME", help_heading = RESPONSE)]
    pub download_as: Option<OsString>,
    /// Let a browser display the object instead of saving it
    #[arg(long, help_heading = RESPONSE, hide_short_help = true)]
    pub inline: bool,
    #[command(flatten)]
    pub response: ResponseArgs,
}

const GET_EXAMPLES: &str = "\
Examples:
  cos-presign get my-bucket/report.pdf --region us-south --expires 24h
  cos-presign get my-bucket/4711 --endpoint https://minio.example.com --download-as 'Plan 1.pdf'";

/// Presign a PUT: upload an object
#[derive(Args, Debug)]
#[command(before_help = PUT_EXAMPLES)]
pub struct PutArgs {
    #[command(flatten)]
    pub object: ObjectArgs,
    #[command(flatten)]
    pub upload: UploadArgs,
    #[command(flatten)]
    pub checksums: ChecksumArgs,
    #[command(flatten)]
    pub customer_key: CustomerKeyArgs,
    /// Sign the Content-Type and Content-Length of this file: an upload must match both
    #[arg(long, value_name = "FILE", help_heading = REQUEST)]
    pub from_file: Option<PathBuf>,
    /// With --from-file: also sign a checksum of its content, so that only this file can be
    /// uploaded
    ///
    /// SHA-256 (x-amz-checksum-sha256) where the store is known to check it, otherwise MD5
    /// (Content-MD5), which all stores check; `--pin-content=sha256` or `=md5` chooses.
    #[arg(
        long,
        value_name = "HASH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        requires = "from_file",
        help_heading = REQUEST,
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub pin_content: Option<PinArg>,
    /// Do not replace an existing object: with `*` the store refuses if the key exists
    #[arg(long, value_name = "*", help_heading = REQUEST, hide_short_help = true)]
    pub if_none_match: Option<String>,
    /// Replace an existing object only if it has this ETag
    #[arg(
        long,
        value_name = "ETAG",
        help_heading = REQUEST,
        hide_short_help = true,
        conflicts_with = "if_none_match"
    )]
    pub if_match: Option<String>,
    /// File that the printed command uploads, if it is not that of --from-file (for --output curl,
    /// wget, powershell and python)
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, hide_short_help = true)]
    pub upload_file: Option<OsString>,
    #[command(flatten)]
    pub page: PageArgs,
}

/// `--pin-content`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PinArg {
    /// The strongest checksum that the store checks
    Auto,
    /// x-amz-checksum-sha256
    Sha256,
    /// Content-MD5
    Md5,
}

const PUT_EXAMPLES: &str = "\
Examples:
  cos-presign put my-bucket/in/photo.jpg --region us-south --expires 15m
  cos-presign put my-bucket/in/photo.jpg --region us-south --from-file photo.jpg --output curl";

/// Presign a HEAD: read the metadata of an object
#[derive(Args, Debug, Default)]
#[command(before_help = HEAD_EXAMPLES)]
pub struct HeadArgs {
    #[command(flatten)]
    pub object: ObjectArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub customer_key: CustomerKeyArgs,
    #[command(flatten)]
    pub response: ResponseArgs,
}

const HEAD_EXAMPLES: &str = "\
Examples:
  cos-presign head my-bucket/report.pdf --region us-south
  curl --head \"$(cos-presign head my-bucket/report.pdf --region us-south)\"";

/// Presign a DELETE: delete an object
#[derive(Args, Debug, Default)]
#[command(before_help = DELETE_EXAMPLES)]
pub struct DeleteArgs {
    #[command(flatten)]
    pub object: ObjectArgs,
    #[command(flatten)]
    pub read: ReadArgs,
}

const DELETE_EXAMPLES: &str = "\
Examples:
  cos-presign delete my-bucket/old.log --region us-south --expires 5m
  curl --request DELETE \"$(cos-presign delete my-bucket/old.log --region us-south)\"";

/// Presign a listing of the objects of a bucket
#[derive(Args, Debug)]
#[command(before_help = LIST_EXAMPLES)]
pub struct ListArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub sign: SignArgs,
    /// Only keys with this prefix (same as BUCKET/PREFIX)
    #[arg(long, allow_hyphen_values = true, value_name = "PREFIX", help_heading = LISTING)]
    pub prefix: Option<OsString>,
    /// Group keys at this delimiter, usually `/`
    #[arg(long, allow_hyphen_values = true, value_name = "TEXT", help_heading = LISTING)]
    pub delimiter: Option<OsString>,
    /// Maximum number of keys per page
    #[arg(long, value_name = "N", help_heading = LISTING)]
    pub max_keys: Option<u32>,
    /// Continue after a previous page
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TOKEN",
        help_heading = LISTING,
        hide_short_help = true
    )]
    pub continuation_token: Option<OsString>,
    /// Only keys that sort after this one
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "KEY",
        help_heading = LISTING,
        hide_short_help = true
    )]
    pub start_after: Option<OsString>,
    /// Sign that the requester pays (x-amz-request-payer)
    #[arg(long, help_heading = REQUEST, hide_short_help = true)]
    pub requester_pays: bool,
}

const LIST_EXAMPLES: &str = "\
Examples:
  cos-presign list my-bucket --region us-south
  cos-presign list my-bucket/2026/ --delimiter / --max-keys 100 --region us-south";

/// Presign any other request
#[derive(Args, Debug)]
#[command(before_help = REQUEST_EXAMPLES)]
pub struct RequestArgs {
    /// HTTP method: GET, PUT, POST, DELETE, HEAD, …
    #[arg(value_name = "METHOD")]
    pub method: String,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub sign: SignArgs,
    /// Service of the credential scope
    #[arg(long, value_name = "NAME", default_value = "s3", help_heading = ALGORITHM)]
    pub service: String,
    /// Payload hash to sign: unsigned, empty, or a SHA-256 in hex
    #[arg(long, value_name = "HASH", help_heading = ALGORITHM)]
    pub payload_hash: Option<String>,
    /// Whether `.`, `..` and `//` are normalized before signing [default: raw for s3, else
    /// normalized]
    #[arg(long, value_name = "MODE", help_heading = ALGORITHM, hide_short_help = true)]
    pub path_mode: Option<PathModeArg>,
    /// How many times the path is percent-encoded for the signature [default: once for s3, else
    /// twice]
    #[arg(long, value_name = "TIMES", help_heading = ALGORITHM, hide_short_help = true)]
    pub path_encoding: Option<PathEncodingArg>,
    /// Whether the session token is signed or appended after signing
    #[arg(
        long,
        value_name = "MODE",
        default_value = "signed",
        help_heading = ALGORITHM,
        hide_short_help = true
    )]
    pub session_token_mode: SessionTokenModeArg,
    /// File that the printed command sends (for --output curl, wget, powershell and python)
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, hide_short_help = true)]
    pub upload_file: Option<OsString>,
}

const REQUEST_EXAMPLES: &str = "\
Examples:
  cos-presign request POST my-bucket/big.bin -Q uploads --region us-south
  cos-presign request PUT my-bucket/big.bin -Q partNumber=1 -Q uploadId=abc --region us-south
  cos-presign request GET 'https://iam.amazonaws.com/' -Q Action=ListUsers -Q Version=2010-05-08 \\
      --service iam --region us-east-1 --payload-hash empty";
