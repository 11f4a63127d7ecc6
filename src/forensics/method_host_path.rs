//! Method, host and path.

use std::ops::ControlFlow;
use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use super::canonical::{PathRule, PathText, Text};
use super::{Cause, Clues, HostClue, Observed, Tried, tried};
use crate::sigv4::encode;

/// Methods in the order in which links are usually made for them.
pub const METHODS: [&str; 8] = [
    "GET", "PUT", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH", "get",
];

pub fn vary_method(text: &Text, yield_: &mut dyn FnMut(Tried, Text)) {
    for method in METHODS.iter().filter(|method| **method != &*text.method) {
        let about = Tried {
            cause: Cause::Method,
            note: "the method",
            about: method,
        };
        yield_(
            about,
            Text {
                method: (*method).into(),
                ..text.clone()
            },
        );
    }
    let small = text.method.to_ascii_lowercase();
    yield_(
        tried(Cause::Method, "the method in small letters"),
        Text {
            method: small.as_str().into(),
            ..text.clone()
        },
    );
}

const PORTS: [&str; 12] = [
    "443", "80", "9000", "8080", "8443", "7480", "8000", "9001", "3900", "4566", "8333", "5000",
];

pub fn vary_host(
    text: &Text,
    observed: &Observed,
    clues: &Clues,
    yield_: &mut dyn FnMut(Tried, Text),
) {
    let Some(host) = text.headers.value("host").map(<[u8]>::to_vec) else {
        return;
    };
    let host = String::from_utf8_lossy(&host).into_owned();
    let mut give = |cause, note, other: &str, path: Option<&[u8]>| {
        let mut changed = Text {
            headers: Rc::new(text.headers.with("host", other.as_bytes())),
            ..text.clone()
        };
        if let Some(path) = path {
            changed.path = Rc::new(PathText::new(path.to_vec(), text.path.rule));
        }
        yield_(
            Tried {
                cause,
                note,
                about: other,
            },
            changed,
        );
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (name, Some(port)),
        _ => (host.as_str(), None),
    };
    if port.is_some() {
        give(Cause::Port, "the host", name, None);
    }
    for other in PORTS.iter().filter(|other| Some(**other) != port) {
        give(Cause::Port, "the host", &format!("{name}:{other}"), None);
    }
    for clue in &clues.hosts {
        // A clue without a path of its own goes with whatever path is tried; one with a path is
        // about the known path.
        if clue.path.is_none() || *text.path.bytes == *observed.path {
            give(clue.cause, "the host", &clue.host, clue.path.as_deref());
        }
    }
    for other in [
        observed.authority.clone(),
        host.to_ascii_uppercase(),
        format!("{host}."),
        format!("www.{host}"),
    ] {
        if other != host {
            give(Cause::Host, "the host", &other, None);
        }
    }
    for (before, after) in [
        ("https://", ""),
        ("http://", ""),
        ("https://", "/"),
        ("", "/"),
    ] {
        give(
            Cause::Host,
            "the host written as",
            &format!("{before}{host}{after}"),
            None,
        );
    }
    // A signer that used everything up to the key as the host.
    if let Some(slash) = text.path.bytes.iter().skip(1).position(|b| *b == b'/')
        && *text.path.bytes == *observed.path
    {
        let (bucket, key) = text.path.bytes.split_at(slash + 1);
        let bucket = String::from_utf8_lossy(bucket).into_owned();
        give(
            Cause::Host,
            "the host written as",
            &format!("{host}{bucket}"),
            Some(key),
        );
        give(
            Cause::Host,
            "the host written as",
            &format!("{host}{bucket}"),
            None,
        );
    }
    if let Some(rest) = host.strip_prefix("www.") {
        give(Cause::Host, "the host", rest, None);
    }
}

pub fn vary_far_host(text: &Text, clues: &Clues, yield_: &mut dyn FnMut(Tried, Text)) {
    for HostClue { host, path, cause } in &clues.far_hosts {
        let mut changed = Text {
            headers: Rc::new(text.headers.with("host", host.as_bytes())),
            ..text.clone()
        };
        if let Some(path) = path {
            changed.path = Rc::new(PathText::new(path.clone(), text.path.rule));
        }
        yield_(
            Tried {
                cause: *cause,
                note: "the host",
                about: host,
            },
            changed,
        );
    }
}

