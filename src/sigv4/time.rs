//! The time of a signature in the formats of the specification: `YYYYMMDDTHHMMSSZ` and `YYYYMMDD`.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Error;

const SECONDS_OF_DAY: i64 = 86_400;

/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// A time that can be written into a signature: whole seconds, UTC, years 0000 to 9999.
///
/// ```
/// use std::time::SystemTime;
/// use cos_presign::sigv4::SigningTime;
///
/// # fn main() -> Result<(), cos_presign::sigv4::Error> {
/// let signed_at: SigningTime = "20130524T000000Z".parse()?;
/// assert_eq!(signed_at.unix_seconds(), 1_369_353_600);
/// assert_eq!(signed_at.to_string(), "20130524T000000Z");
/// assert!(SigningTime::try_from(SystemTime::now())? > signed_at);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SigningTime(i64);

impl SigningTime {
    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`Error::TimeOutOfRange`] outside the years 0000 to 9999.
    pub const fn from_unix_seconds(seconds: i64) -> Result<Self, Error> {
        if seconds < *RANGE.start() || seconds > *RANGE.end() {
            return Err(Error::TimeOutOfRange);
        }
        Ok(SigningTime(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }

    /// `X-Amz-Date`: `20130524T000000Z`.
    pub fn timestamp(self) -> String {
        self.to_string()
    }

    /// The first field of the credential scope: `20130524`.
    pub fn datestamp(self) -> String {
        let mut text = self.timestamp();
        text.truncate(8);
        text
    }

    /// RFC 3339: `2013-05-24T00:00:00Z`.
    pub fn rfc3339(self) -> String {
        let ([year, month, day], [hour, minute, second]) = self.fields();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// Parses an RFC 3339 time, with `Z` or an offset. Fractions of a second are truncated.
    ///
    /// # Errors
    /// [`Error::Time`] if the text is not an RFC 3339 time, [`Error::TimeOutOfRange`] if it is
    /// outside the years 0000 to 9999 in UTC.
    pub fn parse_rfc3339(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Time(text.to_owned());
        let bytes = text.as_bytes();
        let is_separated = bytes.len() >= 20
            && text.is_ascii()
            && [bytes[4], bytes[7]] == *b"--"
            && b"Tt ".contains(&bytes[10])
            && [bytes[13], bytes[16]] == *b"::";
        if !is_separated {
            return Err(wrong());
        }
        let number = |range| number(&text[range]).ok_or_else(wrong);
        let date = [number(0..4)?, number(5..7)?, number(8..10)?];
        let time = [number(11..13)?, number(14..16)?, number(17..19)?];
        let mut zone = &text[19..];
        if let Some(fraction) = zone.strip_prefix('.') {
            zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return Err(wrong());
            }
        }
        let offset = match zone.as_bytes() {
            b"Z" | b"z" => 0,
            [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
                let hours = number_in(&zone[1..3], 23).ok_or_else(wrong)?;
                let minutes = number_in(&zone[4..6], 59).ok_or_else(wrong)?;
                let offset = hours * 3600 + minutes * 60;
                if *sign == b'-' { -offset } else { offset }
            }
            _ => return Err(wrong()),
        };
        let seconds = seconds_of(date, time).ok_or_else(wrong)?;
        SigningTime::from_unix_seconds(seconds - offset)
    }

    /// This time plus a number of seconds.
    ///
    /// # Errors
    /// [`Error::TimeOutOfRange`] if the sum is past the year 9999.
    pub fn plus_seconds(self, seconds: u64) -> Result<Self, Error> {
        let sum = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| self.0.checked_add(seconds));
        SigningTime::from_unix_seconds(sum.ok_or(Error::TimeOutOfRange)?)
    }

    /// Days since 1970: a signing key is valid for one.
    pub(super) fn day(self) -> i64 {
        self.0.div_euclid(SECONDS_OF_DAY)
    }

    /// The timestamp, without an allocation.
    pub(super) fn timestamp_bytes(self) -> [u8; 16] {
        let ([year, month, day], [hour, minute, second]) = self.fields();
        let mut text = *b"00000000T000000Z";
        for (at, number) in [
            (0, year / 100),
            (2, year % 100),
            (4, month),
            (6, day),
            (9, hour),
            (11, minute),
            (13, second),
        ] {
            text[at] += (number / 10) as u8;
            text[at + 1] += (number % 10) as u8;
        }
        text
    }

    /// Year, month and day; hour, minute and second.
    fn fields(self) -> ([i64; 3], [i64; 3]) {
        let second = self.0.rem_euclid(SECONDS_OF_DAY);
        let time = [second / 3600, second / 60 % 60, second % 60];
        // Years are counted from March, so that a leap day is the last day of its year. 400 of them
        // have 146 097 days; the first of these periods starts at 0000-03-01.
        let day = self.day() + 719_468;
        let (period, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let date = [
            400 * period + year + i64::from(month >= 10),
            if month < 10 { month + 3 } else { month - 9 },
            day - (153 * month + 2) / 5 + 1,
        ];
        (date, time)
    }
}

/// Seconds since 1970, if the date and time are valid. A leap second counts as the one before it.
fn seconds_of([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3]) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let exists = (1..=days).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    // The inverse of `fields`.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (period, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1;
    let day = 146_097 * period + day - 719_468;
    exists.then(|| day * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second.min(59))
}

