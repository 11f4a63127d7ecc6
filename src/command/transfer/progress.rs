//! The progress of a transfer: a line on a terminal, and the message on interruption.

use std::path::PathBuf;
use std::time::Duration;

use crate::text::{Report, time_span};

use super::failure::size;

/// Counters. While they are locked no signal ends the process.
#[derive(Debug, Default)]
pub struct Progress {
    /// Total bytes, if known.
    pub total: Option<u64>,
    /// Bytes from an earlier run.
    pub there: u64,
    /// Bytes transferred, without those of failed requests.
    pub moved: u64,
    /// Completed parts, and their number.
    pub parts: Option<(usize, usize)>,
    /// Number of retries.
    pub retries: u32,
    /// Why the transfer is waiting.
    pub waiting: Option<String>,
    /// What is kept when the process is interrupted.
    pub unit: Unit,
    /// A partial file to remove, which no later run can use.
    pub discard: Option<PathBuf>,
}

/// What is kept of an interrupted transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Nothing.
    #[default]
    Whole,
    /// The completed parts.
    Parts,
    /// All received bytes.
    Bytes,
}

impl Progress {
    /// The message of an interrupted process. It promises only what is kept.
    pub fn stopped(&self) -> String {
        match (self.unit, self.parts) {
            (Unit::Parts, Some((done, all))) => {
                format!(
                    "stopped: the store has {done} of {all} parts; run the same command again to \
                     resume there"
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
            _ => "stopped: nothing is kept; run the same command again to start from the beginning"
                .to_owned(),
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
                ", {} remaining",
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
            "512.0 MiB of 1.0 GiB, 50 %, 64.0 MiB a second, 8 s remaining"
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
