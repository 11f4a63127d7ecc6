//! A link, how it was used, what came back, and who may have signed it; and what is to be said of all that.

use chrono::{DateTime, Utc};

use crate::forensics::{Candidate, Search};
use crate::sigv4::{Header, UrlError};
use crate::store::{BodyKind, Endpoint, StoreAnswer};

use super::finding::{Certainty, Finding};
use super::url_parts::{Anatomy, host_name};
use super::{checks, error_code, signature};

/// Everything that is known. Without `Debug`: the URL is a secret.
pub struct Case {
    /// The URL as it was given.
    pub url: String,
    /// The method that was used, if it was told.
    pub method: Option<String>,
    /// Headers that were sent.
    pub headers: Vec<Header>,
    /// The host that the store saw, if it was told.
    pub host: Option<String>,
    /// The store's answer.
    pub answer: Option<StoreAnswer>,
    /// Its status, where the answer does not have it.
    pub status: Option<u16>,
    /// The store's clock at `now`.
    pub server_date: Option<DateTime<Utc>>,
    /// The time.
    pub now: DateTime<Utc>,
    /// Who may have signed; the credentials at hand first.
    pub suspects: Vec<NamedCandidate>,
    /// Endpoints that are configured on this machine.
    pub endpoints: Vec<Endpoint>,
    /// Regions that are.
    pub regions: Vec<String>,
    /// How far to search.
    pub search: Search,
}

/// Credentials and where they came from.
#[derive(Clone, Debug)]
pub struct NamedCandidate {
    /// The credentials.
    pub suspect: Candidate,
    /// `AWS_ACCESS_KEY_ID`, `profile x in …`
    pub source: String,
}

impl Case {
    /// A case with nothing but a URL.
    pub fn new(url: impl Into<String>, now: DateTime<Utc>) -> Case {
        Case {
            url: url.into(),
            method: None,
            headers: Vec::new(),
            host: None,
            answer: None,
            status: None,
            server_date: None,
            now,
            suspects: Vec::new(),
            endpoints: Vec::new(),
            regions: Vec::new(),
            search: Search::Pairs,
        }
    }

    /// The method that was used: as told, or as the transcript shows it.
    pub fn method_used(&self) -> Option<String> {
        let of_transcript = || {
            self.answer
                .as_ref()?
                .request
                .as_ref()
                .map(|request| request.method.clone())
        };
        self.method.clone().or_else(of_transcript)
    }

    /// Headers that were sent besides `Host`; names in lower case.
    pub fn sent_headers(&self) -> Vec<(String, Vec<u8>)> {
        let mut sent: Vec<(String, Vec<u8>)> = self
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), header.value.clone()))
            .collect();
        if let Some(request) = self
            .answer
            .as_ref()
            .and_then(|answer| answer.request.as_ref())
        {
            for (name, value) in &request.headers {
                if !sent.iter().any(|(known, _)| known == name) {
                    sent.push((name.clone(), value.clone().into_bytes()));
                }
            }
        }
        sent.retain(|(name, _)| name != "host");
        sent
    }

    /// Whether it was told how the link was used.
    pub fn use_is_told(&self) -> bool {
        self.method_used().is_some() || !self.headers.is_empty() || self.answer.is_some()
    }

    /// The host that the store saw, where it is known to be another than the URL's.
    pub fn seen_host(&self) -> Option<String> {
        let of_header = || {
            let header = self
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case("host"))?;
            Some(String::from_utf8_lossy(&header.value).into_owned())
        };
        self.host
            .clone()
            .or_else(of_header)
            .map(|host| host.trim().to_ascii_lowercase())
    }

    /// The store's clock.
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        self.server_date
    }

    /// The status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer
            .as_ref()
            .and_then(|answer| answer.status)
            .or(self.status)
    }

    /// Whether the store is known to have refused.
    pub fn was_refused(&self) -> bool {
        let of_document = self
            .answer
            .as_ref()
            .is_some_and(|answer| answer.kind == BodyKind::Error);
        of_document || self.status().is_some_and(|status| status >= 300)
    }
}

