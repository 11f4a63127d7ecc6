//! The place of the bucket in a URL.

use std::fmt;
use std::str::FromStr;

use crate::sigv4::{Request, Scheme};

use super::{BucketError, Endpoint, check_bucket};

/// An addressing style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Addressing {
    /// `https://endpoint/bucket/key`
    Path,
    /// `https://bucket.endpoint/key`
    Virtual,
    /// `https://endpoint/key`: the endpoint is a domain of one bucket.
    BucketHost,
}

impl Addressing {
    /// `path`, `virtual` or `bucket-host`.
    pub fn as_str(self) -> &'static str {
        match self {
            Addressing::Path => "path",
            Addressing::Virtual => "virtual",
            Addressing::BucketHost => "bucket-host",
        }
    }
}

impl fmt::Display for Addressing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Addressing {
    type Err = ObjectError;

    fn from_str(text: &str) -> Result<Self, ObjectError> {
        let all = [
            Addressing::Path,
            Addressing::Virtual,
            Addressing::BucketHost,
        ];
        let found = all.into_iter().find(|style| style.as_str() == text);
        found.ok_or_else(|| ObjectError::Addressing(text.to_owned()))
    }
}

/// Why a URL for a bucket or object cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectError {
    /// The bucket name is invalid.
    Bucket(BucketError),
    /// The key is empty: that would be the URL of the bucket, see [`Endpoint::bucket`].
    EmptyKey,
    /// The endpoint is an IP address, which cannot have a bucket as a subdomain.
    IpAddress,
    /// Not the name of an addressing style.
    Addressing(String),
}

impl fmt::Display for ObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectError::Bucket(error) => write!(f, "{error}"),
            ObjectError::EmptyKey => f.write_str("the object key is empty"),
            ObjectError::IpAddress => {
                f.write_str("virtual addressing is not possible with an IP address")
            }
            ObjectError::Addressing(text) => {
                write!(f, "`{}` is not an addressing style", text.escape_debug())
            }
        }
    }
}

impl std::error::Error for ObjectError {}

impl From<BucketError> for ObjectError {
    fn from(error: BucketError) -> Self {
        ObjectError::Bucket(error)
    }
}

