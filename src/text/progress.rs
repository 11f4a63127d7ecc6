//! The progress line of bulk signing, listings, uploads and downloads.

use std::io::Write;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

/// Delay before the line appears.
const FIRST: Duration = Duration::from_secs(1);
/// Refresh interval.
const EVERY: Duration = Duration::from_millis(250);
/// Maximum width: a wrapped line could not be removed.
const WIDTH: usize = 79;

/// A source of progress numbers.
pub trait Report {
    /// The text, after this time.
    fn line(&self, elapsed: Duration) -> String;
}

impl<T: Report> Report for MutexGuard<'_, T> {
    fn line(&self, elapsed: Duration) -> String {
        (**self).line(elapsed)
    }
}

/// A line on a terminal that stays until the next update, or until something else is written.
pub struct ProgressLine<'e> {
    err: &'e mut dyn Write,
    is_shown: bool,
    is_quiet: bool,
    prefix: String,
    started: Instant,
    next: Duration,
    is_on_screen: bool,
}

impl<'e> ProgressLine<'e> {
    /// Shows nothing without a terminal.
    pub fn new(is_terminal: bool, is_quiet: bool, err: &'e mut dyn Write) -> Self {
        ProgressLine {
            err,
            is_shown: is_terminal && !is_quiet,
            is_quiet,
            prefix: String::new(),
            started: Instant::now(),
            next: FIRST,
            is_on_screen: false,
        }
    }

    /// Sets the text before the numbers, and restarts them.
    pub fn restart(&mut self, prefix: String) {
        self.prefix = prefix;
        self.started = Instant::now();
        // With several files, each after the first is shown immediately.
        self.next = if self.is_on_screen {
            Duration::ZERO
        } else {
            FIRST
        };
    }

    /// Replaces the line, if it is time.
    pub fn show(&mut self, report: &impl Report) {
        let elapsed = self.started.elapsed();
        if !self.is_shown || elapsed < self.next {
            return;
        }
        self.next = elapsed + EVERY;
        let line = format!("{}{}", self.prefix, report.line(elapsed));
        let line: String = line.chars().take(WIDTH).collect();
        let _ = write!(self.err, "\r\x1b[K{line}");
        let _ = self.err.flush();
        self.is_on_screen = true;
    }

    /// Removes the line.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.is_on_screen) {
            let _ = write!(self.err, "\r\x1b[K");
            let _ = self.err.flush();
        }
    }

    /// Writer for other text, in place of the line.
    pub fn above(&mut self) -> &mut dyn Write {
        self.clear();
        self.err
    }

    /// Prints a line, unless notes are suppressed.
    pub fn line(&mut self, text: &str) {
        if !self.is_quiet {
            let _ = writeln!(self.above(), "{text}");
        }
    }

    /// Prints a warning.
    pub fn warn(&mut self, message: &str) {
        self.line(&format!("warning: {message}"));
    }

    /// Prints a note.
    pub fn note(&mut self, message: &str) {
        self.line(&format!("note: {message}"));
    }

    /// Prints a result: on a terminal only, not in a log.
    pub fn done(&mut self, text: &str) {
        self.clear();
        if self.is_shown {
            let _ = writeln!(self.err, "{text}");
        }
    }
}

/// `1,234,567`
pub fn grouped(number: u64) -> String {
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

/// `1 byte`, `12.3 MB`: in powers of ten.
pub fn decimal_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    match bytes {
        1 => return "1 byte".to_owned(),
        0..1000 => return format!("{bytes} bytes"),
        _ => {}
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // A value that rounds to a thousand is one of the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = match value {
        0.0..9.995 => 2,
        9.995..99.95 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text} {}", UNITS[unit])
}

/// `8 s`, `3 min 20 s`, `2 h 5 min`
pub fn time_span(seconds: f64) -> String {
    let seconds = seconds.round().max(0.0) as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Report for Fixed {
        fn line(&self, _: Duration) -> String {
            "x".repeat(200)
        }
    }

    #[test]
    fn nothing_is_shown_in_the_first_second_or_without_a_terminal() {
        let mut err = Vec::new();
        for (is_terminal, is_quiet) in [(true, false), (false, false), (true, true)] {
            let mut screen = ProgressLine::new(is_terminal, is_quiet, &mut err);
            screen.show(&Fixed);
            screen.clear();
        }
        let mut screen = ProgressLine::new(false, false, &mut err);
        screen.done("done");
        assert_eq!(err, b"");
    }

    #[test]
    fn the_line_stays_until_something_else_is_written() {
        let mut err = Vec::new();
        let mut screen = ProgressLine::new(true, false, &mut err);
        screen.next = Duration::ZERO;
        screen.show(&Fixed);
        // Too early: the line stays as it is.
        screen.show(&Fixed);
        screen.warn("w");
        screen.done("done");
        let line = "x".repeat(WIDTH);
        let expected = format!("\r\x1b[K{line}\r\x1b[Kwarning: w\ndone\n");
        assert_eq!(String::from_utf8_lossy(&err), expected);
    }

    #[test]
    fn numbers_are_grouped_and_times_are_short() {
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        for (bytes, text) in [
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1 kB"),
            (12_345_678, "12.3 MB"),
            (999_999, "1 MB"),
            (120_000_000_000, "120 GB"),
        ] {
            assert_eq!(decimal_size(bytes), text);
        }
        for (seconds, text) in [(7.6, "8 s"), (200.0, "3 min 20 s"), (7500.0, "2 h 5 min")] {
            assert_eq!(time_span(seconds), text);
        }
    }
}