/// What is to be said.
#[derive(Debug)]
pub struct Diagnosis {
    /// The code of the first finding.
    pub verdict: &'static str,
    /// One sentence.
    pub summary: String,
    /// The surest first; never empty.
    pub findings: Vec<Finding>,
    /// Whether the signature was compared, and matched.
    pub signature: SignatureState,
    /// How many requests were tried to find what the signature was made for.
    pub tried: u64,
    /// The URL taken apart.
    pub anatomy: Anatomy,
}

/// What is known of the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureState {
    /// There is no secret, or nothing to compare.
    NotChecked,
    /// It is that of the request as it is.
    Matches,
    /// It is that of another request, which was found.
    Explained,
    /// Nothing reproduces it.
    Unexplained,
}

impl Diagnosis {
    /// Whether the link is good as far as can be seen.
    pub fn is_good(&self) -> bool {
        matches!(self.verdict, "ok" | "signature-not-checked")
    }
}

/// Finds out why a link does not work.
///
/// # Errors
/// A text that is no URL.
pub fn diagnose(case: &Case) -> Result<Diagnosis, UrlError> {
    let anatomy = Anatomy::of(&case.url)?;
    let mut of_statics = checks::findings(&anatomy, case);
    let examined = signature::examine(&anatomy, case);
    let state = examined.state;
    if state == SignatureState::Matches && !case.was_refused() {
        // With a signature that is right, what most stores do not care about is no cause of anything.
        of_statics.retain(|finding| {
            finding.certainty < Certainty::Possible && finding.code != "credential-not-encoded"
        });
    }
    let of_words = error_code::findings(&anatomy, case, state);
    if of_words
        .iter()
        .any(|finding| finding.code == "policy-condition-failed")
    {
        // A form is posted to a plain address; its signature is one of the fields.
        of_statics.retain(|finding| finding.code != "not-presigned");
    }
    // What was done to the text comes before what follows from it; `two-auth-mechanisms` is such a thing too.
    let doubled = of_statics
        .iter()
        .take(anatomy.damages.len() + 1)
        .filter(|f| f.code == "two-auth-mechanisms")
        .count();
    let damages = (anatomy.damages.len() + doubled).min(of_statics.len());
    let mut findings: Vec<Finding> = of_statics.drain(..damages).collect();
    let clock = of_statics
        .iter()
        .position(|f| is_about_time(f.code))
        .unwrap_or(of_statics.len());
    let of_clock = of_statics.split_off(clock);
    findings.extend(examined.findings);
    findings.extend(of_statics);
    findings.extend(of_words);
    findings.extend(of_clock);
    let mut findings = merged(findings);
    // Another secret explains everything, so it comes after what explains something.
    let is_last_resort =
        |finding: &Finding| finding.code == "wrong-secret" && state == SignatureState::Unexplained;
    findings.sort_by_key(|finding| (finding.certainty, is_last_resort(finding)));
    if findings.is_empty() {
        findings.push(nothing_found(
            &anatomy,
            case,
            state,
            examined.method.as_deref(),
        ));
    }
    let first = &findings[0];
    let others = findings.len() - 1;
    let summary = match others {
        0 => first.message.clone(),
        1 => format!("{} (and one finding more)", first.message),
        n => format!("{} (and {n} findings more)", first.message),
    };
    Ok(Diagnosis {
        verdict: first.code,
        summary,
        findings,
        signature: state,
        tried: examined.tried,
        anatomy,
    })
}

fn is_about_time(code: &str) -> bool {
    matches!(
        code,
        "expired" | "not-yet-valid" | "clock-skew" | "local-time-not-utc"
    )
}