impl Endpoint {
    /// A `GET` request for an object; [`Request::with_method`] changes the method. The key may be
    /// any bytes and is kept unchanged.
    ///
    /// ```
    /// use cos_presign::store::{Addressing, Endpoint};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint: Endpoint =
    /// "https://s3.us-south.cloud-object-storage.appdomain.cloud".parse()?;
    /// let upload = endpoint
    ///     .object(Addressing::Virtual, "my-bucket", "reports/Q1 100%.pdf")?
    ///     .with_method("PUT");
    /// assert_eq!(
    ///     upload.host(),
    ///     "my-bucket.s3.us-south.cloud-object-storage.appdomain.cloud",
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ObjectError`]
    pub fn object(
        &self,
        addressing: Addressing,
        bucket: &str,
        key: impl AsRef<[u8]>,
    ) -> Result<Request, ObjectError> {
        if key.as_ref().is_empty() {
            return Err(ObjectError::EmptyKey);
        }
        self.request(addressing, bucket, Some(key.as_ref()))
    }

    /// A `GET` request for a bucket, which lists it.
    ///
    /// # Errors
    /// [`ObjectError`]
    pub fn bucket(&self, addressing: Addressing, bucket: &str) -> Result<Request, ObjectError> {
        self.request(addressing, bucket, None)
    }

    /// The request before each key of a bucket, for [`Template::new`](crate::sigv4::Template::new):
    /// keys of the template begin with `prefix`, which may be empty.
    ///
    /// # Errors
    /// [`ObjectError`]
    pub fn folder(
        &self,
        addressing: Addressing,
        bucket: &str,
        prefix: impl AsRef<[u8]>,
    ) -> Result<Request, ObjectError> {
        self.request(addressing, bucket, Some(prefix.as_ref()))
    }

    fn request(
        &self,
        addressing: Addressing,
        bucket: &str,
        key: Option<&[u8]>,
    ) -> Result<Request, ObjectError> {
        check_bucket(bucket, None)?;
        if addressing == Addressing::Virtual && self.is_ip_address() {
            return Err(ObjectError::IpAddress);
        }
        let Address {
            scheme,
            authority,
            path,
        } = Address::new(self, addressing, Some(bucket), key);
        Ok(Request::new("GET", scheme, authority, path))
    }
}

/// Host and path of a bucket or an object. Nothing is encoded yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Scheme of the URL.
    pub scheme: Scheme,
    /// Host and port of the URL.
    pub authority: String,
    /// Path, not encoded, with a leading `/`.
    pub path: Vec<u8>,
}

impl Address {
    /// Combines endpoint, bucket and key, byte-equal to botocore.
    ///
    /// Without a key the path ends with the bucket (`/bucket`, no trailing slash); without a bucket
    /// it is that of the endpoint.
    pub fn new(
        endpoint: &Endpoint,
        addressing: Addressing,
        bucket: Option<&str>,
        key: Option<&[u8]>,
    ) -> Address {
        let mut authority = endpoint.authority.clone();
        let mut path = endpoint.base_path.clone();
        match (addressing, bucket) {
            (Addressing::Path, Some(bucket)) => {
                path.push(b'/');
                path.extend_from_slice(bucket.as_bytes());
            }
            (Addressing::Virtual, Some(bucket)) => authority = format!("{bucket}.{authority}"),
            (Addressing::BucketHost, _) | (_, None) => {}
        }
        if let Some(key) = key {
            path.push(b'/');
            path.extend_from_slice(key);
        }
        if path.is_empty() {
            path.push(b'/');
        }
        Address {
            scheme: endpoint.scheme,
            authority,
            path,
        }
    }
}

/// Whether a bucket can be a label of a host name: 3 to 63 lower-case letters, digits and hyphens.
/// Names with dots would be several labels, but a wildcard certificate covers only one, so they do
/// not qualify.
pub fn is_dns_compatible(bucket: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (3..=63).contains(&bucket.len())
        && bucket.bytes().all(inner)
        && !bucket.starts_with('-')
        && !bucket.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_a_key_and_a_bucket() {
        let endpoint = Endpoint::parse("https://gw.example.com/base").expect("valid");
        let object = |bucket, key: &str| endpoint.object(Addressing::Path, bucket, key);
        let request = object("bucket", "/../a//b/").expect("valid");
        let expected = Request::new(
            "GET",
            Scheme::Https,
            "gw.example.com",
            "/base/bucket//../a//b/",
        );
        assert_eq!(request, expected);
        assert_eq!(object("bucket", ""), Err(ObjectError::EmptyKey));
        let slash = BucketError::Character('/');
        assert_eq!(object("a/b", "k"), Err(ObjectError::Bucket(slash)));
        let listing = endpoint.bucket(Addressing::Path, "bucket").expect("valid");
        assert_eq!(
            listing,
            Request::new("GET", Scheme::Https, "gw.example.com", "/base/bucket")
        );
        let address = Endpoint::parse("http://127.0.0.1:9000").expect("valid");
        let object = address.object(Addressing::Virtual, "bucket", "k");
        assert_eq!(object, Err(ObjectError::IpAddress));
        for style in [
            Addressing::Path,
            Addressing::Virtual,
            Addressing::BucketHost,
        ] {
            assert_eq!(style.to_string().parse(), Ok(style));
        }
    }

    #[test]
    fn keys_are_kept_to_the_byte() {
        let endpoint = Endpoint::parse("https://gw.example.com/base").expect("valid");
        for (addressing, key, authority, path) in [
            (
                Addressing::Path,
                "/../a//b/",
                "gw.example.com",
                "/base/bucket//../a//b/",
            ),
            (
                Addressing::Virtual,
                "/../a//b/",
                "bucket.gw.example.com",
                "/base//../a//b/",
            ),
            (
                Addressing::BucketHost,
                "a b%2F",
                "gw.example.com",
                "/base/a b%2F",
            ),
        ] {
            let address = Address::new(&endpoint, addressing, Some("bucket"), Some(key.as_bytes()));
            assert_eq!(
                (
                    address.authority.as_str(),
                    String::from_utf8_lossy(&address.path).as_ref()
                ),
                (authority, path)
            );
        }
    }

    #[test]
    fn without_key_or_bucket() {
        let endpoint = Endpoint::parse("http://localhost:9000").expect("valid");
        assert_eq!(
            Address::new(&endpoint, Addressing::Path, Some("bucket"), None).path,
            b"/bucket"
        );
        assert_eq!(
            Address::new(&endpoint, Addressing::Virtual, Some("bucket"), None).path,
            b"/"
        );
        assert_eq!(
            Address::new(&endpoint, Addressing::Path, None, None).path,
            b"/"
        );
    }
}
