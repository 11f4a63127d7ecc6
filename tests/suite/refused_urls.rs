//! Refused URLs of public reports (`tests/wild`): every report is right, and no finding is certain
//! and false.
//!
//! `tests/wild/README.md` has the format. All cases are run without credentials. With credentials a
//! third of them is run, the same in every run, since a search that finds nothing takes seconds in
//! a debug build; `COS_PRESIGN_TEST_DRAWS=all` runs all of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use percent_encoding::percent_decode_str;
use serde_json::Value;
use support::rng::draws;

use crate::run::{Run, program};

/// The codes of 30 November 2026, as `check.py` lists them. `*new*` stands for any other.
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

/// Without letter case, with single spaces.
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

/// The arguments of one case in one mode; `folder` is for the response.
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

/// The errors of the report of one mode and of its fixes, as text. Counts the fixes that are
/// commands.
fn judge(
    case: &Value,
    mode: char,
    known: &[String],
    folder: &Path,
    fixes: &mut usize,
) -> Vec<String> {
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
    for command in commands(&report) {
        *fixes += 1;
        wrong.extend(judge_fix(case, &command));
    }
    wrong
}

/// Runs the selected cases, some at a time.
fn check(modes: &[char], select: impl Fn(&Value) -> bool) {
    let known = known_codes();
    let cases = cases();
    let work: Vec<(&Value, char)> = cases
        .iter()
        .filter(|case| select(case))
        .flat_map(|case| modes.iter().map(move |mode| (case, *mode)))
        .filter(|(case, mode)| case["modes"].get(mode.to_string()).is_some())
        .collect();
    let (next, count_of_fixes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = tempfile::tempdir().unwrap();
                while let Some((case, mode)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut fixes = 0;
                    let found = judge(case, *mode, &known, folder.path(), &mut fixes);
                    count_of_fixes.fetch_add(fixes, Ordering::Relaxed);
                    if !found.is_empty() {
                        let name = format!("{} {mode}", case["id"].as_str().unwrap());
                        wrong.lock().unwrap().insert(name, found);
                    }
                }
            });
        }
    });
    let (count, wrong) = (work.len(), wrong.into_inner().unwrap());
    let fixes = count_of_fixes.into_inner();
    assert!(
        count > 20 && fixes > 10,
        "{count} reports were compared, {fixes} fixes run"
    );
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
}

#[test]
fn are_explained_without_credentials() {
    check(&['C', 'D'], |_| true);
}

/// A third of the cases, spread over all kinds by their ids; or all.
fn is_drawn(case: &Value) -> bool {
    let id = case["id"].as_str().unwrap();
    let sum = id.bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    draws(1, 3) >= 3 || sum.is_multiple_of(3)
}

#[test]
fn are_explained_with_credentials() {
    check(&['A', 'B'], is_drawn);
}

/// Every `cos-presign` command between backticks that has no placeholder in it.
fn commands(report: &Value) -> Vec<String> {
    let fixes = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["fix"].as_str());
    let between = fixes.flat_map(|fix| fix.split('`').skip(1).step_by(2));
    let placeholders = [
        "BUCKET", "KEY", "REGION", "HOST", "VALUE", "BASE64", "NAME", "ACCOUNT", "FILE", "ALIAS",
        "SIZE", "URL",
    ];
    between
        // A verb alone is the name of a command.
        .filter(|command| command.starts_with("cos-presign ") && command.split(' ').count() > 2)
        .filter(|command| !placeholders.iter().any(|word| command.contains(word)))
        .map(str::to_owned)
        .collect()
}

/// Runs a command with a shell, as if it were pasted.
fn paste(command: &str, case: &Value) -> Output {
    let bin = Path::new(program().get_program())
        .parent()
        .unwrap()
        .to_owned();
    std::process::Command::new("/bin/sh")
        .args(["-c", command])
        .env_clear()
        .env("PATH", &bin)
        .env("HOME", "/nonexistent")
        .envs(environment(case))
        .output()
        .unwrap()
}

