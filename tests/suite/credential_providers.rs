//! Credentials that are not in files: AWS services, simulated by one server on the loopback
//! interface, and programs that print credentials. The URL must be signed with the credentials of
//! the requested provider.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cos_presign::sigv4::{Credentials, Presigner, Request, SigningTime, UrlParts};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use support::odd_servers::{OddServer, read_request};

use crate::run::program;

const FAR: &str = "2099-01-31T12:00:00Z";
const TOKEN: &str = "FwoGZXIvYXdzEXAMPLE//token+==";

/// Credentials of each service: a different access key ID for each, which identifies the provider.
fn response(request: &str) -> (u16, String) {
    let (line, body) = (
        request.lines().next().unwrap_or_default(),
        request.split("\r\n\r\n").nth(1).unwrap_or_default(),
    );
    let xml = |action: &str, id: &str| {
        format!(
            "<{action}Response \
             xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s3cr3t-{id}</SecretAccessKey><SessionToken>{TOKEN}</SessionToken><Expiration>{FAR}</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser></{action}Result></{action}Response>"
        )
    };
    let json = |id: &str| {
        format!(
            r#"{{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"{id}","SecretAccessKey":"s3cr3t-{id}","Token":"{TOKEN}","Expiration":"{FAR}"}}"#
        )
    };
    if body.contains("Action=AssumeRoleWithWebIdentity")
        && body.contains("WebIdentityToken=the-token")
    {
        (200, xml("AssumeRoleWithWebIdentity", "WEBIDENTITY"))
    } else if body.contains("Action=AssumeRole&") && body.contains("TokenCode=000000") {
        let sentence = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        (
            403,
            format!(
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{sentence}</Message></Error></ErrorResponse>"
            ),
        )
    } else if body.contains("Action=AssumeRole&") && body.contains("TokenCode=123456") {
        (200, xml("AssumeRole", "ROLEWITHCODE"))
    } else if body.contains("Action=AssumeRole&") && body.contains("outer") {
        // The key that signs the request identifies the client.
        (
            200,
            xml(
                "AssumeRole",
                if request.contains("Credential=ROLEWITHCODE/") {
                    "OUTERAFTERCODE"
                } else {
                    "OUTERROLE"
                },
            ),
        )
    } else if body.contains("Action=AssumeRole&") && body.contains("refused") {
        let sentence = "User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole";
        (
            403,
            format!(
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{sentence}</Message></Error></ErrorResponse>"
            ),
        )
    } else if body.contains("Action=AssumeRole&") {
        (200, xml("AssumeRole", "ROLE"))
    } else if line.starts_with("GET /federation/credentials") && request.contains("the-sso-token") {
        let end = 4_073_544_000_000_i64;
        let keys = format!(
            r#""accessKeyId":"SSO","secretAccessKey":"s3cr3t-SSO","sessionToken":"{TOKEN}","expiration":{end}"#
        );
        (200, format!(r#"{{"roleCredentials":{{{keys}}}}}"#))
    } else if line.starts_with("GET /container")
        && request
            .to_ascii_lowercase()
            .contains("authorization: the-container-token")
    {
        (200, json("CONTAINER"))
    } else if line.starts_with("PUT /latest/api/token") {
        (200, "imds-token".to_owned())
    } else if line.starts_with("GET /latest/meta-data/iam/security-credentials/ HTTP")
        && request.contains("imds-token")
    {
        (200, "machine-role".to_owned())
    } else if line.starts_with("GET /latest/meta-data/iam/security-credentials/machine-role")
        && request.contains("imds-token")
    {
        (200, json("INSTANCE"))
    } else {
        (404, "not here".to_owned())
    }
}

fn aws() -> OddServer {
    OddServer::start(|mut stream| {
        let request = read_request(&mut stream);
        let (status, body) = response(&String::from_utf8_lossy(&request));
        let kind = if body.starts_with('<') {
            "text/xml"
        } else {
            "application/json"
        };
        let more = "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\nConnection: close\r\n";
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: \
             {length}\r\n{more}\r\n{body}"
        );
        request
    })
}

const CONFIG: &str = "\
[profile keys]
aws_access_key_id = STATIC
aws_secret_access_key = s3cr3t-STATIC

[profile role]
role_arn = arn:aws:iam::123456789012:role/plain
source_profile = keys

[profile role-of-environment]
role_arn = arn:aws:iam::123456789012:role/plain
credential_source = Ec2InstanceMetadata

[profile refused]
role_arn = arn:aws:iam::123456789012:role/refused
source_profile = keys

[profile code]
role_arn = arn:aws:iam::123456789012:role/with-code
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me
external_id = 4711
duration_seconds = 900
role_session_name = at-night

[profile outer]
role_arn = arn:aws:iam::123456789012:role/outer
source_profile = code

[profile circle]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = circle-2
mfa_serial = arn:aws:iam::123456789012:mfa/me

[profile circle-2]
role_arn = arn:aws:iam::123456789012:role/b
source_profile = circle

[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = reader

[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.awsapps.com/start

[profile login]
login_session = arn:aws:iam::123456789012:user/me

[profile process]
credential_process = PROCESS

[profile process-fails]
credential_process = FAILS

[profile web]
role_arn = arn:aws:iam::123456789012:role/web
web_identity_token_file = TOKENFILE

[profile ibm]
ibm_api_key_id = x
";

struct Home {
    dir: tempfile::TempDir,
    aws: OddServer,
}

impl Home {
    fn new() -> Home {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for folder in [".aws/sso/cache", ".aws/login/cache"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        let script = |name: &str, text: &str| {
            fs::write(path(name), format!("#!/bin/sh\n{text}\n")).unwrap();
            fs::set_permissions(path(name), fs::Permissions::from_mode(0o755)).unwrap();
        };
        script(
            "process.sh",
            &format!(
                "echo \
                 '{{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"s3cr3t-PROCESS\",\"SessionToken\":\"{TOKEN}\",\"Expiration\":\"{FAR}\"}}'"
            ),
        );
        script(
            "fails.sh",
            "echo 's3cr3t-of-the-vault' ; echo 'the vault is locked' >&2 ; exit 3",
        );
        fs::write(path("token"), "the-token").unwrap();
        let shown = |name: &str| path(name).to_str().unwrap().to_owned();
        let config = CONFIG
            .replace("PROCESS", &shown("process.sh"))
            .replace("FAILS", &shown("fails.sh"));
        fs::write(
            path(".aws/config"),
            config.replace("TOKENFILE", &shown("token")),
        )
        .unwrap();
        let sso = r#"{"accessToken":"the-sso-token","expiresAt":"2099-01-01T00:00:00Z","region":"us-east-1","startUrl":"https://corp.awsapps.com/start"}"#;
        fs::write(
            path(&format!(
                ".aws/sso/cache/{}.json",
                hex::encode(Sha1::digest("corp"))
            )),
            sso,
        )
        .unwrap();
        let keys = format!(
            r#""accessKeyId":"LOGIN","secretAccessKey":"s3cr3t-LOGIN","sessionToken":"{TOKEN}","accountId":"123456789012","expiresAt":"{FAR}""#
        );
        let login = format!(
            r#"{{"accessToken":{{{keys}}},"tokenType":"aws_sigv4","refreshToken":"r","idToken":"i","clientId":"arn:aws:signin:::devtools/same-device","dpopKey":"-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n"}}"#
        );
        let name = hex::encode(Sha256::digest("arn:aws:iam::123456789012:user/me"));
        fs::write(path(&format!(".aws/login/cache/{name}.json")), login).unwrap();
        Home { dir, aws: aws() }
    }

    fn command(&self, variables: &[(&str, &str)], args: &[&str]) -> Command {
        let url = self.aws.http();
        let mut command = program();
        command
            .env("HOME", self.dir.path())
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_ENDPOINT_URL_STS", &url);
        command
            .env("AWS_ENDPOINT_URL_SSO", &url)
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url);
        command
            .envs(variables.iter().copied())
            .args(args)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, variables: &[(&str, &str)], args: &[&str]) -> Output {
        self.command(variables, args).output().unwrap()
    }

    /// Makes a URL and checks that it is signed with the credentials of this name and their token,
    /// and expires with them.
    fn signs_with(&self, id: &str, variables: &[(&str, &str)], args: &[&str]) {
        let all = [
            &["get", "my-bucket/k", "--region", "us-east-1", "--json"],
            args,
        ]
        .concat();
        let output = self.run(variables, &all);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{args:?}: {err}");
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["access_key_id"], id, "{args:?}");
        let url = UrlParts::parse(report["url"].as_str().unwrap()).unwrap();
        let text = |name: &str| String::from_utf8(url.value(name).unwrap()).unwrap();
        assert_eq!(text("X-Amz-Security-Token"), TOKEN);
        let signed_at =
            chrono::NaiveDateTime::parse_from_str(&text("X-Amz-Date"), "%Y%m%dT%H%M%SZ")
                .unwrap()
                .and_utc();
        let keys = Credentials::new(id, format!("s3cr3t-{id}")).with_session_token(TOKEN);
        let presigner =
            Presigner::s3(&keys, "us-east-1", SigningTime::new(signed_at).unwrap()).unwrap();
        let request: Request = url.request("GET");
        assert_eq!(
            presigner.presign(&request).unwrap().signature.to_string(),
            text("X-Amz-Signature"),
            "{args:?}"
        );
        // A URL that would outlive its credentials causes a warning.
        let long = [
            &[
                "get",
                "my-bucket/k",
                "--region",
                "us-east-1",
                "--at",
                "2099-01-31T11:30:00Z",
            ],
            args,
        ]
        .concat();
        let told = self.run(variables, &long);
        assert!(
            String::from_utf8_lossy(&told.stderr).contains("2099-01-31T12:00:00Z"),
            "{args:?}: {told:?}"
        );
    }

    fn is_refused(&self, variables: &[(&str, &str)], args: &[&str]) -> String {
        let all = [&["get", "my-bucket/k", "--region", "us-east-1"], args].concat();
        let output = self.run(variables, &all);
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(3), 0),
            "{output:?}"
        );
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn every_kind_of_profile_signs() {
    let home = Home::new();
    for (profile, id) in [
        ("role", "ROLE"),
        ("role-of-environment", "ROLE"),
        ("sso", "SSO"),
        ("login", "LOGIN"),
        ("process", "PROCESS"),
        ("web", "WEBIDENTITY"),
    ] {
        home.signs_with(id, &[], &["--profile", profile]);
    }
    home.signs_with("ROLE", &[("AWS_PROFILE", "role")], &[]);
    home.signs_with(
        "ROLE",
        &[("AWS_PROFILE", "role")],
        &["--credentials-from", "aws"],
    );
}

#[test]
fn container_and_instance_metadata_sign() {
    let home = Home::new();
    let token_file = home.dir.path().join("token").to_str().unwrap().to_owned();
    let role = "arn:aws:iam::123456789012:role/web";
    home.signs_with(
        "WEBIDENTITY",
        &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", &token_file),
            ("AWS_ROLE_ARN", role),
        ],
        &[],
    );
    // As botocore, before the keys of the profile and behind its role; an option that names a profile
    // goes before both.
    let with_profile = |profile| {
        [
            ("AWS_WEB_IDENTITY_TOKEN_FILE", token_file.as_str()),
            ("AWS_ROLE_ARN", role),
            ("AWS_PROFILE", profile),
        ]
    };
    home.signs_with("WEBIDENTITY", &with_profile("keys"), &[]);
    home.signs_with("ROLE", &with_profile("role"), &[]);
    home.signs_with("PROCESS", &with_profile("keys"), &["--profile", "process"]);
    let url = format!("{}/container", home.aws.http());
    let container = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "the-container-token"),
    ];
    home.signs_with("CONTAINER", &container, &[]);
    home.signs_with("INSTANCE", &[], &[]);
    home.signs_with("INSTANCE", &[], &["--credentials-from", "aws"]);
    let without = home.is_refused(&[("AWS_EC2_METADATA_DISABLED", "true")], &[]);
    assert!(
        without.starts_with("error: no credentials found"),
        "{without}"
    );
}

