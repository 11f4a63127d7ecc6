//! The whole contract of the command line: exit code, standard output, standard error.
//!
//! `tests/golden/GROUP/NAME.toml` is one command that succeeds, or help (`TRYCMD=overwrite` writes what the program says);
//! `tests/golden/refusals.txt` has all that are refused on one page. What needs raw bytes, pipes or two runs is below.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::{DateTime, Utc};
use clap::CommandFactory;
use cos_presign::cli::Cli;
use cos_presign::diagnosis::{CODES, explanation};
use cos_presign::env::Env;

const GOLDEN: &str = "tests/golden";
const FIXTURES: &str = "tests/golden/fixtures";
const REFUSALS: &str = "tests/golden/refusals.txt";

/// The key pair of Amazon's documentation.
const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
];

#[test]
fn commands_print_what_their_files_say() {
    trycmd::TestCases::new().case("tests/golden/*/*.toml");
}

// Refusals

struct Refusal {
    /// As it stands behind `$ `.
    command: String,
    keys: bool,
    variables: Vec<(String, String)>,
    args: Vec<String>,
    code: i32,
    stderr: String,
}

fn refusals() -> Vec<Refusal> {
    let page = fs::read_to_string(REFUSALS).unwrap();
    let blocks = page
        .split("\n\n")
        .filter_map(|block| block.strip_prefix("$ "));
    blocks
        .map(|block| {
            let (command, rest) = block.split_once('\n').unwrap();
            let (code, stderr) = rest.split_once('\n').unwrap();
            let mut words = split_words(command);
            let keys = words.first().is_none_or(|word| word != "nokeys");
            let program = words.iter().position(|word| word == "cos-presign").unwrap();
            let args = words.split_off(program + 1);
            let variables = words[usize::from(!keys)..program].iter();
            Refusal {
                command: command.to_owned(),
                keys,
                variables: variables
                    .map(|w| w.split_once('=').unwrap())
                    .map(|(n, v)| (n.to_owned(), v.to_owned()))
                    .collect(),
                args,
                code: code.parse().unwrap(),
                stderr: format!("{}\n", stderr.trim_end()),
            }
        })
        .collect()
}

