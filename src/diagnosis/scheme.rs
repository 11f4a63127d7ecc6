//! Signed URLs that are not AWS Signature Version 4 or 2: whose they are, and until when they are
//! valid.

use chrono::{DateTime, Utc};

use crate::forensics::HmacScheme;
use crate::sigv4::UrlParts;

use super::code::Code;
use super::host::host_name;
use super::time::parse_timestamp;

/// A scheme of signed URLs.
#[derive(Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name in sentences.
    pub name: &'static str,
    /// The code of its finding.
    pub code: Code,
    /// Parameters that a URL of the scheme has, letter case aside; all of them.
    parameters: &'static [&'static str],
    /// A part of the host, or of the path, that a URL of the scheme has; empty if it can be
    /// anywhere.
    host: &'static str,
    path: &'static str,
    /// Where the end stands.
    end: End,
    /// How its signature is computed, where that is an HMAC with a secret that can be at hand.
    pub hmac: Option<HmacScheme>,
    /// The parameter that names who issued it; empty if there is none.
    pub issuer: &'static str,
    /// What is signed, and with what.
    pub signed: &'static str,
    /// What to do.
    pub fix: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The scheme has none, or none that can be read.
    None,
    /// A Unix time, in seconds, or a time of RFC 3339.
    At(&'static str),
    /// A time of signing and a number of seconds.
    After(&'static str, &'static str),
    /// `START;END` as Unix times.
    Range(&'static str),
    /// The claim `exp` of a JSON Web Token.
    Jwt(&'static str),
    /// The number behind a mark in a value: `exp=…` of `exp=…~acl=…`.
    Within(&'static str, &'static str),
    /// `AWS:EpochTime` in a policy in URL-safe base64.
    Policy(&'static str),
}

const PLAIN: Scheme = Scheme {
    name: "",
    code: Code::OtherSignature,
    parameters: &[],
    host: "",
    path: "",
    end: End::None,
    hmac: None,
    issuer: "",
    signed: "",
    fix: "make the link again with the tools of that service",
};

/// The first that fits counts.
static SCHEMES: &[Scheme] = &[
    Scheme {
        name: "Amazon CloudFront (custom policy)",
        code: Code::CloudfrontSignature,
        parameters: &["Key-Pair-Id", "Policy"],
        end: End::Policy("Policy"),
        issuer: "Key-Pair-Id",
        signed: "a policy, with the private key of a CloudFront key pair",
        fix: "use the distribution's host, and make the link again with `aws cloudfront sign`",
        ..PLAIN
    },
    Scheme {
        name: "Amazon CloudFront (canned policy)",
        code: Code::CloudfrontSignature,
        parameters: &["Key-Pair-Id", "Signature"],
        end: End::At("Expires"),
        issuer: "Key-Pair-Id",
        signed: "URL and end, with the private key of a CloudFront key pair",
        fix: "use the distribution's host, and make the link again with `aws cloudfront sign`",
        ..PLAIN
    },
    Scheme {
        name: "Amazon CloudFront",
        code: Code::CloudfrontSignature,
        host: ".cloudfront.net",
        parameters: &["Signature"],
        end: End::At("Expires"),
        signed: "URL and end, and `Key-Pair-Id` is missing from the query",
        fix: "copy the URL again, whole, or make it again with `aws cloudfront sign`",
        ..PLAIN
    },
    Scheme {
        name: "Alibaba Cloud OSS (version 4)",
        code: Code::OssSignature,
        parameters: &["x-oss-signature", "x-oss-credential"],
        end: End::After("x-oss-date", "x-oss-expires"),
        hmac: Some(HmacScheme::OssV4),
        issuer: "x-oss-credential",
        signed: "method, path, query and headers, by HMAC-SHA256",
        fix: "make the link again with OSS's own tools, or for its S3 dialect: `cos-presign get \
             BUCKET/KEY --provider alibaba --region REGION`",
        ..PLAIN
    },
    Scheme {
        name: "Alibaba Cloud OSS (version 1)",
        code: Code::OssSignature,
        parameters: &["OSSAccessKeyId"],
        hmac: Some(HmacScheme::OssV1),
        end: End::At("Expires"),
        issuer: "OSSAccessKeyId",
        signed: "method, digest, type, end and object, by HMAC-SHA1",
        fix: "make the link again with OSS's own tools, or for its S3 dialect: `cos-presign get \
             BUCKET/KEY --provider alibaba --region REGION`",
        ..PLAIN
    },
    Scheme {
        name: "Tencent COS",
        code: Code::TencentSignature,
        parameters: &["q-signature"],
        end: End::Range("q-sign-time"),
        hmac: Some(HmacScheme::Tencent),
        issuer: "q-ak",
        signed: "method, path, and the listed parameters and headers, by HMAC-SHA1",
        fix: "make the link again with COS's own tools, or for its S3 dialect: `cos-presign get \
             BUCKET/KEY --provider tencent --region REGION`",
        ..PLAIN
    },
    Scheme {
        name: "OpenStack Swift TempURL",
        code: Code::SwiftTempUrl,
        parameters: &["temp_url_sig"],
        end: End::At("temp_url_expires"),
        hmac: Some(HmacScheme::SwiftTempUrl),
        signed: "method, end and path, by an HMAC with the key of the account or container",
        fix: "set the key (`swift post -m 'Temp-URL-Key:KEY'`) and make the TempURL again for the \
             method that is used",
        ..PLAIN
    },
    Scheme {
        name: "Volcengine TOS",
        parameters: &["X-Tos-Signature"],
        end: End::After("X-Tos-Date", "X-Tos-Expires"),
        issuer: "X-Tos-Credential",
        signed: "method, path, query and headers, by HMAC-SHA256",
        ..PLAIN
    },
    Scheme {
        name: "Huawei OBS",
        parameters: &["AccessKeyId", "Signature", "Expires"],
        end: End::At("Expires"),
        issuer: "AccessKeyId",
        signed: "method, digest, type, end and object, by HMAC-SHA1",
        ..PLAIN
    },
    Scheme {
        name: "Qiniu Kodo",
        parameters: &["e", "token"],
        end: End::At("e"),
        signed: "the URL with its end, by HMAC-SHA1",
        ..PLAIN
    },
    Scheme {
        name: "Supabase Storage",
        path: "/storage/v1/object/",
        parameters: &["token"],
        end: End::Jwt("token"),
        signed: "the path, in a JSON Web Token",
        fix: "make the link again with `createSignedUrl`",
        ..PLAIN
    },
    Scheme {
        name: "Supabase Storage",
        path: "/storage/v1/object/sign/",
        signed: "the path, in a JSON Web Token, which is missing from the query",
        fix: "copy the URL again, whole: the parameter `token` is missing",
        ..PLAIN
    },
    Scheme {
        name: "Akamai",
        parameters: &["hdnts"],
        end: End::Within("hdnts", "exp="),
        signed: "a path pattern and its end, by HMAC-SHA256",
        ..PLAIN
    },
    Scheme {
        name: "Akamai",
        parameters: &["hdnea"],
        end: End::Within("hdnea", "exp="),
        signed: "a path pattern and its end, by HMAC-SHA256",
        ..PLAIN
    },
    Scheme {
        name: "Akamai",
        parameters: &["__token__"],
        end: End::Within("__token__", "exp="),
        signed: "a path pattern and its end, by HMAC-SHA256",
        ..PLAIN
    },
    Scheme {
        name: "Bunny CDN",
        host: ".b-cdn.net",
        parameters: &["token", "expires"],
        end: End::At("expires"),
        signed: "path and end, by SHA-256 with the key of the zone",
        ..PLAIN
    },
    Scheme {
        name: "Cloudflare Images",
        host: "imagedelivery.net",
        parameters: &["sig"],
        end: End::At("exp"),
        signed: "path and end, by HMAC-SHA256",
        ..PLAIN
    },
    Scheme {
        name: "imgix",
        host: ".imgix.net",
        parameters: &["s"],
        end: End::At("expires"),
        signed: "path and query, by MD5 with the token of the source",
        ..PLAIN
    },
    Scheme {
        name: "Backblaze B2's native interface",
        path: "/file/",
        parameters: &["Authorization"],
        signed: "a name prefix, in an authorization token",
        fix: "get a new token with `b2 account get-download-auth`, or use the S3 endpoint: \
             `cos-presign get BUCKET/KEY --provider b2 --region REGION`",
        ..PLAIN
    },
    Scheme {
        name: "Firebase Storage",
        host: "firebasestorage.googleapis.com",
        parameters: &["token"],
        signed: "nothing: the token is that of the object's metadata, and is valid until it is \
             revoked",
        fix: "get the URL again: `getDownloadURL` of the Firebase SDK",
        ..PLAIN
    },
    Scheme {
        name: "Oracle's pre-authenticated requests",
        host: ".oraclecloud.com",
        path: "/n/",
        signed: "nothing: the identifier behind `/p/` is a secret, which the store knows until it \
             expires or is deleted",
        fix: "make a new one: `oci os preauth-request create`",
        ..PLAIN
    },
    Scheme {
        name: "Discord",
        host: "cdn.discordapp.com",
        parameters: &["hm", "ex"],
        signed: "path and end, with a key of Discord",
        fix: "open the message again: it has a new link",
        ..PLAIN
    },
    Scheme {
        name: "GitHub",
        host: "github.com",
        path: "/releases/download/",
        signed: "nothing: the URL redirects to a store, and the link there lasts for minutes",
        fix: "follow the redirect at once: `curl -L -O URL`",
        ..PLAIN
    },
    Scheme {
        name: "Hugging Face",
        host: "huggingface.co",
        path: "/resolve/",
        signed: "nothing: the URL redirects to a store, and the link there lasts for an hour",
        fix: "follow the redirect at once: `curl -L -O URL`",
        ..PLAIN
    },
    Scheme {
        name: "GitLab",
        host: "gitlab.com",
        path: "/-/",
        signed: "nothing: the URL redirects to a store, and the link there lasts for minutes",
        fix: "follow the redirect at once: `curl -L -O URL`",
        ..PLAIN
    },
];

impl Scheme {
    /// Whose URL it is, and what is signed.
    pub fn sentence(&self) -> String {
        match self.signed.strip_prefix("nothing: ") {
            Some(rest) => format!("the URL is one of {}, and not signed: {rest}", self.name),
            None => format!(
                "the URL is signed by the scheme of {}, not by AWS's: it signs {}",
                self.name, self.signed
            ),
        }
    }

    /// The scheme of a URL that is neither of version 4 nor of version 2.
    pub fn of(parts: &UrlParts) -> Option<&'static Scheme> {
        let host = host_name(&parts.authority);
        SCHEMES.iter().find(|scheme| {
            scheme
                .parameters
                .iter()
                .all(|name| value(parts, name).is_some())
                && (scheme.host.is_empty()
                    || host == scheme.host.trim_start_matches('.')
                    || host.ends_with(scheme.host))
                && parts.path.contains(scheme.path)
        })
    }

    /// Until when the URL is valid.
    pub fn expires_at(&self, parts: &UrlParts) -> Option<DateTime<Utc>> {
        let text = |name: &str| value(parts, name);
        match self.end {
            End::None => None,
            End::At(name) => time(&text(name)?),
            End::After(start, seconds) => {
                let start = parse_timestamp(&text(start)?)?;
                let seconds = chrono::TimeDelta::try_seconds(text(seconds)?.parse().ok()?)?;
                start.checked_add_signed(seconds)
            }
            End::Range(name) => time(text(name)?.split_once(';')?.1),
            End::Jwt(name) => {
                let claims = decoded_base64(text(name)?.split('.').nth(1)?)?;
                number_after(&claims, "\"exp\"")
            }
            End::Within(name, mark) => number_after(&text(name)?, mark),
            End::Policy(name) => {
                let policy = text(name)?
                    .replace('-', "+")
                    .replace('_', "=")
                    .replace('~', "/");
                number_after(&decoded_base64(&policy)?, "AWS:EpochTime")
            }
        }
    }
}

/// Services whose pages redirect to a signed URL in a store, and hosts of such URLs.
const REDIRECTING: &[(&str, &str)] = &[
    (".githubusercontent.com", "GitHub"),
    ("github-cloud.s3.amazonaws.com", "GitHub"),
    (".hf.co", "Hugging Face"),
    (".huggingface.co", "Hugging Face"),
    (".docker.com", "Docker Hub"),
];

/// The service whose redirect leads to such a URL: only it can make a new one.
pub fn redirecting_service(parts: &UrlParts) -> Option<&'static str> {
    let host = host_name(&parts.authority);
    REDIRECTING
        .iter()
        .find(|(domain, _)| host.ends_with(domain))
        .map(|(_, name)| *name)
}

/// A parameter, letter case aside.
fn value(parts: &UrlParts, name: &str) -> Option<String> {
    let found = parts
        .parameters()
        .iter()
        .find(|parameter| parameter.is_named(name))?;
    Some(String::from_utf8_lossy(&found.decoded_value()).into_owned())
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    match text.parse() {
        Ok(seconds) => DateTime::from_timestamp(seconds, 0),
        Err(_) => DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.to_utc()),
    }
}

