//! The recipient's side of the built program: uploads with a plan and downloads with a URL, through
//! a proxy that breaks connections, with an independent S3 server.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::fault_proxy::{Fault, FaultProxy};
use support::odd_servers::{Identity, OddServer};
use support::process::{signal, wait_until};
use support::rng::Rng;
use support::s3_server::Server;

use crate::run::{SERVER_KEYS, directory, program};

const MIB: usize = 1 << 20;
/// Minimum part size of stores.
const PART: usize = 5 * MIB;

/// Timeout of a run.
const BOUND: Duration = Duration::from_secs(120);

/// The recipient has no credentials and an otherwise empty environment.
fn receiver(args: &[&str]) -> Command {
    let mut command = program();
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn signer(args: &[&str]) -> String {
    let mut command = receiver(args);
    command.envs(SERVER_KEYS);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

struct Said {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Said {
    fn of(output: Output) -> Said {
        let err = String::from_utf8(output.stderr).unwrap();
        // URLs must not appear in logs.
        assert!(
            !err.contains("X-Amz-") && !err.contains("uploadId="),
            "{err}"
        );
        Said {
            code: output.status.code().unwrap_or(-1),
            out: output.stdout,
            err,
        }
    }

    fn json(&self) -> Value {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "not quiet");
        let text = String::from_utf8(self.out.clone()).unwrap();
        assert!(!text.contains("X-Amz-"), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Checks the exit code and these parts of the output.
    fn refused(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "no `{part}` in: {}", self.err);
        }
        assert!(support::ends_in_error_and_hint(&self.err), "{}", self.err);
    }
}

fn run(command: &mut Command) -> Said {
    let started = Instant::now();
    let output = command.output().unwrap();
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    Said::of(output)
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// A store, a proxy before it, and a directory.
struct Stage {
    server: Server,
    proxy: FaultProxy,
    directory: PathBuf,
}

impl Stage {
    fn new(name: &str, rule: impl Fn(&str, usize) -> Fault + Send + Sync + 'static) -> Stage {
        let server = Server::start();
        server.put("bucket", "other", b"");
        Stage {
            server,
            proxy: FaultProxy::start(server.address, rule),
            directory: directory("transfer", name),
        }
    }

    fn path(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Including hidden files.
    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn signed(&self, args: &[&str]) -> String {
        let endpoint = self.proxy.endpoint();
        signer(
            &[
                args,
                &[
                    "--endpoint",
                    &endpoint,
                    "--region",
                    "us-east-1",
                    "--addressing",
                    "path",
                    "-q",
                ],
            ]
            .concat(),
        )
    }

    /// A plan for `bucket/dir/big.bin`.
    fn plan(&self, size: usize, more: &[&str]) -> String {
        let size = size.to_string();
        let part = PART.to_string();
        let args = [
            "multipart",
            "bucket/dir/big.bin",
            "--size",
            &size,
            "--part-size",
            &part,
        ];
        self.write("plan.json", self.signed(&[&args, more].concat()).as_bytes())
    }

    fn link(&self, key: &str, more: &[&str]) -> String {
        self.signed(&[&["get", &format!("bucket/{key}")], more].concat())
    }

    fn upload(&self, more: &[&str]) -> Said {
        run(&mut receiver(
            &[
                &[
                    "upload",
                    &self.path("plan.json"),
                    &self.path("big.bin"),
                    "--json",
                ],
                more,
            ]
            .concat(),
        ))
    }

    fn big(&self) -> Option<Vec<u8>> {
        self.server.object("bucket", "dir/big.bin")
    }

    /// A download into the directory of the stage.
    fn download(&self, more: &[&str]) -> Command {
        let mut command = receiver(&[&["download"], more].concat());
        command.current_dir(&self.directory);
        command
    }
}

fn is_part(line: &str, number: u32) -> bool {
    line.starts_with("PUT ") && line.contains(&format!("partNumber={number}&"))
}

/// `POST` without `?uploads`.
fn is_complete(line: &str) -> bool {
    line.starts_with("POST ") && line.contains("uploadId=")
}

// Uploads in parts

#[test]
fn each_part_is_uploaded_once() {
    let stage = Stage::new("whole", |_, _| Fault::Pass);
    let bytes = Rng::new(1).bytes(3 * PART + 12_345);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    let done = stage.upload(&[]).json();
    assert_eq!(
        (&done["parts"], &done["parts_sent"], &done["parts_skipped"]),
        (&4.into(), &4.into(), &0.into())
    );
    assert_eq!(
        (&done["bytes_sent"], &done["completed"]),
        (&bytes.len().into(), &true.into())
    );
    assert_eq!(
        (&done["bucket"], &done["key"]),
        (&"bucket".into(), &"dir/big.bin".into())
    );
    assert!(stage.big().unwrap() == bytes);
    let mut taken = stage.server.parts_taken();
    taken.sort();
    assert_eq!(taken, [1, 2, 3, 4]);
    assert!(
        stage
            .proxy
            .seen("partNumber=")
            .iter()
            .all(|seen| seen.head.contains("content-md5: "))
    );
    // Again: the upload no longer exists, and the object is complete.
    let again = stage.upload(&[]).json();
    assert_eq!(
        (&again["parts_sent"], &again["completed"]),
        (&0.into(), &true.into())
    );
    assert_eq!(again["etag"], done["etag"]);
    assert_eq!(stage.server.parts_taken().len(), 4);
    // Another file of that size was not uploaded, and cannot be sent any more.
    stage.write("big.bin", &Rng::new(2).bytes(bytes.len()));
    stage
        .upload(&[])
        .refused(1, &["NoSuchUpload", "request a new plan"]);
}

#[test]
fn a_killed_upload_resumes_without_resending_parts() {
    let stage = Stage::new("killed", |line, before| match before {
        0 if is_part(line, 3) || is_part(line, 4) => Fault::Hang,
        _ => Fault::Pass,
    });
    let bytes = Rng::new(3).bytes(5 * PART + 1);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    let mut child = receiver(&[
        "upload",
        &stage.path("plan.json"),
        &stage.path("big.bin"),
        "--jobs",
        "2",
    ])
    .spawn()
    .unwrap();
    wait_until("both connections hang", || {
        stage.proxy.seen("partNumber=3&").len() + stage.proxy.seen("partNumber=4&").len() == 2
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let before = stage.server.parts_taken();
    assert_eq!(
        {
            let mut sorted = before.clone();
            sorted.sort();
            sorted
        },
        [1, 2]
    );
    assert!(stage.big().is_none());
    let done = stage.upload(&[]).json();
    assert_eq!(
        (&done["parts_sent"], &done["parts_skipped"]),
        (&4.into(), &2.into())
    );
    assert!(stage.big().unwrap() == bytes);
    let mut taken = stage.server.parts_taken();
    taken.sort();
    assert_eq!(taken, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn broken_connections_and_busy_stores_are_retried() {
    let stage = Stage::new("faults", |line, before| match before {
        0 if is_part(line, 1) => Fault::ResetAfter(MIB),
        0 if is_part(line, 2) => {
            Fault::Response("HTTP/1.1 503 Slow Down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
        }
        0 if is_part(line, 3) => Fault::LoseResponse,
        0 if is_part(line, 4) => Fault::ResetAfter(0),
        1 if is_part(line, 4) => Fault::Response(
            "HTTP/1.1 400 Bad Request\r\nContent-Length: \
             44\r\n\r\n<Error><Code>RequestTimeout</Code>  </Error>",
        ),
        0 if line.starts_with("GET ") => {
            Fault::Response("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
        }
        _ => Fault::Pass,
    });
    let bytes = Rng::new(4).bytes(4 * PART);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    let done = stage.upload(&[]).json();
    // Six faults; on a busy machine a connection may also be closed before its response is read.
    let retries = done["retries"].as_u64().unwrap();
    assert!((6..=9).contains(&retries), "{retries}");
    assert_eq!(done["bytes_sent"], bytes.len());
    assert!(stage.big().unwrap() == bytes);
    // `Retry-After` is honoured; after a connection closed without a response, the next request
    // waits for `100 Continue`.
    assert!(stage.proxy.seen("partNumber=2&").len() >= 2);
    assert!(
        stage.proxy.seen("partNumber=4&")[1]
            .head
            .contains("expect: 100-continue")
    );
}

#[test]
fn a_stalled_connection_times_out() {
    let stage = Stage::new("stall", |line, before| {
        if before == 0 && is_part(line, 2) {
            Fault::Hang
        } else {
            Fault::Pass
        }
    });
    let bytes = Rng::new(5).bytes(2 * PART);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    let done = stage.upload(&["--timeout", "2s"]).json();
    // On a busy machine the store itself may be too slow.
    assert!(done["retries"].as_u64().unwrap() >= 1);
    assert!(stage.big().unwrap() == bytes);
}

#[test]
fn retries_end_with_a_hint_to_resume() {
    let stage = Stage::new("patience", |line, _| {
        if is_part(line, 2) {
            Fault::ResetAfter(9)
        } else {
            Fault::Pass
        }
    });
    let bytes = Rng::new(6).bytes(2 * PART);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    stage.upload(&["--retries", "1"]).refused(
        4,
        &[
            "closed",
            "run the same command again: it resumes where it stopped",
        ],
    );
    assert_eq!(stage.proxy.seen("partNumber=2&").len(), 2);
    assert!(stage.big().is_none());
}

#[test]
fn a_lost_or_failed_completion_is_handled() {
    for (name, fault, retries) in [
        ("lost", Fault::LoseResponse, 1),
        (
            "internal",
            Fault::Response(
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n   \
                 <Error><Code>InternalError</Code></Error>",
            ),
            1,
        ),
        ("cut", Fault::CutResponseAfter(20), 1),
    ] {
        let once = fault.clone();
        let stage = Stage::new(name, move |line, before| {
            if is_complete(line) && before == 0 {
                once.clone()
            } else {
                Fault::Pass
            }
        });
        let bytes = Rng::new(7).bytes(PART + 7);
        stage.write("big.bin", &bytes);
        stage.plan(bytes.len(), &[]);
        let done = stage.upload(&[]).json();
        assert_eq!(
            (&done["retries"], &done["completed"]),
            (&retries.into(), &true.into()),
            "{name}"
        );
        assert!(stage.big().unwrap() == bytes, "{name}");
    }
    let stage = Stage::new("refused-in-200", |line, _| match is_complete(line) {
        true => Fault::Response(
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\n<Error><Code>InvalidPart</Code></Error>",
        ),
        false => Fault::Pass,
    });
    stage.write("big.bin", &Rng::new(8).bytes(PART));
    stage.plan(PART, &[]);
    stage.upload(&[]).refused(1, &["InvalidPart"]);
}

#[test]
fn a_different_completed_object_is_an_error() {
    let response = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<CompleteMultipartUploadResult>\
        <ETag>\"00000000000000000000000000000000-1\"</ETag></CompleteMultipartUploadResult>";
    let stage = Stage::new("other-etag", move |line, _| {
        if is_complete(line) {
            Fault::Response(response)
        } else {
            Fault::Pass
        }
    });
    stage.write("big.bin", &Rng::new(9).bytes(PART));
    stage.plan(PART, &[]);
    stage
        .upload(&[])
        .refused(1, &["00000000000000000000000000000000-1"]);
}

#[test]
fn a_file_of_another_size_is_refused_before_sending() {
    let stage = Stage::new("size", |_, _| Fault::Pass);
    stage.write("big.bin", &Rng::new(10).bytes(PART));
    stage.plan(PART + 1, &[]);
    let asked = stage.proxy.seen("").len();
    stage
        .upload(&[])
        .refused(2, &[&PART.to_string(), &(PART + 1).to_string()]);
    assert_eq!(stage.proxy.seen("").len(), asked);
}

#[test]
fn a_part_with_another_checksum_is_sent_again() {
    let stage = Stage::new("differs", |_, _| Fault::Pass);
    let mut bytes = Rng::new(11).bytes(3 * PART);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    let sent = stage.upload(&["--no-complete"]).json();
    assert_eq!(
        (&sent["parts_sent"], &sent["completed"]),
        (&3.into(), &false.into())
    );
    assert!(stage.big().is_none());
    bytes[PART + 5] ^= 1;
    stage.write("big.bin", &bytes);
    let done = stage.upload(&[]).json();
    assert_eq!(
        (&done["parts_sent"], &done["parts_skipped"]),
        (&1.into(), &2.into())
    );
    assert_eq!(stage.server.parts_taken()[3..], [2]);
    assert!(stage.big().unwrap() == bytes);
}

#[test]
fn an_upload_of_a_changing_file_is_not_completed() {
    let stage = Stage::new("changes", |line, _| {
        if is_part(line, 2) {
            Fault::Delay(1000)
        } else {
            Fault::Pass
        }
    });
    let mut bytes = Rng::new(12).bytes(2 * PART);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    let child = receiver(&[
        "upload",
        &stage.path("plan.json"),
        &stage.path("big.bin"),
        "--jobs",
        "1",
    ])
    .spawn()
    .unwrap();
    wait_until("part 2 is on its way", || {
        !stage.proxy.seen("partNumber=2&").is_empty()
    });
    bytes[0] ^= 1;
    stage.write("big.bin", &bytes);
    Said::of(child.wait_with_output().unwrap()).refused(
        1,
        &["changed while it was uploaded", "nothing is completed"],
    );
    assert!(stage.big().is_none() && stage.server.uploads() == 1);
}

#[test]
fn refusals_of_the_store_have_a_hint() {
    let stage = Stage::new("refusals", |_, _| Fault::Pass);
    stage.write("big.bin", &Rng::new(13).bytes(PART));
    stage.plan(PART, &["--at", "2020-01-01", "--upload-id", "x"]);
    let said = stage.upload(&[]);
    said.refused(
        1,
        &[
            "the store refused to list the parts of `dir/big.bin`",
            "expired at 2020-01-01T01:00:00Z",
        ],
    );
    let path = stage.plan(PART, &[]);
    let plan = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        plan.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601"),
    )
    .unwrap();
    stage
        .upload(&[])
        .refused(1, &["SignatureDoesNotMatch", "`cos-presign diagnose URL`"]);
    fs::write(&path, plan).unwrap();
    let aborted = run(&mut receiver(&["upload", &path, "--abort", "--json"])).json();
    assert_eq!(
        (&aborted["aborted"], stage.server.uploads()),
        (&true.into(), 0)
    );
    stage.upload(&[]).refused(1, &["NoSuchUpload"]);
    run(&mut receiver(&["upload", &path, "--abort"]))
        .refused(1, &["NoSuchUpload", "completed or aborted"]);
    let nobody = OddServer::closing_at_once();
    let link = signer(&[
        "put",
        "bucket/k",
        "--endpoint",
        &nobody.http(),
        "--region",
        "r",
        "--addressing",
        "path",
        "-q",
    ]);
    run(&mut receiver(&[
        "upload",
        &link,
        &stage.path("big.bin"),
        "--retries",
        "0",
    ]))
    .refused(4, &["run the same command again"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_upload_prints_the_resume_command() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let stage = Stage::new(name, |line, _| {
            if is_part(line, 2) {
                Fault::Hang
            } else {
                Fault::Pass
            }
        });
        stage.write("big.bin", &Rng::new(14).bytes(2 * PART));
        stage.plan(2 * PART, &[]);
        let child = receiver(&[
            "upload",
            &stage.path("plan.json"),
            &stage.path("big.bin"),
            "--jobs",
            "1",
        ])
        .spawn()
        .unwrap();
        wait_until("part 2 hangs", || {
            !stage.proxy.seen("partNumber=2&").is_empty()
        });
        signal(child.id(), name);
        let said = Said::of(child.wait_with_output().unwrap());
        assert_eq!(said.code, code);
        assert!(
            said.err.contains("1 of 2 parts") && said.err.contains("same command again"),
            "{}",
            said.err
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_file() {
    let stage = Stage::new("memory", |line, _| match line {
        line if is_complete(line) => Fault::Hang,
        line if line.starts_with("GET /bucket/k?") => Fault::StallAfter(60 * MIB - 1),
        _ => Fault::Pass,
    });
    let bytes = Rng::new(17).bytes(60 * MIB);
    stage.write("big.bin", &bytes);
    stage.plan(bytes.len(), &[]);
    stage.server.put("bucket", "k", &bytes);
    let peak = |mut child: Child| {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let peak: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(peak < 32 << 10, "{peak} KiB");
    };
    let child = receiver(&[
        "upload",
        &stage.path("plan.json"),
        &stage.path("big.bin"),
        "--jobs",
        "4",
    ])
    .spawn()
    .unwrap();
    wait_until("all parts are sent", || {
        stage.proxy.seen("POST ").len() == 2
    });
    assert_eq!(stage.server.parts_taken().len(), 12);
    peak(child);
    let child = stage.download(&[&stage.link("k", &[])]).spawn().unwrap();
    wait_until("nearly all is there", || {
        let file = stage
            .files()
            .into_iter()
            .find(|name| name.starts_with(".k."));
        let note = file
            .and_then(|file| fs::read(stage.path(&file)).ok())
            .unwrap_or_default();
        let note = note
            .len()
            .checked_sub(8192)
            .map(|at| note[at..].to_vec())
            .unwrap_or_default();
        let note: Option<Value> = serde_json::from_slice(&note).ok();
        note.is_some_and(|note| note["spans"][0]["at"].as_u64().unwrap() > 59 * MIB as u64)
    });
    peak(child);
}

// Uploads in one request

#[test]
fn a_single_url_or_form_uploads_a_file() {
    let stage = Stage::new("single", |line, before| match before {
        0 if line.starts_with("PUT /bucket/again") => Fault::ResetAfter(2 * MIB),
        _ => Fault::Pass,
    });
    let bytes = Rng::new(15).bytes(3 * MIB);
    let file = stage.write("photo.jpg", &bytes);
    let json = stage.write(
        "put.json",
        stage
            .signed(&[
                "put",
                "bucket/in/photo",
                "--content-type",
                "image/jpeg",
                "--json",
            ])
            .as_bytes(),
    );
    let done = run(&mut receiver(&["upload", &json, &file, "--json"])).json();
    assert_eq!(
        (&done["key"], &done["bytes_sent"]),
        (&"in/photo".into(), &bytes.len().into())
    );
    assert!(stage.server.object("bucket", "in/photo").unwrap() == bytes);
    // A signed header that is missing from the URL is reported.
    let link = stage.signed(&["put", "bucket/again", "--content-type", "image/jpeg"]);
    run(&mut receiver(&["upload", &link, &file]))
        .refused(2, &["`content-type`", "-H 'content-type: VALUE'"]);
    let done = run(&mut receiver(&[
        "upload",
        &link,
        &file,
        "-H",
        "Content-Type: image/jpeg",
        "--json",
    ]))
    .json();
    assert_eq!(done["retries"], 1);
    assert!(stage.server.object("bucket", "again").unwrap() == bytes);
    // A plan or a file may come from standard input, one of them at a time.
    let mut child = receiver(&["upload", &stage.signed(&["put", "bucket/stdin"]), "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"from a pipe")
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(
        stage.server.object("bucket", "stdin").unwrap(),
        b"from a pipe"
    );
    let form = stage.signed(&["post", "bucket/inbox/photo.jpg", "--output", "json"]);
    // The form parser of the server fails on some large bodies, so this one is small.
    let small = stage.write("note.txt", b"a note");
    let mut child = receiver(&["upload", "-", &small, "--json"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(form.as_bytes())
        .unwrap();
    let done = Said::of(child.wait_with_output().unwrap()).json();
    assert_eq!(done["key"], "inbox/photo.jpg");
    assert_eq!(
        stage.server.object("bucket", "inbox/photo.jpg").unwrap(),
        b"a note"
    );
    let link = stage.link("in/photo", &["-Q", "response-content-type=a/b"]);
    run(&mut receiver(&["upload", &link, &file])).refused(2, &["for GET"]);
}

#[test]
fn an_upload_refused_by_expect_continue_sends_no_body() {
    let stage = Stage::new("not-sent", |line, _| match line.starts_with("PUT ") {
        true => Fault::Response(
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 45\r\nConnection: \
             close\r\n\r\n<Error><Code>InvalidAccessKeyId</Code></Error>",
        ),
        false => Fault::Pass,
    });
    let file = stage.write("big.bin", &Rng::new(16).bytes(8 * MIB));
    let said = run(&mut receiver(&[
        "upload",
        &stage.signed(&["put", "bucket/k"]),
        &file,
    ]));
    said.refused(1, &["InvalidAccessKeyId"]);
    assert_eq!(stage.proxy.seen("PUT ").len(), 1);
}

// Downloads

#[test]
fn download_writes_a_file_named_by_its_argument() {
    let stage = Stage::new("down", |_, _| Fault::Pass);
    let bytes = Rng::new(20).bytes(300_000);
    stage.server.put("bucket", "a/report.pdf", &bytes);
    let link = stage.link("a/report.pdf", &[]);
    let done = run(&mut stage.download(&[&link, "--json"])).json();
    assert_eq!(
        (&done["file"], &done["size"], &done["resumed_from"]),
        (&"report.pdf".into(), &bytes.len().into(), &0.into())
    );
    assert_eq!(done["checked"][0], "etag");
    assert!(stage.read("report.pdf") == bytes);
    assert_eq!(stage.files(), ["report.pdf"]);
    let asked = stage.proxy.seen("").len();
    run(&mut stage.download(&[&link])).refused(2, &["`report.pdf` exists already", "--force"]);
    assert_eq!(stage.proxy.seen("").len(), asked);
    stage.write("report.pdf", b"old");
    assert_eq!(run(&mut stage.download(&[&link, "--force"])).code, 0);
    assert!(stage.read("report.pdf") == bytes);
    let named = stage.link("a/report.pdf", &["--download-as", "../Plan 1.pdf"]);
    fs::create_dir(stage.path("into")).unwrap();
    assert_eq!(run(&mut stage.download(&[&named, "into"])).code, 0);
    let names: Vec<_> = fs::read_dir(stage.path("into"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["_.._Plan 1.pdf"]);
    assert!(stage.read("into/_.._Plan 1.pdf") == bytes);
    let out = run(&mut stage.download(&[&link, "-"]));
    assert!(out.code == 0 && out.out == bytes);
    stage.server.put("bucket", "empty", b"");
    assert_eq!(
        run(&mut stage.download(&[&stage.link("empty", &[]), "--jobs", "3"])).code,
        0
    );
    assert_eq!(stage.read("empty"), b"");
    run(&mut stage.download(&[&stage.link("none", &[])])).refused(1, &["NoSuchKey"]);
    run(&mut stage.download(&[&link, "no/such/dir"])).refused(4, &["`no/such` does not exist"]);
}

#[test]
fn a_killed_download_resumes() {
    for jobs in ["1", "3"] {
        let stage = Stage::new(
            &format!("down-killed-{jobs}"),
            |line, before| match before {
                0..3 if line.starts_with("GET ") => Fault::Slow(300_000),
                _ => Fault::Pass,
            },
        );
        let bytes = Rng::new(21).bytes(6 * MIB);
        stage.server.put("bucket", "big.bin", &bytes);
        let link = stage.link("big.bin", &[]);
        let mut child = stage.download(&[&link, "--jobs", jobs]).spawn().unwrap();
        wait_until("a million bytes are noted", || {
            stage.files().iter().any(|name| {
                let bytes = fs::read(stage.path(name)).unwrap_or_default();
                let note: Option<Value> = bytes
                    .len()
                    .checked_sub(8192)
                    .and_then(|at| serde_json::from_slice(&bytes[at..]).ok());
                let done = |note: Value| {
                    let spans = note["spans"].as_array().unwrap().clone();
                    spans
                        .iter()
                        .map(|span| span["at"].as_u64().unwrap() - span["start"].as_u64().unwrap())
                        .sum::<u64>()
                };
                note.is_some_and(|note| done(note) > 1_000_000)
            })
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!Path::new(&stage.path("big.bin")).exists());
        let begun = stage.proxy.seen("GET ").len();
        let done = run(&mut stage.download(&[&link, "--json"])).json();
        let resumed = done["resumed_from"].as_u64().unwrap();
        assert!(resumed > 1_000_000, "{resumed}");
        assert_eq!(
            done["bytes_received"].as_u64().unwrap(),
            bytes.len() as u64 - resumed
        );
        assert!(stage.read("big.bin") == bytes);
        assert_eq!(stage.files(), ["big.bin"]);
        for seen in &stage.proxy.seen("GET ")[begun..] {
            assert!(
                seen.head.contains("range: bytes=") && seen.head.contains("if-match: \""),
                "{}",
                seen.head
            );
        }
    }
}

#[test]
fn a_truncated_body_is_resumed() {
    for (name, fault) in [
        ("cut", Fault::CutResponseAfter(70_000)),
        ("stall", Fault::StallAfter(70_000)),
    ] {
        let stage = Stage::new(&format!("down-{name}"), move |_, before| {
            if before == 0 {
                fault.clone()
            } else {
                Fault::Pass
            }
        });
        let bytes = Rng::new(22).bytes(200_000);
        stage.server.put("bucket", "k", &bytes);
        let link = stage.link("k", &[]);
        let done = run(&mut stage.download(&[&link, "--timeout", "2s", "--json"])).json();
        assert!(done["retries"].as_u64().unwrap() >= 1);
        assert!(stage.read("k") == bytes);
        let seen = stage.proxy.seen("GET ");
        assert!(
            !seen[0].head.contains("range:") && seen[1].head.contains("range: bytes=70000-199999"),
            "{}",
            seen[1].head
        );
    }
    // Standard output cannot be rewound, and need not be.
    let stage = Stage::new("down-stdout", |_, before| {
        if before == 0 {
            Fault::CutResponseAfter(70_000)
        } else {
            Fault::Pass
        }
    });
    let bytes = Rng::new(23).bytes(200_000);
    stage.server.put("bucket", "k", &bytes);
    let said = run(&mut stage.download(&[&stage.link("k", &[]), "-"]));
    assert!(said.code == 0 && said.out == bytes, "{}", said.err);
}

#[test]
fn a_changed_object_is_downloaded_from_the_start() {
    for (name, fault) in [("412", Fault::Pass), ("200", Fault::WithoutRange)] {
        let stage = Stage::new(
            &format!("down-changed-{name}"),
            move |_, before| match before {
                0 => Fault::StallAfter(500_000),
                _ => fault.clone(),
            },
        );
        stage
            .server
            .put("bucket", "k", &Rng::new(24).bytes(1_000_000));
        let link = stage.link("k", &[]);
        let mut child = stage.download(&[&link]).spawn().unwrap();
        wait_until("it has begun", || {
            stage
                .files()
                .iter()
                .any(|name| fs::read(stage.path(name)).unwrap_or_default().len() > 9000)
        });
        thread::sleep(Duration::from_millis(300));
        child.kill().unwrap();
        child.wait().unwrap();
        let bytes = Rng::new(25).bytes(900_000);
        stage.server.put("bucket", "k", &bytes);
        let said = run(&mut stage.download(&[&link]));
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(
            said.err.contains("warning: the object has changed"),
            "{}",
            said.err
        );
        assert!(stage.read("k") == bytes);
        assert_eq!(stage.files(), ["k"]);
    }
}

#[test]
fn a_server_without_ranges_restarts_the_download() {
    let stage = Stage::new("down-no-range", |_, before| match before {
        0 => Fault::CutResponseAfter(70_000),
        _ => Fault::WithoutRange,
    });
    let bytes = Rng::new(26).bytes(200_000);
    stage.server.put("bucket", "k", &bytes);
    assert_eq!(run(&mut stage.download(&[&stage.link("k", &[])])).code, 0);
    assert!(stage.read("k") == bytes);
    assert_eq!(stage.files(), ["k"]);
}

#[test]
fn a_download_with_a_wrong_checksum_or_size_is_not_kept() {
    let stage = Stage::new("down-checks", |line, _| {
        if line.contains("/bad") {
            Fault::Damage
        } else {
            Fault::Pass
        }
    });
    let bytes = Rng::new(27).bytes(100_000);
    stage.server.put("bucket", "good", &bytes);
    stage.server.put("bucket", "bad", &bytes);
    run(&mut stage.download(&[&stage.link("bad", &[])])).refused(
        1,
        &["does not match `etag`", "not moved to its destination"],
    );
    assert_eq!(stage.files(), [""; 0]);
    let link = stage.link("good", &[]);
    let right = format!("sha256:{}", sha256(&bytes));
    run(&mut stage.download(&[&link, "--checksum", &sha256(b"other")]))
        .refused(1, &["does not match `--checksum`"]);
    assert_eq!(stage.files(), [""; 0]);
    assert_eq!(
        run(&mut stage.download(&[&link, "--checksum", &right])).code,
        0
    );
    assert!(stage.read("good") == bytes);
    run(&mut stage.download(&[&stage.link("bad", &[]), "-"])).refused(1, &["discard the output"]);
}

#[test]
fn an_unrequested_range_is_refused() {
    let wrong = "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nContent-Range: bytes \
        0-2/200000\r\nConnection: close\r\n\r\nabc";
    let stage = Stage::new("down-wrong-range", move |_, before| match before {
        0 => Fault::CutResponseAfter(70_000),
        _ => Fault::Response(wrong),
    });
    stage
        .server
        .put("bucket", "k", &Rng::new(28).bytes(200_000));
    run(&mut stage.download(&[&stage.link("k", &[])]))
        .refused(1, &["bytes 0 to 2", "from 70000 on"]);
    assert!(!Path::new(&stage.path("k")).exists());
}

#[test]
fn several_connections_download_one_file() {
    let stage = Stage::new("down-jobs", |_, before| {
        if before == 2 {
            Fault::CutResponseAfter(1000)
        } else {
            Fault::Pass
        }
    });
    let bytes = Rng::new(29).bytes(4 * MIB + 3);
    stage.server.put("bucket", "k", &bytes);
    let done = run(&mut stage.download(&[&stage.link("k", &[]), "--jobs", "4", "--json"])).json();
    assert_eq!(
        (&done["retries"], &done["bytes_received"]),
        (&1.into(), &bytes.len().into())
    );
    assert!(stage.read("k") == bytes);
    assert_eq!(stage.proxy.seen("GET ").len(), 5);
}

#[test]
fn redirects_are_reported_and_not_followed() {
    let server = OddServer::responding(
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: \
         http://elsewhere.example/k?secret\r\nContent-Length: 0\r\n\r\n",
    );
    let link = signer(&[
        "get",
        "bucket/k",
        "--endpoint",
        &server.http(),
        "--region",
        "r",
        "--addressing",
        "path",
        "-q",
    ]);
    let said = run(&mut receiver(&["download", &link, "-"]));
    said.refused(1, &["307 Temporary Redirect", "`elsewhere.example`"]);
    assert!(!said.err.contains("secret"));
}

#[test]
fn a_private_ca_is_trusted_with_cacert() {
    let identity = Identity::issued("localhost", (2020, 2090));
    let server = OddServer::with_tls(
        &identity,
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    );
    let link = signer(&[
        "get",
        "bucket/k",
        "--endpoint",
        &server.https(),
        "--region",
        "r",
        "--addressing",
        "path",
        "-q",
    ]);
    let file = directory("transfer", "tls").join("ca.pem");
    fs::write(&file, &identity.authority).unwrap();
    let said = run(&mut receiver(&[
        "download",
        &link,
        "-",
        "--cacert",
        file.to_str().unwrap(),
    ]));
    assert_eq!(
        (said.code, said.out.as_slice()),
        (0, &b"abc"[..]),
        "{}",
        said.err
    );
    run(&mut receiver(&["download", &link, "-", "--retries", "0"]))
        .refused(4, &["cannot verify the certificate of"]);
}

#[test]
fn dot_segments_are_sent_as_signed() {
    let stage = Stage::new("dots", |_, _| Fault::Pass);
    let link = stage.link("a/../b/./c", &[]);
    let _ = run(&mut stage.download(&[&link, "x"]));
    assert!(stage.proxy.seen("/bucket/a/../b/./c?").len() == 1);
}

#[cfg(unix)]
#[test]
fn an_interrupted_download_resumes() {
    let stage = Stage::new("down-int", |_, before| {
        if before == 0 {
            Fault::StallAfter(600_000)
        } else {
            Fault::Pass
        }
    });
    let bytes = Rng::new(30).bytes(MIB);
    stage.server.put("bucket", "k", &bytes);
    let link = stage.link("k", &[]);
    let child = stage.download(&[&link]).spawn().unwrap();
    wait_until("it has begun", || !stage.files().is_empty());
    thread::sleep(Duration::from_millis(300));
    signal(child.id(), "INT");
    let said = Said::of(child.wait_with_output().unwrap());
    assert_eq!(said.code, 130);
    assert!(
        said.err
            .contains("of 1.0 MiB are kept; run the same command again"),
        "{}",
        said.err
    );
    assert_eq!(run(&mut stage.download(&[&link])).code, 0);
    assert!(stage.read("k") == bytes);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_the_partial_file_kept() {
    let stage = Stage::new("down-full", |_, _| Fault::Pass);
    let small = stage.path("small");
    fs::create_dir(&small).unwrap();
    let mount = |args: &[&str]| {
        Command::new(args[0])
            .args(&args[1..])
            .status()
            .is_ok_and(|status| status.success())
    };
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", &small]) {
        writeln!(
            std::io::stderr(),
            "skipped: a_full_disk_is_reported_and_the_partial_file_kept needs the right to mount"
        )
        .unwrap();
        return;
    }
    let bytes = Rng::new(31).bytes(3 * MIB);
    stage.server.put("bucket", "k", &bytes);
    let link = stage.link("k", &[]);
    let said = run(&mut stage.download(&[&link, "small"]));
    let enlarged = mount(&["mount", "-o", "remount,size=8m", &small]);
    let again = run(&mut stage.download(&[&link, "small", "--json"]));
    let whole = fs::read(stage.path("small/k"));
    assert!(mount(&["umount", &small]) && enlarged);
    said.refused(
        4,
        &[
            "cannot write `small/k`",
            "bytes are kept",
            "free disk space",
        ],
    );
    assert!(again.json()["resumed_from"].as_u64().unwrap() > 500_000);
    assert!(whole.unwrap() == bytes);
}
