//! What can be asked on the command line. Structs only: what the words mean is decided in `resolve`.

pub mod completion;
pub mod manual;
mod receive;
mod transfer;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub use completion::CompletionsArgs;
pub use manual::ManArgs;
pub use receive::{
    CorsArgs, CorsOutput, FormArgs, FormOutput, MultipartArgs, OnlyStep, PageArgs, PlanOutput,
    PostArgs,
};
pub use transfer::{DownloadArgs, TransferArgs, UploadToPlanArgs};

/// Makes links to objects in S3-compatible storage that work without credentials for a time.
#[derive(Debug, Parser)]
#[command(
    name = "cos-presign",
    bin_name = "cos-presign",
    version,
    max_term_width = 100,
    before_help = EXAMPLES,
    after_help = AFTER_HELP,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What the link is for.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  cos-presign get my-bucket/report.pdf --region us-south --expires 24h
  cos-presign put my-bucket/in/photo.jpg --region us-south --output curl
  cos-presign get s3://my-bucket/data.csv --region eu-central-1 --verify";

const AFTER_HELP: &str = "\
Credentials come from COS_HMAC_ACCESS_KEY_ID and COS_HMAC_SECRET_ACCESS_KEY, AWS_ACCESS_KEY_ID
and AWS_SECRET_ACCESS_KEY, IBM's service-credential file, or AWS's credentials file.
`cos-presign VERB --help` tells everything about a verb.";

/// The verbs. Each is described to the parser only when it is asked for: with all of them at once, describing would take
/// longer than signing.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Verb {
    /// Link to download an object
    Get(GetArgs),
    /// Link to upload an object
    Put(Box<PutArgs>),
    /// Link to read an object's metadata
    Head(HeadArgs),
    /// Link to delete an object
    Delete(DeleteArgs),
    /// Link to list a bucket's objects
    List(ListArgs),
    /// Form with which anyone can upload, from a browser or with curl
    Post(PostArgs),
    /// Links to upload one large object in parts
    Multipart(MultipartArgs),
    /// CORS rules with which pages of other origins may upload to a bucket
    Cors(CorsArgs),
    /// Link for any other request
    Request(RequestArgs),
    /// Take a link apart: where it leads, when it ends, what is odd about it
    Inspect(InspectArgs),
    /// Find out why a link is refused
    Diagnose(DiagnoseArgs),
    /// Try a link, and find out why if it is refused
    Verify(VerifyUrlArgs),
    /// Look at everything that a link needs: keys, clock, endpoint, region, bucket
    Doctor(DoctorArgs),
    /// Upload a file by a plan or a link that somebody sent
    Upload(UploadToPlanArgs),
    /// Download a link to a file
    Download(DownloadArgs),
    /// List the stores that are known, with their regions, limits and quirks
    Stores(StoresArgs),
    /// Show the settings in force, and where each came from
    Config(ConfigArgs),
    /// Say what a code of `diagnose` means and what to do
    Explain(ExplainArgs),
    /// Script that lets a shell complete verbs, options, and the names it finds in your files
    Completions(CompletionsArgs),
    /// Man page of the program, or of one of its verbs
    Man(ManArgs),
}

/// Link to download an object
#[derive(Args, Debug)]
#[command(before_help = GET_EXAMPLES)]
pub struct GetArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub bulk: BulkArgs,
    #[command(flatten)]
    pub sign: SignArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub customer_key: CustomerKeyArgs,
    /// Let the browser save the object under this name
    #[arg(long, value_name = "NAME", help_heading = RESPONSE)]
    pub download_as: Option<OsString>,
    /// Let the browser show the object instead of saving it
    #[arg(long, help_heading = RESPONSE, hide_short_help = true)]
    pub inline: bool,
    #[command(flatten)]
    pub response: ResponseArgs,
}

const GET_EXAMPLES: &str = "\
Examples:
  cos-presign get my-bucket/report.pdf --region us-south --expires 24h
  cos-presign get my-bucket/4711 --endpoint https://minio.example.com --download-as 'Plan 1.pdf'";

