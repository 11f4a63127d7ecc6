//! The AWS files and the profile in force.

use std::sync::OnceLock;

use crate::cli::{CredentialArgs, CredentialsFrom};
use crate::env::Env;
use crate::error::Failure;
use crate::text::CommandLine;

use super::aws_files::{AwsFiles, Profile};
use super::fetcher::Fetcher;

/// The AWS files, read when the first value of them is needed.
pub struct Files<'a> {
    pub(super) env: &'a Env,
    pub(super) args: &'a CredentialArgs,
    aws: OnceLock<AwsFiles>,
    pub(in crate::resolve) fetcher: Option<Box<dyn Fetcher + 'a>>,
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

    /// Sets what fetches keys that no file has. Without it such profiles are refused.
    pub fn fetched_by(mut self, fetcher: Option<impl Fetcher + 'a>) -> Self {
        self.fetcher = fetcher.map(|fetcher| Box::new(fetcher) as Box<dyn Fetcher + 'a>);
        self
    }

    /// The profile in effect: `--profile`, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, else `default`, if
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
                    "{source} names the profile `{name}`, which is in neither of the AWS files"
                ))
                .hint(hint))
            }
        }
    }
}

impl Files<'_> {
    pub(super) fn read(&self) -> Result<&AwsFiles, Failure> {
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
    pub(in crate::resolve) fn ignores_configured_endpoints(&self) -> Result<bool, Failure> {
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
    pub(in crate::resolve) fn pin(&self) -> Option<CredentialsFrom> {
        self.args.credentials_from
    }

    /// `--profile`
    pub(in crate::resolve) fn profile_option(&self) -> Option<&str> {
        self.args.profile.as_deref()
    }

    /// Whether options say who signs.
    pub(in crate::resolve) fn options_name_credentials(&self) -> bool {
        self.args.name_keys()
    }

    /// The profile of this name.
    pub(in crate::resolve) fn profile_named(
        &self,
        name: &str,
    ) -> Result<Option<Profile<'_>>, Failure> {
        Ok(self.read()?.profile_by_owned_name(name))
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