/// What JavaScript's `encodeURI` leaves as it is.
const ENCODE_URI: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'();/?:@&=+$,#";
/// What `encodeURIComponent` leaves, and the slash.
const ENCODE_URI_COMPONENT: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()/";
/// The characters of a path segment (RFC 3986, 3.3).
const PCHAR: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/";
/// What WHATWG's path encoding leaves.
const WHATWG_PATH: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/[]|^%\\";

/// Sets of characters that encoders leave alone.
pub const KEPT: [&[u8]; 8] = [
    ENCODE_URI_COMPONENT,
    ENCODE_URI,
    PCHAR,
    WHATWG_PATH,
    KEPT_PLUS,
    KEPT_PAREN,
    KEPT_EQUALS,
    KEPT_AT,
];
const KEPT_PLUS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/+";
const KEPT_PAREN: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/()";
const KEPT_EQUALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/=";
const KEPT_AT: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/@:";

pub fn vary_path(
    text: &Text,
    observed: &Observed,
    clues: &Clues,
    yield_: &mut dyn FnMut(Tried, Text),
) {
    let path = &text.path;
    let bytes = path.bytes.as_slice();
    let mut give_text = |cause, note, changed: PathText| {
        if changed.encoded != path.encoded {
            yield_(
                tried(cause, note),
                Text {
                    path: Rc::new(changed),
                    ..text.clone()
                },
            );
        }
    };
    give_text(
        Cause::PathEncodedTwice,
        "the path decoded once more",
        PathText::new(encode::decode_lenient(bytes), path.rule),
    );
    if bytes == observed.path {
        // An unencoded `+` in the URL may mean a space, and `%2B` beside it a plus.
        let spaced = encode::decode_lenient(observed.path_as_sent.replace('+', "%20").as_bytes());
        give_text(
            Cause::PathPlus,
            "spaces for the raw `+` of the path",
            PathText::new(spaced, path.rule),
        );
    }
    if path.rule == PathRule::Strict {
        vary_path_encoding(bytes, observed, &mut give_text);
    }
    let mut give =
        |cause, note, other: Vec<u8>| give_text(cause, note, PathText::new(other, path.rule));
    vary_plus(bytes, &mut give);
    vary_slashes(bytes, &mut give);
    vary_dots(bytes, &mut give);
    vary_unicode(bytes, &mut give);
    vary_segments(bytes, clues, &mut give);
    vary_key(bytes, &mut give);
}

/// Other rules for which characters of the path are encoded, and how.
fn vary_path_encoding(
    bytes: &[u8],
    observed: &Observed,
    give: &mut dyn FnMut(Cause, &'static str, PathText),
) {
    let as_sent = PathText::literal(bytes.to_vec(), &observed.path_as_sent);
    if bytes == observed.path {
        let cause = match observed.path_as_sent.to_ascii_lowercase() {
            path if path.contains("%2f") => Cause::PathSlashes,
            path if path.contains('+') => Cause::PathPlus,
            _ => Cause::PathEncoding,
        };
        give(cause, "the path encoded as in the URL", as_sent);
    }
    for (cause, note, rule) in [
        (
            Cause::PathEncodedTwice,
            "the path encoded twice",
            PathRule::Twice,
        ),
        (
            Cause::PathEncoding,
            "the path not encoded",
            PathRule::Unencoded,
        ),
        (
            Cause::PathSlashes,
            "all slashes of the path but the first encoded",
            PathRule::SlashesAfter(1),
        ),
        (
            Cause::PathSlashes,
            "the slashes of the key encoded",
            PathRule::SlashesAfter(2),
        ),
        (
            Cause::PathSlashes,
            "all slashes of the path encoded",
            PathRule::SlashesAfter(0),
        ),
        (
            Cause::PathPlus,
            "`+` for the spaces of the path",
            PathRule::Form,
        ),
        (
            Cause::PathEncoding,
            "`~` of the path encoded",
            PathRule::Tilde,
        ),
        (
            Cause::PathEncoding,
            "the path encoded with lower-case digits",
            PathRule::LowerHex,
        ),
    ] {
        let cause = if rule == PathRule::Form && !bytes.contains(&b' ') {
            Cause::PathEncoding
        } else {
            cause
        };
        give(cause, note, PathText::new(bytes.to_vec(), rule));
    }
    for kept in KEPT {
        give(
            Cause::PathEncoding,
            "some characters of the path not encoded",
            PathText::new(bytes.to_vec(), PathRule::Keep(kept)),
        );
    }
}

/// `+` and space exchanged.
fn vary_plus(bytes: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    give(
        Cause::PathPlus,
        "spaces for the `+` of the path",
        replaced(bytes, b"+", b" "),
    );
    give(
        Cause::PathPlus,
        "`+` for the spaces of the path",
        replaced(bytes, b" ", b"+"),
    );
    for (at, byte) in bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| b" +".contains(byte))
        .take(16)
    {
        let mut one = bytes.to_vec();
        one[at] = if *byte == b' ' { b'+' } else { b' ' };
        give(Cause::PathPlus, "`+` and space exchanged in the path", one);
    }
}

