//! `-h`: the help of the program or of a verb that fits a terminal of 80 columns and 24 rows.
//!
//! Usage and the most used options come first, examples last; `--help` has everything.

use clap::{Arg, ArgAction, Command};

/// One row is left for the prompt.
const ROWS: usize = 23;
const COLUMNS: usize = 80;

/// The most used options, in this order; the others follow in that of `--help`.
const MOST_USED: [&str; 11] = [
    "expires",
    "region",
    "endpoint",
    "provider",
    "profile",
    "output",
    "download_as",
    "recursive",
    "keys_from",
    "from_file",
    "verify",
];

/// The verbs that the short help of the program describes, the most used first; the others are only
/// named.
const VERBS: [&str; 10] = [
    "get", "put", "share", "post", "list", "upload", "download", "diagnose", "verify", "doctor",
];

/// The short help of the program; `build` has been called on it.
pub fn program_help(program: &Command) -> String {
    let about = |verb: &Command| {
        verb.get_about()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let described: String = VERBS
        .iter()
        .filter_map(|name| program.find_subcommand(name))
        .map(|verb| {
            let text = shortened(&about(verb), COLUMNS - 13);
            format!("  {:9}  {text}\n", verb.get_name())
        })
        .collect();
    let others: Vec<&str> = program
        .get_subcommands()
        .map(Command::get_name)
        .filter(|name| !VERBS.contains(name))
        .collect();
    let examples = program.get_before_help().map(ToString::to_string);
    format!(
        "Generate and debug presigned URLs for IBM COS, Amazon S3 and other S3 stores\n\n\
         Usage: cos-presign VERB [OPTIONS] [TARGET]...\n\n{described}Others: {}\n\n{}\n\n\
         The options of a verb: cos-presign VERB -h; everything: cos-presign --help\n",
        in_two_lines(&others),
        examples.unwrap_or_default(),
    )
}

/// Names, with a line break before one that would not fit.
fn in_two_lines(names: &[&str]) -> String {
    let mut text = String::new();
    let mut column = "Others: ".len();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            let fits = column + name.len() + 3 <= COLUMNS;
            text.push_str(if fits { ", " } else { ",\n  " });
            column = if fits { column + 2 } else { 2 };
        }
        text.push_str(name);
        column += name.len();
    }
    text
}

/// The short help of a verb; `build` has been called on it.
pub fn short_help(verb: &mut Command) -> String {
    let name = verb.get_name().to_owned();
    let about = verb
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let usage = verb.render_usage().to_string();
    let examples = verb
        .get_before_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let end = format!("All options: cos-presign {name} --help");
    let fixed = [&about, &usage, &examples, &end]
        .iter()
        .map(|text| text.lines().count())
        .sum::<usize>();
    // Four blank lines between the blocks.
    let room = ROWS.saturating_sub(fixed + 4);
    let rows = rows(verb, room);
    let width = rows.iter().map(|(left, _)| left.chars().count()).max();
    let width = width.unwrap_or_default();
    let options: String = rows
        .iter()
        .map(|(left, right)| {
            let right = shortened(right, COLUMNS.saturating_sub(width + 4));
            format!("  {left:width$}  {right}\n")
        })
        .collect();
    format!("{about}\n\n{usage}\n\n{options}\n{examples}\n\n{end}\n")
}

/// Arguments and options with their texts, as many as there is room for.
fn rows(verb: &Command, room: usize) -> Vec<(String, String)> {
    let shown: Vec<&Arg> = verb
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !arg.is_hide_short_help_set())
        .filter(|arg| !matches!(arg.get_id().as_str(), "help" | "json"))
        .collect();
    let rank = |arg: &Arg| {
        let place = MOST_USED.iter().position(|id| arg.get_id() == id);
        (!arg.is_positional(), place.unwrap_or(MOST_USED.len()))
    };
    let mut sorted = shown;
    sorted.sort_by_key(|arg| rank(arg));
    sorted
        .into_iter()
        .take(room)
        .map(|arg| {
            let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
            (spelled(arg), text)
        })
        .collect()
}

/// `-o, --output <FORM>`
fn spelled(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default();
    let value = values.first().map(ToString::to_string).unwrap_or_default();
    if arg.is_positional() {
        return format!("<{value}>");
    }
    let long = arg.get_long().unwrap_or_default();
    let names = match arg.get_short() {
        Some(short) => format!("-{short}, --{long}"),
        None => format!("    --{long}"),
    };
    match arg.get_action() {
        ArgAction::Set | ArgAction::Append => format!("{names} <{value}>"),
        _ => names,
    }
}

/// The first clause of a text, for one line.
fn shortened(text: &str, room: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= room {
        return line;
    }
    let cut: String = line.chars().take(room).collect();
    let end = ["; ", ": ", ", ", " (", " [", " "]
        .iter()
        .find_map(|end| cut.rfind(end).filter(|at| *at > room / 3));
    match end {
        Some(at) => cut[..at].trim_end_matches([';', ':', ',']).to_owned(),
        None => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_help_of_every_verb_fits_a_terminal() {
        let mut command = crate::cli::Cli::command();
        command.build();
        for verb in command.get_subcommands_mut() {
            let help = short_help(verb);
            assert!(help.lines().count() <= ROWS, "{help}");
            let options = help.lines().filter(|line| !line.contains("cos-presign"));
            for line in options {
                assert!(line.chars().count() <= COLUMNS, "{line}");
            }
            assert!(help.contains("Usage: "), "{help}");
        }
    }

    #[test]
    fn the_help_of_the_program_fits_a_terminal_and_names_every_verb() {
        let mut command = crate::cli::Cli::command();
        command.build();
        let help = program_help(&command);
        assert!(
            help.lines().count() <= ROWS,
            "{}: {help}",
            help.lines().count()
        );
        for line in help.lines() {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
        let usage = help.find("Usage: ").expect("a usage");
        let examples = help.find("Examples:").expect("examples");
        for verb in command.get_subcommands() {
            // Those in the list of the others follow a comma or a line break.
            let name = format!(" {}", verb.get_name());
            assert!(help[usage..examples].contains(&name), "{name}");
        }
        for name in VERBS {
            assert!(command.find_subcommand(name).is_some(), "{name}");
        }
    }

    #[test]
    fn texts_are_cut_where_something_ends() {
        assert_eq!(shortened("short", 10), "short");
        assert_eq!(
            shortened("Region of it; alone it also selects", 20),
            "Region of it"
        );
        assert_eq!(shortened("one two three four", 10), "one two");
    }
}
