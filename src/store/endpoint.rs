//! Endpoints of stores.

use std::fmt;

use crate::sigv4::{Scheme, encode};

use super::front::{FrontKind, front_of};
use super::host_name::{RecognizedHost, recognize_host};

/// Scheme, host with port, and base path of a store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Scheme.
    pub scheme: Scheme,
    /// Host and port, spelled as given: the URL contains them unchanged.
    pub authority: String,
    /// Decoded, without a trailing slash; empty for most stores.
    pub base_path: Vec<u8>,
}

/// Why a text is not an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointError {
    /// No host, or no scheme before `://`.
    NoHost,
    /// A scheme other than http and https.
    Scheme,
    /// `user:password@`.
    UserInfo,
    /// `?` or `#`.
    QueryOrFragment,
    /// Not a number from 1 to 65535.
    Port,
    /// A byte that is not allowed in host names; names outside ASCII must be written in Punycode.
    Host,
    /// An IPv6 address without brackets.
    Brackets,
    /// A `%` in the base path that is not an escape.
    Escape,
    /// The URL of IBM's list of endpoints, which every service credential contains.
    IbmDirectory,
    /// A content delivery host in front of a store, which does not support signatures.
    Cdn,
    /// The page of a web console.
    Console,
    /// A host that serves the objects of a bucket as a website.
    Website,
    /// An interface of the store that is not S3.
    OtherInterface,
    /// S3 Express One Zone, whose directory buckets require session credentials.
    DirectoryBuckets,
    /// A VPC endpoint of AWS without `bucket.` before it.
    PrivateLink,
}

impl EndpointError {
    /// What is wrong, as the predicate of a sentence about the endpoint.
    pub fn problem(self) -> &'static str {
        match self {
            EndpointError::NoHost => "has no host",
            EndpointError::Scheme => "is neither http nor https",
            EndpointError::UserInfo => "contains a user name or password",
            EndpointError::QueryOrFragment => "has a `?` or `#`",
            EndpointError::Port => "has a port that is not a number from 1 to 65535",
            EndpointError::Host => "has an invalid host name",
            EndpointError::Brackets => "has an IPv6 address without brackets",
            EndpointError::Escape => "has a `%` that is not followed by two hexadecimal digits",
            EndpointError::IbmDirectory => "is IBM's list of endpoints, not an endpoint",
            EndpointError::Cdn => "is a content delivery host, which does not support signatures",
            EndpointError::Console => "is a page of a web console, not a store",
            EndpointError::Website => {
                "is a host for static websites, which does not support signatures"
            }
            EndpointError::OtherInterface => "is an interface of the store that is not S3",
            EndpointError::DirectoryBuckets => {
                "is for directory buckets (S3 Express One Zone), which do not accept URLs signed \
                 with long-lived keys"
            }
            EndpointError::PrivateLink => {
                "is a VPC endpoint (PrivateLink) without `bucket.` before it"
            }
        }
    }
}

impl std::fmt::Display for EndpointError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the endpoint {}", self.problem())
    }
}

impl std::error::Error for EndpointError {}

impl Endpoint {
    /// Parses `https://host:port/base`, `http://…` or a bare host, for which https is used.
    ///
    /// # Errors
    /// [`EndpointError`] describes what is wrong.
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some(_) => return Err(EndpointError::Scheme),
            None => (Scheme::Https, text),
        };
        if rest.contains(['?', '#']) {
            return Err(EndpointError::QueryOrFragment);
        }
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let host = check_authority(authority)?;
        check_known_mistakes(&host.to_ascii_lowercase())?;
        let mut base_path = encode::decode(path.as_bytes()).map_err(|_| EndpointError::Escape)?;
        // Including one written as `%2F`: it is not a separate slash in the signed path.
        base_path.truncate(
            base_path
                .iter()
                .rposition(|byte| *byte != b'/')
                .map_or(0, |last| last + 1),
        );
        Ok(Endpoint {
            scheme,
            authority: authority.to_owned(),
            base_path,
        })
    }

    /// The host name without port, lower case.
    pub fn host(&self) -> String {
        host_of(&self.authority).to_ascii_lowercase()
    }

    /// Store, region and network of the host name.
    pub fn recognize(&self) -> Option<RecognizedHost> {
        recognize_host(&self.host())
    }

    /// Whether the host is an IP address, which cannot have a bucket as a subdomain.
    pub fn is_ip_address(&self) -> bool {
        let host = self.host();
        host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
    }
}

impl std::str::FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Endpoint::parse(text)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}{}",
            self.scheme.as_str(),
            self.authority,
            encode::path(&self.base_path)
        )
    }
}

fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

