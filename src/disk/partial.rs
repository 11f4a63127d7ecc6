//! Partial downloads: a file next to its destination that is renamed when it is complete.
//!
//! The directory may be writable by others, such as `/tmp`. So a partial file is created
//! exclusively, is never opened through a link, and is reused only if no other user can have
//! written to it.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// An open, locked partial file.
#[derive(Debug)]
pub struct PartialFile {
    file: File,
    path: PathBuf,
}

/// Why there is no partial file.
#[derive(Debug)]
#[cfg_attr(
    not(unix),
    allow(dead_code, reason = "the file system does not support locks")
)]
pub enum OpenError {
    /// Another process has locked it.
    Busy,
    /// It was removed or replaced by another process between opening and locking.
    Gone,
    /// Another user may have written to it.
    Untrusted(Distrust),
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> OpenError {
        OpenError::Io(error)
    }
}

/// Why a file may not be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(unix),
    allow(dead_code, reason = "the system has neither owners nor modes of files")
)]
pub enum Distrust {
    NotRegular,
    SeveralLinks,
    OtherOwner,
    WritableByOthers,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Distrust::NotRegular => "it is not a regular file",
            Distrust::SeveralLinks => "the file has another name (a hard link)",
            Distrust::OtherOwner => "it belongs to another user",
            Distrust::WritableByOthers => "other users can write to it",
        })
    }
}

/// What exists at the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Nothing,
    /// A file, or a symbolic link to one or to nothing, which can be replaced.
    File,
    /// A device or similar, which must not be replaced.
    Other,
}

