//! Files with secrets: read up to a limit, into buffers that are wiped.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::env::Env;
use crate::error::Failure;

use super::key_check::check_key;

/// No credential file is larger than this.
const FILE_LIMIT: u64 = 1 << 20;

/// The whole of a file but the line break at its end and a byte order mark, which editors and
/// `echo` put there.
pub(super) fn secret_file(
    env: &Env,
    file: &Path,
    named_by: &str,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if file != Path::new("-") && !file.exists() && !names_a_file(file) {
        return Err(typed_secret(named_by).hint(format!(
            "put the secret into a file: `{named_by} FILE`, or pipe it in: `{named_by} -`"
        )));
    }
    let bytes = if file == Path::new("-") {
        read_wiped(&mut *env.stdin(), FILE_LIMIT).map_err(|error| {
            Failure::configuration(format!("cannot read standard input: {error}"))
        })?
    } else {
        read_named(file, Some(named_by))?
    };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let source = if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        format!("`{}`", file.display())
    };
    check_key(&source, text, "secret")?;
    Ok(Zeroizing::new(text.to_vec()))
}

/// A value that may be the secret itself where the name of a file belongs.
fn typed_secret(named_by: &str) -> Failure {
    Failure::configuration(format!(
        "the value of {named_by} is not a file; it is not repeated here, since it may be the \
         secret itself"
    ))
}

/// Refuses a service credential that was typed instead of the name of its file.
///
/// # Errors
/// Without the text, which has secrets.
pub(super) fn refuse_typed_json(file: &Path, named_by: &str) -> Result<(), Failure> {
    let text = file.as_os_str().as_encoded_bytes();
    let begins = text.iter().find(|b| !b.is_ascii_whitespace());
    match begins {
        Some(b'{' | b'[' | b'"') => {
            Err(typed_secret(named_by)
                .hint(format!("write the JSON into a file: `{named_by} FILE`")))
        }
        _ => Ok(()),
    }
}

/// Whether a name that no file has was meant as one: its folder exists, or it ends as files do.
fn names_a_file(file: &Path) -> bool {
    let has_folder = file
        .parent()
        .is_some_and(|folder| !folder.as_os_str().is_empty() && folder.is_dir());
    let ends_as_files_do = file.extension().is_some_and(|ending| {
        ending.len() <= 6 && ending.as_encoded_bytes().iter().all(u8::is_ascii_lowercase)
    });
    (has_folder || ends_as_files_do) && !may_be_a_secret(file)
}

/// Whether a name looks like a secret or a token rather than like a file.
fn may_be_a_secret(file: &Path) -> bool {
    let text = file.as_os_str().as_encoded_bytes();
    let is_of_key = |b: &u8| b.is_ascii_alphanumeric() || b"+/=_-".contains(b);
    let kinds: [fn(&u8) -> bool; 3] = [
        u8::is_ascii_uppercase,
        u8::is_ascii_lowercase,
        u8::is_ascii_digit,
    ];
    let mixed = kinds.iter().filter(|kind| text.iter().any(kind)).count();
    let is_hex = text.len() >= 32 && text.iter().all(u8::is_ascii_hexdigit);
    is_hex || (text.len() >= 24 && text.iter().all(is_of_key) && mixed == 3)
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The error of the operating system.
    Io(io::Error),
    /// It is larger than the limit.
    TooLarge,
}

impl ReadError {
    /// `named_by`: the option or variable that named the file, if one did.
    pub(super) fn failure(self, path: &Path, named_by: Option<&str>) -> Failure {
        let error = match self {
            ReadError::Io(error) => error,
            ReadError::TooLarge => io::Error::other("it is larger than 1 MiB"),
        };
        Failure::cannot_read(&format!("`{}`", path.display()), named_by, &error)
    }
}

/// The whole of a file of at most 1 MiB.
///
/// # Errors
/// Those of opening and reading it, and a larger file.
pub(super) fn read_limited(file: io::Result<fs::File>) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let read = |mut file| read_wiped(&mut file, FILE_LIMIT + 1);
    match file.and_then(read).map_err(ReadError::Io)? {
        bytes if bytes.len() as u64 > FILE_LIMIT => Err(ReadError::TooLarge),
        bytes => Ok(bytes),
    }
}

/// The same by its name. `named_by`: the option or variable that named the file, if one did.
///
/// # Errors
/// As a sentence.
pub(super) fn read_named(
    path: &Path,
    named_by: Option<&str>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    read_limited(fs::File::open(path)).map_err(|error| error.failure(path, named_by))
}

/// All there is to read, up to a limit, in buffers that are wiped: one that grows leaves what it
/// held where it was.
fn read_wiped(from: &mut dyn Read, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(vec![0; limit.min(8 << 10)]);
    let mut length = 0;
    loop {
        if length == bytes.len() {
            if length == limit {
                break;
            }
            let mut larger = Zeroizing::new(vec![0; limit.min(4 * length)]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
        match from.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_refused_beyond() {
        let folder = tempfile::tempdir().expect("a folder");
        for (length, read) in [
            (0, true),
            (8 << 10, true),
            (FILE_LIMIT, true),
            (FILE_LIMIT + 1, false),
        ] {
            let path = folder.path().join(length.to_string());
            let content = vec![b'x'; usize::try_from(length).expect("it fits")];
            fs::write(&path, &content).expect("written");
            let bytes = read_limited(fs::File::open(&path)).map(|bytes| *bytes == content);
            assert_eq!(bytes.ok(), read.then_some(true), "{length}");
        }
    }

    #[test]
    fn a_typed_secret_is_not_taken_for_the_name_of_a_file() {
        for (text, is_file) in [
            ("secret.txt", true),
            ("keys/secret.key", true),
            ("/secret", true),
            ("../secret", true),
            ("minioadmin", false),
            ("hunter2!", false),
            ("no-such-folder/secret", false),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", false),
            ("/JalrXUtnFEMIKK7MDENGbbPxRfiCYEXAMPLEKEY", false),
            ("0123456789abcdef0123456789abcdef", false),
        ] {
            assert_eq!(names_a_file(Path::new(text)), is_file, "{text}");
        }
        for (text, is_json) in [("c.json", false), ("{\"apikey\":1}", true), (" [{}]", true)] {
            let refused = refuse_typed_json(Path::new(text), "--service-credential");
            assert_eq!(refused.is_err(), is_json, "{text}");
        }
    }

    /// Gives a byte at a time, and is interrupted before each.
    struct Halting<'a>(&'a [u8], bool);

    impl Read for Halting<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let length = self.0.len().min(into.len()).min(1);
            self.0.read(&mut into[..length])
        }
    }

    struct Failing;

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }

    #[test]
    fn reading_goes_on_after_an_interruption_and_stops_at_a_fault() {
        let text = b"secret".repeat(2000);
        let all = read_wiped(&mut Halting(&text, false), FILE_LIMIT).expect("readable");
        assert_eq!(*all, text);
        let start = read_wiped(&mut Halting(&text, false), 9000).expect("readable");
        assert_eq!(*start, text[..9000]);
        let fault = read_wiped(&mut Failing, FILE_LIMIT)
            .map(|_| ())
            .map_err(|error| error.kind());
        assert_eq!(fault, Err(io::ErrorKind::PermissionDenied));
    }
}
