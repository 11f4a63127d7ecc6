//! One URL as a process, compared with a program that only prints a line, and with `aws s3 presign`
//! if installed. Goal: at most 1.25 times the wall time of the former, and 4 MiB of peak memory.
//!
//! `cargo bench --bench one_url`

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark stops at the first surprise"
)]

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

const RUNS: usize = 1000;
const RUNS_OF_AWS: usize = 5;
const RUNS_FOR_MEMORY: usize = 5;
const GNU_TIME: &str = "/usr/bin/time";

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let ours = Subject::new(
        installed(&released_program(), &dir),
        &[
            "get",
            "my-bucket/report.pdf",
            "--region",
            "us-south",
            "--expires",
            "86400",
        ],
    );
    let bare = Subject::new(installed(&bare_program(&dir), &dir), &[]);
    // A failed run would be measured as a fast one.
    for subject in [&ours, &bare] {
        if let Err(reason) = subject.try_once() {
            println!("skipped: {reason}");
            return;
        }
    }

    // Alternating, so that both run under the same conditions.
    let (mut links, mut lines) = (Vec::new(), Vec::new());
    for round in 0..RUNS {
        if round % 2 == 0 {
            links.push(ours.seconds());
            lines.push(bare.seconds());
        } else {
            lines.push(bare.seconds());
            links.push(ours.seconds());
        }
    }
    let (links, lines) = (Times::of(links), Times::of(lines));
    println!(
        "{:<40} {:>10} {:>10} {:>10}",
        format!("wall time, {RUNS} runs each"),
        "median",
        "fastest",
        "runs"
    );
    links.print("one link", RUNS);
    lines.print("a program that prints a line", RUNS);
    println!(
        "{:<40} {:>10.2} {:>10.2}",
        "ratio",
        links.median / lines.median,
        links.fastest / lines.fastest
    );

    let aws = Subject::new(
        "aws",
        &[
            "s3",
            "presign",
            "s3://my-bucket/report.pdf",
            "--region",
            "us-east-1",
        ],
    );
    match aws.try_once() {
        Err(reason) => println!("aws s3 presign: skipped, {reason}"),
        Ok(()) => {
            let other = Times::of((0..RUNS_OF_AWS).map(|_| aws.seconds()).collect());
            other.print("aws s3 presign", RUNS_OF_AWS);
            println!(
                "{:<40} {:>10.0} {:>10.0}",
                "ratio to one link",
                other.median / links.median,
                other.fastest / links.fastest
            );
        }
    }

    for (name, subject) in [("one link", &ours), ("a program that prints a line", &bare)] {
        match subject.memory() {
            Some((mebibytes, faults)) => {
                println!("{name}: {mebibytes:.1} MiB at most, {faults:.0} page faults");
            }
            None => {
                println!("memory of {name}: skipped, {GNU_TIME} is not there or not GNU time")
            }
        }
    }
}

/// A command line to measure.
struct Subject {
    program: PathBuf,
    args: Vec<&'static str>,
}

impl Subject {
    fn new(program: impl Into<PathBuf>, args: &[&'static str]) -> Self {
        Subject {
            program: program.into(),
            args: args.to_vec(),
        }
    }

    fn try_once(&self) -> Result<(), String> {
        let output = with_clean_environment(&self.program)
            .args(&self.args)
            .output()
            .map_err(|e| format!("cannot be run: {e}"))?;
        if output.status.success() && !output.stdout.is_empty() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr)
            .trim()
            .replace('\n', " ");
        Err(format!(
            "{}: {} {said}",
            self.program.display(),
            output.status
        ))
    }

    fn seconds(&self) -> f64 {
        let mut command = with_clean_environment(&self.program);
        command
            .args(&self.args)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let started = Instant::now();
        command.status().unwrap();
        started.elapsed().as_secs_f64()
    }

    /// Peak memory in MiB, and the number of page faults.
    fn memory(&self) -> Option<(f64, f64)> {
        let (mut kibibytes, mut faults) = (Vec::new(), Vec::new());
        for _ in 0..RUNS_FOR_MEMORY {
            let output = with_clean_environment(GNU_TIME)
                .args(["-f", "%M %R"])
                .arg(&self.program)
                .args(&self.args)
                .output()
                .ok()?;
            let measured = String::from_utf8_lossy(&output.stderr);
            let (peak, count) = measured.lines().last()?.trim().split_once(' ')?;
            kibibytes.push(peak.parse::<f64>().ok()?);
            faults.push(count.parse::<f64>().ok()?);
        }
        Some((median(&mut kibibytes) / 1024.0, median(&mut faults)))
    }
}

/// The user may have credentials, profiles and endpoints, which would change the measurement.
fn with_clean_environment(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(
            ["PATH", "SYSTEMROOT"]
                .into_iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env(
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        );
    command
}

/// The program of `cargo build --release`. The one that cargo builds for this benchmark has
/// additional features of test dependencies, and takes a tenth longer to load.
fn released_program() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_cos-presign"));
    let target_dir = program.ancestors().nth(2).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--locked",
            "--bin",
            "cos-presign",
            "--target-dir",
        ])
        .arg(target_dir)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    target_dir
        .join("release")
        .join(program.file_name().unwrap())
}

/// The smallest process, made by the same compiler.
fn bare_program(dir: &TempDir) -> PathBuf {
    let source = dir.path().join("bare.rs");
    let program = dir.path().join(format!("built-bare{EXE_SUFFIX}"));
    fs::write(&source, "fn main() { println!(\"x\") }").unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    assert!(
        Command::new(rustc)
            .arg("-O")
            .arg("-o")
            .arg(&program)
            .arg(&source)
            .status()
            .unwrap()
            .success()
    );
    program
}

/// A copy, like an installed program. A file just written by a linker is mapped more slowly until
/// it is written back: by an eighth when measured.
fn installed(program: &Path, dir: &TempDir) -> PathBuf {
    let copy = dir.path().join(format!(
        "installed-{}",
        program.file_name().unwrap().to_string_lossy()
    ));
    fs::copy(program, &copy).unwrap();
    copy
}

struct Times {
    median: f64,
    fastest: f64,
}

impl Times {
    fn of(mut seconds: Vec<f64>) -> Self {
        Times {
            median: median(&mut seconds),
            fastest: seconds[0],
        }
    }

    fn print(&self, name: &str, runs: usize) {
        println!(
            "{name:<40} {:>7.2} ms {:>7.2} ms {runs:>10}",
            self.median * 1e3,
            self.fastest * 1e3
        );
    }
}

/// Sorts its input.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
