//! All steps in order.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "v4a")]
use super::KeyPair;
#[cfg(feature = "v4a")]
use super::scope::check_field;
use super::{
    AUTHENTICATION_PARAMETERS, Algorithm, CanonicalRequest, CredentialScope, Credentials, Error,
    Header, PathEncoding, PathMode, PayloadHash, PresignedUrl, QueryParameter, Request, Signature,
    SigningKey, SigningTime, StringToSign, fold_header_value,
};

/// `X-Amz-Expires`: validity of a URL in seconds. At least one; maximums are those of stores, not
/// of the algorithm.
///
/// ```
/// use std::num::NonZeroU64;
/// use std::time::Duration;
/// use cos_presign::sigv4::Expiry;
///
/// const TEN_MINUTES: Expiry = Expiry::new(NonZeroU64::new(600).unwrap());
///
/// # fn main() -> Result<(), cos_presign::sigv4::Error> {
/// assert_eq!(TEN_MINUTES, Expiry::seconds(600)?);
/// assert_eq!(TEN_MINUTES, Duration::from_secs(600).try_into()?);
/// assert!(TEN_MINUTES < Expiry::HOUR);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry(NonZeroU64);

impl Expiry {
    /// 3600 seconds.
    pub const HOUR: Expiry = Expiry::new(NonZeroU64::new(3600).unwrap());
    /// 86 400 seconds.
    pub const DAY: Expiry = Expiry::new(NonZeroU64::new(86_400).unwrap());
    /// 604 800 seconds: the most that Amazon S3 allows.
    pub const WEEK: Expiry = Expiry::new(NonZeroU64::new(604_800).unwrap());

    /// This many seconds.
    pub const fn new(seconds: NonZeroU64) -> Self {
        Expiry(seconds)
    }

    /// This many seconds.
    ///
    /// # Errors
    /// [`Error::ZeroExpiry`] for zero.
    pub const fn seconds(seconds: u64) -> Result<Self, Error> {
        match NonZeroU64::new(seconds) {
            Some(seconds) => Ok(Expiry(seconds)),
            None => Err(Error::ZeroExpiry),
        }
    }

    /// The number of seconds.
    pub const fn as_seconds(self) -> u64 {
        self.0.get()
    }
}

/// Fractions of a second are truncated.
impl TryFrom<Duration> for Expiry {
    type Error = Error;

    fn try_from(duration: Duration) -> Result<Self, Error> {
        Expiry::seconds(duration.as_secs())
    }
}

impl From<NonZeroU64> for Expiry {
    fn from(seconds: NonZeroU64) -> Self {
        Expiry(seconds)
    }
}

impl From<Expiry> for Duration {
    fn from(expiry: Expiry) -> Self {
        Duration::from_secs(expiry.as_seconds())
    }
}

/// Where the signature is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Placement {
    /// In the query: a URL that is valid for some time.
    Query(Expiry),
    /// In the `Authorization` header: a request that is sent immediately.
    Header,
}

/// How the session token of temporary credentials is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SessionTokenMode {
    /// Signed: S3 and almost every service.
    #[default]
    Signed,
    /// Appended to the request after signing, for the few services that require it (AWS IoT).
    AddedAfterSigning,
    /// Omitted.
    Omitted,
}

/// What signs.
#[derive(Debug)]
pub(super) enum Key {
    Hmac(SigningKey),
    #[cfg(feature = "v4a")]
    Ecdsa {
        pair: KeyPair,
        region_set: String,
    },
}

/// Signs requests with one set of credentials at one time, for one region and service. The key is
/// derived once, when the presigner is created; a program that signs at different times uses a
/// [`Signer`](super::Signer).
#[derive(Clone, Debug)]
pub struct Presigner<'a> {
    credentials: &'a Credentials,
    scope: CredentialScope,
    key: Arc<Key>,
    signed_at: SigningTime,
    placement: Placement,
    path_mode: PathMode,
    path_encoding: PathEncoding,
    session_token_mode: SessionTokenMode,
}

impl<'a> Presigner<'a> {
    /// A presigner with the rules of S3: service `s3`, path raw and encoded once, session token
    /// signed, 3600 seconds.
    ///
    /// # Errors
    /// [`Error::AccessKeyId`], [`Error::SecretAccessKey`] or [`Error::SessionToken`] for invalid
    /// credentials, [`Error::ScopeField`] for an invalid region.
    pub fn s3(
        credentials: &'a Credentials,
        region: &str,
        signed_at: SigningTime,
    ) -> Result<Self, Error> {
        Presigner::new(credentials, region, "s3", signed_at)
    }