/// Words as a shell makes them; `\n` is a line break.
fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.replace("\\n", "\n").chars() {
        match quote {
            Some(q) if c == q => quote = None,
            None if c == ' ' => words.extend(word.take()),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Whether a text is the expected one, in which `[..]` stands for anything.
fn matches(expected: &str, text: &str) -> bool {
    let mut rest = text;
    let mut parts = expected.split("[..]");
    match parts.next().and_then(|first| rest.strip_prefix(first)) {
        Some(tail) => rest = tail,
        None => return false,
    }
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

#[test]
fn refusals_say_what_the_page_says() {
    let mut page = fs::read_to_string(REFUSALS).unwrap();
    let overwrite = std::env::var_os("GOLDEN").is_some_and(|mode| mode == "overwrite");
    let mut wrong = Vec::new();
    let refusals = refusals();
    assert!(refusals.len() > 100, "{}", refusals.len());
    for refusal in &refusals {
        let mut command = program();
        command
            .current_dir(FIXTURES)
            .stdin(Stdio::null())
            .args(&refusal.args);
        if refusal.keys {
            command.envs(KEYS);
        }
        let output = command
            .envs(refusal.variables.iter().map(|(n, v)| (n, v)))
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        let stderr = with_slashes(&text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{}", refusal.command);
        if code == refusal.code && matches(&refusal.stderr, &stderr) {
            continue;
        }
        let block = |code: i32, stderr: &str| format!("$ {}\n{code}\n{stderr}", refusal.command);
        if overwrite {
            page = page.replace(&block(refusal.code, &refusal.stderr), &block(code, &stderr));
        } else {
            wrong.push(format!(
                "expected\n{}found\n{}",
                block(refusal.code, &refusal.stderr),
                block(code, &stderr)
            ));
        }
    }
    if overwrite {
        fs::write(REFUSALS, page).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each refusal is one sentence and a way out, in the form in which people know them.
#[test]
fn refusals_have_the_form_of_a_refusal() {
    for refusal in refusals() {
        let lines: Vec<&str> = refusal.stderr.lines().collect();
        let [error, hint] = lines[..] else {
            panic!("not two lines: {}", refusal.stderr)
        };
        let sentence = error.strip_prefix("error: ").expect("an error");
        let way_out = hint.strip_prefix("hint: ").expect("a hint");
        assert!(
            !sentence.is_empty() && !way_out.is_empty(),
            "{}",
            refusal.stderr
        );
        assert!(
            !sentence.ends_with('.') && !way_out.ends_with('.'),
            "a period at the end: {}",
            refusal.stderr
        );
        assert!(
            matches!(refusal.code, 2..=4),
            "{}: {}",
            refusal.command,
            refusal.code
        );
    }
}

// The table of options

#[test]
fn every_option_has_help_and_a_value_name() {
    let mut count = 0;
    for (verb, arg) in options() {
        let name = arg.get_id();
        assert!(
            arg.get_help()
                .is_some_and(|help| !help.to_string().is_empty()),
            "{verb} {name} has no help"
        );
        if arg.get_action().takes_values() {
            // Where none is given the parser makes one of the name of the field: `CHECKSUM_SHA1`.
            let names = arg.get_value_names().unwrap_or_default();
            assert!(
                names.len() == 1 && !names[0].contains('_'),
                "{verb} {name} has no value name: {names:?}"
            );
        }
        count += 1;
    }
    assert!(count > 150, "{count}");
}

#[test]
fn every_option_of_every_verb_is_in_a_golden_case() {
    let mut commands: Vec<Vec<String>> =
        refusals().into_iter().map(|refusal| refusal.args).collect();
    for case in cases() {
        let file = fs::read_to_string(&case).unwrap();
        let line = file
            .lines()
            .find_map(|line| line.strip_prefix("args = "))
            .unwrap();
        // One line of basic strings reads the same as TOML and as JSON.
        commands.push(
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}: {error}", case.display())),
        );
    }
    for (verb, arg) in options() {
        let long = format!("--{}", arg.get_long().unwrap());
        let used = commands
            .iter()
            .any(|args| args.first() == Some(&verb) && args.contains(&long));
        assert!(used, "no case of `{verb}` uses {long}");
    }
}

/// Option, what is common to both command lines, what the one has, what the other has instead.
const SAMPLES: &[(&str, &str, &str, &str)] = &[
    (
        "access-key-id",
        OBJECT,
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    ("acl", OBJECT, "", "--acl private"),
    ("addressing", OBJECT, "", "--addressing virtual"),
    ("align", OBJECT, "", "--align 1h"),
    ("at", OBJECT, "", "--at 2014-01-01"),
    ("backdate", OBJECT, "", "--backdate 5m"),
    (
        "bucket",
        "--region us-south",
        "my-bucket/k",
        "--bucket other-bucket --key k",
    ),
    ("checksum-crc32", OBJECT, "", "--checksum-crc32 AAAAAA=="),
    ("checksum-crc32c", OBJECT, "", "--checksum-crc32c AAAAAA=="),
    (
        "checksum-crc64nvme",
        OBJECT,
        "",
        "--checksum-crc64nvme AAAAAAAAAAA=",
    ),
    (
        "checksum-sha1",
        OBJECT,
        "",
        "--checksum-sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    ),
    (
        "checksum-sha256",
        OBJECT,
        "",
        "--checksum-sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ),
    (
        "content-md5",
        OBJECT,
        "",
        "--content-md5 1B2M2Y8AsgTpgAmY7PhCfg==",
    ),
    ("content-type", OBJECT, "", "--content-type text/plain"),
    ("continuation-token", OBJECT, "", "--continuation-token x"),
    ("delimiter", OBJECT, "", "--delimiter /"),
    ("download-as", OBJECT, "", "--download-as a.pdf"),
    ("endpoint", OBJECT, "", "--endpoint https://s3.example.com"),
    ("expires", OBJECT, "", "--expires 5m"),
    (
        "fail-fast",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/crlf.txt",
        "",
        "--fail-fast",
    ),
    ("header", OBJECT, "", "--header X-Foo:bar"),
    (
        "input",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/keys.jsonl",
        "",
        "--input jsonl",
    ),
    ("inline", OBJECT, "", "--inline"),
    ("json", OBJECT, "", "--json"),
    (
        "key-column",
        "my-bucket --region us-south --input tsv --keys-from FIXTURES/bulk/keys.tsv",
        "",
        "--key-column name",
    ),
    (
        "keys-from",
        "my-bucket/k --region us-south",
        "",
        "--keys-from FIXTURES/bulk/keys.txt",
    ),
    (
        "key",
        "--region us-south --bucket my-bucket",
        "--key j",
        "--key k",
    ),
    ("max-keys", OBJECT, "", "--max-keys 5"),
    ("metadata", OBJECT, "", "--metadata a=b"),
    ("network", OBJECT, "", "--network private"),
    (
        "null",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/keys.nul",
        "",
        "--null",
    ),
    ("output", OBJECT, "", "--output curl"),
    (
        "output-file",
        OBJECT,
        "",
        "--output-file FIXTURES/secret/plain",
    ),
    (
        "path-encoding",
        "https://h.example/a%20b --service x --region r",
        "",
        "--path-encoding once",
    ),
    (
        "path-mode",
        "https://h.example/a/../b --service x --region r",
        "",
        "--path-mode raw",
    ),
    ("payload-hash", OBJECT, "", "--payload-hash empty"),
    ("prefix", "my-bucket --region us-south", "", "--prefix a"),
    ("credentials-from", OBJECT, "", "--credentials-from aws"),
    ("profile", OBJECT, "", "--profile ibm"),
    (
        "strict",
        "my-bucket/k --region us-south --profile short-lived",
        "",
        "--strict",
    ),
    (
        "provider",
        "my-bucket/k --region us-east-1",
        "",
        "--provider wasabi",
    ),
    (
        "public-endpoint",
        OBJECT,
        "",
        "--public-endpoint https://files.example.com",
    ),
    ("query", OBJECT, "", "--query a=b"),
    (
        "quiet",
        "my-bucket/k --region us-south --header X-Foo:bar",
        "",
        "--quiet",
    ),
    (
        "region",
        "my-bucket/k --endpoint https://s3.example.com",
        "",
        "--region r1",
    ),
    ("requester-pays", OBJECT, "", "--requester-pays"),
    (
        "response-cache-control",
        OBJECT,
        "",
        "--response-cache-control no-cache",
    ),
    (
        "response-content-disposition",
        OBJECT,
        "",
        "--response-content-disposition inline",
    ),
    (
        "response-content-encoding",
        OBJECT,
        "",
        "--response-content-encoding gzip",
    ),
    (
        "response-content-language",
        OBJECT,
        "",
        "--response-content-language de",
    ),
    ("region-set", OBJECT, "", "--region-set *"),
    (
        "response-content-type",
        OBJECT,
        "",
        "--response-content-type text/plain",
    ),
    ("response-expires", OBJECT, "", "--response-expires 0"),
    (
        "secret-file",
        IDENTIFIED,
        "--secret-file FIXTURES/secret/plain",
        "--secret-file FIXTURES/secret/token",
    ),
    (
        "service",
        "https://h.example/my-bucket/k --region r",
        "",
        "--service iam",
    ),
    (
        "service-credential",
        OBJECT,
        "",
        "--service-credential FIXTURES/ibm/object.json",
    ),
    (
        "session-token-file",
        WITH_SECRET,
        "",
        "--session-token-file FIXTURES/secret/token",
    ),
    (
        "session-token-mode",
        OBJECT,
        "",
        "--session-token-mode after",
    ),
    ("sse", OBJECT, "", "--sse AES256"),
    (
        "sse-c-key-file",
        OBJECT,
        "",
        "--sse-c-key-file FIXTURES/sse-c/raw.key",
    ),
    (
        "sse-kms-key-id",
        "my-bucket/k --region us-south --sse aws:kms",
        "",
        "--sse-kms-key-id x",
    ),
    ("start-after", OBJECT, "", "--start-after a"),
    ("storage-class", OBJECT, "", "--storage-class STANDARD_IA"),
    (
        "summary",
        "my-bucket --region us-south --keys-from FIXTURES/bulk/keys.txt",
        "",
        "--summary",
    ),
    (
        "timeout",
        "my-bucket/k --endpoint http://SERVER --region r --verify",
        "",
        "--timeout 0",
    ),
    ("until", OBJECT, "", "--until 2013-05-25"),
    (
        "url-column",
        "my-bucket --region us-south --input tsv --keys-from FIXTURES/bulk/keys.tsv",
        "",
        "--url-column link",
    ),
    (
        "upload-file",
        "my-bucket/k --region us-south --output curl",
        "--upload-file a",
        "--upload-file b",
    ),
    ("verbose", OBJECT, "", "--verbose"),
    (
        "verify",
        "my-bucket/k --endpoint http://SERVER --region r",
        "",
        "--verify",
    ),
    ("version-id", OBJECT, "", "--version-id 1"),
];

/// What a listing is asked is seen by a store, in `bulk.rs`; so is that the number of threads changes nothing.
const SEEN_ELSEWHERE: [&str; 9] = [
    "exclude",
    "include",
    "jobs",
    "limit",
    "max-size",
    "min-size",
    "newer-than",
    "older-than",
    "recursive",
];

const OBJECT: &str = "my-bucket/k --region us-south";
const IDENTIFIED: &str = "my-bucket/k --region us-south --access-key-id OTHER";
const WITH_SECRET: &str =
    "my-bucket/k --region us-south --access-key-id OTHER --secret-file FIXTURES/secret/plain";

/// Amazon's documented link.
const LINK: &str = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

/// What a verb cannot do without.
const NEEDED: &[(&str, &str)] = &[
    ("multipart", "--size 5MiB --upload-id x"),
    ("cors", "--origin https://a.example"),
];

const FORM: &str = "my-bucket/k --region us-south";
const RULES: &str = "my-bucket --region us-south --output curl";

/// Where an option means something else for one verb, or only that verb has it.
const OWN_SAMPLES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "put",
        "from-file",
        OBJECT,
        "",
        "--from-file FIXTURES/upload/note.txt",
    ),
    ("put", "if-none-match", OBJECT, "", "--if-none-match *"),
    (
        "put",
        "message",
        "my-bucket/k --region us-south --output html",
        "",
        "--message Hello",
    ),
    (
        "put",
        "pin-content",
        "my-bucket/k --region us-south --from-file FIXTURES/upload/note.txt",
        "",
        "--pin-content",
    ),
    (
        "put",
        "title",
        "my-bucket/k --region us-south --output html",
        "",
        "--title Hello",
    ),
    (
        "post",
        "condition",
        FORM,
        "",
        "--condition {\"acl\":\"private\"}",
    ),
    ("post", "field", FORM, "", "--field acl=private"),
    ("post", "json", FORM, "--output html", "--json"),
    ("post", "max-size", FORM, "", "--max-size 5MB"),
    (
        "post",
        "message",
        "my-bucket/k --region us-south --output html",
        "",
        "--message Hello",
    ),
    ("post", "min-size", FORM, "", "--min-size 5"),
    (
        "post",
        "policy",
        "sigv4examplebucket/user/user1/ --endpoint https://s3.example.com --region us-east-1 --field x-amz-meta-tag=",
        "",
        "--policy FIXTURES/policy/amazon.json",
    ),
    ("post", "quiet", FORM, "", "--quiet"),
    (
        "post",
        "starts-with",
        FORM,
        "",
        "--starts-with x-amz-meta-from=",
    ),
    (
        "post",
        "success-redirect",
        FORM,
        "",
        "--success-redirect https://a.example/thanks",
    ),
    ("post", "success-status", FORM, "", "--success-status 201"),
    (
        "post",
        "title",
        "my-bucket/k --region us-south --output html",
        "",
        "--title Hello",
    ),
    (
        "multipart",
        "content-type",
        "my-bucket/k --region us-south --only create",
        "",
        "--content-type text/plain",
    ),
    (
        "multipart",
        "acl",
        "my-bucket/k --region us-south --only create",
        "",
        "--acl private",
    ),
    (
        "multipart",
        "metadata",
        "my-bucket/k --region us-south --only create",
        "",
        "--metadata a=b",
    ),
    (
        "multipart",
        "storage-class",
        "my-bucket/k --region us-south --only create",
        "",
        "--storage-class STANDARD_IA",
    ),
    (
        "multipart",
        "sse",
        "my-bucket/k --region us-south --only create",
        "",
        "--sse AES256",
    ),
    (
        "multipart",
        "sse-kms-key-id",
        "my-bucket/k --region us-south --only create --sse aws:kms",
        "",
        "--sse-kms-key-id x",
    ),
    (
        "multipart",
        "from-file",
        "my-bucket/k --region us-south --upload-id x",
        "--size 6MiB",
        "--from-file FIXTURES/upload/note.txt",
    ),
    ("multipart", "json", OBJECT, "--output sh", "--json"),
    (
        "multipart",
        "message",
        "my-bucket/k --region us-south --output html",
        "",
        "--message Hello",
    ),
    (
        "multipart",
        "title",
        "my-bucket/k --region us-south --output html",
        "",
        "--title Hello",
    ),
    (
        "multipart",
        "only",
        OBJECT,
        "--size 5MiB --upload-id x",
        "--only create",
    ),
    ("multipart", "output", OBJECT, "", "--output sh"),
    ("multipart", "part-size", OBJECT, "", "--part-size 6MiB"),
    (
        "multipart",
        "quiet",
        "my-bucket/k --endpoint http://s3.example.com --region r",
        "",
        "--quiet",
    ),
    (
        "multipart",
        "size",
        "my-bucket/k --region us-south --upload-id x",
        "--size 6MiB",
        "--size 7MiB",
    ),
    (
        "multipart",
        "upload-id",
        "my-bucket/k --region us-south --size 5MiB",
        "--upload-id x",
        "--upload-id y",
    ),
    (
        "cors",
        "access-key-id",
        RULES,
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    ("cors", "addressing", RULES, "", "--addressing virtual"),
    (
        "cors",
        "allow-header",
        RULES,
        "",
        "--allow-header content-type",
    ),
    (
        "cors",
        "endpoint",
        RULES,
        "",
        "--endpoint https://s3.example.com",
    ),
    (
        "cors",
        "expose-header",
        RULES,
        "",
        "--expose-header x-amz-version-id",
    ),
    ("cors", "max-age", RULES, "", "--max-age 5m"),
    ("cors", "method", RULES, "", "--method GET"),
    ("cors", "network", RULES, "", "--network private"),
    ("cors", "origin", RULES, "", "--origin https://b.example"),
    (
        "cors",
        "output",
        "my-bucket --region us-south",
        "",
        "--output xml",
    ),
    (
        "cors",
        "credentials-from",
        RULES,
        "",
        "--credentials-from aws",
    ),
    ("cors", "profile", RULES, "", "--profile ibm"),
    (
        "cors",
        "provider",
        "my-bucket --region us-east-1 --output curl",
        "",
        "--provider wasabi",
    ),
    (
        "cors",
        "public-endpoint",
        RULES,
        "",
        "--public-endpoint https://files.example.com",
    ),
    ("cors", "quiet", RULES, "", "--quiet"),
    (
        "cors",
        "region",
        "my-bucket --endpoint https://s3.example.com --output curl",
        "",
        "--region r1",
    ),
    (
        "cors",
        "secret-file",
        "my-bucket --region us-south --output curl --access-key-id OTHER",
        "--secret-file FIXTURES/secret/plain",
        "--secret-file FIXTURES/secret/token",
    ),
    (
        "cors",
        "service-credential",
        RULES,
        "",
        "--service-credential FIXTURES/ibm/object.json",
    ),
    (
        "cors",
        "session-token-file",
        "my-bucket --region us-south --output curl --access-key-id OTHER --secret-file FIXTURES/secret/plain",
        "",
        "--session-token-file FIXTURES/secret/token",
    ),
];

/// Verbs that make no link.
const REPORTS: [&str; 11] = [
    "completions",
    "config",
    "inspect",
    "diagnose",
    "doctor",
    "verify",
    "upload",
    "download",
    "man",
    "stores",
    "explain",
];

/// Verbs that report, likewise; `LINK` stands for the link, `OTHERHOST` for one whose host was
/// exchanged and `NOTOKEN` for one that lost its session token
/// and `OTHERKEY` for one with the access key id of somebody else. What
/// `verify` does with its options is seen by servers, in `verify.rs`; what `upload` and `download` do, in
/// `transfer.rs`, and what `doctor` does, in `doctor.rs`.
const REPORT_SAMPLES: &[(&str, &str, &str, &str, &str)] = &[
    ("inspect", "at", "LINK", "", "--at 2013-05-26"),
    (
        "inspect",
        "expires-within",
        "LINK",
        "",
        "--expires-within 2d",
    ),
    ("inspect", "json", "LINK", "", "--json"),
    ("inspect", "output", "LINK", "", "--output json"),
    ("inspect", "repair", "LINK", "", "--repair"),
    (
        "diagnose",
        "access-key-id",
        "OTHERKEY",
        "",
        "--access-key-id OTHER --secret-file FIXTURES/secret/plain",
    ),
    ("diagnose", "at", "LINK", "", "--at 2013-05-26"),
    (
        "diagnose",
        "endpoint",
        "OTHERHOST",
        "",
        "--endpoint http://store.internal:9123",
    ),
    (
        "diagnose",
        "header",
        "LINK",
        "",
        "--header x-amz-acl:private",
    ),
    ("diagnose", "host", "LINK", "", "--host minio:9000"),
    ("diagnose", "json", "LINK", "", "--json"),
    ("diagnose", "method", "LINK", "", "--method PUT"),
    ("diagnose", "output", "LINK", "", "--output json"),
    (
        "diagnose",
        "credentials-from",
        "LINK --at 2013-05-24",
        "",
        "--credentials-from aws --profile only-token",
    ),
    (
        "diagnose",
        "profile",
        "LINK --at 2013-05-24",
        "--profile ibm",
        "--profile only-token",
    ),
    (
        "diagnose",
        "response",
        "LINK",
        "",
        "--response FIXTURES/answers/redirect.txt",
    ),
    (
        "diagnose",
        "secret-file",
        "LINK --access-key-id AKIAIOSFODNN7EXAMPLE",
        "--secret-file FIXTURES/secret/plain",
        "--secret-file FIXTURES/secret/token",
    ),
    (
        "diagnose",
        "server-date",
        "LINK",
        "",
        "--server-date 2013-05-26",
    ),
    (
        "diagnose",
        "service-credential",
        "OTHERKEY",
        "",
        "--service-credential FIXTURES/ibm/object.json",
    ),
    (
        "diagnose",
        "session-token-file",
        "NOTOKEN --access-key-id AKIAIOSFODNN7EXAMPLE --secret-file FIXTURES/secret/plain",
        "",
        "--session-token-file FIXTURES/secret/token",
    ),
    ("diagnose", "status", "LINK", "", "--status 404"),
    (
        "diagnose",
        "try-all-profiles",
        "OTHERKEY --service-credential FIXTURES/ibm/object.json",
        "",
        "--try-all-profiles",
    ),
    ("explain", "json", "expired", "", "--json"),
    ("explain", "output", "expired", "", "--output json"),
    ("config", "json", "", "", "--json"),
    ("config", "output", "", "", "--output json"),
    ("stores", "json", "ibm", "", "--json"),
    ("stores", "output", "ibm", "", "--output json"),
];

#[test]
fn every_option_of_a_report_changes_what_comes_out() {
    let linked = |args: &str| {
        in_process(args.split(' ').map(str::to_owned))
            .1
            .trim()
            .to_owned()
    };
    let internal =
        linked("get my-bucket/k --endpoint http://store.internal:9123 --region us-east-1 --quiet");
    let other_host = internal.replace("http://store.internal:9123", "https://files.example.com");
    let keys =
        format!("--access-key-id AKIAIOSFODNN7EXAMPLE --secret-file {FIXTURES}/secret/plain");
    let with_token = linked(&format!(
        "get my-bucket/k --region us-south --quiet {keys} --session-token-file {FIXTURES}/secret/token"
    ));
    let other_key = linked(&format!(
        "get my-bucket/k --region us-south --quiet {}",
        keys.replace("AKIAIOSFODNN7EXAMPLE", "OTHER")
    ));
    let (front, rest) = with_token.split_once("&X-Amz-Security-Token=").unwrap();
    let no_token = format!("{front}&{}", rest.split_once('&').unwrap().1);
    for (verb, arg) in options() {
        let option = arg.get_long().unwrap();
        if !matches!(
            verb.as_str(),
            "config" | "inspect" | "diagnose" | "explain" | "stores"
        ) {
            continue;
        }
        let sample = REPORT_SAMPLES
            .iter()
            .find(|(of, name, ..)| *of == verb && *name == option);
        let (_, _, common, one, other) =
            sample.unwrap_or_else(|| panic!("{verb} --{option} has no sample in this test"));
        let run = |own: &str| {
            let words = common
                .split(' ')
                .chain(own.split(' '))
                .filter(|word| !word.is_empty())
                .map(|word| match word {
                    "LINK" => LINK.to_owned(),
                    "OTHERHOST" => other_host.clone(),
                    "NOTOKEN" => no_token.clone(),
                    "OTHERKEY" => other_key.clone(),
                    word => word.replace("FIXTURES", FIXTURES),
                });
            let (code, out, err) = in_process(std::iter::once(verb.clone()).chain(words));
            // How many requests were tried, and how long it took, is another number each time.
            let steady = |line: &&str| !line.contains(" requests ");
            (code, out.lines().filter(steady).collect::<String>(), err)
        };
        let (without, with) = (run(one), run(other));
        assert!(
            without.0 < 2 && with.0 < 4,
            "{verb} --{option}: {} {}",
            without.2,
            with.2
        );
        assert_ne!(without, with, "{verb} --{option} changes nothing");
    }
}

/// These verbs refuse `--verify` whatever else is said.
const NOT_TRIED: [&str; 2] = ["put", "delete"];

#[test]
fn every_option_changes_what_comes_out() {
    let server = answering_server();
    let verbs_with = |option: &str| {
        options()
            .into_iter()
            .any(|(_, arg)| arg.get_long() == Some(option))
    };
    for (option, ..) in SAMPLES {
        assert!(verbs_with(option), "no verb has --{option}");
    }
    for (verb, arg) in options()
        .into_iter()
        .filter(|(verb, _)| !REPORTS.contains(&verb.as_str()))
    {
        let option = arg.get_long().unwrap();
        let own = OWN_SAMPLES
            .iter()
            .find(|(of, name, ..)| *of == verb && *name == option);
        if own.is_none() && SEEN_ELSEWHERE.contains(&option) {
            continue;
        }
        let own = own.map(|(_, _, common, one, other)| (*common, *one, *other));
        let sample = SAMPLES
            .iter()
            .find(|(name, ..)| *name == option)
            .map(|(_, common, one, other)| (*common, *one, *other));
        let (common, one, other) = own
            .or(sample)
            .unwrap_or_else(|| panic!("{verb} --{option} has no sample in this test"));
        // What the sample says itself is not said twice.
        let needed = NEEDED
            .iter()
            .find(|(of, _)| *of == verb)
            .map_or("", |(_, words)| words);
        let is_said = [common, one, other].iter().any(|words| {
            words.contains("--size") || words.contains("--only") || words.contains("--from-file")
        });
        let common = if verb == "multipart" && is_said {
            common.to_owned()
        } else {
            format!("{common} {needed}")
        };
        let run = |own: &str| {
            // A body is sent by PUT, the rest is seen with GET.
            let method = (verb == "request").then_some(if option == "upload-file" {
                "PUT"
            } else {
                "GET"
            });
            let words = method
                .into_iter()
                .chain(common.split(' '))
                .chain(own.split(' '))
                .filter(|word| !word.is_empty());
            let words = words.map(|word| {
                word.replace("FIXTURES", FIXTURES)
                    .replace("SERVER", &server)
            });
            in_process(std::iter::once(verb.clone()).chain(words))
        };
        let (without, with) = (run(one), run(other));
        let tried = !NOT_TRIED.contains(&verb.as_str());
        let refused = match option {
            "timeout" => Some(2),
            "verify" if !tried => Some(2),
            "strict" => Some(3),
            // The file of the sample exists.
            "output-file" => Some(2),
            _ => None,
        };
        // Some records of this list have no link, with the option and without.
        let partly = i32::from(option == "fail-fast");
        assert_eq!(
            i32::from(with.0),
            refused.unwrap_or(partly),
            "{verb} --{option}: {}",
            with.2
        );
        if option != "timeout" || tried {
            assert_eq!(
                i32::from(without.0),
                partly,
                "{verb} without --{option}: {}",
                without.2
            );
            assert_ne!(without, with, "{verb} --{option} changes nothing");
        }
    }
}

#[test]
fn an_output_file_has_what_standard_output_would_have() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "get",
        "my-bucket/a",
        "my-bucket/b",
        "--region",
        "us-south",
        "--at",
        "2026-01-31T12:00:00Z",
    ]
    .map(str::to_owned);
    for form in ["url", "json", "tsv", "curl"] {
        let printed = in_process(
            args.iter()
                .cloned()
                .chain(["--output".to_owned(), form.to_owned()]),
        );
        let path = folder.path().join(form);
        let into = ["--output", form, "--output-file", path.to_str().unwrap()].map(str::to_owned);
        let (code, out, err) = in_process(args.iter().cloned().chain(into));
        assert_eq!(
            (i32::from(code), out.as_str(), err),
            (0, "", printed.2),
            "{form}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), printed.1, "{form}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600,
                "{form}"
            );
        }
    }
}

// Secrets and warnings

/// What no case may show anywhere.
const SECRETS: [&str; 3] = [
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "fedcba9876543210",
    "EXAMPLE-api-key-that-cannot-sign",
];
/// What is part of a link or of the command that uses it, and so on standard output only: session token and SSE-C key.
const ON_STDOUT: [&str; 2] = [
    "EXAMPLETOKEN",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
];

#[test]
fn no_case_shows_a_secret() {
    let mut shown_on_stdout = BTreeSet::new();
    let mut count = 0;
    for case in cases() {
        let (stdout, stderr) = expected(&case);
        for secret in SECRETS {
            assert!(
                !stdout.contains(secret) && !stderr.contains(secret),
                "{} shows {secret}",
                case.display()
            );
        }
        for secret in ON_STDOUT {
            assert!(
                !stderr.contains(secret),
                "{} shows {secret} on standard error",
                case.display()
            );
            if stdout.contains(secret) {
                shown_on_stdout.insert(secret);
            }
        }
        count += 1;
    }
    for refusal in refusals() {
        for secret in SECRETS.iter().chain(&ON_STDOUT) {
            assert!(!refusal.stderr.contains(secret), "{}", refusal.command);
        }
    }
    assert!(count > 100, "{count}");
    // If not even these are found, nothing has been looked through.
    assert_eq!(shown_on_stdout.len(), ON_STDOUT.len());
}

#[test]
fn every_warning_has_a_case() {
    let mut codes = BTreeSet::new();
    let mut files = vec![PathBuf::from("src")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let source = fs::read_to_string(path).unwrap();
        let made = source
            .split("Warning::new(")
            .skip(1)
            .filter_map(|rest| rest.trim_start().strip_prefix('"'));
        codes.extend(made.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    assert!(codes.len() >= 15, "{codes:?}");
    let output: String = cases().iter().map(|case| expected(case).0).collect();
    let not_utf8 = "key-not-utf8"; // Its key cannot be written into such a file: see `keys_are_bytes`.
    for code in codes.iter().filter(|code| *code != not_utf8) {
        assert!(
            output.contains(&format!("{{\"code\":\"{code}\"")),
            "no case with --json shows the warning {code}"
        );
    }
}

/// A code that is found and not explained helps nobody, and one that is explained and never found is a promise not kept.
#[test]
fn every_code_is_explained_and_found() {
    let mut sources = String::new();
    for folder in ["src/diagnosis", "src/diagnosis/statics", "src/command"] {
        for entry in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if entry.is_file() && !entry.ends_with("code.rs") {
                sources.push_str(&fs::read_to_string(entry).unwrap());
            }
        }
    }
    let readme = fs::read_to_string("README.md").unwrap();
    for known in CODES {
        assert!(
            sources.contains(&format!("\"{}\"", known.code)),
            "{} is never found",
            known.code
        );
        assert!(
            readme.contains(&format!("| `{}` | {} |", known.code, known.summary)),
            "README.md has no row of {}",
            known.code
        );
    }
    let made = [
        "Finding::certain(",
        "Finding::likely(",
        "Finding::possible(",
    ];
    for rest in made.iter().flat_map(|made| sources.split(made).skip(1)) {
        if let Some(code) = rest
            .trim_start()
            .strip_prefix('"')
            .and_then(|rest| rest.split('"').next())
        {
            assert!(explanation(code).is_some(), "{code} is not explained");
        }
    }
    assert!(CODES.len() >= 70, "{}", CODES.len());
    assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
}

// One meaning, several spellings

#[test]
fn secrets_are_read_however_an_editor_ends_the_file() {
    let of = |name: &str| {
        let file = format!("{FIXTURES}/secret/{name}");
        url(&[
            "get",
            "my-bucket/k",
            "--region",
            "us-south",
            "--access-key-id",
            "AKIAIOSFODNN7EXAMPLE",
            "--secret-file",
            &file,
        ])
    };
    let plain = url(&["get", "my-bucket/k", "--region", "us-south"]);
    for name in ["plain", "newline", "crlf", "bom"] {
        assert_eq!(of(name), plain, "{name}");
    }
}

#[test]
fn ibm_service_credentials_come_in_several_shapes() {
    let of = |name: &str| {
        let file = format!("{FIXTURES}/ibm/{name}.json");
        url(&[
            "get",
            "my-bucket/k",
            "--region",
            "us-south",
            "--service-credential",
            &file,
        ])
    };
    let object = of("object");
    assert!(
        object.contains("0123456789abcdef0123456789abcdef%2F"),
        "{object}"
    );
    for name in ["array", "nested", "flat", "bom-crlf"] {
        assert_eq!(of(name), object, "{name}");
    }
}

#[test]
fn durations_and_times_have_several_spellings() {
    let of = |args: &[&str]| url(&[&["get", "my-bucket/k", "--region", "us-south"], args].concat());
    let day = of(&["--expires", "86400"]);
    for args in [
        &["-e", "1d"][..],
        &["-e24h"],
        &["--expires=1440m"],
        &["--expires-in", "23h60m"],
        &["--expire", "86400s"],
        &["--until", "2013-05-25"],
        &["--until", "20130525T000000Z"],
        &["--until", "2013-05-25T02:00:00+02:00"],
        &["--expires", "1d", "--at", "2013-05-24"],
        &["--expires", "1d", "--at", "20130524T000000Z"],
    ] {
        assert_eq!(of(args), day, "{args:?}");
    }
}

#[test]
fn aligned_links_are_the_same_for_a_whole_window() {
    let at = |time: &str| {
        url(&[
            "get",
            "my-bucket/k",
            "--region",
            "us-south",
            "--align",
            "1h",
            "--at",
            time,
        ])
    };
    assert_eq!(at("2013-05-24T10:00:00Z"), at("2013-05-24T10:59:59Z"));
    assert_ne!(at("2013-05-24T10:59:59Z"), at("2013-05-24T11:00:00Z"));
}

// Bytes, pipes, shells

#[cfg(unix)]
#[test]
fn keys_are_bytes() {
    use std::os::unix::ffi::OsStringExt;
    let key = OsString::from_vec(b"my-bucket/\xff\n%2F+ /../.".to_vec());
    let output = program()
        .envs(KEYS)
        .args(["get", "--region", "us-south", "--at", "2013-05-24"])
        .arg(key)
        .output()
        .unwrap();
    let warnings = "warning: the key has a `.` or `..` segment: browsers and most clients remove it from the URL, and the link \
                    fails; use `curl --path-as-is`\nwarning: the key has control characters in it, such as a line break\n\
                    warning: the key is not UTF-8, which S3 wants keys to be\n";
    assert_eq!(text(&output.stderr), warnings);
    assert!(output.status.success());
    let url = text(&output.stdout);
    assert!(
        url.starts_with("https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/%FF%0A%252F%2B%20/../.?"),
        "{url}"
    );
}

/// A shell takes the printed command apart; what arrives has to be what was signed, to the byte.
#[cfg(unix)]
#[test]
fn printed_commands_are_safe_to_paste() {
    use std::os::unix::ffi::OsStringExt;
    let keys: [&[u8]; 12] = [
        b"a b",
        b"it's",
        b"\"dq\"",
        b"$(touch pwned)`touch pwned`",
        b"a;b&c|d<e>f",
        b"a\nb\tc",
        b"\xff\xfe",
        "é😀".as_bytes(),
        b"[a]{b,c}*?~",
        b"a\\b\\",
        b"!x!#y",
        b"-o",
    ];
    for key in keys {
        for form in ["curl", "wget"] {
            let raw = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
            let header = raw(&[
                b"X-Foo: ",
                &key.iter()
                    .filter(|b| **b >= b' ')
                    .copied()
                    .collect::<Vec<u8>>()[..],
            ]
            .concat());
            let upload = raw(&[b"--upload-file=", key].concat());
            let args = |form: &str| {
                let words = [
                    "put",
                    "--region",
                    "us-south",
                    "--at",
                    "2013-05-24",
                    "--quiet",
                    "--bucket",
                    "my-bucket",
                ];
                let mut args: Vec<OsString> = words.iter().map(OsString::from).collect();
                args.extend([
                    raw(&[b"--key=", key].concat()),
                    "--output".into(),
                    form.into(),
                    "--header".into(),
                    header.clone(),
                ]);
                args
            };
            let link = program().envs(KEYS).args(args("url")).output().unwrap();
            let command = program()
                .envs(KEYS)
                .args(args(form))
                .arg(&upload)
                .output()
                .unwrap();
            assert!(
                link.status.success() && command.status.success(),
                "{}",
                text(&command.stderr)
            );
            let script = format!("{form}() {{ printf '%s\\0' \"$@\"; }}\n").into_bytes();
            let words = shell(&[&script[..], &command.stdout].concat());
            let words: Vec<&[u8]> = words.split(|b| *b == 0).collect();
            let has = |word: &[u8]| words.contains(&word);
            let header = header.into_vec();
            assert!(
                has(link.stdout.trim_ascii_end()),
                "{form} has not the link for {key:?}"
            );
            match form {
                "curl" => assert!(has(&header) && has(key), "{form} {key:?}"),
                _ => {
                    assert!(
                        has(&[b"--header=", &header[..]].concat())
                            && has(&[b"--body-file=", key].concat()),
                        "{form} {key:?}"
                    )
                }
            }
        }
    }
    assert!(!Path::new("pwned").exists());
}

/// `… | head -1`: the reader had enough, which is nobody's fault.
#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let many = std::iter::repeat_n("my-bucket/k", 2000);
    let mut child = program()
        .envs(KEYS)
        .args(["get", "--region", "us-south"])
        .args(many)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // More is written than a pipe holds, so the program is still writing when its reader leaves.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(line.starts_with("https://"), "{line}");
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(0), "")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = program()
        .envs(KEYS)
        .args(["get", "my-bucket/k", "--region", "us-south"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    let stderr = text(&output.stderr);
    assert!(
        stderr.starts_with("error: cannot write to standard output: "),
        "{stderr}"
    );
}

/// A note that nobody can read is no reason to withhold the link.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_error_loses_no_link() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let args = [
        "get",
        "my-bucket/k",
        "--region",
        "us-south",
        "--expires",
        "8d",
        "-v",
    ];
    let output = program()
        .envs(KEYS)
        .args(args)
        .stderr(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text(&output.stdout).starts_with("https://s3.us-south."),
        "{}",
        text(&output.stdout)
    );
}

/// Containers and services often have a home that is none.
#[cfg(unix)]
#[test]
fn a_home_that_is_none_does_not_matter() {
    let args = ["get", "my-bucket/k", "--region", "us-south"];
    let output = program()
        .envs(KEYS)
        .env("HOME", "/dev/null")
        .args(args)
        .output()
        .unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(0), "")
    );
}

// Helpers

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
    command.env_clear();
    command
}

