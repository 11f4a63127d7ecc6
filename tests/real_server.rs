//! Links that the built program prints, used on a real S3 server that others wrote.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

mod support;

use std::process::{Command, Output};

use support::http_client::{Response, send};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

const BUCKET: &str = "odd-keys";

#[derive(Clone, Copy, Debug)]
enum Style {
    Path,
    Virtual,
}

/// Runs the program with credentials for the server, in an otherwise empty environment.
fn cos_presign(server: Server, style: Style, args: &[&str]) -> Output {
    let (endpoint, addressing) = match style {
        Style::Path => (server.path_endpoint(), "path"),
        Style::Virtual => (server.virtual_endpoint(), "virtual"),
    };
    Command::new(env!("CARGO_BIN_EXE_cos-presign"))
        .env_clear()
        .env("COS_HMAC_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("COS_HMAC_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .args(args)
        .args(["--endpoint", &endpoint, "--region", "us-south", "--addressing", addressing])
        .output()
        .unwrap()
}

/// One link, as printed.
fn link(server: Server, style: Style, args: &[&str]) -> String {
    let output = cos_presign(server, style, args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let url = stdout.strip_suffix('\n').unwrap();
    assert!(!url.contains('\n'), "{args:?}: more than one line: {stdout}");
    url.to_owned()
}

fn get(url: &str) -> Response {
    send("GET", url, &[], b"")
}

fn server_with_bucket() -> Server {
    let server = Server::start();
    let url = link(server, Style::Path, &["request", "PUT", BUCKET]);
    assert_eq!(send("PUT", &url, &[], b"").status, 200, "{url}");
    server
}

/// Every kind of key that has broken a signer somewhere.
fn odd_keys() -> Vec<String> {
    let mut keys: Vec<String> = [
        "plain.txt",
        "a b",
        " leading",
        "trailing ",
        "  ",
        "a+b",
        "+",
        "a%b",
        "%",
        "%2F",
        "a%2Fb",
        "%25",
        "%2525",
        "%zz",
        "a//b",
        "//",
        "///a",
        "/lead",
        "trail/",
        "a/",
        ".",
        "..",
        "./a",
        "../a",
        "a/.",
        "a/..",
        "a/./b",
        "a/../b",
        "...",
        ".hidden",
        "%2e%2e/a",
        "?",
        "a?b=c&d",
        "#",
        "a#b",
        "&",
        "=",
        "a=b",
        "~",
        "~a",
        "*",
        "a*b",
        "'",
        "it's",
        "\"",
        "\\",
        "a\\b",
        "(x)",
        "[x]",
        "{x}",
        "<x>",
        "|",
        "^",
        "`",
        "$",
        "$HOME",
        "!",
        "@",
        ";",
        ":",
        "a:b",
        ",",
        "\n",
        "a\nb",
        "\r\n",
        "\t",
        "tab\there",
        "\u{7f}",
        "\u{1}",
        "é",
        "e\u{301}",
        "日本語/テスト",
        "😀",
        "\u{202e}rtl",
        "\u{feff}bom",
        "https://x/y",
        "s3://b/k",
        "X-Amz-Signature=1",
        "-rf",
        "--help",
    ]
    .map(str::to_owned)
    .to_vec();
    keys.push("k".repeat(1024));
    keys.push("é".repeat(512));
    keys
}

/// Puts, gets, heads and deletes one key; returns what the store said at each step.
fn round_trip(server: Server, style: Style, key: &str) {
    let key_option = format!("--key={key}");
    let target = ["--bucket", BUCKET, &key_option];
    let of = |verb: &'static str| link(server, style, &[&[verb][..], &target].concat());
    let body = format!("content of {key:?}");

    let url = of("put");
    let put = send("PUT", &url, &[], body.as_bytes());
    assert_eq!(put.status, 200, "put {key:?} {style:?}\n{url}\n{}", put.text());

    let url = of("get");
    let got = get(&url);
    assert_eq!((got.status, got.text()), (200, body.clone()), "get {key:?} {style:?}\n{url}");

    let url = of("head");
    let head = send("HEAD", &url, &[], b"");
    assert_eq!((head.status, head.header("content-length")), (200, Some(body.len().to_string().as_str())), "head {key:?}\n{url}");

    // The list of this key alone: it begins with itself.
    let url = link(server, style, &["list", BUCKET, "--max-keys", "1", &format!("--prefix={key}")]);
    let list = get(&url);
    assert_eq!(list.status, 200, "list {key:?}\n{url}\n{}", list.text());
    assert!(list.text().contains("<KeyCount>1</KeyCount>"), "list {key:?}\n{url}\n{}", list.text());

    let url = of("delete");
    let deleted = send("DELETE", &url, &[], b"");
    assert_eq!(deleted.status, 204, "delete {key:?}\n{url}");
    assert_eq!(get(&of("get")).status, 404, "{key:?} is still there");
}

#[test]
fn every_odd_key_survives_path_style() {
    let server = server_with_bucket();
    for key in odd_keys() {
        round_trip(server, Style::Path, &key);
    }
}

#[test]
fn every_odd_key_survives_virtual_host_style() {
    let server = server_with_bucket();
    for key in odd_keys() {
        round_trip(server, Style::Virtual, &key);
    }
}

#[test]
fn the_composed_and_the_decomposed_name_are_two_objects() {
    let server = server_with_bucket();
    for (key, body) in [("caf\u{e9}", "composed"), ("cafe\u{301}", "decomposed")] {
        let url = link(server, Style::Path, &["put", &format!("{BUCKET}/{key}")]);
        assert_eq!(send("PUT", &url, &[], body.as_bytes()).status, 200);
    }
    for (key, body) in [("caf\u{e9}", "composed"), ("cafe\u{301}", "decomposed")] {
        assert_eq!(get(&link(server, Style::Path, &["get", &format!("{BUCKET}/{key}")])).text(), body, "{key}");
    }
}

#[test]
fn listings_follow_prefix_delimiter_and_pages() {
    let server = server_with_bucket();
    for key in ["a/1", "a/2", "b/1", "c"] {
        let url = link(server, Style::Path, &["put", &format!("{BUCKET}/{key}")]);
        assert_eq!(send("PUT", &url, &[], b"x").status, 200);
    }
    let keys = |args: &[&str]| {
        let text = get(&link(server, Style::Virtual, args)).text();
        let keys: Vec<String> = text.split("<Key>").skip(1).map(|part| part.split("</Key>").next().unwrap().to_owned()).collect();
        keys.join(" ")
    };
    assert_eq!(keys(&["list", BUCKET]), "a/1 a/2 b/1 c");
    assert_eq!(keys(&["list", &format!("{BUCKET}/a/")]), "a/1 a/2");
    assert_eq!(keys(&["list", BUCKET, "--delimiter", "/"]), "c");
    assert_eq!(keys(&["list", BUCKET, "--max-keys", "2"]), "a/1 a/2");
    assert_eq!(keys(&["list", BUCKET, "--start-after", "a/2"]), "b/1 c");
    assert_eq!(keys(&["list", BUCKET, "--continuation-token", "b/1"]), "c");
}

#[test]
fn signed_headers_have_to_be_sent_as_they_were_signed() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/photo");
    let args = ["put", &target, "--content-type", "image/jpeg", "--metadata", "camera=x100", "--json"];
    let output = cos_presign(server, Style::Path, &args);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let url = report["url"].as_str().unwrap();
    let headers: Vec<(String, String)> =
        report["headers"].as_object().unwrap().iter().map(|(n, v)| (n.clone(), v.as_str().unwrap().to_owned())).collect();
    assert_eq!(headers.len(), 2, "{headers:?}");

    assert_eq!(send("PUT", url, &[], b"x").status, 403, "without the headers");
    assert_eq!(send("PUT", url, &headers[..1], b"x").status, 403, "without one of them");
    let mut changed = headers.clone();
    changed[0].1 = "text/html".to_owned();
    assert_eq!(send("PUT", url, &changed, b"x").status, 403, "with another value");
    let put = send("PUT", url, &headers, b"x");
    assert_eq!(put.status, 200, "{}", put.text());

    let got = get(&link(server, Style::Path, &["get", &target]));
    assert_eq!((got.header("content-type"), got.header("x-amz-meta-camera")), (Some("image/jpeg"), Some("x100")));
}

#[test]
fn the_answer_has_the_headers_that_were_asked_for() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/4711");
    assert_eq!(send("PUT", &link(server, Style::Path, &["put", &target]), &[], b"x").status, 200);
    let got = get(&link(
        server,
        Style::Path,
        &[
            "get",
            &target,
            "--download-as",
            "Résumé 1.pdf",
            "--response-content-type",
            "application/pdf",
            "--response-cache-control",
            "no-store",
        ],
    ));
    assert_eq!(
        got.header("content-disposition"),
        Some("attachment; filename=\"R_sum_ 1.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9%201.pdf")
    );
    assert_eq!((got.header("content-type"), got.header("cache-control")), (Some("application/pdf"), Some("no-store")));
}

