//! Who signs: one complete set from one source, never the id from here and the secret from there.

pub mod assume_role;
pub mod aws_files;
pub mod candidates;
pub(super) mod config_parser;
pub mod ibm;

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};
use zeroize::Zeroizing;

use crate::cli::{CredentialArgs, CredentialsFrom};
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::{Credentials, SigningTime};
use crate::text::{CommandLine, export_credentials, key_problem};

use super::accounts::{self, Remote, RemoteKeys, from_s3cmd, named_path};
use super::credentials::aws_files::{FileKind, Profile, ProfileOption};
use super::expiry::parse_time;
use super::{Files, Source, Sourced};
use ibm::ServiceCredential;

/// No credential file is larger than this.
const FILE_LIMIT: u64 = 1 << 20;

/// How IBM's credentials get HMAC keys.
pub(super) const CREATE_HMAC_KEYS: &str = "create HMAC keys: `ibmcloud resource service-key-create NAME Writer --instance-name INSTANCE --parameters '{\"HMAC\":true}'`";

/// Whose credentials are preferred where several sources are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// The store is IBM COS.
    Ibm,
    /// Any other store.
    Aws,
}

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
        // Keys that Amazon's machines hand out are for Amazon, or for whoever was set up to know
        // them; IBM never is. Whoever named keys or a source that has none was told so.
        Found::None if preference == Preference::Aws => files.fetch_ambient()?,
        Found::None => None,
    };
    found.ok_or_else(|| match args.credentials_from {
        Some(from) => nothing_of_aws(from),
        None => nothing_found(env, preference),
    })
}

/// What a search comes to.
pub(super) enum Found {
    /// Keys.
    Keys(Sourced<Credentials>),
    /// A profile whose keys are handed out by somebody.
    Fetched {
        /// By which setting.
        option: &'static str,
        /// Its name.
        profile: String,
    },
    /// None.
    None,
}

impl From<Option<Sourced<Credentials>>> for Found {
    fn from(found: Option<Sourced<Credentials>>) -> Found {
        found.map_or(Found::None, Found::Keys)
    }
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
        Found::Fetched { option, profile } => Err(unsupported_profile(option, &profile)),
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

/// The sources that every tool of AWS's or IBM's reads.
///
/// # Errors
/// Half of a pair, something that cannot be a key, or two of IBM's documents with different keys.
pub(super) fn find_usual(
    env: &Env,
    files: &Files,
    preference: Preference,
) -> Result<Found, Failure> {
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
    // That a profile's keys are somewhere else must not lead to a link that somebody else's keys
    // have signed.
    let of_profile = profile.as_ref().map_or(Ok(Found::None), from_profile)?;
    match (of_profile, ibm) {
        (Found::None, Some(Ok(found))) => Ok(Found::Keys(found)),
        (Found::None, Some(Err(failure))) if preference == Preference::Ibm => Err(failure),
        (of_profile, _) => Ok(of_profile),
    }
}

/// Every complete set that this machine has: environment, IBM's file and all profiles. What cannot
/// be used is left out.
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
pub(super) fn of_account(
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
                // Only AWS's sources may have none without saying so.
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
        Found::None => Err(missing()),
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
        .hint("leave out one of them")),
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
            return files
                .profile()?
                .as_ref()
                .map_or(Ok(Found::None), from_profile);
        }
        CredentialsFrom::S3cmd => from_s3cmd(env, None)?
            .as_ref()
            .and_then(static_keys_of)
            .ok_or_else(|| {
                nothing(
                    "s3cmd has no keys in `~/.s3cfg`",
                    "run `s3cmd --configure`, or name its file: `S3CMD_CONFIG=FILE`",
                )
            }),
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
        "--credentials-from {from}, but AWS's files have no keys for the profile in force"
    ))
    .hint("name a profile: `--profile NAME`")
}

