//! The outcome of the search for the request that was signed, as findings.

use crate::forensics::{Candidate, Cause, Mistake, Observed, Outcome, Search, explain_signature};
use crate::sigv4::{Algorithm, QueryParameter, SECRET_HEADERS, encode};
use crate::store::{Addressing, BodyKind, Refusal, is_region_name};
use crate::text::{CommandLine, escape_controls};

use super::case::{Case, NamedCandidate, SignatureState};
use super::checks::{again, again_for_key, is_altered_on_the_way, missing_headers, region_command};
use super::code::Code;
use super::diff;
use super::finding::Finding;
use super::host::differ_in_port_only;
use super::host_candidates::clues;
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
    let mut found = Vec::new();
    let signer = outcome
        .candidate
        .and_then(|index| case.candidates.get(index));
    if let Some(signer) =
        signer.filter(|signer| signer.candidate.access_key_id != observed.access_key_id)
    {
        found.push(
            Finding::certain(
                Code::WrongAccessKey,
                format!(
                    "the link carries the access key id {}, but was signed with the secret of {} \
                     ({})",
                    observed.access_key_id, signer.candidate.access_key_id, signer.source
                ),
            )
            .fix("take id and secret from the same credentials"),
        );
        return found;
    }
    found.extend(signer.and_then(|signer| token_left_out(anatomy, signer)));
    let of_store = of_stores_request(anatomy, case, observed, Some(&outcome.method));
    if !of_store.is_empty() {
        return of_store;
    }
    let mismatch = case.refusal() == Some(Refusal::Signature);
    if !mismatch {
        return found;
    }
    let of_response = case
        .response
        .as_ref()
        .and_then(|response| response.string_to_sign());
    let same_text = of_response.map(|seen| seen == outcome.string_to_sign.as_bytes());
    let shows_request = stores_request(anatomy, case).is_some_and(|seen| seen.is_verified);
    let same_request = shows_request || same_text == Some(true);
    let id = &observed.access_key_id;
    let fix = format!("make new keys, or compare the secret of {id} with what the store has");
    if same_request {
        let message = format!(
            "the store computed the same request as we do, so it has another secret for {id} than \
             we have"
        );
        found.push(Finding::certain(Code::ServerHasOtherSecret, message).fix(fix));
        return found;
    }
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
    let message = format!(
        "our secret makes this signature, and the store refuses it: it may have another secret \
         for {id}"
    );
    if same_text != Some(false) {
        // A signed Accept-Encoding is the better explanation: proxies rewrite it, Google's always.
        let is_rewritten = observed
            .signed_headers
            .iter()
            .any(|name| is_altered_on_the_way(name));
        let finding = match is_rewritten {
            true => Finding::possible(Code::ServerHasOtherSecret, message),
            false => Finding::likely(Code::ServerHasOtherSecret, message),
        };
        found.push(finding.fix(fix));
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
        found.push(
            match same_text {
                Some(false) => Finding::possible(
                    Code::ProxyRewroteHost,
                    "the store computed another request than that of the link: it was changed on \
                     the way, most often its Host header",
                ),
                _ => Finding::possible(
                    Code::ProxyRewroteHost,
                    "a proxy before the store may have \
                     changed the Host header",
                ),
            }
            .fix("give the host that the store saw: `--host NAME`"),
        );
    }
    found
}

fn use_method(method: &str) -> String {
    match method {
        "PUT" => "upload with it: `curl --upload-file FILE URL`".to_owned(),
        "GET" => "use GET; to look without downloading: `curl --range 0-0 URL`".to_owned(),
        method => format!(
            "use that method: `{}`, or make a link for the other one",
            CommandLine::curl().option("--request", method).fixed("URL")
        ),
    }
}

