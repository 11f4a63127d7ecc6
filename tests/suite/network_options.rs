//! The network options and their environment variables, on every verb that sends: with a TLS server
//! with a private CA, client certificates, and independent proxies (`tinyproxy`, `microsocks`).

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use support::odd_servers::{Identity, OK, OddServer, read_request};
use tempfile::TempDir;

use crate::run::{Finished, Run, SERVER_KEYS};

/// Every verb that sends, with its arguments; `URL` is a presigned URL of the store, `STORE` its
/// endpoint, `FOLDER` a directory.
const SENDERS: [&str; 8] = [
    "get bucket/key --endpoint STORE --region r --verify",
    "head bucket/key --endpoint STORE --region r --verify",
    "get bucket/key --endpoint STORE --region r --recursive --retries 0",
    "multipart bucket/key --endpoint STORE --region r --size 5MiB",
    "doctor bucket/key --endpoint STORE --region r",
    "verify URL",
    "download URL - --retries 0",
    "upload URL FOLDER/file --retries 0",
];

struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "x").unwrap();
        Stage { folder }
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn send(&self, sender: &str, store: &str, more: &str, variables: &[(&str, &str)]) -> Finished {
        let method = if sender.starts_with("upload") {
            "put"
        } else {
            "get"
        };
        let link = Run::new()
            .args([
                method,
                "bucket/key",
                "--region",
                "r",
                "-q",
                "--endpoint",
                store,
            ])
            .envs(SERVER_KEYS)
            .run();
        let words = format!("{sender} {more}");
        let words = words.split_whitespace().map(|word| {
            word.replace("URL", link.line())
                .replace("STORE", store)
                .replace("FOLDER", self.folder.path().to_str().unwrap())
        });
        Run::new()
            .args(words)
            .envs(SERVER_KEYS)
            .envs(variables.iter().copied())
            .any_status()
            .run()
    }
}

fn is_sent(server: &OddServer) -> bool {
    server
        .requests_so_far()
        .iter()
        .any(|request| request.contains(" HTTP/1.1\r\n"))
}

#[test]
fn a_private_ca_is_trusted_by_every_verb_that_sends() {
    let stage = Stage::new();
    let identity = Identity::issued("localhost", (2020, 2090));
    let bundle = stage.file("ca.pem", &identity.authority);
    let config = stage.file("config", &format!("[default]\nca_bundle = {bundle}\n"));
    let folder = stage.folder.path().join("certificates");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("0a1b2c3d.0"), &identity.authority).unwrap();
    for sender in SENDERS {
        let server = OddServer::with_tls(&identity, OK);
        let said = stage.send(sender, &server.https(), "", &[]);
        assert!(!is_sent(&server), "{sender}: {}", said.stderr);
        assert_ne!(said.status, 0, "{sender}");
        assert!(
            (said.stdout + &said.stderr).contains("unknown CA"),
            "{sender}: {}",
            said.stderr
        );
        for (more, variable, value) in [
            ("--cacert", "", ""),
            ("--ca-bundle", "", ""),
            ("", "AWS_CA_BUNDLE", bundle.as_str()),
            ("", "CURL_CA_BUNDLE", &bundle),
            ("", "REQUESTS_CA_BUNDLE", folder.to_str().unwrap()),
            ("", "AWS_CONFIG_FILE", &config),
            ("", "SSL_CERT_FILE", &bundle),
            ("", "SSL_CERT_DIR", folder.to_str().unwrap()),
            ("--insecure", "", ""),
        ] {
            // These are variables of OpenSSL, which other systems do not use.
            if variable.starts_with("SSL_") && !cfg!(target_os = "linux") {
                continue;
            }
            let server = OddServer::with_tls(&identity, OK);
            let more = match more {
                "" | "--insecure" => more.to_owned(),
                option => format!("{option} {bundle}"),
            };
            let variables = [(variable, value)];
            let variables = if variable.is_empty() {
                &[]
            } else {
                &variables[..]
            };
            let said = stage.send(sender, &server.https(), &more, variables);
            server.requests();
            assert!(
                is_sent(&server),
                "{sender} {more} {variable}: {}",
                said.stderr
            );
            assert_eq!(
                said.stderr
                    .starts_with("warning: TLS certificates are not verified (--insecure)\n"),
                more == "--insecure",
                "{sender}: {}",
                said.stderr
            );
        }
    }
}

