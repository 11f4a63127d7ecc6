//! A parsed signed URL: what it is, where it leads, when it works. Nothing is checked against
//! a secret.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::sigv4::{Algorithm, RawParameter, UrlError, UrlParts, encode};
use crate::store::{Addressing, Provider, RecognizedHost, find_provider, recognize_host};

use super::host::host_name;
use super::scheme::Scheme;
use super::time::parse_timestamp;
use super::url_repair::{Damage, Repaired, repair};

/// Who made the signature by which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// AWS Signature Version 4.
    V4,
    /// The asymmetric form of it.
    V4a,
    /// The old form, `AWSAccessKeyId`, `Expires` and `Signature`.
    V2,
    /// Google's own scheme.
    Gcs,
    /// A shared access signature of Azure.
    AzureSas,
    /// The scheme of another service.
    Other(&'static Scheme),
    /// None.
    None,
}

impl SignatureKind {
    /// Whether it is version 4 in either form.
    pub fn is_of_version_4(self) -> bool {
        matches!(self, SignatureKind::V4 | SignatureKind::V4a)
    }

    /// The algorithm of version 4.
    pub fn algorithm(self) -> Option<Algorithm> {
        match self {
            SignatureKind::V4 => Some(Algorithm::HmacSha256),
            SignatureKind::V4a => Some(Algorithm::EcdsaP256Sha256),
            _ => None,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            SignatureKind::V4 => "AWS Signature Version 4",
            SignatureKind::V4a => "AWS Signature Version 4A",
            SignatureKind::V2 => "AWS Signature Version 2",
            SignatureKind::Gcs => "Google Cloud Storage's own signature",
            SignatureKind::AzureSas => "Azure shared access signature",
            SignatureKind::Other(scheme) => scheme.name,
            SignatureKind::None => "none",
        }
    }
}

/// `AKID/20130524/us-east-1/s3/aws4_request`, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Access key id; may hold slashes, since the scope is counted from the end.
    pub access_key_id: String,
    /// `YYYYMMDD`
    pub date: String,
    /// Region; empty with SigV4A.
    pub region: String,
    /// Service.
    pub service: String,
    /// `aws4_request`
    pub terminator: String,
}

impl Credential {
    fn parse(text: &str, kind: SignatureKind) -> Option<Credential> {
        let has_region = kind != SignatureKind::V4a;
        let mut fields = text.rsplitn(if has_region { 5 } else { 4 }, '/');
        let terminator = fields.next()?.to_owned();
        let service = fields.next()?.to_owned();
        let region = if has_region {
            fields.next()?.to_owned()
        } else {
            String::new()
        };
        let date = fields.next()?.to_owned();
        let access_key_id = fields.next()?.to_owned();
        Some(Credential {
            access_key_id,
            date,
            region,
            service,
            terminator,
        })
    }

    /// The scope alone.
    pub fn scope(&self) -> String {
        let Credential {
            date,
            region,
            service,
            terminator,
            ..
        } = self;
        match region.as_str() {
            "" => format!("{date}/{service}/{terminator}"),
            region => format!("{date}/{region}/{service}/{terminator}"),
        }
    }
}

/// A parsed URL.
pub struct Anatomy {
    /// The text, repaired.
    pub text: String,
    /// What was repaired.
    pub damages: Vec<Damage>,
    /// Its parts.
    pub parts: UrlParts,
    /// The kind of signature.
    pub kind: SignatureKind,
    /// What the host name shows.
    pub recognized: Option<RecognizedHost>,
    /// Bucket, as far as it can be seen.
    pub bucket: Option<String>,
    /// Key, decoded.
    pub key: Option<Vec<u8>>,
    /// Where the bucket stands.
    pub addressing: Addressing,
    /// Method and why, where the URL says it.
    pub method: Option<(&'static str, &'static str)>,
    /// Access key id, where it does not stand in a credential.
    pub access_key_id: Option<String>,
    /// The credential.
    pub credential: Option<Credential>,
    /// When it was signed.
    pub issued_at: Option<DateTime<Utc>>,
    /// For how many seconds.
    pub expires_in: Option<u64>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// Names of signed headers.
    pub signed_headers: Vec<String>,
    /// Whether there is a session token.
    pub has_token: bool,
    /// The verb that makes such a URL: that of the method that was used, or else that of the URL
    /// itself.
    pub verb: &'static str,
}

impl Anatomy {
    /// Parses a URL after repairing its text.
    ///
    /// # Errors
    /// A text that is no URL even then.
    pub fn of(original: &str) -> Result<Anatomy, UrlError> {
        Anatomy::of_repaired(repair(original))
    }