/// Nothing reproduces it: what is left.
fn unexplained(
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    outcome: &Outcome,
) -> Vec<Finding> {
    let mut found = Vec::new();
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
        found.push(
            Finding::certain(
                Code::SignatureMalformed,
                format!(
                    "X-Amz-Signature differs from the right one in {differing} digits: it was \
                     altered"
                ),
            )
            .fix("copy the URL again, whole"),
        );
        return found;
    }
    found.extend(of_stores_request(anatomy, case, observed, None));
    let missing = missing_headers(&observed.signed_headers, case);
    let is_whole = missing.is_none();
    found.extend(missing);
    let ours: Vec<&str> = case
        .candidates
        .iter()
        .map(|named| named.candidate.access_key_id.as_str())
        .collect();
    let excluded = format!(
        "{} requests were tried, and none has this signature",
        outcome.tried
    );
    if !ours.contains(&observed.access_key_id.as_str()) {
        let named = &case.candidates[0];
        found.push(
            Finding::likely(
                Code::WrongAccessKey,
                format!(
                    "the link is signed by {}, and the credentials at hand are {} ({})",
                    observed.access_key_id, named.candidate.access_key_id, named.source
                ),
            )
            .evidence(excluded.clone())
            .fix(
                "give the credentials of that access key: `--profile NAME`, or \
                 `--try-all-profiles`",
            ),
        );
    } else if found.is_empty() || !is_whole {
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
        found.push(finding.evidence(excluded.clone()).fix(format!(
            "compare the secret of {} where the link is made; try the others here: \
             `--try-all-profiles`",
            observed.access_key_id
        )));
    }
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
    let how = match observed.algorithm {
        Algorithm::HmacSha256 => "alone and in pairs",
        Algorithm::EcdsaP256Sha256 => "one at a time",
    };
    found.push(
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
            }),
    );
    found
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

