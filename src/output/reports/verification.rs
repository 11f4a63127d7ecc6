//! The result of requesting a URL, as text and JSON.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::cli::ReportForm;
use crate::diagnosis::{Diagnosis, Finding};
use crate::error::Failure;
use crate::http::Response;
use crate::text::escape_controls;

use super::diagnosis::{self, ReportedFinding};

/// A requested URL.
#[derive(Debug)]
pub struct Verified {
    /// The URL without its query.
    pub address: String,
    /// The method that was sent.
    pub method: String,
    /// The response.
    pub response: Option<Response>,
    /// How far this clock is ahead of the store's, in seconds.
    pub skew: Option<i64>,
    pub outcome: Outcome,
    /// The stable code of a connection failure.
    pub code: Option<&'static str>,
    /// Warnings to print.
    pub warning: Option<String>,
}

/// The outcome.
#[derive(Debug)]
pub enum Outcome {
    /// The store accepted the URL.
    Served {
        /// Why a browser would not let the page read the response.
        cors: Option<Finding>,
    },
    /// The store refused the URL.
    Refused(Box<Diagnosis>, Duration),
    /// There was no response, or nothing could be sent.
    Failed(Failure),
}

impl Verified {
    /// A URL without a response.
    pub fn failed(address: String, method: &str, failure: Failure) -> Verified {
        let outcome = Outcome::Failed(failure);
        Verified {
            address,
            method: method.to_owned(),
            response: None,
            skew: None,
            outcome,
            code: None,
            warning: None,
        }
    }
}

#[derive(Serialize)]
struct Report<'a, D: Serialize> {
    ok: bool,
    address: &'a str,
    method: &'a str,
    status: Option<u16>,
    status_text: Option<&'a str>,
    size: Option<u64>,
    content_type: Option<&'a str>,
    etag: Option<&'a str>,
    location: Option<&'a str>,
    clock_skew: Option<i64>,
    milliseconds: Option<u64>,
    error: Option<&'a str>,
    code: Option<&'a str>,
    finding: Option<ReportedFinding<'a>>,
    diagnosis: Option<D>,
}

/// Writes the report. With several URLs each is preceded by its address.
///
/// # Errors
/// The error of the writer.
pub fn write(
    form: ReportForm,
    verified: &Verified,
    is_one: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    match form {
        ReportForm::Text => text(verified, is_one, out),
        ReportForm::Json => json(verified, out),
    }
}

/// The target of the URL, without the signature.
fn location(response: &Response) -> Option<&str> {
    response
        .header("location")
        .map(|location| location.split('?').next().unwrap_or(location))
}

fn json(verified: &Verified, out: &mut dyn Write) -> io::Result<()> {
    let response = verified.response.as_ref();
    let report = Report {
        ok: matches!(verified.outcome, Outcome::Served { cors: None }),
        address: &verified.address,
        method: &verified.method,
        status: response.map(|response| response.status),
        status_text: response.map(|response| response.status_text.as_str()),
        size: response.and_then(Response::object_size),
        content_type: response.and_then(|response| response.header("content-type")),
        etag: response.and_then(|response| response.header("etag")),
        location: response.and_then(location),
        clock_skew: verified.skew,
        milliseconds: response
            .map(|response| u64::try_from(response.elapsed.as_millis()).unwrap_or(u64::MAX)),
        error: match &verified.outcome {
            Outcome::Failed(failure) => Some(&failure.message),
            _ => None,
        },
        code: verified.code,
        finding: match &verified.outcome {
            Outcome::Served {
                cors: Some(finding),
            } => Some(ReportedFinding::of(finding)),
            _ => None,
        },
        diagnosis: match &verified.outcome {
            Outcome::Refused(diagnosis, elapsed) => Some(diagnosis::as_json(diagnosis, *elapsed)),
            _ => None,
        },
    };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}

fn text(verified: &Verified, is_one: bool, out: &mut dyn Write) -> io::Result<()> {
    let about = if is_one {
        String::new()
    } else {
        format!("{} ", escape_controls(&verified.address))
    };
    match (&verified.outcome, &verified.response) {
        (Outcome::Served { cors }, Some(response)) => {
            writeln!(out, "{about}ok: {}", escape_controls(&response.summary()))?;
            tell_skew(verified, out)?;
            match cors {
                None => Ok(()),
                Some(finding) => {
                    writeln!(
                        out,
                        "{} ({}): {}",
                        finding.code,
                        finding.certainty.as_str(),
                        escape_controls(&finding.message)
                    )?;
                    writeln!(out, "fix: {}", finding.fix.as_deref().unwrap_or_default())
                }
            }
        }
        (Outcome::Refused(found, elapsed), Some(response)) => {
            writeln!(
                out,
                "{about}refused: {}, {} ms",
                escape_controls(&response.status_text),
                response.elapsed.as_millis()
            )?;
            if let Some(location) = location(response) {
                writeln!(out, "redirects to {}", escape_controls(location))?;
            }
            tell_skew(verified, out)?;
            diagnosis::write(ReportForm::Text, found, *elapsed, out)
        }
        // For a single URL the error is printed at the end, on standard error.
        (Outcome::Failed(failure), _) if !is_one => {
            writeln!(out, "{about}error: {}", escape_controls(&failure.message))
        }
        _ => Ok(()),
    }
}

/// A few seconds may be network latency, and the Date header has no fractions.
fn tell_skew(verified: &Verified, out: &mut dyn Write) -> io::Result<()> {
    match verified.skew {
        Some(skew) if skew.abs() > 5 => {
            let direction = if skew > 0 { "ahead of" } else { "behind" };
            writeln!(
                out,
                "this clock is {} {direction} the store's",
                diagnosis::span(skew.abs())
            )
        }
        _ => Ok(()),
    }
}
