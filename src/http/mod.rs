//! The only user of the network. There are two paths, which share certificates, proxies, timeouts
//! and name look-up:
//!
//! - Presigned URLs are sent byte for byte through hyper (`sender`, `channel`). Every WHATWG URL
//!   parser, including reqwest's, removes `.`, `..` and `%2e` segments from a path; in a key they
//!   are part of the name, and signed. `connect` opens the stream step by step, because each phase
//!   (name, TCP, proxy, TLS) has its own error; `channel` exists because a body of any size needs
//!   an idle timeout rather than a total one, and may wait for `100 Continue`.
//! - Requests of the program itself (`calls`) go through one reqwest client, which keeps its
//!   connections: listings, STS, creating an upload, and requests of the AWS crates. A request
//!   whose URL reqwest would rewrite takes the first path.
//!
//! `address` parses the URL, `proxy` selects the proxy, `tls` the trusted certificates, `error`
//! classifies failures, `transient` decides whether to retry.

mod address;
#[cfg(feature = "aws-chain")]
mod aws_chain;
mod body;
mod bucket_region;
mod calls;
mod channel;
mod connect;
mod error;
mod folders;
mod key_ranges;
mod listing;
mod parallel;
mod proxy;
mod read_limit;
mod retry;
mod runtime;
mod sender;
mod signed_call;
mod sts;
mod tls;
mod transient;

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes};
use hyper::ext::ReasonPhrase;
use hyper::header::{
    ACCEPT, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT,
};
use hyper::http::Extensions;
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};
use tokio::time::{Instant as Deadline, timeout_at};

use crate::sigv4::Header;

use address::HostPort;
use calls::Calls;
use proxy::{Proxies, Proxy};
use tls::Trust;

#[cfg(feature = "aws-chain")]
pub use aws_chain::{ChainError, Provided, fetch as fetch_from_aws};
pub use body::{Source, Start};
pub use bucket_region::{RegionError, RegionRequest, find_bucket_region};
pub use channel::{Channel, Head};
pub use error::ProbeError;
pub use listing::{ListError, Lister, Listing, Refusal};
pub use parallel::ParallelLister;
pub use proxy::{ProxySetting, check_proxy};
pub use retry::Retries;
pub use sender::Sender;
pub use sts::{AssumeRole, StsError, assume_role};
pub use tls::{Authority, Identity, has_certificate};
pub use transient::is_transient;

/// Maximum length of a body that is read: enough for any error document.
pub const BODY_LIMIT: usize = 64 * 1024;

/// The clock cannot represent more than a few centuries; a year is enough for every timeout.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// `User-Agent`
const OUR_NAME: &str = concat!("cos-presign/", env!("CARGO_PKG_VERSION"));

/// `Accept`
const ACCEPT_ALL: HeaderValue = HeaderValue::from_static("*/*");

/// Settings of all requests. Values from the environment are parameters.
#[derive(Debug)]
pub struct Settings {
    /// Timeout of name look-up, TCP, proxy and TLS together.
    pub connect_timeout: Duration,
    /// Timeout of the whole exchange.
    pub timeout: Duration,
    /// Trusted in addition to those of the system.
    pub authorities: Vec<Authority>,
    /// Whether the environment names CAs that are read in place of those of the system.
    pub has_ca_variables: bool,
    /// Why these cannot be used, reported by the first request that needs CAs.
    pub unusable_authorities: Option<String>,
    /// Presented to servers that request a certificate.
    pub identity: Option<Identity>,
    /// Whether every certificate is accepted.
    pub is_insecure: bool,
    pub proxy: ProxySetting,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            authorities: Vec::new(),
            has_ca_variables: false,
            unusable_authorities: None,
            identity: None,
            is_insecure: false,
            proxy: ProxySetting::default(),
        }
    }
}

/// Sends requests. Can be shared between threads.
pub struct Client {
    connect_timeout: Duration,
    timeout: Duration,
    trust: Trust,
    proxies: Proxies,
    calls: Calls,
}

/// A request to send.
#[derive(Debug)]
pub struct Probe<'a> {
    pub method: &'a str,
    /// The presigned URL. Its path and query are sent byte for byte.
    pub url: &'a str,
    /// Headers except `Host`.
    pub headers: Vec<Header>,
    /// `Host`, if it differs from that of the URL.
    pub host: Option<&'a str>,
    /// Sent with its length, never chunked; `Some` of an empty body sends `Content-Length: 0`.
    pub body: Option<Vec<u8>>,
}

/// The response of a store.
#[derive(Debug)]
pub struct Response {
    /// `403`
    pub status: u16,
    /// `403 Forbidden`
    pub status_text: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// At most as much as requested, by default 64 KiB.
    pub body: Vec<u8>,
    /// Whether the body is incomplete, because of the limit, a lost connection or the timeout.
    pub body_cut: bool,
    /// From the start of the request to the end of the part of the body that was read.
    pub elapsed: Duration,
}

impl Response {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The size of the object, even if only one byte was sent.
    pub fn object_size(&self) -> Option<u64> {
        let total = self
            .header("content-range")
            .and_then(|range| range.rsplit('/').next());
        total
            .or(self.header("content-length"))
            .and_then(|size| size.parse().ok())
    }

    /// `206 Partial Content, 5 bytes, text/plain, 12 ms`
    pub fn summary(&self) -> String {
        let mut parts = vec![self.status_text.clone()];
        parts.extend(self.object_size().map(|size| format!("{size} bytes")));
        parts.extend(self.header("content-type").map(str::to_owned));
        parts.extend(self.header("etag").map(|etag| format!("ETag {etag}")));
        parts.push(format!("{} ms", self.elapsed.as_millis()));
        parts.join(", ")
    }
}

