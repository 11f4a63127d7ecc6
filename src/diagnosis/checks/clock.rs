//! When the URL was signed, when it ends, and what time it is.

use chrono::{DateTime, Utc};

use super::again;
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::scheme::redirecting_service;
use crate::diagnosis::time::{rfc3339, span};
use crate::diagnosis::url_parts::{Anatomy, SignatureKind};

/// Smaller differences are not reported.
const CLOCK_TOLERANCE: i64 = 60;

/// What many stores grant a clock that is ahead.
const AHEAD_TOLERANCE: i64 = 15 * 60;

/// Clocks. `server` is the store's, where it is known.
pub fn findings(
    anatomy: &Anatomy,
    now: DateTime<Utc>,
    server: Option<DateTime<Utc>>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let renew = || match anatomy.kind {
        _ if redirecting_service(&anatomy.parts).is_some() => renew_by_redirect(anatomy),
        SignatureKind::V4 | SignatureKind::V4a | SignatureKind::V2 => format!(
            "make a new link: `{}`",
            again(anatomy).fixed_option("--expires", "24h")
        ),
        _ => "make a new link with the tools of that service".to_owned(),
    };
    if let (Some(server), Some(issued)) = (server, anatomy.issued_at) {
        let skew = (now - server).num_seconds();
        let ahead = (issued - server).num_seconds();
        let ended = anatomy.expires_at.is_some_and(|ends| server > ends);
        let alive_here = anatomy.expires_at.is_none_or(|ends| now <= ends)
            && (issued - now).num_seconds() <= CLOCK_TOLERANCE;
        if skew.abs() > CLOCK_TOLERANCE && alive_here && (ahead > CLOCK_TOLERANCE || ended) {
            let direction = if skew > 0 { "ahead of" } else { "behind" };
            let mut fix = "set the clock that signs: `timedatectl set-ntp true`".to_owned();
            if ahead > 0 {
                fix.push_str("; until then sign as of earlier: `--backdate 15m`");
            }
            found.push(
                Finding::certain(
                    Code::ClockSkew,
                    format!("this clock is {} {direction} the store's", span(skew.abs())),
                )
                .evidence(format!("this clock   {}", rfc3339(now)))
                .evidence(format!("the store's  {}", rfc3339(server)))
                .evidence(format!("X-Amz-Date   {}", rfc3339(issued)))
                .fix(fix),
            );
        }
    }
    let clock = server.unwrap_or(now);
    if let Some(ends) = anatomy.expires_at.filter(|ends| *ends < clock) {
        let since = (clock - ends).num_seconds();
        found.push(
            Finding::certain(
                Code::Expired,
                format!("the link expired {} ago, at {}", span(since), rfc3339(ends)),
            )
            .since(ends)
            .fix(renew()),
        );
    }
    if let Some(issued) = anatomy.issued_at {
        let ahead = (issued - clock).num_seconds();
        if let Some(local) = local_time(ahead) {
            found.push(local.evidence(format!("the link is not valid before {}", rfc3339(issued))));
        } else if ahead > AHEAD_TOLERANCE {
            found.push(
                Finding::certain(
                    Code::NotYetValid,
                    format!(
                        "X-Amz-Date is {} ahead: the link is not valid before {}",
                        span(ahead),
                        rfc3339(issued)
                    ),
                )
                .fix("wait until then, or sign with a right clock"),
            );
        } else if ahead > CLOCK_TOLERANCE && !found.iter().any(|f| f.code == Code::ClockSkew) {
            found.push(
                Finding::likely(
                    Code::ClockSkew,
                    format!(
                        "X-Amz-Date is {} ahead: the clock that signed is fast, or this one \
                         slow",
                        span(ahead)
                    ),
                )
                .fix(
                    "set both clocks: `timedatectl set-ntp true`; or sign as of earlier: \
                     `--backdate 15m`",
                ),
            );
        }
    }
    found
}

/// How to get a new URL from the service that redirected to this one.
pub fn renew_by_redirect(anatomy: &Anatomy) -> String {
    let service = redirecting_service(&anatomy.parts).unwrap_or("the service");
    format!(
        "request the URL at {service} again, which redirects to a new link: `curl --location \
         --remote-name URL`"
    )
}

/// A timestamp that is ahead by the distance of a time zone, less the minutes since it was made, is
/// a local time: no clock is wrong by so round a number.
pub fn local_time(ahead: i64) -> Option<Finding> {
    // All zones but three are whole half hours from UTC: Nepal, Eucla, Chatham.
    let quarters = [20_700, 31_500, 45_900];
    let zones = (1..=28).map(|half_hours| half_hours * 1800).chain(quarters);
    let zone = zones
        .into_iter()
        .find(|zone| (zone - 300..=zone + 30).contains(&ahead))?;
    let hours = span(zone);
    Some(
        Finding::certain(
            Code::LocalTimeNotUtc,
            format!("X-Amz-Date is ahead by almost exactly {hours}: it looks like a local time"),
        )
        .fix("sign with UTC: X-Amz-Date ends in `Z`"),
    )
}
