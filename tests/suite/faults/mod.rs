//! What the built program does when the world around it is out of order: disks, pipes, signals, clocks, names, certificates,
//! servers; and when what it is given is nonsense. It ends in time, with one of its exit codes and a sentence, and nothing
//! that was signed goes where it was not meant to go.
//!
//! What is drawn comes from a seed: `FAULTS_SEED` takes another one, `FAULTS_COUNT` says how many inputs are drawn.

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
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

const NOW: &str = "2026-01-31T12:00:00Z";
const MIB: usize = 1 << 20;
const PART: usize = 5 * MIB;

#[cfg(target_arch = "x86_64")]
const READ: u64 = 0;
#[cfg(not(target_arch = "x86_64"))]
const READ: u64 = 63;

/// Numbers that come out the same every time.
struct Rng(u64);

impl Rng {
    fn of(purpose: u64) -> Rng {
        let seed: u64 = std::env::var("FAULTS_SEED")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(20_260_131);
        Rng((seed ^ purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// With keys, and nothing else in the environment.
fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
    command.env_clear().envs([
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    ]);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The same behind something that a shell sets up.
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

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// It failed with this code, and in the form of all failures.
fn failed(what: &str, output: &Output, codes: &[i32]) -> String {
    let said = stderr(output);
    let code = output.status.code().unwrap_or(-1);
    assert!(codes.contains(&code), "{what}: {code} {said}");
    in_form(what, &said);
    said
}

/// An error and a hint, each on one line; nothing that a terminal obeys, and nothing that lets anybody in.
fn in_form(what: &str, said: &str) {
    let lines: Vec<&str> = said.lines().collect();
    let is_formed = lines.len() >= 2
        && lines[lines.len() - 2].starts_with("error: ")
        && lines[lines.len() - 1].starts_with("hint: ");
    assert!(is_formed, "{what}: {said:?}");
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
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("faults")
        .join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
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

// Standard output

/// Every verb that prints, and needs nobody for it.
fn printing() -> Vec<Vec<&'static str>> {
    let link = "https://s3.example.com/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260131%2Fus-south%2Fs3%2Faws4_request&X-Amz-Date=20260131T120000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=30d45bd26be82d5b00113c1f540940ba6337f18f5557bd98c2cea2bb85eca490";
    let mut all: Vec<Vec<&str>> = Vec::new();
    for verb in ["get", "put", "head", "delete"] {
        all.push(vec![verb, "b-1/k", "--region", "us-south"]);
        all.push(vec![
            verb,
            "b-1/",
            "--region",
            "us-south",
            "--keys-from",
            "/proc/self/status",
        ]);
    }
    for form in [
        "json",
        "tsv",
        "curl",
        "wget",
        "powershell",
        "python",
        "html",
        "markdown",
        "qr",
    ] {
        all.push(vec![
            "get", "b-1/k", "--region", "us-south", "--output", form,
        ]);
    }
    all.extend([
        vec!["list", "b-1", "--region", "us-south"],
        vec![
            "request", "POST", "b-1/k", "-Q", "uploads", "--region", "us-south",
        ],
        vec!["put", "b-1/k", "--region", "us-south", "--output", "html"],
        vec!["post", "b-1/in/", "--region", "us-east-1"],
        vec![
            "post",
            "b-1/in/",
            "--region",
            "us-east-1",
            "--output",
            "html",
        ],
        vec![
            "multipart",
            "b-1/k",
            "--size",
            "1GiB",
            "--upload-id",
            "x",
            "--region",
            "us-south",
        ],
        vec![
            "multipart",
            "b-1/k",
            "--size",
            "1GiB",
            "--upload-id",
            "x",
            "--region",
            "us-south",
            "--output",
            "sh",
        ],
        vec!["cors", "--origin", "https://www.example.com"],
        vec!["inspect", link],
        vec!["inspect", link, "--json"],
        vec!["diagnose", link],
        vec!["diagnose", link, "--json"],
        vec!["explain", "expired"],
        vec!["stores"],
        vec!["stores", "ibm", "--json"],
        vec!["config"],
        vec!["completions", "bash"],
        vec!["man", "get"],
        vec!["--help"],
        vec!["get", "--help"],
        vec!["get", "-h"],
        vec!["--version"],
    ]);
    all
}

#[test]
fn a_reader_that_went_away_is_no_fault_of_any_verb() {
    for args in printing() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run(program(&args).stdout(writer));
        // A finding is a finding, whether somebody hears of it or not.
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{args:?}: {output:?}"
        );
        assert!(
            !stderr(&output).contains("error: cannot write"),
            "{args:?}: {}",
            stderr(&output)
        );
        assert!(
            !stderr(&output).contains("panicked"),
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_full_disk_is_told_by_every_verb() {
    for args in printing() {
        let output =
            run(program(&args).stdout(File::options().write(true).open("/dev/full").unwrap()));
        let said = failed(&format!("{args:?}"), &output, &[4]);
        assert!(said.contains("No space left on device"), "{args:?}: {said}");
    }
}

/// Nobody hears what is said about a link, and the link comes all the same.
#[test]
fn standard_error_may_be_full_or_gone() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let args = ["get", "b-1/a/../k", "--region", "us-south", "-v"];
    for err in [
        Stdio::from(writer),
        Stdio::from(File::options().write(true).open("/dev/full").unwrap()),
    ] {
        let output = run(program(&args).stderr(err));
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stdout.starts_with(b"https://"));
    }
}

// Files

/// A folder that takes no files, also for a user who may do everything. `None` if there is no right to make one.
fn read_only(directory: &Path) -> Option<impl Drop> {
    struct Unmounted(PathBuf);
    impl Drop for Unmounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).status();
        }
    }
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "ro", "tmpfs"])
        .arg(directory)
        .stderr(Stdio::null())
        .status();
    mount
        .is_ok_and(|status| status.success())
        .then(|| Unmounted(directory.to_owned()))
}

#[test]
fn files_that_cannot_be_made_are_told_and_nothing_stays() {
    let directory = directory("files");
    let ro = directory.join("ro");
    fs::create_dir(&ro).unwrap();
    let server = Server::start();
    server.put("bucket", "k", b"some bytes");
    let link = signed(&["get", "bucket/k"], &server.path_endpoint());
    let get = |file: &Path| {
        program(&[
            "get",
            "b-1/k",
            "--region",
            "us-south",
            "--output-file",
            text(file),
        ])
    };
    let download = |file: &Path| program(&["download", &link, text(file)]);
    let mut missing = directory.join("missing");
    missing.push("file");
    let below_a_file = directory.join("file/x");
    fs::write(directory.join("file"), b"").unwrap();
    for path in [
        missing,
        below_a_file,
        PathBuf::from("/proc/link"),
        directory.join("x".repeat(300)),
    ] {
        let what = text(&path).to_owned();
        let said = failed(&what, &run(&mut get(&path)), &[2, 4]);
        assert!(!said.contains("panicked"), "{said}");
        failed(&what, &run(&mut download(&path)), &[2, 4]);
    }
    // No byte fits.
    let file = directory.join("link.txt");
    let said = failed(
        "no room",
        &run(&mut after("ulimit -f 0; trap '' XFSZ", &get(&file))),
        &[4],
    );
    assert!(said.contains("File too large"), "{said}");
    let mut names: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["file", "ro"], "half of a link");
    let Some(_mounted) = read_only(&ro) else {
        writeln!(
            std::io::stderr(),
            "skipped: files_that_cannot_be_made_are_told_and_nothing_stays needs the right to mount"
        )
        .unwrap();
        return;
    };
    for mut command in [get(&ro.join("link")), download(&ro.join("k"))] {
        let said = failed("read-only", &run(&mut command), &[4]);
        assert!(said.contains("Read-only file system"), "{said}");
    }
}