/// A base path or a bucket more or less.
fn vary_segments(bytes: &[u8], clues: &Clues, give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    for base in &clues.base_paths {
        give(
            Cause::BasePath,
            "a base path before the path",
            [base, bytes].concat(),
        );
        if let Some(rest) = bytes
            .strip_prefix(base.as_slice())
            .filter(|rest| rest.starts_with(b"/"))
        {
            give(
                Cause::BasePath,
                "the path without its base path",
                rest.to_vec(),
            );
        }
    }
    let segments: Vec<&[u8]> = bytes.split(|b| *b == b'/').skip(1).collect();
    for (cause, note, lost) in [
        (Cause::Addressing, "the path without its first segment", 1),
        (
            Cause::BasePath,
            "the path without its first two segments",
            2,
        ),
    ] {
        if let Some(rest @ [_, ..]) = segments.get(lost..) {
            give(cause, note, [b"/", rest.join(&b'/').as_slice()].concat());
        }
    }
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut changed = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(after) => {
                changed.extend_from_slice(to);
                rest = after;
            }
            None => {
                changed.push(rest[0]);
                rest = &rest[1..];
            }
        }
    }
    changed
}

fn vary_slashes(bytes: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let cause = Cause::PathSlashes;
    let mut merged = bytes.to_vec();
    merged.dedup_by(|a, b| *a == b'/' && *b == b'/');
    give(cause, "the double slashes of the path merged", merged);
    if let Some(rest) = bytes.strip_suffix(b"/") {
        give(
            cause,
            "the path without the slash at its end",
            rest.to_vec(),
        );
    }
    give(
        cause,
        "a slash at the end of the path",
        [bytes, b"/"].concat(),
    );
    give(
        cause,
        "a slash more at the start of the path",
        [b"/", bytes].concat(),
    );
    if bytes.starts_with(b"//") {
        give(
            cause,
            "a slash less at the start of the path",
            bytes[1..].to_vec(),
        );
    }
    give(
        cause,
        "the path without the slash at its start",
        bytes[1.min(bytes.len())..].to_vec(),
    );
    let slashes: Vec<usize> = bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'/')
        .map(|(at, _)| at)
        .take(24)
        .collect();
    for at in &slashes {
        let mut doubled = bytes.to_vec();
        doubled.insert(*at, b'/');
        give(cause, "a slash of the path doubled", doubled.clone());
        doubled.insert(*at, b'/');
        give(cause, "a slash of the path three times", doubled);
        if bytes.get(at + 1) == Some(&b'/') {
            let mut single = bytes.to_vec();
            single.remove(*at);
            give(cause, "a double slash of the path merged", single);
        }
    }
    give(
        cause,
        "every slash of the path doubled",
        replaced(bytes, b"/", b"//"),
    );
    if let Some(key) = slashes.get(1).map(|at| at + 1) {
        let (bucket, key) = bytes.split_at(key);
        give(
            cause,
            "every slash of the key doubled",
            [bucket, &replaced(key, b"/", b"//")].concat(),
        );
    }
    give(
        cause,
        "slashes for the backslashes of the path",
        replaced(bytes, b"\\", b"/"),
    );
    let (first, rest) = bytes.split_at(1.min(bytes.len()));
    give(
        cause,
        "backslashes for the slashes of the path",
        [first, &replaced(rest, b"/", b"\\")].concat(),
    );
    if let Some(key) = slashes.get(1).map(|at| at + 1) {
        let (bucket, key) = bytes.split_at(key);
        give(
            cause,
            "backslashes for the slashes of the key",
            [bucket, &replaced(key, b"/", b"\\")].concat(),
        );
    }
}

