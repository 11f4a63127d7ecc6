//! Parameters of the query.

use std::ops::ControlFlow;
use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use super::canonical::{QueryRule, QueryText, Text};
use super::method_host_path::KEPT;
use super::{Candidate, Cause, Observed, Tried, tried};
use crate::sigv4::{AUTHENTICATION_PARAMETERS, QueryParameter, Secret, encode};

/// Expiries that people choose, in seconds.
const EXPIRIES: [u32; 36] = [
    60, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 28800, 43200, 86400, 172_800, 259_200,
    432_000, 604_800, 1, 5, 10, 30, 120, 180, 240, 1200, 2700, 5400, 10_800, 18_000, 36_000,
    64_800, 129_600, 345_600, 518_400, 604_799, 1_209_600, 2_592_000,
];

/// Parameters that libraries sign, and that get lost or were not expected.
const USUAL: [(&str, &str); 38] = [
    ("x-id", "GetObject"),
    ("x-id", "PutObject"),
    ("x-id", "HeadObject"),
    ("x-id", "DeleteObject"),
    ("x-id", "UploadPart"),
    ("x-id", "ListObjectsV2"),
    ("x-id", "CopyObject"),
    ("x-amz-checksum-mode", "ENABLED"),
    ("x-amz-sdk-checksum-algorithm", "CRC32"),
    ("x-amz-sdk-checksum-algorithm", "CRC64NVME"),
    ("x-amz-checksum-crc32", "AAAAAA=="),
    ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ("versionId", "null"),
    ("response-content-disposition", "attachment"),
    ("response-content-disposition", "inline"),
    ("response-content-type", "application/octet-stream"),
    ("response-content-type", "application/pdf"),
    ("response-content-type", "text/plain"),
    ("response-content-type", "text/csv"),
    ("response-content-type", "text/html"),
    ("response-content-type", "application/json"),
    ("response-content-type", "image/jpeg"),
    ("response-content-type", "image/png"),
    ("response-content-type", "video/mp4"),
    ("response-cache-control", "no-cache"),
    ("response-content-encoding", "gzip"),
    ("x-amz-acl", "public-read"),
    ("x-amz-acl", "private"),
    ("x-amz-request-payer", "requester"),
    ("list-type", "2"),
    ("uploads", ""),
    ("acl", ""),
    ("tagging", ""),
    ("location", ""),
    ("versioning", ""),
    ("delete", ""),
    ("partNumber", "1"),
];

pub fn vary(
    text: &Text,
    observed: &Observed,
    candidates: &[Candidate],
    yield_: &mut dyn FnMut(Tried, Text),
) {
    let pairs = &text.query.pairs;
    let known = pairs == &observed.query;
    let mut give_text = |about: Tried, changed: QueryText| {
        if changed.encoded != text.query.encoded {
            yield_(
                about,
                Text {
                    query: Rc::new(changed),
                    ..text.clone()
                },
            );
        }
    };
    let mut give = |about: Tried, pairs: Vec<QueryParameter>| {
        give_text(about, QueryText::new(pairs, QueryRule::Strict))
    };
    drop_parameters(pairs, observed, known, &mut give);
    add_parameters(text, candidates, &mut give);
    change_values(pairs, &mut give);
    vary_encoding(pairs, &mut give_text);
    if known {
        vary_order(pairs, observed, &mut give_text);
    }
}

