//! Refused URLs of public reports (`tests/wild`): every report is right, and no finding is certain
//! and false.
//!
//! `tests/wild/README.md` has the format. The cases are run with and without the response; with the
//! credentials only those are run here whose search is short, since a search that finds nothing
//! takes long in a debug build. All of them: `cargo test --release --test suite refused_urls:: --
//! --ignored`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{Run, program};

/// The codes of 30 November 2026, as listed by `check.py`. `*new*` matches any other.
fn known_codes() -> Vec<String> {
    let script = read("check.py");
    let (_, list) = script.split_once("KNOWN = set('''").unwrap();
    let (list, _) = list.split_once("'''").unwrap();
    list.split_whitespace().map(str::to_owned).collect()
}

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wild");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn cases() -> Vec<Value> {
    let lines = |name: &str| -> Vec<Value> {
        read(name)
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    [lines("given.jsonl"), lines("reports.jsonl")].concat()
}

fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Lower case, with single spaces.
fn plain(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn texts(want: &Value, name: &str) -> Vec<String> {
    strings(&want[name])
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// The arguments of one case in one mode; the response is written to `folder`.
fn diagnose(case: &Value, mode: char, output: &str, folder: &Path) -> Run {
    let mut args = vec!["diagnose".to_owned()];
    if let Some(method) = case["method"].as_str() {
        args.extend(["--method".to_owned(), method.to_owned()]);
    }
    for header in strings(&case["headers"]) {
        args.extend(["--header".to_owned(), header.to_owned()]);
    }
    args.extend(strings(&case["options"]).into_iter().map(str::to_owned));
    if matches!(mode, 'A' | 'C') {
        if let Some(status) = case["status"].as_u64() {
            args.extend(["--status".to_owned(), status.to_string()]);
        }
        if let Some(response) = case["response"].as_str() {
            let file = folder.join("response");
            fs::write(&file, response).unwrap();
            args.extend(["--response".to_owned(), file.to_str().unwrap().to_owned()]);
        }
    }
    let at = case["at"].as_str().unwrap();
    args.extend(["--at", at, "--output", output, "--"].map(str::to_owned));
    args.push(case["url"].as_str().unwrap().to_owned());
    let run = Run::new()
        .args(args)
        .env("HOME", "/nonexistent")
        .env("LANG", "C.UTF-8");
    match mode {
        'A' | 'B' => run.envs(environment(case)),
        _ => run,
    }
}

fn environment(case: &Value) -> Vec<(&str, &str)> {
    let variables = case["env"].as_object().unwrap();
    variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect()
}

/// The errors of the report of one mode, as text.
fn judge(case: &Value, mode: char, known: &[String], folder: &Path) -> Vec<String> {
    let want = &case["modes"][mode.to_string()];
    let finished = diagnose(case, mode, "json", folder).any_status().run();
    let report: Value = match serde_json::from_str(&finished.stdout) {
        Ok(report) => report,
        Err(error) => return vec![format!("no JSON: {error}: {}", finished.stderr)],
    };
    let found: Vec<(&str, &str)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            (
                f["code"].as_str().unwrap(),
                f["certainty"].as_str().unwrap(),
            )
        })
        .collect();
    let (first, certainty) = found.first().copied().unwrap_or(("(none)", ""));
    let mut wrong = Vec::new();
    let expected = texts(want, "first");
    let is_new = !known.iter().any(|code| code == first);
    let fits = |code: &String| code == first || code == "*new*" && is_new;
    if !expected.is_empty() && !expected.iter().any(fits) {
        wrong.push(format!(
            "first is {first} ({certainty}), not {}",
            expected.join(" or ")
        ));
    }
    if want["certain"] == true && certainty != "certain" {
        wrong.push(format!("{first} is not certain"));
    }
    if texts(want, "not_first").iter().any(|code| code == first) {
        wrong.push(format!("{first} is first"));
    }
    for code in texts(want, "not_certain") {
        if found.contains(&(code.as_str(), "certain")) {
            wrong.push(format!("{code} is certain, and false"));
        }
    }
    let said = plain(&strings(&report).join("\n"));
    let alternatives = want["must_say"].as_array().cloned().unwrap_or_default();
    for entry in &alternatives {
        if !strings(entry)
            .iter()
            .any(|text| said.contains(&plain(text)))
        {
            wrong.push(format!("does not say {entry}"));
        }
    }
    for text in texts(want, "must_not_say") {
        if said.contains(&plain(&text)) {
            wrong.push(format!("says `{text}`"));
        }
    }
    if let Some(status) = want["exit"].as_i64()
        && status != i64::from(finished.status)
    {
        wrong.push(format!("exit status {}, not {status}", finished.status));
    }
    wrong
}

