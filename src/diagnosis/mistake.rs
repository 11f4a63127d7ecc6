//! What was done differently when a URL was signed, as a finding.

use crate::forensics::{Cause, Mistake, Observed, Outcome};
use crate::sigv4::{Algorithm, SECRET_HEADERS, encode};
use crate::store::Addressing;
use crate::text::{CommandLine, escape_controls};

use super::canonical_text::Lines;
use super::case::Case;
use super::checks::{again, again_for_key, region_command};
use super::code::Code;
use super::diff;
use super::finding::Finding;
use super::url_parts::Anatomy;

/// A mistake as a finding.
pub fn finding_of(
    mistake: &Mistake,
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    outcome: &Outcome,
) -> Finding {
    let (code, sentence) = meaning(mistake.cause, case);
    let message = match mistake.cause {
        Cause::Method if case.method_used().is_none() => {
            format!(
                "the link is for {}, and no other method than GET was given",
                outcome.method
            )
        }
        Cause::OtherSecret => match outcome
            .candidate
            .and_then(|index| case.candidates.get(index))
        {
            Some(signer) => format!("the link was signed with the secret from {}", signer.source),
            None => format!("{sentence}: the signature is made with {}", mistake.note),
        },
        Cause::AccessKeyId => format!(
            "{sentence}: the URL carries `{}`, and was signed with {}",
            escape_controls(&observed.access_key_id),
            mistake.note
        ),
        _ => format!("{sentence}: the signature is made with {}", mistake.note),
    };
    let mut finding = Finding::certain(code, message);
    if let Some(signed) = &outcome.signed_canonical_request {
        finding.evidence = diff::diff("signed", "asked", signed, &outcome.canonical_request);
    }
    if let Some(signed) = &outcome.signed_string_to_sign {
        finding
            .evidence
            .extend(string_to_sign_difference(signed, &outcome.string_to_sign));
    }
    finding.fix = Some(fix_of(mistake, anatomy, case, observed, outcome));
    finding
}

/// Second and third line: timestamp and scope. The fourth is the hash of what was shown above.
fn string_to_sign_difference(signed: &str, asked: &str) -> Vec<String> {
    let mut shown = Vec::new();
    for (index, name) in [
        (1, "timestamp in the string to sign:"),
        (2, "scope in the string to sign:"),
    ] {
        let (one, other) = (signed.split('\n').nth(index), asked.split('\n').nth(index));
        if one != other {
            shown.push(name.to_owned());
            shown.extend(diff::pair("signed", "asked", one, other));
        }
    }
    shown
}