fn vary_dots(bytes: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let cause = Cause::PathDotSegments;
    give(
        cause,
        "the dot segments of the path removed",
        without_dots(bytes, false),
    );
    give(
        cause,
        "the dot segments of the path removed and slashes merged",
        without_dots(bytes, true),
    );
    let slashes: Vec<usize> = bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'/')
        .map(|(at, _)| at + 1)
        .take(12)
        .collect();
    let segments: Vec<&[u8]> = bytes
        .split(|b| *b == b'/')
        .filter(|s| !s.is_empty())
        .take(5)
        .collect();
    for at in &slashes {
        let (front, back) = bytes.split_at(*at);
        give(
            cause,
            "a segment `.` in the path",
            [front, b"./", back].concat(),
        );
        give(
            cause,
            "a segment `..` in the path",
            [front, b"../", back].concat(),
        );
        give(
            cause,
            "two segments `..` in the path",
            [front, b"../../", back].concat(),
        );
        for segment in segments
            .iter()
            .copied()
            .chain([&b"a"[..], b"x", b"tmp", b"foo"])
        {
            give(
                cause,
                "a segment and `..` in the path",
                [front, segment, b"/../", back].concat(),
            );
        }
    }
    give(
        cause,
        "a segment `.` at the end of the path",
        [bytes, b"/."].concat(),
    );
    if bytes.ends_with(b"/") {
        give(
            cause,
            "a segment `.` at the end of the path",
            [bytes, b"."].concat(),
        );
        for segment in &segments {
            give(
                cause,
                "a segment and `..` at the end of the path",
                [bytes, segment, b"/.."].concat(),
            );
        }
    }
}

/// RFC 3986, 5.2.4, with or without merging slashes.
fn without_dots(path: &[u8], merge: bool) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let segments: Vec<&[u8]> = path.split(|b| *b == b'/').skip(1).collect();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        match *segment {
            b"." if last => kept.push(b""),
            b"." => {}
            b".." => {
                kept.pop();
                if last {
                    kept.push(b"");
                }
            }
            b"" if merge && !last => {}
            segment => kept.push(segment),
        }
    }
    [b"/", kept.join(&b'/').as_slice()].concat()
}

fn vary_unicode(bytes: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let cause = Cause::PathUnicode;
    if bytes.is_ascii() {
        return;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        give(
            cause,
            "the path in Unicode's form NFD",
            text.nfd().collect::<String>().into_bytes(),
        );
        give(
            cause,
            "the path in Unicode's form NFC",
            text.nfc().collect::<String>().into_bytes(),
        );
        give(
            cause,
            "the path in Unicode's form NFKC",
            text.nfkc().collect::<String>().into_bytes(),
        );
        give(
            cause,
            "the path in Unicode's form NFKD",
            text.nfkd().collect::<String>().into_bytes(),
        );
        let composed: String = text.nfc().collect();
        let latin: Option<Vec<u8>> = composed
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect();
        if let Some(latin) = latin {
            give(
                Cause::PathEncoding,
                "the path in Latin-1 rather than UTF-8",
                latin,
            );
        }
        give(
            cause,
            "the path without its accents",
            text.nfd()
                .filter(char::is_ascii)
                .collect::<String>()
                .into_bytes(),
        );
    }
    // UTF-8 that was read as Latin-1 and written as UTF-8 again.
    let mangled: String = bytes.iter().map(|b| char::from(*b)).collect();
    give(
        Cause::PathEncoding,
        "the path in UTF-8 taken for Latin-1",
        mangled.into_bytes(),
    );
}

