//! The meaning of a code, as text and JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::ReportForm;
use crate::diagnosis::{CODES, Explanation};
use crate::text::wrapped;

use super::diagnosis::WIDTH;

#[derive(Serialize)]
struct Report {
    code: &'static str,
    summary: &'static str,
    cause: &'static str,
    practice: &'static str,
    fix: &'static str,
}

/// One code.
///
/// # Errors
/// The error of the writer.
pub fn write(form: ReportForm, found: &'static Explanation, out: &mut dyn Write) -> io::Result<()> {
    let Explanation {
        code,
        summary,
        cause,
        practice,
        fix,
    } = found;
    if form == ReportForm::Json {
        serde_json::to_writer(
            &mut *out,
            &Report {
                code,
                summary,
                cause,
                practice,
                fix,
            },
        )?;
        return writeln!(out);
    }
    writeln!(out, "{}", wrapped(&format!("{code}: {summary}"), "", WIDTH))?;
    for (heading, paragraph) in [
        ("Cause", cause),
        ("How it happens", practice),
        ("What to do", fix),
    ] {
        writeln!(out, "\n{heading}\n{}", wrapped(paragraph, "  ", WIDTH))?;
    }
    Ok(())
}

/// All codes, one per line.
///
/// # Errors
/// The error of the writer.
pub fn write_all(form: ReportForm, out: &mut dyn Write) -> io::Result<()> {
    for found in CODES {
        match form {
            ReportForm::Json => write(form, found, out)?,
            ReportForm::Text => {
                let summary = wrapped(found.summary, &" ".repeat(27), WIDTH);
                writeln!(out, "{:<26} {}", found.code, summary.trim_start())?;
            }
        }
    }
    Ok(())
}
