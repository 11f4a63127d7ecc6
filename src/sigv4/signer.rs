//! A signer for servers: it owns its credentials, derives one key per day, and writes URLs without
//! the intermediate values.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::canonical::{check_host, check_method};
use super::hash::hmac_of_key;
use super::presign::{Key, check_parameters};
use super::{
    ALGORITHM, CredentialScope, Credentials, Error, Expiry, PayloadHash, Presigned, PresignedUrl,
    Presigner, Request, RequestPath, SigningKey, SigningTime, encode,
};

/// Signs requests with one set of credentials for one region and service, at any time.
///
/// Clones share the credentials and the key of the day, so a signer is cheap to clone and can be
/// part of the state of a web framework; threads can use it concurrently.
///
/// ```
/// use std::time::SystemTime;
/// use cos_presign::sigv4::{Credentials, Expiry, Request, Scheme, Signer};
///
/// # fn main() -> Result<(), cos_presign::sigv4::Error> {
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret");
/// let signer = Signer::s3(credentials, "us-south")?;
///
/// let request = Request::new("GET", Scheme::Https, "files.example.com", "/bucket/a b.txt");
/// let url = signer.url(&request, SystemTime::now().try_into()?, Expiry::HOUR)?;
/// assert!(url.as_str().starts_with("https://files.example.com/bucket/a%20b.txt?X-Amz-Algorithm="));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    credentials: Credentials,
    region: String,
    service: String,
    /// The key used last.
    day: RwLock<Option<Arc<Day>>>,
}

/// What all URLs of a day share.
struct Day {
    day: i64,
    scope: CredentialScope,
    /// The scope, as in the string to sign.
    scope_text: String,
    /// Access key ID and scope, as in the query.
    credential: String,
    key: Arc<Key>,
    /// State after both blocks of the key are hashed.
    mac: Hmac<Sha256>,
}

impl Signer {
    /// A signer with the rules of S3: service `s3`, raw path, session token signed.
    ///
    /// # Errors
    /// [`Error::AccessKeyId`], [`Error::SecretAccessKey`] or [`Error::SessionToken`] for invalid
    /// credentials, [`Error::ScopeField`] for an invalid region.
    pub fn s3(credentials: Credentials, region: impl Into<String>) -> Result<Signer, Error> {
        Signer::new(credentials, region, "s3")
    }

    /// A signer for another service with the rules of S3.
    ///
    /// # Errors
    /// As [`Signer::s3`].
    pub fn new(
        credentials: Credentials,
        region: impl Into<String>,
        service: impl Into<String>,
    ) -> Result<Signer, Error> {
        let (region, service) = (region.into(), service.into());
        credentials.check()?;
        CredentialScope::new(SigningTime::from_unix_seconds(0)?, &region, &service)?;
        Ok(Signer(Arc::new(Inner {
            credentials,
            region,
            service,
            day: RwLock::new(None),
        })))
    }

    /// The credentials of the URLs.
    pub fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// The signed region.
    pub fn region(&self) -> &str {
        &self.0.region
    }

