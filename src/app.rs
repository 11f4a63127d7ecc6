//! The program as a function of its arguments, environment and output streams.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli::habits::Refusal;
use crate::cli::{self, Cli};
use crate::env::Env;
use crate::error::{Exit, Kind};
use crate::text::CommandLine;
use crate::{command, text};

/// Runs the program and returns its exit code. URLs are written to `out`, everything else to `err`.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    env: &Env,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let err = &mut IgnoreErrors(err);
    if let Ok(Some(shell)) = env.text(cli::completion::VARIABLE) {
        // Messages would disturb the command line being typed.
        return u8::from(command::completions::complete(shell, args, env, out).is_err());
    }
    let as_json = wants_json(&args);
    let cli = match cli::habits::parse(&args) {
        Ok(cli) => cli,
        Err(Refusal::Parser(error, args)) => return explain(&error, &args, as_json, out, err),
        Err(Refusal::Foreign(failure)) => return report(&failure.into(), as_json, err),
    };
    match command::run(&cli, env, out, err).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => 0,
        Err(error) => report(&error, as_json, err),
    }
}

/// Whether the output, and so the error, is read by a program. Also works for invalid command
/// lines.
fn wants_json(args: &[OsString]) -> bool {
    let words: Vec<&str> = args
        .iter()
        .skip(1)
        .map_while(|word| Some(word.to_str().unwrap_or_default()).filter(|word| *word != "--"))
        .collect();
    words
        .iter()
        .any(|word| matches!(*word, "--json" | "--output=json" | "-ojson"))
        || words
            .windows(2)
            .any(|pair| matches!(pair[0], "--output" | "-o" | "--format") && pair[1] == "json")
}

/// Prints an error, and returns its exit code.
fn report(error: &anyhow::Error, as_json: bool, err: &mut dyn Write) -> u8 {
    let ending = Exit::of(error);
    if !ending.message.is_empty() {
        let hint = ending.hint.as_deref();
        let text = match as_json {
            true => json(&ending.message, hint, ending.exit_code),
            false => sentence_and_hint(&ending.message, hint),
        };
        let _ = err.write_all(text.as_bytes());
    }
    ending.exit_code
}

/// An error for programs: one object on one line.
fn json(message: &str, hint: Option<&str>, exit_code: u8) -> String {
    let object = serde_json::json!({ "error": message, "hint": hint, "exit_code": exit_code });
    format!("{object}\n")
}

/// Control characters are escaped: quoted text can neither control a terminal nor look like another
/// line of output.
fn sentence_and_hint(message: &str, hint: Option<&str>) -> String {
    let hint = hint.map(|hint| format!("hint: {}\n", text::escape_controls(hint)));
    format!(
        "error: {}\n{}",
        text::escape_controls(message),
        hint.unwrap_or_default()
    )
}

/// Standard error whose write errors are ignored: a URL must not be lost because a note about it
/// was.
struct IgnoreErrors<'a>(&'a mut dyn Write);

impl Write for IgnoreErrors<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// Help and version go to standard output. Other messages of the parser are rewritten to the form
/// of every error: a sentence, then a hint.
fn explain(
    error: &clap::Error,
    args: &[OsString],
    as_json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let text = error.render().to_string();
    let text = match error.kind() {
        ErrorKind::DisplayHelp => short_help(args).unwrap_or(text),
        _ => text,
    };
    if error.exit_code() == 0 {
        return match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => 0,
            Err(error) => report(
                &anyhow::Error::new(error).context("cannot write to standard output"),
                as_json,
                err,
            ),
        };
    }
    let text = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => text,
        _ => {
            let (message, hint) = error_and_hint(&text, error.kind(), args);
            match as_json {
                true => json(&message, Some(&hint), Kind::Usage.exit_code()),
                false => sentence_and_hint(&message, Some(&hint)),
            }
        }
    };
    let _ = err.write_all(text.as_bytes());
    Kind::Usage.exit_code()
}

/// The help of the program or of a verb, if requested with `-h`.
fn short_help(args: &[OsString]) -> Option<String> {
    let verb = args.get(1)?.to_str()?;
    if !args.iter().any(|arg| arg == "-h") || args.iter().any(|arg| arg == "--help") {
        return None;
    }
    let mut command = Cli::command();
    command.build();
    if verb == "-h" {
        return Some(cli::short_help::program_help(&command));
    }
    command
        .find_subcommand_mut(verb)
        .map(cli::short_help::short_help)
}

/// The parser writes paragraphs: the error, tips, the usage, and where to find help.
fn error_and_hint(text: &str, kind: ErrorKind, args: &[OsString]) -> (String, String) {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| {
            paragraph
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace('\'', "`")
        })
        .collect();
    let part = |prefix: &str| {
        paragraphs
            .iter()
            .find_map(|paragraph| paragraph.strip_prefix(prefix))
    };
    let message = part("error: ").unwrap_or("cannot read the command line");
    let reworded = (kind == ErrorKind::ValueValidation).then(|| with_plain_reason(message));
    let message = reworded.flatten().unwrap_or_else(|| message.to_owned());
    // The usage of an unknown option contains the guess of the parser, however far.
    let is_unknown_option =
        kind == ErrorKind::UnknownArgument && message.starts_with("unexpected argument `-");
    let usage = part("Usage: ")
        .filter(|_| !is_unknown_option)
        .map(|usage| format!("the usage is `{usage}`"));
    // The tip to pass an option as a value does not help a user who meant an option.
    let hint = part("tip: ")
        .filter(|tip| !tip.starts_with("to pass") && is_near_guess(&message, tip))
        .map(str::to_owned)
        .or(usage)
        .unwrap_or_else(|| match args.get(1).and_then(|verb| verb.to_str()) {
            Some(verb) if cli::is_verb(verb.as_ref()) => {
                let help = CommandLine::cos_presign(verb).fixed("--help");
                match is_unknown_option {
                    true => format!("`{help}` lists the options"),
                    false => format!("see `{help}`"),
                }
            }
            _ => "see `cos-presign --help`".to_owned(),
        });
    (message, hint)
}

/// The message with the reason of the standard library for a wrong number in the user's words.
fn with_plain_reason(message: &str) -> Option<String> {
    let (start, reason) = message.rsplit_once(": ")?;
    let reason = match reason {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "not a whole number"
        }
        "number too large to fit in target type" => "the number is too large",
        // The range is that of the type: the verb itself has narrower limits.
        _ => match reason.split_once(" is not in ")? {
            (number, _) if number.starts_with('-') => "the number is negative",
            _ => "the number is too large",
        },
    };
    Some(format!("{start}: {reason}"))
}

/// Whether the name suggested by a tip is similar to the one in the message.
fn is_near_guess(message: &str, tip: &str) -> bool {
    let quoted = |text: &str| text.split('`').nth(1).map(str::to_owned);
    match (quoted(message), quoted(tip)) {
        (Some(typed), Some(guess)) if guess.starts_with("--") => {
            cli::habits::is_near(&typed, guess.split(' ').next().unwrap_or(&guess))
        }
        _ => true,
    }
}
