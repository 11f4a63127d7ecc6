//! Verbs for receiving files: `post`, `cors`, `multipart`, and the options of the upload page.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::args::heading::{FORM, OUTPUT, PAGE, PARTS};
use super::{
    CredentialArgs, CustomerKeyArgs, NetworkArgs, StoreArgs, TargetArgs, TimeArgs, UploadArgs,
};

/// Sign a form (POST policy) for uploads from a browser or with curl
///
/// TARGET is one object, BUCKET/KEY, or a prefix, BUCKET/PREFIX/, to which the name of the uploaded
/// file is appended. The signed policy lists what is allowed; the store refuses everything else.
#[derive(Args, Debug)]
#[command(before_help = POST_EXAMPLES)]
pub struct PostArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub form: FormArgs,
    #[command(flatten)]
    pub time: TimeArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Output format: json (URL and fields), curl, html (an upload page)
    #[arg(short, long, value_name = "FORM", hide_possible_values = true, help_heading = OUTPUT)]
    pub output: Option<FormOutput>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output", help_heading = OUTPUT, hide_short_help = true)]
    pub json: bool,
    /// File that the printed curl command uploads
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, hide_short_help = true)]
    pub upload_file: Option<OsString>,
    /// Print the policy and every signing step on standard error
    #[arg(short, long, action = ArgAction::Count, help_heading = OUTPUT)]
    pub verbose: u8,
    /// Suppress warnings and notes
    #[arg(short, long, help_heading = OUTPUT)]
    pub quiet: bool,
    #[command(flatten)]
    pub page: PageArgs,
    /// Store files of the page under their own names: a file replaces one of the same name
    ///
    /// Without it, the page stores each file below the prefix under a unique name: time, random
    /// characters and the cleaned name.
    #[arg(long, help_heading = PAGE, hide_short_help = true)]
    pub keep_names: bool,
}

const POST_EXAMPLES: &str = "\
Examples:
  cos-presign post my-bucket/inbox/ --region us-east-1 --max-size 50MB --output html > upload.html
  cos-presign post my-bucket/in/photo.jpg --region us-east-1 --content-type 'image/*' --output curl";

/// Conditions of the policy.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = FORM)]
pub struct FormArgs {
    /// Maximum size of the file: 5000000, 50MB, 1GiB
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub max_size: Option<String>,
    /// Minimum size of the file [default: 0]
    #[arg(
        long,
        value_name = "SIZE",
        allow_hyphen_values = true,
        hide_short_help = true
    )]
    pub min_size: Option<String>,
    /// Content-Type of the file: one type, or `image/*` for all of a kind
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// URL to which the browser is redirected after the upload
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub success_redirect: Option<String>,
    /// HTTP status of a successful upload: 200, 201 or 204 [default of stores: 204]
    #[arg(long, value_name = "STATUS", hide_short_help = true)]
    pub success_status: Option<u16>,
    /// Metadata of the object (x-amz-meta-KEY)
    #[arg(long, value_name = "KEY=VALUE", hide_short_help = true)]
    pub metadata: Vec<String>,
    /// Canned ACL of the object
    #[arg(long, value_name = "ACL", hide_short_help = true)]
    pub acl: Option<String>,
    /// Additional form field with exactly this value
    #[arg(long, value_name = "NAME=VALUE", hide_short_help = true)]
    pub field: Vec<String>,
    /// Form field whose value must start with this prefix; `--field` may set its value
    #[arg(long, value_name = "NAME=PREFIX", hide_short_help = true)]
    pub starts_with: Vec<String>,
    /// Additional policy condition as JSON: '["eq", "$acl", "private"]'
    #[arg(long, value_name = "JSON", hide_short_help = true)]
    pub condition: Vec<String>,
    /// Sign this policy document byte for byte, instead of one built from options; - for standard
    /// input
    ///
    /// Time, region and access key ID are those of its conditions on `x-amz-date` and
    /// `x-amz-credential`. Form fields come from `--field` and from conditions that allow one
    /// value.
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        conflicts_with_all = ["max_size", "min_size", "content_type", "success_redirect", "success_status", "metadata", "acl", "starts_with", "condition", "expires", "until", "at", "backdate", "align"]
    )]
    pub policy: Option<PathBuf>,
}

/// Texts of the page of `--output html`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = PAGE)]
pub struct PageArgs {
    /// Title of the page of --output html
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub title: Option<String>,
    /// Message on the page of --output html
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub message: Option<String>,
    /// Person or organization that requests the files, shown on the page of --output html
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub from: Option<String>,
    /// Language of the page of --output html: en, de, es or fr [default: en]
    #[arg(
        long,
        value_name = "LANG",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub lang: Option<PageLanguage>,
}

/// `--lang`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PageLanguage {
    /// German
    De,
    /// English
    #[default]
    En,
    /// Spanish
    Es,
    /// French
    Fr,
}

impl PageLanguage {
    /// The tag of the language (BCP 47).
    pub fn as_str(self) -> &'static str {
        match self {
            PageLanguage::De => "de",
            PageLanguage::En => "en",
            PageLanguage::Es => "es",
            PageLanguage::Fr => "fr",
        }
    }
}

/// `--output` of `post`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FormOutput {
    /// URL and fields, as SDKs return them
    #[default]
    Json,
    /// A curl command
    Curl,
    /// An upload page
    Html,
}

