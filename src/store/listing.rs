//! Listings of buckets (ListObjectsV2, or ListObjects for stores that support no other): the query
//! of a page, and its parser.
//!
//! Keys are requested percent-encoded (`encoding-type=url`), because XML cannot contain every
//! character of a key. AWS and MinIO then encode a space as `+`; Ceph, Garage and others as `%20`;
//! all encode a `+` as `%2B`. So a `+` is decoded to a space, as by all SDKs, unless the page
//! itself shows that its store does not encode `+`.

use std::fmt;

use chrono::{DateTime, Utc};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::sigv4::{QueryParameter, encode};

/// Maximum number of keys per page of all stores.
pub const PAGE_SIZE: u32 = 1000;

/// Elements of a listing are nested four deep.
const DEPTH_LIMIT: usize = 64;

/// The request that lists a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListVersion {
    /// ListObjects: pages continue after a `marker`, which is a key.
    V1,
    /// ListObjectsV2 (`list-type=2`): pages continue with a token of the store.
    #[default]
    V2,
    /// ListObjectVersions (`versions`): pages continue after a key and one of its versions.
    Versions,
}

/// The query of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// Version of the request.
    pub version: ListVersion,
    /// Only keys with this prefix.
    pub prefix: Vec<u8>,
    /// Only keys after this one.
    pub start_after: Option<Vec<u8>>,
    /// Continuation token of the previous page.
    pub continuation_token: Option<String>,
    /// Marker of version 1 and of a listing of versions: a key, or a common prefix.
    pub marker: Option<Vec<u8>>,
    /// Version of the marker, in a listing of versions.
    pub version_marker: Option<String>,
    /// Keys that contain it after the prefix are grouped into common prefixes.
    pub delimiter: Option<Vec<u8>>,
    /// Maximum number of keys per page.
    pub max_keys: u32,
}

impl ListRequest {
    /// The first page of all keys with this prefix.
    pub fn new(prefix: impl Into<Vec<u8>>) -> Self {
        ListRequest {
            version: ListVersion::default(),
            prefix: prefix.into(),
            start_after: None,
            continuation_token: None,
            marker: None,
            version_marker: None,
            delimiter: None,
            max_keys: PAGE_SIZE,
        }
    }

    /// The query. With a token, the start key is omitted: the token includes it, and stores differ
    /// in which takes precedence.
    pub fn query(&self) -> Vec<QueryParameter> {
        let mut query = Vec::new();
        match self.version {
            ListVersion::V1 => {}
            ListVersion::V2 => query.push(QueryParameter::new("list-type", "2")),
            ListVersion::Versions => query.push(QueryParameter::new("versions", "")),
        }
        query.push(QueryParameter::new("encoding-type", "url"));
        if !self.prefix.is_empty() {
            query.push(QueryParameter::new("prefix", self.prefix.as_slice()));
        }
        let delimiter = self.delimiter.as_ref();
        query.extend(delimiter.map(|text| QueryParameter::new("delimiter", text.as_slice())));
        query.push(QueryParameter::new("max-keys", self.max_keys.to_string()));
        if self.version != ListVersion::V2 {
            let name = match self.version {
                ListVersion::Versions => "key-marker",
                _ => "marker",
            };
            let marker = self.marker.as_ref().or(self.start_after.as_ref());
            query.extend(marker.map(|key| QueryParameter::new(name, key.as_slice())));
            let version = self.version_marker.as_deref();
            query.extend(version.map(|id| QueryParameter::new("version-id-marker", id)));
            return query;
        }
        match (&self.continuation_token, &self.start_after) {
            (Some(token), _) => {
                query.push(QueryParameter::new("continuation-token", token.as_str()))
            }
            (None, Some(key)) => query.push(QueryParameter::new("start-after", key.as_slice())),
            (None, None) => {}
        }
        query
    }
}

