//! What can be seen without a secret: the form of the URL, the store it leads to, the clock, and how it was used.

use chrono::{DateTime, Utc};

use crate::sigv4::{AUTHENTICATION_PARAMETERS, RawParameter};
use crate::store::{Addressing, AddressingSupport, ExpiryLimit, Network};
use crate::text::escape_controls;

use super::anatomy::{Anatomy, SignatureKind, parse_timestamp};
use super::case::Case;
use super::finding::Finding;

/// Clocks that differ by less are not worth a word.
const CLOCK_TOLERANCE: i64 = 60;

/// What many stores grant a clock that is ahead.
const AHEAD_TOLERANCE: i64 = 15 * 60;

/// Everything that is odd about the URL itself, at a time.
pub fn oddities(anatomy: &Anatomy, now: DateTime<Utc>) -> Vec<Finding> {
    let mut found = of_text(anatomy);
    found.extend(of_kind(anatomy));
    if anatomy.kind == SignatureKind::V4 {
        found.extend(of_form(anatomy));
        found.extend(of_store(anatomy));
        found.extend(of_parameters(anatomy));
    }
    found.extend(of_clock(anatomy, now, None));
    found
}

/// The same, and how the URL was used.
pub fn findings(anatomy: &Anatomy, case: &Case) -> Vec<Finding> {
    let mut found = of_text(anatomy);
    found.extend(of_kind(anatomy));
    if anatomy.kind == SignatureKind::V4 {
        found.extend(of_form(anatomy));
        found.extend(of_store(anatomy));
        found.extend(of_parameters(anatomy));
        found.extend(of_use(anatomy, case));
    }
    found.extend(of_clock(anatomy, case.now, case.server_time()));
    found
}

fn of_text(anatomy: &Anatomy) -> Vec<Finding> {
    let mended = |damage: &super::Damage| {
        let finding = Finding::certain(damage.code, damage.message.clone());
        match damage.code {
            "url-truncated" => finding.fix("copy the URL again, whole"),
            _ => finding.fix("use the mended URL: `cos-presign inspect --repair URL`"),
        }
    };
    anatomy.damages.iter().map(mended).collect()
}

fn of_kind(anatomy: &Anatomy) -> Vec<Finding> {
    let v2_beside_v4 = anatomy.parts.value("AWSAccessKeyId").is_some() && anatomy.parts.value("Signature").is_some();
    match anatomy.kind {
        SignatureKind::V4 if v2_beside_v4 => vec![
            Finding::certain("two-auth-mechanisms", "the URL has signatures of version 4 and of version 2 in it")
                .evidence("X-Amz-Signature and Signature")
                .fix("make the link again with one of them: `cos-presign get BUCKET/KEY`"),
        ],
        SignatureKind::V4 => Vec::new(),
        SignatureKind::V2 => vec![
            Finding::certain(
                "signature-version-2",
                "the URL has a signature of version 2, which newer regions, KMS-encrypted objects and many stores refuse",
            )
            .evidence("AWSAccessKeyId, Expires and Signature in place of X-Amz-…")
            .fix(format!("make it again with version 4: `{}`", command(anatomy, "get", ""))),
        ],
        SignatureKind::V4a => vec![Finding::certain(
            "signature-version-4a",
            "the URL has a signature of version 4A, which is made with a derived key pair and cannot be checked here",
        )],
        SignatureKind::Gcs => vec![Finding::certain(
            "gcs-signature",
            "the URL is signed by Google's own rules (X-Goog-…), not by AWS's; only Google Cloud Storage takes it",
        )],
        SignatureKind::AzureSas => vec![Finding::certain(
            "azure-sas",
            "the URL is a shared access signature of Azure Blob Storage, which is no S3 store",
        )],
        SignatureKind::None if anatomy.parts.parameters().iter().any(|p| is_of_a_link(&p.decoded_name())) => vec![
            Finding::certain("url-truncated", "the URL has parameters that only links have, and no signature: it was cut off")
                .fix("put the URL between single quotes: a shell takes `&` for the end of the command"),
        ],
        SignatureKind::None => vec![
            Finding::certain("not-presigned", "the URL has no signature: it works only for objects that everybody may read")
                .fix(format!("sign it: `{}`", command(anatomy, "get", ""))),
        ],
    }
}

