//! `--find-region`: the region of a bucket, requested from its store before signing.

use support::odd_servers::OddServer;

use crate::network_options::keeping;
use crate::run::{Finished, Run, SERVER_KEYS};

/// A response with these headers, each ended with CR LF.
fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn run(server: &OddServer, verb: &str, more: &[&str]) -> Finished {
    Run::new()
        .args([verb, "bucket/key", "--find-region", "--endpoint"])
        .args([server.http()])
        .args(more)
        .envs(SERVER_KEYS)
        .any_status()
        .run()
}

fn region(said: &Finished) -> &str {
    said.stdout.split("%2F").nth(2).unwrap_or_default()
}

const AWS: [&str; 2] = ["--provider", "aws"];

#[test]
fn amazon_is_asked_without_credentials_whatever_the_status() {
    for status in ["200 OK", "301 Moved Permanently", "403 Forbidden"] {
        let server =
            keeping(move |_| Some(response(status, "x-amz-bucket-region: eu-west-3\r\n", "")));
        let said = run(&server, "get", &AWS);
        assert_eq!(said.status, 0, "{status}: {}", said.stderr);
        assert_eq!(region(&said), "eu-west-3", "{status}");
        assert!(
            said.stderr
                .contains("note: `bucket` is in the region `eu-west-3` (--find-region)\n"),
            "{}",
            said.stderr
        );
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        assert!(
            requests[0].starts_with("HEAD /bucket HTTP/1.1\r\n"),
            "{requests:?}"
        );
        assert!(
            !requests[0].to_lowercase().contains("authorization"),
            "{requests:?}"
        );
        // Nothing is kept for the next run.
        assert_eq!(run(&server, "get", &AWS).status, 0);
        assert_eq!(server.connections(), 2);
    }
}

#[test]
fn other_stores_get_a_signed_get_bucket_location() {
    let xmlns = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    for (body, expected) in [
        (
            format!("<LocationConstraint {xmlns}>garage</LocationConstraint>"),
            "garage",
        ),
        (format!("<LocationConstraint {xmlns}/>"), "us-east-1"),
    ] {
        let server = keeping(move |request| {
            let is_signed = request.contains("AWS4-HMAC-SHA256 Credential=");
            assert!(request.starts_with("GET /bucket?location= HTTP/1.1\r\n") && is_signed);
            Some(response("200 OK", "", &body))
        });
        for verb in [
            "get",
            "put",
            "head",
            "delete",
            "list",
            "multipart",
            "post",
            "request",
        ] {
            let more: &[&str] = match verb {
                "multipart" => &["--size", "5MiB", "--upload-id", "x"],
                "post" => &["--output", "json"],
                _ => &[],
            };
            let said = match verb {
                "request" => Run::new()
                    .args([
                        "request",
                        "GET",
                        "bucket/key",
                        "--find-region",
                        "--endpoint",
                    ])
                    .args([server.http()])
                    .envs(SERVER_KEYS)
                    .any_status()
                    .run(),
                _ => run(&server, verb, more),
            };
            assert_eq!(said.status, 0, "{verb}: {}", said.stderr);
            let scope = format!("/{expected}/s3/aws4_request");
            let text = said.stdout.replace("%2F", "/");
            assert!(text.contains(&scope), "{verb}: {text}");
            let note = format!("`bucket` is in the region `{expected}` (--find-region)");
            assert!(said.stderr.contains(&note), "{verb}: {}", said.stderr);
        }
        assert_eq!(server.connections(), 8, "one request for each run");
    }
}

#[test]
fn a_refusal_that_names_the_region_is_enough() {
    let malformed =
        "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-de</Region></Error>";
    let minio = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header \
        is malformed; the region is wrong; expecting 'eu-de'.</Message></Error>";
    for body in [malformed, minio] {
        let server = keeping(move |_| Some(response("400 Bad Request", "", body)));
        let said = run(&server, "get", &[]);
        assert_eq!(
            (said.status, region(&said)),
            (0, "eu-de"),
            "{}",
            said.stderr
        );
    }
}