fn url(args: &[&str]) -> String {
    let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    if !args.iter().any(|arg| arg == "--at") {
        args.extend(["--at".to_owned(), "2013-05-24T00:00:00Z".to_owned()]);
    }
    let Output {
        status,
        stdout,
        stderr,
    } = program().envs(KEYS).args(&args).output().unwrap();
    assert!(
        status.success() && stderr.is_empty(),
        "{args:?}: {}",
        text(&stderr)
    );
    text(&stdout)
}

/// Runs the program without a process of its own, in surroundings made by hand.
fn in_process(args: impl Iterator<Item = String>) -> (u8, String, String) {
    let home = format!("{FIXTURES}/home-aws");
    let variables = KEYS.into_iter().chain([
        ("AWS_SESSION_TOKEN", "EXAMPLETOKEN=="),
        ("HOME", home.as_str()),
    ]);
    let now: DateTime<Utc> = "2013-05-24T10:20:30Z".parse().unwrap();
    let env = Env::new(variables, now, std::io::empty());
    let args = std::iter::once("cos-presign".to_owned())
        .chain(args)
        .map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = cos_presign::run(args, &env, &mut out, &mut err);
    (code, text(&out), text(&err))
}

/// Verbs with their options.
fn options() -> Vec<(String, clap::Arg)> {
    let mut cli = Cli::command();
    cli.build();
    let of = |verb: &clap::Command| {
        let options = verb
            .get_arguments()
            .filter(|arg| arg.get_long().is_some_and(|long| long != "help"));
        options
            .map(|arg| (verb.get_name().to_owned(), arg.clone()))
            .collect::<Vec<_>>()
    };
    cli.get_subcommands().flat_map(of).collect()
}

