//! Bulk signing by the built program: compared with single URLs, interrupted, truncated, and tested
//! on an independent S3 server.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use cos_presign::sigv4::{Credentials, Presigner, Request, Scheme, SigningTime};
use support::http_client::send;
use support::rng::size;
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

use crate::run::{SERVER_KEYS, directory, program, text};

const NOW: &str = "2026-01-31T12:00:00Z";
const HOST: &str = "s3.us-south.cloud-object-storage.appdomain.cloud";

fn with_server_keys(args: &[&str]) -> Command {
    let mut command = program();
    command.envs(SERVER_KEYS).args(args);
    command
}

fn bulk(more: &[&str]) -> Command {
    with_server_keys(
        &[
            &[
                "get",
                "my-bucket/2026/",
                "--region",
                "us-south",
                "--at",
                NOW,
            ],
            more,
        ]
        .concat(),
    )
}

/// Keys of many lengths and characters, never with a line end.
fn keys(count: usize) -> Vec<u8> {
    let mut keys = Vec::new();
    for n in 0..count {
        match n % 7 {
            0 => writeln!(keys, "images/{n:09}.jpg"),
            1 => writeln!(keys, " {n} with spaces, + and % {}", "é".repeat(n % 40)),
            2 => writeln!(keys, "{}/{n}", "x".repeat(n % 300)),
            3 => writeln!(keys, "//{n}?a=b&c#d"),
            4 => writeln!(keys, "data/part-{n}.parquet"),
            5 => writeln!(keys, "日本語/{n}/\t\u{202e}"),
            _ => writeln!(keys, "~{n}'\"<>\\|*"),
        }
        .unwrap();
    }
    keys
}

#[test]
fn bulk_urls_equal_single_urls_for_any_number_of_threads() {
    let directory = directory("bulk", "million");
    let file = directory.join("keys.txt");
    let number = size(100_000, 1_000_000);
    let keys = keys(number);
    fs::write(&file, &keys).unwrap();
    let run = |jobs: &str| {
        let output = bulk(&[
            "--keys-from",
            file.to_str().unwrap(),
            "--jobs",
            jobs,
            "--quiet",
        ])
        .output()
        .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        output.stdout
    };
    let one = run("1");
    assert!(
        one == run("3"),
        "three threads give something else than one"
    );

    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
    let signed_at = SigningTime::new(NOW.parse::<DateTime<Utc>>().unwrap()).unwrap();
    let presigner = Presigner::s3(&credentials, "us-south", signed_at).unwrap();
    let mut links = one.split(|byte| *byte == b'\n');
    let lines = keys
        .strip_suffix(b"\n")
        .unwrap()
        .split(|byte| *byte == b'\n');
    let mut count = 0;
    for key in lines {
        let path = [b"/my-bucket/2026/", key].concat();
        let single = presigner
            .presign(&Request::new("GET", Scheme::Https, HOST, path))
            .unwrap()
            .url;
        assert_eq!(
            links.next().map(String::from_utf8_lossy).as_deref(),
            Some(single.as_str())
        );
        count += 1;
    }
    assert_eq!(
        (count, links.next(), links.next()),
        (number, Some(&b""[..]), None)
    );
}

#[test]
fn bulk_ends_quietly_when_its_reader_stops() {
    let directory = directory("bulk", "closed");
    let file = directory.join("keys.txt");
    fs::write(&file, keys(300_000)).unwrap();
    for jobs in ["1", "2"] {
        let mut child = bulk(&["--keys-from", file.to_str().unwrap(), "--jobs", jobs])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut some = vec![0; 100_000];
        child.stdout.take().unwrap().read_exact(&mut some).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), text(&output.stderr).as_str()),
            (Some(0), ""),
            "{jobs} jobs"
        );
    }
}