/// Stores honour these in signed requests only.
fn is_of_a_link(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(b"response-") || name == b"x-id" || name.starts_with(b"x-amz-")
}

/// The order in which botocore, minio-go and this program write the parameters.
const ORDER: [&str; 6] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"];

/// The order of the SDKs that sort them.
const SORTED_ORDER: [&str; 6] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature", "X-Amz-SignedHeaders"];

/// Parameters of the signature: missing, doubled, malformed.
fn of_form(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(missing_or_cut(anatomy));
    for name in AUTHENTICATION_PARAMETERS {
        let same = |p: &&RawParameter| p.decoded_name().eq_ignore_ascii_case(name.as_bytes());
        let values: Vec<&RawParameter> = anatomy.parts.parameters().iter().filter(same).collect();
        if values.len() > 1 {
            found.push(
                Finding::certain("parameter-doubled", format!("the parameter {name} is in the URL {} times", values.len()))
                    .fix("keep the one that was signed, or make the link again"),
            );
        }
    }
    if let Some(algorithm) = anatomy.text("X-Amz-Algorithm").filter(|algorithm| algorithm != crate::sigv4::ALGORITHM) {
        found.push(Finding::certain(
            "query-parameter-changed",
            format!(
                "X-Amz-Algorithm is `{}`, and the only one there is for links is {}",
                escape_controls(&algorithm),
                crate::sigv4::ALGORITHM
            ),
        ));
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
        let cut = last.decoded_name() == b"X-Amz-Signature" && {
            let value = last.value.as_deref().unwrap_or_default();
            value.len() < 64 && value.bytes().all(|b| b.is_ascii_hexdigit())
        };
        return cut.then(|| {
            let length = last.value.as_deref().unwrap_or_default().len();
            Finding::certain("url-truncated", format!("the URL ends in the middle of its signature, after {length} of 64 digits"))
                .fix("copy the URL again, whole")
        });
    }
    // Everything is there up to some point and nothing after it, in either of the orders that programs write.
    let is_cut = [ORDER, SORTED_ORDER].iter().any(|order| {
        let count = order.iter().take_while(|name| has(name)).count();
        order[count..].iter().all(|name| !has(name)) && !missing.contains(&"X-Amz-Algorithm")
    });
    let list = missing.join(", ");
    let ends_inside = last.is_authentication() || AUTHENTICATION_PARAMETERS.iter().any(|name| name.starts_with(&last.name));
    if is_cut && ends_inside {
        let only_first = missing.len() == 5;
        let message = match only_first {
            true => "the URL was cut at its first `&`".to_owned(),
            false => format!("the URL was cut off: {list} are missing at its end"),
        };
        let fix = match only_first {
            true => "put the URL between single quotes: a shell takes `&` for the end of the command",
            false => "copy the URL again, whole",
        };
        return Some(Finding::certain("url-truncated", message).fix(fix));
    }
    let verb = if missing.len() == 1 { "is" } else { "are" };
    Some(
        Finding::certain("query-parameter-removed", format!("{list} {verb} missing from the URL, and no link works without"))
            .fix("copy the URL again, whole, or make it again"),
    )
}