impl Client {
    /// A client with these settings; nothing is sent yet.
    ///
    /// # Errors
    /// Invalid CA certificates or proxies.
    pub fn new(settings: &Settings) -> Result<Client, ProbeError> {
        Ok(Client {
            connect_timeout: settings
                .connect_timeout
                .min(settings.timeout)
                .min(LONGEST_WAIT),
            timeout: settings.timeout.min(LONGEST_WAIT),
            trust: Trust::new(settings)?,
            proxies: Proxies::new(&settings.proxy)?,
            calls: Calls::default(),
        })
    }

    /// Sends the request once. Redirects are not followed, because their target was not signed.
    ///
    /// # Errors
    /// No response, or a request that cannot be sent as signed.
    pub fn send(&self, probe: &Probe) -> Result<Response, ProbeError> {
        self.send_up_to(probe, BODY_LIMIT)
    }

    /// Like [`Client::send`], with this limit on the body.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn send_up_to(&self, probe: &Probe, body_limit: usize) -> Result<Response, ProbeError> {
        self.sender()?.send(probe, body_limit)
    }
}

fn request(
    probe: &Probe,
    address: &HostPort,
    proxy: Option<&Proxy>,
) -> Result<Request<Full<Bytes>>, ProbeError> {
    let head = head(
        probe,
        probe.body.as_ref().map(|body| body.len() as u64),
        address,
        proxy,
    )?;
    Ok(head.map(|()| Full::from(probe.body.clone().unwrap_or_default())))
}

/// The request without its body, of which only the length is declared.
fn head(
    probe: &Probe,
    length: Option<u64>,
    address: &HostPort,
    proxy: Option<&Proxy>,
) -> Result<Request<()>, ProbeError> {
    let unsendable = |what: &str| {
        ProbeError::NotSendable(format!("{what} has a character that HTTP does not allow"))
    };
    let method =
        Method::from_bytes(probe.method.as_bytes()).map_err(|_| unsendable("the method"))?;
    // A proxy that forwards the request needs the absolute URL; through a tunnel the store reads
    // the request line.
    let passed_on = proxy.filter(|proxy| !address.https && proxy.protocol.is_http());
    let mut uri = Uri::builder().path_and_query(address.target.clone());
    if passed_on.is_some() {
        uri = uri
            .scheme(address.scheme())
            .authority(address.authority.as_str());
    }
    let uri = uri
        .build()
        .map_err(|error| ProbeError::NotSendable(error.to_string()))?;
    let mut request = Request::new(());
    let headers = request.headers_mut();
    let host = probe.host.unwrap_or(&address.authority);
    headers.insert(
        HOST,
        HeaderValue::from_str(host).map_err(|_| unsendable("the header `Host`"))?,
    );
    for header in &probe.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| unsendable(&format!("the header `{}`", header.name)))?;
        let value = HeaderValue::from_bytes(&header.value)
            .map_err(|_| unsendable(&format!("the header `{}`", header.name)))?;
        headers.append(name, value);
    }
    headers
        .entry(USER_AGENT)
        .or_insert(HeaderValue::from_static(OUR_NAME));
    headers.entry(ACCEPT).or_insert(ACCEPT_ALL);
    if let Some(length) = length {
        headers
            .entry(CONTENT_LENGTH)
            .or_insert(HeaderValue::from(length));
    }
    if let Some(authorization) = passed_on.and_then(|proxy| proxy.authorization.clone()) {
        headers.insert(PROXY_AUTHORIZATION, authorization);
    }
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    Ok(request)
}

async fn read<B: Body<Data = Bytes> + Unpin>(
    response: hyper::Response<B>,
    started: Instant,
    deadline: Deadline,
    body_limit: usize,
) -> Response {
    let status = response.status().as_u16();
    let status_text = status_text(&response);
    let headers = headers(&response);
    let mut incoming = response.into_body();
    let mut body = Vec::new();
    let mut body_cut = true;
    // A body that breaks off or never ends does not change the meaning of the status.
    while let Ok(frame) = timeout_at(deadline, incoming.frame()).await {
        match frame {
            None => {
                body_cut = false;
                break;
            }
            Some(Err(_)) => break,
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                let room = body_limit - body.len();
                body.extend_from_slice(&data[..data.len().min(room)]);
                if data.len() > room {
                    break;
                }
            }
        }
    }
    Response {
        status,
        status_text,
        headers,
        body,
        body_cut,
        elapsed: started.elapsed(),
    }
}

/// Names in lower case.
fn headers<B>(response: &hyper::Response<B>) -> Vec<(String, String)> {
    headers_of(response.headers())
}

fn headers_of(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect()
}

/// The reason phrase of the server, because stores use statuses that the standard does not define.
fn status_text<B>(response: &hyper::Response<B>) -> String {
    status_text_of(response.status(), response.extensions())
}

fn status_text_of(status: StatusCode, extensions: &Extensions) -> String {
    // hyper keeps it only if it differs from the standard phrase.
    let phrase = extensions
        .get::<ReasonPhrase>()
        .map(|phrase| String::from_utf8_lossy(phrase.as_bytes()));
    let phrase = phrase
        .or_else(|| status.canonical_reason().map(Into::into))
        .unwrap_or_default();
    format!("{} {phrase}", status.as_str())
        .trim_end()
        .to_owned()
}
