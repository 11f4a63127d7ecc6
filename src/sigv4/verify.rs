//! The server side: verifies the signature of a received request.

use std::collections::BTreeMap;
use std::fmt;

use hmac::Mac;

use super::hash::hmac_of_key;
use super::{
    AUTHENTICATION_PARAMETERS, Algorithm, CanonicalRequest, CredentialScope, Credentials, Expiry,
    RawParameter, SigningKey, SigningTime, StringToSign, encode, fold_header_value,
};

/// Maximum difference of the clocks of client and server in seconds: the 15 minutes of AWS.
const CLOCK_SKEW: u64 = 900;

/// A presigned URL as received by a server: the parameters of its signature, and the signed parts.
///
/// The credentials are looked up by [`SignedUrl::access_key_id`] between parsing and verification.
/// A signature is valid only for its [scope](SignedUrl::scope); the server decides which regions it
/// accepts.
///
/// ```
/// use cos_presign::sigv4::{
///     Credentials, Expiry, Refusal, Request, Scheme, SignedUrl, Signer, SigningTime,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
/// let now: SigningTime = "20130524T000000Z".parse()?;
/// let request = Request::new("GET", Scheme::Https, "files.example.com", "/bucket/key");
/// let url = Signer::s3(credentials.clone(), "us-south")?.url(&request, now, Expiry::HOUR)?;
///
/// let signed = SignedUrl::parse(url.as_str())?;
/// assert_eq!(signed.access_key_id(), "AKIAIOSFODNN7EXAMPLE");
/// let headers = [("Host", "files.example.com")];
/// let verified = signed.verify("GET", headers, &credentials, now)?;
/// assert_eq!(verified.path, b"/bucket/key");
/// assert_eq!(signed.verify("PUT", headers, &credentials, now), Err(Refusal::Signature));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SignedUrl {
    path: Vec<u8>,
    /// Encoded as signed, with the parameters of the signature except the signature itself.
    query: Vec<(String, String)>,
    access_key_id: String,
    scope: CredentialScope,
    signed_at: SigningTime,
    expiry: Expiry,
    signed_headers: Vec<String>,
    session_token: Option<Vec<u8>>,
    signature: [u8; 32],
}

/// Why a server refuses a presigned URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// A parameter of the signature is missing.
    MissingParameter(&'static str),
    /// A parameter of the signature occurs more than once, or in another case.
    RepeatedParameter(&'static str),
    /// A parameter of the signature has an invalid value.
    InvalidParameter(&'static str),
    /// `X-Amz-Algorithm` is not `AWS4-HMAC-SHA256`.
    Algorithm(String),
    /// The path does not begin with `/`, or has a `%` that does not start an escape.
    Path,
    /// The query has a `%` that does not start an escape.
    Query,
    /// The day of `X-Amz-Credential` is not that of `X-Amz-Date`.
    ScopeDate,
    /// The credentials are those of another access key ID.
    AccessKeyId,
    /// The credentials have no secret access key.
    SecretAccessKey,
    /// A signed header was not sent.
    MissingHeader(String),
    /// A header that must be signed was sent but is not signed.
    UnsignedHeader(String),
    /// Signed more than 15 minutes after the time of the server.
    NotYetValid {
        /// When it becomes valid.
        from: SigningTime,
    },
    /// Past `X-Amz-Expires`.
    Expired {
        /// When it expired.
        at: SigningTime,
    },
    /// The temporary credentials have expired.
    CredentialsExpired {
        /// When they expired.
        at: SigningTime,
    },
    /// The session token is not that of the credentials, or one of the two has none.
    SessionToken,
    /// The signature is that of another request or another secret.
    Signature,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::MissingParameter(name) => write!(f, "the parameter {name} is missing"),
            Refusal::RepeatedParameter(name) => {
                write!(
                    f,
                    "the parameter {name} is given more than once or misspelled"
                )
            }
            Refusal::InvalidParameter(name) => {
                write!(f, "the parameter {name} has an invalid value")
            }
            Refusal::Algorithm(name) => {
                write!(
                    f,
                    "the algorithm `{}` is not supported",
                    name.escape_debug()
                )
            }
            Refusal::Path => f.write_str("the path is invalid"),
            Refusal::Query => f.write_str("the query is invalid"),
            Refusal::ScopeDate => {
                f.write_str("X-Amz-Credential and X-Amz-Date have different dates")
            }
            Refusal::AccessKeyId => f.write_str("the credentials have another access key ID"),
            Refusal::SecretAccessKey => f.write_str("the credentials have no secret access key"),
            Refusal::MissingHeader(name) => {
                write!(
                    f,
                    "the signed header `{}` was not sent",
                    name.escape_debug()
                )
            }
            Refusal::UnsignedHeader(name) => {
                write!(
                    f,
                    "the header `{}` was sent but is not signed",
                    name.escape_debug()
                )
            }
            Refusal::NotYetValid { from } => write!(f, "not valid before {}", from.rfc3339()),
            Refusal::Expired { at } => write!(f, "expired at {}", at.rfc3339()),
            Refusal::CredentialsExpired { at } => {
                write!(f, "the credentials expired at {}", at.rfc3339())
            }
            Refusal::SessionToken => f.write_str("the session token is invalid"),
            Refusal::Signature => f.write_str("the signature does not match"),
        }
    }
}

