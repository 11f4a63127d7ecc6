//! A listing by several concurrent requests.
//!
//! A response has at most a thousand keys, but requests for the keys after different start keys can
//! run concurrently. Idle threads take over a part of what is left of another range of keys; which
//! part is decided in `key_ranges`. Pages that wait for their turn are compressed.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::store::{ListPage, ListRequest, ListVersion, ListingError, Object};

use super::Client;
use super::folders::{DELIMITER, Found};
use super::key_ranges::{KeyRanges, Next, Task};
use super::listing::{ListError, Listing, MOST_WITHOUT_KEYS, PageRequester};

/// Yields the pages in the order of the keys.
pub struct ParallelLister {
    start: Option<Box<PageRequester>>,
    shared: Option<Arc<Shared>>,
    jobs: usize,
}

struct Shared {
    state: Mutex<State>,
    /// There may be a task for a thread.
    task: Condvar,
    /// The page that is next may be there.
    page: Condvar,
}

struct State {
    ranges: KeyRanges<ListError>,
    is_dropped: bool,
}

impl ParallelLister {
    /// Nothing is sent before the first page is requested. `jobs`: maximum number of concurrent
    /// requests.
    pub fn new(
        client: Arc<Client>,
        listing: Listing,
        clock: impl FnMut() -> DateTime<Utc> + Clone + Send + 'static,
        jobs: usize,
    ) -> ParallelLister {
        ParallelLister {
            start: Some(Box::new(PageRequester::new(client, listing, clock))),
            shared: None,
            jobs,
        }
    }

    /// The objects of the next page, possibly none; `None` after the last page.
    ///
    /// # Errors
    /// [`ListError`] if the rest of the listing cannot be read.
    pub fn next_page(&mut self) -> Result<Option<Vec<Object>>, ListError> {
        if let Some(requester) = self.start.take() {
            self.shared = Some(self.begin(*requester)?);
        }
        let Some(shared) = &self.shared else {
            return Ok(None);
        };
        let mut state = shared.lock();
        let page = loop {
            match state.ranges.next() {
                Next::Page(page) => break page,
                Next::Wait => state = wait(&shared.page, state),
                Next::End => {
                    drop(state);
                    self.shared = None;
                    return Ok(None);
                }
                Next::Failed(error) => {
                    state.is_dropped = true;
                    drop(state);
                    shared.task.notify_all();
                    self.shared = None;
                    return Err(error);
                }
            }
        };
        drop(state);
        // There is room for another one.
        shared.task.notify_all();
        unpack(&page).ok_or(ListError::Stopped).map(Some)
    }

    /// The first page decides which version of listings the store supports.
    fn begin(&self, mut requester: PageRequester) -> Result<Arc<Shared>, ListError> {
        let request = &requester.listing.request;
        let (prefix, position) = (request.prefix.clone(), request.start_after.clone());
        let page = requester.first_page()?;
        if page.is_old_form {
            if !requester.listing.may_fall_back && !page.is_last() {
                return Err(ListError::Page(ListingError::NoToken { old_form: true }));
            }
            requester.listing.request.version = ListVersion::V1;
        }
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                ranges: KeyRanges::new(prefix, position),
                is_dropped: false,
            }),
            task: Condvar::new(),
            page: Condvar::new(),
        });
        let first = shared.lock().ranges.start();
        let Some(Task::List { number, .. }) = first else {
            return Err(ListError::Stopped);
        };
        let goes_on = shared.store(number, &page)?;
        if goes_on && let Some(first) = page.objects.first() {
            shared.lock().ranges.explore(&first.key);
        }
        let mut task = goes_on.then_some((number, page));
        for job in 0..self.jobs {
            let (mut requester, thread_shared) = (requester.clone(), Arc::clone(&shared));
            let task = task.take();
            let started = thread::Builder::new()
                .name("listing".to_owned())
                .spawn(move || thread_shared.work(&mut requester, task));
            // Fewer threads are enough.
            if job == 0 {
                started.map_err(|_| ListError::Stopped)?;
            }
        }
        Ok(shared)
    }
}

impl Drop for ParallelLister {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            shared.lock().is_dropped = true;
            shared.task.notify_all();
        }
    }
}