fn nothing_found(env: &Env, preference: Preference) -> Failure {
    let api_keys = ["IBMCLOUD_API_KEY", "COS_API_KEY_ID", "IBMCLOUD_APIKEY"];
    if preference == Preference::Ibm
        && let Some(name) = api_keys
            .into_iter()
            .find(|name| env.variable(name).is_some())
    {
        return Failure::configuration(format!(
            "no credentials found in options, environment or files: `{name}` has an API key, and an API key cannot presign"
        ))
        .hint(CREATE_HMAC_KEYS);
    }
    let failure = Failure::configuration("no credentials found in options, environment or files");
    failure.hint(match preference {
        Preference::Ibm => {
            "set `COS_HMAC_ACCESS_KEY_ID` and `COS_HMAC_SECRET_ACCESS_KEY`, or name IBM's file: `--service-credential FILE`"
        }
        Preference::Aws => "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or name a profile: `--profile NAME`",
    })
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
                .hint(format!("leave out one of them, say {second}")),
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
            return Err(Failure::configuration("--access-key-id is given, but not its secret")
                .hint("put the secret access key into a file: `--secret-file FILE`, or pipe it in: `--secret-file -`"));
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
        let bytes = read_limited(fs::File::open(file), file, Some("--service-credential"))?;
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

/// For targets of our own.
pub(super) fn credential_of_file(file: &Path, named_by: &str) -> Result<Credentials, Failure> {
    let bytes = read_limited(fs::File::open(file), file, Some(named_by))?;
    Ok(ibm_credential(&bytes, Source::File(file.to_owned()))?.value)
}

/// What `docker --env-file`, YAML and copying from a web page add to a key, none of which any key
/// has.
///
/// # Errors
/// What is wrong with it, and where it came from; the key itself is not shown.
pub fn check_key(source: &str, bytes: &[u8], what: &str) -> Result<(), Failure> {
    match key_problem(bytes, what) {
        None => Ok(()),
        Some(problem) => Err(
            Failure::configuration(format!("the {what} from {source} {problem}"))
                .hint("set it again, exactly as the store showed it"),
        ),
    }
}

/// The whole of a file but the line break at its end and a byte order mark, which editors and
/// `echo` put there.
pub(super) fn secret_file(
    env: &Env,
    file: &Path,
    named_by: &str,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if file != Path::new("-") && !file.exists() && may_be_a_secret(file) {
        return Err(Failure::configuration(format!(
            "the value of {named_by} names no file, and it is not repeated, since it may be the secret itself"
        ))
        .hint(format!("put the secret into a file: `{named_by} FILE`, or pipe it in: `{named_by} -`")));
    }
    let bytes = if file == Path::new("-") {
        read_wiped(&mut *env.stdin(), FILE_LIMIT).map_err(|error| {
            Failure::configuration(format!("cannot read standard input: {error}"))
        })?
    } else {
        read_limited(fs::File::open(file), file, Some(named_by))?
    };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let source = if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        format!("`{}`", file.display())
    };
    check_key(&source, text, "secret")?;
    Ok(Zeroizing::new(text.to_vec()))
}

/// Whether a name looks like a secret or a token rather than like a file.
fn may_be_a_secret(file: &Path) -> bool {
    let text = file.as_os_str().as_encoded_bytes();
    let is_of_key = |b: &u8| b.is_ascii_alphanumeric() || b"+/=_-".contains(b);
    let kinds: [fn(&u8) -> bool; 3] = [
        u8::is_ascii_uppercase,
        u8::is_ascii_lowercase,
        u8::is_ascii_digit,
    ];
    let mixed = kinds.iter().filter(|kind| text.iter().any(kind)).count();
    let is_hex = text.len() >= 32 && text.iter().all(u8::is_ascii_hexdigit);
    is_hex
        || (text.len() >= 24 && !text.starts_with(b"/") && text.iter().all(is_of_key) && mixed == 3)
}

/// `named_by`: the option or variable that named the file, if anything did.
pub(super) fn read_limited(
    file: io::Result<fs::File>,
    path: &Path,
    named_by: Option<&str>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    file.and_then(|mut file| match read_wiped(&mut file, FILE_LIMIT + 1)? {
        bytes if bytes.len() as u64 > FILE_LIMIT => {
            Err(io::Error::other("it is larger than 1 MiB"))
        }
        bytes => Ok(bytes),
    })
    .map_err(|error| Failure::cannot_read(&format!("`{}`", path.display()), named_by, &error))
}

