//! The keys of a bucket in ranges that are listed at the same time, without threads or network.
//!
//! The distribution of keys is unknown before they are listed. The first split is at the folders
//! of the bucket, if it has some ([`folders`](super::folders)); the others are made during the
//! listing, at guesses of where half of the remaining keys lie. Splitting needs no request of its
//! own: the upper half is listed at once, and costs one request if it turns out to have no keys.
//! - Where the keys end may be unknown. The last range is halved again and again towards its start,
//!   by as many threads as are idle, which finds the order of magnitude in one round trip.
//! - If there are keys behind a range, its keys are assumed to be as dense as on its last page, and
//!   the range with the most of them is split first.
//!
//! Pages are yielded in the order of the keys, so pages of later ranges wait. When they use up
//! their memory, only ranges close to the reader are listed and split.

use std::collections::VecDeque;

use super::folders::{Boundaries, Folders, Found};

/// Maximum size of all waiting pages, compressed: a few million keys.
const MOST_WAITING: usize = 24 * 1024 * 1024;

/// A range of fewer keys is not split: most of them are on the page that was requested already.
const FEWEST_SPLIT: f64 = 2500.0;

/// Maximum number of requests for ranges without keys: the price of a listing is that of its
/// requests. This many to find the end of the keys,
const MOST_EMPTY: u64 = 64;
/// and one more for this number of pages with keys.
const PAGES_PER_EMPTY: u64 = 4;

/// Number of offsets of which the bytes are known.
const OFFSETS: usize = 128;

/// Ranges in the order of their keys. `E`: why a range cannot be listed.
pub struct KeyRanges<E> {
    prefix: Vec<u8>,
    /// Without those that were yielded completely.
    ranges: VecDeque<Range<E>>,
    next_number: u64,
    /// Size of the pages of all ranges.
    waiting: usize,
    symbols: Symbols,
    /// Number of pages with keys.
    full: u64,
    /// Number of ranges without keys.
    empty: u64,
    folders: Option<Folders>,
    /// No key was found after this one.
    known_end: Option<Vec<u8>>,
}

/// What a thread can do.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Request the pages of this range, which starts after this key.
    List {
        number: u64,
        start_after: Option<Vec<u8>>,
    },
    /// Request the folders with this prefix.
    Folders { level: usize, prefix: Vec<u8> },
}

/// The keys after one and up to another.
struct Range<E> {
    number: u64,
    /// The last key that was listed, or the key that the range starts after.
    position: Option<Vec<u8>>,
    /// The last key that may belong to the range.
    end: Option<Vec<u8>>,
    stage: Stage<E>,
    /// Number of keys listed.
    keys: u64,
    /// Estimates of the number of keys that are left: with the bytes that were found at each
    /// offset, and with all bytes. 0 if unknown.
    left: [f64; 2],
    /// Number of times that it was split.
    splits: u32,
    /// Has no middle, until it has advanced.
    is_whole: bool,
    pages: VecDeque<Box<[u8]>>,
    /// Size of the pages.
    waiting: usize,
}

impl<E> Range<E> {
    /// Whether pages of it may be missing.
    fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Idle | Stage::Running)
    }
}

enum Stage<E> {
    /// No thread requests its pages.
    Idle,
    Running,
    Done,
    Failed(E),
}

/// What is next in the order of the keys.
#[derive(Debug)]
pub enum Next<E> {
    Page(Box<[u8]>),
    /// Nothing before more pages are added.
    Wait,
    End,
    Failed(E),
}

/// Which part of a page belongs to its range.
pub struct Kept {
    pub keys: usize,
    pub is_last: bool,
}

impl<E: Clone> KeyRanges<E> {
    /// One range of all keys after this one.
    pub fn new(prefix: Vec<u8>, start_after: Option<Vec<u8>>) -> KeyRanges<E> {
        let mut ranges = KeyRanges {
            prefix,
            ranges: VecDeque::new(),
            next_number: 0,
            waiting: 0,
            symbols: Symbols::default(),
            full: 0,
            empty: 0,
            folders: None,
            known_end: None,
        };
        ranges.insert(0, start_after, None, [0.0; 2]);
        ranges
    }