    /// The URL of a request. Equal to that of [`Signer::presign`], and several times as fast for a
    /// request without signed headers.
    ///
    /// # Errors
    /// Invalid parts of the request; see [`Error`].
    pub fn url(
        &self,
        request: &Request,
        signed_at: SigningTime,
        expiry: Expiry,
    ) -> Result<PresignedUrl, Error> {
        if !request.headers.is_empty() || request.payload_hash != PayloadHash::Unsigned {
            return Ok(self.presign(request, signed_at, expiry)?.url);
        }
        check_parameters(&request.query)?;
        request.path.check()?;
        check_method(&request.method)?;
        let host = check_host(request)?;
        let token = self.0.credentials.session_token();
        let token = token.map(|token| encode::component(token.expose_secret()));
        let token = token.as_deref().unwrap_or_default();
        let day = self.day(signed_at)?;

        let path_length = match &request.path {
            RequestPath::Unencoded(path) => 3 * path.len() + 1,
            RequestPath::AsSent(path) => path.len(),
        };
        let mut url = Vec::with_capacity(
            request.authority.len() + path_length + day.credential.len() + token.len() + 320,
        );
        for text in [request.scheme.as_str(), "://", &request.authority] {
            url.extend_from_slice(text.as_bytes());
        }
        let path_at = url.len();
        match &request.path {
            RequestPath::Unencoded(path) => encode::append_path(path, &mut url),
            RequestPath::AsSent(path) => url.extend_from_slice(path),
        }
        let path_end = url.len();
        if url.get(path_at) != Some(&b'/') {
            return Err(Error::Path);
        }

        // Offsets of the parameters of the request in order; then those of the signature.
        let mut own: Vec<[usize; 3]> = Vec::with_capacity(request.query.len());
        for parameter in &request.query {
            url.push(if url.len() == path_end { b'?' } else { b'&' });
            let begin = url.len();
            append_component(&parameter.name, &mut url);
            let middle = url.len();
            url.push(b'=');
            append_component(&parameter.value, &mut url);
            own.push([begin, middle, url.len()]);
        }
        url.push(if url.len() == path_end { b'?' } else { b'&' });
        let timestamp = signed_at.timestamp_bytes();
        let mut parameters = [[0; 3]; 6];
        for (range, (name, value)) in parameters.iter_mut().zip([
            ("X-Amz-Algorithm", ALGORITHM.as_bytes()),
            ("X-Amz-Credential", day.credential.as_bytes()),
            ("X-Amz-Date", &timestamp),
            ("X-Amz-Expires", decimal(expiry.as_seconds(), &mut [0; 20])),
            ("X-Amz-SignedHeaders", b"host"),
            ("X-Amz-Security-Token", token.as_bytes()),
        ]) {
            if value.is_empty() {
                continue;
            }
            let begin = url.len();
            url.extend_from_slice(name.as_bytes());
            let middle = url.len();
            url.push(b'=');
            url.extend_from_slice(value);
            *range = [begin, middle, url.len()];
            url.push(b'&');
        }
        // Sorted, the token precedes the names of the headers.
        parameters.swap(4, 5);
        let mut sorted = own;
        sorted.extend(parameters.into_iter().filter(|range| range[2] > 0));
        if !request.query.is_empty() {
            let parts =
                |[begin, middle, end]: &[usize; 3]| (&url[*begin..*middle], &url[middle + 1..*end]);
            sorted.sort_by(|a, b| parts(a).cmp(&parts(b)));
        }

        let mut canonical = Sha256::new();
        canonical.update(&request.method);
        canonical.update(b"\n");
        canonical.update(&url[path_at..path_end]);
        let mut separator = b"\n";
        for [begin, _, end] in sorted {
            canonical.update(separator);
            canonical.update(&url[begin..end]);
            separator = b"&";
        }
        canonical.update(b"\nhost:");
        canonical.update(host.as_bytes());
        canonical.update(b"\n\nhost\nUNSIGNED-PAYLOAD");

        let mut digits = [0; 64];
        write_hex(&canonical.finalize(), &mut digits);
        let mut mac = day.mac.clone();
        for text in [ALGORITHM.as_bytes(), &timestamp, day.scope_text.as_bytes()] {
            mac.update(text);
            mac.update(b"\n");
        }
        mac.update(&digits);
        write_hex(&mac.finalize().into_bytes(), &mut digits);
        url.extend_from_slice(b"X-Amz-Signature=");
        url.extend_from_slice(&digits);
        PresignedUrl::from_bytes(url).ok_or(Error::PathAsSent)
    }

    /// The URL of a request, with every intermediate value.
    ///
    /// # Errors
    /// Invalid parts of the request; see [`Error`].
    pub fn presign(
        &self,
        request: &Request,
        signed_at: SigningTime,
        expiry: Expiry,
    ) -> Result<Presigned, Error> {
        let presigner = self.presigner(signed_at)?.expires_in(expiry);
        presigner.presign(request)
    }