/// Typing mistakes that make another key of it.
fn vary_key(bytes: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let cause = Cause::Key;
    for (note, before, after) in [
        ("a space at the end of the key", &b""[..], &b" "[..]),
        ("a line feed at the end of the key", b"", b"\n"),
        (
            "a carriage return and line feed at the end of the key",
            b"",
            b"\r\n",
        ),
        ("a carriage return at the end of the key", b"", b"\r"),
        ("a tab at the end of the key", b"", b"\t"),
        ("a `?` at the end of the key", b"", b"?"),
        ("a `.` at the end of the key", b"", b"."),
    ] {
        give(cause, note, [before, bytes, after].concat());
    }
    give(
        cause,
        "the key without the white space at its end",
        bytes.trim_ascii_end().to_vec(),
    );
    if let Some(slash) = bytes.iter().rposition(|b| *b == b'/') {
        let (front, name) = bytes.split_at(slash + 1);
        vary_name(front, name, give);
    }
    // Of the path, and of what follows its first segment, which is most often the bucket.
    let after_first = bytes
        .iter()
        .skip(1)
        .position(|b| *b == b'/')
        .map_or(0, |at| at + 1);
    for start in [0, after_first] {
        if let Ok(text) = std::str::from_utf8(&bytes[start..]) {
            let front = &bytes[..start];
            give(
                cause,
                "the key in lower case",
                [front, text.to_lowercase().as_bytes()].concat(),
            );
            give(
                cause,
                "the key in upper case",
                [front, text.to_uppercase().as_bytes()].concat(),
            );
        }
    }
    for (note, from, to) in [
        ("`_` for the spaces of the key", &b" "[..], &b"_"[..]),
        ("spaces for the `_` of the key", b"_", b" "),
        ("`-` for the spaces of the key", b" ", b"-"),
        ("spaces for the `-` of the key", b"-", b" "),
        ("`-` for the `_` of the key", b"_", b"-"),
        ("`_` for the `-` of the key", b"-", b"_"),
        ("the key without its spaces", b" ", b""),
        ("single spaces for the double ones of the key", b"  ", b" "),
        ("`&` for the `&amp;` of the key", b"&amp;", b"&"),
        ("`&amp;` for the `&` of the key", b"&", b"&amp;"),
        (
            "an ordinary space for the no-break one of the key",
            b"\xc2\xa0",
            b" ",
        ),
        ("the key without its line feeds", b"\n", b""),
        ("the key without its carriage returns", b"\r", b""),
    ] {
        give(cause, note, replaced(bytes, from, to));
    }
}

/// The last segment of a key, most often the name of a file.
fn vary_name(front: &[u8], name: &[u8], give: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    let cause = Cause::Key;
    give(
        cause,
        "the key's name in lower case",
        [front, &name.to_ascii_lowercase()].concat(),
    );
    give(
        cause,
        "the key's name in upper case",
        [front, &name.to_ascii_uppercase()].concat(),
    );
    give(
        cause,
        "a space before the key's name",
        [front, b" ", name].concat(),
    );
    give(
        cause,
        "the key's name without the space before it",
        [front, name.trim_ascii_start()].concat(),
    );
    if let Some(dot) = name.iter().rposition(|b| *b == b'.') {
        let (stem, extension) = name.split_at(dot);
        give(
            cause,
            "the key without its extension",
            [front, stem].concat(),
        );
        give(
            cause,
            "the key's extension in lower case",
            [front, stem, &extension.to_ascii_lowercase()].concat(),
        );
        give(
            cause,
            "the key's extension in upper case",
            [front, stem, &extension.to_ascii_uppercase()].concat(),
        );
        give(cause, "`.gz` after the key", [front, name, b".gz"].concat());
        for other in EXTENSIONS {
            give(
                cause,
                "another extension of the key",
                [front, stem, other.as_bytes()].concat(),
            );
        }
    } else {
        for other in EXTENSIONS {
            give(
                cause,
                "an extension after the key",
                [front, name, other.as_bytes()].concat(),
            );
        }
    }
}

