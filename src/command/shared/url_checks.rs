//! Checks of `inspect` on each URL before it is printed.

use crate::diagnosis::{Anatomy, url_findings};
use crate::output::Link;
use crate::resolve::Warning;

/// Findings already reported from the options, with more detail than the URL shows.
const SAID_BEFORE: [&str; 6] = [
    "expiry-over-limit",
    "global-endpoint",
    "header-rewritten-by-proxy",
    "private-endpoint",
    "wrong-addressing",
    "wrong-region",
];

/// Adds the findings to the warnings of a URL.
pub fn add_warnings(link: &mut Link) {
    let Ok(anatomy) = Anatomy::of_signed(link.url()) else {
        return;
    };
    for finding in url_findings(&anatomy, link.lifetime.signed_at.to_utc()) {
        let code = finding.code.to_string();
        // Possible causes are only useful to `diagnose`.
        let is_likely = finding.certainty.as_str() != "possible";
        if is_likely && !SAID_BEFORE.contains(&code.as_str()) {
            let fix = finding
                .fix
                .map(|fix| format!("; {fix}"))
                .unwrap_or_default();
            link.warnings.push(Warning::new(
                "url-check",
                format!("{}{fix}", finding.message),
            ));
        }
    }
}
