//! Recorded refusals of real servers (`tests/responses/SERVER/PROBE.xml`), and their diagnosis
//! without a secret.
//!
//! Some contain all details, some only a code, one uses its own codes. Missing details must be
//! visible in the URL itself, or remain unknown.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use cos_presign::env::Env;
use cos_presign::sigv4::{Credentials, Expiry, Presigner, Request, Scheme, SigningTime};
use cos_presign::store::{BodyKind, ErrorResponse};
use serde_json::Value;

use crate::run::{EXAMPLE_KEYS, Run, directory};

const SERVERS: [&str; 6] = [
    "ceph-rgw",
    "ceph-rgw-sts",
    "garage",
    "s3s-fs-0.17",
    "s3s-mem",
    "swift",
];
const NOW: &str = "2026-11-23T11:50:00Z";

/// The relevant properties of a probe's URL.
fn link(probe: &str) -> String {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let hours = match probe {
        "e.expired_hour" => -1,
        "e.future_2days" => 48,
        _ => 0,
    };
    // The servers responded within the preceding twenty minutes.
    let first = now - chrono::TimeDelta::minutes(20);
    let signed_at = SigningTime::new(first + chrono::TimeDelta::hours(hours)).unwrap();
    let id = if probe == "i.token_missing" {
        "ASIAIOSFODNN7EXAMPLE"
    } else {
        "AKIAIOSFODNN7EXAMPLE"
    };
    let credentials = Credentials::new(id, "secret");
    let region = if probe == "e.wrong_region" {
        "mars-north-9"
    } else {
        "us-east-1"
    };
    let service = if probe == "e.wrong_service" {
        "ec2"
    } else {
        "s3"
    };
    let seconds = if probe == "h.604801" { 604_801 } else { 1800 };
    let presigner = Presigner::new(&credentials, region, service, signed_at).unwrap();
    let request = Request::new("GET", Scheme::Http, "127.0.0.1:8080", "/probe/file.bin");
    let url = presigner
        .expires_in(Expiry::seconds(seconds).unwrap())
        .presign(&request)
        .unwrap()
        .url;
    let url = url.as_str();
    match probe {
        "e.scope_date_mismatch" => url.replace("%2F20261123%2F", "%2F20200101%2F"),
        "e.missing_X-Amz-Expires" => url.replace("&X-Amz-Expires=1800", ""),
        "e.duplicate_expires" => format!("{url}&X-Amz-Expires=1800"),
        _ => url.to_owned(),
    }
}

fn diagnose(server: &str, probe: &str) -> Option<Vec<String>> {
    let file = format!("tests/responses/{server}/{probe}.xml");
    Path::new(&file).exists().then_some(())?;
    let response = ErrorResponse::parse(&fs::read(&file).unwrap());
    let link = link(probe).replace(
        "/probe/",
        &format!("/{}/", response.element("BucketName").unwrap_or("probe")),
    );
    let mut args = vec![
        "cos-presign".to_owned(),
        "diagnose".into(),
        link,
        "--json".into(),
        "--at".into(),
        NOW.into(),
    ];
    args.extend(["--response".into(), file]);
    match probe {
        "a.put_unsigned_amz_header" => args.extend([
            "-X".into(),
            "PUT".into(),
            "-H".into(),
            "x-amz-meta-who: me".into(),
        ]),
        "e.query_and_header_auth" => {
            args.extend(["-H".into(), "Authorization: AWS4-HMAC-SHA256 x".into()])
        }
        _ => {}
    }
    let no_variables: [(&str, &str); 0] = [];
    let env = Env::new(no_variables, NOW.parse().unwrap(), std::io::empty());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = cos_presign::run(
        args.into_iter().map(OsString::from),
        &env,
        &mut out,
        &mut err,
    );
    assert_eq!(
        code,
        1,
        "{server} {probe}: {}",
        String::from_utf8_lossy(&err)
    );
    let json: Value = serde_json::from_slice(&out).unwrap();
    Some(
        json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["code"].as_str().unwrap().to_owned())
            .collect(),
    )
}

#[test]
fn the_cause_in_a_response_or_url_comes_first() {
    let mut count = 0;
    for (probe, code) in [
        ("a.get_deleted", "no-such-key"),
        ("a.no_such_bucket", "no-such-bucket"),
        ("a.put_unsigned_amz_header", "header-not-signed"),
        ("e.duplicate_expires", "parameter-doubled"),
        ("e.expired_hour", "expired"),
        ("e.missing_X-Amz-Expires", "query-parameter-removed"),
        ("e.query_and_header_auth", "two-auth-mechanisms"),
        ("e.scope_date_mismatch", "scope-date-mismatch"),
        ("e.wrong_region", "wrong-region"),
        ("e.wrong_service", "wrong-service"),
        ("h.604801", "expiry-over-limit"),
        ("i.token_missing", "token-missing"),
    ] {
        for server in SERVERS {
            let Some(found) = diagnose(server, probe) else {
                continue;
            };
            // This server reports a missing bucket as a missing key.
            let code = if (server, probe) == ("s3s-fs-0.17", "a.no_such_bucket") {
                "no-such-key"
            } else {
                code
            };
            assert_eq!(found[0], code, "{server} {probe}: {found:?}");
            count += 1;
        }
    }
    assert!(count > 35, "{count}");
    for server in ["ceph-rgw", "s3s-fs-0.17", "s3s-mem"] {
        assert_eq!(
            diagnose(server, "e.unknown_access_key").unwrap()[0],
            "wrong-access-key",
            "{server}"
        );
    }
    for server in ["s3s-fs-0.17", "s3s-mem"] {
        let found = diagnose(server, "e.future_2days").unwrap();
        assert_eq!(found[..2], ["clock-skew", "not-yet-valid"], "{server}");
    }
}

