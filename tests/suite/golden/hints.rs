//! Hints: every command that a message names exists and ends as promised.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};
use cos_presign::cli::Cli;

use super::options::LINK;
use super::refusals::refusals;
use super::{FIXTURES, GOLDEN};
use crate::run::{EXAMPLE_KEYS, output_of, program, split_words, text};

/// Placeholders of hints, and a value for each.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("[OPTIONS]", ""),
    ("[FILE]", ""),
    ("[TARGET]", ""),
    ("[BUCKET]", "my-bucket"),
    ("[=<HASH>]", ""),
    (
        "--policy <FILE> <TARGET>...",
        "--policy policy/ended.json sigv4examplebucket/user/user1/",
    ),
    ("<TARGET>...", "my-bucket/a.txt"),
    ("<NAME>", "us-south"),
    ("<TIME>", "2026-01-01"),
    ("--verbose...", ""),
    ("--max-size SIZE", "--max-size 1MB"),
    ("<GLOB>", "*.txt"),
    ("<ORIGIN>", "https://www.example.com"),
    ("<PLAN>", "missing-plan.json"),
    ("<FILE>", "bulk/keys.txt"),
    ("<URL>", LINK),
    ("'URL'", LINK),
    ("BUCKET/KEY", "my-bucket/a.txt"),
    (
        "\"BUCKET/$f\" --from-file \"$f\"",
        "my-bucket/a.txt --from-file bulk/keys.txt",
    ),
    (
        "arn:aws:s3::ACCOUNT:accesspoint/ALIAS.mrap/KEY",
        "arn:aws:s3::123456789012:accesspoint/alias.mrap/a.txt",
    ),
    // Targets of the configuration files of their cases.
    ("@lab", "my-bucket"),
    ("@reports", "my-bucket"),
    ("BUCKET/PREFIX/", "my-bucket/in/"),
    ("BUCKET/PREFIX", "my-bucket/in/"),
    ("TARGET…", "my-bucket/a.txt"),
    ("--origin …", "--origin https://www.example.com"),
    ("--keys-from FILE", "--keys-from bulk/keys.txt"),
    ("PLAN FILE", "missing-plan.json bulk/keys.txt"),
    (
        "share FILE",
        "share bulk/keys.txt --endpoint http://127.0.0.1:1",
    ),
    ("NAME=VALUE", "a=b"),
    ("--service NAME", "--service iam"),
    ("https://HOST/PATH", "https://store.example/path"),
    ("https://HOST", "https://store.example"),
    (
        "https://ACCOUNT.",
        "https://0123456789abcdef0123456789abcdef.",
    ),
    ("BASE64", "1B2M2Y8AsgTpgAmY7PhCfg=="),
    ("--size SIZE", "--size 1GiB"),
    ("REGION", "us-south"),
    ("BUCKET", "my-bucket"),
    ("TARGET", "my-bucket/a.txt"),
    ("FILE", "bulk/keys.txt"),
    ("NAME", "a.txt"),
    ("URL", LINK),
];

/// Programs whose options are not ours.
const OTHER_PROGRAMS: [&str; 15] = [
    "aws", "cat", "chmod", "curl", "env", "eval", "export", "iconv", "ibmcloud", "mc", "openssl",
    "rclone", "s3cmd", "tail", "zstd",
];

/// The text between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Every hint and fix in the golden files.
fn hints() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(GOLDEN).to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("fixtures") {
                    folders.push(path);
                }
                continue;
            }
            let page = text(&fs::read(&path).unwrap());
            let lines = page.lines().filter_map(|line| {
                line.strip_prefix("hint: ")
                    .or_else(|| line.trim_start().strip_prefix("fix: "))
            });
            found.extend(lines.map(str::to_owned));
        }
    }
    assert!(found.len() > 200, "{}", found.len());
    found
}

