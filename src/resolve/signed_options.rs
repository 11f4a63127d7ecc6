//! What the request carries: signed headers and query parameters, from options to bytes.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use crate::error::Failure;
use crate::sigv4::{AUTHENTICATION_PARAMETERS, Header, HeaderLineError, QueryParameter, encode};

use super::Warning;

/// Headers and parameters in the making.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Signed headers.
    pub headers: Vec<Header>,
    /// Query parameters, in the order in which the link shows them.
    pub query: Vec<QueryParameter>,
    /// Warnings to print.
    pub warnings: Vec<Warning>,
}

impl Parts {
    /// Adds a header if the option was given.
    ///
    /// # Errors
    /// A value that cannot be a header's.
    pub fn header(&mut self, name: &str, value: Option<impl AsRef<OsStr>>) -> Result<(), Failure> {
        let Some(value) = value else { return Ok(()) };
        let header = Header::new(name, value.as_ref().as_encoded_bytes());
        self.push_header(header)
    }

    /// Adds a header and notes how clients may send it differently.
    ///
    /// # Errors
    /// A value that cannot be a header's; a header that is there already under another option.
    pub fn push_header(&mut self, header: Header) -> Result<(), Failure> {
        check_header_value(&header)?;
        let why = if header.value.is_empty() {
            Some("is empty, and some clients leave empty headers out")
        } else if header.value.starts_with(b" ") || header.value.ends_with(b" ") {
            Some("begins or ends with a space, which clients cut off")
        } else if header.value.contains(&b'\t') {
            Some("has a tab in it, which clients and stores treat differently")
        } else if !header.value.is_ascii() {
            Some("is not ASCII; clients that do not send it as UTF-8 will be refused")
        } else if header.name.eq_ignore_ascii_case("user-agent") {
            Some("is set by clients themselves")
        } else {
            None
        };
        if let Some(why) = why {
            self.warnings.push(Warning::new(
                "header-sent-differently",
                format!("the signed header `{}` {why}", header.name),
            ));
        }
        self.headers.push(header);
        Ok(())
    }

    /// Adds a parameter if the option was given.
    pub fn parameter(&mut self, name: &str, value: Option<impl AsRef<OsStr>>) {
        if let Some(value) = value {
            self.query
                .push(QueryParameter::new(name, value.as_ref().as_encoded_bytes()));
        }
    }
}

/// Checks that a value can be sent as it is.
///
/// # Errors
/// Line breaks and other control characters.
pub fn check_header_value(header: &Header) -> Result<(), Failure> {
    let is_control = |b: &u8| (*b < b' ' && *b != b'\t') || *b == 0x7f;
    match header.value.iter().any(is_control) {
        true => Err(Failure::usage(format!(
            "the value of the header `{}` has a line break or control character in it",
            header.name
        ))
        .hint("header values are one line of text")),
        false => Ok(()),
    }
}

/// Reads `Name: value` as it was sent: any header may have been.
///
/// # Errors
/// No colon, or a name that is none.
pub fn parse_sent_header(text: &OsStr) -> Result<Header, Failure> {
    Header::parse_line(text.as_encoded_bytes()).map_err(|error| {
        let message = match error {
            HeaderLineError::NoColon => {
                let shown: String = text
                    .to_string_lossy()
                    .chars()
                    .flat_map(char::escape_debug)
                    .collect();
                format!("--header `{shown}` has no colon")
            }
            HeaderLineError::Name(name) => {
                format!("`{}` is not a header name", name.escape_debug())
            }
        };
        Failure::usage(message).hint("write it as `--header 'Name: value'`")
    })
}

/// Reads `Name: value`.
///
/// # Errors
/// No colon, a name that is none, or a header that must not be signed.
pub fn parse_header(text: &OsStr) -> Result<Header, Failure> {
    let header = parse_sent_header(text)?;
    let reason = match header.name.to_ascii_lowercase().as_str() {
        "host" => Some("is made of the URL and always signed"),
        "authorization" => Some("would be a second signature, which stores refuse"),
        "accept-encoding" => Some("is changed by proxies, so it must not be signed"),
        "connection"
        | "expect"
        | "keep-alive"
        | "proxy-authorization"
        | "proxy-connection"
        | "te"
        | "trailer"
        | "transfer-encoding"
        | "upgrade" => {
            Some("belongs to the connection and does not reach the store as it was sent")
        }
        "x-amz-date" | "x-amz-security-token" => Some("is part of the link already"),
        _ => None,
    };
    if let Some(reason) = reason {
        return Err(
            Failure::usage(format!("the header `{}` {reason}", header.name)).hint("remove it"),
        );
    }
    Ok(header)
}

/// Reads `name=value` or `name`.
///
/// # Errors
/// A parameter without a name, or one that the signature owns.
pub fn parse_query(text: &OsStr) -> Result<QueryParameter, Failure> {
    let bytes = text.as_encoded_bytes();
    let (name, value) = match bytes.iter().position(|b| *b == b'=') {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &b""[..]),
    };
    if name.is_empty() {
        return Err(Failure::usage("--query without a name")
            .hint("write it as `--query name=value` or `--query name`"));
    }
    if AUTHENTICATION_PARAMETERS
        .iter()
        .any(|reserved| reserved.as_bytes().eq_ignore_ascii_case(name))
    {
        let name = String::from_utf8_lossy(name);
        return Err(Failure::usage(format!(
            "the query parameter `{name}` is set by the signature"
        ))
        .hint("use the options for it: --expires, --at, --region, --header"));
    }
    Ok(QueryParameter::new(name, value))
}

