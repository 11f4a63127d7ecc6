//! The files below a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The contents of a directory.
#[derive(Debug, Default)]
pub struct Tree {
    /// Regular files and links to them, sorted.
    pub files: Vec<PathBuf>,
    /// Pipes, sockets, devices, broken links, and links to directories, which may form a cycle.
    pub skipped: Vec<PathBuf>,
}

/// Finds all files below a directory.
///
/// # Errors
/// A directory that cannot be read, and why.
pub fn tree(root: &Path) -> Result<Tree, (PathBuf, io::Error)> {
    let mut tree = Tree::default();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        let failed = |error| (directory.clone(), error);
        for entry in fs::read_dir(&directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let path = entry.path();
            if kind.is_dir() {
                directories.push(path);
            } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
                tree.files.push(path);
            } else {
                tree.skipped.push(path);
            }
        }
    }
    tree.files.sort();
    tree.skipped.sort();
    Ok(tree)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn finds_files_at_any_depth_and_follows_no_link_to_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        for name in ["b/c/deep", "a", ".hidden"] {
            fs::write(root.join(name), name).unwrap();
        }
        symlink(root, root.join("b/circle")).unwrap();
        symlink("nowhere", root.join("broken")).unwrap();
        symlink(root.join("a"), root.join("link")).unwrap();
        let found = tree(root).unwrap();
        let names = |paths: &[PathBuf]| -> Vec<String> {
            let name = |path: &PathBuf| path.strip_prefix(root).unwrap().display().to_string();
            paths.iter().map(name).collect()
        };
        assert_eq!(names(&found.files), [".hidden", "a", "b/c/deep", "link"]);
        assert_eq!(names(&found.skipped), ["b/circle", "broken"]);
        let (place, _) = tree(&root.join("missing")).unwrap_err();
        assert_eq!(place, root.join("missing"));
    }
}
