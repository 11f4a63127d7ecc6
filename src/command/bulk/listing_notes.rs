//! What a listing contains besides objects, reported on standard error.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::ListPage;
use crate::text::escape_controls;

/// Filled by the reader of the listing, printed by the writer of the URLs.
#[derive(Clone, Default)]
pub struct ListingNotes(Arc<Mutex<Found>>);

#[derive(Default)]
struct Found {
    /// Not printed yet.
    common_prefixes: VecDeque<Vec<u8>>,
    last_prefix: Option<Vec<u8>>,
    delete_markers: u64,
}

impl ListingNotes {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the common prefixes and delete markers of a page.
    pub fn add(&self, page: &mut ListPage) {
        let mut found = self.found();
        found.delete_markers += std::mem::take(&mut page.delete_markers);
        for prefix in page.common_prefixes.drain(..) {
            // Some stores repeat the prefix after which a page was requested.
            if found.last_prefix.as_ref() != Some(&prefix) {
                found.last_prefix = Some(prefix.clone());
                found.common_prefixes.push_back(prefix);
            }
        }
    }

    /// Whether there was anything.
    pub fn has_common_prefixes(&self) -> bool {
        self.found().last_prefix.is_some()
    }

    /// Whether some are not printed yet.
    pub fn has_unprinted_prefixes(&self) -> bool {
        !self.found().common_prefixes.is_empty()
    }

    /// Number of delete markers so far.
    pub fn delete_markers(&self) -> u64 {
        self.found().delete_markers
    }

    /// Prints the common prefixes that are not printed yet. The lock is not held while printing:
    /// the terminal may be slow.
    pub fn print_prefixes(&self, err: &mut dyn Write) -> io::Result<()> {
        let prefixes = std::mem::take(&mut self.found().common_prefixes);
        for prefix in prefixes {
            let prefix = String::from_utf8_lossy(&prefix);
            writeln!(err, "common prefix: {}", escape_controls(&prefix))?;
        }
        Ok(())
    }

    /// Reports the delete markers, at the end of the listing.
    pub fn print_delete_markers(&self, err: &mut dyn Write) -> io::Result<()> {
        match self.delete_markers() {
            0 => Ok(()),
            1 => writeln!(err, "note: 1 delete marker has no content and no URL"),
            count => writeln!(
                err,
                "note: {count} delete markers have no content and no URL"
            ),
        }
    }
}
