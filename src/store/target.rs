//! The TARGET argument.

use crate::sigv4::encode;

use super::console_url::read_console_url;
use super::front::front_of;
use super::host_name::{find_provider, provider_of_scheme};
use super::region_name::suggest_region;
use super::{AccessPoint, Arn, ArnError, ConsoleUrl, Endpoint, EndpointError, Provider};

/// The store selected by the scheme of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetStore {
    /// A location of IBM COS, from `cos://LOCATION/BUCKET/KEY`.
    IbmLocation(String),
    /// `cos://BUCKET/KEY`, as other tools write it: the first word is not a location.
    CosWithoutLocation,
    /// `gs://BUCKET/KEY` and similar.
    Scheme {
        /// The scheme.
        scheme: String,
        /// ID of the store.
        provider: &'static str,
    },
    /// A page of a web console, which also names bucket and key.
    Console(Box<ConsoleUrl>),
}

/// The object that a website or a content delivery host serves without signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontUrl {
    /// Why its host is not an endpoint.
    pub problem: EndpointError,
    /// The host in lower case.
    pub host: String,
    /// The bucket, if the URL names it.
    pub bucket: Option<String>,
    /// The key.
    pub key: Vec<u8>,
    /// The host to sign for, if known. Words in upper case are placeholders.
    pub origin: Option<String>,
}

/// A parsed target. Keys are bytes and kept unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `bucket/key`, `s3://bucket/key`; `bucket` alone has no key. `cos://us-south/bucket/key` also
    /// selects a location of IBM COS.
    Bucket {
        /// Store of the scheme.
        location: Option<TargetStore>,
        /// The bucket; its name is validated when the store is known.
        bucket: String,
        /// Everything after the slash that follows the bucket; `None` without a slash.
        key: Option<Vec<u8>>,
        /// Whether only the position suggests that it is a bucket; it may be another name.
        bare: bool,
    },
    /// `arn:aws:s3:us-west-2:123456789012:accesspoint/name/key`, with or without `s3://`.
    AccessPoint {
        /// The access point, used in place of a bucket.
        access_point: AccessPoint,
        /// As for a bucket.
        key: Option<Vec<u8>>,
    },
    /// `https://host/path`: which part is the bucket depends on the store.
    Address {
        /// Scheme and authority, to be parsed as an endpoint.
        origin: String,
        /// As typed, with a leading `/`, or empty.
        path_as_sent: String,
        /// The path, decoded.
        path: Vec<u8>,
        /// From `?versionId=`, as shown by consoles.
        version_id: Option<Vec<u8>>,
    },
    /// `/`: the store itself, for requests such as the list of buckets.
    Service,
}

/// Why a text is not a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// Empty.
    Empty,
    /// No bucket before the first slash.
    NoBucket,
    /// The bucket is not UTF-8.
    BucketNotUtf8,
    /// `cos://` without a location and a bucket.
    CosForm,
    /// `cos://` with a misspelled location, and the closest known one.
    CosLocation(String, &'static str),
    /// An ARN that cannot be the target of a request.
    Arn(ArnError),
    /// An unknown scheme.
    Scheme(String),
    /// A URL that is not UTF-8: URLs are percent-encoded.
    AddressNotUtf8,
    /// A `%` in a URL that is not an escape.
    AddressEscape,
    /// A URL with a query other than a version.
    AddressQuery,
    /// A URL that is already signed.
    AlreadySigned,
    /// A URL with a `#`.
    AddressFragment,
    /// A URL of a host in front of a store, which does not support signatures.
    Front(Box<FrontUrl>),
}

impl TargetError {
    /// What is wrong, as the predicate of a sentence about the target.
    pub fn problem(&self) -> &'static str {
        match self {
            TargetError::Empty => "is empty",
            TargetError::NoBucket => "has no bucket before the slash",
            TargetError::BucketNotUtf8 => "has a bucket that is not UTF-8",
            TargetError::CosForm => "is not of the form cos://LOCATION/BUCKET/KEY",
            TargetError::CosLocation(..) => "has an unknown IBM COS location",
            TargetError::Arn(error) => error.problem(),
            TargetError::Scheme(_) => "has an unknown scheme",
            TargetError::AddressNotUtf8 => "is a URL that is not UTF-8",
            TargetError::AddressEscape => {
                "has a `%` that is not followed by two hexadecimal digits"
            }
            TargetError::AddressQuery => "has a query",
            TargetError::AlreadySigned => "is already a presigned URL",
            TargetError::AddressFragment => "has a `#`",
            TargetError::Front(front) => front.problem.problem(),
        }
    }
}