fn credential(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(raw) = anatomy.raw("X-Amz-Credential") else { return found };
    let value = raw.value.as_deref().unwrap_or_default();
    let is_last = anatomy.parts.parameters().last().is_some_and(|last| last.name == raw.name);
    match &anatomy.credential {
        None if is_last => {}
        None => found.push(
            Finding::certain(
                "scope-malformed",
                format!("X-Amz-Credential `{}` is not ID/DATE/REGION/SERVICE/aws4_request", escape_controls(value)),
            )
            .fix("make the link again"),
        ),
        Some(credential) => {
            let date_is_wrong = credential.date.len() != 8 || !credential.date.bytes().all(|b| b.is_ascii_digit());
            if credential.terminator != "aws4_request" || date_is_wrong || credential.access_key_id.is_empty() {
                let scope = credential.scope();
                let message =
                    format!("the credential scope `{}` is not DATE/REGION/SERVICE/aws4_request", escape_controls(&scope));
                if !is_last {
                    found.push(Finding::certain("scope-malformed", message).fix("make the link again"));
                }
            }
            if credential.region.is_empty() {
                found.push(
                    Finding::certain("wrong-region", "the credential scope has no region")
                        .fix("make the link again with `--region NAME`"),
                );
            }
        }
    }
    if value.bytes().any(|b| !(b.is_ascii_alphanumeric() || b"-._~%/".contains(&b))) {
        found.push(
            Finding::likely("credential-not-encoded", "X-Amz-Credential has characters that must be percent-encoded there")
                .evidence(escape_controls(value).into_owned())
                .fix("make the link with a program that encodes the access key id, such as this one"),
        );
    }
    found
}

fn date_and_expiry(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_last = |name: &str| anatomy.parts.parameters().last().is_some_and(|last| last.decoded_name() == name.as_bytes());
    if let Some(date) = anatomy.text("X-Amz-Date").filter(|date| parse_timestamp(date).is_none() && !is_last("X-Amz-Date")) {
        found.push(
            Finding::certain(
                "date-malformed",
                format!("X-Amz-Date `{}` is not of the form 20260131T235959Z", escape_controls(&date)),
            )
            .fix("make the link again"),
        );
    }
    if let (Some(issued), Some(credential)) = (anatomy.issued_at, &anatomy.credential) {
        let day = issued.format("%Y%m%d").to_string();
        if credential.date != day && credential.date.len() == 8 {
            found.push(
                Finding::certain(
                    "scope-date-mismatch",
                    format!("X-Amz-Date is of {day}, and the credential scope of {}", escape_controls(&credential.date)),
                )
                .fix("take both from the same clock reading, in UTC; a signing key is good for one day only"),
            );
        }
    }
    match anatomy.text("X-Amz-Expires") {
        Some(text) if anatomy.expires_in.is_none_or(|seconds| seconds == 0) || text.starts_with('+') => {
            found.push(
                Finding::certain(
                    "expiry-malformed",
                    format!("X-Amz-Expires is `{}`, and it has to be a number of seconds above zero", escape_controls(&text)),
                )
                .fix(format!("make the link again: `{}`", command(anatomy, "get", " --expires 1h"))),
            );
        }
        _ => found.extend(expiry_limit(anatomy)),
    }
    found
}

fn expiry_limit(anatomy: &Anatomy) -> Option<Finding> {
    let seconds = anatomy.expires_in?;
    let fix = format!("make the link again for at most seven days: `{}`", command(anatomy, "get", " --expires 7d"));
    let days = seconds / 86_400;
    let length = format!("X-Amz-Expires is {seconds} s ({days} days)");
    match (anatomy.provider(), anatomy.provider().map(|p| p.expiry_limit)) {
        (Some(store), Some(ExpiryLimit::Refused(limit))) if seconds > limit => {
            Some(Finding::certain("expiry-over-limit", format!("{length}, and {} takes at most {limit} s", store.name)).fix(fix))
        }
        (_, Some(ExpiryLimit::None)) => None,
        (None, _) | (_, Some(ExpiryLimit::Unknown)) if seconds > 604_800 => Some(
            Finding::likely("expiry-over-limit", format!("{length}, and most stores take at most 604800 s (7 days)")).fix(fix),
        ),
        _ => None,
    }
}

