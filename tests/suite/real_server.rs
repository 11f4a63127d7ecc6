//! URLs printed by the built program, used on an independent S3 server.

use std::collections::BTreeMap;
use std::process::Output;

use percent_encoding::percent_decode_str;
use support::http_client::{Response, send};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

use crate::run::program;

const BUCKET: &str = "odd-keys";

#[derive(Clone, Copy, Debug)]
enum Style {
    Path,
    Virtual,
}

impl Style {
    const BOTH: [Style; 2] = [Style::Path, Style::Virtual];

    fn other(self) -> Style {
        match self {
            Style::Path => Style::Virtual,
            Style::Virtual => Style::Path,
        }
    }
}

/// Runs the program with credentials for the server, in an otherwise empty environment.
fn cos_presign(server: Server, style: Style, args: &[&str]) -> Output {
    let variables = [
        ("COS_HMAC_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("COS_HMAC_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    ];
    cos_presign_with(&variables, server, style, args)
}

/// Runs the program with exactly these variables.
fn cos_presign_with(
    variables: &[(&str, &str)],
    server: Server,
    style: Style,
    args: &[&str],
) -> Output {
    let (endpoint, addressing) = match style {
        Style::Path => (server.path_endpoint(), "path"),
        Style::Virtual => (server.virtual_endpoint(), "virtual"),
    };
    program()
        .envs(variables.iter().copied())
        .args(args)
        .args([
            "--endpoint",
            &endpoint,
            "--region",
            "us-south",
            "--addressing",
            addressing,
        ])
        .output()
        .unwrap()
}

/// One URL, as printed.
fn link(server: Server, style: Style, args: &[&str]) -> String {
    printed(cos_presign(server, style, args), args)
}

fn printed(output: Output, args: &[&str]) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let url = stdout.strip_suffix('\n').unwrap();
    assert!(
        !url.contains('\n'),
        "{args:?}: more than one line: {stdout}"
    );
    url.to_owned()
}

fn get(url: &str) -> Response {
    send("GET", url, &[], b"")
}

/// Uploads this body with a URL, which must succeed.
fn put(server: Server, style: Style, target: &str, body: &[u8]) {
    let url = link(server, style, &["put", target]);
    let response = send("PUT", &url, &[], body);
    assert_eq!(
        response.status,
        200,
        "put {target:?} {style:?}\n{url}\n{}",
        response.text()
    );
}

/// The text between these tags, in order.
fn texts_of(tag: &str, xml: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    xml.split(&open)
        .skip(1)
        .map(|rest| rest.split(&close).next().unwrap().to_owned())
        .collect()
}

/// The keys listed with a URL.
fn listed(server: Server, style: Style, args: &[&str]) -> Vec<String> {
    let url = link(
        server,
        style,
        &[&["list"][..], args, &["-Q", "encoding-type=url"]].concat(),
    );
    let response = get(&url);
    assert_eq!(
        response.status,
        200,
        "list {args:?} {style:?}\n{url}\n{}",
        response.text()
    );
    let decoded = |text: String| {
        percent_decode_str(&text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    texts_of("Key", &response.text())
        .into_iter()
        .map(decoded)
        .collect()
}

fn server_with_bucket() -> Server {
    let server = Server::start();
    let url = link(server, Style::Path, &["request", "PUT", BUCKET]);
    assert_eq!(send("PUT", &url, &[], b"").status, 200, "{url}");
    server
}

/// Every kind of key that has broken a signer.
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

/// Uploads, downloads, heads and deletes one key; returns the response of each step.
fn round_trip(server: Server, style: Style, key: &str) {
    let key_option = format!("--key={key}");
    let target = ["--bucket", BUCKET, &key_option];
    let of = |verb: &'static str| link(server, style, &[&[verb][..], &target].concat());
    let body = format!("content of {key:?}");

    let url = of("put");
    let put = send("PUT", &url, &[], body.as_bytes());
    assert_eq!(
        put.status,
        200,
        "put {key:?} {style:?}\n{url}\n{}",
        put.text()
    );

    let url = of("get");
    let got = get(&url);
    assert_eq!(
        (got.status, got.text()),
        (200, body.clone()),
        "get {key:?} {style:?}\n{url}"
    );

    let url = of("head");
    let head = send("HEAD", &url, &[], b"");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some(body.len().to_string().as_str())),
        "head {key:?}\n{url}"
    );

    // The listing of this key alone: it is its own prefix.
    let url = link(
        server,
        style,
        &[
            "list",
            BUCKET,
            "--max-keys",
            "1",
            &format!("--prefix={key}"),
        ],
    );
    let list = get(&url);
    assert_eq!(list.status, 200, "list {key:?}\n{url}\n{}", list.text());
    assert!(
        list.text().contains("<KeyCount>1</KeyCount>"),
        "list {key:?}\n{url}\n{}",
        list.text()
    );

    let url = of("delete");
    let deleted = send("DELETE", &url, &[], b"");
    assert_eq!(deleted.status, 204, "delete {key:?}\n{url}");
    assert_eq!(get(&of("get")).status, 404, "{key:?} is still there");
}

