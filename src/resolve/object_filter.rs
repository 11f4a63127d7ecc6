//! Which objects of a listing are selected: `--include`, `--newer-than`, `--min-size` and their
//! like.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::RecursiveArgs;
use crate::env::Env;
use crate::error::Failure;
use crate::store::{Glob, Selection};
use crate::text::CommandLine;

use super::open_input::open_input;
use super::time_text::{TimeError, parse_duration, parse_time, read_time};

/// Works out the options.
///
/// # Errors
/// A text that is no time or size, and conditions that no object can meet.
pub fn selection(args: &RecursiveArgs, now: DateTime<Utc>) -> Result<Selection, Failure> {
    let time = |option, text: &Option<String>| {
        text.as_deref()
            .map(|text| moment(option, text, now))
            .transpose()
    };
    let size = |option, text: &Option<String>| {
        text.as_deref()
            .map(|text| parse_size(option, text))
            .transpose()
    };
    let selection = Selection {
        include: globs("--include", &args.include)?,
        exclude: globs("--exclude", &args.exclude)?,
        newer_than: time("--newer-than", &args.newer_than)?,
        older_than: time("--older-than", &args.older_than)?,
        min_size: size("--min-size", &args.min_size)?,
        max_size: size("--max-size", &args.max_size)?,
        limit: args.limit,
    };
    check(&selection, args, now)?;
    Ok(selection)
}

/// Adds the patterns of `--include-from` and `--exclude-from`.
///
/// # Errors
/// A file that cannot be read, or that leaves no object.
pub fn add_pattern_files(
    selection: &mut Selection,
    args: &RecursiveArgs,
    env: &Env,
) -> Result<(), Failure> {
    let files = || args.include_from.iter().chain(&args.exclude_from);
    if files().filter(|file| *file == Path::new("-")).count() > 1 {
        return Err(
            Failure::usage("standard input can be read only once: several files are `-`")
                .hint("write one list to a file: `--exclude-from FILE`"),
        );
    }
    for file in &args.include_from {
        let (name, patterns) = patterns_of(INCLUDE_FROM, file, env)?;
        // Without a pattern every key would be signed.
        if patterns.is_empty() {
            return Err(Failure::configuration(format!(
                "{name} ({INCLUDE_FROM}) contains no pattern"
            ))
            .hint("write one pattern per line, such as `*.gz`"));
        }
        selection
            .include
            .extend(patterns.into_iter().map(|(_, glob)| glob));
    }
    for file in &args.exclude_from {
        let (name, patterns) = patterns_of(EXCLUDE_FROM, file, env)?;
        if let Some((line, _)) = patterns.iter().find(|(_, glob)| glob.takes_all()) {
            return Err(Failure::usage(format!(
                "{name} ({EXCLUDE_FROM}), line {line}: `*` leaves no object"
            ))
            .hint("remove the line, or exclude less: `*.tmp`"));
        }
        selection
            .exclude
            .extend(patterns.into_iter().map(|(_, glob)| glob));
    }
    Ok(())
}

const INCLUDE_FROM: &str = "--include-from";
const EXCLUDE_FROM: &str = "--exclude-from";

/// Maximum size of a file of patterns: each is compared with every key.
const PATTERNS_LIMIT: u64 = 1 << 20;

/// The name of the file, and its patterns with their line numbers.
fn patterns_of(
    option: &str,
    file: &Path,
    env: &Env,
) -> Result<(String, Vec<(usize, Glob)>), Failure> {
    let input = open_input(option, file, env)?;
    let mut text = Vec::new();
    input
        .reader
        .take(PATTERNS_LIMIT + 1)
        .read_to_end(&mut text)
        .map_err(|error| Failure::cannot_read(&input.name, Some(option), &error))?;
    if text.len() as u64 > PATTERNS_LIMIT {
        return Err(Failure::configuration(format!(
            "{} ({option}) has more than {PATTERNS_LIMIT} bytes",
            input.name
        ))
        .hint("use fewer patterns with `*`; for a list of keys use --keys-from"));
    }
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Err(Failure::configuration(format!(
            "{} ({option}) is UTF-16, not a list of patterns",
            input.name
        ))
        .hint("convert it first: `iconv -f UTF-16 -t UTF-8`"));
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let is_crlf = memchr::memchr(b'\n', text).is_some_and(|end| text[..end].ends_with(b"\r"));
    let patterns = text
        .split(|byte| *byte == b'\n')
        .map(|line| match line.strip_suffix(b"\r") {
            Some(line) if is_crlf => line,
            _ => line,
        })
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#"))
        .map(|(number, line)| (number + 1, Glob::new(line)))
        .collect();
    Ok((input.name, patterns))
}

fn globs(option: &str, patterns: &[OsString]) -> Result<Vec<Glob>, Failure> {
    let read = |pattern: &OsString| match pattern.is_empty() {
        true => Err(
            Failure::usage(format!("{option} is given an empty pattern")).hint(format!(
                "put the pattern between single quotes: `{option} '*.gz'`"
            )),
        ),
        false => Ok(Glob::new(pattern.as_encoded_bytes())),
    };
    patterns.iter().map(read).collect()
}

