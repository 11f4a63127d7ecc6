//! Which request was this signature made for?
//!
//! A signature is a hash, so it cannot be read backwards; but the mistakes that people, libraries
//! and proxies make are few, and each of them can be made again. The search starts from the request
//! as it is known, makes every single mistake, then every pair of them, and compares signatures. A
//! signature of version 4A is verified instead, which takes a hundred times as long, so there only
//! single mistakes are tried. What reproduces the signature is certain: there is no second request
//! that would.
//!
//! | file | what it varies |
//! | --- | --- |
//! | `text` | the canonical request: its parts, each kept with its encoded form |
//! | `stamp` | timestamp, credential scope and key |
//! | `target` | method, host and path |
//! | `query` | parameters |
//! | `headers` | signed headers and payload hash |
//! | `search` | in which order all of it is tried |
//! | `other_schemes` | signatures of other services, against a secret |

mod canonical;
mod from_url;
mod headers;
mod method_host_path;
mod other_schemes;
mod query;
mod search;
mod signer;

pub use from_url::ObserveError;
pub use other_schemes::{HmacScheme, OtherRequest, is_signed_with};
pub use search::{Outcome, Search, explain_signature};

use crate::sigv4::{Algorithm, QueryParameter, Secret};

/// A request as far as it is known, and the signature that came with it. Without `Debug`: it is a
/// link.
#[derive(Clone)]
pub struct Observed {
    /// Method.
    pub method: String,
    /// Whether the method is known. If not, every method is as good as `method`.
    pub method_is_known: bool,
    /// The `Host` that the store saw.
    pub host: String,
    /// Host and port as the URL spells them.
    pub authority: String,
    /// Path as it is in the URL.
    pub path_as_sent: String,
    /// Path, decoded once.
    pub path: Vec<u8>,
    /// Query as it is in the URL, without the signature.
    pub query_as_sent: String,
    /// Decoded parameters in the URL's order, without the signature.
    pub query: Vec<QueryParameter>,
    /// How many of `query` stand before the signature in the URL.
    pub parameters_before_signature: usize,
    /// Names of `X-Amz-SignedHeaders`, in its order.
    pub signed_headers: Vec<String>,
    /// Headers that were sent, as far as known; names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Last line of the canonical request.
    pub payload_hash: String,
    /// `X-Amz-Date`.
    pub timestamp: String,
    /// Access key id of the credential.
    pub access_key_id: String,
    /// Date of the credential scope.
    pub date: String,
    /// Region of the credential scope; empty with SigV4A.
    pub region: String,
    /// Service of the credential scope.
    pub service: String,
    /// How it was signed.
    pub algorithm: Algorithm,
    /// The signature: 32 bytes, or DER.
    pub signature: Vec<u8>,
}

/// Credentials that may have signed.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret: Secret,
    /// Session token.
    pub token: Option<Secret>,
}

/// Another name of the same object, which may be the one that was signed.
#[derive(Clone, Debug)]
pub struct HostClue {
    /// `Host` that may have been signed.
    pub host: String,
    /// Path that belongs to it, decoded; `None` for the one of the URL.
    pub path: Option<Vec<u8>>,
    /// What it would mean.
    pub cause: Cause,
}

/// What the search may draw on beside the request.
#[derive(Clone, Debug, Default)]
pub struct Clues {
    /// Other names.
    pub hosts: Vec<HostClue>,
    /// Names that are less likely: they are tried alone, not together with a second mistake.
    pub far_hosts: Vec<HostClue>,
    /// Base paths that a proxy may have removed, decoded, beginning with `/`.
    pub base_paths: Vec<Vec<u8>>,
    /// Regions.
    pub regions: Vec<String>,
    /// Regions that are less likely: they are tried alone, not together with a second mistake.
    pub far_regions: Vec<String>,
}