/// Link to upload an object
#[derive(Args, Debug)]
#[command(before_help = PUT_EXAMPLES)]
pub struct PutArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub bulk: BulkArgs,
    #[command(flatten)]
    pub sign: SignArgs,
    #[command(flatten)]
    pub upload: UploadArgs,
    #[command(flatten)]
    pub checksums: ChecksumArgs,
    #[command(flatten)]
    pub customer_key: CustomerKeyArgs,
    /// Take Content-Type and Content-Length from this file, and sign them: nothing else can be uploaded
    #[arg(long, value_name = "FILE", help_heading = REQUEST)]
    pub from_file: Option<PathBuf>,
    /// With --from-file: sign a checksum of its content too, so that nothing but this file can be uploaded
    ///
    /// The SHA-256 where the store is known to check it (x-amz-checksum-sha256), else the MD5 (Content-MD5), which all stores
    /// check; `--pin-content=sha256` or `=md5` chooses.
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
    /// Do not replace an object: with `*` the store refuses if there is one of this key
    #[arg(long, value_name = "*", help_heading = REQUEST, hide_short_help = true)]
    pub if_none_match: Option<String>,
    /// The file that the printed command uploads, if it is not that of --from-file; for --output curl, wget, powershell and python
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, hide_short_help = true)]
    pub upload_file: Option<OsString>,
    #[command(flatten)]
    pub page: PageArgs,
}

/// `--pin-content`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PinArg {
    /// What the store checks
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

/// Link to read an object's metadata
#[derive(Args, Debug)]
#[command(before_help = HEAD_EXAMPLES)]
pub struct HeadArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub bulk: BulkArgs,
    #[command(flatten)]
    pub sign: SignArgs,
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

/// Link to delete an object
#[derive(Args, Debug)]
#[command(before_help = DELETE_EXAMPLES)]
pub struct DeleteArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub bulk: BulkArgs,
    #[command(flatten)]
    pub sign: SignArgs,
    #[command(flatten)]
    pub read: ReadArgs,
}

const DELETE_EXAMPLES: &str = "\
Examples:
  cos-presign delete my-bucket/old.log --region us-south --expires 5m
  curl --request DELETE \"$(cos-presign delete my-bucket/old.log --region us-south)\"";

/// Link to list a bucket's objects
#[derive(Args, Debug)]
#[command(before_help = LIST_EXAMPLES)]
pub struct ListArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub sign: SignArgs,
    /// Only keys that begin so (same as BUCKET/PREFIX)
    #[arg(long, allow_hyphen_values = true, value_name = "PREFIX", help_heading = LISTING)]
    pub prefix: Option<OsString>,
    /// Group keys up to this character, usually `/`
    #[arg(long, allow_hyphen_values = true, value_name = "TEXT", help_heading = LISTING)]
    pub delimiter: Option<OsString>,
    /// At most so many keys a page
    #[arg(long, value_name = "N", help_heading = LISTING)]
    pub max_keys: Option<u32>,
    /// Go on where a page ended
    #[arg(long, allow_hyphen_values = true, value_name = "TOKEN", help_heading = LISTING, hide_short_help = true)]
    pub continuation_token: Option<OsString>,
    /// Only keys after this one
    #[arg(long, allow_hyphen_values = true, value_name = "KEY", help_heading = LISTING, hide_short_help = true)]
    pub start_after: Option<OsString>,
    /// Sign that the requester pays for the traffic
    #[arg(long, help_heading = REQUEST, hide_short_help = true)]
    pub requester_pays: bool,
}

const LIST_EXAMPLES: &str = "\
Examples:
  cos-presign list my-bucket --region us-south
  cos-presign list my-bucket/2026/ --delimiter / --max-keys 100 --region us-south";

