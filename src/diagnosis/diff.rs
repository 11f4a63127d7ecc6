//! Two canonical requests beside each other, line by line, the first differing byte marked.

use crate::sigv4::SECRET_HEADERS;

/// How much of a long line is shown: with the indentation it fits a terminal of 80 columns.
const WIDTH: usize = 62;

/// Lines that show every difference; nothing if there is none. `left` and `right` name the two, in
/// at most eight letters.
pub fn diff(left: &str, right: &str, signed: &[u8], asked: &[u8]) -> Vec<String> {
    let (signed, asked) = (named_lines(signed), named_lines(asked));
    let mut shown = Vec::new();
    let mut names: Vec<&String> = signed.iter().map(|(name, _)| name).collect();
    names.extend(
        asked
            .iter()
            .map(|(name, _)| name)
            .filter(|name| !signed.iter().any(|(n, _)| n == *name)),
    );
    for name in names {
        let find = |lines: &[(String, String)]| {
            lines
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.clone())
        };
        let (one, other) = (find(&signed), find(&asked));
        if one != other {
            shown.push(format!("{name}:"));
            shown.extend(pair(left, right, one.as_deref(), other.as_deref()));
        }
    }
    shown
}

/// One line in two versions.
pub fn pair(left: &str, right: &str, one: Option<&str>, other: Option<&str>) -> Vec<String> {
    let (Some(one), Some(other)) = (one, other) else {
        let (label, value) = if one.is_some() {
            (left, one)
        } else {
            (right, other)
        };
        let missing = if one.is_some() { right } else { left };
        return vec![
            format!("  {label:<8} {}", window(value.unwrap_or_default(), 0)),
            format!("  {missing:<8} (not there)"),
        ];
    };
    let at = one
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let start = at.saturating_sub(WIDTH / 2);
    // Near the start the whole line is shown from its beginning.
    let start = if at < WIDTH - 8 { 0 } else { start };
    let mark = at - start + usize::from(start > 0);
    vec![
        format!("  {left:<8} {}", window(one, start)),
        format!("  {right:<8} {}", window(other, start)),
        format!("  {:<8} {}^ character {}", "", " ".repeat(mark), at + 1),
    ]
}

fn window(text: &str, start: usize) -> String {
    let mut shown: String = text.chars().skip(start).take(WIDTH).collect();
    if start > 0 {
        shown.insert(0, '…');
    }
    if text.chars().count() > start + WIDTH {
        shown.push('…');
    }
    if text.is_empty() {
        "(empty)".to_owned()
    } else {
        shown
    }
}

/// Each line with what it is. Token and customer key are cut out.
fn named_lines(canonical_request: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(canonical_request);
    let lines: Vec<&str> = text.split('\n').collect();
    let count = lines.len();
    let mut named = Vec::with_capacity(count);
    for (index, line) in lines.iter().enumerate() {
        let (name, value) = match index {
            0 => ("method".to_owned(), (*line).to_owned()),
            1 => ("canonical URI".to_owned(), (*line).to_owned()),
            2 => ("canonical query string".to_owned(), without_token(line)),
            _ if index + 1 == count => ("payload hash".to_owned(), (*line).to_owned()),
            _ if index + 2 == count => ("signed headers".to_owned(), (*line).to_owned()),
            _ => match line.split_once(':') {
                Some((header, _)) if SECRET_HEADERS.contains(&header) => {
                    (format!("header {header}"), "(redacted)".to_owned())
                }
                Some((header, value)) => (format!("header {header}"), value.to_owned()),
                None if line.is_empty() => continue,
                None => (format!("line {}", index + 1), (*line).to_owned()),
            },
        };
        named.push((name, value));
    }
    named
}

fn without_token(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("X-Amz-Security-Token") => {
            format!("{name}=(redacted)")
        }
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_the_first_difference_within_80_columns() {
        let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&".repeat(9);
        let one =
            format!("GET\n/b/k\n{query}a=1\nhost:h\nx-amz-acl:private\n\nhost\nUNSIGNED-PAYLOAD");
        let other = format!("GET\n/b/k\n{query}b=1\nhost:h\n\nhost\nUNSIGNED-PAYLOAD");
        let lines = diff("signed", "asked", one.as_bytes(), other.as_bytes());
        assert_eq!(lines[0], "canonical query string:");
        let mark = lines[3].chars().position(|c| c == '^').expect("a mark");
        assert_eq!(
            (lines[1].chars().nth(mark), lines[2].chars().nth(mark)),
            (Some('a'), Some('b')),
            "{lines:#?}"
        );
        assert_eq!(
            lines[4..],
            [
                "header x-amz-acl:",
                "  signed   private",
                "  asked    (not there)"
            ]
        );
        assert!(
            lines.iter().all(|line| line.chars().count() <= 78),
            "{lines:#?}"
        );
        assert_eq!(
            diff("a", "b", one.as_bytes(), one.as_bytes()),
            Vec::<String>::new()
        );
    }

    #[test]
    fn shows_no_token() {
        let lines = diff(
            "a",
            "b",
            b"GET\n/\nX-Amz-Security-Token=t0k3n&a=1\n\n",
            b"GET\n/\nX-Amz-Security-Token=t0k3n\n\n",
        );
        assert!(
            !lines.is_empty() && !lines.concat().contains("t0k3n"),
            "{lines:?}"
        );
    }
}
