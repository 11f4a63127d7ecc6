//! The request of a URL: method, host, path, query and signed headers.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::{Error, encode};

/// `http` or `https`. Not part of the signature, but it decides which port is the default one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain text. The URL can then be read in transit.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port that HTTP clients omit from `Host` (RFC 9110, 4.2).
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scheme {
    type Err = super::UrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            _ if text.eq_ignore_ascii_case("https") => Ok(Scheme::Https),
            _ if text.eq_ignore_ascii_case("http") => Ok(Scheme::Http),
            _ => Err(super::UrlError::Scheme),
        }
    }
}

/// The path of a request, with a leading `/`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum RequestPath {
    /// Not encoded: it is percent-encoded once for the URL. For object keys.
    Unencoded(Vec<u8>),
    /// Exactly as in the request line, for services other than S3. Spaces, `?`, `#` and control
    /// characters must be encoded already; otherwise signing fails.
    AsSent(Vec<u8>),
}

impl RequestPath {
    /// The path of the request line.
    pub fn as_sent(&self) -> Vec<u8> {
        match self {
            RequestPath::Unencoded(bytes) => encode::path(bytes).into_owned().into_bytes(),
            RequestPath::AsSent(bytes) => bytes.clone(),
        }
    }

    /// Rejects characters that would end the path in a URL or request line.
    pub(super) fn check(&self) -> Result<(), Error> {
        let RequestPath::AsSent(bytes) = self else {
            return Ok(());
        };
        let ends = |byte: &u8| *byte <= b' ' || *byte == 0x7f || b"?#".contains(byte);
        if bytes.iter().any(ends) || std::str::from_utf8(bytes).is_err() {
            return Err(Error::PathAsSent);
        }
        Ok(())
    }
}

/// Shows the bytes as text.
impl fmt::Debug for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes) = match self {
            RequestPath::Unencoded(bytes) => ("Unencoded", bytes),
            RequestPath::AsSent(bytes) => ("AsSent", bytes),
        };
        write!(f, "{name}(\"{}\")", bytes.escape_ascii())
    }
}

/// Whether `.`, `..` and empty segments are removed before the path is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PathMode {
    /// S3: a key may contain any of them, so they are signed unchanged.
    #[default]
    Raw,
    /// Every other AWS service (RFC 3986, 5.2.4).
    Normalized,
}

/// Whether the path of the request line is encoded again for the canonical request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PathEncoding {
    /// S3: the path in the canonical request is the one in the request line.
    #[default]
    Once,
    /// Every other AWS service: the request line's path is encoded once more, so `%20` is signed as
    /// `%2520`.
    Twice,
}

/// The last line of the canonical request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadHash {
    /// `UNSIGNED-PAYLOAD`: S3 URLs, whose body is unknown when they are signed.
    #[default]
    Unsigned,
    /// The SHA-256 of this body.
    OfBody(Vec<u8>),
    /// A given text: a precomputed hash, or a name such as `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`.
    Literal(String),
}

impl PayloadHash {
    /// The text of the line.
    pub fn to_text(&self) -> String {
        match self {
            PayloadHash::Unsigned => "UNSIGNED-PAYLOAD".to_owned(),
            PayloadHash::OfBody(body) => hex::encode(super::hash::sha256(body)),
            PayloadHash::Literal(text) => text.clone(),
        }
    }
}

/// A name and value of the query, not encoded. A parameter without a value (`?uploads`) has an
/// empty one: the specification signs both as `uploads=`, and URLs contain that form too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct QueryParameter {
    /// Bytes of the name.
    pub name: Vec<u8>,
    /// Bytes of the value.
    pub value: Vec<u8>,
}

impl QueryParameter {
    /// A parameter.
    pub fn new(name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        QueryParameter {
            name: name.into(),
            value: value.into(),
        }
    }

    /// `name=value`, encoded.
    pub fn encoded(&self) -> String {
        format!(
            "{}={}",
            encode::component(&self.name),
            encode::component(&self.value)
        )
    }
}

/// Shows the bytes as text.
impl fmt::Debug for QueryParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}={}\"",
            self.name.escape_ascii(),
            self.value.escape_ascii()
        )
    }
}

