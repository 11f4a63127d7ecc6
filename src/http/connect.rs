//! From an address to a connected stream: name look-up, TCP, proxy, TLS.

use std::future::{Ready, ready};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, PROXY_AUTHORIZATION, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::address::HostPort;
use super::error::{ProbeError, classify};
use super::proxy::{Protocol, Proxy};
use super::read_limit::{Bounded, IoMeter};
use super::tls::Trust;
use super::{OUR_NAME, status_text};

/// Delay before the next address is tried in parallel (RFC 8305): an unreachable IPv6 address would
/// otherwise use up the whole timeout.
const HEAD_START: Duration = Duration::from_millis(250);

/// Common trait of TCP and TLS streams.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A stream to the store, or to the proxy that forwards `http://` requests.
///
/// The meter limits how much can be read from it.
pub async fn connect(
    address: &HostPort,
    proxy: Option<&Proxy>,
    trust: &Trust,
    meter: &IoMeter,
) -> Result<Box<dyn Stream>, ProbeError> {
    let Some(proxy) = proxy else {
        let tcp = tcp(&resolve(&address.host, address.port).await?, meter).await?;
        return if address.https {
            tls(tcp, &address.host, trust).await
        } else {
            Ok(tcp)
        };
    };
    let stream =
        to_proxy(proxy, trust, meter)
            .await
            .map_err(|cause| ProbeError::ProxyUnreachable {
                proxy: format!("{}:{}", proxy.host, proxy.port),
                cause: Box::new(cause),
            })?;
    let stream = match proxy.protocol {
        Protocol::Http | Protocol::Https if !address.https => return Ok(stream),
        Protocol::Http | Protocol::Https => tunnel(stream, address, proxy).await?,
        Protocol::Socks4 { .. } | Protocol::Socks5 { .. } => socks(stream, address, proxy).await?,
    };
    if address.https {
        tls(stream, &address.host, trust).await
    } else {
        Ok(stream)
    }
}

async fn to_proxy(
    proxy: &Proxy,
    trust: &Trust,
    meter: &IoMeter,
) -> Result<Box<dyn Stream>, ProbeError> {
    let tcp = tcp(&resolve(&proxy.host, proxy.port).await?, meter).await?;
    if proxy.protocol == Protocol::Https {
        tls(tcp, &proxy.host, trust).await
    } else {
        Ok(tcp)
    }
}

pub async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ProbeError> {
    let unknown = |cause: String| ProbeError::UnknownName {
        host: host.to_owned(),
        cause,
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let name = (host.to_owned(), port);
    let (give, found) = oneshot::channel();
    // The look-up blocks, so it needs a thread. The blocking pool of the runtime panics if the
    // system refuses one, and would be waited for at shutdown although the result is no longer
    // needed.
    let look_up = move || give.send(name.to_socket_addrs().map(Vec::from_iter));
    thread::Builder::new().spawn(look_up).map_err(|error| {
        ProbeError::Unreachable(format!(
            "the system refused a thread for the name look-up: {error}"
        ))
    })?;
    let addresses = found
        .await
        .unwrap_or_else(|_| Err(io::Error::other("no result")));
    match addresses {
        Ok(addresses) if addresses.is_empty() => Err(unknown("it has no address".to_owned())),
        Ok(addresses) => Ok(addresses),
        Err(error) => Err(unknown(error.to_string())),
    }
}

async fn tcp(addresses: &[SocketAddr], meter: &IoMeter) -> Result<Box<dyn Stream>, ProbeError> {
    let mut waiting = addresses.iter().copied();
    let mut attempts = JoinSet::new();
    let mut failure = None;
    loop {
        match waiting.next() {
            Some(address) => drop(attempts.spawn(TcpStream::connect(address))),
            None if attempts.is_empty() => {
                return Err(
                    failure.unwrap_or_else(|| ProbeError::Unreachable("no address".to_owned()))
                );
            }
            None => {}
        }
        let limit = if waiting.len() == 0 {
            Duration::MAX
        } else {
            HEAD_START
        };
        match timeout(limit, attempts.join_next()).await {
            Ok(Some(Ok(Ok(stream)))) => {
                // One small request: there is nothing to coalesce.
                let _ = stream.set_nodelay(true);
                return Ok(Box::new(Bounded::new(stream, meter.clone())));
            }
            Ok(Some(Ok(Err(error)))) => failure = Some(classify(&error)),
            Ok(_) | Err(_) => {}
        }
    }
}

async fn tls(
    stream: Box<dyn Stream>,
    host: &str,
    trust: &Trust,
) -> Result<Box<dyn Stream>, ProbeError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        ProbeError::Tls(format!("`{host}` is not a valid host name in certificates"))
    })?;
    let connector = TlsConnector::from(Arc::new(trust.config()?));
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(match classify(&error) {
            ProbeError::Closed => {
                ProbeError::Tls("the connection was closed during the handshake".to_owned())
            }
            other => other,
        }),
    }
}