#[test]
fn every_unusual_key_round_trips_path_style() {
    let server = server_with_bucket();
    for key in odd_keys() {
        round_trip(server, Style::Path, &key);
    }
}

#[test]
fn every_unusual_key_round_trips_virtual_host_style() {
    let server = server_with_bucket();
    for key in odd_keys() {
        round_trip(server, Style::Virtual, &key);
    }
}

/// All keys together, to show that none is mistaken for another: uploaded in one style, downloaded
/// in the other, each with its own body.
fn live_side_by_side(style: Style) {
    let server = server_with_bucket();
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    for key in odd_keys() {
        let body = format!("content of {key:?}");
        put(server, style, &format!("{BUCKET}/{key}"), body.as_bytes());
        expected.insert(key, body);
    }
    assert_eq!(
        expected.len(),
        odd_keys().len(),
        "every key of the list is another"
    );
    assert_eq!(
        listed(server, style, &[BUCKET]),
        expected.keys().cloned().collect::<Vec<_>>(),
        "{style:?}"
    );

    for (key, body) in &expected {
        let target = format!("{BUCKET}/{key}");
        let url = link(server, style.other(), &["get", &target]);
        let got = get(&url);
        assert_eq!(
            (got.status, got.text()),
            (200, body.clone()),
            "get {key:?} {:?}\n{url}",
            style.other()
        );

        let beginning_with_it: Vec<&String> = expected
            .keys()
            .filter(|other| other.starts_with(key.as_str()))
            .collect();
        assert_eq!(
            listed(server, style, &[&target]).iter().collect::<Vec<_>>(),
            beginning_with_it,
            "list {key:?} {style:?}"
        );
    }

    let mut left: Vec<String> = expected.into_keys().collect();
    while let Some(key) = left.pop() {
        let url = link(server, style, &["delete", &format!("{BUCKET}/{key}")]);
        assert_eq!(
            send("DELETE", &url, &[], b"").status,
            204,
            "delete {key:?} {style:?}\n{url}"
        );
        assert_eq!(
            listed(server, style, &[BUCKET]),
            left,
            "after delete {key:?} {style:?}\n{url}"
        );
    }
}

#[test]
fn similar_keys_are_distinct_objects_path_style() {
    live_side_by_side(Style::Path);
}

#[test]
fn similar_keys_are_distinct_objects_virtual_host_style() {
    live_side_by_side(Style::Virtual);
}

#[test]
fn composed_and_decomposed_names_are_two_objects() {
    for style in Style::BOTH {
        let server = server_with_bucket();
        let names = [("cafe\u{301}", "decomposed"), ("caf\u{e9}", "composed")];
        for (key, body) in names {
            put(server, style, &format!("{BUCKET}/{key}"), body.as_bytes());
        }
        for (key, body) in names {
            let url = link(server, style, &["get", &format!("{BUCKET}/{key}")]);
            assert_eq!(get(&url).text(), body, "{key:?} {style:?}\n{url}");
        }
        assert_eq!(
            listed(server, style, &[BUCKET]),
            names.map(|(key, _)| key),
            "{style:?}"
        );
    }
}

