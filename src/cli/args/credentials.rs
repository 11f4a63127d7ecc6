//! Credential options.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::heading::CREDENTIALS;

/// Credential sources. The secret itself is never an argument: other processes can read those.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = CREDENTIALS)]
pub struct CredentialArgs {
    /// Access key ID; the secret is read from --secret-file
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
    /// Use only this credential source: env, ibm, aws, mc, rclone, s3cmd, file
    ///
    /// With mc the TARGET is ALIAS/BUCKET/KEY, with rclone REMOTE:BUCKET/KEY, with file the name of
    /// a target and a key.
    #[arg(
        long,
        value_name = "SOURCE",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub credentials_from: Option<CredentialsFrom>,
}

impl CredentialArgs {
    /// Whether options select the credentials, which takes precedence over every other source.
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
    /// Environment variables
    Env,
    /// IBM service credentials
    Ibm,
    /// AWS files
    Aws,
    /// The MinIO client
    Mc,
    /// rclone
    Rclone,
    /// s3cmd
    S3cmd,
    /// config.toml of this program
    File,
}

impl CredentialsFrom {
    /// The value as typed.
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
