//! An object fetched in pieces that can be gone on with, by one connection or several.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::command::transfer::{ProgressLine, TransferError};
use crate::disk::PartialFile;
use crate::error::Failure;
use crate::http::{Channel, Head};
use crate::threads;
use crate::transfer::{Partial, Span, is_strong};

use super::checks_of;
use super::destination::Place;
use super::fetch::{Link, Opened, Range};

/// So much may be lost when the process is killed.
const UNNOTED: u64 = 256 * 1024;

/// How often somebody looks how far it is.
const GLANCE: Duration = Duration::from_millis(100);

/// What came of it.
pub enum Fetched {
    /// All bytes are in the file.
    Whole {
        file: PartialFile,
        partial: Partial,
        resumed_from: u64,
    },
    /// The server has no ranges, or nothing by which it could be known that they are of the same object.
    NotInPieces,
}

/// Why it ended before that.
pub enum Halt {
    TransferError(TransferError),
    /// The object is another now.
    Changed,
}

impl<T: Into<TransferError>> From<T> for Halt {
    fn from(trouble: T) -> Halt {
        Halt::TransferError(trouble.into())
    }
}

/// What one thread met.
enum Met {
    Halt(Halt),
    NoRanges,
}

/// The file and how far it is.
struct Book<'b, 'l, 'a> {
    link: &'b Link<'l, 'a>,
    place: &'b Place,
    file: &'b PartialFile,
    state: Mutex<State>,
}

struct State {
    partial: Partial,
    unnoted: u64,
}

pub fn run(
    link: &Link,
    place: &Place,
    jobs: usize,
    screen: &mut ProgressLine,
) -> Result<Fetched, Halt> {
    if let Some((file, mut partial)) = place.left_over()? {
        let resumed_from = partial.done();
        partial.divide(jobs);
        return fetch(link, place, file, partial, jobs, None, resumed_from, screen);
    }
    let mut channel = channel(link)?;
    let head = link
        .errand
        .persist(|_| match link.open(&mut channel, None)? {
            Opened::Whole(head) => Ok(head),
            // Neither is an answer to a request without a range.
            Opened::Range | Opened::Changed => Err(link.changed().into()),
        })?;
    let Some((etag, size)) = identity(&head) else {
        return Ok(Fetched::NotInPieces);
    };
    let partial = Partial::new(etag, size, checks_of(&head.headers), jobs);
    let file = place.open_partial(&place.name_of(&partial))?;
    let cannot_write = |error: io::Error| Halt::from(place.cannot_write(&error, None));
    file.set_length(0).map_err(cannot_write)?;
    fetch(link, place, file, partial, jobs, Some(channel), 0, screen)
}

/// By what it can be gone on with.
fn identity(head: &Head) -> Option<(&str, u64)> {
    let size = head.header("content-length")?.parse().ok()?;
    let has_ranges = head
        .header("accept-ranges")
        .is_none_or(|ranges| !ranges.eq_ignore_ascii_case("none"));
    head.header("etag")
        .filter(|etag| is_strong(etag) && has_ranges)
        .map(|etag| (etag, size))
}

fn channel<'a>(link: &Link<'_, 'a>) -> Result<Channel<'a>, Failure> {
    link.errand.client.channel().map_err(|error| {
        Failure::new(crate::error::Kind::Network, error.to_string()).hint("close other programs")
    })
}

#[allow(clippy::too_many_arguments, reason = "all of one download")]
fn fetch(
    link: &Link,
    place: &Place,
    file: PartialFile,
    partial: Partial,
    jobs: usize,
    begun: Option<Channel>,
    resumed_from: u64,
    screen: &mut ProgressLine,
) -> Result<Fetched, Halt> {
    {
        let mut account = link.errand.account();
        account.total = Some(partial.size);
        account.there = resumed_from;
    }
    let open: Vec<usize> = (0..partial.spans.len())
        .filter(|at| partial.spans[*at].missing() > 0 || partial.size == 0)
        .collect();
    let book = Book {
        link,
        place,
        file: &file,
        state: Mutex::new(State {
            partial,
            unnoted: 0,
        }),
    };
    book.note(&mut book.state())?;
    let mut halt = None;
    let mut has_ranges = true;
    let next = AtomicUsize::new(0);
    // The first answer is that of the first piece.
    let begun = Mutex::new(begun);
    let (report, reports) = mpsc::channel();
    std::thread::scope(|scope| {
        let work = |_| {
            let (report, next, open, book, begun) = (report.clone(), &next, &open, &book, &begun);
            move || {
                while let Some(index) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let begun = if *index == 0 {
                        begun.lock().ok().and_then(|mut begun| begun.take())
                    } else {
                        None
                    };
                    let outcome = book.piece(*index, begun);
                    let is_over = outcome.is_err();
                    if report.send(outcome).is_err() || is_over {
                        return;
                    }
                }
            }
        };
        threads::start_some(scope, (0..jobs.min(open.len())).map(work))?;
        drop(report);
        loop {
            match reports.recv_timeout(GLANCE) {
                Ok(Ok(())) => {}
                Ok(Err(met)) => {
                    link.errand.stop();
                    match met {
                        Met::NoRanges => has_ranges = false,
                        // The first is the cause of the others.
                        Met::Halt(Halt::TransferError(TransferError::Stopped)) => {}
                        Met::Halt(met) => _ = halt.get_or_insert(met),
                    }
                }
                Err(RecvTimeoutError::Timeout) => screen.show(&link.errand.account()),
                Err(RecvTimeoutError::Disconnected) => return Ok::<_, Failure>(()),
            }
        }
    })?;
    let partial = book
        .state
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .partial;
    match halt {
        Some(Halt::Changed) => {
            file.remove();
            Err(Halt::Changed)
        }
        Some(halt) => {
            if partial.done() == 0 {
                file.remove();
            }
            Err(halt)
        }
        None if !has_ranges => {
            file.remove();
            link.errand.resume();
            *link.errand.account() = Default::default();
            Ok(Fetched::NotInPieces)
        }
        None => Ok(Fetched::Whole {
            file,
            partial,
            resumed_from,
        }),
    }
}

