//! Signed headers and the payload hash.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::canonical::{HeaderText, Text, sent_value};
use super::{Cause, Observed, Tried, tried};
use crate::sigv4::hash::sha256;

/// What clients send by default, and what people sign.
const CONTENT_TYPES: [&str; 46] = [
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/json",
    "text/plain",
    "image/jpeg",
    "image/png",
    "application/pdf",
    "text/html",
    "text/csv",
    "application/xml",
    "text/xml",
    "video/mp4",
    "audio/mpeg",
    "application/zip",
    "application/gzip",
    "application/x-gzip",
    "application/x-tar",
    "image/gif",
    "image/webp",
    "image/svg+xml",
    "image/jpg",
    "image/*",
    "video/*",
    "*/*",
    "video/quicktime",
    "video/webm",
    "audio/wav",
    "audio/mp4",
    "text/css",
    "text/javascript",
    "application/javascript",
    "text/markdown",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.apache.parquet",
    "application/x-ndjson",
    "application/yaml",
    "application/wasm",
    "false",
    "undefined",
    "null",
    "file",
];

const CHARSETS: [&str; 8] = [
    "; charset=utf-8",
    ";charset=utf-8",
    "; charset=UTF-8",
    ";charset=UTF-8",
    "; charset=iso-8859-1",
    "; charset=ISO-8859-1",
    "; charset=us-ascii",
    "; boundary=",
];

