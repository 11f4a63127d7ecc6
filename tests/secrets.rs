//! Where a secret is, and where it must not be: in the memory of the built program while it waits
//! for its reader, in what its children get, in everything that it prints, and in the files that it
//! makes.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use chrono::{DateTime, Utc};
use cos_presign::sigv4::{
    CredentialScope, Credentials, Kernel, KeyPair, Presigner, Request, Scheme, Secret, SigningKey,
    SigningKeySteps, SigningTime, Template,
};
use support::odd_servers::OddServer;
use support::process::{Memory, signal, stands_in, wait_until};

const NOW: &str = "2026-01-31T12:00:00Z";
const ID: &str = "0123456789abcdef0123456789ABCDEF";
/// Contains every character that keys can have and that encoders change.
const SECRET: &str = "QmVyZ3dlcmtzdG9s/bGVuL3RpZWY+dW50/ZW4rNDcxMQ==";

#[cfg(target_arch = "x86_64")]
const WRITE: u64 = 1;
#[cfg(not(target_arch = "x86_64"))]
const WRITE: u64 = 64;

/// A folder of files that hold keys, for one test.
struct Stage(tempfile::TempDir);

impl Stage {
    fn new() -> Stage {
        Stage(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// A file that only its owner may read.
    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), Permissions::from_mode(0o600)).unwrap();
        self.path(name)
    }

    /// The program, with these variables and no others.
    fn program(&self, variables: &[(&str, &str)], args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
        command
            .env_clear()
            .env("HOME", self.0.path().join("nobody"))
            .env("PATH", "/usr/bin:/bin");
        command
            .envs(variables.iter().copied())
            .args(args)
            .current_dir(self.0.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// With keys in a file.
    fn with_keys(&self, args: &[&str]) -> Command {
        let file = self.file("secret", &format!("{SECRET}\n"));
        self.program(
            &[],
            &[args, &["--access-key-id", ID, "--secret-file", &file]].concat(),
        )
    }
}

/// The secret, pieces of it that survive overwriting its start, and everything that can sign like
/// it.
fn needles() -> Vec<(String, Vec<u8>)> {
    let mut needles = vec![
        ("the secret".to_owned(), SECRET.as_bytes().to_vec()),
        (
            "the middle of the secret".to_owned(),
            SECRET.as_bytes()[12..24].to_vec(),
        ),
        (
            "the end of the secret".to_owned(),
            SECRET.as_bytes()[SECRET.len() - 12..].to_vec(),
        ),
    ];
    let mut keys = vec![(
        "AWS4 and the secret".to_owned(),
        format!("AWS4{SECRET}").into_bytes(),
    )];
    for region in ["us-south", "us-east-1"] {
        let scope = CredentialScope::new(signed_at(), region, "s3").unwrap();
        let steps = SigningKeySteps::derive(&Secret::new(SECRET), &scope);
        for (name, key) in [
            ("kDate", steps.date),
            ("kRegion", steps.region),
            ("kService", steps.service),
            ("kSigning", steps.signing),
        ] {
            needles.push((format!("{name} of {region}"), key.to_vec()));
            keys.push((format!("{name} of {region}"), key.to_vec()));
        }
    }
    // In the form of HMAC's blocks (RFC 2104).
    for (name, key) in keys {
        for pad in [0x36, 0x5c] {
            needles.push((
                format!("{name} with {pad:#x}"),
                key.iter().take(32).map(|byte| byte ^ pad).collect(),
            ));
        }
    }
    needles
}

fn signed_at() -> SigningTime {
    SigningTime::new(NOW.parse::<DateTime<Utc>>().unwrap()).unwrap()
}

/// Searches a process for remains of the secret, except in the environment that the kernel
/// provides.
fn left_in(memory: &Memory) -> Vec<String> {
    let mut left = Vec::new();
    for (name, bytes) in needles() {
        left.extend(
            memory
                .find(&bytes)
                .0
                .into_iter()
                .map(|place| format!("{name}: {place}")),
        );
    }
    left
}

/// Starts the program with a blocked standard output, and searches its memory while it waits.
fn while_it_writes(command: &mut Command, stdin: &[u8]) -> Memory {
    let (reader, mut writer) = std::io::pipe().unwrap();
    // The capacity of a pipe that is not enlarged.
    writer.write_all(&[b'x'; 64 << 10]).unwrap();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(writer)
        .spawn()
        .unwrap();
    command.stdout(Stdio::null());
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let pid = child.id();
    wait_until("it writes", || {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "{ended:?}: {command:?}");
        stands_in(pid, WRITE)
    });
    let memory = Memory::of(pid).expect("a child can be looked into");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(reader);
    memory
}

