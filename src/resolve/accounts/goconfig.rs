//! rclone's file format, which is that of the Go package goconfig.
//!
//! Observed of rclone 1.60 and kept here: names of sections are trimmed, those of options keep
//! their case; the first `=` or `:` separates; a value may be in backticks or three double quotes,
//! which go, while other quotes stay; ` # x` behind a value belongs to it; `%(name)s` stands for
//! another option; a line without a separator makes the whole file unreadable; sections of one name
//! are one, and the last value counts.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

/// Options by their names.
type Section = BTreeMap<String, Zeroizing<String>>;

/// The section of options that stand before all headers.
const DEFAULT: &str = "DEFAULT";

/// Maximum number of values in values that are resolved; more is a circle.
const DEPTH: usize = 200;

/// A file.
pub(super) struct Sections(BTreeMap<String, Section>);

/// Reads a text, and gives the number of the first line that cannot be understood.
pub(super) fn parse(text: &str) -> Result<Sections, usize> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut section = DEFAULT.to_owned();
    for (at, line) in text.split('\n').enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let inner = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(name) = inner {
            section = name.trim().to_owned();
            sections.entry(section.clone()).or_default();
            continue;
        }
        if section.is_empty() {
            return Err(at + 1);
        }
        let (name, value) = option(line).ok_or(at + 1)?;
        sections
            .entry(section.clone())
            .or_default()
            .insert(name, Zeroizing::new(value.to_owned()));
    }
    Ok(Sections(sections))
}

fn option(line: &str) -> Option<(String, &str)> {
    let quote = ["\"\"\"", "\"", "`"]
        .into_iter()
        .find(|quote| line.starts_with(quote) && (quote.len() == 1 || line.len() >= 6));
    let (name, behind) = match quote {
        Some(quote) => {
            let rest = &line[quote.len()..];
            let end = rest.find(quote)?;
            let behind = &rest[end..];
            (rest[..end].to_owned(), &behind[behind.find(['=', ':'])?..])
        }
        None => {
            let at = line.find(['=', ':']).filter(|at| *at > 0)?;
            (line[..at].trim().to_owned(), &line[at..])
        }
    };
    let value = behind[1..].trim();
    let quote = match value {
        _ if value.len() >= 2 && value.starts_with('`') => "`",
        _ if value.len() >= 6 && value.starts_with("\"\"\"") => "\"\"\"",
        _ => return Some((name, value)),
    };
    let rest = &value[quote.len()..];
    Some((name, &rest[..rest.rfind(quote)?]))
}

impl Sections {
    /// Sections whose values are final.
    pub(super) fn new(sections: BTreeMap<String, Section>) -> Sections {
        Sections(sections)
    }

    /// The names of all sections.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| *name != DEFAULT)
    }

    pub(super) fn contains(&self, section: &str) -> bool {
        self.0.contains_key(section)
    }

    /// The value of an option, with those that it names in it; none if it is empty.
    pub(super) fn get(&self, section: &str, name: &str) -> Option<Zeroizing<String>> {
        let mut value = self.raw(section, name)?.clone();
        for _ in 0..DEPTH {
            let Some((whole, other)) = reference(&value) else {
                break;
            };
            let inner = self
                .raw(DEFAULT, other)
                .or_else(|| self.0.get(section)?.get(other))
                .cloned()
                .unwrap_or_default();
            value = Zeroizing::new(value.replace(whole, &inner));
        }
        (!value.is_empty()).then_some(value)
    }

    /// What a section does not say, one whose name it begins with may: `a.b` is a child of `a`.
    fn raw(&self, section: &str, name: &str) -> Option<&Zeroizing<String>> {
        let found = self.0.get(section)?.get(name);
        found.or_else(|| self.raw(section.rsplit_once('.')?.0, name))
    }
}

/// The first `%(name)s` in a value, and the name.
fn reference(value: &str) -> Option<(&str, &str)> {
    let mut rest = value;
    while let Some(at) = rest.find("%(") {
        rest = &rest[at..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let end = 2 + rest[2..].find(|c| !is_part(c)).unwrap_or(rest.len() - 2);
        if end > 2 && rest[end..].starts_with(")s") {
            let whole = &rest[..end + 2];
            // goconfig cuts the letters off one by one, an `s` at the end of the name too.
            return Some((whole, whole[2..].trim_end_matches([')', 's'])));
        }
        rest = &rest[2..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_goconfig_reads_them() {
        let text = "top = 1\n[ a b ]\n# x = 2\n; y = 3\n\nProvider: IBMCOS\nsecret=a=b#c # d\nq = \
            `s3` x\nt = \"\"\"s3\"\"\"\nu = \"s3\"\n\
                    `v w` = %(secret)s/%(top)s\n[c]\nx = 1\n[a b]\nsecret = e\n[c.d]\ny = 2";
        let sections = parse(text)
            .map_err(|line| line.to_string())
            .expect("readable");
        let get = |section, name| sections.get(section, name).map(|value| value.to_string());
        for (name, expected) in [
            ("Provider", Some("IBMCOS")),
            ("provider", None),
            ("secret", Some("e")),
            ("q", Some("s3")),
            ("t", Some("s3")),
            ("u", Some("\"s3\"")),
            ("v w", Some("e/1")),
        ] {
            assert_eq!(get("a b", name).as_deref(), expected, "{name}");
        }
        assert_eq!(get("c.d", "x").as_deref(), Some("1"));
        assert_eq!(sections.names().collect::<Vec<_>>(), ["a b", "c", "c.d"]);
    }

    #[test]
    fn a_line_that_is_no_option_is_named() {
        for (text, line) in [
            ("[a]\nnonsense", 2),
            ("[a", 1),
            ("\n= x", 2),
            ("[]\nx = 1", 2),
            ("[a]\nx = `y", 2),
        ] {
            assert_eq!(parse(text).map(|_| ()).err(), Some(line), "{text}");
        }
    }
}
