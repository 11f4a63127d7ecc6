//! Every printed command can be pasted, whatever the source of its parts: all of them are run, in
//! four shells.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use cos_presign::sigv4::encode;
use support::odd_servers::{OddServer, read_request};

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
];

/// Values from other parties. Each would create a file `PWN`, or be another word, if it were not
/// quoted.
const HOSTILE: &[&str] = &[
    "a'$(touch PWN)'",
    "$(touch PWN)",
    "a`touch PWN`",
    "a;touch PWN;",
    "a|touch PWN",
    "a&&touch PWN",
    "a>PWN",
    "a\ntouch PWN\n",
    "a\\';touch PWN;'",
    "a\\",
    "a\";touch PWN;\"",
    "-x",
    "--output=PWN",
    "a b",
    "=ls",
    "~",
    "*",
    "!!",
    "{a,PWN}",
    "a\u{202e}\u{1b}[2J",
    "",
];

const PROGRAMS: [&str; 10] = [
    "cos-presign",
    "curl",
    "wget",
    "aws",
    "mc",
    "mv",
    "chmod",
    "openssl",
    "ibmcloud",
    "timedatectl",
];

const SHELLS: [(&str, &[&str], &str); 4] = [
    (
        "sh",
        &["-c"],
        "for c in \"$@\"; do (eval \"$c\") </dev/null; printf '\\001'; done",
    ),
    (
        "bash",
        &["--noprofile", "--norc", "-c"],
        "for c in \"$@\"; do (eval \"$c\") </dev/null; printf '\\001'; done",
    ),
    (
        "zsh",
        &["-f", "-c"],
        "for c in \"$@\"; do (eval \"$c\") </dev/null; printf '\\001'; done",
    ),
    (
        "fish",
        &["--no-config", "-c"],
        "for c in $argv; eval $c; printf '\\001'; end",
    ),
];

struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        for name in ["programs", "work", "home/.aws", "home/.mc"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        for program in PROGRAMS {
            let path = folder.path().join("programs").join(program);
            let script = format!("#!/bin/sh\nprintf '<%s>' {program} \"$@\"\n");
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Stage { folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, args: &[&[u8]]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cos-presign"));
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .args(args.iter().map(|arg| OsString::from_vec(arg.to_vec())))
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        let bytes: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).collect();
        let mut program = self.program(&bytes);
        // With a secret available a refused URL is searched, which takes time and changes no
        // command.
        let is_about_a_link = ["diagnose", "inspect", "verify", "download", "upload"];
        if !is_about_a_link.contains(&args[0]) {
            program.envs(KEYS);
        }
        program.output().unwrap()
    }

    /// Runs all commands in a shell and returns the arguments of the programs they called.
    fn paste(&self, shell: usize, commands: &[Vec<u8>]) -> Vec<u8> {
        let (name, options, script) = SHELLS[shell];
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .env("LANG", "C.UTF-8")
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.path("programs").display()),
            )
            .args(options)
            .arg(script);
        if name != "fish" {
            command.arg(name);
        }
        command
            .args(commands.iter().map(|c| OsString::from_vec(c.clone())))
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        command.output().unwrap().stdout
    }
}

/// Text between backticks that starts with a program.
fn commands_in(text: &str) -> Vec<String> {
    let begins = |text: &str| {
        PROGRAMS.iter().chain(&["eval"]).any(|program| {
            text.strip_prefix(program)
                .is_some_and(|rest| rest.starts_with(' '))
        })
    };
    text.match_indices('`')
        .filter_map(|(at, _)| {
            let rest = &text[at + 1..];
            let end = rest.find('`')?;
            // A synopsis is not a command.
            (begins(rest) && !rest[..end].contains(" [")).then(|| rest[..end].to_owned())
        })
        .collect()
}

