//! `--verify`: requests a URL the way its recipient will, without downloading the object.

use std::io::Write;

use crate::cli::{SignArgs, VerifyArgs};
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{Client, Probe};
use crate::output::Link;
use crate::text::escape_controls;

use super::client;
use super::explain_refusal::refused;
use super::link_request::Scope;

/// Whether links are to be verified.
///
/// # Errors
/// Options that exclude verification.
pub fn is_requested(args: &VerifyArgs, method: &str, scope: Scope) -> Result<bool, Failure> {
    if !args.verify {
        return Ok(false);
    }
    if scope == Scope::OtherService {
        return Err(
            Failure::usage("--verify supports only stores, not other services")
                .hint("send the request yourself: `--output curl`"),
        );
    }
    if !matches!(method, "GET" | "HEAD") {
        return Err(Failure::usage(format!(
            "--verify cannot send a {method}: it would change the store"
        ))
        .hint(
            "verify a get or head URL of the same object, or send the request yourself: \
                `--output curl`",
        ));
    }
    Ok(true)
}

/// Requests every URL, reports each result, and fails if one of them does not work.
pub fn run(links: &[Link], sign: &SignArgs, env: &Env, err: &mut dyn Write) -> anyhow::Result<()> {
    let client = client::client(&sign.network, Some(&sign.credentials), env)?;
    report(links.iter().map(|link| check(link, &client, env)), err)
}

/// Requests every URL: the response as one line, or the failure.
pub fn check_all(
    links: &[Link],
    sign: &SignArgs,
    env: &Env,
) -> Result<Vec<Result<String, Failure>>, Failure> {
    let client = client::client(&sign.network, Some(&sign.credentials), env)?;
    Ok(links.iter().map(|link| check(link, &client, env)).collect())
}

/// Reports each result as it arrives, and fails if one of them is a failure.
pub fn report(
    results: impl ExactSizeIterator<Item = Result<String, Failure>>,
    err: &mut dyn Write,
) -> anyhow::Result<()> {
    let all = results.len();
    let mut failures = Vec::new();
    for result in results {
        match result {
            Ok(report) => writeln!(err, "verify: {}", escape_controls(&report))?,
            Err(failure) if all == 1 => return Err(failure.into()),
            Err(failure) => {
                writeln!(err, "error: {}", escape_controls(&failure.message))?;
                failures.push(failure);
            }
        }
    }
    match failures.first() {
        None => Ok(()),
        Some(first) => {
            // A refusal takes precedence over a missing response.
            let refused = failures
                .iter()
                .find(|f| f.kind == Kind::Refused)
                .unwrap_or(first);
            Err(Failure::new(
                refused.kind,
                format!("{} of {all} URLs do not work", failures.len()),
            )
            .hint("test each of them with `-v`")
            .into())
        }
    }
}

fn check(link: &Link, client: &Client, env: &Env) -> Result<String, Failure> {
    let mut headers = link.presigned.headers_to_send.clone();
    let range = client::first_byte(link.method, link.place.key.is_some(), &headers);
    let ranged = range.is_some();
    headers.extend(range);
    let probe = Probe {
        method: link.method,
        url: link.url(),
        headers,
        host: None,
        body: None,
    };
    let response = client
        .send(&probe)
        .map_err(|error| client::no_response(&link.place.address.authority, &error))?;
    if client::is_accepted(&response, ranged) {
        Ok(response.summary())
    } else {
        Err(refused(
            "the link",
            &link.presigned,
            link.method,
            &link.credentials,
            &response,
            env,
        ))
    }
}
