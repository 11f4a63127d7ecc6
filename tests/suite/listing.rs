//! Listings of an independent S3 server, and of faulty servers.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cos_presign::http::{Client, ListError, Lister, Listing, ProbeError, Retries, Settings};
use cos_presign::sigv4::{Credentials, Header, Presigner, Request, Scheme, SigningTime};
use cos_presign::store::{
    Address, Addressing, Endpoint, Glob, ListPage, ListRequest, ListingError, Object, Selection,
};
use proptest::prelude::*;
use support::http_client::send;
use support::odd_servers::{OddServer, read_request};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

const BUCKET: &str = "listed";

pub fn client(timeout: Duration) -> Arc<Client> {
    let settings = Settings {
        connect_timeout: timeout,
        timeout,
        ..Settings::default()
    };
    Arc::new(Client::new(&settings).unwrap())
}

pub fn listing(endpoint: &str, prefix: &str) -> Listing {
    let endpoint = Endpoint::parse(endpoint).unwrap();
    Listing {
        credentials: Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY),
        region: "us-south".to_owned(),
        address: Address::new(&endpoint, Addressing::Path, Some(BUCKET), None),
        headers: Vec::new(),
        request: ListRequest::new(prefix),
        may_fall_back: true,
        retries: Retries::without_delays(),
    }
}

pub fn lister(listing: Listing) -> Lister {
    Lister::new(client(Duration::from_secs(20)), listing, Utc::now)
}

/// All pages to the end.
pub fn pages(mut lister: Lister) -> Result<Vec<Vec<Object>>, ListError> {
    let mut pages = Vec::new();
    while let Some(page) = lister.next_page()? {
        pages.push(page.objects);
    }
    assert_eq!(lister.next_page(), Ok(None), "the end is the end");
    Ok(pages)
}

fn keys(pages: &[Vec<Object>]) -> Vec<String> {
    pages
        .iter()
        .flatten()
        .map(|object| String::from_utf8(object.key.clone()).unwrap())
        .collect()
}

// A store

fn put(server: Server, path: &str, body: &[u8]) {
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
}

fn server_with(keys: &BTreeSet<String>) -> Server {
    let server = Server::start();
    put(server, &format!("/{BUCKET}"), b"");
    thread::scope(|scope| {
        for half in keys
            .iter()
            .collect::<Vec<_>>()
            .chunks(keys.len().div_ceil(2).max(1))
        {
            let half = half.to_vec();
            scope.spawn(move || {
                half.into_iter()
                    .for_each(|key| put(server, &format!("/{BUCKET}/{key}"), key.as_bytes()))
            });
        }
    });
    server
}

fn odd_keys() -> BTreeSet<String> {
    let odd = [
        "",
        " ",
        "  ",
        "+",
        "%",
        "%20",
        "%2B",
        "%25",
        "?",
        "?a=b",
        "#",
        "&",
        "&amp;",
        "<",
        ">",
        "\"",
        "'",
        "/",
        "//",
        "/./",
        "/../",
        "\\",
        "~",
        "*",
        "[a]",
        "{}",
        "|",
        "^",
        "`",
        "\u{1}",
        "\u{8}",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\u{1f}",
        "\u{7f}",
        "\u{85}",
        "é",
        "e\u{301}",
        "日本語",
        "😀",
        "\u{202e}",
        "\u{feff}",
        "\u{fffd}",
        "]]>",
        "a b+c%d",
        "=",
        ";",
        ",",
    ];
    let mut keys = BTreeSet::new();
    for text in odd {
        for number in 0..25 {
            keys.insert(format!("odd/{text}{number}"));
            keys.insert(format!("odd/{number}{text}"));
        }
    }
    let mut number = 0;
    while keys.len() < 2500 {
        keys.insert(format!("odd/plain-{number}"));
        number += 1;
    }
    keys
}

