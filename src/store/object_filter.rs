//! Filters for the objects of a listing.

use std::fmt;

use chrono::{DateTime, Utc};

use super::Glob;
use super::listing::{Object, PAGE_SIZE};

/// The filters; the default accepts everything.
///
/// Patterns are matched against the part of the key after the last `/` of the listed prefix: for
/// `logs/2026/` and `logs/2026/a` that is what follows `logs/2026/`. `aws s3` does the same for
/// prefixes that end in `/`. Unlike there, the order of the patterns does not matter: an object is
/// accepted if it matches any `include`, or there is none, and no `exclude`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only keys that match one of these patterns, if there are any.
    pub include: Vec<Glob>,
    /// No keys that match these patterns.
    pub exclude: Vec<Glob>,
    /// Modified at this time or later.
    pub newer_than: Option<DateTime<Utc>>,
    /// Modified before this time. Together with `newer_than` of the same time, every object is
    /// accepted once.
    pub older_than: Option<DateTime<Utc>>,
    /// Minimum size in bytes.
    pub min_size: Option<u64>,
    /// Maximum size in bytes.
    pub max_size: Option<u64>,
    /// Maximum number of objects, in the order of the listing.
    pub limit: Option<u64>,
}

/// An object without the property that a filter needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The object.
    pub key: Vec<u8>,
    /// `LastModified` or `Size`
    pub element: &'static str,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the listing has no {} for `{}`",
            self.element,
            String::from_utf8_lossy(&self.key)
        )
    }
}

impl std::error::Error for Unknown {}