/// Conditions that no object can meet are refused: no output would look like an empty bucket.
fn check(selection: &Selection, args: &RecursiveArgs, now: DateTime<Utc>) -> Result<(), Failure> {
    if selection.exclude.iter().any(Glob::takes_all) {
        // The way of `aws s3`, where the later pattern wins.
        return Err(Failure::usage("--exclude `*` leaves no object").hint(
            match selection.include.is_empty() {
                true => "remove it, or name what is not wanted: `--exclude '*.tmp'`",
                false => "remove it: with --include, nothing else is taken anyway",
            },
        ));
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if selection.newer_than.is_some_and(|time| time > now) {
        return Err(Failure::usage(format!(
            "--newer-than `{}` is in the future",
            text(&args.newer_than)
        ))
        .hint(format!("it is {} now", now.format("%Y-%m-%dT%H:%M:%SZ"))));
    }
    if let (Some(newer), Some(older)) = (selection.newer_than, selection.older_than)
        && newer >= older
    {
        let (newer, older) = (text(&args.newer_than), text(&args.older_than));
        return Err(Failure::usage(format!(
            "no object is newer than `{newer}` and older than `{older}`"
        ))
        .hint(format!(
            "the other way round it is a span: `{}`",
            CommandLine::options()
                .option("--newer-than", older)
                .option("--older-than", newer)
        )));
    }
    if let (Some(least), Some(most)) = (selection.min_size, selection.max_size)
        && least > most
    {
        return Err(Failure::usage(format!(
            "--min-size of {least} bytes is more than --max-size of {most} bytes"
        ))
        .hint("swap them, or remove one of them"));
    }
    match selection.limit {
        Some(0) => Err(Failure::usage("--limit must be at least 1")
            .hint("give the maximum number of URLs: `--limit 100`")),
        _ => Ok(()),
    }
}

/// `7d` as seven days ago; a date or time as itself.
fn moment(option: &str, text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    let forms = "give a time span or a time: `7d`, `12h`, `2026-12-24`, `2026-12-24T18:00:00Z`";
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage(format!("{option} `{text}` has no unit"))
            .hint(format!("add s, m, h, d or w: `{option} {text}d`")));
    }
    let is_span = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    if is_span {
        let seconds = parse_duration(option, text).map_err(|failure| failure.hint(forms))?;
        let span = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
        return span
            .and_then(|span| now.checked_sub_signed(span))
            .ok_or_else(|| {
                Failure::usage(format!("{option} `{text}` is too far back")).hint(forms)
            });
    }
    match read_time(text) {
        Err(TimeError::NoTime) => Err(Failure::usage(format!(
            "{option} `{text}` is neither a time span nor a time"
        ))
        .hint(forms)),
        Ok(_) | Err(TimeError::NoZone) => parse_time(option, text),
    }
}

