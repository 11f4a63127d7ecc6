//! Files that hold a secret.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that only its owner can read. An existing file is not changed: its permissions
/// were chosen by the user.
///
/// # Errors
/// The error of the system; `AlreadyExists` if the name exists.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // A partial URL is worse than none.
        let _ = std::fs::remove_file(path);
    }
    written
}