/// No provider is requested if keys are available, for IBM's store, or by an offline verb.
#[test]
fn no_provider_is_requested_when_keys_are_available() {
    let home = Home::new();
    let keys = [
        ("AWS_ACCESS_KEY_ID", "OWN"),
        ("AWS_SECRET_ACCESS_KEY", "own"),
        ("AWS_PROFILE", "role"),
    ];
    assert!(
        home.run(&keys, &["get", "b-1/k", "--region", "us-east-1"])
            .status
            .success()
    );
    assert!(
        home.run(
            &[],
            &["get", "b-1/k", "--region", "us-east-1", "--profile", "keys"]
        )
        .status
        .success()
    );
    let ibm = home.run(&[], &["get", "b-1/k", "--region", "us-south"]);
    assert!(
        String::from_utf8_lossy(&ibm.stderr).contains("no credentials found"),
        "{ibm:?}"
    );
    let link = home
        .run(&keys, &["get", "b-1/k", "--region", "us-east-1"])
        .stdout;
    let link = String::from_utf8(link).unwrap();
    let diagnosed = home.run(&[("AWS_PROFILE", "sso")], &["diagnose", link.trim()]);
    assert!(
        String::from_utf8_lossy(&diagnosed.stderr).contains("not followed here"),
        "{diagnosed:?}"
    );
    let ours = home.is_refused(&[], &["--profile", "ibm"]);
    assert!(ours.contains("an API key cannot presign"), "{ours}");
    assert!(!home.aws.was_called());
}

