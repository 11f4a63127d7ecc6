//! Keys of a profile of the AWS files.

use crate::error::Failure;
use crate::resolve::key_check::check_key;
use crate::resolve::{Source, Sourced};
use crate::sigv4::Credentials;

use super::Found;
use super::aws_files::{FileKind, Profile, ProfileOption};
use super::expiration::with_expiration;

pub(super) fn from_profile(profile: &Profile) -> Result<Found, Failure> {
    // A role comes before static keys in the same profile: those are what the role is assumed with.
    if profile.option("role_arn").is_some() {
        return Ok(fetched(profile, "role_arn"));
    }
    without_role(profile)
}

fn fetched(profile: &Profile, option: &'static str) -> Found {
    Found::Fetched {
        option,
        profile: profile.name.to_owned(),
    }
}

/// What a profile has besides a role, in botocore's order.
pub(super) fn without_role(profile: &Profile) -> Result<Found, Failure> {
    let first = |options: &[&'static str]| {
        options
            .iter()
            .copied()
            .find(|option| profile.option(option).is_some())
    };
    if let Some(option) = first(&["web_identity_token_file", "sso_session", "sso_start_url"]) {
        return Ok(fetched(profile, option));
    }
    if let Some(found) = static_keys_in(profile, FileKind::Credentials)? {
        return Ok(Found::Keys(found));
    }
    if let Some(option) = first(&["login_session", "credential_process"]) {
        return Ok(fetched(profile, option));
    }
    if let Some(found) = static_keys_in(profile, FileKind::Config)? {
        return Ok(Found::Keys(found));
    }
    Ok(first(&["ibm_api_key_id"]).map_or(Found::None, |option| fetched(profile, option)))
}

/// The keys in a profile itself.
pub(super) fn static_keys(profile: &Profile) -> Result<Option<Sourced<Credentials>>, Failure> {
    match static_keys_in(profile, FileKind::Credentials)? {
        Some(found) => Ok(Some(found)),
        None => static_keys_in(profile, FileKind::Config),
    }
}

/// Names under which tools that fetch temporary credentials store when they expire; the AWS tools
/// have none.
const EXPIRATIONS: [&str; 8] = [
    "x_security_token_expires",
    "aws_expiration",
    "expiration",
    "aws_credential_expiration",
    "aws_credentials_expiration",
    "aws_session_expiration",
    "aws_session_token_expiration",
    "aws_token_expiration",
];

/// The keys of a profile in one file: the id, its secret and its token are never put together from
/// two.
fn static_keys_in(
    profile: &Profile,
    kind: FileKind,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    let option = |name| profile.option_in(kind, name);
    let half = |missing: &str, other: ProfileOption| {
        Failure::configuration(format!(
            "profile `{}` in `{}` has no `{missing}`",
            profile.name,
            other.file.display()
        ))
        .hint(format!(
            "id, secret and token are taken from one file: add `{missing}` below {}",
            other.place()
        ))
    };
    let (id, secret) = match (option("aws_access_key_id"), option("aws_secret_access_key")) {
        (None, None) => return Ok(None),
        (Some(id), None) => return Err(half("aws_secret_access_key", id)),
        (None, Some(secret)) => return Err(half("aws_access_key_id", secret)),
        (Some(id), Some(secret)) => (id, secret),
    };
    let checked = |what: &str, option: ProfileOption| {
        let source = format!("profile `{}` in {}", profile.name, option.place());
        check_key(&source, option.text().as_bytes(), what)
    };
    checked("access key id", id)?;
    checked("secret access key", secret)?;
    let mut credentials = Credentials::new(id.text(), secret.text());
    // The older name first, as botocore reads them.
    let token = option("aws_security_token").or_else(|| option("aws_session_token"));
    if let Some(token) = token {
        checked("session token", token)?;
        credentials = credentials.with_session_token(token.text());
    }
    if let Some(end) = EXPIRATIONS.into_iter().find_map(option) {
        let source = format!("profile `{}` in {}", profile.name, end.place());
        credentials = with_expiration(credentials, &source, end.text())?;
    }
    Ok(Some(Sourced::new(
        credentials,
        Source::Profile {
            name: profile.name.to_owned(),
            file: id.file.to_owned(),
        },
    )))
}