fn signed_headers(anatomy: &Anatomy) -> Vec<Finding> {
    let Some(raw) = anatomy.raw("X-Amz-SignedHeaders") else { return Vec::new() };
    let value = anatomy.text("X-Amz-SignedHeaders").unwrap_or_default();
    let shown = escape_controls(&value).into_owned();
    let malformed = |message: String| {
        vec![Finding::certain("signed-headers-malformed", message).fix("make the link again: `host` is always signed")]
    };
    let is_last = anatomy.parts.parameters().last().is_some_and(|last| last.name == raw.name);
    if value.is_empty() && !is_last {
        return malformed("X-Amz-SignedHeaders is empty".to_owned());
    }
    if value.to_ascii_lowercase().contains("%3b") {
        return malformed(format!("X-Amz-SignedHeaders `{shown}` was percent-encoded twice"));
    }
    if value.contains([',', ' ', '+', '|']) {
        return malformed(format!("X-Amz-SignedHeaders `{shown}` is separated by something else than `;`"));
    }
    let lower = value.to_ascii_lowercase();
    let names: Vec<&str> = lower.split(';').collect();
    if !names.contains(&"host") && !is_last {
        return malformed(format!("X-Amz-SignedHeaders `{shown}` has no `host`, which has to be signed"));
    }
    if names.iter().any(|name| name.is_empty()) && !value.is_empty() {
        return malformed(format!("X-Amz-SignedHeaders `{shown}` has an empty name in it"));
    }
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if value != lower || sorted != names {
        return malformed(format!("X-Amz-SignedHeaders `{shown}` is not a sorted list of names in lower case, each once"));
    }
    let altered: Vec<&str> = names.iter().copied().filter(|name| is_altered_on_the_way(name)).collect();
    if !altered.is_empty() {
        let list = altered.join(", ");
        return vec![
            Finding::likely(
                "header-rewritten-by-proxy",
                format!("`{list}` is signed, and clients and proxies change it on the way"),
            )
            .fix("sign only headers that the store needs; never accept-encoding or user-agent"),
        ];
    }
    Vec::new()
}

/// Headers that belong to a connection, or that every program on the way writes anew.
fn is_altered_on_the_way(name: &str) -> bool {
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
    names.contains(&name) || name.starts_with("x-forwarded-") || name.starts_with("cf-") || name.starts_with("sec-")
}

fn signature(anatomy: &Anatomy) -> Option<Finding> {
    let value = anatomy.text("X-Amz-Signature")?;
    if anatomy.is_redacted() || is_signature(&value) {
        return None;
    }
    let problem = if value.is_empty() {
        "is empty".to_owned()
    } else if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
        "has digits in upper case".to_owned()
    } else if value.bytes().all(|b| b.is_ascii_hexdigit()) {
        format!("has {} digits, not 64", value.len())
    } else {
        format!("is not 64 hexadecimal digits: it has {} characters", value.chars().count())
    };
    Some(Finding::certain("signature-malformed", format!("X-Amz-Signature {problem}")).fix("copy the URL again, whole"))
}

