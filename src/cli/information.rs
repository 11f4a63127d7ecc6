//! The verbs that print information: `explain`, `stores`, `config`.

use std::ffi::OsString;

use clap::Args;

use crate::cli::{CredentialArgs, ReportArgs, StoreArgs};

/// Explain a `diagnose` code: meaning, cause and fix
#[derive(Args, Debug)]
#[command(before_help = EXPLAIN_EXAMPLES)]
pub struct ExplainArgs {
    /// The code; all codes are listed without it
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  cos-presign explain
  cos-presign explain wrong-region";

/// List the known stores with their regions, limits and quirks
///
/// The list is not exhaustive: other stores, hosts and regions work with --endpoint.
#[derive(Args, Debug)]
#[command(before_help = STORES_EXAMPLES)]
pub struct StoresArgs {
    /// The store; all stores are listed without it
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const STORES_EXAMPLES: &str = "\
Examples:
  cos-presign stores
  cos-presign stores ibm";

/// Show the effective settings and the source of each
///
/// Without TARGET: the settings of the environment and of configuration files, and the targets of
/// config.toml. Secrets are not shown, nothing is sent, and no credentials are fetched.
#[derive(Args, Debug)]
#[command(before_help = CONFIG_EXAMPLES)]
pub struct ConfigArgs {
    /// A target, alias, remote or bucket, as for the other verbs
    #[arg(value_name = "TARGET")]
    pub target: Option<OsString>,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub credentials: CredentialArgs,
    /// Validity of the URL, as for `get`
    #[arg(short, long, value_name = "DURATION")]
    pub expires: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
}

const CONFIG_EXAMPLES: &str = "\
Examples:
  cos-presign config
  cos-presign config @reports
  cos-presign config my-bucket --region us-south --profile work";
