//! `credential_process`: the program of a profile that prints credentials.
//!
//! It is run through the shell, as by the AWS SDKs, so `~` and `$VARIABLE` are expanded; the AWS
//! CLI runs it without one. Its output is JSON with `Version` 1. An empty `SessionToken` counts as
//! missing.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::Failure;
use crate::resolve::expiration;
use crate::sigv4::{Credentials, SigningTime};

/// A process may prompt the user first.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Interval at which the process is polled for its end.
const INTERVAL: Duration = Duration::from_millis(5);

/// Maximum size of the output.
const LIMIT: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    version: serde_json::Value,
    access_key_id: Option<String>,
    secret_access_key: Option<Zeroizing<String>>,
    session_token: Option<Zeroizing<String>>,
    expiration: Option<String>,
}

/// Runs a process and reads its credentials.
///
/// # Errors
/// A process that fails, takes too long or prints anything else. The message contains its standard
/// error, but not its output, which may be a secret.
pub fn run(profile: &str, command: &str) -> Result<Credentials, Failure> {
    let failure = |why: String| {
        Failure::configuration(format!(
            "`credential_process` of the profile `{profile}` failed: {why}"
        ))
        .hint("run that program by hand; it must print only JSON with `Version` 1")
    };
    // A value of several lines is one command.
    let command = command.replace('\n', " ");
    let (status, stdout, stderr) = output_of(&command).map_err(failure)?;
    let said = String::from_utf8_lossy(&stderr);
    let said = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    let said = said
        .map(|line| format!("; its error: {line}"))
        .unwrap_or_default();
    if !status.success() {
        return Err(failure(format!("it ended with {status}{said}")));
    }
    let found: Output = serde_json::from_slice(&stdout).map_err(|error| {
        let starts_as_json = stdout.trim_ascii_start().starts_with(b"{");
        failure(match (stdout.trim_ascii().is_empty(), starts_as_json) {
            (true, _) => format!("it printed nothing{said}"),
            (false, true) => format!(
                "its output is not valid JSON from line {}, column {} on{said}",
                error.line(),
                error.column()
            ),
            (false, false) => format!("it printed something before the JSON{said}"),
        })
    })?;
    if found.version != 1 {
        return Err(failure(format!(
            "its `Version` is {}, not 1",
            found.version
        )));
    }
    let missing = |name: &str| failure(format!("its output has no `{name}`"));
    let id = found.access_key_id.ok_or_else(|| missing("AccessKeyId"))?;
    let secret = found
        .secret_access_key
        .ok_or_else(|| missing("SecretAccessKey"))?;
    let source = format!("`credential_process` of the profile `{profile}`");
    crate::resolve::check_key(&source, id.as_bytes(), "access key ID")?;
    crate::resolve::check_key(&source, secret.as_bytes(), "secret access key")?;
    let mut credentials = Credentials::new(id, secret.as_str());
    if let Some(token) = found.session_token.filter(|token| !token.is_empty()) {
        crate::resolve::check_key(&source, token.as_bytes(), "session token")?;
        credentials = credentials.with_session_token(token.as_str());
    }
    let Some(text) = found.expiration else {
        return Ok(credentials);
    };
    let end = expiration(&text)
        .and_then(|end| SigningTime::new(end).ok())
        .ok_or_else(|| {
            failure(format!(
                "its `Expiration` `{}` is not an RFC 3339 time",
                text.escape_debug()
            ))
        })?;
    Ok(credentials.ending_at(end))
}

type Streams = (ExitStatus, Zeroizing<Vec<u8>>, Vec<u8>);

fn output_of(command: &str) -> Result<Streams, String> {
    let (shell, option) = match cfg!(windows) {
        true => ("cmd.exe", "/C"),
        false => ("sh", "-c"),
    };
    let mut child = Command::new(shell)
        .args([option, command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{shell}`: {error}"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let out = scope.spawn(|| read(stdout));
        let err = scope.spawn(|| read(stderr));
        let status = wait(&mut child)?;
        let stdout = out.join().unwrap_or_default();
        Ok((
            status,
            Zeroizing::new(stdout),
            err.join().unwrap_or_default(),
        ))
    })
}

fn read(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 << 10);
    if let Some(stream) = stream {
        // What was read so far is parsed.
        let _ = stream.take(LIMIT).read_to_end(&mut bytes);
    }
    bytes
}

fn wait(child: &mut Child) -> Result<ExitStatus, String> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if started.elapsed() < TIMEOUT => std::thread::sleep(INTERVAL),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it did not end within {} s", TIMEOUT.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}
