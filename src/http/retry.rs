//! Retry policy of calls, listings and transfers.

use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{ProbeError, Response};

/// Retries with exponential backoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Attempts of a request, including the first.
    pub tries: u32,
    /// Before the second attempt; doubled before each further one.
    pub first_delay: Duration,
    /// Maximum delay.
    pub longest_delay: Duration,
    /// Maximum delay requested by the store (`Retry-After`).
    pub longest_retry_after: Duration,
}

/// The policy of listings.
impl Default for Retries {
    fn default() -> Self {
        Retries {
            tries: 5,
            first_delay: Duration::from_millis(200),
            longest_delay: Duration::from_secs(5),
            longest_retry_after: Duration::from_secs(30),
        }
    }
}

impl Retries {
    /// The policy of listings, with this many retries after the first attempt.
    pub fn of_listings(retries: u32) -> Self {
        Retries {
            tries: retries.saturating_add(1),
            ..Retries::default()
        }
    }

    /// The policy of transfers, where a failure costs more. The delays of 10 retries add up to more
    /// than a minute, enough for a server to restart.
    pub fn of_transfers(retries: Option<u32>) -> Self {
        Retries {
            tries: retries.unwrap_or(10).saturating_add(1),
            first_delay: Duration::from_millis(250),
            longest_delay: Duration::from_secs(20),
            longest_retry_after: Duration::from_secs(120),
        }
    }

    /// As many attempts without a delay, for tests.
    pub fn without_delays() -> Self {
        Retries {
            first_delay: Duration::ZERO,
            longest_delay: Duration::ZERO,
            longest_retry_after: Duration::ZERO,
            ..Retries::default()
        }
    }

    /// The delay after this attempt, the first of which is 1.
    pub fn delay(&self, tried: u32, retry_after: Option<Duration>) -> Duration {
        self.limited(self.doubled(tried), retry_after)
    }

    /// The delay after this many consecutive failures; `None` if no retries are left. `chance` is a
    /// random number from 0 to 1, so that clients of a store do not retry at the same moment. A
    /// delay requested by the store is never shortened by it.
    pub fn delay_with_jitter(
        &self,
        failed: u32,
        retry_after: Option<Duration>,
        chance: f64,
    ) -> Option<Duration> {
        if failed >= self.tries {
            return None;
        }
        let ours = self
            .doubled(failed)
            .mul_f64(0.75 + 0.5 * chance.clamp(0.0, 1.0));
        Some(self.limited(ours, retry_after))
    }

    /// Sends until there is a response that is not transient, or the attempts are used up. `now`
    /// is compared with the date of a `Retry-After`.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub fn send(
        &self,
        now: impl Fn() -> DateTime<Utc>,
        mut attempt: impl FnMut() -> Result<Response, ProbeError>,
    ) -> Result<Response, ProbeError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let result = attempt();
            let retry_after = match &result {
                Err(error) if error.is_transient(true) => None,
                Ok(response) if response.is_transient() => response.retry_after(now()),
                _ => return result,
            };
            if tried >= self.tries {
                return result;
            }
            thread::sleep(self.delay(tried, retry_after));
        }
    }

    fn doubled(&self, tried: u32) -> Duration {
        self.first_delay
            .saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)))
            .min(self.longest_delay)
    }

    fn limited(&self, ours: Duration, retry_after: Option<Duration>) -> Duration {
        retry_after.map_or(ours, |theirs| {
            theirs.min(self.longest_retry_after).max(ours)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_a_limit_and_the_store_may_lengthen_them() {
        let retries = Retries::default();
        let delays: Vec<_> = (1..=7)
            .map(|tried| retries.delay(tried, None).as_millis())
            .collect();
        assert_eq!(delays, [200, 400, 800, 1600, 3200, 5000, 5000]);
        for (theirs, seconds) in [(0, 0.2), (7, 7.0), (30, 30.0), (3600, 30.0)] {
            assert_eq!(
                retries
                    .delay(1, Some(Duration::from_secs(theirs)))
                    .as_secs_f64(),
                seconds
            );
        }
        assert_eq!(
            Retries::without_delays().delay(u32::MAX, Some(Duration::MAX)),
            Duration::ZERO
        );
    }

    #[test]
    fn transfers_bridge_a_minute() {
        let retries = Retries::of_transfers(None);
        let delays = |chance: f64| {
            (1..).map_while(move |failed| retries.delay_with_jitter(failed, None, chance))
        };
        assert_eq!(delays(0.0).count(), 10);
        assert!(delays(0.0).sum::<Duration>() > Duration::from_secs(60));
        assert!(delays(1.0).sum::<Duration>() < Duration::from_secs(180));
        assert!(
            delays(0.5)
                .zip(delays(0.5).skip(1))
                .all(|(one, next)| next >= one)
        );
    }

    #[test]
    fn a_store_that_is_transferred_to_may_ask_for_two_minutes() {
        let after = |seconds| {
            let theirs = Some(Duration::from_secs(seconds));
            Retries::of_transfers(None).delay_with_jitter(1, theirs, 0.5)
        };
        assert_eq!(after(0), Some(Duration::from_millis(250)));
        assert_eq!(after(7), Some(Duration::from_secs(7)));
        assert_eq!(after(86_400), Some(Duration::from_secs(120)));
        let none = Retries::of_transfers(Some(0));
        assert_eq!(none.delay_with_jitter(1, Some(Duration::ZERO), 0.0), None);
    }
}