#[test]
fn provider_failures_are_reported_with_a_hint() {
    let home = Home::new();
    let refused = home.is_refused(&[], &["--profile", "refused"]);
    assert!(
        refused.contains("`refused`")
            && refused.contains("is not authorized to perform: sts:AssumeRole"),
        "{refused}"
    );
    assert!(
        refused.contains("hint: ") && refused.lines().count() == 2,
        "{refused}"
    );
    let fails = home.is_refused(&[], &["--profile", "process-fails"]);
    assert!(
        fails.contains("`process-fails`") && !fails.contains("s3cr3t"),
        "{fails}"
    );
    let code = home.is_refused(&[], &["--profile", "circle"]);
    assert!(code.contains("form a circle"), "{code}");
    fs::remove_dir_all(home.dir.path().join(".aws/sso")).unwrap();
    let sso = home.is_refused(&[], &["--profile", "sso"]);
    assert!(sso.contains("aws sso login --profile sso"), "{sso}");
    // Without a terminal there can be no prompt for a code.
    let mut command = home.command(
        &[],
        &[
            "get",
            "my-bucket/k",
            "--region",
            "us-east-1",
            "--profile",
            "code",
        ],
    );
    let output = without_terminal(&mut command);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("there is no terminal to prompt on")
            && said.contains("export-credentials --profile code"),
        "{said}"
    );
}

