//! A listing by several concurrent requests.
//!
//! A response has at most a thousand keys, but requests for the keys after different start keys can
//! run concurrently. The distribution of keys is unknown before they are listed, so the key space
//! is split during the listing: an idle thread probes after the middle of what remains of another
//! part, and takes that half over if it has keys. The order of keys is kept; pages that wait for
//! their turn are compressed, and their total size is limited.

use std::collections::{BTreeSet, VecDeque};
use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::store::{ListPage, ListVersion, ListingError, Object};

use super::Client;
use super::listing::{ListError, Listing, MOST_WITHOUT_KEYS, PageRequester};

/// Maximum size of all waiting pages, compressed: a few million keys.
const MOST_WAITING: usize = 24 * 1024 * 1024;

/// Number of digits of a key used to find a middle. 95 characters to this power fit into 128 bits.
const DIGITS: usize = 18;

/// Yields the pages in the order of the keys.
pub struct ParallelLister {
    shared: Arc<Shared>,
    start: Option<Box<PageRequester>>,
    jobs: usize,
    is_over: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Parts in the order of their keys; those already yielded are removed.
    parts: VecDeque<Part>,
    next_number: u64,
    /// Compressed bytes in all parts.
    waiting: usize,
    /// Bytes that occur in the keys of the first pages, without the prefix.
    alphabet: BTreeSet<u8>,
    is_dropped: bool,
}

/// The keys after one and up to another.
struct Part {
    number: u64,
    /// The last key that was listed, or the key that the part starts after.
    position: Option<Vec<u8>>,
    /// The last key that may belong to the part.
    end: Option<Vec<u8>>,
    stage: Stage,
    /// Number of pages listed: the longest parts are split first.
    listed: u64,
    is_being_split: bool,
    /// Found to have no middle, until it has advanced.
    is_whole: bool,
    pages: VecDeque<Vec<u8>>,
}

#[derive(PartialEq)]
enum Stage {
    New,
    Running,
    Done,
    Failed(ListError),
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
        let shared = Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
        };
        ParallelLister {
            shared: Arc::new(shared),
            start: Some(Box::new(PageRequester::new(client, listing, clock))),
            jobs,
            is_over: false,
        }
    }

    /// The objects of the next page, possibly none; `None` after the last page.
    ///
    /// # Errors
    /// [`ListError`] if the rest of the listing cannot be read.
    pub fn next_page(&mut self) -> Result<Option<Vec<Object>>, ListError> {
        if let Some(requester) = self.start.take() {
            self.begin(*requester)?;
        }
        if self.is_over {
            return Ok(None);
        }
        let mut state = self.shared.lock();
        loop {
            let Some(front) = state.parts.front_mut() else {
                self.is_over = true;
                return Ok(None);
            };
            if let Some(page) = front.pages.pop_front() {
                state.waiting -= page.len();
                drop(state);
                self.shared.changed.notify_all();
                return unpack(&page).ok_or(ListError::Stopped).map(Some);
            }
            match &front.stage {
                Stage::Failed(error) => {
                    self.is_over = true;
                    return Err(error.clone());
                }
                Stage::Done => {
                    state.parts.pop_front();
                    self.shared.changed.notify_all();
                }
                Stage::New | Stage::Running => state = self.shared.wait(state),
            }
        }
    }

    fn begin(&self, mut requester: PageRequester) -> Result<(), ListError> {
        let position = requester.listing.request.start_after.clone();
        // With the version that the store supports; the first part lists these keys again.
        if requester.first_page()?.is_old_form {
            requester.listing.request.version = ListVersion::V1;
        }
        self.shared.lock().insert(0, position, None);
        for _ in 0..self.jobs {
            let (mut requester, shared) = (requester.clone(), Arc::clone(&self.shared));
            let started = thread::Builder::new()
                .name("listing".to_owned())
                .spawn(move || shared.work(&mut requester));
            started.map_err(|_| ListError::Stopped)?;
        }
        Ok(())
    }
}

impl Drop for ParallelLister {
    fn drop(&mut self) {
        self.shared.lock().is_dropped = true;
        self.shared.changed.notify_all();
    }
}

