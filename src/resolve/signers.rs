//! Credentials for many targets.

use std::sync::OnceLock;

use crate::cli::CredentialArgs;
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Credentials;

use super::credentials::{Files, Preference, search};
use super::place::Place;
use super::settings::StoreSettings;
use super::{Source, Sourced};

/// Credentials, found once for IBM COS and once for all other stores, however many targets there
/// are: standard input can be read only once.
pub struct Signers<'a> {
    args: &'a CredentialArgs,
    env: &'a Env,
    files: &'a Files<'a>,
    found: [OnceLock<Sourced<Credentials>>; 2],
}

impl<'a> Signers<'a> {
    /// Nothing is searched yet.
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
            && let Some(found) = search::of_account(account, self.env, self.files)?
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
        let found = search::resolve(self.args, self.env, self.files, preference)?;
        Ok(self.found[usize::from(ibm)].get_or_init(|| found).clone())
    }
}

impl StoreSettings<'_> {
    /// The keys that would sign for a place. Nothing is fetched.
    ///
    /// # Errors
    /// Keys that cannot be used.
    pub fn credentials_of(
        &self,
        place: &Place,
        args: &CredentialArgs,
    ) -> Result<Option<Sourced<Credentials>>, Failure> {
        if let Some(account) = place.account.as_ref().filter(|_| !args.name_keys())
            && let Some(found) = search::of_account(account, self.env, self.files)?
        {
            return Ok(Some(found));
        }
        self.usual_credentials(args, place.provider.is_some_and(|p| p.is_ibm()))
    }
}
