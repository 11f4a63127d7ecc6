//! Durations and times as people type them: `1h30m`, `PT1H`, `2026-12-24T18:00:00Z`.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::error::Failure;

/// Seconds in a day.
pub(super) const DAY: u64 = 86_400;

/// Reads `90`, `90s`, `90m`, `24h`, `7d`, `2w` and sums of them such as `1h30m`, the same with the
/// names of units (`1 day`, `60min`), with a `+` before it, and ISO 8601 (`PT1H`, `P7D`). A bare
/// number is seconds.
///
/// # Errors
/// A sentence that names the option, the text, and the forms that are understood.
pub fn parse_duration(option: &str, text: &str) -> Result<u64, Failure> {
    let refuse = |why: &str| {
        Err(Failure::usage(format!("{option} `{text}` {why}")).hint(
            "give seconds, or numbers with s, m, h, d or w: `3600`, `90m`, `24h`, `7d`, `1h30m`",
        ))
    };
    if text.starts_with('-') {
        return refuse("is negative");
    }
    let number = text.strip_prefix('+').unwrap_or(text);
    if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
        return number.parse().or_else(|_| refuse("is too long a time"));
    }
    let iso = iso_duration(number);
    let mut total: u64 = 0;
    let mut smallest = u64::MAX;
    let mut rest = iso.as_deref().unwrap_or(number).trim();
    if rest.is_empty() {
        return refuse("is not a duration");
    }
    while !rest.is_empty() {
        let (number, unit) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        let unit = unit.trim_start();
        let (name, behind) =
            unit.split_at(unit.bytes().take_while(u8::is_ascii_alphabetic).count());
        let seconds = match name {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => DAY,
            "w" | "week" | "weeks" => 7 * DAY,
            _ => return refuse("is not a duration"),
        };
        // `1m30` and `30m1h` are more likely typing errors than meant.
        if number.is_empty() || seconds >= smallest {
            return refuse("is not a duration");
        }
        smallest = seconds;
        let Some(sum) = number
            .parse::<u64>()
            .ok()
            .and_then(|n| n.checked_mul(seconds))
            .and_then(|n| n.checked_add(total))
        else {
            return refuse("is too long a time");
        };
        total = sum;
        rest = behind.trim_start();
    }
    Ok(total)
}

/// `P1DT2H` as `1d2h`. Months and years have no length.
fn iso_duration(text: &str) -> Option<String> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None => (&text[1..], ""),
    };
    let has_only = |text: &str, units: &str| {
        text.chars()
            .all(|c| c.is_ascii_digit() || units.contains(c))
    };
    (has_only(date, "WD") && has_only(time, "HMS"))
        .then(|| format!("{date}{time}").to_ascii_lowercase())
}

/// Why a text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeError {
    /// Date and time without a time zone.
    NoZone,
    /// None of the forms that are understood.
    NoTime,
}

/// Reads RFC 3339, a date (its first moment in UTC), the `YYYYMMDDTHHMMSSZ` of signatures, or the
/// time of a mail or an HTTP header.
///
/// # Errors
/// What the text is instead.
pub(super) fn read_time(text: &str) -> Result<DateTime<Utc>, TimeError> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc));
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ") {
        return Ok(time.and_utc());
    }
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return Ok(time.with_timezone(&Utc));
    }
    if text.len() == "2026-12-24".len()
        && let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
    {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    let without_zone = [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ];
    let read = |text: &str| {
        let mut forms = without_zone.iter();
        forms.find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    };
    let zones = [" UTC", " GMT", "Z"];
    let in_utc = zones.iter().find_map(|zone| text.strip_suffix(zone));
    if let Some(time) = in_utc.and_then(read) {
        return Ok(time.and_utc());
    }
    Err(match read(text) {
        Some(_) => TimeError::NoZone,
        None => TimeError::NoTime,
    })
}

/// The same of an option.
///
/// # Errors
/// A sentence that names the option, the text, and the forms that are understood.
pub fn parse_time(option: &str, text: &str) -> Result<DateTime<Utc>, Failure> {
    read_time(text).map_err(|error| match error {
        TimeError::NoZone => Failure::usage(format!("{option} `{text}` has no time zone")).hint(
            "end it with Z for UTC, or with an offset: `2026-12-24T18:00:00Z`, \
                `2026-12-24T18:00:00+01:00`",
        ),
        TimeError::NoTime => Failure::usage(format!("{option} `{text}` is not a time"))
            .hint("give a date or an RFC 3339 time: `2026-12-24`, `2026-12-24T18:00:00Z`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("1", 1),
            ("3600", 3600),
            ("90m", 5400),
            ("24h", 86_400),
            ("7d", 604_800),
            ("1h30m", 5400),
            ("1w2d3h4m5s", 788_645),
            ("0", 0),
            ("+3600", 3600),
            ("+1d", 86_400),
            ("1day", 86_400),
            ("60min", 3600),
            ("1h 30m", 5400),
            ("1 hour 30 minutes", 5400),
            ("2weeks", 1_209_600),
            ("PT1H", 3600),
            ("P7D", 604_800),
            ("P1DT12H30M", 131_400),
            ("P2W", 1_209_600),
        ] {
            assert_eq!(parse_duration("--expires", text), Ok(seconds), "{text}");
        }
        for text in [
            "",
            "-5",
            "h",
            "1.5h",
            "1h30",
            "30m1h",
            "1h1h",
            "1H",
            "1y",
            "+",
            "+-1",
            "P",
            "PT",
            "P1M",
            "P1Y",
            "PT1D",
            "1month",
            "1 h x",
            "99999999999999999999",
            "99999999999999w",
            "١",
        ] {
            assert!(parse_duration("--expires", text).is_err(), "{text}");
        }
    }

    #[test]
    fn times() {
        for (text, timestamp) in [
            ("2013-05-24T00:00:00Z", 1_369_353_600),
            ("2013-05-24T02:00:00+02:00", 1_369_353_600),
            ("20130524T000000Z", 1_369_353_600),
            ("2013-05-24", 1_369_353_600),
            ("2013-05-24 00:00:00 UTC", 1_369_353_600),
            ("2013-05-24T00:00Z", 1_369_353_600),
            ("2013-05-24 00:00Z", 1_369_353_600),
            ("Fri, 24 May 2013 00:00:00 GMT", 1_369_353_600),
            ("Fri, 24 May 2013 02:00:00 +0200", 1_369_353_600),
        ] {
            assert_eq!(
                parse_time("--at", text).map(|t| t.timestamp()),
                Ok(timestamp),
                "{text}"
            );
        }
        for text in [
            "",
            "now",
            "UTC",
            "Sat, 24 May 2013 00:00:00 GMT",
            "2013-05-24T00:00:00",
            "2013-02-30",
            "24.5.2013",
            "2013-5-4",
        ] {
            assert!(parse_time("--at", text).is_err(), "{text}");
        }
    }
}