#[test]
fn a_bundle_that_cannot_be_used_is_named_with_its_source() {
    let stage = Stage::new();
    let server = OddServer::responding(OK);
    let empty = stage.file("empty.pem", "no certificate");
    let config = stage.file("config", "[default]\nca_bundle = /nowhere\n");
    let of_profile = "`/nowhere` (`ca_bundle` of the profile `default`)";
    for (more, variable, value, named) in [
        ("--cacert /nowhere", "", "", "`/nowhere` (--cacert)"),
        ("--cacert FOLDER/empty.pem", "", "", "empty.pem` (--cacert)"),
        ("", "AWS_CONFIG_FILE", config.as_str(), of_profile),
        (
            "",
            "REQUESTS_CA_BUNDLE",
            "/nowhere",
            "(`REQUESTS_CA_BUNDLE`)",
        ),
        ("", "AWS_CA_BUNDLE", "/nowhere", "(`AWS_CA_BUNDLE`)"),
        ("", "CURL_CA_BUNDLE", empty.as_str(), "(`CURL_CA_BUNDLE`)"),
        ("--client-cert /nowhere", "", "", "(--client-cert)"),
    ] {
        let variables = [(variable, value)];
        let variables = if variable.is_empty() {
            &[]
        } else {
            &variables[..]
        };
        let said = stage.send(SENDERS[0], &server.http(), more, variables);
        assert!(
            said.stderr.contains(named),
            "{more} {variable}: {}",
            said.stderr
        );
        assert!(said.stderr.contains("hint: "), "{}", said.stderr);
        assert!(matches!(said.status, 3 | 4), "{}", said.status);
    }
    assert_eq!(server.connections(), 0);
}

/// With another source of CAs as well, because a setting must not be dropped silently.
#[test]
#[cfg(target_os = "linux")]
fn unusable_files_of_openssl_variables_are_named() {
    let stage = Stage::new();
    let identity = Identity::issued("localhost", (2020, 2090));
    let bundle = stage.file("ca.pem", &identity.authority);
    let empty = stage.file("empty.pem", "no certificate");
    for (variable, value, named) in [
        (
            "SSL_CERT_FILE",
            "/nowhere",
            "`/nowhere` (`SSL_CERT_FILE`): ",
        ),
        (
            "SSL_CERT_FILE",
            empty.as_str(),
            "(`SSL_CERT_FILE`): it contains no PEM certificate",
        ),
        ("SSL_CERT_DIR", "/nowhere", "`/nowhere` (`SSL_CERT_DIR`)"),
    ] {
        for more in [String::new(), format!("--cacert {bundle}")] {
            let server = OddServer::with_tls(&identity, OK);
            let said = stage.send(SENDERS[0], &server.https(), &more, &[(variable, value)]);
            assert_eq!(said.status, 4, "{variable} {more}: {}", said.stderr);
            assert!(said.stderr.contains(named), "{}", said.stderr);
            assert!(said.stderr.contains("or unset it"), "{}", said.stderr);
            assert!(!is_sent(&server), "{variable} {more}");
        }
    }
    let server = OddServer::with_tls(&identity, OK);
    let more = format!("--cacert {bundle}");
    let said = stage.send(SENDERS[0], &server.https(), &more, &[("SSL_CERT_FILE", "")]);
    assert_eq!(said.status, 0, "{}", said.stderr);
}

