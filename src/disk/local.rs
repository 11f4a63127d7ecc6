//! A file to upload: read at several offsets concurrently, and checked for changes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

/// An open file, and its state when it was opened.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    file: Arc<File>,
    state: State,
}

/// Metadata that changes when the file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    size: u64,
    modified: Option<DateTime<Utc>>,
    identity: u64,
}

impl State {
    fn of(data: &fs::Metadata) -> State {
        #[cfg(unix)]
        let identity = std::os::unix::fs::MetadataExt::ino(data);
        #[cfg(not(unix))]
        let identity = 0;
        State {
            size: data.len(),
            modified: data.modified().ok().map(DateTime::from),
            identity,
        }
    }
}

impl LocalFile {
    /// Opens the file.
    ///
    /// # Errors
    /// The file cannot be read, or is a pipe: parts are read more than once, in any order.
    pub fn open(path: &Path) -> io::Result<LocalFile> {
        let file = File::open(path)?;
        let data = file.metadata()?;
        if data.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !data.is_file() {
            return Err(io::Error::other(
                "it is not a regular file, which is required to read parts repeatedly",
            ));
        }
        Ok(LocalFile {
            path: path.to_owned(),
            file: Arc::new(file),
            state: State::of(&data),
        })
    }

    /// The path as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Size in bytes when it was opened.
    pub fn size(&self) -> u64 {
        self.state.size
    }

    /// Whether the file was changed or replaced since it was opened.
    pub fn has_changed(&self) -> bool {
        let same =
            |data: io::Result<fs::Metadata>| data.is_ok_and(|data| State::of(&data) == self.state);
        !same(self.file.metadata()) || !same(fs::metadata(&self.path))
    }

    /// Reads a part, independently of other reads.
    pub fn slice(&self, offset: u64, size: u64) -> SliceReader {
        SliceReader {
            file: Arc::clone(&self.file),
            at: offset,
            left: size,
        }
    }
}

/// Bytes of a file from an offset on.
#[derive(Debug)]
pub struct SliceReader {
    file: Arc<File>,
    at: u64,
    left: u64,
}

impl Read for SliceReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(into.len());
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, &mut into[..room], self.at)?;
        #[cfg(windows)]
        let count =
            std::os::windows::fs::FileExt::seek_read(&*self.file, &mut into[..room], self.at)?;
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}

pub fn is_directory(path: &Path) -> bool {
    path.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("f");
        fs::write(&path, b"0123456789").expect("room");
        let file = LocalFile::open(&path).expect("a file");
        assert_eq!(io::read_to_string(file.slice(3, 4)).expect("text"), "3456");
        assert_eq!(io::read_to_string(file.slice(8, 4)).expect("text"), "89");
        assert!(!file.has_changed());
        fs::write(&path, b"0123456789a").expect("room");
        assert!(file.has_changed());
        // Windows does not let an open file be replaced.
        if cfg!(unix) {
            let file = LocalFile::open(&path).expect("a file");
            fs::write(directory.path().join("g"), b"0123456789a").expect("room");
            fs::rename(directory.path().join("g"), &path).expect("a new file of this name");
            assert!(file.has_changed());
        }
        assert!(LocalFile::open(directory.path()).is_err());
    }
}