    /// Whether nothing is left to request.
    pub fn is_listed(&self) -> bool {
        !self.ranges.iter().any(Range::is_open)
    }

    /// What an idle thread does next; `None` if there is nothing at the moment.
    pub fn start(&mut self) -> Option<Task> {
        if let Some((level, prefix)) = self.folders.as_mut().and_then(Folders::next) {
            return Some(Task::Folders { level, prefix });
        }
        let is_idle = |(index, range): &(usize, &Range<E>)| {
            matches!(range.stage, Stage::Idle) && self.has_room(*index)
        };
        let idle = self.ranges.iter().enumerate().find(is_idle);
        let index = idle.map(|(index, _)| index).or_else(|| self.split())?;
        let range = &mut self.ranges[index];
        range.stage = Stage::Running;
        Some(Task::List {
            number: range.number,
            start_after: range.position.clone(),
        })
    }

    /// Lets threads request the folders of this key, the first one, before the listing is split.
    pub fn explore(&mut self, first_key: &[u8]) {
        self.folders = Some(Folders::of(&self.prefix, first_key));
    }

    /// Adds the folders of a level, `None` if they could not be listed. After the last level, the
    /// listing is split.
    pub fn add_folders(&mut self, level: usize, found: Option<Found>) {
        let take = |folders: &mut Folders| folders.add(level, found);
        let Some(folders) = self.folders.take_if(take) else {
            return;
        };
        // Nothing was split before, so this range has all keys that are left.
        let last = self.ranges.back().filter(|range| range.is_open());
        let Some(position) = last.and_then(|range| range.position.as_deref()) else {
            return;
        };
        let Boundaries { starts, end } = folders.boundaries(position, self.full as usize);
        self.known_end.clone_from(&end);
        for key in starts.into_iter().chain(end) {
            self.cut(self.ranges.len() - 1, key, [0.0; 2]);
        }
    }

    /// Which of these keys, the next ones of a range, belong to it.
    ///
    /// # Errors
    /// The number of the first key that is not in byte order.
    pub fn advance(&mut self, number: u64, keys: &[&[u8]], is_last: bool) -> Result<Kept, usize> {
        let none = Kept {
            keys: 0,
            is_last: true,
        };
        let Some(range) = self.ranges.iter_mut().find(|range| range.number == number) else {
            return Ok(none);
        };
        let mut last = range.position.as_deref();
        for (at, key) in keys.iter().enumerate() {
            if last.is_some_and(|last| last >= *key) {
                return Err(at);
            }
            last = Some(key);
        }
        for key in keys.iter().step_by(10).chain(keys.last()) {
            self.symbols
                .add(key.get(self.prefix.len()..).unwrap_or_default());
        }
        let is_inside = |key: &&[u8]| range.end.as_deref().is_none_or(|end| *key <= end);
        let kept = keys.partition_point(is_inside);
        let is_at_end = kept > 0 && range.end.as_deref() == Some(keys[kept - 1]);
        let is_last = is_last || kept < keys.len() || is_at_end;
        if range.keys == 0 && kept == 0 && is_last {
            self.empty += 1;
        }
        if let (Some(first), Some(last)) = (keys[..kept].first(), keys[..kept].last()) {
            self.full += 1;
            range.keys += kept as u64;
            range.position = Some(last.to_vec());
            let end = range.end.as_deref();
            range.left = [true, false].map(|by_offset| {
                Scale::new(&self.prefix, first, end, &self.symbols, by_offset)
                    .map_or(0.0, |scale| scale.keys_left(kept, first, last, end))
            });
        }
        range.is_whole = is_last;
        Ok(Kept {
            keys: kept,
            is_last,
        })
    }

