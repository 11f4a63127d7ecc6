//! `verify`: requests URLs as their recipients will, and explains refusals.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::VerifyUrlArgs;
use crate::diagnosis::{Anatomy, Case, Code, Finding, diagnose};
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{BODY_LIMIT as RESPONSE_LIMIT, Client, Probe, ProbeError, Response, Sender};
use crate::output::reports::verification::{self, Outcome, Verified};
use crate::resolve::{LocalContext, parse_sent_header};
use crate::sigv4::Header;
use crate::text::{CommandLine, escape_controls};
use crate::threads;

use super::diagnose as offline;
use super::shared::client;
use super::shared::link_request::Io;

/// Maximum length of a URL.
const LINE_LIMIT: u64 = 1 << 20;

/// Maximum size of a body uploaded to test a URL.
const BODY_LIMIT: u64 = 64 << 20;

pub fn run(args: &VerifyUrlArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    if args.urls.is_empty() {
        return Err(offline::no_url().into());
    }
    let asked = Asked::new(args, env)?;
    let client = client::client(&args.network, Some(&args.credentials), env)?;
    if args.jobs == 0 {
        return Err(Failure::usage("--jobs must be at least 1")
            .hint("set the number of concurrent requests: `--jobs 8`")
            .into());
    }
    let is_one = args.urls.len() == 1 && args.urls[0] != "-";
    let mut tally = Tally {
        is_one,
        ..Tally::default()
    };
    let verifier = Verifier {
        args,
        env,
        asked: &asked,
        client: &client,
        started: Instant::now(),
    };
    let form = args.report.form();
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let (give, tasks) = mpsc::sync_channel::<Task>(usize::from(args.jobs));
        let (report, reports) = mpsc::channel();
        let tasks = Arc::new(Mutex::new(tasks));
        let verifier = &verifier;
        let ask = |_| {
            let (report, tasks) = (report.clone(), tasks.clone());
            move || {
                let mut sender = verifier.client.sender();
                while let Some((index, url)) = tasks.lock().ok().and_then(|tasks| tasks.recv().ok())
                {
                    // The output is closed, so there is no reason to continue.
                    let verified = match url {
                        Ok(url) => verifier.verify(&mut sender, &url),
                        Err(failure) => Verified::failed(String::new(), "", failure),
                    };
                    if report.send((index, verified)).is_err() {
                        return;
                    }
                }
            }
        };
        threads::start_some(scope, (0..if is_one { 1 } else { args.jobs }).map(ask))?;
        drop((report, tasks));
        // URLs are read in parallel with writing, so that a caller that sends one URL at a time
        // gets each result before the next.
        let (finished, places) = mpsc::sync_channel(AHEAD);
        let reading = threads::start(scope, move || read_links(args, env, &give, &finished))?;
        // Reports complete in any order and are written in that of the input.
        let mut waiting = BTreeMap::new();
        while let Some((index, verified)) = next_report(&reports, out)? {
            waiting.insert(index, verified);
            while let Some(next) = waiting.remove(&tally.written) {
                tally.count(&next);
                if let Some(warning) = &next.warning {
                    writeln!(err, "warning: {}", escape_controls(warning))?;
                }
                verification::write(form, &next, is_one, out)?;
                let _ = places.recv();
            }
        }
        reading
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    out.flush()?;
    tally.end()
}

/// The number of a URL, and the URL, or why it cannot be read.
type Task = (usize, Result<String, Failure>);

/// Number of URLs read ahead of the oldest unfinished one: if that hangs, the others must not pile
/// up.
const AHEAD: usize = 1024;

