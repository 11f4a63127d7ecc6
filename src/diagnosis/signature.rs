//! The outcome of the search for the request that was signed, as findings.

use crate::forensics::{Candidate, Cause, Mistake, Observed, Outcome, Search, explain_signature};
use crate::sigv4::{Algorithm, QueryParameter, encode};
use crate::store::{Refusal, is_region_name};
use crate::text::escape_controls;

use super::case::{Case, NamedCandidate, SignatureState};
use super::checks::{again, is_altered_on_the_way, missing_headers};
use super::code::Code;
use super::finding::Finding;
use super::host_candidates::clues;
use super::mistake::{finding_of, use_method};
use super::stores_request::{of_stores_request, stores_request};
use super::url_parts::Anatomy;

/// What came of comparing.
pub struct Examined {
    pub state: SignatureState,
    pub findings: Vec<Finding>,
    /// The method that the signature is for, once it is known.
    pub method: Option<String>,
    pub tried: u64,
}

/// Compares the signature with what the credentials at hand make of the URL, and what the store
/// computed.
pub fn examine(anatomy: &Anatomy, case: &Case) -> Examined {
    let nothing = |findings| Examined {
        state: SignatureState::NotChecked,
        findings,
        method: None,
        tried: 0,
    };
    let Some(observed) = observe(anatomy, case) else {
        return nothing(Vec::new());
    };
    if case.candidates.is_empty() || anatomy.is_redacted() {
        return nothing(of_stores_request(anatomy, case, &observed, None));
    }
    let candidates: Vec<Candidate> = case
        .candidates
        .iter()
        .map(|named| named.candidate.clone())
        .collect();
    // The region that the response names may be the one that was signed.
    let mut regions = case.regions.clone();
    regions.extend(case.response.as_ref().and_then(|response| {
        let region = response
            .element("Region")
            .or(response.header("x-amz-bucket-region"))?;
        is_region_name(region).then(|| region.to_owned())
    }));
    let clues = clues(
        anatomy,
        case.seen_host().as_deref(),
        &case.endpoints,
        &regions,
    );
    let outcome = search(anatomy, case, &observed, &candidates, &clues);
    let mut examined = Examined {
        state: SignatureState::Unexplained,
        findings: Vec::new(),
        method: None,
        tried: outcome.tried,
    };
    match &outcome.mistakes {
        Some(mistakes)
            if mistakes.is_empty() || is_the_signers_own(mistakes, case, &observed, &outcome) =>
        {
            examined.state = SignatureState::Matches;
            examined.method = Some(outcome.method.clone());
            examined.findings = matching(anatomy, case, &observed, &outcome);
        }
        Some(mistakes) => {
            examined.state = SignatureState::Explained;
            examined.method = Some(outcome.method.clone());
            examined.findings = mistakes
                .iter()
                .map(|mistake| finding_of(mistake, anatomy, case, &observed, &outcome))
                .collect();
            let mut of_store = of_stores_request(anatomy, case, &observed, None);
            // The store shows a value: the header was sent, with another one than was signed.
            if let Some(changed) = of_store
                .iter_mut()
                .find(|finding| finding.code == Code::SignedHeaderChanged)
            {
                let is_missing = |finding: &Finding| finding.code == Code::SignedHeaderMissing;
                if let Some(at) = examined.findings.iter().position(is_missing) {
                    changed.fix = examined.findings.remove(at).fix;
                }
            }
            examined.findings.extend(of_store);
        }
        None => examined.findings = unexplained(anatomy, case, &observed, &outcome),
    }
    examined
}

/// Whether the secret that was found beside the one at hand belongs to the very access key id of
/// the link.
fn is_the_signers_own(
    mistakes: &[Mistake],
    case: &Case,
    observed: &Observed,
    outcome: &Outcome,
) -> bool {
    let id = |index: usize| {
        case.candidates
            .get(index)
            .map(|named| named.candidate.access_key_id.as_str())
    };
    let own = Some(observed.access_key_id.as_str());
    matches!(
        mistakes,
        [Mistake {
            cause: Cause::OtherSecret,
            ..
        }]
    ) && outcome.candidate.is_some_and(|index| id(index) == own)
        && id(0) != own
}