    /// A presigner for any service; path rules are those of S3 until they are changed.
    ///
    /// # Errors
    /// As [`Presigner::s3`].
    pub fn new(
        credentials: &'a Credentials,
        region: &str,
        service: &str,
        signed_at: SigningTime,
    ) -> Result<Self, Error> {
        credentials.check()?;
        let scope = CredentialScope::new(signed_at, region, service)?;
        let key = Key::Hmac(SigningKey::derive(credentials.secret_access_key(), &scope));
        Ok(Presigner::with_key(
            credentials,
            scope,
            Arc::new(key),
            signed_at,
        ))
    }

    /// A presigner for signatures of version 4A. They are valid in all regions of the set: names
    /// separated by commas, in which `*` matches any text.
    ///
    /// # Errors
    /// As [`Presigner::s3`].
    #[cfg(feature = "v4a")]
    pub fn of_region_set(
        credentials: &'a Credentials,
        region_set: &str,
        service: &str,
        signed_at: SigningTime,
    ) -> Result<Self, Error> {
        credentials.check()?;
        check_field("region set", region_set)?;
        let scope = CredentialScope::without_region(signed_at, service)?;
        let pair = KeyPair::derive(credentials.access_key_id(), credentials.secret_access_key());
        Ok(Presigner::with_key(
            credentials,
            scope,
            Arc::new(Key::Ecdsa {
                pair,
                region_set: region_set.to_owned(),
            }),
            signed_at,
        ))
    }

    pub(super) fn with_key(
        credentials: &'a Credentials,
        scope: CredentialScope,
        key: Arc<Key>,
        signed_at: SigningTime,
    ) -> Self {
        Presigner {
            credentials,
            scope,
            key,
            signed_at,
            placement: Placement::Query(Expiry::HOUR),
            path_mode: PathMode::default(),
            path_encoding: PathEncoding::default(),
            session_token_mode: SessionTokenMode::default(),
        }
    }

    /// Sets the validity of URLs.
    pub fn expires_in(mut self, expiry: Expiry) -> Self {
        self.placement = Placement::Query(expiry);
        self
    }

    /// Sets the placement of the signature.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// Sets the path rules.
    pub fn path_rules(mut self, mode: PathMode, encoding: PathEncoding) -> Self {
        self.path_mode = mode;
        self.path_encoding = encoding;
        self
    }

    /// Sets how the session token is sent.
    pub fn session_token_mode(mut self, mode: SessionTokenMode) -> Self {
        self.session_token_mode = mode;
        self
    }

    /// The credential scope.
    pub fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The key of version 4; `None` for a key pair.
    pub(super) fn signing_key(&self) -> Option<&SigningKey> {
        match &*self.key {
            Key::Hmac(key) => Some(key),
            #[cfg(feature = "v4a")]
            Key::Ecdsa { .. } => None,
        }
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match &*self.key {
            Key::Hmac(_) => Algorithm::HmacSha256,
            #[cfg(feature = "v4a")]
            Key::Ecdsa { .. } => Algorithm::EcdsaP256Sha256,
        }
    }

    fn region_set(&self) -> Option<&str> {
        match &*self.key {
            Key::Hmac(_) => None,
            #[cfg(feature = "v4a")]
            Key::Ecdsa { region_set, .. } => Some(region_set),
        }
    }

    #[cfg(feature = "forms")]
    pub(super) fn credentials(&self) -> &Credentials {
        self.credentials
    }

    #[cfg(feature = "forms")]
    pub(super) fn signed_at(&self) -> SigningTime {
        self.signed_at
    }

    #[cfg(feature = "forms")]
    pub(super) fn has_token_mode(&self, mode: SessionTokenMode) -> bool {
        self.session_token_mode == mode
    }

    pub(super) fn has_path_rules(&self, mode: PathMode, encoding: PathEncoding) -> bool {
        self.path_mode == mode && self.path_encoding == encoding
    }

    pub(super) fn has_placement(&self, placement: Placement) -> bool {
        self.placement == placement
    }

    /// Signs one request and keeps every intermediate value.
    ///
    /// # Errors
    /// Invalid parts of the request; see [`Error`].
    pub fn presign(&self, request: &Request) -> Result<Presigned, Error> {
        check_parameters(&request.query)?;
        request.path.check()?;
        match self.placement {
            Placement::Query(expiry) => self.presign_query(request, expiry),
            Placement::Header => self.sign_header(request),
        }
    }