#[test]
fn a_limit_on_the_size_of_files_stops_a_download_and_it_goes_on_later() {
    let directory = directory("limit");
    let server = Server::start();
    let bytes = Rng::of(1).bytes(3 * MIB);
    server.put("bucket", "k", &bytes);
    let link = signed(&["get", "bucket/k"], &server.path_endpoint());
    let target = directory.join("k");
    let command = program(&["download", &link, text(&target), "--json"]);
    // Of blocks of 1024 bytes; the note of how far it is lies behind the last byte, so it is the first thing that does not fit.
    for blocks in [0, 1, 2000] {
        let said = failed(
            "a limit",
            &run(&mut after(
                &format!("ulimit -f {blocks}; trap '' XFSZ"),
                &command,
            )),
            &[4],
        );
        assert!(
            said.contains("File too large") && said.contains("make room"),
            "{said}"
        );
        assert!(!target.exists());
    }
    let mut command = command;
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(fs::read(&target).unwrap() == bytes);
    assert_eq!(
        fs::read_dir(&directory).unwrap().count(),
        1,
        "something is left over"
    );
}

#[test]
fn files_that_change_their_kind_are_refused() {
    let directory = directory("kinds");
    let link = signed(&["put", "bucket/k"], "http://127.0.0.1:9");
    for file in [
        "/dev/null/x",
        text(&directory),
        "/proc/self/mem",
        "/nonexistent",
    ] {
        for args in [
            vec!["upload", &link, file],
            vec!["upload", file, "/etc/hostname"],
            vec!["get", "b-1/", "--region", "us-south", "--keys-from", file],
            vec![
                "get",
                "b-1/k",
                "--region",
                "us-south",
                "--service-credential",
                file,
            ],
            vec!["put", "b-1/k", "--region", "us-south", "--from-file", file],
            vec![
                "multipart",
                "b-1/k",
                "--region",
                "us-south",
                "--upload-id",
                "x",
                "--from-file",
                file,
            ],
            vec!["post", "b-1/k", "--region", "us-east-1", "--policy", file],
            vec!["diagnose", &link, "--response", file],
        ] {
            let mut command = program(
                &[
                    &args[..],
                    if args[0] == "upload" {
                        &["--retries", "0"][..]
                    } else {
                        &[]
                    },
                ]
                .concat(),
            );
            failed(&format!("{args:?}"), &run(&mut command), &[1, 2, 3, 4]);
        }
    }
}

// Signals

/// Reads so many bytes of the links, then sends the signal, then reads the rest: what was written are whole lines, and as many
/// as it says.
#[test]
fn bulk_ends_between_two_lines_wherever_a_signal_meets_it() {
    let mut rng = Rng::of(2);
    for round in 0..12 {
        let (name, code) = *rng.pick(&[("INT", 130), ("TERM", 143), ("HUP", 129)]);
        let jobs = *rng.pick(&["1", "2", "3"]);
        let form = *rng.pick(&["url", "json", "tsv"]);
        let first = rng.below(3 * MIB);
        let args = [
            "get",
            "b-1/",
            "--region",
            "us-south",
            "--keys-from",
            "-",
            "--jobs",
            jobs,
            "--output",
            form,
            "-q",
        ];
        let mut child = program(&args).stdin(Stdio::piped()).spawn().unwrap();
        let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let keys: Vec<u8> = (0..20_000)
            .flat_map(|n| format!("{n}/{}\n", "x".repeat(n % 90)).into_bytes())
            .collect();
        let feeder = thread::spawn(move || while to.write_all(&keys).is_ok() {});
        let mut links = vec![0; first];
        from.read_exact(&mut links).unwrap();
        signal(child.id(), name);
        from.read_to_end(&mut links).unwrap();
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        let what = format!("round {round}: {name} after {first} bytes, {jobs} jobs, {form}");
        assert_eq!(
            output.status.code(),
            Some(code),
            "{what}: {}",
            stderr(&output)
        );
        assert!(links.ends_with(b"\n"), "{what}: half a line");
        let count = links.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(
            stderr(&output),
            format!("stopped; links written: {count}\n"),
            "{what}"
        );
    }
}

struct Transfer {
    server: Server,
    proxy: FaultProxy,
    directory: PathBuf,
}

impl Transfer {
    fn new(name: &str, rule: impl Fn(&str, usize) -> Fault + Send + Sync + 'static) -> Transfer {
        let server = Server::start();
        server.put("bucket", "other", b"");
        Transfer {
            server,
            proxy: FaultProxy::start(server.address, rule),
            directory: directory(name),
        }
    }

