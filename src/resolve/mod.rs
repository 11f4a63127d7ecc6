//! From what was typed, set and stored to what it means: who signs, where, for how long. Every
//! value keeps its source.

mod accounts;
mod credentials;
mod endpoint;
mod endpoint_text;
mod endpoint_variants;
mod expiry;
mod file;
mod location;
mod object;
mod object_filter;
mod open_input;
mod region;
mod settings;
mod signed_options;
mod source;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use accounts::{Remote, RemoteKeys, Tool, config_path, target_beginnings, target_names};
pub use credentials::assume_role::{CredentialRequest, Fetcher, Role};
pub use credentials::aws_files::AwsFiles;
pub use credentials::candidates::{LocalContext, read_file, read_input};
pub use credentials::{check_key, expiration};
pub use expiry::{Lifetime, parse_duration, parse_time};
pub use file::{FileFacts, md5_of_file, sha256_of_file, type_of_name};
pub use location::Place;
pub use object_filter::{parse_size, selection};
pub use open_input::{Input, open_input};
pub use settings::{Configured, StoreSettings};
pub use signed_options::{
    Parts, check_header_value, content_disposition, customer_key_headers, key_bytes, parse_header,
    parse_metadata, parse_query, parse_sent_header,
};
pub use source::{Source, Sourced};

use crate::cli::{CredentialArgs, CredentialsFrom};
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Credentials;
use crate::text::CommandLine;

use credentials::{Found, Preference};

use credentials::aws_files::Profile;

/// Something that a person should know although the link was made.
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

    /// `warning`, or `note` for what was read off a name and is right as a rule.
    pub fn label(&self) -> &'static str {
        match self.code {
            "bucket-from-host" | "console-url" | "region-from-host" | "region-spelling" => "note",
            _ => "warning",
        }
    }
}

/// AWS's files, read when the first value is wanted of them.
pub struct Files<'a> {
    env: &'a Env,
    args: &'a CredentialArgs,
    aws: OnceLock<AwsFiles>,
    fetcher: Option<Box<dyn Fetcher + 'a>>,
}

impl<'a> Files<'a> {
    /// Nothing is read yet.
    pub fn new(args: &'a CredentialArgs, env: &'a Env) -> Self {
        Files {
            env,
            args,
            aws: OnceLock::new(),
            fetcher: None,
        }
    }

    /// Who fetches keys that no file has. Without, such profiles are refused.
    pub fn fetched_by(mut self, fetcher: Option<impl Fetcher + 'a>) -> Self {
        self.fetcher = fetcher.map(|fetcher| Box::new(fetcher) as Box<dyn Fetcher + 'a>);
        self
    }

    /// The profile in force: `--profile`, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, else `default`, if
    /// it exists.
    ///
    /// # Errors
    /// A profile that was named and is in neither file; files that cannot be read.
    pub fn profile(&self) -> Result<Option<Profile<'_>>, Failure> {
        let named = match &self.args.profile {
            Some(name) => Some(("--profile", name.as_str())),
            None => match self.env.text("AWS_PROFILE")? {
                Some(name) => Some(("`AWS_PROFILE`", name)),
                None => self
                    .env
                    .text("AWS_DEFAULT_PROFILE")?
                    .map(|name| ("`AWS_DEFAULT_PROFILE`", name)),
            },
        };
        let files = self.read()?;
        let Some((source, name)) = named else {
            return Ok(files.profile("default"));
        };
        match files.profile(name) {
            Some(profile) => Ok(Some(profile)),
            None => {
                let names = files.profile_names();
                let hint = match (files.misplaced_header(name), &names[..]) {
                    (Some(hint), _) => hint,
                    (None, []) => {
                        format!(
                            "there are no profiles; make one: `{}`",
                            CommandLine::new("aws configure").option("--profile", name)
                        )
                    }
                    (None, _) => format!("the profiles are {}", names.join(", ")),
                };
                Err(Failure::configuration(format!(
                    "{source} names the profile `{name}`, which is in neither of AWS's files"
                ))
                .hint(hint))
            }
        }
    }
}

