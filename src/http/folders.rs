//! Where a listing can be split, found by listing the folders that its first key lies in.
//!
//! A request with a delimiter returns the names of up to a thousand folders, however many keys are
//! in them. The levels of the first key are requested at the same time, each by another thread, so
//! they cost one round trip. The highest level with folders ahead shows where the keys are; a level
//! that is complete shows where they end.

/// The delimiter that nearly all keys use.
pub const DELIMITER: u8 = b'/';

/// Maximum number of levels that are requested: the price of a listing is that of its requests.
const MOST_LEVELS: usize = 5;

/// Maximum number of ranges that start at a folder. Some may turn out to have only a few keys, and
/// cost a request each.
const MOST_RANGES: usize = 48;

/// Number of pages that a range should have, where the first page has several folders.
const PAGES_PER_RANGE: usize = 4;

/// The levels of the first key, highest first.
pub struct Folders {
    first_key: Vec<u8>,
    levels: Vec<Level>,
    /// Number of levels that were not requested yet.
    next: usize,
    /// Number of levels without a response.
    missing: usize,
}

struct Level {
    prefix: Vec<u8>,
    found: Option<Found>,
}

/// The first page of a level.
pub struct Found {
    /// In byte order.
    pub folders: Vec<Vec<u8>>,
    /// The last key beside the folders.
    pub last_key: Option<Vec<u8>>,
    /// Whether the level has no more pages.
    pub is_complete: bool,
}

/// Where to split a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Boundaries {
    /// Folders at which ranges start, in byte order.
    pub starts: Vec<Vec<u8>>,
    /// A key after those folders, with no key known after it.
    pub end: Option<Vec<u8>>,
}

impl Folders {
    /// The levels between this prefix and the first key, without its own folder, which is listed
    /// anyway.
    pub fn of(prefix: &[u8], first_key: &[u8]) -> Folders {
        let mut levels = vec![prefix.to_vec()];
        let ends = (prefix.len()..first_key.len()).filter(|at| first_key[*at] == DELIMITER);
        levels.extend(ends.map(|at| first_key[..=at].to_vec()));
        if levels.len() > 1 {
            levels.pop();
        }
        levels.truncate(MOST_LEVELS);
        Folders {
            first_key: first_key.to_vec(),
            next: 0,
            missing: levels.len(),
            levels: levels
                .into_iter()
                .map(|prefix| Level {
                    prefix,
                    found: None,
                })
                .collect(),
        }
    }

    /// The number of the next level to request, and its prefix.
    pub fn next(&mut self) -> Option<(usize, Vec<u8>)> {
        let level = self.levels.get(self.next)?;
        self.next += 1;
        Some((self.next - 1, level.prefix.clone()))
    }

    /// Adds the response to a level, `None` if there was none. Returns whether it was the last one.
    pub fn add(&mut self, number: usize, found: Option<Found>) -> bool {
        if let Some(level) = self.levels.get_mut(number) {
            level.found = found;
            self.missing = self.missing.saturating_sub(1);
        }
        self.missing == 0
    }

    /// `last_key`: the last one that was listed meanwhile; `pages`: their number of pages.
    pub fn boundaries(&self, last_key: &[u8], pages: usize) -> Boundaries {
        let found: Vec<&Found> = self
            .levels
            .iter()
            .map_while(|level| level.found.as_ref())
            .collect();
        let is_ahead = |key: &Vec<u8>| key.as_slice() > last_key;
        let used = found
            .iter()
            .position(|found| found.folders.last().is_some_and(is_ahead));
        let starts = used.map_or_else(Vec::new, |at| {
            starts(&found[at].folders, &self.first_key, last_key, pages)
        });
        // A level below the one that is used ends within its first folder.
        let above = &found[..used.map_or(found.len(), |at| at + 1)];
        let mut ends = above.iter().rev().filter_map(|found| found.end());
        Boundaries {
            starts,
            end: ends.find(is_ahead),
        }
    }
}

impl Found {
    /// A key after all keys in and beside the folders; `None` if there are more, or if there are no
    /// folders, so that nothing new is known.
    fn end(&self) -> Option<Vec<u8>> {
        let folder = self.folders.last().filter(|_| self.is_complete)?;
        let (_, name) = folder.split_last()?;
        // The character after the delimiter.
        let after = [name, &[DELIMITER + 1]].concat();
        Some(match &self.last_key {
            Some(key) if *key > after => key.clone(),
            _ => after,
        })
    }
}

