//! Credentials that are not in a file: from services, roles and processes.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::cli::{CredentialArgs, NetworkArgs};
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{AssumeRole, Client, Retries, StsError, assume_role};
use crate::resolve::{CredentialRequest, Fetcher, Files, Place, Role, WebIdentity};
use crate::sigv4::{Credentials, SigningTime};
use crate::text::{CommandLine, escape_controls, export_credentials};

use super::client;
use super::credential_process as process;
use super::find_region;

/// Bytes of a web identity token; the service refuses longer ones than 20,000 characters.
const LONGEST_TOKEN: u64 = 64 << 10;

/// The AWS files, and a fetcher for the credential providers that they refer to.
pub fn files<'a>(args: &'a CredentialArgs, network: &'a NetworkArgs, env: &'a Env) -> Files<'a> {
    let fetcher = NetworkFetcher {
        args,
        network,
        env,
        regions: Mutex::default(),
    };
    // Credential providers are configured by the environment of the process.
    Files::new(args, env).fetched_by(env.is_of_process().then_some(fetcher))
}

/// Credential requests use the same network settings as all others.
struct NetworkFetcher<'a> {
    args: &'a CredentialArgs,
    network: &'a NetworkArgs,
    env: &'a Env,
    /// Endpoint, bucket and region of `--find-region`: a place is resolved several times.
    regions: Mutex<Vec<(String, String, String)>>,
}

impl Fetcher for NetworkFetcher<'_> {
    fn fetch(&self, wanted: &CredentialRequest) -> Result<Credentials, Failure> {
        let client = || client::client(self.network, Some(self.args), self.env);
        let retries = self.network.retries;
        let retries = retries.map_or_else(Retries::default, Retries::of_listings);
        match wanted {
            CredentialRequest::Role(role) => assume(client, self.env, role, retries),
            CredentialRequest::WebIdentity(web) => {
                assume_with_token(client, self.env, web, retries)
            }
            CredentialRequest::Process { profile, command } => process::run(profile, command),
            _ => of_aws(client, self.env, wanted),
        }
    }

    fn find_region(&self, place: &Place) -> Result<String, Failure> {
        let endpoint = place.internal_endpoint.as_ref().unwrap_or(&place.endpoint);
        let endpoint = endpoint.value.to_string();
        let bucket = place.bucket.clone().unwrap_or_default();
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = regions
            .iter()
            .find(|(of, name, _)| *of == endpoint && *name == bucket);
        if let Some((_, _, region)) = known {
            return Ok(region.clone());
        }
        let files = files(self.args, self.network, self.env);
        let region = find_region::request(place, self.args, self.network, self.env, &files)?;
        regions.push((endpoint, bucket, region.clone()));
        Ok(region)
    }
}

#[cfg(feature = "aws-chain")]
fn of_profile(command: &'static str, profile: &str) -> CommandLine {
    CommandLine::new(command).option("--profile", profile)
}

#[cfg(feature = "aws-chain")]
fn of_aws(
    client: impl Fn() -> Result<Client, Failure>,
    env: &Env,
    wanted: &CredentialRequest,
) -> Result<Credentials, Failure> {
    use crate::http::{Provided, fetch_from_aws};

    let (provided, what, hint) = match wanted {
        CredentialRequest::Profile { name, option } => (
            Provided::Profile(name),
            format!("`{option}` of the profile `{name}` failed"),
            match *option {
                "sso_session" | "sso_start_url" => {
                    format!("sign in again: `{}`", of_profile("aws sso login", name))
                }
                "login_session" => format!("sign in again: `{}`", of_profile("aws login", name)),
                _ => format!(
                    "check whether the AWS CLI works: `{}`",
                    of_profile("aws sts get-caller-identity", name)
                ),
            },
        ),
        CredentialRequest::Container => (
            Provided::Container,
            "no credentials from the container service".to_owned(),
            "check `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `…_FULL_URI`, and that the task or \
             pod has a role"
                .to_owned(),
        ),
        CredentialRequest::Instance
        | CredentialRequest::Role(_)
        | CredentialRequest::WebIdentity(_)
        | CredentialRequest::Process { .. } => (
            Provided::Instance,
            "no credentials from the instance metadata service".to_owned(),
            "attach a role to the instance, or set `AWS_EC2_METADATA_DISABLED=true` and use other \
             credentials"
                .to_owned(),
        ),
    };
    #[cfg(unix)]
    crate::env::keep_stdin_from_children().map_err(|error| {
        Failure::configuration(format!("{what}: cannot open `/dev/null`: {error}"))
            .hint("allow this process more open files: `ulimit -n 1024`")
    })?;
    let mut names = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter();
    let region = names.find_map(|name| env.text(name).ok().flatten());
    fetch_from_aws(client()?, provided, region.unwrap_or("us-east-1")).map_err(|error| {
        let kind = if error.is_silence {
            Kind::Network
        } else {
            Kind::Configuration
        };
        Failure::new(
            kind,
            format!("{what}: {}", escape_controls(&error.to_string())),
        )
        .hint(hint)
    })
}

