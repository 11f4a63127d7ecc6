//! The runtime of the requests of one thread.

#[cfg(unix)]
use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

/// What a runtime opens: two for its waiting, and the pair and the copy by which it would learn of signals. One more for the
/// connection, without which it is of no use.
#[cfg(unix)]
const HANDLES: usize = 6;

/// Makes one.
///
/// # Errors
/// What the system says if it has no more handles. The crate of AWS that starts programs brings a part with it that panics
/// then, the first time in a process, so it is seen to before that there is room.
pub fn new() -> io::Result<Runtime> {
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