/// 64 digits in lower case.
pub fn is_signature(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn of_store(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(recognized) = &anatomy.recognized else { return found };
    let (Some(store), Some(credential)) = (anatomy.provider(), &anatomy.credential) else { return found };
    if recognized.network != Network::Public {
        found.push(
            Finding::likely(
                "private-endpoint",
                format!(
                    "the host is {}'s {} endpoint, which answers inside of its cloud only",
                    store.name,
                    recognized.network.as_str()
                ),
            )
            .fix(format!("make the link for the public one: `{}`", region_command(anatomy, &credential.region))),
        );
    }
    let host = super::host_name(&anatomy.parts.authority);
    let is_global = store.is_aws() && (host == "s3.amazonaws.com" || host.ends_with(".s3.amazonaws.com"));
    if is_global && credential.region != "us-east-1" {
        found.push(
            Finding::likely(
                "global-endpoint",
                format!(
                    "the link is signed for {} but leads to AWS's global endpoint, which redirects new buckets and refuses new regions",
                    credential.region
                ),
            )
            .fix(format!("make it for the region's own endpoint: `{}`", region_command(anatomy, &credential.region))),
        );
    } else if let Some(region) = recognized.region.as_deref()
        && region != credential.region
        && !credential.region.is_empty()
    {
        let message = format!("the host is in {region}, and the credential scope says {}", credential.region);
        let fix = format!("make the link for the host's region: `{}`", region_command(anatomy, region));
        found.push(match store.checks_region {
            true => Finding::likely("wrong-region", message).fix(fix),
            false => Finding::possible("wrong-region", message).fix(fix),
        });
    }
    if !credential.service.starts_with("s3") {
        found.push(
            Finding::likely(
                "wrong-service",
                format!("the credential scope is for the service `{}`, and {} checks `s3`", credential.service, store.name),
            )
            .fix("make the link for the service `s3`"),
        );
    }
    if let (Addressing::Virtual, Some(bucket)) = (anatomy.addressing, &anatomy.bucket) {
        let doubled = anatomy.key.as_deref().is_some_and(|key| key.starts_with(format!("{bucket}/").as_bytes()));
        if doubled {
            found.push(
                Finding::likely("wrong-addressing", format!("the bucket `{bucket}` stands both in the host and in the path"))
                    .fix("make the link with one of them: `--addressing path` or `--addressing virtual`"),
            );
        }
        if bucket.contains('.') && anatomy.parts.scheme.eq_ignore_ascii_case("https") {
            found.push(
                Finding::likely(
                    "wrong-addressing",
                    format!("the bucket `{bucket}` has a dot, so the certificate of the store does not cover its host name"),
                )
                .fix("make the link with `--addressing path`"),
            );
        }
    }
    let style = match (store.addressing, anatomy.addressing) {
        (AddressingSupport::PathOnly, Addressing::Virtual) => Some("path"),
        (AddressingSupport::VirtualOnly, Addressing::Path) => Some("virtual"),
        _ => None,
    };
    if let Some(style) = style {
        found.push(
            Finding::likely("wrong-addressing", format!("{} serves only {style}-style addresses", store.name))
                .fix(format!("make the link with `--addressing {style}`")),
        );
    }
    found
}

/// Base64 of the checksums of nothing, by the name of their parameter or header.
const CHECKSUMS_OF_NOTHING: [(&str, &str); 6] = [
    ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
    ("x-amz-checksum-crc32", "AAAAAA=="),
    ("x-amz-checksum-crc32c", "AAAAAA=="),
    ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
    ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
];

/// Whether this is the checksum of an empty body.
pub fn is_checksum_of_nothing(name: &str, value: &[u8]) -> bool {
    CHECKSUMS_OF_NOTHING.iter().any(|(n, v)| name.eq_ignore_ascii_case(n) && v.as_bytes() == value)
}

fn of_parameters(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(credential) = &anatomy.credential
        && credential.access_key_id.starts_with("ASIA")
        && !anatomy.has_token
    {
        found.push(
            Finding::likely(
                "token-missing",
                "the access key id is a temporary one (ASIA…), and the URL has no X-Amz-Security-Token",
            )
            .fix("sign with the session token too: set `AWS_SESSION_TOKEN`, then make the link again"),
        );
    }
    for parameter in anatomy.parts.parameters() {
        let name = String::from_utf8_lossy(&parameter.decoded_name()).into_owned();
        let raw = parameter.value.as_deref().unwrap_or_default();
        let value = parameter.decoded_value();
        let lower = name.to_ascii_lowercase();
        if is_checksum_of_nothing(&name, &value) {
            found.push(
                Finding::certain(
                    "checksum-of-empty-body",
                    format!("{name} is the checksum of an empty body: every other upload is refused"),
                )
                .evidence(format!("{name}={raw}"))
                .fix("turn the SDK's checksum off (`AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED`), or make the link here"),
            );
        } else if lower.starts_with("x-amz-checksum-") && lower != "x-amz-checksum-mode" && lower != "x-amz-checksum-type" {
            found.push(
                Finding::likely("checksum-not-enforced", format!("{name} stands in the query, where stores ignore it"))
                    .fix("sign it as a header: `cos-presign put BUCKET/KEY --checksum-sha256 BASE64`"),
            );
        }
        if lower.starts_with("response-") && !is_latin1(&value) {
            found.push(
                Finding::likely(
                    "disposition-not-latin1",
                    format!("{name} has characters outside ISO-8859-1, which a header cannot carry"),
                )
                .evidence(escape_controls(&String::from_utf8_lossy(&value)).into_owned())
                .fix("encode the name (RFC 8187): `cos-presign get BUCKET/KEY --download-as NAME` does"),
            );
        }
        if raw.contains('+') && lower != "x-amz-credential" {
            found.push(
                Finding::likely("plus-for-space", format!("{name} has a `+` in it, which stores read as a space"))
                    .fix("write a space as `%20` and a plus as `%2B`"),
            );
        }
    }
    found
}

fn is_latin1(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| text.chars().all(|c| u32::from(c) < 256))
}