/// Values that other headers usually have.
const USUAL: [(&str, &[&str]); 16] = [
    (
        "accept-encoding",
        &[
            "identity",
            "gzip",
            "gzip, deflate",
            "gzip, deflate, br",
            "gzip, deflate, br, zstd",
            "gzip,gzip(gfe)",
            "*",
        ],
    ),
    (
        "cache-control",
        &[
            "no-cache",
            "no-store",
            "max-age=0",
            "public, max-age=31536000",
            "max-age=31536000",
            "private",
        ],
    ),
    (
        "content-encoding",
        &["gzip", "aws-chunked", "identity", "br", "deflate", "zstd"],
    ),
    ("content-length", &["0"]),
    ("content-md5", &["1B2M2Y8AsgTpgAmY7PhCfg=="]),
    ("if-none-match", &["*", "\"*\""]),
    ("range", &["bytes=0-0", "bytes=0-", "bytes=0-1023"]),
    (
        "x-amz-acl",
        &[
            "private",
            "public-read",
            "public-read-write",
            "authenticated-read",
            "bucket-owner-full-control",
            "bucket-owner-read",
            "aws-exec-read",
        ],
    ),
    (
        "x-amz-content-sha256",
        &[
            "UNSIGNED-PAYLOAD",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        ],
    ),
    ("x-amz-checksum-crc32", &["AAAAAA=="]),
    (
        "x-amz-checksum-sha256",
        &["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
    ),
    ("x-amz-request-payer", &["requester"]),
    (
        "x-amz-sdk-checksum-algorithm",
        &[
            "CRC32",
            "CRC32C",
            "SHA1",
            "SHA256",
            "CRC64NVME",
            "SHA512",
            "MD5",
            "XXHASH64",
            "XXHASH3",
            "XXHASH128",
        ],
    ),
    (
        "x-amz-server-side-encryption",
        &["AES256", "aws:kms", "aws:kms:dsse"],
    ),
    (
        "x-amz-server-side-encryption-customer-algorithm",
        &["AES256"],
    ),
    (
        "x-amz-storage-class",
        &[
            "STANDARD",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER",
            "DEEP_ARCHIVE",
            "GLACIER_IR",
            "REDUCED_REDUNDANCY",
        ],
    ),
];

pub fn vary(text: &Text, observed: &Observed, yield_: &mut dyn FnMut(Tried, Text)) {
    let headers = &text.headers;
    let mut give = |about: Tried, changed: HeaderText| {
        if changed.encoded != headers.encoded {
            yield_(
                about,
                Text {
                    headers: Rc::new(changed),
                    ..text.clone()
                },
            );
        }
    };
    for (name, value) in headers.lines.iter().filter(|(name, _)| name != "host") {
        vary_header(headers, name, value, observed, &mut give);
    }
    vary_list(headers, observed, &mut give);
    add_headers(headers, observed, &mut give);
}

/// Another value of one signed header, or the request without it.
fn vary_header(
    headers: &HeaderText,
    name: &str,
    value: &[u8],
    observed: &Observed,
    give: &mut dyn FnMut(Tried, HeaderText),
) {
    let sent = sent_value(&observed.headers, name);
    let cause = if sent.is_some() {
        Cause::HeaderChanged
    } else {
        Cause::HeaderMissing
    };
    let mut with = |note, value: &[u8]| {
        give(
            Tried {
                cause,
                note,
                about: name,
            },
            headers.with(name, value),
        )
    };
    vary_value(name, value, &observed.timestamp, &mut with);
    // The value may be in the query, where an SDK has put it, or be the session token.
    let in_query = observed
        .query
        .iter()
        .filter(|p| p.name.eq_ignore_ascii_case(name.as_bytes()));
    for parameter in in_query {
        with("the value in the query of", &parameter.value);
    }
    let unfolded: Vec<Vec<u8>> = observed
        .headers
        .iter()
        .filter(|(n, _)| n == name)
        .map(|(_, v)| v.clone())
        .collect();
    if !unfolded.is_empty() {
        with("the white space as it was given of", &unfolded.join(&b','));
        with(
            "the values joined with a space of",
            &unfolded.join(&b", "[..]),
        );
    }
    let rest: Vec<(String, Vec<u8>)> = headers
        .lines
        .iter()
        .filter(|(n, _)| n != name)
        .cloned()
        .collect();
    let all: Vec<&str> = headers.lines.iter().map(|(n, _)| n.as_str()).collect();
    let note = Tried {
        cause: Cause::SignedHeaders,
        note: "the signed headers without",
        about: name,
    };
    give(note, HeaderText::new(rest.clone()));
    // Listed as signed, but absent from the canonical headers: a signer does this if it is given
    // the name of the header and not its value.
    let note = Tried {
        cause,
        note: "no line for",
        about: name,
    };
    give(note, HeaderText::listing(rest, &all.join(";")));
}

/// The same headers, listed otherwise.
fn vary_list(headers: &HeaderText, observed: &Observed, give: &mut dyn FnMut(Tried, HeaderText)) {
    let as_given: Vec<(String, Vec<u8>)> = observed
        .signed_headers
        .iter()
        .filter_map(|name| {
            headers
                .value(&name.to_ascii_lowercase())
                .map(|value| (name.clone(), value.to_vec()))
        })
        .collect();
    let list = observed.signed_headers.join(";");
    give(
        tried(Cause::SignedHeaders, "the headers in the order of the list"),
        HeaderText::new(as_given),
    );
    give(
        tried(
            Cause::SignedHeaders,
            "the list of names as it is in the URL",
        ),
        HeaderText::listing(headers.lines.clone(), &list),
    );
    let only_host: Vec<(String, Vec<u8>)> = headers
        .lines
        .iter()
        .filter(|(n, _)| n == "host")
        .cloned()
        .collect();
    give(
        tried(Cause::SignedHeaders, "no signed header but `host`"),
        HeaderText::new(only_host),
    );
}

fn add_headers(headers: &HeaderText, observed: &Observed, give: &mut dyn FnMut(Tried, HeaderText)) {
    // Headers that were sent and are not in the list may have been signed all the same.
    for (name, _) in &observed.headers {
        if headers.value(name).is_none() {
            let mut lines = headers.lines.clone();
            lines.push((
                name.clone(),
                sent_value(&observed.headers, name).unwrap_or_default(),
            ));
            lines.sort();
            let note = Tried {
                cause: Cause::SignedHeaders,
                note: "the signed headers with",
                about: name,
            };
            give(note, HeaderText::new(lines));
        }
    }
    if headers.value("content-type").is_none() {
        for value in CONTENT_TYPES.iter().take(20) {
            let mut lines = headers.lines.clone();
            lines.push(("content-type".to_owned(), value.as_bytes().to_vec()));
            lines.sort();
            let note = Tried {
                cause: Cause::SignedHeaders,
                note: "the signed headers with a content-type",
                about: value,
            };
            give(note, HeaderText::new(lines));
        }
    }
}

fn vary_value(
    name: &str,
    value: &[u8],
    timestamp: &str,
    with: &mut dyn FnMut(&'static str, &[u8]),
) {
    with("no value of", b"");
    with("the value in lower case of", &value.to_ascii_lowercase());
    with("the value in upper case of", &value.to_ascii_uppercase());
    with("the value in title case of", &title_case(value));
    with(
        "the value without quotes of",
        &value
            .iter()
            .copied()
            .filter(|b| *b != b'"')
            .collect::<Vec<u8>>(),
    );
    with("the value in quotes of", &[b"\"", value, b"\""].concat());
    with(
        "the value with a space before it of",
        &[b" ", value].concat(),
    );
    with(
        "the value percent-encoded of",
        crate::sigv4::encode::component(value).as_bytes(),
    );
    with(
        "the value percent-decoded of",
        &crate::sigv4::encode::decode_lenient(value),
    );
    if let Ok(text) = std::str::from_utf8(value) {
        let latin: Option<Vec<u8>> = text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect();
        if let Some(latin) = latin {
            with("the value in Latin-1 of", &latin);
        }
        with(
            "the value without spaces after commas of",
            text.replace(", ", ",").as_bytes(),
        );
        with(
            "the value with spaces after commas of",
            text.replace(',', ", ").replace(",  ", ", ").as_bytes(),
        );
        if let Some((first, _)) = text.split_once(',') {
            with("the first of several values of", first.trim().as_bytes());
        }
        if let Some((front, _)) = text.split_once(';') {
            with("the value up to its `;` of", front.trim().as_bytes());
            with("another spelling of", text.replace("; ", ";").as_bytes());
            with(
                "another spelling of",
                text.replace(';', "; ").replace(";  ", "; ").as_bytes(),
            );
        }
    }
    let mangled: String = value.iter().map(|b| char::from(*b)).collect();
    with(
        "the value in UTF-8 taken for Latin-1 of",
        mangled.as_bytes(),
    );
    if name == "content-type" {
        for charset in CHARSETS {
            with(
                "the value with a charset of",
                &[value, charset.as_bytes()].concat(),
            );
        }
        for usual in CONTENT_TYPES {
            with("another value of", usual.as_bytes());
            for charset in &CHARSETS[..4] {
                with(
                    "another value with a charset of",
                    format!("{usual}{charset}").as_bytes(),
                );
            }
        }
    }
    if name == "x-amz-date" {
        with("the link's own time in", timestamp.as_bytes());
    }
    for usual in USUAL
        .iter()
        .filter(|(usual, _)| *usual == name)
        .flat_map(|(_, values)| values.iter())
    {
        with("another value of", usual.as_bytes());
    }
}

fn title_case(value: &[u8]) -> Vec<u8> {
    let mut title = value.to_ascii_lowercase();
    for at in 0..title.len() {
        if at == 0 || !title[at - 1].is_ascii_alphanumeric() {
            title[at].make_ascii_uppercase();
        }
    }
    title
}

/// Every value of a signed header that differs from the one sent by one character.
pub fn edits(
    text: &Text,
    observed: &Observed,
    yield_: &mut dyn FnMut(Tried, Text) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for (name, value) in text.headers.lines.iter().filter(|(name, _)| name != "host") {
        if sent_value(&observed.headers, name).is_none() || value.len() > 200 {
            continue;
        }
        super::method_host_path::edits(value, 0, &mut |_, other| {
            let about = Tried {
                cause: Cause::HeaderChanged,
                note: "another value of",
                about: name,
            };
            yield_(
                about,
                Text {
                    headers: Rc::new(text.headers.with(name, &other)),
                    ..text.clone()
                },
            )
        })?;
    }
    ControlFlow::Continue(())
}

/// Names of payloads, and the hash of the empty one.
pub fn vary_payload(text: &Text, observed: &Observed, yield_: &mut dyn FnMut(Tried, Text)) {
    let empty = hex::encode(sha256(b""));
    let of_header = sent_value(&observed.headers, "x-amz-content-sha256")
        .map(|v| String::from_utf8_lossy(&v).into_owned());
    let of_query = observed
        .query
        .iter()
        .find(|p| p.name.eq_ignore_ascii_case(b"x-amz-content-sha256"));
    let of_query = of_query.map(|p| String::from_utf8_lossy(&p.value).into_owned());
    let named = [
        "UNSIGNED-PAYLOAD",
        &empty,
        "",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "unsigned-payload",
        "UNSIGNED_PAYLOAD",
        "UNSIGNED PAYLOAD",
        "UNSIGNED-PAYLOAD\n",
        "host",
    ];
    let of_json = hex::encode(sha256(b"{}"));
    // The constant was hashed as if it were a body.
    let of_words = hex::encode(sha256(b"UNSIGNED-PAYLOAD"));
    let given = of_header.iter().chain(&of_query).map(String::as_str);
    for payload in named
        .into_iter()
        .chain([of_json.as_str(), of_words.as_str()])
        .chain(given)
        .filter(|payload| *payload != &*text.payload)
    {
        let note = if payload.is_empty() {
            "an empty payload hash"
        } else {
            "the payload hash"
        };
        let about = Tried {
            cause: Cause::PayloadHash,
            note,
            about: payload,
        };
        yield_(
            about,
            Text {
                payload: payload.into(),
                ..text.clone()
            },
        );
    }
}