impl std::fmt::Display for TargetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the target {}", self.problem())
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// Parses a TARGET.
    ///
    /// # Errors
    /// [`TargetError`] describes what is wrong.
    ///
    /// ```
    /// use cos_presign::store::{Target, TargetError};
    ///
    /// let Ok(Target::Bucket { bucket, key, .. }) = Target::parse(b"s3://my-bucket//a key/") else {
    /// panic!("no bucket") };
    /// assert_eq!((bucket.as_str(), key.as_deref()), ("my-bucket", Some(&b"/a key/"[..])));
    /// assert_eq!(Target::parse(b""), Err(TargetError::Empty));
    /// ```
    pub fn parse(text: &[u8]) -> Result<Target, TargetError> {
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        if text == b"/" {
            return Ok(Target::Service);
        }
        let path = text.strip_prefix(b"s3://").unwrap_or(text);
        if path.starts_with(b"arn:") {
            return match Arn::parse(path).map_err(TargetError::Arn)? {
                Arn::AccessPoint(access_point, key) => {
                    Ok(Target::AccessPoint { access_point, key })
                }
                Arn::Bucket(bucket, _) if bucket.is_empty() => Err(TargetError::NoBucket),
                Arn::Bucket(bucket, key) => Ok(Target::Bucket {
                    location: None,
                    bucket,
                    key,
                    bare: false,
                }),
            };
        }
        let scheme = scheme_of(text).map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
        match scheme
            .as_ref()
            .map(|(scheme, rest)| (scheme.as_slice(), *rest))
        {
            None => bucket_and_key(None, text, true),
            Some((b"s3" | b"s3a" | b"s3n", rest)) => bucket_and_key(None, rest, false),
            Some((b"cos", rest)) => cos(rest),
            Some((b"http" | b"https", _)) => {
                address(std::str::from_utf8(text).map_err(|_| TargetError::AddressNotUtf8)?)
            }
            Some((scheme, rest)) => {
                let scheme = String::from_utf8_lossy(scheme).into_owned();
                match provider_of_scheme(&scheme) {
                    Some(store) => bucket_and_key(Some(of_scheme(scheme, store)), rest, false),
                    None => Err(TargetError::Scheme(scheme)),
                }
            }
        }
    }
}

/// `scheme` and the rest of `scheme://rest`. In `bucket/a://b` the `://` belongs to the key.
fn scheme_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.windows(3).position(|w| w == b"://")?;
    let scheme = &text[..end];
    let valid = !scheme.is_empty()
        && scheme
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    valid.then_some((scheme, &text[end + 3..]))
}

fn of_scheme(scheme: String, provider: &'static Provider) -> TargetStore {
    TargetStore::Scheme {
        scheme,
        provider: provider.id,
    }
}

/// `cos://LOCATION/BUCKET/KEY` of IBM, `cos://BUCKET-APPID/KEY` of Tencent, or `cos://BUCKET/KEY`
/// as other tools write it.
fn cos(rest: &[u8]) -> Result<Target, TargetError> {
    let first = rest.split(|b| *b == b'/').next().unwrap_or_default();
    let first = std::str::from_utf8(first).map_err(|_| TargetError::CosForm)?;
    if first.is_empty() {
        return Err(TargetError::CosForm);
    }
    if let Some(ibm) = find_provider("ibm") {
        let known = ibm.known_region(first);
        if known.is_none()
            && let Some(meant) = suggest_region(first, Some(ibm))
        {
            return Err(TargetError::CosLocation(first.to_owned(), meant));
        }
        if known.is_some() || looks_like_location(first) {
            let listed = known.filter(|known| known.eq_ignore_ascii_case(first));
            let location = TargetStore::IbmLocation(listed.unwrap_or(first).to_owned());
            return match rest.get(first.len() + 1..) {
                None | Some(b"") => Err(TargetError::CosForm),
                Some(rest) => bucket_and_key(Some(location), rest, false),
            };
        }
    }
    let app_id = first.rsplit_once('-').map_or("", |(_, id)| id);
    if (8..=12).contains(&app_id.len()) && app_id.bytes().all(|b| b.is_ascii_digit()) {
        let tencent = find_provider("tencent").map(|store| of_scheme("cos".to_owned(), store));
        return bucket_and_key(tencent, rest, false);
    }
    if first.len() == rest.len() {
        return Err(TargetError::CosForm);
    }
    bucket_and_key(Some(TargetStore::CosWithoutLocation), rest, false)
}

