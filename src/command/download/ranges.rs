//! A resumable download in ranges, by one or more connections.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::command::transfer::{ProgressLine, TransferError};
use crate::disk::PartialFile;
use crate::error::Failure;
use crate::http::{Channel, Head, ProbeError};
use crate::text::escape_controls;
use crate::threads;
use crate::transfer::{Checks, Digests, LARGEST, Partial, Span, is_strong};

use super::destination::{Destination, Rejected};
use super::fetch::{Link, Opened, Range};

/// Maximum number of bytes lost when the process is killed.
const UNNOTED: u64 = 256 * 1024;

/// Number of bytes that are worth waking the thread that computes checksums.
const HASHED_AT_ONCE: u64 = 1 << 20;

/// Interval of the progress line.
const REFRESH: Duration = Duration::from_millis(100);

/// The outcome of a download in ranges.
pub enum Fetched {
    /// All bytes are in the file.
    Complete {
        file: PartialFile,
        partial: Partial,
        resumed_from: u64,
        /// What was computed while the bytes arrived; `None` if the file has to be read again.
        hashed: Option<Hashed>,
    },
    /// The server does not support ranges, or cannot show that they belong to the same object.
    NoRanges,
}

/// How to download.
#[derive(Clone, Copy)]
pub struct Settings<'s> {
    /// Maximum number of connections.
    pub jobs: usize,
    /// The SHA-256 that the user expects.
    pub sha256: Option<&'s [u8; 32]>,
}

/// Checksums of all bytes of a file, computed while it was downloaded.
pub struct Hashed {
    /// What they are compared with. Later responses may have added to what is expected.
    pub checks: Checks,
    pub digests: Digests,
}

/// Why the download ended early.
pub enum Interruption {
    Failed(TransferError),
    /// The object has changed.
    Changed,
}

impl<T: Into<TransferError>> From<T> for Interruption {
    fn from(error: T) -> Interruption {
        Interruption::Failed(error.into())
    }
}

/// Why a thread ended before its range was complete.
enum PieceError {
    Interrupted(Interruption),
    NoRanges,
}

impl<T: Into<Interruption>> From<T> for PieceError {
    fn from(error: T) -> PieceError {
        PieceError::Interrupted(error.into())
    }
}

/// State shared by the threads of one download.
struct Download<'d, 'l, 'a> {
    link: &'d Link<'l, 'a>,
    destination: &'d Destination,
    file: &'d PartialFile,
    state: Mutex<State>,
    /// Bytes have arrived, or no more will.
    changed: Condvar,
}

struct State {
    partial: Partial,
    /// Bytes since the last resume record.
    unnoted: u64,
    /// Number of bytes covered by the resume record in the file; `None` before the first.
    noted: Option<u64>,
    /// All threads that download have ended.
    is_over: bool,
}

/// Resumes a download, or starts one. `warns` is false if the warnings were printed before.
pub fn run(
    link: &Link,
    destination: &Destination,
    settings: Settings,
    screen: &mut ProgressLine,
    warns: bool,
) -> Result<Fetched, Interruption> {
    let left = destination.leftovers(&link.object)?;
    for Rejected { path, why } in left.rejected.iter().filter(|_| warns) {
        let path = path.to_string_lossy();
        let path = escape_controls(&path);
        screen.warn(&format!(
            "`{path}` is not resumed: {why}; it is kept, and the download starts from the beginning"
        ));
    }
    if let Some((file, mut partial)) = left.best {
        partial.reopen();
        partial.divide(settings.jobs);
        return fetch(link, destination, file, partial, settings, None, screen);
    }
    let mut channel = link.session.channel()?;
    let head = link
        .session
        .persist(|_| match link.open(&mut channel, None)? {
            Opened::Whole(head) => Ok(head),
            // None of them is a response to a request without a range.
            _ => Err(link.changed().into()),
        })?;
    let Some((etag, size)) = identity(&head) else {
        return Ok(Fetched::NoRanges);
    };
    if size > LARGEST {
        return Err(destination.impossible_size(size).into());
    }
    let checks = Checks::of_response(&head.headers);
    let partial = Partial::new(&link.object, etag, size, checks, settings.jobs);
    let file = destination.create(&partial)?;
    fetch(
        link,
        destination,
        file,
        partial,
        settings,
        Some(channel),
        screen,
    )
}

/// The requirements for resuming: a strong ETag and the size.
fn identity(head: &Head) -> Option<(&str, u64)> {
    let size = head.header("content-length")?.parse().ok()?;
    let has_ranges = head
        .header("accept-ranges")
        .is_none_or(|ranges| !ranges.eq_ignore_ascii_case("none"));
    head.header("etag")
        .filter(|etag| is_strong(etag) && has_ranges)
        .map(|etag| (etag, size))
}