/// `rclone serve s3` has one sentence for an unsigned header and for a signed one that is missing.
#[test]
fn a_signed_header_that_was_not_sent_comes_before_the_sentence_of_the_store() {
    let link = Run::new()
        .envs(EXAMPLE_KEYS)
        .args(["put", "probe/file.bin", "--endpoint"])
        .args(["http://127.0.0.1:8080", "--region", "us-east-1"])
        .args(["--content-type", "text/csv", "--metadata", "from=me"])
        .args(["--at", NOW])
        .run();
    let response = directory("store_responses", "rclone").join("response");
    let sentence = "There were headers present in the request which were not signed";
    let body = format!("<Error><Code>AccessDenied</Code><Message>{sentence}</Message></Error>");
    let whole = format!("HTTP/1.1 403 Forbidden\r\nContent-Type: text/xml\r\n\r\n{body}");
    fs::write(&response, whole).unwrap();
    let first = |headers: &[&str]| {
        let headers = headers.iter().flat_map(|header| ["-H", header]);
        let report = Run::new()
            .args(["diagnose", link.line(), "--method", "PUT", "--at", NOW])
            .args(["--json", "--response", response.to_str().unwrap()])
            .args(headers)
            .status(1)
            .run()
            .json();
        let finding = &report["findings"][0];
        let of = |field: &str| finding[field].as_str().unwrap().to_owned();
        assert_eq!(of("certainty"), "certain", "{report}");
        (of("code"), of("message"))
    };
    let (code, message) = first(&["x-amz-meta-from: me"]);
    assert_eq!(code, "signed-header-missing", "{message}");
    assert!(message.contains("`content-type`"), "{message}");
    // Nothing is known to be missing, or another header is what was not signed.
    for headers in [
        &[][..],
        &["x-amz-meta-from: me", "content-type: text/csv"],
        &["x-amz-meta-from: me", "x-amz-meta-added: 1"],
    ] {
        let (code, message) = first(headers);
        assert_eq!(code, "header-not-signed", "{headers:?}: {message}");
    }
}

/// The store shows the canonical request that it computed; with a URL that matches it, only the
/// secret remains as a cause.
#[test]
fn canonical_request_of_a_server_is_parsed_byte_exact() {
    let file = fs::read("tests/responses/swift/e.wrong_secret.xml").unwrap();
    let response = ErrorResponse::parse(&file);
    assert_eq!(
        (response.status, response.kind, response.code()),
        (Some(403), BodyKind::Error, Some("SignatureDoesNotMatch"))
    );
    let seen = String::from_utf8(response.canonical_request().unwrap()).unwrap();
    let lines: Vec<&str> = seen.lines().collect();
    let host = lines[3].strip_prefix("host:").unwrap();
    let signature = response.element("SignatureProvided").unwrap();
    let url = format!(
        "http://{host}{}?{}&X-Amz-Signature={signature}",
        lines[1], lines[2]
    );
    let run = |url: &str| {
        let args = [
            "cos-presign",
            "diagnose",
            url,
            "--json",
            "--at",
            "2026-11-23T11:49:00Z",
            "--method",
            "GET",
            "--response",
        ];
        let args = args
            .iter()
            .chain(&["tests/responses/swift/e.wrong_secret.xml"])
            .map(OsString::from);
        let no_variables: [(&str, &str); 0] = [];
        let env = Env::new(no_variables, NOW.parse().unwrap(), std::io::empty());
        let mut out = Vec::new();
        cos_presign::run(args, &env, &mut out, &mut Vec::new());
        serde_json::from_slice::<Value>(&out).unwrap()
    };
    let same = run(&url);
    assert_eq!(same["findings"][0]["code"], "wrong-secret", "{same}");
    for (from, to, code) in [
        (host, "files.example.com", "proxy-rewrote-host"),
        ("/e/", "//e/", "path-slashes-changed"),
        (
            "X-Amz-Expires=",
            "X-Amz-Expires=1",
            "query-parameter-changed",
        ),
        (
            "&X-Amz-Signature",
            "&lost=1&X-Amz-Signature",
            "query-parameter-removed",
        ),
    ] {
        let other = run(&url.replacen(from, to, 1));
        let codes: Vec<&str> = other["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["code"].as_str().unwrap())
            .collect();
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}

#[test]
fn every_response_is_parsed() {
    let mut count = 0;
    for server in SERVERS {
        for entry in fs::read_dir(format!("tests/responses/{server}")).unwrap() {
            let path = entry.unwrap().path();
            let response = ErrorResponse::parse(&fs::read(&path).unwrap());
            assert!(
                response.status.is_some_and(|status| status >= 300),
                "{}",
                path.display()
            );
            let told = response.code().is_some() || response.kind == BodyKind::Empty;
            assert!(told, "{}: {response:?}", path.display());
            count += 1;
        }
    }
    assert!(count > 70, "{count}");
}