#[test]
fn a_link_is_good_for_nothing_else() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/secret");
    assert_eq!(send("PUT", &link(server, Style::Path, &["put", &target]), &[], b"x").status, 200);
    let url = link(server, Style::Path, &["get", &target, "--expires", "600"]);
    assert_eq!(get(&url).status, 200);

    let (front, signature) = url.split_at(url.len() - 1);
    let other_digit = if signature == "0" { "1" } else { "0" };
    for (what, method, url) in [
        ("another signature", "GET", format!("{front}{other_digit}")),
        ("another key", "GET", url.replace("/secret?", "/secrets?")),
        ("a longer life", "GET", url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000")),
        ("another region", "GET", url.replace("us-south", "us-east")),
        ("a parameter more", "GET", format!("{url}&versionId=1")),
        ("PUT", "PUT", url.clone()),
        ("DELETE", "DELETE", url.clone()),
        ("HEAD", "HEAD", url.clone()),
    ] {
        let answer = send(method, &url, &[], b"");
        assert_eq!(answer.status, 403, "{what}: {url}\n{}", answer.text());
    }
    assert_eq!(get(&url).status, 200, "the link itself still works");
}

#[test]
fn expired_links_and_those_of_another_secret_are_refused() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/secret");
    assert_eq!(send("PUT", &link(server, Style::Path, &["put", &target]), &[], b"x").status, 200);
    let two_hours_ago = (chrono::Utc::now() - chrono::TimeDelta::hours(2)).to_rfc3339();
    let expired = get(&link(server, Style::Path, &["get", &target, "--at", &two_hours_ago, "--expires", "60"]));
    assert_eq!(expired.status, 403, "{}", expired.text());
    assert!(expired.text().contains("expired"), "{}", expired.text());
    let alive = get(&link(server, Style::Path, &["get", &target, "--backdate", "2h", "--expires", "60"]));
    assert_eq!(alive.status, 200, "{}", alive.text());

    let secret = std::env::temp_dir().join(format!("cos-presign-secret-{}", std::process::id()));
    std::fs::write(&secret, "another secret\n").unwrap();
    let args = ["get", &target, "--access-key-id", ACCESS_KEY_ID, "--secret-file", secret.to_str().unwrap()];
    let refused = get(&link(server, Style::Path, &args));
    std::fs::write(&secret, format!("{SECRET_ACCESS_KEY}\r\n")).unwrap();
    let accepted = get(&link(server, Style::Path, &args));
    std::fs::remove_file(&secret).unwrap();
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(accepted.status, 200, "{}", accepted.text());
}

