//! Requests to the AWS Security Token Service: `AssumeRole`, also with an MFA code, and
//! `AssumeRoleWithWebIdentity`. `aws-config` prompts for no codes, and reads the profile otherwise
//! than botocore does.

use std::fmt;

use chrono::DateTime;
use quick_xml::Reader;
use quick_xml::events::Event;
use zeroize::Zeroizing;

use crate::sigv4::{
    Credentials, Header, PathEncoding, PathMode, PayloadHash, Placement, Presigner, Request,
    Scheme, SigningTime, encode,
};
use crate::store::ErrorResponse;

use super::{BODY_LIMIT, Client, Probe, ProbeError, Retries};

/// The request.
#[derive(Debug)]
pub struct AssumeRole<'a> {
    /// `AssumeRole`, …
    pub action: &'static str,
    /// Who signs the request, unless a token says who asks.
    pub credentials: Option<&'a Credentials>,
    /// Scheme and host of the service.
    pub endpoint: &'a str,
    /// Region of the credential scope.
    pub region: &'a str,
    /// Retry policy for transient failures.
    pub retries: Retries,
    /// Signing time.
    pub signed_at: SigningTime,
    /// `RoleArn`, `TokenCode` and other parameters.
    pub parameters: Vec<(&'static str, String)>,
}

/// Why there are no credentials.
#[derive(Debug)]
pub enum StsError {
    /// The endpoint URL is invalid.
    Endpoint,
    /// The request cannot be signed.
    Signing(crate::sigv4::Error),
    /// There was no response.
    NoResponse(ProbeError),
    /// The service refused: code and message.
    Refused(String),
    /// The response contains no credentials.
    Unreadable,
}

impl fmt::Display for StsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StsError::Endpoint => f.write_str("its endpoint is not an http or https URL"),
            StsError::Signing(error) => write!(f, "the request cannot be signed: {error}"),
            StsError::NoResponse(error) => write!(f, "{error}"),
            StsError::Refused(message) => f.write_str(message),
            StsError::Unreadable => f.write_str("the response contains no credentials"),
        }
    }
}

/// Sends the request.
///
/// # Errors
/// [`StsError`] contains the cause.
pub fn assume_role(client: &Client, ask: &AssumeRole) -> Result<Credentials, StsError> {
    let (scheme, authority) = ask.endpoint.split_once("://").ok_or(StsError::Endpoint)?;
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return Err(StsError::Endpoint),
    };
    let mut body = Zeroizing::new(format!("Action={}&Version=2011-06-15", ask.action));
    for (name, value) in &ask.parameters {
        body.push_str(&format!("&{name}={}", encode::component(value.as_bytes())));
    }
    let mut request = Request::new("POST", scheme, authority.trim_end_matches('/'), "/");
    request.headers.push(Header::new(
        "Content-Type",
        "application/x-www-form-urlencoded; charset=utf-8",
    ));
    let host = request.host();
    let (url, headers) = match ask.credentials {
        None => (format!("{}://{host}/", scheme.as_str()), request.headers),
        Some(credentials) => {
            request.payload_hash = PayloadHash::OfBody(body.as_bytes().to_vec());
            let presigned = Presigner::new(credentials, ask.region, "sts", ask.signed_at)
                .map(|presigner| {
                    presigner
                        .placement(Placement::Header)
                        .path_rules(PathMode::Normalized, PathEncoding::Twice)
                })
                .and_then(|presigner| presigner.presign(&request))
                .map_err(StsError::Signing)?;
            (presigned.url.as_str().to_owned(), presigned.headers_to_send)
        }
    };
    let probe = Probe {
        method: "POST",
        url: &url,
        headers,
        host: Some(&host),
        body: Some(body.as_bytes().to_vec()),
    };
    let now = || ask.signed_at.to_utc();
    let response = ask
        .retries
        .send(now, || client.call(&probe, BODY_LIMIT))
        .map_err(StsError::NoResponse)?;
    let bytes = Zeroizing::new(response.body);
    if response.status != 200 {
        let read = ErrorResponse::parse(&bytes);
        let message = [read.code(), read.message()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ");
        return Err(StsError::Refused(if message.is_empty() {
            response.status_text
        } else {
            message
        }));
    }
    read(&bytes).ok_or(StsError::Unreadable)
}

fn read(bytes: &[u8]) -> Option<Credentials> {
    let text = std::str::from_utf8(bytes).ok()?;
    let element = |name: &str| {
        let mut reader = Reader::from_str(text);
        let mut inside = false;
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => inside = start.local_name().as_ref() == name,
                Event::Text(text) if inside => return Some(Zeroizing::new(text.to_string())),
                Event::End(_) => inside = false,
                Event::Eof => return None,
                _ => {}
            }
        }
    };
    let secret = element("SecretAccessKey")?;
    let credentials = Credentials::new(element("AccessKeyId")?.as_str(), secret.as_bytes());
    let credentials = credentials.with_session_token(element("SessionToken")?.as_bytes());
    let end = DateTime::parse_from_rfc3339(&element("Expiration")?)
        .ok()?
        .to_utc();
    Some(credentials.ending_at(SigningTime::new(end).ok()?))
}