    /// Adds the page with the keys that were kept. Returns whether the same thread continues.
    pub fn add(&mut self, number: u64, page: Box<[u8]>, kept: &Kept) -> bool {
        let Some(index) = self.index_of(number) else {
            return false;
        };
        if kept.keys > 0 {
            self.waiting += page.len();
            self.ranges[index].waiting += page.len();
            self.ranges[index].pages.push_back(page);
        }
        // A range without keys continues with its token: from its position it would repeat itself.
        let goes_on = !kept.is_last && (kept.keys == 0 || self.has_room(index));
        if !goes_on {
            self.ranges[index].stage = if kept.is_last {
                Stage::Done
            } else {
                Stage::Idle
            };
        }
        goes_on
    }

    /// Ends a range with this error, which is reported in its place.
    pub fn fail(&mut self, number: u64, error: E) {
        if let Some(index) = self.index_of(number) {
            self.ranges[index].stage = Stage::Failed(error);
        }
    }

    pub fn next(&mut self) -> Next<E> {
        loop {
            let Some(front) = self.ranges.front_mut() else {
                return Next::End;
            };
            if let Some(page) = front.pages.pop_front() {
                self.waiting -= page.len();
                front.waiting -= page.len();
                return Next::Page(page);
            }
            match &front.stage {
                Stage::Failed(error) => return Next::Failed(error.clone()),
                Stage::Done => drop(self.ranges.pop_front()),
                Stage::Idle | Stage::Running => return Next::Wait,
            }
        }
    }

    fn index_of(&self, number: u64) -> Option<usize> {
        self.ranges.iter().position(|range| range.number == number)
    }

    /// Whether another page of this range may be requested. The range that is read next needs no
    /// room. Pages of later ranges leave some for those that are split off before them.
    fn has_room(&self, index: usize) -> bool {
        let before = self
            .ranges
            .iter()
            .take(index + 1)
            .map(|range| range.waiting);
        index == 0 || (self.waiting < MOST_WAITING && before.sum::<usize>() < MOST_WAITING / 4)
    }

    fn insert(
        &mut self,
        index: usize,
        position: Option<Vec<u8>>,
        end: Option<Vec<u8>>,
        left: [f64; 2],
    ) {
        let range = Range {
            number: self.next_number,
            position,
            end,
            stage: Stage::Idle,
            keys: 0,
            left,
            splits: 0,
            is_whole: false,
            pages: VecDeque::new(),
            waiting: 0,
        };
        self.next_number += 1;
        self.ranges.insert(index, range);
    }

    /// Splits the range that probably has the most keys left; returns the index of its upper half.
    fn split(&mut self) -> Option<usize> {
        if self.folders.is_some() {
            return None;
        }
        // Ranges of which it is unknown whether they have keys.
        let unknown = self
            .ranges
            .iter()
            .filter(|range| range.keys == 0 && range.is_open());
        let most = MOST_EMPTY + self.full / PAGES_PER_EMPTY;
        if unknown.count() as u64 + self.empty >= most {
            return None;
        }
        let last = self.ranges.iter().rposition(|range| range.keys > 0)?;
        let mut found: Option<(usize, f64)> = None;
        for (index, range) in self.ranges.iter().enumerate() {
            let left = range.left[0].max(range.left[1]);
            if !matches!(range.stage, Stage::Running)
                || range.is_whole
                || left < FEWEST_SPLIT
                || !self.has_room(index)
            {
                continue;
            }
            let has_end = range.end.is_some() && range.end <= self.known_end;
            let left = match index < last || has_end {
                true => left,
                false if range.keys == 0 => continue,
                // Where the keys end is unknown: probably half of them are listed.
                false => range.keys as f64,
            };
            if found.is_none_or(|(_, most)| left > most) {
                found = Some((index, left));
            }
        }
        let (index, _) = found?;
        let range = &mut self.ranges[index];
        let position = range.position.as_deref().unwrap_or(&self.prefix);
        let end = range.end.as_deref();
        let middle = |by_offset: bool| {
            if range.left[usize::from(!by_offset)] < FEWEST_SPLIT {
                return None;
            }
            Scale::new(&self.prefix, position, end, &self.symbols, by_offset)?.middle(position, end)
        };
        let by_offset = range.splits.is_multiple_of(2);
        let Some(middle) = middle(by_offset).or_else(|| middle(!by_offset)) else {
            range.is_whole = true;
            return self.split();
        };
        range.splits += 1;
        range.left = range.left.map(|left| left / 2.0);
        let left = range.left;
        self.cut(index, middle, left);
        Some(index + 1)
    }

