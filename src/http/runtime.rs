//! The async runtime for the requests of one thread.

#[cfg(unix)]
use std::fs::File;
use std::future::Future;
use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

use super::error::ProbeError;

/// File descriptors that a runtime opens: two for polling, and the pair and the copy for signals.
/// One more for the connection, without which the runtime is useless.
#[cfg(unix)]
const HANDLES: usize = 6;

/// A runtime that does not wait for its tasks at the end: a pending name look-up would delay the
/// exit.
pub struct Background(Option<Runtime>);

impl Background {
    /// Makes one.
    ///
    /// # Errors
    /// As [`new`].
    pub fn new() -> io::Result<Background> {
        Ok(Background(Some(new()?)))
    }

    /// Runs the future, and spawned tasks meanwhile. Several threads may.
    ///
    /// # Errors
    /// None while it exists.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output, ProbeError> {
        let runtime = self.0.as_ref().ok_or(ProbeError::Closed)?;
        Ok(runtime.block_on(future))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Makes one.
///
/// # Errors
/// The system has no file descriptors left. A dependency of the AWS crates panics then, on first
/// use in a process, so free descriptors are checked beforehand.
fn new() -> io::Result<Runtime> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    #[cfg(unix)]
    {
        let spare: io::Result<Vec<File>> = (0..HANDLES).map(|_| File::open("/dev/null")).collect();
        drop(spare?);
    }
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
}
