//! The command line as typed. Structs only: `resolve` interprets the values.

pub mod args;
mod check;
pub mod completion;
pub mod foreign;
pub mod habits;
mod information;
pub mod manual;
mod plain;
mod presign;
mod receive;
pub mod reference;
mod share;
pub mod short_help;
mod transfer;
mod verb_habits;

use clap::{Parser, Subcommand};

pub use args::*;
pub use check::{DiagnoseArgs, DoctorArgs, InspectArgs, VerifyUrlArgs};
pub use completion::CompletionsArgs;
pub use information::{ConfigArgs, ExplainArgs, StoresArgs};
pub use manual::ManArgs;
pub use presign::{
    DeleteArgs, GetArgs, HeadArgs, ListArgs, ObjectArgs, PinArg, PutArgs, RequestArgs,
};
pub use receive::{
    CorsArgs, CorsOutput, FormArgs, FormOutput, MultipartArgs, OnlyStep, PageArgs, PageLanguage,
    PlanOutput, PostArgs,
};
pub use share::ShareArgs;
pub use transfer::{DownloadArgs, TransferArgs, UploadToPlanArgs};
pub use verb_habits::is_verb;

/// Generate and debug presigned URLs for IBM Cloud Object Storage, Amazon S3 and every
/// S3-compatible store
#[derive(Debug, Parser)]
#[command(
    name = "cos-presign",
    bin_name = "cos-presign",
    version,
    max_term_width = 100,
    before_help = EXAMPLES,
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    args_override_self = true
)]
pub struct Cli {
    /// The verb
    #[command(subcommand)]
    pub verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  cos-presign get my-bucket/report.pdf --region us-south --expires 24h
  cos-presign put my-bucket/in/photo.jpg --region us-south --output curl
  cos-presign get s3://my-bucket/data.csv --region eu-central-1 --verify";

const AFTER_HELP: &str = "\
Credentials are read from COS_HMAC_ACCESS_KEY_ID and COS_HMAC_SECRET_ACCESS_KEY, AWS_ACCESS_KEY_ID
and AWS_SECRET_ACCESS_KEY, an IBM service-credential file, or the AWS credentials file.
`cos-presign VERB --help` is the reference of a verb.";

/// The verbs. The arguments of a verb are built only when it is used: building all of them takes
/// longer than signing.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Verb {
    /// Presign a GET: download an object
    #[command(visible_alias = "presign", aliases = ["link", "sign", "sign-url", "signurl"])]
    Get(GetArgs),
    /// Presign a PUT: upload an object
    Put(Box<PutArgs>),
    /// Presign a HEAD: read the metadata of an object
    Head(HeadArgs),
    /// Presign a DELETE: delete an object
    Delete(DeleteArgs),
    /// Presign a listing of the objects of a bucket
    List(ListArgs),
    /// Upload files and print their download URLs
    Share(Box<ShareArgs>),
    /// Sign a form (POST policy) for uploads from a browser or with curl
    Post(PostArgs),
    /// Presign every request of a multipart upload
    Multipart(MultipartArgs),
    /// Print the CORS rules that let pages of other origins upload to a bucket
    Cors(CorsArgs),
    /// Presign any other request
    Request(RequestArgs),
    /// Decode a presigned URL: target, expiry, anything suspicious
    Inspect(InspectArgs),
    /// Explain why a presigned URL is refused
    Diagnose(DiagnoseArgs),
    /// Request a presigned URL, and explain a refusal
    Verify(VerifyUrlArgs),
    /// Check credentials, clock, endpoint, region and bucket access
    Doctor(DoctorArgs),
    /// Upload a file with a plan, a form or a presigned URL
    Upload(UploadToPlanArgs),
    /// Download a presigned URL to a file
    Download(DownloadArgs),
    /// List the known stores with their regions, limits and quirks
    Stores(StoresArgs),
    /// Show the effective settings and the source of each
    Config(ConfigArgs),
    /// Explain a `diagnose` code: meaning, cause and fix
    Explain(ExplainArgs),
    /// Print a shell completion script
    Completions(CompletionsArgs),
    /// Print the man page of the program or of a verb
    Man(ManArgs),
}

impl Verb {
    /// How the verb sends requests, if it may send any.
    pub fn network(&self) -> Option<&NetworkArgs> {
        Some(match self {
            Verb::Get(args) => &args.object.sign.network,
            Verb::Put(args) => &args.object.sign.network,
            Verb::Head(args) => &args.object.sign.network,
            Verb::Delete(args) => &args.object.sign.network,
            Verb::List(args) => &args.sign.network,
            Verb::Request(args) => &args.sign.network,
            Verb::Post(args) => &args.network,
            Verb::Multipart(args) => &args.network,
            Verb::Cors(args) => &args.network,
            Verb::Share(args) => &args.network,
            Verb::Verify(args) => &args.network,
            Verb::Doctor(args) => &args.network,
            Verb::Upload(args) => &args.network.network,
            Verb::Download(args) => &args.network.network,
            Verb::Inspect(_)
            | Verb::Diagnose(_)
            | Verb::Stores(_)
            | Verb::Config(_)
            | Verb::Explain(_)
            | Verb::Completions(_)
            | Verb::Man(_) => return None,
        })
    }
}
