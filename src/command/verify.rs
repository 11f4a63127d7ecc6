//! `--verify`: uses a link the way its recipient will, without downloading the object.

use std::io::Write;
use std::time::Duration;

use crate::cli::VerifyArgs;
use crate::error::{Failure, Kind};
use crate::online::{self, Answer, Probe, ProbeError};
use crate::output::Link;
use crate::output::text::escape_controls;
use crate::resolve::parse_duration;
use crate::sigv4::Header;

use super::ask::Scope;

/// How long to wait if nothing is said.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit, if links are to be verified at all.
pub fn timeout(args: &VerifyArgs, method: &str, scope: Scope) -> Result<Option<Duration>, Failure> {
    if !args.verify {
        return Ok(None);
    }
    if scope == Scope::OtherService {
        return Err(
            Failure::usage("--verify is for stores, not for other services").hint("send the request yourself: `--output curl`")
        );
    }
    if !matches!(method, "GET" | "HEAD") {
        return Err(Failure::usage(format!("--verify would send the {method}, and that changes what is in the store"))
            .hint("verify a get or head link of the same object, or send the request yourself: `--output curl`"));
    }
    let seconds = args.timeout.as_deref().map(|text| parse_duration("--timeout", text)).transpose()?;
    match seconds {
        Some(0) => Err(Failure::usage("--timeout of zero seconds").hint("give a time to wait: `--timeout 30s`")),
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Ok(Some(DEFAULT_TIMEOUT)),
    }
}

/// Tries every link, tells of each, and fails if one of them does not work.
pub fn run(links: &[Link], timeout: Duration, err: &mut dyn Write) -> anyhow::Result<()> {
    let mut failures = Vec::new();
    for link in links {
        match check(link, timeout) {
            Ok(report) => writeln!(err, "verify: {}", escape_controls(&report))?,
            Err(failure) if links.len() == 1 => return Err(failure.into()),
            Err(failure) => {
                writeln!(err, "error: {failure}")?;
                failures.push(failure);
            }
        }
    }
    match failures.first() {
        None => Ok(()),
        Some(first) => {
            // A refusal is an answer; not having got one weighs less.
            let refused = failures.iter().find(|f| f.kind == Kind::Refused).unwrap_or(first);
            Err(Failure::new(refused.kind, format!("{} of {} links do not work", failures.len(), links.len()))
                .hint("try each of them alone, with `-v`")
                .into())
        }
    }
}

fn check(link: &Link, timeout: Duration) -> Result<String, Failure> {
    let mut headers = link.presigned.headers_to_send.clone();
    let ranged =
        link.method == "GET" && link.place.key.is_some() && !headers.iter().any(|h| h.name.eq_ignore_ascii_case("range"));
    if ranged {
        // Not a HEAD: the method is signed, so a HEAD of a link for GET is refused.
        headers.push(Header::new("Range", "bytes=0-0"));
    }
    let probe = Probe { method: link.method, url: link.url(), headers, timeout };
    let host = &link.place.address.authority;
    let answer = online::send(&probe).map_err(|error| match error {
        ProbeError::WouldRewrite => {
            Failure::usage("the link cannot be verified: its path has dot segments, which the HTTP client would remove")
                .hint("use `--output curl`, which sends the path as it is")
        }
        ProbeError::Timeout => Failure::new(Kind::Network, format!("`{host}` did not answer within {} s", timeout.as_secs()))
            .hint("wait longer: `--timeout 2m`"),
        ProbeError::Network(cause) => Failure::new(Kind::Network, format!("cannot reach `{host}`: {cause}"))
            .hint("check the endpoint and the network; a `private` or `direct` host answers inside IBM Cloud only"),
    })?;
    // An object without a first byte cannot serve it; the link was accepted all the same.
    let accepted = (200..300).contains(&answer.status) || (ranged && answer.status == 416);
    if accepted { Ok(report(&answer)) } else { Err(refused(&answer)) }
}

fn report(answer: &Answer) -> String {
    let mut parts = vec![answer.status_text.clone()];
    let total = answer.header("content-range").and_then(|range| range.rsplit('/').next()).or(answer.header("content-length"));
    if let Some(size) = total.filter(|size| size.bytes().all(|b| b.is_ascii_digit())) {
        parts.push(format!("{size} bytes"));
    }
    if let Some(content_type) = answer.header("content-type") {
        parts.push(content_type.to_owned());
    }
    parts.push(format!("{} ms", answer.elapsed.as_millis()));
    parts.join(", ")
}

fn refused(answer: &Answer) -> Failure {
    let body = String::from_utf8_lossy(&answer.body);
    let code = element(&body, "Code").map(|code| format!(", {code}")).unwrap_or_default();
    let message = element(&body, "Message").map(|message| format!(": {message}")).unwrap_or_default();
    let text = format!("the store refused the link: {}{code}{message}", answer.status_text);
    let failure = Failure::new(Kind::Refused, escape_controls(&text).into_owned());
    match answer.header("location") {
        // Without its query: a redirect of a link may be a link.
        Some(location) => {
            let location = location.split('?').next().unwrap_or_default();
            failure.hint(format!("it redirects to `{}`, which was not signed; use that endpoint", escape_controls(location)))
        }
        None => failure.hint("compare the steps of the signature with what the store expects: `-v`"),
    }
}

/// The text of the first element of this name in an error document.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name}>"))? + name.len() + 2;
    let length = xml[start..].find(&format!("</{name}>"))?;
    Some(xml[start..start + length].trim()).filter(|text| !text.is_empty())
}