/// The folders at which ranges start: all, or fewer if one has less than a few pages.
fn starts(folders: &[Vec<u8>], first_key: &[u8], last_key: &[u8], pages: usize) -> Vec<Vec<u8>> {
    let up_to = |key: &[u8]| folders.partition_point(|folder| folder.as_slice() <= key);
    let rest = &folders[up_to(last_key)..];
    // With the one of the first key.
    let passed = 1 + up_to(last_key) - up_to(first_key);
    let step = match passed.div_ceil(pages.max(1)) {
        // A folder is longer than a page, and how much longer is unknown.
        0 | 1 => 1,
        per_page => per_page * PAGES_PER_RANGE,
    };
    let step = step.max(rest.len().div_ceil(MOST_RANGES));
    rest.iter().step_by(step.max(1)).cloned().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn found(folders: &[&str], last_key: Option<&str>, is_complete: bool) -> Option<Found> {
        Some(Found {
            folders: folders
                .iter()
                .map(|folder| folder.as_bytes().to_vec())
                .collect(),
            last_key: last_key.map(|key| key.as_bytes().to_vec()),
            is_complete,
        })
    }

    fn boundaries(first: &str, last: &str, levels: Vec<Option<Found>>) -> (Vec<String>, bool) {
        let mut folders = Folders::of(b"", first.as_bytes());
        for level in levels {
            let (number, _) = folders.next().unwrap();
            folders.add(number, level);
        }
        let Boundaries { starts, end } = folders.boundaries(last.as_bytes(), 1);
        let is_end = end.is_some();
        let text = |key: Vec<u8>| String::from_utf8(key).unwrap();
        (starts.into_iter().chain(end).map(text).collect(), is_end)
    }

    #[test]
    fn levels_of_a_key_are_requested_without_its_own_folder() {
        let levels = |prefix: &str, key: &str| {
            let mut folders = Folders::of(prefix.as_bytes(), key.as_bytes());
            let mut levels = Vec::new();
            while let Some((_, prefix)) = folders.next() {
                levels.push(String::from_utf8(prefix).unwrap());
            }
            levels
        };
        assert_eq!(levels("", "a/b/c"), ["", "a/"]);
        assert_eq!(levels("a/b", "a/bc/d/e"), ["a/b", "a/bc/"]);
        assert_eq!(levels("", "a"), [""]);
        assert_eq!(levels("a/", "a/b"), ["a/"]);
        assert_eq!(levels("", "//"), ["", "/"]);
        assert_eq!(levels("", &"x/".repeat(20)).len(), MOST_LEVELS);
    }

    #[test]
    fn ranges_start_at_the_folders_of_the_highest_level_with_several() {
        let levels = vec![
            found(&["logs/"], None, true),
            found(&["logs/1/", "logs/2/", "logs/3/"], None, true),
            found(&["logs/1/a/", "logs/1/b/"], None, true),
        ];
        assert_eq!(
            boundaries("logs/1/a/x/0", "logs/1/a/x/999", levels),
            (
                ["logs/2/", "logs/3/", "logs/30"]
                    .map(str::to_owned)
                    .to_vec(),
                true
            )
        );
    }

    #[test]
    fn end_is_known_only_where_a_level_is_complete() {
        let one = |is_complete| vec![found(&["logs/"], None, is_complete)];
        assert_eq!(
            boundaries("logs/a", "logs/b", one(true)),
            (vec!["logs0".to_owned()], true)
        );
        assert_eq!(boundaries("logs/a", "logs/b", one(false)), (vec![], false));
        let beside = vec![found(&["logs/"], Some("zoo"), true)];
        assert_eq!(
            boundaries("logs/a", "logs/b", beside),
            (vec!["zoo".to_owned()], true)
        );
        let unfinished = vec![
            found(&["logs/"], None, true),
            found(&["logs/1/", "logs/2/"], None, false),
        ];
        assert_eq!(
            boundaries("logs/1/a/0", "logs/1/a/999", unfinished),
            (["logs/2/", "logs0"].map(str::to_owned).to_vec(), true)
        );
        assert_eq!(boundaries("a", "b", vec![None]), (vec![], false));
        // The listing is past the folder.
        let passed = vec![found(&["a/"], None, true)];
        assert_eq!(boundaries("a/x", "a0", passed), (vec![], false));
        assert_eq!(
            boundaries("a", "b", vec![found(&[], Some("c"), true)]),
            (vec![], false)
        );
    }

    #[test]
    fn small_folders_share_a_range() {
        let names: Vec<String> = (0..1000).map(|number| format!("a{number:03}/")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let starts =
            |last_key| boundaries("a000/x/y", last_key, vec![found(&names, None, false)]).0;
        // The page has one key of each folder.
        assert_eq!(starts("a999/x/y"), [""; 0]);
        // A folder has a fifth of a page.
        assert_eq!(starts("a004/z/y")[..2], ["a005/", "a026/"]);
        // A folder has more than a page.
        assert_eq!(starts("a000/z/y").len(), 48);
    }
}
