//! Who signs: one complete set from one source, never the ID from here and the secret from there.

mod assume_role;
pub mod aws_files;
pub mod candidates;
pub(super) mod config_parser;
mod environment;
mod expiration;
pub mod fetcher;
mod files;
mod ibm;
pub(super) mod ibm_documents;
mod profile;
pub(super) mod search;

use crate::error::Failure;
use crate::sigv4::Credentials;
use crate::text::export_credentials;

use super::Sourced;
use ibm_documents::CREATE_HMAC_KEYS;

pub use expiration::expiration;
pub use files::Files;

/// Which credentials come first where several sources are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// The store is IBM COS.
    Ibm,
    /// Any other store.
    Aws,
}

/// The result of a search.
pub(super) enum Found {
    /// Keys.
    Keys(Sourced<Credentials>),
    /// A profile whose keys a service or a program has.
    Fetched {
        /// By which setting.
        option: &'static str,
        /// Its name.
        profile: String,
    },
    /// A web identity token of the environment.
    WebIdentity,
    /// None.
    None,
}

impl From<Option<Sourced<Credentials>>> for Found {
    fn from(found: Option<Sourced<Credentials>>) -> Found {
        found.map_or(Found::None, Found::Keys)
    }
}

/// Where no fetcher is given.
pub(super) fn unsupported_profile(option: &str, name: &str) -> Failure {
    if option == "ibm_api_key_id" {
        return Failure::configuration(format!(
            "profile `{name}` has an IBM API key, and an API key cannot presign"
        ))
        .hint(CREATE_HMAC_KEYS);
    }
    Failure::configuration(format!(
        "profile `{name}` gets its keys through `{option}`, which is not followed here"
    ))
    .hint(format!(
        "let the AWS CLI get them: `{}`",
        export_credentials(name)
    ))
}

/// The same for the token of the environment.
fn unsupported_web_identity() -> Failure {
    Failure::configuration(
        "`AWS_WEB_IDENTITY_TOKEN_FILE` is set, and the keys for its token have to be fetched, \
            which this verb does not do",
    )
    .hint("let the AWS CLI fetch them: `eval \"$(aws configure export-credentials --format env)\"`")
}