#[test]
fn listings_follow_prefix_delimiter_and_pages() {
    let server = server_with_bucket();
    for key in ["a/1", "a/2", "b/1", "c", "d e/1"] {
        put(server, Style::Path, &format!("{BUCKET}/{key}"), b"x");
    }
    for style in Style::BOTH {
        for (args, expected) in [
            (vec![BUCKET], "a/1 a/2 b/1 c d e/1"),
            (vec![&format!("{BUCKET}/a/")], "a/1 a/2"),
            (vec![BUCKET, "--delimiter", "/"], "c"),
            (vec![BUCKET, "--max-keys", "2"], "a/1 a/2"),
            (vec![BUCKET, "--start-after", "a/2"], "b/1 c d e/1"),
            (vec![BUCKET, "--start-after", "c"], "d e/1"),
        ] {
            assert_eq!(
                listed(server, style, &args).join(" "),
                expected,
                "{args:?} {style:?}"
            );
        }
        let url = link(server, style, &["list", BUCKET, "--delimiter", "/"]);
        let groups: Vec<String> = texts_of("CommonPrefixes", &get(&url).text())
            .iter()
            .flat_map(|g| texts_of("Prefix", g))
            .collect();
        assert_eq!(groups, ["a/", "b/", "d e/"], "{url}");
    }
}

#[test]
fn continuation_tokens_of_the_store_are_followed() {
    let server = server_with_bucket();
    let keys = ["1 + 1 = 2", "50%", "a&b", "z"];
    for key in keys {
        put(server, Style::Path, &format!("{BUCKET}/{key}"), b"x");
    }
    for style in Style::BOTH {
        let mut seen = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut args = vec!["list", BUCKET, "--max-keys", "1", "-Q", "encoding-type=url"];
            if let Some(token) = &token {
                args.extend(["--continuation-token", token]);
            }
            let url = link(server, style, &args);
            let page = get(&url).text();
            let [key] = &texts_of("Key", &page)[..] else {
                panic!("not one key: {url}\n{page}")
            };
            seen.push(percent_decode_str(key).decode_utf8().unwrap().into_owned());
            assert!(seen.len() <= keys.len(), "a page twice: {url}\n{page}");
            token = texts_of("NextContinuationToken", &page)
                .pop()
                .map(|token| token.replace("&amp;", "&"));
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, keys, "{style:?}");
    }
}

#[test]
fn head_of_a_bucket_shows_whether_it_exists() {
    let server = server_with_bucket();
    for style in Style::BOTH {
        for (bucket, status) in [(BUCKET, 200), ("no-such-bucket", 404)] {
            let url = link(server, style, &["request", "HEAD", bucket]);
            assert_eq!(send("HEAD", &url, &[], b"").status, status, "{url}");
        }
    }
}

#[test]
fn a_multipart_upload_works_by_urls_alone() {
    let server = server_with_bucket();
    for style in Style::BOTH {
        let target = format!("{BUCKET}/parts of {style:?} + more");
        let url = link(
            server,
            style,
            &["request", "POST", &target, "-Q", "uploads"],
        );
        let created = send("POST", &url, &[], b"");
        assert_eq!(created.status, 200, "{url}\n{}", created.text());
        let upload_id = format!("uploadId={}", texts_of("UploadId", &created.text())[0]);

        let mut list = String::new();
        for (number, body) in [(2, "second"), (1, "first ")] {
            let part_number = format!("partNumber={number}");
            let url = link(
                server,
                style,
                &[
                    "request",
                    "PUT",
                    &target,
                    "-Q",
                    &part_number,
                    "-Q",
                    &upload_id,
                ],
            );
            assert_eq!(
                send(
                    "PUT",
                    &url.replace("partNumber=", "partNumber=1"),
                    &[],
                    b"x"
                )
                .status,
                403,
                "another part: {url}"
            );
            let part = send("PUT", &url, &[], body.as_bytes());
            assert_eq!(part.status, 200, "{url}\n{}", part.text());
            let etag = part.header("etag").unwrap();
            list =
                format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>{list}");
        }
        let url = link(
            server,
            style,
            &["request", "POST", &target, "-Q", &upload_id],
        );
        let list = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
        let completed = send("POST", &url, &[], list.as_bytes());
        assert_eq!(completed.status, 200, "{url}\n{}", completed.text());

        let url = link(server, style, &["get", &target]);
        assert_eq!(get(&url).text(), "first second", "{url}");
    }
}

