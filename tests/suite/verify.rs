//! `verify`: the built program with an independent store, and with servers that are not stores.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;
use support::http_client;
use support::odd_servers::{Identity, OK, OddServer};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

use crate::run::{Finished, Run, program};

fn run(args: &[&str], keys: (&str, &str), stdin: &str) -> Finished {
    run_with(&[], args, keys, stdin)
}

fn run_with(
    variables: &[(&str, &str)],
    args: &[&str],
    keys: (&str, &str),
    stdin: &str,
) -> Finished {
    let finished = Run::new()
        .envs(variables.iter().copied())
        .env("AWS_ACCESS_KEY_ID", keys.0)
        .env("AWS_SECRET_ACCESS_KEY", keys.1)
        .args(args)
        .stdin(stdin)
        .any_status()
        .run();
    if args[0] == "verify" {
        let all = format!("{}{}", finished.stdout, finished.stderr);
        assert!(
            !all.contains("X-Amz-Signature=") && !all.contains(keys.1),
            "{all}"
        );
    }
    finished
}

const KEYS: (&str, &str) = (ACCESS_KEY_ID, SECRET_ACCESS_KEY);

fn link(args: &[&str]) -> String {
    let finished = run(&[args, &["--region", "us-east-1", "-q"]].concat(), KEYS, "");
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    finished.stdout.trim_end().to_owned()
}

fn verify(args: &[&str]) -> Finished {
    run(&[&["verify"], args].concat(), KEYS, "")
}

/// A bucket with one object of five bytes, and its URL.
fn store() -> (Server, String, String) {
    let server = Server::start();
    let endpoint = server.path_endpoint();
    for (target, body) in [
        ("request PUT verify-bucket", &b""[..]),
        ("put verify-bucket/a/../b c.txt", b"hello"),
    ] {
        let (verb, name) = target.split_once("verify-bucket").unwrap();
        let target = format!("verify-bucket{name}");
        let verb: Vec<&str> = verb.split_whitespace().collect();
        let url = link(&[&verb[..], &[&target, "--endpoint", &endpoint]].concat());
        assert_eq!(
            http_client::send("PUT", &url, &[], body).status,
            200,
            "{target}"
        );
    }
    let url = link(&["get", "verify-bucket/a/../b c.txt", "--endpoint", &endpoint]);
    (server, endpoint, url)
}

/// `--verify --json` prints the result in the object of the URL, and exits as without `--json`.
#[test]
fn json_of_a_new_url_contains_the_result_of_its_verification() {
    let (_server, endpoint, _) = store();
    let get = |key: &str, more: &[&str]| {
        let target = format!("verify-bucket/{key}");
        let args = ["get", &target, "--endpoint", &endpoint, "--region"];
        let options = ["us-east-1", "--verify", "--json"];
        run(&[&args[..], &options, more].concat(), KEYS, "")
    };
    let served = get("a/../b c.txt", &[]);
    assert_eq!(served.status, 0, "{}", served.stderr);
    let report = served.json();
    assert_eq!(report["verification"]["ok"], true, "{report}");
    let result = report["verification"]["result"].as_str().unwrap();
    assert!(result.contains("5 bytes"), "{result}");
    assert!(report["verification"].get("hint").is_none(), "{report}");
    let refused = get("missing", &["-vv"]);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    let report = refused.json();
    assert_eq!(report["verification"]["ok"], false, "{report}");
    let result = report["verification"]["result"].as_str().unwrap();
    assert!(result.contains("404"), "{result}");
    assert!(refused.stderr.contains(result), "{}", refused.stderr);
    // With the values of `-vv`, of which the last signs.
    let steps = report["signing_key_steps"].as_object().unwrap();
    let names: Vec<&str> = steps.keys().map(String::as_str).collect();
    assert_eq!(names, ["kDate", "kRegion", "kService", "kSigning"]);
    let is_key = |step: &Value| step.as_str().is_some_and(|key| key.len() == 64);
    assert!(steps.values().all(is_key), "{report}");
    // Without `--verify` there is no such object.
    let plain = link(&["get", "verify-bucket/a", "--endpoint", &endpoint, "--json"]);
    let plain: Value = serde_json::from_str(&plain).unwrap();
    assert!(plain.get("verification").is_none(), "{plain}");
}

