//! Canonical requests as text: their lines, and what two of them differ in.

use crate::sigv4::encode;

use super::code::Code;

/// The lines of a canonical request.
pub struct Lines<'a> {
    pub method: &'a str,
    pub uri: &'a str,
    pub query: &'a str,
    pub headers: Vec<(&'a str, &'a str)>,
    pub payload: &'a str,
}

impl<'a> Lines<'a> {
    pub fn of(text: &'a str) -> Lines<'a> {
        let lines: Vec<&str> = text.split('\n').collect();
        let line = |index: usize| {
            lines
                .get(index)
                .copied()
                .unwrap_or_default()
                .trim_end_matches('\r')
        };
        let headers = lines
            .iter()
            .skip(3)
            .map(|line| line.trim_end_matches('\r'))
            .take_while(|line| !line.is_empty());
        let headers = headers.filter_map(|line| line.split_once(':')).collect();
        Lines {
            method: line(0),
            uri: line(1),
            query: line(2),
            headers,
            payload: line(lines.len().saturating_sub(1)),
        }
    }
}

pub fn query_value(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (n, value) = pair.split_once('=')?;
        (n == name).then(|| {
            String::from_utf8_lossy(&encode::decode_lenient(value.as_bytes())).into_owned()
        })
    })
}

/// What became of a path.
pub fn path_difference(asked: &str, seen: &str) -> (Code, String) {
    let decoded = |text: &str| encode::decode_lenient(text.as_bytes());
    let (one, other) = (decoded(asked), decoded(seen));
    let merged = |path: &[u8]| {
        let mut path = path.to_vec();
        path.dedup_by(|a, b| *a == b'/' && *b == b'/');
        path
    };
    let has_dots = |path: &[u8]| {
        path.split(|b| *b == b'/')
            .any(|segment| segment == b"." || segment == b"..")
    };
    if has_dots(&one) != has_dots(&other) {
        return (
            Code::PathDotSegments,
            "its dot segments were removed".to_owned(),
        );
    }
    if asked.ends_with(seen) || seen.ends_with(asked) {
        let what = if asked.len() > seen.len() {
            "its base path was removed"
        } else {
            "a base path was put before it"
        };
        return (Code::ProxyRewroteHost, what.to_owned());
    }
    if one == other {
        return (Code::PathNotEncoded, "encoded by other rules".to_owned());
    }
    if decoded(seen) == asked.as_bytes()
        || decoded(asked) == seen.as_bytes()
        || one == decoded(&String::from_utf8_lossy(&other))
    {
        return (Code::PathDoubleEncoded, "encoded a second time".to_owned());
    }
    if merged(&one) == merged(&other)
        || [&one[..], b"/"].concat() == other
        || [&other[..], b"/"].concat() == one
    {
        return (
            Code::PathSlashesChanged,
            "its slashes were changed".to_owned(),
        );
    }
    let spaced = |path: &[u8]| {
        path.iter()
            .map(|b| if *b == b'+' { b' ' } else { *b })
            .collect::<Vec<u8>>()
    };
    if spaced(&one) == spaced(&other) {
        return (
            Code::PlusForSpace,
            "`+` and space were exchanged".to_owned(),
        );
    }
    (Code::KeyChanged, "another key".to_owned())
}

pub fn query_differences(asked: &str, seen: &str) -> Vec<(Code, String)> {
    let pairs = |query: &'_ str| -> Vec<(String, String)> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    };
    let (one, other) = (pairs(asked), pairs(seen));
    let find = |pairs: &[(String, String)], name: &str| {
        pairs
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
    };
    let mut found = Vec::new();
    for (name, value) in &one {
        match find(&other, name) {
            None => found.push((
                Code::QueryParameterRemoved,
                format!("the parameter `{name}` did not reach the store"),
            )),
            Some(seen) if seen != *value => {
                let code = if seen.replace("%2B", "%20") == value.replace("%2B", "%20") {
                    Code::PlusForSpace
                } else {
                    Code::QueryParameterChanged
                };
                found.push((
                    code,
                    format!("the parameter `{name}` reached the store with another value"),
                ));
            }
            Some(_) => {}
        }
    }
    for (name, _) in &other {
        if find(&one, name).is_none() {
            found.push((
                Code::QueryParameterAdded,
                format!("the store saw a parameter `{name}` that the URL does not have"),
            ));
        }
    }
    if found.is_empty() && asked != seen {
        found.push((
            Code::QueryOrder,
            "the store saw the parameters in another order".to_owned(),
        ));
    }
    found
}