/// All there is to read, up to a limit, in buffers that are wiped: one that grows leaves what it
/// held where it was.
fn read_wiped(from: &mut dyn Read, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(vec![0; limit.min(8 << 10)]);
    let mut length = 0;
    loop {
        if length == bytes.len() {
            if length == limit {
                break;
            }
            let mut larger = Zeroizing::new(vec![0; limit.min(4 * length)]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
        match from.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

fn from_variables(
    env: &Env,
    preference: Preference,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    let cos = variable_pair(env, "COS_HMAC_ACCESS_KEY_ID", "COS_HMAC_SECRET_ACCESS_KEY")?;
    let aws = aws_variables(env)?;
    Ok(match preference {
        Preference::Ibm => cos.or(aws),
        Preference::Aws => aws.or(cos),
    })
}

/// The variables of other tools and libraries, which count where nothing else has keys: Java's and
/// Hadoop's, Bun's, MinIO's.
fn other_variables(
    env: &Env,
    preference: Preference,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    if preference == Preference::Ibm {
        return Ok(None);
    }
    for (id, secret, token) in [
        ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", None),
        (
            "S3_ACCESS_KEY_ID",
            "S3_SECRET_ACCESS_KEY",
            Some("S3_SESSION_TOKEN"),
        ),
        ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", None),
    ] {
        let Some(mut found) = variable_pair(env, id, secret)? else {
            continue;
        };
        if let Some(name) = token
            && let Some(text) = env.text(name)?
        {
            check_key(&format!("`{name}`"), text.as_bytes(), "session token")?;
            found.value = found.value.with_session_token(text);
        }
        return Ok(Some(found));
    }
    Ok(None)
}

/// The variables that AWS's tools read.
pub(super) fn aws_variables(env: &Env) -> Result<Option<Sourced<Credentials>>, Failure> {
    let Some(mut found) = variable_pair(env, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")? else {
        return Ok(None);
    };
    // The older name first, as botocore reads them.
    for name in ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"] {
        if let Some(token) = env.text(name)? {
            check_key(&format!("`{name}`"), token.as_bytes(), "session token")?;
            found.value = found.value.with_session_token(token);
            break;
        }
    }
    if let Some(text) = env.text("AWS_CREDENTIAL_EXPIRATION")? {
        found.value = ending(found.value, "`AWS_CREDENTIAL_EXPIRATION`", text)?;
    }
    Ok(Some(found))
}

fn variable_pair(
    env: &Env,
    id_name: &'static str,
    secret_name: &'static str,
) -> Result<Option<Sourced<Credentials>>, Failure> {
    let half = |have: &str, miss: &str| {
        Failure::configuration(format!("`{have}` is set, but not `{miss}`")).hint(format!(
            "set `{miss}` too, or remove the other: `unset {have}`"
        ))
    };
    match (env.text(id_name)?, env.text(secret_name)?) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(id_name, secret_name)),
        (None, Some(_)) => Err(half(secret_name, id_name)),
        (Some(id), Some(secret)) => {
            check_key(&format!("`{id_name}`"), id.as_bytes(), "access key id")?;
            check_key(
                &format!("`{secret_name}`"),
                secret.as_bytes(),
                "secret access key",
            )?;
            Ok(Some(Sourced::new(
                Credentials::new(id, secret),
                Source::Variable(id_name),
            )))
        }
    }
}

/// What IBM's documents have: the service-credential file, the services of Code Engine and Cloud
/// Foundry, bindings, and the plug-in's file. The inner result is an error where the file has no
/// usable keys: that matters only if no other source is complete.
///
/// # Errors
/// Two that have different keys: which of them is meant cannot be known.
fn ibm_documents(env: &Env) -> Result<Option<Result<Sourced<Credentials>, Failure>>, Failure> {
    let mut candidates = ibm_candidates(env)?;
    let complete: Vec<&Sourced<Credentials>> = candidates
        .iter()
        .filter_map(|found| found.as_ref().ok())
        .collect();
    if let Some(first) = complete.first()
        && let Some(other) = complete
            .iter()
            .find(|other| other.value.access_key_id() != first.value.access_key_id())
    {
        return Err(Failure::configuration(format!("`{}` and `{}` have different HMAC keys", first.source, other.source))
            .hint("say which: `--service-credential FILE`, or set `COS_HMAC_ACCESS_KEY_ID` and `COS_HMAC_SECRET_ACCESS_KEY`"));
    }
    let best = candidates.iter().position(Result::is_ok).unwrap_or(0);
    Ok((!candidates.is_empty()).then(|| candidates.swap_remove(best)))
}

fn ibm_candidates(env: &Env) -> Result<Vec<Result<Sourced<Credentials>, Failure>>, Failure> {
    let mut found = Vec::new();
    let usual = || {
        env.home()
            .map(|home| (home.join(".bluemix").join("cos_credentials"), None))
    };
    if let Some((path, named_by)) = named_path(env, "COS_CREDENTIALS_FILE").or_else(usual) {
        let file = fs::File::open(&path);
        // Whoever runs us in a home directory that is not theirs, or is none, has not asked for
        // what is in it.
        if named_by.is_some() || file.is_ok() {
            let bytes = read_limited(file, &path, named_by)?;
            found.push(ibm_credential(&bytes, Source::File(path)));
        }
    }
    for variable in ["CE_SERVICES", "VCAP_SERVICES"] {
        let Some(text) = env.text(variable)? else {
            continue;
        };
        let services = ibm::services(text.as_bytes()).map_err(|(line, column)| {
            Failure::configuration(format!(
                "`{variable}` is not JSON from line {line}, column {column} on"
            ))
            .hint(format!("set it again, or remove it: `unset {variable}`"))
        })?;
        found.extend(services.map(|services| usable(services, Source::Variable(variable))));
    }
    if let Some(root) = env.path("SERVICE_BINDING_ROOT") {
        let mut folders: Vec<_> = fs::read_dir(&root)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        folders.sort();
        for folder in folders {
            let read = |name: &str| {
                let path = folder.join(name);
                let bytes = read_limited(fs::File::open(&path), &path, None).ok()?;
                Some(Zeroizing::new(
                    std::str::from_utf8(&bytes)
                        .ok()?
                        .trim_end_matches(['\r', '\n'])
                        .to_owned(),
                ))
            };
            found.extend(
                ibm::binding(read).map(|binding| usable(binding, Source::File(folder.clone()))),
            );
        }
    }
    let plugin = env
        .home()
        .map(|home| home.join(".bluemix/plugins/cloud-object-storage/config.json"));
    if let Some(path) = plugin.filter(|_| found.is_empty())
        && let Ok(file) = fs::File::open(&path)
    {
        let bytes = read_limited(Ok(file), &path, None)?;
        // The plug-in keeps other settings there too; most people have no keys in it.
        let keys = ibm::read(&bytes)
            .ok()
            .filter(|keys| matches!(keys, ServiceCredential::Hmac { .. }));
        found.extend(keys.map(|keys| usable(keys, Source::File(path))));
    }
    Ok(found)
}

fn ibm_credential(bytes: &[u8], source: Source) -> Result<Sourced<Credentials>, Failure> {
    let found = ibm::read(bytes).map_err(|(line, column)| {
        Failure::configuration(format!(
            "`{source}` is not JSON from line {line}, column {column} on"
        ))
        .hint("save the service credential again, whole")
    })?;
    usable(found, source)
}

fn usable(found: ServiceCredential, source: Source) -> Result<Sourced<Credentials>, Failure> {
    let shown = source.to_string();
    match found {
        ServiceCredential::Hmac { access_key_id, secret_access_key } => {
            check_key(&format!("`{shown}`"), access_key_id.as_bytes(), "access key id")?;
            check_key(&format!("`{shown}`"), secret_access_key.expose_secret(), "secret access key")?;
            Ok(Sourced::new(Credentials::new(access_key_id, secret_access_key.expose_secret()), source))
        }
        ServiceCredential::WithoutHmac => {
            Err(Failure::configuration(format!("`{shown}` has an API key but no `cos_hmac_keys`, and an API key cannot presign"))
                .hint(CREATE_HMAC_KEYS))
        }
        ServiceCredential::Half(missing) => {
            Err(Failure::configuration(format!("the `cos_hmac_keys` in `{shown}` have no `{missing}`")).hint(CREATE_HMAC_KEYS))
        }
        ServiceCredential::Several(count) => {
            Err(Failure::configuration(format!("`{shown}` has {count} credentials with HMAC keys"))
                .hint("keep one of them in a file of its own: `ibmcloud resource service-key NAME --output json`"))
        }
        ServiceCredential::Unknown => Err(Failure::configuration(format!(
            "`{shown}` has neither `cos_hmac_keys` nor anything else of a service credential"
        ))
        .hint(CREATE_HMAC_KEYS)),
    }
}

fn from_profile(profile: &Profile) -> Result<Found, Failure> {
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

/// Names under which tools that fetch temporary credentials write down when they expire; AWS's own
/// tools do not.
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
        credentials = ending(credentials, &source, end.text())?;
    }
    Ok(Some(Sourced::new(
        credentials,
        Source::Profile {
            name: profile.name.to_owned(),
            file: id.file.to_owned(),
        },
    )))
}

