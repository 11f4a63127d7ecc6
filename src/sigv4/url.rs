//! Step 4: the URL. Written with the encoder of the signature, in botocore's order: the request's
//! own parameters as given, then the authentication parameters, then the signature. Also the
//! inverse: a lossless parser of URLs.

use std::fmt;
use std::str::FromStr;

use super::{QueryParameter, Request, RequestPath, Scheme, encode};

/// The query parameters of a signature.
pub const AUTHENTICATION_PARAMETERS: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Region-Set",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// A presigned URL. It can be used by anyone until it expires, so `Debug` omits its signature.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PresignedUrl(String);

impl PresignedUrl {
    pub(super) fn new(request: &Request, authentication: &[QueryParameter]) -> Self {
        let mut url = format!("{}://{}", request.scheme.as_str(), request.authority);
        url.push_str(&String::from_utf8_lossy(&request.path.as_sent()));
        for (index, parameter) in request.query.iter().chain(authentication).enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(&parameter.encoded());
        }
        PresignedUrl(url)
    }

    pub(super) fn from_bytes(url: Vec<u8>) -> Option<Self> {
        String::from_utf8(url).ok().map(PresignedUrl)
    }

    /// The text. ASCII, unless the path was given verbatim and is not.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text without the values of signature and session token, for logs and messages.
    pub fn redacted(&self) -> String {
        redact(&self.0, &["X-Amz-Signature", "X-Amz-Security-Token"])
    }

    /// The text without the value of the session token.
    pub fn without_session_token(&self) -> String {
        redact(&self.0, &["X-Amz-Security-Token"])
    }
}

/// The complete URL; use [`PresignedUrl::redacted`] for logs.
impl fmt::Display for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for PresignedUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<PresignedUrl> for String {
    fn from(url: PresignedUrl) -> Self {
        url.0
    }
}

fn redact(url: &str, names: &[&str]) -> String {
    let Some((address, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let shown: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if names.contains(&name) => format!("{name}=(redacted)"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{address}?{}", shown.join("&"))
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresignedUrl({})", self.redacted())
    }
}

/// A parsed URL: no part is decoded, sorted or corrected, so writing it results in the same text.
///
/// ```
/// use cos_presign::sigv4::UrlParts;
///
/// # fn main() -> Result<(), cos_presign::sigv4::UrlError> {
/// let text = "https://files.example.com/b/a%2fb//c?X-Amz-Expires=600&X-Amz-Signature=0123";
/// let parts = UrlParts::parse(text)?;
/// assert_eq!(parts.to_string(), text);
/// assert_eq!(parts.value("x-amz-expires").as_deref(), Some(&b"600"[..]));
/// assert!(!parts.redacted().contains("0123"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UrlParts {
    /// `https`, spelled as in the text.
    pub scheme: String,
    /// Host and port.
    pub authority: String,
    /// Path as sent; empty if the URL has none.
    pub path: String,
    /// Parameters in order; `None` without a `?`.
    pub query: Option<Vec<RawParameter>>,
    /// Text after a `#`. It is never sent.
    pub fragment: Option<String>,
}

/// A parameter as written in a URL.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawParameter {
    /// Before the first `=`.
    pub name: String,
    /// After it; `None` without `=`.
    pub value: Option<String>,
}

/// Why a text is not the URL of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UrlError {
    /// No `http://` or `https://` at its start.
    Scheme,
    /// Nothing between the scheme and the path.
    NoHost,
}

impl UrlError {
    /// What is wrong, as the predicate of a sentence about the URL.
    pub fn problem(self) -> &'static str {
        match self {
            UrlError::Scheme => "has no `https://` or `http://`",
            UrlError::NoHost => "has no host",
        }
    }
}

impl std::fmt::Display for UrlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the URL {}", self.problem())
    }
}

impl std::error::Error for UrlError {}

impl UrlParts {
    /// Parses a URL.
    ///
    /// # Errors
    /// [`UrlError`], if there is no scheme or no host.
    pub fn parse(text: &str) -> Result<UrlParts, UrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(UrlError::Scheme);
        }
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment.to_owned())),
            None => (rest, None),
        };
        let (address, query) = match rest.split_once('?') {
            Some((address, query)) => (
                address,
                Some(query.split('&').map(RawParameter::parse).collect()),
            ),
            None => (rest, None),
        };
        let (authority, path) = address
            .find('/')
            .map_or((address, ""), |slash| address.split_at(slash));
        if authority.is_empty() {
            return Err(UrlError::NoHost);
        }
        Ok(UrlParts {
            scheme: scheme.to_owned(),
            authority: authority.to_owned(),
            path: path.to_owned(),
            query,
            fragment,
        })
    }

    /// The scheme as a type.
    pub fn scheme(&self) -> Scheme {
        if self.scheme.eq_ignore_ascii_case("http") {
            Scheme::Http
        } else {
            Scheme::Https
        }
    }

    /// All parameters.
    pub fn parameters(&self) -> &[RawParameter] {
        self.query.as_deref().unwrap_or_default()
    }

    /// The decoded value of the first parameter of this name, ignoring case.
    pub fn value(&self, name: &str) -> Option<Vec<u8>> {
        let found = self
            .parameters()
            .iter()
            .find(|parameter| parameter.is_named(name));
        found.map(RawParameter::decoded_value)
    }

    /// The request of this URL, without the signature: the inverse of signing. Headers and payload
    /// hash are not part of a URL.
    pub fn request(&self, method: &str) -> Request {
        let path = if self.path.is_empty() {
            "/"
        } else {
            &self.path
        };
        let mut request = Request::new(
            method,
            self.scheme(),
            self.authority.as_str(),
            encode::decode_lenient(path.as_bytes()),
        );
        if encode::path(&encode::decode_lenient(path.as_bytes())) != path {
            request.path = RequestPath::AsSent(path.as_bytes().to_vec());
        }
        let own = self.parameters().iter().filter(|p| !p.is_authentication());
        request.query = own
            .map(|p| QueryParameter::new(p.decoded_name(), p.decoded_value()))
            .collect();
        request
    }

    /// The text with signature and session token removed, for messages.
    pub fn redacted(&self) -> String {
        redact(
            &self.to_string(),
            &[
                "X-Amz-Signature",
                "X-Amz-Security-Token",
                "Signature",
                "X-Goog-Signature",
                "sig",
            ],
        )
    }
}

