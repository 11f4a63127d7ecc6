//! Step 1: the canonical request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::encode;
use super::hash::sha256;
use super::{Error, Header, PathEncoding, PathMode, QueryParameter, Request};

/// Headers whose values are secret.
pub const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-security-token",
    "x-amz-server-side-encryption-customer-key",
];

/// The request in the form that client and store compute identically.
///
/// `Display` writes the hashed text. Header values need not be UTF-8, so the text is stored as
/// bytes, and displayed with replacement characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CanonicalRequest {
    /// First line.
    pub method: String,
    /// Second line, encoded.
    pub uri: String,
    /// Third line, encoded and sorted by encoded bytes.
    pub query_string: String,
    /// One `name:value` per line, sorted by name, each line ended by a line feed.
    pub headers: Vec<u8>,
    /// `content-type;host`.
    pub signed_headers: String,
    /// Last line.
    pub payload_hash: String,
}

impl CanonicalRequest {
    /// Builds it. `extra_query` are the authentication parameters of a URL, signed with those of
    /// the request.
    ///
    /// # Errors
    /// Parts of the request that cannot be in a canonical request.
    pub fn new(
        request: &Request,
        extra_query: &[QueryParameter],
        path_mode: PathMode,
        path_encoding: PathEncoding,
    ) -> Result<Self, Error> {
        check_method(&request.method)?;
        let host = check_host(request)?;
        let headers = canonical_headers(&host, &request.headers)?;
        let signed_headers: Vec<&str> = headers.keys().map(String::as_str).collect();
        let mut lines = Vec::new();
        for (name, value) in &headers {
            lines.extend_from_slice(name.as_bytes());
            lines.push(b':');
            lines.extend_from_slice(value);
            lines.push(b'\n');
        }
        Ok(CanonicalRequest {
            method: request.method.clone(),
            uri: canonical_uri(&request.path.as_sent(), path_mode, path_encoding)?,
            query_string: canonical_query_string(request.query.iter().chain(extra_query)),
            headers: lines,
            signed_headers: signed_headers.join(";"),
            payload_hash: request.payload_hash.to_text(),
        })
    }

    /// The bytes that are hashed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let [method, uri, query_string] =
            [&self.method, &self.uri, &self.query_string].map(String::as_bytes);
        let [signed_headers, payload_hash] =
            [&self.signed_headers, &self.payload_hash].map(String::as_bytes);
        [
            method,
            uri,
            query_string,
            &self.headers,
            signed_headers,
            payload_hash,
        ]
        .join(&b'\n')
    }

    /// The text with session token and SSE-C key removed, for display.
    pub fn redacted(&self) -> String {
        let query: Vec<&str> = self
            .query_string
            .split('&')
            .map(|pair| {
                if pair.starts_with("X-Amz-Security-Token=") {
                    "X-Amz-Security-Token=(redacted)"
                } else {
                    pair
                }
            })
            .collect();
        let shown = CanonicalRequest {
            query_string: query.join("&"),
            headers: self.redacted_headers().into_bytes(),
            ..self.clone()
        };
        shown.to_string()
    }

    /// The canonical headers, for display.
    pub fn redacted_headers(&self) -> String {
        let text = String::from_utf8_lossy(&self.headers);
        let lines = text.lines().map(|line| match line.split_once(':') {
            Some((name, _)) if SECRET_HEADERS.contains(&name) => format!("{name}:(redacted)\n"),
            _ => format!("{line}\n"),
        });
        lines.collect()
    }

    /// SHA-256 of [`CanonicalRequest::to_bytes`].
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.to_bytes())
    }
}

impl fmt::Display for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

/// Shows no values: headers may contain an SSE-C key, and the query a session token.
impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanonicalRequest")
            .field("method", &self.method)
            .field("uri", &self.uri)
            .field("signed_headers", &self.signed_headers)
            .field("payload_hash", &self.payload_hash)
            .finish_non_exhaustive()
    }
}

/// The signed host.
pub(super) fn check_host(request: &Request) -> Result<Cow<'_, str>, Error> {
    let host = request.host_text();
    let is_none = |b: u8| b <= b' ' || b >= 0x7f || b"/?#@\\".contains(&b);
    if host.is_empty() || host.bytes().any(is_none) {
        return Err(Error::Host(request.authority.clone()));
    }
    Ok(host)
}

