//! What was looked at, line by line, for people and for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::ReportForm;
use crate::text::{escape_controls, wrapped};

use super::diagnosis::WIDTH;

/// Where the sentences begin.
const INDENT: usize = 18;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Links may work all the same.
    Warn,
    /// No link works like this.
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

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    /// How it is.
    pub status: Status,
    /// What it is: stable.
    #[serde(rename = "check")]
    pub name: &'static str,
    /// One sentence.
    pub message: String,
    /// What to do.
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
/// What writing gives.
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
            // On one line: it is there to be copied.
            writeln!(out, "{indent}fix: {}", escape_controls(fix))?;
        }
    }
    Ok(())
}
