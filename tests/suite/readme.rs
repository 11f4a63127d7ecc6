//! The commands of README.md.

use crate::run::{EXAMPLE_KEYS, Run, in_clean_environment};

#[test]
fn examples_print_the_output_shown() {
    in_clean_environment("readme::examples_print_the_output_shown", || {
        trycmd::TestCases::new()
            .case("README.md")
            .case("docs/guide.md");
    });
}

/// The first command of the page, with the built program in place of `cargo run`.
#[test]
fn first_command_prints_the_documented_signature() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let block = readme
        .split("```sh\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let words: Vec<&str> = block
        .split_whitespace()
        .filter(|word| *word != "\\")
        .collect();
    for (word, (name, value)) in words.iter().zip(EXAMPLE_KEYS) {
        assert_eq!(*word, format!("{name}={value}"));
    }
    let args = words.iter().position(|word| *word == "--").unwrap() + 1;
    Run::new()
        .envs(EXAMPLE_KEYS)
        .args(&words[args..])
        .stdout("[..]&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404\n")
        .stderr("")
        .run();
}

/// `GOLDEN=overwrite` rewrites the page.
#[test]
fn the_reference_describes_every_verb_and_option() {
    const PAGE: &str = "docs/reference.md";
    let page = Run::new()
        .args(["man", "--markdown"])
        .stderr("")
        .run()
        .stdout;
    if std::env::var_os("GOLDEN").is_some_and(|mode| mode == "overwrite") {
        std::fs::write(PAGE, &page).unwrap();
    }
    let found = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        found.replace("\r\n", "\n") == page,
        "{PAGE} is not that of the program: GOLDEN=overwrite cargo test --test suite readme::"
    );
    for words in [
        "## get",
        "## man",
        "--if-none-match",
        "--download-as",
        "`--region <NAME>`",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

/// The threat model contains the tests of its claims, as `module::test`.
#[test]
fn tests_named_in_the_threat_model_exist() {
    let model = std::fs::read_to_string("docs/threat-model.md").unwrap();
    let mut missing = Vec::new();
    let mut count = 0;
    for name in model.split('`').skip(1).step_by(2) {
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let parts: Vec<&str> = name.split("::").collect();
        let is_test = parts.len() >= 2
            && name != "module::test"
            && parts
                .iter()
                .all(|part| !part.is_empty() && part.chars().all(is_word));
        if !is_test {
            continue;
        }
        let definition = format!("fn {}(", parts[parts.len() - 1]);
        let places = [
            format!("tests/{}.rs", parts[0]),
            format!("tests/library/{}.rs", parts[0]),
            format!("tests/suite/{}.rs", parts[0]),
            format!("tests/suite/{}/mod.rs", parts[0]),
            format!("tests/suite/{}/{}.rs", parts[0], parts[1]),
        ];
        let is_there = |place: &String| {
            std::fs::read_to_string(place).is_ok_and(|text| text.contains(&definition))
        };
        if !places.iter().any(is_there) {
            missing.push(name);
        }
        count += 1;
    }
    assert!(count > 30, "{count}");
    assert!(missing.is_empty(), "{missing:?}");
}
