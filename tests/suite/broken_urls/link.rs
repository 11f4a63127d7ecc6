//! A valid URL: store, request, credentials and time.

use super::text::{encode, encode_path};
use support::rng::Rng;

/// Host, addressing and response style of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Aws,
    B2,
    Ceph,
    Gcs,
    Ibm,
    Minio,
    R2,
    Spaces,
    Swift,
    Wasabi,
}

pub const ALL: &[Store] = &[
    Store::Aws,
    Store::B2,
    Store::Ceph,
    Store::Gcs,
    Store::Ibm,
    Store::Minio,
    Store::R2,
    Store::Spaces,
    Store::Swift,
    Store::Wasabi,
];
/// Stores with hosts that do not reveal the store.
pub const CUSTOM: &[Store] = &[Store::Ceph, Store::Minio, Store::Swift];

#[derive(Clone, Debug)]
pub struct Link {
    pub store: Store,
    pub scheme: &'static str,
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    pub virtual_host: bool,
    pub key: String,
    pub method: &'static str,
    /// Signed and sent.
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub expires: i64,
    pub signed_at: i64,
    pub now: i64,
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
}

impl Link {
    pub fn host(&self) -> String {
        if self.virtual_host {
            format!("{}.{}", self.bucket, self.endpoint)
        } else {
            self.endpoint.clone()
        }
    }

    pub fn path(&self) -> String {
        if self.virtual_host {
            encode_path(&format!("/{}", self.key))
        } else {
            encode_path(&format!("/{}/{}", self.bucket, self.key))
        }
    }

    /// In virtual-host style, where dots would break TLS.
    pub fn by_host(&mut self) {
        self.virtual_host = true;
        self.bucket = self.bucket.replace('.', "-");
    }

    pub fn credential(&self) -> String {
        format!(
            "{}/{}/{}/s3/aws4_request",
            self.id,
            super::text::day(self.signed_at),
            self.region
        )
    }

    pub fn header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub fn parameter(&mut self, name: &str, value: &str) {
        self.query.retain(|(other, _)| other != name);
        self.query.push((name.to_owned(), value.to_owned()));
    }

    /// Replaces a temporary key by a permanent one.
    pub fn permanent(&mut self, rng: &mut Rng) {
        self.token = None;
        self.id = access_key(self.store, rng);
    }

    /// A temporary key as made by AWS STS, and accepted by Ceph and MinIO.
    pub fn temporary(&mut self, rng: &mut Rng) {
        self.id = format!("ASIA{}", rng.base32(16));
        self.secret = rng.base64(40);
        let length = rng.pick(&[120, 356, 700]);
        self.token = Some(format!("IQoJb3JpZ2luX2Vj{}==", rng.base64(length)));
    }
}

const AWS_REGIONS: &[&str] = &[
    "af-south-1",
    "ap-northeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-2",
];

pub const IBM_LOCATIONS: &[&str] = &[
    "us-south", "us-east", "eu-gb", "eu-de", "au-syd", "jp-tok", "ca-tor", "br-sao", "eu-es", "us",
    "eu", "ap", "ams03", "sjc04",
];

const KEYS: &[&str] = &[
    "a",
    "report.pdf",
    "2026/11/23/report final (v2).pdf",
    "photos/été à Zürich.jpg",
    "日本語/テスト.txt",
    "emoji/😀.png",
    "c++/main+util.cpp",
    "100%.txt",
    "literal%20escape.txt",
    "a//b/c",
    "/leading",
    "trailing/",
    "..hidden/a..b/...",
    ".well-known/key",
    "a&b=c;d,e@f:g",
    "it's \"quoted\" <here>",
    "q?u#e",
    "tilde~and$dollar!",
    "[brackets]{braces}|pipe^",
    "backups/db-2026-11-23T00:00:00Z.sql.gz",
    "X-Amz-Signature=1",
    "name with  two spaces",
];

