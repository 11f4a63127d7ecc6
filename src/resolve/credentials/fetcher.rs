//! Credentials that are in no file: a service or a program has to be requested for them. This
//! module
//! only says for what; requests are sent by an implementation of [`Fetcher`].

use crate::error::Failure;
use crate::resolve::place::Place;
use crate::sigv4::Credentials;

/// What is to be fetched.
#[derive(Debug)]
pub enum CredentialRequest<'a> {
    /// What the settings of a profile lead to: a role, single sign-on, a login, a process, a token
    /// of an identity provider.
    Profile {
        /// Its name.
        name: &'a str,
        /// Which of its settings leads there: `role_arn`, `sso_session`, …
        option: &'a str,
    },
    /// The output of a program.
    Process {
        /// The profile.
        profile: &'a str,
        /// `credential_process`
        command: &'a str,
    },
    /// A role for the token of an identity provider.
    WebIdentity(WebIdentity<'a>),
    /// What the container's own service has (`AWS_CONTAINER_CREDENTIALS_…`).
    Container,
    /// What the virtual machine's metadata service has.
    Instance,
    /// A role that is assumed with keys.
    Role(Role<'a>),
}

/// A role for a token: each setting is that of the environment, or else that of the profile.
#[derive(Debug)]
pub struct WebIdentity<'a> {
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` or `web_identity_token_file`
    pub token_file: &'a str,
    /// `AWS_ROLE_ARN` or `role_arn`
    pub role_arn: &'a str,
    /// `AWS_ROLE_SESSION_NAME` or `role_session_name`
    pub session_name: Option<&'a str>,
    /// Address of the Security Token Service.
    pub endpoint: String,
    /// Its region.
    pub region: String,
}

/// A role of a profile.
#[derive(Debug)]
pub struct Role<'a> {
    /// The profile.
    pub profile: &'a str,
    /// Who assumes it.
    pub credentials: &'a Credentials,
    /// `role_arn`
    pub role_arn: &'a str,
    /// `mfa_serial`
    pub mfa_serial: Option<&'a str>,
    /// `role_session_name`
    pub session_name: Option<&'a str>,
    /// `external_id`
    pub external_id: Option<&'a str>,
    /// `duration_seconds`
    pub duration_seconds: Option<&'a str>,
    /// Address of the Security Token Service.
    pub endpoint: String,
    /// Region for which it is signed.
    pub region: String,
}

/// Asks services and programs for credentials.
pub trait Fetcher: Sync {
    /// Fetches.
    ///
    /// # Errors
    /// Why there are none, as one sentence, with what to do about it.
    fn fetch(&self, wanted: &CredentialRequest) -> Result<Credentials, Failure>;

    /// Requests the region of the bucket of a place from its store.
    ///
    /// # Errors
    /// There was no response, or the store refused.
    fn find_region(&self, place: &Place) -> Result<String, Failure>;
}

impl<F: Fetcher + ?Sized> Fetcher for &F {
    fn fetch(&self, wanted: &CredentialRequest) -> Result<Credentials, Failure> {
        (**self).fetch(wanted)
    }

    fn find_region(&self, place: &Place) -> Result<String, Failure> {
        (**self).find_region(place)
    }
}
