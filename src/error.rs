//! Kinds of failure, and the one place where each becomes an exit code.

use std::fmt;
use std::io;

/// The class of a failure; it decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The result is negative: a store refused a URL, or a URL has a defect.
    Refused,
    /// The command line is invalid.
    Usage,
    /// Settings or credentials are missing, contradictory or unreadable.
    Configuration,
    /// A store could not be reached.
    Network,
    /// A file or the output could not be written, or the system is out of a resource.
    Io,
    /// A bug in this program.
    Internal,
}

impl Kind {
    /// The exit code, as listed in the README.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Refused => 1,
            Kind::Usage => 2,
            Kind::Configuration => 3,
            Kind::Network | Kind::Io => 4,
            Kind::Internal => 5,
        }
    }
}

/// A failure for the user: one sentence that names the value and its source, and a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind.
    pub kind: Kind,
    /// The sentence, without a period at its end.
    pub message: String,
    /// The fix, usually a command or an option.
    pub hint: Option<String>,
    /// Whether neither endpoint, region nor provider was given; the verb then completes the hint
    /// with the whole command.
    pub about_unknown_store: bool,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
            hint: None,
            about_unknown_store: false,
        }
    }

    /// A failure that the report on standard output already describes: only the exit code is left.
    pub fn silent(kind: Kind) -> Self {
        Failure::new(kind, "")
    }

    /// Exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Kind::Usage, message)
    }

    /// Exit code 3.
    pub fn configuration(message: impl Into<String>) -> Self {
        Failure::new(Kind::Configuration, message)
    }

    /// A file, between backticks, or standard input that cannot be read. `named_by` is the option
    /// or variable that named it.
    pub fn cannot_read(name: &str, named_by: Option<&str>, error: &io::Error) -> Self {
        let named_by = named_by
            .map(|named_by| format!(" ({named_by})"))
            .unwrap_or_default();
        Failure::configuration(format!("cannot read {name}{named_by}: {error}"))
            .hint("check the name and the permissions of the file")
    }

    /// Adds the hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The hint of an internal error.
pub const REPORT_IT: &str =
    "this is a bug in cos-presign; please report it with the command, without URLs and credentials";

/// How the program ends on an error: its message, unless standard output is closed, and exit code.
pub struct Exit {
    /// One sentence for standard error; may be empty.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Exit code.
    pub exit_code: u8,
}

impl Exit {
    /// Classifies an error.
    pub fn of(error: &anyhow::Error) -> Exit {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            if failure.message.is_empty() {
                return Exit {
                    message: String::new(),
                    hint: None,
                    exit_code: failure.kind.exit_code(),
                };
            }
            return Exit {
                message: format!("{error:#}"),
                hint: failure.hint.clone(),
                exit_code: failure.kind.exit_code(),
            };
        }
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            // The reader of standard output has exited (`… | head -1`), which is not an error.
            Some(io::ErrorKind::BrokenPipe) => Exit {
                message: String::new(),
                hint: None,
                exit_code: 0,
            },
            Some(kind) => Exit {
                message: match error.chain().count() {
                    // Nothing else is written to without a context of its own.
                    1 => format!("cannot write to standard output: {error}"),
                    _ => format!("{error:#}"),
                },
                hint: Some(match kind {
                    io::ErrorKind::NotConnected => {
                        "redirect standard output to a file or to `/dev/null`".to_owned()
                    }
                    _ => "free disk space, or redirect standard output elsewhere".to_owned(),
                }),
                exit_code: Kind::Io.exit_code(),
            },
            None => Exit {
                message: format!("{error:#}"),
                hint: Some(REPORT_IT.to_owned()),
                exit_code: Kind::Internal.exit_code(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes = [
            Kind::Refused,
            Kind::Usage,
            Kind::Configuration,
            Kind::Network,
            Kind::Io,
            Kind::Internal,
        ]
        .map(Kind::exit_code);
        assert_eq!(codes, [1, 2, 3, 4, 4, 5]);
        let broken = Exit::of(&io::Error::from(io::ErrorKind::BrokenPipe).into());
        assert_eq!((broken.exit_code, broken.message.as_str()), (0, ""));
        assert_eq!(Exit::of(&anyhow::anyhow!("surprise")).exit_code, 5);
    }
}