/// Link for any other request
#[derive(Args, Debug)]
#[command(before_help = REQUEST_EXAMPLES)]
pub struct RequestArgs {
    /// The method: GET, PUT, POST, DELETE, HEAD, …
    #[arg(value_name = "METHOD")]
    pub method: String,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub sign: SignArgs,
    /// The service of the credential scope
    #[arg(long, value_name = "NAME", default_value = "s3", help_heading = ALGORITHM)]
    pub service: String,
    /// Hash of the body that is signed: unsigned, empty, or the SHA-256
    #[arg(long, value_name = "HASH", help_heading = ALGORITHM)]
    pub payload_hash: Option<String>,
    /// Whether `.`, `..` and `//` are removed before signing (S3: raw; other services: normalized)
    #[arg(long, value_name = "MODE", help_heading = ALGORITHM, hide_short_help = true)]
    pub path_mode: Option<PathModeArg>,
    /// How often the path is encoded for the signature (S3: once; other services: twice)
    #[arg(long, value_name = "TIMES", help_heading = ALGORITHM, hide_short_help = true)]
    pub path_encoding: Option<PathEncodingArg>,
    /// Whether the session token is signed or added after signing
    #[arg(long, value_name = "MODE", default_value = "signed", help_heading = ALGORITHM, hide_short_help = true)]
    pub session_token_mode: SessionTokenModeArg,
    /// The file that the printed command sends; for --output curl, wget, powershell and python
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, hide_short_help = true)]
    pub upload_file: Option<OsString>,
}

const REQUEST_EXAMPLES: &str = "\
Examples:
  cos-presign request POST my-bucket/big.bin -Q uploads --region us-south
  cos-presign request PUT my-bucket/big.bin -Q partNumber=1 -Q uploadId=abc --region us-south
  cos-presign request GET 'https://iam.amazonaws.com/' -Q Action=ListUsers -Q Version=2010-05-08 \\
      --service iam --region us-east-1 --payload-hash empty";

/// Take a link apart: where it leads, when it ends, what is odd about it
///
/// Nothing is sent and no secret is needed. Several URLs give several reports; with - they are read from standard input, one
/// a line.
#[derive(Args, Debug)]
#[command(before_help = INSPECT_EXAMPLES)]
pub struct InspectArgs {
    /// The link, or - for standard input; put it between single quotes
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,
    /// Exit code 1 if the link ends sooner than that, for cron
    #[arg(long, value_name = "DURATION", help_heading = INPUT)]
    pub expires_within: Option<String>,
    /// Print the mended URL and nothing else
    ///
    /// Undoes quotes, brackets, line breaks, `&amp;`, a second percent-encoding and what mail programs do.
    #[arg(long, help_heading = OUTPUT)]
    pub repair: bool,
    /// Judge as of this time instead of now: RFC 3339, a date, or 20260131T235959Z
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

/// Find out why a link is refused
///
/// Nothing is sent. With the credentials that signed the link (from the usual sources) the signature is compared, and if it
/// does not match, searched for the request that it was made for.
#[derive(Args, Debug)]
#[command(before_help = DIAGNOSE_EXAMPLES)]
pub struct DiagnoseArgs {
    /// The link, or - for standard input; put it between single quotes
    #[arg(value_name = "URL")]
    pub url: String,
    /// The method that was used: GET, PUT, …
    #[arg(short = 'X', long, value_name = "METHOD", help_heading = INPUT)]
    pub method: Option<String>,
    /// A header that was sent
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = INPUT)]
    pub header: Vec<OsString>,
    /// The Host that the store saw, if a proxy changed it
    #[arg(long, value_name = "HOST", help_heading = INPUT)]
    pub host: Option<String>,
    /// The store's answer: its body, or all that `curl -i` or `curl -v` showed; - for standard input
    #[arg(long, value_name = "FILE", help_heading = INPUT)]
    pub response: Option<PathBuf>,
    /// The status of the answer
    #[arg(long, value_name = "STATUS", help_heading = INPUT, hide_short_help = true)]
    pub status: Option<u16>,
    /// The POST form that was sent: JSON of `post`, an HTML page, or the arguments of curl -F; - for standard input
    #[arg(long, value_name = "FILE", help_heading = INPUT)]
    pub form: Option<PathBuf>,
    /// The store's clock now, as its Date header tells it
    #[arg(long, value_name = "TIME", help_heading = INPUT, hide_short_help = true)]
    pub server_date: Option<String>,
    /// Judge as of this time instead of now: RFC 3339, a date, or 20260131T235959Z
    #[arg(long, value_name = "TIME", help_heading = INPUT, hide_short_help = true)]
    pub at: Option<String>,
    /// Another address of the store, say an internal one
    #[arg(long, value_name = "URL", alias = "endpoint-url", help_heading = INPUT, hide_short_help = true)]
    pub endpoint: Vec<String>,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// Try the secrets of all profiles and files of this machine
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

