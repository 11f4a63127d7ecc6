//! Command lines written for other tools, rewritten to the equivalent here before parsing.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use super::Cli;
use super::foreign::{self, Meaning};
use super::plain;
use crate::error::Failure;
use crate::text::CommandLine;

/// Maximum number of foreign options rewritten in one command line.
const MOST_REWRITES: usize = 32;

/// Parses a command line, including the options and word order of other tools.
///
/// # Errors
/// The error of the parser, or for an option of another tool what to use instead.
pub fn parse(args: &[OsString]) -> Result<Cli, Refusal> {
    if let Some(cli) = plain::parse(args) {
        return Ok(cli);
    }
    let mut args = with_our_verb(args);
    for _ in 0..MOST_REWRITES {
        let error = match Cli::try_parse_from(&args) {
            Ok(cli) => return Ok(cli),
            Err(error) => error,
        };
        match rewritten(&args, &error) {
            Some(Ok(changed)) => args = changed,
            Some(Err(failure)) => return Err(Refusal::Foreign(failure)),
            None => return Err(Refusal::Parser(Box::new(error), args)),
        }
    }
    Err(Refusal::Foreign(Failure::usage(
        "the command line has too many options of other tools",
    )))
}

/// Why a command line cannot be read.
pub enum Refusal {
    /// The error of the parser, and the command line that it parsed.
    Parser(Box<clap::Error>, Vec<OsString>),
    /// An option of another tool.
    Foreign(Failure),
}

/// Puts the verb first, and replaces the verbs of other tools by ours.
fn with_our_verb(args: &[OsString]) -> Vec<OsString> {
    let mut args = args.to_vec();
    let Some(first) = args.get(1).and_then(|word| word.to_str()) else {
        return args;
    };
    match (first, args.get(2).and_then(|word| word.to_str())) {
        ("help", verb) => {
            let verb = verb.map(str::to_owned);
            args.truncate(1);
            args.extend(verb.map(OsString::from));
            args.push("--help".into());
        }
        ("version", None) => args[1] = "--version".into(),
        ("s3" | "s3api" | "s3control", Some("presign" | "presigned-url"))
        | ("storage", Some("sign-url"))
        | ("share", Some("download")) => {
            args.splice(1..3, ["get".into()]);
        }
        ("share", Some("upload")) => {
            args.splice(1..3, ["put".into()]);
        }
        ("signurl", _) => s3cmd_expiry(&mut args),
        _ if first.starts_with('-') && !matches!(first, "-h" | "--help" | "-V" | "--version") => {
            return verb_first(args);
        }
        _ => {}
    }
    args
}

/// `s3cmd signurl s3://bucket/key +3600`: the last word is a duration or a time.
fn s3cmd_expiry(args: &mut Vec<OsString>) {
    let last = args
        .last()
        .and_then(|word| word.to_str())
        .unwrap_or_default()
        .to_owned();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let option = match last.strip_prefix('+') {
        Some(rest) if is_number(rest) => "--expires",
        None if is_number(&last) && last.len() >= 9 => "--until",
        _ => return,
    };
    if args.len() > 3 {
        let at = args.len() - 1;
        args.insert(at, option.into());
    }
}

/// Moves the options before the verb behind it. The value of an option may be the name of a verb,
/// so the verb is the word with which the command line parses.
fn verb_first(args: Vec<OsString>) -> Vec<OsString> {
    let command = Cli::command();
    let is_verb = |word: &OsStr| {
        word.to_str().is_some_and(|word| {
            command.get_subcommands().any(|verb| {
                verb.get_name() == word || verb.get_all_aliases().any(|alias| alias == word)
            })
        })
    };
    let moved = |at: usize| -> Vec<OsString> {
        let before = args[1..at].iter();
        let behind = args[at + 1..].iter();
        [&args[0], &args[at]]
            .into_iter()
            .chain(before)
            .chain(behind)
            .cloned()
            .collect()
    };
    let places: Vec<usize> = (2..args.len()).filter(|at| is_verb(&args[*at])).collect();
    let readable = places
        .iter()
        .find(|at| Cli::try_parse_from(moved(**at)).is_ok());
    match readable.or(places.first()) {
        Some(at) => moved(*at),
        None => args,
    }
}