fn wait<'a>(change: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    change.wait(state).unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists ranges until nothing is left. `first`: a range to continue after this page.
    fn work(&self, requester: &mut PageRequester, first: Option<(u64, ListPage)>) {
        if let Some((number, page)) = first {
            follow(requester, page);
            self.list(requester, number);
        }
        let mut state = self.lock();
        while !state.is_dropped && !state.ranges.is_listed() {
            let Some(task) = state.ranges.start() else {
                state = wait(&self.task, state);
                continue;
            };
            drop(state);
            match task {
                Task::List {
                    number,
                    start_after,
                } => {
                    let request = &mut requester.listing.request;
                    request.start_after = start_after;
                    (request.continuation_token, request.marker) = (None, None);
                    self.list(requester, number);
                }
                Task::Folders { level, prefix } => {
                    let found = folders(requester.clone(), prefix);
                    self.lock().ranges.add_folders(level, found);
                    self.task.notify_all();
                }
            }
            state = self.lock();
        }
        drop(state);
        self.task.notify_all();
    }

    /// Requests the pages of a range, until it ends or others are more urgent.
    fn list(&self, requester: &mut PageRequester, number: u64) {
        let mut without_keys = 0;
        loop {
            let page = requester.page(false).and_then(|page| {
                without_keys = if page.objects.is_empty() {
                    without_keys + 1
                } else {
                    0
                };
                if without_keys == MOST_WITHOUT_KEYS && !page.is_last() {
                    return Err(ListError::NoKeys {
                        pages: without_keys,
                    });
                }
                Ok((self.store(number, &page)?, page))
            });
            let goes_on = match page {
                Ok((true, page)) => {
                    follow(requester, page);
                    true
                }
                Ok((false, _)) => false,
                Err(error) => {
                    self.lock().ranges.fail(number, error);
                    false
                }
            };
            self.page.notify_one();
            self.task.notify_all();
            if !goes_on {
                return;
            }
        }
    }

    /// Adds a page to its range; returns whether the thread continues with the next one.
    fn store(&self, number: u64, page: &ListPage) -> Result<bool, ListError> {
        let keys: Vec<&[u8]> = page.objects.iter().map(|object| &object.key[..]).collect();
        let kept = self.lock().ranges.advance(number, &keys, page.is_last());
        let kept = kept.map_err(|at| {
            let key = String::from_utf8_lossy(keys[at]).into_owned();
            ListError::Page(ListingError::Unordered(key))
        })?;
        // Compressed without holding up the others.
        let packed = pack(&page.objects[..kept.keys]);
        let mut state = self.lock();
        Ok(state.ranges.add(number, packed, &kept) && !state.is_dropped)
    }
}

/// The folders with this prefix. `None` if the store does not list them: where the listing is split
/// then is a guess, and what is wrong is reported by the listing itself.
fn folders(mut requester: PageRequester, prefix: Vec<u8>) -> Option<Found> {
    let request = &mut requester.listing.request;
    *request = ListRequest {
        version: request.version,
        delimiter: Some(vec![DELIMITER]),
        max_keys: request.max_keys,
        ..ListRequest::new(prefix)
    };
    requester.listing.retries.tries = 1;
    let page = requester.page(false).ok()?;
    let is_complete = page.is_last();
    let last_key = page.objects.into_iter().map(|object| object.key).max();
    let prefix = &requester.listing.request.prefix;
    let mut folders = page.common_prefixes;
    // A store that ignores the delimiter or the prefix has no folders.
    folders.retain(|folder| {
        folder.len() > prefix.len() && folder.starts_with(prefix) && folder.ends_with(&[DELIMITER])
    });
    folders.sort_unstable();
    folders.dedup();
    Some(Found {
        folders,
        last_key,
        is_complete,
    })
}

/// Continues after this page.
fn follow(requester: &mut PageRequester, page: ListPage) {
    let request = &mut requester.listing.request;
    (request.continuation_token, request.marker) = (page.next, page.next_marker);
}

fn pack(objects: &[Object]) -> Box<[u8]> {
    let mut plain = Vec::new();
    for object in objects {
        plain.extend((object.key.len() as u32).to_le_bytes());
        plain.extend(&object.key);
        plain.push(u8::from(object.size.is_some()));
        plain.extend(object.size.unwrap_or_default().to_le_bytes());
        plain.push(u8::from(object.last_modified.is_some()));
        let time = object
            .last_modified
            .map_or(0, |time| time.timestamp_micros());
        plain.extend(time.to_le_bytes());
    }
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let _ = packed.write_all(&plain);
    packed.finish().unwrap_or_default().into_boxed_slice()
}

fn unpack(packed: &[u8]) -> Option<Vec<Object>> {
    let mut plain = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut plain).ok()?;
    let mut rest = plain.as_slice();
    let mut take = |count: usize| -> Option<&[u8]> {
        let (taken, left) = rest.split_at_checked(count)?;
        rest = left;
        Some(taken)
    };
    let mut objects = Vec::new();
    while let Some(length) = take(4) {
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let key = take(length as usize)?.to_vec();
        let has_size = take(1)? == [1];
        let size = u64::from_le_bytes(take(8)?.try_into().ok()?);
        let has_time = take(1)? == [1];
        let time = i64::from_le_bytes(take(8)?.try_into().ok()?);
        objects.push(Object {
            key,
            size: has_size.then_some(size),
            last_modified: if has_time {
                Some(DateTime::from_timestamp_micros(time)?)
            } else {
                None
            },
            version_id: None,
        });
    }
    Some(objects)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn pages_are_unpacked_as_they_were_packed() {
        let objects: Vec<_> = (0..100_u64)
            .map(|number| Object {
                key: format!("k/{number} \u{fc}\n").into_bytes(),
                size: number.is_multiple_of(2).then_some(number),
                last_modified: number
                    .is_multiple_of(3)
                    .then(|| DateTime::from_timestamp(number as i64, 0).unwrap()),
                version_id: None,
            })
            .collect();
        assert_eq!(unpack(&pack(&objects)).unwrap(), objects);
        assert_eq!(unpack(&pack(&[])).unwrap(), []);
    }
}