/// An object of a listing, including keys that end in `/`: consoles create them as folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Bytes.
    pub key: Vec<u8>,
    /// In bytes; `None` if the response has no size.
    pub size: Option<u64>,
    /// `None` if the response has no date.
    pub last_modified: Option<DateTime<Utc>>,
    /// In a listing of versions.
    pub version_id: Option<String>,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// In the order of the store.
    pub objects: Vec<Object>,
    /// Token of the next page; `None` if this is the last one.
    pub next: Option<String>,
    /// Marker of the next page, in version 1 and in a listing of versions.
    pub next_marker: Option<Vec<u8>>,
    /// Version of that marker.
    pub next_version: Option<String>,
    /// Prefixes up to the delimiter, each of at least one key.
    pub common_prefixes: Vec<Vec<u8>>,
    /// Number of delete markers, in a listing of versions.
    pub delete_markers: u64,
    /// Whether the page is of version 1, which some stores return for every request: parameters of
    /// version 2 such as `start-after` were ignored then.
    pub is_old_form: bool,
}

impl ListPage {
    /// Whether there are more pages.
    pub fn is_last(&self) -> bool {
        self.next.is_none() && self.next_marker.is_none()
    }

    /// Whether the page has no entry of any kind.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.common_prefixes.is_empty() && self.delete_markers == 0
    }
}

/// Why a response is not a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingError {
    /// The response is not UTF-8, and so not XML.
    NotUtf8,
    /// Not XML, or truncated XML: the offset.
    NotXml(usize),
    /// XML of another kind: its root element.
    OtherDocument(String),
    /// An error document with a success status, which some stores send after the response has
    /// started.
    Refused {
        /// `Code`
        code: String,
        /// `Message`
        message: String,
    },
    /// A required element is missing.
    Missing(&'static str),
    /// The store returned the current objects in place of their versions.
    NoVersions,
    /// An element with an invalid value.
    Value {
        /// `Size`
        element: &'static str,
        /// The value.
        text: String,
    },
    /// A key that should be percent-encoded, but is not.
    KeyEncoding(String),
    /// A key without the requested prefix.
    OutsidePrefix(Vec<u8>),
    /// The page is incomplete but has no token. `old_form` if the store ignored `list-type=2`.
    NoToken {
        /// Whether the response is that of ListObjects.
        old_form: bool,
    },
    /// A key that does not sort after the previous one by its bytes.
    Unordered(String),
    /// A continuation token that was used before: the listing would never end.
    SameToken(String),
}

impl fmt::Display for ListingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListingError::NotUtf8 => f.write_str("the listing is not UTF-8"),
            ListingError::NotXml(offset) => write!(
                f,
                "the listing is not XML, or is truncated, at byte {offset}"
            ),
            ListingError::OtherDocument(name) => write!(
                f,
                "the response is not a listing: its root element is `{name}`"
            ),
            ListingError::Refused { code, message } if message.is_empty() => {
                write!(f, "the listing ends in an error: {code}")
            }
            ListingError::Refused { code, message } => {
                write!(f, "the listing ends in an error: {code}: {message}")
            }
            ListingError::Missing(element) => write!(f, "the listing has no `{element}`"),
            ListingError::NoVersions => {
                f.write_str("the store returned current objects in place of their versions")
            }
            ListingError::Value { element, text } => {
                write!(f, "the listing has an invalid {element} `{text}`")
            }
            ListingError::KeyEncoding(key) => write!(
                f,
                "the listing has a key that is not percent-encoded: `{key}`"
            ),
            ListingError::OutsidePrefix(key) => {
                write!(
                    f,
                    "the listing has a key without the requested prefix: `{}`",
                    String::from_utf8_lossy(key)
                )
            }
            ListingError::NoToken { old_form: false } => {
                f.write_str("the listing is incomplete but has no `NextContinuationToken`")
            }
            ListingError::NoToken { old_form: true } => f.write_str(
                "the listing is incomplete, and the store does not support version 2 \
                    of listings (`list-type=2`)",
            ),
            ListingError::Unordered(key) => {
                write!(
                    f,
                    "the listing is not in byte order: `{key}` comes too late"
                )
            }
            ListingError::SameToken(token) => {
                write!(
                    f,
                    "the listing does not end: the store repeated the continuation token \
                    `{token}`"
                )
            }
        }
    }
}

impl std::error::Error for ListingError {}

