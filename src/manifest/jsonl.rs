//! JSON Lines: one object per line. Only the relevant fields are decoded, but the whole line must
//! be valid JSON, because a URL added to anything else could not be read.
//!
//! `null` counts as a missing field, as written by many programs.

use std::borrow::Cow;

use memchr::memchr;

use super::{KeyRequest, Options, Overrides, Record, RecordError, Wanted};

/// Errors are boxed, because they are far larger than most results.
type Read<T> = Result<T, Box<RecordError>>;

/// JSON Lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jsonl {
    /// Text before the URL: a comma and the name of the field.
    before_url: Vec<u8>,
    /// Field of the keys.
    key: String,
    /// The field to add.
    url: String,
}

/// The fields of an object parsed so far.
#[derive(Default)]
struct Said<'a> {
    key: Option<Cow<'a, str>>,
    overrides: Option<Overrides<'a>>,
    has_headers: bool,
}

impl Jsonl {
    pub(super) fn new(options: &Options) -> Self {
        let mut before_url = b",\"".to_vec();
        push_escaped(options.url_column.as_bytes(), &mut before_url);
        before_url.extend_from_slice(b"\":\"");
        let key = options
            .key_column
            .clone()
            .unwrap_or_else(|| "key".to_owned());
        Jsonl {
            before_url,
            key,
            url: options.url_column.clone(),
        }
    }

    pub(super) fn next<'a>(&self, bytes: &'a [u8]) -> Record<'a> {
        let (line, lines) = match memchr(b'\n', bytes) {
            Some(at) => (&bytes[..=at], 1),
            None => (bytes, 0),
        };
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let mut insert = text.len();
        let request = self.read(text, &mut insert).map_err(|error| *error);
        Record {
            request,
            len: line.len(),
            line_end: &line[text.len()..],
            lines,
            text,
            insert,
        }
    }

    pub(super) fn write_url(&self, url: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&self.before_url);
        push_escaped(url, out);
        out.push(b'"');
    }

    /// `insert` becomes the end of the last value.
    fn read<'a>(&self, text: &'a [u8], insert: &mut usize) -> Read<Option<KeyRequest<'a>>> {
        let text = str::from_utf8(text).map_err(|error| {
            Box::new(RecordError::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;
        let mut scanner = Scanner { text, at: 0 };
        scanner.space();
        let kind = match scanner.peek() {
            None => return Ok(None),
            Some(b'{') => None,
            Some(b'[') => Some("an array"),
            Some(b'"') => Some("text"),
            Some(b't' | b'f') => Some("a boolean"),
            Some(b'n') => Some("null"),
            Some(_) => Some("a number"),
        };
        if let Some(kind) = kind {
            scanner.skip_value()?;
            scanner.end()?;
            return Err(Box::new(RecordError::NotAnObject(kind)));
        }
        let mut said = Said::default();
        *insert = scanner.members(|scanner, name| self.member(name, scanner, &mut said))?;
        scanner.end()?;
        match said.key {
            None => Err(Box::new(RecordError::MissingKey {
                field: self.key.clone(),
            })),
            Some(key) if key.is_empty() => Err(Box::new(RecordError::EmptyKey)),
            Some(Cow::Borrowed(key)) => Ok(Some(KeyRequest {
                key: Cow::Borrowed(key.as_bytes()),
                overrides: said.overrides,
            })),
            Some(Cow::Owned(key)) => Ok(Some(KeyRequest {
                key: Cow::Owned(key.into_bytes()),
                overrides: said.overrides,
            })),
        }
    }

    /// Parses one field of the object. The field of the key may have the name of another field, and
    /// then is the key.
    #[inline]
    fn member<'a>(
        &self,
        name: Quoted<'a>,
        scanner: &mut Scanner<'a>,
        said: &mut Said<'a>,
    ) -> Read<()> {
        let decoded = if name.has_escapes {
            name.decoded()
        } else {
            None
        };
        let name = decoded.as_deref().unwrap_or(name.text);
        if name == self.key {
            let key = scanner.wanted_text(name)?;
            return once(&mut said.key, name, key);
        }
        if name == self.url {
            return Err(Box::new(RecordError::UrlExists(name.to_owned())));
        }
        if !matches!(
            name,
            "bucket" | "expires" | "headers" | "method" | "version_id"
        ) || scanner.peek() == Some(b'n')
        {
            return scanner.skip_value();
        }
        let overrides = said.overrides.get_or_insert_default();
        match name {
            "bucket" => once(&mut overrides.bucket, name, scanner.wanted_text(name)?),
            "expires" => once(
                &mut overrides.expires,
                name,
                scanner.wanted_text_or_number(name)?,
            ),
            "method" => once(&mut overrides.method, name, scanner.wanted_text(name)?),
            "version_id" => once(&mut overrides.version_id, name, scanner.wanted_text(name)?),
            _ if said.has_headers => Err(Box::new(RecordError::Doubled(name.to_owned()))),
            _ => {
                said.has_headers = true;
                scanner.headers(name, &mut overrides.headers)
            }
        }
    }
}

