//! Command lines written for other tools, rewritten to the equivalent here before parsing.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use super::Cli;
use super::foreign::{self, Meaning};
use super::plain;
use super::verb_habits::{command_line, is_verb, with_our_verb, without_verb};
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

/// The command line with the unknown option replaced, if it is one of another tool.
fn rewritten(args: &[OsString], error: &clap::Error) -> Option<Result<Vec<OsString>, Failure>> {
    let of_context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let first = args.get(1)?;
    let is_about_words = matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand | ErrorKind::InvalidValue | ErrorKind::UnknownArgument
    );
    if !is_about_words {
        return None;
    }
    if !is_verb(first) {
        let guess = match error.get(ContextKind::SuggestedSubcommand) {
            Some(ContextValue::Strings(names)) => names.first().map(String::as_str),
            _ => None,
        };
        return Some(Err(without_verb(args, guess)?));
    }
    let unknown = of_context(ContextKind::InvalidArg)?;
    match error.kind() {
        ErrorKind::InvalidValue => {
            let value = of_context(ContextKind::InvalidValue)?;
            with_our_value(args, unknown.split([' ', '=']).next()?, value)
        }
        ErrorKind::UnknownArgument => {
            with_our_option(args, first.to_str()?, unknown.split('=').next()?)
        }
        _ => None,
    }
}

/// The command line with a value of another tool replaced.
fn with_our_value(
    args: &[OsString],
    name: &str,
    value: &str,
) -> Option<Result<Vec<OsString>, Failure>> {
    let Some(ours) = foreign::value(name, &value.to_ascii_lowercase()) else {
        // curl's `--output` is a file.
        let is_file = name == "--output" && value.contains(['.', '/']);
        return is_file.then(|| {
            Err(Failure::usage(format!(
                "`{}` is not an output format (--output)",
                value.escape_debug()
            ))
            .hint(format!(
                "write to a file: `{}`",
                CommandLine::options().option("--output-file", value)
            )))
        });
    };
    let replaced = |word: &OsString| match word.to_str() {
        Some(word) if word == value => ours.into(),
        Some(word) if word == format!("{name}={value}") => format!("{name}={ours}").into(),
        _ => word.clone(),
    };
    Some(Ok(args.iter().map(replaced).collect()))
}

/// The command line with an option of another tool replaced.
fn with_our_option(
    args: &[OsString],
    verb: &str,
    name: &str,
) -> Option<Result<Vec<OsString>, Failure>> {
    let at = args.iter().position(|word| is_option(word, name))?;
    let inline = inline_value(&args[at], name);
    let next = args.get(at + 1).and_then(|word| word.to_str());
    let with = |words: Vec<OsString>, takes_next: bool| {
        let end = at + 1 + usize::from(takes_next && at + 1 < args.len());
        let mut changed = args.to_vec();
        changed.splice(at..end, words);
        Some(Ok(changed))
    };
    let ours = foreign::in_our_form(name);
    let meaning = match foreign::meaning(&ours, verb) {
        Some(meaning) => meaning,
        // As SDKs and Terraform write ours: `expires_in`, `ExpiresIn`.
        None if ours != name && has_option(verb, &ours) => {
            return with([ours.into()].into_iter().chain(inline).collect(), false);
        }
        None => return None,
    };
    let words_of =
        |ours: &str| -> Vec<OsString> { ours.split_whitespace().map(OsString::from).collect() };
    let is_in = |words: &[&str], text: &str| words.iter().any(|w| w.eq_ignore_ascii_case(text));
    let text = inline.as_ref().and_then(|value| value.to_str());
    // `-rv`: another flag behind it.
    let is_flag = matches!(meaning, Meaning::Switch(..) | Meaning::Ignored)
        || meaning == Meaning::Twin("--recursive");
    if let (false, true, Some(rest)) = (name.starts_with("--"), is_flag, text) {
        return with(vec![name.into(), format!("-{rest}").into()], false);
    }
    match meaning {
        Meaning::Twin(ours) => {
            let words = words_of(ours).into_iter();
            with(words.chain(inline).collect(), false)
        }
        Meaning::Switch(on, off) => {
            let value = text.or(next);
            let is_off = value.is_some_and(|value| is_in(foreign::OFF, value));
            let is_on = value.is_some_and(|value| is_in(foreign::ON, value));
            let ours = if is_off { off } else { on };
            with(words_of(ours), inline.is_none() && (is_off || is_on))
        }
        Meaning::Header(header) | Meaning::Parameter(header) => {
            let (option, separator) = match meaning {
                Meaning::Header(_) => ("--header", ": "),
                _ => ("--query", "="),
            };
            let value = text.or(next)?;
            let words = vec![option.into(), format!("{header}{separator}{value}").into()];
            with(words, inline.is_none())
        }
        Meaning::Ignored => with(Vec::new(), false),
        Meaning::IgnoredWithValue => with(Vec::new(), inline.is_none()),
        Meaning::IgnoredIf(value, refusal) => {
            let (words, is_required) = match value {
                foreign::Value::OneOf(words) => (words, true),
                foreign::Value::MayBe(words) => (words, false),
            };
            let given = text.or(next);
            let is_fine = given.is_some_and(|given| is_in(words, given));
            let is_off = given.is_some_and(|given| is_in(foreign::OFF, given));
            match is_fine {
                true => with(Vec::new(), inline.is_none()),
                false if is_required || is_off || inline.is_some() => {
                    Some(Err(refused(name, refusal)))
                }
                false => with(Vec::new(), false),
            }
        }
        Meaning::Verb(other) => Some(Err(of_method(args, at, name, verb, other))),
        Meaning::Instead(refusal) => Some(Err(refused(name, refusal))),
    }
}

