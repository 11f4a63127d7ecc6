//! The recipient's side: `upload` with a plan or URL, and `download`. No credentials are needed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::NetworkArgs;
use super::args::heading::{NETWORK, OUTPUT, REQUEST};

/// Upload a file with a plan, a form or a presigned URL
///
/// A plan is the output of `multipart`, `put --json` or `post --output json`, or a presigned PUT.
/// No credentials are needed. Uploaded parts are not sent again: after a failure, the same command
/// resumes.
#[derive(Args, Debug)]
#[command(before_help = UPLOAD_EXAMPLES)]
pub struct UploadToPlanArgs {
    /// Plan file, - for standard input, or a presigned URL in single quotes
    #[arg(value_name = "PLAN")]
    pub plan: OsString,
    /// File to upload; for a single URL also - for standard input
    #[arg(value_name = "FILE", required_unless_present = "abort")]
    pub file: Option<PathBuf>,
    /// Send the parts without completing the upload
    #[arg(long, conflicts_with = "abort")]
    pub no_complete: bool,
    /// Upload nothing: abort the upload and discard its parts
    #[arg(long, conflicts_with = "file")]
    pub abort: bool,
    /// Signed header that is not in the plan
    #[arg(
        short = 'H',
        long,
        value_name = "NAME: VALUE",
        help_heading = REQUEST,
        hide_short_help = true
    )]
    pub header: Vec<OsString>,
    /// Number of concurrent parts
    #[arg(long, value_name = "N", default_value_t = 4, help_heading = NETWORK)]
    pub jobs: u16,
    #[command(flatten)]
    pub network: TransferArgs,
}

const UPLOAD_EXAMPLES: &str = "\
Examples:
  cos-presign upload plan.json big.bin
  cos-presign upload 'https://…' photo.jpg
  cos-presign upload plan.json --abort";

/// Download a presigned URL to a file
///
/// The file appears when it is complete and verified. After a failure, the same command resumes; an
/// object that has changed in the meantime is downloaded from the start.
#[derive(Args, Debug)]
#[command(before_help = DOWNLOAD_EXAMPLES)]
pub struct DownloadArgs {
    /// The presigned URL in single quotes, or - for standard input
    #[arg(value_name = "URL")]
    pub url: String,
    /// File or directory to write to, or - for standard output [default: name of the object]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Replace an existing file
    #[arg(short, long, help_heading = OUTPUT)]
    pub force: bool,
    /// Expected SHA-256 of the file (hex)
    #[arg(long, value_name = "SHA256", help_heading = OUTPUT)]
    pub checksum: Option<String>,
    /// Header to send, such as a signed one
    #[arg(
        short = 'H',
        long,
        value_name = "NAME: VALUE",
        help_heading = REQUEST,
        hide_short_help = true
    )]
    pub header: Vec<OsString>,
    /// Number of concurrent ranges
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = NETWORK)]
    pub jobs: u16,
    #[command(flatten)]
    pub network: TransferArgs,
}

const DOWNLOAD_EXAMPLES: &str = "\
Examples:
  cos-presign download 'https://…'
  cos-presign download 'https://…' report.pdf --force
  cos-presign download 'https://…' - | tar -xz";

/// Options of both verbs.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = NETWORK)]
pub struct TransferArgs {
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Report the result as JSON
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
    /// Suppress warnings, notes and progress
    #[arg(short, long, help_heading = OUTPUT)]
    pub quiet: bool,
}
