//! An encrypted config of rclone: only rclone can read it, so it is run, as `rclone config dump`.
//!
//! rclone takes the password from `RCLONE_CONFIG_PASS` or from the program of
//! `RCLONE_PASSWORD_COMMAND`, its option `--password-command`. Without one of them it is not run,
//! since it would prompt.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use crate::env::Env;
use crate::error::Failure;
use crate::text::CommandLine;

use super::goconfig::Sections;

/// Where rclone finds the password.
const PASSWORDS: [&str; 2] = ["RCLONE_CONFIG_PASS", "RCLONE_PASSWORD_COMMAND"];

/// The sections of an encrypted file.
///
/// # Errors
/// No password, no rclone, or what rclone reports.
pub(super) fn decrypted(env: &Env, path: &Path) -> Result<Sections, Failure> {
    let shown = path.display();
    let has_password = PASSWORDS.iter().any(|name| env.variable(name).is_some());
    if !has_password || !env.is_of_process() {
        return Err(Failure::configuration(format!(
            "`{shown}` is encrypted, and no password is given"
        ))
        .hint(
            "set `RCLONE_CONFIG_PASS`, or `RCLONE_PASSWORD_COMMAND` to a program that prints it",
        ));
    }
    let output = Command::new("rclone")
        .args(["config", "dump", "--ask-password=false", "--config"])
        .arg(path)
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::configuration(format!(
            "`{shown}` is encrypted, and rclone, which has to decrypt it, is not installed"
        ))
        .hint(format!(
            "install rclone, or write a plain file where it is installed: `{}`",
            CommandLine::new("rclone config show").fixed("REMOTE > rclone.conf")
        )),
        _ => Failure::configuration(format!(
            "`{shown}` is encrypted, and rclone cannot be started: {error}"
        ))
        .hint("check that `rclone version` works"),
    })?;
    let stdout = Zeroizing::new(output.stdout);
    let refused = |what: &str| {
        Failure::configuration(format!("`{shown}` is encrypted, and rclone {what}"))
            .hint("check the password: `rclone config show` has to work")
    };
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().map(str::trim).rfind(|line| !line.is_empty());
        return Err(refused(&format!(
            "cannot decrypt it: {}",
            last.unwrap_or("no reason given")
        )));
    }
    read(&stdout).ok_or_else(|| refused("printed something else than its remotes"))
}

/// Remotes as JSON: `{"NAME": {"OPTION": "VALUE"}}`.
fn read(json: &[u8]) -> Option<Sections> {
    let remotes: BTreeMap<String, BTreeMap<String, Zeroizing<String>>> =
        serde_json::from_slice(json).ok()?;
    Some(Sections::new(remotes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_are_read_from_the_dump() {
        let sections = read(br#"{"a b": {"type": "s3", "secret_access_key": "x=y"}, "c": {}}"#);
        let sections = sections.expect("JSON");
        let secret = sections.get("a b", "secret_access_key");
        assert_eq!(secret.as_ref().map(|text| text.as_str()), Some("x=y"));
        assert_eq!(sections.names().collect::<Vec<_>>(), ["a b", "c"]);
        assert!(read(b"Enter configuration password:").is_none());
    }
}
