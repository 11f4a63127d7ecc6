//! The pipeline: from a case to its findings, in their order.

use crate::sigv4::UrlError;
use crate::store::{BodyKind, Refusal};

use super::case::{Case, SignatureState};
use super::code::Code;
use super::finding::{Certainty, Finding, merged};
use super::time::rfc3339;
use super::url_parts::{Anatomy, SignatureKind, verb_of_method};
use super::{checks, error_code, signature};

/// The result.
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
    /// The parsed URL.
    pub anatomy: Anatomy,
    /// The response in the store's own words, if one was given.
    pub response: Option<StoreWords>,
}

/// What a store wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreWords {
    /// Of the transcript, the document, or as it was given.
    pub status: Option<u16>,
    /// Its error code.
    pub code: Option<String>,
    /// Its sentence, or the first line of a text that is no document.
    pub message: Option<String>,
    /// Its other fields, without secrets.
    pub fields: Vec<(String, String)>,
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
    let mut anatomy = Anatomy::of(&case.url)?;
    if let Some(method) = case.method_used() {
        anatomy.verb = verb_of_method(&method);
    }
    let refusal = case.refusal();
    let mut of_statics = checks::findings(&anatomy, case);
    let examined = signature::examine(&anatomy, case);
    let state = examined.state;
    let mut of_signature = examined.findings;
    if state == SignatureState::Matches {
        // What was signed was not added afterwards.
        of_statics.retain(|finding| finding.code != Code::QueryParameterAdded);
        if !case.was_refused() {
            // With a signature that is right, what most stores do not care about is no cause of
            // anything.
            of_statics.retain(|finding| {
                finding.certainty < Certainty::Possible
                    && finding.code != Code::CredentialNotEncoded
            });
        }
    }
    let mut of_response = error_code::findings(&anatomy, case, state);
    let is_form = anatomy.kind == SignatureKind::None
        && (case.form.is_some()
            || refusal.is_some_and(error_code::is_of_a_form)
            || case.was_refused() && case.method_used().as_deref() == Some("POST"));
    if is_form {
        // A form is posted to a plain address; its signature is one of the fields.
        of_statics.retain(|finding| finding.code != Code::NotPresigned);
    }
    if let Some(form) = &case.form {
        let of_form = checks::form_findings(form, &anatomy, case);
        of_response.splice(0..0, of_form);
    }
    reconcile(case, refusal, &mut of_signature, &mut of_statics);
    // What was done to the text comes before what follows from it; `two-auth-mechanisms` is such a
    // thing too.
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
    let states_the_cause = refusal.is_some_and(|refusal| {
        refusal.is_after_the_signature() || refusal.is_before_the_signature()
    });
    if states_the_cause {
        findings.append(&mut of_response);
    }
    findings.extend(of_signature);
    findings.extend(of_statics);
    findings.extend(of_response);
    findings.extend(of_clock);
    let mut findings = merged(findings);
    rank(&mut findings, state);
    let is_of_later = |finding: &Finding| {
        finding.code == Code::Expired && finding.certainty == Certainty::Possible
    };
    if findings.iter().all(is_of_later) {
        let method = examined.method.as_deref();
        findings.insert(0, nothing_found(&anatomy, case, state, method));
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
        response: response(case),
        anatomy,
    })
}

/// The response in the store's own words, if one was given.
fn response(case: &Case) -> Option<StoreWords> {
    let response = case.response.as_ref()?;
    let message = response
        .message()
        .or_else(|| response.sentences().into_iter().next())
        .map(|text| text.lines().next().unwrap_or_default().to_owned());
    Some(StoreWords {
        status: case.status(),
        code: response.code().map(str::to_owned),
        message,
        fields: response.fields(),
    })
}

/// Takes out what the response contradicts, and weakens what it makes less likely.
fn reconcile(
    case: &Case,
    refusal: Option<Refusal>,
    of_signature: &mut Vec<Finding>,
    of_statics: &mut [Finding],
) {
    if refusal.is_some_and(Refusal::is_after_the_signature) {
        // The store found the signature right.
        of_signature.retain(|finding| finding.certainty == Certainty::Certain);
        for finding in of_signature.iter_mut() {
            finding.certainty = Certainty::Possible;
        }
    } else if refusal.is_some_and(Refusal::is_before_the_signature) {
        // A preflight is not the request of the URL.
        let is_of_preflight =
            |finding: &Finding| refusal == Some(Refusal::Cors) && finding.code == Code::WrongMethod;
        of_signature.retain(|finding| !is_of_preflight(finding));
        for finding in of_signature.iter_mut() {
            finding.certainty = finding.certainty.max(Certainty::Likely);
            if is_left_over(finding.code) {
                finding.certainty = Certainty::Possible;
            }
        }
    }
    // A store that shows its string to sign of version 2 takes that version.
    let takes_version_2 = refusal == Some(Refusal::Signature)
        && case
            .response
            .as_ref()
            .is_some_and(|response| response.string_to_sign().is_some());
    // So does one that judges the expiry of such a URL.
    let judges_expiry = refusal == Some(Refusal::Expired);
    for finding in of_statics.iter_mut() {
        if judges_expiry && finding.code == Code::SignatureVersion2 {
            finding.certainty = Certainty::Possible;
        }
        if takes_version_2 && finding.code == Code::SignatureVersion2 {
            finding.certainty = Certainty::Likely;
        }
    }
    // A response from before the end is not explained by the end.
    if let Some(time) = case.response_time().filter(|_| case.was_refused()) {
        for finding in of_statics.iter_mut() {
            if finding.code == Code::Expired && time < case.now && finding.is_after(time) {
                finding.certainty = Certainty::Possible;
                finding.message = format!("{}; the response is from before that", finding.message);
            }
        }
    }
}