#[test]
fn a_url_serves_any_range() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/film");
    put(server, Style::Path, &target, b"0123456789");
    let url = link(server, Style::Path, &["get", &target]);
    for (range, status, body) in [
        ("bytes=0-0", 206, "0"),
        ("bytes=3-5", 206, "345"),
        ("bytes=7-", 206, "789"),
    ] {
        let part = send("GET", &url, &[("Range".to_owned(), range.to_owned())], b"");
        assert_eq!(
            (part.status, part.text().as_str()),
            (status, body),
            "{range}: {url}"
        );
    }
}

#[test]
fn signed_headers_must_be_sent_unchanged() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/photo");
    for style in Style::BOTH {
        let args = [
            "put",
            &target,
            "--content-type",
            "image/jpeg",
            "--metadata",
            "camera=x100",
            "--json",
        ];
        let report: serde_json::Value =
            serde_json::from_slice(&cos_presign(server, style, &args).stdout).unwrap();
        let url = report["url"].as_str().unwrap();
        let headers: Vec<(String, String)> = report["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(n, v)| (n.clone(), v.as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(headers.len(), 2, "{headers:?}");

        assert_eq!(
            send("PUT", url, &[], b"x").status,
            403,
            "without the headers: {url}"
        );
        for at in 0..headers.len() {
            let name = &headers[at].0;
            let mut left_out = headers.clone();
            left_out.remove(at);
            assert_eq!(
                send("PUT", url, &left_out, b"x").status,
                403,
                "without {name}: {url}"
            );
            let mut changed = headers.clone();
            changed[at].1 = "text/html".to_owned();
            assert_eq!(
                send("PUT", url, &changed, b"x").status,
                403,
                "with another {name}: {url}"
            );
        }
        let put = send("PUT", url, &headers, b"x");
        assert_eq!(put.status, 200, "{url}\n{}", put.text());

        let url = link(server, style, &["get", &target]);
        let got = get(&url);
        assert_eq!(
            (got.header("content-type"), got.header("x-amz-meta-camera")),
            (Some("image/jpeg"), Some("x100")),
            "{url}"
        );
        let url = link(server, style, &["delete", &target]);
        assert_eq!(send("DELETE", &url, &[], b"").status, 204, "{url}");
    }
}

#[test]
fn response_has_the_requested_headers() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/4711");
    put(server, Style::Path, &target, b"x");
    let args = [
        "get",
        &target,
        "--download-as",
        "Résumé 1.pdf",
        "--response-content-type",
        "application/pdf; charset=\"a+b\"",
        "--response-cache-control",
        "no-store",
    ];
    for style in Style::BOTH {
        let url = link(server, style, &args);
        let got = get(&url);
        assert_eq!(
            got.header("content-disposition"),
            Some(
                "attachment; filename=\"R_sum_ 1.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9%201.pdf"
            ),
            "{url}"
        );
        assert_eq!(
            got.header("content-type"),
            Some("application/pdf; charset=\"a+b\""),
            "{url}"
        );
        assert_eq!(got.header("cache-control"), Some("no-store"), "{url}");
    }
}