/// The arguments of a command of this program, without what precedes it in a pipe or loop.
fn arguments(command: &str) -> Option<Vec<String>> {
    let start = command.find("cos-presign ")?;
    let mut line = command[start..].split(['|', ';', '\n']).next()?.to_owned();
    for (placeholder, value) in PLACEHOLDERS {
        line = line.replace(placeholder, value);
    }
    let line = line
        .split(" < ")
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    Some(split_words(&line).split_off(1))
}

#[test]
fn every_command_of_a_hint_runs() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    let commands: BTreeSet<String> = hints()
        .iter()
        .flat_map(|hint| quoted(hint).map(str::to_owned).collect::<Vec<_>>())
        .filter(|command| command.contains("cos-presign "))
        .collect();
    for command in &commands {
        let mut args = arguments(command).unwrap();
        // The name of a verb, without arguments.
        if args.len() == 1 && !args[0].starts_with('-') {
            args.push("--help".to_owned());
        }
        let sends = ["verify", "doctor", "upload", "download", "share"];
        let may_send = sends.contains(&args[0].as_str())
            || args
                .iter()
                .any(|arg| arg == "--recursive" || arg == "--verify");
        // Nothing listens, so retries would only take time.
        if may_send {
            args.extend(["--retries".to_owned(), "0".to_owned()]);
        }
        ran += 1;
        let mut run = program();
        // The endpoint of nothing: requests fail with exit code 4.
        run.current_dir(FIXTURES)
            .envs(EXAMPLE_KEYS)
            .env("AWS_REGION", "us-east-1")
            .env("https_proxy", "http://127.0.0.1:1")
            .env("http_proxy", "http://127.0.0.1:1")
            .args(&args);
        let output = output_of(&mut run, LINK.as_bytes());
        let code = output.status.code().unwrap();
        // `diagnose` and `inspect` report on the example link, which has expired.
        let may_report = ["diagnose", "inspect"].contains(&args[0].as_str());
        let is_fine = match code {
            0 => true,
            1 => may_report,
            3 => args[0] == "upload",
            4 => may_send,
            _ => false,
        };
        if !is_fine {
            wrong.push(format!("{command}: {code} {}", text(&output.stderr)));
        }
    }
    assert!(ran > 25, "{ran}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The options of a verb, with their aliases.
fn options_of(verb: &Command) -> BTreeSet<String> {
    verb.get_arguments()
        .flat_map(|arg| arg.get_long_and_visible_aliases().into_iter().flatten())
        .map(|name| format!("--{name}"))
        .collect()
}

#[test]
fn every_option_of_a_hint_is_one_of_the_verb() {
    let mut cli = Cli::command();
    cli.build();
    let everywhere: BTreeSet<String> = cli.get_subcommands().flat_map(options_of).collect();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for refusal in refusals() {
        let words = split_words(&refusal.command);
        let verb = words.iter().find_map(|word| cli.find_subcommand(word));
        // `stores` is about options of the verbs that sign.
        let verb = verb.filter(|verb| verb.get_name() != "stores");
        let known = verb.map_or_else(|| everywhere.clone(), options_of);
        let Some(hint) = refusal
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("hint: "))
        else {
            continue;
        };
        for command in quoted(hint) {
            let first = command.split(' ').next().unwrap_or_default();
            if OTHER_PROGRAMS.contains(&first) || command.contains("<") {
                continue;
            }
            // Another verb has its own options.
            let other = command
                .split_once("cos-presign ")
                .and_then(|(_, rest)| cli.find_subcommand(rest.split(' ').next()?));
            let known = other.map_or_else(|| known.clone(), options_of);
            for word in command.split(' ').filter(|word| word.starts_with("--")) {
                let name = word.split('=').next().unwrap_or_default();
                let name = name.trim_end_matches([',', ':']);
                if !["--", "--help", "--version"].contains(&name) {
                    compared += 1;
                    if !known.contains(name) {
                        wrong.push(format!("{}: {hint}: no {name}", refusal.command));
                    }
                }
            }
        }
    }
    assert!(compared > 150, "{compared}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
