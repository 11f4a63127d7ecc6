//! The reference of all verbs and options as one Markdown page.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::Cli;

/// Options of this many verbs are described once.
const SHARED: usize = 4;

/// Writes the page.
///
/// # Errors
/// The error of the writer.
pub fn write(out: &mut dyn Write) -> io::Result<()> {
    let mut program = Cli::command();
    program.build();
    let verbs: Vec<&Command> = program.get_subcommands().collect();
    let mut users: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for verb in &verbs {
        for arg in options(verb) {
            users
                .entry(identity(arg))
                .or_default()
                .push(verb.get_name());
        }
    }
    let is_shared = |arg: &Arg| users[&identity(arg)].len() >= SHARED;
    writeln!(
        out,
        "# Command reference\n\n\
         Every verb and option, as in `cos-presign VERB --help`; `cos-presign man --markdown` \
         prints this page.\n\n\
         | verb | |\n| --- | --- |"
    )?;
    for verb in &verbs {
        let name = verb.get_name();
        writeln!(out, "| [`{name}`](#{name}) | {} |", about(verb))?;
    }
    for verb in &verbs {
        write_verb(verb, &is_shared, out)?;
    }
    writeln!(out, "\n## Options of several verbs")?;
    let mut seen = Vec::new();
    let mut headings: Vec<(&str, Vec<&Arg>)> = Vec::new();
    for arg in verbs
        .iter()
        .flat_map(|verb| options(verb))
        .filter(|arg| is_shared(arg))
    {
        if seen.contains(&identity(arg)) {
            continue;
        }
        seen.push(identity(arg));
        let heading = arg.get_help_heading().unwrap_or("Options");
        match headings.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, args)) => args.push(arg),
            None => headings.push((heading, vec![arg])),
        }
    }
    for (heading, args) in headings {
        writeln!(out, "\n### {heading}\n")?;
        for arg in args {
            let verbs = users[&identity(arg)].join(", ");
            writeln!(out, "- {} ({verbs})", described(arg))?;
        }
    }
    Ok(())
}

fn write_verb(
    verb: &Command,
    is_shared: &dyn Fn(&Arg) -> bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let usage = verb.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    writeln!(
        out,
        "\n## {}\n\n{}.\n\n```text\n{usage}",
        verb.get_name(),
        about(verb)
    )?;
    if let Some(examples) = verb.get_before_help() {
        writeln!(out, "\n{examples}")?;
    }
    writeln!(out, "```\n")?;
    for arg in verb.get_positionals().filter(|arg| !arg.is_hide_set()) {
        writeln!(out, "- {}", described(arg))?;
    }
    for arg in options(verb).filter(|arg| !is_shared(arg)) {
        writeln!(out, "- {}", described(arg))?;
    }
    let shared: Vec<String> = options(verb)
        .filter(|arg| is_shared(arg))
        .filter_map(Arg::get_long)
        .map(|name| ["`--", name, "`"].concat())
        .collect();
    if !shared.is_empty() {
        writeln!(
            out,
            "- [shared options](#options-of-several-verbs): {}",
            shared.join(", ")
        )?;
    }
    Ok(())
}

fn options(verb: &Command) -> impl Iterator<Item = &Arg> {
    verb.get_opts()
        .chain(verb.get_arguments().filter(|arg| {
            !arg.is_positional() && !matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
        }))
        .filter(|arg| !arg.is_hide_set() && arg.get_id() != "help")
}

/// Options with the same name and text are the same.
fn identity(arg: &Arg) -> (String, String) {
    let long = arg.get_long().unwrap_or_default().to_owned();
    (long, text(arg))
}

fn about(verb: &Command) -> String {
    let about = verb.get_about().map(ToString::to_string);
    about.unwrap_or_default()
}

fn text(arg: &Arg) -> String {
    let text = arg.get_long_help().or(arg.get_help());
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `` `-o, --output <FORM>`: its text ``
fn described(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default();
    let value = values.first().map(ToString::to_string).unwrap_or_default();
    let name = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        _ => String::new(),
    };
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let name = match (name.is_empty(), takes_value) {
        (true, _) => format!("<{value}>"),
        (false, true) => format!("{name} <{value}>"),
        (false, false) => name,
    };
    // A name in angle brackets would be read as HTML.
    let text = text(arg).replace('<', "\\<");
    let shown: Vec<String> = match arg.is_hide_possible_values_set() || !takes_value {
        true => Vec::new(),
        false => arg
            .get_possible_values()
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| format!("`{}`", value.get_name()))
            .collect(),
    };
    match shown.is_empty() {
        true => format!("`{name}`: {text}"),
        false => format!("`{name}`: {text} ({})", shown.join(", ")),
    }
}
