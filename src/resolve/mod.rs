//! From options, environment and files to what they mean: who signs, where, for how long. Every
//! value keeps its source.

mod accounts;
mod credentials;
mod endpoint;
mod endpoint_text;
mod endpoint_variants;
mod expiry;
mod file;
mod key_check;
mod location;
mod named_file;
mod object;
mod object_filter;
mod open_input;
mod place;
mod region;
mod secret_file;
mod settings;
mod signed_options;
mod signers;
mod source;
mod time_text;

pub use accounts::{Remote, RemoteKeys, config_path, target_beginnings, target_names};
pub use credentials::aws_files::AwsFiles;
pub use credentials::candidates::{LocalContext, read_file, read_input};
pub use credentials::fetcher::{CredentialRequest, Fetcher, Role, WebIdentity};
pub use credentials::{Files, expiration};
pub use expiry::Lifetime;
pub use file::{FileFacts, md5_of_file, sha256_of_file, type_of_name};
pub use key_check::check_key;
pub use object_filter::{add_pattern_files, parse_size, selection};
pub use open_input::{Input, open_input};
pub use place::Place;
pub use settings::{Configured, StoreSettings};
pub use signed_options::{
    Parts, check_header_value, content_disposition, customer_key_headers, key_bytes, parse_header,
    parse_metadata, parse_query, parse_sent_header,
};
pub use signers::Signers;
pub use source::{Source, Sourced};
pub use time_text::{parse_duration, parse_time};

/// Something to know about a URL that was signed all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable name.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Warning {
            code,
            message: message.into(),
        }
    }

    /// `warning`, or `note` for what was derived from a name and is usually right.
    pub fn label(&self) -> &'static str {
        match self.code {
            "bucket-from-host"
            | "console-url"
            | "location-is-a-bucket"
            | "own-domain-needed"
            | "region-found"
            | "region-from-host"
            | "region-spelling" => "note",
            _ => "warning",
        }
    }
}

#[cfg(test)]
mod tests;
