//! Verbs of other tools, options before the verb, and command lines without one.

use std::ffi::{OsStr, OsString};

use clap::{CommandFactory, Parser};

use super::{Cli, foreign};
use crate::error::Failure;
use crate::text::CommandLine;

/// Programs whose command lines people paste with the name in front.
const TOOLS: [&str; 9] = [
    "aws", "gcloud", "gsutil", "ibmcloud", "mc", "mcli", "rclone", "s3cmd", "s5cmd",
];

/// What other tools call our verbs.
const PHRASES: &[(&[&str], &str)] = &[
    (&["generate-presigned-url"], "get"),
    (&["generate_presigned_url"], "get"),
    (&["presign-url"], "get"),
    (&["presigned-url"], "get"),
    (&["s3", "presign"], "get"),
    (&["s3", "presigned-url"], "get"),
    (&["s3api", "presign"], "get"),
    (&["s3control", "presign"], "get"),
    (&["share", "download"], "get"),
    (&["share", "upload"], "put"),
    (&["signed-url"], "get"),
    (&["storage", "sign-url"], "get"),
];

/// Commands that send a request elsewhere, and the verb that signs one.
const REQUESTS: &[(&str, &str)] = &[
    ("cat", "get"),
    ("copy", "get"),
    ("cp", "get"),
    ("del", "delete"),
    ("delete-object", "delete"),
    ("download-file", "get"),
    ("get-object", "get"),
    ("head-object", "head"),
    ("info", "head"),
    ("list-objects", "list"),
    ("list-objects-v2", "list"),
    ("ls", "list"),
    ("move", "get"),
    ("mv", "get"),
    ("object-delete", "delete"),
    ("object-get", "get"),
    ("object-head", "head"),
    ("object-put", "put"),
    ("objects", "list"),
    ("put-object", "put"),
    ("remove", "delete"),
    ("rm", "delete"),
    ("stat", "head"),
    ("sync", "get"),
    ("upload-file", "put"),
];

/// Puts the verb first, and replaces the verbs of other tools by ours.
pub(super) fn with_our_verb(args: &[OsString]) -> Vec<OsString> {
    let mut args = args.to_vec();
    while word(&args, 1).is_some_and(|tool| TOOLS.contains(&tool)) && args.len() > 2 {
        args.remove(1);
    }
    match (word(&args, 1), word(&args, 2)) {
        (Some("help" | "--help" | "-h"), _) if args.len() > 2 => {
            args.remove(1);
            args = with_our_verb(&args);
            args.truncate(2);
            args.push("--help".into());
        }
        (Some("help"), _) => args[1] = "--help".into(),
        (Some("version" | "-v"), None) => args[1] = "--version".into(),
        (Some(verb), Some("help")) if args.len() == 3 && needs_an_object(verb) => {
            args[2] = "--help".into();
        }
        (Some(_), Some("--version")) if args.len() == 3 => {
            args.remove(1);
        }
        (Some("signurl"), _) => s3cmd_expiry(&mut args),
        (Some("-h" | "--help" | "-V" | "--version"), _) => {}
        (Some(first), _) if first.starts_with('-') => return verb_first(args),
        _ => {
            if let Some((words, verb)) = phrase_at(&args, 1) {
                args.splice(1..=words, [verb.into()]);
            }
        }
    }
    args
}

fn word(args: &[OsString], at: usize) -> Option<&str> {
    args.get(at)?.to_str()
}

/// Verbs to which a bare word is no object.
fn needs_an_object(verb: &str) -> bool {
    matches!(
        verb,
        "get"
            | "presign"
            | "put"
            | "head"
            | "delete"
            | "post"
            | "multipart"
            | "inspect"
            | "diagnose"
            | "verify"
    )
}

/// The verb of another tool at a place: the number of its words, and ours.
fn phrase_at(args: &[OsString], at: usize) -> Option<(usize, &'static str)> {
    let is_here = |words: &[&str]| {
        let mut words = words.iter().enumerate();
        words.all(|(step, expected)| word(args, at + step) == Some(*expected))
    };
    let (words, verb) = PHRASES.iter().find(|(words, _)| is_here(words))?;
    Some((words.len(), *verb))
}

/// `s3cmd signurl s3://bucket/key +3600`: a word behind the TARGET is a duration or a time.
fn s3cmd_expiry(args: &mut Vec<OsString>) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    for at in 3..args.len() {
        let text = args[at].to_str().unwrap_or_default();
        let option = match text.strip_prefix('+') {
            Some(rest) if is_number(rest) => "--expires",
            None if is_number(text) && text.len() >= 9 => "--until",
            _ => continue,
        };
        // It may be the value of an option.
        if !word(args, at - 1).is_some_and(|before| before.starts_with('-')) {
            args.insert(at, option.into());
            return;
        }
    }
}

