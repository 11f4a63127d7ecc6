//! Command lines that are refused: `tests/golden/refusals/`.

use std::fs;
use std::path::PathBuf;

use super::{FIXTURES, GOLDEN};
use crate::run::{EXAMPLE_KEYS, matches, output_of, program, split_words, text};

pub struct Refusal {
    file: PathBuf,
    /// As written after `$ `.
    pub command: String,
    has_keys: bool,
    variables: Vec<(String, String)>,
    args: Vec<String>,
    code: i32,
    pub stderr: String,
}

impl Refusal {
    fn parse(file: PathBuf, block: &str) -> Refusal {
        let (command, rest) = block.split_once('\n').unwrap();
        let (code, stderr) = rest.split_once('\n').unwrap();
        let mut words = split_words(command);
        let has_keys = words.first().is_none_or(|word| word != "nokeys");
        let program = words.iter().position(|word| word == "cos-presign").unwrap();
        let args = words.split_off(program + 1);
        let variables = words[usize::from(!has_keys)..program].iter();
        Refusal {
            file,
            command: command.to_owned(),
            has_keys,
            variables: variables
                .map(|w| w.split_once('=').unwrap())
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect(),
            args,
            code: code.parse().unwrap(),
            stderr: format!("{}\n", stderr.trim_end()),
        }
    }

    fn block(&self, code: i32, stderr: &str) -> String {
        format!("$ {}\n{code}\n{stderr}", self.command)
    }
}

pub fn refusals() -> Vec<Refusal> {
    let mut files: Vec<PathBuf> = fs::read_dir(format!("{GOLDEN}/refusals"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "txt"))
        .collect();
    files.sort();
    let of_file = |file: PathBuf| {
        let page = fs::read_to_string(&file).unwrap();
        page.split("\n\n")
            .map(|block| block.strip_prefix("$ ").expect("a command"))
            .map(|block| Refusal::parse(file.clone(), block))
            .collect::<Vec<_>>()
    };
    files.into_iter().flat_map(of_file).collect()
}

#[test]
fn prints_the_error_of_every_refused_command() {
    let overwrite = std::env::var_os("GOLDEN").is_some_and(|mode| mode == "overwrite");
    let mut wrong = Vec::new();
    let refusals = refusals();
    assert!(refusals.len() > 400, "{}", refusals.len());
    for refusal in &refusals {
        let mut command = program();
        command.current_dir(FIXTURES).args(&refusal.args);
        if refusal.has_keys {
            command.envs(EXAMPLE_KEYS);
        }
        command.envs(refusal.variables.iter().map(|(n, v)| (n, v)));
        let output = output_of(&mut command, b"");
        let code = output.status.code().unwrap();
        let stderr = with_slashes(&text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{}", refusal.command);
        if code == refusal.code && matches(&refusal.stderr, &stderr) {
            continue;
        }
        let (expected, found) = (
            refusal.block(refusal.code, &refusal.stderr),
            refusal.block(code, &stderr),
        );
        if overwrite {
            let page = fs::read_to_string(&refusal.file).unwrap();
            fs::write(&refusal.file, page.replace(&expected, &found)).unwrap();
        } else {
            let file = refusal.file.display();
            wrong.push(format!("{file}: expected\n{expected}found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_refusal_is_an_error_and_a_hint_without_periods() {
    for refusal in refusals() {
        // With --json both are fields of one object.
        let last = refusal.stderr.lines().last().unwrap_or_default();
        let object: serde_json::Value = serde_json::from_str(last).unwrap_or_default();
        let lines: Vec<&str> = refusal.stderr.lines().collect();
        let (error, hint) = match (
            object["error"].as_str(),
            object["hint"].as_str(),
            &lines[..],
        ) {
            (Some(error), Some(hint), _) => (error, hint),
            // Notes and warnings may come before.
            (_, _, [.., error, hint]) => (
                error.strip_prefix("error: ").expect("an error"),
                hint.strip_prefix("hint: ").expect("a hint"),
            ),
            _ => panic!("neither two lines nor an object: {}", refusal.stderr),
        };
        assert!(!error.is_empty() && !hint.is_empty(), "{}", refusal.stderr);
        assert!(
            !error.ends_with('.') && !hint.ends_with('.'),
            "a period at the end: {}",
            refusal.stderr
        );
        assert!(
            matches!(refusal.code, 2..=4),
            "{}: {}",
            refusal.command,
            refusal.code
        );
    }
}

fn with_slashes(text: &str) -> String {
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.to_owned()
    }
}
