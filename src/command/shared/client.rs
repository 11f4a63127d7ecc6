//! What all verbs that send a request share: the client for these surroundings, and what to say if there is no answer.

use std::time::Duration;

use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{Answer, Client, ProbeError, ProxySetting, Settings};
use crate::resolve::parse_duration;
use crate::sigv4::Header;
use crate::store::StoreAnswer;
use crate::text::escape_controls;

/// How long to wait for an answer if nothing is said.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// A host that keeps silent for so long does not want to be reached, however long the answer may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The proxies are those that curl would use.
pub fn client(
    env: &Env,
    timeout: Duration,
    connect_timeout: Duration,
    ca_certificates: Option<Vec<u8>>,
) -> Result<Client, Failure> {
    let has_certificates = ca_certificates.is_some();
    let settings = Settings {
        connect_timeout,
        timeout,
        ca_certificates,
        proxy: proxies(env)?,
    };
    Client::new(&settings).map_err(|error| {
        Failure::configuration(error.to_string()).hint(match has_certificates {
            true => "check the file of --cacert, and the proxies in `http_proxy`, `https_proxy` and `all_proxy`",
            false => "check `http_proxy`, `https_proxy` and `all_proxy`; only proxies for HTTP can be used",
        })
    })
}

/// A time to wait, given as an option.
pub fn limit(option: &str, text: Option<&str>, default: Duration) -> Result<Duration, Failure> {
    match text.map(|text| parse_duration(option, text)).transpose()? {
        Some(0) => Err(Failure::usage(format!("{option} of zero seconds"))
            .hint(format!("give a time to wait: `{option} 30s`"))),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Ok(default),
    }
}

/// Not a HEAD: the method is signed, so a HEAD of a link for GET is refused. Whatever else the link says is left as it is.
pub fn first_byte(method: &str, has_key: bool, headers: &[Header]) -> Option<Header> {
    let is_given = headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("range"));
    (method == "GET" && has_key && !is_given).then(|| Header::new("Range", "bytes=0-0"))
}

/// Whether the store served the link. An object without a first byte cannot serve it; the link was accepted all the same.
pub fn is_accepted(answer: &Answer, ranged: bool) -> bool {
    (200..300).contains(&answer.status) || (ranged && answer.status == 416)
}

/// The answer, for a diagnosis.
pub fn as_store_answer(answer: &Answer) -> StoreAnswer {
    let mut read = StoreAnswer::parse(&answer.body);
    read.status = Some(answer.status);
    read.headers = answer.headers.clone();
    read
}

/// The variables that curl reads, the lower-case spelling first.
fn proxies(env: &Env) -> Result<ProxySetting, Failure> {
    let either = |lower: &str, upper: &str| -> Result<Option<String>, Failure> {
        let value = env.text(lower)?;
        Ok(if value.is_some() {
            value
        } else {
            env.text(upper)?
        }
        .map(str::to_owned))
    };
    Ok(ProxySetting {
        // `HTTP_PROXY` is left alone: where a web server runs programs, it holds the header `Proxy` of a stranger's request.
        http: env.text("http_proxy")?.map(str::to_owned),
        https: either("https_proxy", "HTTPS_PROXY")?,
        all: either("all_proxy", "ALL_PROXY")?,
        none_for: either("no_proxy", "NO_PROXY")?,
    })
}

/// The stable name of the failure; `explain` knows it.
pub fn code(error: &ProbeError) -> &'static str {
    match error {
        ProbeError::CertificateExpired { .. }
        | ProbeError::CertificateNotYetValid { .. }
        | ProbeError::UnknownAuthority
        | ProbeError::NoAuthorities(_)
        | ProbeError::WrongName { .. }
        | ProbeError::NotTls
        | ProbeError::Tls(_) => "tls-trouble",
        _ => "unreachable",
    }
}

/// The failure that a person reads, with the way out of it.
pub fn unanswered(host: &str, error: &ProbeError) -> Failure {
    let words = escape_controls(&error.to_string()).into_owned();
    let (message, hint) = match error {
        ProbeError::NotSendable(_) => {
            return Failure::usage(words).hint("send the request yourself: `--output curl`");
        }
        ProbeError::AnswerTimeout(limit) => (
            format!("`{host}` did not answer within {} s", limit.as_secs()),
            "wait longer: `--timeout 2m`",
        ),
        ProbeError::Stalled(_) => (
            format!("the connection to `{host}` is lost: {words}"),
            "wait longer: `--timeout 2m`",
        ),
        ProbeError::ProxyRefused { .. } | ProbeError::ProxyUnreachable { .. } => (
            words,
            "check the proxy and its password in `https_proxy`, or go round it: `NO_PROXY=HOST`",
        ),
        ProbeError::CertificateExpired { .. } | ProbeError::CertificateNotYetValid { .. } => (
            format!("cannot trust `{host}`: {words}"),
            "renew the certificate of the store, or check the clock of this computer",
        ),
        ProbeError::UnknownAuthority | ProbeError::NoAuthorities(_) => (
            format!("cannot trust `{host}`: {words}"),
            "add the authority of the store to those of this computer; on Linux `SSL_CERT_FILE=FILE` names a PEM file",
        ),
        ProbeError::WrongName { .. } => (
            format!("cannot trust `{host}`: {words}"),
            "use a host of that name; for a bucket with dots: `--addressing path`",
        ),
        ProbeError::NotTls => (
            format!("cannot reach `{host}`: {words}"),
            "try the endpoint with `http://`",
        ),
        ProbeError::NotHttp | ProbeError::HeaderTooLarge | ProbeError::Closed => (
            format!("no answer from `{host}`: {words}"),
            "check scheme and port of the endpoint, and what stands in front of it",
        ),
        _ => (
            format!("cannot reach `{host}`: {words}"),
            "check the endpoint and the network; a `private` or `direct` host answers inside IBM Cloud only",
        ),
    };
    Failure::new(Kind::Network, message).hint(hint)
}
