//! One link as a whole process, beside a program that only prints a line, and beside `aws s3 presign` where it is installed.
//!
//! `cargo bench --bench one_url`

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 300;
const RUNS_OF_AWS: usize = 5;

fn main() {
    let bare = bare_program();
    let mut ours = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
    ours.args(["get", "my-bucket/report.pdf", "--region", "us-south", "--expires", "86400"]);
    let mut nothing = Command::new(&bare);
    with_credentials(&mut ours);
    with_credentials(&mut nothing);
    let (mut links, mut lines) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        links.push(seconds(&mut ours));
        lines.push(seconds(&mut nothing));
    }
    let (link, line) = (median(links), median(lines));
    println!("one link as a process, median of {RUNS}: {:.2} ms", link * 1e3);
    println!("a program that prints a line:            {:.2} ms, ratio {:.2}", line * 1e3, link / line);
    let mut aws = Command::new("aws");
    aws.args(["s3", "presign", "s3://my-bucket/report.pdf", "--region", "us-east-1"]);
    with_credentials(&mut aws);
    if aws.status().is_ok_and(|status| status.success()) {
        let other = median((0..RUNS_OF_AWS).map(|_| seconds(&mut aws)).collect());
        println!("aws s3 presign, median of {RUNS_OF_AWS}:              {:.0} ms, ratio {:.0}", other * 1e3, other / link);
    } else {
        println!("aws s3 presign: skipped, `aws` is not installed");
    }
    match peak_memory(&ours) {
        Some(kibibytes) => println!("peak memory of one link: {:.1} MiB", kibibytes as f64 / 1024.0),
        None => println!("peak memory: skipped, /usr/bin/time is not installed"),
    }
    std::fs::remove_file(bare).unwrap();
}

fn with_credentials(command: &mut Command) {
    command
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
}

fn seconds(command: &mut Command) -> f64 {
    let started = Instant::now();
    command.status().unwrap();
    started.elapsed().as_secs_f64()
}

/// The cheapest process there is, made by the same compiler.
fn bare_program() -> PathBuf {
    let source = std::env::temp_dir().join(format!("bare-{}.rs", std::process::id()));
    let program = source.with_extension("");
    std::fs::write(&source, "fn main() { println!(\"x\") }").unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let done = Command::new(rustc).arg("-O").arg("-o").arg(&program).arg(&source).status().unwrap();
    assert!(done.success());
    std::fs::remove_file(&source).unwrap();
    program
}

/// As GNU time reports it, in KiB.
fn peak_memory(of: &Command) -> Option<u64> {
    let time = Path::new("/usr/bin/time");
    if !time.exists() {
        return None;
    }
    let output = Command::new(time)
        .args(["-f", "%M"])
        .arg(of.get_program())
        .args(of.get_args())
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