/// Codes that explain everything, so that they come after what explains something.
fn is_left_over(code: Code) -> bool {
    matches!(
        code,
        Code::WrongSecret | Code::ServerHasOtherSecret | Code::AccessDenied | Code::Unexplained
    )
}

/// The surest first. Among those what is plain comes before what is left over.
fn rank(findings: &mut [Finding], state: SignatureState) {
    let is_plain =
        |finding: &Finding| finding.certainty <= Certainty::Likely && !is_left_over(finding.code);
    if findings.iter().any(is_plain) {
        for finding in findings.iter_mut() {
            let is_guess = match finding.code {
                Code::ServerHasOtherSecret => finding.certainty == Certainty::Likely,
                Code::WrongSecret => {
                    finding.certainty == Certainty::Likely && state != SignatureState::Explained
                }
                _ => false,
            };
            if is_guess {
                finding.certainty = Certainty::Possible;
            }
        }
    }
    // What was seen of the connection, or of a code, comes after what explains it, though that may
    // be less sure.
    let is_symptom = |code: Code| {
        matches!(
            code,
            Code::RefusedByStore | Code::Unreachable | Code::TlsTrouble
        )
    };
    findings.sort_by_key(|finding| {
        let code = finding.code;
        let certainty = match is_symptom(code) {
            true => finding.certainty.max(Certainty::Likely),
            false => finding.certainty,
        };
        (certainty, is_left_over(code) || is_symptom(code))
    });
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
        .map(|ends| format!(", and the link is valid until {}", rfc3339(ends)))
        .unwrap_or_default();
    if case.was_refused() {
        let said = case
            .response
            .as_ref()
            .and_then(|response| response.code())
            .map(|code| format!(" ({code})"))
            .unwrap_or_default();
        let status = case
            .status()
            .map(|status| format!(" with {status}"))
            .unwrap_or_default();
        let finding = Finding::possible(
            Code::Unexplained,
            format!("the store refused the link{status}{said}, and nothing known explains it"),
        );
        let says_denied = matches!(case.refusal(), None | Some(Refusal::Denied));
        return match state {
            SignatureState::NotChecked if !case.candidates.is_empty() => finding,
            SignatureState::NotChecked => finding
                .fix("give the credentials that signed it, so that the signature can be checked"),
            _ if says_denied => finding
                .evidence("the signature matches")
                .fix("look at the permissions of the access key, and at policies of the bucket"),
            _ => finding
                .evidence("the signature matches")
                .fix("read the message of the store; the signature is not the cause"),
        };
    }
    let is_unread = case
        .response
        .as_ref()
        .is_some_and(|response| response.kind == BodyKind::Other && case.status().is_none());
    if is_unread {
        return Finding::possible(
            Code::Unexplained,
            "the text that was given as the response is no response of a store, and nothing in it \
             is known",
        )
        .fix("give all that `curl -i` prints: `--response FILE`");
    }
    if let Some(form) = case.form.as_ref().filter(|_| case.status().is_none()) {
        return match checks::form_is_signed_here(form, case) {
            true => Finding::certain(
                Code::Ok,
                "the fields of the form meet its policy, and the signature matches",
            ),
            false => Finding::possible(
                Code::SignatureNotChecked,
                "the fields of the form meet its policy; the signature was not checked",
            )
            .fix("give the credentials that signed it, for example `--profile NAME`"),
        };
    }
    match state {
        SignatureState::NotChecked if anatomy.is_redacted() => Finding::possible(
            Code::SignatureNotChecked,
            format!(
                "the signature was cut out of the URL, so it cannot be checked; nothing else \
                 is wrong{until}"
            ),
        ),
        SignatureState::NotChecked if anatomy.kind.is_of_version_4() && case.status().is_none() => {
            Finding::possible(
                Code::SignatureNotChecked,
                format!(
                    "nothing is wrong that can be seen without the secret{until}; the signature \
                 was not checked"
                ),
            )
            .fix("give the credentials that signed it, for example `--profile NAME`")
        }
        SignatureState::NotChecked => {
            Finding::certain(Code::Ok, format!("the store served the link{until}"))
        }
        _ => {
            let method = method
                .map(|method| format!(" for {method}"))
                .unwrap_or_default();
            Finding::certain(Code::Ok, format!("the signature matches{method}{until}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    use crate::diagnosis::NamedCandidate;
    use crate::forensics::Candidate;
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
            let candidate = Candidate {
                access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret: Secret::new("secret"),
                token: None,
            };
            case.candidates.push(NamedCandidate {
                candidate,
                source: "test".to_owned(),
            });
            let diagnosis = diagnose(&case).expect("a URL");
            assert_eq!(diagnosis.signature, SignatureState::Unexplained);
            assert!(diagnosis.tried < 20, "{}", diagnosis.tried);
        }
    }
}
