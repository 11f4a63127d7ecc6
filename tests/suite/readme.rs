//! The README is read by people who type what it says.

use std::process::Command;

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

#[test]
fn its_examples_print_what_it_says() {
    trycmd::TestCases::new()
        .env("AWS_ACCESS_KEY_ID", ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .case("README.md");
}

/// The first command of the page, with the built program in place of `cargo run`.
#[test]
fn its_first_command_gives_the_documented_signature() {
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
    assert_eq!(words[0], format!("AWS_ACCESS_KEY_ID={ID}"));
    assert_eq!(words[1], format!("AWS_SECRET_ACCESS_KEY={SECRET}"));
    let args = words.iter().position(|word| *word == "--").unwrap() + 1;
    let output = Command::new(env!("CARGO_BIN_EXE_cos-presign"))
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .args(&words[args..])
        .output()
        .unwrap();
    let url = String::from_utf8(output.stdout).unwrap();
    assert!(
        url.ends_with(
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404\n"
        ),
        "{url}"
    );
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert!(output.status.success());
}
