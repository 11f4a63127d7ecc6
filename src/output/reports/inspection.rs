//! A decoded URL, as text and JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;

#[cfg(feature = "cli")]
use crate::cli::ReportForm;
use crate::diagnosis::{Anatomy, Finding};
use crate::text::{escape_controls, wrapped};

use super::diagnosis::{ReportedFinding, WIDTH, rfc3339, span};

/// The report on a URL.
#[derive(Debug)]
pub struct Inspection<'a> {
    pub anatomy: &'a Anatomy,
    /// Findings.
    pub findings: &'a [Finding],
    /// Time of the evaluation.
    pub now: DateTime<Utc>,
}

#[derive(Serialize)]
struct Report<'a> {
    signature_kind: &'a str,
    store: Option<&'a str>,
    endpoint: String,
    bucket: Option<&'a str>,
    key: Option<String>,
    addressing: &'a str,
    method: Option<&'a str>,
    access_key_id: Option<&'a str>,
    credential_scope: Option<String>,
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region_set: Option<String>,
    issued_at: Option<String>,
    expires_at: Option<String>,
    expires_in: Option<u64>,
    seconds_left: Option<i64>,
    signed_headers: &'a [String],
    parameters: BTreeMap<String, String>,
    session_token: bool,
    signature: &'a str,
    mended: bool,
    findings: Vec<ReportedFinding<'a>>,
}

/// Writes the report.
///
/// # Errors
/// The error of the writer.
#[cfg(feature = "cli")]
pub fn write(form: ReportForm, inspection: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    match form {
        ReportForm::Text => text(inspection, out),
        ReportForm::Json => json(inspection, out),
    }
}

/// The signature itself is not shown: with it, the report would contain the complete URL.
fn signature_state(anatomy: &Anatomy) -> &'static str {
    let signature = ["X-Amz-Signature", "X-Goog-Signature", "Signature", "sig"]
        .iter()
        .find_map(|name| anatomy.text(name));
    match signature {
        None => "missing",
        Some(_) if anatomy.is_redacted() => "cut out",
        Some(_) => "present",
    }
}

/// Writes the report as one line of JSON.
///
/// # Errors
/// The error of the writer.
pub fn json(inspection: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    let Inspection {
        anatomy,
        findings,
        now,
    } = inspection;
    let report = Report {
        signature_kind: anatomy.kind.as_str(),
        store: anatomy.provider().map(|p| p.name),
        endpoint: anatomy.endpoint(),
        bucket: anatomy.bucket.as_deref(),
        key: anatomy
            .key
            .as_ref()
            .map(|key| String::from_utf8_lossy(key).into_owned()),
        addressing: anatomy.addressing.as_str(),
        method: anatomy.method.map(|(method, _)| method),
        access_key_id: anatomy.access_key_id.as_deref(),
        credential_scope: anatomy
            .credential
            .as_ref()
            .map(crate::diagnosis::Credential::scope),
        region: anatomy
            .credential
            .as_ref()
            .map(|credential| credential.region.as_str())
            .filter(|region| !region.is_empty()),
        region_set: anatomy.text("X-Amz-Region-Set"),
        issued_at: anatomy.issued_at.map(rfc3339),
        expires_at: anatomy.expires_at.map(rfc3339),
        expires_in: anatomy.expires_in,
        seconds_left: anatomy.expires_at.map(|ends| (ends - *now).num_seconds()),
        signed_headers: &anatomy.signed_headers,
        parameters: anatomy
            .overrides()
            .into_iter()
            .filter(|(name, _)| !is_secret(name))
            .collect(),
        session_token: anatomy.has_token,
        signature: signature_state(anatomy),
        mended: !anatomy.damages.is_empty(),
        findings: findings.iter().map(ReportedFinding::of).collect(),
    };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}

/// Parameters of other signature types that are as secret as the URL.
fn is_secret(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "signature" | "x-goog-signature" | "sig"
    )
}

/// What the URL has in it: names and values, the values escaped for a terminal.
pub fn rows(inspection: &Inspection) -> Vec<(&'static str, String)> {
    let Inspection { anatomy, now, .. } = inspection;
    let mut rows: Vec<(&'static str, String)> = Vec::new();
    let mut line = |name: &'static str, value: &str| {
        rows.push((name, escape_controls(value).into_owned()));
    };
    line(
        "signature",
        &format!("{}, {}", anatomy.kind.as_str(), signature_state(anatomy)),
    );
    line(
        "store",
        anatomy
            .provider()
            .map_or("unknown from its host", |p| p.name),
    );
    line("endpoint", &anatomy.endpoint());
    line("bucket", anatomy.bucket.as_deref().unwrap_or("-"));
    line(
        "key",
        &anatomy
            .key
            .as_ref()
            .map_or("-".into(), |key| String::from_utf8_lossy(key)),
    );
    line("addressing", anatomy.addressing.as_str());
    match anatomy.method {
        Some((method, why)) => line("method", &format!("{method}, since {why}")),
        None => line(
            "method",
            "not in the URL; can be determined only with the secret",
        ),
    }
    line(
        "access key ID",
        anatomy.access_key_id.as_deref().unwrap_or("-"),
    );
    if let Some(credential) = &anatomy.credential {
        line("scope", &credential.scope());
    }
    if let Some(issued) = anatomy.issued_at {
        line("issued", &rfc3339(issued));
    }
    if let Some(ends) = anatomy.expires_at {
        let left = (ends - *now).num_seconds();
        let when = if left >= 0 {
            format!("in {}", span(left))
        } else {
            format!("{} ago", span(-left))
        };
        line("expires", &format!("{} ({when})", rfc3339(ends)));
    }
    if let Some(regions) = anatomy.text("X-Amz-Region-Set") {
        line("region set", &regions);
    }
    if anatomy.kind.is_of_version_4() {
        line("signed headers", &anatomy.signed_headers.join(", "));
        let to_send: Vec<&str> = anatomy
            .signed_headers
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "host")
            .collect();
        if !to_send.is_empty() {
            line("to be sent", &format!("{}, as signed", to_send.join(", ")));
        }
    }
    line(
        "session token",
        if anatomy.has_token { "present" } else { "none" },
    );
    for (name, value) in anatomy
        .overrides()
        .iter()
        .filter(|(name, _)| !is_secret(name))
    {
        line("parameter", &format!("{name}={value}"));
    }
    rows
}

/// Writes the report for reading.
///
/// # Errors
/// The error of the writer.
pub fn text(inspection: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    for (name, value) in rows(inspection) {
        writeln!(out, "{name:<15} {value}")?;
    }
    let findings = inspection.findings;
    if findings.is_empty() {
        return writeln!(out, "{:<15} none", "issues");
    }
    for finding in findings {
        let message = format!(
            "{} ({}): {}",
            finding.code,
            finding.certainty.as_str(),
            finding.message
        );
        let message = wrapped(&escape_controls(&message), &" ".repeat(16), WIDTH);
        writeln!(out, "{:<15} {}", "issues", message.trim_start())?;
    }
    Ok(())
}
