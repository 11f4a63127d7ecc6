//! The pipeline: from a case to its findings, in their order.

use crate::sigv4::UrlError;

use super::case::{Case, SignatureState};
use super::code::Code;
use super::finding::{Certainty, Finding, merged};
use super::url_parts::Anatomy;
use super::{checks, error_code, signature};

/// What is to be said.
#[derive(Debug)]
pub struct Diagnosis {
    /// The code of the first finding.
    pub verdict: Code,
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

impl Diagnosis {
    /// Whether the link is good as far as can be seen.
    pub fn is_good(&self) -> bool {
        matches!(self.verdict, Code::Ok | Code::SignatureNotChecked)
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
            finding.certainty < Certainty::Possible && finding.code != Code::CredentialNotEncoded
        });
    }
    let of_words = error_code::findings(&anatomy, case, state);
    if of_words
        .iter()
        .any(|finding| finding.code == Code::PolicyConditionFailed)
    {
        // A form is posted to a plain address; its signature is one of the fields.
        of_statics.retain(|finding| finding.code != Code::NotPresigned);
    }
    // What was done to the text comes before what follows from it; `two-auth-mechanisms` is such a thing too.
    let doubled = of_statics
        .iter()
        .take(anatomy.damages.len() + 1)
        .filter(|f| f.code == Code::TwoAuthMechanisms)
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
    let is_last_resort = |finding: &Finding| {
        finding.code == Code::WrongSecret && state == SignatureState::Unexplained
    };
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

fn is_about_time(code: Code) -> bool {
    matches!(
        code,
        Code::Expired | Code::NotYetValid | Code::ClockSkew | Code::LocalTimeNotUtc
    )
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
            Code::Unexplained,
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
            Code::SignatureNotChecked,
            format!("the signature was cut out of the URL, so it cannot be checked; nothing else is wrong{until}"),
        ),
        SignatureState::NotChecked if anatomy.kind.is_of_version_4() && case.status().is_none() => Finding::possible(
            Code::SignatureNotChecked,
            format!("nothing is wrong that can be seen without the secret{until}; the signature was not checked"),
        )
        .fix("give the credentials that signed it, for example `--profile NAME`"),
        SignatureState::NotChecked => Finding::certain(Code::Ok, format!("the store served the link{until}")),
        _ => {
            let method = method.map(|method| format!(" for {method}")).unwrap_or_default();
            Finding::certain(Code::Ok, format!("the signature matches{method}{until}"))
        }
    }
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
