//! Partial files of other users, servers that send parts of other objects, and directories and
//! disks that cannot be written: the destination has the content of the URL, or does not exist.

use std::os::unix::fs::{FileExt, MetadataExt, symlink};

use sha2::{Digest, Sha256};

use super::*;

const NOTE: usize = 8192;

/// A server for one object with configurable faults.
struct Object {
    server: OddServer,
}

/// How a server sends the object.
#[derive(Clone, Default)]
struct Behaviour {
    body: Vec<u8>,
    etag: &'static str,
    /// The connection of the whole object is closed after this many bytes.
    breaks_after: Option<usize>,
    /// Additional header lines of each response.
    headers: &'static str,
    /// The header of a range response, if not the usual one: from the range and the size.
    range_head: Option<fn(usize, usize, usize) -> String>,
    /// Text after the bytes of a range.
    behind_range: &'static str,
}

impl Object {
    fn start(behaviour: Behaviour) -> Object {
        Object {
            server: OddServer::start(move |mut stream| {
                let request = read_request(&mut stream);
                let _ = stream.write_all(&behaviour.response(&request));
                request
            }),
        }
    }

    fn url(&self, key: &str) -> String {
        signed(&["get", &format!("bucket/{key}")], &self.server.http())
    }
}

impl Behaviour {
    fn response(&self, request: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(request).to_ascii_lowercase();
        let size = self.body.len();
        let etag = self.etag;
        let range = text
            .lines()
            .find_map(|line| line.strip_prefix("range: bytes="));
        let if_match = text
            .lines()
            .find_map(|line| line.strip_prefix("if-match: "));
        if if_match.is_some_and(|wanted| wanted != etag.to_ascii_lowercase()) {
            return b"HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n".to_vec();
        }
        let Some(range) = range else {
            let end = self.breaks_after.unwrap_or(size);
            let head = format!(
                "HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {size}\r\n{}Connection: \
                 close\r\n\r\n",
                self.headers
            );
            return [head.as_bytes(), &self.body[..end]].concat();
        };
        let (start, last) = range.split_once('-').unwrap();
        let start: usize = start.parse().unwrap();
        let end = last.parse().map_or(size, |last: usize| last + 1);
        let usual = |start: usize, end: usize, size: usize| {
            format!(
                "Content-Range: bytes {start}-{}/{size}\r\nContent-Length: {}\r\nETag: {etag}\r\n",
                end - 1,
                end - start
            )
        };
        let head = match self.range_head {
            Some(head) => head(start, end, size),
            None => usual(start, end, size),
        };
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\n{head}{}Connection: close\r\n\r\n",
            self.headers
        );
        [
            head.as_bytes(),
            &self.body[start..end],
            self.behind_range.as_bytes(),
        ]
        .concat()
    }
}

