//! Raw bytes in keys, shells that read the output, and streams that are closed or full.
#![cfg(unix)]

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{EXAMPLE_KEYS, program, text};

#[cfg(unix)]
#[test]
fn keys_are_signed_as_bytes() {
    use std::os::unix::ffi::OsStringExt;
    let key = OsString::from_vec(b"my-bucket/\xff\n%2F+ /../.".to_vec());
    let output = program()
        .envs(EXAMPLE_KEYS)
        .args(["get", "--region", "us-south", "--at", "2013-05-24"])
        .arg(key)
        .output()
        .unwrap();
    let warnings = "warning: the key has a `.` or `..` segment: browsers and most clients remove \
        it from the URL, and the link fails; use `curl --path-as-is`\nwarning: the key has control \
        characters in it, such as a line break\nwarning: the key is not UTF-8, which S3 requires\n";
    assert_eq!(text(&output.stderr), warnings);
    assert!(output.status.success());
    let url = text(&output.stdout);
    assert!(
        url.starts_with("https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/%FF%0A%252F%2B%20/../.?"),
        "{url}"
    );
}

/// A shell parses the printed command; it must send the signed bytes.
#[cfg(unix)]
#[test]
fn printed_commands_are_safe_to_paste() {
    use std::os::unix::ffi::OsStringExt;
    let keys: [&[u8]; 12] = [
        b"a b",
        b"it's",
        b"\"dq\"",
        b"$(touch pwned)`touch pwned`",
        b"a;b&c|d<e>f",
        b"a\nb\tc",
        b"\xff\xfe",
        "é😀".as_bytes(),
        b"[a]{b,c}*?~",
        b"a\\b\\",
        b"!x!#y",
        b"-o",
    ];
    for key in keys {
        for form in ["curl", "wget"] {
            let raw = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
            let header = raw(&[
                b"X-Foo: ",
                &key.iter()
                    .filter(|b| **b >= b' ')
                    .copied()
                    .collect::<Vec<u8>>()[..],
            ]
            .concat());
            let upload = raw(&[b"--upload-file=", key].concat());
            let args = |form: &str| {
                let words = [
                    "put",
                    "--region",
                    "us-south",
                    "--at",
                    "2013-05-24",
                    "--quiet",
                    "--bucket",
                    "my-bucket",
                ];
                let mut args: Vec<OsString> = words.iter().map(OsString::from).collect();
                args.extend([
                    raw(&[b"--key=", key].concat()),
                    "--output".into(),
                    form.into(),
                    "--header".into(),
                    header.clone(),
                ]);
                args
            };
            let link = program()
                .envs(EXAMPLE_KEYS)
                .args(args("url"))
                .output()
                .unwrap();
            let command = program()
                .envs(EXAMPLE_KEYS)
                .args(args(form))
                .arg(&upload)
                .output()
                .unwrap();
            assert!(
                link.status.success() && command.status.success(),
                "{}",
                text(&command.stderr)
            );
            let script = format!("{form}() {{ printf '%s\\0' \"$@\"; }}\n").into_bytes();
            let words = shell(&[&script[..], &command.stdout].concat());
            let words: Vec<&[u8]> = words.split(|b| *b == 0).collect();
            let has = |word: &[u8]| words.contains(&word);
            let header = header.into_vec();
            assert!(
                has(link.stdout.trim_ascii_end()),
                "{form} has not the link for {key:?}"
            );
            match form {
                "curl" => assert!(has(&header) && has(key), "{form} {key:?}"),
                _ => {
                    assert!(
                        has(&[b"--header=", &header[..]].concat())
                            && has(&[b"--body-file=", key].concat()),
                        "{form} {key:?}"
                    )
                }
            }
        }
    }
    assert!(!Path::new("pwned").exists());
}

/// `… | head -1`: a closed pipe is not an error.
#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_a_list_of_urls_quietly() {
    let many = std::iter::repeat_n("my-bucket/k", 2000);
    let mut child = program()
        .envs(EXAMPLE_KEYS)
        .args(["get", "--region", "us-south"])
        .args(many)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // More output than a pipe holds, so the program is still writing when its reader exits.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(line.starts_with("https://"), "{line}");
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(0), "")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_reported() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = program()
        .envs(EXAMPLE_KEYS)
        .args(["get", "my-bucket/k", "--region", "us-south"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    let stderr = text(&output.stderr);
    assert!(
        stderr.starts_with("error: cannot write to standard output: "),
        "{stderr}"
    );
}

/// A note that cannot be written must not prevent the URL.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_error_loses_no_url() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let args = [
        "get",
        "my-bucket/k",
        "--region",
        "us-south",
        "--expires",
        "8d",
        "-v",
    ];
    let output = program()
        .envs(EXAMPLE_KEYS)
        .args(args)
        .stderr(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text(&output.stdout).starts_with("https://s3.us-south."),
        "{}",
        text(&output.stdout)
    );
}

/// Containers and services often have an invalid home directory.
#[cfg(unix)]
#[test]
fn a_home_that_is_not_a_directory_is_ignored() {
    let args = ["get", "my-bucket/k", "--region", "us-south"];
    let output = program()
        .envs(EXAMPLE_KEYS)
        .env("HOME", "/dev/null")
        .args(args)
        .output()
        .unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(0), "")
    );
}

#[cfg(unix)]
fn shell(script: &[u8]) -> Vec<u8> {
    let mut child = Command::new("sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(script).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}