#[test]
fn ibm_lists_the_buckets_of_other_regions() {
    let server = keeping(|request| {
        let list = "<ListAllMyBucketsResult><Buckets><Bucket><Name>bucket-2</Name>\
            <LocationConstraint>us-south-smart</LocationConstraint></Bucket><Bucket>\
            <Name>bucket</Name><LocationConstraint>eu-de-standard</LocationConstraint></Bucket>\
            </Buckets></ListAllMyBucketsResult>";
        Some(if request.starts_with("GET /bucket?location= ") {
            response(
                "404 Not Found",
                "",
                "<Error><Code>NoSuchBucket</Code></Error>",
            )
        } else {
            assert!(
                request.starts_with("GET /?extended=&prefix=bucket "),
                "{request}"
            );
            response("200 OK", "", list)
        })
    });
    let said = run(&server, "get", &["--provider", "ibm"]);
    assert_eq!(
        (said.status, region(&said)),
        (0, "eu-de"),
        "{}",
        said.stderr
    );
    assert_eq!(server.connections(), 1);
}

#[test]
fn what_names_no_region_is_an_error_with_a_way_out() {
    let no_bucket = "<Error><Code>NoSuchBucket</Code></Error>";
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    let strange = "<LocationConstraint>$(reboot)</LocationConstraint>";
    for (more, reply, said) in [
        (
            &AWS[..],
            response("404 Not Found", "", ""),
            "404 Not Found\nhint: check the bucket name",
        ),
        (
            &AWS,
            response("200 OK", "", ""),
            "the response (200 OK) does not contain it\nhint: set the region: `--region NAME`",
        ),
        (
            &[],
            response("404 Not Found", "", no_bucket),
            "404 Not Found, NoSuchBucket\nhint: check the bucket name",
        ),
        (
            &[],
            response("403 Forbidden", "", denied),
            "403 Forbidden, AccessDenied\nhint: GetBucketLocation needs a permission",
        ),
        (
            &[],
            response("200 OK", "", "<html>sign in</html>"),
            "does not contain it\nhint: ",
        ),
        (
            &[],
            response("200 OK", "", strange),
            "the store named `$(reboot)`, which is not a region name\nhint: ",
        ),
        (
            &[],
            response("503 Slow Down", "", ""),
            "503 Slow Down\nhint: ",
        ),
    ] {
        let server = keeping(move |_| Some(reply.clone()));
        let more = [more, &["--retries", "0"]].concat();
        let finished = run(&server, "get", &more);
        assert_eq!(
            (finished.status, &finished.stdout[..]),
            (1, ""),
            "{}",
            finished.stderr
        );
        let message = finished
            .stderr
            .lines()
            .find(|line| line.starts_with("error: "));
        assert!(
            message
                .is_some_and(|line| line
                    .starts_with("error: cannot find the region of `bucket` at `127.0.0.1:")),
            "{}",
            finished.stderr
        );
        assert!(finished.stderr.contains(said), "{}", finished.stderr);
    }
}

#[test]
fn transient_refusals_are_retried() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = keeping(move |_| {
        let first = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        Some(match first {
            true => response("503 Slow Down", "Retry-After: 0\r\n", ""),
            false => response(
                "200 OK",
                "",
                "<LocationConstraint>eu-de</LocationConstraint>",
            ),
        })
    });
    let said = run(&server, "get", &[]);
    assert_eq!(
        (said.status, region(&said)),
        (0, "eu-de"),
        "{}",
        said.stderr
    );
}

#[test]
fn commands_that_cannot_use_it_say_so() {
    let server = keeping(|_| None);
    let said = run(&server, "get", &["--region", "eu-de"]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert!(said.stderr.contains("--find-region") && said.stderr.contains("--region"));
    assert!(said.stderr.contains("hint: "), "{}", said.stderr);
    let said = run(&server, "config", &[]);
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert!(
        said.stderr.contains("this command sends nothing\nhint: "),
        "{}",
        said.stderr
    );
    assert_eq!(server.connections(), 0);
}
