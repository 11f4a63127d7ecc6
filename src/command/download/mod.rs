//! `download`: a link, to a file that appears when it is whole.

mod destination;
mod fetch;
mod ranges;
mod stream;

use std::io;

use anyhow::Context;
use serde::Serialize;

use crate::cli::DownloadArgs;
use crate::diagnosis::Anatomy;
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::transfer::{Checks, Digests, Mismatch, opaque, parse_sha256};

use super::diagnose::not_a_url;
use super::shared::link_request::Io;
use super::transfer::{self, Progress, ProgressLine, Session, Subject, Unit};
use destination::Place;
use fetch::Link;
use ranges::{Fetched, Halt};

/// No URL is longer.
const LINK_LIMIT: u64 = 1 << 20;

/// What to do after the network failed.
const AGAIN: &str = "run the same command again: it goes on where it stopped";
const ANEW: &str = "run the same command again";

pub fn run(args: &DownloadArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let network = &args.network;
    let jobs = transfer::jobs(args.jobs)?;
    let headers = transfer::headers(&args.header)?;
    let wanted = args.checksum.as_deref().map(checksum).transpose()?;
    let url = link(args, env)?;
    let anatomy = Anatomy::of(&url).map_err(|error| not_a_url(&url, error))?;
    if let Some((method, why)) = anatomy.method.filter(|(method, _)| *method != "GET") {
        return Err(Failure::usage(format!(
            "the link is for {method}, since {why}, and a download needs one for GET"
        ))
        .hint("ask for a link to download: `cos-presign get`")
        .into());
    }
    transfer::check_signed(&anatomy, &headers)?;
    let place = Place::of(args, &anatomy)?;
    if place.is_none() && network.json {
        return Err(
            Failure::usage("--json is given, and standard output has the object")
                .hint("leave it out")
                .into(),
        );
    }
    let client = transfer::client(network, env)?;
    let key = anatomy
        .key
        .as_deref()
        .map(|key| String::from_utf8_lossy(key).into_owned());
    let link = Link {
        errand: &Session::new(&client, network, env, Progress::default())?,
        url: anatomy.text.clone(),
        headers,
        subject: Subject {
            what: key.as_ref().map_or_else(
                || "the download".to_owned(),
                |key| format!("the download of `{key}`"),
            ),
            host: anatomy.parts.authority.clone(),
            ends: anatomy.expires_at,
            again: if place.is_some() { AGAIN } else { ANEW },
        },
    };
    let mut screen = ProgressLine::new(env.stderr_is_terminal && !network.quiet, err);
    let Some(place) = place else {
        let outcome = stream::run(&link, &mut stream::ToWriter(out), wanted, &mut screen);
        screen.clear();
        outcome?;
        return out.flush().context("cannot write to standard output");
    };
    let outcome = to_file(&link, &place, args, jobs, wanted, &mut screen);
    screen.clear();
    let mut done = outcome?;
    done.bucket.clone_from(&anatomy.bucket);
    done.key = key;
    if network.json {
        serde_json::to_writer(&mut *out, &done)
            .map_err(io::Error::from)
            .context("cannot write to standard output")?;
        out.write_all(b"\n")
            .context("cannot write to standard output")?;
    }
    Ok(())
}

/// What was done; names of fields are a promise.
#[derive(Debug, Default, Serialize)]
struct Done {
    file: String,
    bucket: Option<String>,
    key: Option<String>,
    size: u64,
    bytes_received: u64,
    /// What was there from an earlier run.
    resumed_from: u64,
    retries: u32,
    etag: Option<String>,
    /// What the whole was compared with.
    checked: Vec<String>,
}

fn link(args: &DownloadArgs, env: &Env) -> anyhow::Result<String> {
    if args.url != "-" {
        return Ok(args.url.clone());
    }
    let bytes = env
        .read_stdin(LINK_LIMIT)
        .context("cannot read standard input")?;
    let text = String::from_utf8_lossy(&bytes);
    match text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>()[..] {
        [line] => Ok(line.to_owned()),
        [] => Err(Failure::usage("standard input has no link").hint("give one line").into()),
        _ => Err(Failure::usage("standard input has more than one line, and one link is downloaded")
            .hint("for many links: `cos-presign get --output curl` makes a file for `curl --parallel --config`")
            .into()),
    }
}