impl Book<'_, '_, '_> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn span(&self, index: usize) -> Span {
        self.state().partial.spans[index]
    }

    /// Fetches one piece, however often it breaks off.
    fn piece(&self, index: usize, begun: Option<Channel>) -> Result<(), Met> {
        let mut is_open = begun.is_some();
        let mut channel = match begun {
            Some(channel) => channel,
            None => channel(self.link).map_err(|failure| Met::Halt(failure.into()))?,
        };
        let mut patience = self.link.errand.patience();
        loop {
            let before = self.span(index);
            if before.missing() == 0 {
                return Ok(());
            }
            let outcome = match std::mem::take(&mut is_open) {
                true => Ok(()),
                false => self.open(&mut channel, before),
            };
            let outcome = outcome.and_then(|()| {
                self.read(index, &mut channel)
                    .map_err(|trouble| Met::Halt(trouble.into()))
            });
            let noted = self.note(&mut self.state());
            match outcome {
                Err(Met::Halt(Halt::TransferError(TransferError::Passing(failure, after)))) => {
                    if self.span(index).at > before.at {
                        patience.reset();
                    }
                    patience
                        .wait(failure, after)
                        .map_err(|trouble| Met::Halt(trouble.into()))?;
                }
                Err(met) => return Err(met),
                Ok(()) => noted.map_err(|failure| Met::Halt(failure.into()))?,
            }
        }
    }

    fn open(&self, channel: &mut Channel, span: Span) -> Result<(), Met> {
        let (etag, size) = {
            let state = self.state();
            (state.partial.etag.clone(), state.partial.size)
        };
        let range = Range {
            start: span.at,
            end: Some(span.end),
            etag: &etag,
            size: Some(size),
        };
        match self
            .link
            .open(channel, Some(range))
            .map_err(|trouble| Met::Halt(trouble.into()))?
        {
            Opened::Range => Ok(()),
            Opened::Whole(_) if span.at == 0 && span.end == size => Ok(()),
            Opened::Whole(_) => Err(Met::NoRanges),
            Opened::Changed => Err(Met::Halt(Halt::Changed)),
        }
    }

    /// Writes what comes, up to the end of the piece.
    fn read(&self, index: usize, channel: &mut Channel) -> Result<(), TransferError> {
        let (link, errand) = (self.link, self.link.errand);
        loop {
            if errand.is_stopped() {
                return Err(TransferError::Stopped);
            }
            let span = self.span(index);
            if span.missing() == 0 {
                return Ok(());
            }
            let broken = |error| errand.unanswered(&link.subject, &error);
            let Some(data) = channel.next_piece().map_err(broken)? else {
                return Err(broken(crate::http::ProbeError::Closed));
            };
            // Behind it is another's piece.
            let data = &data[..data
                .len()
                .min(usize::try_from(span.missing()).unwrap_or(usize::MAX))];
            self.file
                .write_at(span.at, data)
                .map_err(|error| self.cannot_write(&error))?;
            errand.account().moved += data.len() as u64;
            let mut state = self.state();
            state.partial.spans[index].at += data.len() as u64;
            state.unnoted += data.len() as u64;
            if state.unnoted >= UNNOTED {
                self.note(&mut state)?;
            }
        }
    }

    /// Writes behind the last byte how far it is.
    fn note(&self, state: &mut State) -> Result<(), Failure> {
        let Some(note) = state.partial.note() else {
            return Ok(());
        };
        state.unnoted = 0;
        self.file
            .write_at(state.partial.size, &note)
            .map_err(|error| self.place.cannot_write(&error, Some(state.partial.done())))
    }

    fn cannot_write(&self, error: &io::Error) -> Failure {
        self.place
            .cannot_write(error, Some(self.state().partial.done()))
    }
}
