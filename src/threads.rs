//! Threads, on systems that limit their number.

use std::io;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use crate::error::{Failure, Kind};

/// Starts a thread. `std::thread::spawn` panics if the system refuses one, which containers with a
/// limit of threads or memory do.
///
/// # Errors
/// The error of the operating system.
pub fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, Failure> {
    Builder::new()
        .spawn_scoped(scope, work)
        .map_err(|error| refused(&error))
}

/// Starts a detached thread.
///
/// # Errors
/// The error of the operating system.
pub fn start_aside(work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    Builder::new()
        .spawn(work)
        .map(drop)
        .map_err(|error| refused(&error))
}

fn refused(error: &io::Error) -> Failure {
    Failure::new(Kind::Io, format!("the system refused a thread: {error}")).hint(
        "allow this process more threads or memory (`ulimit -u`, `ulimit -v`, the limits of \
            its container)",
    )
}

/// Starts as many threads as the system allows, in order. The remaining jobs are dropped; the
/// started ones share their work.
///
/// # Errors
/// The error of the operating system, if not even one thread starts.
pub fn start_some<'scope>(
    scope: &'scope Scope<'scope, '_>,
    works: impl IntoIterator<Item = impl FnOnce() + Send + 'scope>,
) -> Result<(), Failure> {
    for (started, work) in works.into_iter().enumerate() {
        match start(scope, work) {
            Ok(_) => {}
            Err(failure) if started == 0 => return Err(failure),
            Err(_) => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn all_works_are_done_where_there_is_room() {
        let done = AtomicU32::new(0);
        let (done, add) = (&done, |work: u32| {
            move |done: &AtomicU32| _ = done.fetch_add(work, Ordering::Relaxed)
        });
        std::thread::scope(|scope| {
            start_some(scope, (1..=4).map(|work| move || add(work)(done))).expect("room for four");
            let started = start(scope, || 7).expect("room for one more");
            assert_eq!(started.join().ok(), Some(7));
        });
        assert_eq!(done.load(Ordering::Relaxed), 10);
    }
}