/// Try a link, and find out why if it is refused
///
/// Sends the request that the link is for, byte for byte, without downloading the object: a GET asks for its first byte.
/// Redirects are shown, not followed. HTTP_PROXY and the other variables of curl are honoured. Exit code 0 if every link
/// works, 1 if one is refused, 4 if there was no answer.
#[derive(Args, Debug)]
#[command(before_help = VERIFY_EXAMPLES)]
pub struct VerifyUrlArgs {
    /// The link, or - for standard input, one a line; put it between single quotes
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,
    /// The method; PUT, POST and DELETE change what is in the store and need --yes [default: GET]
    #[arg(short = 'X', long, value_name = "METHOD", help_heading = REQUEST)]
    pub method: Option<String>,
    /// A header to send, say a signed one
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = REQUEST)]
    pub header: Vec<OsString>,
    /// The file that a PUT or POST uploads
    #[arg(long, value_name = "FILE", help_heading = REQUEST)]
    pub body: Option<PathBuf>,
    /// Send a PUT, POST or DELETE, although it changes what is in the store
    #[arg(long, help_heading = REQUEST)]
    pub yes: bool,
    /// Send this Origin, as a browser would, and look whether its page may read the answer (CORS)
    #[arg(long, value_name = "ORIGIN", help_heading = REQUEST, hide_short_help = true)]
    pub origin: Option<String>,
    /// Give up after so long [default: 30s]
    #[arg(long, value_name = "DURATION", help_heading = NETWORK)]
    pub timeout: Option<String>,
    /// Give up connecting after so long [default: 10s]
    #[arg(long, value_name = "DURATION", help_heading = NETWORK, hide_short_help = true)]
    pub connect_timeout: Option<String>,
    /// Trust these certificates too (PEM)
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub cacert: Option<PathBuf>,
    /// How many links are tried at a time
    #[arg(long, value_name = "N", default_value_t = 8, help_heading = NETWORK, hide_short_help = true)]
    pub jobs: u16,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// Try the secrets of all profiles and files of this machine
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

