//! Keys that no file has. AWS's profiles, containers and machines name services and programs that hand out temporary
//! ones; asking them is not for this module, which reads and never sends, but for whoever is given as a [`Fetcher`].

use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Credentials;

use super::aws_files::Profile;
use super::credentials::static_keys;
use super::{Files, Source, Sourced};

/// What is to be fetched.
#[derive(Debug)]
pub enum Wanted<'a> {
    /// What the settings of a profile lead to: a role, single sign-on, a login, a process, a token of an identity provider.
    Profile {
        /// Its name.
        name: &'a str,
        /// Which of its settings leads there: `role_arn`, `sso_session`, …
        option: &'a str,
    },
    /// A role for the token in the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names.
    WebIdentity,
    /// What the container's own service has (`AWS_CONTAINER_CREDENTIALS_…`).
    Container,
    /// What the virtual machine's metadata service has.
    Instance,
    /// A role that is assumed with a code of a person's device.
    Role(Role<'a>),
}

/// A role of a profile that is assumed here, since a code may have to be asked for.
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
    fn fetch(&self, wanted: &Wanted) -> Result<Credentials, Failure>;
}

/// A profile refers to another, and that to a third; no more than so many.
const LONGEST_CHAIN: usize = 8;

impl Files<'_> {
    /// What a profile that has no keys of its own leads to. `option`: by which of its settings.
    pub(super) fn fetch_profile(&self, name: &str, option: &'static str) -> Result<Sourced<Credentials>, Failure> {
        let Some(fetcher) = self.fetcher.filter(|_| option != "ibm_api_key_id") else {
            return Err(super::credentials::unsupported_profile(option, name));
        };
        let source = Source::Fetched(format!("profile {name} through {option}"));
        let fetched = match self.profile_named(name)?.filter(|profile| self.asks_for_a_code(profile, LONGEST_CHAIN)) {
            Some(profile) => self.assume(fetcher, &profile, LONGEST_CHAIN)?,
            None => fetcher.fetch(&Wanted::Profile { name, option })?,
        };
        Ok(Sourced::new(fetched, source))
    }

    /// Whether a role on the way wants a code.
    fn asks_for_a_code(&self, profile: &Profile, depth: usize) -> bool {
        let get = |option| profile.get(option).map(|(value, _)| value);
        if get("role_arn").is_none() || depth == 0 {
            return false;
        }
        let source = get("source_profile").filter(|source| *source != profile.name);
        let of_source = || self.profile_named(source?).ok().flatten();
        get("mfa_serial").is_some() || of_source().is_some_and(|source| self.asks_for_a_code(&source, depth - 1))
    }

    fn assume(&self, fetcher: &dyn Fetcher, profile: &Profile, depth: usize) -> Result<Credentials, Failure> {
        let get = |option| profile.get(option).map(|(value, _)| value);
        let missing = |what: &str| {
            Failure::configuration(format!("profile `{}` assumes a role, and {what}", profile.name)).hint(format!(
                "name the profile that has the keys: `aws configure set source_profile NAME --profile {}`",
                profile.name
            ))
        };
        let Some(role_arn) = get("role_arn").filter(|_| depth > 0) else {
            return Err(missing("its source profiles lead in a circle"));
        };
        let Some(source_name) = get("source_profile") else {
            return Err(missing("a code can be asked for only with a `source_profile`"));
        };
        let source = self
            .profile_named(source_name)?
            .ok_or_else(|| missing(&format!("its `source_profile` `{source_name}` does not exist")))?;
        let keys = match (source.name == profile.name, source.get("role_arn").is_some()) {
            // A profile may be its own source: its keys are then those beside the role.
            (true, _) | (false, false) => match static_keys(&source)? {
                Some(found) => found.value,
                None if source.name != profile.name => {
                    fetcher.fetch(&Wanted::Profile { name: source.name, option: "role_arn" })?
                }
                None => return Err(missing("there are no keys beside it")),
            },
            (false, true) => self.assume(fetcher, &source, depth - 1)?,
        };
        let region = self.sts_region(profile)?;
        fetcher.fetch(&Wanted::Role(Role {
            profile: profile.name,
            credentials: &keys,
            role_arn,
            mfa_serial: get("mfa_serial"),
            session_name: get("role_session_name"),
            external_id: get("external_id"),
            duration_seconds: get("duration_seconds"),
            endpoint: self.sts_endpoint(profile, &region)?,
            region,
        }))
    }

    fn sts_region(&self, profile: &Profile) -> Result<String, Failure> {
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let Some(region) = self.env.text(name)? {
                return Ok(region.to_owned());
            }
        }
        Ok(profile.get("region").map_or("us-east-1", |(region, _)| region).to_owned())
    }

    fn sts_endpoint(&self, profile: &Profile, region: &str) -> Result<String, Failure> {
        let ignored = self.env.text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.is_some_and(|v| v.eq_ignore_ascii_case("true"));
        if !ignored {
            for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] {
                if let Some(url) = self.env.text(name)? {
                    return Ok(url.to_owned());
                }
            }
            if let Some(url) = profile.endpoint_url("sts")? {
                return Ok(url.0.to_owned());
            }
        }
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        Ok(format!("https://sts.{region}.{domain}"))
    }

    /// What the surroundings of this program hand out: a token, a container, a machine.
    pub(super) fn fetch_ambient(&self) -> Result<Option<Sourced<Credentials>>, Failure> {
        let Some(fetcher) = self.fetcher else { return Ok(None) };
        let Some((wanted, source)) = self.ambient()? else { return Ok(None) };
        Ok(Some(Sourced::new(fetcher.fetch(&wanted)?, Source::Fetched(source.to_owned()))))
    }

    fn ambient(&self) -> Result<Option<(Wanted<'static>, &'static str)>, Failure> {
        let set = |name| self.env.variable(name).is_some();
        if set("AWS_WEB_IDENTITY_TOKEN_FILE") && set("AWS_ROLE_ARN") {
            return Ok(Some((Wanted::WebIdentity, "the role of AWS_ROLE_ARN, through AWS_WEB_IDENTITY_TOKEN_FILE")));
        }
        if set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || set("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            return Ok(Some((Wanted::Container, "the role of this container")));
        }
        let disabled = self.env.text("AWS_EC2_METADATA_DISABLED")?.is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let asked = self.pin() == Some(crate::cli::CredentialsFrom::Aws) || set("AWS_EC2_METADATA_SERVICE_ENDPOINT");
        let there = !disabled && (asked || is_amazons_machine(self.env));
        Ok(there.then_some((Wanted::Instance, "the role of this machine")))
    }
}

/// Whether to ask for a metadata service: elsewhere the question would go out into the network and wait for nothing.
fn is_amazons_machine(env: &Env) -> bool {
    env.machine_makers().iter().any(|maker| maker.to_ascii_lowercase().contains("amazon"))
}
