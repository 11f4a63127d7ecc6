//! The report of `doctor`, as text and JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::ReportForm;
use crate::text::{escape_controls, wrapped};

use super::diagnosis::WIDTH;

/// Start of the second column.
const INDENT: usize = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything is correct.
    Ok,
    /// URLs may still work.
    Warn,
    /// URLs cannot work.
    Fail,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
        }
    }
}

/// One check.
#[derive(Debug, Serialize)]
pub struct Check {
    pub status: Status,
    /// Stable name.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// One sentence.
    pub message: String,
    /// The hint.
    pub fix: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    verdict: Status,
    checks: &'a [Check],
}

/// Writes the report.
///
/// # Errors
/// The error of the writer.
pub fn write(form: ReportForm, checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    if form == ReportForm::Json {
        let worst = [Status::Fail, Status::Warn]
            .into_iter()
            .find(|worst| checks.iter().any(|check| check.status == *worst));
        serde_json::to_writer(
            &mut *out,
            &Report {
                verdict: worst.unwrap_or(Status::Ok),
                checks,
            },
        )?;
        return writeln!(out);
    }
    let indent = " ".repeat(INDENT);
    for check in checks {
        let message = wrapped(&escape_controls(&check.message), &indent, WIDTH);
        writeln!(
            out,
            "{:<5}{:<12} {}",
            check.status.as_str(),
            check.name,
            message.trim_start()
        )?;
        if let Some(fix) = &check.fix {
            // On one line, so that it can be copied.
            writeln!(out, "{indent}fix: {}", escape_controls(fix))?;
        }
    }
    Ok(())
}