/// A URL for one of these stores.
pub fn good_link(rng: &mut Rng, stores: &[Store]) -> Link {
    let store = rng.pick(stores);
    let (scheme, endpoint, region) = place(store, rng);
    let signed_at = rng.between(1_700_000_000, 1_790_000_000);
    let expires = match store {
        // IBM has no limit.
        Store::Ibm if rng.percent(20) => rng.pick(&[604_801, 30 * 86_400, 10 * 365 * 86_400]),
        _ => rng.pick(&[
            60, 300, 900, 1800, 3600, 7200, 43_200, 86_400, 600_000, 604_800,
        ]),
    };
    // Only host names can have a bucket as a subdomain; `bucket.127.0.0.1` is invalid.
    let named = !endpoint.starts_with(|c: char| c.is_ascii_digit()) && !endpoint.starts_with('[');
    let accelerated = endpoint.contains("accelerate");
    let virtual_host = accelerated || (named && rng.percent(50));
    let mut link = Link {
        store,
        scheme,
        endpoint,
        region,
        virtual_host,
        bucket: bucket(rng, !virtual_host),
        key: key(rng),
        method: rng.pick(&["GET", "GET", "GET", "PUT", "PUT", "HEAD", "DELETE", "POST"]),
        headers: Vec::new(),
        query: Vec::new(),
        expires,
        signed_at,
        now: signed_at + rng.between(1, expires / 2),
        id: access_key(store, rng),
        secret: secret(store, rng),
        token: None,
    };
    if rng.percent(25) && matches!(store, Store::Aws | Store::Ceph | Store::Minio) {
        link.temporary(rng);
    }
    dress(&mut link, rng);
    link
}

fn place(store: Store, rng: &mut Rng) -> (&'static str, String, String) {
    let https = |host: String, region: &str| ("https", host, region.to_owned());
    match store {
        Store::Aws => match rng.below(10) {
            0 | 1 => https("s3.amazonaws.com".into(), "us-east-1"),
            2 => https("s3.cn-north-1.amazonaws.com.cn".into(), "cn-north-1"),
            3 => https("s3.dualstack.eu-west-1.amazonaws.com".into(), "eu-west-1"),
            4 => https("s3-accelerate.amazonaws.com".into(), "ap-southeast-2"),
            _ => {
                let region = rng.pick(AWS_REGIONS);
                https(format!("s3.{region}.amazonaws.com"), region)
            }
        },
        Store::B2 => https("s3.us-west-004.backblazeb2.com".into(), "us-west-004"),
        Store::Gcs => https("storage.googleapis.com".into(), "auto"),
        Store::Ibm => {
            let location = rng.pick(IBM_LOCATIONS);
            // Location constraints also contain a storage class, and IBM accepts them as regions.
            let class = if rng.percent(15) { "-standard" } else { "" };
            https(
                format!("s3.{location}.cloud-object-storage.appdomain.cloud"),
                &format!("{location}{class}"),
            )
        }
        Store::R2 => https(format!("{}.r2.cloudflarestorage.com", rng.hex(32)), "auto"),
        Store::Spaces => {
            let region = rng.pick(&["nyc3", "ams3", "sgp1", "fra1"]);
            https(format!("{region}.digitaloceanspaces.com"), region)
        }
        Store::Wasabi => {
            let region = rng.pick(&["eu-central-1", "us-west-1", "ap-northeast-1"]);
            https(format!("s3.{region}.wasabisys.com"), region)
        }
        Store::Ceph | Store::Minio | Store::Swift => {
            let (scheme, host) = rng.pick(&[
                ("http", "localhost:9000"),
                ("http", "127.0.0.1:9000"),
                ("http", "192.168.10.20:8080"),
                ("http", "[::1]:9000"),
                ("http", "minio:9000"),
                ("http", "objects.corp.example"),
                ("https", "minio.example.com:9000"),
                ("https", "s3.example.org"),
                ("https", "rgw.storage.example.net:8443"),
                ("https", "S3.Example.com"),
            ]);
            (
                scheme,
                host.to_owned(),
                rng.pick(&["us-east-1", "us-east-1", "default", "eu-west-1"])
                    .to_owned(),
            )
        }
    }
}

