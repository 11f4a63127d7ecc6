//! Packaging: the GitHub Action, and the names of release archives.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::http_client::send;
use support::s3_server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cos-presign");

const BUCKET: &str = "builds";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A step of a job: the script of the Action, with its inputs as set by GitHub.
struct Step {
    dir: tempfile::TempDir,
    store: Server,
}

impl Step {
    fn new() -> Step {
        Step {
            dir: tempfile::tempdir().unwrap(),
            store: Server::start(),
        }
    }

    fn run(&self, inputs: &[(&str, &str)]) -> Output {
        let programs = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
        Command::new("bash")
            .arg(root().join(".github/actions/presign/presign.sh"))
            .current_dir(self.dir.path())
            .env_clear()
            .env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin"))
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
            .env("GITHUB_OUTPUT", self.outputs())
            .envs([
                ("PRESIGN_VERB", "get"),
                ("PRESIGN_EXPIRES", "1h"),
                ("PRESIGN_REGION", "us-south"),
                ("PRESIGN_MASK", "true"),
            ])
            .env("PRESIGN_ENDPOINT", self.store.path_endpoint())
            .envs(inputs.iter().copied())
            .output()
            .unwrap()
    }

    fn create_bucket(&self) {
        let made = Command::new(PROGRAM)
            .env_clear()
            .envs([
                ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
                ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
            ])
            .args([
                "request",
                "PUT",
                BUCKET,
                "--region",
                "us-south",
                "--endpoint",
                &self.store.path_endpoint(),
            ])
            .output()
            .unwrap();
        assert_eq!(
            send("PUT", text(&made.stdout).trim_end(), &[], b"").status,
            200,
            "{}",
            text(&made.stderr)
        );
    }

    fn outputs(&self) -> PathBuf {
        self.dir.path().join("outputs")
    }