/// Other rules for which characters are encoded, and how.
fn vary_encoding(pairs: &[QueryParameter], give: &mut dyn FnMut(Tried, QueryText)) {
    for (cause, note, rule) in [
        (
            Cause::QueryOrder,
            "the query in the order of the URL",
            QueryRule::AsWritten,
        ),
        (
            Cause::QueryOrder,
            "the query sorted before it was encoded",
            QueryRule::SortedBeforeEncoding,
        ),
        (
            Cause::QueryOrder,
            "the query sorted without regard to letter case",
            QueryRule::SortedWithoutCase,
        ),
        (
            Cause::CredentialEncoding,
            "the slashes of the credential not encoded",
            QueryRule::RawCredential,
        ),
        (
            Cause::QueryPlus,
            "`+` for the spaces of the query",
            QueryRule::Form,
        ),
        (
            Cause::QueryEncoding,
            "the query not encoded",
            QueryRule::Unencoded,
        ),
        (
            Cause::QueryEncoding,
            "`~` of the query encoded",
            QueryRule::Tilde,
        ),
        (
            Cause::QueryEncoding,
            "the query encoded with lower-case digits",
            QueryRule::LowerHex,
        ),
        (
            Cause::QueryEncoding,
            "a parameter without a value signed without `=`",
            QueryRule::NoEquals,
        ),
    ] {
        // What differs only in the credential is about the credential.
        let spaces = pairs.iter().any(|p| p.value.contains(&b' '));
        let cause = match rule {
            QueryRule::Form if !spaces => Cause::QueryEncoding,
            QueryRule::Unencoded if only_credential_differs(pairs, QueryRule::Unencoded) => {
                Cause::CredentialEncoding
            }
            _ => cause,
        };
        give(tried(cause, note), QueryText::new(pairs.to_vec(), rule));
    }
    for kept in KEPT {
        let cause = if only_credential_differs(pairs, QueryRule::Keep(kept)) {
            Cause::CredentialEncoding
        } else {
            Cause::QueryEncoding
        };
        let changed = QueryText::new(pairs.to_vec(), QueryRule::Keep(kept));
        give(
            tried(cause, "some characters of the query not encoded"),
            changed,
        );
    }
}

/// The query as it was sent, and its parameters in other orders.
fn vary_order(
    pairs: &[QueryParameter],
    observed: &Observed,
    give: &mut dyn FnMut(Tried, QueryText),
) {
    let as_sent = observed.query_as_sent.clone();
    let mut sorted: Vec<&str> = as_sent.split('&').collect();
    sorted.sort_unstable();
    let sorted = sorted.join("&");
    let changed = QueryText::literal(pairs.to_vec(), sorted);
    give(
        tried(literal_cause(observed), "the query encoded as in the URL"),
        changed,
    );
    give(
        tried(Cause::QueryOrder, "the query as it is in the URL"),
        QueryText::literal(pairs.to_vec(), as_sent),
    );
    let mut rotated = pairs.to_vec();
    // Some libraries put the request's own parameters behind those of the signature.
    rotated.sort_by_key(|p| !is_authentication(p));
    give(
        tried(Cause::QueryOrder, "the signature's parameters first"),
        QueryText::new(rotated.clone(), QueryRule::AsWritten),
    );
    rotated.sort_by_key(is_authentication);
    give(
        tried(Cause::QueryOrder, "the signature's parameters last"),
        QueryText::new(rotated.clone(), QueryRule::AsWritten),
    );
    rotated.sort_by(|a, b| b.name.cmp(&a.name));
    give(
        tried(Cause::QueryOrder, "the query in reverse order"),
        QueryText::new(rotated, QueryRule::AsWritten),
    );
}

fn literal_cause(observed: &Observed) -> Cause {
    let strict_otherwise = observed.query_as_sent.split('&').all(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let strict = encode::component(&encode::decode_lenient(value.as_bytes())) == value;
        strict || name.eq_ignore_ascii_case("X-Amz-Credential")
    });
    match strict_otherwise {
        true => Cause::CredentialEncoding,
        false if observed.query_as_sent.contains('+') => Cause::QueryPlus,
        false => Cause::QueryEncoding,
    }
}

fn only_credential_differs(pairs: &[QueryParameter], rule: QueryRule) -> bool {
    let differs = |p: &&QueryParameter| {
        let one = std::slice::from_ref(*p).to_vec();
        QueryText::new(one.clone(), rule).encoded != QueryText::new(one, QueryRule::Strict).encoded
    };
    let mut differing = pairs.iter().filter(differs).peekable();
    differing.peek().is_some()
        && differing.all(|p| p.name.eq_ignore_ascii_case(b"X-Amz-Credential"))
}