fn download(directory: &Path, url: &str, more: &[&str]) -> Output {
    let args = [&["download", url, "--retries", "0"], more].concat();
    run(program(&args).current_dir(directory))
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn partial_of(directory: &Path) -> PathBuf {
    let name = names(directory)
        .into_iter()
        .find(|name| name.ends_with(".part"));
    directory.join(name.expect("a partial file"))
}

fn succeeded(what: &str, output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{what}: {}", stderr(output));
}

/// Interrupts a download after half of the object.
fn break_off(directory: &Path, body: &[u8], url: &str) -> PathBuf {
    failed("it breaks off", &download(directory, url, &[]), &[4]);
    let partial = partial_of(directory);
    assert_eq!(
        fs::metadata(&partial).unwrap().len(),
        (body.len() + NOTE) as u64
    );
    partial
}

#[test]
fn a_partial_of_another_server_is_not_resumed() {
    let directory = directory("partial-hosts");
    let (one, other) = (vec![b'a'; 200_000], vec![b'b'; 200_000]);
    let half = Behaviour {
        body: one.clone(),
        etag: "\"same\"",
        breaks_after: Some(100_000),
        ..Behaviour::default()
    };
    let first = Object::start(half.clone());
    let second = Object::start(Behaviour {
        body: other.clone(),
        breaks_after: None,
        ..half
    });
    let partial = break_off(&directory, &one, &first.url("k"));
    let name = partial.file_name().unwrap().to_str().unwrap().to_owned();
    let output = download(&directory, &second.url("k"), &[]);
    succeeded("the other server", &output);
    let said = stderr(&output);
    assert!(
        said.contains(&format!("warning: `./{name}` is not resumed")),
        "{said}"
    );
    assert!(fs::read(directory.join("k")).unwrap() == other);
    assert_eq!(names(&directory), [name, "k".to_owned()]);
    // Another version counts as another object.
    fs::remove_file(directory.join("k")).unwrap();
    let version = signed(
        &["get", "bucket/k", "--version-id", "v2"],
        &first.server.http(),
    );
    failed(
        "another version",
        &download(&directory, &version, &[]),
        &[4],
    );
    assert_eq!(names(&directory).len(), 2);
}

#[test]
fn a_new_url_for_the_same_object_resumes() {
    let directory = directory("partial-same");
    let body = rng(30).bytes(200_000);
    let etag = "\"one\"";
    let stage = Arc::new(Mutex::new(Some(100_000)));
    let (breaks, sent) = (Arc::clone(&stage), body.clone());
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let behaviour = Behaviour {
            body: sent.clone(),
            etag,
            breaks_after: *breaks.lock().unwrap(),
            ..Behaviour::default()
        };
        let _ = stream.write_all(&behaviour.response(&request));
        request
    });
    let url = signed(&["get", "bucket/k"], &server.http());
    let partial = break_off(&directory, &body, &url);
    assert_eq!(fs::metadata(&partial).unwrap().mode() & 0o022, 0);
    *stage.lock().unwrap() = None;
    let again = signed(&["get", "bucket/k", "--expires", "2h"], &server.http());
    assert_ne!(url, again);
    let output = download(&directory, &again, &["--json"]);
    succeeded("a new URL", &output);
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(done["resumed_from"], 100_000);
    assert!(fs::read(directory.join("k")).unwrap() == body);
    assert_eq!(names(&directory), ["k"]);
}

/// Writes a partial file as left by a download to `k`.
fn plant(path: &Path, like: &Path, content: &[u8]) {
    // The resume record of a real download, with all bytes.
    let bytes = fs::read(like).unwrap();
    let mut note: Value = serde_json::from_slice(&bytes[bytes.len() - NOTE..]).unwrap();
    let size = content.len() as u64;
    note["size"] = size.into();
    note["spans"] = serde_json::json!([{"start": 0, "at": size, "end": size}]);
    note["checks"] = serde_json::json!([]);
    let mut note = serde_json::to_vec(&note).unwrap();
    note.resize(NOTE, b'\n');
    let _ = fs::remove_file(path);
    fs::write(path, [content, &note].concat()).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
}

#[test]
fn a_finished_partial_needs_a_response_that_confirms_it() {
    let directory = directory("partial-finished");
    let body = rng(31).bytes(100_000);
    let half = Behaviour {
        body: body.clone(),
        etag: "\"one\"",
        breaks_after: Some(50_000),
        ..Behaviour::default()
    };
    let object = Object::start(half.clone());
    let url = object.url("k");
    let partial = break_off(&directory, &body, &url);
    plant(&partial, &partial, &body);
    // The server is down: the file is neither renamed nor lost.
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = dead.local_addr().unwrap();
    drop(dead);
    let expired = signed(
        &["get", "bucket/k", "--at", "2020-01-01"],
        &format!("http://{address}"),
    );
    failed("a dead port", &download(&directory, &expired, &[]), &[4]);
    assert!(!directory.join("k").exists() && partial.exists());
    let output = download(&directory, &url, &["--json"]);
    succeeded("confirmed", &output);
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&done["bytes_received"], &done["resumed_from"]),
        (&1.into(), &99_999.into())
    );
    assert!(fs::read(directory.join("k")).unwrap() == body);
    wait_until("both requests are noted", || {
        object.server.requests_so_far().len() == 2
    });
    let asked = object.server.requests_so_far();
    assert!(asked[1].contains("bytes=99999-99999"), "{asked:?}");
}