/// Say what a code of `diagnose` means and what to do
#[derive(Args, Debug)]
#[command(before_help = EXPLAIN_EXAMPLES)]
pub struct ExplainArgs {
    /// The code; without it all codes are listed
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  cos-presign explain
  cos-presign explain wrong-region";

/// List the stores that are known, with their regions, limits and quirks
///
/// The list is a help, not a fence: other stores, hosts and regions work with --endpoint.
#[derive(Args, Debug)]
#[command(before_help = STORES_EXAMPLES)]
pub struct StoresArgs {
    /// The store; without it all are listed, a line each
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const STORES_EXAMPLES: &str = "\
Examples:
  cos-presign stores
  cos-presign stores ibm";

/// Look at everything that a link needs: keys, clock, endpoint, region, bucket
///
/// Asks the store, and changes nothing there or here. Each line is ok, warn or fail; the exit code is 1 if one of them is fail.
/// With a key in TARGET a presigned GET of one byte of the object is tried, with a bucket one of its list, without TARGET the
/// store that is configured is looked at.
#[derive(Args, Debug)]
#[command(before_help = DOCTOR_EXAMPLES)]
pub struct DoctorArgs {
    /// An object, a bucket, or anything else that the other verbs take
    #[arg(value_name = "TARGET")]
    pub target: Option<OsString>,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// How long to wait for each answer [default: 30s]
    #[arg(long, value_name = "DURATION", help_heading = NETWORK)]
    pub timeout: Option<String>,
    /// Trust the certificates in this file (PEM) as well
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub cacert: Option<PathBuf>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  cos-presign doctor my-bucket/report.pdf --region us-south
  cos-presign doctor myminio/my-bucket --json";

/// Show the settings in force, and where each came from
///
/// Without TARGET: what the environment and the files say for all stores, and the targets of our own in config.toml. Secrets
/// are not shown, nothing is sent, and keys that would have to be fetched are not fetched.
#[derive(Args, Debug)]
#[command(before_help = CONFIG_EXAMPLES)]
pub struct ConfigArgs {
    /// A target, alias, remote or bucket, as the other verbs take it
    #[arg(value_name = "TARGET")]
    pub target: Option<OsString>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const CONFIG_EXAMPLES: &str = "\
Examples:
  cos-presign config
  cos-presign config @reports";

/// How a report is printed.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct ReportArgs {
    /// Form of the report: text, json
    #[arg(short, long, value_name = "FORM", hide_possible_values = true)]
    pub output: Option<ReportForm>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output")]
    pub json: bool,
}

impl ReportArgs {
    /// The form.
    pub fn form(&self) -> ReportForm {
        if self.json {
            ReportForm::Json
        } else {
            self.output.unwrap_or_default()
        }
    }
}

/// `--output` of a report
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For people
    #[default]
    Text,
    /// One object a line
    Json,
}

const INPUT: &str = "Input";
const NETWORK: &str = "Network";
const EXPIRY: &str = "Time";
const STORE: &str = "Store";
const CREDENTIALS: &str = "Credentials (the first complete set is taken)";
const REQUEST: &str = "Signed request";
const RESPONSE: &str = "Response";
const BULK: &str = "Many links";
const LISTING: &str = "Listing";
const RECURSIVE: &str = "Many objects";
const ALGORITHM: &str = "Algorithm";
const FORM: &str = "What may be uploaded";
const PARTS: &str = "Parts";
const PAGE: &str = "Page";
const OUTPUT: &str = "Output";

/// Which object.
#[derive(Args, Debug, Default)]
pub struct TargetArgs {
    /// bucket/key, s3://bucket/key, cos://us-south/bucket/key or an https:// address
    ///
    /// Everything after the bucket's slash is the key, byte for byte; an address is decoded once. Several targets give
    /// several links, in their order.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<OsString>,
    /// The bucket, instead of a TARGET
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub bucket: Option<OsString>,
    /// The key, together with --bucket; taken byte for byte
    #[arg(
        long,
        value_name = "KEY",
        hide_short_help = true,
        allow_hyphen_values = true
    )]
    pub key: Option<OsString>,
}

/// Everything that every verb shares.
#[derive(Args, Debug)]
pub struct SignArgs {
    #[command(flatten)]
    pub time: TimeArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub algorithm: AlgorithmArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub request: ExtraArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub verify: VerifyArgs,
}

/// When and for how long.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = EXPIRY)]
pub struct TimeArgs {
    /// How long the link works: seconds, or 90m, 24h, 7d, 1h30m [default: 1h]
    #[arg(short, long, value_name = "DURATION", aliases = ["expires-in", "expire"], allow_hyphen_values = true, conflicts_with = "until")]
    pub expires: Option<String>,
    /// The link works until then: RFC 3339, or a date (its first moment, UTC)
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub until: Option<String>,
    /// Sign as of this time instead of now: RFC 3339, a date, or 20260131T235959Z
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub at: Option<String>,
    /// Sign as of so long ago, for clocks that are behind; the link still ends when it would have
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub backdate: Option<String>,
    /// Sign as of the start of the current window, so that the same link comes out for as long
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub align: Option<String>,
    /// Refuse a link that would end sooner than asked, because its temporary credentials do
    #[arg(long, hide_short_help = true)]
    pub strict: bool,
}