    /// Parses a URL that was just signed, and so needs no repair.
    ///
    /// # Errors
    /// A text that is no URL.
    pub fn of_signed(url: &str) -> Result<Anatomy, UrlError> {
        let intact = Repaired {
            text: url.to_owned(),
            damages: Vec::new(),
        };
        Anatomy::of_repaired(intact)
    }

    fn of_repaired(repaired: Repaired) -> Result<Anatomy, UrlError> {
        let parts = UrlParts::parse(&repaired.text)?;
        let kind = kind_of(&parts);
        let text = |name: &str| {
            parts
                .value(name)
                .map(|value| String::from_utf8_lossy(&value).into_owned())
        };
        let recognized = recognize_host(&host_name(&parts.authority));
        let (bucket, key, addressing) = place(&parts, recognized.as_ref());
        let credential = match kind {
            SignatureKind::Gcs => text("X-Goog-Credential"),
            _ => text("X-Amz-Credential"),
        };
        let credential = credential
            .as_deref()
            .and_then(|text| Credential::parse(text, kind));
        let date = if kind == SignatureKind::Gcs {
            text("X-Goog-Date")
        } else {
            text("X-Amz-Date")
        };
        let issued_at = date.as_deref().and_then(parse_timestamp);
        let expires = if kind == SignatureKind::Gcs {
            text("X-Goog-Expires")
        } else {
            text("X-Amz-Expires")
        };
        let expires_in = expires.and_then(|seconds| seconds.parse::<u64>().ok());
        let lifetime = expires_in
            .and_then(|s| i64::try_from(s).ok())
            .and_then(chrono::TimeDelta::try_seconds);
        let expires_at = match kind {
            SignatureKind::V2 => text("Expires")
                .and_then(|t| t.parse().ok())
                .and_then(|t| DateTime::from_timestamp(t, 0)),
            SignatureKind::Other(scheme) => scheme.expires_at(&parts),
            // Google's second version has the same parameters as Amazon's.
            SignatureKind::Gcs if text("X-Goog-Date").is_none() => text("Expires")
                .and_then(|t| t.parse().ok())
                .and_then(|t| DateTime::from_timestamp(t, 0)),
            SignatureKind::AzureSas => text("se")
                .and_then(|t| DateTime::parse_from_rfc3339(&t).ok())
                .map(|t| t.to_utc()),
            _ => issued_at
                .zip(lifetime)
                .and_then(|(issued, lifetime)| issued.checked_add_signed(lifetime)),
        };
        let names = if kind == SignatureKind::Gcs {
            text("X-Goog-SignedHeaders")
        } else {
            text("X-Amz-SignedHeaders")
        };
        let signed_headers: Vec<String> = names
            .map(|names| {
                names
                    .split(';')
                    .filter(|n| !n.is_empty())
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default();
        let access_key_id = match kind {
            SignatureKind::Other(scheme) => text(scheme.issuer),
            SignatureKind::V2 => text("AWSAccessKeyId").or_else(|| text("GoogleAccessId")),
            _ => credential
                .as_ref()
                .map(|credential| credential.access_key_id.clone()),
        };
        let method = method_of(&parts, &signed_headers);
        Ok(Anatomy {
            verb: verb_of_method(method.map_or("GET", |(method, _)| method)),
            method,
            has_token: parts.value("X-Amz-Security-Token").is_some(),
            text: repaired.text,
            damages: repaired.damages,
            kind,
            recognized,
            bucket,
            key,
            addressing,
            access_key_id,
            credential,
            issued_at,
            expires_in,
            expires_at,
            signed_headers,
            parts,
        })
    }

    /// The store, if its hosts are known.
    pub fn provider(&self) -> Option<&'static Provider> {
        self.recognized
            .as_ref()
            .and_then(|recognized| find_provider(recognized.provider))
    }

    /// Scheme and host without the bucket.
    pub fn endpoint(&self) -> String {
        let authority = &self.parts.authority;
        let bucket = self
            .recognized
            .as_ref()
            .and_then(|recognized| recognized.bucket.as_ref());
        let without = bucket
            .and_then(|bucket| authority.get(bucket.len() + 1..))
            .unwrap_or(authority);
        let base = self.base_path().unwrap_or_default();
        format!("{}://{without}{base}", self.parts.scheme)
    }

    /// The path of the store's endpoints, where the URL has it before the bucket.
    fn base_path(&self) -> Option<&'static str> {
        base_path(&self.parts, self.recognized.as_ref())
    }