/// What the store computed, beside what the URL requests. `method`: the one that was
/// signed, if that is known.
fn of_stores_request(
    anatomy: &Anatomy,
    case: &Case,
    observed: &Observed,
    method: Option<&str>,
) -> Vec<Finding> {
    let Some(StoresRequest {
        text: seen,
        is_verified,
    }) = stores_request(anatomy, case)
    else {
        return Vec::new();
    };
    let seen_text = String::from_utf8_lossy(&seen).into_owned();
    let seen_lines = Lines::of(&seen_text);
    let query_of = |name: &str| query_value(seen_lines.query, name);
    let is_of_this_url = ["X-Amz-Date", "X-Amz-Credential"].iter().all(|name| {
        let (seen, own) = (query_of(name), anatomy.text(name));
        seen.is_none() || seen == own
    });
    if !is_of_this_url {
        return vec![
            Finding::possible(
                Code::Unexplained,
                "the response belongs to another request: its canonical request has another \
                 credential or time than the URL",
            )
            .fix("give the response to this URL: `--response FILE`"),
        ];
    }
    let sure = |code: Code, message: String| match is_verified {
        true => Finding::certain(code, message),
        false => Finding::likely(code, message),
    };
    // What the URL requests, with the host that it has rather than the one the store saw.
    let mut asked = Observed {
        host: anatomy.host(),
        ..observed.clone()
    };
    asked.method = method
        .map(str::to_owned)
        .unwrap_or_else(|| match case.method_used() {
            Some(method) => method,
            None => seen_lines.method.to_owned(),
        });
    let outcome = explain_signature(&asked, &[], &Default::default(), Search::Single);
    let asked_text = String::from_utf8_lossy(&outcome.canonical_request).into_owned();
    let lines = Lines::of(&asked_text);
    let evidence = diff::diff("asked", "seen", &outcome.canonical_request, &seen);
    if method.is_none() {
        let empty: Vec<&str> = seen_lines
            .headers
            .iter()
            .filter(|(name, value)| *name != "host" && value.is_empty())
            .map(|(name, _)| *name)
            .filter(|name| lines.headers.iter().any(|(n, v)| n == name && v.is_empty()))
            .collect();
        if !empty.is_empty() {
            let list = escape_controls(&empty.join(", ")).into_owned();
            let command = empty
                .iter()
                .fold(CommandLine::curl(), |command, name| {
                    header_to_send(command, name, anatomy)
                })
                .fixed("URL");
            return vec![
                sure(
                    Code::SignedHeaderMissing,
                    format!("`{list}` is signed, and the store did not get it"),
                )
                .fix(format!("send it as it was signed: `{command}`")),
            ];
        }
    }
    if evidence.is_empty() {
        let is_mismatch = case.refusal() == Some(Refusal::Signature);
        return match case.candidates.is_empty() && is_mismatch {
            true => vec![
                Finding::likely(
                    Code::WrongSecret,
                    "the store saw the request as the URL has it, so the signature was made with \
                     another secret, or for another URL",
                )
                .fix("give the credentials that signed it, to find out which"),
            ],
            false => Vec::new(),
        };
    }
    let mut found = Vec::new();
    let mut add = |code: Code, message: String, fix: &str| {
        let mut finding = sure(code, message).fix(fix);
        finding.evidence = evidence.clone();
        found.push(finding);
    };
    if lines.method != seen_lines.method && seen_lines.method == "OPTIONS" {
        add(
            Code::CorsRefused,
            "the store saw the preflight of a browser (OPTIONS), for which no link is signed"
                .to_owned(),
            "add a CORS rule to the bucket for the page, the method and the headers",
        );
    } else if lines.method != seen_lines.method {
        add(
            Code::WrongMethod,
            format!(
                "the link is for {}, and the store saw a {}",
                lines.method, seen_lines.method
            ),
            &use_method(lines.method),
        );
    }
    if lines.uri != seen_lines.uri {
        let (code, what) = path_difference(lines.uri, seen_lines.uri);
        add(
            code,
            format!("the store saw another path than the URL has: {what}"),
            "let proxies and clients pass the path on as it is",
        );
    }
    let is_sent_as_form = case.sent_headers().iter().any(|(name, value)| {
        name == "content-type" && value.starts_with(b"application/x-www-form-urlencoded")
    }) || query_differences(lines.query, seen_lines.query)
        .iter()
        .any(|(_, message)| message.contains("%3C") || message.contains("`<"));
    for (code, message) in query_differences(lines.query, seen_lines.query) {
        match code {
            Code::QueryParameterAdded if is_sent_as_form => add(
                Code::BodySentAsForm,
                "the store read the body as parameters of the query, since its type is \
                 application/x-www-form-urlencoded"
                    .to_owned(),
                "send the type of the body: `curl --request POST --header 'Content-Type: \
                 application/xml' --data-binary @FILE URL`",
            ),
            code => add(code, message, "use the URL exactly as it was made"),
        }
    }
    for (name, value) in &lines.headers {
        let seen_value = seen_lines
            .headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| *value);
        if seen_value == Some(value) {
            continue;
        }
        let seen_value = seen_value.unwrap_or_default();
        // A customer's key is not to be shown.
        let shown = |value: &str| {
            if SECRET_HEADERS.contains(name) {
                "(not shown)".to_owned()
            } else {
                value.to_owned()
            }
        };
        if *name == "host" && is_redirect_of_global_endpoint(value, seen_value) {
            let message = format!(
                "the global endpoint redirected the request to `{seen_value}`, for which it was \
                 not signed"
            );
            let region = anatomy
                .credential
                .as_ref()
                .map(|c| c.region.as_str())
                .unwrap_or_default();
            let fix = format!(
                "make the link for the region's own endpoint: `{}`",
                region_command(anatomy, region)
            );
            add(Code::GlobalEndpoint, message, &fix);
        } else if *name == "host" {
            let what = if differ_in_port_only(value, seen_value) {
                "a Host with another port"
            } else {
                "another Host"
            };
            let message = format!(
                "the store saw {what}, `{seen_value}`: something between changed it from `{value}`"
            );
            add(
                Code::ProxyRewroteHost,
                message,
                "let the proxy pass the Host header on (nginx: `proxy_set_header Host \
                 $http_host;`)",
            );
        } else if seen_value.is_empty() {
            add(
                Code::SignedHeaderMissing,
                format!("the header `{name}` is signed, and the store did not get it"),
                "send the header as it was signed",
            );
        } else if value.is_empty() {
            add(
                Code::SignedHeaderChanged,
                format!(
                    "the store got `{name}` with the value `{}`, which cannot be the signed one",
                    shown(seen_value)
                ),
                "send the header with the value that was signed",
            );
        } else {
            add(
                Code::HeaderRewrittenByProxy,
                format!(
                    "`{name}` was sent as `{}`, and the store got `{}`",
                    shown(value),
                    shown(seen_value)
                ),
                "do not sign headers that are changed on the way",
            );
        }
    }
    if lines.payload != seen_lines.payload {
        add(
            Code::PayloadHashMismatch,
            format!("the store used the payload hash `{}`", seen_lines.payload),
            "sign with UNSIGNED-PAYLOAD",
        );
    }
    found
}

/// `bucket.s3.amazonaws.com` and `bucket.s3.REGION.amazonaws.com`.
fn is_redirect_of_global_endpoint(asked: &str, seen: &str) -> bool {
    let Some(bucket) = asked.strip_suffix("s3.amazonaws.com") else {
        return false;
    };
    seen.strip_prefix(bucket).is_some_and(|rest| {
        rest != "s3.amazonaws.com"
            && (rest.starts_with("s3.") || rest.starts_with("s3-"))
            && rest.contains(".amazonaws.com")
    })
}

/// `-H 'name: value'`, with the value that the URL itself has for it.
fn header_to_send(command: CommandLine, name: &str, anatomy: &Anatomy) -> CommandLine {
    match anatomy.text(name) {
        Some(value) if !name.contains("token") => command.option("-H", format!("{name}: {value}")),
        _ => command.header(name),
    }
}

