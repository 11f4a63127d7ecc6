//! The progress of a transfer: a line on a terminal, and the message when it is interrupted.

use std::path::PathBuf;
use std::time::Duration;

use crate::text::{Report, time_span};

use super::failure::size;

/// The numbers. While they are locked no signal ends the process.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the whole, if that is known.
    pub total: Option<u64>,
    /// Bytes that were there before.
    pub there: u64,
    /// Bytes that went over the network, without those that went in vain.
    pub moved: u64,
    /// Parts that are done, and how many there are.
    pub parts: Option<(usize, usize)>,
    /// How often something was tried again.
    pub retries: u32,
    /// Why nothing moves.
    pub waiting: Option<String>,
    /// What is kept when the process is interrupted.
    pub unit: Unit,
    /// A file of which nothing can be used then.
    pub discard: Option<PathBuf>,
}

/// What is kept of a transfer that is interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Nothing.
    #[default]
    Whole,
    /// The parts that are done.
    Parts,
    /// All bytes that came.
    Bytes,
}

impl Progress {
    /// The message of an interrupted process. It promises no more than what is kept.
    pub fn stopped(&self) -> String {
        match (self.unit, self.parts) {
            (Unit::Parts, Some((done, all))) => {
                format!(
                    "stopped: the store has {done} of {all} parts; run the same command again to resume there"
                )
            }
            (Unit::Bytes, _) if self.there + self.moved > 0 => {
                let total = self
                    .total
                    .map(|total| format!(" of {}", size(total)))
                    .unwrap_or_default();
                let done = size(self.there + self.moved);
                format!(
                    "stopped: {done}{total} are kept; run the same command again to resume there"
                )
            }
            _ => "stopped: nothing is kept; run the same command again to begin anew".to_owned(),
        }
    }
}

impl Report for Progress {
    fn line(&self, elapsed: Duration) -> String {
        let rate = self.moved as f64 / elapsed.as_secs_f64().max(1e-9);
        let done = self.there + self.moved;
        let mut line = size(done);
        if let Some(total) = self.total.filter(|total| *total > 0) {
            line.push_str(&format!(
                " of {}, {:.0} %",
                size(total),
                100.0 * done as f64 / total as f64
            ));
        }
        line.push_str(&format!(", {} a second", size(rate as u64)));
        if let Some(total) = self.total.filter(|_| rate >= 1.0) {
            line.push_str(&format!(
                ", {} left",
                time_span(total.saturating_sub(done) as f64 / rate)
            ));
        }
        if let Some(why) = &self.waiting {
            line.push_str(&format!("; waiting: {why}"));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_shown_in_numbers() {
        let mut progress = Progress {
            total: Some(1 << 30),
            there: 256 << 20,
            moved: 256 << 20,
            unit: Unit::Bytes,
            ..Progress::default()
        };
        assert_eq!(
            progress.line(Duration::from_secs(4)),
            "512.0 MiB of 1.0 GiB, 50 %, 64.0 MiB a second, 8 s left"
        );
        assert_eq!(
            progress.stopped(),
            "stopped: 512.0 MiB of 1.0 GiB are kept; run the same command again to resume there"
        );
        let nothing = Progress {
            unit: Unit::Bytes,
            ..Progress::default()
        };
        assert!(nothing.stopped().contains("nothing is kept"));
        progress.waiting = Some("connection refused".to_owned());
        assert!(
            progress
                .line(Duration::from_secs(4))
                .ends_with("; waiting: connection refused")
        );
        progress.unit = Unit::Parts;
        progress.parts = Some((3, 64));
        assert!(progress.stopped().contains("3 of 64 parts"));
        progress.unit = Unit::Whole;
        assert!(progress.stopped().contains("nothing is kept"));
        assert_eq!(
            Progress::default().line(Duration::ZERO),
            "0 bytes, 0 bytes a second"
        );
    }
}
