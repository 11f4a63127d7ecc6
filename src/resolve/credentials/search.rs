//! Which source signs: options, the account of the TARGET, the environment, IBM service
//! credentials, the
//! profile, and what other tools have.

use std::path::Path;

use crate::cli::{CredentialArgs, CredentialsFrom};
use crate::env::Env;
use crate::error::Failure;
use crate::resolve::accounts::{self, Remote, RemoteKeys, from_s3cmd, no_keys_of_s3cmd};
use crate::resolve::key_check::check_key;
use crate::resolve::secret_file::{read_named, refuse_typed_json, secret_file};
use crate::resolve::{Source, Sourced};
use crate::sigv4::Credentials;
use crate::text::CommandLine;

use super::aws_files::Profile;
use super::environment::{from_variables, other_variables};
use super::files::Files;
use super::ibm_documents::{CREATE_HMAC_KEYS, ibm_candidates, ibm_credential, ibm_documents};
use super::profile::{from_profile, static_keys};
use super::{Found, Preference};

/// Finds the credentials.
///
/// # Errors
/// Nothing found, half of a pair, or something that cannot be a key.
pub fn resolve(
    args: &CredentialArgs,
    env: &Env,
    files: &Files,
    preference: Preference,
) -> Result<Sourced<Credentials>, Failure> {
    let found = match search(args, env, files, preference)? {
        Found::Keys(found) => return Ok(found),
        Found::Fetched { option, profile } => return files.fetch_profile(&profile, option),
        Found::WebIdentity => return files.fetch_web_identity(),
        // Credentials of an instance or a container are for Amazon S3, or for a store that was set
        // up to accept them; IBM COS never is.
        Found::None if preference == Preference::Aws => files.fetch_ambient()?,
        Found::None => None,
    };
    found.ok_or_else(|| match args.credentials_from {
        Some(from) => nothing_of_aws(from),
        None => nothing_found(env, preference),
    })
}

/// The same, where there may be none, and nothing is fetched.
///
/// # Errors
/// Half of a pair, or something that cannot be a key.
pub fn find(
    args: &CredentialArgs,
    env: &Env,
    files: &Files,
    preference: Preference,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    match search(args, env, files, preference)? {
        Found::Keys(found) => Ok(Some(found)),
        Found::Fetched { option, profile } => Err(super::unsupported_profile(option, &profile)),
        Found::WebIdentity => Err(super::unsupported_web_identity()),
        Found::None => args
            .credentials_from
            .map_or(Ok(None), |from| Err(nothing_of_aws(from))),
    }
}

fn search(
    args: &CredentialArgs,
    env: &Env,
    files: &Files,
    preference: Preference,
) -> Result<Found, Failure> {
    check_pin(args)?;
    let of_options = from_options(args, env, files)?;
    if !matches!(of_options, Found::None) {
        return Ok(of_options);
    }
    let usual = match args.credentials_from {
        None => find_usual(env, files, preference)?,
        Some(from) => return pinned(from, env, files, preference),
    };
    if !matches!(usual, Found::None) {
        return Ok(usual);
    }
    if let Some(found) = other_variables(env, preference)? {
        return Ok(Found::Keys(found));
    }
    Ok(from_s3cmd(env, None)?
        .and_then(|account| static_keys_of(&account))
        .into())
}

/// The sources that the tools of AWS and IBM read.
///
/// # Errors
/// Half of a pair, something that cannot be a key, or two service credentials with different keys.
fn find_usual(env: &Env, files: &Files, preference: Preference) -> Result<Found, Failure> {
    if let Some(found) = from_variables(env, preference)? {
        return Ok(Found::Keys(found));
    }
    let profile = files.profile()?;
    let ibm = ibm_documents(env)?;
    if preference == Preference::Ibm
        && let Some(Ok(found)) = ibm
    {
        return Ok(Found::Keys(found));
    }
    // A profile whose keys are elsewhere must not lead to a URL that other keys have signed.
    let of_profile = of_profile_or_token(files, profile.as_ref(), preference)?;
    match (of_profile, ibm) {
        (Found::None, Some(Ok(found))) => Ok(Found::Keys(found)),
        (Found::None, Some(Err(failure))) if preference == Preference::Ibm => Err(failure),
        (of_profile, _) => Ok(of_profile),
    }
}

/// As botocore: the role of the profile, the web identity token of the environment, and then the
/// keys of the profile. Such a token is for Amazon S3; see `fetch_ambient`.
fn of_profile_or_token(
    files: &Files,
    profile: Option<&Profile>,
    preference: Preference,
) -> Result<Found, Failure> {
    let has_role = profile.is_some_and(|profile| {
        profile.option("role_arn").is_some() && profile.option("web_identity_token_file").is_none()
    });
    if !has_role
        && preference == Preference::Aws
        && files.profile_option().is_none()
        && files.has_web_identity()
    {
        return Ok(Found::WebIdentity);
    }
    profile.map_or(Ok(Found::None), from_profile)
}