/// Reads `key=value` into an `x-amz-meta-` header.
///
/// # Errors
/// No `=`, or a key that cannot be part of a header name.
pub fn parse_metadata(text: &OsStr) -> Result<Header, Failure> {
    let bytes = text.as_encoded_bytes();
    let at = bytes.iter().position(|b| *b == b'=').filter(|at| *at > 0);
    let key = at.and_then(|at| std::str::from_utf8(&bytes[..at]).ok());
    let valid = |key: &&str| {
        key.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    };
    match (key.filter(valid), at) {
        (Some(key), Some(at)) => Ok(Header::new(format!("x-amz-meta-{key}"), &bytes[at + 1..])),
        _ => Err(Failure::usage(format!(
            "--metadata `{}` is not KEY=VALUE",
            text.to_string_lossy().escape_debug()
        ))
        .hint("keys are letters, digits, `-`, `_` and `.`: `--metadata camera=x100`")),
    }
}

/// The three headers of SSE-C, from a file with the 32 bytes of the key, raw or in base64.
///
/// # Errors
/// A file that cannot be read or holds something else.
pub fn customer_key_headers(file: &Path) -> Result<[Header; 3], Failure> {
    let failure = |what: String| {
        Failure::configuration(format!("the SSE-C key file `{}` {what}", file.display()))
            .hint("make a key: `openssl rand 32 > key.bin`")
    };
    let mut bytes = Zeroizing::new(Vec::new());
    // A little more than a key in base64 can be; the rest of a larger file would not make it one.
    let read = fs::File::open(file).and_then(|file| file.take(256).read_to_end(&mut bytes));
    read.map_err(|error| failure(format!("cannot be read: {error}")))?;
    let decoded = || {
        Some(Zeroizing::new(BASE64.decode(bytes.trim_ascii()).ok()?)).filter(|key| key.len() == 32)
    };
    let key = if bytes.len() == 32 {
        bytes.clone()
    } else {
        decoded().ok_or_else(|| failure("does not hold 32 bytes".to_owned()))?
    };
    Ok([
        Header::new("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        Header::new(
            "x-amz-server-side-encryption-customer-key",
            BASE64.encode(&*key),
        ),
        Header::new(
            "x-amz-server-side-encryption-customer-key-MD5",
            BASE64.encode(Md5::digest(&*key)),
        ),
    ])
}

/// The value of `response-content-disposition` (RFC 6266): `attachment` or `inline`, with a quoted
/// name, and for names outside ASCII the extended form (RFC 8187) next to a plain one in which they
/// are replaced. Stores send the value back as a header, so nothing outside ASCII can stand in it
/// as it is.
///
/// # Errors
/// A name that is empty, not UTF-8, or has control characters in it.
pub fn content_disposition(name: Option<&OsStr>, inline: bool) -> Result<Option<String>, Failure> {
    let kind = if inline { "inline" } else { "attachment" };
    let Some(name) = name else {
        return Ok(inline.then(|| kind.to_owned()));
    };
    let Some(name) = name
        .to_str()
        .filter(|name| !name.is_empty() && !name.chars().any(char::is_control))
    else {
        let shown = name.to_string_lossy();
        return Err(Failure::usage(format!(
            "--download-as `{}` is no file name",
            shown.escape_debug()
        ))
        .hint("give a name of printable characters: `--download-as 'Report 2026.pdf'`"));
    };
    let mut plain = String::new();
    for c in name.chars() {
        match c {
            '"' | '\\' => plain.extend(['\\', c]),
            _ if c.is_ascii() => plain.push(c),
            _ => plain.push('_'),
        }
    }
    // Browsers decode `%41` in the plain form, against the RFC; the extended form is unambiguous.
    let extended = if name.is_ascii() && !name.contains('%') {
        String::new()
    } else {
        format!("; filename*=UTF-8''{}", encode::component(name.as_bytes()))
    };
    Ok(Some(format!("{kind}; filename=\"{plain}\"{extended}")))
}

/// The longest key that S3 and the stores that follow it take, in bytes.
const KEY_LIMIT: usize = 1024;

