//! The HTTP client for the options and the environment, and messages for failed connections.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::cli::{CredentialArgs, NetworkArgs};
use crate::env::{self, Env};
use crate::error::{Failure, Kind};
use crate::http::{
    Authority, Client, Identity, ProbeError, ProxySetting, Response, Settings, check_proxy,
    has_certificate,
};
use crate::resolve::{Files, parse_duration, read_file};
use crate::sigv4::Header;
use crate::store::ErrorResponse;
use crate::text::escape_controls;

/// Default timeout.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Maximum connect timeout: a host that does not accept a connection in this time is unreachable,
/// however long a response may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum size of a CA bundle; those of systems have about 256 KiB.
const CERTIFICATES_LIMIT: u64 = 16 << 20;

/// Variables of additional CA bundles, for this program and for common tools.
const BUNDLES: [&str; 3] = ["AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"];

/// Variables of OpenSSL. Where it replaces the CAs of the system by theirs, this program adds them.
const CA_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// A client for these options and this environment. `credentials` select the profile whose
/// `ca_bundle` is trusted.
pub fn client(
    network: &NetworkArgs,
    credentials: Option<&CredentialArgs>,
    env: &Env,
) -> Result<Client, Failure> {
    let mut settings = options(network, env)?;
    let default = CredentialArgs::default();
    settings
        .authorities
        .extend(bundles(credentials.unwrap_or(&default), env)?);
    // An empty one is as good as none, but not for the reader of the system's CAs.
    settings.has_ca_variables = CA_VARIABLES.iter().any(|name| env.path(name).is_some());
    settings.unusable_authorities = unusable_ca_variables(env);
    settings.proxy = proxies(network, env)?;
    Client::new(&settings).map_err(|error| unusable(&error))
}

/// Reports invalid values even if nothing is sent. Files are read only before sending: one may be a
/// pipe.
pub fn check(network: &NetworkArgs) -> Result<(), Failure> {
    limits(network)?;
    network.proxy.as_deref().map_or(Ok(()), check_given_proxy)
}

/// Request timeout and connect timeout.
fn limits(network: &NetworkArgs) -> Result<(Duration, Duration), Failure> {
    let (whole, connect) = (
        network.timeout.as_deref(),
        network.connect_timeout.as_deref(),
    );
    Ok((
        limit("--timeout", whole, TIMEOUT)?,
        limit("--connect-timeout", connect, CONNECT_TIMEOUT)?,
    ))
}

fn unusable(error: &ProbeError) -> Failure {
    Failure::configuration(error.to_string()).hint(
        "convert to PEM: `openssl x509 -in FILE -out FILE.pem`, `openssl pkey -in KEY -out \
         KEY.pem`",
    )
}

/// Retries and certificates of the options alone.
fn options(network: &NetworkArgs, env: &Env) -> Result<Settings, Failure> {
    let (timeout, connect_timeout) = limits(network)?;
    let mut settings = Settings {
        timeout,
        connect_timeout,
        is_insecure: network.insecure,
        ..Settings::default()
    };
    if let Some(file) = &network.cacert {
        settings.authorities.push(authority(file, "--cacert", env)?);
    }
    if let Some(file) = &network.client_cert {
        let certificates = pem(file, "--client-cert", env)?;
        let key = match &network.client_key {
            Some(file) => pem(file, "--client-key", env)?,
            None => certificates.clone(),
        };
        let key = Zeroizing::new(key);
        settings.identity = Some(Identity { certificates, key });
    }
    Ok(settings)
}

fn check_given_proxy(proxy: &str) -> Result<(), Failure> {
    check_proxy(proxy).map_err(|error| {
        Failure::usage(format!("{error} (--proxy)"))
            .hint("write a URL: `--proxy http://proxy.example.com:3128`")
    })?;
    let authority = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    if authority
        .rsplit_once('@')
        .is_some_and(|(login, _)| login.contains(':'))
    {
        return Err(Failure::usage(
            "--proxy has a password, which other processes on this computer can read",
        )
        .hint("set the URL in the variable `https_proxy`"));
    }
    Ok(())
}

