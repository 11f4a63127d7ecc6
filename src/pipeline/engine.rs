//! Threads that process pieces, and one consumer that gets the results in order.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::{iter, thread};

use crate::threads;

use super::{Piece, Source};

/// The result of a piece.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Output: whole records.
    pub output: Vec<u8>,
    /// Number of URLs.
    pub links: u64,
    /// Number of records read.
    pub records: u64,
    /// Number of lines, for the line numbers after the piece.
    pub lines: u64,
    /// Bytes of input.
    pub bytes: u64,
    /// Number of keys with a segment that clients remove.
    pub dotted: u64,
    /// Records that were not signed.
    pub rejected: Vec<Rejected>,
    /// Warnings: sentences.
    pub warnings: Vec<String>,
}

/// A record that was not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its first line within the piece, counted from 0.
    pub line: u64,
    /// The reason, as a sentence.
    pub reason: String,
}

/// Processes pieces; each thread has its own.
pub type Job<'a> = Box<dyn FnMut(Piece, &mut Outcome) + Send + 'a>;

/// Reads all pieces, passes each to one of the jobs, and their results to `take` in the order of
/// the input, until `take` fails. The buffers of an outcome are reused.
///
/// # Errors
/// The error of the reader, after everything before it was taken, or that of `take`.
pub fn run<E: From<io::Error>>(
    source: &mut dyn Source,
    mut jobs: Vec<Job<'_>>,
    mut take: impl FnMut(&mut Outcome) -> Result<(), E>,
) -> Result<(), E> {
    if let [job] = &mut jobs[..] {
        let mut outcome = Outcome::default();
        while let Some(piece) = source.next()? {
            clear(&mut outcome);
            job(piece, &mut outcome);
            take(&mut outcome)?;
        }
        return Ok(());
    }
    let free = Free::new(BUFFERS_PER_JOB * jobs.len());
    let input = Mutex::new(Input {
        source,
        next: Some(0),
        failure: None,
    });
    let (sender, outcomes) = sync_channel(BUFFERS_PER_JOB * jobs.len());
    let taken = thread::scope(|scope| {
        let works = jobs.into_iter().map(|job| {
            let (input, free, sender) = (&input, &free, sender.clone());
            move || work(job, input, free, &sender)
        });
        threads::start_some(scope, works).map_err(io::Error::other)?;
        drop(sender);
        let taken = in_order(outcomes, &free, &mut take);
        // Wakes threads that wait for a buffer.
        free.close();
        taken
    });
    let failure = input
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .failure;
    taken.and_then(|()| failure.map_or(Ok(()), |failure| Err(failure.into())))
}

/// Number of pieces that a thread can be ahead of the output.
const BUFFERS_PER_JOB: usize = 3;

/// Limit of pending output of all threads, and of memory kept for reuse.
pub(super) const BYTES_IN_FLIGHT: usize = 3 << 20;

/// Workers read the input themselves: a separate reader would have to be woken for every piece.
struct Input<'a> {
    source: &'a mut dyn Source,
    /// Number of the next piece; `None` after the end.
    next: Option<u64>,
    failure: Option<io::Error>,
}

impl Input<'_> {
    fn next(&mut self) -> Option<(u64, Piece)> {
        let number = self.next.take()?;
        match self.source.next() {
            Ok(piece) => {
                let piece = piece?;
                self.next = Some(number + 1);
                Some((number, piece))
            }
            Err(failure) => {
                self.failure = Some(failure);
                None
            }
        }
    }
}

/// Buffers for reuse. The last one returned is reused first, because it is still in the processor
/// cache.
struct Free {
    room: Mutex<Room>,
    returned: Condvar,
}

struct Room {
    /// `None` when no more buffers will be available.
    buffers: Option<Vec<Outcome>>,
    /// Reserved size of the results in progress or waiting for the consumer.
    bytes_in_flight: usize,
}

impl Free {
    fn new(count: usize) -> Free {
        let buffers = iter::repeat_with(Outcome::default).take(count).collect();
        Free {
            room: Mutex::new(Room {
                buffers: Some(buffers),
                bytes_in_flight: 0,
            }),
            returned: Condvar::new(),
        }
    }

    /// Waits for a buffer; `None` when no more will be available.
    fn take(&self) -> Option<Outcome> {
        let is_none_left = |room: &mut Room| room.buffers.as_ref().is_some_and(Vec::is_empty);
        let mut room = self
            .returned
            .wait_while(self.lock(), is_none_left)
            .unwrap_or_else(PoisonError::into_inner);
        room.buffers.as_mut()?.pop()
    }

    /// Waits until this size is free; a size above the limit waits until it is alone. `false` when
    /// the consumer has stopped.
    fn reserve(&self, bytes: usize) -> bool {
        let is_full = |room: &mut Room| {
            room.buffers.is_some()
                && room.bytes_in_flight > 0
                && room.bytes_in_flight + bytes > BYTES_IN_FLIGHT
        };
        let mut room = self
            .returned
            .wait_while(self.lock(), is_full)
            .unwrap_or_else(PoisonError::into_inner);
        room.bytes_in_flight += bytes;
        room.buffers.is_some()
    }

    fn give_back(&self, mut outcome: Outcome, bytes: usize) {
        let mut room = self.lock();
        room.bytes_in_flight -= bytes;
        let room_in_use = room.bytes_in_flight;
        if let Some(buffers) = &mut room.buffers {
            let kept: usize = buffers.iter().map(|kept| kept.output.capacity()).sum();
            if kept + room_in_use + outcome.output.capacity() > BYTES_IN_FLIGHT {
                outcome.output = Vec::new();
            }
            buffers.push(outcome);
        }
        drop(room);
        // Some threads wait for a buffer and one for space.
        self.returned.notify_all();
    }

