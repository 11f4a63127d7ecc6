//! A diagnosis, as text and JSON.

use std::io::{self, Write};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

#[cfg(feature = "cli")]
use crate::cli::ReportForm;
use crate::diagnosis::{Diagnosis, Finding, SignatureState, StoreWords};
use crate::text::{escape_controls, wrapped};

/// Line width.
pub const WIDTH: usize = 78;

#[derive(Serialize)]
struct Report<'a> {
    verdict: &'a str,
    summary: &'a str,
    signature: &'a str,
    findings: Vec<ReportedFinding<'a>>,
    tried: u64,
    milliseconds: u64,
    response: Option<ReportedResponse<'a>>,
}

/// Code and message of the store.
#[derive(Serialize)]
struct ReportedResponse<'a> {
    status: Option<u16>,
    code: Option<&'a str>,
    message: Option<&'a str>,
    fields: serde_json::Map<String, serde_json::Value>,
}

impl ReportedResponse<'_> {
    fn of(words: &StoreWords) -> ReportedResponse<'_> {
        ReportedResponse {
            status: words.status,
            code: words.code.as_deref(),
            message: words.message.as_deref(),
            fields: words
                .fields
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect(),
        }
    }
}

/// A finding as JSON.
#[derive(Serialize)]
pub struct ReportedFinding<'a> {
    code: &'a str,
    certainty: &'a str,
    message: &'a str,
    evidence: &'a [String],
    fix: Option<&'a str>,
}

impl ReportedFinding<'_> {
    /// Unchanged.
    pub fn of(finding: &Finding) -> ReportedFinding<'_> {
        ReportedFinding {
            code: finding.code.as_str(),
            certainty: finding.certainty.as_str(),
            message: &finding.message,
            evidence: &finding.evidence,
            fix: finding.fix.as_deref(),
        }
    }
}

/// Writes the report.
///
/// # Errors
/// The error of the writer.
#[cfg(feature = "cli")]
pub fn write(
    form: ReportForm,
    diagnosis: &Diagnosis,
    elapsed: Duration,
    out: &mut dyn Write,
) -> io::Result<()> {
    match form {
        ReportForm::Text => text(diagnosis, elapsed, out),
        ReportForm::Json => json(diagnosis, elapsed, out),
    }
}

/// Writes the report as one line of JSON.
///
/// # Errors
/// The error of the writer.
pub fn json(diagnosis: &Diagnosis, elapsed: Duration, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &as_json(diagnosis, elapsed))?;
    writeln!(out)
}

/// As a JSON value, for other reports.
pub fn as_json<'a>(diagnosis: &'a Diagnosis, elapsed: Duration) -> impl Serialize + use<'a> {
    Report {
        verdict: diagnosis.verdict.as_str(),
        summary: &diagnosis.summary,
        signature: state(diagnosis),
        findings: diagnosis.findings.iter().map(ReportedFinding::of).collect(),
        tried: diagnosis.tried,
        milliseconds: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        response: diagnosis.response.as_ref().map(ReportedResponse::of),
    }
}

fn state(diagnosis: &Diagnosis) -> &'static str {
    match diagnosis.signature {
        SignatureState::NotChecked => "not-checked",
        SignatureState::Matches => "matches",
        SignatureState::Explained => "explained",
        SignatureState::Unexplained => "unexplained",
    }
}

/// Writes the report for reading.
///
/// # Errors
/// The error of the writer.
pub fn text(diagnosis: &Diagnosis, elapsed: Duration, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{}",
        wrapped(
            &escape_controls(&format!("verdict: {}", diagnosis.summary)),
            "",
            WIDTH
        )
    )?;
    match diagnosis.signature {
        SignatureState::NotChecked => writeln!(out, "signature: not checked")?,
        SignatureState::Matches => writeln!(out, "signature: matches")?,
        SignatureState::Explained | SignatureState::Unexplained => {
            let tried = diagnosis.tried;
            writeln!(
                out,
                "signature: does not match ({tried} requests tried in {} ms)",
                elapsed.as_millis()
            )?;
        }
    }
    if let Some(words) = &diagnosis.response {
        response(words, out)?;
    }
    for (index, finding) in diagnosis.findings.iter().enumerate() {
        writeln!(out)?;
        writeln!(
            out,
            "{}. {} ({})",
            index + 1,
            finding.code,
            finding.certainty.as_str()
        )?;
        writeln!(
            out,
            "{}",
            wrapped(&escape_controls(&finding.message), "   ", WIDTH)
        )?;
        for line in &finding.evidence {
            let shown = escape_controls(line);
            // Comparisons fit; messages of a store may be long.
            match shown.chars().count() {
                ..=75 => writeln!(out, "   | {shown}")?,
                _ => writeln!(out, "{}", wrapped(&shown, "   | ", WIDTH))?,
            }
        }
        if let Some(fix) = &finding.fix {
            // Not wrapped: a command must stay on one line.
            writeln!(out, "   fix: {}", escape_controls(fix))?;
        }
    }
    Ok(())
}

/// `response: 403 AccessDenied: Access Denied`
fn response(words: &StoreWords, out: &mut dyn Write) -> io::Result<()> {
    let head: Vec<String> = words
        .status
        .map(|status| status.to_string())
        .into_iter()
        .chain(words.code.clone())
        .collect();
    let text = match (head.is_empty(), &words.message) {
        (true, None) => return Ok(()),
        (true, Some(message)) => message.clone(),
        (false, None) => head.join(" "),
        (false, Some(message)) => format!("{}: {message}", head.join(" ")),
    };
    let text = format!("response: {text}");
    writeln!(out, "{}", wrapped(&escape_controls(&text), "", WIDTH))
}

/// `2026-01-31T23:59:59Z`
pub fn rfc3339(time: DateTime<Utc>) -> String {
    crate::diagnosis::rfc3339(time)
}

/// `2 h 5 min`
pub fn span(seconds: i64) -> String {
    crate::diagnosis::span(seconds)
}
