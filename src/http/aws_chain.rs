//! Credentials that AWS's services, containers and machines hand out, through AWS's own
//! `aws-config`. It follows profiles, signs in and refreshes as the AWS CLI does; here it is only
//! told which of its providers to ask.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
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
use super::{Answer, BODY_LIMIT, Client, ProbeError};

/// Sign-ins answer within seconds; a process may ask a person something first.
const LONGEST: Duration = Duration::from_secs(120);

/// Whom to ask.
#[derive(Clone, Copy, Debug)]
pub enum Provided<'a> {
    /// What the settings of a profile lead to.
    Profile(&'a str),
    /// A role for the token in a file.
    WebIdentity {
        /// The file.
        token_file: &'a str,
        /// The role.
        role_arn: &'a str,
        /// The name of its session.
        session_name: Option<&'a str>,
    },
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

/// Asks. `region`: that of the services to be asked, where a profile names none. The client makes
/// every request, so proxies and trust are those of all others.
///
/// # Errors
/// [`ChainError`] says why there are none.
pub fn fetch(client: Client, provided: Provided, region: &str) -> Result<Credentials, ChainError> {
    let local = |cause: String| ChainError {
        causes: vec![cause],
        is_silence: false,
    };
    let client = Arc::new(client);
    let asked = client.in_background(async {
        let provider = provider(&client, provided, region);
        tokio::time::timeout(LONGEST, provider.provide_credentials()).await
    });
    let found = match asked.map_err(|error| local(error.to_string()))? {
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
        Provided::WebIdentity {
            token_file,
            role_arn,
            session_name,
        } => SharedCredentialsProvider::new(
            WebIdentityTokenCredentialsProvider::builder()
                .configure(&settings)
                .static_configuration(StaticConfiguration {
                    web_identity_token_file: token_file.into(),
                    role_arn: role_arn.to_owned(),
                    session_name: session_name.unwrap_or("cos-presign").to_owned(),
                })
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

/// Sends the requests of the AWS crates as ours are sent.
struct Connector {
    client: Arc<Client>,
    /// What a crate wants instead of our limit: metadata services answer within a second or never.
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
            match client.answer(call, BODY_LIMIT).await {
                Ok(answer) => response(answer).map_err(user),
                Err(error @ (ProbeError::AnswerTimeout(_) | ProbeError::ConnectTimeout(_))) => {
                    Err(ConnectorError::timeout(error.into()))
                }
                Err(error) => Err(ConnectorError::io(error.into())),
            }
        })
    }
}

fn response(answer: Answer) -> Result<HttpResponse, String> {
    if answer.body_cut {
        return Err("the response broke off, or is too long".to_owned());
    }
    let status = StatusCode::try_from(answer.status).map_err(|error| error.to_string())?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    for (name, value) in answer.headers {
        response
            .headers_mut()
            .try_append(name, value)
            .map_err(|error| error.to_string())?;
    }
    Ok(response)
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