/// Downloads what is missing. `begun` has the response with the whole object, which is used for the
/// first range. A file in which nothing is kept is removed.
fn fetch(
    link: &Link,
    destination: &Destination,
    file: PartialFile,
    partial: Partial,
    settings: Settings,
    begun: Option<Channel>,
    screen: &mut ProgressLine,
) -> Result<Fetched, Interruption> {
    let resumed_from = partial.done();
    {
        let mut progress = link.session.progress();
        progress.total = Some(partial.size);
        progress.there = resumed_from;
    }
    let checks = match settings.sha256 {
        Some(digest) => partial.checks.clone().with_sha256(digest),
        None => partial.checks.clone(),
    };
    let download = Download {
        link,
        destination,
        file: &file,
        state: Mutex::new(State {
            partial,
            unnoted: 0,
            noted: None,
            is_over: false,
        }),
        changed: Condvar::new(),
    };
    let outcome = download.run(settings.jobs, checks, begun, screen);
    let state = download
        .state
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let is_kept = state.noted.is_some_and(|noted| noted > 0);
    match outcome {
        Ok(hashed) => Ok(Fetched::Complete {
            file,
            partial: state.partial,
            resumed_from,
            hashed,
        }),
        Err(PieceError::NoRanges) => {
            file.remove();
            link.session.restart();
            Ok(Fetched::NoRanges)
        }
        Err(PieceError::Interrupted(interruption)) => {
            if matches!(interruption, Interruption::Changed) || !is_kept {
                file.remove();
            }
            Err(interruption)
        }
    }
}