/// Reads `500`, `500B`, `10KB` (10000 bytes), `5MiB` (5242880 bytes), up to `PB` and `PiB`, in
/// letters of either case.
///
/// # Errors
/// A sentence that names the option, the text, and the forms that are understood.
pub fn parse_size(option: &str, text: &str) -> Result<u64, Failure> {
    let refuse = |why: &str, hint: &str| {
        Err(Failure::usage(format!("{option} `{text}` {why}")).hint(hint.to_owned()))
    };
    let forms = "give bytes, or a whole number with KB, MB, GB, TB, PB or KiB, MiB, GiB, TiB, \
        PiB: `500`, `10KB`, `5MiB`";
    if text.starts_with('-') {
        return refuse("is negative", forms);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.to_ascii_uppercase();
    let exponent = unit
        .bytes()
        .next()
        .and_then(|first| b"KMGTP".iter().position(|letter| *letter == first));
    let exponent = exponent.and_then(|at| u32::try_from(at + 1).ok());
    let factor = match (exponent, unit.get(1..)) {
        _ if digits == 0 => return refuse("is not a size", forms),
        _ if unit.is_empty() || unit == "B" => 1,
        (Some(exponent), Some("B")) => 1000_u64.pow(exponent),
        (Some(exponent), Some("IB")) => 1024_u64.pow(exponent),
        (Some(_), Some("" | "I")) => {
            let letter = &unit[..1];
            return refuse(
                "could be one of two sizes",
                &format!(
                    "write `{number}{letter}B` for powers of 1000, `{number}{letter}iB` for \
                        powers of 1024"
                ),
            );
        }
        _ => return refuse("is not a size", forms),
    };
    match number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
    {
        Some(size) => Ok(size),
        None => refuse("is more than any object has", forms),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        parse_time("now", "2026-11-23T10:20:30Z").unwrap()
    }

    fn resolve(change: impl Fn(&mut RecursiveArgs)) -> Result<Selection, Failure> {
        let mut args = RecursiveArgs {
            recursive: true,
            ..RecursiveArgs::default()
        };
        change(&mut args);
        selection(&args, now())
    }

    #[test]
    fn sizes() {
        for (text, size) in [
            ("0", 0),
            ("500", 500),
            ("500B", 500),
            ("10KB", 10_000),
            ("10kib", 10_240),
            ("5MiB", 5 << 20),
            ("3GB", 3_000_000_000),
            ("18446744073709551615", u64::MAX),
            ("16383PiB", 16383 << 50),
        ] {
            assert_eq!(parse_size("--min-size", text), Ok(size), "{text}");
        }
        for text in [
            "",
            "MB",
            "-1",
            "+1",
            "1.5MB",
            "1 MB",
            "1XB",
            "1MBB",
            "10K",
            "10Mi",
            "18446744073709551616",
            "16384PiB",
            "20000PB",
            "١",
            "1é",
        ] {
            let failure = parse_size("--min-size", text).unwrap_err();
            assert!(
                failure.hint.is_some() && failure.message.contains(&format!("`{text}`")),
                "{failure}"
            );
        }
        for (text, why) in [
            ("MB", "is not a size"),
            ("1XB", "is not a size"),
            ("10K", "could be one of two sizes"),
            ("16384PiB", "is more than any object has"),
        ] {
            assert_eq!(
                parse_size("--min-size", text).unwrap_err().message,
                format!("--min-size `{text}` {why}")
            );
        }
        let failure = parse_size("--min-size", "10k").unwrap_err();
        assert_eq!(
            failure.hint.unwrap(),
            "write `10KB` for powers of 1000, `10KiB` for powers of 1024"
        );
    }

    #[test]
    fn times_are_spans_back_or_dates() {
        for (text, time) in [
            ("7d", "2026-11-16T10:20:30Z"),
            ("1h30m", "2026-11-23T08:50:30Z"),
            ("0s", "2026-11-23T10:20:30Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("20261101T000000Z", "2026-11-01T00:00:00Z"),
            ("2026-11-01T01:00:00+01:00", "2026-11-01T00:00:00Z"),
        ] {
            let newer = resolve(|args| args.newer_than = Some(text.into()))
                .unwrap()
                .newer_than;
            let older = resolve(|args| args.older_than = Some(text.into()))
                .unwrap()
                .older_than;
            assert_eq!(
                (newer, older),
                (
                    Some(parse_time("", time).unwrap()),
                    Some(parse_time("", time).unwrap())
                ),
                "{text}"
            );
        }
        for text in [
            "",
            "7",
            "-7d",
            "1y",
            "d7",
            "yesterday",
            "2026-11-01T00:00",
            "99999999999w",
            "99999999w",
            "2026-13-01",
        ] {
            let failure = resolve(|args| args.older_than = Some(text.into())).unwrap_err();
            assert!(
                failure.hint.is_some()
                    && failure.message.contains(&format!("--older-than `{text}`")),
                "{failure}"
            );
        }
    }

    #[test]
    fn everything_is_carried_over() {
        let selection = resolve(|args| {
            args.include = vec!["*.gz".into(), "-x".into()];
            args.exclude = vec!["tmp/*".into()];
            args.min_size = Some("1".into());
            args.max_size = Some("1".into());
            args.limit = Some(5);
        });
        let glob = |pattern: &str| Glob::new(pattern.as_bytes());
        let expected = Selection {
            include: vec![glob("*.gz"), glob("-x")],
            exclude: vec![glob("tmp/*")],
            min_size: Some(1),
            max_size: Some(1),
            limit: Some(5),
            ..Selection::default()
        };
        assert_eq!(selection, Ok(expected));
        assert_eq!(resolve(|_| ()), Ok(Selection::default()));
    }

    #[test]
    fn impossible_conditions_are_refused() {
        let set = |text: &str| Some(text.to_owned());
        for (args, said) in [
            (
                RecursiveArgs {
                    exclude: vec!["*".into()],
                    ..Default::default()
                },
                "--exclude `*` leaves no object",
            ),
            (
                RecursiveArgs {
                    include: vec!["".into()],
                    ..Default::default()
                },
                "--include is given an empty pattern",
            ),
            (
                RecursiveArgs {
                    newer_than: set("1d"),
                    older_than: set("7d"),
                    ..Default::default()
                },
                "no object is newer than `1d` and older than `7d`",
            ),
            (
                RecursiveArgs {
                    newer_than: set("7d"),
                    older_than: set("7d"),
                    ..Default::default()
                },
                "no object is newer than `7d` and older than `7d`",
            ),
            (
                RecursiveArgs {
                    newer_than: set("2027-01-01"),
                    ..Default::default()
                },
                "--newer-than `2027-01-01` is in the future",
            ),
            (
                RecursiveArgs {
                    min_size: set("1KB"),
                    max_size: set("999"),
                    ..Default::default()
                },
                "--min-size of 1000 bytes is more than --max-size of 999 bytes",
            ),
            (
                RecursiveArgs {
                    limit: Some(0),
                    ..Default::default()
                },
                "--limit must be at least 1",
            ),
        ] {
            let failure = selection(&args, now()).unwrap_err();
            assert!(
                failure.message.starts_with(said) && failure.hint.is_some(),
                "{failure}"
            );
        }
        assert!(
            resolve(|args| (args.newer_than, args.older_than) = (set("7d"), set("1d"))).is_ok()
        );
    }
}
