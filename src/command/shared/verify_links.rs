//! `--verify`: uses a link the way its recipient will, without downloading the object.

use std::io::Write;
use std::time::Duration;

use crate::cli::VerifyArgs;
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{Client, Probe};
use crate::output::Link;
use crate::text::escape_controls;

use super::client;
use super::explain_refusal::refused;
use super::link_request::Scope;

/// The time limit, if links are to be verified at all.
pub fn timeout(args: &VerifyArgs, method: &str, scope: Scope) -> Result<Option<Duration>, Failure> {
    if !args.verify {
        return without_question(args).map(|()| None);
    }
    if scope == Scope::OtherService {
        return Err(
            Failure::usage("--verify is for stores, not for other services")
                .hint("send the request yourself: `--output curl`"),
        );
    }
    if !matches!(method, "GET" | "HEAD") {
        return Err(Failure::usage(format!("--verify would send the {method}, and that changes what is in the store"))
            .hint("verify a get or head link of the same object, or send the request yourself: `--output curl`"));
    }
    client::limit("--timeout", args.timeout.as_deref(), client::TIMEOUT).map(Some)
}

/// A limit for an answer to nothing.
pub fn without_question(args: &VerifyArgs) -> Result<(), Failure> {
    match args.timeout {
        None => Ok(()),
        Some(_) => Err(
            Failure::usage("--timeout is given, and nobody is asked anything")
                .hint("add `--verify`, or leave it out"),
        ),
    }
}

/// Tries every link, tells of each, and fails if one of them does not work.
pub fn run(
    links: &[Link],
    timeout: Duration,
    env: &Env,
    err: &mut dyn Write,
) -> anyhow::Result<()> {
    let client = client::client(env, timeout, client::CONNECT_TIMEOUT, None)?;
    report(links.iter().map(|link| check(link, &client, env)), err)
}

/// Requests every link: the response in a line, or why it does not work.
pub fn check_all(
    links: &[Link],
    timeout: Duration,
    env: &Env,
) -> Result<Vec<Result<String, Failure>>, Failure> {
    let client = client::client(env, timeout, client::CONNECT_TIMEOUT, None)?;
    Ok(links.iter().map(|link| check(link, &client, env)).collect())
}

/// Reports each result as it comes, and fails if there is a failure among them.
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
            // A refusal is an answer; not having got one weighs less.
            let refused = failures
                .iter()
                .find(|f| f.kind == Kind::Refused)
                .unwrap_or(first);
            Err(Failure::new(
                refused.kind,
                format!("{} of {all} links do not work", failures.len()),
            )
            .hint("try each of them alone, with `-v`")
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
    let answer = client
        .send(&probe)
        .map_err(|error| client::unanswered(&link.place.address.authority, &error))?;
    if client::is_accepted(&answer, ranged) {
        Ok(answer.summary())
    } else {
        Err(refused(
            "the link",
            &link.presigned,
            link.method,
            &link.credentials,
            &answer,
            env,
        ))
    }
}
