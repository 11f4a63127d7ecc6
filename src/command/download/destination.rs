//! Where the object goes, and what it is called.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::DownloadArgs;
use crate::diagnosis::Anatomy;
use crate::disk::{Existing, PartialFile, existing, is_directory, partials_of};
use crate::error::{Failure, Kind};
use crate::text::{escape_controls, local_name};
use crate::transfer::{Checks, Partial, file_name};

use super::AGAIN;

/// A file that does not exist yet, or may be replaced.
#[derive(Debug)]
pub struct Place {
    pub target: PathBuf,
    directory: PathBuf,
    name: String,
}

impl Place {
    /// `None` is standard output.
    pub fn of(args: &DownloadArgs, anatomy: &Anatomy) -> Result<Option<Place>, Failure> {
        let target = match &args.file {
            Some(file) if file == Path::new("-") => return Ok(None),
            Some(file) if is_directory(file) => file.join(default_name(anatomy)),
            Some(file) => file.clone(),
            None => PathBuf::from(default_name(anatomy)),
        };
        let Some(name) = target
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
        else {
            return Err(
                Failure::usage(format!("`{}` is no name of a file", target.display()))
                    .hint("give a file or a directory"),
            );
        };
        let directory = match target
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            Some(parent) => parent.to_owned(),
            None => PathBuf::from("."),
        };
        let place = Place {
            target,
            directory,
            name,
        };
        match existing(&place.target) {
            Ok(Existing::Other) => Err(Failure::usage(format!(
                "`{}` is not a regular file, which could be replaced",
                place.shown()
            ))
            .hint("for a pipe or a device: `-`, and redirect standard output")),
            Ok(Existing::File) if !args.force => Err(place.exists()),
            Ok(_) => Ok(Some(place)),
            Err(error) => Err(place.cannot_write(&error, None)),
        }
    }

    fn shown(&self) -> String {
        escape_controls(&self.target.to_string_lossy()).into_owned()
    }

    fn exists(&self) -> Failure {
        Failure::usage(format!("`{}` exists already", self.shown()))
            .hint("add `--force` to replace it, or give another name")
    }

    /// The name of the file while it cannot be gone on with: one that no ETag has.
    pub fn stream_name(&self) -> String {
        Partial::new("", 0, Checks::default(), 1).file_name(&self.name)
    }

    /// The name of the file while it is not whole.
    pub fn name_of(&self, partial: &Partial) -> String {
        partial.file_name(&self.name)
    }

    /// Opens a file beside the target.
    pub fn open_partial(&self, name: &str) -> Result<PartialFile, Failure> {
        PartialFile::open(&self.directory.join(name)).map_err(|error| self.cannot_open(&error))
    }

    /// What earlier runs have left for this target. What cannot be gone on with is thrown away.
    pub fn left_over(&self) -> Result<Option<(PartialFile, Partial)>, Failure> {
        let is_partial = |name: &str| Partial::is_name_for(name, &self.name);
        let paths =
            partials_of(&self.directory, is_partial).map_err(|error| self.cannot_open(&error))?;
        let mut best: Option<(PartialFile, Partial)> = None;
        for path in paths {
            let file = PartialFile::open(&path).map_err(|error| self.cannot_open(&error))?;
            let Some(partial) = read_note(&file) else {
                file.remove();
                continue;
            };
            if best
                .as_ref()
                .is_none_or(|(_, other)| other.done() < partial.done())
            {
                best = Some((file, partial));
            }
        }
        Ok(best)
    }

    fn cannot_open(&self, error: &io::Error) -> Failure {
        let directory = escape_controls(&self.directory.to_string_lossy()).into_owned();
        match error.kind() {
            io::ErrorKind::WouldBlock => Failure::new(
                Kind::Network,
                format!("`{}` is being downloaded by another process", self.shown()),
            )
            .hint("wait for it, or give another name"),
            io::ErrorKind::NotFound => Failure::new(
                Kind::Network,
                format!("the directory `{directory}` is not there"),
            )
            .hint("make it, or give another one"),
            _ => Failure::new(
                Kind::Network,
                format!("cannot write in the directory `{directory}`: {error}"),
            )
            .hint("check the rights of the directory, or give another one"),
        }
    }

    /// The disk does not take it.
    pub fn cannot_write(&self, error: &io::Error, kept: Option<u64>) -> Failure {
        let kept = kept
            .map(|kept| format!("; {kept} bytes are kept"))
            .unwrap_or_default();
        let failure = Failure::new(
            Kind::Network,
            format!("cannot write `{}`: {error}{kept}", self.shown()),
        );
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => failure.hint(format!("make room, then {AGAIN}")),
            _ => failure.hint("check the directory and its rights"),
        }
    }

    /// The disk does not give back what it took.
    pub fn cannot_read_back(&self, error: &io::Error) -> Failure {
        Failure::new(
            Kind::Network,
            format!("cannot read back `{}`: {error}", self.shown()),
        )
        .hint("check the disk")
    }

    /// It is whole, and cannot have its name.
    pub fn cannot_place(&self, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::AlreadyExists => self.exists(),
            io::ErrorKind::NotFound => self.cannot_open(error),
            _ => self.cannot_write(error, None),
        }
    }
}

fn read_note(file: &PartialFile) -> Option<Partial> {
    let length = file.length().ok()?;
    let mut note = Vec::new();
    file.read_from(Partial::place_of_note(length)?, |piece| {
        note.extend_from_slice(piece)
    })
    .ok()?;
    Partial::read(&note, length)
}

/// What the link says the file is called, or the last segment of the key.
fn default_name(anatomy: &Anatomy) -> String {
    let proposed = anatomy
        .text("response-content-disposition")
        .and_then(|disposition| file_name(&disposition));
    // A proposal with a slash in it is one for a name, not for a directory.
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
