//! Why there is no response, distinguished by what the user can do about it.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;

use chrono::DateTime;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

/// Why there is no response. Contains no URL and no query, which would leak the presigned URL into
/// logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeError {
    /// The signed request contains characters that HTTP does not allow.
    NotSendable(String),
    /// Invalid CA certificates or proxies.
    Settings(String),
    /// DNS has no address of this host.
    UnknownName {
        /// The host, which may be the proxy.
        host: String,
        /// The error of the system.
        cause: String,
    },
    /// The port is closed.
    ConnectionRefused,
    /// The host is unreachable.
    Unreachable(String),
    /// Neither a connection nor a refusal in time; includes the handshakes of TLS and of a proxy.
    ConnectTimeout(Duration),
    /// The certificate has expired.
    CertificateExpired {
        /// Last day of validity.
        since: Option<String>,
    },
    /// The certificate is not valid yet, or the clock is wrong.
    CertificateNotYetValid {
        /// First day of validity.
        from: Option<String>,
    },
    /// Self-signed, or issued by a CA that the system does not trust.
    UnknownAuthority,
    /// This system has no CA certificates.
    NoAuthorities(String),
    /// The certificate is for another host.
    WrongName {
        /// Names in the certificate.
        presented: Vec<String>,
    },
    /// The first bytes of the peer are not TLS; most often they are HTTP.
    NotTls,
    /// Any other TLS error.
    Tls(String),
    /// No response header within the timeout.
    ResponseTimeout(Duration),
    /// Idle timeout, during a body or before a response.
    Stalled(Duration),
    /// The source of the body cannot be read.
    Source(String),
    /// The peer closed the connection.
    Closed,
    /// The response is not HTTP/1.
    NotHttp,
    /// The response header is too large or endless.
    HeaderTooLarge,
    /// The connection to the proxy failed, not that to the store.
    ProxyUnreachable {
        /// `HOST:PORT`
        proxy: String,
        /// The error of that connection.
        cause: Box<ProbeError>,
    },
    /// The proxy refused to connect.
    ProxyRefused {
        /// `407 Proxy Authentication Required`
        status_text: String,
    },
    /// No file descriptors are left; connections need them too.
    NoHandles(String),
    /// Any other error, with the message of its source.
    Other(String),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProbeError::NotSendable(why) => {
                write!(f, "the request cannot be sent as signed: {why}")
            }
            ProbeError::Settings(what) => f.write_str(what),
            ProbeError::UnknownName { host, cause } => {
                write!(f, "the name `{host}` cannot be resolved: {cause}")
            }
            ProbeError::ConnectionRefused => f.write_str("connection refused"),
            ProbeError::Unreachable(cause) => write!(f, "no connection: {cause}"),
            ProbeError::ConnectTimeout(limit) => {
                write!(f, "no connection within {}", Seconds(*limit))
            }
            ProbeError::CertificateExpired { since: None } => {
                f.write_str("its certificate has expired")
            }
            ProbeError::CertificateExpired { since: Some(day) } => {
                write!(f, "its certificate expired on {day}")
            }
            ProbeError::CertificateNotYetValid { from: None } => {
                f.write_str("its certificate is not valid yet")
            }
            ProbeError::CertificateNotYetValid { from: Some(day) } => {
                write!(f, "its certificate is not valid before {day}")
            }
            ProbeError::UnknownAuthority => {
                f.write_str("its certificate is self-signed or issued by an unknown CA")
            }
            ProbeError::NoAuthorities(cause) => {
                write!(f, "no CA certificates found to verify it: {cause}")
            }
            ProbeError::WrongName { presented } if presented.is_empty() => {
                f.write_str("its certificate is for another name")
            }
            ProbeError::WrongName { presented } => {
                write!(
                    f,
                    "its certificate is for another name: `{}`",
                    presented.join("`, `")
                )
            }
            ProbeError::NotTls => f.write_str("it does not use TLS; the port may be for `http://`"),
            ProbeError::Tls(what) => write!(f, "TLS failed: {what}"),
            ProbeError::ResponseTimeout(limit) => {
                write!(f, "no response within {}", Seconds(*limit))
            }
            ProbeError::Stalled(limit) => write!(f, "no data transferred for {}", Seconds(*limit)),
            ProbeError::Source(cause) => write!(f, "the body cannot be read: {cause}"),
            ProbeError::Closed => f.write_str("the connection was closed before a response"),
            ProbeError::NotHttp => f.write_str("the response is not HTTP"),
            ProbeError::HeaderTooLarge => f.write_str("the header of the response is too large"),
            ProbeError::ProxyUnreachable { proxy, cause } => {
                write!(f, "the proxy `{proxy}` cannot be reached: {cause}")
            }
            ProbeError::ProxyRefused { status_text } => {
                write!(f, "the proxy refused the connection: {status_text}")
            }
            ProbeError::NoHandles(cause) => write!(
                f,
                "no file descriptors left ({cause}); allow this process more: `ulimit -n 1024`"
            ),
            ProbeError::Other(what) => f.write_str(what),
        }
    }
}