#[test]
fn a_client_certificate_is_presented_by_every_verb_that_sends() {
    let stage = Stage::new();
    let identity = Identity::issued("localhost", (2020, 2090));
    let client = Identity::issued("client", (2020, 2090));
    let stranger = Identity::issued("stranger", (2020, 2090));
    let bundle = stage.file("ca.pem", &identity.authority);
    let pem = stage.file("client.pem", &client.pem);
    let (certificate, key) = client
        .pem
        .split_at(client.pem.find("-----BEGIN PRIVATE").unwrap());
    let parts = format!(
        "--client-cert {} --client-key {}",
        stage.file("certificate.pem", certificate),
        stage.file("key.pem", key)
    );
    let of_stranger = stage.file("stranger.pem", &stranger.pem);
    for sender in SENDERS {
        for (more, served) in [
            (String::new(), false),
            (format!("--client-cert {of_stranger}"), false),
            (format!("--client-cert {pem}"), true),
            (parts.clone(), true),
        ] {
            let server = OddServer::with_client_certificates(&identity, &client, OK);
            let more = format!("--cacert {bundle} {more}");
            let said = stage.send(sender, &server.https(), &more, &[]);
            if served {
                server.requests();
            }
            assert_eq!(is_sent(&server), served, "{sender} {more}: {}", said.stderr);
        }
    }
}