/// The words of a command as a shell reads them.
fn words(command: &str, case: &Value) -> Vec<String> {
    let output = paste(
        &format!("set -- {command}; for word; do echo \"$word\"; done"),
        case,
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn option(words: &[String], name: &str) -> Option<String> {
    let at = words.iter().position(|word| word == name)?;
    words.get(at + 1).cloned()
}

/// The error of a fix: the URL that it makes has to be for the method, key, region and endpoint of
/// the command, with a valid signature and no problem that a new URL could have.
fn judge_fix(case: &Value, command: &str) -> Option<String> {
    let at = case["at"].as_str().unwrap();
    let words = words(command, case);
    let verb = words[1].as_str();
    let method = match verb {
        "get" => "GET",
        "put" => "PUT",
        "head" => "HEAD",
        "delete" => "DELETE",
        "request" => words[2].as_str(),
        // These make no URL, or one that is no object's.
        "cors" | "explain" => "",
        "list" | "post" | "multipart" => "",
        _ => return Some(format!("unknown verb in `{command}`")),
    };
    let clock = match verb {
        "cors" | "explain" => String::new(),
        _ => format!(" --at {at} --quiet"),
    };
    let made = paste(&format!("{command}{clock}"), case);
    let url = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    if !made.status.success() || url.is_empty() {
        return Some(format!(
            "`{command}`: {}",
            String::from_utf8_lossy(&made.stderr)
        ));
    }
    if method.is_empty() {
        return None;
    }
    let is_target =
        |index: usize| !words[index].starts_with('-') && !words[index - 1].starts_with("--");
    let target = (2..words.len()).find(|index| is_target(*index) && words[*index].contains('/'));
    let target = target.map(|index| words[index].clone()).unwrap_or_default();
    let decoded = percent_decode_str(url.split('?').next().unwrap()).decode_utf8_lossy();
    let key = target
        .split_once("://")
        .map_or(target.as_str(), |(_, rest)| rest);
    let (_, key) = key.split_once('/').unwrap_or(("", key));
    let key = percent_decode_str(key).decode_utf8_lossy();
    if !target.contains("://") && !decoded.ends_with(&*key) {
        return Some(format!("`{command}` makes a link for another key"));
    }
    if let Some(region) = option(&words, "--region")
        && !url.contains(&format!("%2F{region}%2F"))
    {
        return Some(format!("`{command}` makes a link for another region"));
    }
    if let Some(endpoint) = option(&words, "--endpoint") {
        let host = endpoint
            .split("://")
            .nth(1)
            .unwrap_or(&endpoint)
            .split('/')
            .next()
            .unwrap()
            .to_lowercase();
        let default_port = if endpoint.starts_with("http:") {
            ":80"
        } else {
            ":443"
        };
        let host = host.trim_end_matches(default_port);
        let made = url
            .split("://")
            .nth(1)
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .to_owned();
        if made != host && !made.ends_with(&format!(".{host}")) {
            return Some(format!("`{command}` makes a link for the host {made}"));
        }
    }
    // Headers that the command signs have to be sent.
    let mut args: Vec<String> = ["diagnose", "--method", method, "--at", at, "--json"]
        .map(str::to_owned)
        .to_vec();
    for pair in words.windows(2).filter(|pair| pair[0] == "-H") {
        args.extend(pair.iter().cloned());
    }
    for (option, header) in [("--sse", "x-amz-server-side-encryption")] {
        args.extend(
            self::option(&words, option)
                .into_iter()
                .flat_map(|value| ["-H".to_owned(), format!("{header}: {value}")]),
        );
    }
    args.extend(["--".to_owned(), url]);
    let finished = Run::new()
        .args(args)
        .env("HOME", "/nonexistent")
        .envs(environment(case))
        .any_status()
        .run();
    let report: Value = match serde_json::from_str(&finished.stdout) {
        Ok(report) => report,
        Err(error) => {
            return Some(format!(
                "`{command}`: no JSON: {error}: {}",
                finished.stderr
            ));
        }
    };
    (report["verdict"] != "ok").then(|| format!("`{command}`: {}", report["summary"]))
}
