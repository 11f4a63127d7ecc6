//! Receiving files: `post`, `cors`, `multipart`, and the page that `put` and they can print.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::{
    CredentialArgs, CustomerKeyArgs, FORM, OUTPUT, PAGE, PARTS, StoreArgs, TargetArgs, TimeArgs,
    UploadArgs,
};

/// Form with which anyone can upload, from a browser or with curl
///
/// The TARGET is one object, BUCKET/KEY, or a folder, BUCKET/FOLDER/, in which the name of the uploaded file is the rest of the
/// key. What is allowed stands in the policy, which is signed; the store refuses everything else.
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
    /// Form of the output: json (URL and fields), curl, html (a page to upload with)
    #[arg(short, long, value_name = "FORM", hide_possible_values = true, help_heading = OUTPUT)]
    pub output: Option<FormOutput>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output", help_heading = OUTPUT, hide_short_help = true)]
    pub json: bool,
    /// The file that the printed curl command uploads
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, hide_short_help = true)]
    pub upload_file: Option<OsString>,
    /// Show the policy and every step of the signature on standard error
    #[arg(short, long, action = ArgAction::Count, help_heading = OUTPUT)]
    pub verbose: u8,
    /// No warnings and notes
    #[arg(short, long, help_heading = OUTPUT)]
    pub quiet: bool,
    #[command(flatten)]
    pub page: PageArgs,
}

const POST_EXAMPLES: &str = "\
Examples:
  cos-presign post my-bucket/inbox/ --region us-east-1 --max-size 50MB --output html > upload.html
  cos-presign post my-bucket/in/photo.jpg --region us-east-1 --content-type 'image/*' --output curl";

/// What the form allows.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = FORM)]
pub struct FormArgs {
    /// The file has at most so many bytes: 5000000, 50MB, 1GiB
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub max_size: Option<String>,
    /// The file has at least so many bytes [default: 0]
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
    /// Where the browser is sent after the upload
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub success_redirect: Option<String>,
    /// Status of the answer after the upload: 200, 201 or 204 [default of the stores: 204]
    #[arg(long, value_name = "STATUS", hide_short_help = true)]
    pub success_status: Option<u16>,
    /// Metadata of the object (x-amz-meta-KEY)
    #[arg(long, value_name = "KEY=VALUE", hide_short_help = true)]
    pub metadata: Vec<String>,
    /// Canned ACL of the object
    #[arg(long, value_name = "ACL", hide_short_help = true)]
    pub acl: Option<String>,
    /// Another field of the form, with exactly this value
    #[arg(long, value_name = "NAME=VALUE", hide_short_help = true)]
    pub field: Vec<String>,
    /// A field that the uploader chooses, as long as it begins so; `--field` may give it a value
    #[arg(long, value_name = "NAME=PREFIX", hide_short_help = true)]
    pub starts_with: Vec<String>,
    /// Another condition of the policy, in JSON: '["eq", "$acl", "private"]'
    #[arg(long, value_name = "JSON", hide_short_help = true)]
    pub condition: Vec<String>,
    /// Sign this policy, byte for byte, instead of one made of the options; - for standard input
    ///
    /// Time, region and access key id are those of the policy's conditions on `x-amz-date` and `x-amz-credential`. Fields come
    /// from `--field`, and from the policy's conditions that leave no choice.
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        conflicts_with_all = ["max_size", "min_size", "content_type", "success_redirect", "success_status", "metadata", "acl", "starts_with", "condition", "expires", "until", "at", "backdate", "align"]
    )]
    pub policy: Option<PathBuf>,
}

/// Words on the page of `--output html`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = PAGE)]
pub struct PageArgs {
    /// Title of the page of --output html
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub title: Option<String>,
    /// What the page says to the person who uploads
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub message: Option<String>,
}

/// `--output` of `post`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FormOutput {
    /// URL and fields, as SDKs give them
    #[default]
    Json,
    /// A curl command
    Curl,
    /// A page to upload with
    Html,
}

