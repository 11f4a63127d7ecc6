//! The only builder of printed commands: in hints, fixes, reports and output.

use std::fmt;

use super::shell::{shell_quote, shell_quote_on_one_line};

/// A command to paste into a shell. Everything except fixed text is quoted.
///
/// [`Display`](fmt::Display) writes it on one line of a sentence, without control characters and
/// backticks, so that it can be quoted in backticks. [`to_bytes`](CommandLine::to_bytes) is for
/// standard output.
///
/// Malformed values from a URL or a server must not become part of a command: see
/// [`header`](CommandLine::header), and `is_region` and `Endpoint::parse` in `store`.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// The program and its verb.
    head: Vec<String>,
    words: Vec<Word>,
    /// File for standard input.
    input: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
enum Word {
    /// Fixed text: an option without a value, or a placeholder.
    Fixed(&'static str),
    Value(Vec<u8>),
    OptionFixed(&'static str, &'static str),
    Option(&'static str, Vec<u8>),
    /// `--name=value` as one word.
    Joined(Vec<u8>),
}

impl Word {
    fn is_option(&self) -> bool {
        match self {
            Word::Fixed(text) => text.starts_with('-'),
            Word::Value(_) => false,
            Word::OptionFixed(..) | Word::Option(..) | Word::Joined(_) => true,
        }
    }

    fn looks_like_an_option(&self) -> bool {
        matches!(self, Word::Value(value) if value.starts_with(b"-"))
    }
}

impl CommandLine {
    /// `cos-presign VERB`; a verb may be followed by a method, `request POST`.
    pub fn cos_presign(verb: &str) -> CommandLine {
        let mut command = CommandLine::new("cos-presign");
        command.head.extend(
            verb.split(' ')
                .map(|word| shell_quote_on_one_line(word.as_bytes())),
        );
        command
    }

    /// `curl`
    pub fn curl() -> CommandLine {
        CommandLine::new("curl")
    }

    /// Another program with fixed words: `chmod 600`, `aws sso login`.
    pub fn new(program: &'static str) -> CommandLine {
        CommandLine {
            head: vec![program.to_owned()],
            words: Vec::new(),
            input: None,
        }
    }

    /// Options without a program, if the context makes clear which command they are for.
    pub fn options() -> CommandLine {
        CommandLine {
            head: Vec::new(),
            words: Vec::new(),
            input: None,
        }
    }

    /// Fixed text, not quoted: an option without a value, or a placeholder such as `FILE`.
    pub fn fixed(mut self, text: &'static str) -> CommandLine {
        self.words.push(Word::Fixed(text));
        self
    }

    /// An option with a fixed value, not quoted: `--expires 24h`, `-H 'NAME: VALUE'`.
    pub fn fixed_option(mut self, name: &'static str, value: &'static str) -> CommandLine {
        self.words.push(Word::OptionFixed(name, value));
        self
    }

    /// A value without an option.
    pub fn value(mut self, value: impl AsRef<[u8]>) -> CommandLine {
        self.words.push(Word::Value(value.as_ref().to_vec()));
        self
    }

    /// An option and its value.
    pub fn option(mut self, name: &'static str, value: impl AsRef<[u8]>) -> CommandLine {
        self.words.push(Word::Option(name, value.as_ref().to_vec()));
        self
    }

    /// `name=value`, an option and its value as one word.
    pub fn joined_option(mut self, name: &'static str, value: impl AsRef<[u8]>) -> CommandLine {
        let word = [name.as_bytes(), b"=", value.as_ref()].concat();
        self.words.push(Word::Joined(word));
        self
    }

    /// A word as typed by the user, an option or a value.
    pub fn typed(mut self, word: impl AsRef<[u8]>) -> CommandLine {
        self.words.push(Word::Joined(word.as_ref().to_vec()));
        self
    }

    /// Standard input from a file: the shell runs nothing if it cannot be opened.
    pub fn input_from(mut self, file: impl AsRef<[u8]>) -> CommandLine {
        self.input = Some(file.as_ref().to_vec());
        self
    }

    /// `-H 'name: VALUE'`, if only the name is known. An invalid name (RFC 9110, 5.6.2) becomes a
    /// placeholder.
    pub fn header(self, name: &str) -> CommandLine {
        let is_token = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        match is_token {
            true => self.option("-H", format!("{name}: VALUE")),
            false => self.fixed_option("-H", "'NAME: VALUE'"),
        }
    }

    /// The command as bytes, for pasting.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.rendered(&shell_quote)
    }

    /// `program verb words`. If a value could be mistaken for an option, values come last, after
    /// `--`.
    fn rendered(&self, quote: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let is_curl = self.head.first().is_some_and(|program| program == "curl");
        let mut rendered: Vec<Vec<u8>> = self
            .head
            .iter()
            .map(|word| word.clone().into_bytes())
            .collect();
        let word = |word: &Word| match word {
            Word::Fixed(text) => text.as_bytes().to_vec(),
            Word::Value(value) | Word::Joined(value) => quote(value),
            Word::OptionFixed(name, value) => [name.as_bytes(), b" ", value.as_bytes()].concat(),
            // curl takes the word after an option as its value, whatever its first character.
            Word::Option(name, value) => {
                let between: &[u8] = match value.starts_with(b"-") && !is_curl {
                    true => b"=",
                    false => b" ",
                };
                [name.as_bytes(), between, &quote(value)].concat()
            }
        };
        if self.words.iter().any(Word::looks_like_an_option) {
            let (options, values): (Vec<&Word>, _) =
                self.words.iter().partition(|word| word.is_option());
            rendered.extend(options.into_iter().map(word));
            rendered.push(b"--".to_vec());
            rendered.extend(values.into_iter().map(word));
        } else {
            rendered.extend(self.words.iter().map(word));
        }
        if let Some(file) = &self.input {
            rendered.push(b"<".to_vec());
            rendered.push(quote(file));
        }
        rendered.join(&b' ')
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.rendered(&|word| shell_quote_on_one_line(word).into_bytes());
        f.write_str(&String::from_utf8_lossy(&line))
    }
}

/// Sets the credentials that the AWS CLI finds for a profile in the environment of the shell.
#[cfg(feature = "cli")]
pub fn export_credentials(profile: &str) -> String {
    let export = CommandLine::new("aws configure export-credentials")
        .option("--profile", profile)
        .fixed_option("--format", "env");
    format!("eval \"$({export})\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_is_not_fixed() {
        let command = CommandLine::cos_presign("get")
            .value("b/a'$(touch PWN)'")
            .option("--endpoint", "https://x;y")
            .fixed_option("--expires", "24h");
        assert_eq!(
            command.to_string(),
            "cos-presign get 'b/a'\\''$(touch PWN)'\\''' --endpoint 'https://x;y' --expires 24h"
        );
    }

    #[test]
    fn keeps_values_from_being_options() {
        let command = CommandLine::cos_presign("get")
            .value("-x/k")
            .option("--region", "-y")
            .fixed("--json");
        assert_eq!(
            command.to_string(),
            "cos-presign get --region=-y --json -- -x/k"
        );
        let command = CommandLine::curl().option("--output", "-y").fixed("URL");
        assert_eq!(command.to_string(), "curl --output -y URL");
    }

    #[test]
    fn leaves_names_that_are_no_tokens_to_the_reader() {
        let command = CommandLine::options().header("x-amz-acl").header("a b");
        assert_eq!(
            command.to_string(),
            "-H 'x-amz-acl: VALUE' -H 'NAME: VALUE'"
        );
    }

    #[test]
    fn has_no_backtick_and_no_line_break_in_a_sentence() {
        let shown = CommandLine::new("chmod 600").value("a`\n").to_string();
        assert!(!shown.contains(['`', '\n']), "{shown}");
    }
}