fn search(
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    candidates: &[Candidate],
    clues: &crate::forensics::Clues,
) -> Outcome {
    // Services that are no stores sign the hash of the body, and links have none.
    if !observed.service.starts_with("s3")
        && anatomy.recognized.is_none()
        && observed.payload_hash == "UNSIGNED-PAYLOAD"
    {
        let empty = crate::sigv4::PayloadHash::OfBody(Vec::new()).to_text();
        let of_service = Observed {
            payload_hash: empty,
            ..observed.clone()
        };
        let outcome =
            explain_signature(&of_service, candidates, &Default::default(), Search::Single);
        if outcome.mistakes.as_ref().is_some_and(Vec::is_empty) {
            return outcome;
        }
    }
    explain_signature(observed, candidates, clues, case.search)
}

/// The request as far as it is known; `None` if the URL lacks what a signature needs.
fn observe(anatomy: &Anatomy, case: &Case) -> Option<Observed> {
    let algorithm = anatomy.kind.algorithm()?;
    let credential = anatomy.credential.as_ref()?;
    let is_signature = |name: &[u8]| name.eq_ignore_ascii_case(b"X-Amz-Signature");
    let raw = anatomy.parts.parameters();
    let digits = anatomy
        .text("X-Amz-Signature")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let signature = hex::decode(&digits).unwrap_or_default();
    let comparable = match algorithm {
        Algorithm::HmacSha256 => signature.len() == 32,
        Algorithm::EcdsaP256Sha256 => !signature.is_empty(),
    };
    if !comparable
        && case
            .response
            .as_ref()
            .is_none_or(|response| response.canonical_request().is_none())
    {
        return None;
    }
    let others: Vec<_> = raw
        .iter()
        .filter(|p| !is_signature(&p.decoded_name()))
        .collect();
    let as_sent: Vec<String> = others
        .iter()
        .map(|p| match &p.value {
            Some(value) => format!("{}={value}", p.name),
            None => p.name.clone(),
        })
        .collect();
    let before = raw
        .iter()
        .take_while(|p| !is_signature(&p.decoded_name()))
        .count();
    let headers = case.sent_headers();
    let of_header = headers
        .iter()
        .find(|(name, _)| name == "x-amz-content-sha256")
        .map(|(_, value)| value.clone());
    let payload = of_header.or_else(|| anatomy.parts.value("X-Amz-Content-Sha256"));
    let method = case.method_used();
    // In a list that was encoded twice the names can still be separated.
    let names = encode::decode_lenient(
        anatomy
            .text("X-Amz-SignedHeaders")
            .unwrap_or_default()
            .as_bytes(),
    );
    let names = String::from_utf8_lossy(&names).into_owned();
    Some(Observed {
        // Browsers and plain curl send GET, so that is assumed where no method is given.
        method_is_known: true,
        method: method.unwrap_or_else(|| "GET".to_owned()),
        host: case.seen_host().unwrap_or_else(|| anatomy.host()),
        authority: anatomy.parts.authority.clone(),
        path_as_sent: if anatomy.parts.path.is_empty() {
            "/".to_owned()
        } else {
            anatomy.parts.path.clone()
        },
        path: anatomy.path(),
        query_as_sent: as_sent.join("&"),
        query: others
            .iter()
            .map(|p| QueryParameter::new(p.decoded_name(), p.decoded_value()))
            .collect(),
        parameters_before_signature: before,
        signed_headers: names
            .split(';')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        headers,
        payload_hash: payload.map_or("UNSIGNED-PAYLOAD".to_owned(), |value| {
            String::from_utf8_lossy(&value).into_owned()
        }),
        timestamp: anatomy.text("X-Amz-Date").unwrap_or_default(),
        access_key_id: credential.access_key_id.clone(),
        date: credential.date.clone(),
        region: credential.region.clone(),
        service: credential.service.clone(),
        algorithm,
        signature,
    })
}

/// Temporary credentials whose token is not in the URL.
fn token_left_out(anatomy: &Anatomy, signer: &NamedCandidate) -> Option<Finding> {
    if anatomy.has_token || signer.candidate.token.is_none() {
        return None;
    }
    let id = &signer.candidate.access_key_id;
    let message = format!(
        "the credentials at hand ({}) have a session token, and the URL has none",
        signer.source
    );
    let fix = format!("sign with the session token too: `{}`", again(anatomy));
    // Ids of long-lived keys have a form of their own at AWS; a token beside one is a leftover.
    Some(match id.starts_with("AKIA") {
        true => Finding::possible(Code::TokenMissing, message).fix(fix),
        false => Finding::likely(Code::TokenMissing, message).fix(fix),
    })
}