fn refused(name: &str, (message, hint): foreign::Refusal) -> Failure {
    Failure::usage(format!("`{name}` {message}")).hint(hint)
}

/// The failure of an option that chooses the method, and the command with the verb of that method.
fn of_method(args: &[OsString], at: usize, name: &str, verb: &str, other: &str) -> Failure {
    let mut words = args.to_vec();
    let inline = inline_value(&args[at], name);
    let takes_next = other.is_empty() && inline.is_none();
    let value = inline
        .or_else(|| args.get(at + 1).filter(|_| takes_next).cloned())
        .unwrap_or_default();
    words.drain(at..(at + 1 + usize::from(takes_next)).min(args.len()));
    // `put_object`, `PutObject` and `PUT` are one.
    let method = value.to_string_lossy().to_ascii_uppercase();
    let method = method.replace(['_', '-'], "");
    let method = method.strip_suffix("OBJECT").unwrap_or(&method);
    words[1] = match method {
        _ if !other.is_empty() => other.into(),
        "GET" | "PUT" | "HEAD" | "DELETE" => method.to_ascii_lowercase().into(),
        "LISTOBJECTS" | "LISTOBJECTSV2" => "list".into(),
        "RESUMABLE" => "multipart".into(),
        _ => format!("request {method}").into(),
    };
    Failure::usage(format!(
        "the method of `{verb}` cannot be chosen with `{name}`"
    ))
    .hint(format!("each method is a verb: `{}`", command_line(&words)))
}

/// Whether a word is the option, with a value in the same word or without.
fn is_option(word: &OsStr, name: &str) -> bool {
    let rest = word.to_str().and_then(|word| word.strip_prefix(name));
    match name.starts_with("--") {
        true => rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('=')),
        false => rest.is_some(),
    }
}

/// The value in the word of an option: `--name=value`, `-Nvalue`.
fn inline_value(word: &OsStr, name: &str) -> Option<OsString> {
    let rest = word.to_str()?.strip_prefix(name)?;
    let value = rest.strip_prefix('=').unwrap_or(rest);
    (!rest.is_empty()).then(|| value.into())
}

/// Whether a verb has an option of this name.
fn has_option(verb: &str, name: &str) -> bool {
    let mut command = Cli::command();
    command.build();
    let Some(verb) = command.find_subcommand(verb) else {
        return false;
    };
    let name = name.trim_start_matches("--");
    verb.get_arguments().any(|arg| {
        let others = arg.get_all_aliases().unwrap_or_default();
        arg.get_long() == Some(name) || others.contains(&name)
    })
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