impl Files<'_> {
    fn read(&self) -> Result<&AwsFiles, Failure> {
        match self.aws.get() {
            Some(files) => Ok(files),
            None => {
                let read = AwsFiles::read(self.env)?;
                Ok(self.aws.get_or_init(|| read))
            }
        }
    }

    /// Whether endpoint URLs of the environment and the profile are switched off: the variable goes
    /// before the profile.
    ///
    /// # Errors
    /// As [`Files::profile`].
    pub(super) fn ignores_configured_endpoints(&self) -> Result<bool, Failure> {
        let text = match self.env.text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? {
            Some(text) => Some(text),
            None => self
                .profile()?
                .and_then(|profile| profile.get("ignore_configured_endpoint_urls"))
                .map(|(text, _)| text),
        };
        Ok(text.is_some_and(|text| text.eq_ignore_ascii_case("true")))
    }

    /// The tool that `--credentials-from` names.
    pub(super) fn pin(&self) -> Option<CredentialsFrom> {
        self.args.credentials_from
    }

    /// `--profile`
    pub(super) fn profile_option(&self) -> Option<&str> {
        self.args.profile.as_deref()
    }

    /// Whether options say who signs.
    pub(super) fn options_name_credentials(&self) -> bool {
        self.args.name_keys()
    }

    /// The profile of this name.
    pub(super) fn profile_named(&self, name: &str) -> Result<Option<Profile<'_>>, Failure> {
        Ok(self.read()?.profile_by_owned_name(name))
    }

    /// Whether any of the usual sources but s3cmd's file has keys.
    pub(super) fn usual_keys_exist(&self) -> bool {
        let found = [Preference::Ibm, Preference::Aws]
            .map(|preference| credentials::find_usual(self.env, self, preference));
        self.args.name_keys() || !matches!(found, [Ok(Found::None), Ok(Found::None)])
    }

    /// All profiles; none if the files cannot be read.
    pub fn profiles(&self) -> Vec<Profile<'_>> {
        let Ok(files) = self.read() else {
            return Vec::new();
        };
        files
            .profile_names()
            .iter()
            .filter_map(|name| files.profile_by_owned_name(name))
            .collect()
    }
}

/// Credentials, found once for IBM COS and once for all other stores however many targets there
/// are: standard input can be read only once.
pub struct Signers<'a> {
    args: &'a CredentialArgs,
    env: &'a Env,
    files: &'a Files<'a>,
    found: [OnceLock<Sourced<Credentials>>; 2],
}

impl<'a> Signers<'a> {
    /// Nothing is looked for yet.
    pub fn new(args: &'a CredentialArgs, env: &'a Env, files: &'a Files<'a>) -> Self {
        Signers {
            args,
            env,
            files,
            found: [OnceLock::new(), OnceLock::new()],
        }
    }

    /// The credentials for a target's store.
    ///
    /// # Errors
    /// None, half a pair, or something that cannot be a key.
    pub fn of(&self, place: &Place) -> Result<Sourced<Credentials>, Failure> {
        if let Some(account) = place.account.as_ref().filter(|_| !self.args.name_keys())
            && let Some(found) = credentials::of_account(account, self.env, self.files)?
        {
            return Ok(found);
        }
        let ibm = place.provider.is_some_and(|p| p.is_ibm());
        // What options name is meant for every store.
        let given = self
            .found
            .iter()
            .filter_map(OnceLock::get)
            .find(|found| matches!(found.source, Source::Option(_)));
        if let Some(found) = given.or(self.found[usize::from(ibm)].get()) {
            return Ok(found.clone());
        }
        let preference = if ibm {
            Preference::Ibm
        } else {
            Preference::Aws
        };
        let found = credentials::resolve(self.args, self.env, self.files, preference)?;
        Ok(self.found[usize::from(ibm)].get_or_init(|| found).clone())
    }
}
