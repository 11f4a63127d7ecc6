//! Output options of reports.

use clap::{Args, ValueEnum};

use crate::cli::args::heading::OUTPUT;

/// Output options of reports.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = OUTPUT)]
pub struct ReportArgs {
    /// Output format: text, json
    #[arg(short, long, value_name = "FORM", hide_possible_values = true)]
    pub output: Option<ReportForm>,
    /// Same as --output json
    #[arg(long, conflicts_with = "output")]
    pub json: bool,
}

impl ReportArgs {
    /// The form.
    pub fn form(&self) -> ReportForm {
        if self.json {
            ReportForm::Json
        } else {
            self.output.unwrap_or_default()
        }
    }
}

/// `--output` of a report
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For reading
    #[default]
    Text,
    /// One JSON object per line
    Json,
}
