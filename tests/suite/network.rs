//! The built program with servers that are not a store: it reports the problem, in time and with
//! little memory.

use std::io::Write;
use std::thread;
use std::time::Duration;

use cos_presign::http::{Authority, Client, Probe, ProbeError, Settings};
use cos_presign::sigv4::Header;
use support::odd_servers::{Identity, OK, OddServer};
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

use crate::run::{EXAMPLE_KEYS, Finished, Run};

/// A key that every URL library keeps, and one that most rewrite.
const TARGETS: [&str; 2] = ["bucket/key", "bucket/a/../b/./c"];

/// Makes a URL of this target, verifies it, and searches the messages for secrets.
fn verify(endpoint: &str, target: &str, variables: &[(&str, &str)], args: &[&str]) -> Finished {
    let finished = Run::new()
        .envs(EXAMPLE_KEYS)
        .envs(variables.iter().copied())
        .args([
            "get",
            target,
            "--endpoint",
            endpoint,
            "--region",
            "r",
            "--addressing",
            "path",
            "--verify",
            "-q",
        ])
        .args(args)
        .any_status()
        .run();
    let secrets = ["X-Amz-", "?secret", EXAMPLE_KEYS[1].1, SECRET_ACCESS_KEY];
    assert!(
        !secrets
            .iter()
            .any(|secret| finished.stderr.contains(secret)),
        "{}",
        finished.stderr
    );
    finished
}

/// The message for each of the targets, which must not differ.
fn complaint(server: &OddServer, args: &[&str]) -> String {
    let mut complaints = TARGETS.map(|target| {
        let said = verify(&server.http(), target, &[], args);
        assert_eq!(said.status, 4, "{}", said.stderr);
        said.stderr.replace(&server.address.to_string(), "HOST")
    });
    assert_eq!(complaints[0], complaints[1]);
    std::mem::take(&mut complaints[0])
}

fn authority(pem: &str) -> Authority {
    Authority {
        pem: pem.as_bytes().to_vec(),
        source: "a test".to_owned(),
    }
}

fn settings() -> Settings {
    Settings {
        connect_timeout: Duration::from_secs(20),
        timeout: Duration::from_secs(20),
        ..Settings::default()
    }
}

fn probe<'a>(method: &'a str, url: &'a str) -> Probe<'a> {
    Probe {
        method,
        url,
        headers: Vec::new(),
        host: None,
        body: None,
    }
}

// Requests

#[test]
fn requests_are_sent_exactly_as_signed() {
    for target in [
        "key",
        "a/../b/./c",
        "..",
        "a//b/",
        "%2e%2e/x",
        "ü #?&+\"'",
        "./",
        "a/%2E%2e",
    ] {
        let server = OddServer::responding(OK);
        let said = verify(&server.http(), &format!("bucket/{target}"), &[], &[]);
        assert_eq!(said.status, 0, "{target}: {}", said.stderr);
        let requests = server.requests();
        let signed = said.line().strip_prefix(&server.http()).unwrap();
        let (line, headers) = requests[0].split_once("\r\n").unwrap();
        assert_eq!(line, format!("GET {signed} HTTP/1.1"), "{target}");
        let mut headers: Vec<_> = headers
            .trim_end()
            .split("\r\n")
            .map(str::to_ascii_lowercase)
            .collect();
        headers.sort();
        let expected = [
            "accept: */*".to_owned(),
            format!("host: {}", server.address),
            "range: bytes=0-0".to_owned(),
            concat!("user-agent: cos-presign/", env!("CARGO_PKG_VERSION")).to_owned(),
        ];
        assert_eq!(headers, expected, "{target}");
    }
}

