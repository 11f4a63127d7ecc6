//! All steps in order.

use std::sync::Arc;

use super::scope::check_field;
use super::{
    AUTHENTICATION_PARAMETERS, Algorithm, CanonicalRequest, CredentialScope, Credentials, Error,
    Header, KeyPair, PathEncoding, PathMode, PresignedUrl, QueryParameter, Request, Signature,
    SigningKey, SigningTime, StringToSign,
};

/// How long a link lives, in whole seconds: at least one. Upper limits belong to the stores, not to the algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry(u64);

impl Expiry {
    /// # Errors
    /// [`Error::ZeroExpiry`] for zero.
    pub fn seconds(seconds: u64) -> Result<Self, Error> {
        if seconds == 0 {
            Err(Error::ZeroExpiry)
        } else {
            Ok(Expiry(seconds))
        }
    }

    /// The number of seconds.
    pub fn as_seconds(self) -> u64 {
        self.0
    }
}

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In the query: a link that lives for a time.
    Query(Expiry),
    /// In the `Authorization` header: a request that is sent now.
    Header,
}

/// What happens to the session token of temporary credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionTokenMode {
    /// Signed with the rest: S3 and almost every service.
    #[default]
    Signed,
    /// Put into the request after signing, for the few services that want it so (AWS IoT).
    AddedAfterSigning,
    /// Left out.
    Omitted,
}

/// What signs.
#[derive(Debug)]
enum Key {
    Hmac(SigningKey),
    Ecdsa { pair: KeyPair, region_set: String },
}