/// What exists at the path. A dangling symbolic link occupies the name as well.
pub fn existing(path: &Path) -> io::Result<Existing> {
    let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    match fs::metadata(path) {
        Ok(data) if data.is_file() => Ok(Existing::File),
        Ok(_) => Ok(Existing::Other),
        Err(error) if is_missing(&error) => match fs::symlink_metadata(path) {
            Ok(_) => Ok(Existing::File),
            Err(error) if is_missing(&error) => Ok(Existing::Nothing),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Whether files can be created in the directory, as far as can be known without creating one.
pub fn check_directory(directory: &Path) -> io::Result<()> {
    if !fs::metadata(directory)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        access(directory, Access::WRITE_OK | Access::EXEC_OK)?;
    }
    Ok(())
}

/// Deletes a useless file when the process ends.
pub fn discard(path: &Path) {
    let _ = fs::remove_file(path);
}

/// All partial files in the directory, sorted by name.
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
    /// Creates the file; fails with `AlreadyExists` if the name is occupied, also by a dangling
    /// link. Until it is complete only its owner can write to it, whatever the umask.
    pub fn create(path: &Path) -> Result<PartialFile, OpenError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
        PartialFile::lock(options.open(path)?, path)
    }

    /// Opens a file of an earlier run, if no other user can have written to it.
    pub fn open(path: &Path) -> Result<PartialFile, OpenError> {
        // Checked before opening: opening some devices has side effects, and the file of another
        // user may not be readable.
        distrust(&fs::symlink_metadata(path)?)
            .map_or(Ok(()), |why| Err(OpenError::Untrusted(why)))?;
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
            std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits() as i32);
        }
        #[cfg(windows)]
        {
            const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
            std::os::windows::fs::OpenOptionsExt::custom_flags(
                &mut options,
                FILE_FLAG_OPEN_REPARSE_POINT,
            );
        }
        let file = options.open(path)?;
        let partial = PartialFile::lock(file, path)?;
        match distrust(&partial.file.metadata()?) {
            Some(why) => Err(OpenError::Untrusted(why)),
            None => Ok(partial),
        }
    }

    /// Two processes writing the same file would corrupt it. The lock ends with the process. Its
    /// previous owner may have renamed the file to its final name.
    fn lock(file: File, path: &Path) -> Result<PartialFile, OpenError> {
        #[cfg(unix)]
        {
            use rustix::fs::{FlockOperation, flock};
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Err(error) if error == rustix::io::Errno::WOULDBLOCK => {
                    return Err(OpenError::Busy);
                }
                // Some network file systems do not support locks.
                _ => {}
            }
        }
        let partial = PartialFile {
            file,
            path: path.to_owned(),
        };
        if partial.is_at(path) {
            Ok(partial)
        } else {
            Err(OpenError::Gone)
        }
    }

    /// Whether the name refers to this file.
    fn is_at(&self, path: &Path) -> bool {
        match (self.file.metadata(), fs::symlink_metadata(path)) {
            (Ok(open), Ok(named)) => is_same(&open, &named),
            _ => false,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Truncates it, or extends it by a hole.
    pub fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

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

    /// Reads these bytes, or fewer at the end of the file.
    pub fn read(&self, range: Range<u64>, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut file = &self.file;
        io::Seek::seek(&mut file, io::SeekFrom::Start(range.start))?;
        let mut file = file.take(range.end.saturating_sub(range.start));
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

    /// Renames the file after syncing it to disk. `replaces` allows replacing another file;
    /// otherwise one that has appeared meanwhile is `AlreadyExists`.
    pub fn put_in_place(self, target: &Path, replaces: bool) -> io::Result<()> {
        self.file.sync_all()?;
        self.restore_mode();
        if !self.is_at(&self.path) {
            return Err(io::Error::other(
                "another process has removed or replaced the partial file",
            ));
        }
        if replaces {
            fs::rename(&self.path, target)?;
        } else {
            rename_without_replacing(&self.path, target)?;
        }
        // Between the check and the rename, a user with write permission on the directory could
        // replace the file.
        if !self.is_at(target) {
            return Err(io::Error::other("another process has replaced the file"));
        }
        // Syncs the new name too, if the directory can be opened.
        if let Some(directory) = target
            .parent()
            .filter(|directory| !directory.as_os_str().is_empty())
        {
            let _ = File::open(directory).and_then(|directory| directory.sync_all());
        }
        Ok(())
    }

    /// The write permissions of group and others that the umask allows, which a partial file must
    /// not have.
    fn restore_mode(&self) {
        #[cfg(unix)]
        {
            use rustix::fs::Mode;
            use std::os::unix::fs::PermissionsExt;
            // There is no other way to read the umask; no other thread creates files at this time.
            let umask = rustix::process::umask(Mode::empty());
            rustix::process::umask(umask);
            let Ok(data) = self.file.metadata() else {
                return;
            };
            let mode = data.permissions().mode() & 0o7777;
            // Users without read permission, because of a default ACL, do not get write permission
            // either.
            let writers = (mode & 0o044) >> 1;
            let wanted = mode | (writers & !umask.bits());
            if wanted != mode {
                let _ = self.file.set_permissions(PermissionsExt::from_mode(wanted));
            }
        }
    }

    /// Deletes it, unless its name now refers to another file.
    pub fn remove(self) {
        if self.is_at(&self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// On systems without inode numbers: whether the file exists.
#[cfg(not(unix))]
fn is_same(_: &Metadata, other: &Metadata) -> bool {
    other.is_file()
}

/// Why another user may have written the file; `None` if only this user can have.
fn distrust(data: &Metadata) -> Option<Distrust> {
    if !data.is_file() {
        return Some(Distrust::NotRegular);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if data.uid() != rustix::process::geteuid().as_raw() {
            return Some(Distrust::OtherOwner);
        }
        if data.nlink() != 1 {
            return Some(Distrust::SeveralLinks);
        }
        if data.mode() & 0o022 != 0 {
            return Some(Distrust::WritableByOthers);
        }
    }
    None
}

fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Not supported by every kernel and file system.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {}
            result => return Ok(result?),
        }
    }
    // Hard links also cannot replace a file that has just appeared.
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_appears_when_it_is_complete() {
        let directory = tempfile::tempdir().expect("a directory");
        let (path, target) = (directory.path().join(".a.part"), directory.path().join("a"));
        let partial = PartialFile::create(&path).expect("a file");
        partial.set_length(12).expect("room");
        partial.write_at(4, b"456").expect("room");
        partial.write_at(0, b"0123").expect("room");
        partial.write_at(7, b"789").expect("room");
        let mut read = Vec::new();
        partial
            .read(2..10, |piece| read.extend_from_slice(piece))
            .expect("a file");
        assert_eq!(read, b"23456789");
        partial.set_length(10).expect("room");
        assert_eq!(existing(&target).expect("a directory"), Existing::Nothing);
        partial.put_in_place(&target, false).expect("a new name");
        assert_eq!(fs::read(&target).expect("a file"), b"0123456789");
        assert!(!path.exists());
        let partial = PartialFile::create(&path).expect("a file");
        let error = partial
            .put_in_place(&target, false)
            .expect_err("the name is taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        let partial = PartialFile::open(&path).expect("a file");
        partial.put_in_place(&target, true).expect("a new name");
        assert_eq!(fs::read(&target).expect("a file"), b"");
    }

    #[cfg(unix)]
    #[test]
    fn one_process_at_a_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        let first = PartialFile::create(&path).expect("a file");
        assert!(matches!(PartialFile::open(&path), Err(OpenError::Busy)));
        drop(first);
        assert!(PartialFile::open(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_gets_its_name_before_the_lock_is_gone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        for replaced in [false, true] {
            drop(PartialFile::create(&path).expect("a file"));
            let file = File::open(&path).expect("a file");
            fs::rename(&path, directory.path().join("b")).expect("a new name");
            if replaced {
                fs::write(&path, b"other").expect("room");
            }
            assert!(matches!(
                PartialFile::lock(file, &path),
                Err(OpenError::Gone)
            ));
            let _ = fs::remove_file(&path);
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_that_others_can_have_written_are_not_opened() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a");
        let victim = directory.path().join("victim");
        let distrusted = |expected: Distrust| {
            let Err(OpenError::Untrusted(why)) = PartialFile::open(&path) else {
                panic!("{expected:?}");
            };
            assert_eq!(why, expected);
            let Err(OpenError::Io(error)) = PartialFile::create(&path) else {
                panic!("the name is taken");
            };
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            fs::remove_file(&path).expect("a file");
        };
        symlink(&victim, &path).expect("a link");
        distrusted(Distrust::NotRegular);
        assert!(!victim.exists());
        fs::write(&victim, b"mine").expect("room");
        symlink(&victim, &path).expect("a link");
        distrusted(Distrust::NotRegular);
        fs::hard_link(&victim, &path).expect("a link");
        distrusted(Distrust::SeveralLinks);
        for mode in [0o664, 0o646] {
            fs::write(&path, b"").expect("room");
            fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("my file");
            distrusted(Distrust::WritableByOthers);
        }
        assert_eq!(fs::read(&victim).expect("a file"), b"mine");
    }
}