#[test]
fn a_body_is_sent_with_its_length_and_headers_with_their_bytes() {
    for path in ["/key?x=1", "/a/../key?x=%2f"] {
        for body in [&b"12345"[..], b""] {
            let server = OddServer::responding(OK);
            let url = format!("{}{path}", server.http());
            let headers = vec![
                Header::new("X-Amz-Meta-Name", "\u{fc}"),
                Header::new("user-agent", "another"),
            ];
            let probe = Probe {
                headers,
                host: Some("signed.example"),
                body: Some(body.to_vec()),
                ..probe("PUT", &url)
            };
            let response = Client::new(&settings()).unwrap().send(&probe).unwrap();
            assert_eq!(
                (
                    response.status,
                    response.status_text.as_str(),
                    response.body_cut
                ),
                (200, "200 OK", false)
            );
            let requests = server.requests();
            let (head, sent) = requests[0].split_once("\r\n\r\n").unwrap();
            assert_eq!(sent.as_bytes(), body);
            let mut lines: Vec<_> = head.split("\r\n").map(str::to_owned).collect();
            lines.sort();
            let expected = [
                format!("PUT {path} HTTP/1.1"),
                "accept: */*".to_owned(),
                format!("content-length: {}", body.len()),
                "host: signed.example".to_owned(),
                "user-agent: another".to_owned(),
                "x-amz-meta-name: \u{fc}".to_owned(),
            ];
            assert_eq!(lines, expected);
        }
    }
}

#[test]
fn values_that_http_cannot_carry_are_errors() {
    let client = Client::new(&settings()).unwrap();
    for url in [
        "http://127.0.0.1:9/a b?secret",
        "http://127.0.0.1:9/a\r\nb: secret",
        "no url: secret",
    ] {
        let error = client.send(&probe("GET", url)).unwrap_err();
        assert!(
            matches!(error, ProbeError::NotSendable(_)) && !error.to_string().contains("secret"),
            "{error}"
        );
    }
    let url = "http://127.0.0.1:9/a";
    for probe in [
        Probe {
            headers: vec![Header::new("a b", "c")],
            ..probe("GET", url)
        },
        Probe {
            headers: vec![Header::new("a", "b\nc")],
            ..probe("GET", url)
        },
        Probe {
            host: Some("a\nb"),
            ..probe("GET", url)
        },
        probe("G T", url),
    ] {
        assert!(
            matches!(client.send(&probe), Err(ProbeError::NotSendable(_))),
            "{probe:?}"
        );
    }
}

#[test]
fn one_client_serves_many_threads() {
    let server = OddServer::responding(OK);
    let client = Client::new(&settings()).unwrap();
    thread::scope(|scope| {
        for path in ["/a", "/b/../c", "/d", "/e/./f"] {
            let url = format!("{}{path}", server.http());
            let client = &client;
            scope.spawn(move || assert_eq!(client.send(&probe("GET", &url)).unwrap().status, 200));
        }
    });
}

// Responses

#[test]
fn a_silent_server_times_out() {
    let server = OddServer::falling_silent_after(b"");
    let stderr = complaint(&server, &["--timeout", "1s"]);
    assert_eq!(
        stderr,
        "error: no response from `HOST` within 1 s\nhint: wait longer: `--timeout 2m`\n"
    );
    // A silent handshake is not a connection. Systems without CAs fail before.
    let authorities = vec![authority(
        &Identity::self_signed("localhost", true).authority,
    )];
    let settings = Settings {
        connect_timeout: Duration::from_secs(1),
        authorities,
        ..settings()
    };
    let client = Client::new(&settings).unwrap();
    let server = OddServer::falling_silent_after(b"");
    for path in ["/a", "/a/../b"] {
        let url = format!("{}{path}", server.https());
        assert_eq!(
            client.send(&probe("GET", &url)).unwrap_err(),
            ProbeError::ConnectTimeout(Duration::from_secs(1))
        );
    }
}

#[test]
fn an_endless_body_is_cut() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [b"1000\r\n", &[b'x'; 0x1000][..], b"\r\n"].concat();
    for server in [
        OddServer::responding_without_end(b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 4096]),
        OddServer::responding_without_end(
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            &[b'x'; 4096],
        ),
        OddServer::responding_without_end(chunked, &chunk),
    ] {
        for target in TARGETS {
            let said = verify(&server.http(), target, &[], &[]);
            assert_eq!(said.status, 0, "{}", said.stderr);
            let url = format!("{}/{target}", server.http());
            let response = Client::new(&settings())
                .unwrap()
                .send(&probe("GET", &url))
                .unwrap();
            assert_eq!((response.body.len(), response.body_cut), (64 * 1024, true));
        }
    }
}

