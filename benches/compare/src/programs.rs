//! The complete program: keys from a file, URLs to the null device or through a pipe.

use std::env;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::case::{ACCESS_KEY_ID, BUCKET, EXPIRES, REGION, SECRET, key};
use crate::rival::{median, seconds};
use crate::scripts;

const KEYS: usize = 2_000_000;
/// Fewer for Python: its rate does not depend on their number.
const KEYS_BY_HAND: usize = 200_000;
const ROUNDS: usize = 7;

struct Run {
    name: String,
    keys: usize,
    piped: bool,
    command: Box<dyn Fn() -> Command>,
}

pub fn print() {
    let program = env::var_os("COMPARE_PROGRAM").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/cos-presign"),
        PathBuf::from,
    );
    let help = Command::new(&program).args(["get", "--help"]).output();
    let Ok(help) = help else {
        return println!(
            "the whole program: {} is not built: cargo build --release",
            program.display()
        );
    };
    if !String::from_utf8_lossy(&help.stdout).contains("--keys-from") {
        return println!(
            "the whole program: {} does not know --keys-from",
            program.display()
        );
    }
    write_inputs().unwrap();
    let runs = runs(&program);
    let mut rates = vec![Vec::new(); runs.len()];
    let mut cores = vec![Vec::new(); runs.len()];
    for _ in 0..ROUNDS {
        for (index, run) in runs.iter().enumerate() {
            let before = processor_seconds();
            let taken = seconds(|| run.go());
            rates[index].push(run.keys as f64 / taken);
            cores[index].push((processor_seconds() - before) / taken);
        }
    }
    let rates: Vec<f64> = rates.into_iter().filter_map(median).collect();
    let cores: Vec<f64> = cores.into_iter().filter_map(median).collect();
    println!(
        "the whole program, {KEYS} keys from a file (by hand: {KEYS_BY_HAND}), median of {ROUNDS} \
         runs"
    );
    println!(
        "{:<48} {:>8} {:>8} {:>12}",
        "", "plain is", "cores", "links/s"
    );
    for ((run, rate), cores) in runs.iter().zip(&rates).zip(&cores) {
        println!(
            "{:<48} {:>7.2}x {cores:>8.2} {rate:>12.0}",
            run.name,
            rates[0] / rate
        );
    }
}

/// CPU time of the processes run so far, including `cat`. On a busy machine it shows whether a
/// second thread had a core. Linux only; elsewhere zero.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    // cutime and cstime, fields 16 and 17 of proc(5), in hundredths of a second.
    fields
        .skip(13)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

fn write_inputs() -> io::Result<()> {
    let write = |name: &str, first: &str, keys: usize, line: &dyn Fn(usize) -> String| {
        let mut file = BufWriter::new(File::create(scripts::folder().join(name))?);
        file.write_all(first.as_bytes())?;
        (0..keys).try_for_each(|number| file.write_all(line(number).as_bytes()))?;
        file.flush()
    };
    write("keys.txt", "", KEYS, &|n| format!("{}\n", key(n)))?;
    write("by-hand.txt", "", KEYS_BY_HAND, &|n| {
        format!("{}\n", key(n))
    })?;
    write("keys.csv", "id,key,size\n", KEYS, &|n| {
        format!("{n},{},{}\n", key(n), n * 7919 % 1_000_003)
    })?;
    write("keys.jsonl", "", KEYS, &|n| {
        format!(
            "{{\"id\":{n},\"key\":\"{}\",\"size\":{}}}\n",
            key(n),
            n * 7919 % 1_000_003
        )
    })
}

fn runs(program: &Path) -> Vec<Run> {
    let mut runs = Vec::new();
    let inputs: [(&str, &str, &[&str], bool); 4] = [
        ("plain", "keys.txt", &[], false),
        ("plain, pipe to cat", "keys.txt", &[], true),
        (
            "csv",
            "keys.csv",
            &["--input", "csv", "--key-column", "key"],
            false,
        ),
        ("jsonl", "keys.jsonl", &["--input", "jsonl"], false),
    ];
    for (name, file, options, piped) in inputs {
        for jobs in ["1", "2"] {
            let program = program.to_owned();
            let command = move || {
                let mut command = Command::new(&program);
                // No other store, credentials or proxies.
                command
                    .env_clear()
                    .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
                    .env("AWS_SECRET_ACCESS_KEY", SECRET);
                command.args([
                    "get",
                    BUCKET,
                    "--provider",
                    "aws",
                    "--region",
                    REGION,
                    "--expires",
                    &EXPIRES.to_string(),
                ]);
                command
                    .args(["--jobs", jobs, "--keys-from"])
                    .arg(scripts::folder().join(file))
                    .args(options);
                command
            };
            runs.push(Run {
                name: format!("{name}, --jobs {jobs}"),
                keys: KEYS,
                piped,
                command: Box::new(command),
            });
        }
    }
    let by_hand = || {
        let mut command = scripts::script("by_hand.py");
        command.arg(scripts::folder().join("by-hand.txt"));
        command
    };
    if by_hand()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
    {
        let name = "Python by hand, plain".to_owned();
        runs.push(Run {
            name,
            keys: KEYS_BY_HAND,
            piped: false,
            command: Box::new(by_hand),
        });
    }
    runs
}

impl Run {
    fn go(&self) {
        let mut command = (self.command)();
        if !self.piped {
            assert!(
                command.stdout(Stdio::null()).status().unwrap().success(),
                "{}",
                self.name
            );
            return;
        }
        let mut writer = command.stdout(Stdio::piped()).spawn().unwrap();
        let urls = writer.stdout.take().unwrap();
        assert!(
            Command::new("cat")
                .stdin(urls)
                .stdout(Stdio::null())
                .status()
                .unwrap()
                .success()
        );
        assert!(writer.wait().unwrap().success(), "{}", self.name);
    }
}