    fn presign_query(&self, request: &Request, expiry: Expiry) -> Result<Presigned, Error> {
        // S3 reads the hash from a header. It is signed if it is a header of the request; published
        // URLs with a payload hash do not sign it.
        let mut with_hash = request.clone();
        if request.payload_hash != PayloadHash::Unsigned {
            self.add_payload_hash(&mut with_hash)?;
        }
        let mut authentication = vec![
            QueryParameter::new("X-Amz-Algorithm", self.algorithm().as_str()),
            QueryParameter::new(
                "X-Amz-Credential",
                format!("{}/{}", self.credentials.access_key_id(), self.scope),
            ),
            QueryParameter::new("X-Amz-Date", self.signed_at.timestamp()),
            QueryParameter::new("X-Amz-Expires", expiry.as_seconds().to_string()),
            QueryParameter::new("X-Amz-SignedHeaders", signed_header_names(&request.headers)),
        ];
        authentication.extend(
            self.region_set()
                .map(|regions| QueryParameter::new("X-Amz-Region-Set", regions)),
        );
        let token = self
            .session_token()
            .map(|token| QueryParameter::new("X-Amz-Security-Token", token));
        if self.session_token_mode == SessionTokenMode::Signed {
            authentication.extend(token.clone());
        }
        let (canonical_request, string_to_sign, signature) = self.sign(request, &authentication)?;
        authentication.push(QueryParameter::new(
            "X-Amz-Signature",
            signature.to_string(),
        ));
        if self.session_token_mode == SessionTokenMode::AddedAfterSigning {
            authentication.extend(token);
        }
        let end_of_link = self.signed_at.plus_seconds(expiry.as_seconds()).ok();
        let ends = [end_of_link, self.credentials.expires_at()];
        Ok(Presigned {
            url: PresignedUrl::new(request, &authentication),
            canonical_request,
            string_to_sign,
            signature,
            headers_to_send: unfolded(with_hash.headers),
            expires_at: ends.into_iter().flatten().min(),
        })
    }

    fn sign_header(&self, request: &Request) -> Result<Presigned, Error> {
        let mut request = request.clone();
        if request.has_header("authorization") {
            return Err(Error::ReservedHeader("authorization".to_owned()));
        }
        add_header(&mut request, "X-Amz-Date", self.signed_at.timestamp())?;
        if let Some(regions) = self.region_set() {
            add_header(&mut request, "X-Amz-Region-Set", regions)?;
        }
        self.add_payload_hash(&mut request)?;
        let mut added_token = None;
        match (self.session_token(), self.session_token_mode) {
            (None, _) | (_, SessionTokenMode::Omitted) => {}
            (Some(token), SessionTokenMode::Signed) => {
                add_header(&mut request, "X-Amz-Security-Token", token)?;
            }
            (Some(_), SessionTokenMode::AddedAfterSigning)
                if request.has_header("x-amz-security-token") =>
            {
                return Err(Error::ReservedHeader("x-amz-security-token".to_owned()));
            }
            (Some(token), SessionTokenMode::AddedAfterSigning) => {
                added_token = Some(Header::new("X-Amz-Security-Token", token));
            }
        }
        let (canonical_request, string_to_sign, signature) = self.sign(&request, &[])?;
        let authorization = format!(
            "{} Credential={}/{}, SignedHeaders={}, Signature={signature}",
            self.algorithm().as_str(),
            self.credentials.access_key_id(),
            self.scope,
            canonical_request.signed_headers,
        );
        let url = PresignedUrl::new(&request, &[]);
        let mut headers_to_send = unfolded(request.headers);
        headers_to_send.extend(added_token);
        headers_to_send.push(Header::new("Authorization", authorization));
        Ok(Presigned {
            url,
            canonical_request,
            string_to_sign,
            signature,
            headers_to_send,
            expires_at: self.credentials.expires_at(),
        })
    }

    /// S3 takes the last line of the canonical request from this header, and requires it if the
    /// signature is in a header. For a URL without it, the body is not signed.
    fn add_payload_hash(&self, request: &mut Request) -> Result<(), Error> {
        if self.scope.service() != "s3" {
            return Ok(());
        }
        let hash = request.payload_hash.to_text();
        add_header(request, "X-Amz-Content-Sha256", &hash)
    }