/// Dots are harmless in a path; in a host they break TLS.
fn bucket(rng: &mut Rng, dots: bool) -> String {
    let front = rng.pick(&[
        "photos",
        "backup",
        "my-bucket",
        "data",
        "customer-uploads",
        "logs2026",
    ]);
    let joint = if dots && rng.percent(10) { '.' } else { '-' };
    let end = rng.hex(4);
    format!("{front}{joint}{end}")
}

fn key(rng: &mut Rng) -> String {
    match rng.below(10) {
        0 => {
            rng.text("abcdefghijklmnopqrstuvwxyz0123456789 -_./()+", 40)
                .replace("/.", "/d")
                .replace("./", "d/")
                .replace("//", "/")
                + "x"
        }
        1 => "long/".to_owned() + &"k".repeat(rng.below(900) + 50),
        _ => rng.pick(KEYS).to_owned(),
    }
}

pub fn access_key(store: Store, rng: &mut Rng) -> String {
    match store {
        Store::Aws | Store::Wasabi => format!("AKIA{}", rng.base32(16)),
        Store::Ibm | Store::R2 => rng.hex(32),
        Store::Gcs => format!("GOOG1E{}", rng.base32(55)),
        Store::B2 => rng.text("0123456789abcdef", 25),
        Store::Swift => format!("{}:tester", rng.pick(&["test", "probe"])),
        Store::Minio => rng
            .pick(&["minioadmin", "backup-user", "Q3AM3UQ867SPQQA43P2F"])
            .to_owned(),
        Store::Ceph | Store::Spaces => rng.base32(20),
    }
}

pub fn secret(store: Store, rng: &mut Rng) -> String {
    match store {
        Store::Ibm => rng.hex(48),
        Store::R2 => rng.hex(64),
        Store::Minio if rng.percent(30) => format!("minio-{}", rng.hex(10)),
        // At least one of each kind that is lost in transit.
        _ => format!("{}/{}+{}", rng.base64(12), rng.base64(12), rng.base64(14)),
    }
}

/// Overrides, versions and signed headers, each only where it applies.
fn dress(link: &mut Link, rng: &mut Rng) {
    match link.method {
        "GET" => {
            for (name, value) in [
                (
                    "response-content-disposition",
                    "attachment; filename=\"my report.pdf\"",
                ),
                ("response-content-type", "application/octet-stream"),
                ("response-cache-control", "no-cache, max-age=0"),
                ("versionId", "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"),
                ("x-id", "GetObject"),
            ] {
                if rng.percent(15) {
                    link.parameter(name, value);
                }
            }
        }
        "PUT" => {
            for (name, value) in [
                ("content-type", "image/jpeg"),
                ("content-type", "text/plain; charset=utf-8"),
                ("x-amz-acl", "public-read"),
                ("x-amz-meta-camera", "X100  silver"),
                ("x-amz-server-side-encryption", "AES256"),
                (
                    "x-amz-checksum-sha256",
                    "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
                ),
                ("content-md5", "XrY7u+Ae7tCTyyK7j1rNww=="),
            ] {
                if rng.percent(15) {
                    link.header(name, value);
                }
            }
        }
        "POST" => link.parameter("uploads", ""),
        _ => {}
    }
}

/// The authentication parameters in botocore's order, encoded, without the signature.
pub fn authentication(link: &Link) -> Vec<(String, String)> {
    let mut names: Vec<&str> = link
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(["host"])
        .collect();
    names.sort_unstable();
    let mut pairs = vec![
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("X-Amz-Credential", link.credential()),
        ("X-Amz-Date", super::text::timestamp(link.signed_at)),
        ("X-Amz-Expires", link.expires.to_string()),
        ("X-Amz-SignedHeaders", names.join(";")),
    ];
    if let Some(token) = &link.token {
        pairs.push(("X-Amz-Security-Token", token.clone()));
    }
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), encode(&value)))
        .collect()
}
