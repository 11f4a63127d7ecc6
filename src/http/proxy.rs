//! Selects the proxy of a request.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;

use crate::sigv4::encode;

use super::address::{HostPort, default_port};
use super::error::ProbeError;

/// The values of the proxy variables. The caller decides which spelling takes precedence.
#[derive(Clone, Default)]
pub struct ProxySetting {
    /// `http_proxy`, for `http://`.
    pub http: Option<String>,
    /// `https_proxy`, for `https://`.
    pub https: Option<String>,
    /// `all_proxy`, for schemes without their own variable.
    pub all: Option<String>,
    /// `no_proxy`: hosts, domains and networks to reach directly.
    pub none_for: Option<String>,
}

/// A value may contain a password.
impl std::fmt::Debug for ProxySetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let given = |value: &Option<String>| if value.is_some() { "given" } else { "none" };
        write!(
            f,
            "ProxySetting(http: {}, https: {}, all: {})",
            given(&self.http),
            given(&self.https),
            given(&self.all)
        )
    }
}

/// The protocol of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP; `CONNECT` for `https://` stores.
    Http,
    /// HTTP over TLS.
    Https,
    /// SOCKS 4. `local_names`: the name of the store is resolved locally (`socks4`), not by the
    /// proxy (`socks4a`).
    Socks4 {
        /// Where names are resolved.
        local_names: bool,
    },
    /// SOCKS 5, likewise (`socks5`, `socks5h`).
    Socks5 {
        /// Where names are resolved.
        local_names: bool,
    },
}

impl Protocol {
    fn from_scheme(scheme: &str) -> Option<Protocol> {
        Some(match scheme {
            "http" => Protocol::Http,
            "https" => Protocol::Https,
            "socks4" => Protocol::Socks4 { local_names: true },
            "socks4a" => Protocol::Socks4 { local_names: false },
            "socks5" => Protocol::Socks5 { local_names: true },
            "socks5h" => Protocol::Socks5 { local_names: false },
            _ => return None,
        })
    }

    fn scheme(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Https => "https",
            Protocol::Socks4 { local_names: true } => "socks4",
            Protocol::Socks4 { local_names: false } => "socks4a",
            Protocol::Socks5 { local_names: true } => "socks5",
            Protocol::Socks5 { local_names: false } => "socks5h",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Protocol::Http | Protocol::Https => default_port(self == Protocol::Https),
            Protocol::Socks4 { .. } | Protocol::Socks5 { .. } => 1080,
        }
    }

    /// Whether the proxy forwards requests, rather than bytes.
    pub fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }
}

pub struct Proxy {
    pub protocol: Protocol,
    pub host: String,
    pub port: u16,
    /// The value of `Proxy-Authorization`.
    pub authorization: Option<HeaderValue>,
    /// User name and password of a SOCKS proxy.
    pub login: Option<(String, String)>,
}

impl Proxy {
    /// `socks5h://user:password@host:1080`, percent-encoded, as reqwest expects a proxy.
    pub fn to_url(&self) -> String {
        let login = self.login.clone().or_else(|| {
            let basic = self.authorization.as_ref()?.to_str().ok()?;
            let decoded = BASE64_STANDARD.decode(basic.strip_prefix("Basic ")?).ok()?;
            let decoded = String::from_utf8(decoded).ok()?;
            let (user, password) = decoded.split_once(':')?;
            Some((user.to_owned(), password.to_owned()))
        });
        let login = login.map_or_else(String::new, |(user, password)| {
            let (user, password) = (user.as_bytes(), password.as_bytes());
            format!(
                "{}:{}@",
                encode::component(user),
                encode::component(password)
            )
        });
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        format!("{}://{login}{host}:{}", self.protocol.scheme(), self.port)
    }
}

