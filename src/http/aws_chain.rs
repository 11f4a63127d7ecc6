//! Credentials that AWS's services, containers and machines hand out, through AWS's own `aws-config`. It follows profiles,
//! signs in and refreshes as the AWS CLI does; here it is only told which of its providers to ask.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use chrono::{DateTime, Utc};

use crate::sigv4::{Credentials, SigningTime};

/// Sign-ins answer within seconds; a process may ask a person something first.
const LONGEST: Duration = Duration::from_secs(120);

/// Whom to ask.
#[derive(Clone, Copy, Debug)]
pub enum Provided<'a> {
    /// What the settings of a profile lead to.
    Profile(&'a str),
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`
    WebIdentity,
    /// `AWS_CONTAINER_CREDENTIALS_…`
    Container,
    /// The metadata service of a virtual machine.
    Instance,
}

/// Why there are no credentials.
#[derive(Debug)]
pub struct ChainError {
    /// Every cause, the outermost first.
    pub causes: Vec<String>,
    /// Whether nobody answered, rather than refused.
    pub is_silence: bool,
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.causes.join(": "))
    }
}

impl Error for ChainError {}

/// Asks. `region`: that of the services to be asked, where a profile names none.
///
/// # Errors
/// [`ChainError`] says why there are none.
pub fn fetch(provided: Provided, region: &str) -> Result<Credentials, ChainError> {
    let local = |cause: String| ChainError {
        causes: vec![cause],
        is_silence: false,
    };
    let runtime =
        super::runtime::new().map_err(|error| local(super::error::classify(&error).to_string()))?;
    let asked = runtime.block_on(async {
        let provider = provider(provided, region);
        tokio::time::timeout(LONGEST, provider.provide_credentials()).await
    });
    runtime.shutdown_background();
    let found = match asked {
        Ok(found) => found.map_err(|error| told(&error))?,
        Err(_) => {
            let cause = format!("no answer within {} s", LONGEST.as_secs());
            return Err(ChainError {
                causes: vec![cause],
                is_silence: true,
            });
        }
    };
    let mut credentials = Credentials::new(found.access_key_id(), found.secret_access_key());
    if let Some(token) = found.session_token() {
        credentials = credentials.with_session_token(token);
    }
    let end = found
        .expiry()
        .and_then(|end| SigningTime::new(DateTime::<Utc>::from(end)).ok());
    Ok(match end {
        Some(end) => credentials.ending_at(end),
        None => credentials,
    })
}

fn provider(provided: Provided<'_>, region: &str) -> SharedCredentialsProvider {
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let region = aws_config::Region::new(region.to_owned());
    let settings = ProviderConfig::without_region()
        .with_region(Some(region))
        .with_http_client(client);
    match provided {
        Provided::Profile(name) => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder()
                .configure(&settings)
                .profile_name(name)
                .build(),
        ),
        Provided::WebIdentity => SharedCredentialsProvider::new(
            WebIdentityTokenCredentialsProvider::builder()
                .configure(&settings)
                .build(),
        ),
        Provided::Container => SharedCredentialsProvider::new(
            EcsCredentialsProvider::builder()
                .configure(&settings)
                .build(),
        ),
        Provided::Instance => SharedCredentialsProvider::new(
            ImdsCredentialsProvider::builder()
                .configure(&settings)
                .build(),
        ),
    }
}

/// The crate's own sentence says only that something went wrong; what did is below it.
fn told(error: &CredentialsError) -> ChainError {
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !text.is_empty() && !causes.iter().any(|known| known.contains(&text)) {
            causes.push(text);
        }
        next = cause.source();
    }
    if causes.is_empty() {
        causes.push(error.to_string());
    }
    ChainError {
        causes,
        is_silence: matches!(error, CredentialsError::ProviderTimedOut(_)),
    }
}
