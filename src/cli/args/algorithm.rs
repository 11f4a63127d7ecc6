//! Details of the signature.

use clap::{Args, ValueEnum};

use crate::cli::args::heading::STORE;

/// Signature algorithm.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = STORE)]
pub struct AlgorithmArgs {
    /// Sign with SigV4A for these regions: names separated by commas, or `*`
    ///
    /// Required by Multi-Region Access Points, whose ARN implies `*`. A few other AWS services
    /// accept it; other stores do not.
    #[arg(long, value_name = "REGIONS", hide_short_help = true)]
    pub region_set: Option<String>,
}

/// `--path-mode`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PathModeArg {
    /// Unchanged
    Raw,
    /// Dot segments and empty segments removed
    Normalized,
}

/// `--path-encoding`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PathEncodingArg {
    /// As in the request line
    Once,
    /// Percent-encoded a second time
    Twice,
}

/// `--session-token-mode`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SessionTokenModeArg {
    /// Signed
    Signed,
    /// Appended after signing
    After,
}
