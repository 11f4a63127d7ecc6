//! What `upload` and `download` share: one connection per thread, retries, and final status
//! messages.

mod failure;
mod progress;

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::TransferArgs;
use crate::diagnosis::Anatomy;
use crate::disk::discard;
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{Channel, Client, ProbeError, Retries};
use crate::resolve::parse_sent_header;
use crate::sigv4::Header;
use crate::transfer::is_connection_header;

use super::shared::client;

pub use crate::text::ProgressLine;
pub use failure::{Subject, size};
pub use progress::{Progress, Unit};

/// More connections do not make a transfer faster.
const MOST_JOBS: u16 = 64;

/// Maximum delay until a waiting thread notices that another has failed.
const SHORT: Duration = Duration::from_millis(50);

/// One run of a verb.
pub struct Session<'a> {
    pub client: &'a Client,
    progress: Arc<Mutex<Progress>>,
    retries: Retries,
    env: &'a Env,
    started: Instant,
    /// A thread has failed, and the others stop.
    is_stopped: Arc<AtomicBool>,
    /// A server has responded: a failed look-up is then transient, not a typing mistake.
    has_responded: AtomicBool,
}

/// Why a request failed.
pub enum TransferError {
    /// A retry may succeed, perhaps after the delay that the store states. Without retries left,
    /// this is the failure.
    Transient(Failure, Option<Duration>),
    /// A retry would not help.
    Final(Failure),
    /// The disk failed; the received data is intact.
    Disk(Failure),
    /// The multipart upload no longer exists: completed or aborted.
    UploadGone(Failure),
    /// Another thread has failed.
    Stopped,
}

impl TransferError {
    /// The failure when no retries are left.
    pub fn into_error(self) -> anyhow::Error {
        match self {
            TransferError::Transient(failure, _)
            | TransferError::Final(failure)
            | TransferError::Disk(failure)
            | TransferError::UploadGone(failure) => failure.into(),
            TransferError::Stopped => anyhow::anyhow!("stopped without a cause"),
        }
    }
}

impl From<Failure> for TransferError {
    fn from(failure: Failure) -> TransferError {
        TransferError::Final(failure)
    }
}

/// The client of both verbs.
pub fn client(args: &TransferArgs, env: &Env) -> Result<Client, Failure> {
    client::client(&args.network, None, env)
}

/// Number of threads.
pub fn jobs(jobs: u16) -> Result<usize, Failure> {
    match jobs {
        0 => Err(Failure::usage("--jobs must be at least 1").hint("use at least `--jobs 1`")),
        jobs if jobs > MOST_JOBS => Err(Failure::usage(format!(
            "--jobs {jobs} is more than {MOST_JOBS}"
        ))
        .hint(format!(
            "use at most `{}`",
            crate::text::CommandLine::options().option("--jobs", MOST_JOBS.to_string())
        ))),
        jobs => Ok(usize::from(jobs)),
    }
}

/// Headers of the command line, except those that the connection sets.
pub fn headers(texts: &[std::ffi::OsString]) -> Result<Vec<Header>, Failure> {
    let read = |text: &std::ffi::OsString| {
        let header = parse_sent_header(text)?;
        let name = header.name.to_ascii_lowercase();
        // A gateway in front of the store may require its own credentials.
        let is_ours = is_connection_header(&name) && name != "authorization";
        if is_ours || name == "content-length" {
            return Err(Failure::usage(format!(
                "the header `{name}` (--header) is set by the connection"
            ))
            .hint(format!("remove `-H '{name}: …'`")));
        }
        Ok(header)
    };
    texts.iter().map(read).collect()
}

/// A request without a signed header would be refused, by some stores without a reason.
pub fn check_signed(anatomy: &Anatomy, sent: &[Header]) -> Result<(), Failure> {
    let is_sent = |name: &str| {
        matches!(name, "host" | "content-length")
            || sent
                .iter()
                .any(|header| header.name.eq_ignore_ascii_case(name))
    };
    match anatomy.signed_headers.iter().find(|name| !is_sent(name)) {
        None => Ok(()),
        Some(name) => Err(Failure::usage(format!(
            "the URL was signed with a header `{name}` whose value is unknown"
        ))
        .hint(format!(
            "ask the signer of the URL for the value, and add `-H '{name}: VALUE'`"
        ))),
    }
}