fn query_value(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (n, value) = pair.split_once('=')?;
        (n == name).then(|| {
            String::from_utf8_lossy(&encode::decode_lenient(value.as_bytes())).into_owned()
        })
    })
}

/// The canonical request that the store computed.
struct StoresRequest {
    text: Vec<u8>,
    /// Whether its hash is the one in the store's string to sign.
    is_verified: bool,
}

/// Reads it from the response. Pages and terminals change its line ends, so it is put together
/// again, and believed as it is only if its hash is the store's own.
fn stores_request(anatomy: &Anatomy, case: &Case) -> Option<StoresRequest> {
    let response = case.response.as_ref()?;
    let raw = response.canonical_request()?;
    if response.kind == BodyKind::OtherXml {
        return None;
    }
    let hash = response.string_to_sign().and_then(|text| {
        let text = String::from_utf8_lossy(&text).into_owned();
        let end = text.trim_end();
        let digits = end.get(end.len().checked_sub(64)?..)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
            .then(|| digits.to_ascii_lowercase())
    });
    let is_right = |text: &[u8]| {
        hash.as_ref()
            .is_some_and(|hash| *hash == hex::encode(crate::sigv4::hash::sha256(text)))
    };
    if is_right(&raw) {
        return Some(StoresRequest {
            text: raw,
            is_verified: true,
        });
    }
    let text = String::from_utf8_lossy(&raw).into_owned();
    let unescaped = ["\\n", "\u{21b5}", "&#xA;", "&#10;", "\r\n", "\r"]
        .iter()
        .fold(text, |text, mark| text.replace(mark, "\n"));
    let dedented: Vec<&str> = unescaped.lines().map(str::trim).collect();
    let texts = [
        unescaped.clone(),
        dedented.join("\n"),
        put_together(&unescaped, anatomy).unwrap_or_default(),
    ];
    if let Some(text) = texts.iter().find(|text| is_right(text.as_bytes())) {
        return Some(StoresRequest {
            text: text.clone().into_bytes(),
            is_verified: true,
        });
    }
    // Not verified: only what has all its lines is compared at all.
    let is_whole = |text: &String| {
        let lines = Lines::of(text);
        !lines.headers.is_empty() && !lines.payload.is_empty() && lines.payload != lines.method
    };
    let [unescaped, dedented, rebuilt] = texts;
    let text = [unescaped, dedented, rebuilt].into_iter().find(is_whole)?;
    Some(StoresRequest {
        text: text.into_bytes(),
        is_verified: false,
    })
}

/// A canonical request whose lines were joined with spaces: method, path, query, one line for each
/// signed header, an empty one, the list of their names, and the payload hash.
fn put_together(text: &str, anatomy: &Anatomy) -> Option<String> {
    let mut words = text.split_whitespace();
    let (method, path, query) = (words.next()?, words.next()?, words.next()?);
    let rest: Vec<&str> = words.collect();
    let (payload, rest) = rest.split_last()?;
    let (list, rest) = rest.split_last()?;
    let middle = rest.join(" ");
    let names: Vec<&str> = list.split(';').collect();
    if anatomy.signed_headers.is_empty() && names.is_empty() {
        return None;
    }
    let mut lines = vec![method.to_owned(), path.to_owned(), query.to_owned()];
    let mut at = 0;
    for (index, name) in names.iter().enumerate() {
        let start = middle[at..]
            .find(&format!("{name}:"))
            .map(|found| at + found)?;
        let from = start + name.len() + 1;
        let end = names
            .get(index + 1)
            .and_then(|next| middle[from..].find(&format!("{next}:")))
            .map_or(middle.len(), |found| from + found);
        lines.push(format!("{name}:{}", middle[from..end].trim()));
        at = end;
    }
    lines.extend([String::new(), (*list).to_owned(), (*payload).to_owned()]);
    Some(lines.join("\n"))
}

/// The lines of a canonical request.
struct Lines<'a> {
    method: &'a str,
    uri: &'a str,
    query: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    payload: &'a str,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Lines<'a> {
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

/// What became of a path.
fn path_difference(asked: &str, seen: &str) -> (Code, String) {
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

fn query_differences(asked: &str, seen: &str) -> Vec<(Code, String)> {
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

/// A mistake as a finding.
fn finding_of(
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
        Cause::ParameterRemoved | Cause::ParameterChanged => "use the URL exactly as it was made, \
             or make it again"
            .to_owned(),
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