/// Files of an attacker in a shared directory.
#[test]
fn planted_partials_are_neither_followed_nor_used() {
    let directory = directory("partial-planted");
    let body = rng(32).bytes(100_000);
    let half = Behaviour {
        body: body.clone(),
        etag: "\"one\"",
        breaks_after: Some(50_000),
        ..Behaviour::default()
    };
    let breaking = Object::start(half);
    let url = breaking.url("k");
    let partial = break_off(&directory, &body, &url);
    let like = directory.join("like");
    fs::copy(&partial, &like).unwrap();
    let object_url = url.clone();
    let victim = directory.join("victim");
    let evil = vec![b'e'; body.len()];
    let is_root = fs::metadata(&directory).unwrap().uid() == 0;
    let resumed = |what: &str, is_used: bool| {
        let output = download(&directory, &object_url, &[]);
        let said = stderr(&output);
        if is_used {
            succeeded(what, &output);
        } else {
            // The connection is closed, but the planted file is reported and unchanged.
            failed(what, &output, &[4]);
            let name = partial.file_name().unwrap().to_str().unwrap();
            assert!(
                said.contains(&format!("warning: `./{name}` is not resumed")),
                "{what}: {said}"
            );
            assert!(!directory.join("k").exists(), "{what}");
        }
        for name in names(&directory) {
            if name.ends_with(".part") && directory.join(&name) != partial {
                fs::remove_file(directory.join(&name)).unwrap();
            }
        }
    };
    let plant_link = |target: &Path| {
        let _ = fs::remove_file(&partial);
        symlink(target, &partial).unwrap();
    };
    plant_link(&victim);
    resumed("a link to nothing", false);
    assert!(!victim.exists(), "the link was followed");
    plant(&victim, &like, &evil);
    let before = fs::read(&victim).unwrap();
    plant_link(&victim);
    resumed("a symbolic link", false);
    assert!(
        fs::read(&victim).unwrap() == before,
        "the link was followed"
    );
    fs::remove_file(&partial).unwrap();
    fs::hard_link(&victim, &partial).unwrap();
    resumed("a hard link", false);
    assert!(
        fs::read(&victim).unwrap() == before,
        "the link was written to"
    );
    fs::remove_file(&partial).unwrap();
    let made = Command::new("mkfifo").arg(&partial).status().unwrap();
    assert!(made.success());
    resumed("a pipe", false);
    fs::remove_file(&partial).unwrap();
    fs::create_dir(&partial).unwrap();
    resumed("a directory", false);
    fs::remove_dir(&partial).unwrap();
    for mode in [0o664, 0o646, 0o666] {
        plant(&partial, &like, &evil);
        fs::set_permissions(&partial, PermissionsExt::from_mode(mode)).unwrap();
        resumed("writable by others", false);
    }
    if is_root {
        plant(&partial, &like, &evil);
        let owned = Command::new("chown")
            .arg("12345")
            .arg(&partial)
            .status()
            .unwrap();
        assert!(owned.success());
        resumed("of another user", false);
        assert!(fs::read(&partial).unwrap()[..body.len()] == evil);
    }
    fs::remove_file(&partial).unwrap();
    fs::write(&partial, b"no note at all").unwrap();
    resumed("without a note", false);
    assert_eq!(fs::read(&partial).unwrap(), b"no note at all");
    // The same file with safe permissions is resumed.
    plant(&partial, &like, &body);
    resumed("ours", true);
    assert!(fs::read(directory.join("k")).unwrap() == body);
}

/// With a group-writable umask the destination gets that permission, the partial file does not.
#[test]
fn a_group_umask_does_not_stop_resuming() {
    let directory = directory("partial-umask");
    let server = Server::start();
    let body = rng(33).bytes(1_000_000);
    server.put("bucket", "k", &body);
    let proxy = FaultProxy::start(server.address, |_, before| match before {
        0 => Fault::StallAfter(600_000),
        _ => Fault::Pass,
    });
    let url = signed(&["get", "bucket/k"], &proxy.endpoint());
    let mut command = program(&["download", &url]);
    command.current_dir(&directory);
    let mut child = after("umask 002", &command).spawn().unwrap();
    wait_until("it has begun", || {
        names(&directory)
            .iter()
            .any(|name| allocated(&directory.join(name)) > 500_000)
    });
    thread::sleep(std::time::Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        fs::metadata(partial_of(&directory)).unwrap().mode() & 0o777,
        0o644
    );
    let output = run(&mut after("umask 002", &command));
    succeeded("resumed", &output);
    assert_eq!(stderr(&output), "");
    assert!(fs::read(directory.join("k")).unwrap() == body);
    assert_eq!(
        fs::metadata(directory.join("k")).unwrap().mode() & 0o777,
        0o664
    );
}