/// Moves the options before the verb behind it. The value of an option may be the name of a verb,
/// so the verb is the word with which the command line parses.
fn verb_first(args: Vec<OsString>) -> Vec<OsString> {
    let words_at = |at: usize| match phrase_at(&args, at) {
        Some((words, verb)) => Some((words, OsString::from(verb))),
        None => is_verb(&args[at]).then(|| (1, args[at].clone())),
    };
    let moved = |at: usize| -> Vec<OsString> {
        let (words, verb) = words_at(at).unwrap_or((1, args[at].clone()));
        let before = args[1..at].iter().cloned();
        let behind = args[at + words..].iter().cloned();
        [args[0].clone(), verb]
            .into_iter()
            .chain(before)
            .chain(behind)
            .collect()
    };
    let places: Vec<usize> = (2..args.len())
        .filter(|at| words_at(*at).is_some())
        .collect();
    let readable = places
        .iter()
        .find(|at| Cli::try_parse_from(moved(**at)).is_ok());
    match readable.or(places.first()) {
        Some(at) => moved(*at),
        None => args,
    }
}

/// Whether a word is one of our verbs.
pub fn is_verb(word: &OsStr) -> bool {
    let command = Cli::command();
    let is = |name: &str| word == name;
    command
        .get_subcommands()
        .any(|verb| is(verb.get_name()) || verb.get_all_aliases().any(is))
}

/// What to type instead of a command line whose first word is not a verb.
pub(super) fn without_verb(args: &[OsString], guess: Option<&str>) -> Option<Failure> {
    let first = word(args, 1).unwrap_or_default();
    if first.is_empty() || is_verb(&args[1]) {
        return None;
    }
    if is_presigned(first) {
        return Some(Failure::usage("a presigned URL is not a command").hint(
            "`cos-presign inspect 'URL'` decodes it, `cos-presign diagnose 'URL'` explains a \
             refusal",
        ));
    }
    let message = match first.starts_with('-') {
        true => "no command is given".to_owned(),
        false => format!("`{}` is not a command", shown(first)),
    };
    let failure = Failure::usage(message);
    if let Some(failure) = request_of_another(args) {
        return Some(failure);
    }
    if let Some(verb) = guess {
        let mut words = args.to_vec();
        words[1] = verb.into();
        return Some(failure.hint(format!("did you mean `{}`?", command_line(&words))));
    }
    let has_target = match first.starts_with('-') {
        true => args[2..].iter().any(|word| is_object(word)),
        false => is_object(&args[1]),
    };
    Some(failure.hint(match has_target {
        true => {
            let mut words = args.to_vec();
            words.insert(1, "get".into());
            format!("for a download: `{}`", command_line(&words))
        }
        false => "`cos-presign --help` lists the commands".to_owned(),
    }))
}

/// The commands of other tools that send requests: `aws s3 ls`, `mc cp`.
fn request_of_another(args: &[OsString]) -> Option<Failure> {
    let groups = [
        "s3",
        "s3api",
        "s3control",
        "storage",
        "cos",
        "object",
        "objects",
    ];
    let at = match word(args, 1) {
        Some(group) if groups.contains(&group) => 2,
        _ => 1,
    };
    let typed = word(args, at)?;
    let name = match at {
        1 => typed.to_owned(),
        _ => format!("{} {typed}", word(args, 1).unwrap_or_default()),
    };
    let failure = Failure::usage(format!("`{}` is not a command", shown(&name)));
    let &(_, verb) = REQUESTS.iter().find(|(name, _)| *name == typed)?;
    let mut words = vec![args[0].clone(), verb.into()];
    let rest = &args[at + 1..];
    let places: Vec<&OsString> = rest
        .iter()
        .filter(|word| !word.to_string_lossy().starts_with('-'))
        .collect();
    if matches!(typed, "cp" | "copy" | "mv" | "move" | "sync")
        && let [source, target, ..] = places[..]
    {
        return Some(failure.hint(match is_url(source) {
            true => format!(
                "the URL of a download is printed by `{}`",
                command_line(&[args[0].clone(), "get".into(), source.clone()])
            ),
            false => format!(
                "files are uploaded by `{}`",
                command_line(&[
                    args[0].clone(),
                    "share".into(),
                    source.clone(),
                    target.clone()
                ])
            ),
        }));
    }
    words.extend_from_slice(rest);
    Some(failure.hint(format!(
        "the URL of such a request is printed by `{}`",
        command_line(&words)
    )))
}

fn is_object(word: &OsStr) -> bool {
    let text = word.to_string_lossy();
    !text.starts_with('-') && text.contains('/')
}

fn is_url(word: &OsStr) -> bool {
    word.to_string_lossy().contains("://")
}

fn is_presigned(text: &str) -> bool {
    ["X-Amz-Signature=", "X-Amz-Credential=", "Signature="]
        .iter()
        .any(|name| text.contains(name))
}

/// A word for a message.
fn shown(word: &str) -> String {
    match holds_a_secret(word) {
        true => "…".to_owned(),
        false => word.escape_debug().to_string(),
    }
}

