//! The receiver's side: uploading by a plan that somebody handed over, and downloading a link. No credentials are needed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::{NETWORK, OUTPUT, REQUEST};

/// Upload a file by a plan or a link that somebody sent
///
/// The plan is what `multipart`, `put --json` or `post --output json` printed, or a link for PUT. No credentials are needed.
/// Parts that the store has already are not sent again: after a failure, the same command goes on where it stopped.
#[derive(Args, Debug)]
#[command(before_help = UPLOAD_EXAMPLES)]
pub struct UploadToPlanArgs {
    /// The file of the plan, - for standard input, or a link between single quotes
    #[arg(value_name = "PLAN")]
    pub plan: OsString,
    /// The file to upload; with one link it may be - for standard input
    #[arg(value_name = "FILE", required_unless_present = "abort")]
    pub file: Option<PathBuf>,
    /// Send the parts, and leave it to somebody else to put them together
    #[arg(long, conflicts_with = "abort")]
    pub no_complete: bool,
    /// Upload nothing: throw away what the store has of this upload
    #[arg(long, conflicts_with = "file")]
    pub abort: bool,
    /// A header that was signed and is not in the plan
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = REQUEST, hide_short_help = true)]
    pub header: Vec<OsString>,
    /// How many parts are sent at a time
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

/// Download a link to a file
///
/// The file appears when it is whole and checked. After a failure, the same command goes on where it stopped; an object that
/// has changed meanwhile is downloaded anew.
#[derive(Args, Debug)]
#[command(before_help = DOWNLOAD_EXAMPLES)]
pub struct DownloadArgs {
    /// The link, or - for standard input; put it between single quotes
    #[arg(value_name = "URL")]
    pub url: String,
    /// The file or directory to write to, or - for standard output [default: as the object is called]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(short, long, help_heading = OUTPUT)]
    pub force: bool,
    /// What the whole file's SHA-256 has to be
    #[arg(long, value_name = "SHA256", help_heading = OUTPUT)]
    pub checksum: Option<String>,
    /// A header to send, say a signed one
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = REQUEST, hide_short_help = true)]
    pub header: Vec<OsString>,
    /// How many ranges are fetched at a time
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

/// How both of them go about it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = NETWORK)]
pub struct TransferArgs {
    /// Take a connection for lost when nothing has moved for so long [default: 30s]
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// How often a request that failed is made again, ever more slowly [default: 10]
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,
    /// Trust these certificates too (PEM)
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Tell at the end what was done, as JSON
    #[arg(long, help_heading = OUTPUT)]
    pub json: bool,
    /// No warnings, notes and progress
    #[arg(short, long, help_heading = OUTPUT)]
    pub quiet: bool,
}
