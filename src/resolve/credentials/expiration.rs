//! When temporary credentials expire, as the tools that fetch them write it down.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::error::Failure;
use crate::resolve::time_text::read_time;
use crate::sigv4::{Credentials, SigningTime};

pub(super) fn with_expiration(
    credentials: Credentials,
    source: &str,
    text: &str,
) -> Result<Credentials, Failure> {
    let end = expiration(text).ok_or_else(|| {
        Failure::configuration(format!(
            "the expiry of the credentials from {source}, `{}`, is not a time",
            text.escape_debug()
        ))
        .hint("write it as `2026-01-31T23:59:59Z`, or remove it")
    })?;
    let end = SigningTime::new(end)
        .map_err(|error| Failure::configuration(format!("{source}: {error}")))?;
    Ok(credentials.ending_at(end))
}

/// A time as the tools that fetch temporary credentials write it; without a zone it is UTC.
pub fn expiration(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = read_time(text) {
        return Some(time);
    }
    for form in [
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f %z",
    ] {
        if let Ok(time) = DateTime::parse_from_str(text, form) {
            return Some(time.with_timezone(&Utc));
        }
    }
    for form in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.fZ",
        "%Y-%m-%d %H:%M:%S%.f UTC",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return Some(time.and_utc());
        }
    }
    // Seconds since 1970, and not a year.
    let seconds = text.parse().ok().filter(|_| text.len() >= 9)?;
    DateTime::from_timestamp(seconds, 0)
}
