//! Signatures of other services that are HMACs too: whether a secret makes them.
//!
//! Sources: Alibaba's "Add signatures to URLs" (V1) and "OSS4-HMAC-SHA256" (V4), Tencent's "Request
//! signature", Swift's TempURL middleware, and Azure's "Create a service SAS".

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::sigv4::{Secret, UrlParts, encode};

/// A scheme whose signature can be computed from a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HmacScheme {
    /// Alibaba OSS, version 1.
    OssV1,
    /// Alibaba OSS, version 4.
    OssV4,
    /// Tencent COS.
    Tencent,
    /// OpenStack Swift TempURL.
    SwiftTempUrl,
    /// An Azure service SAS for a blob or container.
    AzureService,
}

/// What is known of the request. Without `Debug`: the URL is a secret.
pub struct OtherRequest<'a> {
    /// The method that was used.
    pub method: &'a str,
    /// The URL.
    pub parts: &'a UrlParts,
    /// The bucket, where it stands in the host.
    pub bucket_of_host: Option<&'a str>,
}

impl OtherRequest<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let found = self
            .parts
            .parameters()
            .iter()
            .find(|parameter| parameter.is_named(name))?;
        Some(String::from_utf8_lossy(&found.decoded_value()).into_owned())
    }

    fn path(&self) -> String {
        let path = encode::decode_lenient(self.parts.path.as_bytes());
        String::from_utf8_lossy(&path).into_owned()
    }

    /// `/bucket/key`, decoded.
    fn resource(&self) -> String {
        match self.bucket_of_host {
            Some(bucket) => format!("/{bucket}{}", self.path()),
            None => self.path(),
        }
    }

    fn host(&self) -> String {
        self.parts.request(self.method).host()
    }
}