#[test]
fn a_valid_url_is_confirmed_without_downloading() {
    let (_server, _, url) = store();
    let finished = verify(&[&url]);
    assert_eq!(
        (finished.status, finished.stderr.as_str()),
        (0, ""),
        "{}",
        finished.stdout
    );
    assert!(
        finished
            .stdout
            .starts_with("ok: 206 Partial Content, 5 bytes"),
        "{}",
        finished.stdout
    );
    let json: Value = serde_json::from_str(&verify(&[&url, "--json"]).stdout).unwrap();
    assert_eq!(
        (&json["ok"], &json["status"], &json["size"]),
        (&true.into(), &206.into(), &5.into()),
        "{json}"
    );
    assert!(
        json["address"]
            .as_str()
            .unwrap()
            .ends_with("/verify-bucket/a/../b%20c.txt"),
        "{json}"
    );
}

#[test]
fn a_refused_url_is_explained() {
    let (_server, _, url) = store();
    for (url, args, code) in [
        (
            format!("{url}&utm_source=mail"),
            &[][..],
            "query-parameter-added",
        ),
        (url.clone(), &["--method", "HEAD"], "wrong-method"),
        (url.replace("b%20c.txt", "b%20%20c.txt"), &[], "key-changed"),
    ] {
        let finished = verify(&[&[url.as_str(), "--json"], args].concat());
        assert_eq!(finished.status, 1, "{}", finished.stdout);
        let json: Value = serde_json::from_str(&finished.stdout).unwrap();
        assert_eq!(json["diagnosis"]["findings"][0]["code"], code, "{json}");
    }
    let missing = link(&[
        "get",
        "verify-bucket/missing",
        "--endpoint",
        &url[..url.find("/verify-bucket").unwrap()],
    ]);
    let finished = verify(&[&missing]);
    assert_eq!(finished.status, 1);
    assert!(
        finished.stdout.starts_with("refused: 404 Not Found")
            && finished.stdout.contains("1. no-such-key (certain)"),
        "{}",
        finished.stdout
    );
}

#[test]
fn with_other_keys_only_the_response_is_reported() {
    let (_server, _, url) = store();
    let finished = run(
        &[
            "verify",
            &url.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601"),
            "--json",
        ],
        ("OTHER", "another-secret"),
        "",
    );
    let json: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(
        (finished.status, &json["diagnosis"]["findings"][0]["code"]),
        (1, &"wrong-access-key".into()),
        "{json}"
    );
}

#[test]
fn a_put_is_sent_only_when_confirmed() {
    let (_server, endpoint, _) = store();
    let url = link(&[
        "put",
        "verify-bucket/new",
        "--endpoint",
        &endpoint,
        "--content-type",
        "text/plain",
    ]);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "uploaded").unwrap();
    let body = file.path().to_str().unwrap();
    // Even without --method: the signed content type implies it.
    assert_eq!(verify(&[&url]).status, 2);
    assert_eq!(verify(&[&url, "--method", "PUT", "--body", body]).status, 2);
    let finished = verify(&[
        &url,
        "--method",
        "PUT",
        "--body",
        body,
        "--yes",
        "--header",
        "Content-Type: text/plain",
    ]);
    assert_eq!(
        finished.status, 0,
        "{} {}",
        finished.stdout, finished.stderr
    );
    let get = link(&["get", "verify-bucket/new", "--endpoint", &endpoint]);
    assert_eq!(http_client::send("GET", &get, &[], b"").text(), "uploaded");
    let finished = verify(&[
        &url,
        "--method",
        "PUT",
        "--body",
        body,
        "--yes",
        "--header",
        "Content-Type: text/html",
        "--json",
    ]);
    let json: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(
        json["diagnosis"]["findings"][0]["code"], "signed-header-changed",
        "{json}"
    );
}