pub(super) fn check_method(method: &str) -> Result<(), Error> {
    if is_token(method) {
        Ok(())
    } else {
        Err(Error::Method(method.to_owned()))
    }
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn canonical_uri(as_sent: &[u8], mode: PathMode, encoding: PathEncoding) -> Result<String, Error> {
    if as_sent.first() != Some(&b'/') {
        return Err(Error::Path);
    }
    let path = match mode {
        PathMode::Raw => as_sent.to_vec(),
        PathMode::Normalized => normalize(as_sent),
    };
    Ok(match encoding {
        PathEncoding::Once => String::from_utf8_lossy(&path).into_owned(),
        PathEncoding::Twice => encode::path(&path).into_owned(),
    })
}

/// Removes `.`, `..` and empty segments; a trailing slash is kept (RFC 3986, 5.2.4, and AWS's test
/// suite).
fn normalize(path: &[u8]) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in path.split(|b| *b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut normalized = vec![b'/'];
    normalized.extend_from_slice(&segments.join(&b'/'));
    let ends_in_slash = [&b"/"[..], b"/.", b"/.."]
        .iter()
        .any(|end| path.ends_with(end));
    if ends_in_slash && normalized.len() > 1 {
        normalized.push(b'/');
    }
    normalized
}

/// Sorted by the encoded bytes of the name, then of the value: sorting before encoding results in
/// another order for names such as `ሴ`, whose first encoded byte is `%`.
fn canonical_query_string<'a>(parameters: impl Iterator<Item = &'a QueryParameter>) -> String {
    let mut encoded: Vec<(String, String)> = parameters
        .map(|p| {
            (
                encode::component(&p.name).into_owned(),
                encode::component(&p.value).into_owned(),
            )
        })
        .collect();
    encoded.sort();
    let pairs: Vec<String> = encoded
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn canonical_headers(host: &str, headers: &[Header]) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut canonical = BTreeMap::from([("host".to_owned(), host.as_bytes().to_vec())]);
    for header in headers {
        if !is_token(&header.name) {
            return Err(Error::HeaderName(header.name.clone()));
        }
        let name = header.name.to_ascii_lowercase();
        if name == "host" {
            return Err(Error::ReservedHeader(name));
        }
        if !is_header_value(&header.value) {
            return Err(Error::HeaderValue {
                name: header.name.clone(),
            });
        }
        let value = fold_header_value(&header.value);
        // A repeated header is one line with both values, in their order.
        canonical
            .entry(name)
            .and_modify(|line| {
                line.push(b',');
                line.extend_from_slice(&value);
            })
            .or_insert(value);
    }
    Ok(canonical)
}

/// RFC 9110, 5.5: no control characters except tabs. A line end is allowed only if the next line
/// begins with white space and so continues the value (RFC 9112, 5.2); any other would start a new
/// header.
fn is_header_value(value: &[u8]) -> bool {
    value.iter().enumerate().all(|(at, byte)| match byte {
        b'\t' => true,
        b'\r' => value.get(at + 1) == Some(&b'\n'),
        b'\n' => matches!(value.get(at + 1), Some(b' ' | b'\t')),
        byte => *byte >= b' ' && *byte != 0x7f,
    })
}

