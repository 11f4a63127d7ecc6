//! The parameters of the signature: missing, doubled, cut off, malformed.

use crate::sigv4::{AUTHENTICATION_PARAMETERS, RawParameter};
use crate::store::ExpiryLimit;
use crate::text::escape_controls;

use super::{again, region_command};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::time::parse_timestamp;
use crate::diagnosis::url_parts::{Anatomy, SignatureKind};

/// The order in which botocore, minio-go and this program write the parameters.
const ORDER: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];

/// The order of the SDKs that sort them.
const SORTED_ORDER: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// What is wrong with them.
pub fn findings(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(missing_or_cut(anatomy));
    for name in AUTHENTICATION_PARAMETERS {
        let same = |p: &&RawParameter| p.is_named(name);
        let values: Vec<&RawParameter> = anatomy.parts.parameters().iter().filter(same).collect();
        if values.len() > 1 {
            found.push(
                Finding::certain(
                    Code::ParameterDoubled,
                    format!("the parameter {name} is in the URL {} times", values.len()),
                )
                .fix("keep the one that was signed, or make the link again"),
            );
        }
    }
    let right = anatomy.kind.algorithm().unwrap_or_default().as_str();
    if let Some(algorithm) = anatomy
        .text("X-Amz-Algorithm")
        .filter(|algorithm| algorithm != right)
    {
        let message = format!(
            "X-Amz-Algorithm is `{}`, and for such links it is {right}",
            escape_controls(&algorithm)
        );
        found.push(Finding::certain(Code::QueryParameterChanged, message));
    }
    if anatomy.kind == SignatureKind::V4a {
        found.extend(region_set(anatomy));
    }
    found.extend(credential(anatomy));
    found.extend(date_and_expiry(anatomy));
    found.extend(signed_headers(anatomy));
    found.extend(signature(anatomy));
    found
}

fn missing_or_cut(anatomy: &Anatomy) -> Option<Finding> {
    let has = |name: &&str| anatomy.raw(name).is_some();
    let missing: Vec<&str> = ORDER.iter().copied().filter(|name| !has(name)).collect();
    let last = anatomy.parts.parameters().last()?;
    if missing.is_empty() {
        let value = last.value.as_deref().unwrap_or_default();
        let (length, whole) = (value.len(), digits_of_signature(anatomy.kind, value));
        let cut = last.decoded_name() == b"X-Amz-Signature"
            && length < whole
            && value.bytes().all(|b| b.is_ascii_hexdigit());
        return cut.then(|| {
            let message = format!(
                "the URL ends in the middle of its signature, after {length} of {whole} digits"
            );
            Finding::certain(Code::UrlTruncated, message).fix("copy the URL again, whole")
        });
    }
    // Everything is there up to some point and nothing after it, in either of the orders that
    // programs write.
    let is_cut = [ORDER, SORTED_ORDER].iter().any(|order| {
        let count = order.iter().take_while(|name| has(name)).count();
        order[count..].iter().all(|name| !has(name)) && !missing.contains(&"X-Amz-Algorithm")
    });
    let list = missing.join(", ");
    let ends_inside = last.is_authentication()
        || AUTHENTICATION_PARAMETERS
            .iter()
            .any(|name| name.starts_with(&last.name));
    // With a whole signature nothing can have been cut off behind it.
    let is_whole = anatomy
        .text("X-Amz-Signature")
        .is_some_and(|value| is_signature(anatomy.kind, &value));
    if is_cut && ends_inside && !is_whole {
        let only_first = missing.len() == 5;
        let message = match only_first {
            true => "the URL was cut at its first `&`".to_owned(),
            false => format!("the URL was cut off: {list} are missing at its end"),
        };
        let fix = match only_first {
            true => "put the URL between single quotes: in a shell, `&` ends the command",
            false => "copy the URL again, whole",
        };
        return Some(Finding::certain(Code::UrlTruncated, message).fix(fix));
    }
    let verb = if missing.len() == 1 { "is" } else { "are" };
    Some(
        Finding::certain(
            Code::QueryParameterRemoved,
            format!("{list} {verb} missing from the URL, and no link works without"),
        )
        .fix("copy the URL again, whole, or make it again"),
    )
}