fn checksum(text: &str) -> Result<[u8; 32], Failure> {
    parse_sha256(text).ok_or_else(|| {
        Failure::usage(format!("--checksum `{text}` is no SHA-256"))
            .hint("give its 64 hexadecimal digits: `--checksum sha256:…`")
    })
}

fn to_file(
    link: &Link,
    place: &Place,
    args: &DownloadArgs,
    jobs: usize,
    wanted: Option<[u8; 32]>,
    screen: &mut ProgressLine,
) -> anyhow::Result<Done> {
    let mut is_second = false;
    let errand = link.errand;
    let (file, checks, size, etag, resumed_from) = loop {
        errand.account().unit = Unit::Bytes;
        match ranges::run(link, place, jobs, screen) {
            Ok(Fetched::Whole {
                file,
                partial,
                resumed_from,
            }) => {
                break (
                    file,
                    partial.checks,
                    partial.size,
                    Some(partial.etag),
                    resumed_from,
                );
            }
            Ok(Fetched::NotInPieces) => {
                errand.account().unit = Unit::Whole;
                let file = place.open_partial(&place.stream_name())?;
                let mut sink = stream::ToFile::new(&file, place);
                let streamed = stream::run(link, &mut sink, None, screen);
                let streamed = match streamed {
                    Ok(streamed) => streamed,
                    Err(error) => {
                        // Nothing could go on from it.
                        file.remove();
                        return Err(error);
                    }
                };
                break (file, streamed.checks, streamed.size, streamed.etag, 0);
            }
            Err(Halt::Changed) if !is_second => {
                is_second = true;
                errand.resume();
                *errand.account() = Progress::default();
                if !args.network.quiet {
                    screen.say("warning: the object has changed since the download began; it is downloaded anew");
                }
            }
            Err(Halt::Changed) => return Err(link.changed().into()),
            Err(Halt::TransferError(trouble)) => return Err(fetch::failure(trouble)),
        }
    };
    screen.clear();
    let checks = match wanted {
        Some(digest) => checks.with_sha256(&digest),
        None => checks,
    };
    let cannot_write = |error: io::Error| place.cannot_write(&error, None);
    file.set_length(size).map_err(cannot_write)?;
    if !checks.is_empty() {
        let mut digests = Digests::new(&checks);
        let read = file.read_from(0, |piece| digests.update(piece));
        read.map_err(|error| place.cannot_read_back(&error))?;
        if let Err(mismatch) = digests.finish() {
            file.remove();
            return Err(differs(&mismatch, "the file was not put in place").into());
        }
    }
    // From here on an interruption would leave a whole file under the wrong name.
    let account = errand.account();
    file.put_in_place(&place.target, args.force)
        .map_err(|error| place.cannot_place(&error))?;
    Ok(Done {
        file: place.target.to_string_lossy().into_owned(),
        size,
        bytes_received: account.moved,
        resumed_from,
        retries: account.retries,
        etag: etag.map(|etag| opaque(&etag).to_owned()),
        checked: checks.names().map(str::to_owned).collect(),
        ..Done::default()
    })
}

fn differs(mismatch: &Mismatch, end: &str) -> Failure {
    let Mismatch {
        name,
        expected,
        found,
    } = mismatch;
    let failure = Failure::new(
        Kind::Refused,
        format!(
            "what came is not what it should be: `{name}` says `{expected}`, and the bytes add up to `{found}`; {end}"
        ),
    );
    failure.hint(match name.as_str() {
        "--checksum" => "the object is another than was expected: ask whoever sent the checksum",
        _ => "run the same command again: it begins anew",
    })
}

/// Of the whole, as the answer says.
fn checks_of(headers: &[(String, String)]) -> Checks {
    Checks::of_answer(headers)
}