    fn output(&self, name: &str) -> String {
        let text = fs::read_to_string(self.outputs()).unwrap();
        let prefix = format!("{name}=");
        text.lines()
            .find_map(|line| line.strip_prefix(&prefix))
            .unwrap_or_else(|| panic!("no output {name} in {text}"))
            .to_owned()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn action_uploads_a_file_and_outputs_its_url() {
    let step = Step::new();
    step.create_bucket();
    fs::write(step.dir.path().join("app.bin"), b"built").unwrap();
    let target = "builds/main/a \"url\":\"x\" b.bin";
    let ran = step.run(&[
        ("PRESIGN_TARGET", target),
        ("PRESIGN_FILE", "app.bin"),
        ("PRESIGN_ARGUMENTS", "--download-as\nApp 1.bin\n"),
    ]);
    assert!(
        ran.status.success(),
        "{}{}",
        text(&ran.stdout),
        text(&ran.stderr)
    );
    let url = step.output("url");
    let log = text(&ran.stdout);
    assert!(
        log.lines().any(|line| line == format!("::add-mask::{url}")),
        "{log}"
    );
    let rest = log.replace(&format!("::add-mask::{url}"), "");
    assert!(
        !rest.contains("X-Amz-Signature") && !text(&ran.stderr).contains("X-Amz-Signature"),
        "{log}{}",
        text(&ran.stderr)
    );
    let response = send("GET", &url, &[], b"");
    assert_eq!(
        (response.status, response.body.as_slice()),
        (200, &b"built"[..]),
        "{url}\n{}",
        response.text()
    );
    assert!(url.contains("response-content-disposition="), "{url}");
    let end = step.output("expires-at");
    assert!(
        log.contains(&format!("The link works until {end}.")),
        "{log}"
    );
}

#[test]
fn action_masks_only_secrets() {
    let step = Step::new();
    let ran = step.run(&[
        ("PRESIGN_TARGET", "builds/k"),
        ("PRESIGN_MASK", "false"),
        ("PRESIGN_VERB", "put"),
    ]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    assert!(
        !text(&ran.stdout).contains("add-mask"),
        "{}",
        text(&ran.stdout)
    );
    assert!(step.output("url").contains("X-Amz-Signature="));
}

#[test]
fn action_reports_errors_and_outputs_nothing() {
    for (inputs, said) in [
        (
            &[("PRESIGN_TARGET", "builds/k"), ("PRESIGN_VERB", "list")][..],
            "the input `verb` is `list`",
        ),
        (
            &[("PRESIGN_TARGET", "builds/k"), ("PRESIGN_MASK", "yes")],
            "the input `mask` is `yes`",
        ),
        (
            &[("PRESIGN_TARGET", "builds/k"), ("PRESIGN_FILE", "gone.bin")],
            "`gone.bin`, and there is no such file",
        ),
        (
            &[
                ("PRESIGN_TARGET", "builds/k"),
                ("PRESIGN_PROGRAM", "no-such-program"),
            ],
            "not on the PATH",
        ),
        (
            &[("PRESIGN_TARGET", "builds/k"), ("PRESIGN_EXPIRES", "soon")],
            "`soon`",
        ),
        (
            &[
                ("PRESIGN_TARGET", "builds/k"),
                ("PRESIGN_ARGUMENTS", "--no-such-option"),
            ],
            "--no-such-option",
        ),
    ] {
        let step = Step::new();
        let ran = step.run(inputs);
        let log = text(&ran.stdout) + &text(&ran.stderr);
        assert!(
            !ran.status.success() && log.contains(said),
            "{inputs:?}: {log}"
        );
        assert!(!step.outputs().exists(), "{inputs:?}");
    }
}

/// Every input that the Action declares is used by the script, and vice versa.
#[test]
fn action_inputs_match_its_variables() {
    let action = fs::read_to_string(root().join(".github/actions/presign/action.yml")).unwrap();
    let inputs = action
        .split("\ninputs:\n")
        .nth(1)
        .unwrap()
        .split("\noutputs:")
        .next()
        .unwrap();
    let names: Vec<&str> = inputs
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.trim().trim_end_matches(':'))
        .collect();
    assert_eq!(names.len(), 9, "{names:?}");
    let scripts = ["presign.sh", "install.sh"]
        .map(|file| fs::read_to_string(root().join(".github/actions/presign").join(file)).unwrap());
    for name in names {
        let variable = format!("PRESIGN_{}", name.to_uppercase());
        assert!(
            action.contains(&format!("{variable}: ${{{{ inputs.{name} }}}}")),
            "{name}"
        );
        assert!(
            scripts.iter().any(|script| script.contains(&variable)),
            "{name}"
        );
    }
}

/// `cargo binstall` and the Action use the archive names of the release workflow.
#[test]
fn release_archives_match_the_names_in_the_manifest() {
    let workflow = fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
    assert!(workflow.contains(r#"name="cos-presign-${GITHUB_REF_NAME#v}-$TARGET""#));
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(
        manifest.contains(r#"/v{ version }/{ name }-{ version }-{ target }{ archive-suffix }""#)
    );
    assert!(
        manifest.contains(r#"bin-dir = "{ name }-{ version }-{ target }/{ bin }{ binary-ext }""#)
    );
    let install = fs::read_to_string(root().join(".github/actions/presign/install.sh")).unwrap();
    assert!(install.contains("name=cos-presign-$version-$target"));
    for target in install
        .split("target=")
        .skip(1)
        .filter_map(|rest| rest.split(' ').next())
        .filter(|target| target.contains('-'))
    {
        assert!(
            workflow.contains(&format!("target: {target},")),
            "{target} is not built"
        );
    }
}

/// The commands of a recipe, without the leading `@`.
fn recipe(justfile: &str, name: &str) -> Vec<String> {
    let is_head = |line: &&str| {
        let head = line.split(':').next().unwrap_or_default();
        !line.starts_with([' ', '#']) && head.split(' ').next() == Some(name)
    };
    let start = justfile.lines().position(|line| is_head(&line));
    justfile
        .lines()
        .skip(start.unwrap_or_else(|| panic!("no recipe {name}")) + 1)
        .map_while(|line| line.strip_prefix("    "))
        .map(|line| line.trim_start_matches('@').to_owned())
        .collect()
}

#[test]
fn ci_runs_the_commands_of_the_justfile() {
    let justfile = fs::read_to_string(root().join("justfile")).unwrap();
    let script = fs::read_to_string(root().join(".ci/run")).unwrap();
    for name in ["lint", "doc", "interop", "browser", "test-ci"] {
        let commands = recipe(&justfile, name);
        assert!(!commands.is_empty(), "{name} has no commands");
        for command in commands {
            assert!(
                script.lines().any(|line| line == command),
                "{name}: .ci/run does not run `{command}`"
            );
        }
    }
    // The options differ: not every store is available everywhere.
    for command in recipe(&justfile, "matrix") {
        let path = command.split(' ').nth(1).unwrap();
        assert!(script.contains(path), "matrix: .ci/run does not run {path}");
    }
    for name in ["build", "test", "test-all", "golden", "fuzz", "bench"] {
        assert!(!recipe(&justfile, name).is_empty(), "{name}");
    }
}