/// A server program, ended with the test.
struct Proxy {
    process: Child,
    port: u16,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Proxy {
    /// `None` where it is not installed; `.ci/run` installs both.
    fn start(mut command: Command, port: u16) -> Option<Proxy> {
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let proxy = Proxy { process, port };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(proxy);
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{command:?} does not listen");
    }

    /// Certificates are for a name.
    fn url(&self, scheme: &str, login: &str) -> String {
        let host = if scheme == "https" {
            "localhost"
        } else {
            "127.0.0.1"
        };
        format!("{scheme}://{login}@{host}:{}", self.port)
    }

    fn microsocks() -> Option<Proxy> {
        let port = free_port();
        let mut command = Command::new("microsocks");
        command.args([
            "-i",
            "127.0.0.1",
            "-u",
            "user",
            "-P",
            "pass",
            "-p",
            &port.to_string(),
        ]);
        Proxy::start(command, port)
    }

    /// An HTTPS proxy. `PROXY_PY` names the program where it is not on the path.
    fn proxy_py(stage: &Stage, identity: &Identity) -> Option<Proxy> {
        let port = free_port();
        let pem = stage.file("proxy.pem", &identity.pem);
        let program = std::env::var_os("PROXY_PY").unwrap_or("proxy".into());
        let mut command = Command::new(program);
        command.args(["--hostname", "127.0.0.1", "--port", &port.to_string()]);
        command.args([
            "--num-acceptors",
            "1",
            "--num-workers",
            "1",
            "--log-level",
            "ERROR",
        ]);
        command.args([
            "--basic-auth",
            "user:pass",
            "--cert-file",
            &pem,
            "--key-file",
            &pem,
        ]);
        command.arg("--data-dir").arg(stage.folder.path());
        Proxy::start(command, port)
    }

    fn tinyproxy(folder: &Path) -> Option<Proxy> {
        let port = free_port();
        let config = folder.join("tinyproxy.conf");
        let text = format!("Port {port}\nListen 127.0.0.1\nBasicAuth user pass\nTimeout 60\n");
        fs::write(&config, text).unwrap();
        let mut command = Command::new("tinyproxy");
        command.arg("-d").arg("-c").arg(config);
        Proxy::start(command, port)
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// With the correct password the store receives the request, with a wrong one nothing.
fn every_verb_goes_through(proxy: &Proxy, scheme: &str, stage: &Stage, identity: &Identity) {
    let bundle = stage.file("ca.pem", &identity.authority);
    for sender in SENDERS {
        for tls in [true, false] {
            for (login, passes) in [("user:pass", true), ("user:wrong", false)] {
                let (server, store) = if tls {
                    let server = OddServer::with_tls(identity, OK);
                    let store = server.https();
                    (server, store)
                } else {
                    let server = OddServer::responding(OK);
                    let store = format!("http://localhost:{}", server.address.port());
                    (server, store)
                };
                let address = proxy.url(scheme, login);
                let variables = [("http_proxy", address.as_str()), ("https_proxy", &address)];
                let more = format!("--cacert {bundle}");
                let said = stage.send(sender, &store, &more, &variables);
                if passes {
                    server.requests();
                }
                let shown = format!("{scheme} {sender} {store} {login}: {}", said.stderr);
                assert_eq!(is_sent(&server), passes, "{shown}");
                assert!(passes || said.status != 0, "{shown}");
                assert!(!said.stderr.contains("wrong"), "{shown}");
            }
        }
    }
}

#[test]
fn every_verb_that_sends_goes_through_tinyproxy() {
    let stage = Stage::new();
    let identity = Identity::issued("localhost", (2020, 2090));
    let Some(proxy) = Proxy::tinyproxy(stage.folder.path()) else {
        return eprintln!("tinyproxy is not installed");
    };
    every_verb_goes_through(&proxy, "http", &stage, &identity);
    every_credential_source_goes_through(&proxy, "http", &stage, &identity);
}

#[test]
fn every_verb_that_sends_goes_through_proxy_py_over_tls() {
    let stage = Stage::new();
    let identity = Identity::issued("localhost", (2020, 2090));
    let Some(proxy) = Proxy::proxy_py(&stage, &identity) else {
        return eprintln!("proxy.py is not installed");
    };
    every_verb_goes_through(&proxy, "https", &stage, &identity);
    every_credential_source_goes_through(&proxy, "https", &stage, &identity);
}

#[test]
fn every_verb_that_sends_goes_through_microsocks() {
    let stage = Stage::new();
    let identity = Identity::issued("localhost", (2020, 2090));
    let Some(proxy) = Proxy::microsocks() else {
        return eprintln!("microsocks is not installed");
    };
    for scheme in ["socks5h", "socks5"] {
        every_verb_goes_through(&proxy, scheme, &stage, &identity);
        every_credential_source_goes_through(&proxy, scheme, &stage, &identity);
    }
}

/// SOCKS 4 by its specification; names are not resolved.
fn socks4(to: u16) -> OddServer {
    OddServer::start(move |mut client| {
        let mut head = [0; 8];
        client.read_exact(&mut head).unwrap();
        let mut rest = Vec::new();
        let ends = if head[4..7] == [0, 0, 0] { 2 } else { 1 };
        while rest.iter().filter(|byte| **byte == 0).count() < ends {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            rest.push(byte[0]);
        }
        client.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", to)).unwrap();
        let request = read_request(&mut client);
        server.write_all(&request).unwrap();
        let mut response = Vec::new();
        let _ = server.read_to_end(&mut response);
        let _ = client.write_all(&response);
        [&head[..], &rest].concat()
    })
}

#[test]
fn names_are_resolved_where_the_proxy_scheme_requires() {
    let stage = Stage::new();
    for (scheme, by_proxy) in [("socks4", false), ("socks4a", true)] {
        for sender in [SENDERS[0], SENDERS[2]] {
            let server = OddServer::responding(
                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
            let proxy = socks4(server.address.port());
            let host = if by_proxy {
                "store.invalid"
            } else {
                "localhost"
            };
            let more = format!("--proxy {scheme}://{}", proxy.address);
            let said = stage.send(sender, &format!("http://{host}:9"), &more, &[]);
            server.requests();
            assert!(is_sent(&server), "{scheme} {sender}: {}", said.stderr);
            let seen = proxy.requests();
            assert_eq!(seen[0].contains("store.invalid"), by_proxy, "{seen:?}");
        }
    }
}

#[test]
fn a_password_in_the_option_of_a_proxy_is_refused() {
    let stage = Stage::new();
    for proxy in [
        "http://user:s3cr3t@h",
        "socks5h://user:s3cr3t@h:1",
        "user:s3cr3t@h",
    ] {
        let more = format!("--proxy {proxy}");
        let said = stage.send("get bucket/key", "http://127.0.0.1:9", &more, &[]);
        assert_eq!(said.status, 2, "{}", said.stderr);
        assert!(!said.stderr.contains("s3cr3t"), "{}", said.stderr);
    }
}

// Credentials

/// Refuses every tunnel and every request.
const NO: &[u8] = b"HTTP/1.1 502 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Profiles of each credential provider: the file with the web identity token, and the
/// configuration.
fn providers(stage: &Stage) -> (String, String) {
    let token = stage.file("token", "the-token");
    let config = stage.file(
        "config",
        &format!(
            "[profile keys]\naws_access_key_id = STATIC\naws_secret_access_key = s3cr3t\n[profile \
             role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n[profile \
             web]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = \
             {token}\n[profile sso]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = \
             us-east-1\nsso_account_id = 123456789012\nsso_role_name = reader\n"
        ),
    );
    let cache = stage.folder.path().join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    // The name is the SHA-1 of the start URL.
    let cached = r#"{"accessToken":"t","expiresAt":"2099-01-01T00:00:00Z","region":"us-east-1","startUrl":"https://corp.awsapps.com/start"}"#;
    let name = {
        use sha1::{Digest, Sha1};
        hex::encode(Sha1::digest("https://corp.awsapps.com/start"))
    };
    fs::write(cache.join(format!("{name}.json")), cached).unwrap();
    (token, config)
}

/// With the correct password the service receives the request, with a wrong one nothing.
fn every_credential_source_goes_through(
    proxy: &Proxy,
    scheme: &str,
    stage: &Stage,
    identity: &Identity,
) {
    let bundle = stage.file("ca.pem", &identity.authority);
    let (_, config) = providers(stage);
    for (more, variable) in [
        ("--profile role", "AWS_ENDPOINT_URL_STS"),
        ("--profile web", "AWS_ENDPOINT_URL_STS"),
        ("--profile sso", "AWS_ENDPOINT_URL_SSO"),
        ("", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ] {
        for (login, passes) in [("user:pass", true), ("user:wrong", false)] {
            let server = OddServer::with_tls(identity, OK);
            let address = proxy.url(scheme, login);
            let said = Run::new()
                .args("get bucket/key --region us-east-1 --retries 0 --cacert".split(' '))
                .args([&bundle])
                .args(more.split_whitespace())
                .env("AWS_CONFIG_FILE", &config)
                .env("HOME", stage.folder.path().to_str().unwrap())
                .env("AWS_EC2_METADATA_DISABLED", "true")
                .env("AWS_MAX_ATTEMPTS", "1")
                .env(variable, &server.https())
                .env("https_proxy", &address)
                .any_status()
                .run();
            if passes {
                server.requests();
            }
            let shown = format!("{scheme} {more} {variable} {login}: {}", said.stderr);
            assert_eq!(is_sent(&server), passes, "{shown}");
            assert!(
                said.status != 0 && !said.stderr.contains("wrong"),
                "{shown}"
            );
        }
    }
}

#[test]
fn each_credential_source_goes_through_the_proxy() {
    let stage = Stage::new();
    let (token, config) = providers(&stage);
    let role = "arn:aws:iam::123456789012:role/r";
    for (more, variables, expected) in [
        (
            "--profile role",
            &[][..],
            "CONNECT sts.us-east-1.amazonaws.com:443 ",
        ),
        (
            "--profile web",
            &[][..],
            "CONNECT sts.us-east-1.amazonaws.com:443 ",
        ),
        (
            "--profile sso",
            &[][..],
            "CONNECT portal.sso.us-east-1.amazonaws.com:443 ",
        ),
        (
            "",
            &[
                ("AWS_ROLE_ARN", role),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
            ][..],
            "CONNECT sts.us-east-1.amazonaws.com:443 ",
        ),
        (
            "",
            &[(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://127.0.0.1:9/container",
            )][..],
            "GET http://127.0.0.1:9/container ",
        ),
    ] {
        let proxy = OddServer::responding(NO);
        let address = proxy.http();
        let said = Run::new()
            .args("get bucket/key --region us-east-1".split(' '))
            .args(more.split_whitespace())
            .env("AWS_CONFIG_FILE", &config)
            .env("HOME", stage.folder.path().to_str().unwrap())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_MAX_ATTEMPTS", "1")
            .envs(variables.iter().copied())
            .env("https_proxy", &address)
            .env("http_proxy", &address)
            .any_status()
            .run();
        assert_ne!(said.status, 0, "{more}");
        let seen = proxy.requests();
        assert!(
            seen[0].starts_with(expected),
            "{more} {variables:?}: {seen:?}: {}",
            said.stderr
        );
        assert!(!said.stderr.contains("s3cr3t"), "{}", said.stderr);
    }
}

// Connections

/// Serves consecutive requests on each connection until `response` returns nothing.
pub fn keeping(response: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> OddServer {
    OddServer::start(move |mut stream| {
        let mut all = Vec::new();
        loop {
            let request = read_request(&mut stream);
            if request.is_empty() {
                return all;
            }
            let response = response(&String::from_utf8_lossy(&request));
            all.extend(request);
            match response {
                Some(response) if stream.write_all(&response).is_ok() => {}
                _ => return all,
            }
        }
    })
}

pub fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn links(server: &OddServer, count: usize) -> String {
    let keys: String = (0..count).map(|number| format!("k{number}\n")).collect();
    let made = Run::new()
        .args([
            "get",
            "bucket/",
            "--keys-from",
            "-",
            "--region",
            "r",
            "-q",
            "--endpoint",
        ])
        .args([server.http()])
        .envs(SERVER_KEYS)
        .stdin(keys)
        .run();
    made.stdout
}

#[test]
fn verify_keeps_one_connection_for_each_worker() {
    for jobs in [1, 3] {
        let server = keeping(|_| Some(ok("x")));
        let said = Run::new()
            .args(["verify", "-", "--jobs", &jobs.to_string()])
            .stdin(links(&server, 100))
            .run();
        assert_eq!(said.stdout.lines().count(), 100);
        assert!(
            server.connections() <= jobs,
            "{jobs}: {}",
            server.connections()
        );
    }
}

/// A response longer than declared, a truncated one, and a connection closed without one.
#[test]
fn a_broken_connection_affects_only_its_url() {
    let spoilers: [(&str, Vec<u8>); 3] = [
        (
            "ok",
            [
                ok("x"),
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_vec(),
            ]
            .concat(),
        ),
        (
            "ok",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx".to_vec(),
        ),
        ("error", Vec::new()),
    ];
    for (verdict, spoiler) in spoilers {
        let is_cut = spoiler.ends_with(b"\r\n\r\nx");
        let server = keeping(move |request| {
            if !request.starts_with("GET /bucket/k7?") {
                return Some(ok("x"));
            }
            Some(spoiler.clone()).filter(|bytes| !bytes.is_empty())
        });
        let said = Run::new()
            .args(["verify", "-", "--jobs", "1", "--timeout", "2s"])
            .stdin(links(&server, 20))
            .any_status()
            .run();
        let lines: Vec<&str> = said
            .stdout
            .lines()
            .filter(|line| line.contains("/k"))
            .collect();
        assert_eq!(lines.len(), 20, "{}", said.stdout);
        for (number, line) in lines.iter().enumerate() {
            let expected = if number == 7 { verdict } else { "ok" };
            let is_ok = line.contains(" ok: 200 OK");
            assert!(is_ok == (expected == "ok"), "{is_cut} {line}");
        }
    }
}

/// A bucket of a store that supports only ListObjects and ignores `list-type`.
fn old_store(keys: usize, refuses_version_2: bool) -> OddServer {
    keeping(move |request| {
        let query = request.split(['?', ' ']).nth(2).unwrap_or_default();
        let value = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(&format!("{name}=")))
        };
        if refuses_version_2 && value("list-type").is_some() {
            let body = "<Error><Code>InvalidArgument</Code></Error>";
            let length = body.len();
            return Some(
                format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {length}\r\n\r\n{body}")
                    .into_bytes(),
            );
        }
        let marker = value("marker")
            .unwrap_or_default()
            .replace("%2F", "/")
            .replace("%20", " ");
        let all = (0..keys).map(|number| format!("a/{number:05} b"));
        let page: Vec<_> = all.filter(|key| *key > marker).take(1001).collect();
        let contents: String = page
            .iter()
            .take(1000)
            .map(|key| {
                format!(
                    "<Contents><Key>{}</Key></Contents>",
                    key.replace(' ', "%20")
                )
            })
            .collect();
        let body = format!(
            "<ListBucketResult><Marker>{marker}</Marker><EncodingType>url</EncodingType>\
             <IsTruncated>{}</IsTruncated>{contents}</ListBucketResult>",
            page.len() > 1000
        );
        Some(ok(&body))
    })
}

fn list(server: &OddServer, more: &str) -> Finished {
    Run::new()
        .args([
            "get",
            "bucket/a/",
            "--recursive",
            "--region",
            "r",
            "-q",
            "--endpoint",
        ])
        .args([server.http()])
        .args(more.split_whitespace())
        .envs(SERVER_KEYS)
        .any_status()
        .run()
}

#[test]
fn stores_with_list_objects_only_are_listed_over_one_connection() {
    for refuses in [false, true] {
        for more in ["", "--list-version 1", "--list-version auto"] {
            let server = old_store(2500, refuses);
            let said = list(&server, more);
            assert_eq!(said.status, 0, "{refuses} {more}: {}", said.stderr);
            let lines: Vec<&str> = said.stdout.lines().collect();
            assert_eq!(lines.len(), 2500, "{refuses} {more}");
            for (number, line) in lines.iter().enumerate() {
                assert!(line.contains(&format!("/a/{number:05}%20b?")), "{line}");
            }
            assert_eq!(server.connections(), 1, "{refuses} {more}");
        }
        let server = old_store(2500, refuses);
        let said = list(&server, "--list-version 2");
        assert_eq!(said.status, 1, "{refuses}: {}", said.stderr);
        assert!(said.stderr.contains("hint: "), "{}", said.stderr);
    }
}

#[test]
fn a_listing_can_start_after_a_key() {
    for refuses in [false, true] {
        let server = old_store(2500, refuses);
        let said = Run::new()
            .args([
                "get",
                "bucket/a/",
                "--recursive",
                "--region",
                "r",
                "-q",
                "--endpoint",
            ])
            .args([server.http()])
            .args(["--start-after", "a/02489 b"])
            .envs(SERVER_KEYS)
            .run();
        assert_eq!(said.stdout.lines().count(), 10, "{}", said.stdout);
        assert!(
            said.stdout
                .lines()
                .next()
                .unwrap()
                .contains("/a/02490%20b?")
        );
    }
}

#[test]
fn retries_follow_the_option() {
    for (more, requests) in [("--retries 0", 1), ("--retries 2", 3)] {
        let server = OddServer::responding(
            b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
        let said = list(&server, more);
        assert_eq!(said.status, 1, "{}", said.stderr);
        server.requests();
        assert_eq!(server.connections(), requests, "{more}");
    }
}

/// A store with this many keys that takes some time for each page. The keys of its queries are
/// those of [`many_keys`].
fn slow_store(
    keys: Vec<String>,
    page: Duration,
    most: std::sync::Arc<(AtomicUsize, AtomicUsize)>,
) -> OddServer {
    keeping(move |request| {
        let running = most.0.fetch_add(1, Ordering::SeqCst) + 1;
        most.1.fetch_max(running, Ordering::SeqCst);
        thread::sleep(page);
        most.0.fetch_sub(1, Ordering::SeqCst);
        let query = request.split(['?', ' ']).nth(2).unwrap_or_default();
        let value = |name: &str| {
            let found = query
                .split('&')
                .find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
            Some(
                String::from_utf8(cos_presign::sigv4::encode::decode(found.as_bytes()).unwrap())
                    .unwrap(),
            )
        };
        let after = value("continuation-token")
            .or(value("start-after"))
            .unwrap_or_default();
        let count: usize = value("max-keys").unwrap().parse().unwrap();
        let from = keys.partition_point(|key| *key <= after);
        let page = &keys[from..keys.len().min(from + count)];
        let more = from + count < keys.len();
        let contents: String = page
            .iter()
            .map(|key| {
                let key = percent(key);
                format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>")
            })
            .collect();
        let token = match page.last() {
            Some(last) if more => {
                format!("<NextContinuationToken>{last}</NextContinuationToken>")
            }
            _ => String::new(),
        };
        Some(ok(&format!(
            "<ListBucketResult><EncodingType>url</EncodingType><KeyCount>{}</KeyCount>\
             <IsTruncated>{more}</IsTruncated>{token}{contents}</ListBucketResult>",
            page.len()
        )))
    })
}

fn percent(key: &str) -> String {
    cos_presign::sigv4::encode::component(key.as_bytes()).into_owned()
}

#[test]
fn list_jobs_keep_the_order_and_lose_no_key() {
    let numbers: Vec<String> = (0..30_000).map(|number| format!("a/{number:06}")).collect();
    let mut clustered: Vec<String> = (0..9_000)
        .map(|number| {
            format!(
                "a/{}/part-{:05}.json",
                ["eu", "us-east", "us-west", "ü"][number % 4],
                number
            )
        })
        .chain((0..2_000).map(|number| format!("a/{number:x}")))
        .collect();
    clustered.sort();
    clustered.dedup();
    for keys in [numbers, clustered, Vec::new(), vec!["a/one".to_owned()]] {
        let most = std::sync::Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let server = slow_store(keys.clone(), Duration::from_millis(20), most.clone());
        let said = list(&server, "--list-jobs 8");
        // No keys at all is a failure.
        assert_eq!(said.status, i32::from(keys.is_empty()), "{}", said.stderr);
        let listed: Vec<&str> = said.stdout.lines().collect();
        assert_eq!(listed.len(), keys.len());
        for (key, line) in keys.iter().zip(&listed) {
            let path = percent(key).replace("%2F", "/");
            assert!(line.contains(&format!("/{path}?")), "{key} {line}");
        }
        if keys.len() > 20_000 {
            let most = most.1.load(Ordering::SeqCst);
            assert!((4..=8).contains(&most), "{most}");
        }
        assert!(server.connections() <= 9, "{}", server.connections());
    }
}

#[test]
fn list_jobs_refuse_a_store_that_lists_in_another_order() {
    let server = keeping(|_| {
        Some(ok(
            "<ListBucketResult><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>\
             <Contents><Key>a/b</Key></Contents><Contents><Key>a/a</Key></Contents></ListBucketResult>",
        ))
    });
    assert_eq!(list(&server, "").stdout.lines().count(), 2);
    let said = list(&server, "--list-jobs 2");
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(
        said.stderr
            .contains("hint: list one page after another: remove --list-jobs"),
        "{}",
        said.stderr
    );
    for jobs in ["0", "65"] {
        let said = list(&server, &format!("--list-jobs {jobs}"));
        assert_eq!(said.status, 2, "{}", said.stderr);
    }
}