fn meaning(cause: Cause, case: &Case) -> (Code, &'static str) {
    match cause {
        Cause::Method => (Code::WrongMethod, "the link is for another method"),
        Cause::Host if case.seen_host().is_some() => (
            Code::ProxyRewroteHost,
            "the store saw another host than was signed",
        ),
        Cause::Port if case.seen_host().is_some() => (
            Code::ProxyRewroteHost,
            "the store saw another port than was signed",
        ),
        Cause::Host => (Code::WrongHost, "the link was signed for another host"),
        Cause::Port => (Code::PortInHost, "the link was signed for another port"),
        Cause::ProxyHost => (
            Code::ProxyRewroteHost,
            "the URL is intact, and the store saw another host",
        ),
        Cause::BasePath => (
            Code::ProxyRewroteHost,
            "the link was signed for another base path",
        ),
        Cause::Addressing => (
            Code::WrongAddressing,
            "the link was signed for another addressing style",
        ),
        Cause::PathEncodedTwice => (
            Code::PathDoubleEncoded,
            "the path was percent-encoded twice",
        ),
        Cause::PathEncoding => (
            Code::PathNotEncoded,
            "the path was signed by other rules of encoding",
        ),
        Cause::PathSlashes => (
            Code::PathSlashesChanged,
            "the slashes of the path were changed",
        ),
        Cause::PathDotSegments => (
            Code::PathDotSegments,
            "dot segments of the path were changed",
        ),
        Cause::PathPlus | Cause::QueryPlus => (Code::PlusForSpace, "`+` and space were exchanged"),
        Cause::PathUnicode => (
            Code::UnicodeNormalization,
            "the key was signed in another form of Unicode",
        ),
        Cause::Key => (Code::KeyChanged, "the link was signed for another key"),
        Cause::ParameterAdded => (
            Code::QueryParameterAdded,
            "something was added to the URL after signing",
        ),
        Cause::ParameterRemoved => (
            Code::QueryParameterRemoved,
            "something was lost from the URL after signing",
        ),
        Cause::ParameterChanged => (
            Code::QueryParameterChanged,
            "the URL was changed after signing",
        ),
        Cause::QueryOrder => (Code::QueryOrder, "the query was not signed in its order"),
        Cause::QueryEncodedTwice => (
            Code::PercentEncodedTwice,
            "the query was percent-encoded twice",
        ),
        Cause::CredentialEncoding => (
            Code::CredentialNotEncoded,
            "the credential was signed without being encoded",
        ),
        Cause::QueryEncoding => (
            Code::QueryNotEncoded,
            "the query was signed by other rules of encoding",
        ),
        Cause::HeaderMissing => (Code::SignedHeaderMissing, "a signed header was not sent"),
        Cause::HeaderChanged => (
            Code::SignedHeaderChanged,
            "a signed header was sent with another value",
        ),
        Cause::SignedHeaders => (
            Code::SignedHeadersMalformed,
            "the list of signed headers is not that of the signature",
        ),
        Cause::TokenUnsigned => (
            Code::TokenUnsigned,
            "the session token was put into the URL after signing",
        ),
        Cause::TokenMissing => (
            Code::TokenMissing,
            "the session token was signed and is not in the URL",
        ),
        Cause::PayloadHash => (Code::PayloadHashMismatch, "another payload hash was signed"),
        Cause::Region => (Code::WrongRegion, "the link was signed for another region"),
        Cause::Service => (
            Code::WrongService,
            "the link was signed for another service",
        ),
        Cause::ScopeDate => (
            Code::ScopeDateMismatch,
            "the link was signed with the key of another day",
        ),
        Cause::LocalTime => (
            Code::LocalTimeNotUtc,
            "the link was signed with a local time",
        ),
        Cause::SecretWhitespace => (Code::SecretWhitespace, "the secret has something around it"),
        Cause::SecretEncoding => (Code::SecretEncoding, "the secret was encoded or mangled"),
        Cause::OtherSecret => (Code::WrongSecret, "the link was signed with another secret"),
        Cause::AccessKeyId => (
            Code::WrongAccessKey,
            "the access key id was exchanged after signing",
        ),
    }
}