/// Every complete set that this machine has: environment, service credentials and all profiles.
/// What cannot
/// be used is omitted.
pub fn every(env: &Env, files: &Files) -> Vec<Sourced<Credentials>> {
    let mut found: Vec<Sourced<Credentials>> = Vec::new();
    for preference in [Preference::Ibm, Preference::Aws] {
        found.extend(from_variables(env, preference).ok().flatten());
    }
    found.extend(
        ibm_candidates(env)
            .unwrap_or_default()
            .into_iter()
            .filter_map(Result::ok),
    );
    for profile in files.profiles() {
        found.extend(static_keys(&profile).ok().flatten());
    }
    found.extend(accounts::every(env));
    found
}

/// The keys that an account brings; none if it leaves them to the usual sources.
///
/// # Errors
/// A profile that the account names and that cannot be used.
pub fn of_account(
    account: &Remote,
    env: &Env,
    files: &Files,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    let name = match &account.keys {
        RemoteKeys::Static(_) => return Ok(static_keys_of(account)),
        RemoteKeys::Found => return Ok(None),
        RemoteKeys::From(from) => {
            let preference = if account.provider.is_some_and(|p| p.is_ibm()) {
                Preference::Ibm
            } else {
                Preference::Aws
            };
            return match pinned(*from, env, files, preference)? {
                Found::Keys(found) => Ok(Some(found)),
                Found::Fetched { option, profile } => {
                    files.fetch_profile(&profile, option).map(Some)
                }
                Found::WebIdentity => files.fetch_web_identity().map(Some),
                // Only the AWS sources return no keys without an error.
                Found::None => files
                    .fetch_ambient()?
                    .ok_or_else(|| nothing_of_aws(*from))
                    .map(Some),
            };
        }
        RemoteKeys::Profile(name) => name,
    };
    let missing = || {
        Failure::configuration(format!(
            "the {} names the profile `{name}`, which has no access key",
            account.source
        ))
        .hint(format!(
            "add one: `{}`",
            CommandLine::new("aws configure").option("--profile", name)
        ))
    };
    let profile = files.profile_named(name)?.ok_or_else(missing)?;
    match from_profile(&profile)? {
        Found::Keys(found) => Ok(Some(found)),
        Found::Fetched { option, profile } => files.fetch_profile(&profile, option).map(Some),
        Found::WebIdentity | Found::None => Err(missing()),
    }
}

fn static_keys_of(account: &Remote) -> Option<Sourced<Credentials>> {
    match &account.keys {
        RemoteKeys::Static(keys) => Some(Sourced::new(keys.clone(), account.source.clone())),
        RemoteKeys::Profile(_) | RemoteKeys::From(_) | RemoteKeys::Found => None,
    }
}

/// Options that name keys and `--credentials-from` have to mean the same source.
fn check_pin(args: &CredentialArgs) -> Result<(), Failure> {
    let Some(from) = args.credentials_from else {
        return Ok(());
    };
    let options = [
        ("--access-key-id", args.access_key_id.is_some(), None),
        ("--secret-file", args.secret_file.is_some(), None),
        (
            "--service-credential",
            args.service_credential.is_some(),
            Some(CredentialsFrom::Ibm),
        ),
        (
            "--profile",
            args.profile.is_some(),
            Some(CredentialsFrom::Aws),
        ),
    ];
    match options
        .into_iter()
        .find(|(_, given, means)| *given && *means != Some(from))
    {
        None => Ok(()),
        Some((option, ..)) => Err(Failure::usage(format!(
            "{option} and --credentials-from {} name different sources",
            from.as_str()
        ))
        .hint("remove one of them")),
    }
}

/// One source and no other.
fn pinned(
    from: CredentialsFrom,
    env: &Env,
    files: &Files,
    preference: Preference,
) -> Result<Found, Failure> {
    let nothing = |what: &str, hint: &str| {
        Failure::configuration(format!("--credentials-from {}, but {what}", from.as_str()))
            .hint(hint)
    };
    let found = match from {
        CredentialsFrom::Env => from_variables(env, preference)?.ok_or_else(|| {
            nothing(
                "no variable has keys",
                "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or those of COS_HMAC",
            )
        }),
        CredentialsFrom::Ibm => ibm_documents(env)?.unwrap_or_else(|| {
            Err(nothing(
                "there is no service credential",
                "save one as `~/.bluemix/cos_credentials`, or name it: `--service-credential FILE`",
            ))
        }),
        CredentialsFrom::Aws => {
            return of_profile_or_token(files, files.profile()?.as_ref(), preference);
        }
        CredentialsFrom::S3cmd => from_s3cmd(env, None)?
            .as_ref()
            .and_then(static_keys_of)
            .ok_or_else(no_keys_of_s3cmd),
        CredentialsFrom::Mc | CredentialsFrom::Rclone | CredentialsFrom::File => Err(nothing(
            "nothing here names an account of it",
            "the TARGET does: ALIAS/BUCKET/KEY, REMOTE:BUCKET/KEY or @TARGET/KEY",
        )),
    };
    found.map(Found::Keys)
}