/// How it was used, as far as it was told.
fn of_use(anatomy: &Anatomy, case: &Case) -> Vec<Finding> {
    let mut found = Vec::new();
    let service = anatomy.credential.as_ref().map_or("s3", |credential| credential.service.as_str());
    if case.was_refused() && anatomy.recognized.is_none() && !service.starts_with("s3") {
        found.push(
            Finding::likely(
                "wrong-service",
                format!("the credential scope is for the service `{}`, and stores check `s3`", escape_controls(service)),
            )
            .fix("make the link for the service `s3`"),
        );
    }
    let mut unsigned = Vec::new();
    for (name, value) in case.sent_headers() {
        match name.as_str() {
            "authorization" => found.push(
                Finding::certain(
                    "two-auth-mechanisms",
                    "an Authorization header was sent with the URL, which has a signature already",
                )
                .fix("send the URL without the header"),
            ),
            "transfer-encoding" if String::from_utf8_lossy(&value).to_ascii_lowercase().contains("chunked") => found.push(
                Finding::likely("chunked-body", "the body was sent in chunks, without a length; stores refuse that")
                    .fix("send a file, not a pipe: `curl --upload-file FILE URL`"),
            ),
            "x-amz-date" => {}
            name if name.starts_with("x-amz-")
                && !anatomy.signed_headers.iter().any(|signed| signed.eq_ignore_ascii_case(name)) =>
            {
                unsigned.push(name.to_owned());
            }
            name if is_checksum_of_nothing(name, &value) && case.method.as_deref().is_none_or(|m| m == "PUT" || m == "POST") => {
                found.push(
                    Finding::certain(
                        "checksum-of-empty-body",
                        format!("{name} is the checksum of an empty body: every other upload is refused"),
                    )
                    .fix("leave the checksum out when signing, or give that of the body"),
                );
            }
            _ => {}
        }
    }
    if !unsigned.is_empty() {
        let list = unsigned.join(", ");
        let options: String = unsigned.iter().map(|name| format!(" -H '{name}: …'")).collect();
        found.push(
            Finding::likely(
                "header-not-signed",
                format!("`{list}` was sent and is not signed; stores refuse unsigned x-amz-… headers"),
            )
            .fix(format!("sign it too: `{}`", command(anatomy, verb_of(case), &options))),
        );
    }
    found
}

/// The verb for the method that was used.
pub fn verb_of(case: &Case) -> &'static str {
    match case.method_used().as_deref() {
        Some("PUT") => "put",
        Some("HEAD") => "head",
        Some("DELETE") => "delete",
        _ => "get",
    }
}

