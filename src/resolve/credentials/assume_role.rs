//! Which service or program has the keys of a profile or of the environment, and the chain of roles
//! that leads to them.

use crate::cli::CredentialsFrom;
use crate::error::Failure;
use crate::resolve::{Source, Sourced};
use crate::sigv4::Credentials;
use crate::store::aws_domain;
use crate::text::CommandLine;

use super::Found;
use super::aws_files::{Profile, ProfileOption};
use super::environment::aws_variables;
use super::fetcher::{CredentialRequest, Fetcher, Role, WebIdentity};
use super::files::Files;
use super::profile::without_role;

/// The region of the Security Token Service where none is configured.
const DEFAULT_STS_REGION: &str = "us-east-1";

/// Credentials for the token of the environment, as a source.
const WEB_IDENTITY: &str = "the role of AWS_ROLE_ARN, through AWS_WEB_IDENTITY_TOKEN_FILE";

impl Files<'_> {
    /// Fetches the keys of a profile that has none itself. `option`: the setting that leads to
    /// them.
    pub fn fetch_profile(
        &self,
        name: &str,
        option: &'static str,
    ) -> Result<Sourced<Credentials>, Failure> {
        let Some(fetcher) = self
            .fetcher
            .as_deref()
            .filter(|_| option != "ibm_api_key_id")
        else {
            return Err(super::unsupported_profile(option, name));
        };
        let source = Source::Fetched(format!("profile {name} through {option}"));
        let fetched = match self.profile_named(name)? {
            Some(profile) => self.fetch_by(fetcher, &profile, option, &mut Vec::new())?,
            None => fetcher.fetch(&CredentialRequest::Profile { name, option })?,
        };
        Ok(Sourced::new(fetched, source))
    }

    /// `chain`: the profiles whose roles are assumed with these keys.
    fn fetch_by(
        &self,
        fetcher: &dyn Fetcher,
        profile: &Profile,
        option: &'static str,
        chain: &mut Vec<String>,
    ) -> Result<Credentials, Failure> {
        match (option, profile.option(option)) {
            ("role_arn", _) if profile.option("web_identity_token_file").is_none() => {
                return self.assume(fetcher, profile, chain);
            }
            ("role_arn" | "web_identity_token_file", _) => {
                return match self.web_identity(Some(profile))? {
                    Some(wanted) => fetcher.fetch(&CredentialRequest::WebIdentity(wanted)),
                    None => Err(super::unsupported_profile(option, profile.name)),
                };
            }
            ("credential_process", Some(command)) => {
                return fetcher.fetch(&CredentialRequest::Process {
                    profile: profile.name,
                    command: command.text(),
                });
            }
            ("sso_session", Some(session)) => self.check_sso_session(profile, session)?,
            ("ibm_api_key_id", _) => return Err(super::unsupported_profile(option, profile.name)),
            _ => {}
        }
        fetcher.fetch(&CredentialRequest::Profile {
            name: profile.name,
            option,
        })
    }

    fn check_sso_session(&self, profile: &Profile, session: ProfileOption) -> Result<(), Failure> {
        let name = session.text();
        if self.read()?.has_sso_session(name) {
            return Ok(());
        }
        Err(Failure::configuration(format!(
            "profile `{}` has `sso_session = {}` ({}), and there is no such section",
            profile.name,
            name.escape_debug(),
            session.place()
        ))
        .hint("`aws configure sso` makes the section `[sso-session NAME]`"))
    }

    /// As botocore: the keys are those of the source profile, or of what `credential_source` names.
    fn assume(
        &self,
        fetcher: &dyn Fetcher,
        profile: &Profile,
        chain: &mut Vec<String>,
    ) -> Result<Credentials, Failure> {
        let get = |option| profile.option(option).map(ProfileOption::text);
        let Some(role_arn) = get("role_arn") else {
            return Err(super::unsupported_profile("role_arn", profile.name));
        };
        chain.push(profile.name.to_owned());
        let keys = match (
            profile.option("source_profile"),
            profile.option("credential_source"),
        ) {
            (Some(source), None) => self.source_keys(fetcher, profile, source, chain)?,
            (None, Some(source)) => self.keys_of_source(fetcher, profile, source)?,
            (Some(_), Some(_)) => {
                return Err(Failure::configuration(format!(
                    "profile `{}` has both `source_profile` and `credential_source`",
                    profile.name
                ))
                .hint("remove one of them"));
            }
            (None, None) => {
                return Err(Failure::configuration(format!(
                    "profile `{}` assumes a role, and has neither `source_profile` nor \
                        `credential_source`",
                    profile.name
                ))
                .hint(name_source(profile.name)));
            }
        };
        let region = self.sts_region(profile)?;
        // botocore passes over a number that is none.
        let duration = get("duration_seconds").filter(|text| text.parse::<u32>().is_ok());
        fetcher.fetch(&CredentialRequest::Role(Role {
            profile: profile.name,
            credentials: &keys,
            role_arn,
            mfa_serial: get("mfa_serial"),
            session_name: get("role_session_name"),
            external_id: get("external_id"),
            duration_seconds: duration,
            endpoint: self.sts_endpoint(Some(profile), region)?,
            region: region.to_owned(),
        }))
    }

    /// The keys of the profile that `source_profile` names.
    fn source_keys(
        &self,
        fetcher: &dyn Fetcher,
        profile: &Profile,
        named: ProfileOption,
        chain: &mut Vec<String>,
    ) -> Result<Credentials, Failure> {
        let fault = |what: &str| {
            Failure::configuration(format!(
                "profile `{}` has `source_profile = {}` ({}), {what}",
                profile.name,
                named.text().escape_debug(),
                named.place()
            ))
            .hint(name_source(profile.name))
        };
        let Some(source) = self.profile_named(named.text())? else {
            return Err(fault("and there is no such profile"));
        };
        let has_keys = ["aws_access_key_id", "aws_secret_access_key"]
            .into_iter()
            .any(|option| source.option(option).is_some());
        // A profile may be its own source: its keys are then those next to the role.
        if chain.iter().any(|name| name == source.name)
            && !(has_keys && source.name == profile.name)
        {
            return Err(fault("and the source profiles form a circle"));
        }
        if !has_keys
            && source.option("role_arn").is_some()
            && source.option("web_identity_token_file").is_none()
        {
            return self.assume(fetcher, &source, chain);
        }
        match without_role(&source)? {
            Found::Keys(found) => Ok(found.value),
            Found::Fetched { option, .. } => self.fetch_by(fetcher, &source, option, chain),
            Found::WebIdentity | Found::None => Err(fault("and that profile has no keys")),
        }
    }

    /// The keys that `credential_source` names.
    fn keys_of_source(
        &self,
        fetcher: &dyn Fetcher,
        profile: &Profile,
        named: ProfileOption,
    ) -> Result<Credentials, Failure> {
        match named.text() {
            "Environment" => aws_variables(self.env)?
                .map(|found| found.value)
                .ok_or_else(|| {
                    Failure::configuration(format!(
                        "profile `{}` has `credential_source = Environment` ({}), and \
                            `AWS_ACCESS_KEY_ID` is not set",
                        profile.name,
                        named.place()
                    ))
                    .hint(
                        "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or name a \
                        `source_profile` instead",
                    )
                }),
            "Ec2InstanceMetadata" => fetcher.fetch(&CredentialRequest::Instance),
            "EcsContainer" => fetcher.fetch(&CredentialRequest::Container),
            other => Err(Failure::configuration(format!(
                "profile `{}` has `credential_source = {}` ({}), which is not a credential source",
                profile.name,
                other.escape_debug(),
                named.place()
            ))
            .hint("use one of Environment, Ec2InstanceMetadata, EcsContainer")),
        }
    }

    fn sts_region<'s>(&'s self, profile: &Profile<'s>) -> Result<&'s str, Failure> {
        let of_profile = || profile.get("region").map(|(region, _)| region);
        Ok(self
            .sts_region_variable()?
            .or_else(of_profile)
            .unwrap_or(DEFAULT_STS_REGION))
    }

    fn sts_region_variable(&self) -> Result<Option<&str>, Failure> {
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let Some(region) = self.env.text(name)? {
                return Ok(Some(region));
            }
        }
        Ok(None)
    }

    fn sts_endpoint(&self, profile: Option<&Profile>, region: &str) -> Result<String, Failure> {
        if !self.ignores_configured_endpoints()? {
            for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] {
                if let Some(url) = self.env.text(name)? {
                    return Ok(url.to_owned());
                }
            }
            if let Some(profile) = profile
                && let Some(url) = profile.endpoint_url("sts")?
            {
                return Ok(url.0.to_owned());
            }
        }
        Ok(format!("https://sts.{region}.{}", aws_domain(region)))
    }

    /// Credentials from the environment of this process: a web identity token, a container, an
    /// instance.
    pub fn fetch_ambient(&self) -> Result<Option<Sourced<Credentials>>, Failure> {
        let Some(fetcher) = self.fetcher.as_deref() else {
            return Ok(None);
        };
        let Some((wanted, source)) = self.ambient()? else {
            return Ok(None);
        };
        Ok(Some(Sourced::new(
            fetcher.fetch(&wanted)?,
            Source::Fetched(source.to_owned()),
        )))
    }

    /// Keys for the token of the environment, which goes before the keys of a profile but not
    /// before
    /// its role.
    pub(super) fn fetch_web_identity(&self) -> Result<Sourced<Credentials>, Failure> {
        let profile = self.profile()?;
        let wanted = self.web_identity(profile.as_ref())?;
        let (Some(fetcher), Some(wanted)) = (self.fetcher.as_deref(), wanted) else {
            return Err(super::unsupported_web_identity());
        };
        Ok(Sourced::new(
            fetcher.fetch(&CredentialRequest::WebIdentity(wanted))?,
            Source::Fetched(WEB_IDENTITY.to_owned()),
        ))
    }

    /// Whether the environment has a token.
    pub(super) fn has_web_identity(&self) -> bool {
        self.env.variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some()
    }

    /// As botocore, every setting on its own: the variable first, then the profile. An option that
    /// names a profile switches the variables off.
    fn web_identity<'s>(
        &'s self,
        profile: Option<&Profile<'s>>,
    ) -> Result<Option<WebIdentity<'s>>, Failure> {
        let get = |variable: &'static str, option: &str| -> Result<Option<&'s str>, Failure> {
            let of_variable = match self.profile_option() {
                Some(_) => None,
                None => self.env.text(variable)?,
            };
            let of_profile = || profile?.option(option).map(ProfileOption::text);
            Ok(of_variable.or_else(of_profile))
        };
        let Some(token_file) = get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file")?
        else {
            return Ok(None);
        };
        let role_arn = get("AWS_ROLE_ARN", "role_arn")?.ok_or_else(|| {
            Failure::configuration(format!(
                "the token file `{}` is configured, but not the role to assume with it",
                token_file.escape_debug()
            ))
            .hint("set `AWS_ROLE_ARN`, or `role_arn` in the profile")
        })?;
        let region = match profile {
            Some(profile) => self.sts_region(profile)?,
            None => self.sts_region_variable()?.unwrap_or(DEFAULT_STS_REGION),
        };
        Ok(Some(WebIdentity {
            token_file,
            role_arn,
            session_name: get("AWS_ROLE_SESSION_NAME", "role_session_name")?,
            endpoint: self.sts_endpoint(profile, region)?,
            region: region.to_owned(),
        }))
    }

    fn ambient(&self) -> Result<Option<(CredentialRequest<'_>, &'static str)>, Failure> {
        let set = |name| self.env.variable(name).is_some();
        if set("AWS_WEB_IDENTITY_TOKEN_FILE")
            && set("AWS_ROLE_ARN")
            && let Some(wanted) = self.web_identity(None)?
        {
            return Ok(Some((CredentialRequest::WebIdentity(wanted), WEB_IDENTITY)));
        }
        if set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            || set("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        {
            return Ok(Some((
                CredentialRequest::Container,
                "the role of this container",
            )));
        }
        let disabled = self
            .env
            .text("AWS_EC2_METADATA_DISABLED")?
            .is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let asked =
            self.pin() == Some(CredentialsFrom::Aws) || set("AWS_EC2_METADATA_SERVICE_ENDPOINT");
        let there = !disabled && (asked || is_of_amazon(&self.env.machine_makers()));
        Ok(there.then_some((CredentialRequest::Instance, "the role of this machine")))
    }
}