/// URLs with the hostile text in one of their parts.
fn links(host: &str, value: &str) -> Vec<String> {
    let encoded = encode::component(value.as_bytes()).into_owned();
    let link = |host: &str, path: &str, region: &str, headers: &str, expires: &str, more: &str| {
        format!(
            "http://{host}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F{region}%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires={expires}&X-Amz-SignedHeaders={headers}&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404{more}"
        )
    };
    vec![
        link(
            host,
            "/b/k",
            "us-east-1",
            &format!("host%3B{encoded}"),
            "600",
            "",
        ),
        link(
            host,
            "/b/k",
            "us-east-1",
            &format!("host%3Bx-a{encoded}"),
            "600",
            "",
        ),
        link(
            host,
            &format!("/b/{encoded}"),
            "us-east-1",
            "host",
            "600",
            "",
        ),
        link(host, &format!("/{encoded}/k"), "us-east-1", "host", "0", ""),
        link(host, "/b/k", &encoded, "host", "600", ""),
        link(host, "/b/k", "us-east-1", "host", &encoded, ""),
        link("s3.amazonaws.com", "/b/k", &encoded, "host", "600", ""),
        link(
            "b.s3.eu-west-1.amazonaws.com",
            &format!("/{encoded}"),
            &encoded,
            "host",
            "600",
            "",
        ),
        link(value, "/b/k", "us-east-1", "host", "600", ""),
        link(
            host,
            "/b/k",
            "us-east-1",
            "host",
            "600",
            &format!("&{encoded}={encoded}"),
        ),
        format!("http://{host}/{encoded}/{encoded}"),
        format!("http://{host}/b/{encoded}?AWSAccessKeyId=A&Expires=1&Signature=x"),
    ]
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Responses of a store with the hostile text.
fn answers(value: &str) -> Vec<String> {
    let value = xml(value);
    [
        ("400 Bad Request", format!("<Code>AuthorizationHeaderMalformed</Code><Region>eu{value}-1</Region>")),
        ("400 Bad Request", format!("<Code>AuthorizationQueryParametersError</Code><Region>{value}</Region>")),
        ("403 Forbidden", format!("<Code>AccessDenied</Code><HeadersNotSigned>x-a, \
                {value}</HeadersNotSigned>")),
        ("301 Moved Permanently", format!("<Code>PermanentRedirect</Code><Endpoint>x{value}</Endpoint>")),
        ("307 Temporary Redirect", format!("<Code>TemporaryRedirect</Code><Endpoint>h</Endpoint><Region>{value}</Region>")),
        ("404 Not Found", format!("<Code>NoSuchBucket</Code><BucketName>{value}</BucketName>")),
        ("404 Not Found", format!("<Code>NoSuchKey</Code><Key>{value}</Key>")),
        ("400 Bad Request", format!("<Code>InvalidArgument</Code><ArgumentName>response-{value}</ArgumentName><Message>{value}</Message>")),
        ("403 Forbidden", format!("<Code>RequestTimeTooSkewed</Code><ServerTime>{value}</ServerTime><Message>{value}</Message>")),
        ("403 Forbidden", format!("<Code>{value}</Code><Message>{value}</Message>")),
    ]
    .map(|(status, fields)| {
        let body = format!("<Error>{fields}</Error>");
        format!("HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: \
            {}\r\n\r\n{body}", body.len())
    })
    .into()
}

/// Responds with a configured text.
fn server() -> (OddServer, std::sync::Arc<std::sync::Mutex<String>>) {
    let answer = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let said = std::sync::Arc::clone(&answer);
    let server = OddServer::start(move |mut stream| {
        let request = read_request(&mut stream);
        let answer = said.lock().unwrap().clone();
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        request
    });
    (server, answer)
}

/// The output of the program with the hostile text in every place: commands in messages, and
/// commands as output.
fn printed(
    stage: &Stage,
    server: &OddServer,
    answer: &std::sync::Mutex<String>,
    value: &str,
) -> (Vec<String>, Vec<Vec<u8>>) {
    let (mut said, mut outputs) = (Vec::new(), Vec::new());
    let mut note = |output: Output| {
        said.push(String::from_utf8(output.stdout).unwrap());
        said.push(String::from_utf8(output.stderr).unwrap());
    };
    let host = server.address.to_string();
    let url = server.http();
    for link in links(&host, value) {
        note(stage.run(&["diagnose", "--at", "2013-05-24T00:01:00Z", &link]));
        note(stage.run(&[
            "diagnose",
            "--method",
            "PUT",
            "-H",
            &format!("x-amz-{}: v", value.replace('\n', "")),
            &link,
        ]));
        note(stage.run(&["inspect", &link]));
    }
    let good = &links(&host, "plain")[9];
    let transcript = stage.path("answer.txt");
    for text in answers(value) {
        fs::write(&transcript, &text).unwrap();
        let file = transcript.to_str().unwrap();
        note(stage.run(&[
            "diagnose",
            "--at",
            "2013-05-24T00:01:00Z",
            "--response",
            file,
            good,
        ]));
        *answer.lock().unwrap() = text;
        note(stage.run(&["verify", good]));
        note(stage.run(&[
            "get",
            "bucket/k",
            "--endpoint",
            &url,
            "--region",
            "us-east-1",
            "--verify",
        ]));
        note(stage.run(&[
            "doctor",
            "bucket/k",
            "--endpoint",
            &url,
            "--region",
            "us-east-1",
        ]));
        note(stage.run(&[
            "get",
            "bucket",
            "--recursive",
            "--endpoint",
            &url,
            "--region",
            "us-east-1",
        ]));
        note(stage.run(&["download", good, "out"]));
        note(stage.run(&["upload", good, file]));
    }
    // Mistakes in the command line, and foreign files.
    let profile = value.replace(['\n', ']'], "");
    fs::write(
        stage.path("home/.aws/config"),
        format!(
            "[profile {profile}]\naws_access_key_id = \
        A\n[profile r{profile}]\nrole_arn = r\nmfa_serial = m\nsource_profile = \
        r{profile}\n[profile s{profile}]\nsso_session = {profile}\n[profile p{profile}]\n"
        ),
    )
    .unwrap();
    let alias = serde_json::json!({"version": "10", "aliases": {value: {"url": format!("https://{value}"), "accessKey": "", "secretKey": "", "api": "S3v4", "path": "auto"}}});
    fs::write(stage.path("home/.mc/config.json"), alias.to_string()).unwrap();
    for args in [
        vec!["get", value],
        vec!["head", value],
        vec!["get", "--bucket", value, "--key", "k"],
        vec!["get", "--bucket", "bucket", "--key", value],
        vec!["get", "bucket/k", "--region", value],
        vec!["get", "bucket/k", "--provider", "ibm", "--region", value],
        vec!["get", "bucket/k", "--endpoint", value],
        vec!["get", "bucket/k", "--profile", &profile],
        vec![
            "get",
            "bucket/k",
            "--profile",
            &format!("r{profile}"),
            "--region",
            "us-east-1",
        ],
        vec![
            "get",
            "bucket/k",
            "--profile",
            &format!("s{profile}"),
            "--region",
            "us-east-1",
        ],
        vec![
            "get",
            "bucket/k",
            "--profile",
            &format!("p{profile}"),
            "--region",
            "us-east-1",
        ],
        vec!["get", "bucket/k", "--profile", &format!("none{profile}")],
        vec!["get", &format!("{value}/b/k"), "--credentials-from", "mc"],
        vec![
            "get",
            "bucket",
            "--recursive",
            "--newer-than",
            value,
            "--older-than",
            value,
        ],
        vec!["put", "bucket/k", "--checksum-sha256", value],
        vec!["explain", value],
        vec!["cors", value, "--origin", value, "--output", "aws"],
        vec![
            "post",
            &format!("bucket/{value}"),
            "--region",
            "us-south",
            "--output",
            "html",
        ],
        vec!["completions", value],
        vec![value],
    ] {
        note(stage.run(&args));
    }
    // Commands as output: all of it is one command.
    let header = format!("X-Foo: {}", value.replace(['\n', '\u{1b}'], ""));
    let upload = format!("--upload-file={value}");
    let key = format!("--key=k/{value}");
    for form in ["curl", "wget"] {
        for args in [
            vec![
                "put",
                "--bucket",
                "my-bucket",
                &key,
                &upload,
                "-H",
                &header,
                "--output",
                form,
            ],
            vec![
                "put",
                "--bucket",
                "my-bucket",
                "--key=k/",
                &upload,
                "--output",
                form,
            ],
            vec!["get", "--bucket", "my-bucket", &key, "--output", form],
        ] {
            let output = stage.run(&[args, vec!["--quiet", "--region", "us-south"]].concat());
            outputs.push(output.stdout);
        }
    }
    outputs.push(
        stage
            .run(&[
                "post",
                "my-bucket/k/",
                &upload,
                "--region",
                "us-south",
                "--output",
                "curl",
                "--field",
                &format!("x-amz-meta-a={value}"),
                "--quiet",
            ])
            .stdout,
    );
    outputs.push(
        stage
            .run(&[
                "cors",
                "my-bucket",
                "--origin",
                "https://a.example",
                "--allow-header",
                "*",
                "--region",
                value,
                "--endpoint",
                &url,
                "--output",
                "aws",
            ])
            .stdout,
    );
    outputs.retain(|output| !output.is_empty());
    (said, outputs)
}

#[test]
fn every_printed_command_is_harmless_in_every_shell() {
    let stage = Stage::new();
    let (server, answer) = server();
    let (mut commands, mut outputs) = (BTreeSet::new(), BTreeSet::new());
    for value in HOSTILE {
        let (said, printed) = printed(&stage, &server, &answer, value);
        for text in &said {
            assert!(!text.contains("error: internal error"), "{value:?}: {text}");
            commands.extend(commands_in(text));
        }
        outputs.extend(printed);
    }
    assert!(commands.len() > 150, "only {} commands", commands.len());
    assert!(outputs.len() > 80, "only {} outputs", outputs.len());
    for command in &commands {
        assert!(!command.contains(char::is_control), "{command:?}");
    }
    let all: Vec<Vec<u8>> = commands
        .into_iter()
        .map(String::into_bytes)
        .chain(
            outputs
                .into_iter()
                .map(|output| output.trim_ascii_end().to_vec()),
        )
        .collect();
    let mut first: Option<Vec<Vec<u8>>> = None;
    for (index, (name, ..)) in SHELLS.iter().enumerate() {
        if Command::new(name).arg("-c").arg("true").output().is_err() {
            eprintln!("{name} is not installed, and was not tried");
            continue;
        }
        let ran = stage.paste(index, &all);
        if let Some(entry) = fs::read_dir(stage.path("work")).unwrap().next() {
            panic!("{name} made {:?}", entry.unwrap().file_name());
        }
        // The calls of each command, and an empty end.
        let ran: Vec<Vec<u8>> = ran.split(|b| *b == 1).map(<[u8]>::to_vec).collect();
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let first = first.get_or_insert_with(|| ran.clone());
        for (at, command) in all.iter().enumerate() {
            let (one, other) = (first.get(at), ran.get(at));
            let (one, other) = (one.map(|b| shown(b)), other.map(|b| shown(b)));
            assert_eq!(one, other, "{name} reads {} otherwise", shown(command));
        }
        assert_eq!(ran.len(), all.len() + 1, "{name}");
    }
}

#[test]
fn malformed_server_values_are_shown_but_not_used_in_commands() {
    let stage = Stage::new();
    let link = &links("s3.example", "plain")[9];
    let file = stage.path("answer.txt");
    for (fields, shown) in [
        (
            "<Code>AuthorizationHeaderMalformed</Code><Region>eu$(touch PWN)-1</Region>",
            "eu$(touch PWN)-1",
        ),
        (
            "<Code>PermanentRedirect</Code><Endpoint>x`touch PWN`</Endpoint>",
            "x`touch PWN`",
        ),
        (
            "<Code>AccessDenied</Code><HeadersNotSigned>x-a'$(touch PWN)'</HeadersNotSigned>",
            "x-a'$(touch pwn)'",
        ),
    ] {
        let body = format!("<Error>{fields}</Error>");
        fs::write(&file, format!("HTTP/1.1 403 Forbidden\r\n\r\n{body}")).unwrap();
        let output = stage.run(&[
            "diagnose",
            "--at",
            "2013-05-24T00:01:00Z",
            "--response",
            file.to_str().unwrap(),
            "--json",
            link,
        ]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        assert!(
            report
                .to_string()
                .to_lowercase()
                .contains(&shown.to_lowercase()),
            "{report}"
        );
        for finding in findings {
            assert!(
                !finding["fix"].to_string().to_lowercase().contains("pwn"),
                "{finding}"
            );
        }
    }
}

fn sh(folder: &Path, command: &[u8]) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(OsString::from_vec(command.to_vec()))
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn printed_scripts_escape_what_a_server_sends() {
    const BODY: &str = "<Error><Code>AccessDenied</Code><Message>a\u{1b}[2J\u{1b}]0;t\u{7}\rerror: b\u{202e}\n\u{9b}31m</Message></Error>";
    let stage = Stage::new();
    let server = OddServer::start(|mut stream| {
        let request = read_request(&mut stream);
        let head = format!(
            "HTTP/1.1 403 No\u{1b}[2J\u{7}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            BODY.len()
        );
        let _ = stream.write_all((head + BODY).as_bytes());
        request
    });
    fs::write(stage.folder.path().join("file"), "twelve bytes").unwrap();
    for (form, interpreter) in [("sh", "sh"), ("python", "python3")] {
        let script = stage.run(&[
            "multipart",
            "bucket/key",
            "--size",
            "12",
            "--upload-id",
            "U",
            "--region",
            "r",
            "--endpoint",
            &server.http(),
            "--output",
            form,
        ]);
        assert_eq!(script.status.code(), Some(0), "{script:?}");
        let path = stage.folder.path().join(form);
        fs::write(&path, &script.stdout).unwrap();
        let run = Command::new(interpreter)
            .arg(&path)
            .arg("file")
            .current_dir(stage.folder.path())
            .output()
            .unwrap();
        assert!(!run.status.success(), "{form}: {run:?}");
        let shown = String::from_utf8(run.stderr).unwrap();
        assert!(shown.contains("AccessDenied"), "{form}: {shown:?}");
        assert!(
            shown
                .chars()
                .all(|c| c == '\n' || (c.is_ascii() && !c.is_ascii_control())),
            "{form}: {shown:?}"
        );
        assert!(
            shown.lines().all(|line| !line.starts_with("error: b")),
            "{form}: {shown:?}"
        );
    }
}

/// curl's `--data-binary @FILE` sends nothing for a missing file, and succeeds.
#[test]
fn a_printed_upload_of_a_missing_file_fails() {
    let stage = Stage::new();
    let server = OddServer::responding(support::odd_servers::OK);
    for key in ["k/", "k/.", "k/.."] {
        let output = stage.run(&[
            "put",
            "--bucket",
            "bucket",
            "--key",
            key,
            "--upload-file",
            "my file",
            "--endpoint",
            &server.http(),
            "--region",
            "us-east-1",
            "--output",
            "curl",
            "--quiet",
        ]);
        assert!(output.status.success());
        let before = server.requests().len();
        let ran = sh(&stage.path("work"), &output.stdout);
        assert!(!ran.status.success(), "{key}");
        assert_eq!(server.requests().len(), before, "{key}");
        fs::write(stage.path("work/my file"), "content").unwrap();
        let ran = sh(&stage.path("work"), &output.stdout);
        assert!(
            ran.status.success(),
            "{key}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let requests = server.requests();
        assert!(requests.last().unwrap().ends_with("content"), "{key}");
        fs::remove_file(stage.path("work/my file")).unwrap();
    }
}

/// curl trims blanks at the ends of a file name, unless it is quoted in curl's syntax.
#[test]
fn a_printed_form_sends_the_file_that_was_named() {
    let stage = Stage::new();
    let server = OddServer::responding(support::odd_servers::OK);
    for name in [" a", "a ", "a;type=text", "a,b", "a\"b\\c", "\ta"] {
        fs::write(stage.path("work").join(name), "the content").unwrap();
        let output = stage.run(&[
            "post",
            "bucket/k",
            "--upload-file",
            name,
            "--endpoint",
            &server.http(),
            "--region",
            "us-east-1",
            "--output",
            "curl",
            "--quiet",
        ]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let ran = sh(&stage.path("work"), &output.stdout);
        assert!(
            ran.status.success(),
            "{name:?}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let request = server.requests().pop().unwrap();
        assert!(request.contains("the content"), "{name:?}");
    }
}