/// CORS rules with which pages of other origins may upload to a bucket
///
/// Nothing is sent. A bucket has one CORS configuration: setting this one replaces the one that is there.
#[derive(Args, Debug)]
#[command(before_help = CORS_EXAMPLES)]
pub struct CorsArgs {
    /// The bucket; for the forms that are commands
    #[arg(value_name = "BUCKET")]
    pub bucket: Option<OsString>,
    /// Where the page is served from, as in `https://www.example.com`; `null` is a page opened from a file
    #[arg(long, value_name = "ORIGIN", required = true, help_heading = RULE)]
    pub origin: Vec<String>,
    /// What pages may do: GET, HEAD, PUT, POST, DELETE [default: PUT and POST]
    #[arg(long, value_name = "METHOD", help_heading = RULE)]
    pub method: Vec<String>,
    /// Headers that pages may send [default: all]
    #[arg(long, value_name = "NAME", help_heading = RULE, hide_short_help = true)]
    pub allow_header: Vec<String>,
    /// Headers of the answer that pages may read [default: ETag]
    #[arg(long, value_name = "NAME", help_heading = RULE, hide_short_help = true)]
    pub expose_header: Vec<String>,
    /// How long browsers may remember the rules [default: 1h]
    #[arg(long, value_name = "DURATION", help_heading = RULE, hide_short_help = true)]
    pub max_age: Option<String>,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// Form of the output: json, xml, aws, ibmcloud or curl (a command that sets the rules)
    #[arg(short, long, value_name = "FORM", hide_possible_values = true, default_value = "json", help_heading = OUTPUT)]
    pub output: CorsOutput,
    /// No warnings and notes
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
    /// As AWS's and IBM's command lines take it
    Json,
    /// As the S3 API takes it
    Xml,
    /// A command for AWS's command line
    Aws,
    /// A command for IBM's command line
    Ibmcloud,
    /// A presigned request
    Curl,
}

/// Links to upload one large object in parts
///
/// Asks the store for an upload id, which is the only thing that is sent (none with --upload-id or --only create), and prints
/// the links of all parts and those to complete, abort and list them. Who has them needs no credentials:
/// `cos-presign upload PLAN FILE`, or the printed script.
#[derive(Args, Debug)]
#[command(before_help = MULTIPART_EXAMPLES)]
pub struct MultipartArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Size of the file: 5000000, 12GiB
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, help_heading = PARTS, conflicts_with = "from_file")]
    pub size: Option<String>,
    /// The file, of which size and type are taken
    #[arg(long, value_name = "FILE", help_heading = PARTS)]
    pub from_file: Option<PathBuf>,
    /// Size of a part [default: 16 MiB, or more where there would be too many]
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, help_heading = PARTS)]
    pub part_size: Option<String>,
    /// The id of an upload that was created already; nothing is sent
    #[arg(long, value_name = "ID", help_heading = PARTS, hide_short_help = true)]
    pub upload_id: Option<String>,
    /// Print this link alone; `create` sends nothing and leaves creating to others
    #[arg(long, value_name = "STEP", help_heading = PARTS, hide_short_help = true, conflicts_with = "upload_id")]
    pub only: Option<OnlyStep>,
    #[command(flatten)]
    pub time: TimeArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub upload: UploadArgs,
    #[command(flatten)]
    pub customer_key: CustomerKeyArgs,
    /// Form of the output: json (a plan for `cos-presign upload`), sh, python, html (a page)
    #[arg(short, long, value_name = "FORM", hide_possible_values = true, help_heading = OUTPUT)]
    pub output: Option<PlanOutput>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output", help_heading = OUTPUT, hide_short_help = true)]
    pub json: bool,
    /// No warnings and notes
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
    /// The link that creates the upload
    Create,
}

/// `--output` of `multipart`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanOutput {
    /// All links
    #[default]
    Json,
    /// A script for a POSIX shell and curl
    Sh,
    /// A Python program
    Python,
    /// A page to upload with
    Html,
}