/// Number of allocated bytes of a file that may have holes.
fn allocated(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.blocks() * 512)
}

#[test]
fn what_a_response_with_a_range_lacks_is_not_used() {
    let body = rng(34).bytes(200_000);
    let etag = "\"0123456789abcdef0123456789abcdef-2\"";
    let usual = Behaviour {
        body: body.clone(),
        etag,
        ..Behaviour::default()
    };
    let wrong: &[(&str, Behaviour, &str)] = &[
        (
            "another range",
            Behaviour {
                range_head: Some(|start, end, size| {
                    format!(
                        "Content-Range: bytes {}-{}/{size}\r\nContent-Length: {}\r\nETag: \
                         \"0123456789abcdef0123456789abcdef-2\"\r\n",
                        start - 1,
                        end - 2,
                        end - start
                    )
                }),
                ..usual.clone()
            },
            "instead of those from",
        ),
        (
            "less than requested",
            Behaviour {
                range_head: Some(|start, end, size| {
                    format!(
                        "Content-Range: bytes {start}-{}/{size}\r\nContent-Length: {}\r\nETag: \
                         \"0123456789abcdef0123456789abcdef-2\"\r\n",
                        end - 2,
                        end - start - 1
                    )
                }),
                ..usual.clone()
            },
            "instead of those from",
        ),
        (
            "another length",
            Behaviour {
                range_head: Some(|start, end, size| {
                    format!(
                        "Content-Range: bytes {start}-{}/{size}\r\nContent-Length: {}\r\nETag: \
                         \"0123456789abcdef0123456789abcdef-2\"\r\n",
                        end - 1,
                        end - start + 3
                    )
                }),
                behind_range: "abc",
                ..usual.clone()
            },
            "Content-Length",
        ),
        (
            "more than its range, until the end of the connection",
            Behaviour {
                range_head: Some(|start, end, size| {
                    format!(
                        "Content-Range: bytes {start}-{}/{size}\r\nETag: \
                         \"0123456789abcdef0123456789abcdef-2\"\r\n",
                        end - 1
                    )
                }),
                behind_range: "abc",
                ..usual.clone()
            },
            "more bytes",
        ),
        (
            "two ranges",
            Behaviour {
                headers: "Content-Range: bytes 0-1/200000\r\n",
                ..usual.clone()
            },
            "without Content-Range",
        ),
    ];
    for (what, behaviour, why) in wrong {
        let directory = directory("partial-ranges");
        let behaviour = behaviour.clone();
        let first = usual.clone();
        let server = OddServer::start(move |mut stream| {
            let request = read_request(&mut stream);
            let is_range = request
                .windows(6)
                .any(|text| text.eq_ignore_ascii_case(b"range:"));
            let response = if is_range {
                behaviour.response(&request)
            } else {
                let half = Behaviour {
                    breaks_after: Some(100_000),
                    ..first.clone()
                };
                half.response(&request)
            };
            let _ = stream.write_all(&response);
            request
        });
        let url = signed(&["get", "bucket/k"], &server.http());
        let output = run(program(&["download", &url, "--retries", "1"]).current_dir(&directory));
        let said = failed(what, &output, &[1]);
        assert!(said.contains(why), "{what}: {said}");
        assert!(!directory.join("k").exists(), "{what}");
        // Earlier bytes are kept, those of the faulty response are not.
        let bytes = fs::read(partial_of(&directory)).unwrap();
        let note: Value = serde_json::from_slice(&bytes[bytes.len() - NOTE..]).unwrap();
        assert_eq!(note["spans"][0]["at"], 100_000, "{what}");
    }
}

#[test]
fn a_range_without_an_etag_is_fetched_with_the_whole() {
    let directory = directory("partial-unconfirmed");
    let body = rng(35).bytes(400_000);
    let other = vec![b'x'; body.len()];
    let sent = body.clone();
    // Every range response belongs to another object, without stating so.
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let is_range = request
            .windows(6)
            .any(|text| text.eq_ignore_ascii_case(b"range:"));
        let behaviour = Behaviour {
            body: if is_range {
                other.clone()
            } else {
                sent.clone()
            },
            etag: "\"one-1\"",
            range_head: Some(|start, end, size| {
                format!(
                    "Content-Range: bytes {start}-{}/{size}\r\nContent-Length: {}\r\n",
                    end - 1,
                    end - start
                )
            }),
            ..Behaviour::default()
        };
        let _ = stream.write_all(&behaviour.response(&request));
        request
    });
    let url = signed(&["get", "bucket/k"], &server.http());
    let output = download(&directory, &url, &["--jobs", "3"]);
    succeeded("fetched as a whole", &output);
    assert!(fs::read(directory.join("k")).unwrap() == body);
    assert_eq!(names(&directory), ["k"]);
}