#[test]
fn config_file_with_a_secret_is_refused_if_others_can_read_it() {
    let home = Home::new();
    let file = home.dir.path().join("config.toml");
    let text = "[target.own]\nregion = \"us-east-1\"\nbucket = \"b-1\"\naccess_key_id = \
        \"OWN\"\nsecret_access_key = \"s3cr3t-OWN\"\n";
    fs::write(&file, format!("{text}session_token = \"t0k3n-OWN\"\n")).unwrap();
    let variables = [("COS_PRESIGN_CONFIG", file.to_str().unwrap())];
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let output = home.run(&variables, &["get", "@own/k"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(3), 0),
            "{said}"
        );
        assert!(
            said.contains(&format!("mode {mode:04o}"))
                && said.contains("hint: close it: `chmod 600 "),
            "{said}"
        );
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    for args in [
        &["get", "@own/k", "-v"][..],
        &["config", "@own"],
        &["config", "@own", "--json"],
        &["config"],
    ] {
        let output = home.run(&variables, args);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{said}");
        assert!(!said.contains("s3cr3t-OWN"), "{said}");
        assert!(!said.contains("t0k3n-OWN") || args[0] == "get", "{said}");
    }
}

/// The prompt for a code appears on the terminal, here a pseudoterminal of Python.
#[test]
fn mfa_code_is_prompted_for_on_a_terminal() {
    let home = Home::new();
    for (profile, code, id) in [
        ("code", "123456", "ROLEWITHCODE"),
        ("outer", "123456", "OUTERAFTERCODE"),
    ] {
        let (status, screen) = on_terminal(&home, profile, code);
        assert_eq!(status, Some(0), "{screen}");
        assert!(
            screen.contains("code of arn:aws:iam::123456789012:mfa/me for the profile code: "),
            "{screen}"
        );
        assert!(
            screen.contains(&format!("\"access_key_id\":\"{id}\"")),
            "{screen}"
        );
    }
    let asked = home.aws.requests().join("\n");
    for part in [
        "ExternalId=4711",
        "DurationSeconds=900",
        "RoleSessionName=at-night",
        "SerialNumber=arn%3Aaws%3Aiam",
    ] {
        assert!(asked.contains(part), "{part}");
    }
    assert!(
        asked.contains("Credential=STATIC/") && asked.contains("/us-east-1/sts/aws4_request"),
        "{asked}"
    );
    let (status, screen) = on_terminal(&home, "code", "000000");
    assert_eq!(status, Some(3));
    assert!(
        screen.contains("MultiFactorAuthentication failed") && screen.contains("hint"),
        "{screen}"
    );
    let (status, screen) = on_terminal(&home, "code", "12345");
    assert_eq!(status, Some(3));
    assert!(screen.contains("a code has six digits"), "{screen}");
}

