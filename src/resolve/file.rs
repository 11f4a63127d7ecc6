//! What is read off a file that will be uploaded: its size, type and digest.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use md5::{Digest, Md5};
use sha2::Sha256;

use crate::error::Failure;

/// As much of a file as its type can be recognised by.
const HEAD: usize = 8 * 1024;

/// As much is read at a time.
const PIECE: usize = 256 << 10;

/// A file that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Bytes.
    pub size: u64,
    /// By its name, or by its first bytes where the name says nothing.
    pub content_type: Option<String>,
}

/// The type that a name's ending stands for.
pub fn type_of_name(name: &str) -> Option<String> {
    mime_guess::from_path(name).first_raw().map(str::to_owned)
}

impl FileFacts {
    /// Looks at a file.
    ///
    /// # Errors
    /// A file that cannot be read, or that is none.
    pub fn read(option: &str, path: &Path) -> Result<FileFacts, Failure> {
        let mut file = open(option, path)?;
        let cannot_read = |error| cannot_read(option, path, &error);
        let size = file.metadata().map_err(cannot_read)?.len();
        let by_name = path
            .file_name()
            .and_then(|name| type_of_name(&name.to_string_lossy()));
        let content_type = match by_name {
            Some(name) => Some(name),
            None => {
                let mut head = Vec::with_capacity(HEAD);
                file.by_ref()
                    .take(HEAD as u64)
                    .read_to_end(&mut head)
                    .map_err(cannot_read)?;
                infer::get(&head).map(|kind| kind.mime_type().to_owned())
            }
        };
        Ok(FileFacts { size, content_type })
    }
}

/// SHA-256 of a file's bytes.
///
/// # Errors
/// A file that cannot be read.
pub fn sha256_of_file(option: &str, path: &Path) -> Result<[u8; 32], Failure> {
    digest::<Sha256>(option, path).map(Into::into)
}

/// MD5 of a file's bytes.
///
/// # Errors
/// A file that cannot be read.
pub fn md5_of_file(option: &str, path: &Path) -> Result<[u8; 16], Failure> {
    digest::<Md5>(option, path).map(Into::into)
}

fn digest<D: Digest>(option: &str, path: &Path) -> Result<md5::digest::Output<D>, Failure> {
    let mut file = open(option, path)?;
    let mut digest = D::new();
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        file.by_ref()
            .take(PIECE as u64)
            .read_to_end(&mut piece)
            .map_err(|error| cannot_read(option, path, &error))?;
        if piece.is_empty() {
            return Ok(digest.finalize());
        }
        digest.update(&piece);
    }
}

fn open(option: &str, path: &Path) -> Result<File, Failure> {
    let opened = File::open(path).and_then(|file| match file.metadata()?.is_file() {
        true => Ok(file),
        // A pipe can be read once only, and its size is not known.
        false => Err(io::Error::other("not a file")),
    });
    opened.map_err(|error| cannot_read(option, path, &error))
}

fn cannot_read(option: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::cannot_read(&format!("`{}`", path.display()), Some(option), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        assert_eq!(type_of_name("a.PDF").as_deref(), Some("application/pdf"));
        assert_eq!(type_of_name("photo.jpeg").as_deref(), Some("image/jpeg"));
        assert_eq!(type_of_name("noextension"), None);
    }

    #[test]
    fn files_of_every_length_have_their_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        for length in [0, 1, PIECE - 1, PIECE, 2 * PIECE + 1] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(&path, &content).expect("written");
            assert_eq!(
                sha256_of_file("--file", &path),
                Ok(Sha256::digest(&content).into()),
                "{length}"
            );
            assert_eq!(
                md5_of_file("--file", &path),
                Ok(Md5::digest(&content).into()),
                "{length}"
            );
        }
    }
}