fn check(modes: &[char], select: impl Fn(&Value) -> bool) {
    let known = known_codes();
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = BTreeMap::new();
    let mut count = 0;
    for case in cases().iter().filter(|case| select(case)) {
        for mode in modes {
            if case["modes"].get(mode.to_string()).is_none() {
                continue;
            }
            count += 1;
            let found = judge(case, *mode, &known, folder.path());
            if !found.is_empty() {
                wrong.insert(format!("{} {mode}", case["id"].as_str().unwrap()), found);
            }
        }
    }
    assert!(count > 20, "{count} reports were compared");
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
}

#[test]
fn are_explained_without_credentials() {
    check(&['C', 'D'], |_| true);
}

/// Kinds whose signature matches directly, or with one mistake.
#[test]
fn are_explained_with_credentials_after_short_searches() {
    const KINDS: [&str; 22] = [
        "service-guessed",
        "content-sha256-not-sent",
        "acl-in-query-and-header",
        "two-auth",
        "presigned-not-taken",
        "header-not-supported",
        "other-method",
        "head-403",
        "denied-with-reason",
        "path-prefix",
        "names-in-lower-case",
        "wrong-region-told",
        "region-of-the-host",
        "global-redirect",
        "digest-malformed",
        "token-missing",
        "service-of-another-host",
        "cors",
        "good",
        "unknown-code",
        "verb-of-the-fix",
        "scheme",
    ];
    check(&['A', 'B'], |case| {
        KINDS.contains(&case["kind"].as_str().unwrap())
    });
}

#[test]
#[ignore = "takes long in a debug build"]
fn are_explained_with_credentials() {
    check(&['A', 'B'], |_| true);
}

/// Every shell command between backticks without placeholders.
fn commands(report: &Value) -> Vec<String> {
    let fixes = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["fix"].as_str());
    let between = fixes.flat_map(|fix| fix.split('`').skip(1).step_by(2));
    let signs = [
        "cos-presign get ",
        "cos-presign put ",
        "cos-presign head ",
        "cos-presign delete ",
    ];
    let placeholders = [
        "BUCKET", "KEY", "REGION", "HOST", "VALUE", "BASE64", "NAME", "ACCOUNT", "FILE", "ALIAS",
    ];
    between
        .filter(|command| signs.iter().any(|sign| command.starts_with(sign)))
        .filter(|command| !placeholders.iter().any(|word| command.contains(word)))
        .map(str::to_owned)
        .collect()
}

/// A fix produces a URL with a valid signature and no problem that a new URL could have.
#[test]
fn have_fixes_that_make_good_urls() {
    let folder = tempfile::tempdir().unwrap();
    let bin = Path::new(program().get_program())
        .parent()
        .unwrap()
        .to_owned();
    let mut count = 0;
    let mut wrong = BTreeMap::new();
    for case in &cases() {
        if case["modes"].get("D").is_none() {
            continue;
        }
        let at = case["at"].as_str().unwrap();
        let finished = diagnose(case, 'D', "json", folder.path())
            .any_status()
            .run();
        let report: Value = serde_json::from_str(&finished.stdout).unwrap();
        for command in commands(&report) {
            count += 1;
            let made = std::process::Command::new("/bin/sh")
                .args(["-c", &format!("{command} --at {at} --quiet")])
                .env_clear()
                .env("PATH", &bin)
                .env("HOME", "/nonexistent")
                .envs(environment(case))
                .output()
                .unwrap();
            let url = String::from_utf8_lossy(&made.stdout).trim().to_owned();
            if !made.status.success() || url.is_empty() {
                let error = String::from_utf8_lossy(&made.stderr).into_owned();
                wrong.insert(format!("{}: {command}", case["id"]), error);
                continue;
            }
            let method = match command.split(' ').nth(1) {
                Some("put") => "PUT",
                Some("head") => "HEAD",
                Some("delete") => "DELETE",
                _ => "GET",
            };
            let again = Run::new()
                .args([
                    "diagnose", "--method", method, "--at", at, "--json", "--", &url,
                ])
                .env("HOME", "/nonexistent")
                .envs(environment(case))
                .any_status()
                .run();
            let verdict: Value = serde_json::from_str(&again.stdout).unwrap();
            if verdict["verdict"] != "ok" {
                wrong.insert(
                    format!("{}: {command}", case["id"]),
                    verdict["summary"].to_string(),
                );
            }
        }
    }
    assert!(count > 10, "{count} commands were run");
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
}
