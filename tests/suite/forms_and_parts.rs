//! Forms, pinned uploads and multipart uploads on an independent S3 server. Ceph also enforces the
//! conditions of a policy: `tests/interop/ceph_end_to_end.py`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use support::http_client::{Response, send};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

use crate::run::Run;

const BUCKET: &str = "inbox";

fn run(endpoint: &str, args: &[&str]) -> Run {
    run_with(SECRET_ACCESS_KEY, endpoint, args)
}

fn run_with(secret: &str, endpoint: &str, args: &[&str]) -> Run {
    Run::new()
        .env("COS_HMAC_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("COS_HMAC_SECRET_ACCESS_KEY", secret)
        .args(args)
        .args(["--endpoint", endpoint, "--region", "us-south"])
}

fn printed(endpoint: &str, args: &[&str]) -> String {
    run(endpoint, args).run().stdout
}

fn json(endpoint: &str, args: &[&str]) -> Value {
    run(endpoint, args).run().json()
}

fn server() -> Server {
    let server = Server::start();
    let url = printed(&server.path_endpoint(), &["request", "PUT", BUCKET]);
    assert_eq!(send("PUT", url.trim(), &[], b"").status, 200);
    server
}

fn stored(server: Server, key: &str) -> Option<Response> {
    let url = printed(
        &server.path_endpoint(),
        &["get", "--bucket", BUCKET, "--key", key],
    );
    let response = send("GET", url.trim(), &[], b"");
    (response.status == 200).then_some(response)
}

/// As sent by a browser; `changes` replace fields or, without a value, remove them.
fn submit(form: &Value, changes: &[(&str, Option<&str>)], content: &[u8]) -> Response {
    let mut body = Vec::new();
    let change = |name: &str| {
        changes
            .iter()
            .find(|(changed, _)| *changed == name)
            .map(|(_, value)| *value)
    };
    let given = form["fields"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    let added = changes
        .iter()
        .filter(|(name, _)| form["fields"].get(name).is_none());
    let added = added.filter_map(|(name, value)| value.map(|value| (*name, value)));
    for (name, value) in given.chain(added) {
        let Some(value) = change(name).unwrap_or(Some(value)) else {
            continue;
        };
        body.extend_from_slice(
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    body.extend_from_slice(
        b"--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.bin\"\r\n",
    );
    body.extend_from_slice(b"Content-Type: application/octet-stream\r\n\r\n");
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--xyz--\r\n");
    let headers = [(
        "Content-Type".to_owned(),
        "multipart/form-data; boundary=xyz".to_owned(),
    )];
    let mut url = form["url"].as_str().unwrap().to_owned();
    if url.matches('/').count() == 2 {
        url.push('/');
    }
    send("POST", &url, &headers, &body)
}

#[test]
fn forms_are_accepted_in_both_addressing_styles() {
    let server = server();
    for (addressing, endpoint) in [
        ("path", server.path_endpoint()),
        ("virtual", server.virtual_endpoint()),
    ] {
        for key in [
            "plain.txt",
            "a b+c&d=e.txt",
            "späth (1) #%.txt",
            "a//b",
            "日本/é 😀",
            "100%25",
        ] {
            let args = [
                "post",
                "--bucket",
                BUCKET,
                "--key",
                key,
                "--max-size",
                "1KB",
                "--addressing",
                addressing,
            ];
            let form = json(&endpoint, &args);
            let content = format!("{key} {addressing}");
            let response = submit(&form, &[], content.as_bytes());
            assert_eq!(
                response.status,
                204,
                "{key} {addressing}: {}",
                response.text()
            );
            assert_eq!(
                stored(server, key).unwrap().body,
                content.as_bytes(),
                "{key} {addressing}"
            );
        }
    }
}

#[test]
fn store_refuses_what_the_policy_does_not_allow() {
    let server = server();
    let endpoint = server.path_endpoint();
    let form = json(
        &endpoint,
        &[
            "post",
            &format!("{BUCKET}/in/"),
            "--max-size",
            "10",
            "--min-size",
            "2",
            "--content-type",
            "image/*",
            "--metadata",
            "a=b",
        ],
    );
    let good = ("Content-Type", Some("image/png"));
    let key = ("key", Some("in/a"));
    let response = submit(&form, &[key, good], b"1234");
    assert_eq!(response.status, 204, "{}", response.text());
    let object = stored(server, "in/a").unwrap();
    assert_eq!(object.header("content-type"), Some("image/png"));
    assert_eq!(object.header("x-amz-meta-a"), Some("b"));

    let policy = form["fields"]["policy"].as_str().unwrap();
    let text = String::from_utf8(BASE64.decode(policy).unwrap()).unwrap();
    let widened = BASE64.encode(text.replace(
        "\"content-length-range\", 2, 10",
        "\"content-length-range\", 2, 99",
    ));
    assert_ne!(widened, policy);
    let large = [b'x'; 11];
    for (what, changes, content) in [
        ("too large", vec![("key", Some("in/large"))], &large[..]),
        ("too small", vec![("key", Some("in/small"))], b"1"),
        (
            "wrong type",
            vec![
                ("key", Some("in/type")),
                ("Content-Type", Some("text/html")),
            ],
            b"1234",
        ),
        ("key elsewhere", vec![("key", Some("out/a"))], b"1234"),
        (
            "metadata changed",
            vec![("key", Some("in/meta")), ("x-amz-meta-a", Some("c"))],
            b"1234",
        ),
        (
            "a wider policy",
            vec![("key", Some("in/wide")), ("policy", Some(widened.as_str()))],
            &large[..],
        ),
        (
            "another signer",
            vec![
                ("key", Some("in/id")),
                (
                    "x-amz-credential",
                    Some("OTHER/20260131/us-south/s3/aws4_request"),
                ),
            ],
            b"1234",
        ),
    ] {
        let written = changes[0].1.unwrap().to_owned();
        let changes: Vec<_> = changes
            .iter()
            .copied()
            .chain(
                changes
                    .iter()
                    .all(|(name, _)| *name != "Content-Type")
                    .then_some(good),
            )
            .collect();
        let response = submit(&form, &changes, content);
        assert!(
            (400..500).contains(&response.status),
            "{what}: {} {}",
            response.status,
            response.text()
        );
        assert!(stored(server, &written).is_none(), "{what}");
    }
}

#[test]
fn a_pinned_upload_accepts_only_its_file() {
    let server = server();
    let endpoint = server.path_endpoint();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("note.txt");
    std::fs::write(&file, "A note.\n").unwrap();
    let path = file.to_str().unwrap();
    let target = format!("{BUCKET}/note.txt");
    for (kind, header) in [
        ("--pin-content=md5", "Content-MD5"),
        ("--pin-content=sha256", "x-amz-checksum-sha256"),
    ] {
        let link = json(
            &endpoint,
            &["put", &target, "--from-file", path, kind, "--json"],
        );
        let headers: Vec<(String, String)> = link["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            // The client below sends the length itself.
            .filter(|(name, _)| name != "content-length")
            .collect();
        assert_eq!(headers.len(), 2, "{headers:?}");
        assert!(
            headers.iter().any(|(name, _)| name == header),
            "{headers:?}"
        );
        let url = link["url"].as_str().unwrap();
        let response = send("PUT", url, &headers, b"A note.\n");
        assert_eq!(response.status, 200, "{kind}: {}", response.text());
        assert_eq!(
            stored(server, "note.txt").unwrap().header("content-type"),
            Some("text/plain")
        );
        for (what, body) in [
            ("another length", &b"A longer note.\n"[..]),
            ("no content", b""),
        ] {
            let response = send("PUT", url, &headers, body);
            assert!(
                (400..500).contains(&response.status),
                "{kind}, {what}: {}",
                response.status
            );
        }
        let without: Vec<_> = headers
            .iter()
            .filter(|(name, _)| name != header)
            .cloned()
            .collect();
        assert_eq!(
            send("PUT", url, &without, b"A note.\n").status,
            403,
            "{kind}"
        );
        assert_eq!(stored(server, "note.txt").unwrap().body, b"A note.\n");
    }
}

#[test]
fn a_multipart_upload_is_created_and_completed() {
    let server = server();
    let endpoint = server.path_endpoint();
    let target = format!("{BUCKET}/big.bin");
    // The server of these tests accepts small parts, which stores do not; so the plan has one part.
    let plan = json(
        &endpoint,
        &[
            "multipart",
            &target,
            "--size",
            "12",
            "--content-type",
            "text/plain",
        ],
    );
    assert_eq!(plan["kind"], "multipart-upload");
    assert_eq!(
        (&plan["size"], plan["parts"].as_array().unwrap().len()),
        (&Value::from(12), 1)
    );
    let part = send(
        "PUT",
        plan["parts"][0]["url"].as_str().unwrap(),
        &[],
        b"twelve bytes",
    );
    assert_eq!(part.status, 200, "{}", part.text());
    let etag = part.header("etag").unwrap_or("\"x\"");
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let done = send(
        plan["complete"]["method"].as_str().unwrap(),
        plan["complete"]["url"].as_str().unwrap(),
        &[],
        body.as_bytes(),
    );
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(stored(server, "big.bin").unwrap().body, b"twelve bytes");
    assert_eq!(
        send("HEAD", plan["object"]["url"].as_str().unwrap(), &[], b"").status,
        200
    );
}

#[test]
fn failure_to_create_an_upload_is_reported() {
    let server = server();
    let endpoint = server.path_endpoint();
    let create = ["multipart", "inbox/big.bin", "--size", "12", "--quiet"];
    let refused = run_with("another-secret", &endpoint, &create)
        .status(1)
        .stdout("")
        .stderr(
            "error: the store refused to create the upload: 403 Forbidden, \
             SignatureDoesNotMatch[..]\nhint: server-has-other-secret[..]",
        )
        .run();
    assert!(
        !refused.stderr.contains("X-Amz-Signature"),
        "{}",
        refused.stderr
    );
    let closed_port = "http://127.0.0.1:9";
    run(closed_port, &create).status(4).run();
    // With an existing upload ID nothing is sent.
    for args in [
        &["--upload-id", "x", "--size", "12"][..],
        &["--only", "create"],
    ] {
        let args = [&["multipart", "inbox/big.bin"], args].concat();
        run(closed_port, &args).run();
    }
}
