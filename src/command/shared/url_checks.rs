//! What would not work, said when it is signed: a URL goes through the checks of `inspect` before
//! it is printed.

use crate::diagnosis::{Anatomy, url_findings};
use crate::output::Link;
use crate::resolve::Warning;

/// What has been said from the options already, where there is more to say than the URL shows.
const SAID_BEFORE: [&str; 6] = [
    "expiry-over-limit",
    "global-endpoint",
    "header-rewritten-by-proxy",
    "private-endpoint",
    "wrong-addressing",
    "wrong-region",
];

/// Adds what the checks find to the warnings of a link.
pub fn add_warnings(link: &mut Link) {
    let Ok(anatomy) = Anatomy::of(link.url()) else {
        return;
    };
    for finding in url_findings(&anatomy, link.lifetime.signed_at.to_utc()) {
        let code = finding.code.to_string();
        // What is only possible is for those who look for a fault.
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