impl<'a> Session<'a> {
    pub fn new(
        client: &'a Client,
        args: &TransferArgs,
        env: &'a Env,
        progress: Progress,
    ) -> Result<Session<'a>, Failure> {
        let progress = Arc::new(Mutex::new(progress));
        let clears = env.stderr_is_terminal && !args.quiet;
        env.end_on_signals(Arc::clone(&progress), move |progress: &Progress| {
            if let Some(file) = &progress.discard {
                discard(file);
            }
            format!(
                "{}{}",
                if clears { "\r\x1b[K" } else { "" },
                progress.stopped()
            )
        })?;
        Ok(Session {
            client,
            progress,
            retries: Retries::of_transfers(args.network.retries),
            env,
            started: Instant::now(),
            is_stopped: Arc::default(),
            has_responded: AtomicBool::new(false),
        })
    }

    pub fn env(&self) -> &'a Env {
        self.env
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.env.now + TimeDelta::from_std(self.started.elapsed()).unwrap_or_default()
    }

    /// While it is locked no signal ends the process.
    pub fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// After all threads have ended, requests can be sent again.
    pub fn resume(&self) {
        self.is_stopped.store(false, Ordering::Relaxed);
    }

    /// Clears the failure, after all threads have ended.
    pub fn restart(&self) {
        self.resume();
        *self.progress() = Progress::default();
    }

    /// A connection.
    pub fn channel(&self) -> Result<Channel<'a>, Failure> {
        self.client.channel().map_err(|error| {
            Failure::new(Kind::Io, error.to_string())
                .hint("allow this process more open files (`ulimit -n`)")
        })
    }

    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// A server has responded.
    pub fn responded(&self) {
        self.has_responded.store(true, Ordering::Relaxed);
        self.progress().waiting = None;
    }

    pub fn backoff(&self) -> Backoff<'_, 'a> {
        Backoff {
            session: self,
            failed: 0,
        }
    }

    /// Repeats a request while its errors are transient and retries are left. `attempt` gets the
    /// number of failures.
    pub fn persist<T>(
        &self,
        mut attempt: impl FnMut(u32) -> Result<T, TransferError>,
    ) -> Result<T, TransferError> {
        let mut backoff = self.backoff();
        loop {
            match attempt(backoff.failed) {
                Err(TransferError::Transient(failure, after)) => backoff.wait(failure, after)?,
                done => return done,
            }
        }
    }

    /// Whether a request without a response is retried. An unknown name is most likely a typing
    /// mistake.
    pub fn is_transient(&self, error: &ProbeError) -> bool {
        let has_responded = self.has_responded.load(Ordering::Relaxed);
        match error {
            ProbeError::UnknownName { .. } | ProbeError::Tls(_) => has_responded,
            error => error.is_transient(false),
        }
    }

    /// The body of a request, counted as it is sent.
    pub fn counted(&self, reader: impl Read + Send + 'static) -> (Box<dyn Read + Send>, SentBytes) {
        let sent = SentBytes {
            count: Arc::new(Mutex::new(Some(0))),
            progress: Arc::clone(&self.progress),
        };
        let counted = Counted {
            reader,
            sent: sent.clone(),
            is_stopped: Arc::clone(&self.is_stopped),
        };
        (Box::new(counted), sent)
    }
}

/// The bytes of one request in the progress of all.
#[derive(Clone)]
pub struct SentBytes {
    /// `None` when they no longer count.
    count: Arc<Mutex<Option<u64>>>,
    progress: Arc<Mutex<Progress>>,
}

impl SentBytes {
    fn add(&self, bytes: u64) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = &mut *count {
            *count += bytes;
            self.progress().moved += bytes;
        }
    }

    /// Only what arrived counts. The connection of a failed request may go on reading its body for
    /// a moment, which counts no more either.
    pub fn withdraw(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        self.progress().moved -= count.take().unwrap_or_default();
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Exponential backoff of consecutive requests.
pub struct Backoff<'e, 'a> {
    session: &'e Session<'a>,
    /// Consecutive failures.
    failed: u32,
}

impl Backoff<'_, '_> {
    pub fn reset(&mut self) {
        self.failed = 0;
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    ///
    /// If the retries are used up.
    pub fn wait(
        &mut self,
        failure: Failure,
        asked_for: Option<Duration>,
    ) -> Result<(), TransferError> {
        self.failed += 1;
        // A random number, without a dependency for it.
        let chance = RandomState::new().hash_one(self.failed) as f64 / u64::MAX as f64;
        let Some(delay) = self
            .session
            .retries
            .delay_with_jitter(self.failed, asked_for, chance)
        else {
            return Err(TransferError::Final(failure));
        };
        let mut progress = self.session.progress();
        progress.waiting = Some(failure.message);
        progress.retries += 1;
        drop(progress);
        let until = Instant::now() + delay;
        while Instant::now() < until {
            if self.session.is_stopped() {
                return Err(TransferError::Stopped);
            }
            std::thread::sleep(SHORT.min(until.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }
}

/// A reader that counts, and ends when another thread has failed.
struct Counted<R> {
    reader: R,
    sent: SentBytes,
    is_stopped: Arc<AtomicBool>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let read = self.reader.read(into)?;
        self.sent.add(read as u64);
        Ok(read)
    }
}