    /// A parameter as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.parts
            .value(name)
            .map(|value| String::from_utf8_lossy(&value).into_owned())
    }

    /// A parameter as it is in the URL.
    pub fn raw(&self, name: &str) -> Option<&RawParameter> {
        self.parts
            .parameters()
            .iter()
            .find(|parameter| parameter.is_named(name))
    }

    /// Whether the signature was redacted.
    pub fn is_redacted(&self) -> bool {
        let signature = self.text("X-Amz-Signature").unwrap_or_default();
        let marks = [
            "(redacted)",
            "redacted",
            "REDACTED",
            "***",
            "xxx",
            "XXX",
            "<",
            "…",
            "...",
        ];
        marks.iter().any(|mark| signature.contains(mark))
    }

    /// Parameters that ask for other response headers than the object's, and the version.
    pub fn overrides(&self) -> Vec<(String, String)> {
        let own = self
            .parts
            .parameters()
            .iter()
            .filter(|p| !p.is_authentication());
        own.map(|p| (lossy(&p.decoded_name()), lossy(&p.decoded_value())))
            .collect()
    }

    /// Whether names of the signature's parameters are written in another letter case than stores
    /// compare them in.
    pub fn has_changed_names(&self) -> bool {
        self.parts.parameters().iter().any(|p| {
            let name = p.decoded_name();
            ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"]
                .iter()
                .any(|known| {
                    name.eq_ignore_ascii_case(known.as_bytes()) && name != known.as_bytes()
                })
        })
    }

    /// Whether the session token, decoded, is still percent-encoded: base64 has no `%`.
    pub fn token_is_encoded_twice(&self) -> bool {
        self.text("X-Amz-Security-Token").is_some_and(|token| {
            ["%2B", "%2F", "%3D", "%25", "%2b", "%2f", "%3d"]
                .iter()
                .any(|escape| token.contains(escape))
        })
    }

    /// The style in which the bucket does not stand.
    pub fn other_addressing(&self) -> &'static str {
        match self.addressing {
            Addressing::Virtual => "path",
            _ => "virtual",
        }
    }

    /// The `Host` that a client sends for this URL.
    pub fn host(&self) -> String {
        self.parts.request("GET").host()
    }

    /// Path, decoded; a client requests `/` where there is none.
    pub fn path(&self) -> Vec<u8> {
        let path = if self.parts.path.is_empty() {
            "/"
        } else {
            &self.parts.path
        };
        encode::decode_lenient(path.as_bytes())
    }
}

/// Without signature and session token.
impl fmt::Debug for Anatomy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Anatomy({})", self.parts.redacted())
    }
}

/// The verb of the command line for a method.
pub fn verb_of_method(method: &str) -> &'static str {
    match method {
        "PUT" => "put",
        "HEAD" => "head",
        "DELETE" => "delete",
        "POST" => "request POST",
        _ => "get",
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn kind_of(parts: &UrlParts) -> SignatureKind {
    let has = |name: &str| parts.value(name).is_some();
    let begins = |prefix: &str| {
        let starts = |name: &[u8]| {
            name.len() >= prefix.len()
                && name[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
        };
        parts.parameters().iter().any(|p| starts(&p.decoded_name()))
    };
    let algorithm = parts.value("X-Amz-Algorithm").unwrap_or_default();
    if algorithm.starts_with(b"AWS4-ECDSA") || has("X-Amz-Region-Set") {
        SignatureKind::V4a
    } else if begins("X-Amz-Al")
        || has("X-Amz-Credential")
        || has("X-Amz-Signature")
        || has("X-Amz-SignedHeaders")
        || has("X-Amz-Date")
    {
        SignatureKind::V4
    } else if begins("X-Goog-") || (has("GoogleAccessId") && has("Signature")) {
        SignatureKind::Gcs
    } else if let Some(scheme) = Scheme::of(parts) {
        SignatureKind::Other(scheme)
    } else if has("AWSAccessKeyId") || (has("Signature") && has("Expires")) {
        SignatureKind::V2
    } else if has("sig") && (has("sv") || has("se")) {
        SignatureKind::AzureSas
    } else {
        SignatureKind::None
    }
}

fn base_path(parts: &UrlParts, recognized: Option<&RecognizedHost>) -> Option<&'static str> {
    let base = find_provider(recognized?.provider)?.base_path?;
    let rest = parts.path.strip_prefix(base)?;
    rest.starts_with('/').then_some(base)
}

fn place(
    parts: &UrlParts,
    recognized: Option<&RecognizedHost>,
) -> (Option<String>, Option<Vec<u8>>, Addressing) {
    let base = base_path(parts, recognized).unwrap_or_default();
    let path = encode::decode_lenient(&parts.path.as_bytes()[base.len()..]);
    let path = path.strip_prefix(b"/").unwrap_or(&path);
    let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| bytes.to_vec());
    if let Some(bucket) = recognized.and_then(|recognized| recognized.bucket.clone()) {
        return (Some(bucket), some(path), Addressing::Virtual);
    }
    let (bucket, key) = match path.iter().position(|b| *b == b'/') {
        Some(slash) => (&path[..slash], some(&path[slash + 1..])),
        None => (path, None),
    };
    (
        some(bucket).map(|bucket| lossy(&bucket)),
        key,
        Addressing::Path,
    )
}