#[test]
fn keys_are_signed_as_they_arrive() {
    let mut child = bulk(&["--keys-from", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for key in ["a\n", "b\n"] {
        to.write_all(key.as_bytes()).unwrap();
        let mut link = vec![0; 200];
        from.read_exact(&mut link).unwrap();
        let start = format!("https://{HOST}/my-bucket/2026/{}?", key.trim());
        assert!(link.starts_with(start.as_bytes()));
        let mut rest = 0;
        let mut byte = [0];
        while byte != *b"\n" {
            from.read_exact(&mut byte).unwrap();
            rest += 1;
        }
        assert!(rest > 64);
    }
    drop(to);
    assert!(child.wait().unwrap().success());
}

/// Writes keys until the reader closes the pipe.
fn feed(child: &mut Child) -> thread::JoinHandle<()> {
    let mut to = child.stdin.take().unwrap();
    let keys = keys(20_000);
    thread::spawn(move || while to.write_all(&keys).is_ok() {})
}

#[cfg(unix)]
#[test]
fn a_signal_ends_bulk_after_a_whole_line_with_the_right_count() {
    let directory = directory("bulk", "signals");
    for (index, (signal, code)) in [("INT", 130), ("TERM", 143), ("INT", 130), ("HUP", 129)]
        .into_iter()
        .enumerate()
    {
        let file = directory.join(format!("{index}.txt"));
        let mut child = bulk(&[
            "--keys-from",
            "-",
            "--jobs",
            ["1", "2"][index % 2],
            "--quiet",
        ])
        .stdin(Stdio::piped())
        .stdout(File::create(&file).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
        let feeder = feed(&mut child);
        thread::sleep(Duration::from_millis(150 + 70 * index as u64));
        assert!(
            Command::new("kill")
                .args(["-s", signal, &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        let links = fs::read(&file).unwrap();
        assert!(links.ends_with(b"\n"), "half a line");
        let count = links.iter().filter(|byte| **byte == b'\n').count();
        assert!(count > 0);
        assert_eq!(
            text(&output.stderr),
            format!("stopped; URLs written: {count}\n")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_bulk_that_waits_for_keys() {
    let mut child = bulk(&["--keys-from", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let to = child.stdin.take().unwrap();
    (&to).write_all(b"a\n").unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let started = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < Duration::from_secs(20));
    drop(to);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_whole_lines_and_the_right_count() {
    let directory = directory("bulk", "full");
    let keys_file = directory.join("keys.txt");
    fs::write(&keys_file, keys(50_000)).unwrap();
    let output = bulk(&["--keys-from", keys_file.to_str().unwrap(), "--quiet"])
        .stdout(File::create("/dev/full").unwrap())
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(
        text(&output.stderr).contains("No space left on device"),
        "{}",
        text(&output.stderr)
    );
    assert!(
        text(&output.stderr).contains("URLs written: 0\n"),
        "{}",
        text(&output.stderr)
    );

    // A limit on the size of files simulates a full disk.
    for (jobs, blocks) in [("1", 777), ("2", 1500), ("1", 1)] {
        let file = directory.join("links.txt");
        let script = format!(
            "ulimit -f {blocks}; trap '' XFSZ; exec {} get my-bucket --region us-south \
             --keys-from {} --jobs {jobs} --quiet > {}",
            env!("CARGO_BIN_EXE_cos-presign"),
            keys_file.display(),
            file.display()
        );
        let variables = [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ];
        let output = Command::new("bash")
            .env_clear()
            .envs(variables)
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
        let links = fs::read(&file).unwrap();
        assert!(links.is_empty() || links.ends_with(b"\n"), "half a line");
        let count = links.iter().filter(|byte| **byte == b'\n').count();
        assert!(
            text(&output.stderr).contains(&format!("URLs written: {count}\n")),
            "{count}: {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains(&format!("`tail -n +{}`", count + 1)),
            "{}",
            text(&output.stderr)
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_input() {
    let directory = directory("bulk", "memory");
    for (args, input) in [
        (&["--jobs", "2"][..], keys(20_000)),
        (&["--jobs", "4", "--output", "json"], keys(20_000)),
        (
            &["--input", "jsonl", "--jobs", "2"],
            b"{\"key\": \"some/key\", \"expires\": \"2h\", \"n\": 123}\n".repeat(20_000),
        ),
    ] {
        let mut child = bulk(&[&["--keys-from", "-", "--quiet"], args].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(File::create(directory.join("stderr.txt")).unwrap())
            .spawn()
            .unwrap();
        let mut to = child.stdin.take().unwrap();
        for _ in 0..size(20, 60) {
            to.write_all(&input).unwrap();
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let peak: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        drop(to);
        assert!(child.wait().unwrap().success());
        assert!(peak < 32 << 10, "{peak} KiB {args:?}");
    }
}

// A store

fn of_server(server: Server, args: &[&str]) -> Output {
    let endpoint = server.path_endpoint();
    with_server_keys(
        &[
            args,
            &[
                "--endpoint",
                &endpoint,
                "--region",
                "us-south",
                "--addressing",
                "path",
            ],
        ]
        .concat(),
    )
    .output()
    .unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", text(&output.stderr));
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn server_with(bucket: &str, keys: &[String]) -> Server {
    let server = Server::start();
    let put = |path: &str, body: &[u8]| {
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
        let presigner = Presigner::s3(
            &credentials,
            "us-south",
            SigningTime::new(Utc::now()).unwrap(),
        )
        .unwrap();
        let request = Request::new("PUT", Scheme::Http, server.address.to_string(), path);
        let url = presigner.presign(&request).unwrap().url;
        assert_eq!(send("PUT", url.as_str(), &[], body).status, 200, "{path:?}");
    };
    put(&format!("/{bucket}"), b"");
    thread::scope(|scope| {
        for part in keys.chunks(keys.len().div_ceil(4)) {
            let put = &put;
            scope.spawn(move || {
                part.iter()
                    .for_each(|key| put(&format!("/{bucket}/{key}"), key.as_bytes()))
            });
        }
    });
    server
}

#[test]
fn ten_thousand_objects_are_listed_signed_and_served() {
    let mut keys: Vec<String> = (0..10_000)
        .map(|n| format!("data/{:03} {}/{n}+é%&", n % 100, n % 7))
        .collect();
    let server = server_with("many", &keys);
    keys.sort();
    let links = lines(&of_server(server, &["get", "many", "--recursive"]));
    assert_eq!(links.len(), keys.len());
    for (link, key) in links.iter().zip(&keys).step_by(50) {
        let response = send("GET", link, &[], b"");
        assert_eq!(
            (response.status, response.text().as_str()),
            (200, key.as_str())
        );
    }
    // The same keys from a list; the URLs must equal those of the listing.
    let of_store = of_server(
        server,
        &[
            "get",
            "many/data/00",
            "--recursive",
            "--at",
            NOW,
            "--output",
            "tsv",
        ],
    );
    let of_store = lines(&of_store);
    let list: String = keys
        .iter()
        .filter_map(|key| key.strip_prefix("data/00"))
        .map(|key| format!("{key}\n"))
        .collect();
    let file = directory("bulk", "listed").join("keys.txt");
    fs::write(&file, list).unwrap();
    let of_list = of_server(
        server,
        &[
            "get",
            "many/data/00",
            "--keys-from",
            file.to_str().unwrap(),
            "--at",
            NOW,
            "--output",
            "tsv",
        ],
    );
    assert_eq!(of_store, lines(&of_list));
    assert_eq!(of_store.len(), 1000);
}

#[test]
fn filters_select_objects_of_a_listing() {
    let keys: Vec<String> = [
        "a.txt",
        "b.log",
        "logs/1.log",
        "logs/2.log.gz",
        "logs/old/3.log",
        "long-name-of-an-object.txt",
    ]
    .map(str::to_owned)
    .to_vec();
    let server = server_with("chosen", &keys);
    let of = |args: &[&str]| -> Vec<String> {
        let output = of_server(
            server,
            &[&["get", "chosen", "--recursive", "--output", "tsv"], args].concat(),
        );
        lines(&output)
            .iter()
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(of(&[]), keys);
    assert_eq!(
        of(&["--include", "*.log"]),
        ["b.log", "logs/1.log", "logs/old/3.log"]
    );
    assert_eq!(
        of(&[
            "--include",
            "logs/*",
            "--exclude",
            "*.gz",
            "--exclude",
            "logs/old/*"
        ]),
        ["logs/1.log"]
    );
    // The size of each object is that of its key.
    assert_eq!(
        of(&["--min-size", "14"]),
        ["logs/old/3.log", "long-name-of-an-object.txt"]
    );
    assert_eq!(of(&["--max-size", "5"]), ["a.txt", "b.log"]);
    // This store sends no times, so a filter by time must fail.
    for option in ["--newer-than", "--older-than"] {
        let output = of_server(server, &["get", "chosen", "--recursive", option, "1h"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            text(&output.stderr)
                .contains("error: the listing of the store has no `LastModified` for `a.txt`"),
            "{}",
            text(&output.stderr)
        );
    }
    assert_eq!(of(&["--limit", "2"]), keys[..2]);
    let heads = of_server(server, &["head", "chosen/logs/", "--recursive"]);
    for link in lines(&heads) {
        assert_eq!(send("HEAD", &link, &[], b"").status, 200);
    }
    let none = of_server(server, &["get", "no-such-bucket", "--recursive"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(
        text(&none.stderr).contains("error: cannot list `no-such-bucket`: "),
        "{}",
        text(&none.stderr)
    );
}

#[test]
fn curl_downloads_a_prefix_from_one_command() {
    let keys: Vec<String> = [
        "p/a b.txt",
        "p/dir/c.txt",
        "p/dir/é\"'$.txt",
        "p/..",
        "p/-x",
        "p/%41",
    ]
    .map(str::to_owned)
    .to_vec();
    let server = server_with("curl", &keys);
    let config = of_server(
        server,
        &[
            "get",
            "curl/p/",
            "--recursive",
            "--output",
            "curl",
            "--quiet",
        ],
    );
    assert!(config.status.success(), "{}", text(&config.stderr));
    let directory = directory("bulk", "curl");
    let file = directory.join("config");
    fs::write(&file, &config.stdout).unwrap();
    let Ok(curl) = Command::new("curl")
        .args([
            "--parallel",
            "--silent",
            "--show-error",
            "--config",
            "config",
        ])
        .current_dir(&directory)
        .output()
    else {
        eprintln!("curl is not installed");
        return;
    };
    assert!(
        curl.status.success(),
        "{}\n{}",
        text(&curl.stderr),
        String::from_utf8_lossy(&config.stdout)
    );
    let mut found = Vec::new();
    collect(&directory, &mut found);
    // Each file contains the key it was made for.
    let mut contents: Vec<String> = found
        .iter()
        .filter(|path| **path != file)
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    contents.sort();
    let mut expected = keys;
    expected.sort();
    assert_eq!(contents, expected);
    assert!(directory.join("p/dir/c.txt").exists() && directory.join("p/a b.txt").exists());
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found)
        } else {
            found.push(path)
        }
    }
}
