//! The program with failing disks, pipes, signals, clocks, certificates or servers, or arbitrary
//! input. It must end in time, with one of its exit codes and an error with a hint, and never send
//! a signed request to another host.

mod arbitrary_input;
mod bodies;
mod clock;
mod files;
mod partial_files;
mod servers;
mod signals;
mod streams;
mod threads;
mod trust;
mod upload_plans;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use clap::CommandFactory;
use cos_presign::cli::Cli;
use cos_presign::env::Env;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use support::fault_proxy::{Fault, FaultProxy};
use support::odd_servers::{Identity, OK, OddServer, read_request};
use support::process::{BOUND, signal, stands_in, wait_until};
use support::rng::{Rng, draws, seed, size};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

use crate::run::SERVER_KEYS;

const NOW: &str = "2026-01-31T12:00:00Z";
const MIB: usize = 1 << 20;
const PART: usize = 5 * MIB;

#[cfg(target_arch = "x86_64")]
const READ: u64 = 0;
#[cfg(not(target_arch = "x86_64"))]
const READ: u64 = 63;

/// Random numbers for one purpose.
fn rng(purpose: u64) -> Rng {
    Rng::new(seed() ^ purpose)
}

/// With credentials, and an otherwise empty environment.
fn program(args: &[&str]) -> Command {
    let mut command = crate::run::program();
    command.envs(SERVER_KEYS);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs it in a shell after a command that changes its limits.
fn after(setting: &str, command: &Command) -> Command {
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &format!("{setting}; exec \"$@\""), "bash"])
        .arg(command.get_program())
        .args(command.get_args());
    shell.env_clear().envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(directory) = command.get_current_dir() {
        shell.current_dir(directory);
    }
    shell
}

fn run(command: &mut Command) -> Output {
    let started = Instant::now();
    let output = command.output().unwrap();
    assert!(
        started.elapsed() < BOUND,
        "{:?}: {command:?}",
        started.elapsed()
    );
    output
}

/// It failed with this exit code and a well-formed error.
fn failed(what: &str, output: &Output, codes: &[i32]) -> String {
    let said = stderr(output);
    let code = output.status.code().unwrap_or(-1);
    assert!(codes.contains(&code), "{what}: {code} {said}");
    in_form(what, &said);
    said
}

/// An error and a hint, each on one line, without control characters and secrets.
fn in_form(what: &str, said: &str) {
    assert!(support::ends_in_error_and_hint(said), "{what}: {said:?}");
    assert!(
        !said.chars().any(|c| c.is_control() && c != '\n'),
        "{what}: {said:?}"
    );
    assert!(
        !said.contains(SECRET_ACCESS_KEY) && !said.contains("X-Amz-Signature="),
        "{what}: {said:?}"
    );
}

fn directory(name: &str) -> PathBuf {
    crate::run::directory("faults", name)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn signed(args: &[&str], endpoint: &str) -> String {
    let args = [
        args,
        &[
            "--endpoint",
            endpoint,
            "--region",
            "us-south",
            "--addressing",
            "path",
            "-q",
        ],
    ]
    .concat();
    let output = run(&mut program(&args));
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}