fn name_source(profile: &str) -> String {
    let command =
        CommandLine::new("aws configure set source_profile NAME").option("--profile", profile);
    format!("name the profile that has the keys: `{command}`")
}

/// Whether to request the metadata service: elsewhere the request would wait for a timeout.
fn is_of_amazon(makers: &[String]) -> bool {
    makers
        .iter()
        .any(|maker| maker.to_ascii_lowercase().contains("amazon"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::sync::Mutex;

    use chrono::DateTime;

    use super::*;
    use crate::cli::CredentialArgs;
    use crate::env::Env;

    const CONFIG: &str = "\
[profile keys]
aws_access_key_id = STATIC
aws_secret_access_key = s

[profile process]
credential_process = /bin/process
mfa_serial = M

[profile role]
role_arn = R
source_profile = keys

[profile code]
role_arn = C
source_profile = keys
mfa_serial = M
external_id = E
duration_seconds = 900
role_session_name = N
region = eu-west-1

[profile outer]
role_arn = O
source_profile = code

[profile self]
role_arn = S
source_profile = self
mfa_serial = M
aws_access_key_id = OWN
aws_secret_access_key = s

[profile self-without-code]
role_arn = S
source_profile = self-without-code
aws_access_key_id = OWN
aws_secret_access_key = s

[profile self-without-keys]
role_arn = S
source_profile = self-without-keys
mfa_serial = M

[profile without-source]
role_arn = S
mfa_serial = M

[profile of-missing]
role_arn = S
mfa_serial = M
source_profile = missing

[profile of-process]
role_arn = P
mfa_serial = M
source_profile = process

[profile round]
role_arn = A
source_profile = round-too

[profile round-too]
role_arn = B
source_profile = round

[profile ibm]
ibm_api_key_id = x

[profile with-endpoint]
role_arn = C
source_profile = keys
mfa_serial = M
endpoint_url = https://own.example.com

[profile with-services]
role_arn = C
source_profile = keys
mfa_serial = M
region = cn-north-1
services = all
endpoint_url = https://own.example.com

[services all]
sts =
  endpoint_url = https://sts.example.com
";

    /// Notes the requests, and has keys for all of them.
    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);

    impl Notes {
        fn take(&self) -> Vec<String> {
            std::mem::take(&mut *self.0.lock().expect("not poisoned"))
        }
    }

    impl Fetcher for Notes {
        fn find_region(&self, _: &crate::resolve::Place) -> Result<String, Failure> {
            Err(Failure::usage("not requested here"))
        }

        fn fetch(&self, wanted: &CredentialRequest) -> Result<Credentials, Failure> {
            let mut note = match wanted {
                CredentialRequest::Profile { name, option } => format!("profile {name} {option}"),
                CredentialRequest::Process { profile, command } => {
                    format!("process {profile} {command}")
                }
                CredentialRequest::WebIdentity(_) => "token".to_owned(),
                CredentialRequest::Container => "container".to_owned(),
                CredentialRequest::Instance => "machine".to_owned(),
                CredentialRequest::Role(role) => {
                    let id = role.credentials.access_key_id();
                    format!(
                        "{}: role {} for {id}, {} in {}",
                        role.profile, role.role_arn, role.endpoint, role.region
                    )
                }
            };
            if let CredentialRequest::Role(role) = wanted {
                let more = [
                    role.mfa_serial,
                    role.session_name,
                    role.external_id,
                    role.duration_seconds,
                ];
                more.into_iter()
                    .flatten()
                    .for_each(|text| write!(note, " {text}").expect("a string takes all"));
            }
            self.0.lock().expect("not poisoned").push(note);
            Ok(Credentials::new("FETCHED", "s"))
        }
    }

    /// The requests for a profile with these variables, and the source, or why there is none.
    fn asked(
        config: &str,
        variables: &[(&str, &str)],
        profile: &str,
        option: &'static str,
    ) -> (Vec<String>, Result<String, String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config");
        std::fs::write(&file, config).expect("written");
        let file = file.to_str().expect("UTF-8").to_owned();
        let files_of_aws = [
            ("AWS_CONFIG_FILE", file.as_str()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        let env = Env::new(
            files_of_aws.into_iter().chain(variables.iter().copied()),
            DateTime::UNIX_EPOCH,
            std::io::empty(),
        );
        let (args, notes) = (CredentialArgs::default(), Notes::default());
        let files = Files::new(&args, &env).fetched_by(Some(&notes));
        let found = files.fetch_profile(profile, option);
        (
            notes.take(),
            found
                .map(|found| found.source.to_string())
                .map_err(|failure| failure.message),
        )
    }

    const STS: &str = "https://sts.eu-west-1.amazonaws.com in eu-west-1";
    const USUAL_STS: &str = "https://sts.us-east-1.amazonaws.com in us-east-1";

    #[test]
    fn profiles_lead_to_requests() {
        let code = format!("code: role C for STATIC, {STS} M N E 900");
        for (profile, option, expected) in [
            (
                "role",
                "role_arn",
                vec![format!("role: role R for STATIC, {USUAL_STS}")],
            ),
            (
                "process",
                "credential_process",
                vec!["process process /bin/process".to_owned()],
            ),
            (
                "self-without-code",
                "role_arn",
                vec![format!("self-without-code: role S for OWN, {USUAL_STS}")],
            ),
            ("code", "role_arn", vec![code.clone()]),
            (
                "outer",
                "role_arn",
                vec![code, format!("outer: role O for FETCHED, {USUAL_STS}")],
            ),
            (
                "self",
                "role_arn",
                vec![format!("self: role S for OWN, {USUAL_STS} M")],
            ),
            (
                "of-process",
                "role_arn",
                vec![
                    "process process /bin/process".to_owned(),
                    format!("of-process: role P for FETCHED, {USUAL_STS} M"),
                ],
            ),
        ] {
            let source = Source::Fetched(format!("profile {profile} through {option}")).to_string();
            assert_eq!(
                asked(CONFIG, &[], profile, option),
                (expected, Ok(source)),
                "{profile}"
            );
        }
    }

    #[test]
    fn a_profile_without_keys_is_refused_before_anything_is_requested() {
        for (profile, option, parts) in [
            (
                "self-without-keys",
                "role_arn",
                ["`source_profile = self-without-keys`", "form a circle"],
            ),
            (
                "round",
                "role_arn",
                ["`source_profile = round`", "form a circle"],
            ),
            (
                "without-source",
                "role_arn",
                [
                    "`without-source` assumes a role",
                    "neither `source_profile` nor `credential_source`",
                ],
            ),
            (
                "of-missing",
                "role_arn",
                ["`source_profile = missing`", "there is no such profile"],
            ),
            (
                "ibm",
                "ibm_api_key_id",
                [
                    "profile `ibm` has an IBM API key",
                    "an API key cannot presign",
                ],
            ),
        ] {
            let (notes, result) = asked(CONFIG, &[], profile, option);
            let message = result.expect_err(profile);
            assert!(notes.is_empty(), "{notes:?}");
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }

    #[test]
    fn chains_of_roles_are_followed() {
        let mut config =
            "[profile r0]\naws_access_key_id = STATIC\naws_secret_access_key = s\n".to_owned();
        for at in 1..=9 {
            write!(
                config,
                "[profile r{at}]\nrole_arn = R{at}\nsource_profile = r{}\n",
                at - 1
            )
            .expect("written");
        }
        let (notes, source) = asked(&config, &[], "r9", "role_arn");
        assert_eq!(notes.len(), 9, "{notes:?}");
        assert!(
            notes[0].starts_with("r1: role R1 for STATIC")
                && notes[8].starts_with("r9: role R9 for FETCHED"),
            "{notes:?}"
        );
        assert!(source.is_ok());
    }

    /// Variables precede the profile, those of the service those of all, and the endpoint of the
    /// region comes last.
    #[test]
    fn roles_are_requested_at_the_configured_endpoint() {
        for (profile, variables, place) in [
            ("code", &[][..], STS),
            (
                "code",
                &[("AWS_DEFAULT_REGION", "us-west-2")],
                "https://sts.us-west-2.amazonaws.com in us-west-2",
            ),
            (
                "code",
                &[
                    ("AWS_DEFAULT_REGION", "us-west-2"),
                    ("AWS_REGION", "cn-north-1"),
                ],
                "https://sts.cn-north-1.amazonaws.com.cn in cn-north-1",
            ),
            (
                "code",
                &[("AWS_ENDPOINT_URL", "https://all")],
                "https://all in eu-west-1",
            ),
            (
                "code",
                &[
                    ("AWS_ENDPOINT_URL", "https://all"),
                    ("AWS_ENDPOINT_URL_STS", "https://sts"),
                ],
                "https://sts in eu-west-1",
            ),
            ("code", &[("AWS_ENDPOINT_URL_S3", "https://s3")], STS),
            (
                "code",
                &[
                    ("AWS_ENDPOINT_URL", "https://all"),
                    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"),
                ],
                STS,
            ),
            (
                "code",
                &[
                    ("AWS_ENDPOINT_URL", "https://all"),
                    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"),
                ],
                "https://all in eu-west-1",
            ),
            ("with-endpoint", &[], "https://own.example.com in us-east-1"),
            (
                "with-endpoint",
                &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
                USUAL_STS,
            ),
            (
                "with-services",
                &[],
                "https://sts.example.com in cn-north-1",
            ),
            (
                "with-services",
                &[("AWS_ENDPOINT_URL", "https://all")],
                "https://all in cn-north-1",
            ),
        ] {
            let (notes, _) = asked(CONFIG, variables, profile, "role_arn");
            assert!(
                notes.concat().contains(&format!("for STATIC, {place} M")),
                "{profile} {variables:?}: {notes:?}"
            );
        }
    }

    #[test]
    fn ambient_credentials_are_found_in_order() {
        let token = [("AWS_WEB_IDENTITY_TOKEN_FILE", "f"), ("AWS_ROLE_ARN", "r")];
        let relative = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
        let full = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x");
        let service = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://x");
        for (variables, from, expected) in [
            (vec![], None, None),
            (token.to_vec(), None, Some("token")),
            (token[..1].to_vec(), None, None),
            (token[1..].to_vec(), None, None),
            (vec![relative], None, Some("container")),
            (vec![full], None, Some("container")),
            (vec![token[0], token[1], full], None, Some("token")),
            (vec![service], None, Some("machine")),
            (vec![service, full], None, Some("container")),
            (vec![], Some(CredentialsFrom::Aws), Some("machine")),
            (vec![], Some(CredentialsFrom::Env), None),
            (
                vec![("AWS_EC2_METADATA_DISABLED", "True")],
                Some(CredentialsFrom::Aws),
                None,
            ),
            (
                vec![("AWS_EC2_METADATA_DISABLED", "no")],
                Some(CredentialsFrom::Aws),
                Some("machine"),
            ),
            (
                vec![service, ("AWS_EC2_METADATA_DISABLED", "true")],
                None,
                None,
            ),
        ] {
            let env = Env::new(variables.clone(), DateTime::UNIX_EPOCH, std::io::empty());
            let args = CredentialArgs {
                credentials_from: from,
                ..CredentialArgs::default()
            };
            let notes = Notes::default();
            let found = Files::new(&args, &env)
                .fetched_by(Some(&notes))
                .fetch_ambient()
                .expect("text");
            assert_eq!(
                notes.take(),
                expected.into_iter().collect::<Vec<_>>(),
                "{variables:?}"
            );
            assert_eq!(found.is_some(), expected.is_some());
            // Without a fetcher there is nothing.
            assert!(
                Files::new(&args, &env)
                    .fetch_ambient()
                    .expect("text")
                    .is_none()
            );
        }
    }

    #[test]
    fn instances_of_amazon_are_recognized() {
        for (makers, expected) in [
            (&[][..], false),
            (&["QEMU\n", "1.0\n"], false),
            (&["Amazon EC2\n", "1.0\n"], true),
            (&["Xen\n", "4.11.amazon\n"], true),
        ] {
            let makers: Vec<String> = makers.iter().map(|maker| (*maker).to_owned()).collect();
            assert_eq!(is_of_amazon(&makers), expected, "{makers:?}");
        }
    }
}