/// Trims a value and folds each run of white space to one space.
///
/// The specification mentions spaces only. Its reference implementations (AWS's own test suite,
/// botocore, minio-go) also fold tabs and the line ends of continued headers, and a signature is
/// valid only if the store computes the same.
pub fn fold_header_value(value: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> = value
        .split(|b| b" \t\r\n".contains(b))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::Scheme;

    #[test]
    fn is_the_one_of_the_documentation() {
        // Amazon S3 API reference, "Authenticating requests: using query parameters", example.
        let mut request = Request::new(
            "GET",
            Scheme::Https,
            "examplebucket.s3.amazonaws.com",
            "/test.txt",
        );
        request
            .query
            .push(QueryParameter::new("X-Amz-Date", "20130524T000000Z"));
        let canonical =
            CanonicalRequest::new(&request, &[], PathMode::Raw, PathEncoding::Once).expect("valid");
        assert_eq!(
            canonical.to_string(),
            "GET\n/test.txt\nX-Amz-Date=20130524T000000Z\nhost:examplebucket.s3.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD"
        );
    }

    #[test]
    fn normalizing_keeps_a_trailing_slash_and_never_leaves_the_root() {
        for (path, expected) in [
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/example/..", "/"),
            ("/example1/example2/../..", "/"),
            ("/../../a", "/a"),
            ("//example//", "/example/"),
            ("/a/./b/", "/a/b/"),
            ("/a/b/..", "/a/"),
        ] {
            assert_eq!(
                String::from_utf8_lossy(&normalize(path.as_bytes())),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn a_header_cannot_bring_a_second_line() {
        let mut request = Request::new("PUT", Scheme::Https, "h", "/");
        request
            .headers
            .push(Header::new("x-amz-meta-a", &b"ok\x00"[..]));
        let error = CanonicalRequest::new(&request, &[], PathMode::Raw, PathEncoding::Once)
            .expect_err("control character");
        assert_eq!(
            error,
            Error::HeaderValue {
                name: "x-amz-meta-a".to_owned()
            }
        );
    }

    #[test]
    fn a_host_is_written_in_ascii() {
        for host in ["", "a b", "a/b", "straße.example", "u\u{ff0e}example"] {
            let request = Request::new("GET", Scheme::Https, host, "/");
            let error = CanonicalRequest::new(&request, &[], PathMode::Raw, PathEncoding::Once)
                .expect_err("no host");
            assert_eq!(error, Error::Host(host.to_owned()));
        }
    }

    fn error_of(request: &Request) -> Option<Error> {
        CanonicalRequest::new(request, &[], PathMode::Raw, PathEncoding::Once).err()
    }

    #[test]
    fn hosts_methods_and_names_of_headers_cannot_bring_more_than_themselves() {
        for host in ["", "h h", "h\n", "h\u{7f}", "h/", "h?", "h#", "u@h", "h\\"] {
            let request = Request::new("GET", Scheme::Https, host, "/");
            assert_eq!(
                error_of(&request),
                Some(Error::Host(host.to_owned())),
                "{host:?}"
            );
        }
        for text in ["", "GE T", "GET\n", "GET/", "A:B", "é", "\u{7f}"] {
            let request = Request::new(text, Scheme::Https, "h", "/");
            assert_eq!(
                error_of(&request),
                Some(Error::Method(text.to_owned())),
                "{text:?}"
            );
            let mut request = Request::new("GET", Scheme::Https, "h", "/");
            request.headers.push(Header::new(text, "value"));
            assert_eq!(
                error_of(&request),
                Some(Error::HeaderName(text.to_owned())),
                "{text:?}"
            );
        }
        let mut request = Request::new("aZ09!#$%&'*+-.^_`|~", Scheme::Https, "h", "/");
        request
            .headers
            .push(Header::new("aZ09!#$%&'*+-.^_`|~", "value"));
        assert_eq!(error_of(&request), None);
    }

    #[test]
    fn what_is_shown_has_no_token_and_no_key() {
        let mut request = Request::new("PUT", Scheme::Https, "h", "/k");
        request
            .query
            .push(QueryParameter::new("X-Amz-Security-Token", "t0k3n"));
        request.query.push(QueryParameter::new("partNumber", "1"));
        request.headers.push(Header::new(
            "x-amz-server-side-encryption-customer-key",
            "s3cr3t",
        ));
        request.headers.push(Header::new("content-type", "a:b"));
        let canonical =
            CanonicalRequest::new(&request, &[], PathMode::Raw, PathEncoding::Once).expect("valid");
        assert!(
            canonical.to_string().contains("t0k3n") && canonical.to_string().contains("s3cr3t")
        );
        assert_eq!(
            canonical.redacted(),
            "PUT\n/k\nX-Amz-Security-Token=(redacted)&partNumber=1\ncontent-type:a:b\nhost:h\n\
            x-amz-server-side-encryption-customer-key:(redacted)\n\n\
            content-type;host;x-amz-server-side-encryption-customer-key\nUNSIGNED-PAYLOAD"
        );
    }
}
