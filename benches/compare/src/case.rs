//! The signed request: a GET of an AWS object, virtual-host style, 378 bytes of URL, credentials
//! without a token.

use chrono::NaiveDateTime;
use cos_presign::sigv4::{Credentials, Expiry, Presigner, Request, Scheme, SigningTime, UrlParts};

pub const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub const REGION: &str = "eu-central-1";
pub const ENDPOINT: &str = "s3.eu-central-1.amazonaws.com";
pub const BUCKET: &str = "example-training-photos-eu";
pub const HOST: &str = "example-training-photos-eu.s3.eu-central-1.amazonaws.com";
pub const EXPIRES: u32 = 604_800;
/// The signing time of signers that accept one, in seconds since 1970 and as in a URL.
pub const SIGNED_AT: i64 = 1_769_860_800;
pub const TIMESTAMP: &str = "20260131T120000Z";
const FORM: &str = "%Y%m%dT%H%M%SZ";

/// Keys of one length, like numbered files.
pub fn key(number: usize) -> String {
    format!("images/train/n{:08}/img-{number:010}.jpg", number / 1000)
}

pub struct Case {
    pub credentials: Credentials,
    /// They are signed repeatedly in turn.
    pub keys: Vec<String>,
}

impl Case {
    pub fn new() -> Case {
        Case {
            credentials: Credentials::new(ACCESS_KEY_ID, SECRET),
            keys: (0..1024).map(key).collect(),
        }
    }

    pub fn presigner(&self, signed_at: SigningTime) -> Presigner<'_> {
        let expiry = Expiry::seconds(EXPIRES.into()).unwrap();
        Presigner::s3(&self.credentials, REGION, signed_at)
            .unwrap()
            .expires_in(expiry)
    }

    /// For the scripts. No value needs escaping.
    pub fn json(&self) -> String {
        format!(
            r#"{{"access_key_id":{ACCESS_KEY_ID:?},"secret":{SECRET:?},"region":{REGION:?},"endpoint":{ENDPOINT:?},"bucket":{BUCKET:?},"host":{HOST:?},"expires":{EXPIRES},"unix":{SIGNED_AT},"timestamp":{TIMESTAMP:?},"keys":{:?}}}"#,
            self.keys
        )
    }

    /// Number of SHA-256 compressions of such a URL when everything common to all keys has been
    /// hashed.
    pub fn compressions(&self) -> usize {
        let presigned = self
            .presigner(signed_at())
            .presign(&request(&self.keys[0]))
            .unwrap();
        // The padding takes at least nine bytes (FIPS 180-4, 5.1.1); the hash at the end of the
        // string to sign has 64 digits.
        let blocks = |length: usize| (length + 9).div_ceil(64);
        let string_to_sign = presigned.string_to_sign.as_str().len();
        let constant = (string_to_sign - 64) / 64;
        blocks(presigned.canonical_request.to_bytes().len()) + blocks(string_to_sign) - constant + 1
    }

    /// Checks that a URL is for the first key and has our signature for the same request and time.
    /// Returns a remark, or the error.
    pub fn check(&self, url: &str) -> Result<String, String> {
        let parts = UrlParts::parse(url).map_err(|error| format!("no URL: {error:?}"))?;
        let value = |name| {
            parts
                .value(name)
                .map(|value| String::from_utf8_lossy(&value).into_owned())
                .unwrap_or_default()
        };
        let request = parts.request("GET");
        if format!("{}{}", parts.authority, parts.path) != format!("{HOST}/{}", self.keys[0]) {
            return Err(format!("another address: {url}"));
        }
        if value("X-Amz-Expires") != EXPIRES.to_string() {
            return Err(format!("another expiry: {url}"));
        }
        let timestamp = value("X-Amz-Date");
        let time = NaiveDateTime::parse_from_str(&timestamp, FORM)
            .map_err(|_| format!("no time: {url}"))?;
        let ours = self
            .presigner(SigningTime::new(time.and_utc()).unwrap())
            .presign(&request)
            .unwrap();
        if value("X-Amz-Signature") != ours.signature.to_string() {
            return Err(format!("another signature: {url}"));
        }
        let same = ours.url.as_str() == url;
        let mut remarks = vec![if same { "same URL" } else { "same signature" }.to_owned()];
        if timestamp != TIMESTAMP {
            remarks.push("its own clock".to_owned());
        }
        for parameter in &request.query {
            remarks.push(format!("+{}", String::from_utf8_lossy(&parameter.name)));
        }
        Ok(remarks.join(", "))
    }
}

pub fn signed_at() -> SigningTime {
    SigningTime::from_unix_seconds(SIGNED_AT).unwrap()
}

pub fn request(key: &str) -> Request {
    Request::new("GET", Scheme::Https, HOST, format!("/{key}"))
}