async fn tunnel(
    stream: Box<dyn Stream>,
    address: &HostPort,
    proxy: &Proxy,
) -> Result<Box<dyn Stream>, ProbeError> {
    let host = if address.host.contains(':') {
        format!("[{}]", address.host)
    } else {
        address.host.clone()
    };
    let authority = format!("{host}:{}", address.port);
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(&authority)
        .header(HOST, &authority);
    request = request.header(USER_AGENT, OUR_NAME);
    if let Some(authorization) = &proxy.authorization {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|error| ProbeError::NotSendable(error.to_string()))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| classify(&error))?;
    tokio::spawn(connection.with_upgrades());
    let response = sender
        .send_request(request)
        .await
        .map_err(|error| classify(&error))?;
    if !response.status().is_success() {
        return Err(ProbeError::ProxyRefused {
            status_text: status_text(&response),
        });
    }
    let upgraded = hyper::upgrade::on(response)
        .await
        .map_err(|error| classify(&error))?;
    Ok(Box::new(TokioIo::new(upgraded)))
}

/// SOCKS by hyper-util, over an existing stream. `Tunnel` of the same crate is not used for
/// `CONNECT`: it drops the status with which a proxy refuses.
async fn socks(
    stream: Box<dyn Stream>,
    address: &HostPort,
    proxy: &Proxy,
) -> Result<Box<dyn Stream>, ProbeError> {
    let (Protocol::Socks4 { local_names } | Protocol::Socks5 { local_names }) = proxy.protocol
    else {
        return Ok(stream);
    };
    let is_v4 = matches!(proxy.protocol, Protocol::Socks4 { .. });
    let host = if local_names {
        // SOCKS 4 does not support IPv6 addresses.
        let found = resolve(&address.host, address.port).await?;
        let usable = found.iter().find(|found| !is_v4 || found.is_ipv4());
        match usable.map(SocketAddr::ip) {
            Some(IpAddr::V6(ip)) => format!("[{ip}]"),
            Some(IpAddr::V4(ip)) => ip.to_string(),
            None => {
                return Err(ProbeError::Unreachable(
                    "the store has no IPv4 address, and SOCKS 4 supports no other".to_owned(),
                ));
            }
        }
    } else if address.host.contains(':') {
        format!("[{}]", address.host)
    } else {
        address.host.clone()
    };
    let target = Uri::builder()
        .scheme(address.scheme())
        .authority(format!("{host}:{}", address.port))
        .path_and_query("/")
        .build()
        .map_err(|error| ProbeError::NotSendable(error.to_string()))?;
    let connected = Connected(Some(TokioIo::new(stream)));
    // The stream is connected already: the handshakes need a URI but do not use it.
    let at = Uri::from_static("socks://proxy");
    let stream = if is_v4 {
        let handshake = SocksV4::new(at, connected).call(target);
        handshake.await.map_err(|error| refused_by_socks(&error))
    } else {
        let mut handshake = SocksV5::new(at, connected);
        if let Some((user, password)) = &proxy.login {
            handshake = handshake.with_auth(user.clone(), password.clone());
        }
        handshake
            .call(target)
            .await
            .map_err(|error| refused_by_socks(&error))
    };
    Ok(Box::new(stream?.into_inner()))
}

/// The messages of the crate contain the SOCKS status; an error of the connection is reported as
/// such.
fn refused_by_socks(error: &(dyn std::error::Error + 'static)) -> ProbeError {
    let mut next = Some(error);
    while let Some(cause) = next {
        if cause.is::<io::Error>() {
            return classify(cause);
        }
        next = cause.source();
    }
    ProbeError::ProxyRefused {
        status_text: error.to_string(),
    }
}

/// Returns a stream that is already connected: the connector around which hyper-util puts its
/// handshakes.
struct Connected(Option<TokioIo<Box<dyn Stream>>>);

impl Service<Uri> for Connected {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(
            self.0
                .take()
                .ok_or_else(|| io::Error::other("the connection is used already")),
        )
    }
}
