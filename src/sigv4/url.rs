//! Step 4: the link. Written with the encoder of the signature, in botocore's order: the request's own parameters as
//! given, then the authentication parameters, then the signature.

use std::fmt;

use super::{QueryParameter, Request};

/// The query parameters that a signature owns.
pub const AUTHENTICATION_PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// A link. Whoever has it can use it until it expires, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
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

    /// The text. ASCII, unless the path was given as it is to be sent and was not.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The link with the values of signature and session token cut out, for logs and messages.
    pub fn redacted(&self) -> String {
        redact(&self.0, &["X-Amz-Signature", "X-Amz-Security-Token"])
    }

    /// The link with only the session token cut out.
    pub fn without_session_token(&self) -> String {
        redact(&self.0, &["X-Amz-Security-Token"])
    }
}

fn redact(url: &str, names: &[&str]) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
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