/// The first response has an ETag that is not an MD5, and wrong bytes; the second has a part of the
/// object and its ETag.
#[test]
fn contradictory_responses_are_not_combined() {
    let directory = directory("partial-contradict");
    let body = rng(36).bytes(200_000);
    let etag: &'static str = Box::leak(format!("\"{}\"", hex_md5(&body)).into_boxed_str());
    let right = body.clone();
    let count = Arc::new(Mutex::new(0));
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let mut count = count.lock().unwrap();
        *count += 1;
        let behaviour = match *count {
            1 => Behaviour {
                body: vec![b'x'; right.len()],
                etag,
                breaks_after: Some(100_000),
                headers: "x-amz-server-side-encryption: aws:kms\r\n",
                ..Behaviour::default()
            },
            _ => Behaviour {
                body: right.clone(),
                etag,
                ..Behaviour::default()
            },
        };
        let _ = stream.write_all(&behaviour.response(&request));
        request
    });
    let url = signed(&["get", "bucket/k"], &server.http());
    let args = ["download", &url, "--retries", "1", "--json"];
    let output = run(program(&args).current_dir(&directory));
    succeeded("anew", &output);
    assert!(
        stderr(&output).contains("downloaded from the start"),
        "{}",
        stderr(&output)
    );
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(done["checked"], serde_json::json!(["etag"]));
    assert!(fs::read(directory.join("k")).unwrap() == body);
}