#[test]
fn a_url_works_for_its_own_request_only() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/secret");
    put(server, Style::Path, &target, b"x");
    let make = link(server, Style::Path, &["request", "PUT", "odd-keyz"]);
    assert_eq!(send("PUT", &make, &[], b"").status, 200, "{make}");
    put(
        server,
        Style::Path,
        &format!("{BUCKET}/secrets"),
        b"another",
    );
    put(server, Style::Path, "odd-keyz/secret", b"another");
    for style in Style::BOTH {
        let url = link(server, style, &["get", &target, "--expires", "600"]);
        assert_eq!(get(&url).status, 200, "{url}");

        let (front, signature) = url.split_at(url.len() - 1);
        let other_digit = if signature == "0" { "1" } else { "0" };
        for (what, method, changed) in [
            ("another signature", "GET", format!("{front}{other_digit}")),
            (
                "no signature",
                "GET",
                url.split("&X-Amz-Signature=").next().unwrap().to_owned(),
            ),
            ("another bucket", "GET", url.replace(BUCKET, "odd-keyz")),
            ("another key", "GET", url.replace("/secret?", "/secrets?")),
            (
                "a longer life",
                "GET",
                url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"),
            ),
            ("another region", "GET", url.replace("us-south", "us-east")),
            ("a parameter more", "GET", format!("{url}&versionId=1")),
            ("PUT", "PUT", url.clone()),
            ("DELETE", "DELETE", url.clone()),
            ("HEAD", "HEAD", url.clone()),
        ] {
            assert!(
                changed != url || method != "GET",
                "{what} is no change: {url}"
            );
            let response = send(method, &changed, &[], b"");
            assert_eq!(
                response.status,
                403,
                "{what}: {changed}\n{}",
                response.text()
            );
        }
        let got = get(&url);
        assert_eq!(
            (got.status, got.text().as_str()),
            (200, "x"),
            "the link itself still works: {url}"
        );
    }
}

#[test]
fn expired_urls_are_refused() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/secret");
    put(server, Style::Path, &target, b"x");
    let two_hours_ago = (chrono::Utc::now() - chrono::TimeDelta::hours(2)).to_rfc3339();
    for style in Style::BOTH {
        let url = link(
            server,
            style,
            &["get", &target, "--at", &two_hours_ago, "--expires", "60"],
        );
        let expired = get(&url);
        assert_eq!(expired.status, 403, "{url}\n{}", expired.text());
        assert!(
            expired.text().contains("expired"),
            "{url}\n{}",
            expired.text()
        );
        let url = link(
            server,
            style,
            &["get", &target, "--at", &two_hours_ago, "--expires", "3h"],
        );
        assert_eq!(
            get(&url).status,
            200,
            "of the same time, and still alive: {url}"
        );
        let url = link(
            server,
            style,
            &["get", &target, "--backdate", "2h", "--expires", "60"],
        );
        assert_eq!(get(&url).status, 200, "dated back, and still alive: {url}");
    }
}

#[test]
fn urls_of_another_secret_are_refused() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/secret");
    put(server, Style::Path, &target, b"x");
    let secret = tempfile::NamedTempFile::new().unwrap();
    let args = [
        "get",
        &target,
        "--access-key-id",
        ACCESS_KEY_ID,
        "--secret-file",
        secret.path().to_str().unwrap(),
    ];
    for (content, status) in [
        ("another-secret\n".to_owned(), 403),
        (format!("{SECRET_ACCESS_KEY}\r\n"), 200),
    ] {
        std::fs::write(secret.path(), &content).unwrap();
        let url = link(server, Style::Path, &args);
        assert_eq!(get(&url).status, status, "{content:?}: {url}");
    }
}

#[test]
fn aws_variables_sign_too() {
    let server = server_with_bucket();
    let target = format!("{BUCKET}/a b");
    put(server, Style::Path, &target, b"x");
    for (secret, status) in [(SECRET_ACCESS_KEY, 200), ("another-secret", 403)] {
        let variables = [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ];
        let args = ["get", &target];
        let url = printed(
            cos_presign_with(&variables, server, Style::Path, &args),
            &args,
        );
        assert_eq!(get(&url).status, status, "{url}");
    }
}

