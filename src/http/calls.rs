//! Requests of the program itself, as opposed to presigned URLs: listings, STS, requests of the AWS
//! crates, creating an upload. They go through one `reqwest` client, which keeps its connections
//! for later requests of any thread. Certificates, proxies, timeouts and name look-up are those of
//! presigned URLs.

use std::future::Future;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Proxy, Url};
use tokio::time::{sleep, timeout};

use super::address::HostPort;
use super::error::{ProbeError, classify};
use super::proxy::Protocol;
use super::runtime::Background;
use super::tls::Trust;
use super::transient::may_resend;
use super::{ACCEPT_ALL, Client, OUR_NAME, Probe, Response, connect, status_text_of};

/// Time for the system to report which connections were closed.
const NOTICE: Duration = Duration::from_millis(1);

/// Memory that is reserved for a body by its declared length.
const MOST_RESERVED: usize = 1024 * 1024;

/// What the calls of one [`Client`] share, made when the first one is sent.
#[derive(Default)]
pub struct Calls {
    /// Whether there may be a kept connection.
    has_responded: AtomicBool,
    runtime: OnceLock<Result<Background, ProbeError>>,
    /// A client without CAs: a system that has none can still call an `http://` store.
    plain: OnceLock<Result<reqwest::Client, ProbeError>>,
    secure: OnceLock<Result<reqwest::Client, ProbeError>>,
}

/// A request of the program.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    /// Absolute URL.
    pub url: Url,
    /// `Host`, only if it differs from that of the URL.
    pub headers: HeaderMap,
    /// May be empty.
    pub body: Option<Bytes>,
    /// Timeout of the whole exchange.
    pub timeout: Duration,
}

