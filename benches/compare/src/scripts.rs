//! Signers in other languages. Each script in `rivals/` prints one URL, then for each number that
//! it reads the seconds for that many URLs.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::case::Case;
use crate::rival::Rival;

const SCRIPTS: &[(&str, &str)] = &[
    ("Python: by hand, key cached", "by_hand.py"),
    ("Python: botocore", "botocore_client.py"),
    ("Python: libpresign", "libpresign_get.py"),
    ("Python: minio-py", "minio_client.py"),
    ("Node: by hand, key cached", "by_hand.js"),
    ("Node: AWS SDK, getSignedUrl", "aws_sdk.js"),
    ("Node: AWS SDK, S3RequestPresigner", "aws_sdk_presigner.js"),
];

/// Directory of `install.sh`, and the input files of the program.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/compare")
}

/// The Python with the clients, or any.
pub fn python() -> PathBuf {
    let venv = env::var_os("COMPARE_PYTHON").map_or_else(|| folder().join("python"), PathBuf::from);
    let python = venv.join("bin/python");
    if python.exists() {
        python
    } else {
        "python3".into()
    }
}

pub fn script(name: &str) -> Command {
    let program = if name.ends_with(".py") {
        python()
    } else {
        "node".into()
    };
    let mut command = Command::new(program);
    command
        .arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("rivals")
                .join(name),
        )
        .arg(folder().join("case.json"));
    command
        .env("NODE_PATH", folder().join("node/node_modules"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

pub fn all(case: &Case) -> Vec<Rival<'static>> {
    std::fs::create_dir_all(folder()).unwrap();
    std::fs::write(folder().join("case.json"), case.json()).unwrap();
    SCRIPTS
        .iter()
        .map(|(name, file)| start(name, file))
        .collect()
}

fn start(name: &str, file: &str) -> Rival<'static> {
    let child = script(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        return Rival::absent(name, "not installed");
    };
    let (Some(mut numbers), Some(answers), Some(mut errors)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Rival::absent(name, "no pipes");
    };
    let mut answers = BufReader::new(answers);
    let mut next = move || {
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let url = next();
    if url.is_empty() {
        let mut text = String::new();
        errors.read_to_string(&mut text).unwrap();
        child.wait().unwrap();
        let why = text
            .lines()
            .find(|line| line.contains("Error"))
            .unwrap_or("it says nothing");
        return Rival::absent(name, &format!("not installed: {}", why.trim()));
    }
    let sign = move |links: usize| {
        // Moved here so that it stays alive, and ends with its input.
        let _errors = &errors;
        writeln!(numbers, "{links}").unwrap();
        next().parse().unwrap()
    };
    Rival {
        name: name.to_owned(),
        url: Some(url),
        sign: Ok(Box::new(sign)),
    }
}