/// Whether a name has the form of IBM's locations, `eu-fr2` and `ams03`: new ones appear, and some
/// are not in any list.
fn looks_like_location(name: &str) -> bool {
    const COUNTRIES: &[&str] = &["ap", "au", "br", "ca", "eu", "in", "jp", "us"];
    let (word, number) =
        name.split_at(name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count());
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase());
    match word.split_once('-') {
        Some((country, place)) => {
            COUNTRIES.contains(&country)
                && (2..=5).contains(&place.len())
                && letters(place)
                && number.len() <= 1
        }
        None => word.len() == 3 && letters(word) && number.len() == 2,
    }
}

fn bucket_and_key(
    location: Option<TargetStore>,
    text: &[u8],
    bare: bool,
) -> Result<Target, TargetError> {
    let (bucket, key) = match text.iter().position(|b| *b == b'/') {
        Some(slash) => (&text[..slash], Some(text[slash + 1..].to_vec())),
        None => (text, None),
    };
    if bucket.is_empty() {
        return Err(TargetError::NoBucket);
    }
    let bucket = std::str::from_utf8(bucket)
        .map_err(|_| TargetError::BucketNotUtf8)?
        .to_owned();
    Ok(Target::Bucket {
        location,
        bucket,
        key,
        bare,
    })
}

fn address(text: &str) -> Result<Target, TargetError> {
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    let end = text[after_scheme..]
        .find(['/', '?', '#'])
        .map_or(text.len(), |at| at + after_scheme);
    let (origin, rest) = text.split_at(end);
    let problem = Endpoint::parse(origin).err();
    let page = read_console_url(text);
    match (&problem, page) {
        (None | Some(EndpointError::Console), Some(page)) => {
            return Ok(Target::Bucket {
                bucket: page.bucket.clone(),
                key: page.key.clone(),
                location: Some(TargetStore::Console(Box::new(page))),
                bare: false,
            });
        }
        (
            Some(
                EndpointError::Cdn
                | EndpointError::OtherInterface
                | EndpointError::PrivateLink
                | EndpointError::Website,
            ),
            page,
        ) => {
            if let Some(front) = front_url(&origin[after_scheme..], rest, page) {
                return Err(TargetError::Front(Box::new(front)));
            }
        }
        _ => {}
    }
    // An origin that is not a store explains the mistake better than its query.
    let rest = match problem {
        None if rest.contains('#') => return Err(TargetError::AddressFragment),
        None => rest,
        Some(_) => rest.split(['?', '#']).next().unwrap_or_default(),
    };
    let (path_as_sent, query) = rest.split_once('?').unwrap_or((rest, ""));
    let version_id = match query.split_once('=') {
        _ if query.is_empty() => None,
        Some(("versionId", value)) if !value.contains('&') => {
            Some(encode::decode(value.as_bytes()).map_err(|_| TargetError::AddressEscape)?)
        }
        _ if query.contains("Signature=") => return Err(TargetError::AlreadySigned),
        _ => return Err(TargetError::AddressQuery),
    };
    let path = encode::decode(path_as_sent.as_bytes()).map_err(|_| TargetError::AddressEscape)?;
    Ok(Target::Address {
        origin: origin.to_owned(),
        path_as_sent: path_as_sent.to_owned(),
        path,
        version_id,
    })
}