fn is_authentication(parameter: &QueryParameter) -> bool {
    AUTHENTICATION_PARAMETERS
        .iter()
        .any(|name| name.as_bytes().eq_ignore_ascii_case(&parameter.name))
}

fn is_token(parameter: &QueryParameter) -> bool {
    parameter.name.eq_ignore_ascii_case(b"X-Amz-Security-Token")
}

/// What mailers, shorteners and analytics append to links.
fn is_tracker(parameter: &QueryParameter) -> bool {
    let name = parameter.name.to_ascii_lowercase();
    let prefixes: [&[u8]; 6] = [b"utm_", b"mc_", b"hsa_", b"_hs", b"pk_", b"mtm_"];
    let names: [&[u8]; 16] = [
        b"fbclid",
        b"gclid",
        b"gbraid",
        b"wbraid",
        b"msclkid",
        b"dclid",
        b"yclid",
        b"igshid",
        b"twclid",
        b"ttclid",
        b"_ga",
        b"_gl",
        b"ref",
        b"si",
        b"timestamp",
        b"_",
    ];
    prefixes.iter().any(|prefix| name.starts_with(prefix)) || names.contains(&name.as_slice())
}

fn drop_parameters(
    pairs: &[QueryParameter],
    observed: &Observed,
    known: bool,
    give: &mut dyn FnMut(Tried, Vec<QueryParameter>),
) {
    let without = |drop: &dyn Fn(usize, &QueryParameter) -> bool| -> Vec<QueryParameter> {
        pairs
            .iter()
            .enumerate()
            .filter(|(index, p)| !drop(*index, p))
            .map(|(_, p)| p.clone())
            .collect()
    };
    for (index, parameter) in pairs.iter().enumerate() {
        let doubled = pairs
            .iter()
            .filter(|other| other.name.eq_ignore_ascii_case(&parameter.name))
            .count()
            > 1;
        if is_authentication(parameter) && !is_token(parameter) && !doubled {
            continue;
        }
        let name = String::from_utf8_lossy(&parameter.name);
        let cause = if is_token(parameter) && !doubled {
            Cause::TokenUnsigned
        } else {
            Cause::ParameterAdded
        };
        give(
            Tried {
                cause,
                note: "the query without the parameter",
                about: &name,
            },
            without(&|at, _| at == index),
        );
    }
    if known {
        let added = tried(
            Cause::ParameterAdded,
            "the query without what follows the signature",
        );
        give(
            added,
            without(&|at, _| at >= observed.parameters_before_signature),
        );
    }
    let added = tried(
        Cause::ParameterAdded,
        "the query without its tracking parameters",
    );
    give(added, without(&|_, p| is_tracker(p)));
    let added = tried(
        Cause::ParameterAdded,
        "the query with nothing but the signature's own parameters",
    );
    give(added, without(&|_, p| !is_authentication(p)));
    let added = tried(
        Cause::ParameterAdded,
        "the query without its response-… parameters",
    );
    give(
        added,
        without(&|_, p| p.name.to_ascii_lowercase().starts_with(b"response-")),
    );
}