/// Signs requests for one set of credentials, day, region and service. The key is derived once, when it is made.
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
    /// A presigner with S3's rules: service `s3`, path raw and encoded once, session token signed, 3600 seconds.
    ///
    /// # Errors
    /// [`Error::AccessKeyId`] or [`Error::ScopeField`] if the credential could not be written.
    pub fn s3(
        credentials: &'a Credentials,
        region: &str,
        signed_at: SigningTime,
    ) -> Result<Self, Error> {
        Presigner::new(credentials, region, "s3", signed_at)
    }

    /// The same for any service; path rules are still S3's until they are changed.
    ///
    /// # Errors
    /// As [`Presigner::s3`].
    pub fn new(
        credentials: &'a Credentials,
        region: &str,
        service: &str,
        signed_at: SigningTime,
    ) -> Result<Self, Error> {
        check_access_key_id(credentials.access_key_id())?;
        let scope = CredentialScope::new(signed_at, region, service)?;
        let key = Key::Hmac(SigningKey::derive(credentials.secret_access_key(), &scope));
        Ok(Presigner::with_key(credentials, scope, key, signed_at))
    }

    /// A presigner that makes signatures of version 4A. They are good in all regions of the set: names separated by commas,
    /// in which `*` stands for anything.
    ///
    /// # Errors
    /// As [`Presigner::s3`].
    pub fn of_region_set(
        credentials: &'a Credentials,
        region_set: &str,
        service: &str,
        signed_at: SigningTime,
    ) -> Result<Self, Error> {
        check_access_key_id(credentials.access_key_id())?;
        check_field("region set", region_set)?;
        let scope = CredentialScope::without_region(signed_at, service)?;
        let pair = KeyPair::derive(credentials.access_key_id(), credentials.secret_access_key());
        Ok(Presigner::with_key(
            credentials,
            scope,
            Key::Ecdsa {
                pair,
                region_set: region_set.to_owned(),
            },
            signed_at,
        ))
    }

    fn with_key(
        credentials: &'a Credentials,
        scope: CredentialScope,
        key: Key,
        signed_at: SigningTime,
    ) -> Self {
        Presigner {
            credentials,
            scope,
            key: Arc::new(key),
            signed_at,
            placement: Placement::Query(Expiry(3600)),
            path_mode: PathMode::default(),
            path_encoding: PathEncoding::default(),
            session_token_mode: SessionTokenMode::default(),
        }
    }

    /// A link that lives so long.
    pub fn expires_in(mut self, expiry: Expiry) -> Self {
        self.placement = Placement::Query(expiry);
        self
    }

    /// Where the signature goes.
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// Path rules.
    pub fn path_rules(mut self, mode: PathMode, encoding: PathEncoding) -> Self {
        self.path_mode = mode;
        self.path_encoding = encoding;
        self
    }

    /// What happens to the session token.
    pub fn session_token_mode(mut self, mode: SessionTokenMode) -> Self {
        self.session_token_mode = mode;
        self
    }

    /// The credential scope.
    pub fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The key of version 4; none where a key pair signs.
    pub(super) fn signing_key(&self) -> Option<&SigningKey> {
        match &*self.key {
            Key::Hmac(key) => Some(key),
            Key::Ecdsa { .. } => None,
        }
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match &*self.key {
            Key::Hmac(_) => Algorithm::HmacSha256,
            Key::Ecdsa { .. } => Algorithm::EcdsaP256Sha256,
        }
    }

    fn region_set(&self) -> Option<&str> {
        match &*self.key {
            Key::Hmac(_) => None,
            Key::Ecdsa { region_set, .. } => Some(region_set),
        }
    }

    /// Who signs.
    pub(super) fn credentials(&self) -> &Credentials {
        self.credentials
    }

    /// When.
    pub(super) fn signed_at(&self) -> SigningTime {
        self.signed_at
    }

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
    /// Whatever of the request cannot be signed; see [`Error`].
    pub fn presign(&self, request: &Request) -> Result<Presigned, Error> {
        for parameter in &request.query {
            if let Some(name) = AUTHENTICATION_PARAMETERS
                .iter()
                .find(|n| n.as_bytes().eq_ignore_ascii_case(&parameter.name))
            {
                return Err(Error::ReservedParameter((*name).to_owned()));
            }
        }
        match self.placement {
            Placement::Query(expiry) => self.presign_query(request, expiry),
            Placement::Header => self.sign_header(request),
        }
    }

    fn presign_query(&self, request: &Request, expiry: Expiry) -> Result<Presigned, Error> {
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
        Ok(Presigned {
            url: PresignedUrl::new(request, &authentication),
            canonical_request,
            string_to_sign,
            signature,
            headers_to_send: request.headers.clone(),
        })
    }

    fn sign_header(&self, request: &Request) -> Result<Presigned, Error> {
        let mut request = request.clone();
        if request
            .headers
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case("authorization"))
        {
            return Err(Error::ReservedHeader("authorization".to_owned()));
        }
        if !request
            .headers
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case("x-amz-date"))
        {
            request
                .headers
                .push(Header::new("X-Amz-Date", self.signed_at.timestamp()));
        }
        if let Some(regions) = self.region_set() {
            if request
                .headers
                .iter()
                .any(|h| h.name.eq_ignore_ascii_case("x-amz-region-set"))
            {
                return Err(Error::ReservedHeader("x-amz-region-set".to_owned()));
            }
            request
                .headers
                .push(Header::new("X-Amz-Region-Set", regions));
        }
        let token = self
            .session_token()
            .map(|token| Header::new("X-Amz-Security-Token", token));
        if self.session_token_mode == SessionTokenMode::Signed {
            request.headers.extend(token.clone());
        }
        let (canonical_request, string_to_sign, signature) = self.sign(&request, &[])?;
        let authorization = format!(
            "{} Credential={}/{}, SignedHeaders={}, Signature={signature}",
            self.algorithm().as_str(),
            self.credentials.access_key_id(),
            self.scope,
            canonical_request.signed_headers,
        );
        let mut headers_to_send = request.headers.clone();
        if self.session_token_mode == SessionTokenMode::AddedAfterSigning {
            headers_to_send.extend(token);
        }
        headers_to_send.push(Header::new("Authorization", authorization));
        Ok(Presigned {
            url: PresignedUrl::new(&request, &[]),
            canonical_request,
            string_to_sign,
            signature,
            headers_to_send,
        })
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

/// The credential's fields are counted by their slashes.
fn check_access_key_id(id: &str) -> Result<(), Error> {
    let fits = !id.is_empty() && !id.contains('/') && !id.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(Error::AccessKeyId)
    }
}

/// `content-type;host`: the names of the given headers and `host`, lower case, sorted, each once.
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

/// A signed request with everything that led to the signature.
///
/// ```
/// use cos_presign::sigv4::{Credentials, Presigner, Request, Scheme, SigningTime};
///
/// # fn main() -> Result<(), cos_presign::sigv4::Error> {
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
/// let presigner = Presigner::s3(&credentials, "us-east-1", SigningTime::from_unix_seconds(1_369_353_600)?)?;
/// let presigned = presigner.presign(&Request::new("PUT", Scheme::Https, "files.example.com", "/b/a b"))?;
/// assert!(presigned.canonical_request.to_string().starts_with("PUT\n/b/a%20b\nX-Amz-Algorithm="));
/// assert!(presigned.string_to_sign.as_str().starts_with("AWS4-HMAC-SHA256\n20130524T000000Z\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Presigned {
    /// The link (for [`Placement::Header`]: the plain address).
    pub url: PresignedUrl,
    /// Step 1.
    pub canonical_request: CanonicalRequest,
    /// Step 2.
    pub string_to_sign: StringToSign,
    /// Step 3.
    pub signature: Signature,
    /// Headers that the client must send besides `Host`, as they are to be sent.
    pub headers_to_send: Vec<Header>,
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