/// Bucket, key and origin of a URL whose host is in front of a store; `None` without a key.
fn front_url(authority: &str, rest: &str, page: Option<ConsoleUrl>) -> Option<FrontUrl> {
    let host = authority
        .split(':')
        .next()
        .unwrap_or(authority)
        .to_ascii_lowercase();
    let problem = Endpoint::parse(&host).err()?;
    let front = front_of(&host)?;
    let (bucket, key) = match page {
        Some(page) => (Some(page.bucket), page.key?),
        None => {
            let path = rest.split(['?', '#']).next().unwrap_or_default();
            let key = encode::decode(path.strip_prefix('/')?.as_bytes()).ok()?;
            (front.bucket, key)
        }
    };
    (!key.is_empty()).then_some(FrontUrl {
        problem,
        host,
        bucket,
        key,
        origin: front.origin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(bucket: &str, key: Option<&[u8]>, bare: bool) -> Target {
        Target::Bucket {
            location: None,
            bucket: bucket.to_owned(),
            key: key.map(<[u8]>::to_vec),
            bare,
        }
    }

    #[test]
    fn everything_after_the_slash_is_the_key() {
        for (text, key) in [
            (&b"b/k"[..], &b"k"[..]),
            (b"b//k", b"/k"),
            (b"b/../k", b"../k"),
            (b"b/ k ", b" k "),
            (b"b/a%2Fb?c#d", b"a%2Fb?c#d"),
            (b"b/https://x", b"https://x"),
            (b"b/\xff\n", b"\xff\n"),
            (b"b/", b""),
            (b"s3://b/k/", b"k/"),
            (b"s3://b//k", b"/k"),
        ] {
            assert_eq!(
                Target::parse(text),
                Ok(bucket("b", Some(key), !text.starts_with(b"s3:"))),
                "{text:?}"
            );
        }
        assert_eq!(Target::parse(b"b"), Ok(bucket("b", None, true)));
        assert_eq!(
            Target::parse(b"arn:aws:s3:::b//k"),
            Ok(bucket("b", Some(b"/k"), false))
        );
        assert_eq!(Target::parse(b"/"), Ok(Target::Service));
        let cos = Target::Bucket {
            location: Some(TargetStore::IbmLocation("us-south".into())),
            bucket: "b".into(),
            key: Some(b"k/l".to_vec()),
            bare: false,
        };
        assert_eq!(Target::parse(b"cos://us-south/b/k/l"), Ok(cos));
    }

    #[test]
    fn schemes_name_their_store() {
        for (text, provider) in [
            ("gs://b/k", "gcs"),
            ("oss://b/k", "alibaba"),
            ("obs://b/k", "huawei"),
            ("tos://b/k", "volcengine"),
            ("b2://b/k", "b2"),
            ("r2://b/k", "r2"),
            ("t3://b/k", "tigris"),
            ("cos://b-1250000000/k", "tencent"),
        ] {
            let Ok(Target::Bucket {
                location: Some(TargetStore::Scheme { provider: id, .. }),
                bucket,
                key,
                bare: false,
            }) = Target::parse(text.as_bytes())
            else {
                panic!("{text}")
            };
            assert_eq!(id, provider, "{text}");
            assert!(
                bucket.starts_with('b') && key.as_deref() == Some(b"k"),
                "{text}"
            );
        }
        for text in ["s3a://b/k", "s3n://b/k", "S3A://b/k"] {
            assert_eq!(
                Target::parse(text.as_bytes()),
                Ok(bucket("b", Some(b"k"), false))
            );
        }
    }

    #[test]
    fn a_bucket_behind_cos_is_no_location() {
        let parsed = Target::parse(b"cos://my-bucket/dir/k");
        let Ok(Target::Bucket {
            location,
            bucket,
            key,
            ..
        }) = parsed
        else {
            panic!("{parsed:?}")
        };
        assert_eq!(location, Some(TargetStore::CosWithoutLocation));
        assert_eq!(
            (bucket.as_str(), key.as_deref()),
            ("my-bucket", Some(&b"dir/k"[..]))
        );
        for location in ["eu-fr2", "US-SOUTH", "us-south-smart", "ams03", "dal.us"] {
            let parsed = Target::parse(format!("cos://{location}/b/k").as_bytes());
            let Ok(Target::Bucket {
                location: Some(TargetStore::IbmLocation(found)),
                ..
            }) = parsed
            else {
                panic!("{location}")
            };
            assert_eq!(found, location.to_ascii_lowercase());
        }
    }

    #[test]
    fn addresses_are_decoded_once() {
        let parsed =
            Target::parse(b"https://b.s3.amazonaws.com/a%2520b+c?versionId=x%2By").expect("valid");
        let expected = Target::Address {
            origin: "https://b.s3.amazonaws.com".into(),
            path_as_sent: "/a%2520b+c".into(),
            path: b"/a%20b+c".to_vec(),
            version_id: Some(b"x+y".to_vec()),
        };
        assert_eq!(parsed, expected);
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, error) in [
            ("", TargetError::Empty),
            ("/b/k", TargetError::NoBucket),
            ("s3:///k", TargetError::NoBucket),
            ("cos://us-south", TargetError::CosForm),
            ("cos://us-south/", TargetError::CosForm),
            ("cos:///b/k", TargetError::CosForm),
            ("ftp://b/k", TargetError::Scheme("ftp".into())),
            (
                "cos://us-suoth/b/k",
                TargetError::CosLocation("us-suoth".into(), "us-south"),
            ),
            ("https://h/b/100%", TargetError::AddressEscape),
            ("https://h/b/k?x=1", TargetError::AddressQuery),
            ("https://h/b/k?versionId=1&x=1", TargetError::AddressQuery),
            (
                "https://h/b/k?X-Amz-Signature=1",
                TargetError::AlreadySigned,
            ),
            (
                "https://h/b/k?AWSAccessKeyId=AK&Signature=1",
                TargetError::AlreadySigned,
            ),
            ("arn:aws:s3:::", TargetError::NoBucket),
            ("arn:aws:s3:::/k", TargetError::NoBucket),
            ("https://h/b/k#x", TargetError::AddressFragment),
        ] {
            assert_eq!(Target::parse(text.as_bytes()), Err(error), "{text}");
        }
    }
}