impl ListPage {
    /// Parses the response to this request.
    ///
    /// # Errors
    /// [`ListingError`]: nothing is skipped or guessed, because a missing URL would go unnoticed.
    pub fn parse(body: &[u8], request: &ListRequest) -> Result<ListPage, ListingError> {
        let read = Document::read(body)?;
        let is_of_versions = request.version == ListVersion::Versions;
        if is_of_versions != read.is_of_versions {
            return Err(match is_of_versions {
                true => ListingError::NoVersions,
                false => ListingError::OtherDocument(VERSIONS.to_owned()),
            });
        }
        let truncated = match read.is_truncated.as_deref().map(str::trim) {
            Some("true" | "True" | "TRUE" | "1") => true,
            Some("false" | "False" | "FALSE" | "0") => false,
            Some(text) => {
                return Err(ListingError::Value {
                    element: "IsTruncated",
                    text: text.to_owned(),
                });
            }
            None => return Err(ListingError::Missing("IsTruncated")),
        };
        // Stores that do not support `list-type=2` ignore it. Version 1 has no key count and no
        // token.
        let next_token = read.next_token.clone().filter(|token| !token.is_empty());
        let is_old_form = request.version == ListVersion::V1
            || (!is_of_versions
                && next_token.is_none()
                && !read.has_key_count
                && (truncated || read.old_form));
        let next = match next_token {
            _ if !truncated || is_old_form || is_of_versions => None,
            None => return Err(ListingError::NoToken { old_form: false }),
            Some(token) if request.continuation_token.as_ref() == Some(&token) => {
                return Err(ListingError::SameToken(token));
            }
            Some(token) => Some(token),
        };
        let is_encoded = read
            .encoding
            .as_deref()
            .is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("url"));
        let keys = decoded(
            read.entries.iter().map(|entry| entry.key.as_str()),
            is_encoded,
            &request.prefix,
        )?;
        let (mut next_marker, mut next_version) = (None, None);
        if truncated && (is_old_form || is_of_versions) {
            next_marker = Some(read.marker_after(is_encoded, &keys, request)?);
            next_version = read.next_version.clone().filter(|id| !id.is_empty());
            if next_marker == request.marker && next_version == request.version_marker {
                let marker = next_marker.unwrap_or_default();
                let text = String::from_utf8_lossy(&marker).into_owned();
                return Err(ListingError::SameToken(text));
            }
        }
        let mut page = ListPage {
            next,
            next_marker,
            next_version,
            is_old_form,
            ..ListPage::default()
        };
        for (entry, key) in read.entries.into_iter().zip(keys) {
            match entry.kind {
                EntryKind::Object => page.objects.push(Object {
                    key,
                    size: entry.size,
                    last_modified: entry.last_modified,
                    version_id: entry.version_id,
                }),
                EntryKind::CommonPrefix => page.common_prefixes.push(key),
                EntryKind::DeleteMarker => page.delete_markers += 1,
            }
        }
        Ok(page)
    }
}

impl Document {
    /// Marker of the next page. In version 1 stores return it only with a delimiter; otherwise it
    /// is the last entry.
    fn marker_after(
        &self,
        is_encoded: bool,
        keys: &[Vec<u8>],
        request: &ListRequest,
    ) -> Result<Vec<u8>, ListingError> {
        let written = self.next_marker.as_deref().filter(|text| !text.is_empty());
        // The keys of a page come from one encoder; a marker alone does not show how a space is
        // encoded. Ceph writes the marker of versions without encoding it.
        let of_entry = || -> Option<Vec<u8>> {
            let as_written = |e: &Entry| Some(e.key.as_str()) == written;
            let not_encoded = |key: &Vec<u8>| Some(key.as_slice()) == written.map(str::as_bytes);
            let at = self
                .entries
                .iter()
                .rposition(as_written)
                .or_else(|| keys.iter().rposition(not_encoded))?;
            keys.get(at).cloned()
        };
        let given = || -> Option<Vec<u8>> {
            let text = written?;
            if is_encoded {
                encode::decode(text.as_bytes()).ok()
            } else {
                Some(text.as_bytes().to_vec())
            }
        };
        if request.version == ListVersion::Versions {
            let marker = of_entry().or_else(given);
            return marker.ok_or(ListingError::Missing("NextKeyMarker"));
        }
        let last = || match &request.delimiter {
            // Common prefixes follow the keys in the document, wherever they sort.
            Some(_) => keys.iter().max().cloned(),
            None => keys.last().cloned(),
        };
        of_entry()
            .or_else(last)
            .or_else(given)
            .ok_or(ListingError::NoToken { old_form: true })
    }
}