fn add_parameters(
    text: &Text,
    candidates: &[Candidate],
    give: &mut dyn FnMut(Tried, Vec<QueryParameter>),
) {
    let pairs = &text.query.pairs;
    let has = |name: &str| {
        pairs
            .iter()
            .any(|p| p.name.eq_ignore_ascii_case(name.as_bytes()))
    };
    let with = |name: &str, value: &[u8]| {
        let mut more = pairs.clone();
        more.push(QueryParameter::new(name, value));
        more
    };
    for token in candidates
        .iter()
        .filter_map(|candidate| candidate.token.as_ref().map(Secret::expose_secret))
    {
        if has("X-Amz-Security-Token") {
            let mut other = pairs.clone();
            other
                .iter_mut()
                .filter(|p| is_token(p))
                .for_each(|p| p.value = token.to_vec());
            give(
                tried(Cause::ParameterChanged, "the session token at hand"),
                other,
            );
        } else {
            give(
                tried(Cause::TokenMissing, "the session token"),
                with("X-Amz-Security-Token", token),
            );
        }
    }
    for (name, value) in USUAL.iter().filter(|(name, _)| !has(name)) {
        let about = format!("{name}={value}");
        let lost = Tried {
            cause: Cause::ParameterRemoved,
            note: "the parameter",
            about: &about,
        };
        give(lost, with(name, value.as_bytes()));
    }
    let name = text
        .path
        .bytes
        .rsplit(|b| *b == b'/')
        .next()
        .unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    if !has("response-content-disposition") {
        for kind in ["attachment", "inline"] {
            for value in [
                format!("{kind}; filename=\"{name}\""),
                format!("{kind}; filename={name}"),
                format!("{kind};filename={name}"),
                format!("{kind};filename=\"{name}\""),
            ] {
                let lost = Tried {
                    cause: Cause::ParameterRemoved,
                    note: "a response-content-disposition",
                    about: &value,
                };
                give(lost, with("response-content-disposition", value.as_bytes()));
            }
        }
    }
}

fn change_values(pairs: &[QueryParameter], give: &mut dyn FnMut(Tried, Vec<QueryParameter>)) {
    for (index, parameter) in pairs.iter().enumerate() {
        let name = String::from_utf8_lossy(&parameter.name).into_owned();
        let value = parameter.value.as_slice();
        let mut with = |cause, note, value: Vec<u8>| {
            if value != parameter.value {
                let mut changed = pairs.to_vec();
                changed[index].value = value;
                give(
                    Tried {
                        cause,
                        note,
                        about: &name,
                    },
                    changed,
                );
            }
        };
        if parameter.name.eq_ignore_ascii_case(b"X-Amz-Expires") {
            for seconds in EXPIRIES {
                with(
                    Cause::ParameterChanged,
                    "another value of",
                    seconds.to_string().into_bytes(),
                );
            }
        }
        // Date, scope and algorithm are varied together with the string to sign.
        let plain = !is_authentication(parameter) || is_token(parameter);
        let is_list = parameter.name.eq_ignore_ascii_case(b"X-Amz-SignedHeaders");
        let cause = if is_list {
            Cause::SignedHeaders
        } else {
            Cause::QueryEncodedTwice
        };
        with(
            cause,
            "the value decoded once more of",
            encode::decode_lenient(value),
        );
        with(
            Cause::QueryPlus,
            "spaces for `+` in",
            swap(value, b'+', b' '),
        );
        with(
            Cause::QueryPlus,
            "`+` for spaces in",
            swap(value, b' ', b'+'),
        );
        if plain {
            vary_value(&parameter.name, value, &mut with);
        }
    }
    change_all(pairs, give);
}