    /// Ends a range at this key, and inserts the rest after it. `left`: estimates for the rest.
    fn cut(&mut self, index: usize, key: Vec<u8>, left: [f64; 2]) {
        let end = self.ranges[index].end.replace(key.clone());
        self.insert(index + 1, Some(key), end, left);
    }
}

/// The bytes that occur in keys, after the prefix. Only ASCII: a part of a multi-byte character is
/// not UTF-8, which stores refuse.
struct Symbols {
    /// At each offset, as bits.
    at: [u128; OFFSETS],
    all: u128,
}

impl Default for Symbols {
    fn default() -> Symbols {
        Symbols {
            at: [0; OFFSETS],
            all: 0,
        }
    }
}

impl Symbols {
    fn add(&mut self, key: &[u8]) {
        for (at, byte) in key
            .iter()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_graphic())
        {
            self.all |= 1 << byte;
            if let Some(known) = self.at.get_mut(at) {
                *known |= 1 << byte;
            }
        }
    }

    /// In ascending order.
    fn set(&self, offset: usize, by_offset: bool) -> Vec<u8> {
        let known = self.at.get(offset).copied().unwrap_or_default();
        let mut bits = if by_offset && known != 0 {
            known
        } else {
            self.all
        };
        // Counters have shown only their lowest values.
        if (b'0'..=b'9').any(|digit| bits >> digit & 1 == 1) {
            bits |= 0x3ff << b'0';
        }
        (0..128).filter(|byte| bits >> byte & 1 == 1).collect()
    }
}

/// Keys as numbers: the digits are the bytes after what two keys have in common.
struct Scale<'a> {
    common: &'a [u8],
    digits: Vec<Vec<u8>>,
}

