//! Writes the URLs in the order of their keys, and reports which keys have none.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context;

use crate::cli::BulkArgs;
use crate::command::shared::link_request::Io;
use crate::command::shared::notices;
use crate::error::{Failure, Kind};
use crate::pipeline::{self, Outcome, Sink, Tally, WriteFailure};
use crate::text::{ProgressLine, escape_controls};

use super::link_maker::LinkMaker;
use super::listing_notes::ListingNotes;
use super::progress::{self, BulkProgress};
use super::worker::{Common, Worker};

/// The arguments after validation.
pub struct Options<'a> {
    pub args: &'a BulkArgs,
    pub jobs: usize,
    pub quiet: bool,
    /// Warnings that were printed already.
    pub printed: HashSet<String>,
    /// The failure if there is no key at all.
    pub nothing: Option<Failure>,
}

/// The source of keys and its name.
pub struct Input<'a> {
    pub source: Box<dyn pipeline::Source + 'a>,
    pub name: String,
    /// Its size in bytes, if that is known.
    pub size: Option<u64>,
    /// Number of the line with which the source begins.
    pub first_line: u64,
    /// What precedes the first record of the output.
    pub beginning: Vec<u8>,
    pub listing_notes: ListingNotes,
}

/// Signs with as many threads as there are jobs, and writes on this one.
///
/// # Errors
/// If the input cannot be read or the output written, and [`Kind::Refused`] if a key was rejected.
pub fn run<'a>(
    common: &'a Common,
    maker: Option<&'a LinkMaker<'a>>,
    options: Options,
    input: Input,
    streams: Io,
) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let Input {
        mut source,
        name,
        size,
        first_line,
        beginning,
        listing_notes,
    } = input;
    let tally = Arc::new(Mutex::new(Tally::default()));
    env.end_on_signals(Arc::clone(&tally), |tally: &Tally| {
        format!("stopped; URLs written: {}", tally.links)
    })?;
    let mut output = Output {
        common,
        tally: Arc::clone(&tally),
        sink: match env.stdout_file() {
            Some(file) => Sink::Direct(file),
            None => Sink::Given(out),
        },
        is_begun: false,
        is_closed: false,
    };
    output.write_text(&beginning)?;

    let workers = (0..options.jobs)
        .map(|_| {
            let mut worker = Worker::new(common, maker, options.args.fail_fast, options.jobs);
            Box::new(move |piece, outcome: &mut Outcome| worker.work(&piece, outcome))
                as pipeline::Job
        })
        .collect::<Vec<pipeline::Job>>();
    // URLs on the same terminal would overwrite the progress line.
    let is_shown = env.stderr_is_terminal && !env.stdout_is_terminal;
    let mut screen = ProgressLine::new(is_shown, options.quiet, err);
    let progress = BulkProgress {
        tally: &tally,
        size,
    };
    let mut report = Report {
        options,
        name,
        unit: common.framing.unit(),
        line: first_line,
        dotted: 0,
        listing_notes,
    };
    let started = Instant::now();
    let done: anyhow::Result<()> =
        pipeline::run(source.as_mut(), workers, |outcome: &mut Outcome| {
            let links = output.write(outcome)?;
            report.add(outcome, links, &mut screen)?;
            screen.show(&progress);
            Ok(())
        });
    screen.clear();
    done.map_err(|error| match error.downcast::<io::Error>() {
        // A reader that closed the output is not an error; input that ends early is one.
        Ok(error) if output.is_closed => error.into(),
        Ok(error) => reading_failed(&report.name, &error, report.line),
        Err(error) => error,
    })?;
    output
        .sink
        .flush()
        .context("cannot write to standard output")?;
    let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    report.end(&tally, started, err)
}

/// Standard output, with what was written to it.
struct Output<'o, 'c> {
    common: &'c Common,
    tally: Arc<Mutex<Tally>>,
    sink: Sink<'o>,
    /// Whether there was a URL.
    is_begun: bool,
    /// Whether its reader closed it.
    is_closed: bool,
}

impl Output<'_, '_> {
    /// Text that is no record.
    fn write_text(&mut self, text: &[u8]) -> anyhow::Result<()> {
        let framing = &self.common.framing;
        let written = self
            .sink
            .write(&self.tally, text, |bytes| framing.cut_output(bytes), |_| {});
        written.map_err(|failure| self.failed(failure, 0))
    }

