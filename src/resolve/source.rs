//! Where a value came from, so that `-v` and every error can say it.

use std::fmt;
use std::path::PathBuf;

/// A place from which a value came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An option of the command line.
    Option(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A profile of the AWS files.
    Profile {
        /// Its name.
        name: String,
        /// The file that has the value.
        file: PathBuf,
    },
    /// Any other file.
    File(PathBuf),
    /// An account in another tool's file.
    Remote {
        /// What the tool calls it.
        noun: &'static str,
        /// Its name.
        name: String,
        /// File or variable.
        place: String,
    },
    /// A service or program that was requested for it.
    Fetched(String),
    /// The target on the command line.
    Target,
    /// The host name of the endpoint.
    HostName,
    /// The table of stores.
    Table(&'static str),
    /// Nothing was said.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Option(name) | Source::Variable(name) => f.write_str(name),
            Source::Profile { name, file } => write!(f, "profile {name} in {}", file.display()),
            Source::File(file) => write!(f, "{}", file.display()),
            Source::Remote { noun, name, place } => write!(f, "{noun} `{name}` in {place}"),
            Source::Fetched(how) => f.write_str(how),
            Source::Target => f.write_str("target"),
            Source::HostName => f.write_str("host name"),
            Source::Table(store) => write!(f, "table of stores: {store}"),
            Source::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// Both together.
    pub fn new(value: T, source: Source) -> Self {
        Sourced { value, source }
    }
}
