//! The verbs that check a URL or the settings it needs: `inspect`, `diagnose`, `verify`, `doctor`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::cli::args::heading::{CREDENTIALS, INPUT, NETWORK, OUTPUT, REQUEST};
use crate::cli::{CredentialArgs, NetworkArgs, ReportArgs, StoreArgs};

/// Decode a presigned URL: target, expiry, anything suspicious
///
/// Nothing is sent and no secret is needed. Several URLs print several reports; with - URLs are
/// read from standard input, one per line.
#[derive(Args, Debug)]
#[command(before_help = INSPECT_EXAMPLES)]
pub struct InspectArgs {
    /// The presigned URL in single quotes, or - for standard input
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,
    /// Exit code 1 if the URL expires within this duration (for cron)
    #[arg(long, value_name = "DURATION", help_heading = INPUT)]
    pub expires_within: Option<String>,
    /// Print only the repaired URL
    ///
    /// Removes quotes, brackets, line breaks, `&amp;`, a second percent-encoding and the rewriting
    /// of mail programs.
    #[arg(long, help_heading = OUTPUT)]
    pub repair: bool,
    /// Evaluate at this time instead of now: RFC 3339, a date, or 20260131T235959Z
    #[arg(long, value_name = "TIME", help_heading = INPUT, hide_short_help = true)]
    pub at: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  cos-presign inspect 'https://…'
  cos-presign inspect --expires-within 1h 'https://…' || renew-the-link
  cos-presign inspect --repair - < pasted.txt";

/// Explain why a presigned URL is refused
///
/// Nothing is sent. With the credentials that signed the URL (from the usual sources) the signature
/// is recomputed; on a mismatch, the program searches for the request that was signed.
#[derive(Args, Debug)]
#[command(before_help = DIAGNOSE_EXAMPLES)]
pub struct DiagnoseArgs {
    /// The presigned URL in single quotes, or - for standard input
    #[arg(value_name = "URL")]
    pub url: String,
    /// HTTP method of the refused request: GET, PUT, …
    #[arg(short = 'X', long, value_name = "METHOD", help_heading = INPUT)]
    pub method: Option<String>,
    /// Header of the refused request
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = INPUT)]
    pub header: Vec<OsString>,
    /// Host header that the store received, if a proxy changed it
    #[arg(long, value_name = "HOST", help_heading = INPUT)]
    pub host: Option<String>,
    /// Response of the store: its body, or the output of `curl -i` or `curl -v`; - for standard
    /// input
    #[arg(long, value_name = "FILE", help_heading = INPUT)]
    pub response: Option<PathBuf>,
    /// HTTP status of the response
    #[arg(long, value_name = "STATUS", help_heading = INPUT, hide_short_help = true)]
    pub status: Option<u16>,
    /// POST form that was sent: JSON of `post`, an HTML page or curl -F arguments; - for standard
    /// input
    #[arg(long, value_name = "FILE", help_heading = INPUT)]
    pub form: Option<PathBuf>,
    /// Current time of the store, as in its Date header
    #[arg(long, value_name = "TIME", help_heading = INPUT, hide_short_help = true)]
    pub server_date: Option<String>,
    /// Evaluate at this time instead of now: RFC 3339, a date, or 20260131T235959Z
    #[arg(long, value_name = "TIME", help_heading = INPUT, hide_short_help = true)]
    pub at: Option<String>,
    /// Another endpoint of the store, such as an internal one
    #[arg(
        long,
        value_name = "URL",
        alias = "endpoint-url",
        help_heading = INPUT,
        hide_short_help = true
    )]
    pub endpoint: Vec<String>,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// Try the secrets of every profile and credential file on this machine
    #[arg(long, help_heading = CREDENTIALS)]
    pub try_all_profiles: bool,
    #[command(flatten)]
    pub report: ReportArgs,
}

const DIAGNOSE_EXAMPLES: &str = "\
Examples:
  cos-presign diagnose 'https://…'
  curl -i 'https://…' | cos-presign diagnose 'https://…' --response -
  cos-presign diagnose 'https://…' --method PUT -H 'Content-Type: image/jpeg'";

/// Request a presigned URL, and explain a refusal
///
/// Sends the request byte for byte, without downloading the object: a GET requests the first byte.
/// Redirects are reported, never followed. http_proxy and the other proxy variables of curl are
/// honoured. Exit code 0 if every URL works, 1 if one is refused, 4 if there was no response.
#[derive(Args, Debug)]
#[command(before_help = VERIFY_EXAMPLES)]
pub struct VerifyUrlArgs {
    /// The presigned URL in single quotes, or - for standard input, one URL per line
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,
    /// HTTP method; PUT, POST and DELETE change the store and need --yes [default: GET]
    #[arg(short = 'X', long, value_name = "METHOD", help_heading = REQUEST)]
    pub method: Option<String>,
    /// Header to send, such as a signed one
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = REQUEST)]
    pub header: Vec<OsString>,
    /// File to send as the body of a PUT or POST
    #[arg(long, value_name = "FILE", help_heading = REQUEST)]
    pub body: Option<PathBuf>,
    /// Confirm a PUT, POST or DELETE, which changes the store
    #[arg(long, help_heading = REQUEST)]
    pub yes: bool,
    /// Send this Origin, and report whether CORS lets its pages read the response
    #[arg(long, value_name = "ORIGIN", help_heading = REQUEST, hide_short_help = true)]
    pub origin: Option<String>,
    /// Number of concurrent requests
    #[arg(
        long,
        value_name = "N",
        default_value_t = 8,
        help_heading = NETWORK,
        hide_short_help = true
    )]
    pub jobs: u16,
    #[command(flatten)]
    pub network: NetworkArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// Try the secrets of every profile and credential file on this machine
    #[arg(long, help_heading = CREDENTIALS, hide_short_help = true)]
    pub try_all_profiles: bool,
    #[command(flatten)]
    pub report: ReportArgs,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  cos-presign verify 'https://…'
  cos-presign verify - --json < links.txt
  cos-presign verify 'https://…' --method PUT --body photo.jpg -H 'Content-Type: image/jpeg' --yes";

/// Check credentials, clock, endpoint, region and bucket access
///
/// Sends requests to the store and changes nothing. Each line is ok, warn or fail; the exit code is
/// 1 if any line is fail. With a key in TARGET one byte of the object is requested, with a bucket
/// its listing; without TARGET the configured store is checked.
#[derive(Args, Debug)]
#[command(before_help = DOCTOR_EXAMPLES)]
pub struct DoctorArgs {
    /// An object, a bucket, or any other target
    #[arg(value_name = "TARGET")]
    pub target: Option<OsString>,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
    #[command(flatten)]
    pub report: ReportArgs,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  cos-presign doctor my-bucket/report.pdf --region us-south
  cos-presign doctor myminio/my-bucket --json";