#[cfg(not(feature = "aws-chain"))]
fn of_aws(
    _: impl Fn() -> Result<Client, Failure>,
    _: &Env,
    wanted: &CredentialRequest,
) -> Result<Credentials, Failure> {
    let what = match wanted {
        CredentialRequest::Profile { name, .. } => {
            format!("the credentials of the profile `{name}` come from a service")
        }
        _ => "the credentials come from a service".to_owned(),
    };
    Err(Failure::configuration(format!(
        "{what}, and this program was built without the feature `aws-chain`"
    ))
    .hint(
        "export them with the AWS CLI: `eval \"$(aws configure export-credentials --format env)\"`",
    ))
}

fn assume(
    client: impl Fn() -> Result<Client, Failure>,
    env: &Env,
    role: &Role,
    retries: Retries,
) -> Result<Credentials, Failure> {
    let failed = |kind, why: &str| {
        Failure::new(
            kind,
            format!(
                "the role of the profile `{}` cannot be assumed: {}",
                role.profile,
                escape_controls(why)
            ),
        )
    };
    let mut parameters = vec![
        ("RoleArn", role.role_arn.to_owned()),
        ("RoleSessionName", session_name(env, role.session_name)),
    ];
    parameters.extend(role.external_id.map(|id| ("ExternalId", id.to_owned())));
    parameters.extend(
        role.duration_seconds
            .map(|seconds| ("DurationSeconds", seconds.to_owned())),
    );
    if let Some(serial) = role.mfa_serial {
        parameters.push(("SerialNumber", serial.to_owned()));
        parameters.push(("TokenCode", code(env, role.profile, serial)?));
    }
    let signed_at = SigningTime::new(env.now)
        .map_err(|error| failed(Kind::Configuration, &error.to_string()))?;
    let Role {
        credentials,
        endpoint,
        region,
        ..
    } = role;
    let client = client()?;
    let request = AssumeRole {
        action: "AssumeRole",
        credentials: Some(credentials),
        endpoint,
        region,
        retries,
        signed_at,
        parameters,
    };
    request_role(
        &client,
        &request,
        failed,
        "a code is valid once and for 30 seconds; check `role_arn`, `mfa_serial` and the \
         credentials of the `source_profile`",
    )
}

/// Sends the request. `failed` is the failure for a reason, `hint` what to do about a refusal.
fn request_role(
    client: &Client,
    request: &AssumeRole,
    failed: impl Fn(Kind, &str) -> Failure,
    hint: &str,
) -> Result<Credentials, Failure> {
    assume_role(client, request).map_err(|error| match error {
        StsError::NoResponse(_) => failed(Kind::Network, &format!("{}: {error}", request.endpoint))
            .hint("check the network and `AWS_ENDPOINT_URL_STS`"),
        _ => failed(Kind::Configuration, &error.to_string()).hint(hint),
    })
}

fn assume_with_token(
    client: impl Fn() -> Result<Client, Failure>,
    env: &Env,
    web: &WebIdentity,
    retries: Retries,
) -> Result<Credentials, Failure> {
    const HINT: &str = "check the token file, and that the role trusts the issuer of the token";
    let failed = |kind, why: &str| {
        Failure::new(
            kind,
            format!(
                "the role `{}` cannot be assumed with the token in `{}`: {}",
                escape_controls(web.role_arn),
                escape_controls(web.token_file),
                escape_controls(why)
            ),
        )
        .hint(HINT)
    };
    let configuration = |error: &dyn fmt::Display| failed(Kind::Configuration, &error.to_string());
    let mut token = Zeroizing::new(String::new());
    File::open(web.token_file)
        .and_then(|file| file.take(LONGEST_TOKEN).read_to_string(&mut token))
        .map_err(|error| configuration(&error))?;
    let parameters = vec![
        ("RoleArn", web.role_arn.to_owned()),
        ("RoleSessionName", session_name(env, web.session_name)),
        ("WebIdentityToken", token.to_string()),
    ];
    let signed_at = SigningTime::new(env.now).map_err(|error| configuration(&error))?;
    let request = AssumeRole {
        action: "AssumeRoleWithWebIdentity",
        credentials: None,
        endpoint: &web.endpoint,
        region: &web.region,
        retries,
        signed_at,
        parameters,
    };
    request_role(&client()?, &request, failed, HINT)
}

fn session_name(env: &Env, configured: Option<&str>) -> String {
    configured.map_or_else(
        || format!("cos-presign-{}", env.now.timestamp()),
        str::to_owned,
    )
}

/// Prompts on the terminal, because standard input may be a list of keys.
fn code(env: &Env, profile: &str, serial: &str) -> Result<String, Failure> {
    let question = format!(
        "code of {} for the profile {}: ",
        escape_controls(serial),
        escape_controls(profile)
    );
    let answer = env.ask(&question).map_err(|error| {
        Failure::configuration(format!("cannot prompt for the MFA code: {error}"))
    })?;
    let Some(code) = answer else {
        return Err(Failure::configuration(format!(
            "the profile `{profile}` requires an MFA code of {serial}, but there is no terminal \
             to prompt on"
        ))
        .hint(format!(
            "prompt with the AWS CLI: `{}`",
            export_credentials(profile)
        )));
    };
    match code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(code),
        false => Err(Failure::configuration("a code has six digits")
            .hint("run the command again, and type the code of the device")),
    }
}