/// Root element of a listing of versions.
const VERSIONS: &str = "ListVersionsResult";

/// The name without a copy; elements that are not read have none.
fn known_element(name: &str) -> &'static str {
    const NAMES: [&str; 22] = [
        "Code",
        "CommonPrefixes",
        "Contents",
        "DeleteMarker",
        "EncodingType",
        "Error",
        "IsTruncated",
        "Key",
        "KeyCount",
        "LastModified",
        "ListBucketResult",
        VERSIONS,
        "Marker",
        "Message",
        "NextContinuationToken",
        "NextKeyMarker",
        "NextMarker",
        "NextVersionIdMarker",
        "Prefix",
        "Size",
        "Version",
        "VersionId",
    ];
    let found = NAMES.iter().find(|known| **known == name);
    found.copied().unwrap_or_default()
}

/// An element of the listing, undecoded.
#[derive(Default)]
struct Entry {
    kind: EntryKind,
    key: String,
    version_id: Option<String>,
    size: Option<u64>,
    last_modified: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum EntryKind {
    /// `Contents`, or `Version` in a listing of versions.
    #[default]
    Object,
    CommonPrefix,
    DeleteMarker,
}

impl EntryKind {
    fn of_element(name: &str) -> Option<EntryKind> {
        Some(match name {
            "Contents" | "Version" => EntryKind::Object,
            "CommonPrefixes" => EntryKind::CommonPrefix,
            "DeleteMarker" => EntryKind::DeleteMarker,
            _ => return None,
        })
    }
}

fn size(text: &str) -> Result<Option<u64>, ListingError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| ListingError::Value {
        element: "Size",
        text: text.to_owned(),
    })
}

fn last_modified(text: &str) -> Result<Option<DateTime<Utc>>, ListingError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // Some gateways write the date format of HTTP headers.
    let time = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    time.map(|time| Some(time.to_utc()))
        .map_err(|_| ListingError::Value {
            element: "LastModified",
            text: text.to_owned(),
        })
}

/// The keys of a page, decoded.
fn decoded<'a>(
    written: impl Iterator<Item = &'a str> + Clone,
    is_encoded: bool,
    prefix: &[u8],
) -> Result<Vec<Vec<u8>>, ListingError> {
    let begins = |keys: &[Vec<u8>]| keys.iter().find(|key| !key.starts_with(prefix)).cloned();
    if !is_encoded {
        let keys: Vec<_> = written.map(|key| key.as_bytes().to_vec()).collect();
        return begins(&keys).map_or(Ok(keys), |key| Err(ListingError::OutsidePrefix(key)));
    }
    // No store encodes a space in two ways: if it uses `%20`, a `+` is literal (SeaweedFS before
    // 2022).
    let plus_is_space = !written.clone().any(|key| key.contains("%20"));
    let decode = |plus_is_space: bool| -> Result<Vec<Vec<u8>>, ListingError> {
        let one = |key: &str| {
            let text = if plus_is_space {
                key.replace('+', " ")
            } else {
                key.to_owned()
            };
            encode::decode(text.as_bytes()).map_err(|_| ListingError::KeyEncoding(key.to_owned()))
        };
        written.clone().map(one).collect()
    };
    let keys = decode(plus_is_space)?;
    let Some(outside) = begins(&keys) else {
        return Ok(keys);
    };
    // The prefix is known, so a plus or space in it also shows the encoding.
    let keys = decode(!plus_is_space)?;
    if begins(&keys).is_some() {
        Err(ListingError::OutsidePrefix(outside))
    } else {
        Ok(keys)
    }
}

