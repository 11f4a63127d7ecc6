//! The whole contract of the command line: exit code, standard output, standard error.
//!
//! `tests/golden/GROUP/NAME.toml` is one command with its output; `TRYCMD=overwrite` writes the
//! output of the current program. `tests/golden/refusals/SUBJECT.txt` has the command lines that
//! are refused; see its README. What needs raw bytes, pipes or two runs is in the modules beside
//! this one.

mod bytes_and_pipes;
mod codes_and_secrets;
mod foreign;
mod hints;
mod options;
mod refusals;
mod spellings;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use chrono::{DateTime, Utc};
use cos_presign::env::Env;

use crate::run::{EXAMPLE_KEYS, in_clean_environment, program, text};

const GOLDEN: &str = "tests/golden";
const FIXTURES: &str = "tests/golden/fixtures";

/// A case inherits the environment of this test, which is the example key pair and nothing else.
/// One that needs other credentials, or none, says `inherit = false` under `[env]`.
#[test]
fn prints_the_output_of_every_case() {
    in_clean_environment("golden::prints_the_output_of_every_case", || {
        trycmd::TestCases::new()
            .default_bin_path(env!("CARGO_BIN_EXE_cos-presign"))
            .case("tests/golden/*/*.toml");
    });
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
    } = program().envs(EXAMPLE_KEYS).args(&args).output().unwrap();
    assert!(
        status.success() && stderr.is_empty(),
        "{args:?}: {}",
        text(&stderr)
    );
    text(&stdout)
}

/// Runs the program in this process, with an explicit environment.
fn in_process(args: impl Iterator<Item = String>) -> (u8, String, String) {
    let home = format!("{FIXTURES}/home-aws");
    let variables = EXAMPLE_KEYS.into_iter().chain([
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

/// Expected standard output and standard error: in files next to the case if they contain
/// backslashes, which would be normalized as path separators, else in the case itself.
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