fn hex_md5(bytes: &[u8]) -> String {
    let mut child = Command::new("md5sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..32].to_owned()
}

#[test]
fn a_length_beside_chunks_is_refused() {
    let directory = directory("partial-framing");
    let server = OddServer::responding(
        b"HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 3\r\nTransfer-Encoding: \
         chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    );
    let url = signed(&["get", "bucket/k"], &server.http());
    for file in ["k", "-"] {
        let output = download(&directory, &url, &[file]);
        let said = failed("two lengths", &output, &[1]);
        assert!(
            said.contains("both Content-Length and Transfer-Encoding"),
            "{said}"
        );
        assert_eq!((names(&directory).len(), output.stdout.len()), (0, 0));
    }
}

#[test]
fn an_interruption_while_the_file_is_checked_loses_nothing() {
    let directory = directory("partial-check");
    let server = Server::start();
    // Large enough that the check takes a while.
    let body = rng(37).bytes(48 * MIB);
    server.put("bucket", "k", &body);
    let url = signed(&["get", "bucket/k"], &server.path_endpoint());
    let checksum = hex_sha256(&body);
    let args = ["download", &url, "--checksum", &checksum, "--json"];
    let mut command = program(&args);
    command.current_dir(&directory);
    let child = command.spawn().unwrap();
    wait_until("all bytes are there", || {
        let note = names(&directory).first().and_then(|name| {
            let file = File::open(directory.join(name)).ok()?;
            let at = file.metadata().ok()?.len().checked_sub(NOTE as u64)?;
            let mut note = vec![0; NOTE];
            file.read_exact_at(&mut note, at).ok()?;
            serde_json::from_slice::<Value>(&note).ok()
        });
        directory.join("k").exists()
            || note.is_some_and(|note| note["spans"][0]["at"] == body.len())
    });
    signal(child.id(), "INT");
    let output = child.wait_with_output().unwrap();
    if output.status.code() != Some(0) {
        assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("48.0 MiB of 48.0 MiB are kept"),
            "{}",
            stderr(&output)
        );
        let again = run(&mut command);
        succeeded("again", &again);
        let done: Value = serde_json::from_slice(&again.stdout).unwrap();
        assert_eq!(done["bytes_received"], 1);
    }
    assert!(fs::read(directory.join("k")).unwrap() == body);
    assert_eq!(names(&directory), ["k"]);
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn an_invalid_directory_or_name_is_refused_before_a_request() {
    let directory = directory("partial-names");
    let object = Object::start(Behaviour {
        body: vec![b'a'; 10],
        etag: "\"one\"",
        ..Behaviour::default()
    });
    let url = object.url("k");
    fs::write(directory.join("file"), b"").unwrap();
    symlink("nowhere", directory.join("dangling")).unwrap();
    let long = "x".repeat(256);
    for (file, code) in [
        ("missing/", 4),
        ("missing/.", 4),
        ("missing/k", 4),
        ("file/", 4),
        ("file/k", 4),
        ("dangling", 2),
        ("dangling/", 4),
        (&long, 4),
    ] {
        failed(file, &download(&directory, &url, &[file]), &[code]);
    }
    assert_eq!(object.server.connections(), 0);
    assert_eq!(names(&directory), ["dangling", "file"]);
    succeeded(
        "--force",
        &download(&directory, &url, &["dangling", "--force"]),
    );
    assert!(!directory.join("nowhere").exists());
    assert_eq!(
        fs::read(directory.join("dangling")).unwrap(),
        vec![b'a'; 10]
    );
}

#[test]
fn long_names_with_a_common_prefix_have_separate_partials() {
    let directory = directory("partial-long");
    let names_of = |last: &str| format!("{}{last}", "n".repeat(240));
    let body = vec![b'a'; 200_000];
    let half = Behaviour {
        body: body.clone(),
        etag: "\"one\"",
        breaks_after: Some(100_000),
        ..Behaviour::default()
    };
    let object = Object::start(half);
    let url = object.url("k");
    for last in ["1", "2"] {
        let output = download(&directory, &url, &[&names_of(last)]);
        failed(last, &output, &[4]);
        assert!(!stderr(&output).contains("warning"), "{}", stderr(&output));
    }
    assert_eq!(names(&directory).len(), 2);
    for last in ["1", "2"] {
        let output = download(&directory, &url, &[&names_of(last), "--json"]);
        succeeded(last, &output);
        let done: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(done["resumed_from"], 100_000);
    }
    assert_eq!(names(&directory), [names_of("1"), names_of("2")]);
}

#[test]
fn two_processes_for_one_file_end_with_one_of_them() {
    let server = Server::start();
    let body = rng(38).bytes(3 * MIB);
    server.put("bucket", "k", &body);
    for round in 0..6 {
        let directory = directory(&format!("partial-two-{round}"));
        let url = signed(&["get", "bucket/k"], &server.path_endpoint());
        let start = || {
            let mut command = program(&["download", &url]);
            command.current_dir(&directory).spawn().unwrap()
        };
        let children = [start(), start(), start()];
        let outputs = children.map(|child| child.wait_with_output().unwrap());
        let done = outputs
            .iter()
            .filter(|output| output.status.code() == Some(0))
            .count();
        assert_eq!(
            done,
            1,
            "round {round}: {:?}",
            outputs.each_ref().map(stderr)
        );
        for output in outputs.iter().filter(|output| !output.status.success()) {
            let said = failed("the other", output, &[2, 4]);
            assert!(
                said.contains("is being downloaded by another process")
                    || said.contains("exists already"),
                "{said}"
            );
        }
        assert!(fs::read(directory.join("k")).unwrap() == body);
        assert_eq!(names(&directory), ["k"], "round {round}");
    }
}

#[test]
fn a_name_that_is_taken_meanwhile_keeps_the_download() {
    const BODY: &[u8] = b"all of the object";
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("k");
    let taken = target.clone();
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        fs::write(&taken, "of another program").unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            BODY.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), BODY].concat());
        request
    });
    let url = signed(&["get", "bucket/k"], &server.http());
    let said = failed("the download", &download(directory.path(), &url, &[]), &[2]);
    let partial = partial_of(directory.path());
    assert!(said.contains("`k` exists already"), "{said}");
    let command = said
        .split('`')
        .find(|text| text.starts_with("mv "))
        .unwrap();
    let renamed = Command::new("sh")
        .args(["-c", &command.replace("NAME", "other")])
        .current_dir(directory.path())
        .status()
        .unwrap();
    assert!(renamed.success() && !partial.exists(), "{command}");
    assert_eq!(fs::read(directory.path().join("other")).unwrap(), BODY);
    assert_eq!(fs::read(&target).unwrap(), b"of another program");
}