impl<'a> Scale<'a> {
    /// `None` if no key can be made of these bytes.
    fn new(
        prefix: &[u8],
        after: &'a [u8],
        end: Option<&[u8]>,
        symbols: &Symbols,
        by_offset: bool,
    ) -> Option<Scale<'a>> {
        let common = match end {
            Some(end) => after.iter().zip(end).take_while(|(a, b)| a == b).count(),
            None => prefix.len().min(after.len()),
        };
        let common = &after[..common];
        let mut digits = Vec::new();
        let mut product: u128 = 1;
        for offset in (common.len().saturating_sub(prefix.len())..).take(OFFSETS) {
            let byte = after.get(prefix.len() + offset).copied();
            let set = match byte.filter(|byte| !byte.is_ascii()) {
                // Where the first key has a part of a character, all are assumed to have it.
                Some(byte) => vec![byte],
                None => symbols.set(offset, by_offset),
            };
            product = match product.checked_mul(set.len() as u128) {
                Some(product) if product < 1 << 120 => product,
                _ => break,
            };
            digits.push(set);
        }
        (product > 1).then_some(Scale { common, digits })
    }

    fn number(&self, key: &[u8]) -> u128 {
        let mut is_above = false;
        let digits = self.digits.iter().enumerate();
        digits.fold(0, |number, (at, set)| {
            let byte = key.get(self.common.len() + at);
            let digit = match byte {
                _ if is_above => set.len() - 1,
                None => 0,
                Some(byte) => set.partition_point(|known| known < byte),
            };
            // A byte above all known ones: so is the rest.
            is_above |= digit == set.len();
            number * set.len() as u128 + digit.min(set.len() - 1) as u128
        })
    }

    /// The number of keys up to the end, if they are as dense as those from the first to the last
    /// one of a page.
    fn keys_left(&self, keys: usize, first: &[u8], last: &[u8], end: Option<&[u8]>) -> f64 {
        let (first, last) = (self.number(first), self.number(last));
        match last.saturating_sub(first) {
            0 => 0.0,
            page => self.end(end).saturating_sub(last) as f64 * keys as f64 / page as f64,
        }
    }

    fn end(&self, end: Option<&[u8]>) -> u128 {
        end.map_or_else(
            || self.digits.iter().map(|set| set.len() as u128).product(),
            |end| self.number(end),
        )
    }

    /// A key between the two, as short as possible. `None` if there is none.
    fn middle(&self, after: &[u8], end: Option<&[u8]>) -> Option<Vec<u8>> {
        let low = self.number(after);
        let mut number = low + self.end(end).checked_sub(low)? / 2;
        let mut tail = vec![0; self.digits.len()];
        for (byte, set) in tail.iter_mut().zip(&self.digits).rev() {
            let base = set.len() as u128;
            *byte = *set.get(usize::try_from(number % base).ok()?)?;
            number /= base;
        }
        let mut key = self.common.to_vec();
        for byte in tail {
            key.push(byte);
            let is_between = key.as_slice() > after && end.is_none_or(|end| key.as_slice() < end);
            if is_between && std::str::from_utf8(&key).is_ok() {
                return Some(key);
            }
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeSet;

    use super::super::folders::DELIMITER;
    use super::*;

    /// Lists these keys with as many threads, all requests of which take the same time. Returns
    /// the number of round trips and of requests.
    fn listed(keys: &[Vec<u8>], prefix: &[u8], jobs: usize, memory_per_page: usize) -> (u64, u64) {
        let mut ranges: KeyRanges<()> = KeyRanges::new(prefix.to_vec(), None);
        let mut running: Vec<Task> = Vec::new();
        let (mut rounds, mut requests, mut yielded) = (0, 0, 0);
        // Each page is the number of its first key and of its keys.
        let mut read = |ranges: &mut KeyRanges<()>| {
            loop {
                match ranges.next() {
                    Next::Page(page) => {
                        let number = |at: usize| {
                            u64::from_le_bytes(page[at..at + 8].try_into().unwrap()) as usize
                        };
                        assert_eq!(number(0), yielded);
                        yielded += number(8);
                    }
                    Next::Wait => return false,
                    Next::End => return true,
                    Next::Failed(()) => panic!(),
                }
            }
        };
        let mut is_first = true;
        while !read(&mut ranges) {
            while running.len() < jobs {
                let Some(task) = ranges.start() else { break };
                running.push(task);
                if is_first {
                    break;
                }
            }
            is_first = false;
            rounds += 1;
            requests += running.len() as u64;
            assert!(rounds < 1_000_000 && !running.is_empty());
            let mut next = Vec::new();
            for task in running.drain(..) {
                let (number, after) = match task {
                    Task::List {
                        number,
                        start_after,
                    } => (number, start_after),
                    Task::Folders { level, prefix } => {
                        ranges.add_folders(level, Some(folders_in(keys, &prefix)));
                        continue;
                    }
                };
                let first = keys.partition_point(|key| after.as_ref().is_some_and(|a| key <= a));
                let page: Vec<&[u8]> = keys[first..].iter().take(1000).map(Vec::as_slice).collect();
                let is_last = first + page.len() == keys.len();
                let kept = ranges.advance(number, &page, is_last).unwrap();
                if rounds == 1 && !is_last {
                    ranges.explore(page[0]);
                }
                let mut packed = vec![0; memory_per_page.max(16)];
                packed[..8].copy_from_slice(&(first as u64).to_le_bytes());
                packed[8..16].copy_from_slice(&(kept.keys as u64).to_le_bytes());
                if ranges.add(number, packed.into(), &kept) {
                    next.push(Task::List {
                        number,
                        start_after: Some(page[kept.keys - 1].to_vec()),
                    });
                }
            }
            running = next;
        }
        assert_eq!(yielded, keys.len());
        (rounds, requests)
    }

    /// As a store lists them.
    fn folders_in(keys: &[Vec<u8>], prefix: &[u8]) -> Found {
        let mut found = Found {
            folders: Vec::new(),
            last_key: None,
            is_complete: true,
        };
        let first = keys.partition_point(|key| key.as_slice() < prefix);
        let inside = keys[first..]
            .iter()
            .take_while(|key| key.starts_with(prefix));
        let mut entries = 0;
        for key in inside {
            let end = key[prefix.len()..]
                .iter()
                .position(|byte| *byte == DELIMITER);
            let folder = end.map(|end| &key[..=prefix.len() + end]);
            if folder.is_some() && folder == found.folders.last().map(Vec::as_slice) {
                continue;
            }
            if entries == 1000 {
                found.is_complete = false;
                break;
            }
            entries += 1;
            match folder {
                Some(folder) => found.folders.push(folder.to_vec()),
                None => found.last_key = Some(key.clone()),
            }
        }
        found
    }

    fn sorted(keys: impl Iterator<Item = String>) -> Vec<Vec<u8>> {
        let keys: BTreeSet<_> = keys.map(String::into_bytes).collect();
        keys.into_iter().collect()
    }

    fn random(seed: u64) -> impl Iterator<Item = u64> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        })
    }

    fn buckets() -> Vec<(&'static str, &'static str, Vec<Vec<u8>>)> {
        let log = |n: u64| {
            let (day, rest) = (n / 4000, n % 4000);
            let (host, part) = (rest / 400, rest % 400);
            format!(
                "logs/{:03}-{:02}/host-{host}/part-{part:06}.json",
                day / 25,
                day % 25
            )
        };
        let words = [
            "anna", "berlin", "cos", "delta", "east", "files", "graz", "zoo",
        ];
        vec![
            ("logs", "", sorted((0..200_000).map(log))),
            (
                "days",
                "",
                sorted((0..200_000).map(|n| {
                    let (day, rest) = (n / 500, n % 500);
                    format!(
                        "year={}/month={:02}/day={:02}/{rest}.parquet",
                        2020 + day / 360,
                        day / 30 % 12 + 1,
                        day % 30 + 1
                    )
                })),
            ),
            (
                "hashes",
                "h/",
                sorted(random(1).take(200_000).map(|n| format!("h/{n:016x}"))),
            ),
            ("numbers", "", sorted((0..200_000).map(|n| format!("{n}")))),
            (
                "padded",
                "",
                sorted((0..200_000).map(|n| format!("image-{n:012}.png"))),
            ),
            (
                "base64",
                "",
                sorted(random(2).take(200_000).map(|n| {
                    let set = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
                    (0..10)
                        .map(|at| char::from(set[(n >> (at * 6) & 63) as usize]))
                        .collect()
                })),
            ),
            (
                "words",
                "",
                sorted(random(3).take(200_000).map(|n| {
                    format!(
                        "{}/{}/{}",
                        words[(n % 8) as usize],
                        words[(n / 8 % 8) as usize],
                        n % 99_991
                    )
                })),
            ),
            (
                "one large folder",
                "",
                sorted(
                    (0..1000)
                        .map(|n| format!("a{n}/x"))
                        .chain((0..199_000).map(|n| format!("mm/large/{n:07}"))),
                ),
            ),
            (
                "umlauts",
                "",
                sorted((0..200_000).map(|n| format!("\u{fc}/\u{e4}{n:07}"))),
            ),
        ]
    }

    #[test]
    fn ranges_are_found_whatever_the_keys_look_like() {
        for (name, prefix, keys) in buckets() {
            let pages = keys.len() as u64 / 1000;
            let (rounds, requests) = listed(&keys, prefix.as_bytes(), 16, 0);
            assert!(rounds * 6 <= pages, "{name}: {rounds} round trips");
            assert!(requests <= pages * 2, "{name}: {requests} requests");
        }
    }

    #[test]
    fn memory_is_bounded_and_ranges_close_to_the_reader_are_listed_first() {
        let keys = sorted((0..400_000).map(|n| format!("image-{n:012}.png")));
        // Room for 48 pages.
        let (rounds, _) = listed(&keys, b"", 16, MOST_WAITING / 48);
        assert!(rounds <= 120, "{rounds} round trips");
    }
}
