//! The runtime of the requests of one thread.

#[cfg(unix)]
use std::fs::File;
use std::future::Future;
use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

use super::error::ProbeError;

/// What a runtime opens: two for its waiting, and the pair and the copy by which it would learn of
/// signals. One more for the connection, without which it is of no use.
#[cfg(unix)]
const HANDLES: usize = 6;

/// A runtime that is not waited for at its end: a name that is still being looked up would hold us.
pub struct Background(Option<Runtime>);

impl Background {
    /// Makes one.
    ///
    /// # Errors
    /// As [`new`].
    pub fn new() -> io::Result<Background> {
        Ok(Background(Some(new()?)))
    }

    /// Runs the future to its end, and meanwhile whatever was spawned. Several threads may.
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
/// What the system says if it has no more handles. The crate of AWS that starts programs brings a
/// part with it that panics then, the first time in a process, so it is seen to before that there
/// is room.
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