/// The next task of a thread.
enum Task {
    List(u64),
    /// Probe whether there is a key between these two.
    Split {
        number: u64,
        middle: Vec<u8>,
    },
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, requester: &mut PageRequester) {
        let prefix = requester.listing.request.prefix.clone();
        let mut state = self.lock();
        while !state.is_dropped && !state.is_listed() {
            let Some(task) = state.task(&prefix) else {
                state = self.wait(state);
                continue;
            };
            drop(state);
            match task {
                Task::List(number) => self.list(requester, number),
                Task::Split { number, middle } => self.split(requester, number, &middle),
            }
            self.changed.notify_all();
            state = self.lock();
        }
    }

    fn list(&self, requester: &mut PageRequester, number: u64) {
        let mut without_keys = 0;
        requester.listing.request.start_after =
            self.lock().part(number).and_then(|p| p.position.clone());
        requester.listing.request.continuation_token = None;
        requester.listing.request.marker = None;
        loop {
            let page = requester.page(false);
            let mut state = self.lock();
            // The part that is read next has priority: its reader must not wait for free space.
            while state.waiting > MOST_WAITING
                && !state.is_dropped
                && state
                    .parts
                    .front()
                    .is_some_and(|front| front.number != number)
            {
                state = self.wait(state);
            }
            if state.is_dropped {
                return;
            }
            let next = page
                .as_ref()
                .ok()
                .map(|page| (page.next.clone(), page.next_marker.clone()));
            let has_keys = page.as_ref().is_ok_and(|page| !page.objects.is_empty());
            without_keys = if has_keys { 0 } else { without_keys + 1 };
            let page = if without_keys == MOST_WITHOUT_KEYS {
                Err(ListError::NoKeys {
                    pages: without_keys,
                })
            } else {
                page
            };
            let goes_on = state.take(number, page, &requester.listing.request.prefix);
            drop(state);
            self.changed.notify_all();
            if !goes_on {
                return;
            }
            (
                requester.listing.request.continuation_token,
                requester.listing.request.marker,
            ) = next.unwrap_or_default();
        }
    }

    fn split(&self, requester: &mut PageRequester, number: u64, middle: &[u8]) {
        let mut probe = requester.clone();
        let request = &mut probe.listing.request;
        request.start_after = Some(middle.to_vec());
        request.continuation_token = None;
        request.marker = None;
        request.max_keys = 1;
        let found = probe.page(false);
        let mut state = self.lock();
        let Some(index) = state.parts.iter().position(|part| part.number == number) else {
            return;
        };
        let part = &mut state.parts[index];
        part.is_being_split = false;
        // A part whose probe fails is listed by its owner, which reports the error if it persists.
        let (Ok(page), true) = (found, part.stage == Stage::Running) else {
            part.is_whole = true;
            return;
        };
        if part
            .position
            .as_deref()
            .is_some_and(|position| position >= middle)
        {
            return;
        }
        let first = page.objects.into_iter().next().map(|object| object.key);
        let end = part.end.replace(middle.to_vec());
        let is_inside = |key: &Vec<u8>| end.as_ref().is_none_or(|end| key <= end);
        if first.as_ref().is_some_and(is_inside) {
            state.insert(index + 1, Some(middle.to_vec()), end);
        }
    }
}

impl State {
    fn part(&mut self, number: u64) -> Option<&mut Part> {
        self.parts.iter_mut().find(|part| part.number == number)
    }

    fn insert(&mut self, index: usize, position: Option<Vec<u8>>, end: Option<Vec<u8>>) {
        let part = Part {
            number: self.next_number,
            position,
            end,
            stage: Stage::New,
            listed: 0,
            is_being_split: false,
            is_whole: false,
            pages: VecDeque::new(),
        };
        self.next_number += 1;
        self.parts.insert(index, part);
    }

    /// Whether nothing is left to request.
    fn is_listed(&self) -> bool {
        let is_open = |part: &Part| matches!(part.stage, Stage::New | Stage::Running);
        !self.parts.iter().any(is_open)
    }

    fn task(&mut self, prefix: &[u8]) -> Option<Task> {
        if let Some(part) = self.parts.iter_mut().find(|part| part.stage == Stage::New) {
            part.stage = Stage::Running;
            return Some(Task::List(part.number));
        }
        // The part that has been listed for the longest time is most likely the longest.
        let is_free = |part: &&mut Part| {
            part.stage == Stage::Running
                && part.listed > 0
                && !part.is_being_split
                && !part.is_whole
        };
        let alphabet: Vec<u8> = self.alphabet.iter().copied().collect();
        let mut free: Vec<&mut Part> = self.parts.iter_mut().filter(is_free).collect();
        free.sort_by_key(|part| std::cmp::Reverse(part.listed));
        for part in free {
            let position = part.position.as_deref().unwrap_or(prefix);
            match middle(prefix, position, part.end.as_deref(), &alphabet) {
                Some(middle) => {
                    part.is_being_split = true;
                    return Some(Task::Split {
                        number: part.number,
                        middle,
                    });
                }
                None => part.is_whole = true,
            }
        }
        None
    }