/// The parameter that only SigV4A has.
fn region_set(anatomy: &Anatomy) -> Option<Finding> {
    let message = match anatomy.text("X-Amz-Region-Set") {
        None => "X-Amz-Region-Set is missing from the URL, and no link of version 4A works without"
            .to_owned(),
        Some(regions) if regions.is_empty() => "X-Amz-Region-Set is empty".to_owned(),
        Some(_) => return None,
    };
    Some(
        Finding::certain(Code::QueryParameterRemoved, message)
            .fix("copy the URL again, whole, or make it again"),
    )
}

fn credential(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(raw) = anatomy.raw("X-Amz-Credential") else {
        return found;
    };
    let value = raw.value.as_deref().unwrap_or_default();
    let is_last = anatomy
        .parts
        .parameters()
        .last()
        .is_some_and(|last| last.name == raw.name);
    let fields = match anatomy.kind {
        SignatureKind::V4a => "DATE/SERVICE/aws4_request",
        _ => "DATE/REGION/SERVICE/aws4_request",
    };
    match &anatomy.credential {
        None if is_last => {}
        None => found.push(
            Finding::certain(
                Code::ScopeMalformed,
                format!(
                    "X-Amz-Credential `{}` is not ID/{fields}",
                    escape_controls(value)
                ),
            )
            .fix("make the link again"),
        ),
        Some(credential) => {
            let date_is_wrong =
                credential.date.len() != 8 || !credential.date.bytes().all(|b| b.is_ascii_digit());
            if credential.terminator != "aws4_request"
                || date_is_wrong
                || credential.access_key_id.is_empty()
            {
                let scope = credential.scope();
                let message = format!(
                    "the credential scope `{}` is not {fields}",
                    escape_controls(&scope)
                );
                if !is_last {
                    found.push(
                        Finding::certain(Code::ScopeMalformed, message).fix("make the link again"),
                    );
                }
            }
            if credential.region.is_empty() && anatomy.kind == SignatureKind::V4 {
                found.push(
                    Finding::certain(Code::WrongRegion, "the credential scope has no region").fix(
                        format!(
                            "make the link again with a region: `{}`",
                            region_command(anatomy, "REGION")
                        ),
                    ),
                );
            }
        }
    }
    let id = anatomy
        .credential
        .as_ref()
        .map(|credential| credential.access_key_id.as_str())
        .unwrap_or_default();
    let is_masked = id.contains("**")
        || id.contains(['<', '>', '…'])
        || ["REDACTED", "redacted", "xxxx", "XXXX", "masked"]
            .iter()
            .any(|mark| id.contains(mark));
    if is_masked {
        found.push(
            Finding::certain(
                Code::WrongAccessKey,
                format!(
                    "the access key id in the URL is masked: `{}`; the text was taken from a log",
                    escape_controls(id)
                ),
            )
            .fix("copy the URL from where it was made"),
        );
        return found;
    }
    if value
        .bytes()
        .any(|b| !(b.is_ascii_alphanumeric() || b"-._~%/".contains(&b)))
    {
        found.push(
            Finding::likely(
                Code::CredentialNotEncoded,
                "X-Amz-Credential has characters that must be percent-encoded there",
            )
            .evidence(escape_controls(value).into_owned())
            .fix("make the link with a program that encodes the access key id, such as this one"),
        );
    }
    found
}