#[test]
fn a_truncated_or_stalled_body_does_not_change_the_status() {
    let start =
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n<Error><Code>AccessDenied</Code>";
    for server in [
        OddServer::responding(start),
        OddServer::falling_silent_after(start),
    ] {
        for target in TARGETS {
            let said = verify(&server.http(), target, &[], &["--timeout", "1s"]);
            assert_eq!(said.status, 1, "{}", said.stderr);
            assert!(
                said.stderr
                    .starts_with("error: the store refused the link: 403 Forbidden, AccessDenied"),
                "{}",
                said.stderr
            );
        }
    }
}

#[test]
fn an_endless_header_is_refused() {
    for server in [
        OddServer::responding_without_end(b"HTTP/1.1 200 OK\r\nX-Long: ", &[b'x'; 4096]),
        OddServer::responding_without_end(b"HTTP/1.1 200 OK\r\n", b"X-Many: x\r\n"),
        OddServer::responding_without_end(b"HTTP/1.1 200 ", &[b'x'; 4096]),
        // Interim responses without a final one.
        OddServer::responding_without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let stderr = complaint(&server, &[]);
        assert!(
            stderr.starts_with(
                "error: no response from `HOST`: the header of the response is too large\n"
            ),
            "{stderr}"
        );
    }
}

#[test]
fn garbage_is_not_accepted_as_a_response() {
    for garbage in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 abc\r\n\r\n",
        b"\0\0\0\0\0\0\0\0",
    ] {
        let stderr = complaint(&OddServer::responding(garbage), &[]);
        assert!(
            stderr.starts_with("error: no response from `HOST`: the response is not HTTP\n"),
            "{garbage:?}: {stderr}"
        );
    }
}

