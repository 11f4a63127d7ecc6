//! Files that a variable may name, and that are at a usual place otherwise.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::env::Env;
use crate::error::Failure;

use super::secret_file::read_limited;

/// The variable that names a file; none for a file where a tool looks by itself.
pub(super) type NamedBy = Option<&'static str>;

/// What a variable names, and that it does.
pub(super) fn named_path(env: &Env, variable: &'static str) -> Option<(PathBuf, NamedBy)> {
    let value = env.variable(variable)?;
    let path = value
        .to_str()
        .map_or_else(|| PathBuf::from(value), |text| env.under_home(text));
    Some((path, Some(variable)))
}

/// The text of a file that need not exist. A file at its usual place that cannot be read counts as
/// absent: the home directory may be another user's.
///
/// # Errors
/// A file that was named and cannot be read, or is not UTF-8.
pub(super) fn text_if_there(
    path: &Path,
    named_by: NamedBy,
) -> Result<Option<Zeroizing<String>>, Failure> {
    let file = std::fs::File::open(path);
    let is_readable = file
        .as_ref()
        .is_ok_and(|file| file.metadata().is_ok_and(|about| !about.is_dir()));
    if named_by.is_none() && !is_readable {
        return Ok(None);
    }
    let bytes = read_limited(file).map_err(|error| error.failure(path, named_by))?;
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).map_err(
        |_| {
            Failure::configuration(format!("`{}` is not UTF-8", path.display()))
                .hint("save the file as UTF-8 text")
        },
    )?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}
