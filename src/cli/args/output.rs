//! Output options.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use crate::cli::args::heading::OUTPUT;

/// Output format.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct OutputArgs {
    /// Output format: url, json, tsv, curl, wget, powershell, python, html, markdown, qr
    #[arg(short, long, value_name = "FORM", hide_possible_values = true)]
    pub output: Option<OutputForm>,
    /// Write to a new file readable only by you; for --output qr a .png, .svg or .txt
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub output_file: Option<PathBuf>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output")]
    pub json: bool,
    /// Print every signing step on standard error
    ///
    /// -vv also prints the derived signing keys (secret).
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
    /// Suppress warnings and notes
    #[arg(short, long)]
    pub quiet: bool,
}

/// Verification of printed URLs.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct VerifyArgs {
    /// Request the URL; exit code 1 if the store refuses it (get, head, list)
    ///
    /// Nothing is downloaded: a GET requests the first byte. The response is reported on standard
    /// error.
    #[arg(long)]
    pub verify: bool,
}

/// `--output`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// The URL
    #[default]
    Url,
    /// One JSON object per line
    #[value(alias = "jsonl")]
    Json,
    /// Key, tab, URL
    Tsv,
    /// A curl command; in bulk a file for `curl --parallel --config`
    Curl,
    /// A wget command
    Wget,
    /// A PowerShell command
    Powershell,
    /// A Python script
    Python,
    /// An HTML link; for put an upload page
    Html,
    /// A Markdown link
    Markdown,
    /// A QR code
    Qr,
}

impl OutputForm {
    /// Whether the output is a command or script that uses the URL.
    pub fn is_command(self) -> bool {
        matches!(
            self,
            OutputForm::Curl | OutputForm::Wget | OutputForm::Powershell | OutputForm::Python
        )
    }
}