/// The document, not interpreted.
#[derive(Default)]
struct Document {
    is_truncated: Option<String>,
    next_token: Option<String>,
    next_marker: Option<String>,
    next_version: Option<String>,
    is_of_versions: bool,
    encoding: Option<String>,
    has_key_count: bool,
    old_form: bool,
    entries: Vec<Entry>,
    code: String,
    message: String,
}

impl Document {
    fn read(body: &[u8]) -> Result<Document, ListingError> {
        let text = std::str::from_utf8(body).map_err(|_| ListingError::NotUtf8)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut document = Document::default();
        // Local names, because some gateways use a namespace prefix.
        let mut path: Vec<&'static str> = Vec::new();
        let mut text = String::new();
        let mut is_complete = false;
        loop {
            let not_xml = ListingError::NotXml(
                usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX),
            );
            match reader.read_event().map_err(|_| not_xml.clone())? {
                Event::Start(start) => {
                    if is_complete || path.len() >= DEPTH_LIMIT {
                        return Err(not_xml);
                    }
                    let name = start.local_name();
                    if path.is_empty() {
                        document.check_root(name.into_inner())?;
                    }
                    path.push(known_element(name.into_inner()));
                    document.open(&path);
                    text.clear();
                }
                Event::End(_) => {
                    document.close(&path, &text)?;
                    path.pop();
                    text.clear();
                    is_complete = path.is_empty();
                }
                // Line ends are not normalized as XML requires: a store that writes one unencoded
                // has it in the key.
                Event::Text(part) => text.push_str(&part),
                Event::CData(part) => text.push_str(&part),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => text.push(c),
                    Ok(None) => text.push_str(named_entity(&reference).ok_or(not_xml)?),
                    Err(_) => return Err(not_xml),
                },
                Event::Eof if is_complete => return Ok(document),
                Event::Eof => return Err(not_xml),
                _ => {}
            }
        }
    }

    fn check_root(&mut self, name: &str) -> Result<(), ListingError> {
        match name {
            "ListBucketResult" | "Error" => Ok(()),
            VERSIONS => {
                self.is_of_versions = true;
                Ok(())
            }
            other => Err(ListingError::OtherDocument(
                other.chars().take(100).collect(),
            )),
        }
    }

    fn open(&mut self, path: &[&str]) {
        if let [_, name] = *path {
            let kind = EntryKind::of_element(name);
            self.entries.extend(kind.map(|kind| Entry {
                kind,
                ..Entry::default()
            }));
        }
    }

    fn close(&mut self, path: &[&str], text: &str) -> Result<(), ListingError> {
        let own = || Some(text.to_owned());
        let is_listing = path[0] != "Error";
        match *path {
            [_, name] if is_listing => match name {
                "IsTruncated" => self.is_truncated = own(),
                "NextContinuationToken" => self.next_token = own(),
                "EncodingType" => self.encoding = own(),
                "KeyCount" => self.has_key_count = true,
                "Marker" => self.old_form = true,
                "NextMarker" => {
                    self.old_form = true;
                    self.next_marker = own();
                }
                "NextKeyMarker" => self.next_marker = own(),
                "NextVersionIdMarker" => self.next_version = own(),
                name if EntryKind::of_element(name).is_some() => return self.check_last_entry(),
                _ => {}
            },
            [_, element, leaf] if is_listing && EntryKind::of_element(element).is_some() => {
                let Some(entry) = self.entries.last_mut() else {
                    return Ok(());
                };
                match (entry.kind, leaf) {
                    (EntryKind::CommonPrefix, "Prefix") => entry.key = text.to_owned(),
                    (EntryKind::CommonPrefix, _) => {}
                    (_, "Key") => entry.key = text.to_owned(),
                    (_, "Size") => entry.size = size(text)?,
                    (_, "LastModified") => entry.last_modified = last_modified(text)?,
                    (_, "VersionId") if self.is_of_versions => entry.version_id = own(),
                    _ => {}
                }
            }
            // Maximum length of quoted text.
            ["Error", "Code"] => self.code = text.trim().chars().take(100).collect(),
            ["Error", "Message"] => self.message = text.trim().chars().take(500).collect(),
            ["Error"] => {
                let (code, message) = (
                    std::mem::take(&mut self.code),
                    std::mem::take(&mut self.message),
                );
                return Err(ListingError::Refused { code, message });
            }
            _ => {}
        }
        Ok(())
    }
}

