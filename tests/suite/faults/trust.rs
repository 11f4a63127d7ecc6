//! Redirects, and untrusted certificates.

use super::servers::{asking, none_succeeds};
use super::*;

/// The other host receives nothing: no URL, no header, no key, not even a connection.
#[test]
fn no_verb_follows_a_redirect() {
    let elsewhere = OddServer::responding(OK);
    let other = elsewhere.http();
    let host = other.strip_prefix("http://").unwrap();
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
        "300 Multiple Choices",
    ] {
        for location in [
            format!("{other}/bucket/k"),
            format!("//{host}/bucket/k"),
            format!("http://u:p@{host}/k?X-Amz-Signature=0"),
        ] {
            let body =
                format!("<Error><Code>TemporaryRedirect</Code><Endpoint>{host}</Endpoint></Error>");
            let response = format!(
                "HTTP/1.1 {status}\r\nLocation: {location}\r\nRefresh: 0; \
                 url={location}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let server = OddServer::responding(response.as_bytes());
            none_succeeds("a redirect", &server.http(), &[]);
        }
    }
    // A store whose responses redirect.
    let page = format!(
        "<ListBucketResult><Contents><Key>k</Key></Contents><NextContinuationToken>{other}/x</NextContinuationToken><IsTruncated>true</IsTruncated></ListBucketResult>"
    );
    let asked = Arc::new(Mutex::new(0));
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        let body = if *asked > 3 {
            "<ListBucketResult/>"
        } else {
            &page
        };
        let alt = format!(
            "Alt-Svc: h2=\"{}\"\r\nLink: <http://{}/>; rel=next\r\n",
            "127.0.0.1:1", "127.0.0.1:1"
        );
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\n{alt}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        request
    });
    let args = [
        "get",
        "bucket/",
        "--recursive",
        "--endpoint",
        &server.http(),
        "--region",
        "us-south",
    ];
    let _ = run(&mut program(&args));
    assert!(!elsewhere.was_called());
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn every_verb_checks_certificates_and_host_names() {
    let identities = [
        (
            "an expired certificate",
            Identity::issued("localhost", (2020, 2021)),
            "expired on 2021-01-01",
        ),
        (
            "a certificate of the future",
            Identity::issued("localhost", (2080, 2090)),
            "not valid before 2080-01-01",
        ),
        (
            "a certificate for another name",
            Identity::issued("other.example", (2020, 2090)),
            "other.example",
        ),
    ];
    for (what, identity, words) in identities {
        let server = OddServer::with_tls(&identity, OK);
        let authority = directory("authority").join(format!("{}.pem", what.replace(' ', "-")));
        fs::write(&authority, &identity.authority).unwrap();
        none_trusts(what, &server, Some(&authority), words);
        assert!(
            server.requests_so_far().iter().all(String::is_empty),
            "{what}: something was sent"
        );
    }
    for (what, identity) in [
        (
            "a stranger's certificate",
            Identity::issued("localhost", (2020, 2090)),
        ),
        (
            "a certificate of its own",
            Identity::self_signed("localhost", false),
        ),
    ] {
        let server = OddServer::with_tls(&identity, OK);
        let other = directory("authority").join("other.pem");
        fs::write(&other, Identity::issued("someone", (2020, 2090)).authority).unwrap();
        none_trusts(
            what,
            &server,
            Some(&other),
            "self-signed or issued by an unknown CA",
        );
        assert!(
            server.requests_so_far().iter().all(String::is_empty),
            "{what}: something was sent"
        );
    }
    none_succeeds("a name that nobody knows", "http://store.invalid", &[]);
    none_succeeds("a port that nobody has", "http://127.0.0.1:1", &[]);
}

fn none_trusts(what: &str, server: &OddServer, authority: Option<&Path>, words: &str) {
    let directory = directory(&format!("tls-{}", what.replace(' ', "-")));
    for (name, mut command) in asking(&server.https(), &directory, &[]) {
        command.envs(authority.map(|file| ("SSL_CERT_FILE", file)));
        let output = run(&mut command);
        let all = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
        assert!(
            matches!(output.status.code(), Some(1 | 4)),
            "{name}, {what}: {all}"
        );
        // Reports are wrapped.
        let flat = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{name}, {what}: {all}");
    }
}