/// Checks a key, which stays as it is, and notes what will go wrong on the way.
///
/// # Errors
/// A key that no store takes.
pub fn key_bytes(key: &[u8], warnings: &mut Vec<Warning>) -> Result<(), Failure> {
    if key.is_empty() {
        return Err(Failure::usage("the key is empty").hint("name an object: BUCKET/KEY"));
    }
    if key.len() > KEY_LIMIT {
        return Err(Failure::usage(format!(
            "the key has {} bytes, and no key has more than {KEY_LIMIT}",
            key.len()
        ))
        .hint("shorten it; letters outside ASCII take 2 to 4 bytes each"));
    }
    if key
        .split(|b| *b == b'/')
        .any(|segment| segment == b"." || segment == b"..")
    {
        warnings.push(Warning::new(
            "dot-segments",
            "the key has a `.` or `..` segment: browsers and most clients remove it from the URL, \
                and the link fails; use `curl --path-as-is`",
        ));
    }
    if key.iter().any(u8::is_ascii_control) {
        warnings.push(Warning::new(
            "control-characters",
            "the key has control characters in it, such as a line break",
        ));
    }
    if std::str::from_utf8(key).is_err() {
        warnings.push(Warning::new(
            "key-not-utf8",
            "the key is not UTF-8, which S3 requires",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dispositions() {
        let of = |name: &str, inline| {
            content_disposition(Some(OsStr::new(name)), inline)
                .ok()
                .flatten()
        };
        for (name, inline, expected) in [
            ("a b.pdf", false, "attachment; filename=\"a b.pdf\""),
            ("a\"b\\c", true, "inline; filename=\"a\\\"b\\\\c\""),
            (
                "naïve.txt",
                false,
                "attachment; filename=\"na_ve.txt\"; filename*=UTF-8''na%C3%AFve.txt",
            ),
            (
                "日本.txt",
                false,
                "attachment; filename=\"__.txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt",
            ),
            (
                "100%.txt",
                false,
                "attachment; filename=\"100%.txt\"; filename*=UTF-8''100%25.txt",
            ),
        ] {
            assert_eq!(of(name, inline).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(
            content_disposition(None, true),
            Ok(Some("inline".to_owned()))
        );
        assert_eq!(content_disposition(None, false), Ok(None));
        assert_eq!(of("a\nb", false), None);
        assert_eq!(of("", false), None);
    }

    #[test]
    fn headers_that_clients_send_differently() {
        let warned = |name: &str, value: &str| {
            let mut parts = Parts::default();
            parts
                .push_header(Header::new(name, value))
                .expect("one line");
            parts
                .warnings
                .into_iter()
                .map(|warning| warning.message)
                .collect::<String>()
        };
        for (value, why) in [
            ("", "is empty, and some clients leave empty headers out"),
            (" a", "begins or ends with a space, which clients cut off"),
            ("a ", "begins or ends with a space, which clients cut off"),
            (
                "a\tb",
                "has a tab in it, which clients and stores treat differently",
            ),
            (
                "ä",
                "is not ASCII; clients that do not send it as UTF-8 will be refused",
            ),
        ] {
            assert_eq!(
                warned("X-A", value),
                format!("the signed header `X-A` {why}"),
                "{value}"
            );
        }
        assert_eq!(warned("X-A", "a b"), "");
        assert_eq!(
            warned("User-Agent", "a"),
            "the signed header `User-Agent` is set by clients themselves"
        );
    }

    #[test]
    fn headers_and_parameters() {
        assert_eq!(
            parse_header(OsStr::new("X-A: b: c ")),
            Ok(Header::new("X-A", "b: c "))
        );
        assert_eq!(
            parse_header(OsStr::new("X-A:b")),
            Ok(Header::new("X-A", "b"))
        );
        for text in [
            "X-A",
            ": b",
            "X A: b",
            "Host: x",
            "authorization: x",
            "Accept-Encoding: gzip",
            "X-Amz-Date: x",
        ] {
            assert!(parse_header(OsStr::new(text)).is_err(), "{text}");
        }
        assert_eq!(
            parse_query(OsStr::new("a=b=c")),
            Ok(QueryParameter::new("a", "b=c"))
        );
        assert_eq!(
            parse_query(OsStr::new("uploads")),
            Ok(QueryParameter::new("uploads", ""))
        );
        for text in ["", "=b", "X-Amz-Expires=1", "x-amz-signature=1"] {
            assert!(parse_query(OsStr::new(text)).is_err(), "{text}");
        }
        assert_eq!(
            parse_metadata(OsStr::new("a=b=c")),
            Ok(Header::new("x-amz-meta-a", "b=c"))
        );
        for text in ["", "=b", "a", "a b=c", "ä=b"] {
            assert!(parse_metadata(OsStr::new(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_kept_and_reported() {
        let codes_of = |key: &[u8]| {
            let mut warnings = Vec::new();
            key_bytes(key, &mut warnings).map(|()| {
                warnings
                    .iter()
                    .map(|warning| warning.code)
                    .collect::<Vec<_>>()
            })
        };
        for (key, codes) in [
            (&b"a/..b/.c/d..e/..."[..], vec![]),
            (b".", vec!["dot-segments"]),
            (b"a/../b", vec!["dot-segments"]),
            (b"a/.", vec!["dot-segments"]),
            (b"a\nb", vec!["control-characters"]),
            (b"\xff/..\x7f", vec!["control-characters", "key-not-utf8"]),
        ] {
            assert_eq!(codes_of(key), Ok(codes), "{key:?}");
        }
        assert!(codes_of(b"").is_err() && codes_of(&[b'k'; 1025]).is_err());
        assert_eq!(codes_of(&[b'k'; 1024]), Ok(vec![]));
    }
}