    /// A presigner for everything else: templates for bulk signing, forms, signatures in headers.
    ///
    /// # Errors
    /// None for the valid credentials of a signer.
    pub fn presigner(&self, signed_at: SigningTime) -> Result<Presigner<'_>, Error> {
        let day = self.day(signed_at)?;
        Ok(Presigner::with_key(
            &self.0.credentials,
            day.scope.clone(),
            Arc::clone(&day.key),
            signed_at,
        ))
    }

    fn day(&self, signed_at: SigningTime) -> Result<Arc<Day>, Error> {
        // The stored value is replaced as a whole, so a panicking thread cannot leave it
        // inconsistent.
        let kept = self.0.day.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = kept.as_ref().filter(|kept| kept.day == signed_at.day()) {
            return Ok(Arc::clone(day));
        }
        drop(kept);
        let inner = &*self.0;
        let scope = CredentialScope::new(signed_at, &inner.region, &inner.service)?;
        let key = SigningKey::derive(inner.credentials.secret_access_key(), &scope);
        let scope_text = scope.to_string();
        let credential = format!("{}/{scope_text}", inner.credentials.access_key_id());
        let day = Arc::new(Day {
            day: signed_at.day(),
            scope,
            scope_text,
            credential: encode::component(credential.as_bytes()).into_owned(),
            mac: hmac_of_key(key.as_bytes()),
            key: Arc::new(Key::Hmac(key)),
        });
        let mut kept = inner.day.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Arc::clone(&day));
        Ok(day)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("access_key_id", &self.0.credentials.access_key_id())
            .field("region", &self.0.region)
            .field("service", &self.0.service)
            .finish_non_exhaustive()
    }
}

fn append_component(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(encode::component(bytes).as_bytes());
}

fn decimal(mut number: u64, place: &mut [u8; 20]) -> &[u8] {
    let mut at = place.len();
    while at > 0 {
        at -= 1;
        place[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    &place[at..]
}

fn write_hex(bytes: &[u8], place: &mut [u8; 64]) {
    for (digits, byte) in place.chunks_exact_mut(2).zip(bytes) {
        digits[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
        digits[1] = b"0123456789abcdef"[usize::from(byte & 15)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::Scheme;

    #[test]
    fn is_shared_between_threads() {
        fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
        let credentials = Credentials::new("AKID", "s3cr3t-value");
        let signer = Signer::s3(credentials, "us-south").expect("valid");
        shared(&signer);
        let shown = format!("{signer:?}");
        assert!(
            shown.contains("AKID") && !shown.contains("s3cr3t"),
            "{shown}"
        );
    }

    #[test]
    fn keeps_the_key_of_one_day() {
        let signer = Signer::s3(Credentials::new("AKID", "secret"), "r").expect("valid");
        let at = |seconds| SigningTime::from_unix_seconds(seconds).expect("in range");
        let first = signer.day(at(0)).expect("valid");
        assert!(Arc::ptr_eq(&first, &signer.day(at(86_399)).expect("valid")));
        let next = signer.clone().day(at(86_400)).expect("valid");
        assert!(!Arc::ptr_eq(&first, &next));
        assert!(Arc::ptr_eq(&next, &signer.day(at(86_401)).expect("valid")));
    }

    #[test]
    fn numbers_are_written_in_decimal() {
        for number in [1, 9, 10, 604_800, u64::MAX] {
            let mut place = [0; 20];
            assert_eq!(decimal(number, &mut place), number.to_string().as_bytes());
        }
    }

    #[test]
    fn refuses_what_the_presigner_refuses() {
        let signer = Signer::s3(Credentials::new("AKID", "secret"), "r").expect("valid");
        let signed_at = SigningTime::from_unix_seconds(0).expect("in range");
        let request = Request::new("GET", Scheme::Https, "h", "/k");
        let mut sent = request.clone();
        sent.path = RequestPath::AsSent(b"/a b".to_vec());
        for (request, error) in [
            (
                Request::new("G T", Scheme::Https, "h", "/k"),
                Error::Method("G T".to_owned()),
            ),
            (
                Request::new("GET", Scheme::Https, "", "/k"),
                Error::Host(String::new()),
            ),
            (Request::new("GET", Scheme::Https, "h", "k"), Error::Path),
            (
                request.clone().with_query("x-amz-date", "1"),
                Error::ReservedParameter("X-Amz-Date".to_owned()),
            ),
            (sent, Error::PathAsSent),
        ] {
            let url = signer.url(&request, signed_at, Expiry::HOUR);
            assert_eq!(url.err(), Some(error.clone()));
            let presigned = signer.presign(&request, signed_at, Expiry::HOUR);
            assert_eq!(presigned.err(), Some(error));
        }
    }
}