/// As every other request of the program.
#[test]
fn sts_is_requested_again_after_a_transient_error() {
    use cos_presign::http::{AssumeRole, Client, Retries, Settings, StsError, assume_role};
    use cos_presign::sigv4::{Credentials, SigningTime};
    for (first, requests) in [
        ("503 Service Unavailable", 2),
        ("429 Too Many Requests", 2),
        ("403 Forbidden", 1),
    ] {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let server = OddServer::start(move |mut stream| {
            let request = read_request(&mut stream);
            let (status, body) = match counted.fetch_add(1, Ordering::SeqCst) {
                0 => (first, "<ErrorResponse/>".to_owned()),
                _ => ("200 OK", response(&String::from_utf8_lossy(&request)).1),
            };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            request
        });
        let received = assume_role(
            &Client::new(&Settings::default()).unwrap(),
            &AssumeRole {
                action: "AssumeRole",
                credentials: Some(&Credentials::new("STATIC", "s3cr3t-STATIC")),
                endpoint: &server.http(),
                region: "us-east-1",
                retries: Retries::without_delays(),
                signed_at: SigningTime::new(chrono::Utc::now()).unwrap(),
                parameters: vec![("TokenCode", "123456".to_owned())],
            },
        );
        match received {
            Ok(credentials) => assert_eq!(credentials.access_key_id(), "ROLEWITHCODE"),
            Err(StsError::Refused(message)) => assert_eq!((message.as_str(), requests), (first, 1)),
            Err(error) => panic!("{first}: {error}"),
        }
        assert_eq!(count.load(Ordering::SeqCst), requests, "{first}");
    }
}

/// In a new session, which has no terminal.
fn without_terminal(command: &mut Command) -> Output {
    let mut own = Command::new("setsid");
    own.arg("--wait")
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    own.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    )
    .stdin(Stdio::null());
    own.output().unwrap()
}

fn on_terminal(home: &Home, profile: &str, code: &str) -> (Option<i32>, String) {
    let program = "\
import os, pty, sys
code, argv = sys.argv[1], sys.argv[2:]
pid, screen = pty.fork()
if pid == 0:
    os.execv(argv[0], argv)
seen = b''
asked = False
while True:
    try:
        part = os.read(screen, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    if not asked and seen.rstrip().endswith(b':'):
        asked = True
        os.write(screen, code.encode() + b'\\n')
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";
    let ours = home.command(
        &[],
        &[
            "get",
            "my-bucket/k",
            "--region",
            "us-east-1",
            "--json",
            "--profile",
            profile,
        ],
    );
    let mut python = Command::new("python3");
    python
        .args(["-c", program, code])
        .arg(Path::new(ours.get_program()))
        .args(ours.get_args())
        .env_clear();
    python
        .envs(
            ours.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null());
    let output = python.output().unwrap();
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr),
    )
}