/// One process is held between opening the partial file of another run and locking it, until a
/// second one has finished: the open file has become the destination by then.
#[test]
fn a_process_that_locks_too_late_does_not_change_the_target() {
    let directory = directory("partial-gap");
    let body = rng(41).bytes(200_000);
    let half = Arc::new(Mutex::new(Some(100_000)));
    let (breaks, sent) = (Arc::clone(&half), body.clone());
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let behaviour = Behaviour {
            body: sent.clone(),
            etag: "\"one\"",
            breaks_after: *breaks.lock().unwrap(),
            ..Behaviour::default()
        };
        let _ = stream.write_all(&behaviour.response(&request));
        request
    });
    let url = signed(&["get", "bucket/k"], &server.http());
    let partial = break_off(&directory, &body, &url);
    *half.lock().unwrap() = None;
    let held = program(&["download", &url, "k"]);
    let mut traced = Command::new("strace");
    traced
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=flock",
            "-e",
            "inject=flock:delay_enter=3000000",
        ])
        .args(["-o", "/dev/null"])
        .arg(held.get_program())
        .args(held.get_args())
        .env_clear()
        .current_dir(&directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(child) = traced.spawn() else {
        writeln!(std::io::stderr(), "skipped: it needs strace").unwrap();
        return;
    };
    wait_until("the partial file is open", || {
        has_open(&partial) || child_has_ended(child.id())
    });
    if child_has_ended(child.id()) {
        writeln!(
            std::io::stderr(),
            "skipped: strace cannot delay a call here"
        )
        .unwrap();
        return;
    }
    succeeded("the second", &download(&directory, &url, &[]));
    let late = child.wait_with_output().unwrap();
    let said = failed("the first", &late, &[2]);
    assert!(said.contains("`k` exists already"), "{said}");
    assert!(fs::read(directory.join("k")).unwrap() == body);
    assert_eq!(names(&directory), ["k"]);
}

/// Whether another process has the file open.
fn has_open(path: &Path) -> bool {
    let Ok(wanted) = fs::canonicalize(path) else {
        return false;
    };
    let own = std::process::id().to_string();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| process.file_name().to_str() != Some(own.as_str()))
        .filter_map(|process| fs::read_dir(process.path().join("fd")).ok())
        .flat_map(|files| files.flatten())
        .any(|file| fs::read_link(file.path()).is_ok_and(|target| target == wanted))
}

fn child_has_ended(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| {
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
    })
}

#[test]
fn impossible_sizes_leave_nothing() {
    let directory = directory("partial-sizes");
    // Some file systems support such files, which then have holes.
    let probe = File::create(directory.join("probe")).unwrap();
    let has_room = probe.set_len(1 << 60).is_ok();
    fs::remove_file(directory.join("probe")).unwrap();
    for size in [
        "9223372036854775807",
        "9223372036854767616",
        "1152921504606846976",
    ] {
        if size == "1152921504606846976" && has_room {
            continue;
        }
        let server = OddServer::responding(
            format!("HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: {size}\r\n\r\nabc")
                .as_bytes(),
        );
        let url = signed(&["get", "bucket/k"], &server.http());
        let said = failed(size, &download(&directory, &url, &[]), &[1, 4]);
        assert!(
            !said.contains("resumes") && !said.contains("kept"),
            "{said}"
        );
        assert_eq!(names(&directory), [""; 0], "{size}");
    }
}

#[test]
fn a_full_disk_leaves_nothing_and_promises_nothing() {
    let directory = directory("partial-full");
    let small = directory.join("small");
    fs::create_dir(&small).unwrap();
    let mount = |args: &[&str]| {
        Command::new(args[0])
            .args(&args[1..])
            .status()
            .is_ok_and(|status| status.success())
    };
    // Four pages; a file may have three.
    let options = "size=16k,nr_inodes=8";
    if !mount(&["mount", "-t", "tmpfs", "-o", options, "tmpfs", text(&small)]) {
        writeln!(std::io::stderr(), "skipped: it needs the right to mount").unwrap();
        return;
    }
    fs::write(small.join("filler"), [0; 12 * 1024]).unwrap();
    let server = Server::start();
    server.put("bucket", "k", &rng(39).bytes(MIB));
    let url = signed(&["get", "bucket/k"], &server.path_endpoint());
    let output = download(&small, &url, &[]);
    let left = names(&small);
    assert!(mount(&["umount", text(&small)]));
    let said = failed("a full disk", &output, &[4]);
    assert!(said.contains("free disk space"), "{said}");
    assert!(
        !said.contains("resumes") && !said.contains("kept"),
        "{said}"
    );
    assert_eq!(left, ["filler"]);
}