fn date_and_expiry(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_last = |name: &str| {
        anatomy
            .parts
            .parameters()
            .last()
            .is_some_and(|last| last.decoded_name() == name.as_bytes())
    };
    if let Some(date) = anatomy
        .text("X-Amz-Date")
        .filter(|date| parse_timestamp(date).is_none() && !is_last("X-Amz-Date"))
    {
        found.push(
            Finding::certain(
                Code::DateMalformed,
                format!(
                    "X-Amz-Date `{}` is not of the form 20260131T235959Z",
                    escape_controls(&date)
                ),
            )
            .fix("make the link again"),
        );
    }
    if let (Some(issued), Some(credential)) = (anatomy.issued_at, &anatomy.credential) {
        let day = issued.format("%Y%m%d").to_string();
        if credential.date != day && credential.date.len() == 8 {
            found.push(
                Finding::certain(
                    Code::ScopeDateMismatch,
                    format!(
                        "X-Amz-Date is of {day}, and the credential scope of {}",
                        escape_controls(&credential.date)
                    ),
                )
                .fix(
                    "use one clock reading, in UTC, for both; a signing key is good for one day \
                     only",
                ),
            );
        }
    }
    match anatomy.text("X-Amz-Expires") {
        Some(text) if text.len() > 18 && text.bytes().all(|b| b.is_ascii_digit()) => found.push(
            Finding::certain(
                Code::ExpiryOverLimit,
                format!("X-Amz-Expires is {text} s, which is over every limit"),
            )
            .fix(format!(
                "make the link again: `{}`",
                again(anatomy).fixed_option("--expires", "7d")
            )),
        ),
        Some(text)
            if anatomy.expires_in.is_none_or(|seconds| seconds == 0) || text.starts_with('+') =>
        {
            found.push(
                Finding::certain(
                    Code::ExpiryMalformed,
                    format!(
                        "X-Amz-Expires is `{}`, and it has to be a number of seconds above zero",
                        escape_controls(&text)
                    ),
                )
                .fix(format!(
                    "make the link again: `{}`",
                    again(anatomy).fixed_option("--expires", "1h")
                )),
            );
        }
        _ => found.extend(expiry_limit(anatomy)),
    }
    found
}

fn signed_headers(anatomy: &Anatomy) -> Vec<Finding> {
    let Some(raw) = anatomy.raw("X-Amz-SignedHeaders") else {
        return Vec::new();
    };
    let value = anatomy.text("X-Amz-SignedHeaders").unwrap_or_default();
    let shown = escape_controls(&value).into_owned();
    let malformed = |message: String| {
        vec![
            Finding::certain(Code::SignedHeadersMalformed, message)
                .fix("make the link again: `host` is always signed"),
        ]
    };
    let is_last = anatomy
        .parts
        .parameters()
        .last()
        .is_some_and(|last| last.name == raw.name);
    if value.is_empty() && !is_last {
        return malformed("X-Amz-SignedHeaders is empty".to_owned());
    }
    if value.to_ascii_lowercase().contains("%3b") {
        return malformed(format!(
            "X-Amz-SignedHeaders `{shown}` was percent-encoded twice"
        ));
    }
    if value.contains([',', ' ', '+', '|']) {
        return malformed(format!(
            "X-Amz-SignedHeaders `{shown}` is separated by something else than `;`"
        ));
    }
    let lower = value.to_ascii_lowercase();
    let names: Vec<&str> = lower.split(';').collect();
    if !names.contains(&"host") && !is_last {
        return malformed(format!(
            "X-Amz-SignedHeaders `{shown}` has no `host`, which has to be signed"
        ));
    }
    if names.iter().any(|name| name.is_empty()) && !value.is_empty() {
        return malformed(format!(
            "X-Amz-SignedHeaders `{shown}` has an empty name in it"
        ));
    }
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if value != lower || sorted != names {
        return malformed(format!(
            "X-Amz-SignedHeaders `{shown}` is not a sorted list of names in lower case, each once"
        ));
    }
    if let Some(option) = names.iter().find(|name| name.contains('_')) {
        let wish = match *option {
            "content_disposition" => {
                "; a file name for the download is the parameter `response-content-disposition`"
            }
            "content_type" => "; a type for the download is the parameter `response-content-type`",
            _ => "",
        };
        return vec![
            Finding::likely(
                Code::SignedHeadersMalformed,
                format!(
                    "`{shown}` in X-Amz-SignedHeaders: no header has an underscore in its \
                     name, so these are options of a library{wish}"
                ),
            )
            .fix(format!(
                "make the link without them: `{}`",
                again(anatomy).fixed_option("--download-as", "NAME")
            )),
        ];
    }
    let altered: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| is_altered_on_the_way(name))
        .collect();
    if !altered.is_empty() {
        let list = altered.join(", ");
        return vec![
            Finding::likely(
                Code::HeaderRewrittenByProxy,
                format!("`{list}` is signed, and clients and proxies change it on the way"),
            )
            .fix("sign only headers that the store needs; never accept-encoding or user-agent"),
        ];
    }
    Vec::new()
}

