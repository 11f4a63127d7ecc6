//! How often and how soon something is tried again.

use std::time::Duration;

/// Together the delays are more than a minute: long enough for a server that is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How often a request is made again before it is given up.
    pub count: u32,
}

/// Before the first retry; doubled before each further one.
const FIRST: Duration = Duration::from_millis(250);
/// No delay of ours is longer.
const LONGEST: Duration = Duration::from_secs(20);
/// If the store says when to come again, at most so long.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(120);

impl Default for Retries {
    fn default() -> Self {
        Retries { count: 10 }
    }
}

impl Retries {
    /// How long to wait after so many failures in a row; `None` if that was enough. `chance` is a number from 0 to 1, so that
    /// many clients of one store do not come back at the same moment. What the store asks for is never shortened by it.
    pub fn delay(self, failed: u32, asked_for: Option<Duration>, chance: f64) -> Option<Duration> {
        if failed > self.count {
            return None;
        }
        let ours = FIRST
            .saturating_mul(2_u32.saturating_pow(failed.saturating_sub(1)))
            .min(LONGEST);
        let ours = ours.mul_f64(0.75 + 0.5 * chance.clamp(0.0, 1.0));
        Some(asked_for.map_or(ours, |theirs| theirs.min(LONGEST_ASKED_FOR).max(ours)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_away_for_a_minute() {
        let delays = |chance: f64| {
            (1..).map_while(move |failed| Retries::default().delay(failed, None, chance))
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
    fn the_store_may_ask_for_longer_but_not_for_ever() {
        let after = |seconds| Retries::default().delay(1, Some(Duration::from_secs(seconds)), 0.5);
        assert_eq!(after(0), Some(Duration::from_millis(250)));
        assert_eq!(after(7), Some(Duration::from_secs(7)));
        assert_eq!(after(86_400), Some(Duration::from_secs(120)));
        assert_eq!(
            Retries { count: 0 }.delay(1, Some(Duration::ZERO), 0.0),
            None
        );
    }
}