/// CA bundles of the environment and the profile.
fn bundles(credentials: &CredentialArgs, env: &Env) -> Result<Vec<Authority>, Failure> {
    let mut found = Vec::new();
    for name in BUNDLES {
        if let Some(file) = env.path(name) {
            found.push(authority(&file, &format!("`{name}`"), env)?);
        }
    }
    // Whether the profile exists is checked by the code that signs with it.
    let files = Files::new(credentials, env);
    if let Ok(Some(profile)) = files.profile()
        && let Some((bundle, _)) = profile.get("ca_bundle")
    {
        let file = match (bundle.strip_prefix("~/"), env.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(bundle),
        };
        let source = format!("`ca_bundle` of the profile `{}`", profile.name);
        found.push(authority(&file, &source, env)?);
    }
    Ok(found)
}

/// Why the CAs of `SSL_CERT_FILE` or `SSL_CERT_DIR` cannot be used. Their reader passes over what
/// it cannot read, and the certificate of the store would be of an unknown CA.
fn unusable_ca_variables(env: &Env) -> Option<String> {
    // These have a store of their own.
    if cfg!(any(windows, target_vendor = "apple", target_os = "android")) {
        return None;
    }
    if let Some(file) = env.path("SSL_CERT_FILE") {
        let unusable =
            |why: &dyn fmt::Display| Some(format!("`{}` (`SSL_CERT_FILE`): {why}", file.display()));
        match pem(&file, "`SSL_CERT_FILE`", env) {
            Err(_) => match fs::File::open(&file) {
                Err(error) => return unusable(&error),
                Ok(_) => return unusable(&"it cannot be read"),
            },
            Ok(text) if !has_certificate(&text) => {
                return unusable(&"it contains no PEM certificate");
            }
            Ok(_) => {}
        }
    }
    let folders = env.path("SSL_CERT_DIR")?;
    if env::split_paths(&folders).any(|folder| folder.is_dir()) {
        return None;
    }
    Some(format!(
        "`{}` (`SSL_CERT_DIR`) is not a directory",
        folders.display()
    ))
}

fn authority(file: &Path, source: &str, env: &Env) -> Result<Authority, Failure> {
    let pem = if file.is_dir() {
        certificates_in(file).map_err(|error| {
            Failure::cannot_read(&format!("`{}` ({source})", file.display()), None, &error)
        })?
    } else {
        pem(file, source, env)?
    };
    let source = format!("`{}` ({source})", file.display());
    Ok(Authority { pem, source })
}

fn pem(file: &Path, source: &str, env: &Env) -> Result<Vec<u8>, Failure> {
    if file == Path::new("-") {
        return read_file(
            env,
            file,
            CERTIFICATES_LIMIT,
            "use a file of PEM certificates",
        );
    }
    let mut bytes = Vec::new();
    fs::File::open(file)
        .and_then(|opened| opened.take(CERTIFICATES_LIMIT).read_to_end(&mut bytes))
        .map_err(|error| {
            Failure::cannot_read(&format!("`{}` ({source})", file.display()), None, &error)
        })?;
    Ok(bytes)
}

/// A directory as written by `openssl rehash`, which may contain each certificate twice.
fn certificates_in(folder: &Path) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && path.metadata()?.len() <= CERTIFICATES_LIMIT {
            all.extend(fs::read(path)?);
            all.push(b'\n');
        }
    }
    Ok(all)
}

/// A timeout option.
pub fn limit(option: &str, text: Option<&str>, default: Duration) -> Result<Duration, Failure> {
    match text.map(|text| parse_duration(option, text)).transpose()? {
        Some(0) => Err(
            Failure::usage(format!("{option} must be at least 1 second"))
                .hint(format!("use a longer time: `{option} 30s`")),
        ),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Ok(default),
    }
}

/// Not a HEAD: the method is signed, so a HEAD of a URL for GET is refused. The rest of the URL is
/// unchanged.
pub fn first_byte(method: &str, has_key: bool, headers: &[Header]) -> Option<Header> {
    let is_given = headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("range"));
    (method == "GET" && has_key && !is_given).then(|| Header::new("Range", "bytes=0-0"))
}

/// Whether the store accepted the URL. An empty object has no first byte to serve, but the URL was
/// accepted.
pub fn is_accepted(response: &Response, ranged: bool) -> bool {
    (200..300).contains(&response.status) || (ranged && response.status == 416)
}

