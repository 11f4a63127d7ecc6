//! Settings and their sources, as text and JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::cli::ReportForm;
use crate::resolve::Sourced;
use crate::text::escape_controls;

/// Start of the second column.
const INDENT: usize = 23;

/// All settings, in the order in which they are shown.
#[derive(Debug, Default)]
pub struct Effective {
    /// Each with its name.
    pub settings: Vec<Setting>,
    /// Warnings for a URL with these settings.
    pub warnings: Vec<String>,
}

#[derive(Debug)]
pub struct Setting {
    /// Name in JSON; the text report shows spaces.
    pub name: &'static str,
    pub value: String,
    /// Its source.
    pub source: Option<String>,
}

impl Effective {
    pub fn add(&mut self, name: &'static str, value: impl Into<String>, source: Option<String>) {
        self.settings.push(Setting {
            name,
            value: value.into(),
            source,
        });
    }

    /// Adds a setting, or `none` if it is not set.
    pub fn add_or_none(&mut self, name: &'static str, found: Option<Sourced<String>>) {
        match found {
            Some(found) => self.add(name, found.value, Some(found.source.to_string())),
            None => self.add(name, "none", None),
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    settings: BTreeMap<&'a str, Reported<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Reported<'a> {
    value: &'a str,
    source: Option<&'a str>,
}

/// Writes the report.
///
/// # Errors
/// The error of the writer.
pub fn write(form: ReportForm, effective: &Effective, out: &mut dyn Write) -> io::Result<()> {
    match form {
        ReportForm::Text => {
            for Setting {
                name,
                value,
                source,
            } in &effective.settings
            {
                let source = source
                    .as_ref()
                    .map(|source| format!(" ({source})"))
                    .unwrap_or_default();
                let line = format!("{value}{source}");
                writeln!(
                    out,
                    "{:<INDENT$} {}",
                    name.replace('_', " "),
                    escape_controls(&line)
                )?;
            }
            effective.warnings.iter().try_for_each(|warning| {
                writeln!(out, "{:<INDENT$} {}", "warning", escape_controls(warning))
            })
        }
        ReportForm::Json => {
            let settings = effective.settings.iter();
            let settings = settings.map(|set| {
                (
                    set.name,
                    Reported {
                        value: &set.value,
                        source: set.source.as_deref(),
                    },
                )
            });
            let report = Report {
                settings: settings.collect(),
                warnings: &effective.warnings,
            };
            serde_json::to_writer(&mut *out, &report)?;
            writeln!(out)
        }
    }
}