    /// The URLs of a piece of the input. Returns the number of all URLs so far.
    fn write(&mut self, outcome: &Outcome) -> anyhow::Result<u64> {
        if outcome.links > 0 && !std::mem::replace(&mut self.is_begun, true) {
            self.write_text(self.common.form.beginning())?;
        }
        let framing = &self.common.framing;
        let before = self
            .tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .links;
        // A partial record at the end is found by what was written, not by what was read.
        let cut = |bytes: &[u8]| framing.cut_output(bytes);
        let written = self.sink.write(&self.tally, &outcome.output, cut, |tally| {
            tally.links += outcome.links;
            tally.records += outcome.records;
            tally.rejected += outcome.rejected.len() as u64;
            tally.bytes += outcome.bytes;
        });
        written.map_err(|failure| {
            let whole = framing.count_output(&outcome.output[..failure.whole]);
            self.failed(failure, before + whole)
        })?;
        Ok(before + outcome.links)
    }

    fn failed(&mut self, failure: WriteFailure, links: u64) -> anyhow::Error {
        if failure.error.kind() == io::ErrorKind::BrokenPipe {
            self.is_closed = true;
            return failure.error.into();
        }
        Failure::new(
            Kind::Io,
            format!(
                "cannot write to standard output: {}; URLs written: {links}",
                failure.error
            ),
        )
        .hint(format!(
            "free disk space, then continue after them: `tail -n +{}` of the keys",
            links + 1
        ))
        .into()
    }
}

/// What is said on standard error.
struct Report<'a> {
    options: Options<'a>,
    name: String,
    /// What a record is called.
    unit: &'static str,
    /// The number of the line after those that were read.
    line: u64,
    /// How many keys have a segment that clients remove.
    dotted: u64,
    listing_notes: ListingNotes,
}

impl Report<'_> {
    /// The warnings and rejected records of a piece of the input; `links` is the number of all URLs
    /// so far. The progress line is only replaced if there is something to print.
    fn add(
        &mut self,
        outcome: &mut Outcome,
        links: u64,
        screen: &mut ProgressLine,
    ) -> anyhow::Result<()> {
        let Options {
            args,
            quiet,
            printed,
            ..
        } = &mut self.options;
        for warning in outcome.warnings.drain(..).filter(|_| !*quiet) {
            notices::print_once(format!("warning: {warning}"), printed, screen.above())?;
        }
        for rejected in &outcome.rejected {
            let message = format!(
                "error: {}, {} {}: {}",
                self.name,
                self.unit,
                self.line + rejected.line,
                rejected.reason
            );
            writeln!(screen.above(), "{}", escape_controls(&message))?;
        }
        if args.fail_fast && !outcome.rejected.is_empty() {
            return Err(Failure::new(
                Kind::Refused,
                format!("stopped at the first rejected record; URLs written: {links}"),
            )
            .hint("correct the record, or remove --fail-fast to skip such records")
            .into());
        }
        if !*quiet && self.listing_notes.has_unprinted_prefixes() {
            self.listing_notes.print_prefixes(screen.above())?;
        }
        self.line += outcome.lines;
        self.dotted += outcome.dotted;
        Ok(())
    }

    /// What is known only at the end, and whether every key has a URL.
    fn end(self, tally: &Tally, started: Instant, err: &mut dyn Write) -> anyhow::Result<()> {
        let Options {
            args,
            quiet,
            nothing,
            ..
        } = self.options;
        if !quiet {
            // The last pages may have common prefixes alone.
            self.listing_notes.print_prefixes(err)?;
            self.listing_notes.print_delete_markers(err)?;
        }
        if self.dotted > 0 && !quiet {
            let have = if self.dotted == 1 {
                "key has"
            } else {
                "keys have"
            };
            writeln!(
                err,
                "warning: {} {have} a `.` or `..` segment: browsers and most clients remove it \
                 from the URL, which then fails; use `curl --path-as-is`",
                self.dotted
            )?;
        }
        if args.summary {
            writeln!(err, "{}", progress::summary(tally, started.elapsed()))?;
        }
        if let Some(failure) = nothing.filter(|_| tally.records == 0) {
            return Err(match self.listing_notes.has_common_prefixes() {
                true => failure.hint("list a common prefix as the TARGET, or remove --delimiter"),
                false => failure,
            }
            .into());
        }
        match tally.rejected {
            0 => Ok(()),
            rejected => Err(Failure::new(
                Kind::Refused,
                format!(
                    "{rejected} of {} records {} no link",
                    tally.records,
                    if rejected == 1 { "has" } else { "have" }
                ),
            )
            .hint("they are listed above; the URLs of all others are written")
            .into()),
        }
    }
}

fn reading_failed(name: &str, error: &io::Error, line: u64) -> anyhow::Error {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Failure>())
    {
        Some(failure) => failure.clone().into(),
        None => Failure::configuration(format!(
            "cannot read {name} after line {}: {error}",
            line.saturating_sub(1)
        ))
        .hint("the URLs of all lines before it are written; check the input")
        .into(),
    }
}
