//! Options of other tools, `tests/golden/foreign/options.txt`: what one of each meaning does at the
//! end of one command line. The others of its meaning do the same.
//!
//! A block is the option as typed, the exit code, and both streams. `GOLDEN=overwrite` writes them
//! anew.

use std::fs;

use cos_presign::cli::foreign;

use super::{FIXTURES, GOLDEN, in_process};
use crate::run::{EXAMPLE_KEYS, output_of, program, split_words, text};

const LINE: &str = "get my-bucket/k.txt --region us-east-1 --at 2013-05-24T00:00:00Z";

/// The first lines of the blocks.
fn typed(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter_map(|line| line.strip_prefix("$ "))
}

fn page() -> String {
    fs::read_to_string(format!("{GOLDEN}/foreign/options.txt")).unwrap()
}

/// The exit code and both streams of a command line.
fn run(words: &[String]) -> String {
    let mut command = program();
    command.current_dir(FIXTURES).envs(EXAMPLE_KEYS).args(words);
    let output = output_of(&mut command, b"");
    let streams = format!("{}{}", text(&output.stderr), text(&output.stdout));
    let code = output.status.code().unwrap();
    format!("{code}\n{}\n", streams.trim_end())
}

#[test]
fn options_of_other_tools_work_or_name_ours() {
    let plain = run(&split_words(LINE));
    let mut found = String::new();
    for words in typed(&page()) {
        let result = run(&[split_words(LINE), split_words(words)].concat());
        if !found.is_empty() {
            found += "\n";
        }
        let shown = match result == plain {
            true => "0\nthe same as without it\n",
            false => &result,
        };
        found += &format!("$ {words}\n{shown}");
    }
    if std::env::var_os("GOLDEN").is_some_and(|mode| mode == "overwrite") {
        fs::write(format!("{GOLDEN}/foreign/options.txt"), &found).unwrap();
    }
    for (expected, found) in page().split("\n\n").zip(found.split("\n\n")) {
        assert_eq!(expected.trim_end(), found.trim_end());
    }
}

/// The words of the block of a name.
fn block<'p>(page: &'p str, name: &str) -> Option<Vec<&'p str>> {
    let mut blocks = typed(page).map(|line| line.split(' ').collect::<Vec<_>>());
    blocks.find(|words| words[0] == name)
}

#[test]
fn names_of_one_meaning_do_the_same() {
    let page = page();
    let mut count = 0;
    for names in foreign::names() {
        let block = block(&page, names[0]).unwrap_or_else(|| panic!("{} has no block", names[0]));
        let line = |name: &str| {
            let words = LINE
                .split(' ')
                .chain([name])
                .chain(block[1..].iter().copied());
            in_process(words.map(str::to_owned))
        };
        let (code, out, err) = line(names[0]);
        for name in &names[1..] {
            let expected = (code, out.clone(), in_quotes(&err, names[0], name));
            assert_eq!(line(name), expected, "{name}");
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

/// A message with another name in backticks.
fn in_quotes(message: &str, name: &str, other: &str) -> String {
    message.replace(&format!("`{name}`"), &format!("`{other}`"))
}

/// The word behind an option is its value only if the option has one.
#[test]
fn an_option_of_another_tool_does_not_take_the_target() {
    let page = page();
    let (_, plain, _) = in_process(LINE.split(' ').map(str::to_owned));
    let mut count = 0;
    for names in foreign::names() {
        let block = block(&page, names[0]).expect("a block");
        let behind = LINE.split(' ').chain(block.iter().copied());
        let (code, out, _) = in_process(behind.map(str::to_owned));
        if code != 0 {
            continue;
        }
        let mut words: Vec<&str> = LINE.split(' ').collect();
        let target = words.remove(1);
        let before = words.into_iter().chain(block).chain([target]);
        let (code, other, err) = in_process(before.map(str::to_owned));
        assert_eq!((code, &other), (0, &out), "{}: {err}", names[0]);
        count += usize::from(out == plain);
    }
    assert!(count > 10, "{count}");
}