impl std::error::Error for Refusal {}

/// What a verified signature permits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The decoded path, for the look-up of the object.
    pub path: Vec<u8>,
    /// When the URL, or its credentials if that is earlier, expires.
    pub expires_at: SigningTime,
    /// The SHA-256 in lower-case hexadecimal that the body must have, if it is signed. The server
    /// must compare it with the body.
    pub payload_sha256: Option<String>,
}

impl SignedUrl {
    /// Parses a URL, or the path and query of a request line.
    ///
    /// # Errors
    /// [`Refusal`] if the URL has no well-formed signature of version 4.
    pub fn parse(url: &str) -> Result<SignedUrl, Refusal> {
        let target = match url.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                &rest[rest.find(['/', '?', '#']).unwrap_or(rest.len())..]
            }
            _ => url,
        };
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = encode::decode(path.as_bytes()).map_err(|_| Refusal::Path)?;
        if path.first() != Some(&b'/') {
            return Err(Refusal::Path);
        }
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let RawParameter { name, value } = RawParameter::parse(pair);
            let value = value.unwrap_or_default();
            let [name, value] = [name, value].map(|text| encode::decode(text.as_bytes()));
            parameters.push((
                name.map_err(|_| Refusal::Query)?,
                value.map_err(|_| Refusal::Query)?,
            ));
        }

        let required = |name| text_of(&parameters, name)?.ok_or(Refusal::MissingParameter(name));
        let invalid = Refusal::InvalidParameter;
        // A parameter of version 4A; it has no meaning here, and is refused rather than ignored.
        if text_of(&parameters, "X-Amz-Region-Set")?.is_some() {
            return Err(Refusal::Algorithm(required("X-Amz-Algorithm")?.to_owned()));
        }
        let algorithm = required("X-Amz-Algorithm")?;
        if algorithm != Algorithm::HmacSha256.as_str() {
            return Err(Refusal::Algorithm(algorithm.to_owned()));
        }
        let signed_at: SigningTime = required("X-Amz-Date")?
            .parse()
            .map_err(|_| invalid("X-Amz-Date"))?;
        let (access_key_id, scope) = scope_of(required("X-Amz-Credential")?, signed_at)?;
        let seconds = required("X-Amz-Expires")?;
        let is_number = seconds.bytes().all(|byte| byte.is_ascii_digit());
        let expiry = seconds.parse().ok().filter(|_| is_number);
        let expiry = expiry
            .and_then(|seconds| Expiry::seconds(seconds).ok())
            .ok_or(invalid("X-Amz-Expires"))?;
        let signed_headers: Vec<String> = required("X-Amz-SignedHeaders")?
            .split(';')
            .map(str::to_owned)
            .collect();
        // In the order of the canonical request; a repeated name would be two headers.
        let is_sorted = signed_headers.is_sorted_by(|a, b| a < b);
        let is_lower = |name: &String| !name.bytes().any(|b| b.is_ascii_uppercase());
        if !is_sorted || !signed_headers.iter().all(is_lower) {
            return Err(invalid("X-Amz-SignedHeaders"));
        }
        if !signed_headers.iter().any(|name| name == "host") {
            return Err(Refusal::UnsignedHeader("host".to_owned()));
        }
        let mut signature = [0; 32];
        let digits = required("X-Amz-Signature")?;
        let is_lower = !digits.bytes().any(|byte| byte.is_ascii_uppercase());
        hex::decode_to_slice(digits, &mut signature)
            .ok()
            .filter(|()| is_lower)
            .ok_or(invalid("X-Amz-Signature"))?;
        let session_token = value_of(&parameters, "X-Amz-Security-Token")?.map(<[u8]>::to_vec);

        let signed = parameters
            .iter()
            .filter(|(name, _)| name != b"X-Amz-Signature");
        let mut query: Vec<(String, String)> = signed
            .map(|(name, value)| {
                (
                    encode::component(name).into_owned(),
                    encode::component(value).into_owned(),
                )
            })
            .collect();
        query.sort();
        Ok(SignedUrl {
            path,
            query,
            access_key_id,
            scope,
            signed_at,
            expiry,
            signed_headers,
            session_token,
            signature,
        })
    }

    /// The access key ID in the credential, not verified yet.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Day, region and service for which it is signed.
    pub fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// When it was signed.
    pub fn signed_at(&self) -> SigningTime {
        self.signed_at
    }

    /// Validity in seconds. The server decides on a maximum: 604 800 seconds on AWS.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The session token. A server without a table of temporary credentials can use it for the
    /// look-up.
    pub fn session_token(&self) -> Option<&[u8]> {
        self.session_token.as_deref()
    }

    /// Verifies the signature of a request with this method and these headers, including `Host`.
    ///
    /// Compares in constant time. The body must be verified by its reader, with
    /// [`Verified::payload_sha256`].
    ///
    /// # Errors
    /// [`Refusal`]. The form of the request is checked first, then the signature, and the times
    /// last: `Expired` is reported only for genuine URLs.
    pub fn verify<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        method: &str,
        headers: impl IntoIterator<Item = (N, V)>,
        credentials: &Credentials,
        now: SigningTime,
    ) -> Result<Verified, Refusal> {
        if credentials.access_key_id() != self.access_key_id {
            return Err(Refusal::AccessKeyId);
        }
        let secret = credentials.secret_access_key();
        if secret.expose_secret().is_empty() {
            return Err(Refusal::SecretAccessKey);
        }
        let headers = self.canonical_headers(headers)?;
        let payload = headers.get("x-amz-content-sha256");
        let payload_hash = match payload {
            Some(hash) => String::from_utf8_lossy(hash).into_owned(),
            None => "UNSIGNED-PAYLOAD".to_owned(),
        };
        let mut lines = Vec::new();
        for (name, value) in &headers {
            lines.extend_from_slice(name.as_bytes());
            lines.push(b':');
            lines.extend_from_slice(value);
            lines.push(b'\n');
        }
        let pairs: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let canonical_request = CanonicalRequest {
            method: method.to_owned(),
            uri: encode::path(&self.path).into_owned(),
            query_string: pairs.join("&"),
            headers: lines,
            signed_headers: self.signed_headers.join(";"),
            payload_hash: payload_hash.clone(),
        };
        let text = StringToSign::new(
            Algorithm::HmacSha256,
            self.signed_at,
            &self.scope,
            &canonical_request,
        );
        let key = SigningKey::derive(secret, &self.scope);
        let mut mac = hmac_of_key(key.as_bytes());
        mac.update(text.as_str().as_bytes());
        mac.verify_slice(&self.signature)
            .map_err(|_| Refusal::Signature)?;
        let has_token = match (credentials.session_token(), &self.session_token) {
            (None, None) => true,
            (Some(token), Some(given)) => is_same(token.expose_secret(), given),
            _ => false,
        };
        if !has_token {
            return Err(Refusal::SessionToken);
        }
        Ok(Verified {
            path: self.path.clone(),
            expires_at: self.check_times(credentials, now)?,
            payload_sha256: Some(payload_hash).filter(|hash| hash.len() == 64),
        })
    }

    /// When the permission of the URL ends.
    fn check_times(
        &self,
        credentials: &Credentials,
        now: SigningTime,
    ) -> Result<SigningTime, Refusal> {
        if now
            .plus_seconds(CLOCK_SKEW)
            .is_ok_and(|latest| self.signed_at > latest)
        {
            return Err(Refusal::NotYetValid {
                from: self.signed_at,
            });
        }
        let expires_at = self
            .signed_at
            .plus_seconds(self.expiry.as_seconds())
            .map_err(|_| Refusal::InvalidParameter("X-Amz-Expires"))?;
        if now >= expires_at {
            return Err(Refusal::Expired { at: expires_at });
        }
        match credentials.expires_at() {
            Some(at) if now >= at => Err(Refusal::CredentialsExpired { at }),
            Some(at) => Ok(at.min(expires_at)),
            None => Ok(expires_at),
        }
    }

    /// The signed headers of the request, by lower-case name.
    fn canonical_headers<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<BTreeMap<String, Vec<u8>>, Refusal> {
        let mut canonical: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (name, value) in headers {
            let name = name.as_ref().to_ascii_lowercase();
            if !self.signed_headers.contains(&name) {
                // Such headers change the operation; current stores refuse them too.
                if name.starts_with("x-amz-") {
                    return Err(Refusal::UnsignedHeader(name));
                }
                continue;
            }
            let mut value = fold_header_value(value.as_ref());
            if name == "host" {
                value.make_ascii_lowercase();
            }
            match canonical.get_mut(&name) {
                // No client repeats it, and servers differ in which of the two they use.
                Some(_) if name == "host" => return Err(Refusal::Signature),
                Some(line) => {
                    line.push(b',');
                    line.extend_from_slice(&value);
                }
                None => {
                    canonical.insert(name, value);
                }
            }
        }
        let missing = |name: &&String| !canonical.contains_key(*name);
        match self.signed_headers.iter().find(missing) {
            Some(name) => Err(Refusal::MissingHeader(name.clone())),
            None => Ok(canonical),
        }
    }
}

