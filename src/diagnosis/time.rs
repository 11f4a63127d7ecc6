//! Timestamps and lengths of time, read and written.

use chrono::{DateTime, NaiveDateTime, Utc};

/// `YYYYMMDDTHHMMSSZ`
pub fn parse_timestamp(text: &str) -> Option<DateTime<Utc>> {
    let digits = text.len() == 16
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'T' || b == b'Z');
    let time = digits
        .then(|| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok())
        .flatten();
    time.map(|time| time.and_utc())
}

/// `2 h 5 min`
pub fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 if seconds % 60 == 0 => format!("{minutes} min"),
        60..3600 => format!("{minutes} min {} s", seconds % 60),
        3600..86_400 => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// `2026-01-31T23:59:59Z`
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