    fn close(&self) {
        self.lock().buffers = None;
        self.returned.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A processed piece: its number, its reserved size, and the result.
type Worked = (u64, usize, Outcome);

fn work(mut job: Job<'_>, input: &Mutex<Input<'_>>, free: &Free, outcomes: &SyncSender<Worked>) {
    // A piece is read only when there is a buffer for its result.
    while let Some(mut outcome) = free.take() {
        let mut input = input.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((number, piece)) = input.next() else {
            return;
        };
        let bytes = piece.expected_output.max(piece.bytes.len());
        // No later piece may take the space that this one waits for, so none is read before.
        let has_room = free.reserve(bytes);
        drop(input);
        if !has_room {
            return;
        }
        clear(&mut outcome);
        outcome.output.reserve(piece.expected_output);
        job(piece, &mut outcome);
        if outcomes.send((number, bytes, outcome)).is_err() {
            return;
        }
    }
}

fn in_order<E>(
    outcomes: Receiver<Worked>,
    free: &Free,
    take: &mut impl FnMut(&mut Outcome) -> Result<(), E>,
) -> Result<(), E> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (number, bytes, outcome) in outcomes {
        early.insert(number, (bytes, outcome));
        while let Some((bytes, mut outcome)) = early.remove(&next) {
            take(&mut outcome)?;
            next += 1;
            free.give_back(outcome, bytes);
        }
    }
    Ok(())
}

fn clear(outcome: &mut Outcome) {
    outcome.output.clear();
    outcome.rejected.clear();
    *outcome = Outcome {
        output: std::mem::take(&mut outcome.output),
        rejected: std::mem::take(&mut outcome.rejected),
        ..Outcome::default()
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Reader, Separator};

    fn echo<'a>() -> Job<'a> {
        Box::new(|piece, outcome| {
            // The first pieces take longest.
            if piece.bytes.starts_with(b"0\n") {
                thread::sleep(std::time::Duration::from_millis(20));
            }
            outcome.output.extend_from_slice(&piece.bytes);
            outcome.lines = memchr::memchr_iter(b'\n', &piece.bytes).count() as u64;
        })
    }

    fn numbers(count: u32) -> Vec<u8> {
        (0..count)
            .flat_map(|n| format!("{n}\n").into_bytes())
            .collect()
    }

    #[test]
    fn the_order_of_the_input_is_kept() {
        let input = numbers(200_000);
        for jobs in [1, 2, 5] {
            let mut source = Reader::new(
                &input[..],
                Vec::new(),
                Box::new(|bytes| Separator::Line.cut(bytes)),
                None,
            );
            let mut output = Vec::new();
            let mut lines = 0;
            run::<io::Error>(
                &mut source,
                (0..jobs).map(|_| echo()).collect(),
                |outcome| {
                    output.extend_from_slice(&outcome.output);
                    lines += outcome.lines;
                    Ok(())
                },
            )
            .expect("no error");
            assert!(output == input, "{jobs} jobs");
            assert_eq!(lines, 200_000);
        }
    }

    #[test]
    fn few_bytes_are_in_flight_however_many_threads_there_are() {
        struct Large(u32);
        impl Source for Large {
            fn next(&mut self) -> io::Result<Option<Piece>> {
                self.0 += 1;
                Ok((self.0 < 400).then(|| Piece {
                    bytes: format!("{}\n", self.0).into_bytes(),
                    skipped: 0,
                    expected_output: 1 << 20,
                }))
            }
        }
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (made, most, taken) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        );
        let jobs = (0..64).map(|_| {
            let (made, most, taken) = (&made, &most, &taken);
            Box::new(move |_: Piece, outcome: &mut Outcome| {
                let ahead = made.fetch_add(1, Ordering::SeqCst) + 1 - taken.load(Ordering::SeqCst);
                most.fetch_max(ahead, Ordering::SeqCst);
                outcome.output.resize(1 << 20, b'x');
            }) as Job
        });
        run::<io::Error>(&mut Large(0), jobs.collect(), |_| {
            thread::sleep(std::time::Duration::from_millis(1));
            taken.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
        .expect("no error");
        assert_eq!(taken.into_inner(), 399);
        // One may have been taken and not returned.
        assert!(most.into_inner() <= (BYTES_IN_FLIGHT >> 20) + 1);
    }

    #[test]
    fn a_failure_to_write_ends_all_threads_and_a_failure_to_read_loses_nothing_before_it() {
        struct Endless;
        impl Source for Endless {
            fn next(&mut self) -> io::Result<Option<Piece>> {
                Ok(Some(Piece {
                    bytes: b"x\n".to_vec(),
                    ..Piece::default()
                }))
            }
        }
        struct Failing(u32);
        impl Source for Failing {
            fn next(&mut self) -> io::Result<Option<Piece>> {
                self.0 += 1;
                if self.0 > 50 {
                    Err(io::Error::other("gone"))
                } else {
                    Endless.next()
                }
            }
        }
        for jobs in [1, 2, 3] {
            let jobs = || (0..jobs).map(|_| echo()).collect();
            let mut count = 0;
            let failed = run(&mut Endless, jobs(), |_| {
                count += 1;
                if count == 100 {
                    Err(io::Error::other("full"))
                } else {
                    Ok(())
                }
            });
            assert_eq!(
                failed.map_err(|error| error.to_string()),
                Err("full".to_owned())
            );
            let mut output = Vec::new();
            let failed = run::<io::Error>(&mut Failing(0), jobs(), |outcome| {
                output.extend_from_slice(&outcome.output);
                Ok(())
            });
            assert_eq!(
                failed.map_err(|error| error.to_string()),
                Err("gone".to_owned())
            );
            assert_eq!(output.len(), 100);
        }
    }
}