#[test]
fn listed_keys_are_byte_exact() {
    let expected = odd_keys();
    let server = server_with(&expected);
    for endpoint in [server.path_endpoint(), server.path_endpoint() + "/"] {
        let pages = pages(lister(listing(&endpoint, "odd/"))).unwrap();
        assert_eq!(
            pages.iter().map(Vec::len).collect::<Vec<_>>(),
            [1000, 1000, 500]
        );
        assert_eq!(keys(&pages), expected.iter().cloned().collect::<Vec<_>>());
        assert!(
            pages
                .iter()
                .flatten()
                .all(|object| object.size == Some(object.key.len() as u64))
        );
    }

    // Addressed by host name, with limited permissions.
    let endpoint = Endpoint::parse(&server.virtual_endpoint()).unwrap();
    let address = Address::new(&endpoint, Addressing::Virtual, Some(BUCKET), None);
    if std::net::ToSocketAddrs::to_socket_addrs(&address.authority.as_str()).is_ok() {
        let listed = pages(lister(Listing {
            address,
            ..listing(&server.path_endpoint(), "odd/")
        }))
        .unwrap();
        assert_eq!(listed.iter().map(Vec::len).sum::<usize>(), 2500);
    }
    for prefix in [
        "odd/+", "odd/ ", "odd/%2", "odd/é", "odd/\r", "odd/a b+", "none/",
    ] {
        let wanted: Vec<_> = expected
            .iter()
            .filter(|key| key.starts_with(prefix))
            .cloned()
            .collect();
        assert_eq!(
            keys(&pages(lister(listing(&server.path_endpoint(), prefix))).unwrap()),
            wanted,
            "{prefix:?}"
        );
    }
    let mut rest = listing(&server.path_endpoint(), "odd/");
    rest.request.start_after = Some("odd/\u{1}".into());
    rest.request.max_keys = 100;
    let wanted: Vec<_> = expected
        .iter()
        .filter(|key| key.as_str() > "odd/\u{1}")
        .cloned()
        .collect();
    let listed = pages(lister(rest)).unwrap();
    assert_eq!(
        (listed.len(), keys(&listed)),
        (wanted.len().div_ceil(100), wanted)
    );

    let selection = Selection {
        include: vec![Glob::new(b"[0-9]* ")],
        limit: Some(30),
        ..Selection::default()
    };
    let mut picker = selection.picker(b"odd/");
    let mut lister = lister(listing(&server.path_endpoint(), "odd/"));
    let mut picked = Vec::new();
    while !picker.is_full()
        && let Some(page) = lister.next_page().unwrap()
    {
        picked.extend(picker.pick(page.objects).unwrap());
    }
    let is_wanted = |key: &&String| key.as_bytes()[4].is_ascii_digit() && key.ends_with(' ');
    let wanted: Vec<_> = expected
        .iter()
        .filter(is_wanted)
        .take(30)
        .cloned()
        .collect();
    assert_eq!((keys(&[picked]), wanted.len()), (wanted, 30));
}

#[test]
fn a_refusal_is_not_retried_and_is_explained() {
    let server = server_with(&BTreeSet::new());
    assert_eq!(
        pages(lister(listing(&server.path_endpoint(), ""))),
        Ok(vec![Vec::new()])
    );
    let refused = |listing: Listing| match pages(lister(listing)) {
        Err(ListError::Refused(refusal)) => (refusal.status, refusal.code.unwrap(), refusal.tries),
        other => panic!("{other:?}"),
    };
    let mut unknown = listing(&server.path_endpoint(), "");
    unknown.address.path = b"/no-such-bucket".to_vec();
    assert_eq!(refused(unknown), (404, "NoSuchBucket".to_owned(), 1));
    let wrong = Credentials::new(ACCESS_KEY_ID, "another secret");
    let wrong = refused(Listing {
        credentials: wrong,
        ..listing(&server.path_endpoint(), "")
    });
    assert_eq!(wrong, (403, "SignatureDoesNotMatch".to_owned(), 1));
}

// Properties