/// One kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Signed for another method.
    Method,
    /// Signed for another host name.
    Host,
    /// Signed for another port.
    Port,
    /// The store saw another host than the URL has.
    ProxyHost,
    /// A proxy removed or added a base path.
    BasePath,
    /// Signed for the other addressing style.
    Addressing,
    /// The path was encoded once more, by the signer or afterwards.
    PathEncodedTwice,
    /// The path was signed unencoded or by other rules.
    PathEncoding,
    /// Slashes were encoded, merged, added or lost.
    PathSlashes,
    /// Dot segments were removed, or kept.
    PathDotSegments,
    /// `+` stands for a space in the path, or the other way round.
    PathPlus,
    /// The path was signed in another form of Unicode.
    PathUnicode,
    /// The key itself is another one.
    Key,
    /// A parameter came after signing.
    ParameterAdded,
    /// A parameter was lost after signing.
    ParameterRemoved,
    /// A parameter was changed after signing.
    ParameterChanged,
    /// Signed without sorting the query, or sorted by other rules.
    QueryOrder,
    /// `+` stands for a space in the query, or the other way round.
    QueryPlus,
    /// A value of the query was encoded once more.
    QueryEncodedTwice,
    /// Signed with the credential not encoded.
    CredentialEncoding,
    /// Signed with the query encoded by other rules.
    QueryEncoding,
    /// A signed header was not sent.
    HeaderMissing,
    /// A signed header was sent with another value.
    HeaderChanged,
    /// The list of signed headers is not the one that was signed.
    SignedHeaders,
    /// The session token was added after signing.
    TokenUnsigned,
    /// The session token was signed and is not in the URL.
    TokenMissing,
    /// Another payload hash was signed.
    PayloadHash,
    /// Signed for another region.
    Region,
    /// Signed for another service.
    Service,
    /// Signed with the key of another day.
    ScopeDate,
    /// The string to sign has the local time.
    LocalTime,
    /// White space, quotes or a byte order mark in the secret.
    SecretWhitespace,
    /// The secret was encoded, decoded or mangled.
    SecretEncoding,
    /// Another secret of those at hand.
    OtherSecret,
    /// The access key id of other credentials.
    AccessKeyId,
}

/// A mistake and its description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The kind.
    pub cause: Cause,
    /// What exactly, as the end of the sentence "the signature matches with …".
    pub note: String,
}

/// How a mistake is named while it is only one of many that are tried: nothing is formatted yet.
#[derive(Clone, Copy, Debug)]
struct Tried<'a> {
    cause: Cause,
    note: &'static str,
    about: &'a str,
}

impl Tried<'_> {
    fn mistake(&self) -> Mistake {
        let note = if self.about.is_empty() {
            self.note.to_owned()
        } else {
            format!("{} `{}`", self.note, self.about)
        };
        Mistake {
            cause: self.cause,
            note,
        }
    }
}

const fn tried(cause: Cause, note: &'static str) -> Tried<'static> {
    Tried {
        cause,
        note,
        about: "",
    }
}

/// A link without its signature.
#[cfg(test)]
fn link() -> Observed {
    Observed {
        method: "PUT".to_owned(),
        method_is_known: true,
        host: "h".to_owned(),
        authority: "h".to_owned(),
        path_as_sent: "/k".to_owned(),
        path: b"/k".to_vec(),
        query_as_sent: String::new(),
        query: vec![
            QueryParameter::new(
                "X-Amz-Credential",
                "AKID/20261123/eu-west-1/s3/aws4_request",
            ),
            QueryParameter::new("X-Amz-Date", "20261123T110000Z"),
            QueryParameter::new("X-Amz-Expires", "60"),
        ],
        parameters_before_signature: 3,
        signed_headers: vec!["host".to_owned()],
        headers: Vec::new(),
        payload_hash: "UNSIGNED-PAYLOAD".to_owned(),
        timestamp: "20261123T110000Z".to_owned(),
        access_key_id: "AKID".to_owned(),
        date: "20261123".to_owned(),
        region: "eu-west-1".to_owned(),
        service: "s3".to_owned(),
        algorithm: Algorithm::HmacSha256,
        signature: Vec::new(),
    }
}