fn ending(credentials: Credentials, source: &str, text: &str) -> Result<Credentials, Failure> {
    let end = expiration(text).ok_or_else(|| {
        Failure::configuration(format!(
            "the end of the credentials from {source}, `{}`, is not a time",
            text.escape_debug()
        ))
        .hint("write it as `2026-01-31T23:59:59Z`, or remove it")
    })?;
    let end = SigningTime::new(end)
        .map_err(|error| Failure::configuration(format!("{source}: {error}")))?;
    Ok(credentials.ending_at(end))
}

/// A time as the tools that fetch temporary credentials write it; without a zone it is UTC.
pub fn expiration(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = parse_time("", text) {
        return Some(time);
    }
    for form in [
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f %z",
    ] {
        if let Ok(time) = DateTime::parse_from_str(text, form) {
            return Some(time.with_timezone(&Utc));
        }
    }
    for form in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.fZ",
        "%Y-%m-%d %H:%M:%S%.f UTC",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return Some(time.and_utc());
        }
    }
    // Seconds since 1970, and not a year.
    let seconds = text.parse().ok().filter(|_| text.len() >= 9)?;
    DateTime::from_timestamp(seconds, 0)
}

/// Where nobody fetches.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_refused_beyond() {
        let folder = tempfile::tempdir().expect("a folder");
        for (length, read) in [
            (0, true),
            (8 << 10, true),
            (FILE_LIMIT, true),
            (FILE_LIMIT + 1, false),
        ] {
            let path = folder.path().join(length.to_string());
            let content = vec![b'x'; usize::try_from(length).expect("it fits")];
            fs::write(&path, &content).expect("written");
            let bytes =
                read_limited(fs::File::open(&path), &path, None).map(|bytes| *bytes == content);
            assert_eq!(bytes.ok(), read.then_some(true), "{length}");
        }
    }

    /// Gives a byte at a time, and is interrupted before each.
    struct Halting<'a>(&'a [u8], bool);

    impl Read for Halting<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let length = self.0.len().min(into.len()).min(1);
            self.0.read(&mut into[..length])
        }
    }

    struct Failing;

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }

    #[test]
    fn reading_goes_on_after_an_interruption_and_stops_at_a_fault() {
        let text = b"secret".repeat(2000);
        let all = read_wiped(&mut Halting(&text, false), FILE_LIMIT).expect("readable");
        assert_eq!(*all, text);
        let start = read_wiped(&mut Halting(&text, false), 9000).expect("readable");
        assert_eq!(*start, text[..9000]);
        let fault = read_wiped(&mut Failing, FILE_LIMIT)
            .map(|_| ())
            .map_err(|error| error.kind());
        assert_eq!(fault, Err(io::ErrorKind::PermissionDenied));
    }

    #[test]
    fn keys_with_what_is_no_part_of_them_are_refused() {
        for (key, problem) in [
            ("", "is empty"),
            ("key\n", "ends with a line break"),
            ("key\r", "ends with a line break"),
            ("k\0y", "has a control character in it"),
            (" key", "begins or ends with a space"),
            ("key ", "begins or ends with a space"),
            ("\"key\"", "is in quotes that are part of the value"),
            ("'key'", "is in quotes that are part of the value"),
            ("a\nb", "is in several lines"),
            (
                "key # mine",
                "has a comment behind it, which is part of the value",
            ),
            (
                "key\t; mine",
                "has a comment behind it, which is part of the value",
            ),
            ("k e y", "has white space in it"),
            ("ke\u{a0}y", "has white space in it"),
            ("key\u{200b}", "has an invisible character in it"),
            ("<SECRET_KEY>", "is a placeholder and no key"),
            ("YOUR-SECRET-KEY-HERE", "is a placeholder and no key"),
            ("xxxxxxxx", "is a placeholder and no key"),
            ("None", "is a placeholder and no key"),
            ("null", "is a placeholder and no key"),
            ("AKIAIOSFODNN7EXAMPLE", "looks like an access key id"),
        ] {
            let failure = check_key("`VARIABLE`", key.as_bytes(), "secret").expect_err("not a key");
            assert_eq!(
                failure.message,
                format!("the secret from `VARIABLE` {problem}")
            );
        }
        let id = check_key(
            "`VARIABLE`",
            b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "access key id",
        );
        assert_eq!(
            id.expect_err("a secret").message,
            "the access key id from `VARIABLE` looks like a secret access key"
        );
        for key in [
            "key",
            "minioadmin",
            "my-secret",
            "a;b#c",
            "'",
            "\"",
            "'key\"",
            "'key",
            "ke'y",
        ] {
            assert_eq!(
                check_key("`VARIABLE`", key.as_bytes(), "secret"),
                Ok(()),
                "{key}"
            );
        }
    }
}