/// Where.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = STORE)]
pub struct StoreArgs {
    /// URL or host of the store
    #[arg(long, value_name = "URL", alias = "endpoint-url")]
    pub endpoint: Option<String>,
    /// Region to sign for; alone it names the store too (us-south: IBM COS)
    ///
    /// us-east-1 and the other names of AWS are Amazon S3, us-south, eu-de, us, ams03 and so on are IBM COS. Without it the
    /// region is read off the endpoint's host name.
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// The store: ibm, aws, minio, ceph, r2, b2, wasabi, …
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Network of the IBM COS endpoint
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub network: Option<NetworkArg>,
    /// Where the bucket stands in the URL
    #[arg(long, value_name = "STYLE", hide_short_help = true)]
    pub addressing: Option<AddressingArg>,
    /// The address that recipients use, where the endpoint is an internal one; this is what is signed
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub public_endpoint: Option<String>,
}

/// Which kind of signature.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = STORE)]
pub struct AlgorithmArgs {
    /// Sign with SigV4A for these regions: names with commas between them, `*` for anything
    ///
    /// Multi-Region access points want it, and the ARN of one implies `*`. A few services of AWS take it too; other stores
    /// do not.
    #[arg(long, value_name = "REGIONS", hide_short_help = true)]
    pub region_set: Option<String>,
}

/// Who signs. Never the secret itself: arguments are seen by every process of the machine.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = CREDENTIALS)]
pub struct CredentialArgs {
    /// Access key id; the secret comes from --secret-file
    #[arg(long, value_name = "ID", hide_short_help = true)]
    pub access_key_id: Option<String>,
    /// File with the secret access key, or - for standard input
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub secret_file: Option<PathBuf>,
    /// File with the session token of temporary credentials
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub session_token_file: Option<PathBuf>,
    /// IBM service credential (JSON) with HMAC keys
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub service_credential: Option<PathBuf>,
    /// Profile of the AWS credentials and config files
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Take the keys from here and from nowhere else: env, ibm, aws, mc, rclone, s3cmd, file
    ///
    /// With mc the TARGET is ALIAS/BUCKET/KEY, with rclone REMOTE:BUCKET/KEY, with file the name of a target and a key.
    #[arg(
        long,
        value_name = "SOURCE",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub credentials_from: Option<CredentialsFrom>,
}

impl CredentialArgs {
    /// Whether a set of keys is named by options, which goes before every other source.
    pub fn name_keys(&self) -> bool {
        self.access_key_id.is_some()
            || self.secret_file.is_some()
            || self.session_token_file.is_some()
            || self.service_credential.is_some()
            || self.profile.is_some()
    }
}

/// `--credentials-from`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CredentialsFrom {
    /// Variables
    Env,
    /// IBM's service credentials
    Ibm,
    /// AWS's files
    Aws,
    /// The MinIO client
    Mc,
    /// rclone
    Rclone,
    /// s3cmd
    S3cmd,
    /// Our own config.toml
    File,
}

impl CredentialsFrom {
    /// As it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            CredentialsFrom::Env => "env",
            CredentialsFrom::Ibm => "ibm",
            CredentialsFrom::Aws => "aws",
            CredentialsFrom::Mc => "mc",
            CredentialsFrom::Rclone => "rclone",
            CredentialsFrom::S3cmd => "s3cmd",
            CredentialsFrom::File => "file",
        }
    }
}

/// Signed headers and query parameters of any kind.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct ExtraArgs {
    /// A header that the client must send, signed
    #[arg(short = 'H', long, value_name = "NAME: VALUE", hide_short_help = true)]
    pub header: Vec<OsString>,
    /// A query parameter, signed; `-Q uploads` has no value
    #[arg(short = 'Q', long, value_name = "NAME=VALUE", hide_short_help = true)]
    pub query: Vec<OsString>,
}

/// For `get`, `head` and `delete`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct ReadArgs {
    /// This version of the object
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "ID",
        hide_short_help = true
    )]
    pub version_id: Option<OsString>,
    /// Sign that the requester pays for the traffic
    #[arg(long, hide_short_help = true)]
    pub requester_pays: bool,
}

