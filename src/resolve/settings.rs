//! Settings of the store that hold for every target.

use crate::cli::{CredentialArgs, StoreArgs};
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Credentials;
use crate::store::Endpoint;

use super::credentials::search;
use super::credentials::{Files, Preference};
use super::{Source, Sourced};

/// What options, environment and profile set for every target.
#[derive(Debug)]
pub struct Configured {
    /// The profile in effect.
    pub profile: Option<Sourced<String>>,
    /// The endpoint, if one is set.
    pub endpoint: Option<Sourced<Endpoint>>,
    /// The region, if one is set.
    pub region: Option<Sourced<String>>,
}

/// Settings of the store that hold for every target; read once.
pub struct StoreSettings<'a> {
    pub(super) args: &'a StoreArgs,
    pub(super) env: &'a Env,
    pub(super) files: &'a Files<'a>,
    pub(super) service: &'a str,
    pub(super) service_is_s3: bool,
    pub(super) region_set: Option<&'a str>,
}

impl<'a> StoreSettings<'a> {
    /// Takes what is needed; nothing is read yet.
    pub fn new(args: &'a StoreArgs, env: &'a Env, files: &'a Files<'a>, service: &'a str) -> Self {
        StoreSettings {
            args,
            env,
            files,
            service,
            service_is_s3: service == "s3",
            region_set: None,
        }
    }

    /// What options, environment and profile set for every target.
    ///
    /// # Errors
    /// Settings that cannot be read.
    pub fn configured(&self) -> Result<Configured, Failure> {
        let profile = self.files.profile()?;
        let source = |name: &'static str| self.env.variable(name).map(|_| Source::Variable(name));
        let by_option = self
            .files
            .profile_option()
            .map(|_| Source::Option("--profile"));
        let named = by_option
            .or_else(|| source("AWS_PROFILE"))
            .or_else(|| source("AWS_DEFAULT_PROFILE"))
            .unwrap_or(Source::Default);
        Ok(Configured {
            profile: profile.map(|profile| Sourced::new(profile.name.to_owned(), named)),
            endpoint: self.any_configured_endpoint()?,
            region: match &self.args.region {
                Some(region) => Some(Sourced::new(region.clone(), Source::Option("--region"))),
                None => self.region_of_environment()?,
            },
        })
    }

    /// The keys that would sign for IBM COS, or for any other store. Nothing is fetched.
    ///
    /// # Errors
    /// Keys that cannot be used.
    pub fn usual_credentials(
        &self,
        args: &CredentialArgs,
        for_ibm: bool,
    ) -> Result<Option<Sourced<Credentials>>, Failure> {
        let preference = if for_ibm {
            Preference::Ibm
        } else {
            Preference::Aws
        };
        search::find(args, self.env, self.files, preference)
    }

    /// The regions for which links are signed with version 4A, from `--region-set`.
    pub fn for_region_set(mut self, regions: Option<&'a str>) -> Self {
        self.region_set = regions;
        self
    }
}