impl RawParameter {
    pub(super) fn parse(text: &str) -> RawParameter {
        match text.split_once('=') {
            Some((name, value)) => RawParameter {
                name: name.to_owned(),
                value: Some(value.to_owned()),
            },
            None => RawParameter {
                name: text.to_owned(),
                value: None,
            },
        }
    }

    /// The bytes of the name.
    pub fn decoded_name(&self) -> Vec<u8> {
        encode::decode_lenient(self.name.as_bytes())
    }

    /// The bytes of the value; a missing one is empty.
    pub fn decoded_value(&self) -> Vec<u8> {
        encode::decode_lenient(self.value.as_deref().unwrap_or_default().as_bytes())
    }

    /// Whether this is its decoded name, ignoring case.
    pub fn is_named(&self, name: &str) -> bool {
        match self.name.contains('%') {
            true => self.decoded_name().eq_ignore_ascii_case(name.as_bytes()),
            false => self.name.eq_ignore_ascii_case(name),
        }
    }

    /// Whether it belongs to the signature.
    pub fn is_authentication(&self) -> bool {
        AUTHENTICATION_PARAMETERS
            .iter()
            .any(|known| self.is_named(known))
    }
}

impl FromStr for UrlParts {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        UrlParts::parse(text)
    }
}

impl fmt::Display for UrlParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)?;
        for (index, parameter) in self.parameters().iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            write!(f, "{separator}{}", parameter.name)?;
            if let Some(value) = &parameter.value {
                write!(f, "={value}")?;
            }
        }
        match &self.fragment {
            Some(fragment) => write!(f, "#{fragment}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for UrlParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UrlParts({})", self.redacted())
    }
}

/// Shows no value: it may be a signature or a token.
impl fmt::Debug for RawParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawParameter({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_what_was_taken_apart_gives_the_same_text() {
        for text in [
            "https://h",
            "https://h?",
            "HTTPS://H:443/a//b/../%zz+?a&b=&=c&d=e=f&&#x?y#z",
            "http://[::1]:9000/b/k?X-Amz-Signature=0",
        ] {
            assert_eq!(UrlParts::parse(text).expect("valid").to_string(), text);
        }
        for (text, error) in [
            ("", UrlError::Scheme),
            ("ftp://h", UrlError::Scheme),
            ("https:///k", UrlError::NoHost),
        ] {
            assert_eq!(UrlParts::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn debug_output_shows_neither_signature_nor_token() {
        let parts = UrlParts::parse("https://h/k?X-Amz-Security-Token=t0k3n&X-Amz-Signature=s1gn")
            .expect("valid");
        let shown = format!("{parts:?} {:?}", parts.parameters());
        assert!(
            !shown.contains("t0k3n") && !shown.contains("s1gn"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_shown_of_a_link_is_no_link() {
        let start = "https://h/X-Amz-Signature=1?X-Amz-Expires=60";
        let url = PresignedUrl(format!(
            "{start}&X-Amz-Security-Token=t0k3n&X-Amz-Signature=0123&x"
        ));
        assert_eq!(
            url.redacted(),
            format!("{start}&X-Amz-Security-Token=(redacted)&X-Amz-Signature=(redacted)&x")
        );
        assert_eq!(
            url.without_session_token(),
            format!("{start}&X-Amz-Security-Token=(redacted)&X-Amz-Signature=0123&x")
        );
        assert_eq!(
            format!("{url:?}"),
            format!("PresignedUrl({})", url.redacted())
        );
        assert_eq!(
            PresignedUrl("https://h/k".to_owned()).redacted(),
            "https://h/k"
        );
        let foreign =
            UrlParts::parse("https://h/k?Expires=1&Signature=0123&sig=4&X-Goog-Signature=5#f")
                .expect("valid");
        let cut = "(redacted)";
        assert_eq!(
            foreign.redacted(),
            format!("https://h/k?Expires=1&Signature={cut}&sig={cut}&X-Goog-Signature={cut}")
        );
    }
}