/// A signed header that the client must send. The value is kept as it will be sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// As it will be sent; compared and signed in lower case.
    pub name: String,
    /// Bytes; may be UTF-8 that is not ASCII.
    pub value: Vec<u8>,
}

impl Header {
    /// A header with this value.
    pub fn new(name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Header {
            name: name.into(),
            value: value.into(),
        }
    }

    /// Parses `Name: value`. One space after the colon is not part of the value.
    #[cfg(feature = "diagnosis")]
    pub(crate) fn parse_line(line: &[u8]) -> Result<Header, HeaderLineError> {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Err(HeaderLineError::NoColon);
        };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        let is_token =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let name = String::from_utf8_lossy(name).into_owned();
        if name.is_empty() || !name.as_bytes().iter().all(is_token) {
            return Err(HeaderLineError::Name(name));
        }
        Ok(Header::new(name, value.strip_prefix(b" ").unwrap_or(value)))
    }
}

/// Why a line is not a header.
#[cfg(feature = "diagnosis")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeaderLineError {
    NoColon,
    /// Not a token (RFC 9110, 5.6.2).
    Name(String),
}

/// Shows no value: it may be an SSE-C key or a session token.
impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ({} bytes)", self.name, self.value.len())
    }
}

/// The signed parts of a request.
///
/// ```
/// use cos_presign::sigv4::{Request, Scheme};
///
/// let request = Request::new("PUT", Scheme::Https, "files.example.com", "/bucket/a b.txt")
///     .with_query("versionId", "1")
///     .with_header("Content-Type", "text/plain");
/// assert_eq!(request.host(), "files.example.com");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// `GET`, `PUT`, … as it is sent.
    pub method: String,
    /// Scheme of the URL.
    pub scheme: Scheme,
    /// Host and port as in the URL. The signed `host` is derived from it: lower case, without the
    /// default port of the scheme.
    pub authority: String,
    /// Path.
    pub path: RequestPath,
    /// Parameters in the order of the URL; the canonical query string sorts its own copy.
    pub query: Vec<QueryParameter>,
    /// Signed headers other than `host`.
    pub headers: Vec<Header>,
    /// Last line of the canonical request.
    pub payload_hash: PayloadHash,
}

impl Request {
    /// A request without parameters or further headers; `path` is not encoded yet.
    pub fn new(
        method: impl Into<String>,
        scheme: Scheme,
        authority: impl Into<String>,
        path: impl Into<Vec<u8>>,
    ) -> Self {
        Request {
            method: method.into(),
            scheme,
            authority: authority.into(),
            path: RequestPath::Unencoded(path.into()),
            query: Vec::new(),
            headers: Vec::new(),
            payload_hash: PayloadHash::Unsigned,
        }
    }

    /// Sets the method.
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// Adds a parameter, which is not encoded yet.
    pub fn with_query(mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.query.push(QueryParameter::new(name, value));
        self
    }

    /// Adds a signed header.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push(Header::new(name, value));
        self
    }

    /// Sets the payload hash, and the signed header from which S3 reads it.
    pub fn with_payload_hash(mut self, hash: PayloadHash) -> Self {
        let header = Header::new("x-amz-content-sha256", hash.to_text());
        self.headers.push(header);
        self.payload_hash = hash;
        self
    }

    /// The value of the `Host` header that clients send for this URL: lower case, no default port.
    pub fn host(&self) -> String {
        self.host_text().into_owned()
    }

    pub(super) fn host_text(&self) -> Cow<'_, str> {
        let port = match self.scheme {
            Scheme::Http => ":80",
            Scheme::Https => ":443",
        };
        let host = self.authority.strip_suffix(port).unwrap_or(&self.authority);
        match host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(host.to_ascii_lowercase()),
            false => Cow::Borrowed(host),
        }
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_port_is_left_out_of_host_and_others_stay() {
        for (scheme, authority, host) in [
            (Scheme::Http, "S3.Example.COM:80", "s3.example.com"),
            (Scheme::Https, "s3.example.com:443", "s3.example.com"),
            (Scheme::Https, "s3.example.com:80", "s3.example.com:80"),
            (Scheme::Http, "[::1]:9000", "[::1]:9000"),
            (Scheme::Http, "[::1]:80", "[::1]"),
        ] {
            assert_eq!(Request::new("GET", scheme, authority, "/").host(), host);
        }
    }
}