/// The response, for a diagnosis.
pub fn as_error_response(response: &Response) -> ErrorResponse {
    let mut read = ErrorResponse::parse(&response.body);
    read.status = Some(response.status);
    read.headers = response.headers.clone();
    read
}

/// `--proxy`, else the variables of curl, the lower-case spelling first.
fn proxies(network: &NetworkArgs, env: &Env) -> Result<ProxySetting, Failure> {
    type Named<'a> = Option<(&'a str, String)>;
    fn first<'a>(names: &[&'a str], env: &Env) -> Result<Named<'a>, Failure> {
        for name in names {
            if let Some(value) = env.text(name)? {
                return Ok(Some((name, value.to_owned())));
            }
        }
        Ok(None)
    }
    let proxy = |names: &[&str]| -> Result<Option<String>, Failure> {
        if network.proxy.is_some() {
            return Ok(network.proxy.clone());
        }
        let Some((name, value)) = first(names, env)? else {
            return Ok(None);
        };
        if let Err(error) = check_proxy(&value) {
            return Err(
                Failure::configuration(format!("{error} (`{name}`)")).hint(format!(
                    "set a URL: `export {name}=http://proxy.example.com:3128`"
                )),
            );
        }
        Ok(Some(value))
    };
    Ok(ProxySetting {
        // `HTTP_PROXY` is ignored: under CGI it holds the header `Proxy` of a request from outside.
        http: proxy(&["http_proxy"])?,
        https: proxy(&["https_proxy", "HTTPS_PROXY"])?,
        all: proxy(&["all_proxy", "ALL_PROXY"])?,
        none_for: first(&["no_proxy", "NO_PROXY"], env)?.map(|(_, value)| value),
    })
}

/// The stable code of the failure, as in `explain`.
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

/// The failure with its message and hint.
pub fn no_response(host: &str, error: &ProbeError) -> Failure {
    let words = escape_controls(&error.to_string()).into_owned();
    let (message, hint) = match error {
        ProbeError::NotSendable(_) => {
            return Failure::usage(words).hint("send the request yourself: `--output curl`");
        }
        ProbeError::ResponseTimeout(limit) => (
            format!("no response from `{host}` within {} s", limit.as_secs()),
            "wait longer: `--timeout 2m`",
        ),
        ProbeError::Stalled(_) => (
            format!("lost the connection to `{host}`: {words}"),
            "wait longer: `--timeout 2m`",
        ),
        ProbeError::ProxyRefused { .. } | ProbeError::ProxyUnreachable { .. } => (
            words,
            "check the proxy and its password in `https_proxy`, or bypass the proxy: \
             `NO_PROXY=HOST`",
        ),
        ProbeError::CertificateExpired { .. } | ProbeError::CertificateNotYetValid { .. } => (
            format!("cannot verify the certificate of `{host}`: {words}"),
            "renew the certificate of the store, or check the clock of this computer",
        ),
        ProbeError::NoAuthorities(cause) if cause.contains("(`SSL_CERT_") => (
            format!("cannot verify the certificate of `{host}`: {words}"),
            "set the variable to a file of PEM certificates, or a directory of them, or unset it",
        ),
        ProbeError::UnknownAuthority | ProbeError::NoAuthorities(_) => (
            format!("cannot verify the certificate of `{host}`: {words}"),
            "trust the CA that issued it: `--cacert FILE`, or `AWS_CA_BUNDLE=FILE` for every run",
        ),
        ProbeError::WrongName { .. } => (
            format!("cannot verify the certificate of `{host}`: {words}"),
            "use a host of that name; for a bucket with dots: `--addressing path`",
        ),
        ProbeError::NotTls => (
            format!("cannot reach `{host}`: {words}"),
            "try the endpoint with `http://`",
        ),
        ProbeError::NotHttp | ProbeError::HeaderTooLarge | ProbeError::Closed => (
            format!("no response from `{host}`: {words}"),
            "check scheme and port of the endpoint, and any proxy in between",
        ),
        _ => (
            format!("cannot reach `{host}`: {words}"),
            "check the endpoint and the network; `private` and `direct` hosts are reachable only \
             inside IBM Cloud",
        ),
    };
    Failure::new(Kind::Network, message).hint(hint)
}