#[test]
fn a_proxy_that_rewrites_host_is_diagnosed() {
    let (server, endpoint, url) = store();
    let proxy = OddServer::in_front_of(server.address, Some("127.0.0.1:9"));
    let through = url.replace(&endpoint, &proxy.http());
    let own = link(&[
        "get",
        "verify-bucket/a/../b c.txt",
        "--endpoint",
        &proxy.http(),
    ]);
    // Signed for the address of the store and used through the proxy: the host differs.
    let finished = run_with(
        &[("AWS_ENDPOINT_URL_S3", &endpoint)],
        &["verify", &through, "--json"],
        KEYS,
        "",
    );
    let json: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(
        json["diagnosis"]["findings"][0]["code"], "port-in-host",
        "{json}"
    );
    // Signed for the proxy: the URL is valid, so the problem is behind the proxy.
    let finished = verify(&[&own, "--json"]);
    let json: Value = serde_json::from_str(&finished.stdout).unwrap();
    let codes: Vec<&str> = json["diagnosis"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["code"].as_str().unwrap())
        .collect();
    assert_eq!(finished.status, 1);
    assert!(
        codes.contains(&"proxy-rewrote-host") && codes.contains(&"server-has-other-secret"),
        "{json}"
    );
}

#[test]
fn results_keep_the_order_of_the_urls() {
    let (_server, _, url) = store();
    let mut input = String::new();
    for number in 0..40 {
        match number % 4 {
            0 => input.push_str(&format!("{url}\n")),
            1 => input.push_str(&format!("{url}&n={number}\n\n")),
            2 => input.push_str("not a url\n"),
            _ => input.push_str(&format!(
                "{}\r\n",
                url.replace("127.0.0.1", "127.0.0.1:1/x")
            )),
        }
    }
    for jobs in ["1", "16"] {
        let finished = run(&["verify", "-", "--json", "--jobs", jobs], KEYS, &input);
        assert_eq!(finished.status, 1, "{}", finished.stderr);
        let lines: Vec<Value> = finished
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 40);
        for (number, line) in lines.iter().enumerate() {
            match number % 4 {
                0 => assert_eq!(line["ok"], true, "{number}: {line}"),
                1 => assert_eq!(
                    line["diagnosis"]["findings"][0]["code"], "query-parameter-added",
                    "{number}: {line}"
                ),
                _ => assert!(
                    line["error"].is_string() || line["status"].is_number(),
                    "{number}: {line}"
                ),
            }
        }
    }
}

#[test]
fn redirects_are_shown_and_not_followed() {
    let target = OddServer::responding(OK);
    let location = format!("{}/elsewhere?X-Amz-Signature=secret", target.http());
    let head = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    );
    let server = OddServer::responding(head.as_bytes());
    let finished = verify(&[&link(&["get", "bbb/k", "--endpoint", &server.http()])]);
    assert_eq!(finished.status, 1);
    assert!(
        finished
            .stdout
            .contains(&format!("redirects to {}/elsewhere\n", target.http())),
        "{}",
        finished.stdout
    );
    assert!(
        finished.stdout.contains("1. redirected (certain)"),
        "{}",
        finished.stdout
    );
    assert!(!target.was_called());
}

#[test]
fn servers_other_than_stores_are_distinguished() {
    let endless =
        OddServer::responding_without_end(b"HTTP/1.1 403 Forbidden\r\n\r\n<html>", b"for ever");
    for (server, args, code, words) in [
        (
            OddServer::falling_silent_after(b""),
            &["--timeout", "1s"][..],
            4,
            "no response from",
        ),
        (
            OddServer::closing_at_once(),
            &[],
            4,
            "closed before a response",
        ),
        (OddServer::resetting(), &[], 4, "closed before a response"),
        (
            OddServer::responding(b"SSH-2.0-x\r\n"),
            &[],
            4,
            "the response is not HTTP",
        ),
        (endless, &[], 1, "not-a-store-answer"),
    ] {
        let finished = verify(
            &[
                &[link(&["get", "bbb/k", "--endpoint", &server.http()]).as_str()],
                args,
            ]
            .concat(),
        );
        assert_eq!(
            finished.status, code,
            "{} {}",
            finished.stdout, finished.stderr
        );
        assert!(
            format!("{}{}", finished.stdout, finished.stderr).contains(words),
            "{words}: {} {}",
            finished.stdout,
            finished.stderr
        );
    }
    let nobody = verify(&[
        &link(&["get", "bbb/k", "--endpoint", "http://127.0.0.1:1"]),
        "--connect-timeout",
        "5s",
    ]);
    assert_eq!(nobody.status, 4);
    assert!(
        nobody.stderr.contains("connection refused"),
        "{}",
        nobody.stderr
    );
}