/// Headers that belong to a connection, or that every program in between rewrites.
pub fn is_altered_on_the_way(name: &str) -> bool {
    let names = [
        "accept",
        "accept-encoding",
        "accept-language",
        "connection",
        "expect",
        "forwarded",
        "keep-alive",
        "pragma",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-amzn-trace-id",
        "x-real-ip",
        "traceparent",
        "tracestate",
        "cookie",
        "referer",
        "origin",
        "dnt",
    ];
    names.contains(&name)
        || name.starts_with("x-forwarded-")
        || name.starts_with("cf-")
        || name.starts_with("sec-")
}

fn signature(anatomy: &Anatomy) -> Option<Finding> {
    let value = anatomy.text("X-Amz-Signature")?;
    if anatomy.is_redacted() || is_signature(anatomy.kind, &value) {
        return None;
    }
    let whole = digits_of_signature(anatomy.kind, &value);
    let problem = if value.is_empty() {
        "is empty".to_owned()
    } else if is_signature(anatomy.kind, &value.to_ascii_lowercase()) {
        "has digits in upper case".to_owned()
    } else if value.bytes().all(|b| b.is_ascii_hexdigit()) && value.len() != whole {
        format!("has {} digits, not {whole}", value.len())
    } else {
        format!(
            "is not {whole} hexadecimal digits: it has {} characters",
            value.chars().count()
        )
    };
    Some(
        Finding::certain(
            Code::SignatureMalformed,
            format!("X-Amz-Signature {problem}"),
        )
        .fix("copy the URL again, whole"),
    )
}

/// 64, and for the DER of SigV4A as many as its second byte says.
fn digits_of_signature(kind: SignatureKind, text: &str) -> usize {
    let stated = text
        .get(2..4)
        .and_then(|digits| usize::from_str_radix(digits, 16).ok());
    match (kind, stated) {
        (SignatureKind::V4a, Some(length))
            if text.starts_with("30") && (8..=70).contains(&length) =>
        {
            2 * (2 + length)
        }
        (SignatureKind::V4a, _) => 142,
        _ => 64,
    }
}

/// All its digits, in lower case.
fn is_signature(kind: SignatureKind, text: &str) -> bool {
    let begins = kind != SignatureKind::V4a || text.starts_with("30");
    begins
        && text.len() == digits_of_signature(kind, text)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn expiry_limit(anatomy: &Anatomy) -> Option<Finding> {
    let seconds = anatomy.expires_in?;
    let fix = || {
        format!(
            "make the link again for at most seven days: `{}`",
            again(anatomy).fixed_option("--expires", "7d")
        )
    };
    let days = seconds / 86_400;
    let length = format!("X-Amz-Expires is {seconds} s ({days} days)");
    match (
        anatomy.provider(),
        anatomy.provider().map(|p| p.expiry_limit),
    ) {
        (Some(store), Some(ExpiryLimit::Refused(limit))) if seconds > limit => Some(
            Finding::certain(
                Code::ExpiryOverLimit,
                format!("{length}, and {} accepts at most {limit} s", store.name),
            )
            .fix(fix()),
        ),
        (_, Some(ExpiryLimit::None)) => None,
        (None, _) | (_, Some(ExpiryLimit::Unknown)) if seconds > 604_800 => Some(
            Finding::likely(
                Code::ExpiryOverLimit,
                format!("{length}, and most stores accept at most 604800 s (7 days)"),
            )
            .fix(fix()),
        ),
        _ => None,
    }
}
