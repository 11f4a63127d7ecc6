//! Kinds of failure, and the one place where each becomes an exit code.

use std::fmt;
use std::io;

/// Why the program could not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The answer is no: a store refused a link, or a link has a fault.
    Refused,
    /// The command line asks for something that cannot be.
    Usage,
    /// Settings or credentials are missing, contradict each other or cannot be read.
    Configuration,
    /// A store could not be reached.
    Network,
    /// A file or the output could not be written, or the system has no more of something.
    Io,
    /// A fault of this program.
    Internal,
}

impl Kind {
    /// The exit code, as the README lists them. 0 is not here: it is not a failure.
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

/// A failure that a person can read: one sentence that names the value and where it came from, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind.
    pub kind: Kind,
    /// The sentence, without a period at its end.
    pub message: String,
    /// What to do about it; usually a command or an option.
    pub hint: Option<String>,
    /// Whether nothing at all was said about the store; the hint is then the whole command, which only the verb knows.
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

    /// A failure of which the report on standard output has told already: nothing but the exit code is left.
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

    /// A file, between backticks, or standard input that cannot be read. `named_by` is the option or variable that named it.
    pub fn cannot_read(name: &str, named_by: Option<&str>, error: &io::Error) -> Self {
        let named_by = named_by
            .map(|named_by| format!(" ({named_by})"))
            .unwrap_or_default();
        Failure::configuration(format!("cannot read {name}{named_by}: {error}"))
            .hint("check the name and the rights of the file")
    }

    /// Adds the way out.
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

/// The hint where the fault is ours.
pub const REPORT_IT: &str = "this is a fault of cos-presign; please report it, with the command and without its links and keys";

/// What `main` does about an error: a message, unless there is nobody left to read it, and an exit code.
pub struct Exit {
    /// One sentence for standard error; empty if nothing is to be said.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Exit code.
    pub exit_code: u8,
}

impl Exit {
    /// Reads the error.
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
            // The reader of our output went away (`… | head -1`). That is its decision, not a fault.
            Some(io::ErrorKind::BrokenPipe) => Exit {
                message: String::new(),
                hint: None,
                exit_code: 0,
            },
            Some(_) => Exit {
                message: format!("{error:#}"),
                hint: Some("make room, or lead standard output somewhere else".to_owned()),
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