/// Headers whose signed value is another than the one that was sent.
fn signed_header_values(outcome: &Outcome) -> Vec<(String, String)> {
    let Some(signed) = &outcome.signed_canonical_request else {
        return Vec::new();
    };
    let signed = String::from_utf8_lossy(signed).into_owned();
    let asked = String::from_utf8_lossy(&outcome.canonical_request).into_owned();
    let (signed, asked) = (Lines::of(&signed), Lines::of(&asked));
    signed
        .headers
        .iter()
        .filter(|header| header.0 != "host" && !asked.headers.contains(header))
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The key that was signed, where the path of the URL is another one.
fn signed_key(anatomy: &Anatomy, outcome: &Outcome) -> Option<Vec<u8>> {
    let signed = String::from_utf8_lossy(outcome.signed_canonical_request.as_ref()?).into_owned();
    let path = encode::decode_lenient(Lines::of(&signed).uri.as_bytes());
    let path = path.strip_prefix(b"/")?;
    let key = match anatomy.addressing {
        Addressing::Path => {
            let bucket = anatomy.bucket.as_deref()?;
            path.strip_prefix(bucket.as_bytes())?.strip_prefix(b"/")?
        }
        _ => path,
    };
    (!key.is_empty() && Some(key) != anatomy.key.as_deref()).then(|| key.to_vec())
}

fn fix_of(
    mistake: &Mistake,
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    outcome: &Outcome,
) -> String {
    let again = |options: &dyn Fn(CommandLine) -> CommandLine| {
        format!("make the link again: `{}`", options(again(anatomy)))
    };
    match mistake.cause {
        Cause::Method if case.method_used().is_none() => {
            format!(
                "{}; if it was sent so, add `{}`",
                use_method(&outcome.method),
                CommandLine::options().option("--method", &outcome.method)
            )
        }
        Cause::Method => use_method(&outcome.method),
        Cause::Host | Cause::Port | Cause::ProxyHost if case.seen_host().is_some() => {
            "let the proxy pass the Host header on (nginx: `proxy_set_header Host $http_host;`)"
                .to_owned()
        }
        Cause::Host | Cause::Port | Cause::ProxyHost => {
            format!(
                "use the host that was signed, or sign for the one that is used: `{}`",
                self::again(anatomy)
            )
        }
        Cause::BasePath => {
            "sign for the path that the store sees, or let the proxy pass it on: `--endpoint \
             https://HOST/BASE`"
                .to_owned()
        }
        Cause::Addressing => {
            again(&|command| command.fixed_option("--addressing", anatomy.addressing.as_str()))
        }
        Cause::Region if observed.algorithm == Algorithm::EcdsaP256Sha256 => {
            again(&|command| command.fixed_option("--region-set", "'*'"))
        }
        Cause::Region => format!(
            "sign for the region of the store: `{}`",
            region_command(anatomy, &observed.region)
        ),
        Cause::ParameterAdded => "use the URL exactly as it was made; sign what has to be in it: \
             `-Q NAME=VALUE`"
            .to_owned(),
        Cause::ParameterRemoved | Cause::ParameterChanged => {
            "use the URL exactly as it was made, or make it again".to_owned()
        }
        Cause::HeaderMissing | Cause::HeaderChanged => {
            let headers = signed_header_values(outcome);
            let command = headers
                .iter()
                .fold(CommandLine::curl(), |command, (name, value)| {
                    match SECRET_HEADERS.contains(&name.as_str()) || name.contains("token") {
                        true => command.header(name),
                        false => command.option("-H", format!("{name}: {value}")),
                    }
                });
            format!(
                "send the header exactly as it was signed: `{}`",
                command.fixed("URL")
            )
        }
        Cause::TokenUnsigned | Cause::TokenMissing => again(&|command| command),
        Cause::SecretWhitespace => {
            "remove it where the link is made: `printf %s \"$SECRET\" | od -c | tail -2` shows it"
                .to_owned()
        }
        Cause::SecretEncoding => "set the secret again where the link is made, exactly as the \
             store showed it"
            .to_owned(),
        Cause::OtherSecret => "sign with the secret that belongs to the access key".to_owned(),
        Cause::AccessKeyId => "take id and secret from the same credentials".to_owned(),
        Cause::LocalTime => "sign with the time in UTC".to_owned(),
        Cause::ScopeDate => {
            "use one clock reading, in UTC, for X-Amz-Date, scope and key".to_owned()
        }
        Cause::PathPlus | Cause::PathSlashes | Cause::PathEncodedTwice | Cause::Key => {
            match signed_key(anatomy, outcome) {
                Some(key) => format!(
                    "make the link again for the key that was signed: `{}`",
                    again_for_key(anatomy, &key)
                ),
                None => again(&|command| command),
            }
        }
        Cause::PathUnicode => "use one form of Unicode for the key everywhere; the store compares \
             bytes"
            .to_owned(),
        _ => again(&|command| command),
    }
}

pub fn use_method(method: &str) -> String {
    match method {
        "PUT" => "upload with it: `curl --upload-file FILE URL`".to_owned(),
        "GET" => "use GET; to look without downloading: `curl --range 0-0 URL`".to_owned(),
        method => format!(
            "use that method: `{}`, or make a link for the other one",
            CommandLine::curl().option("--request", method).fixed("URL")
        ),
    }
}
