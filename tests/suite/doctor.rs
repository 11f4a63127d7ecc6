//! `doctor` with an independent S3 server, and with faulty servers.

use std::ffi::OsString;
use std::io::Write;
use std::net::ToSocketAddrs;

use chrono::{DateTime, TimeDelta, Utc};
use cos_presign::env::Env;
use serde_json::Value;
use support::odd_servers::{OddServer, read_request};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

/// Exit code, the checks as `status name: message`, and the fixes.
fn doctor(
    now: DateTime<Utc>,
    variables: &[(&str, &str)],
    args: &[&str],
) -> (u8, Vec<String>, Vec<String>) {
    let usual = [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    ];
    let env = Env::new(
        usual.iter().chain(variables).copied(),
        now,
        std::io::empty(),
    );
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["cos-presign", "doctor", "--json"]
        .iter()
        .chain(args)
        .map(OsString::from);
    let code = cos_presign::run(words, &env, &mut out, &mut err);
    assert_eq!(String::from_utf8_lossy(&err), "", "{args:?}");
    let report: Value = serde_json::from_slice(&out).unwrap();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().unwrap();
    let told = |check: &Value| {
        format!(
            "{} {}: {}",
            text(check, "status"),
            text(check, "check"),
            text(check, "message")
        )
    };
    let worst = checks
        .iter()
        .map(|check| text(check, "status"))
        .max_by_key(|status| ["ok", "warn", "fail"].iter().position(|s| s == status));
    assert_eq!(report["verdict"].as_str().unwrap(), worst.unwrap());
    assert_eq!(code, u8::from(report["verdict"] == "fail"));
    (
        code,
        checks.iter().map(told).collect(),
        checks.iter().map(|check| text(check, "fix")).collect(),
    )
}

fn has(lines: &[String], start: &str) -> bool {
    lines.iter().any(|line| line.starts_with(start))
}

#[test]
fn a_healthy_store_passes_every_check() {
    let server = Server::start();
    server.put("healthy", "in/a b.txt", b"hello");
    let endpoint = server.path_endpoint();
    let common = ["--endpoint", endpoint.as_str(), "--region", "us-south"];
    let (code, checks, _) = doctor(
        Utc::now(),
        &[],
        &[&["healthy/in/a b.txt"], &common[..]].concat(),
    );
    assert_eq!(code, 0, "{checks:#?}");
    for start in [
        "ok settings: ",
        "ok credentials: ",
        "ok endpoint: ",
        "ok addressing: path works",
        "ok region: ",
        "ok bucket: `healthy` exists",
    ] {
        assert!(has(&checks, start), "{start}: {checks:#?}");
    }
    assert!(
        has(
            &checks,
            "ok link: a presigned GET of the object works: 206 Partial Content, 5 bytes"
        ),
        "{checks:#?}"
    );
    let (code, checks, _) = doctor(Utc::now(), &[], &[&["healthy"], &common[..]].concat());
    assert_eq!(code, 0, "{checks:#?}");
    assert!(
        has(
            &checks,
            "ok link: a presigned GET of the listing works: 200"
        ),
        "{checks:#?}"
    );
    let (code, checks, _) = doctor(Utc::now(), &[], &common);
    assert_eq!(code, 0, "{checks:#?}");
    assert!(
        has(
            &checks,
            "warn keys: not tested: the store does not list buckets"
        ),
        "{checks:#?}"
    );
    // Only the object was read.
    assert_eq!(server.object("healthy", "in/a b.txt").unwrap(), b"hello");
    let (code, checks, fixes) = doctor(
        Utc::now(),
        &[],
        &[&["healthy/missing"], &common[..]].concat(),
    );
    assert_eq!(code, 0, "{checks:#?}");
    assert!(
        has(
            &checks,
            "warn link: a presigned GET of the object is refused: 404"
        ),
        "{checks:#?}"
    );
    assert!(
        fixes.iter().any(|fix| fix.contains("check its key")),
        "{fixes:#?}"
    );
}

#[test]
fn doctor_finds_the_addressing_that_works() {
    let server = Server::start();
    server.put("healthy", "k", b"hello");
    let endpoint = server.virtual_endpoint();
    let args = [
        "healthy/k",
        "--endpoint",
        &endpoint,
        "--region",
        "us-south",
        "--addressing",
        "virtual",
    ];
    let (code, checks, fixes) = doctor(Utc::now(), &[], &args);
    // Some resolvers resolve every name under `localhost`, others only `localhost`.
    if ("healthy.localhost", 0).to_socket_addrs().is_ok() {
        assert_eq!(code, 0, "{checks:#?}");
        assert!(has(&checks, "ok addressing: virtual works"), "{checks:#?}");
        return;
    }
    assert_eq!(code, 1, "{checks:#?}");
    assert!(has(&checks, "ok endpoint: localhost"), "{checks:#?}");
    assert!(
        has(
            &checks,
            "fail addressing: virtual does not work, and path does"
        ),
        "{checks:#?}"
    );
    assert!(has(&checks, "ok bucket: `healthy` exists"), "{checks:#?}");
    assert!(
        fixes.contains(&"add `--addressing path`".to_owned()),
        "{fixes:#?}"
    );
}

