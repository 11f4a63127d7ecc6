//! Where the bucket stands in a URL.

use crate::sigv4::Scheme;

use super::Endpoint;

/// An addressing style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressing {
    /// `https://endpoint/bucket/key`
    Path,
    /// `https://bucket.endpoint/key`
    Virtual,
    /// `https://endpoint/key`: the endpoint is a domain of its own that leads to one bucket.
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

/// Host and path under which a bucket or an object is found. Nothing is encoded yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Scheme of the URL.
    pub scheme: Scheme,
    /// Host and port of the URL.
    pub authority: String,
    /// Path, not encoded, beginning with `/`.
    pub path: Vec<u8>,
}

impl Address {
    /// Puts endpoint, bucket and key together; byte-equal to botocore's.
    ///
    /// Without a key the path ends at the bucket (`/bucket`, no slash after it); without a bucket it is the endpoint's.
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

/// Whether a bucket can be a label of a host name: 3 to 63 lower-case letters, digits and hyphens. Names with dots can
/// be several labels, but a wildcard certificate covers only one, so they are not counted here.
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
