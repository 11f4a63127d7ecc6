//! A bucket in memory that can only be listed: versions 1 and 2, object versions, common prefixes.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The keys of a bucket with their versions, newest first.
#[derive(Clone, Default)]
pub struct ListingStore {
    keys: BTreeMap<String, Vec<Version>>,
    /// Maximum number of entries of a page.
    pub page: usize,
    /// Ignores `list-type=2`.
    pub is_old: bool,
    /// Repeats the common prefix that is the marker of a request.
    pub repeats_prefixes: bool,
}

/// A version of a key.
#[derive(Clone)]
pub struct Version {
    pub id: String,
    pub is_delete_marker: bool,
}

enum Item<'a> {
    Prefix(&'a str),
    Key(&'a str, &'a Version),
}

impl Item<'_> {
    fn name(&self) -> &str {
        match self {
            Item::Prefix(name) | Item::Key(name, _) => name,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    V1,
    V2,
    Versions,
}

impl ListingStore {
    pub fn new(page: usize) -> ListingStore {
        ListingStore {
            page,
            ..ListingStore::default()
        }
    }

    /// Adds a version, which becomes the current one.
    pub fn put(&mut self, key: &str, id: &str, is_delete_marker: bool) {
        let version = Version {
            id: id.to_owned(),
            is_delete_marker,
        };
        self.keys
            .entry(key.to_owned())
            .or_default()
            .insert(0, version);
    }

    /// Every version that is an object: key and id.
    pub fn versions(&self) -> Vec<(String, String)> {
        let of_key = |(key, versions): (&String, &Vec<Version>)| {
            let objects = versions.iter().filter(|version| !version.is_delete_marker);
            objects
                .map(|version| (key.clone(), version.id.clone()))
                .collect::<Vec<_>>()
        };
        self.keys.iter().flat_map(of_key).collect()
    }

    /// The response to the head of a request.
    pub fn response(&self, request: &str) -> Vec<u8> {
        let body = self.body(request.split(['?', ' ']).nth(2).unwrap_or_default());
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
    }

    fn body(&self, query: &str) -> String {
        let value = |name: &str| {
            let pair = |pair: &str| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned());
            query.split('&').find_map(pair).map(|text| decoded(&text))
        };
        let kind = match () {
            () if value("versions").is_some() => Kind::Versions,
            () if value("list-type").is_some() && !self.is_old => Kind::V2,
            () => Kind::V1,
        };
        let marker = match kind {
            Kind::V1 => value("marker"),
            Kind::V2 => value("continuation-token")
                .map(|token| decoded(&token))
                .or(value("start-after")),
            Kind::Versions => value("key-marker"),
        };
        let items = self.items(
            kind,
            &value("prefix").unwrap_or_default(),
            value("delimiter").as_deref(),
            &marker.unwrap_or_default(),
            value("version-id-marker").as_deref(),
        );
        let asked = value("max-keys").and_then(|text| text.parse().ok());
        let most = self.page.min(asked.unwrap_or(1000));
        let page = &items[..most.min(items.len())];
        let next = page.last().filter(|_| items.len() > most);
        document(kind, page, next, value("delimiter").is_some())
    }

    fn items<'a>(
        &'a self,
        kind: Kind,
        prefix: &str,
        delimiter: Option<&str>,
        marker: &str,
        version_marker: Option<&str>,
    ) -> Vec<Item<'a>> {
        let mut items: Vec<Item> = Vec::new();
        for (key, versions) in self.keys.iter().filter(|(key, _)| key.starts_with(prefix)) {
            let end = delimiter.and_then(|delimiter| {
                let at = key[prefix.len()..].find(delimiter)?;
                Some(prefix.len() + at + delimiter.len())
            });
            if let Some(group) = end.map(|end| &key[..end]) {
                let is_seen = match self.repeats_prefixes {
                    true => key.as_str() <= marker,
                    false => group <= marker,
                };
                let is_last = matches!(items.last(), Some(Item::Prefix(last)) if *last == group);
                if !is_seen && !is_last {
                    items.push(Item::Prefix(group));
                }
                continue;
            }
            let (first, count) = match kind {
                Kind::Versions if key == marker => {
                    let after = version_marker
                        .and_then(|id| versions.iter().position(|version| version.id == id))
                        .map_or(versions.len(), |at| at + 1);
                    (after, versions.len())
                }
                Kind::Versions => (0, versions.len()),
                _ if versions[0].is_delete_marker => (0, 0),
                _ => (0, 1),
            };
            if key.as_str() < marker || (key == marker && kind != Kind::Versions) {
                continue;
            }
            let versions = versions.iter().take(count).skip(first);
            items.extend(versions.map(|version| Item::Key(key, version)));
        }
        items
    }
}

fn document(kind: Kind, page: &[Item], next: Option<&Item>, is_grouped: bool) -> String {
    let mut body = format!(
        "<EncodingType>url</EncodingType><IsTruncated>{}</IsTruncated>",
        next.is_some()
    );
    match (kind, next) {
        (Kind::V2, next) => {
            body += &format!("<KeyCount>{}</KeyCount>", page.len());
            if let Some(next) = next {
                let token = encoded(next.name());
                body += &format!("<NextContinuationToken>{token}</NextContinuationToken>");
            }
        }
        (Kind::V1, next) => {
            body += "<Marker/>";
            if let Some(next) = next.filter(|_| is_grouped) {
                body += &format!("<NextMarker>{}</NextMarker>", encoded(next.name()));
            }
        }
        (Kind::Versions, Some(next)) => {
            body += &format!("<NextKeyMarker>{}</NextKeyMarker>", encoded(next.name()));
            if let Item::Key(_, version) = next {
                body += &format!("<NextVersionIdMarker>{}</NextVersionIdMarker>", version.id);
            }
        }
        (Kind::Versions, None) => {}
    }
    for item in page {
        if let Item::Key(key, version) = item {
            let key = encoded(key);
            let (name, id) = match (kind, version.is_delete_marker) {
                (Kind::Versions, true) => ("DeleteMarker", &version.id[..]),
                (Kind::Versions, false) => ("Version", &version.id[..]),
                _ => ("Contents", ""),
            };
            body += &format!("<{name}><Key>{key}</Key><VersionId>{id}</VersionId></{name}>");
        }
    }
    // Stores write all common prefixes after the keys.
    for item in page {
        if let Item::Prefix(prefix) = item {
            let prefix = encoded(prefix);
            body += &format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>");
        }
    }
    let root = match kind {
        Kind::Versions => "ListVersionsResult",
        _ => "ListBucketResult",
    };
    format!("<{root}>{body}</{root}>")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
