//! Secrets do not occur in any output; every code of a warning or finding is documented and has a
//! case.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use cos_presign::diagnosis::CODES;

use super::refusals::refusals;
use super::{cases, expected};

/// Must not occur in any case.
const SECRETS: [&str; 3] = [
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "fedcba9876543210",
    "EXAMPLE-api-key-that-cannot-sign",
];
/// Parts of a URL or of the command that uses it, so only on standard output: session token and
/// SSE-C key.
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
    // If not even these are found, the search does not work.
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
    // The key of the first cannot be written into such a file (`bytes_and_pipes`), and the second
    // needs a store (`find_region`).
    let elsewhere = ["key-not-utf8", "region-found"];
    for code in codes
        .iter()
        .filter(|code| !elsewhere.contains(&code.as_str()))
    {
        assert!(
            output.contains(&format!("{{\"code\":\"{code}\"")),
            "no case with --json shows the warning {code}"
        );
    }
}

/// Every reported code must be explained, and every explained code must be reported by some case.
#[test]
fn every_code_is_explained_and_used() {
    let mut sources = String::new();
    let mut places = vec![PathBuf::from("src/diagnosis"), PathBuf::from("src/command")];
    while let Some(path) = places.pop() {
        if path.is_dir() {
            places.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if !path.ends_with("code.rs") {
            sources.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    let page = fs::read_to_string("docs/diagnose.md").unwrap();
    for known in CODES {
        // `wrong-region` is `Code::WrongRegion`.
        let variant: String = known
            .code
            .split('-')
            .map(|word| format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..]))
            .collect();
        assert!(
            sources.contains(&format!("Code::{variant}")),
            "{} is never found",
            known.code
        );
        assert!(
            page.contains(&format!("| `{}` | {} |", known.code, known.summary)),
            "docs/diagnose.md has no row of {}",
            known.code
        );
    }
    assert!(CODES.len() >= 70, "{}", CODES.len());
    assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
}