/// The number behind a mark, whatever stands between them but digits.
fn number_after(text: &str, mark: &str) -> Option<DateTime<Utc>> {
    let rest = text.split_once(mark)?.1;
    let rest = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    time(&rest[..end])
}

/// Base64 of either alphabet, with its padding or without.
fn decoded_base64(text: &str) -> Option<String> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let text = text
        .trim_end_matches('=')
        .replace('-', "+")
        .replace('_', "/");
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(url: &str) -> (&'static str, Option<i64>) {
        let parts = UrlParts::parse(url).expect("a URL");
        let scheme = Scheme::of(&parts).expect("a scheme");
        (
            scheme.name,
            scheme.expires_at(&parts).map(|time| time.timestamp()),
        )
    }

    #[test]
    fn names_schemes_and_reads_their_ends() {
        for (url, name, seconds) in [
            (
                "https://d1.cloudfront.net/a?Expires=1796028240&Signature=x&Key-Pair-Id=K1",
                "Amazon CloudFront (canned policy)",
                Some(1_796_028_240),
            ),
            (
                "https://d1.cloudfront.net/a?Policy=eyJTdGF0ZW1lbnQiOlt7IkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTc5NjAyODI0MH19fV19&Signature=x&Key-Pair-Id=K1",
                "Amazon CloudFront (custom policy)",
                Some(1_796_028_240),
            ),
            (
                "https://b.oss-cn-x.aliyuncs.com/a?OSSAccessKeyId=L&Expires=1796028240&Signature=x",
                "Alibaba Cloud OSS (version 1)",
                Some(1_796_028_240),
            ),
            (
                "https://b.cos.x.myqcloud.com/a?q-sign-algorithm=sha1&q-sign-time=1%3B1796028240&q-signature=x",
                "Tencent COS",
                Some(1_796_028_240),
            ),
            (
                "https://h/v1/AUTH_a/c/o?temp_url_sig=x&temp_url_expires=2026-11-30T08:44:00Z",
                "OpenStack Swift TempURL",
                Some(1_796_028_240),
            ),
            (
                "https://p.supabase.co/storage/v1/object/sign/a/b?token=e30.eyJleHAiOiAxNzk2MDI4MjQwfQ.x",
                "Supabase Storage",
                Some(1_796_028_240),
            ),
            (
                "https://h/a?hdnts=exp=1796028240~acl=/*~hmac=00",
                "Akamai",
                Some(1_796_028_240),
            ),
            (
                "https://d1.cloudfront.net/a?Expires=1796028240&Signature=x",
                "Amazon CloudFront",
                Some(1_796_028_240),
            ),
            (
                "https://objectstorage.r.oraclecloud.com/p/x/n/ns/b/b/o/k",
                "Oracle's pre-authenticated requests",
                None,
            ),
            (
                "https://github.com/a/b/releases/download/v1/c.zip",
                "GitHub",
                None,
            ),
        ] {
            assert_eq!(end(url), (name, seconds), "{url}");
        }
    }

    #[test]
    fn leaves_plain_addresses_alone() {
        for url in [
            "https://h/a",
            "https://h/a?token=x",
            "https://b.s3.amazonaws.com/k?versionId=1",
        ] {
            assert_eq!(
                Scheme::of(&UrlParts::parse(url).expect("a URL")),
                None,
                "{url}"
            );
        }
    }
}
