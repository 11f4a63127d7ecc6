//! The verb that uploads and prints download URLs: `share`.

use std::ffi::OsString;

use clap::Args;

use crate::error::Failure;

use super::args::heading::{NETWORK, OUTPUT, RESPONSE};
use super::{CredentialArgs, NetworkArgs, OutputArgs, StoreArgs, TimeArgs, UploadArgs};

/// Upload files and print their download URLs
///
/// Files that are larger than a part are uploaded in parts; after a failure, the same command
/// resumes. Every upload is checked against the file. An object with the same content is not
/// uploaded again; another object is not replaced without --force.
#[derive(Args, Debug)]
#[command(
    before_help = SHARE_EXAMPLES,
    override_usage = "cos-presign share [OPTIONS] <FILE>... <TARGET>",
    mut_arg("force", |force| force
        .short('f')
        .help("Replace existing objects; also sign if the store is known to make URLs unsafe")
        .help_heading(OUTPUT)
        .hide_short_help(false)),
)]
pub struct ShareArgs {
    /// Files, or directories: all files below them, hidden ones too; and last the TARGET:
    /// BUCKET/PREFIX/, to which file names and paths below directories are appended, or BUCKET/KEY
    /// for one file
    #[arg(value_name = "FILE", required = true)]
    pub files_and_target: Vec<OsString>,
    #[command(flatten)]
    pub time: TimeArgs,
    /// File name under which a browser saves the file
    #[arg(long, value_name = "NAME", help_heading = RESPONSE)]
    pub download_as: Option<OsString>,
    /// Let a browser display the file instead of saving it
    #[arg(long, help_heading = RESPONSE, hide_short_help = true)]
    pub inline: bool,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Title of the page of --output html
    #[arg(long, value_name = "TEXT", help_heading = OUTPUT, hide_short_help = true)]
    pub title: Option<String>,
    /// Request the printed URLs; exit code 1 if the store refuses one
    #[arg(long, help_heading = OUTPUT)]
    pub verify: bool,
    #[command(flatten)]
    pub upload: UploadArgs,
    /// Part size; larger files are uploaded in parts [default: 16 MiB]
    #[arg(
        long,
        value_name = "SIZE",
        allow_hyphen_values = true,
        help_heading = NETWORK,
        hide_short_help = true
    )]
    pub part_size: Option<String>,
    /// Number of concurrent parts
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        help_heading = NETWORK,
        hide_short_help = true
    )]
    pub jobs: u16,
    #[command(flatten)]
    pub network: NetworkArgs,
}

impl ShareArgs {
    /// The files, and the TARGET after them. Options may be anywhere between, so that the parser
    /// cannot tell them apart.
    ///
    /// # Errors
    /// If there is only one of them.
    pub fn files_and_target(&self) -> Result<(&[OsString], &OsString), Failure> {
        match self.files_and_target.split_last() {
            Some((target, files)) if !files.is_empty() => Ok((files, target)),
            _ => Err(
                Failure::usage("share needs a file and a TARGET, and has only one of them")
                    .hint("`cos-presign share FILE BUCKET/PREFIX/`"),
            ),
        }
    }
}

const SHARE_EXAMPLES: &str = "\
Examples:
  cos-presign share report.pdf my-bucket/out/ --region us-south --expires 7d
  cos-presign share photos my-bucket/photos/ --region us-south --output html > photos.html";