/// Very many links of one kind.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = BULK)]
pub struct BulkArgs {
    /// A link to each key of this file, or - for standard input, one key a line; the TARGET is BUCKET or BUCKET/PREFIX
    ///
    /// The links come in the order of the keys, one a line; a key is what stands in the line, byte for byte, with the prefix
    /// before it. Gzip is read as it is. Keys of which no link can be made are told with their line, and the exit code is 1.
    #[arg(long, value_name = "FILE")]
    pub keys_from: Option<PathBuf>,
    /// Keys end in NUL, not in a line end
    #[arg(short = '0', long, requires = "keys_from", hide_short_help = true)]
    pub null: bool,
    /// The file is a manifest: csv, tsv, jsonl or inventory; each record is written with its URL added
    ///
    /// JSONL records may also say `bucket`, `method`, `expires`, `headers` and `version_id`. An inventory is the CSV of Amazon
    /// S3 Inventory.
    #[arg(
        long,
        value_name = "FORM",
        requires = "keys_from",
        conflicts_with = "null",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub input: Option<InputForm>,
    /// The column or field of the keys: its name, or its number where there is no header line [default: key]
    #[arg(
        long,
        value_name = "NAME|N",
        requires = "input",
        hide_short_help = true
    )]
    pub key_column: Option<String>,
    /// The column or field that is added [default: presigned_url]
    #[arg(long, value_name = "NAME", requires = "input", hide_short_help = true)]
    pub url_column: Option<String>,
    /// Stop at the first key of which no link can be made
    #[arg(long, hide_short_help = true)]
    pub fail_fast: bool,
    /// How many threads sign [default: one for each core]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub jobs: Option<u16>,
    /// Tell at the end how many links were made, and how fast
    #[arg(long, hide_short_help = true)]
    pub summary: bool,
    #[command(flatten)]
    pub recursive: RecursiveArgs,
}

impl BulkArgs {
    /// Whether there is more than the TARGETs.
    pub fn is_asked_for(&self) -> bool {
        self.keys_from.is_some() || self.recursive.recursive
    }
}

/// `--input`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputForm {
    /// Comma-separated values
    Csv,
    /// Tab-separated values
    Tsv,
    /// One JSON object a line
    Jsonl,
    /// The CSV of Amazon S3 Inventory
    Inventory,
}

/// All objects of a prefix, and which of them.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = RECURSIVE)]
pub struct RecursiveArgs {
    /// A link to each object whose key begins with the TARGET's; the store is asked which there are
    #[arg(long, conflicts_with = "keys_from")]
    pub recursive: bool,
    /// Only keys of this pattern: `*` is any text (`/` too), `?` any character, `[a-c]` one of these
    ///
    /// The pattern is about what follows the last slash of the TARGET: `get bucket/logs/ --recursive --include '*.gz'`. May be
    /// given several times, in any order: a key is taken if any --include matches, or there is none, and no --exclude does.
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "GLOB",
        requires = "recursive"
    )]
    pub include: Vec<OsString>,
    /// No keys of this pattern
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "GLOB",
        requires = "recursive"
    )]
    pub exclude: Vec<OsString>,
    /// Only objects modified within so long, or since then: 7d, 12h, a date, RFC 3339
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TIME",
        requires = "recursive",
        hide_short_help = true
    )]
    pub newer_than: Option<String>,
    /// Only objects not modified for so long, or since then: 7d, 12h, a date, RFC 3339
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TIME",
        requires = "recursive",
        hide_short_help = true
    )]
    pub older_than: Option<String>,
    /// Only objects of at least this size: bytes, 10KB, 5MiB
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "SIZE",
        requires = "recursive",
        hide_short_help = true
    )]
    pub min_size: Option<String>,
    /// Only objects of at most this size: bytes, 10KB, 5MiB
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "SIZE",
        requires = "recursive",
        hide_short_help = true
    )]
    pub max_size: Option<String>,
    /// At most so many links, in the order of the store's listing
    #[arg(long, value_name = "N", requires = "recursive", hide_short_help = true)]
    pub limit: Option<u64>,
}

/// Encryption with a key of the customer (SSE-C).
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = REQUEST)]
pub struct CustomerKeyArgs {
    /// File with the 32-byte SSE-C key, raw or in base64; whoever uses the link needs the key too
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub sse_c_key_file: Option<PathBuf>,
}