    fn path(&self, name: &str) -> String {
        text(&self.directory.join(name)).to_owned()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

fn interrupted(mut child: Child, name: &str) -> Output {
    if child.try_wait().unwrap().is_none() {
        signal(child.id(), name);
    }
    child.wait_with_output().unwrap()
}

/// Signals that meet a download anywhere: the target is whole or not there, and the next run makes it whole.
#[test]
fn a_download_goes_on_wherever_a_signal_met_it() {
    let mut rng = Rng::of(3);
    let bytes = rng.bytes(2 * MIB);
    for round in 0..8 {
        let (name, code) = *rng.pick(&[("INT", 130), ("TERM", 143)]);
        let jobs = *rng.pick(&["1", "3"]);
        let least = rng.below(3 * MIB / 2);
        let stage = Transfer::new(&format!("download-{round}"), |_, _| Fault::Slow(150_000));
        stage.server.put("bucket", "k", &bytes);
        let link = signed(&["get", "bucket/k"], &stage.proxy.endpoint());
        let target = stage.path("k");
        let mut command = program(&["download", &link, &target, "--jobs", jobs]);
        let child = command.spawn().unwrap();
        let written = || {
            let files = fs::read_dir(&stage.directory).unwrap();
            files
                .map(|entry| allocated(&entry.unwrap().path()))
                .sum::<u64>()
        };
        wait_until("bytes arrive", || {
            written() >= least as u64 || Path::new(&target).exists()
        });
        let output = interrupted(child, name);
        let what = format!("round {round}: {name} after {least} bytes, {jobs} jobs");
        match output.status.code() {
            Some(0) => assert!(fs::read(&target).unwrap() == bytes, "{what}"),
            ended => {
                assert_eq!(ended, Some(code), "{what}: {}", stderr(&output));
                assert!(!Path::new(&target).exists(), "{what}");
                let said = stderr(&output);
                assert!(
                    said.ends_with('\n') && said.lines().count() == 1,
                    "{what}: {said:?}"
                );
                let again = run(&mut command);
                assert_eq!(again.status.code(), Some(0), "{what}: {}", stderr(&again));
                assert!(fs::read(&target).unwrap() == bytes, "{what}");
            }
        }
        assert_eq!(
            fs::read_dir(&stage.directory).unwrap().count(),
            1,
            "{what}: something is left over"
        );
    }
}

/// Bytes that were written, in a file that may have holes.
fn allocated(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map_or(0, |data| data.blocks() * 512)
}

#[test]
fn an_upload_goes_on_wherever_a_signal_met_it() {
    let mut rng = Rng::of(4);
    let bytes = rng.bytes(4 * PART);
    for round in 0..6 {
        let (name, code) = *rng.pick(&[("INT", 130), ("TERM", 143)]);
        let jobs = *rng.pick(&["1", "2"]);
        let parts = rng.below(4);
        let stage = Transfer::new(&format!("upload-{round}"), |_, _| Fault::Delay(100));
        let file = stage.write("big.bin", &bytes);
        let size = bytes.len().to_string();
        let args = [
            "multipart",
            "bucket/big.bin",
            "--size",
            &size,
            "--part-size",
            "5MiB",
        ];
        let plan = stage.write(
            "plan.json",
            signed(&args, &stage.proxy.endpoint()).as_bytes(),
        );
        let mut command = program(&["upload", &plan, &file, "--jobs", jobs, "--json"]);
        let before = stage.proxy.seen("").len();
        let child = command.spawn().unwrap();
        wait_until("parts arrive", || {
            stage.proxy.seen("").len() > before && stage.server.parts_taken().len() >= parts
        });
        let output = interrupted(child, name);
        let what = format!("round {round}: {name} after {parts} parts, {jobs} jobs");
        if output.status.code() != Some(0) {
            assert_eq!(
                output.status.code(),
                Some(code),
                "{what}: {}",
                stderr(&output)
            );
            assert!(
                stderr(&output).ends_with('\n') && output.stdout.is_empty(),
                "{what}: {output:?}"
            );
            let again = run(&mut command);
            assert_eq!(again.status.code(), Some(0), "{what}: {}", stderr(&again));
            let done: Value = serde_json::from_slice(&again.stdout).unwrap();
            assert_eq!(done["completed"], true, "{what}: {done}");
        }
        assert!(
            stage.server.object("bucket", "big.bin").unwrap() == bytes,
            "{what}"
        );
        assert_eq!(stage.server.uploads(), 0, "{what}");
    }
}

// Threads

/// Where the system counts processes and threads, as containers do, the program makes do with what it gets, or says that it
/// gets none.
#[test]
fn threads_may_be_scarce() {
    let directory = tempfile::tempdir().unwrap();
    // Where whoever has no rights at all can run it.
    let copy = directory.path().join("cos-presign");
    fs::copy(env!("CARGO_BIN_EXE_cos-presign"), &copy).unwrap();
    fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let keys = directory.path().join("keys");
    fs::write(
        &keys,
        (0..50_000)
            .map(|n| format!("key {n}\n"))
            .collect::<String>(),
    )
    .unwrap();
    let keys = keys.to_str().unwrap();
    let link = "http://127.0.0.1:9/b/k?X-Amz-Signature=0";
    // Nobody else runs anything under this number. Who has no right to take it has threads of their own, and gets no more.
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let nobody = format!("--reuid={}", 1_000_000 + std::process::id());
    let limited = |threads: &str, args: &[&str]| {
        let taking = if is_root {
            &["setpriv", &nobody, "--clear-groups"][..]
        } else {
            &["env"]
        };
        let limit = format!("--nproc={threads}");
        let words = [taking, &["prlimit", &limit, copy.to_str().unwrap()], args].concat();
        let mut limited = Command::new(words[0]);
        limited
            .args(&words[1..])
            .env_clear()
            .env("PATH", "/usr/bin:/bin");
        limited.envs([
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ]);
        limited
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        limited
    };
    let bulk = [
        "get",
        "bucket-1/",
        "--keys-from",
        keys,
        "--region",
        "us-south",
        "--at",
        NOW,
        "-q",
        "--jobs",
        "6",
    ];
    for args in [&bulk[..], &["verify", link, link]] {
        let output = run(&mut limited("1", args));
        let said = failed(&format!("{args:?}"), &output, &[4]);
        assert!(
            said.starts_with("error: the system gives no thread: "),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
    if is_root {
        let all = run(&mut program(&bulk)).stdout;
        assert_eq!(all.iter().filter(|byte| **byte == b'\n').count(), 50_000);
        let with_some = run(&mut limited("4", &bulk));
        assert!(
            with_some.status.success() && with_some.stdout == all,
            "{}",
            stderr(&with_some)
        );
        // One thread tries, one reads on, and none is left to look up a name in.
        let mut verify = limited("3", &["verify", "-", "--jobs", "1"])
            .spawn()
            .unwrap();
        let mut links = verify.stdin.take().unwrap();
        writeln!(links, "http://localhost:9/b/k?X-Amz-Signature=0").unwrap();
        let mut answer = String::new();
        BufReader::new(verify.stdout.take().unwrap())
            .read_line(&mut answer)
            .unwrap();
        drop(links);
        assert!(answer.contains("the system gives no thread"), "{answer}");
        assert_eq!(verify.wait().unwrap().code(), Some(4));
    }
}

// The clock

/// The clock is a number like others: whatever it shows, and if it goes back between two runs, there is an answer.
#[test]
fn a_clock_may_show_anything() {
    let link = signed(&["get", "b-1/k", "--at", NOW], "https://s3.example.com");
    let end = DateTime::<Utc>::MAX_UTC;
    let times = [
        DateTime::<Utc>::MIN_UTC,
        end,
        end - TimeDelta::seconds(1),
        "0000-01-01T00:00:00Z".parse().unwrap(),
        "1969-12-31T23:59:59Z".parse().unwrap(),
        "1970-01-01T00:00:00Z".parse().unwrap(),
        "1999-12-31T23:59:59Z".parse().unwrap(),
        "9999-12-31T23:59:59Z".parse().unwrap(),
        "+10000-01-01T00:00:00Z".parse().unwrap(),
        NOW.parse().unwrap(),
    ];
    let keys = [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    ];
    let region = ["--region", "us-south"];
    let mut answered = 0;
    for now in times {
        for expiration in [
            None,
            Some("1970-01-01T00:00:00Z"),
            Some("9999-12-31T23:59:59Z"),
            Some("2026-01-31T12:30:00Z"),
        ] {
            for args in [
                &["get", "b-1/k", "--expires", "7d"][..],
                &["get", "b-1/k", "--expires", "18446744073709551615"],
                &["get", "b-1/k", "--until", "9999-12-31"],
                &["get", "b-1/k", "--until", "0001-01-01"],
                &["get", "b-1/k", "--backdate", "100000d"],
                &["get", "b-1/k", "--align", "36500d"],
                &["post", "b-1/k", "--expires", "1d"],
                &["multipart", "b-1/k", "--upload-id", "x", "--size", "10MiB"],
                &["inspect", &link],
                &["inspect", &link, "--json", "--expires-within", "1h"],
                &["diagnose", &link],
            ] {
                let region = if matches!(args[0], "inspect" | "diagnose") {
                    &[][..]
                } else {
                    &region
                };
                let variables = keys
                    .into_iter()
                    .chain(expiration.map(|end| ("AWS_CREDENTIAL_EXPIRATION", end)));
                let env = Env::new(variables, now, std::io::empty());
                let (mut out, mut err) = (Vec::new(), Vec::new());
                let all = [&["cos-presign"], args, region].concat();
                let code = cos_presign::run(all.iter().map(Into::into), &env, &mut out, &mut err);
                let said = String::from_utf8_lossy(&err);
                assert!(code < 5, "{now} {args:?}: {said}");
                if matches!(code, 2 | 3) {
                    in_form(&format!("{now} {args:?}"), &said);
                }
                answered += usize::from(code == 0);
            }
        }
    }
    assert!(answered > 50, "{answered}");
}

/// Retries are counted by a clock that does not go back; what a store's clock says is only told.
#[test]
fn dates_and_delays_of_a_store_are_not_believed() {
    for header in [
        "Retry-After: 99999999999999999999",
        "Retry-After: -1",
        "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
        "Retry-After: Thu, 01 Jan 0000 00:00:00 GMT",
        "Date: Fri, 31 Dec 9999 23:59:60 GMT",
        "Date: Thu, 01 Jan 0001 00:00:00 GMT",
        "Last-Modified: nonsense",
    ] {
        let answer = format!(
            "HTTP/1.1 503 Slow Down\r\n{header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let server = OddServer::answering(answer.as_bytes());
        let link = signed(&["get", "bucket/k"], &server.http());
        failed(
            header,
            &run(&mut program(&["download", &link, "-", "--retries", "0"])),
            &[1, 4],
        );
        let output = run(&mut program(&["verify", &link, "--json"]));
        assert_eq!(output.status.code(), Some(1), "{header}: {output:?}");
    }
}

// Servers

/// Every verb that asks somebody, against this endpoint. What it makes goes into the folder.
fn asking(endpoint: &str, directory: &Path, more: &[&str]) -> Vec<(&'static str, Command)> {
    let get = signed(&["get", "bucket/k"], endpoint);
    let put = signed(&["put", "bucket/k"], endpoint);
    let args = [
        "multipart",
        "bucket/k",
        "--size",
        "11MiB",
        "--upload-id",
        "x",
    ];
    let plan = directory.join("plan.json");
    fs::write(&plan, signed(&args, endpoint)).unwrap();
    let file = directory.join("eleven");
    fs::write(&file, vec![b'x'; 11 * MIB]).unwrap();
    let (plan, file) = (text(&plan), text(&file));
    let target = directory.join("target");
    let store = [
        "--endpoint",
        endpoint,
        "--region",
        "us-south",
        "--addressing",
        "path",
    ];
    let timeout = ["--timeout", "1s"];
    let once = ["--retries", "0"];
    vec![
        (
            "get --verify",
            program(&[&["get", "bucket/k", "--verify", "-q"], &store[..], &timeout].concat()),
        ),
        (
            "verify",
            program(&[&["verify", &get], &timeout[..], more].concat()),
        ),
        (
            "doctor",
            program(&[&["doctor", "bucket/k"], &store[..], &timeout, more].concat()),
        ),
        (
            "download",
            program(
                &[
                    &["download", &get, text(&target)],
                    &timeout[..],
                    &once,
                    more,
                ]
                .concat(),
            ),
        ),
        (
            "download -",
            program(&[&["download", &get, "-"], &timeout[..], &once, more].concat()),
        ),
        (
            "upload",
            program(&[&["upload", &put, "/etc/passwd"], &timeout[..], &once, more].concat()),
        ),
        (
            "upload a plan",
            program(&[&["upload", plan, file], &timeout[..], &once, more].concat()),
        ),
        (
            "abort a plan",
            program(&[&["upload", plan, "--abort"], &timeout[..], &once, more].concat()),
        ),
        (
            "--recursive",
            program(&[&["get", "bucket/", "--recursive"], &store[..], &timeout].concat()),
        ),
    ]
}

/// Runs all of them at once, since each may wait for its own time, and gives what each has come to.
fn all_at_once(commands: Vec<(&'static str, Command)>) -> Vec<(&'static str, Output)> {
    let running: Vec<_> = commands
        .into_iter()
        .map(|(name, mut command)| (name, thread::spawn(move || run(&mut command))))
        .collect();
    running
        .into_iter()
        .map(|(name, thread)| (name, thread.join().unwrap()))
        .collect()
}

/// None of them may take it for a success, and each has to end with a sentence.
fn none_succeeds(what: &str, endpoint: &str, more: &[&str]) {
    let directory = directory(&format!("server-{}", what.replace(' ', "-")));
    for (name, output) in all_at_once(asking(endpoint, &directory, more)) {
        let what = format!("{name}, {what}");
        let code = output.status.code();
        assert!(matches!(code, Some(1 | 4)), "{what}: {code:?} {output:?}");
        // These two report on standard output.
        if !matches!(name, "doctor" | "verify") || code == Some(4) && output.stdout.is_empty() {
            in_form(&what, &stderr(&output));
        }
        // The link itself is printed before it is tried.
        let out = if name == "get --verify" {
            &[][..]
        } else {
            &output.stdout
        };
        let all = String::from_utf8_lossy(out).into_owned() + &stderr(&output);
        assert!(
            !all.contains("X-Amz-Signature=") && !all.contains(SECRET_ACCESS_KEY),
            "{what}: {all}"
        );
        assert!(
            !all.contains('\u{1b}') && !all.contains('\0'),
            "{what}: {all:?}"
        );
        assert!(all.len() < 20_000, "{what}: {} bytes", all.len());
    }
    assert!(!directory.join("target").exists(), "{what}");
}

/// One byte, a moment, one byte, and so on without an end: each byte alone is early enough.
fn dripping(start: &'static [u8], again: &'static [u8]) -> OddServer {
    OddServer::start(move |mut stream| {
        let request = read_head(&mut stream);
        let _ = stream.write_all(start);
        while again.iter().all(|byte| {
            thread::sleep(std::time::Duration::from_millis(50));
            stream.write_all(&[*byte]).is_ok()
        }) {}
        request
    })
}

/// A body may be left unread.
fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    head
}

#[test]
fn a_server_that_sends_a_letter_at_a_time_is_left() {
    none_succeeds(
        "a dripping header",
        &dripping(b"HTTP/1.1 200 OK\r\nx-slow: ", b"x").http(),
        &[],
    );
    none_succeeds("a dripping status", &dripping(b"", b"H").http(), &[]);
    none_succeeds(
        "dripping remarks",
        &dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n").http(),
        &[],
    );
    none_succeeds(
        "a dripping refusal",
        &dripping(b"HTTP/1.1 403 Forbidden\r\n\r\n<Error>", b" ").http(),
        &[],
    );
}

#[test]
fn servers_that_are_none_are_told_by_every_verb() {
    for (what, server) in [
        ("closing at once", OddServer::closing_at_once()),
        ("resetting", OddServer::resetting()),
        ("silence", OddServer::falling_silent_after(b"")),
        ("half a status", OddServer::answering(b"HTTP/1.1 20")),
        ("another protocol", OddServer::answering(b"SSH-2.0-OpenSSH_9.6\r\n")),
        ("zeros", OddServer::answering(&[0; 4096])),
        ("zeros without end", OddServer::answering_without_end(b"", &[0; 4096])),
        ("a status of letters", OddServer::answering(b"HTTP/1.1 abc OK\r\n\r\n")),
        ("a status of four digits", OddServer::answering(b"HTTP/1.1 2000 OK\r\n\r\n")),
        ("zeros in a header", OddServer::answering(b"HTTP/1.1 200 OK\r\nx: \0\x1b[2J\r\nContent-Length: 0\r\n\r\n")),
        ("an endless header", OddServer::answering_without_end(b"HTTP/1.1 200 OK\r\nx: ", &[b'x'; 65536])),
        ("endless headers", OddServer::answering_without_end(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n")),
        ("endless remarks", OddServer::answering_without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
        ("two lengths", OddServer::answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")),
        ("a length of letters", OddServer::answering(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nab")),
        ("a length below zero", OddServer::answering(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab")),
        (
            "terminal in a refusal",
            OddServer::answering(
                b"HTTP/1.1 403 \x1b[2J\r\nContent-Length: 48\r\n\r\n<Error><Code>\x1b]0;x\x07\0</Code><Message>\xc2\x9b</Mess",
            ),
        ),
        (
            "an endless refusal",
            OddServer::answering_without_end(b"HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>", b"xxxxxxxxxxxxxxxx"),
        ),
        ("a busy store", OddServer::answering(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n")),
        (
            "switching protocols",
            OddServer::answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        ),
    ] {
        none_succeeds(what, &server.http(), &[]);
    }
}

#[test]
fn bodies_that_are_cut_are_not_taken_for_whole() {
    let directory = directory("cut");
    for (index, answer) in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nabc",
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-18446744073709551615/*\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nETag: \"900150983cd24fb0d6963f7d28e17f73\"\r\nContent-Length: 3\r\n\r\nabd",
    ]
    .into_iter()
    .enumerate()
    {
        let server = OddServer::answering(answer);
        let link = signed(&["get", "bucket/k"], &server.http());
        let target = directory.join(index.to_string());
        let output = run(&mut program(&["download", &link, text(&target), "--retries", "0", "--timeout", "5s"]));
        failed(&format!("{index}"), &output, &[1, 4]);
        assert!(!target.exists(), "{index}");
    }
}

/// A store may say that an object is compressed. It is the object's bytes that are wanted, and nothing is unpacked that
/// somebody else could have packed.
#[test]
fn nothing_that_a_store_sends_is_unpacked() {
    let directory = directory("packed");
    let bomb = gzip(&vec![0; 16 * MIB]);
    let head = |more: &str| {
        format!(
            "HTTP/1.1 200 OK\r\n{more}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            bomb.len()
        )
    };
    let server = OddServer::answering(&[head("").as_bytes(), &bomb].concat());
    let link = signed(&["get", "bucket/k"], &server.http());
    let target = directory.join("k");
    let output = run(&mut program(&["download", &link, text(&target), "--json"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(fs::read(&target).unwrap() == bomb);
    let output = run(&mut program(&["download", &link, "-"]));
    assert!(output.stdout == bomb);
    assert!(
        server
            .requests()
            .iter()
            .all(|request| !request.to_ascii_lowercase().contains("accept-encoding"))
    );
    // A page of a listing, packed, is no page.
    let page = "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>";
    let packed = gzip(page.as_bytes());
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    let server = OddServer::answering(&[answer.as_bytes(), &packed].concat());
    let args = [
        "get",
        "bucket/",
        "--recursive",
        "--endpoint",
        &server.http(),
        "--region",
        "us-south",
    ];
    failed("a packed page", &run(&mut program(&args)), &[1, 4]);
    let refusal = OddServer::answering(
        &[
            head("x: y\r\n")
                .replace("200 OK", "403 Forbidden")
                .as_bytes(),
            &bomb,
        ]
        .concat(),
    );
    none_succeeds("a packed refusal", &refusal.http(), &[]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A megabyte that is a gigabyte of keys: memory stays flat while it is read.
#[test]
fn a_list_that_swells_takes_no_memory() {
    let lines = b"some/key/of/usual/length.jpg\n".repeat(4 * MIB / 29);
    for (what, swollen, more, code) in [
        ("one key without an end", vec![b'x'; 4 * MIB], &[][..], 1),
        (
            "one record without an end",
            vec![b'"'; 4 * MIB + 1],
            &["--input", "csv", "--key-column", "1"],
            2,
        ),
        ("very many keys", lines, &[], 0),
    ] {
        let member = gzip(&swollen);
        assert!(member.len() < swollen.len() / 100);
        let args = [
            "get",
            "b-1/",
            "--region",
            "us-south",
            "--keys-from",
            "-",
            "--jobs",
            "2",
            "-q",
        ];
        let mut child = program(&[&args, more].concat());
        let mut child = child
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut to = child.stdin.take().unwrap();
        // Whoever has seen enough does not read on.
        for _ in 0..24 {
            let _ = to.write_all(&member);
        }
        let pid = child.id();
        wait_until("it has read all", || {
            stands_in(pid, READ) || child.try_wait().unwrap().is_some()
        });
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        // None of one that has ended.
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap_or("0");
        let peak: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        drop(to);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{what}");
        assert!(peak < 48 << 10, "{what}: {peak} KiB");
    }
}

#[test]
fn documents_that_swell_are_refused() {
    let mut laughs = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a0 \"ha\">".to_owned();
    for level in 1..40 {
        laughs.push_str(&format!(
            "<!ENTITY a{level} \"{}\">",
            format!("&a{};", level - 1).repeat(10)
        ));
    }
    laughs
        .push_str("]><ListBucketResult><Contents><Key>&a39;</Key></Contents><IsTruncated>false</IsTruncated></ListBucketResult>");
    let outside = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ListBucketResult><Contents><Key>&x;</Key></Contents></ListBucketResult>";
    let error_laughs = laughs
        .replace("ListBucketResult", "Error")
        .replace("Key>", "Code>");
    for (what, body) in [
        ("entities", laughs),
        ("an entity from outside", outside.to_owned()),
        ("entities in an error", error_laughs),
        ("nested", "<ListBucketResult>".repeat(200_000)),
        (
            "nested contents",
            format!("<ListBucketResult>{}", "<Contents><Key>".repeat(100_000)),
        ),
        (
            "an attribute without end",
            format!("<ListBucketResult a=\"{}", "x".repeat(8 * MIB)),
        ),
        (
            "many attributes",
            format!("<ListBucketResult {}>", "a=\"b\" ".repeat(500_000)),
        ),
        (
            "a comment without end",
            format!("<ListBucketResult><!--{}", "-".repeat(8 * MIB)),
        ),
        ("JSON", "[".repeat(500_000)),
        ("nothing", String::new()),
        ("zeros", "\0".repeat(1000)),
    ] {
        for status in ["200 OK", "403 Forbidden"] {
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let server = OddServer::answering(answer.as_bytes());
            let store = ["--endpoint", &server.http(), "--region", "us-south"];
            let output = run(&mut program(
                &[&["get", "bucket/", "--recursive"], &store[..]].concat(),
            ));
            let said = failed(&format!("{what}, {status}"), &output, &[1, 3, 4]);
            assert!(
                output.stdout.is_empty(),
                "{what}: {} bytes",
                output.stdout.len()
            );
            assert!(
                said.len() < 5000 && !said.contains("root:"),
                "{what}: {said}"
            );
            let link = signed(&["get", "bucket/k"], &server.http());
            if status.starts_with('4') {
                let output = run(&mut program(&["verify", &link]));
                assert_eq!(output.status.code(), Some(1), "{what}: {output:?}");
                assert!(
                    output.stdout.len() < 20_000,
                    "{what}: {} bytes",
                    output.stdout.len()
                );
            }
            // As an answer that somebody has saved.
            let mut child = program(&["diagnose", &link, "--response", "-"])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let _ = child
                .stdin
                .take()
                .unwrap()
                .write_all(&answer.as_bytes()[..answer.len().min(900_000)]);
            let output = child.wait_with_output().unwrap();
            assert!(
                output.status.code().is_some_and(|code| code < 4),
                "{what}: {output:?}"
            );
        }
    }
}

/// The other host hears nothing at all: no link, no header, no key, not even a connection.
#[test]
fn nobody_follows_a_redirect() {
    let elsewhere = OddServer::answering(OK);
    let other = elsewhere.http();
    let host = other.strip_prefix("http://").unwrap();
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
        "300 Multiple Choices",
    ] {
        for location in [
            format!("{other}/bucket/k"),
            format!("//{host}/bucket/k"),
            format!("http://u:p@{host}/k?X-Amz-Signature=0"),
        ] {
            let body =
                format!("<Error><Code>TemporaryRedirect</Code><Endpoint>{host}</Endpoint></Error>");
            let answer = format!(
                "HTTP/1.1 {status}\r\nLocation: {location}\r\nRefresh: 0; url={location}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let server = OddServer::answering(answer.as_bytes());
            none_succeeds("a redirect", &server.http(), &[]);
        }
    }
    // A store that says in its answers where to go on.
    let page = format!(
        "<ListBucketResult><Contents><Key>k</Key></Contents><NextContinuationToken>{other}/x</NextContinuationToken><IsTruncated>true</IsTruncated></ListBucketResult>"
    );
    let asked = Arc::new(Mutex::new(0));
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        let body = if *asked > 3 {
            "<ListBucketResult/>"
        } else {
            &page
        };
        let alt = format!(
            "Alt-Svc: h2=\"{}\"\r\nLink: <http://{}/>; rel=next\r\n",
            "127.0.0.1:1", "127.0.0.1:1"
        );
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\n{alt}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        request
    });
    let args = [
        "get",
        "bucket/",
        "--recursive",
        "--endpoint",
        &server.http(),
        "--region",
        "us-south",
    ];
    let _ = run(&mut program(&args));
    assert!(!elsewhere.was_called());
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn certificates_and_names_are_checked_by_every_verb() {
    let identities = [
        (
            "an expired certificate",
            Identity::issued("localhost", (2020, 2021)),
            "expired on 2021-01-01",
        ),
        (
            "a certificate of the future",
            Identity::issued("localhost", (2080, 2090)),
            "not valid before 2080-01-01",
        ),
        (
            "a certificate for another name",
            Identity::issued("other.example", (2020, 2090)),
            "other.example",
        ),
    ];
    for (what, identity, words) in identities {
        let server = OddServer::with_tls(&identity, OK);
        let authority = directory("authority").join(format!("{}.pem", what.replace(' ', "-")));
        fs::write(&authority, &identity.authority).unwrap();
        none_trusts(what, &server, Some(&authority), words);
        assert!(
            server.requests_so_far().iter().all(String::is_empty),
            "{what}: something was sent"
        );
    }
    for (what, identity) in [
        (
            "a stranger's certificate",
            Identity::issued("localhost", (2020, 2090)),
        ),
        (
            "a certificate of its own",
            Identity::self_signed("localhost", false),
        ),
    ] {
        let server = OddServer::with_tls(&identity, OK);
        let other = directory("authority").join("other.pem");
        fs::write(&other, Identity::issued("someone", (2020, 2090)).authority).unwrap();
        none_trusts(
            what,
            &server,
            Some(&other),
            "self-signed or issued by an unknown authority",
        );
        assert!(
            server.requests_so_far().iter().all(String::is_empty),
            "{what}: something was sent"
        );
    }
    none_succeeds("a name that nobody knows", "http://store.invalid", &[]);
    none_succeeds("a port that nobody has", "http://127.0.0.1:1", &[]);
}

fn none_trusts(what: &str, server: &OddServer, authority: Option<&Path>, words: &str) {
    let directory = directory(&format!("tls-{}", what.replace(' ', "-")));
    for (name, mut command) in asking(&server.https(), &directory, &[]) {
        command.envs(authority.map(|file| ("SSL_CERT_FILE", file)));
        let output = run(&mut command);
        let all = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
        assert!(
            matches!(output.status.code(), Some(1 | 4)),
            "{name}, {what}: {all}"
        );
        // A report is broken into lines.
        let flat = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{name}, {what}: {all}");
    }
}

// Nonsense

/// Values that have been somebody's undoing, somewhere.
const NASTY: &[&str] = &[
    "",
    " ",
    "-",
    "--",
    "---",
    "-1",
    "0",
    "1",
    "00",
    "+1",
    "1e9",
    "NaN",
    "inf",
    "0x10",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999",
    "340282366920938463463374607431768211456",
    "1.5",
    ".",
    "..",
    "/",
    "//",
    "./",
    "../../etc/passwd",
    "~",
    "~root",
    "$HOME",
    "`id`",
    "$(id)",
    "%",
    "%0",
    "%00",
    "%zz",
    "%2F",
    "%25",
    "%s%s%n",
    "{}",
    "[]",
    "[",
    "{\"a\":",
    "null",
    "true",
    "\u{0}",
    "\n",
    "\r\n",
    "\t",
    "\u{1b}[2J",
    "\u{7}",
    "\u{9b}31m",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "é",
    "e\u{301}",
    "日本語",
    "\u{10ffff}",
    "ﷺ",
    "a\u{0}b",
    "a b",
    " a",
    "a ",
    "'",
    "\"",
    "\\",
    "|",
    "&",
    "&&",
    ";",
    "<",
    ">",
    "<!--",
    "]]>",
    "*",
    "?",
    "#",
    "@",
    "@x",
    "@@",
    "a:b",
    ":",
    "::",
    "s3://",
    "s3:///",
    "s3://b",
    "s3://b/",
    "s3://b//k",
    "cos://",
    "cos://us-south",
    "cos://us-south/b/k",
    "cos://x/y/z",
    "arn:",
    "arn:aws:s3:::",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:us-west-2:1:accesspoint/n/k",
    "arn:aws:s3::123456789012:accesspoint/x.mrap/k",
    "http://",
    "https://",
    "http://[",
    "http://[::1",
    "http://[::1]:99999/b/k",
    "https://h:0/b/k",
    "https://u:p@h/b/k",
    "https://h/b/k?x=%",
    "https://h/b/k#f",
    "ftp://h/b",
    "file:///etc/passwd",
    "h:9/b",
    "1h",
    "1d",
    "7d",
    "1w",
    "1y",
    "1h1h",
    "1h-1m",
    "9999999d",
    "1ms",
    "-1h",
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "2026-13-45",
    "2026-02-30T25:61:61Z",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "1970-01-01T00:00:00+99:99",
    "5MiB",
    "5GB",
    "1 GiB",
    "9EiB",
    "999999999YB",
    "us-south",
    "us-east-1",
    "US-SOUTH",
    "x.y.z",
    "b",
    "b/k",
    "b-1/k",
    "b.1/k",
    "B_/k",
    "b-1/../k",
    "b-1//k",
    "/b/k",
    "a=b",
    "=",
    "=b",
    "a=",
    "a==b",
    "a: b",
    ":b",
    "a:",
    "a:\n b",
    "host: x",
    "Host:",
    "x-amz-date: 1",
    "authorization: x",
    "x-amz-security-token: t",
    "content-length: -1",
    "versionId=1",
    "X-Amz-Signature=1",
    "sha256:",
    "sha256:zz",
    "json",
    "url",
    "curl",
];

const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "COS_HMAC_ACCESS_KEY_ID",
    "COS_HMAC_SECRET_ACCESS_KEY",
    "COS_CREDENTIALS_FILE",
    "COS_PRESIGN_CONFIG",
    "CE_SERVICES",
    "VCAP_SERVICES",
    "SERVICE_BINDING_ROOT",
    "S3CMD_CONFIG",
    "RCLONE_CONFIG",
    "MC_CONFIG_DIR",
    "MC_CONFIG_ENV_FILE",
    "MC_HOST_b",
    "RCLONE_CONFIG_B_TYPE",
    "RCLONE_CONFIG_B_ACCESS_KEY_ID",
    "HOME",
    "XDG_CONFIG_HOME",
    "NO_COLOR",
    "MC_REGION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "COLUMNS",
    "TERM",
    "LANG",
];

/// Files as they should be; what is given is made of them.
const FILES: &[(&str, &str)] = &[
    (
        "AWS_SHARED_CREDENTIALS_FILE",
        "[default]\naws_access_key_id = AKID\naws_secret_access_key = s3cr3t-of-file\n[other]\nx = y\n",
    ),
    (
        "AWS_CONFIG_FILE",
        "[default]\nregion = us-south\ns3 =\n  addressing_style = path\n[profile x]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = x\nservices = s\n[services s]\ns3 =\n  endpoint_url = https://h\n",
    ),
    (
        "COS_CREDENTIALS_FILE",
        "{\"apikey\":\"x\",\"cos_hmac_keys\":{\"access_key_id\":\"AKID\",\"secret_access_key\":\"s3cr3t-of-file\"}}",
    ),
    (
        "COS_PRESIGN_CONFIG",
        "[target.b]\nregion = \"us-south\"\nbucket = \"b-1\"\nexpires = \"24h\"\nmax_expires = \"7d\"\ncredentials = \"env\"\n",
    ),
    (
        "RCLONE_CONFIG",
        "[b]\ntype = s3\nprovider = Other\nendpoint = h\naccess_key_id = AKID\nsecret_access_key = s3cr3t-of-file\n[c]\ntype = alias\nremote = b:x\n",
    ),
    (
        "S3CMD_CONFIG",
        "[default]\naccess_key = AKID\nsecret_key = s3cr3t-of-file\nhost_base = h\nhost_bucket = %(bucket)s.h\nuse_https = True\n",
    ),
    (
        "MC_CONFIG_ENV_FILE",
        "MC_HOST_b=https://AKID:s3cr3t-of-file@h\n",
    ),
];

/// One input: what is typed, set, piped in and stored.
#[derive(Clone, Debug)]
struct Nonsense {
    args: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
    is_terminal: bool,
}

struct Drawer {
    rng: Rng,
    directory: PathBuf,
    /// Options of each verb: names, and whether they take a value.
    options: Vec<(String, Vec<(String, bool)>)>,
    bases: Vec<Vec<String>>,
    stdins: Vec<Vec<u8>>,
    links: Vec<String>,
}

impl Drawer {
    fn new(directory: PathBuf) -> Drawer {
        // What would send anything, or write where nobody has asked it to, is left to the tests above.
        let sends = ["verify", "recursive", "output-file", "help"];
        let options = Cli::command()
            .get_subcommands()
            .map(|verb| {
                let options = verb.get_arguments().filter_map(|option| {
                    let name = option.get_long().filter(|name| !sends.contains(name))?;
                    Some((format!("--{name}"), option.get_action().takes_values()))
                });
                (verb.get_name().to_owned(), options.collect())
            })
            .collect();
        let link = signed(&["get", "b-1/k", "--at", NOW], "http://127.0.0.1:1");
        let put = signed(
            &["put", "b-1/k", "--at", NOW, "--content-type", "a/b"],
            "http://127.0.0.1:1",
        );
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
        let mut bases: Vec<Vec<String>> = [
            "get b-1/k --region us-south",
            "get b-1/k --region us-east-1 --expires 1h --json",
            "get b-1/k --region us-south -v",
            "get s3://b-1/k --endpoint https://h.example --region r --output curl",
            "get b-1/ --region us-south --keys-from -",
            "get b-1/ --region us-south --keys-from - --input csv --key-column key",
            "get b-1/ --region us-south --keys-from - --input tsv",
            "get b-1/ --region us-south --keys-from - --input jsonl",
            "get b-1/ --region us-south --keys-from - --input inventory",
            "get b/k",
            "get @b/k",
            "get b:k/l",
            "get arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/report.pdf",
            "put b-1/k --region us-south --content-type a/b --metadata a=b",
            "put b-1/k --region us-south --output html",
            "put b-1/k --region us-south --sse AES256 --acl private",
            "head b-1/k --region us-south",
            "delete b-1/k --region us-south",
            "list b-1/p --region us-south",
            "request POST b-1/k -Q uploads --region us-south",
            "post b-1/in/ --region us-east-1 --max-size 5MB",
            "post b-1/in/ --region us-east-1 --policy -",
            "multipart b-1/k --region us-south --size 100MiB --upload-id x",
            "cors b-1 --region us-south --origin https://www.example.com",
            "cors --origin https://www.example.com --output xml",
            "inspect -",
            "explain expired",
            "stores ibm",
            "config",
            "config @b",
            "completions bash",
            "man get",
        ]
        .iter()
        .map(|text| words(text))
        .collect();
        for verb in [
            "inspect",
            "inspect --json",
            "inspect --repair",
            "diagnose --json",
        ] {
            let mut base = words(verb);
            base.push(link.clone());
            bases.push(base);
        }
        let csv = b"key,size\na,1\n\"b\"\"c\",2\n\"d\ne\",3\n".to_vec();
        let jsonl = b"{\"key\":\"a\",\"expires\":\"2h\",\"method\":\"PUT\",\"headers\":{\"a\":\"b\"},\"version_id\":\"v\"}\n{\"key\":\"\\u0000\"}\n".to_vec();
        let policy =
            b"{\"expiration\":\"2026-02-01T00:00:00Z\",\"conditions\":[{\"bucket\":\"b-1\"},[\"starts-with\",\"$key\",\"in/\"]]}"
                .to_vec();
        let stdins = vec![
            b"a\nb\n\nc".to_vec(),
            csv,
            jsonl,
            policy,
            link.clone().into_bytes(),
            gzip(b"a\nb\n"),
            Vec::new(),
        ];
        Drawer {
            rng: Rng::of(5),
            directory,
            options,
            bases,
            stdins,
            links: vec![link, put],
        }
    }

    fn value(&mut self) -> Vec<u8> {
        match self.rng.below(20) {
            0 => {
                let count = 1 + self.rng.below(40);
                self.rng.bytes(count)
            }
            1 => {
                let count = *self.rng.pick(&[100, 1025, 70_000]);
                self.rng.pick(NASTY).repeat(count / 4).into_bytes()
            }
            2 => {
                let link = self.rng.pick(&self.links).clone().into_bytes();
                self.damaged(link)
            }
            3 => [*self.rng.pick(NASTY), *self.rng.pick(NASTY)]
                .concat()
                .into_bytes(),
            _ => self.rng.pick(NASTY).as_bytes().to_vec(),
        }
    }

    /// A byte more, less or another; a piece twice or not at all; something nasty in the middle.
    fn damaged(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..1 + self.rng.below(3) {
            let at = self.rng.below(bytes.len() + 1);
            let to = (at + self.rng.below(12)).min(bytes.len());
            match self.rng.below(6) {
                0 if at < bytes.len() => bytes[at] = self.rng.next() as u8,
                1 => _ = bytes.drain(at..to),
                2 => {
                    let piece = bytes[at..to].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => bytes.truncate(at),
                _ => {
                    let nasty = self.rng.pick(NASTY).as_bytes().to_vec();
                    bytes.splice(at..at, nasty);
                }
            }
        }
        bytes
    }

    /// An argument of the operating system has no zeros in it, and what is no address must not become that of a stranger.
    fn word(&mut self) -> OsString {
        let mut value = self.value();
        value.retain(|byte| *byte != 0);
        OsString::from_vec(value)
    }

    fn draw(&mut self) -> Nonsense {
        let base = self.rng.below(self.bases.len());
        let base: Vec<String> = self.bases[base].clone();
        let verb = base[0].clone();
        let mut args: Vec<OsString> = base.iter().map(Into::into).collect();
        for _ in 0..self.rng.below(4) {
            let at = 1 + self.rng.below(args.len());
            match self.rng.below(8) {
                0 if at < args.len() && args.len() > 1 => _ = args.remove(at),
                1 if at < args.len() => args[at] = self.word(),
                2 => {
                    let word = self.word();
                    args.insert(at.min(args.len()), word);
                }
                3 if at < args.len() => {
                    let bytes = args[at].clone().into_vec();
                    let mut damaged = self.damaged(bytes);
                    damaged.retain(|byte| *byte != 0);
                    args[at] = OsString::from_vec(damaged);
                }
                _ => {
                    let options = self
                        .options
                        .iter()
                        .find(|(name, _)| *name == verb)
                        .map_or(&[][..], |(_, options)| options);
                    if options.is_empty() {
                        continue;
                    }
                    let (name, takes_value) = self.rng.pick(options).clone();
                    args.push(name.into());
                    if takes_value && !self.rng.percent(3) {
                        let word = self.word();
                        args.push(word);
                    }
                }
            }
        }
        let mut variables: Vec<(OsString, OsString)> = Vec::new();
        let keys = [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ];
        if !self.rng.percent(15) {
            variables.extend(keys.iter().map(|(name, value)| (name.into(), value.into())));
        }
        while self.rng.percent(25) {
            let name = *self.rng.pick(VARIABLES);
            variables.push((name.into(), self.word()));
        }
        if self.rng.percent(25) {
            let (variable, whole) = *self.rng.pick(FILES);
            let file = self.directory.join(variable);
            let bytes = if self.rng.percent(20) {
                whole.as_bytes().to_vec()
            } else {
                self.damaged(whole.as_bytes().to_vec())
            };
            fs::write(&file, bytes).unwrap();
            variables.push((variable.into(), file.into()));
        }
        let index = self.rng.below(self.stdins.len());
        let stdin = self.stdins[index].clone();
        let stdin = if self.rng.percent(60) {
            self.damaged(stdin)
        } else {
            stdin
        };
        Nonsense {
            args,
            variables,
            stdin,
            is_terminal: self.rng.percent(50),
        }
    }
}

/// The sentence and its hint, no control characters, no secrets, one of the exit codes: whatever it is given.
fn sound(input: &Nonsense) -> Result<u8, String> {
    let mut env = Env::new(
        input.variables.clone(),
        NOW.parse().unwrap(),
        std::io::Cursor::new(input.stdin.clone()),
    );
    env.stderr_is_terminal = input.is_terminal;
    env.stdout_is_terminal = input.is_terminal;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = std::iter::once(OsString::from("cos-presign")).chain(input.args.iter().cloned());
    let code = catch_unwind(AssertUnwindSafe(|| {
        cos_presign::run(args, &env, &mut out, &mut err)
    }));
    let code = code.map_err(|_| "it panicked".to_owned())?;
    let said = String::from_utf8_lossy(&err);
    if code > 4 {
        return Err(format!("exit code {code}: {said}"));
    }
    let lines: Vec<&str> = said.lines().collect();
    let is_formed = match lines[..] {
        [.., error, hint] => error.starts_with("error: ") && hint.starts_with("hint: "),
        _ => false,
    };
    // A verb without anything shows what there is; and a finding stands on standard output.
    if matches!(code, 2..=4) && !is_formed && input.args.len() > 1
        || code == 1 && !is_formed && out.is_empty()
    {
        return Err(format!("no error and hint: {said}"));
    }
    // `-v` in a pipe shows values as they are signed.
    let shows_values = !input.is_terminal
        && input
            .args
            .iter()
            .any(|arg| arg.as_encoded_bytes().starts_with(b"-v") || arg == "--verbose");
    let harmful = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    if !shows_values && said.contains(harmful) {
        return Err(format!("control characters: {said:?}"));
    }
    if said.contains(SECRET_ACCESS_KEY) || said.contains("s3cr3t-of-file") {
        return Err(format!("a secret: {said}"));
    }
    Ok(code)
}

#[test]
fn whatever_it_is_given_it_answers() {
    let count: usize = std::env::var("FAULTS_COUNT")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000);
    let mut drawer = Drawer::new(directory("nonsense"));
    let (give, taken) = channel();
    // What is in hand is known if it does not come to an end.
    let in_hand = Arc::new(Mutex::new(None));
    let shown = Arc::clone(&in_hand);
    let worker = thread::spawn(move || {
        let mut codes = [0_usize; 5];
        let mut faults = Vec::new();
        for number in 0..count {
            let input = drawer.draw();
            *in_hand.lock().unwrap() = Some(input.clone());
            match sound(&input) {
                Ok(code) => codes[usize::from(code)] += 1,
                Err(fault) => faults.push(format!(
                    "{number}: {fault}\n{:?}\n{:?}",
                    input.args, input.variables
                )),
            }
            let _ = give.send(());
        }
        (codes, faults)
    });
    loop {
        match taken.recv_timeout(BOUND) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                panic!("it does not end: {:?}", shown.lock().unwrap())
            }
        }
    }
    let (codes, faults) = worker.join().unwrap();
    println!("exit codes: {codes:?}");
    let few: Vec<&str> = faults
        .iter()
        .take(12)
        .map(|fault| &fault[..fault.len().min(1500)])
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {count}:\n{}",
        faults.len(),
        few.join("\n\n")
    );
    // All kinds of ends were met, but for the network, which nobody was sent to.
    assert!(
        count < 1000 || codes[..4].iter().all(|number| *number > count / 500),
        "{codes:?}"
    );
}
