//! Servers that are not a store, for every verb.

use super::*;

/// Every verb that sends requests, to this endpoint. Files are written to the directory.
pub(super) fn asking(
    endpoint: &str,
    directory: &Path,
    more: &[&str],
) -> Vec<(&'static str, Command)> {
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

/// Runs all of them concurrently, because each may wait for a timeout, and returns their results.
pub(super) fn all_at_once(commands: Vec<(&'static str, Command)>) -> Vec<(&'static str, Output)> {
    let running: Vec<_> = commands
        .into_iter()
        .map(|(name, mut command)| (name, thread::spawn(move || run(&mut command))))
        .collect();
    running
        .into_iter()
        .map(|(name, thread)| (name, thread.join().unwrap()))
        .collect()
}

/// None of them may report success, and each must end with a message.
pub(super) fn none_succeeds(what: &str, endpoint: &str, more: &[&str]) {
    let directory = directory(&format!("server-{}", what.replace(' ', "-")));
    for (name, output) in all_at_once(asking(endpoint, &directory, more)) {
        let what = format!("{name}, {what}");
        let code = output.status.code();
        assert!(matches!(code, Some(1 | 4)), "{what}: {code:?} {output:?}");
        // These two report on standard output.
        if !matches!(name, "doctor" | "verify") || code == Some(4) && output.stdout.is_empty() {
            in_form(&what, &stderr(&output));
        }
        // The URL is printed before it is verified.
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

/// One byte at a time with pauses, endlessly: each byte arrives within the idle timeout.
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

/// A body may remain unread.
fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    head
}

#[test]
fn a_server_that_sends_one_byte_at_a_time_times_out_for_every_verb() {
    // Each waits for the time limit.
    std::thread::scope(|scope| {
        for (what, start, again) in [
            (
                "a dripping header",
                &b"HTTP/1.1 200 OK\r\nx-slow: "[..],
                &b"x"[..],
            ),
            ("a dripping status", b"", b"H"),
            ("dripping remarks", b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
            (
                "a dripping refusal",
                b"HTTP/1.1 403 Forbidden\r\n\r\n<Error>",
                b" ",
            ),
        ] {
            scope.spawn(move || none_succeeds(what, &dripping(start, again).http(), &[]));
        }
    });
}

#[test]
fn reports_a_non_http_server_for_every_verb() {
    let servers = [
        ("closing at once", OddServer::closing_at_once()),
        ("resetting", OddServer::resetting()),
        ("silence", OddServer::falling_silent_after(b"")),
        ("half a status", OddServer::responding(b"HTTP/1.1 20")),
        (
            "another protocol",
            OddServer::responding(b"SSH-2.0-OpenSSH_9.6\r\n"),
        ),
        ("zeros", OddServer::responding(&[0; 4096])),
        (
            "zeros without end",
            OddServer::responding_without_end(b"", &[0; 4096]),
        ),
        (
            "a status of letters",
            OddServer::responding(b"HTTP/1.1 abc OK\r\n\r\n"),
        ),
        (
            "a status of four digits",
            OddServer::responding(b"HTTP/1.1 2000 OK\r\n\r\n"),
        ),
        (
            "zeros in a header",
            OddServer::responding(
                b"HTTP/1.1 200 OK\r\nx: \
                \0\x1b[2J\r\nContent-Length: 0\r\n\r\n",
            ),
        ),
        (
            "an endless header",
            OddServer::responding_without_end(b"HTTP/1.1 200 OK\r\nx: ", &[b'x'; 65536]),
        ),
        (
            "endless headers",
            OddServer::responding_without_end(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        ),
        (
            "endless remarks",
            OddServer::responding_without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ),
        (
            "two lengths",
            OddServer::responding(
                b"HTTP/1.1 200 OK\r\nContent-Length: \
            1\r\nContent-Length: 2\r\n\r\nab",
            ),
        ),
        (
            "a length of letters",
            OddServer::responding(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nab"),
        ),
        (
            "a length below zero",
            OddServer::responding(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab"),
        ),
        (
            "terminal in a refusal",
            OddServer::responding(
                b"HTTP/1.1 403 \x1b[2J\r\nContent-Length: \
                 48\r\n\r\n<Error><Code>\x1b]0;x\x07\0</Code><Message>\xc2\x9b</Mess",
            ),
        ),
        (
            "an endless refusal",
            OddServer::responding_without_end(
                b"HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>",
                b"xxxxxxxxxxxxxxxx",
            ),
        ),
        (
            "a busy store",
            OddServer::responding(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n"),
        ),
        (
            "switching protocols",
            OddServer::responding(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: \
                upgrade\r\n\r\n",
            ),
        ),
    ];
    // Most of the time is spent in waiting for timeouts.
    for several in servers.chunks(4) {
        std::thread::scope(|scope| {
            for (what, server) in several {
                scope.spawn(move || none_succeeds(what, &server.http(), &[]));
            }
        });
    }
}

#[test]
fn truncated_bodies_are_errors() {
    let directory = directory("cut");
    for (index, response) in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nabc",
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes \
         0-18446744073709551615/*\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nETag: \"900150983cd24fb0d6963f7d28e17f73\"\r\nContent-Length: \
         3\r\n\r\nabd",
    ]
    .into_iter()
    .enumerate()
    {
        let server = OddServer::responding(response);
        let link = signed(&["get", "bucket/k"], &server.http());
        let target = directory.join(index.to_string());
        let output = run(&mut program(&[
            "download",
            &link,
            text(&target),
            "--retries",
            "0",
            "--timeout",
            "5s",
        ]));
        failed(&format!("{index}"), &output, &[1, 4]);
        assert!(!target.exists(), "{index}");
    }
}
