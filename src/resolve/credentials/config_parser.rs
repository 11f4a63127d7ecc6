//! The file format of the AWS tools: what Python's `configparser.RawConfigParser` makes of a text,
//! and botocore of that.
//!
//! Observed of Python 3.11 and botocore 1.43, and kept here, because what the AWS tools do with a
//! file is what it was tried with:
//!
//! - A line whose first character is `#` or `;` is a comment wherever it is; behind a value both
//!   belong to the value.
//! - A line that is indented more than the line of the option above it continues the value of that
//!   option, whatever it
//!   looks like. So all options of a section may be indented alike, and so may headers.
//! - `=` and `:` separate, whichever comes first. Names are lower-cased; values are stripped of
//!   white space, not of quotes.
//! - A value that begins on the next line is a section of its own (`s3 =`), whose lines are
//!   separated by `=` alone.
//! - `[DEFAULT]` has options for every section. What is between `[` and the last `]` is the name,
//!   with its spaces.
//! - Line ends are LF, CRLF and CR.
//!
//! Meant otherwise: a byte order mark is passed over, and sections and options of one name are one,
//! the last value counts, where Python refuses the file.

use std::collections::BTreeMap;

use zeroize::Zeroize;

/// The value of an option.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Value {
    /// Several lines are joined by `\n`.
    pub text: String,
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// The options below an option without a value of its own.
    pub nested: Option<BTreeMap<String, String>>,
}

/// Files of this format hold secrets.
impl Drop for Value {
    fn drop(&mut self) {
        self.text.zeroize();
        self.nested
            .iter_mut()
            .flat_map(BTreeMap::values_mut)
            .for_each(Zeroize::zeroize);
    }
}

/// Options by their lower-case names.
pub type Section = BTreeMap<String, Value>;

/// Sections in the order of the file.
pub type Sections = Vec<(String, Section)>;

/// Why a text is none of this format, without the line itself, which may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// An option before the first header.
    OptionBeforeSection(usize),
    /// Neither header nor option nor comment.
    NoOption(usize),
    /// A line of a nested section without `=`.
    NoNestedOption(usize),
}

impl ParseError {
    /// Counted from 1.
    pub fn line(self) -> usize {
        match self {
            ParseError::OptionBeforeSection(line)
            | ParseError::NoOption(line)
            | ParseError::NoNestedOption(line) => line,
        }
    }

    /// What is wrong with the line.
    pub fn problem(self) -> &'static str {
        match self {
            ParseError::OptionBeforeSection(_) => "comes before the first section",
            ParseError::NoOption(_) => "is neither a section, an option nor a comment",
            ParseError::NoNestedOption(_) => "is indented below an option and has no `=`",
        }
    }
}

/// Reads a text.
///
/// # Errors
/// The first line that cannot be understood.
pub fn parse(text: &str) -> Result<Sections, ParseError> {
    let mut reader = Reader::default();
    for (at, line) in lines(text.strip_prefix('\u{feff}').unwrap_or(text)).enumerate() {
        reader.take(at + 1, line)?;
    }
    reader.finish()
}

/// As Python's universal newlines.
pub(in crate::resolve) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// What Python calls white space: all that Unicode does, and four separators of ASCII's.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

#[derive(Default)]
struct Reader {
    defaults: Section,
    sections: Sections,
    /// Where the current section is; none before the first header.
    current: Option<Place>,
    /// The option whose value may be continued.
    option: Option<String>,
    indentation: usize,
    /// The numbers of the lines of the values that are continued.
    numbers: BTreeMap<(Place, String), Vec<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Defaults,
    Section(usize),
}

impl Reader {
    fn options(&mut self, place: Place) -> &mut Section {
        match place {
            Place::Defaults => &mut self.defaults,
            Place::Section(at) => &mut self.sections[at].1,
        }
    }

    fn take(&mut self, number: usize, line: &str) -> Result<(), ParseError> {
        let text = strip(line);
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        let continued = self.current.zip(self.option.clone());
        if text.is_empty() {
            if let Some((place, option)) = continued {
                self.continue_value(place, option, number, "");
            }
            return Ok(());
        }
        let indentation = line.chars().take_while(|c| is_space(*c)).count();
        if let Some((place, option)) = continued.filter(|_| indentation > self.indentation) {
            self.continue_value(place, option, number, text);
            return Ok(());
        }
        self.indentation = indentation;
        if let Some(name) = header(text) {
            self.current = Some(self.section(name));
            self.option = None;
            return Ok(());
        }
        let place = self
            .current
            .ok_or(ParseError::OptionBeforeSection(number))?;
        let at = text
            .find(['=', ':'])
            .filter(|at| *at > 0)
            .ok_or(ParseError::NoOption(number))?;
        let name = strip(&text[..at]).to_lowercase();
        let value = Value {
            text: strip(&text[at + 1..]).to_owned(),
            line: number,
            nested: None,
        };
        self.numbers.remove(&(place, name.clone()));
        self.options(place).insert(name.clone(), value);
        self.option = Some(name);
        Ok(())
    }

    fn section(&mut self, name: &str) -> Place {
        if name == "DEFAULT" {
            return Place::Defaults;
        }
        let known = self.sections.iter().position(|(known, _)| known == name);
        Place::Section(known.unwrap_or_else(|| {
            self.sections.push((name.to_owned(), Section::new()));
            self.sections.len() - 1
        }))
    }

    fn continue_value(&mut self, place: Place, option: String, number: usize, text: &str) {
        if let Some(value) = self.options(place).get_mut(&option) {
            // A string that grows leaves what it held where it was.
            let longer = format!("{}\n{text}", value.text);
            std::mem::replace(&mut value.text, longer).zeroize();
        }
        self.numbers
            .entry((place, option))
            .or_default()
            .push(number);
    }

