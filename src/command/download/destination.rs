//! The destination file, its name, and partial files of earlier runs.

use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::DownloadArgs;
use crate::diagnosis::Anatomy;
use crate::disk::{
    Existing, OpenError, PartialFile, check_directory, existing, is_directory, partials_of,
};
use crate::error::{Failure, Kind};
use crate::text::{CommandLine, escape_controls, local_name};
use crate::transfer::{Checks, Partial, file_name, partial_prefix};

use super::{AGAIN, RESUME};

/// Number of names tried for a new partial file. Only the first name can be predicted by another
/// user who wants to occupy it.
const MOST_NAMES: u32 = 8;

/// A file that does not exist yet, or may be replaced.
#[derive(Debug)]
pub struct Destination {
    pub target: PathBuf,
    directory: PathBuf,
    /// Prefix of the names of its partial files.
    prefix: String,
    replaces: bool,
}

/// Partial files of earlier runs for a destination.
pub struct Leftovers {
    /// The file that can be resumed.
    pub best: Option<(PartialFile, Partial)>,
    /// Files that are kept, and why.
    pub rejected: Vec<Rejected>,
}

pub struct Rejected {
    pub path: PathBuf,
    pub why: String,
}

impl Destination {
    /// `None` is standard output. Whether the directory exists and the name is free is checked
    /// here, before anything is transferred.
    pub fn new(args: &DownloadArgs, anatomy: &Anatomy) -> Result<Option<Destination>, Failure> {
        let target = match &args.file {
            Some(file) if file == Path::new("-") => return Ok(None),
            Some(file) if is_directory(file) => file.join(default_name(anatomy)),
            Some(file) if names_a_directory(file) => return Err(missing_directory(file)),
            Some(file) => file.clone(),
            None => PathBuf::from(default_name(anatomy)),
        };
        let Some(prefix) = target.file_name().map(partial_prefix) else {
            return Err(
                Failure::usage(format!("`{}` is not a file name", shown(&target)))
                    .hint("use a file or a directory"),
            );
        };
        let directory = match target
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            Some(parent) => parent.to_owned(),
            None => PathBuf::from("."),
        };
        let destination = Destination {
            target,
            directory,
            prefix,
            replaces: args.force,
        };
        check_directory(&destination.directory)
            .map_err(|error| destination.cannot_use_directory(&error))?;
        destination.check_free()?;
        Ok(Some(destination))
    }

    fn check_free(&self) -> Result<(), Failure> {
        match existing(&self.target) {
            Ok(Existing::Other) => Err(Failure::usage(format!(
                "`{}` is not a regular file and cannot be replaced",
                self.shown()
            ))
            .hint("for a pipe or a device: `-`, and redirect standard output")),
            Ok(Existing::File) if !self.replaces => Err(self.exists()),
            Ok(_) => Ok(()),
            Err(error) => Err(self.cannot_write(&error, 0)),
        }
    }

    fn shown(&self) -> String {
        shown(&self.target)
    }

    fn exists(&self) -> Failure {
        Failure::usage(format!("`{}` exists already", self.shown()))
            .hint("add `--force` to replace it, or use another name")
    }

    fn busy(&self) -> Failure {
        Failure::new(
            Kind::Io,
            format!("`{}` is being downloaded by another process", self.shown()),
        )
        .hint("wait for it, or use another name")
    }

    /// A new partial file for a download that cannot be resumed.
    pub fn create_unresumable(&self) -> Result<PartialFile, Failure> {
        self.create(&unresumable())
    }

    /// A new partial file in the directory of the destination.
    pub fn create(&self, partial: &Partial) -> Result<PartialFile, Failure> {
        let random = RandomState::new();
        for attempt in 0..MOST_NAMES {
            let more = (attempt > 0).then(|| random.hash_one(attempt) as u32);
            let path = self.directory.join(partial.file_name(&self.prefix, more));
            match PartialFile::create(&path) {
                Ok(file) => return Ok(file),
                Err(OpenError::Busy) => return Err(self.busy()),
                // Another process has just created and removed the same file.
                Err(OpenError::Gone | OpenError::Untrusted(_)) => {}
                Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if matches!(PartialFile::open(&path), Err(OpenError::Busy)) {
                        return Err(self.busy());
                    }
                }
                Err(OpenError::Io(error)) => return Err(self.cannot_use_directory(&error)),
            }
        }
        let error = io::Error::other("all names for its partial file exist already");
        Err(self.cannot_write(&error, 0))
    }

    /// Partial files of earlier runs for this destination. A file is resumed only if no other user
    /// can have written to it and it belongs to this object. Our own files that cannot be resumed,
    /// or that have less of the same object, are removed; all others are kept.
    pub fn leftovers(&self, object: &str) -> Result<Leftovers, Failure> {
        let mut left = Leftovers {
            best: None,
            rejected: Vec::new(),
        };
        let is_partial = |name: &str| Partial::is_name_for(name, &self.prefix);
        let paths = match partials_of(&self.directory, is_partial) {
            Ok(paths) => paths,
            // Files can be created in a directory that cannot be listed.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Vec::new(),
            Err(error) => return Err(self.cannot_use_directory(&error)),
        };
        for path in paths {
            let mut reject = |path, why: &dyn std::fmt::Display| {
                let why = why.to_string();
                left.rejected.push(Rejected { path, why });
            };
            let file = match PartialFile::open(&path) {
                Ok(file) => file,
                Err(OpenError::Busy) => return Err(self.busy()),
                Err(OpenError::Gone) => continue,
                Err(OpenError::Io(error)) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(OpenError::Io(error)) => {
                    reject(path, &error);
                    continue;
                }
                Err(OpenError::Untrusted(why)) => {
                    reject(path, &why);
                    continue;
                }
            };
            match read_note(&file) {
                Some(partial) if partial.object != object => {
                    reject(path, &"it was downloaded from another URL");
                }
                Some(partial) if partial.size == 0 => file.remove(),
                Some(partial) => {
                    let Some((other_file, other)) = left.best.take() else {
                        left.best = Some((file, partial));
                        continue;
                    };
                    let is_better = partial.done() > other.done();
                    let (best, worse) = match is_better {
                        true => ((file, partial), (other_file, other)),
                        false => ((other_file, other), (file, partial)),
                    };
                    if (&best.1.etag, best.1.size) == (&worse.1.etag, worse.1.size) {
                        // It has less of the same object.
                        worse.0.remove();
                    } else {
                        let path = worse.0.path().to_owned();
                        reject(path, &"it belongs to another version of the object");
                    }
                    left.best = Some(best);
                }
                None if self.is_unresumable(&file) => file.remove(),
                None => reject(
                    path,
                    &"its record of the object and the downloaded bytes is missing",
                ),
            }
        }
        // Another process may have finished in the meantime.
        self.check_free()?;
        Ok(left)
    }

    /// Removes our own partial files of the downloaded object, left by killed processes that
    /// started at the same time. Errors are ignored, because nothing depends on it.
    pub fn remove_superseded(&self, object: &str, etag: Option<&str>, size: u64) {
        let is_partial = |name: &str| Partial::is_name_for(name, &self.prefix);
        for path in partials_of(&self.directory, is_partial).unwrap_or_default() {
            let Ok(file) = PartialFile::open(&path) else {
                continue;
            };
            let is_same = |partial: Partial| {
                partial.object == object
                    && Some(partial.etag.as_str()) == etag
                    && partial.size == size
            };
            let can_be_removed = match read_note(&file) {
                Some(partial) => is_same(partial),
                None => self.is_unresumable(&file),
            };
            if can_be_removed {
                file.remove();
            }
        }
    }

    /// Whether the file is empty, or belongs to a download that was not resumable.
    fn is_unresumable(&self, file: &PartialFile) -> bool {
        let base = unresumable().file_name(&self.prefix, None);
        let base = base.trim_end_matches(".part");
        let name = file.path().file_name().and_then(OsStr::to_str);
        file.length().is_ok_and(|length| length == 0)
            || name.is_some_and(|name| name.starts_with(base))
    }

    fn cannot_use_directory(&self, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::NotFound => missing_directory(&self.directory),
            _ => Failure::new(
                Kind::Io,
                format!(
                    "cannot write in the directory `{}`: {error}",
                    shown(&self.directory)
                ),
            )
            .hint("check the permissions of the directory, or use another one"),
        }
    }

    /// The file system refused a write. `kept` bytes are available to the next run.
    pub fn cannot_write(&self, error: &io::Error, kept: u64) -> Failure {
        let (kept, again) = match kept {
            0 => (String::new(), AGAIN),
            kept => (format!("; {kept} bytes are kept"), RESUME),
        };
        let failure = Failure::new(
            Kind::Io,
            format!("cannot write `{}`: {error}{kept}", self.shown()),
        );
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                failure.hint(format!("free disk space, then {again}"))
            }
            io::ErrorKind::FileTooLarge => failure.hint(format!(
                "allow larger files (`ulimit -f`) or use another file system, then {again}"
            )),
            _ => failure.hint("check the directory and its permissions"),
        }
    }

    /// The size exceeds the maximum of files.
    pub fn impossible_size(&self, size: u64) -> Failure {
        Failure::new(
            Kind::Refused,
            format!(
                "cannot write `{}`: the response has a Content-Length of {size}, larger than any \
                 file",
                self.shown()
            ),
        )
        .hint("the server may not be the store: check the URL and the network")
    }

    /// The file system cannot read back what was written.
    pub fn cannot_read_back(&self, error: &io::Error) -> Failure {
        Failure::new(
            Kind::Io,
            format!("cannot read back `{}`: {error}", self.shown()),
        )
        .hint("check the disk")
    }

    /// Moves the complete file to its name. If another process has taken the name in the meantime,
    /// the file keeps its own: it may be another object, and all of it has been transferred.
    pub fn put_in_place(&self, file: PartialFile) -> Result<(), Failure> {
        let path = file.path().to_owned();
        file.put_in_place(&self.target, self.replaces)
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    let rename = CommandLine::new("mv")
                        .value(path.as_os_str().as_encoded_bytes())
                        .fixed("NAME");
                    self.exists().hint(format!(
                        "the download is complete: give it a name with `{rename}`"
                    ))
                }
                io::ErrorKind::NotFound => self.cannot_use_directory(&error),
                _ => self.cannot_write(&error, 0),
            })
    }
}