/// Checksums that an upload in one request has to carry.
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
    /// CRC-64/NVME that the upload must have (base64)
    #[arg(long, value_name = "BASE64", hide_short_help = true)]
    pub checksum_crc64nvme: Option<String>,
}

/// What an upload has to carry.
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
    /// Key of aws:kms encryption
    #[arg(long, value_name = "ID", hide_short_help = true, requires = "sse")]
    pub sse_kms_key_id: Option<String>,
    /// Sign that the requester pays for the traffic
    #[arg(long, hide_short_help = true)]
    pub requester_pays: bool,
}

/// Response headers that the store is asked to send instead of its own.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = RESPONSE)]
pub struct ResponseArgs {
    /// Cache-Control of the answer
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_cache_control: Option<OsString>,
    /// Content-Disposition of the answer
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_content_disposition: Option<OsString>,
    /// Content-Encoding of the answer
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_content_encoding: Option<OsString>,
    /// Content-Language of the answer
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub response_content_language: Option<OsString>,
    /// Content-Type of the answer
    #[arg(long, value_name = "TYPE", hide_short_help = true)]
    pub response_content_type: Option<OsString>,
    /// Expires of the answer
    #[arg(long, value_name = "DATE", hide_short_help = true)]
    pub response_expires: Option<OsString>,
}

/// What is printed.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct OutputArgs {
    /// Form of the output: url, json, tsv, curl, wget, powershell, python, html, markdown, qr
    #[arg(short, long, value_name = "FORM", hide_possible_values = true)]
    pub output: Option<OutputForm>,
    /// Write to a new file that only you can read; for --output qr a .png, .svg or .txt
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub output_file: Option<PathBuf>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output")]
    pub json: bool,
    /// Show every step of the signature on standard error
    ///
    /// Twice (-vv): the derived keys as well, which are secrets.
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
    /// No warnings and notes
    #[arg(short, long)]
    pub quiet: bool,
}

/// Trying the link.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct VerifyArgs {
    /// Try the link; exit code 1 if the store refuses (get, head, list)
    ///
    /// Nothing is downloaded: a get link is asked for its first byte. The answer is told on standard error.
    #[arg(long)]
    pub verify: bool,
    /// For --verify and --recursive: give up after so long [default: 30s]
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub timeout: Option<String>,
}

/// `--output`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// The URL
    #[default]
    Url,
    /// One object a line
    #[value(alias = "jsonl")]
    Json,
    /// Key, tab, URL
    Tsv,
    /// A curl command; for very many links a file for `curl --parallel --config`
    Curl,
    /// A wget command
    Wget,
    /// A PowerShell command
    Powershell,
    /// A Python program
    Python,
    /// An HTML link; for put a page to upload with
    Html,
    /// A Markdown link
    Markdown,
    /// A QR code, for the camera of a phone
    Qr,
}

impl OutputForm {
    /// Whether it is a command or program that uses the link by itself.
    pub fn is_command(self) -> bool {
        matches!(
            self,
            OutputForm::Curl | OutputForm::Wget | OutputForm::Powershell | OutputForm::Python
        )
    }
}

/// `--network`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NetworkArg {
    /// The internet
    Public,
    /// IBM Cloud's classic infrastructure
    Private,
    /// An IBM Cloud VPC
    Direct,
}

/// `--addressing`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AddressingArg {
    /// endpoint/bucket/key
    Path,
    /// bucket.endpoint/key
    Virtual,
    /// endpoint/key: the endpoint is a domain of the bucket's own
    BucketHost,
    /// By the store: virtual on AWS where the name allows it, path elsewhere
    Auto,
}

/// `--path-mode`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PathModeArg {
    /// As it is
    Raw,
    /// Without dot segments and empty segments
    Normalized,
}

/// `--path-encoding`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PathEncodingArg {
    /// As in the request line
    Once,
    /// Encoded again
    Twice,
}

/// `--session-token-mode`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SessionTokenModeArg {
    /// Signed
    Signed,
    /// Added after signing
    After,
}