    fn sign(
        &self,
        request: &Request,
        authentication: &[QueryParameter],
    ) -> Result<(CanonicalRequest, StringToSign, Signature), Error> {
        let canonical_request =
            CanonicalRequest::new(request, authentication, self.path_mode, self.path_encoding)?;
        let string_to_sign = StringToSign::new(
            self.algorithm(),
            self.signed_at,
            &self.scope,
            &canonical_request,
        );
        let signature = match &*self.key {
            Key::Hmac(key) => key.sign(&string_to_sign),
            #[cfg(feature = "v4a")]
            Key::Ecdsa { pair, .. } => pair.sign(&string_to_sign),
        };
        Ok((canonical_request, string_to_sign, signature))
    }

    fn session_token(&self) -> Option<&[u8]> {
        self.credentials
            .session_token()
            .map(|token| token.expose_secret())
    }
}

/// The query must not contain a parameter that the signature sets.
pub(super) fn check_parameters(query: &[QueryParameter]) -> Result<(), Error> {
    for parameter in query {
        if let Some(name) = AUTHENTICATION_PARAMETERS
            .iter()
            .find(|n| n.as_bytes().eq_ignore_ascii_case(&parameter.name))
        {
            return Err(Error::ReservedParameter((*name).to_owned()));
        }
    }
    Ok(())
}

/// Adds a header set by the signature. The request may contain it once, with the same value.
fn add_header(request: &mut Request, name: &str, value: impl AsRef<[u8]>) -> Result<(), Error> {
    let value = value.as_ref();
    let mut given = request
        .headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name));
    match (given.next(), given.next()) {
        (None, _) => {
            request.headers.push(Header::new(name, value));
            Ok(())
        }
        (Some(header), None) if fold_header_value(&header.value) == value => Ok(()),
        _ => Err(Error::ReservedHeader(name.to_ascii_lowercase())),
    }
}

/// Repeated values are sent on one line (RFC 9112, 5.2).
fn unfolded(mut headers: Vec<Header>) -> Vec<Header> {
    for header in &mut headers {
        if header.value.iter().any(|byte| b"\r\n".contains(byte)) {
            header.value = fold_header_value(&header.value);
        }
    }
    headers
}

/// `content-type;host`: the names of the given headers and `host`, lower case, sorted, without
/// duplicates.
fn signed_header_names(headers: &[Header]) -> String {
    let mut names: Vec<String> = headers
        .iter()
        .map(|h| h.name.to_ascii_lowercase())
        .collect();
    names.push("host".to_owned());
    names.sort();
    names.dedup();
    names.join(";")
}

/// A signed request with every intermediate value.
///
/// ```
/// use cos_presign::sigv4::{Credentials, Presigner, Request, Scheme};
///
/// # fn main() -> Result<(), cos_presign::sigv4::Error> {
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
/// let presigner = Presigner::s3(&credentials, "us-east-1", "20130524T000000Z".parse()?)?;
/// let request = Request::new("PUT", Scheme::Https, "files.example.com", "/b/a b");
/// let presigned = presigner.presign(&request)?;
/// assert!(presigned.canonical_request.to_string().starts_with("PUT\n/b/a%20b\nX-Amz-Algorithm="));
/// assert!(presigned.string_to_sign.as_str().starts_with("AWS4-HMAC-SHA256\n20130524T000000Z\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Presigned {
    /// The URL; for [`Placement::Header`], the URL without a signature.
    pub url: PresignedUrl,
    /// Step 1.
    pub canonical_request: CanonicalRequest,
    /// Step 2.
    pub string_to_sign: StringToSign,
    /// Step 3.
    pub signature: Signature,
    /// Headers that the client must send besides `Host`, with their values.
    pub headers_to_send: Vec<Header>,
    /// When the URL expires, or the credentials if that is earlier. `None` if only the unknown
    /// expiry of the credentials limits it, or after the year 9999.
    pub expires_at: Option<SigningTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_id_is_one_field_of_the_credential() {
        let signed_at = SigningTime::from_unix_seconds(0).expect("in range");
        for (id, expected) in [
            ("AKID", None),
            ("an id: é", None),
            ("", Some(Error::AccessKeyId)),
            ("AK/ID", Some(Error::AccessKeyId)),
            ("AKID\n", Some(Error::AccessKeyId)),
        ] {
            let credentials = Credentials::new(id, "secret");
            assert_eq!(
                Presigner::s3(&credentials, "us-south", signed_at).err(),
                expected,
                "{id:?}"
            );
        }
    }
}
