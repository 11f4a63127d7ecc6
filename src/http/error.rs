//! Why there is no answer, told apart as far as a person can do something about it.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;

use chrono::DateTime;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

/// Why there is no answer. Holds no URL and no query: they would put the link into logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeError {
    /// No request line or header can hold what was signed.
    NotSendable(String),
    /// The CA certificates or the proxies that were given are none.
    Settings(String),
    /// DNS knows no address of this host.
    UnknownName {
        /// The host, which may be the proxy.
        host: String,
        /// What the system says.
        cause: String,
    },
    /// Nobody listens at the port.
    ConnectionRefused,
    /// There is no way to the host.
    Unreachable(String),
    /// Neither a connection nor a refusal; the handshakes of TLS and of a proxy count as well.
    ConnectTimeout(Duration),
    /// The certificate was valid once.
    CertificateExpired {
        /// The last day.
        since: Option<String>,
    },
    /// The certificate will be valid, or the clock is wrong.
    CertificateNotYetValid {
        /// The first day.
        from: Option<String>,
    },
    /// Self-signed, or signed by an authority that the system does not trust.
    UnknownAuthority,
    /// This system trusts nobody.
    NoAuthorities(String),
    /// The certificate is another host's.
    WrongName {
        /// The names that it is good for.
        presented: Vec<String>,
    },
    /// The first bytes of the peer are no TLS; most often they are HTTP.
    NotTls,
    /// Any other trouble of TLS.
    Tls(String),
    /// The time was up before the header of an answer was there.
    AnswerTimeout(Duration),
    /// Nothing moved for so long, in the middle of a body or before an answer.
    Stalled(Duration),
    /// What was to be sent cannot be read.
    Source(String),
    /// The peer hung up.
    Closed,
    /// Other bytes than those of HTTP/1.
    NotHttp,
    /// More header than anyone needs, or one without an end.
    HeaderTooLarge,
    /// The trouble is on the way to the proxy, not to the store.
    ProxyUnreachable {
        /// `HOST:PORT`
        proxy: String,
        /// What went wrong there.
        cause: Box<ProbeError>,
    },
    /// The proxy does not connect us.
    ProxyRefused {
        /// `407 Proxy Authentication Required`
        status_text: String,
    },
    /// The system gives no more open files, which connections are too.
    NoHandles(String),
    /// Anything else, in the words of whoever noticed.
    Other(String),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProbeError::NotSendable(why) => {
                write!(f, "the request cannot be sent as it was signed: {why}")
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
                f.write_str("its certificate is self-signed or issued by an unknown authority")
            }
            ProbeError::NoAuthorities(cause) => {
                write!(f, "no authority is known that could vouch for it: {cause}")
            }
            ProbeError::WrongName { presented } if presented.is_empty() => {
                f.write_str("its certificate is for another name")
            }
            ProbeError::WrongName { presented } => {
                write!(
                    f,
                    "its certificate is for another name: it is good for `{}`",
                    presented.join("`, `")
                )
            }
            ProbeError::NotTls => f.write_str(
                "it does not speak TLS; an `http://` port may have been called as `https://`",
            ),
            ProbeError::Tls(what) => write!(f, "TLS failed: {what}"),
            ProbeError::AnswerTimeout(limit) => write!(f, "no answer within {}", Seconds(*limit)),
            ProbeError::Stalled(limit) => write!(f, "no byte moved for {}", Seconds(*limit)),
            ProbeError::Source(cause) => write!(f, "what was to be sent cannot be read: {cause}"),
            ProbeError::Closed => f.write_str("the connection was closed before an answer came"),
            ProbeError::NotHttp => f.write_str("the answer is not HTTP"),
            ProbeError::HeaderTooLarge => f.write_str("the header of the answer is too large"),
            ProbeError::ProxyUnreachable { proxy, cause } => {
                write!(f, "the proxy `{proxy}` cannot be reached: {cause}")
            }
            ProbeError::ProxyRefused { status_text } => {
                write!(f, "the proxy refused the connection: {status_text}")
            }
            ProbeError::NoHandles(cause) => write!(
                f,
                "the system gives no more file handles ({cause}); allow this process more: `ulimit -n 1024`"
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

/// Looks through an error and its causes, since each library wraps those of the ones below it.
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
                // `source` would pass over the error inside.
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
    // hyper has a method for this, but only where its server is built as well.
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
    // ENFILE and EMFILE, for which the library has no kind.
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

fn of_tls(error: &rustls::Error) -> ProbeError {
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
        // A signature does not fit where the authority was made anew under its old name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            ProbeError::UnknownAuthority
        }
        // What `openssl req -x509` makes: an authority that presents itself. webpki has no common
        // word for that.
        CertificateError::Other(cause) if format!("{cause:?}").contains("CaUsedAsEndEntity") => {
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