fn number(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

fn number_in(digits: &str, most: i64) -> Option<i64> {
    number(digits).filter(|number| *number <= most)
}

/// The format of `X-Amz-Date`: `20130524T000000Z`.
impl fmt::Display for SigningTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.timestamp_bytes() {
            fmt::Write::write_char(f, char::from(byte))?;
        }
        Ok(())
    }
}

impl fmt::Debug for SigningTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningTime({self})")
    }
}

/// Parses the form of `X-Amz-Date`: `20130524T000000Z`.
impl FromStr for SigningTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Time(text.to_owned());
        let is_separated = text.len() == 16
            && text.is_ascii()
            && text.as_bytes()[8] == b'T'
            && text.ends_with('Z');
        if !is_separated {
            return Err(wrong());
        }
        let number = |range| number(&text[range]).ok_or_else(wrong);
        let date = [number(0..4)?, number(4..6)?, number(6..8)?];
        let time = [number(9..11)?, number(11..13)?, number(13..15)?];
        seconds_of(date, time).map(SigningTime).ok_or_else(wrong)
    }
}

/// Fractions of a second are truncated.
impl TryFrom<SystemTime> for SigningTime {
    type Error = Error;

    fn try_from(time: SystemTime) -> Result<Self, Error> {
        let seconds = |time: Duration| i64::try_from(time.as_secs()).ok();
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => seconds(after),
            Err(before) => {
                let before = before.duration();
                let part = i64::from(before.subsec_nanos() > 0);
                seconds(before).and_then(|whole| whole.checked_neg()?.checked_sub(part))
            }
        };
        SigningTime::from_unix_seconds(seconds.ok_or(Error::TimeOutOfRange)?)
    }
}

#[cfg(feature = "chrono")]
mod of_chrono {
    use chrono::{DateTime, Utc};

    use super::{Error, SigningTime};

    impl SigningTime {
        /// Converts a time of the crate `chrono`; fractions of a second are truncated.
        ///
        /// # Errors
        /// [`Error::TimeOutOfRange`] outside the years 0000 to 9999.
        pub fn new(time: DateTime<Utc>) -> Result<Self, Error> {
            SigningTime::from_unix_seconds(time.timestamp())
        }

        /// The same time as a type of the crate `chrono`.
        pub fn to_utc(self) -> DateTime<Utc> {
            // All times of these years are within the range of that type.
            DateTime::from_timestamp(self.0, 0).unwrap_or_default()
        }
    }

    impl TryFrom<DateTime<Utc>> for SigningTime {
        type Error = Error;

        fn try_from(time: DateTime<Utc>) -> Result<Self, Error> {
            SigningTime::new(time)
        }
    }