fn cases() -> Vec<PathBuf> {
    let groups = fs::read_dir(GOLDEN)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let files = groups
        .flat_map(|group| fs::read_dir(group).unwrap())
        .map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    cases.sort();
    cases
}

/// What a case expects on standard output and standard error: in files beside it where there are backslashes, which
/// would be taken for separators of paths, else in the case itself.
fn expected(case: &Path) -> (String, String) {
    if let Ok(stdout) = fs::read_to_string(case.with_extension("stdout")) {
        return (
            stdout,
            fs::read_to_string(case.with_extension("stderr")).unwrap(),
        );
    }
    let file = fs::read_to_string(case).unwrap();
    let (_, rest) = file
        .split_once("\nstdout = ")
        .unwrap_or_else(|| panic!("{}", case.display()));
    let (stdout, rest) = rest
        .split_once("\nstderr = ")
        .unwrap_or_else(|| panic!("{}", case.display()));
    let stderr = rest.split("\n[").next().unwrap();
    (stdout.to_owned(), stderr.to_owned())
}

/// Answers every request with 200, for as long as the test lives.
fn answering_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let _ = stream
                .get_mut()
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    address
}

#[cfg(unix)]
fn shell(script: &[u8]) -> Vec<u8> {
    let mut child = Command::new("sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(script).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn with_slashes(text: &str) -> String {
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.to_owned()
    }
}
