//! Compressed bodies, and bodies that expand.

use super::servers::none_succeeds;
use super::*;

/// A store may declare an object as compressed. The download contains its bytes as stored, without
/// decompression.
#[test]
fn response_bodies_are_not_decompressed() {
    let directory = directory("packed");
    let bomb = gzip(&vec![0; 16 * MIB]);
    let head = |more: &str| {
        format!(
            "HTTP/1.1 200 OK\r\n{more}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            bomb.len()
        )
    };
    let server = OddServer::responding(&[head("").as_bytes(), &bomb].concat());
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
    // A compressed page is not a listing.
    let page = "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>";
    let packed = gzip(page.as_bytes());
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    let server = OddServer::responding(&[response.as_bytes(), &packed].concat());
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
    let refusal = OddServer::responding(
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

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A megabyte that expands to a gigabyte of keys: memory must stay constant.
#[test]
fn memory_stays_flat_for_a_compressed_key_list() {
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
        // The reader closes the pipe early.
        for _ in 0..size(10, 24) {
            let _ = to.write_all(&member);
        }
        let pid = child.id();
        wait_until("it has read all", || {
            stands_in(pid, READ) || child.try_wait().unwrap().is_some()
        });
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        // Not of an ended process.
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
fn expanding_xml_is_refused() {
    let mut laughs = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a0 \"ha\">".to_owned();
    for level in 1..40 {
        laughs.push_str(&format!(
            "<!ENTITY a{level} \"{}\">",
            format!("&a{};", level - 1).repeat(10)
        ));
    }
    laughs
        .push_str("]><ListBucketResult><Contents><Key>&a39;</Key></Contents><IsTruncated>false</IsTruncated></ListBucketResult>");
    let outside = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY x SYSTEM \
        \"file:///etc/passwd\">]><ListBucketResult><Contents><Key>&x;</Key></Contents></ListBucketResult>";
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
            let response = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let server = OddServer::responding(response.as_bytes());
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
            // As a saved response.
            let mut child = program(&["diagnose", &link, "--response", "-"])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let _ = child
                .stdin
                .take()
                .unwrap()
                .write_all(&response.as_bytes()[..response.len().min(900_000)]);
            let output = child.wait_with_output().unwrap();
            assert!(
                output.status.code().is_some_and(|code| code < 4),
                "{what}: {output:?}"
            );
        }
    }
}
