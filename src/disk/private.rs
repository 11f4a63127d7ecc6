//! Files that hold a secret.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that only its owner may read. One that exists is left as it is: its rights are
/// somebody else's choice.
///
/// # Errors
/// What the system says; `AlreadyExists` if something has the name.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half of a link is worse than none.
        let _ = std::fs::remove_file(path);
    }
    written
}