#[test]
fn doctor_finds_wrong_keys_region_and_bucket() {
    let server = Server::start();
    server.put("healthy", "k", b"hello");
    let endpoint = server.path_endpoint();
    let common = ["--endpoint", endpoint.as_str(), "--region", "us-south"];
    let with = |target: &'static str| [&[target], &common[..]].concat();
    let (_, checks, fixes) = doctor(
        Utc::now(),
        &[("AWS_SECRET_ACCESS_KEY", "another")],
        &with("healthy/k"),
    );
    assert!(
        has(&checks, "fail bucket: `healthy`: 403 SignatureDoesNotMatch"),
        "{checks:#?}"
    );
    assert!(
        has(&checks, "fail link: ") && fixes.iter().any(|fix| fix.contains("secret")),
        "{checks:#?} {fixes:#?}"
    );
    let (_, checks, _) = doctor(Utc::now(), &[], &with("missing-bucket/k"));
    assert!(
        has(&checks, "fail bucket: `missing-bucket`: 404 NoSuchBucket"),
        "{checks:#?}"
    );
    let nothing = [
        "healthy/k",
        "--endpoint",
        "http://127.0.0.1:1",
        "--region",
        "us-south",
    ];
    let (_, checks, fixes) = doctor(Utc::now(), &[], &nothing);
    assert!(
        has(&checks, "fail endpoint: ") && !has(&checks, "fail link"),
        "{checks:#?}"
    );
    assert!(
        fixes.iter().any(|fix| fix.contains("check the endpoint")),
        "{fixes:#?}"
    );
    let (_, checks, _) = doctor(
        Utc::now(),
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")],
        &with("healthy/k"),
    );
    assert!(
        has(&checks, "fail credentials: no credentials found"),
        "{checks:#?}"
    );
    assert!(
        has(&checks, "ok endpoint: "),
        "the other checks run: {checks:#?}"
    );
    let (_, checks, _) = doctor(Utc::now(), &[], &["healthy/k"]);
    assert!(
        has(&checks, "fail settings: cannot determine the endpoint of"),
        "{checks:#?}"
    );
    let ended = [("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")];
    let (_, checks, _) = doctor(Utc::now(), &ended, &with("healthy/k"));
    assert!(has(&checks, "fail credentials: "), "{checks:#?}");
}

/// Responds to every request with this, and the current date.
fn saying(status: &str, headers: &str, body: &str, date: DateTime<Utc>) -> OddServer {
    let date = date.format("%a, %d %b %Y %H:%M:%S GMT");
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status}\r\nDate: {date}\r\n{headers}Connection: close\r\nContent-Length: \
         {length}\r\n\r\n{body}"
    );
    OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let _ = stream.write_all(response.as_bytes());
        request
    })
}

#[test]
fn doctor_finds_clock_skew_and_wrong_region() {
    let now = Utc::now();
    let list = "<ListBucketResult></ListBucketResult>";
    for (ahead, start) in [
        (5, "ok clock: "),
        (300, "warn clock: this computer's clock is "),
        (2000, "fail clock: this computer's clock is "),
    ] {
        let server = saying("200 OK", "", list, now - TimeDelta::seconds(ahead));
        let args = [
            "b-1/k",
            "--endpoint",
            &server.http(),
            "--region",
            "us-south",
        ];
        let (_, checks, _) = doctor(now, &[], &args);
        assert!(has(&checks, start), "{start} {checks:#?}");
        // Only GET was sent.
        assert!(
            server
                .requests()
                .iter()
                .all(|request| request.starts_with("GET "))
        );
    }
    let error = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message><Region>eu-de</Region></Error>";
    let server = saying("400 Bad Request", "", error, now);
    let (_, checks, fixes) = doctor(
        now,
        &[],
        &[
            "b-1/k",
            "--endpoint",
            &server.http(),
            "--region",
            "us-south",
        ],
    );
    assert!(
        has(
            &checks,
            "fail region: the bucket is in `eu-de`, but `us-south` (--region) is signed"
        ),
        "{checks:#?}"
    );
    assert!(
        fixes.contains(&"add `--region eu-de`".to_owned()),
        "{fixes:#?}"
    );
    let denied = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    let server = saying(
        "403 Forbidden",
        "x-amz-bucket-region: us-south\r\n",
        denied,
        now,
    );
    let (code, checks, _) = doctor(
        now,
        &[],
        &["b-1", "--endpoint", &server.http(), "--region", "us-south"],
    );
    assert_eq!(code, 0, "{checks:#?}");
    assert!(
        has(&checks, "warn bucket: `b-1` cannot be listed")
            && has(&checks, "ok region: `us-south`, from the store"),
        "{checks:#?}"
    );
    let buckets = "<ListAllMyBucketsResult></ListAllMyBucketsResult>";
    let server = saying("200 OK", "", buckets, now);
    let (_, checks, _) = doctor(now, &[], &["--endpoint", &server.http(), "--region", "r"]);
    assert!(
        has(&checks, "ok keys: accepted: the store lists its buckets"),
        "{checks:#?}"
    );
    let server = saying("403 Forbidden", "", denied, now);
    let (_, checks, _) = doctor(now, &[], &["--endpoint", &server.http(), "--region", "r"]);
    assert!(
        has(&checks, "warn keys: valid, but not allowed"),
        "{checks:#?}"
    );
    let server = saying("200 OK", "", "<html>not a store</html>", now);
    let (_, checks, fixes) = doctor(
        now,
        &[],
        &["b-1/k", "--endpoint", &server.http(), "--region", "r"],
    );
    assert!(
        has(&checks, "fail bucket: `b-1`: the response has status 200"),
        "{checks:#?}"
    );
    assert!(
        fixes.iter().any(|fix| fix.contains("login page")),
        "{fixes:#?}"
    );
}
