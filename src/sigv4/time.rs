//! The time of a signature, as the specification writes it: `YYYYMMDDTHHMMSSZ` and `YYYYMMDD`.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::Error;

/// A time that can be written into a signature: whole seconds, UTC, years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SigningTime(DateTime<Utc>);

impl SigningTime {
    /// Takes a time; fractions of a second are cut off, as they cannot be written.
    ///
    /// # Errors
    /// [`Error::TimeOutOfRange`] outside the years 0000 to 9999.
    pub fn new(time: DateTime<Utc>) -> Result<Self, Error> {
        if !(0..=9999).contains(&time.year()) {
            return Err(Error::TimeOutOfRange);
        }
        DateTime::from_timestamp(time.timestamp(), 0)
            .map(SigningTime)
            .ok_or(Error::TimeOutOfRange)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`Error::TimeOutOfRange`] outside the years 0000 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, Error> {
        DateTime::from_timestamp(seconds, 0)
            .ok_or(Error::TimeOutOfRange)
            .and_then(SigningTime::new)
    }

    /// The same time as chrono's type.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }

    /// `X-Amz-Date`: `20130524T000000Z`.
    pub fn timestamp(self) -> String {
        self.0.format("%Y%m%dT%H%M%SZ").to_string()
    }

    /// The credential scope's first field: `20130524`.
    pub fn datestamp(self) -> String {
        self.0.format("%Y%m%d").to_string()
    }

    /// RFC 3339, for people: `2013-05-24T00:00:00Z`.
    pub fn rfc3339(self) -> String {
        self.0.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// This time and so many seconds more.
    ///
    /// # Errors
    /// [`Error::TimeOutOfRange`] if the sum is past the year 9999.
    pub fn plus_seconds(self, seconds: u64) -> Result<Self, Error> {
        let delta = i64::try_from(seconds)
            .ok()
            .and_then(TimeDelta::try_seconds)
            .ok_or(Error::TimeOutOfRange)?;
        self.0
            .checked_add_signed(delta)
            .ok_or(Error::TimeOutOfRange)
            .and_then(SigningTime::new)
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
    }

    #[test]
    fn refuses_what_cannot_be_written() {
        let time = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        assert_eq!(time.plus_seconds(u64::MAX), Err(Error::TimeOutOfRange));
        assert_eq!(
            time.plus_seconds(300_000_000_000),
            Err(Error::TimeOutOfRange)
        );
        assert_eq!(
            SigningTime::from_unix_seconds(i64::MAX),
            Err(Error::TimeOutOfRange)
        );
    }
}
