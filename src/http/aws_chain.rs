//! Credentials from AWS services, containers and instances, through the `aws-config` crate. It
//! follows profiles, signs in and refreshes as the AWS CLI does; this module selects the provider.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use chrono::{DateTime, Utc};
use hyper::Method;
use hyper::body::Bytes;
use reqwest::Url;

use crate::sigv4::{Credentials, SigningTime};

use super::calls::Call;
use super::{BODY_LIMIT, Client, ProbeError, Response};

/// Sign-ins take seconds; a process may prompt the user first.
const LONGEST: Duration = Duration::from_secs(120);

/// The credential provider.
#[derive(Clone, Copy, Debug)]
pub enum Provided<'a> {
    /// The provider configured by a profile.
    Profile(&'a str),
    /// `AWS_CONTAINER_CREDENTIALS_…`
    Container,
    /// The metadata service of a virtual machine.
    Instance,
}

/// Why there are no credentials.
#[derive(Debug)]
pub struct ChainError {
    /// All causes, the outermost first.
    pub causes: Vec<String>,
    /// Whether there was no response, rather than a refusal.
    pub is_silence: bool,
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.causes.join(": "))
    }
}

impl Error for ChainError {}

/// Requests credentials. `region`: that of the services, unless a profile sets one. The client
/// sends every request, so proxies and certificates are those of all others.
///
/// # Errors
/// [`ChainError`] contains the cause.
pub fn fetch(client: Client, provided: Provided, region: &str) -> Result<Credentials, ChainError> {
    let local = |cause: String| ChainError {
        causes: vec![cause],
        is_silence: false,
    };
    let client = Arc::new(client);
    let outcome = client.in_background(async {
        let provider = provider(&client, provided, region);
        tokio::time::timeout(LONGEST, provider.provide_credentials()).await
    });
    let found = match outcome.map_err(|error| local(error.to_string()))? {
        Ok(found) => found.map_err(|error| chain_error(&error))?,
        Err(_) => {
            let cause = format!("no response within {} s", LONGEST.as_secs());
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

fn provider(
    client: &Arc<Client>,
    provided: Provided<'_>,
    region: &str,
) -> SharedCredentialsProvider {
    let client = Arc::clone(client);
    let client = http_client_fn(move |settings, _| {
        SharedHttpConnector::new(Connector::new(Arc::clone(&client), settings))
    });
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

/// Sends the requests of the AWS crates through our client.
struct Connector {
    client: Arc<Client>,
    /// Timeout requested by a crate in place of ours: metadata services respond within a second or
    /// never.
    limit: Option<Duration>,
}

impl Connector {
    fn new(client: Arc<Client>, settings: &HttpConnectorSettings) -> Connector {
        let connect = settings.connect_timeout().unwrap_or_default();
        let limit = settings.read_timeout().map(|read| connect + read);
        Connector { client, limit }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = Arc::clone(&self.client);
        let limit = self.limit.unwrap_or(client.timeout).min(client.timeout);
        HttpConnectorFuture::new(async move {
            let user = |error: String| ConnectorError::user(error.into());
            let request = request
                .try_into_http1x()
                .map_err(|error| user(error.to_string()))?;
            let (head, body) = request.into_parts();
            let body = body
                .bytes()
                .map(Bytes::copy_from_slice)
                .ok_or_else(|| user("a body that is not in memory".to_owned()))?;
            let url = Url::parse(&head.uri.to_string()).map_err(|error| user(error.to_string()))?;
            let call = Call {
                body: (!body.is_empty() || head.method == Method::POST).then_some(body),
                method: head.method,
                url,
                headers: head.headers,
                timeout: limit,
            };
            match client.exchange(call, BODY_LIMIT).await {
                Ok(response) => as_sdk_response(response).map_err(user),
                Err(error @ (ProbeError::ResponseTimeout(_) | ProbeError::ConnectTimeout(_))) => {
                    Err(ConnectorError::timeout(error.into()))
                }
                Err(error) => Err(ConnectorError::io(error.into())),
            }
        })
    }
}

fn as_sdk_response(response: Response) -> Result<HttpResponse, String> {
    if response.body_cut {
        return Err("the response broke off, or is too long".to_owned());
    }
    let status = StatusCode::try_from(response.status).map_err(|error| error.to_string())?;
    let mut sdk = HttpResponse::new(status, SdkBody::from(response.body));
    for (name, value) in response.headers {
        sdk.headers_mut()
            .try_append(name, value)
            .map_err(|error| error.to_string())?;
    }
    Ok(sdk)
}

/// The message of the crate only says that something failed; its sources contain the cause.
fn chain_error(error: &CredentialsError) -> ChainError {
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