#[test]
fn verify_reports_whether_a_url_works() {
    let server = server_with_bucket();
    for (key, body) in [("full", &b"12345"[..]), ("empty", b"")] {
        put(server, Style::Path, &format!("{BUCKET}/{key}"), body);
    }
    let verify = |args: &[&str]| {
        let output = cos_presign(server, Style::Path, &[args, &["--verify", "-q"]].concat());
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(
            stdout.starts_with("http://") || stdout.is_empty(),
            "{stdout}"
        );
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let full = format!("{BUCKET}/full");
    for (args, said) in [
        (vec!["get", &full], "verify: 206 Partial Content, 5 bytes, "),
        (
            vec!["get", &format!("{BUCKET}/empty")],
            "verify: 416 Range Not Satisfiable, ",
        ),
        (vec!["head", &full], "verify: 200 OK, 5 bytes, "),
        (vec!["list", BUCKET], "verify: 200 OK, "),
    ] {
        let (code, stderr) = verify(&args);
        assert_eq!(code, Some(0), "{args:?}: {stderr}");
        assert!(stderr.starts_with(said), "{args:?}: {stderr}");
    }
    for args in [
        vec!["get", &format!("{BUCKET}/missing")],
        vec!["get", &full, "--at", "2020-01-01"],
        vec!["list", "no-such-bucket"],
    ] {
        let (code, stderr) = verify(&args);
        assert_eq!(code, Some(1), "{args:?}: {stderr}");
        assert!(
            stderr.starts_with("error: the store refused the link: 40")
                && stderr.contains("\nhint: "),
            "{args:?}: {stderr}"
        );
        assert!(!stderr.contains("X-Amz-Signature"), "{stderr}");
    }
    let (code, stderr) = verify(&["get", &format!("{BUCKET}/missing"), &full]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("verify: 206") && stderr.contains("1 of 2 URLs do not work"),
        "{stderr}"
    );
    // A path that URL libraries rewrite is sent as signed; otherwise the signature would not match.
    put(server, Style::Path, &format!("{BUCKET}/a/../b"), b"123");
    let (code, stderr) = verify(&["get", &format!("{BUCKET}/a/../b")]);
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn verify_refuses_a_wrong_secret() {
    let server = server_with_bucket();
    put(server, Style::Path, &format!("{BUCKET}/full"), b"12345");
    let args = ["get", &format!("{BUCKET}/full"), "--verify", "-q"];
    for (secret, code, said) in [
        (
            SECRET_ACCESS_KEY,
            0,
            "verify: 206 Partial Content, 5 bytes, ",
        ),
        (
            "not-the-right-one",
            1,
            "error: the store refused the link: 403",
        ),
    ] {
        let variables = [
            ("COS_HMAC_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("COS_HMAC_SECRET_ACCESS_KEY", secret),
        ];
        let output = cos_presign_with(&variables, server, Style::Path, &args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(stderr.starts_with(said), "{args:?}: {stderr}");
        assert!(
            !stderr.contains(secret) && !stderr.contains("X-Amz-Signature"),
            "{args:?}: {stderr}"
        );
    }
}

#[test]
fn verify_tells_network_failures_from_refusals() {
    // A closed port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let nowhere = Server {
        address: ([127, 0, 0, 1], port).into(),
    };
    let output = cos_presign(
        nowhere,
        Style::Path,
        &["get", "bucket/key", "--verify", "-q"],
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(
        stderr.starts_with(&format!("error: cannot reach `127.0.0.1:{port}`: ")),
        "{stderr}"
    );
    assert!(!stderr.contains("X-Amz-Signature"), "{stderr}");
}

#[test]
fn every_output_form_has_the_same_url() {
    let server = server_with_bucket();
    let args = ["get", "bucket/a&b.txt", "--at", "2026-01-31T12:00:00Z"];
    for style in Style::BOTH {
        let url = link(server, style, &args);
        let json = cos_presign(server, style, &[&args[..], &["--json"]].concat());
        let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(report["url"], url.as_str(), "{style:?}");
    }
    let url = link(server, Style::Path, &args);
    for form in ["curl", "wget", "powershell", "python", "markdown"] {
        let text = String::from_utf8(
            cos_presign(
                server,
                Style::Path,
                &[&args[..], &["--output", form]].concat(),
            )
            .stdout,
        )
        .unwrap();
        assert!(text.contains(&url), "{form}: {text}");
    }
    let html = String::from_utf8(
        cos_presign(
            server,
            Style::Path,
            &[&args[..], &["--output", "html"]].concat(),
        )
        .stdout,
    )
    .unwrap();
    assert!(html.contains(&url.replace('&', "&amp;")), "{html}");
}