    impl From<SigningTime> for DateTime<Utc> {
        fn from(time: SigningTime) -> Self {
            time.to_utc()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_documented_forms() {
        let time = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        assert_eq!(time.timestamp(), "20130524T000000Z");
        assert_eq!(time.datestamp(), "20130524");
        assert_eq!(time.rfc3339(), "2013-05-24T00:00:00Z");
        assert_eq!(format!("{time:?}"), "SigningTime(20130524T000000Z)");
    }

    #[test]
    fn every_day_of_two_thousand_years_is_read_back() {
        let mut last = String::new();
        for day in (0..3_652_425).step_by(3).chain(719_500..724_000) {
            let seconds = RANGE.start() + day * SECONDS_OF_DAY + day % SECONDS_OF_DAY;
            let time = SigningTime::from_unix_seconds(seconds).expect("in range");
            let text = time.timestamp();
            assert_eq!(text.parse(), Ok(time), "{text}");
            assert_eq!(SigningTime::parse_rfc3339(&time.rfc3339()), Ok(time));
            assert!(last < text || day == 719_500, "{last} {text}");
            last = text;
        }
        for (seconds, text) in [
            (*RANGE.start(), "00000101T000000Z"),
            (*RANGE.end(), "99991231T235959Z"),
            (-1, "19691231T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            let time = SigningTime::from_unix_seconds(seconds).expect("in range");
            assert_eq!(time.timestamp(), text);
        }
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn equals_chrono() {
        for step in 0..40_000_i64 {
            let seconds = RANGE.start() + step * 7_889_231;
            let time = SigningTime::from_unix_seconds(seconds).expect("in range");
            let theirs = time.to_utc().format("%Y%m%dT%H%M%SZ").to_string();
            assert_eq!(time.timestamp(), theirs);
            assert_eq!(SigningTime::new(time.to_utc()), Ok(time));
        }
    }

    #[test]
    fn refuses_what_is_not_a_time() {
        for text in [
            "",
            "20130524",
            "20130524T000000",
            "20130524t000000Z",
            "20130229T000000Z",
            "20131301T000000Z",
            "20130500T000000Z",
            "20130524T240000Z",
            "20130524T006000Z",
            "+0130524T000000Z",
            "2013-05-24T00:00Z",
            "2013052éT00000Z",
        ] {
            let error = Error::Time(text.to_owned());
            assert_eq!(text.parse::<SigningTime>(), Err(error), "{text}");
        }
        for (text, seconds) in [
            ("2013-05-24T00:00:00.5Z", Some(1_369_353_600)),
            ("2013-05-24t02:30:00+02:30", Some(1_369_353_600)),
            ("2013-05-23 23:00:00-01:00", Some(1_369_353_600)),
            ("2013-05-24T00:00:00", None),
            ("2013-05-24T00:00:00.Z", None),
            ("2013-05-24T00:00:00+25:00", None),
            ("2013-05-24", None),
            ("tomorrow, at about ten", None),
        ] {
            let read = SigningTime::parse_rfc3339(text);
            assert_eq!(read.ok().map(SigningTime::unix_seconds), seconds, "{text}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_written() {
        let time = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        for result in [
            time.plus_seconds(u64::MAX),
            time.plus_seconds(300_000_000_000),
            SigningTime::from_unix_seconds(i64::MAX),
            SigningTime::from_unix_seconds(*RANGE.start() - 1),
            SigningTime::parse_rfc3339("0000-01-01T00:00:00+01:00"),
        ] {
            assert_eq!(result, Err(Error::TimeOutOfRange));
        }
    }

    #[test]
    fn system_times_before_1970_are_rounded_down() {
        let half = Duration::from_millis(500);
        for (time, seconds) in [(UNIX_EPOCH - half, -1), (UNIX_EPOCH + half, 0)] {
            let time = SigningTime::try_from(time).expect("in range");
            assert_eq!(time.unix_seconds(), seconds);
        }
    }
}
