//! The only user of the network: sends one request as it was signed and reads a bounded part of the answer.

use std::fmt;
use std::io::Read;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use reqwest::{Method, Url, redirect};

use crate::sigv4::Header;

/// No more of a body than this is read: enough for any error document.
const BODY_LIMIT: u64 = 64 * 1024;

/// A request to send.
#[derive(Debug)]
pub struct Probe<'a> {
    /// Method.
    pub method: &'a str,
    /// The link.
    pub url: &'a str,
    /// Headers besides `Host`.
    pub headers: Vec<Header>,
    /// Limit of the whole exchange.
    pub timeout: Duration,
}

/// What a store answered.
#[derive(Debug)]
pub struct Answer {
    /// `403`
    pub status: u16,
    /// `403 Forbidden`
    pub status_text: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// At most 64 KiB.
    pub body: Vec<u8>,
    /// From sending to the end of what was read.
    pub elapsed: Duration,
}

impl Answer {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer. Holds no URL: it would put the link into logs.
#[derive(Debug)]
pub enum ProbeError {
    /// The HTTP client would send another path than the one that was signed.
    WouldRewrite,
    /// The time was up.
    Timeout,
    /// Anything else on the way, in words.
    Network(String),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProbeError::WouldRewrite => f.write_str("the path would be changed on the way"),
            ProbeError::Timeout => f.write_str("no answer in time"),
            ProbeError::Network(text) => f.write_str(text),
        }
    }
}

/// Sends the request once. Redirects are not followed, since their target was not signed.
///
/// # Errors
/// No answer, or a request that could not be sent as it was signed.
pub fn send(probe: &Probe) -> Result<Answer, ProbeError> {
    let url = Url::parse(probe.url).map_err(|error| ProbeError::Network(error.to_string()))?;
    if request_target(&url) != target_of(probe.url) {
        return Err(ProbeError::WouldRewrite);
    }
    // A second call finds the provider installed, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(probe.timeout)
        .user_agent(concat!("cos-presign/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(describe)?;
    let method = Method::from_bytes(probe.method.as_bytes()).map_err(|error| ProbeError::Network(error.to_string()))?;
    let mut request = client.request(method, url);
    for header in &probe.headers {
        request = request.header(header.name.as_str(), header.value.as_slice());
    }
    let started = Instant::now();
    let response = request.send().map_err(describe)?;
    let status = response.status();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut body = Vec::new();
    // A body that breaks off does not change what the status says.
    let _ = response.take(BODY_LIMIT).read_to_end(&mut body);
    Ok(Answer { status: status.as_u16(), status_text: status.to_string(), headers, body, elapsed: started.elapsed() })
}

fn request_target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn target_of(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    url[after_scheme..].find('/').map_or("", |at| &url[after_scheme + at..])
}

/// The innermost cause says what happened ("connection refused"); the outer ones repeat the URL.
fn describe(error: reqwest::Error) -> ProbeError {
    if error.is_timeout() {
        return ProbeError::Timeout;
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    ProbeError::Network(cause.to_string())
}