const EXTENSIONS: [&str; 24] = [
    ".txt", ".pdf", ".jpg", ".jpeg", ".png", ".gif", ".csv", ".json", ".xml", ".html", ".zip",
    ".gz", ".tar.gz", ".bin", ".dat", ".mp4", ".mp3", ".doc", ".docx", ".xlsx", ".parquet", ".log",
    ".md", ".svg",
];

/// Everything that differs from this by one character, from a place on.
pub fn edits(
    bytes: &[u8],
    from: usize,
    give: &mut dyn FnMut(&'static str, Vec<u8>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let printable = || b' '..=b'~';
    for at in from..bytes.len() {
        let mut less = bytes.to_vec();
        less.remove(at);
        give("the key with one character less", less)?;
        if at + 1 < bytes.len() && bytes[at] != bytes[at + 1] {
            let mut swapped = bytes.to_vec();
            swapped.swap(at, at + 1);
            give("the key with two characters exchanged", swapped)?;
        }
        for byte in printable().filter(|byte| *byte != bytes[at]) {
            let mut other = bytes.to_vec();
            other[at] = byte;
            give("the key with another character", other)?;
        }
    }
    for at in from..=bytes.len() {
        for byte in printable() {
            let mut more = bytes.to_vec();
            more.insert(at, byte);
            give("the key with one character more", more)?;
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn dot_segments_are_removed_with_and_without_slashes() {
        for (path, without, merged) in [
            ("/", "/", "/"),
            ("/a/./b", "/a/b", "/a/b"),
            ("/a/../b", "/b", "/b"),
            ("/a//./b//", "/a//b//", "/a/b/"),
            ("/a//b", "/a//b", "/a/b"),
            ("/a/..", "/", "/"),
            ("/a/b/.", "/a/b/", "/a/b/"),
            ("/../a", "/a", "/a"),
        ] {
            assert_eq!(
                without_dots(path.as_bytes(), false),
                without.as_bytes(),
                "{path}"
            );
            assert_eq!(
                without_dots(path.as_bytes(), true),
                merged.as_bytes(),
                "{path}"
            );
        }
    }

    /// Single slashes in the middle of a path stay: without one it would be another key.
    #[test]
    fn slashes_that_are_lost() {
        for (path, expected) in [
            ("/b/k", &["b/k"][..]),
            ("/b/k/", &["/b/k", "b/k/"]),
            ("/b//k", &["/b/k", "b//k"]),
            ("/b//k//l", &["/b//k/l", "/b/k//l", "/b/k/l", "b//k//l"]),
            ("//k", &["/k"]),
        ] {
            let slashes = |text: &[u8]| text.iter().filter(|b| **b == b'/').count();
            let mut found = BTreeSet::new();
            vary_slashes(path.as_bytes(), &mut |_, note, other| {
                if slashes(&other) < slashes(path.as_bytes()) && !note.contains("backslashes") {
                    found.insert(String::from_utf8(other).expect("UTF-8"));
                }
            });
            assert_eq!(
                found.iter().map(String::as_str).collect::<Vec<_>>(),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn edits_are_all_that_differ_by_one_character() {
        let mut seen = BTreeSet::new();
        let flow = edits(b"/aab", 1, &mut |_, other| {
            assert_ne!(other, b"/aab");
            seen.insert(other);
            ControlFlow::Continue(())
        });
        assert!(flow.is_continue());
        for other in [
            "/ab", "/aa", "/aba", "/xab", "/aa~", "/ aab", "/aabb", "/axab", "/aab ",
        ] {
            assert!(seen.contains(other.as_bytes()), "{other}");
        }
        assert!(
            seen.iter()
                .all(|other| other.starts_with(b"/") && (3..=5).contains(&other.len()))
        );
        // One character less, two exchanged, one of 94 others at three places, one of 95 more at
        // four, and not twice the same.
        assert_eq!(seen.len(), 2 + 1 + 3 * 94 + (4 * 95 - 3));
    }
}