/// No object has such an ETag, so no partial file with this name can be resumed.
fn unresumable() -> Partial {
    Partial::new("", "", 0, Checks::default(), 1)
}

fn shown(path: &Path) -> String {
    escape_controls(&path.to_string_lossy()).into_owned()
}

/// Whether the name is that of a directory, existing or not.
fn names_a_directory(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    let last = bytes
        .rsplit(|byte| std::path::is_separator(char::from(*byte)))
        .next();
    matches!(last, Some(b"" | b"." | b".."))
}

fn missing_directory(directory: &Path) -> Failure {
    Failure::new(
        Kind::Io,
        format!("the directory `{}` does not exist", shown(directory)),
    )
    .hint("create it, or use another one")
}

fn read_note(file: &PartialFile) -> Option<Partial> {
    let length = file.length().ok()?;
    let mut note = Vec::new();
    let start = Partial::place_of_note(length)?;
    file.read(start..length, |piece| note.extend_from_slice(piece))
        .ok()?;
    Partial::read(&note, length)
}

/// The file name from the URL, or the last segment of the key.
fn default_name(anatomy: &Anatomy) -> String {
    let proposed = anatomy
        .text("response-content-disposition")
        .and_then(|disposition| file_name(&disposition));
    // A slash in a suggested name is part of the name, not a directory.
    let proposed = proposed.map(|name| {
        name.iter()
            .map(|byte| if *byte == b'/' { b'_' } else { *byte })
            .collect::<Vec<u8>>()
    });
    let name = proposed
        .or_else(|| anatomy.key.clone())
        .unwrap_or_else(|| anatomy.path());
    local_name(&name)
}