#[cfg(target_os = "linux")]
#[test]
fn certificates_are_checked_and_cacert_is_used() {
    let identity = Identity::issued("localhost", (2020, 2099));
    let server = OddServer::with_tls(&identity, OK);
    let url = link(&[
        "get",
        "bbb/k",
        "--endpoint",
        &server.https(),
        "--addressing",
        "path",
    ]);
    let stranger = verify(&[&url]);
    assert_eq!(stranger.status, 4, "{}", stranger.stdout);
    assert!(
        stranger.stderr.contains("cannot verify the certificate of"),
        "{}",
        stranger.stderr
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &identity.authority).unwrap();
    let known = verify(&[&url, "--cacert", file.path().to_str().unwrap()]);
    assert_eq!(known.status, 0, "{} {}", known.stdout, known.stderr);
}

#[test]
fn only_the_signed_request_is_sent() {
    let server = OddServer::responding(OK);
    let url = link(&["get", "bbb/a/./..//k", "--endpoint", &server.http()]);
    let finished = verify(&[
        &url,
        "--header",
        "X-Probe: 1",
        "--origin",
        "https://page.example",
    ]);
    assert_eq!(finished.status, 1, "{}", finished.stdout);
    assert!(
        finished.stdout.contains("cors-refused (certain)"),
        "{}",
        finished.stdout
    );
    let request = server.requests().remove(0);
    assert!(
        request.starts_with("GET /bbb/a/./..//k?X-Amz-Algorithm="),
        "{request}"
    );
    let lower = request.to_ascii_lowercase();
    for header in [
        "x-probe: 1\r\n",
        "origin: https://page.example\r\n",
        "range: bytes=0-0\r\n",
        "accept: */*\r\n",
    ] {
        assert!(lower.contains(header), "{header}: {request}");
    }
    assert!(
        !lower.contains("accept-encoding") && !lower.contains("authorization"),
        "{request}"
    );
    let allowing = OddServer::responding(
        b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n",
    );
    let url = link(&["get", "bbb/k", "--endpoint", &allowing.http()]);
    assert_eq!(
        verify(&[&url, "--origin", "https://page.example"]).status,
        0
    );
}

#[test]
fn a_wrong_clock_is_reported() {
    let late =
        "HTTP/1.1 200 OK\r\nDate: Fri, 24 May 2013 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n";
    let server = OddServer::responding(late.as_bytes());
    let finished = verify(&[&link(&["get", "bbb/k", "--endpoint", &server.http()])]);
    assert_eq!(finished.status, 0);
    assert!(
        finished.stdout.contains("ahead of the store's"),
        "{}",
        finished.stdout
    );
}

/// A program can pass URLs one by one and read each result before it passes the next.
#[test]
fn each_result_is_printed_before_the_next_url_is_read() {
    use std::io::{BufRead, BufReader};
    let (_server, _endpoint, url) = store();
    let mut child = program()
        .env("AWS_ACCESS_KEY_ID", KEYS.0)
        .env("AWS_SECRET_ACCESS_KEY", KEYS.1)
        .args(["verify", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut links, mut responses) = (
        child.stdin.take().unwrap(),
        BufReader::new(child.stdout.take().unwrap()).lines(),
    );
    for _ in 0..3 {
        writeln!(links, "{url}").unwrap();
        let response: Value = serde_json::from_str(&responses.next().unwrap().unwrap()).unwrap();
        assert_eq!(response["ok"], true, "{response}");
    }
    drop(links);
    assert!(responses.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