impl Selection {
    /// A filter for a listing of this prefix.
    pub fn picker(self, prefix: &[u8]) -> Filter {
        let base = prefix
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |slash| slash + 1);
        Filter {
            selection: self,
            base,
            seen: 0,
            picked: 0,
        }
    }

    /// Keys per page: no more than will be used.
    pub fn page_size(&self) -> u32 {
        let takes_all = Selection {
            limit: None,
            ..self.clone()
        } == Selection::default();
        let limit = self
            .limit
            .filter(|_| takes_all)
            .and_then(|limit| u32::try_from(limit).ok());
        limit.map_or(PAGE_SIZE, |limit| limit.clamp(1, PAGE_SIZE))
    }

    fn wants(&self, object: &Object, base: usize) -> Result<bool, Unknown> {
        let name = object.key.get(base..).unwrap_or_default();
        let is_any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(name));
        if (!self.include.is_empty() && !is_any(&self.include)) || is_any(&self.exclude) {
            return Ok(false);
        }
        let unknown = |element| Unknown {
            key: object.key.clone(),
            element,
        };
        if self.newer_than.is_some() || self.older_than.is_some() {
            let modified = object
                .last_modified
                .ok_or_else(|| unknown("LastModified"))?;
            if self.newer_than.is_some_and(|time| modified < time)
                || self.older_than.is_some_and(|time| modified >= time)
            {
                return Ok(false);
            }
        }
        if self.min_size.is_some() || self.max_size.is_some() {
            let size = object.size.ok_or_else(|| unknown("Size"))?;
            if self.min_size.is_some_and(|least| size < least)
                || self.max_size.is_some_and(|most| size > most)
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Filters page by page.
#[derive(Clone, Debug)]
pub struct Filter {
    selection: Selection,
    base: usize,
    seen: u64,
    picked: u64,
}

impl Filter {
    /// The objects of a page that pass the filters.
    ///
    /// # Errors
    /// [`Unknown`] if a property is missing; skipping the object would go unnoticed.
    pub fn pick(&mut self, page: Vec<Object>) -> Result<Vec<Object>, Unknown> {
        let mut picked = Vec::with_capacity(page.len());
        for object in page {
            if self.is_full() {
                break;
            }
            self.seen += 1;
            if self.selection.wants(&object, self.base)? {
                self.picked += 1;
                picked.push(object);
            }
        }
        Ok(picked)
    }

    /// Whether the limit is reached: no further page is needed.
    pub fn is_full(&self) -> bool {
        self.selection
            .limit
            .is_some_and(|limit| self.picked >= limit)
    }

    /// Number of objects seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Number of objects accepted.
    pub fn picked(&self) -> u64 {
        self.picked
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn object(key: &[u8], size: u64, seconds: i64) -> Object {
        Object {
            key: key.to_vec(),
            size: Some(size),
            last_modified: DateTime::from_timestamp(seconds, 0),
            version_id: None,
        }
    }

    fn picked(selection: &Selection, prefix: &str) -> Vec<String> {
        let page = vec![
            object(b"logs/2026/", 0, 10),
            object(b"logs/2026/a.txt", 10, 20),
            object(b"logs/2026/b/c.txt", 20, 30),
            object(b"logs/2026/d.bin\xff", 30, 40),
        ];
        let picked = selection
            .clone()
            .picker(prefix.as_bytes())
            .pick(page)
            .unwrap();
        picked
            .iter()
            .map(|object| String::from_utf8_lossy(&object.key["logs/2026/".len()..]).into_owned())
            .collect()
    }

    fn globs(patterns: &[&str]) -> Vec<Glob> {
        patterns
            .iter()
            .map(|pattern| Glob::new(pattern.as_bytes()))
            .collect()
    }

    #[test]
    fn patterns_are_about_what_follows_the_folder() {
        for (include, exclude, prefix, expected) in [
            (
                vec![],
                vec![],
                "logs/2026/",
                vec!["", "a.txt", "b/c.txt", "d.bin\u{fffd}"],
            ),
            (
                vec!["*.txt"],
                vec![],
                "logs/2026/",
                vec!["a.txt", "b/c.txt"],
            ),
            (vec!["?.txt"], vec![], "logs/2026/", vec!["a.txt"]),
            (vec!["?.txt"], vec![], "logs/2026/a", vec!["a.txt"]),
            (vec!["2026/?.txt"], vec![], "logs/2026", vec!["a.txt"]),
            (vec!["logs/2026/?.txt"], vec![], "", vec!["a.txt"]),
            (
                vec!["*.txt", "d*"],
                vec!["b/*"],
                "logs/2026/",
                vec!["a.txt", "d.bin\u{fffd}"],
            ),
            (vec![], vec!["*"], "logs/2026/", vec![]),
            (vec![], vec!["?*"], "logs/2026/", vec![""]),
        ] {
            let selection = Selection {
                include: globs(&include),
                exclude: globs(&exclude),
                ..Selection::default()
            };
            assert_eq!(
                picked(&selection, prefix),
                expected,
                "{include:?} {exclude:?} {prefix}"
            );
        }
    }

    #[test]
    fn times_and_sizes_have_limits() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        let newer = Selection {
            newer_than: at(20),
            ..Selection::default()
        };
        let older = Selection {
            older_than: at(20),
            ..Selection::default()
        };
        assert_eq!(picked(&newer, "").len() + picked(&older, "").len(), 4);
        assert_eq!(picked(&older, ""), [""]);
        assert_eq!(picked(&newer, ""), ["a.txt", "b/c.txt", "d.bin\u{fffd}"]);
        let sizes = Selection {
            min_size: Some(10),
            max_size: Some(20),
            ..Selection::default()
        };
        assert_eq!(picked(&sizes, ""), ["a.txt", "b/c.txt"]);
        let least = Selection {
            min_size: Some(20),
            ..Selection::default()
        };
        assert_eq!(picked(&least, ""), ["b/c.txt", "d.bin\u{fffd}"]);
        let most = Selection {
            max_size: Some(10),
            ..Selection::default()
        };
        assert_eq!(picked(&most, ""), ["", "a.txt"]);
        let nothing_known = Object {
            key: b"k".to_vec(),
            size: None,
            last_modified: None,
            version_id: None,
        };
        for (selection, element) in [
            (newer, "LastModified"),
            (older, "LastModified"),
            (sizes, "Size"),
        ] {
            let error = selection
                .picker(b"")
                .pick(vec![nothing_known.clone()])
                .unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the listing has no {element} for `k`")
            );
            assert_eq!(
                error,
                Unknown {
                    key: b"k".to_vec(),
                    element
                }
            );
        }
        assert_eq!(
            Selection::default()
                .picker(b"")
                .pick(vec![nothing_known.clone()]),
            Ok(vec![nothing_known])
        );
    }

    #[test]
    fn the_limit_counts_what_is_wanted_over_all_pages() {
        let selection = Selection {
            limit: Some(3),
            exclude: globs(&["x*"]),
            ..Selection::default()
        };
        let mut picker = selection.picker(b"");
        let page = || vec![object(b"x", 1, 1), object(b"a", 1, 1), object(b"b", 1, 1)];
        assert_eq!(picker.pick(page()).unwrap().len(), 2);
        assert!(!picker.is_full());
        assert_eq!(picker.pick(page()).unwrap().len(), 1);
        assert!(picker.is_full());
        assert_eq!((picker.seen(), picker.picked()), (5, 3));
        assert_eq!(picker.pick(page()).unwrap().len(), 0);
    }

    #[test]
    fn no_more_is_requested_than_is_used() {
        let limited = |limit| Selection {
            limit,
            ..Selection::default()
        };
        for (selection, size) in [
            (limited(None), 1000),
            (limited(Some(7)), 7),
            (limited(Some(5000)), 1000),
            (limited(Some(u64::MAX)), 1000),
            (
                Selection {
                    min_size: Some(1),
                    ..limited(Some(7))
                },
                1000,
            ),
        ] {
            assert_eq!(selection.page_size(), size);
        }
    }
}
