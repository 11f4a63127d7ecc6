//! Limits of files, lines, pages, file descriptors and memory.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use support::odd_servers::{OddServer, read_request};

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
];

struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".aws")).unwrap();
        Stage { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .args(args)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.program(args).output().unwrap()
    }

    /// With a file as standard input.
    fn run_with(&self, args: &[&str], input: &[u8]) -> Output {
        let file = self.path("input");
        fs::write(&file, input).unwrap();
        self.program(args)
            .envs(KEYS)
            .stdin(File::open(file).unwrap())
            .output()
            .unwrap()
    }
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_credential_process_does_not_inherit_standard_input() {
    let stage = Stage::new();
    let script = stage.file(
        "process.sh",
        "#!/bin/sh\ncat > seen\necho \
         '{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"s3cr3t\"}'\n",
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let config = format!("[profile p]\ncredential_process = {}\n", script.display());
    stage.file(".aws/config", &config);
    let keys: String = (0..1000).map(|n| format!("key-{n}\n")).collect();
    fs::write(stage.path("keys"), &keys).unwrap();
    let args = [
        "get",
        "bucket",
        "--keys-from",
        "-",
        "--region",
        "us-east-1",
        "--profile",
        "p",
    ];
    let output = stage
        .program(&args)
        .current_dir(stage.folder.path())
        .stdin(File::open(stage.path("keys")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(out(&output).lines().count(), 1000);
    assert_eq!(fs::read(stage.path("seen")).unwrap(), b"");
}

#[test]
fn headers_of_a_record_pass_the_checks_of_the_option() {
    let stage = Stage::new();
    for (headers, refusal) in [
        (
            r#"{"x-amz-meta-a":"b\r\nx-amz-acl: public-read"}"#,
            "line break",
        ),
        (r#"{"x-amz-meta-a":"b\u0000"}"#, "control character"),
        (r#"{"x-amz-meta-a: b\r\nx":"y"}"#, "is not a header name"),
        (r#"{"x-amz-acl:public-read":"y"}"#, "is not a header name"),
        (r#"{"x amz":"y"}"#, "is not a header name"),
        (r#"{"":"y"}"#, "is not a header name"),
        (r#"{"é":"y"}"#, "is not a header name"),
        (r#"{"host":"other"}"#, "always signed"),
        (r#"{"Authorization":"x"}"#, "second signature"),
        (
            r#"{"transfer-encoding":"chunked"}"#,
            "belongs to the connection",
        ),
        (r#"{"x-amz-security-token":"t"}"#, "part of the link"),
        (r#"{"x-amz-meta-a":"1","X-Amz-Meta-A":"2"}"#, "twice"),
    ] {
        let line = format!("{{\"key\":\"k\",\"headers\":{headers}}}\n");
        let args = [
            "put",
            "bucket",
            "--keys-from",
            "-",
            "--input",
            "jsonl",
            "--region",
            "us-east-1",
        ];
        let output = stage.run_with(&args, line.as_bytes());
        assert_eq!(output.status.code(), Some(1), "{headers}: {}", err(&output));
        assert!(
            err(&output).contains(refusal),
            "{headers}: {}",
            err(&output)
        );
        assert_eq!(out(&output), "", "{headers}");
    }
    let line = "{\"key\":\"k\",\"headers\":{\"x-amz-meta-a\":\"a\\tb\"}}\n";
    let args = [
        "put",
        "bucket",
        "--keys-from",
        "-",
        "--input",
        "jsonl",
        "--region",
        "us-east-1",
    ];
    let output = stage.run_with(&args, line.as_bytes());
    assert!(output.status.success(), "{}", err(&output));
}

#[test]
fn too_few_file_descriptors_are_reported() {
    let stage = Stage::new();
    let server = OddServer::responding(support::odd_servers::OK);
    let script = stage.file(
        "process.sh",
        "#!/bin/sh\necho \
         '{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"s3cr3t\"}'\n",
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let config = format!("[profile p]\ncredential_process = {}\n", script.display());
    stage.file(".aws/config", &config);
    let link = format!("{}/b/k?X-Amz-Signature=x", server.http());
    let get = ["get", "bucket/k", "--region", "us-east-1", "--profile", "p"];
    let (mut failed, mut served) = (0, 0);
    for handles in 5..=24 {
        for args in [
            &["verify", &link][..],
            &["download", &link, "--output-file", "/dev/null"][..],
            &get[..],
        ] {
            let limited = Command::new("sh")
                .env_clear()
                .env("HOME", stage.folder.path())
                .env("PATH", "/usr/bin:/bin")
                .arg("-c")
                .arg(format!("ulimit -n {handles} && exec \"$0\" \"$@\""))
                .arg(env!("CARGO_BIN_EXE_cos-presign"))
                .args(args)
                .current_dir(stage.folder.path())
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let (code, said) = (limited.status.code(), err(&limited));
            // With fewer the system cannot load the program's libraries.
            if code == Some(127) {
                continue;
            }
            assert!(
                matches!(code, Some(0..=4)),
                "{handles} {args:?}: {code:?} {said}"
            );
            assert!(
                !said.contains("internal error"),
                "{handles} {args:?}: {said}"
            );
            if args[0] == "verify" && code != Some(0) {
                assert!(
                    said.contains("file descriptors") || said.contains("open files"),
                    "{handles} {args:?}: {said}"
                );
                failed += 1;
            }
            served += usize::from(code == Some(0));
        }
    }
    assert!(failed > 0 && served > 0, "{failed} failed, {served} served");
}

#[test]
fn aws_files_have_a_size_limit() {
    let stage = Stage::new();
    let sparse = stage.path("sparse");
    File::create(&sparse).unwrap().set_len(3 << 30).unwrap();
    for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        for file in [sparse.to_str().unwrap(), "/dev/zero"] {
            let started = Instant::now();
            let output = Command::new("sh")
                .env_clear()
                .env("HOME", stage.folder.path())
                .env(variable, file)
                .arg("-c")
                // An address space of half a gigabyte: 3 GB do not fit.
                .arg("ulimit -v 800000; exec \"$0\" get bucket/k --region us-east-1 --profile p")
                .arg(env!("CARGO_BIN_EXE_cos-presign"))
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(3), "{}", err(&output));
            assert!(
                err(&output).contains("larger than 1 MiB") && err(&output).contains(variable),
                "{}",
                err(&output)
            );
            assert!(started.elapsed() < Duration::from_secs(20));
        }
    }
    File::create(stage.path(".aws/config"))
        .unwrap()
        .set_len(3 << 30)
        .unwrap();
    let output = stage.run(&["get", "bucket/k", "--region", "us-east-1", "--profile", "p"]);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    assert!(
        err(&output).contains("larger than 1 MiB"),
        "{}",
        err(&output)
    );
}

#[test]
fn an_overlong_line_is_refused_alone() {
    let stage = Stage::new();
    let server = OddServer::responding(support::odd_servers::OK);
    let link = format!("{}/b/k?X-Amz-Signature=x\n", server.http());
    for length in [(1 << 20) + 1, 3 << 20] {
        let long = vec![b'x'; length];
        let input = [link.as_bytes(), &long, b"\n", link.as_bytes()].concat();
        let output = stage.run_with(&["verify", "-", "--json"], &input);
        let lines: Vec<serde_json::Value> = out(&output)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let served: Vec<bool> = lines.iter().map(|line| line["ok"] == true).collect();
        assert_eq!(served, [true, false, true], "{}", err(&output));
        assert!(
            out(&output).contains("line 2 of standard input"),
            "{}",
            out(&output)
        );
        assert_ne!(output.status.code(), Some(0));

        let output = stage.run_with(&["inspect", "-", "--json"], &input);
        assert_eq!(out(&output).lines().count(), 2, "{}", err(&output));
        assert_eq!(output.status.code(), Some(1));
        assert!(
            err(&output).contains("line 2 of standard input"),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn empty_input_is_a_failure() {
    let stage = Stage::new();
    for input in [&b""[..], b"\n", b" \r\n\n"] {
        let output = stage.run_with(&["inspect", "-"], input);
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        assert!(err(&output).contains("hint: "), "{}", err(&output));
    }
}

#[test]
fn a_closed_standard_output_is_a_failure() {
    let stage = Stage::new();
    stage.file("keys.txt", "a\nb\n");
    let run = |redirection: &str, args: &[&str]| {
        Command::new("/bin/sh")
            .args(["-c", &format!("exec \"$@\" {redirection}"), "sh"])
            .arg(env!("CARGO_BIN_EXE_cos-presign"))
            .args(args)
            .env_clear()
            .envs(KEYS)
            .env("HOME", stage.path("."))
            .current_dir(stage.path("."))
            .output()
            .unwrap()
    };
    for args in [
        &["get", "my-bucket/k", "--region", "us-south"][..],
        &[
            "get",
            "my-bucket",
            "--keys-from",
            "keys.txt",
            "--region",
            "us-south",
        ],
        &["stores"],
        &["--help"],
        &["--version"],
    ] {
        let closed = run(">&-", args);
        assert_eq!(closed.status.code(), Some(4), "{args:?}: {}", err(&closed));
        assert!(
            err(&closed).contains("cannot write to standard output"),
            "{args:?}: {}",
            err(&closed)
        );
        let discarded = run(">/dev/null", args);
        assert_eq!(
            discarded.status.code(),
            Some(0),
            "{args:?}: {}",
            err(&discarded)
        );
        // Python's DEVNULL is opened for both, like the null device that replaces a closed stream.
        let discarded = run("1<>/dev/null", args);
        assert_eq!(
            discarded.status.code(),
            Some(0),
            "{args:?}: {}",
            err(&discarded)
        );
    }
}

#[test]
fn a_listing_with_endless_empty_pages_is_stopped() {
    let stage = Stage::new();
    let count = std::sync::atomic::AtomicU64::new(0);
    let server = OddServer::start(move |mut stream| {
        loop {
            let request = read_request(&mut stream);
            if request.is_empty() {
                return request;
            }
            let token = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let body = format!(
                "<ListBucketResult><Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>t{token}</NextContinuationToken></ListBucketResult>"
            );
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            if stream.write_all((head + &body).as_bytes()).is_err() {
                return request;
            }
        }
    });
    let args = [
        "get",
        "bucket",
        "--recursive",
        "--region",
        "us-east-1",
        "--endpoint",
        &server.http(),
    ];
    let output = stage.program(&args).envs(KEYS).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    assert!(
        err(&output).contains("1000 pages without a key"),
        "{}",
        err(&output)
    );
}

/// Peak memory of the program in KiB while it signed these keys.
fn peak(stage: &Stage, jobs: &str, token: usize, keys: &str) -> u64 {
    fs::write(stage.path("keys"), keys).unwrap();
    let args = [
        "get",
        "bucket",
        "--keys-from",
        "keys",
        "--region",
        "us-east-1",
        "--jobs",
        jobs,
    ];
    let mut child = stage
        .program(&args)
        .envs(KEYS)
        .envs((token > 0).then(|| ("AWS_SESSION_TOKEN", "t".repeat(token))))
        .current_dir(stage.folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let pid = child.id();
    let mut peak = 0;
    let mut buffer = vec![0; 1 << 20];
    let mut reads = 0_u64;
    loop {
        let count = std::io::Read::read(&mut stdout, &mut buffer).unwrap();
        reads += 1;
        if reads % 20 == 1 || count == 0 {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find(|line| line.starts_with("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
            peak = peak.max(kib.unwrap_or(0));
        }
        if count == 0 {
            break;
        }
    }
    assert!(child.wait().unwrap().success());
    peak
}

/// In a debug build, half of the memory is used before the first key.
#[test]
fn bulk_memory_is_bounded_for_any_threads_and_token() {
    let stage = Stage::new();
    let short: String = (0..60_000).map(|n| format!("{n}\n")).collect();
    let long: String = (0..3000)
        .map(|n| format!("{n:04}{}\n", "é".repeat(500)))
        .collect();
    let lengths: String = (0..20_000)
        .map(|n| format!("{n}{}\n", "k".repeat(n % 900)))
        .collect();
    // More URLs than a pipe holds: the program still runs when its memory is looked at.
    let base = peak(&stage, "1", 0, &short[..20_000]);
    assert!(base > 0);
    // Each thread has its own buffers for a batch of keys; what grows with the token and the keys
    // is shared.
    for (jobs, token, most) in [
        ("2", 1000, 12),
        ("8", 4000, 20),
        ("64", 0, 20),
        ("64", 4000, 20),
    ] {
        for keys in [&short, &long, &lengths] {
            let peak = peak(&stage, jobs, token, keys);
            assert!(
                peak > 0 && peak <= base + (most << 10),
                "--jobs {jobs}, token of {token}: {peak} KiB, {base} KiB without"
            );
        }
    }
}