impl Client {
    /// Sends a request and reads at most this much of the body. Redirects are not followed.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn call(&self, probe: &Probe, body_limit: usize) -> Result<Response, ProbeError> {
        // A key with dot segments, which the URL parser would remove, is sent byte for byte.
        let Some(url) = Url::parse(probe.url)
            .ok()
            .filter(|url| url.as_str() == probe.url)
        else {
            return self.send_up_to(probe, body_limit);
        };
        let unsendable = |what: &str| {
            ProbeError::NotSendable(format!("{what} has a character that HTTP does not allow"))
        };
        let mut headers = HeaderMap::new();
        for header in &probe.headers {
            let name = HeaderName::from_bytes(header.name.as_bytes());
            let value = HeaderValue::from_bytes(&header.value);
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(unsendable(&format!("the header `{}`", header.name)));
            };
            headers.append(name, value);
        }
        if let Some(host) = probe.host {
            let host = HeaderValue::from_str(host).map_err(|_| unsendable("the header `Host`"))?;
            headers.insert(HOST, host);
        }
        let call = Call {
            method: Method::from_bytes(probe.method.as_bytes())
                .map_err(|_| unsendable("the method"))?,
            url,
            headers,
            body: probe.body.clone().map(Bytes::from),
            timeout: self.timeout,
        };
        self.in_background(async {
            if !self.calls.has_responded.load(Ordering::Relaxed) {
                return self.exchange(call, body_limit).await;
            }
            // Kept connections are not polled between two calls: those that the peer has closed in
            // the meantime are noticed now.
            sleep(NOTICE).await;
            let again = may_resend(&call.method, false).then(|| call.clone());
            match (self.exchange(call, body_limit).await, again) {
                (Err(ProbeError::Closed), Some(again)) => self.exchange(again, body_limit).await,
                (response, _) => response,
            }
        })?
    }

    /// Runs on the runtime of the connections; several threads may.
    pub(super) fn in_background<F: Future>(&self, future: F) -> Result<F::Output, ProbeError> {
        let runtime = self
            .calls
            .runtime
            .get_or_init(|| Background::new().map_err(|error| classify(&error)));
        runtime.as_ref().map_err(Clone::clone)?.block_on(future)
    }

    /// The whole exchange.
    pub(super) async fn exchange(&self, call: Call, limit: usize) -> Result<Response, ProbeError> {
        let started = Instant::now();
        let time = call.timeout;
        let response = self.begin(call).await?;
        let status = response.status().as_u16();
        let status_text = status_text_of(response.status(), response.extensions());
        let headers = super::headers_of(response.headers());
        self.calls.has_responded.store(true, Ordering::Relaxed);
        let left = time.saturating_sub(started.elapsed());
        let (body, body_cut) = read(response, limit, left).await;
        Ok(Response {
            status,
            status_text,
            headers,
            body,
            body_cut,
            elapsed: started.elapsed(),
        })
    }

    async fn begin(&self, call: Call) -> Result<reqwest::Response, ProbeError> {
        let proxy = self.proxies.of(&HostPort::parse(call.url.as_str())?);
        let is_secure = call.url.scheme() == "https"
            || proxy
                .as_ref()
                .is_some_and(|proxy| proxy.protocol == Protocol::Https);
        let client = if is_secure {
            &self.calls.secure
        } else {
            &self.calls.plain
        };
        let client = client.get_or_init(|| self.make(is_secure)).clone()?;
        let mut request = client.request(call.method, call.url).headers(call.headers);
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let limit = call.timeout;
        match timeout(limit, request.send()).await {
            Err(_) => Err(ProbeError::ResponseTimeout(limit)),
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.failure(&error, proxy.as_ref())),
        }
    }

    fn make(&self, is_secure: bool) -> Result<reqwest::Client, ProbeError> {
        let config = if is_secure {
            self.trust.config()?
        } else {
            Trust::without_authorities()?
        };
        let proxies = self.proxies.clone();
        let proxy = Proxy::custom(move |url| {
            let host = url.host_str()?;
            let authority = url
                .port()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            Some(proxies.of_authority(url.scheme(), &authority)?.to_url())
        });
        reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .default_headers([(hyper::header::ACCEPT, ACCEPT_ALL)].into_iter().collect())
            .dns_resolver(Names)
            .http1_only()
            .proxy(proxy)
            .redirect(Policy::none())
            .referer(false)
            .tls_backend_preconfigured(config)
            .user_agent(OUR_NAME)
            .build()
            .map_err(|error| ProbeError::Settings(innermost(&error)))
    }

    /// reqwest reports the phase; its sources contain the cause.
    fn failure(&self, error: &reqwest::Error, proxy: Option<&super::proxy::Proxy>) -> ProbeError {
        if error.is_timeout() && error.is_connect() {
            return ProbeError::ConnectTimeout(self.connect_timeout);
        }
        let cause = classify(error);
        let Some(proxy) = proxy.filter(|_| error.is_connect()) else {
            return cause;
        };
        match cause {
            // Through a tunnel it is the store that presents a certificate.
            ProbeError::CertificateExpired { .. }
            | ProbeError::CertificateNotYetValid { .. }
            | ProbeError::NotTls
            | ProbeError::Tls(_)
            | ProbeError::UnknownAuthority
            | ProbeError::WrongName { .. }
                if proxy.protocol != Protocol::Https =>
            {
                cause
            }
            // hyper-util does not pass on the cause.
            ProbeError::Other(message) if message.ends_with("underlying connection") => {
                ProbeError::ProxyUnreachable {
                    proxy: format!("{}:{}", proxy.host, proxy.port),
                    cause: Box::new(ProbeError::Unreachable("it does not accept one".to_owned())),
                }
            }
            ProbeError::Other(message) => ProbeError::ProxyRefused {
                status_text: message,
            },
            cause => ProbeError::ProxyUnreachable {
                proxy: format!("{}:{}", proxy.host, proxy.port),
                cause: Box::new(cause),
            },
        }
    }
}

/// A body that breaks off or never ends does not change the meaning of the status.
async fn read(mut response: reqwest::Response, limit: usize, left: Duration) -> (Vec<u8>, bool) {
    // A buffer that grows needs three times the memory for a moment, in each thread.
    let declared = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(declared.unwrap_or(0).min(limit).min(MOST_RESERVED));
    let reading = async {
        loop {
            match response.chunk().await {
                Ok(None) => return false,
                Err(_) => return true,
                Ok(Some(data)) => {
                    let room = limit - body.len();
                    body.extend_from_slice(&data[..data.len().min(room)]);
                    if data.len() > room {
                        return true;
                    }
                }
            }
        }
    };
    let body_cut = timeout(left, reading).await.unwrap_or(true);
    (body, body_cut)
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

/// Resolves names as for presigned URLs: reqwest's own resolver blocks a thread of the runtime,
/// which would delay its shutdown.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = connect::resolve(name.as_str(), 0)
                .await
                .map_err(io::Error::other)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