/// The command line without the unknown option, if that is one of another tool.
fn rewritten(args: &[OsString], error: &clap::Error) -> Option<Result<Vec<OsString>, Failure>> {
    let of_context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let verb = args.get(1)?.to_str()?;
    let unknown = of_context(ContextKind::InvalidArg)?;
    if error.kind() == ErrorKind::InvalidValue {
        let value = of_context(ContextKind::InvalidValue)?;
        let name = unknown.split([' ', '=']).next()?;
        let ours = foreign::value(name, value)?;
        return Some(Ok(args
            .iter()
            .map(|word| match word.to_str() {
                Some(word) if word == value => ours.into(),
                Some(word) if word == format!("{name}={value}") => format!("{name}={ours}").into(),
                _ => word.clone(),
            })
            .collect()));
    }
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let name = unknown.split('=').next()?;
    let at = args.iter().position(|word| is_option(word, name))?;
    let meaning = match foreign::meaning(name, verb) {
        Some(meaning) => meaning,
        // Python and Terraform write `expires_in`.
        None if name.contains('_') => Meaning::Twin(foreign::leaked(&name.replace('_', "-"))?),
        None => return None,
    };
    let inline = args[at]
        .to_str()
        .and_then(|word| word.split_once('='))
        .map(|(_, value)| value.to_owned());
    let mut changed = args.to_vec();
    let mut replace = |words: Vec<OsString>, with_value: bool| {
        let end = if with_value && inline.is_none() {
            at + 2
        } else {
            at + 1
        };
        changed.splice(at..end.min(args.len()), words);
    };
    match meaning {
        Meaning::Twin(ours) => {
            let words = ours.split(' ').map(OsString::from);
            replace(
                words.chain(inline.clone().map(OsString::from)).collect(),
                false,
            );
        }
        Meaning::Flag(ours) => replace(ours.split(' ').map(OsString::from).collect(), true),
        Meaning::Ignored => replace(Vec::new(), false),
        Meaning::IgnoredWithValue => replace(Vec::new(), true),
        Meaning::Verb(other) => {
            let mut words = args.to_vec();
            let value = inline.or_else(|| args.get(at + 1)?.to_str().map(str::to_owned));
            let has_own_value = !args[at].to_string_lossy().contains('=');
            words.drain(at..(at + 1 + usize::from(has_own_value)).min(args.len()));
            let method = value.unwrap_or_default().to_ascii_uppercase();
            let verb_of_method = match method.as_str() {
                "GET" | "PUT" | "HEAD" | "DELETE" => method.to_ascii_lowercase(),
                _ => format!("request {method}"),
            };
            words[1] = if other.is_empty() {
                verb_of_method.into()
            } else {
                other.into()
            };
            return Some(Err(Failure::usage(format!(
                "the method of `{verb}` cannot be chosen with `{name}`"
            ))
            .hint(format!("each method is a verb: `{}`", command_line(&words)))));
        }
        Meaning::Instead(message, hint) => {
            return Some(Err(Failure::usage(format!("`{name}` {message}")).hint(hint)));
        }
    }
    Some(Ok(changed))
}

fn is_option(word: &OsStr, name: &str) -> bool {
    let Some(word) = word.to_str() else {
        return false;
    };
    word == name
        || word
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('='))
}

/// For hints: quoted for the shell.
fn command_line(words: &[OsString]) -> String {
    let mut line = CommandLine::new("cos-presign");
    for word in &words[1..] {
        let bytes = word.as_encoded_bytes();
        // `request METHOD` replaces a verb that was typed as one word.
        line = match bytes.strip_prefix(b"request ") {
            Some(method) => line.typed("request").typed(method),
            None => line.typed(bytes),
        };
    }
    line.to_string()
}

/// Whether a suggestion of the parser is similar to what was typed: it also suggests names that
/// only share a prefix.
pub fn is_near(typed: &str, guess: &str) -> bool {
    let (typed, guess) = (typed.trim_start_matches('-'), guess.trim_start_matches('-'));
    let allowed = 1 + typed.len().min(guess.len()) / 6;
    distance(typed, guess) <= allowed
        || typed
            .split('-')
            .all(|word| guess.split('-').any(|other| other == word))
}

/// Levenshtein distance.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.chars().enumerate() {
        let mut corner = at;
        row[0] = at + 1;
        for (column, b) in other.iter().enumerate() {
            let replaced = corner + usize::from(a != *b);
            corner = row[column + 1];
            row[column + 1] = replaced.min(corner + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn verbs_of_other_tools_are_ours() {
        for (typed, ours) in [
            ("c s3 presign s3://b/k", "c get s3://b/k"),
            ("c share download a/b/k", "c get a/b/k"),
            ("c share upload a/b/k", "c put a/b/k"),
            ("c storage sign-url gs://b/k", "c get gs://b/k"),
            ("c help get", "c get --help"),
            ("c help", "c --help"),
            ("c version", "c --version"),
            (
                "c signurl s3://b/k +3600",
                "c signurl s3://b/k --expires +3600",
            ),
            (
                "c signurl s3://b/k 1790000000",
                "c signurl s3://b/k --until 1790000000",
            ),
            ("c signurl b/k", "c signurl b/k"),
            ("c --region r get b/k --json", "c get --region r b/k --json"),
            ("c --profile get get b/k", "c get --profile get b/k"),
            (
                "c --json --region r presign b/k",
                "c presign --json --region r b/k",
            ),
            ("c --nonsense", "c --nonsense"),
        ] {
            assert_eq!(with_our_verb(&words(typed)), words(ours), "{typed}");
        }
    }

    #[test]
    fn guesses_are_near() {
        for (typed, guess, near) in [
            ("--regoin", "--region", true),
            ("--expire-in", "--expires-in", true),
            ("--content", "--content-type", true),
            ("--duration", "--region", false),
            ("--tags", "--at", false),
        ] {
            assert_eq!(is_near(typed, guess), near, "{typed} {guess}");
        }
    }
}