fn once<'a>(place: &mut Option<Cow<'a, str>>, name: &str, value: Cow<'a, str>) -> Read<()> {
    if place.is_some() {
        return Err(Box::new(RecordError::Doubled(name.to_owned())));
    }
    *place = Some(value);
    Ok(())
}

/// A position in one line of JSON.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[cold]
    fn expected<T>(&self, expected: &'static str) -> Read<T> {
        Err(Box::new(RecordError::Json {
            at: self.at,
            expected,
        }))
    }

    fn take(&mut self, byte: u8, expected: &'static str) -> Read<()> {
        if self.peek() != Some(byte) {
            return self.expected(expected);
        }
        self.at += 1;
        Ok(())
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// Checks that only white space follows.
    fn end(&mut self) -> Read<()> {
        self.space();
        if self.at < self.text.len() {
            self.expected("the end of the line")
        } else {
            Ok(())
        }
    }

    /// Parses an object; `each` must consume the values. Returns the end of the last value, or of
    /// the opening brace.
    #[inline]
    fn members(&mut self, mut each: impl FnMut(&mut Self, Quoted<'a>) -> Read<()>) -> Read<usize> {
        self.take(b'{', "an object")?;
        let mut end = self.at;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(end);
        }
        loop {
            let name = self.name()?;
            each(self, name)?;
            end = self.at;
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
                self.space();
                continue;
            }
            self.take(b'}', "`,` or `}`")?;
            return Ok(end);
        }
    }

    /// Parses the name of a field and the text before its value.
    #[inline]
    fn name(&mut self) -> Read<Quoted<'a>> {
        if self.peek() != Some(b'"') {
            return self.expected("a name in quotes");
        }
        let name = self.string()?;
        self.space();
        self.take(b':', "`:`")?;
        self.space();
        Ok(name)
    }

    fn wanted_text(&mut self, field: &str) -> Read<Cow<'a, str>> {
        if self.peek() != Some(b'"') {
            return wrong_type(field, Wanted::Text);
        }
        let string = self.string()?;
        if !string.has_escapes {
            return Ok(Cow::Borrowed(string.text));
        }
        string.decoded().ok_or_else(|| {
            Box::new(RecordError::LoneSurrogate {
                field: field.to_owned(),
            })
        })
    }

    fn wanted_text_or_number(&mut self, field: &str) -> Read<Cow<'a, str>> {
        match self.peek() {
            Some(b'"') => self.wanted_text(field),
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                self.skip_number()?;
                Ok(Cow::Borrowed(&self.text[start..self.at]))
            }
            _ => wrong_type(field, Wanted::TextOrNumber),
        }
    }

    fn headers(
        &mut self,
        field: &str,
        headers: &mut Vec<(Cow<'a, str>, Cow<'a, str>)>,
    ) -> Read<()> {
        if self.peek() != Some(b'{') {
            return wrong_type(field, Wanted::Texts);
        }
        self.members(|scanner, name| {
            let Some(name) = name.decoded() else {
                return Err(Box::new(RecordError::LoneSurrogate {
                    field: field.to_owned(),
                }));
            };
            if scanner.peek() != Some(b'"') {
                return wrong_type(field, Wanted::Texts);
            }
            headers.push((name, scanner.wanted_text(field)?));
            Ok(())
        })?;
        Ok(())
    }

    /// Parses a string that starts here.
    #[inline]
    fn string(&mut self) -> Read<Quoted<'a>> {
        let start = self.at + 1;
        self.at = end_of_plain(self.text.as_bytes(), start);
        let has_escapes = self.peek() != Some(b'"');
        if has_escapes {
            self.escapes()?;
        }
        self.at += 1;
        Ok(Quoted {
            text: &self.text[start..self.at - 1],
            has_escapes,
        })
    }

    /// Skips to the closing quote from the first escape sequence on.
    fn escapes(&mut self) -> Read<()> {
        loop {
            match self.peek() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.at += 1,
                Some(_) => return self.expected("an escape sequence for a control character"),
                None => return self.expected("the closing quote of a string"),
            }
            match self.peek() {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(b'u') => {
                    for _ in 0..4 {
                        self.at += 1;
                        if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                            return self.expected("four hexadecimal digits");
                        }
                    }
                }
                _ => return self.expected("an escape sequence"),
            }
            self.at = end_of_plain(self.text.as_bytes(), self.at + 1);
        }
    }

    /// Skips any value. Not recursive, so that a line of a million brackets cannot overflow the
    /// stack.
    fn skip_value(&mut self) -> Read<()> {
        let mut closers = Vec::new();
        loop {
            match self.peek() {
                Some(opener @ (b'{' | b'[')) => {
                    let closer = if opener == b'{' { b'}' } else { b']' };
                    self.at += 1;
                    self.space();
                    if self.peek() == Some(closer) {
                        self.at += 1;
                    } else {
                        closers.push(closer);
                        if closer == b'}' {
                            self.name()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => {
                    self.string()?;
                }
                Some(b'-' | b'0'..=b'9') => self.skip_number()?,
                _ => self.skip_word()?,
            }
            // After a value: the end of its container, or another value.
            loop {
                let Some(closer) = closers.last().copied() else {
                    return Ok(());
                };
                self.space();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.space();
                        if closer == b'}' {
                            self.name()?;
                        }
                        break;
                    }
                    Some(byte) if byte == closer => {
                        self.at += 1;
                        closers.pop();
                    }
                    _ => {
                        return self.expected(if closer == b'}' {
                            "`,` or `}`"
                        } else {
                            "`,` or `]`"
                        });
                    }
                }
            }
        }
    }

    fn skip_word(&mut self) -> Read<()> {
        let rest = &self.text.as_bytes()[self.at..];
        match [b"true".as_slice(), b"false", b"null"]
            .iter()
            .find(|word| rest.starts_with(word))
        {
            Some(word) => {
                self.at += word.len();
                Ok(())
            }
            None => self.expected("a value"),
        }
    }

    fn skip_number(&mut self) -> Read<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.skip_digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Ok(())
    }

    fn skip_digits(&mut self) -> Read<()> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.expected("a digit");
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

