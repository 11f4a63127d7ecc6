//! A file that is downloaded: written beside its target, and put in its place when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The file while it is not whole.
#[derive(Debug)]
pub struct PartialFile {
    file: File,
    path: PathBuf,
}

/// What has the name of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Nothing.
    Nothing,
    /// A file, which can be replaced.
    File,
    /// A device or the like, which must not be.
    Other,
}

/// Looks what is there.
///
/// # Errors
/// What the system says, other than that nothing is there.
pub fn existing(path: &Path) -> io::Result<Existing> {
    match fs::metadata(path) {
        Ok(data) if data.is_file() => Ok(Existing::File),
        Ok(_) => Ok(Existing::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Existing::Nothing),
        Err(error) => Err(error),
    }
}

/// All files of the directory whose names are such.
///
/// # Errors
/// A directory that is none, or cannot be read.
pub fn partials_of(
    directory: &Path,
    is_partial: impl Fn(&str) -> bool,
) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(&is_partial) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

impl PartialFile {
    /// Opens the file, or makes it. Its rights are those that any new file gets.
    ///
    /// # Errors
    /// What the system says; `WouldBlock` if another process is at it.
    pub fn open(path: &Path) -> io::Result<PartialFile> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        lock(&file)?;
        Ok(PartialFile {
            file,
            path: path.to_owned(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long it is.
    ///
    /// # Errors
    /// What the system says.
    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Cuts it, or makes it longer by a hole.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    /// Writes at a place of it.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_at(&self, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            #[cfg(unix)]
            let written = std::os::unix::fs::FileExt::write_at(&self.file, bytes, offset);
            #[cfg(windows)]
            let written = std::os::windows::fs::FileExt::seek_write(&self.file, bytes, offset);
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    offset += count as u64;
                    bytes = &bytes[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads from a place of it to the end.
    ///
    /// # Errors
    /// What the system says.
    pub fn read_from(&self, offset: u64, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut file = &self.file;
        io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
        let mut piece = vec![0; 256 * 1024];
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(count) => take(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the file its name, after all of it is on the disk. `replaces` says whether another file may lose it.
    ///
    /// # Errors
    /// What the system says; `AlreadyExists` if a file of that name has turned up.
    pub fn put_in_place(self, target: &Path, replaces: bool) -> io::Result<()> {
        self.file.sync_all()?;
        if replaces {
            fs::rename(&self.path, target)?;
        } else {
            // Unlike renaming, this cannot replace what turned up a moment ago. Not every file system can do it.
            match fs::hard_link(&self.path, target) {
                Ok(()) => fs::remove_file(&self.path)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                Err(_) if target.exists() => return Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => fs::rename(&self.path, target)?,
            }
        }
        // So that the name survives too; where a directory cannot be opened there is nothing to be done.
        if let Some(directory) = target
            .parent()
            .filter(|directory| !directory.as_os_str().is_empty())
        {
            let _ = File::open(directory).and_then(|directory| directory.sync_all());
        }
        Ok(())
    }

    /// Throws it away.
    pub fn remove(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Two processes that write the same file would spoil it. The lock ends with the process, however that ends.
#[cfg(target_os = "linux")]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => {
            Err(io::ErrorKind::WouldBlock.into())
        }
        // Some network file systems have no locks.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn lock(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_appears_when_it_is_whole() {
        let directory = tempfile::tempdir().expect("a directory");
        let (path, target) = (directory.path().join(".a.part"), directory.path().join("a"));
        let partial = PartialFile::open(&path).expect("a file");
        partial.set_length(10).expect("room");
        partial.write_at(4, b"456").expect("room");
        partial.write_at(0, b"0123").expect("room");
        partial.write_at(7, b"789").expect("room");
        let mut read = Vec::new();
        partial
            .read_from(2, |piece| read.extend_from_slice(piece))
            .expect("a file");
        assert_eq!(read, b"23456789");
        assert_eq!(existing(&target).expect("a directory"), Existing::Nothing);
        partial.put_in_place(&target, false).expect("a new name");
        assert_eq!(fs::read(&target).expect("a file"), b"0123456789");
        assert!(!path.exists());
        let partial = PartialFile::open(&path).expect("a file");
        let error = partial
            .put_in_place(&target, false)
            .expect_err("the name is taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        let partial = PartialFile::open(&path).expect("a file");
        partial.put_in_place(&target, true).expect("a new name");
        assert_eq!(fs::read(&target).expect("a file"), b"");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn one_process_at_a_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        let first = PartialFile::open(&path).expect("a file");
        assert_eq!(
            PartialFile::open(&path).expect_err("locked").kind(),
            io::ErrorKind::WouldBlock
        );
        drop(first);
        assert!(PartialFile::open(&path).is_ok());
    }
}
