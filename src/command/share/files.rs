//! The files to share and the objects they become.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::disk;
use crate::error::Failure;
use crate::sigv4::encode;
use crate::store::Target;
use crate::text::escape_controls;

/// A file and the part of its key after the prefix.
pub struct SharedFile {
    pub path: PathBuf,
    /// Segments of the key: file names, joined by `/`.
    pub name: OsString,
}

/// The files of the command line.
pub struct SharedFiles {
    pub files: Vec<SharedFile>,
    /// Whether the argument is one file, not a directory.
    pub is_one_file: bool,
    pub notes: Vec<String>,
}

/// Finds the files.
pub fn find(paths: &[OsString]) -> Result<SharedFiles, Failure> {
    let mut found = SharedFiles {
        files: Vec::new(),
        is_one_file: paths.len() == 1 && !Path::new(&paths[0]).is_dir(),
        notes: Vec::new(),
    };
    for path in paths.iter().map(Path::new) {
        if path.is_dir() {
            add_directory(path, &mut found)?;
            continue;
        }
        let Some(name) = path.file_name().filter(|_| path != Path::new("-")) else {
            return Err(
                Failure::usage(format!("`{}` is not a file", path.display())).hint(
                    "write it to a file first and use that: an upload may be read more than once",
                ),
            );
        };
        found.files.push(SharedFile {
            path: path.to_owned(),
            name: name.to_owned(),
        });
    }
    if found.files.is_empty() {
        return Err(Failure::usage("the directory contains no files")
            .hint("use files, or a directory that contains files"));
    }
    refuse_equal_names(&found.files)?;
    Ok(found)
}

fn add_directory(directory: &Path, found: &mut SharedFiles) -> Result<(), Failure> {
    let tree = disk::tree(directory).map_err(|(place, error)| {
        Failure::cannot_read(&format!("`{}`", place.display()), None, &error)
    })?;
    for path in tree.files {
        let Ok(below) = path.strip_prefix(directory) else {
            continue;
        };
        let mut name = OsString::new();
        for segment in below {
            if !name.is_empty() {
                name.push("/");
            }
            name.push(segment);
        }
        found.files.push(SharedFile { path, name });
    }
    found.notes.extend(tree.skipped.iter().map(|path| {
        format!(
            "warning: `{}` is not shared: it is not a regular file",
            path.display()
        )
    }));
    Ok(())
}

/// Of two files with the same key, the second would replace the first.
fn refuse_equal_names(files: &[SharedFile]) -> Result<(), Failure> {
    let mut seen: BTreeMap<&OsStr, &Path> = BTreeMap::new();
    for file in files {
        if let Some(other) = seen.insert(&file.name, &file.path) {
            return Err(Failure::usage(format!(
                "`{}` and `{}` would become the same object",
                other.display(),
                file.path.display()
            ))
            .hint("share them in two runs with different prefixes"));
        }
    }
    Ok(())
}

/// The TARGET of a file: the prefix followed by the name.
pub fn target_of(prefix: &OsStr, needs_slash: bool, target: &Target, name: &OsStr) -> OsString {
    let mut text = prefix.to_owned();
    if needs_slash && !prefix.as_encoded_bytes().ends_with(b"/") {
        text.push("/");
    }
    match target {
        Target::Address { .. } => text.push(&*encode::path(name.as_encoded_bytes())),
        _ => text.push(name),
    }
    text
}

/// For messages.
pub fn shown(path: &Path) -> String {
    format!("`{}`", escape_controls(&path.display().to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_appended_to_the_prefix() {
        for (prefix, needs_slash, name, expected) in [
            ("b", true, "a b#.txt", "b/a b#.txt"),
            ("b/", true, "x", "b/x"),
            ("s3://b/p/", false, "d/%2F", "s3://b/p/d/%2F"),
            (
                "https://s3.example.com/b/p/",
                false,
                "a b#?%.txt",
                "https://s3.example.com/b/p/a%20b%23%3F%25.txt",
            ),
        ] {
            let target = Target::parse(prefix.as_bytes()).unwrap();
            let text = target_of(prefix.as_ref(), needs_slash, &target, name.as_ref());
            assert_eq!(text, OsString::from(expected));
        }
    }

    #[test]
    fn files_with_one_name_are_refused() {
        let paths = ["a/x.txt", "b/x.txt"].map(OsString::from);
        let failure = find(&paths).err().unwrap();
        assert_eq!(
            failure.message,
            "`a/x.txt` and `b/x.txt` would become the same object"
        );
    }
}