    fn finish(mut self) -> Result<Sections, ParseError> {
        let places = (0..self.sections.len()).map(Place::Section);
        for place in places.chain([Place::Defaults]).collect::<Vec<_>>() {
            let mut options = std::mem::take(self.options(place));
            for (name, value) in &mut options {
                let numbers = self.numbers.get(&(place, name.clone()));
                finish_value(value, numbers.map_or(&[], Vec::as_slice))?;
            }
            *self.options(place) = options;
        }
        for (_, section) in &mut self.sections {
            for (name, value) in &self.defaults {
                section.entry(name.clone()).or_insert_with(|| value.clone());
            }
            // `aws configure` leaves options without a value, and means that there are none.
            section.retain(|_, value| !value.text.is_empty());
        }
        Ok(self.sections)
    }
}

/// `[name]`, with anything behind the last `]`.
fn header(text: &str) -> Option<&str> {
    let name = text.strip_prefix('[')?;
    let end = name.rfind(']')?;
    (end > 0).then_some(&name[..end])
}

fn finish_value(value: &mut Value, numbers: &[usize]) -> Result<(), ParseError> {
    let trimmed = value.text.trim_end_matches(is_space).to_owned();
    std::mem::replace(&mut value.text, trimmed).zeroize();
    if !value.text.starts_with('\n') {
        return Ok(());
    }
    let mut nested = BTreeMap::new();
    for (line, number) in value.text[1..].split('\n').zip(numbers) {
        if line.is_empty() {
            continue;
        }
        let (name, text) = line
            .split_once('=')
            .ok_or(ParseError::NoNestedOption(*number))?;
        nested.insert(strip(name).to_owned(), strip(text).to_owned());
    }
    value.nested = Some(nested);
    Ok(())
}

/// The words of a header as a shell makes them; `None` where quotes are not closed.
pub fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => {
                let next = chars.next()?;
                let word = word.get_or_insert_default();
                if !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `section.option = value`, one a line.
    fn flat(text: &str) -> Result<Vec<String>, usize> {
        let sections = parse(text).map_err(ParseError::line)?;
        let mut all = Vec::new();
        for (section, options) in &sections {
            for (option, value) in options {
                match &value.nested {
                    None => all.push(format!("{section}.{option}={}", value.text)),
                    Some(nested) => all.extend(
                        nested
                            .iter()
                            .map(|(name, text)| format!("{section}.{option}.{name}={text}")),
                    ),
                }
            }
        }
        Ok(all)
    }

    #[test]
    fn lines_are_read_as_python_reads_them() {
        let cases: &[(&str, &[&str])] = &[
            (
                "\u{feff}[a]\r\nX = 1\r\ny:2\rz=3 # c",
                &["a.x=1", "a.y=2", "a.z=3 # c"],
            ),
            // All options may be indented alike, and headers too.
            (
                "[a]\n  x = 1\n  y = 2\n [b]\n z = 3",
                &["a.x=1", "a.y=2", "b.z=3"],
            ),
            ("[a]\nx = 1\n  y = 2", &["a.x=1\ny = 2"]),
            ("[a]\nx = 1\n\n# c\n  [b]\n", &["a.x=1\n\n[b]"]),
            ("[a]\n\tx = 1\n  y = 2\n", &["a.x=1\ny = 2"]),
            (
                "[a]\nx =\n  b = 1\n\n  ; c\n   C = 2\n  b = 3\nz = 1",
                &["a.x.C=2", "a.x.b=3", "a.z=1"],
            ),
            ("[a]\nx = 0\n  b = 1", &["a.x=0\nb = 1"]),
            (
                "[DEFAULT]\nx = 1\ny = 2\n[a]\ny =\n[b]\ny = 3",
                &["a.x=1", "b.x=1", "b.y=3"],
            ),
            ("[a]\nx = 1\n[b]\n[a]\ny = 2\nx = 3", &["a.x=3", "a.y=2"]),
            ("[ a ] # c\nx = \u{a0}1\u{3000}", &[" a .x=1"]),
            ("[a]b]\nx = \u{200b}1", &["a]b.x=\u{200b}1"]),
            ("# c\n\n; c", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(
                flat(text).as_deref(),
                Ok(&expected.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>()[..]),
                "{text}"
            );
        }
    }

    #[test]
    fn the_line_that_is_wrong_is_named() {
        for (text, line) in [
            ("x = 1", 1),
            ("[a]\nnonsense", 2),
            ("\n[a", 2),
            ("[a]\n= x", 2),
            ("[]\nx = 1", 1),
            ("[a]\nx =\n  b = 1\n\n  nonsense\n", 5),
            ("[a]\nx =\n  b: 1\n", 3),
        ] {
            assert_eq!(flat(text), Err(line), "{text}");
        }
    }

    #[test]
    fn words_are_those_of_a_shell() {
        for (text, expected) in [
            ("profile x", Some(vec!["profile", "x"])),
            ("profile\t \"my work\"", Some(vec!["profile", "my work"])),
            ("profile 'a\"b'", Some(vec!["profile", "a\"b"])),
            (r#"a\ b "c\"d\e""#, Some(vec!["a b", "c\"d\\e"])),
            ("profile \"x", None),
            ("x\\", None),
            (" '' ", Some(vec![""])),
        ] {
            let found = words(text);
            let found = found
                .as_ref()
                .map(|w| w.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found, expected, "{text}");
        }
    }
}