/// Yields the URLs of the command line, and for `-` those of standard input, until the receiver
/// closes. Each takes a place in `started`, which is released when its report is written.
fn read_links(
    args: &VerifyUrlArgs,
    env: &Env,
    give: &SyncSender<Task>,
    started: &SyncSender<()>,
) -> anyhow::Result<()> {
    let mut count = 0;
    let mut feed = |url: Result<String, Failure>| {
        let is_taken = started.send(()).is_ok() && give.send((count, url)).is_ok();
        count += 1;
        if is_taken {
            Ok(())
        } else {
            Err(Stop::NobodyListens)
        }
    };
    for url in &args.urls {
        let fed = match url.as_str() {
            "-" => env.each_line(LINE_LIMIT, |line| {
                let line = match line {
                    Ok(line) => String::from_utf8_lossy(line),
                    Err(line) => return feed(Err(line.into())),
                };
                if line.trim().is_empty() {
                    Ok(())
                } else {
                    feed(Ok(line.into_owned()))
                }
            }),
            url => feed(Ok(url.to_owned())),
        };
        match fed {
            Ok(()) => {}
            Err(Stop::NobodyListens) => return Ok(()),
            Err(Stop::Unreadable(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Why reading URLs stopped.
enum Stop {
    /// The output is closed; the writer has reported that.
    NobodyListens,
    Unreadable(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Unreadable(error)
    }
}

/// The next report; before waiting for one, the output is flushed.
fn next_report<T>(reports: &Receiver<T>, out: &mut dyn Write) -> io::Result<Option<T>> {
    match reports.try_recv() {
        Ok(report) => Ok(Some(report)),
        Err(TryRecvError::Disconnected) => Ok(None),
        Err(TryRecvError::Empty) => {
            out.flush()?;
            Ok(reports.recv().ok())
        }
    }
}

/// Settings of every request.
struct Asked {
    method: Option<String>,
    headers: Vec<Header>,
    body: Option<Vec<u8>>,
}

impl Asked {
    fn new(args: &VerifyUrlArgs, env: &Env) -> Result<Asked, Failure> {
        let method = args
            .method
            .as_deref()
            .map(offline::check_method)
            .transpose()?;
        let changes = method.as_deref().is_some_and(changes_something);
        if changes && !args.yes {
            let method = method.unwrap_or_default();
            return Err(
                Failure::usage(format!("--method {method} would change the store")).hint(
                    "add `--yes` to confirm; `cos-presign diagnose URL` checks a URL without \
                    sending anything",
                ),
            );
        }
        let uploads = method
            .as_deref()
            .is_some_and(|method| matches!(method, "PUT" | "POST"));
        if let Some(file) = args.body.as_ref().filter(|_| !uploads) {
            return Err(Failure::usage(format!(
                "--body `{}` has no effect without an upload",
                file.display()
            ))
            .hint("add `--method PUT --yes`, or remove it"));
        }
        if method.as_deref() == Some("PUT") && args.body.is_none() {
            return Err(Failure::usage("--method PUT requires --body").hint("add `--body FILE`"));
        }
        let mut headers = Vec::with_capacity(args.header.len());
        for text in &args.header {
            headers.push(parse_sent_header(text)?);
        }
        headers.extend(
            args.origin
                .as_deref()
                .map(|origin| Header::new("Origin", origin)),
        );
        let body = args
            .body
            .as_deref()
            .map(|file| body(env, file))
            .transpose()?;
        Ok(Asked {
            method,
            headers,
            body,
        })
    }
}

fn changes_something(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS")
}

fn body(env: &Env, file: &Path) -> Result<Vec<u8>, Failure> {
    crate::resolve::read_file(
        env,
        file,
        BODY_LIMIT,
        "test the URL with a smaller file; upload this one with curl",
    )
}

struct Verifier<'a> {
    args: &'a VerifyUrlArgs,
    env: &'a Env,
    asked: &'a Asked,
    client: &'a Client,
    started: Instant,
}

impl Verifier<'_> {
    fn verify(&self, sender: &mut Result<Sender, ProbeError>, url: &str) -> Verified {
        let anatomy = match Anatomy::of(url) {
            Ok(anatomy) => anatomy,
            Err(error) => {
                return Verified::failed(String::new(), "", offline::not_a_url(url, error));
            }
        };
        let address = format!(
            "{}://{}{}",
            anatomy.parts.scheme, anatomy.parts.authority, anatomy.parts.path
        );
        let method = match (&self.asked.method, anatomy.method) {
            (Some(method), _) => method.clone(),
            (None, Some((method, why))) if changes_something(method) => {
                let failure = Failure::usage(format!(
                    "the URL is for {method}, since {why}, which changes the store"
                ))
                .hint(format!(
                    "add `{}`, and for an upload `--body FILE`",
                    CommandLine::options()
                        .option("--method", method)
                        .fixed("--yes")
                ));
                return Verified::failed(address, method, failure);
            }
            (None, Some((method, _))) => method.to_owned(),
            (None, None) => "GET".to_owned(),
        };
        let is_object = anatomy.key.is_some() && anatomy.parts.value("list-type").is_none();
        let mut headers = self.asked.headers.clone();
        let range = client::first_byte(&method, is_object, &headers);
        let ranged = range.is_some();
        headers.extend(range);
        let body = if matches!(method.as_str(), "PUT" | "POST") {
            Some(self.asked.body.clone().unwrap_or_default())
        } else {
            None
        };
        let probe = Probe {
            method: &method,
            url: &anatomy.text,
            headers,
            host: None,
            body,
        };
        let warning = anatomy.damages.first().map(|damage| {
            format!(
                "the URL was repaired before it was sent: {}",
                damage.message
            )
        });
        let response = match sender {
            Ok(sender) => sender.send(&probe, RESPONSE_LIMIT),
            // Closes our handles; some places may have been released meanwhile.
            Err(_) => self.client.send(&probe),
        };
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                let failure = client::no_response(&anatomy.parts.authority, &error);
                let code = (failure.kind == Kind::Network).then(|| client::code(&error));
                return Verified {
                    warning,
                    code,
                    ..Verified::failed(address, &method, failure)
                };
            }
        };
        let skew = self.skew(&response);
        let outcome = match client::is_accepted(&response, ranged) {
            true => Outcome::Served {
                cors: self.cors(&response),
            },
            false => self.diagnosis(url, &method, &response),
        };
        Verified {
            address,
            method,
            response: Some(response),
            skew,
            outcome,
            code: None,
            warning,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.started.elapsed()).unwrap_or_default();
        self.env.now + elapsed
    }

    /// How far this clock is ahead of the store's, in seconds.
    fn skew(&self, response: &Response) -> Option<i64> {
        let server = DateTime::parse_from_rfc2822(response.header("date")?).ok()?;
        Some((self.now() - server.to_utc()).num_seconds())
    }

    /// Whether a browser would let the page read the response.
    fn cors(&self, response: &Response) -> Option<Finding> {
        let origin = self.args.origin.as_deref()?;
        let allowed = response.header("access-control-allow-origin");
        if allowed.is_some_and(|allowed| allowed == "*" || allowed == origin) {
            return None;
        }
        let message = match allowed {
            Some(allowed) => format!(
                "the store serves the URL, but only pages of `{allowed}` may read it, not \
                 `{origin}` (CORS)"
            ),
            None => {
                format!("the store serves the URL, but pages of `{origin}` may not read it (CORS)")
            }
        };
        Some(
            Finding::certain(Code::CorsRefused, message)
                .fix("allow the origin in the CORS configuration of the bucket"),
        )
    }

    fn diagnosis(&self, url: &str, method: &str, response: &Response) -> Outcome {
        let started = Instant::now();
        let mut case = Case::new(url, self.now());
        case.method = Some(method.to_owned());
        case.headers = self.asked.headers.clone();
        case.response = Some(client::as_error_response(response));
        case.server_date = self
            .skew(response)
            .and_then(TimeDelta::try_seconds)
            .map(|skew| case.now - skew);
        let diagnosed = (|| {
            let anatomy = Anatomy::of(url).map_err(|error| offline::not_a_url(url, error))?;
            let context = LocalContext::new(
                &self.args.credentials,
                self.env,
                anatomy.provider(),
                anatomy.access_key_id.as_deref(),
                self.args.try_all_profiles,
                &[],
            )?;
            offline::add_candidates(&mut case, context);
            diagnose(&case).map_err(|error| offline::not_a_url(url, error))
        })();
        match diagnosed {
            Ok(diagnosis) => Outcome::Refused(Box::new(diagnosis), started.elapsed()),
            Err(failure) => Outcome::Failed(failure),
        }
    }
}

/// The result of all URLs.
#[derive(Default)]
struct Tally {
    is_one: bool,
    written: usize,
    refused: usize,
    first_failure: Option<Failure>,
}

impl Tally {
    fn count(&mut self, verified: &Verified) {
        self.written += 1;
        match &verified.outcome {
            Outcome::Served { cors: None } => {}
            Outcome::Served { cors: Some(_) } | Outcome::Refused(..) => self.refused += 1,
            Outcome::Failed(failure) => {
                self.first_failure.get_or_insert_with(|| failure.clone());
            }
        }
    }

    fn end(self) -> anyhow::Result<()> {
        if self.refused > 0 {
            return Err(Failure::silent(Kind::Refused).into());
        }
        let Some(first) = self.first_failure else {
            return Ok(());
        };
        // With one URL the failure is the complete result; with many, each has been printed in its
        // place.
        if self.is_one {
            Err(first.into())
        } else {
            Err(Failure::silent(first.kind).into())
        }
    }
}