impl Error for ProbeError {}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
}

/// Searches an error and its causes, because each library wraps the errors of those below it.
pub fn classify(error: &(dyn Error + 'static)) -> ProbeError {
    let mut outer = None;
    let mut next = Some(error);
    let mut innermost = error;
    while let Some(error) = next {
        innermost = error;
        if let Some(error) = error.downcast_ref::<ProbeError>() {
            return error.clone();
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return of_tls(error);
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            outer = outer.or_else(|| of_hyper(error));
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            if let Some(inner) = error.get_ref() {
                // `source` would skip the wrapped error.
                next = Some(inner);
                outer = outer.or_else(|| of_io(error));
                continue;
            }
            outer = outer.or_else(|| of_io(error));
        }
        next = error.source();
    }
    outer.unwrap_or_else(|| ProbeError::Other(innermost.to_string()))
}

fn of_hyper(error: &hyper::Error) -> Option<ProbeError> {
    // hyper has a method for this, but only with its server feature.
    if error.is_parse() && error.to_string().contains("too large") {
        Some(ProbeError::HeaderTooLarge)
    } else if error.is_parse() {
        Some(ProbeError::NotHttp)
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        Some(ProbeError::Closed)
    } else if error.is_user() {
        Some(ProbeError::NotSendable(error.to_string()))
    } else {
        None
    }
}

fn of_io(error: &io::Error) -> Option<ProbeError> {
    // ENFILE and EMFILE have no `ErrorKind` in the standard library.
    if cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24)) {
        return Some(ProbeError::NoHandles(error.to_string()));
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(ProbeError::ConnectionRefused),
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable
        | ErrorKind::TimedOut => Some(ProbeError::Unreachable(error.to_string())),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some(ProbeError::Closed),
        _ => None,
    }
}

/// Whether the server has a certificate of a CA. webpki has no error of rustls for it.
pub fn is_ca_as_server(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(CertificateError::Other(cause))
            if format!("{cause:?}").contains("CaUsedAsEndEntity")
    )
}

fn of_tls(error: &rustls::Error) -> ProbeError {
    if is_ca_as_server(error) {
        // Self-signed, as `openssl req -x509` makes them.
        return ProbeError::UnknownAuthority;
    }
    let certificate = match error {
        rustls::Error::InvalidCertificate(certificate) => certificate,
        rustls::Error::InvalidMessage(_) => return ProbeError::NotTls,
        other => return ProbeError::Tls(other.to_string()),
    };
    match certificate {
        CertificateError::Expired => ProbeError::CertificateExpired { since: None },
        CertificateError::ExpiredContext { not_after, .. } => ProbeError::CertificateExpired {
            since: day(*not_after),
        },
        CertificateError::NotValidYet => ProbeError::CertificateNotYetValid { from: None },
        CertificateError::NotValidYetContext { not_before, .. } => {
            ProbeError::CertificateNotYetValid {
                from: day(*not_before),
            }
        }
        // The signature does not match if the CA was recreated under the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            ProbeError::UnknownAuthority
        }
        CertificateError::NotValidForName => ProbeError::WrongName {
            presented: Vec::new(),
        },
        CertificateError::NotValidForNameContext { presented, .. } => ProbeError::WrongName {
            presented: presented.iter().map(|name| plain_name(name)).collect(),
        },
        other => ProbeError::Tls(other.to_string()),
    }
}

fn day(time: UnixTime) -> Option<String> {
    let time = DateTime::from_timestamp(i64::try_from(time.as_secs()).ok()?, 0)?;
    Some(time.format("%Y-%m-%d").to_string())
}

/// `DnsName("example.com")` as `example.com`.
fn plain_name(name: &str) -> String {
    match name
        .split_once('"')
        .and_then(|(_, rest)| rest.rsplit_once('"'))
    {
        Some((inner, _)) => inner.to_owned(),
        None => name.to_owned(),
    }
}
