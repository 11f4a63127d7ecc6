//! Options of other tools, `tests/golden/foreign/options.txt`: what each of them does at the end of one command line.
//!
//! A block is the option as typed, the exit code, and both streams. `GOLDEN=overwrite` writes them anew.

use std::fs;

use super::{FIXTURES, GOLDEN};
use crate::run::{EXAMPLE_KEYS, output_of, program, split_words, text};

const LINE: &str = "get my-bucket/k.txt --region us-east-1 --at 2013-05-24T00:00:00Z";

#[test]
fn options_of_other_tools_work_or_name_ours() {
    let file = format!("{GOLDEN}/foreign/options.txt");
    let page = fs::read_to_string(&file).unwrap();
    let mut found = String::new();
    for block in page.trim_end().split("\n\n") {
        let words = block.lines().next().unwrap().strip_prefix("$ ").unwrap();
        let mut command = program();
        command
            .current_dir(FIXTURES)
            .envs(EXAMPLE_KEYS)
            .args(split_words(LINE))
            .args(split_words(words));
        let output = output_of(&mut command, b"");
        let streams = format!("{}{}", text(&output.stderr), text(&output.stdout));
        let code = output.status.code().unwrap();
        if !found.is_empty() {
            found += "\n";
        }
        found += &format!("$ {words}\n{code}\n{}\n", streams.trim_end());
    }
    if std::env::var_os("GOLDEN").is_some_and(|mode| mode == "overwrite") {
        fs::write(&file, &found).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    for (expected, found) in expected.split("\n\n").zip(found.split("\n\n")) {
        assert_eq!(expected.trim_end(), found.trim_end());
    }
}

#[test]
fn every_option_of_the_table_has_a_block() {
    let page = fs::read_to_string(format!("{GOLDEN}/foreign/options.txt")).unwrap();
    let table = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/foreign.rs"));
    let table = table.unwrap();
    let start = table.find("const OPTIONS").unwrap();
    let end = table
        .find("/// What an option of another tool means for a verb.")
        .unwrap();
    let mut count = 0;
    for literal in table[start..end].split('"').skip(1).step_by(2) {
        // Names begin their row; other texts have spaces, and our own options stand behind `Twin(`.
        let is_name = literal.starts_with('-') && !literal.contains(' ');
        let twins = [format!("(\"{literal}\")")];
        if !is_name || twins.iter().any(|twin| table.contains(twin.as_str())) {
            continue;
        }
        count += 1;
        let block = |line: &str| {
            line == format!("$ {literal}") || line.starts_with(&format!("$ {literal} "))
        };
        assert!(page.lines().any(block), "{literal} has no block");
    }
    assert!(count > 60, "{count}");
}