fn nothing_of_aws(from: CredentialsFrom) -> Failure {
    let from = from.as_str();
    Failure::configuration(format!(
        "--credentials-from {from}, but the AWS files have no keys for the profile in effect"
    ))
    .hint("name a profile: `--profile NAME`")
}

fn nothing_found(env: &Env, preference: Preference) -> Failure {
    let failure = Failure::configuration("no credentials found in options, environment or files");
    let failure = failure.hint(match preference {
        Preference::Ibm => {
            "set `COS_HMAC_ACCESS_KEY_ID` and `COS_HMAC_SECRET_ACCESS_KEY`, or name IBM's file: \
                `--service-credential FILE`"
        }
        Preference::Aws => {
            "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or name a \
            profile: `--profile NAME`"
        }
    });
    let mut api_keys = ["IBMCLOUD_API_KEY", "COS_API_KEY_ID", "IBMCLOUD_APIKEY"].into_iter();
    let Some(name) = api_keys.find(|name| env.variable(name).is_some()) else {
        return failure;
    };
    let with_api_key = Failure::configuration(format!(
        "{}: `{name}` has an API key, and an API key cannot presign",
        failure.message
    ));
    match preference {
        Preference::Ibm => with_api_key.hint(CREATE_HMAC_KEYS),
        // The key is of no use at another store, whatever kind it is.
        Preference::Aws => with_api_key.hint(failure.hint.unwrap_or_default()),
    }
}

fn from_options(args: &CredentialArgs, env: &Env, files: &Files) -> Result<Found, Failure> {
    let kinds = [
        (
            "--access-key-id",
            args.access_key_id.is_some() || args.secret_file.is_some(),
        ),
        ("--service-credential", args.service_credential.is_some()),
        ("--profile", args.profile.is_some()),
    ];
    let given: Vec<&str> = kinds
        .iter()
        .filter(|(_, given)| *given)
        .map(|(name, _)| *name)
        .collect();
    if let [first, second, ..] = given[..] {
        return Err(
            Failure::usage(format!("{first} and {second} both name credentials"))
                .hint(format!("remove one of them, such as {second}")),
        );
    }
    match (&args.access_key_id, &args.secret_file) {
        (Some(_), Some(secret))
            if secret == Path::new("-") && args.session_token_file.as_ref() == Some(secret) =>
        {
            return Err(Failure::usage(
                "--secret-file and --session-token-file both read standard input",
            )
            .hint("put one of them into a file"));
        }
        (Some(id), Some(file)) => {
            let secret = secret_file(env, file, "--secret-file")?;
            check_key("--access-key-id", id.as_bytes(), "access key id")?;
            let mut credentials = Credentials::new(id.as_str(), secret.to_vec());
            if let Some(file) = &args.session_token_file {
                credentials = credentials
                    .with_session_token(secret_file(env, file, "--session-token-file")?.to_vec());
            }
            return Ok(Found::Keys(Sourced::new(
                credentials,
                Source::Option("--access-key-id with --secret-file"),
            )));
        }
        (Some(_), None) => {
            return Err(
                Failure::configuration("--access-key-id is given, but not its secret").hint(
                    "put the secret access key into a file: `--secret-file FILE`, or pipe it \
                    in: `--secret-file -`",
                ),
            );
        }
        (None, Some(_)) => {
            return Err(
                Failure::configuration("--secret-file is given, but not --access-key-id")
                    .hint("add `--access-key-id ID`"),
            );
        }
        (None, None) if args.session_token_file.is_some() => {
            return Err(Failure::configuration(
                "--session-token-file is given, but not the keys it belongs to",
            )
            .hint("add `--access-key-id ID --secret-file FILE`"));
        }
        (None, None) => {}
    }
    if let Some(file) = &args.service_credential {
        refuse_typed_json(file, "--service-credential")?;
        let bytes = read_named(file, Some("--service-credential"))?;
        return ibm_credential(&bytes, Source::File(file.clone())).map(Found::Keys);
    }
    if args.profile.is_some()
        && let Some(profile) = files.profile()?
    {
        return match from_profile(&profile)? {
            Found::None => Err(Failure::configuration(format!(
                "profile `{}` has no access key",
                profile.name
            ))
            .hint(format!(
                "add one: `{}`",
                CommandLine::new("aws configure").option("--profile", profile.name)
            ))),
            found => Ok(found),
        };
    }
    Ok(Found::None)
}

impl Files<'_> {
    /// Whether any of the usual sources but the file of s3cmd has keys.
    pub(in crate::resolve) fn usual_keys_exist(&self) -> bool {
        let found = [Preference::Ibm, Preference::Aws]
            .map(|preference| find_usual(self.env, self, preference));
        self.args.name_keys() || !matches!(found, [Ok(Found::None), Ok(Found::None)])
    }
}
