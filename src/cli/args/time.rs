//! Signing time and expiry.

use clap::Args;

use crate::cli::args::heading::EXPIRY;

/// Signing time and validity.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = EXPIRY)]
pub struct TimeArgs {
    /// Validity of the URL: seconds, or 90m, 24h, 7d, 1h30m [default: 1h]
    #[arg(
        short,
        long,
        value_name = "DURATION",
        aliases = ["expires-in", "expire"],
        allow_hyphen_values = true,
        conflicts_with = "until"
    )]
    pub expires: Option<String>,
    /// Expiry of the URL: RFC 3339, or a date (00:00 UTC)
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub until: Option<String>,
    /// Signing time instead of now: RFC 3339, a date, or 20260131T235959Z
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub at: Option<String>,
    /// Move the signing time back by this duration, for clocks that are behind; the expiry stays
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub backdate: Option<String>,
    /// Round the signing time down to this interval, so that the URL stays the same within it
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub align: Option<String>,
    /// Refuse to sign if temporary credentials expire before the URL
    #[arg(long, hide_short_help = true)]
    pub strict: bool,
}
