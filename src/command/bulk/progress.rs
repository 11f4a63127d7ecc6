//! How far it is, for a person who waits; and how it was.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::pipeline::Tally;

/// Nobody waits before this.
const FIRST: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(250);

/// A line on a terminal that is written again and again.
pub struct Progress {
    is_shown: bool,
    size: Option<u64>,
    started: Instant,
    next: Duration,
    is_on_screen: bool,
}

impl Progress {
    /// `size` is that of the input in bytes.
    pub fn new(is_shown: bool, size: Option<u64>) -> Self {
        Progress {
            is_shown,
            size,
            started: Instant::now(),
            next: FIRST,
            is_on_screen: false,
        }
    }

    /// Shows it, if it is time.
    pub fn show(&mut self, tally: &Mutex<Tally>, err: &mut dyn Write) {
        let elapsed = self.started.elapsed();
        if !self.is_shown || elapsed < self.next {
            return;
        }
        self.next = elapsed + EVERY;
        let line = line(
            &tally.lock().unwrap_or_else(PoisonError::into_inner),
            elapsed,
            self.size,
        );
        let _ = write!(err, "\r\x1b[K{line}");
        let _ = err.flush();
        self.is_on_screen = true;
    }

    /// Takes it away, before anything else is written.
    pub fn clear(&mut self, err: &mut dyn Write) {
        if std::mem::take(&mut self.is_on_screen) {
            let _ = write!(err, "\r\x1b[K");
        }
    }
}

fn line(tally: &Tally, elapsed: Duration, size: Option<u64>) -> String {
    let rate = tally.links as f64 / elapsed.as_secs_f64();
    let mut line = format!(
        "{} links, {} a second",
        grouped(tally.links),
        grouped(rate as u64)
    );
    if let Some(size) = size.filter(|size| *size > 0) {
        let part = (tally.bytes as f64 / size as f64).clamp(1e-9, 1.0);
        let left = elapsed.as_secs_f64() / part - elapsed.as_secs_f64();
        line.push_str(&format!(", {:.0} %, {:.0} s left", 100.0 * part, left));
    }
    if tally.rejected > 0 {
        line.push_str(&format!(", {} rejected", grouped(tally.rejected)));
    }
    line
}

/// The last line.
pub fn summary(tally: &Tally, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let rate = tally.links as f64 / seconds.max(1e-9);
    let mut line = format!(
        "{} links in {seconds:.1} s, {} a second",
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

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
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
            "1,234,567 links, 123,456 a second, 25 %, 30 s left, 3 rejected"
        );
        assert_eq!(
            summary(&tally, Duration::from_secs(2)),
            "1,234,567 links in 2.0 s, 617,283 a second; 3 of 1,234,570 records rejected"
        );
        assert_eq!(
            summary(&Tally::default(), Duration::ZERO),
            "0 links in 0.0 s, 0 a second"
        );
        assert_eq!(grouped(1000), "1,000");
    }

    #[test]
    fn nothing_is_shown_in_the_first_second_or_where_nobody_looks() {
        let tally = Mutex::new(Tally::default());
        let mut err = Vec::new();
        for is_shown in [true, false] {
            let mut progress = Progress::new(is_shown, None);
            progress.show(&tally, &mut err);
            progress.clear(&mut err);
        }
        assert_eq!(err, b"");
    }
}