#[test]
fn verify_says_whether_a_link_works() {
    let server = server_with_bucket();
    for (key, body) in [("full", &b"12345"[..]), ("empty", b"")] {
        assert_eq!(send("PUT", &link(server, Style::Path, &["put", &format!("{BUCKET}/{key}")]), &[], body).status, 200);
    }
    let verify = |args: &[&str]| {
        let output = cos_presign(server, Style::Path, &[args, &["--verify", "-q"]].concat());
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.starts_with("http://") || stdout.is_empty(), "{stdout}");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let full = format!("{BUCKET}/full");
    for (args, said) in [
        (vec!["get", &full], "verify: 206 Partial Content, 5 bytes, "),
        (vec!["get", &format!("{BUCKET}/empty")], "verify: 416 Range Not Satisfiable, "),
        (vec!["head", &full], "verify: 200 OK, 5 bytes, "),
        (vec!["list", BUCKET], "verify: 200 OK, "),
    ] {
        let (code, stderr) = verify(&args);
        assert_eq!(code, Some(0), "{args:?}: {stderr}");
        assert!(stderr.starts_with(said), "{args:?}: {stderr}");
    }
    for args in
        [vec!["get", &format!("{BUCKET}/missing")], vec!["get", &full, "--at", "2020-01-01"], vec!["list", "no-such-bucket"]]
    {
        let (code, stderr) = verify(&args);
        assert_eq!(code, Some(1), "{args:?}: {stderr}");
        assert!(stderr.starts_with("error: the store refused the link: 40") && stderr.contains("\nhint: "), "{args:?}: {stderr}");
        assert!(!stderr.contains("X-Amz-Signature"), "{stderr}");
    }
    let (code, stderr) = verify(&["get", &format!("{BUCKET}/missing"), &full]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("verify: 206") && stderr.contains("1 of 2 links do not work"), "{stderr}");
    let (code, stderr) = verify(&["get", &format!("{BUCKET}/a/../b")]);
    assert_eq!(code, Some(2), "{stderr}");
}

#[test]
fn verify_tells_a_network_failure_from_a_refusal() {
    // A port that was free a moment ago: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = Server { address: ([127, 0, 0, 1], port).into() };
    let output = cos_presign(nowhere, Style::Path, &["get", "bucket/key", "--verify", "-q"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.starts_with(&format!("error: cannot reach `127.0.0.1:{port}`: ")), "{stderr}");
    assert!(!stderr.contains("X-Amz-Signature"), "{stderr}");
}

#[test]
fn every_form_of_output_holds_the_same_link() {
    let server = server_with_bucket();
    let args = ["get", "bucket/a&b.txt", "--at", "2026-01-31T12:00:00Z"];
    let url = link(server, Style::Path, &args);
    let report: serde_json::Value =
        serde_json::from_slice(&cos_presign(server, Style::Path, &[&args[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!(report["url"], url.as_str());
    for form in ["curl", "wget", "powershell", "python", "markdown"] {
        let text =
            String::from_utf8(cos_presign(server, Style::Path, &[&args[..], &["--output", form]].concat()).stdout).unwrap();
        assert!(text.contains(&url), "{form}: {text}");
    }
    let html = String::from_utf8(cos_presign(server, Style::Path, &[&args[..], &["--output", "html"]].concat()).stdout).unwrap();
    assert!(html.contains(&url.replace('&', "&amp;")), "{html}");
}