/// Whether the secret makes the signature. `None`: the URL lacks a part, or has one that is not
/// understood here.
pub fn is_signed_with(scheme: HmacScheme, request: &OtherRequest, secret: &Secret) -> Option<bool> {
    let secret = secret.expose_secret();
    match scheme {
        HmacScheme::OssV1 => oss_v1(request, secret),
        HmacScheme::OssV4 => oss_v4(request, secret),
        HmacScheme::Tencent => tencent(request, secret),
        HmacScheme::SwiftTempUrl => swift(request, secret),
        HmacScheme::AzureService => azure(request, secret),
    }
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of every length (RFC 2104).
    #[allow(clippy::expect_used, reason = "unreachable: see above")]
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC accepts keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    #[allow(clippy::expect_used, reason = "unreachable: see above")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC accepts keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Parameters that version 1 signs as a part of the resource.
const OSS_SUBRESOURCES: [&str; 14] = [
    "acl",
    "partNumber",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "security-token",
    "uploadId",
    "uploads",
    "versionId",
    "x-oss-process",
    "x-oss-traffic-limit",
];

fn oss_v1(request: &OtherRequest, secret: &[u8]) -> Option<bool> {
    let (given, expires) = (request.value("Signature")?, request.value("Expires")?);
    let mut signed: Vec<String> = OSS_SUBRESOURCES
        .iter()
        .filter_map(|name| {
            let value = request.value(name)?;
            Some(if value.is_empty() {
                (*name).to_owned()
            } else {
                format!("{name}={value}")
            })
        })
        .collect();
    signed.sort();
    let query = if signed.is_empty() {
        String::new()
    } else {
        format!("?{}", signed.join("&"))
    };
    let method = request.method;
    let text = format!("{method}\n\n\n{expires}\n{}{query}", request.resource());
    Some(BASE64.encode(hmac_sha1(secret, text.as_bytes())) == given)
}

fn oss_v4(request: &OtherRequest, secret: &[u8]) -> Option<bool> {
    let given = request.value("x-oss-signature")?;
    let (date, credential) = (
        request.value("x-oss-date")?,
        request.value("x-oss-credential")?,
    );
    let additional = request
        .value("x-oss-additional-headers")
        .unwrap_or_default();
    if !(additional.is_empty() || additional == "host") {
        return None;
    }
    let scope = credential.split_once('/')?.1.to_owned();
    let mut pairs: Vec<String> = request
        .parts
        .parameters()
        .iter()
        .filter(|p| p.decoded_name() != b"x-oss-signature")
        .map(|p| {
            let name = encode::component(&p.decoded_name()).into_owned();
            match p.decoded_value() {
                value if value.is_empty() => name,
                value => format!("{name}={}", encode::component(&value)),
            }
        })
        .collect();
    pairs.sort();
    let headers = match additional.as_str() {
        "" => String::new(),
        _ => format!("host:{}\n", request.host()),
    };
    let resource = request.resource();
    let text = format!(
        "{}\n{}\n{}\n{headers}\n{additional}\nUNSIGNED-PAYLOAD",
        request.method,
        encode::path(resource.as_bytes()),
        pairs.join("&"),
    );
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    let to_sign = format!("OSS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
    let first = [b"aliyun_v4", secret].concat();
    let key = scope
        .split('/')
        .fold(first, |key, field| hmac_sha256(&key, field.as_bytes()));
    Some(hex::encode(hmac_sha256(&key, to_sign.as_bytes())) == given.to_ascii_lowercase())
}

fn tencent(request: &OtherRequest, secret: &[u8]) -> Option<bool> {
    let given = request.value("q-signature")?;
    let (time, key_time) = (request.value("q-sign-time")?, request.value("q-key-time")?);
    let listed = |name: &str| -> Vec<String> {
        let list = request.value(name).unwrap_or_default();
        list.split(';')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let parameters: Option<Vec<String>> = listed("q-url-param-list")
        .iter()
        .map(|name| {
            let value = request.value(name)?;
            Some(format!("{name}={}", encode::component(value.as_bytes())))
        })
        .collect();
    let headers: Option<Vec<String>> = listed("q-header-list")
        .iter()
        .map(|name| {
            (name == "host")
                .then(|| format!("host={}", encode::component(request.host().as_bytes())))
        })
        .collect();
    let text = format!(
        "{}\n{}\n{}\n{}\n",
        request.method.to_ascii_lowercase(),
        request.path(),
        parameters?.join("&"),
        headers?.join("&"),
    );
    let to_sign = format!(
        "sha1\n{time}\n{}\n",
        hex::encode(Sha1::digest(text.as_bytes()))
    );
    let key = hex::encode(hmac_sha1(secret, key_time.as_bytes()));
    Some(hex::encode(hmac_sha1(key.as_bytes(), to_sign.as_bytes())) == given)
}

fn swift(request: &OtherRequest, secret: &[u8]) -> Option<bool> {
    let (given, expires) = (
        request.value("temp_url_sig")?,
        request.value("temp_url_expires")?,
    );
    if request.value("temp_url_prefix").is_some() || request.value("temp_url_ip_range").is_some() {
        return None;
    }
    let text = format!("{}\n{expires}\n{}", request.method, request.path());
    match given.len() {
        40 => Some(hex::encode(hmac_sha1(secret, text.as_bytes())) == given),
        64 => Some(hex::encode(hmac_sha256(secret, text.as_bytes())) == given),
        _ => None,
    }
}

/// The fields of the string to sign, from version 2018-11-09 on. A user delegation SAS (`skoid`)
/// has a key of its own.
fn azure(request: &OtherRequest, secret: &[u8]) -> Option<bool> {
    let key = BASE64.decode(secret).ok()?;
    let (given, version, kind) = (
        request.value("sig")?,
        request.value("sv")?,
        request.value("sr")?,
    );
    if !matches!(kind.as_str(), "b" | "c")
        || request.value("skoid").is_some()
        || version.as_str() < "2018-11-09"
    {
        return None;
    }
    let host = request.host();
    let account = host.split('.').next()?;
    let path = request.path();
    let path = match kind.as_str() {
        "c" => format!("/{}", path.split('/').nth(1)?),
        _ => path,
    };
    let resource = format!("/blob/{account}{path}");
    let of = |name: &str| request.value(name).unwrap_or_default();
    let mut fields = vec![
        of("sp"),
        of("st"),
        of("se"),
        resource,
        of("si"),
        of("sip"),
        of("spr"),
        version.clone(),
        kind,
        of("snapshot"),
    ];
    if version.as_str() >= "2020-12-06" {
        fields.push(of("ses"));
    }
    fields.extend(["rscc", "rscd", "rsce", "rscl", "rsct"].map(of));
    let text = fields.join("\n");
    Some(BASE64.encode(hmac_sha256(&key, text.as_bytes())) == given)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each signed by a script of its own in another language.
    const SIGNED: [(HmacScheme, &str, Option<&str>, &str); 5] = [
        (
            HmacScheme::OssV1,
            "https://pics.oss-cn-beijing.aliyuncs.com/a%20b.jpg?OSSAccessKeyId=LTAI&Expires=1796028240&response-content-type=text%2Fplain&Signature=B1ZYgfN4yjlAWRWgeYkUm8UMYWA%3D",
            Some("pics"),
            "fAkeSecret/for+Tests",
        ),
        (
            HmacScheme::OssV4,
            "https://pics.oss-cn-beijing.aliyuncs.com/a%20b.jpg?x-oss-credential=LTAI%2F20261130%2Fcn-beijing%2Foss%2Faliyun_v4_request&x-oss-date=20261130T074000Z&x-oss-expires=3600&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=d2275c47deaa1123c9a79da07f7c6b45554de762a38d402512cd49231ff554e7",
            Some("pics"),
            "fAkeSecret/for+Tests",
        ),
        (
            HmacScheme::Tencent,
            "https://box-125.cos.ap-guangzhou.myqcloud.com/a%20b.jpg?q-sign-algorithm=sha1&q-ak=AKID&q-sign-time=1796024000%3B1796027600&q-key-time=1796024000%3B1796027600&q-header-list=host&q-url-param-list=&q-signature=5d2021dcd26e21bb52a63a4b73cd44879e194e96",
            Some("box-125"),
            "fAkeSecret/for+Tests",
        ),
        (
            HmacScheme::SwiftTempUrl,
            "https://swift.example.com/v1/AUTH_a/pics/a%20b.png?temp_url_sig=ac340e9cd7e5fab31b32587d8e9ee18c8ff7909b&temp_url_expires=1796028240",
            None,
            "mykey",
        ),
        (
            HmacScheme::AzureService,
            "https://acct.blob.core.windows.net/docs/a.pdf?sv=2022-11-02&sr=b&sp=r&se=2026-12-04T07%3A16%3A34Z&spr=https&sig=re4rv4u05bp2CK7nMuc%2F06xWt%2Fuqhj2FKOuIRuBc2Wg%3D",
            None,
            "MDEyMzQ1Njc4OWFiY2RlZg==",
        ),
    ];

    #[test]
    fn knows_the_secret_that_signed() {
        for (scheme, url, bucket_of_host, secret) in SIGNED {
            let parts = UrlParts::parse(url).expect("a URL");
            let request = |method| OtherRequest {
                method,
                parts: &parts,
                bucket_of_host,
            };
            let fits = |method, secret: &str| {
                is_signed_with(scheme, &request(method), &Secret::new(secret))
            };
            assert_eq!(fits("GET", secret), Some(true), "{url}");
            assert_eq!(fits("GET", "b3RoZXI="), Some(false), "{url}");
            if scheme != HmacScheme::AzureService {
                assert_eq!(fits("PUT", secret), Some(false), "{url}");
            }
        }
    }
}
