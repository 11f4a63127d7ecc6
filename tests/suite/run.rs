//! Runs the built program with given input, and compares its output.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};

/// The key pair of Amazon's documentation.
pub const EXAMPLE_KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
];

/// The key pair of the test server.
pub const SERVER_KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
    ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
];

/// Timeout of a run.
const BOUND: Duration = Duration::from_secs(120);

/// The built program with an empty environment.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
    command.env_clear();
    command
}

/// One run of the program. Without an expected status it must exit with 0; standard output and
/// standard error are compared only if they are expected.
#[must_use = "nothing is run before `run`"]
pub struct Run {
    command: Command,
    stdin: Vec<u8>,
    status: Option<i32>,
    stdout: Option<String>,
    stderr: Option<String>,
}

/// The output of a run.
pub struct Finished {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// With an empty environment and empty standard input.
    pub fn new() -> Run {
        Run {
            command: program(),
            stdin: Vec::new(),
            status: Some(0),
            stdout: None,
            stderr: None,
        }
    }

    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Run {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Run {
        self.command.env(name, value);
        self
    }

    pub fn envs<'a>(mut self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Run {
        self.command.envs(variables);
        self
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Run {
        self.stdin = bytes.into();
        self
    }

    /// The expected exit code.
    pub fn status(mut self, code: i32) -> Run {
        self.status = Some(code);
        self
    }

    /// Accepts any exit code: the caller checks it.
    pub fn any_status(mut self) -> Run {
        self.status = None;
        self
    }

    /// The expected standard output; `[..]` matches any text.
    pub fn stdout(mut self, text: impl Into<String>) -> Run {
        self.stdout = Some(text.into());
        self
    }

    /// The expected standard error; `[..]` matches any text.
    pub fn stderr(mut self, text: impl Into<String>) -> Run {
        self.stderr = Some(text.into());
        self
    }

    /// Runs the program and compares the output.
    pub fn run(mut self) -> Finished {
        let output = output_of(&mut self.command, &self.stdin);
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let shown = format!("{:?}\n{stdout}{stderr}", self.command);
        let status = output.status.code().expect("an exit code");
        assert!(
            self.status.is_none_or(|code| code == status),
            "{status}: {shown}"
        );
        if let Some(expected) = &self.stdout {
            assert!(matches(expected, &stdout), "expected {expected:?}: {shown}");
        }
        if let Some(expected) = &self.stderr {
            assert!(matches(expected, &stderr), "expected {expected:?}: {shown}");
        }
        Finished {
            status,
            stdout,
            stderr,
        }
    }
}

impl Finished {
    /// Standard output without its line end.
    pub fn line(&self) -> &str {
        self.stdout.trim_end()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {}", self.stdout))
    }
}

/// Runs a command with this input, and fails if that hangs.
pub fn output_of(command: &mut Command, stdin: &[u8]) -> Output {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses the command line does not read its input.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(started.elapsed() < BOUND, "{command:?} took too long");
    output
}

/// An empty directory for one test.
pub fn directory(subject: &str, name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(subject)
        .join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// Runs a test of this name again, in a process with only the example key pair in its environment:
/// the programs that it starts inherit that.
pub fn in_clean_environment(test: &str, run: impl FnOnce()) {
    const MARK: &str = "COS_PRESIGN_CLEAN_ENVIRONMENT";
    if std::env::var_os(MARK).is_some() {
        return run();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_clear().envs(EXAMPLE_KEYS).env(MARK, "1");
    if let Some(mode) = std::env::var_os("TRYCMD") {
        command.env("TRYCMD", mode);
    }
    let filters = std::env::args().filter(|arg| arg.starts_with("trycmd="));
    let output = command
        .args([test, "--exact", "--nocapture"])
        .args(filters)
        .output()
        .unwrap();
    let printed = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(printed.contains("1 passed") || !output.status.success());
    assert!(output.status.success(), "{printed}");
}

/// Whether a text matches the expected one, in which `[..]` matches any text.
pub fn matches(expected: &str, text: &str) -> bool {
    let Some((first, others)) = expected.split_once("[..]") else {
        return expected == text;
    };
    let Some(rest) = text.strip_prefix(first) else {
        return false;
    };
    // Every possible end of `[..]` is tried: the text after it can occur more than once.
    rest.char_indices()
        .map(|(at, _)| at)
        .chain([rest.len()])
        .any(|at| matches(others, &rest[at..]))
}

/// Splits words like a shell; `\n` is a line break.
pub fn split_words(line: &str) -> Vec<String> {
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

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
