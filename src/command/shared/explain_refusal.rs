//! The error when a store refuses a request that was just signed.

use crate::diagnosis::{Case, Code, NamedCandidate, diagnose};
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::forensics::{Candidate, Search};
use crate::http::Response;
use crate::resolve::Sourced;
use crate::sigv4::{Credentials, Presigned};
use crate::text::escape_controls;

use super::client;

/// The message of the store, and the most likely cause as a hint.
pub fn refused(
    what: &str,
    presigned: &Presigned,
    method: &str,
    credentials: &Sourced<Credentials>,
    response: &Response,
    env: &Env,
) -> Failure {
    let read = client::as_error_response(response);
    let code = read
        .code()
        .map(|code| format!(", {code}"))
        .unwrap_or_default();
    let message = read
        .message()
        .map(|message| format!(": {message}"))
        .unwrap_or_default();
    let text = format!(
        "the store refused {what}: {}{code}{message}",
        response.status_text
    );
    let failure = Failure::new(Kind::Refused, escape_controls(&text).into_owned());
    let mut case = Case::new(presigned.url.as_str(), env.now);
    case.method = Some(method.to_owned());
    case.headers = presigned.headers_to_send.clone();
    case.response = Some(read);
    case.candidates.push(NamedCandidate {
        candidate: Candidate {
            access_key_id: credentials.value.access_key_id().to_owned(),
            secret: credentials.value.secret_access_key().clone(),
            token: credentials.value.session_token().cloned(),
        },
        source: credentials.source.to_string(),
    });
    case.search = Search::Single;
    match diagnose(&case)
        .ok()
        .and_then(|diagnosis| diagnosis.findings.into_iter().next())
    {
        Some(finding) if finding.code != Code::Unexplained => {
            failure.hint(escape_controls(&format!(
                "{} ({}): {}{}",
                finding.code,
                finding.certainty.as_str(),
                finding.message,
                finding
                    .fix
                    .map(|fix| format!("; {fix}"))
                    .unwrap_or_default()
            )))
        }
        _ => failure.hint("compare the steps of the signature with what the store expects: `-v`"),
    }
}