/// Whether a typed word may hold a secret: a connection string, a URL with a password or a
/// signature.
fn holds_a_secret(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    is_presigned(word)
        || ["secret", "token", "password", "key="]
            .iter()
            .any(|name| lower.contains(name))
        || lower
            .split_once("://")
            .is_some_and(|(_, rest)| rest.split('/').next().unwrap_or(rest).contains('@'))
}

/// The words as a command for hints, quoted for the shell. Secrets that were typed are omitted.
pub(super) fn command_line(words: &[OsString]) -> String {
    let mut line = CommandLine::new("cos-presign");
    let mut words = words[1..].iter().peekable();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let name = text.split('=').next().unwrap_or_default();
        if foreign::is_secret(name) {
            let has_own_value = !text.contains('=');
            words.next_if(|next| has_own_value && !next.to_string_lossy().starts_with('-'));
            continue;
        }
        if holds_a_secret(&text) && !text.starts_with('-') {
            line = line.fixed("TARGET");
            continue;
        }
        let bytes = word.as_encoded_bytes();
        // `request METHOD` replaces a verb that was typed as one word.
        line = match bytes.strip_prefix(b"request ") {
            Some(method) => line.typed("request").typed(method),
            None => line.typed(bytes),
        };
    }
    line.to_string()
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
            ("c aws s3 presign s3://b/k", "c get s3://b/k"),
            (
                "c aws --profile p s3 presign s3://b/k",
                "c get --profile p s3://b/k",
            ),
            ("c mc share download a/b/k", "c get a/b/k"),
            ("c share download a/b/k", "c get a/b/k"),
            ("c share upload a/b/k", "c put a/b/k"),
            ("c storage sign-url gs://b/k", "c get gs://b/k"),
            ("c presigned-url b/k", "c get b/k"),
            ("c help get", "c get --help"),
            ("c help s3 presign", "c get --help"),
            ("c --help get", "c get --help"),
            ("c get help", "c get --help"),
            ("c list help", "c list help"),
            ("c help", "c --help"),
            ("c version", "c --version"),
            ("c -v", "c --version"),
            ("c get --version", "c --version"),
            (
                "c signurl s3://b/k +3600",
                "c signurl s3://b/k --expires +3600",
            ),
            (
                "c signurl s3://b/k +3600 --region r",
                "c signurl s3://b/k --expires +3600 --region r",
            ),
            (
                "c signurl s3://b/k --expires +3600",
                "c signurl s3://b/k --expires +3600",
            ),
            (
                "c s3cmd signurl s3://b/k 1790000000",
                "c signurl s3://b/k --until 1790000000",
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
            let once = with_our_verb(&words(typed));
            assert_eq!(once, words(ours), "{typed}");
        }
    }

    #[test]
    fn command_lines_without_a_verb_are_answered_with_one() {
        for (typed, message, hint) in [
            (
                "c b/k --region r",
                "`b/k` is not a command",
                "for a download: `cos-presign get b/k --region r`",
            ),
            (
                "c --region r b/k",
                "no command is given",
                "for a download: `cos-presign get --region r b/k`",
            ),
            (
                "c --region r",
                "no command is given",
                "`cos-presign --help` lists the commands",
            ),
            (
                "c nonsense",
                "`nonsense` is not a command",
                "`cos-presign --help` lists the commands",
            ),
            (
                "c s3 ls s3://b --profile p",
                "`s3 ls` is not a command",
                "the URL of such a request is printed by `cos-presign list s3://b --profile p`",
            ),
            (
                "c s3api get-object --bucket b --key k",
                "`s3api get-object` is not a command",
                "the URL of such a request is printed by `cos-presign get --bucket b --key k`",
            ),
            (
                "c cp a.txt s3://b/k",
                "`cp` is not a command",
                "files are uploaded by `cos-presign share a.txt s3://b/k`",
            ),
            (
                "c s3 cp s3://b/k a.txt",
                "`s3 cp` is not a command",
                "the URL of a download is printed by `cos-presign get s3://b/k`",
            ),
            (
                "c b/k --secret-key wJalr --json",
                "`b/k` is not a command",
                "for a download: `cos-presign get b/k --json`",
            ),
            (
                "c :s3,secret_access_key=wJalr:b/k",
                "`…` is not a command",
                "for a download: `cos-presign get TARGET`",
            ),
        ] {
            let failure = without_verb(&words(typed), None).expect(typed);
            assert_eq!(failure.message, message, "{typed}");
            assert_eq!(failure.hint.as_deref(), Some(hint), "{typed}");
        }
        assert_eq!(without_verb(&words("c get b/k"), None), None);
        let url = without_verb(&words("c https://h/b/k?X-Amz-Signature=abc"), None);
        let url = url.expect("no verb");
        assert!(!format!("{url:?}").contains("abc"), "{url:?}");
    }
}