impl Document {
    /// Without a key the URL would be that of the bucket, without a version that of the current
    /// object.
    fn check_last_entry(&self) -> Result<(), ListingError> {
        let Some(entry) = self.entries.last() else {
            return Ok(());
        };
        if entry.key.is_empty() {
            return Err(ListingError::Missing(match entry.kind {
                EntryKind::CommonPrefix => "Prefix",
                _ => "Key",
            }));
        }
        let has_version = entry.version_id.as_deref().is_some_and(|id| !id.is_empty());
        if self.is_of_versions && entry.kind == EntryKind::Object && !has_version {
            return Err(ListingError::Missing("VersionId"));
        }
        Ok(())
    }
}

fn named_entity(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const AWS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
        xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix></Prefix><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken><KeyCount>3</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><Contents><Key>a+b.txt</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><Size>11</Size><StorageClass>STANDARD</StorageClass></Contents><Contents><Key>a%2Bb.txt</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>0</Size></Contents><Contents><Key>100%25/%ED%95%9C/%0D%01</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>18446744073709551615</Size></Contents></ListBucketResult>";

    const IBM: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" \
        standalone=\"yes\"?><ListBucketResult \
        xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix/><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><Delimiter/><IsTruncated>false</IsTruncated><Contents><Key>Q3 \
        &amp; Q4 \
        &lt;new&gt;+1.pdf</Key><LastModified>2026-05-25T20:03:29.912Z</LastModified><ETag>\"x\"</ETag><Size>11</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>";

    const CEPH: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult \
        xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><Contents><Key>a%20b%2Bc</Key><LastModified>2026-05-25T20:03:29.912Z</LastModified><ETag>&quot;x&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass><Owner><ID>o</ID><DisplayName>Key</DisplayName></Owner><Type>Normal</Type></Contents><NextContinuationToken>a \
        b+c</NextContinuationToken><KeyCount>1</KeyCount></ListBucketResult>";

    const MINIO: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
        xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix>dir%2F</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>dir/</Key><LastModified>2026-05-25T20:03:29.912Z</LastModified><Size>0</Size></Contents><Contents><Key>dir/x+y~%7E*</Key><LastModified>2026-05-25T20:03:29.912Z</LastModified><Size>7</Size><Owner><ID/></Owner></Contents><EncodingType>url</EncodingType></ListBucketResult>";

    const GCS: &str = "<?xml version='1.0' encoding='UTF-8'?><s3:ListBucketResult \
        xmlns:s3='http://doc.s3.amazonaws.com/2006-03-01'><s3:Name>b</s3:Name><s3:Prefix></s3:Prefix>\n  \
        <s3:IsTruncated> false </s3:IsTruncated><!-- Key --><s3:Contents>\n <s3:Key><![CDATA[ \
        <raw>&amp; ]]>]]&gt; \
        &#1;&#xD;&#x1F600;\t</s3:Key><s3:Generation>1</s3:Generation><s3:MetaGeneration>1</s3:MetaGeneration><s3:LastModified>2026-05-25T20:03:29+02:00</s3:LastModified><s3:Size>\n7\n</s3:Size></s3:Contents></s3:ListBucketResult>\n";

    #[test]
    fn a_marker_that_is_not_encoded_is_the_key_of_the_page() {
        // Ceph: the keys are encoded, and the marker of the next page is not.
        let request = ListRequest {
            version: ListVersion::Versions,
            ..ListRequest::new("")
        };
        for (key, marker) in [("a%2Bb", "a+b"), ("a%2Bb", "a%2Bb"), ("%2541", "%41")] {
            let page = format!(
                "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
                 <NextKeyMarker>{marker}</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>\
                 <DeleteMarker><Key>{key}</Key><VersionId>v</VersionId></DeleteMarker>\
                 </ListVersionsResult>"
            );
            let page = ListPage::parse(page.as_bytes(), &request).unwrap();
            let expected = encode::decode(key.as_bytes()).unwrap();
            assert_eq!(page.next_marker, Some(expected), "{marker}");
        }
    }

    fn parse(text: &str, prefix: &str) -> Result<ListPage, ListingError> {
        ListPage::parse(text.as_bytes(), &ListRequest::new(prefix))
    }

    fn keys(page: &ListPage) -> Vec<String> {
        page.objects
            .iter()
            .map(|object| String::from_utf8(object.key.clone()).unwrap())
            .collect()
    }

    /// A page with these keys as they are encoded.
    fn page(written: &[&str]) -> String {
        let contents: String = written
            .iter()
            .map(|key| format!("<Contents><Key>{key}</Key></Contents>"))
            .collect();
        format!(
            "<ListBucketResult><IsTruncated>false</IsTruncated>{contents}<EncodingType>url</EncodingType></ListBucketResult>"
        )
    }

    #[test]
    fn the_query_says_what_is_wanted() {
        let mut request = ListRequest {
            start_after: Some(b"k \xff".to_vec()),
            ..ListRequest::new("a/")
        };
        let text = |request: &ListRequest| {
            let parameters: Vec<_> = request
                .query()
                .iter()
                .map(QueryParameter::encoded)
                .collect();
            parameters.join("&")
        };
        assert_eq!(
            text(&request),
            "list-type=2&encoding-type=url&prefix=a%2F&max-keys=1000&start-after=k%20%FF"
        );
        request.continuation_token = Some("1/+==".to_owned());
        assert_eq!(
            text(&request),
            "list-type=2&encoding-type=url&prefix=a%2F&max-keys=1000&continuation-token=1%2F%2B%3D%3D"
        );
        assert_eq!(
            text(&ListRequest::new("")),
            "list-type=2&encoding-type=url&max-keys=1000"
        );
    }

    #[test]
    fn every_store_is_understood() {
        for (name, text, prefix, expected, next) in [
            (
                "AWS",
                AWS,
                "",
                vec!["a b.txt", "a+b.txt", "100%/한/\r\u{1}"],
                Some("1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="),
            ),
            ("IBM", IBM, "", vec!["Q3 & Q4 <new>+1.pdf"], None),
            ("Ceph", CEPH, "", vec!["a b+c"], Some("a b+c")),
            ("MinIO", MINIO, "dir/", vec!["dir/", "dir/x y~~*"], None),
            (
                "GCS",
                GCS,
                "",
                vec![" <raw>&amp; ]]> \u{1}\r\u{1f600}\t"],
                None,
            ),
        ] {
            let page = parse(text, prefix).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(keys(&page), expected, "{name}");
            assert_eq!(page.next.as_deref(), next, "{name}");
        }
        let page = parse(AWS, "").unwrap();
        assert_eq!(page.objects[2].size, Some(u64::MAX));
        assert_eq!(
            page.objects[0].last_modified.unwrap().to_rfc3339(),
            "2026-01-02T03:04:05+00:00"
        );
        let page = parse(GCS, "").unwrap();
        assert_eq!(page.objects[0].size, Some(7));
        assert_eq!(
            page.objects[0].last_modified.unwrap().to_rfc3339(),
            "2026-05-25T18:03:29+00:00"
        );
    }

    #[test]
    fn a_plus_is_what_the_page_shows_it_to_be() {
        for (written, prefix, expected) in [
            (vec!["a+b", "c%2Bd"], "", vec!["a b", "c+d"]),
            (vec!["a+b", "c%20d"], "", vec!["a+b", "c d"]),
            (vec!["a+b"], "a+", vec!["a+b"]),
            (vec!["a+b"], "a ", vec!["a b"]),
            (vec!["a%2Bb+c"], "a+", vec!["a+b c"]),
        ] {
            assert_eq!(
                keys(&parse(&page(&written), prefix).unwrap()),
                expected,
                "{written:?} {prefix:?}"
            );
        }
        let bytes = parse(&page(&["%ff%00%FE"]), "").unwrap();
        assert_eq!(bytes.objects[0].key, b"\xff\0\xfe");
    }

    #[test]
    fn an_empty_bucket_has_an_empty_page() {
        for text in [
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
            "\u{feff}<ListBucketResult><Contents2/><IsTruncated>0</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>",
        ] {
            assert_eq!(parse(text, "p"), Ok(ListPage::default()), "{text}");
        }
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        let refused = |code: &str, message: &str| ListingError::Refused {
            code: code.into(),
            message: message.into(),
        };
        let value = |element, text: &str| ListingError::Value {
            element,
            text: text.into(),
        };
        let entry = |inner: &str| {
            format!(
                "<ListBucketResult><IsTruncated>false</IsTruncated><Contents>{inner}</Contents></ListBucketResult>"
            )
        };
        for (text, error) in [
            (String::new(), ListingError::NotXml(0)),
            ("no such thing".to_owned(), ListingError::NotXml(13)),
            (
                "<html><body>Sign in</body></html>".to_owned(),
                ListingError::OtherDocument("html".into()),
            ),
            (
                "<ListBucketResult/>".to_owned(),
                ListingError::Missing("IsTruncated"),
            ),
            (
                "<Error><Code>SlowDown</Code><Message>Slow</Message></Error>".to_owned(),
                refused("SlowDown", "Slow"),
            ),
            ("<Error/>".to_owned(), refused("", "")),
            (entry("<Size>1</Size>"), ListingError::Missing("Key")),
            (entry("<Key/><Size>1</Size>"), ListingError::Missing("Key")),
            (entry("<Key>k</Key><Size>-1</Size>"), value("Size", "-1")),
            (
                entry("<Key>k</Key><LastModified>yesterday</LastModified>"),
                value("LastModified", "yesterday"),
            ),
            (
                entry("<Key>k</Key>").replace("false", "maybe"),
                value("IsTruncated", "maybe"),
            ),
            (
                entry("<Key>k</Key>")
                    .replace("false", "true")
                    .replace("<IsTruncated>", "<KeyCount>1</KeyCount><IsTruncated>"),
                ListingError::NoToken { old_form: false },
            ),
            (
                "<ListBucketResult><Marker/><IsTruncated>true</IsTruncated></ListBucketResult>"
                    .to_owned(),
                ListingError::NoToken { old_form: true },
            ),
            (page(&["100%"]), ListingError::KeyEncoding("100%".into())),
        ] {
            assert_eq!(parse(&text, ""), Err(error), "{text}");
        }
        for text in ["&nbsp;", "&#0;", "&#x110000;", "&", "<Key>"] {
            let text = entry(&format!("<Key>{text}</Key>"));
            assert!(
                matches!(parse(&text, ""), Err(ListingError::NotXml(_))),
                "{text}"
            );
        }
        let deep = entry(&("<a>".repeat(1000) + &"</a>".repeat(1000)));
        assert!(matches!(parse(&deep, ""), Err(ListingError::NotXml(_))));
        for (code, message, said) in [
            (
                "SlowDown",
                "Slow",
                "the listing ends in an error: SlowDown: Slow",
            ),
            ("SlowDown", "", "the listing ends in an error: SlowDown"),
        ] {
            assert_eq!(refused(code, message).to_string(), said);
        }
        let named = parse(&entry("<Key>&lt;&gt;&amp;&quot;&apos;</Key>"), "").unwrap();
        assert_eq!(keys(&named), ["<>&\"'"]);
        assert_eq!(
            parse(&page(&["other/x"]), "mine/"),
            Err(ListingError::OutsidePrefix(b"other/x".to_vec()))
        );
        assert_eq!(
            ListPage::parse(b"\xff\xfe<", &ListRequest::new("")),
            Err(ListingError::NotUtf8)
        );
        let again = ListRequest {
            continuation_token: Some("a b+c".into()),
            ..ListRequest::new("")
        };
        assert_eq!(
            ListPage::parse(CEPH.as_bytes(), &again),
            Err(ListingError::SameToken("a b+c".into()))
        );
    }

    #[test]
    fn a_page_that_breaks_off_is_an_error_wherever_it_does() {
        for text in [AWS, IBM, CEPH, MINIO, GCS.trim_end()] {
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                assert!(
                    parse(&text[..end], "").is_err() || parse(&text[..end], "dir/").is_err(),
                    "{}",
                    &text[..end]
                );
            }
        }
    }
}
