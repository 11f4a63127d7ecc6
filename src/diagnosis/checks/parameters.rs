//! The parameters that are not of the signature, and the session token.

use crate::text::escape_controls;

use super::{again, command};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::url_parts::Anatomy;

/// Base64 of the checksums of nothing, by the name of their parameter or header.
const CHECKSUMS_OF_NOTHING: [(&str, &str); 11] = [
    ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
    ("x-amz-checksum-crc32", "AAAAAA=="),
    ("x-amz-checksum-crc32c", "AAAAAA=="),
    ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
    ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    (
        "x-amz-checksum-sha256",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ),
    (
        "x-amz-checksum-sha512",
        "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H\
         0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    ),
    ("x-amz-checksum-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
    ("x-amz-checksum-xxhash64", "70bbN1HY6Zk="),
    ("x-amz-checksum-xxhash3", "LQaABTjTlMI="),
    ("x-amz-checksum-xxhash128", "maoG0wFHmNhgAcMkRo1Jfw=="),
];

/// Whether this is the checksum of an empty body.
pub fn is_checksum_of_nothing(name: &str, value: &[u8]) -> bool {
    CHECKSUMS_OF_NOTHING
        .iter()
        .any(|(n, v)| name.eq_ignore_ascii_case(n) && v.as_bytes() == value)
}

/// What is wrong with them.
pub fn findings(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(changed_names(anatomy));
    found.extend(tracking(anatomy));
    if anatomy.token_is_encoded_twice() {
        found.push(
            Finding::likely(
                Code::PercentEncodedTwice,
                "X-Amz-Security-Token was percent-encoded twice: decoded once it still has `%` in \
                 it, which no token has",
            )
            .fix(
                "pass the token on as it is, and let the signer encode it once; then make the \
                 link again",
            ),
        );
    }
    if let Some(credential) = &anatomy.credential
        && credential.access_key_id.starts_with("ASIA")
        && !anatomy.has_token
    {
        found.push(
            Finding::likely(
                Code::TokenMissing,
                "the access key id is a temporary one (ASIA…), and the URL has no \
                 X-Amz-Security-Token",
            )
            .fix(
                "sign with the session token too: set `AWS_SESSION_TOKEN`, then make the link \
                 again",
            ),
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
                    Code::ChecksumOfEmptyBody,
                    format!(
                        "{name} is the checksum of an empty body: every other upload is \
                         refused"
                    ),
                )
                .evidence(format!("{name}={raw}"))
                .fix(
                    "turn the SDK's checksum off \
                     (`AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED`), or make the link here",
                ),
            );
        } else if lower.starts_with("x-amz-checksum-")
            && lower != "x-amz-checksum-mode"
            && lower != "x-amz-checksum-type"
        {
            found.push(
                Finding::likely(
                    Code::ChecksumNotEnforced,
                    format!("{name} is in the query, where stores ignore it"),
                )
                .fix(format!(
                    "sign it as a header: `{}`",
                    command(anatomy, "put").fixed_option("--checksum-sha256", "BASE64")
                )),
            );
        }
        if lower.starts_with("response-") && !is_latin1(&value) {
            found.push(
                Finding::likely(
                    Code::DispositionNotLatin1,
                    format!(
                        "{name} has characters outside ISO-8859-1, which a header cannot carry"
                    ),
                )
                .evidence(escape_controls(&String::from_utf8_lossy(&value)).into_owned())
                .fix(format!(
                    "encode the name (RFC 8187): `{}` does",
                    again(anatomy).fixed_option("--download-as", "NAME")
                )),
            );
        }
        if raw.contains('+') && lower != "x-amz-credential" {
            found.push(
                Finding::likely(
                    Code::PlusForSpace,
                    format!("{name} has a `+` in it, which stores read as a space"),
                )
                .fix("write a space as `%20` and a plus as `%2B`"),
            );
        }
    }
    found
}

/// Names that are compared byte by byte.
fn changed_names(anatomy: &Anatomy) -> Option<Finding> {
    anatomy.has_changed_names().then(|| {
        Finding::likely(
            Code::ParameterNameCase,
            "the names of the parameters are written in another letter case (`x-amz-credential` \
             for `X-Amz-Credential`), so stores do not see a signature",
        )
        .fix("leave the query as it was made; something turned it to lower case")
    })
}

/// What mail programs, social networks and analytics append to links.
fn tracking(anatomy: &Anatomy) -> Option<Finding> {
    const NAMES: [&str; 16] = [
        "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid",
        "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "_ga", "_gl",
    ];
    let parameters = anatomy.parts.parameters();
    let signature = parameters
        .iter()
        .position(|parameter| parameter.is_named("X-Amz-Signature"))?;
    let names: Vec<String> = parameters[signature..]
        .iter()
        .map(|p| String::from_utf8_lossy(&p.decoded_name()).into_owned())
        .filter(|name| name.starts_with("utm_") || NAMES.contains(&name.as_str()))
        .collect();
    (!names.is_empty()).then(|| {
        let list = escape_controls(&names.join(", ")).into_owned();
        Finding::likely(
            Code::QueryParameterAdded,
            format!(
                "`{list}` was hung onto the link after signing, as mail programs and analytics do"
            ),
        )
        .fix("cut it off, and switch off the tracking of links where it is sent")
    })
}

fn is_latin1(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| text.chars().all(|c| u32::from(c) < 256))
}