impl Download<'_, '_, '_> {
    fn run(
        &self,
        jobs: usize,
        checks: Checks,
        begun: Option<Channel>,
        screen: &mut ProgressLine,
    ) -> Result<Option<Hashed>, PieceError> {
        self.note(&mut self.state())?;
        let open: Vec<usize> = {
            let partial = &self.state().partial;
            (0..partial.spans.len())
                .filter(|at| partial.spans[*at].missing() > 0)
                .collect()
        };
        let next = AtomicUsize::new(0);
        // The response with the whole object is used for the first range.
        let begun = Mutex::new(begun);
        let (report, reports) = mpsc::channel();
        std::thread::scope(|scope| {
            let work = |_| {
                let (report, next, open, begun) = (report.clone(), &next, &open, &begun);
                move || {
                    while let Some(index) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let begun = match *index {
                            0 => begun.lock().ok().and_then(|mut begun| begun.take()),
                            _ => None,
                        };
                        let outcome = self.piece(*index, begun);
                        let has_failed = outcome.is_err();
                        if report.send(outcome).is_err() || has_failed {
                            return;
                        }
                    }
                }
            };
            let outcome = threads::start_some(scope, (0..jobs.min(open.len())).map(work));
            drop(report);
            // Without a thread for it the file is read again at the end.
            let hashing = match checks.is_empty() || outcome.is_err() {
                true => None,
                false => threads::start(scope, || self.hash(checks)).ok(),
            };
            let outcome = match outcome {
                Ok(()) => self.watch(&reports, screen),
                Err(error) => Err(error.into()),
            };
            self.state().is_over = true;
            self.changed.notify_all();
            let hashed = hashing.and_then(|thread| thread.join().ok()).flatten();
            outcome.map(|()| hashed)
        })
    }

    /// Computes the checksums of the bytes in order up to the first gap, while other threads write
    /// after them. They are read from the file, and so from the page cache, because the ranges
    /// arrive concurrently.
    fn hash(&self, checks: Checks) -> Option<Hashed> {
        let mut digests = Digests::new(&checks);
        let mut at = 0;
        loop {
            let (end, size, is_over) = {
                let state = self
                    .changed
                    .wait_while(self.state(), |state| {
                        state.partial.without_gap() < at + HASHED_AT_ONCE && !state.is_over
                    })
                    .unwrap_or_else(PoisonError::into_inner);
                let partial = &state.partial;
                (partial.without_gap(), partial.size, state.is_over)
            };
            if is_over && end < size || self.link.session.is_stopped() {
                return None;
            }
            let mut count = 0;
            let update = |piece: &[u8]| {
                digests.update(piece);
                count += piece.len() as u64;
            };
            self.file.read(at..end, update).ok()?;
            at += count;
            if at == size {
                return Some(Hashed { checks, digests });
            }
            // The file is shorter than what was written.
            if is_over || count == 0 {
                return None;
            }
        }
    }

    /// Shows progress until all threads have ended. The first failure causes those of the other
    /// threads, except that a server without ranges explains all of them.
    fn watch(
        &self,
        reports: &Receiver<Result<(), PieceError>>,
        screen: &mut ProgressLine,
    ) -> Result<(), PieceError> {
        let session = self.link.session;
        let mut first = None;
        let mut has_ranges = true;
        loop {
            match reports.recv_timeout(REFRESH) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    session.stop();
                    match error {
                        PieceError::NoRanges => has_ranges = false,
                        PieceError::Interrupted(Interruption::Failed(TransferError::Stopped)) => {}
                        PieceError::Interrupted(error) => _ = first.get_or_insert(error),
                    }
                }
                Err(RecvTimeoutError::Timeout) => screen.show(&session.progress()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        match first {
            Some(first) => Err(first.into()),
            None if !has_ranges => Err(PieceError::NoRanges),
            None => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn span(&self, index: usize) -> Span {
        self.state().partial.spans[index]
    }

    /// Downloads one range, with retries.
    fn piece(&self, index: usize, begun: Option<Channel>) -> Result<(), PieceError> {
        let mut is_begun = begun.is_some();
        let mut channel = match begun {
            Some(channel) => channel,
            None => self.link.session.channel()?,
        };
        let mut backoff = self.link.session.backoff();
        loop {
            let before = self.span(index);
            if before.missing() == 0 {
                return Ok(());
            }
            let outcome = match std::mem::take(&mut is_begun) {
                true => self.read(index, &mut channel, false),
                false => self
                    .open(&mut channel, before)
                    .and_then(|is_range| self.read(index, &mut channel, is_range)),
            };
            let noted = self.note(&mut self.state());
            match outcome {
                Err(PieceError::Interrupted(Interruption::Failed(TransferError::Transient(
                    failure,
                    after,
                )))) => {
                    if self.span(index).at > before.at {
                        backoff.reset();
                    }
                    backoff.wait(failure, after)?;
                }
                Err(error) => return Err(error),
                Ok(()) => noted?,
            }
        }
    }

    /// Requests the missing part of a range. Returns whether the response is that part, and not the
    /// whole object.
    fn open(&self, channel: &mut Channel, span: Span) -> Result<bool, PieceError> {
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
        let (checks, is_range) = match self.link.open(channel, Some(range))? {
            Opened::Range(checks) => (checks, true),
            Opened::Whole(head) if span.at == 0 && span.end == size => {
                (Checks::of_response(&head.headers), false)
            }
            Opened::Whole(_) | Opened::Unconfirmed => return Err(PieceError::NoRanges),
            Opened::Changed => return Err(Interruption::Changed.into()),
        };
        if !self.state().partial.checks.merge(&checks) {
            return Err(Interruption::Changed.into());
        }
        Ok(is_range)
    }

    /// Writes the body up to the end of the range. A range response must end there; otherwise none
    /// of it counts.
    fn read(&self, index: usize, channel: &mut Channel, is_range: bool) -> Result<(), PieceError> {
        let start = self.span(index).at;
        let outcome = self.read_piece(index, channel, is_range);
        if let Err(TransferError::Final(_)) = outcome {
            let mut state = self.state();
            let span = &mut state.partial.spans[index];
            self.link.session.progress().moved -= span.at - start;
            span.at = start;
        }
        Ok(outcome?)
    }

    fn read_piece(
        &self,
        index: usize,
        channel: &mut Channel,
        is_range: bool,
    ) -> Result<(), TransferError> {
        let (link, session) = (self.link, self.link.session);
        let broken = |error| session.no_response(&link.subject, &error);
        loop {
            if session.is_stopped() {
                return Err(TransferError::Stopped);
            }
            let span = self.span(index);
            let missing = usize::try_from(span.missing()).unwrap_or(usize::MAX);
            if missing == 0 && !is_range {
                return Ok(());
            }
            let Some(data) = channel.next_piece().map_err(broken)? else {
                return match missing {
                    0 => Ok(()),
                    _ => Err(broken(ProbeError::Closed)),
                };
            };
            if is_range && data.len() > missing {
                return Err(link.unexpected("it sent more bytes than requested"));
            }
            // The next bytes belong to another range.
            let data = &data[..data.len().min(missing)];
            self.file
                .write_at(span.at, data)
                .map_err(|error| TransferError::Disk(self.cannot_write(&error)))?;
            session.progress().moved += data.len() as u64;
            let mut state = self.state();
            state.partial.spans[index].at += data.len() as u64;
            self.changed.notify_one();
            state.unnoted += data.len() as u64;
            if state.unnoted >= UNNOTED {
                self.note(&mut state)?;
            }
        }
    }

    /// Writes the resume record after the last byte.
    fn note(&self, state: &mut State) -> Result<(), TransferError> {
        let Some(note) = state.partial.note() else {
            return Ok(());
        };
        state.unnoted = 0;
        match self.file.write_at(state.partial.size, &note) {
            Ok(()) => {
                state.noted = Some(state.partial.done());
                Ok(())
            }
            Err(error) => {
                let kept = state.noted.unwrap_or_default();
                let failure = self.destination.cannot_write(&error, kept);
                Err(TransferError::Disk(failure))
            }
        }
    }

    fn cannot_write(&self, error: &io::Error) -> Failure {
        let mut state = self.state();
        let _ = self.note(&mut state);
        let kept = state.noted.unwrap_or_default();
        self.destination.cannot_write(error, kept)
    }
}