/// A URL does not state its method; some of its parts are only for one.
fn method_of(parts: &UrlParts, signed_headers: &[String]) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| parts.value(name).is_some();
    let operation = parts.value("x-id").unwrap_or_default();
    match operation.as_slice() {
        b"GetObject" | b"ListObjects" | b"ListObjectsV2" => {
            return Some(("GET", "x-id names the operation"));
        }
        b"PutObject" | b"UploadPart" | b"CopyObject" => {
            return Some(("PUT", "x-id names the operation"));
        }
        b"HeadObject" | b"HeadBucket" => return Some(("HEAD", "x-id names the operation")),
        b"DeleteObject" => return Some(("DELETE", "x-id names the operation")),
        b"CreateMultipartUpload" | b"CompleteMultipartUpload" => {
            return Some(("POST", "x-id names the operation"));
        }
        _ => {}
    }
    if has("uploads") {
        return Some(("POST", "`uploads` starts an upload in parts"));
    }
    if has("partNumber") && has("uploadId") {
        return Some(("PUT", "it is for a part of an upload"));
    }
    if has("list-type") {
        return Some(("GET", "it lists a bucket"));
    }
    if parts
        .parameters()
        .iter()
        .any(|p| p.decoded_name().starts_with(b"response-"))
    {
        return Some(("GET", "it sets response headers"));
    }
    let of_upload = |name: &String| {
        matches!(
            name.as_str(),
            "content-type" | "content-length" | "content-md5" | "x-amz-acl" | "x-amz-storage-class"
        ) || name.starts_with("x-amz-meta-")
            || name.starts_with("x-amz-checksum-")
            || name == "x-amz-server-side-encryption"
    };
    signed_headers
        .iter()
        .any(of_upload)
        .then_some(("PUT", "it signs headers of an upload"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_kind() {
        for (query, kind) in [
            ("X-Amz-Algorithm=AWS4-HMAC-SHA256", SignatureKind::V4),
            (
                "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Region-Set=*",
                SignatureKind::V4a,
            ),
            ("AWSAccessKeyId=A&Expires=1&Signature=x", SignatureKind::V2),
            ("X-Goog-Algorithm=GOOG4-RSA-SHA256", SignatureKind::Gcs),
            ("GoogleAccessId=a&Expires=1&Signature=x", SignatureKind::Gcs),
            (
                "sv=2024-11-04&se=2026-01-01T00:00:00Z&sig=x",
                SignatureKind::AzureSas,
            ),
            ("versionId=1", SignatureKind::None),
        ] {
            assert_eq!(
                Anatomy::of(&format!("https://h/b/k?{query}"))
                    .expect("a URL")
                    .kind,
                kind,
                "{query}"
            );
        }
    }

    #[test]
    fn tells_where_it_leads() {
        for (url, endpoint, bucket, key, addressing) in [
            (
                "https://s3.us-south.cloud-object-storage.appdomain.cloud/b/a%20b",
                "https://s3.us-south.cloud-object-storage.appdomain.cloud",
                "b",
                "a b",
                Addressing::Path,
            ),
            (
                "https://b.s3.eu-west-1.amazonaws.com/a//b",
                "https://s3.eu-west-1.amazonaws.com",
                "b",
                "a//b",
                Addressing::Virtual,
            ),
            (
                "http://127.0.0.1:9000/b//k",
                "http://127.0.0.1:9000",
                "b",
                "/k",
                Addressing::Path,
            ),
            (
                "https://ref.storage.supabase.co/storage/v1/s3/b/k",
                "https://ref.storage.supabase.co/storage/v1/s3",
                "b",
                "k",
                Addressing::Path,
            ),
        ] {
            let anatomy = Anatomy::of(url).expect("a URL");
            let key_found = String::from_utf8(anatomy.key.clone().expect("a key")).expect("UTF-8");
            assert_eq!(
                (
                    anatomy.endpoint().as_str(),
                    anatomy.bucket.as_deref(),
                    key_found.as_str(),
                    anatomy.addressing
                ),
                (endpoint, Some(bucket), key, addressing)
            );
        }
    }
}