/// Spellings of one value.
fn vary_value(name: &[u8], value: &[u8], with: &mut dyn FnMut(Cause, &'static str, Vec<u8>)) {
    with(
        Cause::QueryEncodedTwice,
        "the value encoded once more of",
        encode::component(value).into_owned().into_bytes(),
    );
    with(Cause::ParameterChanged, "an empty value of", Vec::new());
    with(
        Cause::ParameterChanged,
        "the value without white space around it of",
        value.trim_ascii().to_vec(),
    );
    with(
        Cause::ParameterChanged,
        "the value in lower case of",
        value.to_ascii_lowercase(),
    );
    with(
        Cause::ParameterChanged,
        "the value in upper case of",
        value.to_ascii_uppercase(),
    );
    with(
        Cause::ParameterChanged,
        "the value without quotes of",
        value.iter().copied().filter(|b| *b != b'"').collect(),
    );
    with(
        Cause::ParameterChanged,
        "the value in quotes of",
        [b"\"", value, b"\""].concat(),
    );
    if let Ok(text) = std::str::from_utf8(value)
        && !value.is_ascii()
    {
        with(
            Cause::ParameterChanged,
            "the value in Unicode's form NFD of",
            text.nfd().collect::<String>().into_bytes(),
        );
        with(
            Cause::ParameterChanged,
            "the value in Unicode's form NFC of",
            text.nfc().collect::<String>().into_bytes(),
        );
    }
    for (usual, other) in USUAL
        .iter()
        .filter(|(usual, _)| usual.as_bytes().eq_ignore_ascii_case(name))
    {
        let _ = usual;
        with(
            Cause::ParameterChanged,
            "another value of",
            other.as_bytes().to_vec(),
        );
    }
}

/// The same change in every parameter.
fn change_all(pairs: &[QueryParameter], give: &mut dyn FnMut(Tried, Vec<QueryParameter>)) {
    let all = |change: &dyn Fn(&[u8]) -> Vec<u8>| -> Vec<QueryParameter> {
        pairs
            .iter()
            .map(|p| QueryParameter::new(p.name.clone(), change(&p.value)))
            .collect()
    };
    give(
        tried(Cause::QueryEncodedTwice, "all values decoded once more"),
        all(&encode::decode_lenient),
    );
    give(
        tried(Cause::QueryPlus, "spaces for every `+` of the query"),
        all(&|value| swap(value, b'+', b' ')),
    );
    give(
        tried(Cause::QueryPlus, "`+` for every space of the query"),
        all(&|value| swap(value, b' ', b'+')),
    );
    let renamed = |change: &dyn Fn(&[u8]) -> Vec<u8>| -> Vec<QueryParameter> {
        pairs
            .iter()
            .map(|p| QueryParameter::new(change(&p.name), p.value.clone()))
            .collect()
    };
    give(
        tried(Cause::ParameterChanged, "the names in lower case"),
        renamed(&|name| name.to_ascii_lowercase()),
    );
    give(
        tried(
            Cause::ParameterChanged,
            "the signature's names as they are documented",
        ),
        renamed(&|name| {
            let known = AUTHENTICATION_PARAMETERS
                .iter()
                .find(|known| known.as_bytes().eq_ignore_ascii_case(name));
            known.map_or(name, |known| known.as_bytes()).to_vec()
        }),
    );
}

fn swap(value: &[u8], from: u8, to: u8) -> Vec<u8> {
    value
        .iter()
        .map(|b| if *b == from { to } else { *b })
        .collect()
}

/// Every value of a parameter of the request's own that differs by one character.
pub fn edits(
    text: &Text,
    yield_: &mut dyn FnMut(Tried, Text) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let pairs = &text.query.pairs;
    for (index, parameter) in pairs.iter().enumerate() {
        if is_authentication(parameter) || parameter.value.len() > 100 {
            continue;
        }
        let name = String::from_utf8_lossy(&parameter.name).into_owned();
        super::method_host_path::edits(&parameter.value, 0, &mut |_, value| {
            let mut other = pairs.clone();
            other[index].value = value;
            let about = Tried {
                cause: Cause::ParameterChanged,
                note: "another value of",
                about: &name,
            };
            yield_(
                about,
                Text {
                    query: Rc::new(QueryText::new(other, QueryRule::Strict)),
                    ..text.clone()
                },
            )
        })?;
    }
    ControlFlow::Continue(())
}

/// The same query with another value of one of the signature's parameters.
pub fn with_value(text: &Text, name: &str, value: &str) -> Text {
    let mut pairs = text.query.pairs.clone();
    for pair in pairs
        .iter_mut()
        .filter(|p| p.name.eq_ignore_ascii_case(name.as_bytes()))
    {
        pair.value = value.as_bytes().to_vec();
    }
    Text {
        query: Rc::new(QueryText::new(pairs, QueryRule::Strict)),
        ..text.clone()
    }
}
