//! Key patterns as in `aws s3`: `*` is any text including `/`, `?` any character, `[a-c]` and
//! `[!a-c]` one that is, or is not, in the set. Everything else is literal, and so are these three
//! in brackets: `[*]`.
//!
//! Implemented here because pattern crates are made for file names: they have separators, hidden
//! files and escapes that keys do not have, accept only UTF-8, or depend on a regular-expression
//! engine.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    One(u32),
    AnyOne,
    AnyText,
    Among {
        is_negated: bool,
        ranges: Vec<(u32, u32)>,
    },
}

impl Glob {
    /// Every text is a pattern: an unclosed `[` is literal.
    pub fn new(pattern: &[u8]) -> Glob {
        let units = units(pattern);
        let mut parts = Vec::with_capacity(units.len());
        let mut at = 0;
        while let Some(unit) = units.get(at) {
            at += 1;
            match char::from_u32(*unit) {
                // Repeated `*` are merged, as they only cost time.
                Some('*') if parts.last() == Some(&Part::AnyText) => {}
                Some('*') => parts.push(Part::AnyText),
                Some('?') => parts.push(Part::AnyOne),
                Some('[') => match among(&units[at..]) {
                    Some((part, length)) => {
                        parts.push(part);
                        at += length;
                    }
                    None => parts.push(Part::One(*unit)),
                },
                _ => parts.push(Part::One(*unit)),
            }
        }
        Glob(parts)
    }

    /// Whether the whole text matches. Takes at most the product of both lengths.
    pub fn matches(&self, text: &[u8]) -> bool {
        let mut rest = text;
        let mut part = 0;
        // The last `*` and the text it may still match: an earlier one need not be retried.
        let mut star: Option<(usize, &[u8])> = None;
        loop {
            match self.0.get(part) {
                Some(Part::AnyText) => {
                    part += 1;
                    star = Some((part, rest));
                    continue;
                }
                None if rest.is_empty() => return true,
                Some(wanted) if !rest.is_empty() => {
                    let (unit, length) = first_unit(rest);
                    if wanted.is(unit) {
                        rest = &rest[length..];
                        part += 1;
                        continue;
                    }
                }
                _ => {}
            }
            match &mut star {
                Some((after, swallowed)) if !swallowed.is_empty() => {
                    *swallowed = &swallowed[first_unit(swallowed).1..];
                    (part, rest) = (*after, *swallowed);
                }
                _ => return false,
            }
        }
    }

    /// Whether it matches every text.
    pub fn takes_all(&self) -> bool {
        self.0 == [Part::AnyText]
    }
}

impl Part {
    fn is(&self, unit: u32) -> bool {
        match self {
            Part::One(wanted) => *wanted == unit,
            Part::AnyOne => true,
            Part::AnyText => false,
            Part::Among { is_negated, ranges } => {
                ranges
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&unit))
                    != *is_negated
            }
        }
    }
}

/// Parses the set after a `[`, and returns its length. A `]` in the first position is literal.
fn among(units: &[u32]) -> Option<(Part, usize)> {
    let is = |at: usize, c: char| units.get(at) == Some(&u32::from(c));
    let is_negated = is(0, '!');
    let start = usize::from(is_negated);
    let end = (start + 1..units.len()).find(|at| is(*at, ']'))?;
    let mut ranges = Vec::new();
    let mut at = start;
    while at < end {
        if at + 2 < end && is(at + 1, '-') {
            ranges.push((units[at], units[at + 2]));
            at += 3;
        } else {
            ranges.push((units[at], units[at]));
            at += 1;
        }
    }
    Some((Part::Among { is_negated, ranges }, end + 1))
}

fn units(mut text: &[u8]) -> Vec<u32> {
    let mut units = Vec::with_capacity(text.len());
    while !text.is_empty() {
        let (unit, length) = first_unit(text);
        units.push(unit);
        text = &text[length..];
    }
    units
}

/// A character, or a byte that is not part of one: keys need not be UTF-8. Such bytes get numbers
/// above all characters.
fn first_unit(text: &[u8]) -> (u32, usize) {
    let first = text[0];
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    match text
        .get(..length)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next())
    {
        Some(c) => (u32::from(c), length),
        None => (0x11_0000 + u32::from(first), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(pattern: &str, text: &str) -> bool {
        Glob::new(pattern.as_bytes()).matches(text.as_bytes())
    }

    #[test]
    fn patterns_take_what_aws_s3_takes() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "a/b"),
            ("*.txt", "a/b/c.txt"),
            ("a*c", "a/b/c"),
            ("**", "x"),
            ("a*b*c", "a-b-b-c-c"),
            ("?", "é"),
            ("?", "€"),
            ("?", "😀"),
            ("a?c", "a/c"),
            ("[a-c]", "b"),
            ("[!a-c]", "d"),
            ("[]]", "]"),
            ("[!]]", "a"),
            ("[a-]", "-"),
            ("[é-ü]", "ö"),
            ("[*]", "*"),
            ("[a", "[a"),
            ("[]", "[]"),
            ("\\*", "\\x"),
            ("{a,b}", "{a,b}"),
            ("^", "^"),
            ("a\n*", "a\nb"),
        ] {
            assert!(is(pattern, text), "{pattern:?} {text:?}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("?", ""),
            ("?", "ab"),
            ("*?", ""),
            ("*??", "é"),
            ("*[!é]", "é"),
            ("*.txt", "a.TXT"),
            ("a", "ab"),
            ("[a-c]", "d"),
            ("[!a-c]", "a"),
            ("[c-a]", "b"),
            ("[*]", "x"),
            ("[a]", "]"),
            ("[a-c]", "]"),
            ("a*b*c", "a-c-b"),
        ] {
            assert!(!is(pattern, text), "{pattern:?} {text:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_characters_of_their_own() {
        assert!(Glob::new(b"?\xff*").matches(b"\xfe\xff/\xc3"));
        assert!(!Glob::new(b"\xfe").matches(b"\xff"));
        assert!(
            Glob::new(b"[\xf0-\xff]").matches(b"\xfe")
                && !Glob::new(b"[\xf0-\xff]").matches("é".as_bytes())
        );
    }

    #[test]
    fn no_pattern_takes_for_ever() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!is(&pattern, &"a".repeat(1024)));
        assert!(Glob::new(b"***").takes_all() && !Glob::new(b"*a").takes_all());
    }
}