#[test]
fn a_connection_closed_early_is_reported() {
    let closed = "error: no response from `HOST`: the connection was closed before a response\n";
    for server in [
        OddServer::closing_at_once(),
        OddServer::resetting(),
        OddServer::responding(b""),
        OddServer::responding(b"HTTP/1.1 20"),
    ] {
        let stderr = complaint(&server, &[]);
        assert!(stderr.starts_with(closed), "{stderr}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = OddServer::responding(OK);
    for status in ["301 Moved Permanently", "307 Temporary Redirect"] {
        let location = format!("{}/other?X-Amz-Signature=secret", elsewhere.http());
        let response =
            format!("HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let server = OddServer::responding(response.as_bytes());
        for target in TARGETS {
            let said = verify(&server.http(), target, &[], &[]);
            assert_eq!(said.status, 1, "{}", said.stderr);
            assert!(
                said.stderr.contains(status)
                    && said
                        .stderr
                        .contains(&format!("{}/other`", elsewhere.http())),
                "{}",
                said.stderr
            );
        }
    }
    assert!(!elsewhere.was_called());
}

#[test]
fn custom_reason_phrases_are_accepted() {
    let server = OddServer::responding(b"HTTP/1.1 599 Not Today\r\nContent-Length: 0\r\n\r\n");
    for target in TARGETS {
        let said = verify(&server.http(), target, &[], &[]);
        assert!(
            said.stderr
                .starts_with("error: the store refused the link: 599 Not Today\n"),
            "{}",
            said.stderr
        );
    }
}

// Connections

#[test]
fn refused_connections_and_unknown_names_are_distinguished() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for target in TARGETS {
        let said = verify(&format!("http://127.0.0.1:{port}"), target, &[], &[]);
        assert_eq!(said.status, 4);
        assert!(
            said.stderr.starts_with(&format!(
                "error: cannot reach `127.0.0.1:{port}`: connection refused\n"
            )),
            "{}",
            said.stderr
        );
        // Reserved for names that do not exist.
        let said = verify("http://store.invalid", target, &[], &["--timeout", "20s"]);
        assert_eq!(said.status, 4);
        let expected =
            "error: cannot reach `store.invalid`: the name `store.invalid` cannot be resolved: ";
        assert!(said.stderr.starts_with(expected), "{}", said.stderr);
    }
}

// TLS

/// Other systems do not read `SSL_CERT_FILE`, and limit the validity of certificates.
#[cfg(target_os = "linux")]
mod tls {
    use super::*;

    /// A file of certificates for `SSL_CERT_FILE`.
    fn file_of(pem: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(pem.as_bytes()).unwrap();
        file
    }

    fn tls_complaint(server: &OddServer, trusted: &str) -> String {
        let file = file_of(trusted);
        let mut complaints = TARGETS.map(|target| {
            let variables = [("SSL_CERT_FILE", file.path().to_str().unwrap())];
            let said = verify(&server.https(), target, &variables, &[]);
            assert_eq!(said.status, 4, "{}", said.stderr);
            said.stderr
                .replace(&format!("localhost:{}", server.address.port()), "HOST")
        });
        assert_eq!(complaints[0], complaints[1]);
        std::mem::take(&mut complaints[0])
    }

    /// As `openssl req -x509` makes it: marked as a CA.
    #[test]
    fn a_self_signed_certificate_is_trusted_for_its_own_name() {
        for as_authority in [false, true] {
            let identity = Identity::self_signed("localhost", as_authority);
            let server = OddServer::with_tls(&identity, OK);
            let file = file_of(&identity.authority);
            let given = ["--cacert", file.path().to_str().unwrap()];
            let said = verify(&server.https(), TARGETS[0], &[], &given);
            assert_eq!(said.status, 0, "{as_authority}: {}", said.stderr);

            let other = Identity::self_signed("other.example", as_authority);
            let server = OddServer::with_tls(&other, OK);
            let file = file_of(&other.authority);
            let given = ["--cacert", file.path().to_str().unwrap()];
            let said = verify(&server.https(), TARGETS[0], &[], &given);
            assert_eq!(said.status, 4, "{as_authority}: {}", said.stderr);
            assert!(said.stderr.contains("other.example"), "{}", said.stderr);
        }
    }

    #[test]
    fn untrusted_certificates_are_distinguished() {
        let namesake = Identity::issued("localhost", (2020, 2090)).authority;
        let stranger = Identity::issued("other.example", (2020, 2090)).authority;
        let unknown = "its certificate is self-signed or issued by an unknown CA";
        for (identity, trusted, said) in [
            (
                Identity::issued("localhost", (2020, 2090)),
                &stranger,
                unknown,
            ),
            (
                Identity::issued("localhost", (2020, 2090)),
                &namesake,
                unknown,
            ),
            (
                Identity::self_signed("localhost", false),
                &stranger,
                unknown,
            ),
            (Identity::self_signed("localhost", true), &stranger, unknown),
            (
                Identity::issued("localhost", (2020, 2021)),
                &String::new(),
                "its certificate expired on 2021-01-01",
            ),
            (
                Identity::issued("localhost", (2080, 2090)),
                &String::new(),
                "its certificate is not valid before 2080-01-01",
            ),
            (
                Identity::issued("other.example", (2020, 2090)),
                &String::new(),
                "its certificate is for another name: `other.example`",
            ),
        ] {
            let server = OddServer::with_tls(&identity, OK);
            let trusted = if trusted.is_empty() {
                &identity.authority
            } else {
                trusted
            };
            let stderr = tls_complaint(&server, trusted);
            assert!(
                stderr.starts_with(&format!(
                    "error: cannot verify the certificate of `HOST`: {said}\nhint: "
                )),
                "{stderr}"
            );
        }
    }

    #[test]
    fn a_port_without_tls_is_reported() {
        let trusted = Identity::self_signed("localhost", true).authority;
        for (server, said) in [
            (
                OddServer::start(respond_plainly),
                "it does not use TLS; the port may be for `http://`\n",
            ),
            (
                OddServer::closing_at_once(),
                "TLS failed: the connection was closed during the handshake\n",
            ),
        ] {
            let stderr = tls_complaint(&server, &trusted);
            assert!(
                stderr.starts_with(&format!("error: cannot reach `HOST`: {said}hint: ")),
                "{stderr}"
            );
        }
    }

    /// As HTTP servers respond to the first bytes of TLS.
    fn respond_plainly(mut stream: std::net::TcpStream) -> Vec<u8> {
        use std::io::Read;
        let mut hello = vec![0; 4096];
        let length = stream.read(&mut hello).unwrap();
        hello.truncate(length);
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            .unwrap();
        hello
    }

    #[test]
    fn system_cas_are_trusted() {
        let identity = Identity::issued("localhost", (2020, 2090));
        let file = file_of(&identity.authority);
        for target in TARGETS {
            let server = OddServer::with_tls(&identity, OK);
            let said = verify(
                &server.https(),
                target,
                &[("SSL_CERT_FILE", file.path().to_str().unwrap())],
                &[],
            );
            assert_eq!(said.status, 0, "{}", said.stderr);
            assert!(
                server.requests()[0].starts_with(&format!("GET /{target}?X-Amz-")),
                "{:?}",
                server.requests()
            );
        }
    }

    #[test]
    fn cacert_adds_a_ca() {
        let identity = Identity::issued("localhost", (2020, 2090));
        let server = OddServer::with_tls(&identity, OK);
        for path in ["/a", "/a/../b"] {
            let url = format!("{}{path}", server.https());
            let with = |pem: &str| {
                Client::new(&Settings {
                    authorities: vec![authority(pem)],
                    ..settings()
                })
            };
            assert_eq!(
                with(&identity.authority)
                    .unwrap()
                    .send(&probe("GET", &url))
                    .unwrap()
                    .status,
                200
            );
            let stranger = Identity::self_signed("localhost", true).authority;
            assert_eq!(
                with(&stranger)
                    .unwrap()
                    .send(&probe("GET", &url))
                    .unwrap_err(),
                ProbeError::UnknownAuthority
            );
            for unusable in [
                "",
                "no certificate",
                "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
            ] {
                assert!(
                    matches!(with(unusable), Err(ProbeError::Settings(_))),
                    "{unusable}"
                );
            }
        }
    }

    #[test]
    fn a_system_without_cas_is_reported() {
        let server = OddServer::with_tls(&Identity::issued("localhost", (2020, 2090)), OK);
        for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            let variables = [(variable, "/nowhere")];
            let said = verify(&server.https(), "bucket/key", &variables, &[]);
            assert_eq!(said.status, 4);
            let named =
                format!(": no CA certificates found to verify it: `/nowhere` (`{variable}`)");
            assert!(said.stderr.contains(&named), "{}", said.stderr);
            let said = verify(&server.https(), "bucket/key", &variables, &["--insecure"]);
            assert_eq!(said.status, 0, "{}", said.stderr);
        }
        // Plain HTTP needs no certificate.
        assert_eq!(
            verify(
                &OddServer::responding(OK).http(),
                "bucket/key",
                &[("SSL_CERT_FILE", "/nowhere")],
                &[]
            )
            .status,
            0
        );
    }

    #[test]
    fn proxies_can_be_reached_by_tls() {
        let identity = Identity::issued("localhost", (2020, 2090));
        let file = file_of(&identity.authority);
        for target in TARGETS {
            let proxy = OddServer::with_tls(&identity, OK);
            let address = proxy.https();
            let variables = [
                ("http_proxy", address.as_str()),
                ("SSL_CERT_FILE", file.path().to_str().unwrap()),
            ];
            let said = verify("http://store.invalid", target, &variables, &[]);
            assert_eq!(said.status, 0, "{}", said.stderr);
            assert!(
                proxy.requests()[0].starts_with(&format!("GET {} HTTP/1.1\r\n", said.line())),
                "{:?}",
                proxy.requests()
            );
            let said = verify("http://store.invalid", target, &variables[..1], &[]);
            let expected = format!(
                "error: the proxy `localhost:{}` cannot be reached: its certificate is ",
                proxy.address.port()
            );
            assert!(said.stderr.starts_with(&expected), "{}", said.stderr);
        }
    }

    #[test]
    fn https_requests_use_connect() {
        let identity = Identity::issued("localhost", (2020, 2090));
        let file = file_of(&identity.authority);
        for target in TARGETS {
            let (server, proxy) = (OddServer::with_tls(&identity, OK), OddServer::proxy());
            let address = proxy.http();
            let variables = [
                ("https_proxy", address.as_str()),
                ("SSL_CERT_FILE", file.path().to_str().unwrap()),
            ];
            let said = verify(&server.https(), target, &variables, &[]);
            assert_eq!(said.status, 0, "{}", said.stderr);
            let port = server.address.port();
            let request = &proxy.requests()[0];
            assert!(
                request.starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\n")),
                "{request}"
            );
            assert!(
                server.requests()[0].starts_with(&format!("GET /{target}?")),
                "{:?}",
                server.requests()
            );
        }
    }
}

// Proxies

#[test]
fn http_requests_use_the_absolute_form() {
    for target in TARGETS {
        let (server, proxy) = (OddServer::responding(OK), OddServer::proxy());
        let with_password = format!("http://user:secret@{}", proxy.address);
        let said = verify(
            &server.http(),
            target,
            &[("http_proxy", &with_password)],
            &[],
        );
        assert_eq!(said.status, 0, "{}", said.stderr);
        let request = &proxy.requests()[0];
        assert!(
            request.starts_with(&format!("GET {} HTTP/1.1\r\n", said.line())),
            "{request}"
        );
        assert!(
            request.contains("proxy-authorization: Basic dXNlcjpzZWNyZXQ=\r\n"),
            "{request}"
        );
        assert!(
            server.requests()[0].starts_with(&format!("GET /{target}?")),
            "{:?}",
            server.requests()
        );
    }
}

#[test]
fn no_proxy_hosts_bypass_the_proxy() {
    for variables in [
        [("all_proxy", ""), ("no_proxy", "127.0.0.1")],
        [("ALL_PROXY", ""), ("NO_PROXY", "127.0.0.0/8")],
    ] {
        for target in TARGETS {
            let (server, proxy) = (OddServer::responding(OK), OddServer::proxy());
            let mut variables = variables;
            let address = proxy.http();
            variables[0].1 = &address;
            assert_eq!(verify(&server.http(), target, &variables, &[]).status, 0);
            assert!(!proxy.was_called());
            assert_eq!(
                verify(&server.http(), target, &variables[..1], &[]).status,
                0
            );
            assert_eq!(proxy.requests().len(), 1);
            // Under CGI this variable can be set by a request.
            assert_eq!(
                verify(&server.http(), target, &[("HTTP_PROXY", &address)], &[]).status,
                0
            );
            assert_eq!(proxy.requests().len(), 1);
        }
    }
}

#[test]
fn a_refusal_by_the_proxy_is_reported() {
    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    for target in TARGETS {
        let proxy = OddServer::responding(refusal);
        let said = verify(
            "https://store.invalid",
            target,
            &[("HTTPS_PROXY", &proxy.http())],
            &[],
        );
        assert_eq!(said.status, 4);
        let expected =
            "error: the proxy refused the connection: 407 Proxy Authentication Required\nhint: ";
        assert!(said.stderr.starts_with(expected), "{}", said.stderr);
        let said = verify(
            "http://store.invalid",
            target,
            &[("ALL_PROXY", "socks5://user:secret@127.0.0.1:9")],
            &[],
        );
        assert_eq!(said.status, 4, "{}", said.stderr);
        let expected = "error: the proxy `127.0.0.1:9` cannot be reached: ";
        assert!(said.stderr.starts_with(expected), "{}", said.stderr);
        // The name of the proxy is resolved, not that of the store.
        let said = verify(
            "http://127.0.0.1:9",
            target,
            &[("http_proxy", "http://proxy.invalid:3128")],
            &[],
        );
        let expected = "error: the proxy `proxy.invalid:3128` cannot be reached: the name \
            `proxy.invalid` cannot be resolved: ";
        assert!(said.stderr.starts_with(expected), "{}", said.stderr);
    }
}

#[test]
fn a_reverse_proxy_that_changes_the_host_breaks_the_signature() {
    let store = Server::start();
    let keys = [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    ];
    for target in TARGETS {
        for (host, said) in [
            (
                Some("internal.example"),
                "403 Forbidden, SignatureDoesNotMatch",
            ),
            (None, "404 Not Found, NoSuchBucket"),
        ] {
            let front = OddServer::in_front_of(store.address, host);
            let stderr = verify(&front.http(), target, &keys, &[]).stderr;
            assert!(
                stderr.starts_with(&format!("error: the store refused the link: {said}")),
                "{host:?}: {stderr}"
            );
        }
    }
}