    /// Stores a page of a part; returns whether the part continues.
    fn take(&mut self, number: u64, page: Result<ListPage, ListError>, prefix: &[u8]) -> bool {
        let Some(part) = self.parts.iter_mut().find(|part| part.number == number) else {
            return false;
        };
        let mut page = match page {
            Ok(page) => page,
            Err(error) => {
                part.stage = Stage::Failed(error);
                return false;
            }
        };
        let mut is_last = page.is_last();
        let mut last = part.position.as_ref();
        for object in &page.objects {
            if last.is_some_and(|last| *last >= object.key) {
                let key = String::from_utf8_lossy(&object.key).into_owned();
                part.stage = Stage::Failed(ListError::Page(ListingError::Unordered(key)));
                return false;
            }
            last = Some(&object.key);
        }
        let position = last.cloned();
        if let Some(end) = &part.end {
            let count = page.objects.len();
            page.objects.retain(|object| object.key <= *end);
            is_last |= page.objects.len() < count || position.as_ref() == Some(end);
        }
        part.position = position;
        part.listed += 1;
        part.is_whole = false;
        if is_last {
            part.stage = Stage::Done;
        }
        let packed = pack(&page.objects);
        self.waiting += packed.len();
        part.pages.push_back(packed);
        for object in page.objects.iter().take(100) {
            let tail = object.key.get(prefix.len()..).unwrap_or_default();
            self.alphabet
                .extend(tail.iter().copied().filter(u8::is_ascii_graphic));
        }
        !is_last
    }
}

/// A key between two others, made of bytes that occur in the keys of this bucket: valid UTF-8, and
/// close to existing keys. `None` if there is none.
fn middle(prefix: &[u8], after: &[u8], end: Option<&[u8]>, alphabet: &[u8]) -> Option<Vec<u8>> {
    let base = u128::try_from(alphabet.len())
        .ok()
        .filter(|base| (2..=95).contains(base))?;
    let common = match end {
        Some(end) => after.iter().zip(end).take_while(|(a, b)| a == b).count(),
        None => prefix.len().min(after.len()),
    };
    // A part of a multi-byte character is not UTF-8.
    if !after[..common].is_ascii() && std::str::from_utf8(&after[..common]).is_err() {
        return None;
    }
    let number = |key: &[u8]| {
        (0..DIGITS).fold(0_u128, |number, at| {
            let byte = key.get(common + at);
            let digit = byte.map_or(0, |byte| alphabet.partition_point(|known| known < byte));
            number * base + (digit as u128).min(base - 1)
        })
    };
    let (low, high) = (number(after), end.map_or(base.pow(DIGITS as u32), number));
    let mut number = low.checked_add(high.checked_sub(low)? / 2)?;
    let mut tail = vec![0; DIGITS];
    for byte in tail.iter_mut().rev() {
        *byte = alphabet[usize::try_from(number % base).ok()?];
        number /= base;
    }
    let mut key = after[..common].to_vec();
    for byte in tail {
        key.push(byte);
        // As short as possible.
        if key.as_slice() > after && end.is_none_or(|end| key.as_slice() < end) {
            return Some(key);
        }
    }
    None
}

fn pack(objects: &[Object]) -> Vec<u8> {
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
    packed.finish().unwrap_or_default()
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
    fn a_middle_lies_between_and_converges() {
        let digits = b"0123456789";
        for (after, end, expected) in [
            ("a/", None, Some("a/5")),
            ("a/0000", Some("a/9999"), Some("a/4")),
            ("a/1", Some("a/2"), Some("a/15")),
            ("a/19", Some("a/2"), Some("a/195")),
            ("a/x", Some("a/x"), None),
        ] {
            let found = middle(b"a/", after.as_bytes(), end.map(str::as_bytes), digits);
            assert_eq!(
                found.as_deref(),
                expected.map(str::as_bytes),
                "{after} {end:?}"
            );
        }
        assert_eq!(middle(b"", b"a", Some(b"b"), b"a"), None);
    }

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