/// The signature is that of the URL as it was used.
fn matching(
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    outcome: &Outcome,
) -> Vec<Finding> {
    let signer = outcome
        .candidate
        .and_then(|index| case.candidates.get(index));
    if let Some(signer) =
        signer.filter(|signer| signer.candidate.access_key_id != observed.access_key_id)
    {
        let message = format!(
            "the link carries the access key id {}, but was signed with the secret of {} ({})",
            observed.access_key_id, signer.candidate.access_key_id, signer.source
        );
        return vec![
            Finding::certain(Code::WrongAccessKey, message)
                .fix("take id and secret from the same credentials"),
        ];
    }
    let of_store = of_stores_request(anatomy, case, observed, Some(&outcome.method));
    if !of_store.is_empty() {
        return of_store;
    }
    let token: Vec<Finding> = signer
        .and_then(|signer| token_left_out(anatomy, signer))
        .into_iter()
        .collect();
    if case.refusal() != Some(Refusal::Signature) {
        return token;
    }
    let of_response = case
        .response
        .as_ref()
        .and_then(|response| response.string_to_sign());
    let same_text = of_response.map(|seen| seen == outcome.string_to_sign.as_bytes());
    let shows_request = stores_request(anatomy, case).is_some_and(|seen| seen.is_verified);
    if shows_request || same_text == Some(true) {
        let id = &observed.access_key_id;
        let message = format!(
            "the store computed the same request as we do, so it has another secret for {id} than \
             we have"
        );
        let finding = Finding::certain(Code::ServerHasOtherSecret, message);
        return [token, vec![finding.fix(compare_with_store(id))]].concat();
    }
    [
        token,
        changed_on_the_way(case, observed, outcome, same_text),
    ]
    .concat()
}

/// Why a store may refuse the right signature. `same_text` is whether the string to sign in its
/// response is ours.
fn changed_on_the_way(
    case: &Case,
    observed: &Observed,
    outcome: &Outcome,
    same_text: Option<bool>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let id = &observed.access_key_id;
    if case.method_used().is_none() && outcome.method != "GET" {
        found.push(
            Finding::likely(
                Code::WrongMethod,
                format!(
                    "the link is signed for {}; browsers and plain curl send GET",
                    outcome.method
                ),
            )
            .fix(use_method(&outcome.method)),
        );
    }
    if same_text != Some(false) {
        let message = format!(
            "our secret makes this signature, and the store refuses it: it may have another secret \
             for {id}"
        );
        // A signed Accept-Encoding is the better explanation: proxies rewrite it, Google's always.
        let is_rewritten = observed
            .signed_headers
            .iter()
            .any(|name| is_altered_on_the_way(name));
        let finding = match is_rewritten {
            true => Finding::possible(Code::ServerHasOtherSecret, message),
            false => Finding::likely(Code::ServerHasOtherSecret, message),
        };
        found.push(finding.fix(compare_with_store(id)));
    }
    if case.method_used().is_none() {
        found.push(
            Finding::possible(
                Code::WrongMethod,
                format!(
                    "the link is signed for {} and nothing else; `curl -I` sends HEAD",
                    outcome.method
                ),
            )
            .fix(use_method(&outcome.method)),
        );
    }
    if case.seen_host().is_none() {
        let message = match same_text {
            Some(false) => {
                "the store computed another request than that of the link: it was changed on the \
                 way, most often its Host header"
            }
            _ => "a proxy before the store may have changed the Host header",
        };
        found.push(
            Finding::possible(Code::ProxyRewroteHost, message)
                .fix("give the host that the store saw: `--host NAME`"),
        );
    }
    found
}

fn compare_with_store(id: &str) -> String {
    format!("make new keys, or compare the secret of {id} with what the store has")
}

/// Nothing reproduces it: what is left.
fn unexplained(
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    outcome: &Outcome,
) -> Vec<Finding> {
    if let Some(altered) = altered_digits(anatomy, outcome) {
        return vec![altered];
    }
    let mut found = of_stores_request(anatomy, case, observed, None);
    let missing = missing_headers(&observed.signed_headers, case);
    let is_whole = missing.is_none();
    found.extend(missing);
    let excluded = format!(
        "{} requests were tried, and none has this signature",
        outcome.tried
    );
    let is_first = found.is_empty();
    found.extend(other_credentials(
        case, observed, &excluded, is_whole, is_first,
    ));
    if is_whole && observed.signed_headers.len() > 1 {
        found.push(
            Finding::possible(
                Code::SignedHeaderChanged,
                format!(
                    "a signed header may have been signed with another value than was given here: \
                     {}",
                    escape_controls(&other_headers(&observed.signed_headers))
                ),
            )
            .fix("give the headers with which the link was made: `-H 'NAME: VALUE'`"),
        );
    }
    found.push(not_reproduced(case, observed, excluded));
    found
}