/// Print the CORS rules that let pages of other origins upload to a bucket
///
/// Nothing is sent. A bucket has one CORS configuration: setting these rules replaces it.
#[derive(Args, Debug)]
#[command(before_help = CORS_EXAMPLES)]
pub struct CorsArgs {
    /// Bucket, for the output formats that are commands
    #[arg(value_name = "BUCKET")]
    pub bucket: Option<OsString>,
    /// Origin of the page, such as `https://www.example.com`; `null` for a page opened from a file
    #[arg(long, value_name = "ORIGIN", required = true, help_heading = RULE)]
    pub origin: Vec<String>,
    /// Allowed method: GET, HEAD, PUT, POST or DELETE [default: PUT and POST]
    #[arg(long, value_name = "METHOD", help_heading = RULE)]
    pub method: Vec<String>,
    /// Allowed request header [default: all]
    #[arg(long, value_name = "NAME", help_heading = RULE, hide_short_help = true)]
    pub allow_header: Vec<String>,
    /// Response header exposed to pages [default: ETag]
    #[arg(long, value_name = "NAME", help_heading = RULE, hide_short_help = true)]
    pub expose_header: Vec<String>,
    /// How long browsers may cache the rules [default: 1h]
    #[arg(long, value_name = "DURATION", help_heading = RULE, hide_short_help = true)]
    pub max_age: Option<String>,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Output format: json, xml, aws, ibmcloud or curl (a command that sets the rules)
    #[arg(
        short,
        long,
        value_name = "FORM",
        hide_possible_values = true,
        default_value = "json",
        help_heading = OUTPUT
    )]
    pub output: CorsOutput,
    /// Suppress warnings and notes
    #[arg(short, long, help_heading = OUTPUT)]
    pub quiet: bool,
}

const RULE: &str = "Rules";

const CORS_EXAMPLES: &str = "\
Examples:
  cos-presign cors --origin https://www.example.com
  cos-presign cors my-bucket --origin https://www.example.com --region us-south --output curl";

/// `--output` of `cors`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CorsOutput {
    /// For the AWS and IBM command lines
    Json,
    /// For the S3 API
    Xml,
    /// An AWS CLI command
    Aws,
    /// An IBM Cloud CLI command
    Ibmcloud,
    /// A presigned request
    Curl,
}

/// Presign every request of a multipart upload
///
/// Creates the upload at the store, the only request that is sent (none with --upload-id or --only
/// create), and prints the URLs of all parts and those that complete, abort and list it. The
/// recipient needs no credentials: `cos-presign upload PLAN FILE`, or the printed script.
#[derive(Args, Debug)]
#[command(before_help = MULTIPART_EXAMPLES)]
pub struct MultipartArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Size of the file: 5000000, 12GiB
    #[arg(
        long,
        value_name = "SIZE",
        allow_hyphen_values = true,
        help_heading = PARTS,
        conflicts_with = "from_file"
    )]
    pub size: Option<String>,
    /// File whose size and type are used
    #[arg(long, value_name = "FILE", help_heading = PARTS)]
    pub from_file: Option<PathBuf>,
    /// Part size [default: 16 MiB, or more if there would be too many parts]
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, help_heading = PARTS)]
    pub part_size: Option<String>,
    /// ID of an existing upload; nothing is sent
    #[arg(long, value_name = "ID", help_heading = PARTS, hide_short_help = true)]
    pub upload_id: Option<String>,
    /// Do not replace an existing object: with `*` the store refuses to complete the upload if the
    /// key exists
    #[arg(
        long,
        value_name = "*",
        help_heading = PARTS,
        hide_short_help = true,
        conflicts_with = "only"
    )]
    pub if_none_match: Option<String>,
    /// Print only the URL of this step; `create` sends nothing
    #[arg(
        long,
        value_name = "STEP",
        help_heading = PARTS,
        hide_short_help = true,
        conflicts_with = "upload_id"
    )]
    pub only: Option<OnlyStep>,
    #[command(flatten)]
    pub time: TimeArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub network: NetworkArgs,
    #[command(flatten)]
    pub upload: UploadArgs,
    #[command(flatten)]
    pub customer_key: CustomerKeyArgs,
    /// Output format: json (a plan for `cos-presign upload`), sh, python, html (an upload page)
    #[arg(short, long, value_name = "FORM", hide_possible_values = true, help_heading = OUTPUT)]
    pub output: Option<PlanOutput>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output", help_heading = OUTPUT, hide_short_help = true)]
    pub json: bool,
    /// Suppress warnings and notes
    #[arg(short, long, help_heading = OUTPUT)]
    pub quiet: bool,
    #[command(flatten)]
    pub page: PageArgs,
}

const MULTIPART_EXAMPLES: &str = "\
Examples:
  cos-presign multipart my-bucket/backup.tar --size 12GiB --region us-south > plan.json
  cos-presign multipart my-bucket/b.tar --from-file b.tar --region us-south --output sh > up.sh";

/// `--only`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnlyStep {
    /// Creates the upload
    Create,
}

/// `--output` of `multipart`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanOutput {
    /// All URLs
    #[default]
    Json,
    /// A POSIX shell script with curl
    Sh,
    /// A Python script
    Python,
    /// An upload page
    Html,
}