/// A way in which keys can come: its name, variables, arguments, standard input.
type Source = (
    &'static str,
    Vec<(&'static str, String)>,
    Vec<String>,
    String,
);

/// Every way in which a file or standard input can bring the keys.
fn sources(stage: &Stage) -> Vec<Source> {
    let ibm = format!(
        r#"{{"apikey":"x","cos_hmac_keys":{{"access_key_id":"{ID}","secret_access_key":"{SECRET}"}}}}"#
    );
    let escaped = ibm.replace('/', "\\/");
    let aws = format!(
        "[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\nregion = \
         us-east-1\n"
    );
    let mc = format!(
        r#"{{"version":"10","aliases":{{"store":{{"url":"https://s3.example.com","accessKey":"{ID}","secretKey":"{SECRET}","api":"S3v4","path":"auto"}}}}}}"#
    );
    let rclone = format!(
        "[store]\ntype = s3\nendpoint = s3.example.com\naccess_key_id = {ID}\nsecret_access_key = \
         {SECRET}\n"
    );
    let s3cmd = format!(
        "[default]\naccess_key = {ID}\nsecret_key = {SECRET}\nhost_base = s3.example.com\n"
    );
    let own = format!(
        "[target.store]\nendpoint = \"https://s3.example.com\"\nregion = \
         \"us-south\"\naccess_key_id = \"{ID}\"\nsecret_access_key = \"{SECRET}\"\n"
    );
    let file = |name: &str, text: &str| stage.file(name, text);
    let option = |name: &str, file: &str| vec![name.to_owned(), file.to_owned()];
    let id = || option("--access-key-id", ID);
    let south = || option("--region", "us-south");
    fs::create_dir_all(stage.path("mc")).unwrap();
    file("mc/config.json", &mc);
    let by_file = [
        id(),
        option(
            "--secret-file",
            &file("s", &format!("\u{feff}{SECRET}\r\n")),
        ),
        south(),
    ]
    .concat();
    let by_stdin = [id(), option("--secret-file", "-"), south()].concat();
    let of_ibm = |name: &str, text: &str| {
        [option("--service-credential", &file(name, text)), south()].concat()
    };
    let target = |name: &str| vec![name.to_owned()];
    vec![
        (
            "a file",
            vec![],
            [target("b-1/k"), by_file].concat(),
            String::new(),
        ),
        (
            "standard input",
            vec![],
            [target("b-1/k"), by_stdin].concat(),
            format!("{SECRET}\n"),
        ),
        (
            "a service credential",
            vec![],
            [target("b-1/k"), of_ibm("ibm", &ibm)].concat(),
            String::new(),
        ),
        (
            "one in a list",
            vec![],
            [
                target("b-1/k"),
                of_ibm("list", &format!("[{{\"credentials\":{ibm}}}]")),
            ]
            .concat(),
            String::new(),
        ),
        (
            "one with escapes",
            vec![],
            [target("b-1/k"), of_ibm("escaped", &escaped)].concat(),
            String::new(),
        ),
        (
            "a profile",
            vec![("AWS_SHARED_CREDENTIALS_FILE", file("aws", &aws))],
            target("b-1/k"),
            String::new(),
        ),
        (
            "mc",
            vec![("MC_CONFIG_DIR", stage.path("mc"))],
            target("store/b-1/k"),
            String::new(),
        ),
        (
            "rclone",
            vec![("RCLONE_CONFIG", file("rclone", &rclone))],
            target("store:b-1/k"),
            String::new(),
        ),
        (
            "s3cmd",
            vec![("S3CMD_CONFIG", file("s3cmd", &s3cmd))],
            target("s3://b-1/k"),
            String::new(),
        ),
        (
            "a target of ours",
            vec![("COS_PRESIGN_CONFIG", file("own", &own))],
            target("@store/b-1/k"),
            String::new(),
        ),
    ]
}

#[test]
fn a_secret_from_a_file_is_wiped_before_output() {
    let stage = Stage::new();
    for (name, variables, args, stdin) in sources(&stage) {
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        for output in ["url", "json"] {
            let args = [
                &["get"],
                &args[..],
                &["--at", NOW, "--output", output, "-q"],
            ]
            .concat();
            let memory = while_it_writes(&mut stage.program(&variables, &args), stdin.as_bytes());
            assert_eq!(left_in(&memory), Vec::<String>::new(), "{name}");
            // It is the right process, and what is in it can be found.
            assert!(!memory.find(ID.as_bytes()).0.is_empty(), "{name}");
        }
    }
}

#[test]
fn every_verb_that_signs_wipes_the_secret_before_output() {
    let stage = Stage::new();
    for args in [
        &["put", "b-1/k", "--content-type", "text/plain"][..],
        &["head", "b-1/k"],
        &["delete", "b-1/k"],
        &["list", "b-1/k"],
        &["request", "POST", "b-1/k", "-Q", "uploads"],
        &["get", "b-1/k", "b-1/l", "b-1/m", "-v"],
        &["post", "b-1/in/"],
        &[
            "post",
            "b-1/in/",
            "--output",
            "curl",
            "--upload-file",
            "photo.jpg",
        ],
        &["multipart", "b-1/k", "--size", "1GiB", "--upload-id", "x"],
        &["multipart", "b-1/k", "--only", "create"],
        &[
            "cors",
            "b-1",
            "--origin",
            "https://www.example.com",
            "--output",
            "curl",
        ],
    ] {
        let at: &[&str] = if args[0] == "cors" {
            &[]
        } else {
            &["--at", NOW]
        };
        let args = [
            args,
            at,
            &[
                "--region",
                "us-south",
                "-q",
                "--endpoint",
                "https://s3.example.com",
            ],
        ]
        .concat();
        let memory = while_it_writes(&mut stage.with_keys(&args), b"");
        assert_eq!(left_in(&memory), Vec::<String>::new(), "{args:?}");
        assert!(!memory.find(b"s3.example.com").0.is_empty(), "{args:?}");
    }
}

#[test]
fn a_v4a_key_pair_is_wiped_before_output() {
    let stage = Stage::new();
    let args = [
        "get",
        "b-1/k",
        "--endpoint",
        "https://s3.example.com",
        "--region-set",
        "us-*",
        "--at",
        NOW,
        "-q",
    ];
    let memory = while_it_writes(&mut stage.with_keys(&args), b"");
    assert_eq!(left_in(&memory), Vec::<String>::new());
    let private = KeyPair::derive(ID, &Secret::new(SECRET)).expose_private_key();
    let private = private.expose_secret();
    let reversed: Vec<u8> = private.iter().rev().copied().collect();
    assert_eq!(memory.find(private), (vec![], 0));
    assert_eq!(memory.find(&reversed), (vec![], 0));
}

/// The state needed to sign the next URL: `inner` and `outer` are the states of HMAC after kSigning
/// (RFC 2104).
fn states(key: &[u8; 32]) -> [Vec<u8>; 2] {
    [0x36, 0x5c].map(|pad| {
        let mut block = [pad; 64];
        block
            .iter_mut()
            .zip(key)
            .for_each(|(byte, key)| *byte ^= key);
        let mut state = [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19,
        ];
        sha2::block_api::compress256(&mut state, &[block]);
        state
            .iter()
            .flat_map(|word: &u32| word.to_ne_bytes())
            .collect()
    })
}

struct Bulk {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    in_: std::process::ChildStdin,
}

impl Bulk {
    /// Has made a link, and waits for the next key.
    fn waiting(command: &mut Command, record: &str) -> Bulk {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut in_, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        in_.write_all(record.as_bytes()).unwrap();
        let mut bulk = Bulk {
            child,
            out: BufReader::new(out),
            in_,
        };
        assert!(bulk.line().contains("X-Amz-Signature="));
        bulk
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }

    fn memory(&self) -> Memory {
        Memory::of(self.child.id()).expect("a child can be looked into")
    }

    fn end(mut self) {
        drop(self.in_);
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn bulk_keeps_only_the_hmac_states_in_memory() {
    let stage = Stage::new();
    let scope = CredentialScope::new(signed_at(), "us-south", "s3").unwrap();
    let key = SigningKeySteps::derive(&Secret::new(SECRET), &scope).signing;
    for (jobs, form) in [
        ("1", &[][..]),
        ("3", &["--output", "tsv"]),
        ("1", &["--input", "tsv", "--key-column", "1"]),
    ] {
        let args = [
            "get",
            "b-1/",
            "--keys-from",
            "-",
            "--region",
            "us-south",
            "--at",
            NOW,
            "-q",
            "--jobs",
            jobs,
        ];
        let mut bulk = Bulk::waiting(&mut stage.with_keys(&[&args, form].concat()), "a/1\n");
        let memory = bulk.memory();
        assert_eq!(left_in(&memory), Vec::<String>::new(), "{jobs} {form:?}");
        // Of HMAC's two states the outer one is the key's alone. The inner one has gone on to the
        // string to sign.
        assert!(
            !memory.find(&states(&key)[1]).0.is_empty(),
            "{jobs} {form:?}"
        );
        bulk.in_.write_all(b"b\n").unwrap();
        assert!(bulk.line().contains("/b?"));
        bulk.end();
    }
    // Records for buckets of other regions or with other methods need the secret, which must occur
    // once.
    let args = [
        "get",
        "b-1/",
        "--keys-from",
        "-",
        "--input",
        "jsonl",
        "--region",
        "us-south",
        "--at",
        NOW,
        "-q",
    ];
    let mut bulk = Bulk::waiting(&mut stage.with_keys(&args), "{\"key\":\"a\"}\n");
    let (places, _) = bulk.memory().find(SECRET.as_bytes());
    assert_eq!(places.len(), 1, "{places:?}");
    bulk.in_
        .write_all(b"{\"key\":\"b\",\"method\":\"PUT\"}\n")
        .unwrap();
    assert!(bulk.line().contains("/b?"));
    bulk.end();
}

/// The environment of a process belongs to the kernel and its parent: it remains, and
/// `/proc/PID/environ` shows it to the same user. Besides it there is the one copy for look-ups.
#[test]
fn a_secret_in_a_variable_is_only_in_the_environment_block() {
    let stage = Stage::new();
    let variables = [("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    let args = ["get", "b-1/k", "--region", "us-south", "--at", NOW, "-q"];
    let memory = while_it_writes(&mut stage.program(&variables, &args), b"");
    let (places, in_environment) = memory.find(SECRET.as_bytes());
    assert_eq!((places.len(), in_environment), (1, 1), "{places:?}");
    let derived: Vec<String> = left_in(&memory)
        .into_iter()
        .filter(|left| left.starts_with('k') || left.starts_with('A'))
        .collect();
    assert_eq!(derived, Vec::<String>::new());
}

/// If the user requested it, it must be there.
#[test]
fn the_memory_search_finds_a_secret_in_use() {
    let stage = Stage::new();
    let args = ["get", "b-1/k", "--region", "us-south", "--at", NOW, "-vv"];
    let memory = while_it_writes(stage.with_keys(&args).stderr(Stdio::null()), b"");
    assert!(
        left_in(&memory)
            .iter()
            .any(|left| left.starts_with("the secret: "))
    );
}

#[test]
fn a_crash_writes_no_core_dump() {
    let stage = Stage::new();
    let ours = stage.with_keys(&[
        "get",
        "b-1/",
        "--keys-from",
        "-",
        "--region",
        "us-south",
        "-q",
    ]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$@\"", "sh"])
        .arg(ours.get_program())
        .args(ours.get_args());
    shell
        .env_clear()
        .current_dir(stage.0.path())
        .stderr(Stdio::null());
    let mut bulk = Bulk::waiting(&mut shell, "a\n");
    let limits = fs::read_to_string(format!("/proc/{}/limits", bulk.child.id())).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(line.split_whitespace().nth(4), Some("0"), "{line}");
    // As a panic does.
    signal(bulk.child.id(), "ABRT");
    let status = bulk.child.wait().unwrap();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
    assert!(!fs::read_dir(stage.0.path()).unwrap().any(|entry| {
        entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("core")
    }));
}

// Children

/// A `credential_process` is a program of the user. It inherits the environment, and gets no keys:
/// not as an argument, not as a variable, not on its standard input.
#[test]
fn child_processes_get_only_the_given_environment() {
    let stage = Stage::new();
    let seen = stage.path("seen");
    let script = stage.file(
        "process.sh",
        &format!(
            "#!/bin/sh\n{{ env; tr '\\0' ' ' < /proc/self/cmdline; tr '\\0' ' ' < \
             /proc/$PPID/cmdline; cat; }} > {seen}\necho \
             '{{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"s3cr3t-of-process\"}}'\n"
        ),
    );
    fs::set_permissions(&script, Permissions::from_mode(0o700)).unwrap();
    let config = stage.file(
        "config",
        &format!(
            "[profile process]\ncredential_process = {script}\n[profile \
            other]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"
        ),
    );
    let variables = [("AWS_CONFIG_FILE", config.as_str()), ("MARK", "given")];
    let args = [
        "get",
        "b-1/k",
        "--region",
        "us-east-1",
        "--profile",
        "process",
        "-v",
    ];
    let output = stage.program(&variables, &args).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let seen = fs::read_to_string(seen).unwrap();
    assert!(seen.contains("MARK=given"), "{seen}");
    assert!(
        !seen.contains(SECRET) && !seen.contains("s3cr3t-of-process"),
        "{seen}"
    );
    let ours = ["AWS_CONFIG_FILE", "HOME", "MARK", "PATH"];
    // Variables that a shell sets itself.
    let of_shell = ["OLDPWD", "PWD", "SHLVL", "_"];
    for (name, _) in seen
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| !name.contains([' ', '/']))
    {
        assert!(
            ours.contains(&name) || of_shell.contains(&name),
            "{name} in {seen}"
        );
    }
    assert!(!all_of(&output).contains("s3cr3t-of-process"));
}

// What is printed

fn all_of(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn no_output_has_the_secret() {
    let stage = Stage::new();
    let server = OddServer::responding(
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 36\r\n\r\n<Error><Code>AccessDenied</Code></Er",
    );
    let endpoint = server.http();
    let link = stage
        .with_keys(&[
            "get",
            "b-1/k",
            "--endpoint",
            &endpoint,
            "--region",
            "us-south",
            "-q",
        ])
        .output()
        .unwrap();
    let link = String::from_utf8(link.stdout).unwrap().trim().to_owned();
    let store = ["--endpoint", &endpoint, "--region", "us-south"];
    let token = stage.file("token", "s3ss10n/t0k3n+value==\n");
    let mut count = 0;
    for args in [
        &["get", "b-1/k", "-v"][..],
        &["get", "b-1/k", "--json", "-v"],
        &["get", "b-1/k", "--verify"],
        &["get", "b-1/k", "--expires", "99999999999999999999"],
        &["get", "b-1/k", "--header", "no header"],
        &["get", "b-1/", "--keys-from", "/dev/null/x"],
        &["get", "b-1/", "--recursive"],
        &["put", "b-1/k", "--output", "curl", "-v"],
        &["post", "b-1/k", "-v"],
        &["multipart", "b-1/k", "--size", "5GiB"],
        &["doctor", "b-1/k", "--json"],
    ] {
        let mut command = stage.with_keys(&[args, &store].concat());
        let output = command
            .env("RUST_BACKTRACE", "1")
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        let all = all_of(&output);
        assert!(
            !all.contains(SECRET) && !all.contains(&SECRET[8..28]),
            "{args:?}: {all}"
        );
        count += usize::from(output.status.success());
        // Only the URL and its parts may contain the session token.
        if args.contains(&"-v") && args[0] == "get" {
            let output = stage
                .with_keys(&[args, &store, &["--session-token-file", &token]].concat())
                .output()
                .unwrap();
            assert!(
                !String::from_utf8_lossy(&output.stderr).contains("s3ss10n"),
                "{output:?}"
            );
        }
    }
    assert!(count > 3, "{count}");
    for args in [
        &["verify", &link][..],
        &["verify", &link, "--json"],
        &["diagnose", &link, "--json"],
        &["diagnose", &link],
    ] {
        let all = all_of(&stage.with_keys(args).output().unwrap());
        assert!(!all.contains(SECRET) && !all.is_empty(), "{args:?}: {all}");
    }
}

/// A panic message can contain any text: here a URL, truncated within a character, in a thread that
/// holds the lock of standard error or in another. The test runs itself again to observe the exit.
#[test]
fn a_panic_reports_only_its_source_location() {
    const WHICH: &str = "FAULT_OF";
    if let Ok(which) = std::env::var(WHICH) {
        cos_presign::env::end_on_faults();
        let _held = std::io::stderr().lock();
        let fault = || {
            let link = format!("https://h/b/\u{e9}?X-Amz-Signature={SECRET}");
            link[..13].len()
        };
        let ended = if which == "main" {
            Ok(fault())
        } else {
            std::thread::spawn(fault).join()
        };
        unreachable!("{ended:?}");
    }
    for (which, trace) in [
        ("main", "0"),
        ("thread", "0"),
        ("main", "1"),
        ("thread", "full"),
    ] {
        let mut itself = Command::new(std::env::current_exe().unwrap());
        itself.args([
            "--exact",
            "a_panic_reports_only_its_source_location",
            "--nocapture",
        ]);
        let output = itself
            .env(WHICH, which)
            .env("RUST_BACKTRACE", trace)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(5), "{output:?}");
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        let mut lines = said.lines();
        let place = lines
            .next()
            .unwrap()
            .strip_prefix("error: internal error at tests/secrets.rs:")
            .unwrap();
        assert!(place.parse::<u32>().is_ok(), "{said}");
        let hint = "hint: this is a bug in cos-presign; please report it with the command, \
            without URLs and credentials";
        assert_eq!(lines.next(), Some(hint));
        assert_eq!(lines.next().is_some(), trace != "0", "{said}");
        let all = all_of(&output);
        assert!(
            !all.contains(&SECRET[..8]) && !all.contains("X-Amz-Signature"),
            "{all}"
        );
    }
}

/// Key files damaged at every position: messages must not repeat their content.
#[test]
fn errors_about_credential_files_do_not_quote_them() {
    let stage = Stage::new();
    let texts: [(&str, &str, String); 6] = [
        (
            "COS_CREDENTIALS_FILE",
            "ibm",
            format!(
                r#"{{"cos_hmac_keys":{{"access_key_id":"{ID}","secret_access_key":"{SECRET}"}}}}"#
            ),
        ),
        (
            "AWS_SHARED_CREDENTIALS_FILE",
            "aws",
            format!("[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"),
        ),
        (
            "RCLONE_CONFIG",
            "rclone",
            format!(
                "[store]\ntype = s3\nendpoint = h\naccess_key_id = {ID}\nsecret_access_key = \
                 {SECRET}\n"
            ),
        ),
        (
            "S3CMD_CONFIG",
            "s3cmd",
            format!("[default]\naccess_key = {ID}\nsecret_key = {SECRET}\nhost_base = h\n"),
        ),
        (
            "COS_PRESIGN_CONFIG",
            "own",
            format!(
                "[target.store]\nendpoint = \"https://h\"\naccess_key_id = \
                 \"{ID}\"\nsecret_access_key = \"{SECRET}\"\n"
            ),
        ),
        (
            "MC_CONFIG_ENV_FILE",
            "mc",
            format!("MC_HOST_store=https://{ID}:{SECRET}@h\n"),
        ),
    ];
    let now = NOW.parse().unwrap();
    let run = |variable: &str, file: &str, target: &str| {
        let env = cos_presign::env::Env::new([(variable, file)], now, std::io::empty());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let args = ["cos-presign", "get", target, "--region", "us-south"];
        let code = cos_presign::run(args.map(Into::into), &env, &mut out, &mut err);
        (
            code,
            String::from_utf8_lossy(&out).into_owned() + &String::from_utf8_lossy(&err),
        )
    };
    for (variable, name, text) in texts {
        let path = stage.path(name);
        let mut refused = 0;
        for at in 0..text.len() {
            for damaged in [
                format!("{}{}", &text[..at], &text[at + 1..]),
                text[..at].to_owned(),
                format!("{}\u{1b}{}", &text[..at], &text[at..]),
                format!("{}\n{}", &text[..at], &text[at..]),
                format!("{}\"{}", &text[..at], &text[at..]),
            ] {
                stage.file(name, &damaged);
                for target in ["b-1/k", "store/b-1/k", "store:b-1/k"] {
                    let (code, said) = run(variable, &path, target);
                    assert!(
                        code < 5 && !said.contains(&SECRET[4..24]) && !said.contains(&SECRET[24..]),
                        "{damaged:?}: {said}"
                    );
                    refused += usize::from(code == 3);
                }
            }
        }
        assert!(refused > 0, "{name}");
    }
}

#[test]
fn debug_output_of_what_signs_is_redacted() {
    let credentials = Credentials::new(ID, SECRET).with_session_token("s3ss10n");
    let presigner = Presigner::s3(&credentials, "us-south", signed_at()).unwrap();
    let scope = CredentialScope::new(signed_at(), "us-south", "s3").unwrap();
    let steps = SigningKeySteps::derive(credentials.secret_access_key(), &scope);
    let key = SigningKey::derive(credentials.secret_access_key(), &scope);
    let request = Request::new("GET", Scheme::Https, "s3.example.com", "/b/");
    let template = Template::new(&presigner, &request).unwrap();
    let pair = KeyPair::derive(ID, credentials.secret_access_key());
    let shown = format!(
        "{credentials:?} {presigner:?} {steps:?} {key:?} {template:?} {pair:?} {:?}",
        Secret::new(SECRET)
    );
    assert!(
        !shown.contains(SECRET) && !shown.contains("s3ss10n") && shown.contains(ID),
        "{shown}"
    );
    let bytes = format!("{:?}", steps.signing);
    assert!(
        !shown.contains(&bytes[1..20]) && !shown.contains(&hex::encode(steps.signing)),
        "{shown}"
    );
    assert_eq!(Kernel::portable().name(), "portable");
}

// Files

#[test]
fn output_file_is_private_for_any_umask() {
    let stage = Stage::new();
    for umask in ["000", "022", "077", "777"] {
        let file = stage.path(&format!("link-{umask}"));
        let ours = stage.with_keys(&[
            "get",
            "b-1/k",
            "--region",
            "us-south",
            "--output-file",
            &file,
        ]);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
            .arg(ours.get_program())
            .args(ours.get_args());
        assert!(shell.env_clear().status().unwrap().success());
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            mode,
            if umask == "777" { 0 } else { 0o600 },
            "umask {umask}: {mode:o}"
        );
    }
}

// Terminals

/// Every kind of thing that a terminal obeys: its own sequences, C1, bells, line ends, and what
/// turns the writing around.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{90}q\u{9c}\u{202e}gpj.\u{2066}\u{200f}\r\u{8}\u{7f}\u{61c}\nhint: \
    run `rm`";

fn harmless(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let bad: Vec<char> = text
        .chars()
        .filter(|c| {
            (c.is_control() && !"\n\r".contains(*c))
                || "\u{202e}\u{2066}\u{200f}\u{61c}".contains(*c)
        })
        .collect();
    assert!(bad.is_empty(), "{what}: {bad:?} in {text:?}");
    // A carriage return occurs only before a line feed, where the terminal adds it.
    assert!(
        !text.replace("\r\n", "\n").contains('\r'),
        "{what}: {text:?}"
    );
}

/// Runs the program on a pseudoterminal of Python, and returns the screen.
fn on_terminal(command: &Command) -> Vec<u8> {
    let program = "\
import os, pty, sys
argv = [os.fsencode(a) for a in sys.argv[1:]]
pid, screen = pty.fork()
if pid == 0:
    os.execv(argv[0], argv)
seen = b''
while True:
    try:
        part = os.read(screen, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
";
    let mut python = Command::new("python3");
    python
        .args(["-c", program])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    python
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null());
    let output = python
        .current_dir(command.get_current_dir().unwrap_or(Path::new("/")))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[test]
fn foreign_text_has_no_control_characters_on_a_terminal() {
    let stage = Stage::new();
    let xml: String = HOSTILE
        .chars()
        .map(|c| if c == '<' || c == '&' { ' ' } else { c })
        .collect();
    let error = format!(
        "<Error><Code>Acc{xml}</Code><Message>{xml}</Message><Resource>{xml}</Resource><HostId>{xml}</HostId></Error>"
    );
    let header: Vec<u8> = HOSTILE
        .bytes()
        .filter(|b| !b"\r\n\x7f".contains(b))
        .collect();
    let mut raw = b"HTTP/1.1 403 ".to_vec();
    raw.extend(header.iter().filter(|b| **b >= 0x20));
    raw.extend(b"\r\nServer: ");
    raw.extend(header.iter().filter(|b| **b >= 0x20));
    raw.extend(
        format!(
            "\r\nx-amz-request-id: {}\r\nContent-Length: {}\r\n\r\n{error}",
            "\u{9b}31m",
            error.len()
        )
        .bytes(),
    );
    let server = OddServer::responding(&raw);
    let endpoint = server.http();
    let target = format!("b-1/{HOSTILE}");
    let plain = stage
        .with_keys(&[
            "get",
            "b-1/k",
            "--endpoint",
            &endpoint,
            "--region",
            "us-south",
            "-q",
        ])
        .output()
        .unwrap();
    let link = String::from_utf8(plain.stdout).unwrap().trim().to_owned();
    let keys = stage.file(
        "keys",
        &format!("a\n{}{}\n", "x".repeat(1100), HOSTILE.replace('\n', "")),
    );
    let response = stage.file(
        "response",
        &format!("HTTP/1.1 403 {}\n\n{error}", HOSTILE.replace('\n', "")),
    );
    let plan = stage.file(
        "plan.json",
        &format!("{{\"kind\":{}}}", serde_json::to_string(HOSTILE).unwrap()),
    );
    let unknown = format!("--{HOSTILE}");
    let store = ["--endpoint", endpoint.as_str(), "--region", "us-south"];
    let odd_file = stage.path(HOSTILE);
    fs::write(&odd_file, b"{").unwrap();
    let with_store = |args: &[&str]| stage.with_keys(&[args, &store].concat());
    let without_keys = |args: &[&str]| stage.program(&[], args);
    let profile = [("AWS_PROFILE", HOSTILE)];
    for (name, command) in [
        ("-v", with_store(&["get", &target, "-v"])),
        (
            "markdown",
            with_store(&["get", &target, "--output", "markdown"]),
        ),
        ("html", with_store(&["get", &target, "--output", "html"])),
        (
            "post",
            with_store(&["post", &target, "-v", "--output", "curl", "--max-size", "1"]),
        ),
        (
            "header",
            with_store(&[
                "put",
                "b-1/k",
                "--header",
                &format!("x-amz-meta-a: {}", HOSTILE.replace(['\n', '\r'], "")),
            ]),
        ),
        (
            "an endpoint",
            stage.with_keys(&[
                "get",
                "b-1/k",
                "--endpoint",
                HOSTILE,
                "--region",
                "us-south",
            ]),
        ),
        (
            "a region",
            stage.with_keys(&["get", "b-1/k", "--region", HOSTILE]),
        ),
        (
            "a bucket",
            with_store(&["get", &format!("{HOSTILE}/k"), "-v"]),
        ),
        ("an option", with_store(&["get", "b-1/k", &unknown])),
        ("a verb", without_keys(&[HOSTILE])),
        (
            "an expiry",
            with_store(&["get", "b-1/k", "--expires", HOSTILE]),
        ),
        ("a time", with_store(&["get", "b-1/k", "--at", HOSTILE])),
        (
            "a file",
            with_store(&["get", "b-1/", "--keys-from", &format!("{HOSTILE}/none")]),
        ),
        (
            "a service credential",
            without_keys(&[
                "get",
                "b-1/k",
                "--region",
                "us-south",
                "--service-credential",
                &odd_file,
            ]),
        ),
        (
            "a profile",
            stage.program(&profile, &["get", "b-1/k", "--region", "us-south"]),
        ),
        (
            "rejected keys",
            with_store(&["get", "b-1/", "--keys-from", &keys, "--output", "json"]),
        ),
        ("--verify", with_store(&["get", "b-1/k", "--verify", "-q"])),
        (
            "--verify twice",
            with_store(&["get", "b-1/k", "b-1/l", "--verify", "-q"]),
        ),
        ("verify", stage.with_keys(&["verify", &link])),
        (
            "diagnose",
            stage.with_keys(&["diagnose", &link, "--response", &response]),
        ),
        (
            "inspect",
            without_keys(&["inspect", &format!("{link}&{HOSTILE}=1")]),
        ),
        ("doctor", with_store(&["doctor", "b-1/k"])),
        ("a listing", with_store(&["get", "b-1/", "--recursive"])),
        (
            "download",
            without_keys(&["download", &link, &odd_file, "--force"]),
        ),
        (
            "download to a folder",
            without_keys(&["download", &link, &format!("{HOSTILE}/x/y")]),
        ),
        ("upload", without_keys(&["upload", &plan, &odd_file])),
        (
            "upload of nothing",
            without_keys(&["upload", &link, HOSTILE]),
        ),
        (
            "multipart",
            with_store(&["multipart", &target, "--size", "1GiB", "--output", "sh"]),
        ),
        ("explain", without_keys(&["explain", HOSTILE])),
        ("stores", without_keys(&["stores", HOSTILE])),
        ("config", without_keys(&["config", HOSTILE])),
        ("cors", with_store(&["cors", "b-1", "--origin", HOSTILE])),
    ] {
        let mut command = command;
        let output = command.output().unwrap();
        assert_ne!(output.status.code(), Some(5), "{name}: {output:?}");
        // In a pipe `-v` prints values unescaped, for comparison.
        if !matches!(name, "-v" | "post" | "a bucket") {
            harmless(&format!("{name}, in a pipe"), &output.stderr);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                !said.lines().any(|line| line.starts_with("hint: run `rm`")),
                "{name}: {said}"
            );
        }
        let screen = on_terminal(&command);
        assert!(!screen.is_empty(), "{name}");
        // curl commands are pasted and contain the key unescaped; so do scripts.
        if !matches!(name, "post" | "multipart") {
            harmless(&format!("{name}, on a terminal"), &screen);
        }
    }
}

#[test]
fn standard_input_is_not_read_past_the_secret() {
    // The next command of a shell's group gets the rest of the input: nothing is lost in a buffer.
    let stage = Stage::new();
    let ours = stage.with_keys(&["get", "b-1/k", "--region", "us-south", "-q"]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "\"$@\" > /dev/null && cat", "sh"])
        .arg(ours.get_program())
        .args(ours.get_args())
        .env_clear();
    let mut child = shell
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"for the next one\n")
        .unwrap();
    let mut rest = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(rest, "for the next one\n");
}
