//! The target of a request, parsed from the URL text. No URL library is used: each of them
//! normalizes the path, which must be sent as it was signed.

use std::fmt;
use std::str::FromStr;

use hyper::http::uri::{Authority, PathAndQuery};

use super::ProbeError;

/// Scheme, host, port and request target.
#[derive(Clone, PartialEq, Eq)]
pub struct HostPort {
    /// Whether the scheme is `https`.
    pub https: bool,
    /// As written, as the `Host` header was signed.
    pub authority: String,
    /// Without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
    /// Path and query, byte for byte, without a fragment.
    pub target: PathAndQuery,
}

impl HostPort {
    /// Parses an absolute URL.
    pub fn parse(url: &str) -> Result<HostPort, ProbeError> {
        let refused = |why: &str| ProbeError::NotSendable(why.to_owned());
        if let Some(byte) = url.bytes().find(|&byte| byte <= b' ' || byte == 0x7f) {
            return Err(ProbeError::NotSendable(format!(
                "a request line cannot contain the byte {byte:#04x}"
            )));
        }
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| refused("the URL has no scheme"))?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(refused("the URL is neither `http://` nor `https://`")),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(refused("the URL has a user name"));
        }
        let parsed =
            Authority::from_str(authority).map_err(|_| refused("the URL has no valid host"))?;
        let host = parsed.host().trim_start_matches('[').trim_end_matches(']');
        // `host:` and a port beyond 65535 are both an authority without a number.
        let port = match (
            parsed.port_u16(),
            parsed.as_str().len() == parsed.host().len(),
        ) {
            (Some(port), _) => port,
            (None, true) => default_port(https),
            (None, false) => return Err(refused("the URL has no valid port")),
        };
        if host.is_empty() {
            return Err(refused("the URL has no host"));
        }
        let target = if target.starts_with('/') {
            target.to_owned()
        } else {
            format!("/{target}")
        };
        let target = PathAndQuery::try_from(target)
            .map_err(|error| ProbeError::NotSendable(error.to_string()))?;
        Ok(HostPort {
            https,
            authority: authority.to_owned(),
            host: host.to_owned(),
            port,
            target,
        })
    }

    /// `http` or `https`
    pub fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }
}

/// The target is omitted: its query is a secret.
impl fmt::Debug for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}://{})", self.scheme(), self.authority)
    }
}

/// The default port of the scheme.
pub fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_kept_as_it_stands() {
        for (url, host, port, target) in [
            (
                "https://h/a/../b/./%2e%2E//c?x=%2f&y",
                "h",
                443,
                "/a/../b/./%2e%2E//c?x=%2f&y",
            ),
            ("http://[::1]:9000/b\\c|d^\"{}", "::1", 9000, "/b\\c|d^\"{}"),
            ("HTTP://h:80", "h", 80, "/"),
            ("http://h?list-type=2#part", "h", 80, "/?list-type=2"),
            ("http://h/ü", "h", 80, "/ü"),
        ] {
            let address = HostPort::parse(url).unwrap();
            assert_eq!(
                (address.host.as_str(), address.port, address.target.as_str()),
                (host, port, target),
                "{url}"
            );
        }
    }

    #[test]
    fn what_no_request_line_can_hold_is_refused() {
        let long = format!("http://h/{}", "a".repeat(70_000));
        for url in [
            "http://h/a b?secret",
            "http://h/a\nb?secret",
            "http://h/\0secret",
            "http://h/a<b?secret",
            "ftp://h/secret",
            "h/secret",
            "http:///secret",
            "http://user:pass@h/secret",
            "http://h:99999/secret",
            "http://h:/secret",
            "http://[::1/secret",
            "http://ü/secret",
            &long,
        ] {
            let error = HostPort::parse(url).unwrap_err();
            assert!(
                matches!(error, ProbeError::NotSendable(_)),
                "{url}: {error:?}"
            );
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