/// Clocks. `server` is the store's, where it is known.
fn of_clock(anatomy: &Anatomy, now: DateTime<Utc>, server: Option<DateTime<Utc>>) -> Vec<Finding> {
    let mut found = Vec::new();
    let renew = format!("make a new link: `{}`", command(anatomy, "get", " --expires 24h"));
    if let (Some(server), Some(issued)) = (server, anatomy.issued_at) {
        let skew = (now - server).num_seconds();
        let ahead = (issued - server).num_seconds();
        let ended = anatomy.expires_at.is_some_and(|ends| server > ends);
        let alive_here = anatomy.expires_at.is_none_or(|ends| now <= ends) && (issued - now).num_seconds() <= CLOCK_TOLERANCE;
        if skew.abs() > CLOCK_TOLERANCE && alive_here && (ahead > CLOCK_TOLERANCE || ended) {
            let direction = if skew > 0 { "ahead of" } else { "behind" };
            let mut fix = "set the clock that signs: `timedatectl set-ntp true`".to_owned();
            if ahead > 0 {
                fix.push_str("; until then sign as of earlier: `--backdate 15m`");
            }
            found.push(
                Finding::certain("clock-skew", format!("this clock is {} {direction} the store's", span(skew.abs())))
                    .evidence(format!("this clock   {}", rfc3339(now)))
                    .evidence(format!("the store's  {}", rfc3339(server)))
                    .evidence(format!("X-Amz-Date   {}", rfc3339(issued)))
                    .fix(fix),
            );
        }
    }
    let clock = server.unwrap_or(now);
    if let Some(ends) = anatomy.expires_at.filter(|ends| *ends < clock) {
        let since = (clock - ends).num_seconds();
        found.push(Finding::certain("expired", format!("the link ended {} ago, at {}", span(since), rfc3339(ends))).fix(renew));
    }
    if let Some(issued) = anatomy.issued_at {
        let ahead = (issued - clock).num_seconds();
        if ahead > AHEAD_TOLERANCE {
            found.push(
                Finding::certain(
                    "not-yet-valid",
                    format!("X-Amz-Date is {} ahead: the link is not valid before {}", span(ahead), rfc3339(issued)),
                )
                .fix("wait until then, or sign with a right clock"),
            );
        } else if ahead > CLOCK_TOLERANCE && !found.iter().any(|f| f.code == "clock-skew") {
            found.push(
                Finding::likely(
                    "clock-skew",
                    format!("X-Amz-Date is {} ahead: the clock that signed is fast, or this one slow", span(ahead)),
                )
                .fix("set both clocks: `timedatectl set-ntp true`; or sign as of earlier: `--backdate 15m`"),
            );
        }
        found.extend(local_time(ahead));
    }
    found
}

/// A timestamp that is ahead by whole half hours, less the minutes since it was made, is a local time: no clock is wrong by
/// so round a number.
pub fn local_time(ahead: i64) -> Option<Finding> {
    let over = ahead.rem_euclid(1800);
    let is_round = over >= 1500 || over <= 30;
    if !is_round || !(1500..=14 * 3600 + 30).contains(&ahead) {
        return None;
    }
    let hours = span((ahead + 300) / 1800 * 1800);
    Some(
        Finding::likely(
            "local-time-not-utc",
            format!("X-Amz-Date is ahead by almost exactly {hours}: it looks like a local time"),
        )
        .fix("sign with UTC: X-Amz-Date ends in `Z`"),
    )
}

/// `2 h 5 min`
pub fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 if seconds % 60 == 0 => format!("{minutes} min"),
        60..3600 => format!("{minutes} min {} s", seconds % 60),
        3600..86_400 => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// `2026-01-31T23:59:59Z`
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The command that makes the link again.
pub fn command(anatomy: &Anatomy, verb: &str, options: &str) -> String {
    let bucket = anatomy.bucket.as_deref().unwrap_or("BUCKET");
    let key = anatomy.key.as_deref().unwrap_or(b"KEY");
    let target = crate::text::shell_quote(&[bucket.as_bytes(), b"/", key].concat());
    let target = String::from_utf8_lossy(&target).into_owned();
    let target = escape_controls(&target);
    format!("cos-presign {verb} {target} --endpoint {}{options}", anatomy.endpoint())
}

/// The same, for a region whose endpoint is in the table.
pub fn region_command(anatomy: &Anatomy, region: &str) -> String {
    let bucket = anatomy.bucket.as_deref().unwrap_or("BUCKET");
    let key = anatomy.key.as_deref().unwrap_or(b"KEY");
    let target = crate::text::shell_quote(&[bucket.as_bytes(), b"/", key].concat());
    let target = String::from_utf8_lossy(&target).into_owned();
    let provider = anatomy.provider().map(|p| p.id);
    let provider = provider.filter(|id| !matches!(*id, "ibm" | "aws")).map(|id| format!(" --provider {id}")).unwrap_or_default();
    match anatomy.provider().is_some_and(|p| p.has_endpoint()) {
        true => format!("cos-presign get {} --region {region}{provider}", escape_controls(&target)),
        false => format!("cos-presign get {} --region {region} --endpoint {}", escape_controls(&target), anatomy.endpoint()),
    }
}
