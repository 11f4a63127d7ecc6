//! Progress line and summary of bulk signing.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::pipeline::Tally;
use crate::text::{Report, grouped, time_span};

/// Number of URLs written, for an input of this size in bytes.
pub struct BulkProgress<'t> {
    pub tally: &'t Mutex<Tally>,
    pub size: Option<u64>,
}

impl Report for BulkProgress<'_> {
    fn line(&self, elapsed: Duration) -> String {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        line(&tally, elapsed, self.size)
    }
}

fn line(tally: &Tally, elapsed: Duration, size: Option<u64>) -> String {
    let rate = tally.links as f64 / elapsed.as_secs_f64();
    let mut line = format!(
        "{} URLs, {} a second",
        grouped(tally.links),
        grouped(rate as u64)
    );
    if let Some(size) = size.filter(|size| *size > 0) {
        let part = (tally.bytes as f64 / size as f64).clamp(1e-9, 1.0);
        let left = elapsed.as_secs_f64() / part - elapsed.as_secs_f64();
        line.push_str(&format!(
            ", {:.0} %, {} remaining",
            100.0 * part,
            time_span(left)
        ));
    }
    if tally.rejected > 0 {
        line.push_str(&format!(", {} rejected", grouped(tally.rejected)));
    }
    line
}

/// The summary.
pub fn summary(tally: &Tally, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let rate = tally.links as f64 / seconds.max(1e-9);
    let mut line = format!(
        "{} URLs in {seconds:.1} s, {} a second",
        grouped(tally.links),
        grouped(rate as u64)
    );
    if tally.rejected > 0 {
        line.push_str(&format!(
            "; {} of {} records rejected",
            grouped(tally.rejected),
            grouped(tally.records)
        ));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_what_is_left() {
        let tally = Tally {
            links: 1_234_567,
            records: 1_234_570,
            rejected: 3,
            bytes: 50,
        };
        assert_eq!(
            line(&tally, Duration::from_secs(10), Some(200)),
            "1,234,567 URLs, 123,456 a second, 25 %, 30 s remaining, 3 rejected"
        );
        assert_eq!(
            summary(&tally, Duration::from_secs(2)),
            "1,234,567 URLs in 2.0 s, 617,283 a second; 3 of 1,234,570 records rejected"
        );
        assert_eq!(
            summary(&Tally::default(), Duration::ZERO),
            "0 URLs in 0.0 s, 0 a second"
        );
    }
}
