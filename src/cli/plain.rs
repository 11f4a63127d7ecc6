//! Command lines of the plainest form, read without the parser: a verb for one object, targets, and
//! the options of most command lines, each followed by its value as the next word.
//!
//! Building the parser with all options of a verb takes longer than signing a URL. Whatever is not
//! plain, and so everything that is wrong, is left to the parser; a test compares both.

use std::ffi::{OsStr, OsString};

use super::{Cli, DeleteArgs, GetArgs, HeadArgs, ObjectArgs, Verb};

/// Parses a plain command line; `None` for the parser.
pub fn parse(args: &[OsString]) -> Option<Cli> {
    let (_, args) = args.split_first()?;
    let (verb, args) = args.split_first()?;
    let object = || object(args);
    let verb = match verb.to_str()? {
        "get" => Verb::Get(GetArgs {
            object: object()?,
            ..GetArgs::default()
        }),
        "head" => Verb::Head(HeadArgs {
            object: object()?,
            ..HeadArgs::default()
        }),
        "delete" => Verb::Delete(DeleteArgs {
            object: object()?,
            ..DeleteArgs::default()
        }),
        _ => return None,
    };
    Some(Cli { verb })
}

fn object(args: &[OsString]) -> Option<ObjectArgs> {
    let mut object = ObjectArgs::default();
    let mut words = args.iter().map(OsString::as_os_str);
    while let Some(word) = words.next() {
        if is_value(word) {
            // `get help` is about the verb.
            if word == "help" {
                return None;
            }
            object.target.targets.push(word.to_owned());
            continue;
        }
        let sign = &mut object.sign;
        let option = match word.to_str()? {
            "--expires" => &mut sign.time.expires,
            "--region" => &mut sign.store.region,
            "--endpoint" => &mut sign.store.endpoint,
            "--profile" => &mut sign.credentials.profile,
            _ => return None,
        };
        let value = words.next().filter(|value| is_value(value))?;
        if option.replace(value.to_str()?.to_owned()).is_some() {
            return None;
        }
    }
    Some(object)
}

/// Whether the parser takes a word for a value, whatever option is before it.
fn is_value(word: &OsStr) -> bool {
    !matches!(word.as_encoded_bytes().first(), None | Some(b'-'))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use proptest::prelude::*;

    use super::*;

    fn words(line: &[&str]) -> Vec<OsString> {
        ["cos-presign"]
            .iter()
            .chain(line)
            .map(OsString::from)
            .collect()
    }

    #[test]
    fn usual_command_lines_are_plain() {
        for line in [
            "get bucket/key",
            "get bucket/key --region us-south --expires 24h",
            "get --endpoint https://s3.example.com a/b c/d --profile work",
            "head bucket/key --region us-south",
            "delete bucket/key --region us-south",
        ] {
            let line: Vec<&str> = line.split(' ').collect();
            assert!(parse(&words(&line)).is_some(), "{line:?}");
        }
    }

    #[test]
    fn other_command_lines_are_left_to_the_parser() {
        for line in [
            "",
            "get --region",
            "get a/b --region --expires",
            "get a/b --region=us-south",
            "get a/b --region us-south --region us-south",
            "get a/b -v",
            "get a/b -- --region",
            "get a/b --help",
            "get help",
            "presign a/b",
            "list bucket",
        ] {
            let line: Vec<&str> = line.split_terminator(' ').collect();
            assert!(parse(&words(&line)).is_none(), "{line:?}");
        }
        assert!(parse(&words(&["get", ""])).is_none());
        assert!(parse(&words(&["get", "a/b", "--region", ""])).is_none());
    }

    proptest! {
        #[test]
        fn plain_command_lines_mean_the_same_to_the_parser(
            verb in prop::sample::select(vec!["get", "head", "delete", "put", "presign", "-v"]),
            line in prop::collection::vec(
                prop::sample::select(vec![
                    "--expires", "--region", "--endpoint", "--profile", "--json", "--", "-", "",
                    "a/b", "24h", "-1", "+1d", "us south", "get", "help", "--region=x", "s3://b/é",
                ]),
                0..7,
            ),
        ) {
            let line: Vec<&str> = [verb].into_iter().chain(line).collect();
            let args = words(&line);
            if let Some(plain) = parse(&args) {
                let parsed = Cli::try_parse_from(&args).expect("a plain line is valid");
                prop_assert_eq!(format!("{plain:?}"), format!("{parsed:?}"));
            }
        }
    }
}
