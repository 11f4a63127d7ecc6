//! One JSON object per line. Field names are stable; new ones are added at the end.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::output::Link;

#[derive(Serialize)]
struct Report<'a> {
    url: &'a str,
    method: &'a str,
    bucket: Option<&'a str>,
    key: Option<String>,
    endpoint: String,
    region: &'a str,
    addressing: &'a str,
    headers: BTreeMap<String, String>,
    issued_at: String,
    expires_at: String,
    expires_in: u64,
    credential_scope: &'a str,
    access_key_id: &'a str,
    warnings: Vec<ReportedWarning<'a>>,
    #[serde(flatten)]
    steps: Option<Steps>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification<'a>>,
}

/// The result of `--verify`.
#[derive(Serialize)]
pub struct Verification<'a> {
    /// Whether the store accepted the URL.
    pub ok: bool,
    /// The response as one line, or the failure.
    pub result: &'a str,
    /// The hint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<&'a str>,
}

#[derive(Serialize)]
struct ReportedWarning<'a> {
    code: &'a str,
    message: &'a str,
}

/// With `-v`.
#[derive(Serialize)]
struct Steps {
    canonical_request: String,
    canonical_request_sha256: String,
    string_to_sign: String,
    signature: String,
    credential_source: String,
    endpoint_source: String,
    region_source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_key_steps: Option<SigningKeys>,
}

/// With `-vv`, for signatures of version 4: secrets, in hexadecimal digits.
#[derive(Serialize)]
struct SigningKeys {
    #[serde(rename = "kDate")]
    date: String,
    #[serde(rename = "kRegion")]
    region: String,
    #[serde(rename = "kService")]
    service: String,
    #[serde(rename = "kSigning")]
    signing: String,
}

impl SigningKeys {
    fn of(link: &Link) -> Option<SigningKeys> {
        let steps = link.signing_key_steps()?;
        Some(SigningKeys {
            date: hex::encode(&steps.date),
            region: hex::encode(&steps.region),
            service: hex::encode(&steps.service),
            signing: hex::encode(&steps.signing),
        })
    }
}

pub fn write(link: &Link, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    write_verified(link, u8::from(verbose), None, out)
}

/// With the result of `--verify`, and the values for the number of `-v`.
pub fn write_verified(
    link: &Link,
    verbose: u8,
    verification: Option<Verification>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for header in &link.presigned.headers_to_send {
        let value = String::from_utf8_lossy(&header.value);
        // A repeated name is one header with both values, as it was signed.
        headers
            .entry(header.name.clone())
            .and_modify(|both| *both = format!("{both},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    let report = Report {
        url: link.url(),
        method: link.method,
        bucket: link.place.bucket.as_deref(),
        key: link
            .place
            .key
            .as_ref()
            .map(|key| String::from_utf8_lossy(key).into_owned()),
        endpoint: link.place.endpoint.value.to_string(),
        region: &link.place.region.value,
        addressing: link.place.addressing.as_str(),
        headers,
        issued_at: link.lifetime.signed_at.rfc3339(),
        expires_at: link.lifetime.expires_at.rfc3339(),
        expires_in: link.lifetime.expiry.as_seconds(),
        credential_scope: &link.credential_scope,
        access_key_id: link.credentials.value.access_key_id(),
        warnings: link
            .warnings
            .iter()
            .map(|w| ReportedWarning {
                code: w.code,
                message: &w.message,
            })
            .collect(),
        steps: (verbose > 0).then(|| Steps {
            canonical_request: link.presigned.canonical_request.redacted(),
            canonical_request_sha256: hex::encode(link.presigned.canonical_request.sha256()),
            string_to_sign: link.presigned.string_to_sign.to_string(),
            signature: link.presigned.signature.to_string(),
            credential_source: link.credentials.source.to_string(),
            endpoint_source: link.place.endpoint.source.to_string(),
            region_source: link.place.region.source.to_string(),
            signing_key_steps: (verbose > 1).then(|| SigningKeys::of(link)).flatten(),
        }),
        verification,
    };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}
