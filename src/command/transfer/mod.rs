//! What `upload` and `download` share: one connection a thread, patience with a store that has trouble, and words for the end.

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
use crate::env::Env;
use crate::error::Failure;
use crate::http::{Client, ProbeError};
use crate::resolve::{parse_sent_header, read_input};
use crate::sigv4::Header;
use crate::transfer::Retries;

use super::shared::client;

pub use failure::Subject;
pub use progress::{Progress, ProgressLine, Unit};

/// More connections than this help nobody.
const MOST_JOBS: u16 = 64;

/// Nobody notices a delay of this length.
const SHORT: Duration = Duration::from_millis(50);

/// One run of a verb.
pub struct Session<'a> {
    pub client: &'a Client,
    pub account: Arc<Mutex<Progress>>,
    retries: Retries,
    env: &'a Env,
    started: Instant,
    /// Some thread has failed, and the others need not go on.
    is_stopped: Arc<AtomicBool>,
    /// Somebody has answered: names and addresses are no slips.
    has_met: AtomicBool,
}

/// Why a request did not do what it was for.
pub enum TransferError {
    /// It may go better another time; perhaps the store says when. If not, this is the failure.
    Passing(Failure, Option<Duration>),
    /// Trying again would not help.
    Final(Failure),
    /// Another thread has failed.
    Stopped,
}

impl From<Failure> for TransferError {
    fn from(failure: Failure) -> TransferError {
        TransferError::Final(failure)
    }
}

/// The client of both verbs.
pub fn client(args: &TransferArgs, env: &Env) -> Result<Client, Failure> {
    let timeout = client::limit("--timeout", args.timeout.as_deref(), client::TIMEOUT)?;
    let certificates = args
        .cacert
        .as_deref()
        .map(|file| read_input(env, file))
        .transpose()?;
    client::client(env, timeout, client::CONNECT_TIMEOUT, certificates)
}

/// How many threads.
pub fn jobs(jobs: u16) -> Result<usize, Failure> {
    match jobs {
        0 => Err(Failure::usage("--jobs of zero").hint("give at least `--jobs 1`")),
        jobs if jobs > MOST_JOBS => Err(Failure::usage(format!(
            "--jobs {jobs} is more than {MOST_JOBS}"
        ))
        .hint("more than a few connections help nobody")),
        jobs => Ok(usize::from(jobs)),
    }
}

/// Headers of the command line.
pub fn headers(texts: &[std::ffi::OsString]) -> Result<Vec<Header>, Failure> {
    texts.iter().map(|text| parse_sent_header(text)).collect()
}

/// A header that was signed and is not sent would be refused, by some stores in words that help nobody.
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
            "the link was signed with a header `{name}`, and its value is not known"
        ))
        .hint(format!(
            "ask whoever made the link for it, and add `-H '{name}: VALUE'`"
        ))),
    }
}

impl<'a> Session<'a> {
    pub fn new(
        client: &'a Client,
        args: &TransferArgs,
        env: &'a Env,
        account: Progress,
    ) -> Result<Session<'a>, Failure> {
        let account = Arc::new(Mutex::new(account));
        let clears = env.stderr_is_terminal && !args.quiet;
        env.end_on_signals(Arc::clone(&account), move |account: &Progress| {
            format!(
                "{}{}",
                if clears { "\r\x1b[K" } else { "" },
                account.stopped()
            )
        })?;
        Ok(Session {
            client,
            account,
            retries: args
                .retries
                .map_or_else(Retries::default, |count| Retries { count }),
            env,
            started: Instant::now(),
            is_stopped: Arc::default(),
            has_met: AtomicBool::new(false),
        })
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.env.now + TimeDelta::from_std(self.started.elapsed()).unwrap_or_default()
    }

    pub fn account(&self) -> MutexGuard<'_, Progress> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// After all threads have ended, it may be begun again.
    pub fn resume(&self) {
        self.is_stopped.store(false, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Somebody answered.
    pub fn met(&self) {
        self.has_met.store(true, Ordering::Relaxed);
        self.account().waiting = None;
    }

    pub fn patience(&self) -> Backoff<'_, 'a> {
        Backoff {
            errand: self,
            failed: 0,
        }
    }

    /// Tries until it is done or nothing is left to hope for. `attempt` is told how often it has failed.
    pub fn persist<T>(
        &self,
        mut attempt: impl FnMut(u32) -> Result<T, TransferError>,
    ) -> Result<T, TransferError> {
        let mut patience = self.patience();
        loop {
            match attempt(patience.failed) {
                Err(TransferError::Passing(failure, after)) => patience.wait(failure, after)?,
                done => return done,
            }
        }
    }

    /// Whether a request without an answer is worth another try. A name that nobody knows is most often a slip.
    pub fn is_passing(&self, error: &ProbeError) -> bool {
        let has_met = self.has_met.load(Ordering::Relaxed);
        match error {
            ProbeError::UnknownName { .. } | ProbeError::Tls(_) => has_met,
            error => error.is_passing(false),
        }
    }

    /// What is sent, counted on its way.
    pub fn counted(
        &self,
        reader: impl Read + Send + 'static,
    ) -> (Box<dyn Read + Send>, Arc<Mutex<u64>>) {
        let count = Arc::new(Mutex::new(0));
        let counted = Counted {
            reader,
            count: Arc::clone(&count),
            account: Arc::clone(&self.account),
            is_stopped: Arc::clone(&self.is_stopped),
        };
        (Box::new(counted), count)
    }
}

/// How much of it is left: each success brings it back.
pub struct Backoff<'e, 'a> {
    errand: &'e Session<'a>,
    failed: u32,
}

impl Backoff<'_, '_> {
    pub fn reset(&mut self) {
        self.failed = 0;
    }

    /// Waits before another try.
    ///
    /// # Errors
    /// If there have been enough.
    pub fn wait(
        &mut self,
        failure: Failure,
        asked_for: Option<Duration>,
    ) -> Result<(), TransferError> {
        self.failed += 1;
        // A number that nobody foresees, without a crate for it.
        let chance = RandomState::new().hash_one(self.failed) as f64 / u64::MAX as f64;
        let Some(delay) = self.errand.retries.delay(self.failed, asked_for, chance) else {
            return Err(TransferError::Final(failure));
        };
        let mut account = self.errand.account();
        account.waiting = Some(failure.message);
        account.retries += 1;
        drop(account);
        let until = Instant::now() + delay;
        while Instant::now() < until {
            if self.errand.is_stopped() {
                return Err(TransferError::Stopped);
            }
            std::thread::sleep(SHORT.min(until.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }
}

/// A reader that tells how far it is, and ends when another thread has failed.
struct Counted<R> {
    reader: R,
    count: Arc<Mutex<u64>>,
    account: Arc<Mutex<Progress>>,
    is_stopped: Arc<AtomicBool>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let read = self.reader.read(into)?;
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += read as u64;
        self.account
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .moved += read as u64;
        Ok(read)
    }
}