/// Shows neither signature nor token.
impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedUrl")
            .field("path", &self.path.escape_ascii().to_string())
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("signed_at", &self.signed_at)
            .field("expiry", &self.expiry)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// The value of a parameter of the signature, which must occur exactly once, in its own case.
fn value_of<'p>(
    parameters: &'p [(Vec<u8>, Vec<u8>)],
    name: &'static str,
) -> Result<Option<&'p [u8]>, Refusal> {
    debug_assert!(AUTHENTICATION_PARAMETERS.contains(&name));
    let mut found = parameters
        .iter()
        .filter(|(given, _)| given.eq_ignore_ascii_case(name.as_bytes()));
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some((given, value)), None) if given == name.as_bytes() => Ok(Some(value)),
        _ => Err(Refusal::RepeatedParameter(name)),
    }
}

fn text_of<'p>(
    parameters: &'p [(Vec<u8>, Vec<u8>)],
    name: &'static str,
) -> Result<Option<&'p str>, Refusal> {
    let value = value_of(parameters, name)?;
    let text = value.map(|value| std::str::from_utf8(value));
    text.transpose()
        .map_err(|_| Refusal::InvalidParameter(name))
}

/// Access key ID and scope of `AKID/20130524/us-east-1/s3/aws4_request`.
fn scope_of(
    credential: &str,
    signed_at: SigningTime,
) -> Result<(String, CredentialScope), Refusal> {
    let invalid = || Refusal::InvalidParameter("X-Amz-Credential");
    let fields: Vec<&str> = credential.split('/').collect();
    let [
        access_key_id,
        date,
        region,
        service,
        CredentialScope::TERMINATOR,
    ] = fields[..]
    else {
        return Err(invalid());
    };
    let scope = CredentialScope::new(signed_at, region, service).map_err(|_| invalid())?;
    if access_key_id.is_empty() {
        return Err(invalid());
    }
    if date != scope.date() {
        return Err(Refusal::ScopeDate);
    }
    Ok((access_key_id.to_owned(), scope))
}

/// Whether two secrets are equal, in a time that depends only on their lengths.
fn is_same(ours: &[u8], theirs: &[u8]) -> bool {
    let difference = ours
        .iter()
        .zip(theirs)
        .fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
    ours.len() == theirs.len() && difference == 0
}