/// One finding a code: the surest, with the evidence of all.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match kept.iter_mut().find(|known| known.code == finding.code) {
            Some(known) if finding.certainty < known.certainty => *known = finding,
            Some(known) => {
                known.fix = known.fix.take().or(finding.fix);
                known.evidence.extend(
                    finding
                        .evidence
                        .into_iter()
                        .filter(|_| known.evidence.is_empty())
                        .collect::<Vec<_>>(),
                );
            }
            None => kept.push(finding),
        }
    }
    kept
}

fn nothing_found(
    anatomy: &Anatomy,
    case: &Case,
    state: SignatureState,
    method: Option<&str>,
) -> Finding {
    let until = anatomy
        .expires_at
        .map(|ends| format!(", and the link is valid until {}", checks::rfc3339(ends)))
        .unwrap_or_default();
    if case.was_refused() {
        let said = case
            .answer
            .as_ref()
            .and_then(|answer| answer.code())
            .map(|code| format!(" ({code})"))
            .unwrap_or_default();
        let status = case
            .status()
            .map(|status| format!(" with {status}"))
            .unwrap_or_default();
        let finding = Finding::possible(
            "unexplained",
            format!(
                "the store refused the link{status}{said}, and nothing that is known explains it"
            ),
        );
        return match state {
            SignatureState::NotChecked => finding
                .fix("give the credentials that signed it, so that the signature can be checked"),
            _ => finding
                .evidence("the signature matches")
                .fix("look at the rights of the access key, and at policies of the bucket"),
        };
    }
    match state {
        SignatureState::NotChecked if anatomy.is_redacted() => Finding::possible(
            "signature-not-checked",
            format!("the signature was cut out of the URL, so it cannot be checked; nothing else is wrong{until}"),
        ),
        SignatureState::NotChecked if anatomy.kind.is_of_version_4() && case.status().is_none() => Finding::possible(
            "signature-not-checked",
            format!("nothing is wrong that can be seen without the secret{until}; the signature was not checked"),
        )
        .fix("give the credentials that signed it, for example `--profile NAME`"),
        SignatureState::NotChecked => Finding::certain("ok", format!("the store served the link{until}")),
        _ => {
            let method = method.map(|method| format!(" for {method}")).unwrap_or_default();
            Finding::certain("ok", format!("the signature matches{method}{until}"))
        }
    }
}

/// Whether two hosts differ only in the port.
pub fn differ_in_port_only(one: &str, other: &str) -> bool {
    one != other && host_name(one) == host_name(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::Secret;

    /// Variants of each of thousands of parameters, headers or slashes would fit into no memory.
    #[test]
    fn what_no_store_takes_is_compared_and_not_searched() {
        let link = |path: &str, query: &str, names: &str| {
            format!(
                "https://h/b/{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260131%2Fr%2Fs3%2Faws4_request\
                 &X-Amz-Date=20260131T120000Z&X-Amz-Expires=60&{query}X-Amz-SignedHeaders=host{names}&X-Amz-Signature={}",
                "0".repeat(64)
            )
        };
        let many = |write: fn(usize) -> String| (0..5000).map(write).collect::<String>();
        for url in [
            link("k", &many(|n| format!("p{n}={n}&")), ""),
            link("k", "", &many(|n| format!("%3Bx-{n:04}"))),
            link(&"k".repeat(100_000), "", ""),
            link(&"/".repeat(100_000), "", ""),
        ] {
            let mut case = Case::new(
                url,
                DateTime::from_timestamp(1_769_860_800, 0).expect("in range"),
            );
            let suspect = Candidate {
                access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret: Secret::new("secret"),
                token: None,
            };
            case.suspects.push(NamedCandidate {
                suspect,
                source: "test".to_owned(),
            });
            let diagnosis = diagnose(&case).expect("a URL");
            assert_eq!(diagnosis.signature, SignatureState::Unexplained);
            assert!(diagnosis.tried < 20, "{}", diagnosis.tried);
        }
    }
}