/// Checks a proxy setting. The value is not repeated: it may contain a password.
///
/// # Errors
/// An invalid value, or an unsupported kind of proxy.
pub fn check_proxy(value: &str) -> Result<(), ProbeError> {
    // The matcher ignores what it cannot parse, and the request would silently bypass the proxy.
    let proxy = Matcher::builder()
        .all(value)
        .build()
        .intercept(&Uri::from_static("http://example.com/"));
    let scheme = proxy.as_ref().and_then(|proxy| proxy.uri().scheme_str());
    if scheme.and_then(Protocol::from_scheme).is_some() {
        Ok(())
    } else {
        Err(ProbeError::Settings(
            "the proxy is not `http://HOST:PORT`, `https://HOST:PORT` or `socks5h://HOST:PORT`"
                .to_owned(),
        ))
    }
}

/// The proxies of all requests.
#[derive(Clone)]
pub struct Proxies(Arc<Matcher>);

impl Proxies {
    /// Parses the settings.
    pub fn new(setting: &ProxySetting) -> Result<Proxies, ProbeError> {
        for value in [&setting.http, &setting.https, &setting.all]
            .into_iter()
            .flatten()
        {
            check_proxy(value)?;
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_default();
        let matcher = Matcher::builder()
            .http(value(&setting.http))
            .https(value(&setting.https))
            .all(value(&setting.all))
            .no(no_proxy_list(&value(&setting.none_for)))
            .build();
        Ok(Proxies(Arc::new(matcher)))
    }

    /// The proxy for this address, if any.
    pub fn of(&self, address: &HostPort) -> Option<Proxy> {
        self.of_authority(address.scheme(), &address.authority)
    }

    /// The proxy for a scheme and a host with or without a port.
    pub fn of_authority(&self, scheme: &str, authority: &str) -> Option<Proxy> {
        // A fully qualified name is the same host.
        let authority = authority.replacen(".:", ":", 1);
        let uri = Uri::builder()
            .scheme(scheme)
            .authority(authority.trim_end_matches('.'))
            .path_and_query("/")
            .build()
            .ok()?;
        if is_metadata_service(uri.host()?) {
            return None;
        }
        let proxy = self.0.intercept(&uri)?;
        let protocol = Protocol::from_scheme(proxy.uri().scheme_str()?)?;
        let host = proxy
            .uri()
            .host()?
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let port = proxy
            .uri()
            .port_u16()
            .unwrap_or_else(|| protocol.default_port());
        Some(Proxy {
            protocol,
            host,
            port,
            authorization: proxy.basic_auth().cloned(),
            login: proxy
                .raw_auth()
                .map(|(user, password)| (user.to_owned(), password.to_owned())),
        })
    }
}

/// The forms that curl documents for `NO_PROXY`, as the matcher reads them: it knows neither spaces
/// between names, nor a dot at the end, nor brackets around an IPv6 address, and its `*` matches
/// names only.
fn no_proxy_list(value: &str) -> String {
    if value.trim() == "*" {
        return "*,0.0.0.0/0,::/0".to_owned();
    }
    let entries = value
        .split([',', ' ', '\t'])
        .map(|entry| entry.trim_end_matches('.'))
        .map(|entry| match entry.strip_prefix('[') {
            Some(rest) => rest.replacen(']', "", 1),
            None => entry.to_owned(),
        });
    entries.collect::<Vec<String>>().join(",")
}

/// Whether this is the address of a metadata service, which only this machine can reach: a proxy
/// would return its own credentials.
fn is_metadata_service(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.segments()[..4] == [0xfd00, 0xec2, 0, 0],
        Err(_) => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn proxy_of(setting: &ProxySetting, url: &str) -> Option<(bool, String, u16)> {
        let proxy = Proxies::new(setting)
            .unwrap()
            .of(&HostPort::parse(url).unwrap())?;
        Some((proxy.protocol == Protocol::Https, proxy.host, proxy.port))
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let setting = ProxySetting {
            http: Some("plain:3128".to_owned()),
            https: Some("https://user:secret@[::1]".to_owned()),
            all: None,
            none_for: Some("direct.example,10.0.0.0/8,.suffix.example".to_owned()),
        };
        assert_eq!(
            proxy_of(&setting, "http://h/"),
            Some((false, "plain".to_owned(), 3128))
        );
        assert_eq!(
            proxy_of(&setting, "https://h/"),
            Some((true, "::1".to_owned(), 443))
        );
        for url in [
            "http://direct.example:81/",
            "https://10.1.2.3/",
            "http://a.suffix.example/",
        ] {
            assert_eq!(proxy_of(&setting, url), None, "{url}");
        }
        assert!(!format!("{setting:?}").contains("secret"));
        let all = ProxySetting {
            all: Some("http://all:1".to_owned()),
            ..ProxySetting::default()
        };
        assert_eq!(
            proxy_of(&all, "https://h/"),
            Some((false, "all".to_owned(), 1))
        );
        assert_eq!(proxy_of(&ProxySetting::default(), "https://h/"), None);
    }

    #[test]
    fn no_proxy_has_the_forms_that_curl_documents() {
        for (value, direct, proxied) in [
            (
                "*",
                &["http://h/", "http://10.0.0.1:9/", "http://[2001:db8::1]/"][..],
                &[][..],
            ),
            (
                "example.com",
                &[
                    "http://example.com/",
                    "http://www.example.com:81/",
                    "http://EXAMPLE.com/",
                ],
                &["http://notexample.com/", "http://example.com.evil/"],
            ),
            (
                ".example.com",
                &["http://example.com/", "http://a.b.example.com/"],
                &["http://notexample.com/"],
            ),
            (
                "example.com.",
                &["http://example.com/"],
                &["http://example.org/"],
            ),
            (
                "example.com",
                &["http://example.com./", "http://example.com.:81/"],
                &["http://other.:81/"],
            ),
            (
                "a.example b.example,  c.example\t10.1.2.3",
                &[
                    "http://a.example/",
                    "http://b.example/",
                    "http://c.example/",
                    "http://10.1.2.3/",
                ],
                &["http://d.example/", "http://10.1.2.4/"],
            ),
            (
                "192.168.0.0/16",
                &["http://192.168.4.5:8080/"],
                &["http://192.169.0.1/", "http://192.168.0.0.example/"],
            ),
            (
                "::1, 2001:db8::/32",
                &[
                    "http://[::1]/",
                    "http://[0:0:0:0:0:0:0:1]:81/",
                    "http://[2001:db8::9]/",
                ],
                &["http://[::2]/", "http://[2001:db9::9]/"],
            ),
            (
                "[::1],[fe80::]/10",
                &["http://[::1]:81/", "http://[fe81::1]/"],
                &["http://[::2]/"],
            ),
            ("", &[], &["http://h/", "http://[::1]/"]),
        ] {
            let setting = ProxySetting {
                http: Some("proxy:3128".to_owned()),
                none_for: Some(value.to_owned()),
                ..ProxySetting::default()
            };
            for url in direct {
                assert_eq!(proxy_of(&setting, url), None, "{value} {url}");
            }
            for url in proxied {
                assert!(proxy_of(&setting, url).is_some(), "{value} {url}");
            }
        }
    }

    #[test]
    fn a_proxy_is_written_as_it_was_given() {
        for (given, written) in [
            ("socks5h://h", "socks5h://h:1080"),
            ("socks4a://h:9", "socks4a://h:9"),
            (
                "socks5://us%40er:p%3Aw@[::1]:7",
                "socks5://us%40er:p%3Aw@[::1]:7",
            ),
            ("us%40er:p%2Fw@h", "http://us%40er:p%2Fw@h:80"),
            ("https://h", "https://h:443"),
        ] {
            let setting = ProxySetting {
                all: Some(given.to_owned()),
                ..ProxySetting::default()
            };
            let proxy = Proxies::new(&setting)
                .unwrap()
                .of_authority("https", "store:9000");
            assert_eq!(proxy.unwrap().to_url(), written, "{given}");
        }
    }

    #[test]
    fn an_unusable_proxy_is_not_passed_over() {
        for value in ["socks6://h:1080", "ftp://h", "not a proxy", "http://"] {
            let setting = ProxySetting {
                https: Some(value.to_owned()),
                ..ProxySetting::default()
            };
            assert!(
                matches!(Proxies::new(&setting), Err(ProbeError::Settings(_))),
                "{value}"
            );
        }
    }
}