/// Checks host and port, and returns the host.
fn check_authority(authority: &str) -> Result<&str, EndpointError> {
    if authority.contains('@') {
        return Err(EndpointError::UserInfo);
    }
    if !authority.starts_with('[') && authority.matches(':').count() > 1 {
        return Err(EndpointError::Brackets);
    }
    let host = host_of(authority);
    if let Some(port) = authority
        .strip_prefix(host)
        .and_then(|rest| rest.strip_prefix(':'))
    {
        let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        if !digits || !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(EndpointError::Port);
        }
    }
    if host.is_empty() {
        return Err(EndpointError::NoHost);
    }
    let valid = match host.strip_prefix('[') {
        Some(address) => address
            .strip_suffix(']')
            .is_some_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok()),
        None => {
            host.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
                && !host.starts_with('.')
                && !host.contains("..")
        }
    };
    if valid {
        Ok(host)
    } else {
        Err(EndpointError::Host)
    }
}

/// URLs that are mistaken for endpoints.
fn check_known_mistakes(host: &str) -> Result<(), EndpointError> {
    if host == "control.cloud-object-storage.cloud.ibm.com"
        || host == "control.cloud-object-storage.test.cloud.ibm.com"
    {
        return Err(EndpointError::IbmDirectory);
    }
    match front_of(host).map(|front| front.kind) {
        None => Ok(()),
        Some(FrontKind::Website) => Err(EndpointError::Website),
        Some(FrontKind::Cdn) => Err(EndpointError::Cdn),
        Some(FrontKind::Console) => Err(EndpointError::Console),
        Some(FrontKind::OtherInterface) => Err(EndpointError::OtherInterface),
        Some(FrontKind::DirectoryBuckets) => Err(EndpointError::DirectoryBuckets),
        Some(FrontKind::PrivateLink) => Err(EndpointError::PrivateLink),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, shown, base) in [
            ("s3.example.com", "https://s3.example.com", ""),
            ("localhost:9000", "https://localhost:9000", ""),
            ("http://127.0.0.1:9000/", "http://127.0.0.1:9000", ""),
            ("HTTP://[::1]:9000", "http://[::1]:9000", ""),
            ("http://[2001:db8::1]", "http://[2001:db8::1]", ""),
            (
                "https://S3.Example.COM:443",
                "https://S3.Example.COM:443",
                "",
            ),
            (
                "https://gw.example.com/base/path//",
                "https://gw.example.com/base/path",
                "/base/path",
            ),
            (
                "https://gw.example.com/base%2F/%2f",
                "https://gw.example.com/base",
                "/base",
            ),
            (
                "https://gw.example.com/a%20b",
                "https://gw.example.com/a%20b",
                "/a b",
            ),
        ] {
            let endpoint = Endpoint::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            assert_eq!(endpoint.to_string(), shown, "{text}");
            assert_eq!(endpoint.base_path, base.as_bytes(), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, error) in [
            ("", EndpointError::NoHost),
            ("https://", EndpointError::NoHost),
            ("https:///bucket", EndpointError::NoHost),
            ("ftp://host", EndpointError::Scheme),
            ("s3://bucket", EndpointError::Scheme),
            ("https://user:secret@host", EndpointError::UserInfo),
            ("https://host/?x=1", EndpointError::QueryOrFragment),
            ("https://host:0", EndpointError::Port),
            ("https://host:65536", EndpointError::Port),
            ("https://host:", EndpointError::Port),
            ("https://host:+80", EndpointError::Port),
            ("http://::1", EndpointError::Brackets),
            ("http://[::1", EndpointError::Host),
            ("http://[zz]", EndpointError::Host),
            ("ho st", EndpointError::Host),
            ("bücher.example", EndpointError::Host),
            ("https://host/%zz", EndpointError::Escape),
            (
                "https://control.cloud-object-storage.cloud.ibm.com/v2/endpoints",
                EndpointError::IbmDirectory,
            ),
            (
                "b.s3-web.us-south.cloud-object-storage.appdomain.cloud",
                EndpointError::Website,
            ),
            (
                "https://b.nyc3.cdn.digitaloceanspaces.com",
                EndpointError::Cdn,
            ),
            (
                "https://cloud.ibm.com/objectstorage",
                EndpointError::Console,
            ),
            ("https://console.aws.amazon.com/s3", EndpointError::Console),
            (
                "https://us-east-1.console.aws.amazon.com/s3",
                EndpointError::Console,
            ),
        ] {
            let found = Endpoint::parse(text).map(|e| e.to_string());
            assert_eq!(found, Err(error), "{text}");
        }
    }

    #[test]
    fn no_bucket_can_stand_before_an_address() {
        for (text, expected) in [
            ("127.0.0.1:9000", true),
            ("[::1]:9000", true),
            ("[::1]", true),
            ("1.example", false),
            ("localhost", false),
        ] {
            assert_eq!(
                Endpoint::parse(text).map(|endpoint| endpoint.is_ip_address()),
                Ok(expected),
                "{text}"
            );
        }
    }
}