#[cold]
fn wrong_type<T>(field: &str, wanted: Wanted) -> Read<T> {
    Err(Box::new(RecordError::WrongType {
        field: field.to_owned(),
        wanted,
    }))
}

/// A string without its quotes, whose escape sequences are complete.
#[derive(Clone, Copy)]
struct Quoted<'a> {
    text: &'a str,
    has_escapes: bool,
}

impl<'a> Quoted<'a> {
    /// The decoded string; `None` if it has an unpaired surrogate.
    fn decoded(self) -> Option<Cow<'a, str>> {
        if !self.has_escapes {
            return Some(Cow::Borrowed(self.text));
        }
        let mut decoded = String::with_capacity(self.text.len());
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once('\\') {
            decoded.push_str(before);
            let (escape, after) = after.split_at_checked(1)?;
            rest = after;
            decoded.push(match escape {
                "b" => '\u{8}',
                "f" => '\u{c}',
                "n" => '\n',
                "r" => '\r',
                "t" => '\t',
                "u" => {
                    let (first, after) = unit(rest)?;
                    rest = after;
                    match char::from_u32(first) {
                        Some(character) => character,
                        None => {
                            let (second, after) = unit(rest.strip_prefix("\\u")?)?;
                            rest = after;
                            char::decode_utf16([
                                u16::try_from(first).ok()?,
                                u16::try_from(second).ok()?,
                            ])
                            .next()?
                            .ok()?
                        }
                    }
                }
                other => other.chars().next()?,
            });
        }
        decoded.push_str(rest);
        Some(Cow::Owned(decoded))
    }
}

/// Four hexadecimal digits.
fn unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}

/// Position of the first quote, backslash or control character from `at` on.
#[inline]
fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Eight bytes at a time. The high bit is set for every byte less than `n`, and possibly for
    // some after the first.
    let less = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let quote = less(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = less(word ^ (ONES * u64::from(b'\\')), 1);
        let found = (quote | backslash | less(word, 0x20)) & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes
        .get(at)
        .is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        at += 1;
    }
    at
}

/// A URL is plain text; anything else is escaped.
fn push_escaped(value: &[u8], out: &mut Vec<u8>) {
    let is_special = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte >= 0x7f);
    // No early exit, so that the compiler can vectorize the loop.
    if !value
        .iter()
        .fold(false, |found, byte| found | is_special(*byte))
    {
        out.extend_from_slice(value);
        return;
    }
    for character in String::from_utf8_lossy(value).chars() {
        match character {
            '"' | '\\' => out.extend_from_slice(&[b'\\', character as u8]),
            '\0'..' ' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes())
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}