#[test]
fn an_interrupted_download_that_cannot_be_resumed_leaves_nothing() {
    let directory = directory("partial-stream");
    // Without an ETag a download cannot be resumed.
    let server =
        OddServer::falling_silent_after(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc");
    let url = signed(&["get", "bucket/k"], &server.http());
    let child = program(&["download", &url])
        .current_dir(&directory)
        .spawn()
        .unwrap();
    wait_until("bytes arrive", || {
        names(&directory)
            .iter()
            .any(|name| fs::metadata(directory.join(name)).is_ok_and(|data| data.len() == 3))
    });
    signal(child.id(), "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(
        stderr(&output).contains("nothing is kept"),
        "{}",
        stderr(&output)
    );
    assert_eq!(names(&directory), [""; 0]);
}

/// A second process that begins at the same time and is killed leaves a file after the first has
/// looked for leftovers.
#[test]
fn partials_of_killed_processes_are_removed_with_the_last_byte() {
    const BODY: &[u8] = b"all of the object";
    let directory = tempfile::tempdir().unwrap();
    // The only name of partial files that no run can resume.
    let left = directory.path().join(".key.8bce48c578ed.part");
    let of_another_user = directory.path().join(".key.0123456789ab.part");
    for etag in ["ETag: \"e\"\r\n", ""] {
        let paths = [left.clone(), of_another_user.clone()];
        let server = OddServer::start(move |mut stream| {
            let request = read_request(&mut stream);
            for path in &paths {
                fs::write(path, "half").unwrap();
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\n{etag}Content-Length: {}\r\nConnection: close\r\n\r\n",
                BODY.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), BODY].concat());
            request
        });
        let url = signed(&["get", "bucket/key"], &server.http());
        succeeded(etag, &download(directory.path(), &url, &["--force"]));
        assert_eq!(fs::read(directory.path().join("key")).unwrap(), BODY);
        assert!(!left.exists(), "{etag:?}");
        // Whose it is cannot be known.
        assert!(of_another_user.exists(), "{etag:?}");
        fs::remove_file(&of_another_user).unwrap();
    }
}

/// Requires root, to use two user IDs.
#[test]
fn a_partial_in_a_shared_directory_is_of_one_user() {
    let directory = tempfile::tempdir().unwrap();
    let shared = directory.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    fs::set_permissions(&shared, PermissionsExt::from_mode(0o1777)).unwrap();
    let copy = directory.path().join("cos-presign");
    fs::copy(env!("CARGO_BIN_EXE_cos-presign"), &copy).unwrap();
    let body = rng(40).bytes(200_000);
    let object = Object::start(Behaviour {
        body: body.clone(),
        etag: "\"one\"",
        breaks_after: Some(100_000),
        ..Behaviour::default()
    });
    let url = object.url("k");
    let mut other = Command::new("setpriv");
    other
        .args(["--reuid=4001", "--regid=4001", "--clear-groups"])
        .arg(&copy)
        .args(["download", &url, "--retries", "0"])
        .env_clear()
        .current_dir(&shared);
    let attacker = other.output().unwrap();
    if attacker.status.code() != Some(4) {
        writeln!(std::io::stderr(), "skipped: it needs a second user").unwrap();
        return;
    }
    let planted = partial_of(&shared);
    let evil = vec![b'e'; body.len()];
    plant(&planted, &planted, &evil);
    let owned = Command::new("chown")
        .arg("4001")
        .arg(&planted)
        .status()
        .unwrap();
    assert!(owned.success());
    let output = download(&shared, &url, &[]);
    failed("it breaks off", &output, &[4]);
    let said = stderr(&output);
    assert!(said.contains("belongs to another user"), "{said}");
    let output = download(&shared, &url, &[]);
    succeeded("resumed", &output);
    assert!(fs::read(shared.join("k")).unwrap() == body);
    assert!(fs::read(&planted).unwrap()[..body.len()] == evil);
}