/// Two signatures that differ in few digits: no other request has such a one.
fn altered_digits(anatomy: &Anatomy, outcome: &Outcome) -> Option<Finding> {
    let digits = anatomy
        .text("X-Amz-Signature")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let expected = outcome
        .expected_signature
        .map(hex::encode)
        .unwrap_or_default();
    let differing = expected
        .bytes()
        .zip(digits.bytes())
        .filter(|(a, b)| a != b)
        .count();
    if expected.len() == 64 && digits.len() == 64 && differing <= 8 {
        return Some(
            Finding::certain(
                Code::SignatureMalformed,
                format!(
                    "X-Amz-Signature differs from the right one in {differing} digits: it was \
                     altered"
                ),
            )
            .fix("copy the URL again, whole"),
        );
    }
    None
}

/// Another access key than those at hand, or another secret of it. Without the headers of the
/// request (`is_whole`) no secret is excluded, and after another finding (`is_first`) none is
/// blamed.
fn other_credentials(
    case: &Case,
    observed: &Observed,
    excluded: &str,
    is_whole: bool,
    is_first: bool,
) -> Option<Finding> {
    let ours: Vec<&str> = case
        .candidates
        .iter()
        .map(|named| named.candidate.access_key_id.as_str())
        .collect();
    if !ours.contains(&observed.access_key_id.as_str()) {
        let named = &case.candidates[0];
        return Some(
            Finding::likely(
                Code::WrongAccessKey,
                format!(
                    "the link is signed by {}, and the credentials at hand are {} ({})",
                    observed.access_key_id, named.candidate.access_key_id, named.source
                ),
            )
            .evidence(excluded)
            .fix(
                "give the credentials of that access key: `--profile NAME`, or \
                 `--try-all-profiles`",
            ),
        );
    }
    if is_first || !is_whole {
        let source = case
            .candidates
            .iter()
            .find(|named| named.candidate.access_key_id == observed.access_key_id);
        let source = source.map(|named| named.source.clone()).unwrap_or_default();
        let message = format!(
            "the link was made with another secret than that of {source}, or was changed beyond \
             recognition"
        );
        let finding = match is_whole {
            true => Finding::likely(Code::WrongSecret, message),
            // Without the headers nothing could have been found.
            false => Finding::possible(Code::WrongSecret, message),
        };
        return Some(finding.evidence(excluded).fix(format!(
            "compare the secret of {} where the link is made; try the others here: \
             `--try-all-profiles`",
            observed.access_key_id
        )));
    }
    None
}

fn not_reproduced(case: &Case, observed: &Observed, excluded: String) -> Finding {
    let how = match observed.algorithm {
        Algorithm::HmacSha256 => "alone and in pairs",
        Algorithm::EcdsaP256Sha256 => "one at a time",
    };
    Finding::possible(Code::Unexplained, "no request reproduces the signature")
        .evidence(excluded)
        .evidence(format!(
            "excluded, {how}: method, host, port, addressing, path,"
        ))
        .evidence("query, signed headers, payload hash, region, service, day, local time,")
        .evidence("and the usual ways to damage a secret")
        .fix(match case.response.is_none() {
            true => {
                "add what else is known: the store's response (`--response FILE`), the \
                     endpoint that was signed (`--endpoint URL`), other credentials \
                     (`--try-all-profiles`)"
            }
            false => {
                "add what else is known: the endpoint that was signed (`--endpoint \
                     URL`), the host behind a proxy (`--host NAME`), other credentials \
                     (`--try-all-profiles`)"
            }
        })
}

/// The names of the signed headers beside `host`.
fn other_headers(names: &[String]) -> String {
    let others: Vec<String> = names
        .iter()
        .filter(|name| !name.eq_ignore_ascii_case("host"))
        .map(|name| format!("`{name}`"))
        .collect();
    others.join(", ")
}
