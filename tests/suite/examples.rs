//! The programs of `examples/`, run as their comments say, with an independent S3 server. Those of
//! `examples/library` and `examples/spark` have tests of their own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::s3_server::Server;

use crate::run::{SERVER_KEYS, directory, output_of};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cos-presign");

struct Stage {
    server: Server,
    directory: PathBuf,
}

impl Stage {
    fn new(name: &str) -> Stage {
        let server = Server::start();
        server.put("bucket", "other", b"");
        Stage {
            server,
            directory: directory("examples", name),
        }
    }

    /// Runs a program in the directory of the test and returns its standard output.
    fn run(&self, program: &Path, args: &[&str], stdin: &[u8]) -> String {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(&self.directory)
            .env_clear()
            .envs(SERVER_KEYS)
            .envs([
                ("COS_PRESIGN", PROGRAM),
                ("AWS_ENDPOINT_URL_S3", &self.server.path_endpoint()),
                ("AWS_REGION", "us-east-1"),
                ("PYTHONDONTWRITEBYTECODE", "1"),
                (
                    "PATH",
                    &format!("{}/bin:/usr/bin:/bin", self.directory.display()),
                ),
            ]);
        let output = output_of(&mut command, stdin);
        assert!(
            output.status.success(),
            "{program:?} {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

fn has(program: &str, args: &[&str]) -> bool {
    let output = Command::new(program).args(args).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn the_files_of_a_directory_are_shared_by_a_script() {
    let stage = Stage::new("share");
    fs::create_dir_all(stage.directory.join("dist/sub")).unwrap();
    fs::write(stage.directory.join("dist/a b.txt"), "a").unwrap();
    fs::write(stage.directory.join("dist/sub/c.txt"), "c").unwrap();
    let script = example("bash/share-release.sh");
    let links = stage.run(&script, &["dist", "bucket/releases/1/"], b"");
    let keys: Vec<&str> = links
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(keys, ["releases/1/a b.txt", "releases/1/sub/c.txt"]);
    assert_eq!(
        stage
            .server
            .object("bucket", "releases/1/sub/c.txt")
            .unwrap(),
        b"c"
    );
}

#[test]
fn upload_slots_accept_one_upload_each() {
    let stage = Stage::new("slots");
    let script = example("bash/upload-slots.sh");
    let slots = stage.run(&script, &["bucket/in/"], b"anna.zip\nben.zip\n");
    let (key, url) = slots.lines().next().unwrap().split_once('\t').unwrap();
    assert_eq!((key, slots.lines().count()), ("in/anna.zip", 2));
    let condition = [("if-none-match".to_owned(), "*".to_owned())];
    for (body, status) in [(&b"first"[..], 200), (b"second", 412)] {
        let response = support::http_client::send("PUT", url, &condition, body);
        assert_eq!(response.status, status, "{}", response.text());
    }
    assert_eq!(stage.server.object("bucket", key).unwrap(), b"first");
}

#[test]
fn python_uploads_and_downloads_with_the_standard_library() {
    if !has("python3", &["--version"]) {
        return;
    }
    let stage = Stage::new("python");
    let program = example("python/presign.py");
    let python = Path::new("python3");
    let printed = stage.run(python, &[program.to_str().unwrap(), "bucket/dir"], b"");
    let keys: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(keys, ["a b.txt", "c.txt"]);
    assert_eq!(
        stage.server.object("bucket", "dir/hello.txt").unwrap(),
        b"hello"
    );
}

#[test]
fn the_airflow_task_signs_every_key_and_fails_with_the_message() {
    if !has("python3", &["--version"]) {
        return;
    }
    let stage = Stage::new("airflow");
    let folder = example("airflow");
    let program = format!(
        "import sys; sys.path.insert(0, {:?})\n\
         from presign_task import presigned_urls\n\
         print(*presigned_urls('bucket', ['a b', 'c\\nd'], '7d'), sep='\\n')\n\
         try:\n    presigned_urls('bucket', ['x' * 2000])\n\
         except RuntimeError as error:\n    print(error)\n",
        folder.to_str().unwrap()
    );
    let printed = stage.run(Path::new("python3"), &["-c", &program], b"");
    let lines: Vec<&str> = printed.lines().collect();
    assert!(
        lines[0].contains("/bucket/a%20b?") && lines[1].contains("/bucket/c%0Ad?"),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("cos-presign ended with "), "{lines:?}");
}

/// DuckDB is not everywhere: `DUCKDB` names its program.
#[test]
fn duckdb_adds_the_urls_to_a_parquet_file() {
    let Some(duckdb) = std::env::var_os("DUCKDB") else {
        return;
    };
    let stage = Stage::new("duckdb");
    let bin = stage.directory.join("bin");
    fs::create_dir_all(&bin).unwrap();
    symlink(duckdb, bin.join("duckdb")).unwrap();
    let duckdb = bin.join("duckdb");
    let query = "COPY (SELECT * FROM (VALUES ('a b'), ('c,\"d')) AS t(key)) TO 'keys.parquet'";
    stage.run(&duckdb, &["-c", query], b"");
    let script = example("duckdb/links.sh");
    let args = ["keys.parquet", "links.parquet", "bucket", "--expires", "7d"];
    stage.run(&script, &args, b"");
    let query = "SELECT key, url LIKE 'http%X-Amz-Signature=%' FROM 'links.parquet' ORDER BY key";
    let rows = stage.run(&duckdb, &["-csv", "-noheader", "-c", query], b"");
    assert_eq!(rows.trim_end(), "a b,true\n\"c,\"\"d\",true");
}

/// The steps are run in order, with a package manager that installs the built program.
#[test]
fn the_steps_of_the_workflow_share_a_build() {
    let stage = Stage::new("workflow");
    let file = example("github-actions/share-build.yml");
    let parse = "import sys, yaml; yaml.safe_load(open(sys.argv[1]))['jobs']['share']['steps']";
    if has("python3", &["-c", "import yaml"]) {
        assert!(has("python3", &["-c", parse, file.to_str().unwrap()]));
    }
    let text = fs::read_to_string(file).unwrap();
    let steps = steps(&text);
    assert_eq!(steps.len(), 4, "{steps:?}");
    let bin = stage.directory.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let install = format!(
        "#!/bin/sh\nln -s {PROGRAM:?} {:?}\n",
        bin.join("cos-presign")
    );
    fs::write(bin.join("pip"), install).unwrap();
    let make_executable = "chmod +x bin/pip";
    let summary = stage.directory.join("summary.md");
    let variables =
        format!("export GITHUB_RUN_ID=7 GITHUB_STEP_SUMMARY={summary:?} TARGET=bucket/builds/7/\n");
    for step in [make_executable.to_owned()].into_iter().chain(steps) {
        stage.run(
            Path::new("/bin/sh"),
            &["-e", "-c", &format!("{variables}{step}")],
            b"",
        );
    }
    assert_eq!(
        stage.server.object("bucket", "builds/7/app.txt").unwrap(),
        b"build 7\n"
    );
    let summary = fs::read_to_string(summary).unwrap();
    assert!(
        summary.contains("](<http") && summary.contains("X-Amz-Expires=604800"),
        "{summary}"
    );
}

/// The scripts of `run:`, on its line or as the block below it.
fn steps(text: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let mut steps = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(script) = line.trim_start().strip_prefix("run: ") else {
            continue;
        };
        if script != "|" {
            steps.push(script.to_owned());
            continue;
        }
        let block = lines[index + 1..]
            .iter()
            .take_while(|below| indent(below) > indent(line));
        steps.push(
            block
                .map(|below| below.trim_start())
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    steps
}