/// Key encoding of AWS and MinIO (space as `+`), and of Ceph and Garage.
fn written(key: &[u8], space: &str) -> String {
    let one = |byte: &u8| match byte {
        b' ' => space.to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"-._/*".contains(byte) => {
            char::from(*byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    key.iter().map(one).collect()
}

proptest! {
    #[test]
    fn keys_of_any_bytes_are_read_as_they_were_written(
        keys in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..12), 0..12),
        prefix in proptest::sample::select(vec!["", "a", "+", " ", "% ", "+ %", "%20", "é/"]),
    ) {
        let keys: Vec<Vec<u8>> = keys.iter().map(|rest| [prefix.as_bytes(), b"/", rest].concat()).collect();
        for space in ["+", "%20"] {
            let contents: String =
                keys.iter().map(|key| format!("<Contents><Key>{}</Key></Contents>", written(key, space))).collect();
            let body = format!(
                "<ListBucketResult><EncodingType>url</EncodingType>{contents}<IsTruncated>false</IsTruncated></ListBucketResult>"
            );
            let page = ListPage::parse(body.as_bytes(), &ListRequest::new(prefix)).unwrap();
            prop_assert_eq!(page.objects.into_iter().map(|object| object.key).collect::<Vec<_>>(), keys.clone());
        }
    }

    #[test]
    fn any_store_response_is_handled(
        text in "(<(/?(ListBucketResult|Contents|Key|Size|IsTruncated|Error|Code)/?>|!\\[CDATA\\[|!--|\\?xml)|&#?x?[0-9a-z]{0,3};?|[a%+<>\\]]){0,40}",
    ) {
        for text in [text.clone(), format!("<ListBucketResult>{text}</ListBucketResult>")] {
            let _ = ListPage::parse(text.as_bytes(), &ListRequest::new("a"));
        }
    }

    #[test]
    fn a_pattern_without_stars_is_the_key_itself(key in any::<Vec<u8>>(), other in any::<Vec<u8>>()) {
        let pattern: Vec<u8> = key
            .iter()
            .flat_map(|byte| if b"*?[".contains(byte) { vec![b'[', *byte, b']'] } else { vec![*byte] })
            .collect();
        let glob = Glob::new(&pattern);
        prop_assert!(glob.matches(&key));
        prop_assert_eq!(glob.matches(&other), key == other);
        prop_assert!(Glob::new(&[b"*", pattern.as_slice(), b"*"].concat()).matches(&[b"x\xff", key.as_slice(), b"y"].concat()));
    }
}

// Faulty servers

/// Behaviour for one connection.
enum Step {
    Respond(Vec<u8>),
    Reset,
    /// These bytes, then silence.
    Silence(&'static [u8]),
}

/// Uses a step for each connection, the last one for all that follow, and counts.
fn scripted(steps: Vec<Step>) -> (OddServer, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = OddServer::start(move |mut stream: TcpStream| {
        let step = counted.fetch_add(1, Ordering::SeqCst).min(steps.len() - 1);
        match &steps[step] {
            Step::Respond(response) => {
                let request = read_request(&mut stream);
                let _ = stream.write_all(response);
                request
            }
            // Closing with the request unread resets the connection.
            Step::Reset => {
                let mut first = vec![0];
                let _ = std::io::Read::read_exact(&mut stream, &mut first);
                first
            }
            Step::Silence(start) => {
                let request = read_request(&mut stream);
                let _ = stream.write_all(start);
                let _ = std::io::Read::read(&mut stream, &mut [0]);
                request
            }
        }
    });
    (server, count)
}

fn respond_with(status: &str, headers: &str, body: &str) -> Step {
    Step::Respond(
        format!(
            "HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

fn page(key: &str, next: Option<&str>) -> Step {
    let token = next
        .map(|token| format!("<NextContinuationToken>{token}</NextContinuationToken>"))
        .unwrap_or_default();
    let body = format!(
        "<ListBucketResult><IsTruncated>{}</IsTruncated>{token}<Contents><Key>{key}</Key></Contents></ListBucketResult>",
        next.is_some()
    );
    respond_with("200 OK", "", &body)
}

fn busy() -> Step {
    respond_with(
        "503 Slow Down",
        "Retry-After: 0\r\n",
        "<Error><Code>SlowDown</Code><Message>Please reduce your rate</Message></Error>",
    )
}

fn listed(server: &OddServer) -> Result<Vec<String>, ListError> {
    pages(lister(listing(&server.http(), ""))).map(|pages| keys(&pages))
}

/// Each timeout takes this long; on a busy machine a response takes time too.
const PATIENCE: Duration = Duration::from_secs(1);

fn listed_impatiently(server: &OddServer) -> Result<Vec<String>, ListError> {
    pages(Lister::new(
        client(PATIENCE),
        listing(&server.http(), ""),
        Utc::now,
    ))
    .map(|pages| keys(&pages))
}

#[test]
fn transient_errors_are_retried() {
    let cut = || {
        Step::Respond(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<ListBucketResult><IsTruncated>false"
                .to_vec(),
        )
    };
    let late = || respond_with("200 OK", "", "<Error><Code>InternalError</Code></Error>");
    for (name, steps) in [
        (
            "busy",
            vec![
                busy(),
                busy(),
                page("a", Some("1")),
                busy(),
                page("b", None),
            ],
        ),
        (
            "reset",
            vec![
                Step::Reset,
                page("a", Some("1")),
                Step::Reset,
                page("b", None),
            ],
        ),
        (
            "silence",
            vec![
                Step::Silence(b""),
                page("a", Some("1")),
                Step::Silence(b"HTTP/1.1 200"),
                page("b", None),
            ],
        ),
        (
            "silence in the body",
            vec![
                Step::Silence(b"HTTP/1.1 200 OK\r\n\r\n<List"),
                page("a", Some("1")),
                page("b", None),
            ],
        ),
        (
            "cut",
            vec![
                cut(),
                cut(),
                cut(),
                cut(),
                page("a", Some("1")),
                page("b", None),
            ],
        ),
        (
            "500",
            vec![
                respond_with("500 Oops", "", ""),
                page("a", Some("1")),
                respond_with("429 Slow", "", ""),
                page("b", None),
            ],
        ),
        (
            "error in a 200",
            vec![late(), page("a", Some("1")), page("b", None)],
        ),
    ] {
        let expected = steps.len();
        let (server, count) = scripted(steps);
        let listed = if name.starts_with("silence") {
            listed_impatiently(&server)
        } else {
            listed(&server)
        };
        assert_eq!(listed, Ok(vec!["a".to_owned(), "b".to_owned()]), "{name}");
        assert_eq!(count.load(Ordering::SeqCst), expected, "{name}");
    }
}

#[test]
fn lasting_errors_are_tried_five_times() {
    let (server, count) = scripted(vec![page("a", Some("1")), busy()]);
    let mut lister = lister(listing(&server.http(), ""));
    assert_eq!(lister.next_page().unwrap().unwrap().objects.len(), 1);
    let error = lister.next_page().unwrap_err();
    let words = "the store refused to list the bucket: 503 Slow Down, SlowDown, 5 times: Please \
        reduce your rate";
    assert_eq!(
        (error.to_string().as_str(), count.load(Ordering::SeqCst)),
        (words, 6)
    );
    assert_eq!(lister.next_page(), Err(error), "an error is never the end");

    let (server, count) = scripted(vec![Step::Reset]);
    assert_eq!(
        listed(&server),
        Err(ListError::NoResponse {
            tries: 5,
            error: ProbeError::Closed
        })
    );
    assert_eq!(count.load(Ordering::SeqCst), 5);
    let (server, count) = scripted(vec![Step::Silence(b"")]);
    let error = ProbeError::ResponseTimeout(PATIENCE);
    assert_eq!(
        listed_impatiently(&server),
        Err(ListError::NoResponse { tries: 5, error })
    );
    assert_eq!(count.load(Ordering::SeqCst), 5);
}

#[test]
fn an_unknown_host_is_not_retried() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let started = Instant::now();
    let nobody = Listing {
        retries: Retries::default(),
        ..listing(&format!("http://127.0.0.1:{port}"), "")
    };
    let error = ListError::NoResponse {
        tries: 1,
        error: ProbeError::ConnectionRefused,
    };
    assert_eq!(pages(lister(nobody)), Err(error));
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn retries_keep_the_configured_delays() {
    let (server, _) = scripted(vec![busy(), busy(), page("a", None)]);
    let started = Instant::now();
    let retries = Retries {
        first_delay: Duration::from_millis(50),
        ..Retries::default()
    };
    assert_eq!(
        pages(lister(Listing {
            retries,
            ..listing(&server.http(), "")
        }))
        .unwrap()
        .len(),
        1
    );
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[test]
fn a_repeated_continuation_token_is_an_error() {
    let same = |token: &str| Err(ListError::Page(ListingError::SameToken(token.to_owned())));
    let (server, count) = scripted(vec![page("a", Some("x"))]);
    assert_eq!(listed(&server), same("x"));
    assert_eq!(count.load(Ordering::SeqCst), 2);
    for length in 2..6 {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let server = OddServer::start(move |mut stream| {
            let number = counted.fetch_add(1, Ordering::SeqCst) % length;
            let request = read_request(&mut stream);
            let Step::Respond(response) = page("k", Some(&format!("token-{number}"))) else {
                return request;
            };
            let _ = stream.write_all(&response);
            request
        });
        assert!(
            matches!(
                listed(&server),
                Err(ListError::Page(ListingError::SameToken(_)))
            ),
            "{length}"
        );
        assert!(count.load(Ordering::SeqCst) < 3 * length + 3, "{length}");
    }
    let no_token = respond_with(
        "200 OK",
        "",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    );
    // Without a key count it is a page of version 1, which continues after a key.
    let error = ListError::Page(ListingError::NoToken { old_form: true });
    assert_eq!(listed(&scripted(vec![no_token]).0), Err(error));
}

#[test]
fn other_errors_are_not_retried() {
    let moved = "<Error><Code>PermanentRedirect</Code><Endpoint>listed.s3.eu-central-1.amazonaws.com</Endpoint></Error>";
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    for (step, said, hint) in [
        (
            respond_with(
                "301 Moved Permanently",
                "x-amz-bucket-region: eu-central-1\r\n",
                moved,
            ),
            "the store refused to list the bucket: 301 Moved Permanently, PermanentRedirect",
            "the bucket is in another region: `--region eu-central-1`",
        ),
        (
            respond_with("403 Forbidden", "", denied),
            "the store refused to list the bucket: 403 Forbidden, AccessDenied: Access Denied",
            "listing needs a permission: `s3:ListBucket` on AWS; Content Reader, Reader or Writer \
             on IBM COS",
        ),
        (
            respond_with("501 Not Implemented", "", ""),
            "the store refused to list the bucket: 501 Not Implemented",
            "the store may support only version 1 of listings: `--list-version 1`",
        ),
        (
            respond_with("200 OK", "", "<html><body>Sign in</body></html>"),
            "the response is not a listing: its root element is `html`",
            "check the endpoint and any proxy in between: the response is not that of a store",
        ),
        (
            respond_with("200 OK", "", "\u{1}garbage"),
            "the listing is not XML, or is truncated, at byte 8",
            "check the endpoint and any proxy in between: the response is not that of a store",
        ),
    ] {
        let (server, count) = scripted(vec![step]);
        let error = listed(&server).unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.hint().as_deref()),
            (said, Some(hint))
        );
        // If a store does not implement the request, version 1 is tried too.
        let requests = if said.contains("501") { 2 } else { 1 };
        assert_eq!(count.load(Ordering::SeqCst), requests, "{said}");
    }
    let (server, _) = scripted(vec![Step::Respond(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())]);
    assert_eq!(
        listed(&server),
        Err(ListError::NoResponse {
            tries: 1,
            error: ProbeError::NotHttp
        })
    );
}

/// Each byte comes in time, the page does not.
#[test]
fn a_page_that_drips_ends_at_the_timeout() {
    let server = OddServer::start(|mut stream| {
        let request = read_request(&mut stream);
        let body = "<ListBucketResult>".to_owned() + &" ".repeat(100_000);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n");
        for byte in body.bytes() {
            if stream.write_all(&[byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        request
    });
    let started = Instant::now();
    let mut once = listing(&server.http(), "");
    once.retries.tries = 2;
    let error = pages(Lister::new(client(PATIENCE), once, Utc::now)).unwrap_err();
    assert_eq!(error, ListError::BrokenOff { tries: 2 });
    assert!(started.elapsed() < 20 * PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn an_endless_page_is_cut() {
    let chunk = [&b"10000\r\n"[..], &[b'x'; 0x10000], b"\r\n"].concat();
    for server in [
        OddServer::responding_without_end(
            b"HTTP/1.1 200 OK\r\n\r\n<ListBucketResult>",
            &[b'x'; 0x10000],
        ),
        OddServer::responding_without_end(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            &chunk,
        ),
    ] {
        let error = pages(lister(listing(&server.http(), ""))).unwrap_err();
        assert_eq!(
            error,
            ListError::TooLong {
                limit: 16 * 1024 * 1024
            }
        );
    }
    // The maximum that a store may send.
    let key = "%FF".repeat(1024);
    let contents = format!("<Contents><Key>{key}</Key></Contents>").repeat(1000);
    let body = format!(
        "<ListBucketResult><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>{contents}</ListBucketResult>"
    );
    let (server, _) = scripted(vec![respond_with("200 OK", "", &body)]);
    let pages = pages(lister(listing(&server.http(), ""))).unwrap();
    assert_eq!(
        (pages[0].len(), &pages[0][999].key),
        (1000, &vec![0xff; 1024])
    );
}

// Requests

/// The value of a header.
fn sent<'a>(request: &'a str, name: &str) -> &'a str {
    request
        .split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap()
}

#[test]
fn each_page_request_is_signed_at_its_own_time() {
    let (server, _) = scripted(vec![
        page("a", Some("1/+==")),
        busy(),
        page("b", Some("2")),
        page("c", None),
    ]);
    let mut now = DateTime::parse_from_rfc3339("2026-11-23T23:00:00Z")
        .unwrap()
        .to_utc();
    let clock = move || {
        now += TimeDelta::minutes(30);
        now
    };
    let mut listing = listing(&server.http(), "");
    listing.credentials = listing.credentials.with_session_token("a token");
    listing
        .headers
        .push(Header::new("x-amz-request-payer", "requester"));
    listing.request.start_after = Some(b"0".to_vec());
    let mut lister = Lister::new(client(Duration::from_secs(20)), listing, clock);
    let mut pages = 0;
    while lister.next_page().unwrap().is_some() {
        pages += 1;
    }
    assert_eq!(pages, 3);
    let mut requests = server.requests();
    for _ in 0..200 {
        if requests.len() == 4 {
            break;
        }
        thread::sleep(Duration::from_millis(10));
        requests = server.requests();
    }
    // Connections end in any order.
    requests.sort_by_key(|request| sent(request, "x-amz-date").to_owned());
    let first = format!("GET /{BUCKET}?list-type=2&encoding-type=url&max-keys=1000");
    let signed = "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-request-payer;x-amz-security-token";
    let expected = [
        ("20261123T233000Z", "start-after=0"),
        ("20261124T000000Z", "continuation-token=1%2F%2B%3D%3D"),
        ("20261124T003000Z", "continuation-token=1%2F%2B%3D%3D"),
        ("20261124T010000Z", "continuation-token=2"),
    ];
    assert_eq!(requests.len(), expected.len());
    for (request, (time, place)) in requests.iter().zip(expected) {
        assert!(
            request.starts_with(&format!("{first}&{place} HTTP/1.1\r\n")),
            "{request}"
        );
        assert_eq!(sent(request, "x-amz-date"), time);
        assert_eq!(sent(request, "x-amz-security-token"), "a token");
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sent(request, "x-amz-content-sha256"), hash);
        let authorization = sent(request, "authorization");
        assert!(
            authorization.contains(&format!("/{}/us-south/s3/aws4_request", &time[..8])),
            "{authorization}"
        );
        assert!(authorization.contains(signed), "{authorization}");
    }
}

/// Waits for this number of connections, and a little longer for more.
fn settles_at(count: &AtomicUsize, expected: usize) {
    let started = Instant::now();
    while count.load(Ordering::SeqCst) < expected && started.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(100));
    assert_eq!(count.load(Ordering::SeqCst), expected);
}

#[test]
fn exactly_one_page_is_prefetched() {
    let (server, count) = scripted(
        (1..10)
            .map(|number| page("k", Some(&number.to_string())))
            .collect(),
    );
    let mut lister = lister(listing(&server.http(), ""));
    settles_at(&count, 0);
    lister.next_page().unwrap();
    settles_at(&count, 2);
    lister.next_page().unwrap();
    settles_at(&count, 3);
    drop(lister);
    settles_at(&count, 3);
}

#[test]
fn no_page_is_requested_after_the_limit() {
    let (server, count) = scripted(vec![page("a", Some("1")), busy()]);
    let retries = Retries {
        first_delay: Duration::from_millis(150),
        ..Retries::default()
    };
    let mut lister = lister(Listing {
        retries,
        ..listing(&server.http(), "")
    });
    lister.next_page().unwrap();
    settles_at(&count, 2);
    let started = Instant::now();
    drop(lister);
    assert!(
        started.elapsed() < Duration::from_millis(100),
        "dropping waits for nothing"
    );
    thread::sleep(Duration::from_millis(300));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
