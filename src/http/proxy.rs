//! Which proxy a request goes through.

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;

use super::address::{HostPort, default_port};
use super::error::ProbeError;

/// The values of the environment variables that name proxies. Which spelling wins is for the caller to say.
#[derive(Clone, Default)]
pub struct ProxySetting {
    /// `http_proxy`, for `http://`.
    pub http: Option<String>,
    /// `https_proxy`, for `https://`.
    pub https: Option<String>,
    /// `all_proxy`, for what the others leave.
    pub all: Option<String>,
    /// `no_proxy`: hosts, domains and networks to reach directly.
    pub none_for: Option<String>,
}

/// A value may hold a password.
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

/// A proxy to go through.
pub struct Proxy {
    /// Whether it is spoken to in TLS.
    pub https: bool,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The value of `Proxy-Authorization`.
    pub authorization: Option<HeaderValue>,
}

/// The proxies of all requests.
pub struct Proxies(Matcher);

impl Proxies {
    /// Reads the setting.
    pub fn new(setting: &ProxySetting) -> Result<Proxies, ProbeError> {
        for value in [&setting.http, &setting.https, &setting.all]
            .into_iter()
            .flatten()
        {
            // The matcher passes over what it cannot read, and the request would go round the proxy unnoticed.
            let uri = Matcher::builder()
                .all(value.as_str())
                .build()
                .intercept(&Uri::from_static("http://example.com/"));
            if !uri.is_some_and(|proxy| matches!(proxy.uri().scheme_str(), Some("http" | "https")))
            {
                return Err(ProbeError::Settings(
                    "the proxy is neither `http://HOST:PORT` nor `https://HOST:PORT`".to_owned(),
                ));
            }
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_default();
        let matcher = Matcher::builder()
            .http(value(&setting.http))
            .https(value(&setting.https))
            .all(value(&setting.all))
            .no(value(&setting.none_for))
            .build();
        Ok(Proxies(matcher))
    }

    /// The proxy of this address, if it has one.
    pub fn of(&self, address: &HostPort) -> Option<Proxy> {
        let uri = Uri::builder()
            .scheme(address.scheme())
            .authority(address.authority.as_str())
            .path_and_query("/")
            .build();
        let proxy = self.0.intercept(&uri.ok()?)?;
        let https = proxy.uri().scheme_str() == Some("https");
        let host = proxy
            .uri()
            .host()?
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let port = proxy
            .uri()
            .port_u16()
            .unwrap_or_else(|| default_port(https));
        Some(Proxy {
            https,
            host,
            port,
            authorization: proxy.basic_auth().cloned(),
        })
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
        Some((proxy.https, proxy.host, proxy.port))
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
    fn an_unusable_proxy_is_not_passed_over() {
        for value in ["socks5://h:1080", "ftp://h", "not a proxy", "http://"] {
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
