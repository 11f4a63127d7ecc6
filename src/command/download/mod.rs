//! `download`: a URL to a file that appears when it is complete.

mod destination;
mod fetch;
mod ranges;
mod stream;

use std::io;

use anyhow::Context;
use serde::Serialize;

use crate::cli::DownloadArgs;
use crate::diagnosis::Anatomy;
use crate::disk::PartialFile;
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::sigv4::Header;
use crate::text::escape_controls;
use crate::transfer::{Checks, Digests, Mismatch, object_id, opaque, parse_sha256};

use super::diagnose::not_a_url;
use super::shared::link_request::Io;
use super::transfer::{self, Progress, ProgressLine, Session, Subject, Unit};
use destination::Destination;
use fetch::Link;
use ranges::{Fetched, Hashed, Interruption, Settings};

/// Maximum length of a URL.
const LINK_LIMIT: u64 = 1 << 20;

/// The hint after a network failure.
const RESUME: &str = "run the same command again: it resumes where it stopped";
const AGAIN: &str = "run the same command again";

pub fn run(args: &DownloadArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let network = &args.network;
    let jobs = transfer::jobs(args.jobs)?;
    let headers = transfer::headers(&args.header)?;
    let wanted = args.checksum.as_deref().map(checksum).transpose()?;
    let anatomy = anatomy(args, env)?;
    transfer::check_signed(&anatomy, &headers)?;
    let destination = Destination::new(args, &anatomy)?;
    if destination.is_none() && network.json {
        return Err(
            Failure::usage("--json cannot be combined with the object on standard output")
                .hint("remove one of them")
                .into(),
        );
    }
    let client = transfer::client(network, env)?;
    let session = Session::new(&client, network, env, Progress::default())?;
    let key = anatomy
        .key
        .as_deref()
        .map(|key| String::from_utf8_lossy(key).into_owned());
    let again = if destination.is_some() { RESUME } else { AGAIN };
    let link = link(&session, &anatomy, headers, key.as_deref(), again);
    let mut screen = ProgressLine::new(env.stderr_is_terminal, network.quiet, err);
    let Some(destination) = destination else {
        let outcome = stream::run(&link, &mut stream::ToWriter(out), wanted, &mut screen);
        screen.clear();
        outcome?;
        return out.flush().context("cannot write to standard output");
    };
    let outcome = to_file(&link, &destination, jobs, wanted, &mut screen);
    screen.clear();
    let mut done = outcome?;
    done.bucket.clone_from(&anatomy.bucket);
    done.key = key;
    if !network.json {
        screen.done(&format!(
            "downloaded `{}`, {}",
            escape_controls(&done.file),
            transfer::size(done.size)
        ));
    }
    if network.json {
        serde_json::to_writer(&mut *out, &done)
            .map_err(io::Error::from)
            .context("cannot write to standard output")?;
        out.write_all(b"\n")
            .context("cannot write to standard output")?;
    }
    Ok(())
}

/// The URL of the command line, which must be for GET.
fn anatomy(args: &DownloadArgs, env: &Env) -> anyhow::Result<Anatomy> {
    let url = url(args, env)?;
    let anatomy = Anatomy::of(&url).map_err(|error| not_a_url(&url, error))?;
    if let Some((method, why)) = anatomy.method.filter(|(method, _)| *method != "GET") {
        return Err(Failure::usage(format!(
            "the URL is for {method}, since {why}, but a download needs one for GET"
        ))
        .hint("request a download URL, made with `cos-presign get`")
        .into());
    }
    Ok(anatomy)
}

fn link<'l, 'a>(
    session: &'l Session<'a>,
    anatomy: &Anatomy,
    headers: Vec<Header>,
    key: Option<&str>,
    again: &'static str,
) -> Link<'l, 'a> {
    let parts = &anatomy.parts;
    let version_id = parts.value("versionId");
    Link {
        session,
        url: anatomy.text.clone(),
        object: object_id(
            &parts.scheme,
            &parts.authority,
            &parts.path,
            version_id.as_deref(),
        ),
        headers,
        subject: Subject {
            what: key.map_or_else(
                || "the download".to_owned(),
                |key| format!("the download of `{key}`"),
            ),
            host: parts.authority.clone(),
            expires_at: anatomy.expires_at,
            again,
        },
    }
}

/// The result; field names are stable.
#[derive(Debug, Default, Serialize)]
struct Done {
    file: String,
    bucket: Option<String>,
    key: Option<String>,
    size: u64,
    bytes_received: u64,
    /// Bytes kept from an earlier run.
    resumed_from: u64,
    retries: u32,
    etag: Option<String>,
    /// Checksums that the content was compared with.
    checked: Vec<String>,
}

fn url(args: &DownloadArgs, env: &Env) -> anyhow::Result<String> {
    if args.url != "-" {
        return Ok(args.url.clone());
    }
    let bytes = env
        .read_stdin(LINK_LIMIT)
        .context("cannot read standard input")?;
    let text = String::from_utf8_lossy(&bytes);
    match text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect::<Vec<_>>()[..]
    {
        [line] => Ok(line.to_owned()),
        [] => Err(Failure::usage("standard input has no URL")
            .hint("pass one URL")
            .into()),
        _ => Err(
            Failure::usage("standard input has more than one line; download takes one URL")
                .hint(
                    "for many URLs, `cos-presign get --output curl` writes a file for `curl \
                --parallel --config`",
                )
                .into(),
        ),
    }
}

fn checksum(text: &str) -> Result<[u8; 32], Failure> {
    parse_sha256(text).ok_or_else(|| {
        Failure::usage(format!("--checksum `{text}` is not a SHA-256"))
            .hint("write its 64 hexadecimal digits: `--checksum sha256:…`")
    })
}

/// All bytes of the object, not verified yet.
struct Complete {
    file: PartialFile,
    checks: Checks,
    size: u64,
    etag: Option<String>,
    resumed_from: u64,
    hashed: Option<Hashed>,
}

fn to_file(
    link: &Link,
    destination: &Destination,
    jobs: usize,
    wanted: Option<[u8; 32]>,
    screen: &mut ProgressLine,
) -> anyhow::Result<Done> {
    let settings = Settings {
        jobs,
        sha256: wanted.as_ref(),
    };
    let mut complete = fetch_to_file(link, destination, settings, screen)?;
    screen.clear();
    if let Some(digest) = wanted {
        complete.checks = complete.checks.with_sha256(&digest);
    }
    // Until the file is renamed the resume record stays after its last byte: if the check is
    // interrupted, the next run resumes with all bytes.
    if !complete.checks.is_empty() {
        let digests = match complete.hashed.take() {
            Some(hashed) if hashed.checks == complete.checks => hashed.digests,
            _ => {
                let mut digests = Digests::new(&complete.checks);
                complete
                    .file
                    .read(0..complete.size, |piece| digests.update(piece))
                    .map_err(|error| destination.cannot_read_back(&error))?;
                digests
            }
        };
        if let Err(mismatch) = digests.finish() {
            complete.file.remove();
            return Err(differs(&mismatch, "the file was not moved to its destination").into());
        }
    }
    if starts_as_web_page(&complete) && !names_web_page(&link.url) {
        screen.warn(
            "the downloaded file is a web page, and its name is not that of one: a login page or a \
             proxy may have responded in place of the store",
        );
    }
    // While this is locked no signal ends the process: it would leave a file without a resume
    // record.
    let progress = link.session.progress();
    complete
        .file
        .set_length(complete.size)
        .map_err(|error| destination.cannot_write(&error, 0))?;
    destination.put_in_place(complete.file)?;
    destination.remove_superseded(&link.object, complete.etag.as_deref(), complete.size);
    Ok(Done {
        file: destination.target.to_string_lossy().into_owned(),
        size: complete.size,
        bytes_received: progress.moved,
        resumed_from: complete.resumed_from,
        retries: progress.retries,
        etag: complete.etag.map(|etag| opaque(&etag).to_owned()),
        checked: complete.checks.names().map(str::to_owned).collect(),
        ..Done::default()
    })
}

/// Whether the content is HTML.
fn starts_as_web_page(complete: &Complete) -> bool {
    let mut start = Vec::new();
    let end = complete.size.min(512);
    let read = complete
        .file
        .read(0..end, |piece| start.extend_from_slice(piece));
    let start = String::from_utf8_lossy(&start).to_ascii_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    read.is_ok() && (start.starts_with("<!doctype html") || start.starts_with("<html"))
}

fn names_web_page(url: &str) -> bool {
    let path = url.split('?').next().unwrap_or_default();
    let path = path.to_ascii_lowercase();
    let ends = [
        ".html", ".htm", ".xhtml", ".php", ".asp", ".aspx", ".mht", "/",
    ];
    ends.iter().any(|end| path.ends_with(end))
}

/// Downloads the object, from the start if it changes meanwhile, but at most twice.
fn fetch_to_file(
    link: &Link,
    destination: &Destination,
    settings: Settings,
    screen: &mut ProgressLine,
) -> anyhow::Result<Complete> {
    let session = link.session;
    let mut is_first = true;
    loop {
        session.progress().unit = Unit::Bytes;
        match ranges::run(link, destination, settings, screen, is_first) {
            Ok(Fetched::Complete {
                file,
                partial,
                resumed_from,
                hashed,
            }) => {
                return Ok(Complete {
                    file,
                    checks: partial.checks,
                    size: partial.size,
                    etag: Some(partial.etag),
                    resumed_from,
                    hashed,
                });
            }
            Ok(Fetched::NoRanges) => return stream_to_file(link, destination, screen),
            Err(Interruption::Changed) if is_first => {
                is_first = false;
                session.restart();
                screen.warn(
                    "the object has changed since the download started; it is downloaded \
                        from the start",
                );
            }
            Err(Interruption::Changed) => return Err(link.changed().into()),
            Err(Interruption::Failed(error)) => return Err(error.into_error()),
        }
    }
}

fn stream_to_file(
    link: &Link,
    destination: &Destination,
    screen: &mut ProgressLine,
) -> anyhow::Result<Complete> {
    let file = destination.create_unresumable()?;
    {
        let mut progress = link.session.progress();
        progress.unit = Unit::Whole;
        progress.discard = Some(file.path().to_owned());
    }
    let mut sink = stream::ToFile::new(&file, destination);
    match stream::run(link, &mut sink, None, screen) {
        Ok(streamed) => Ok(Complete {
            file,
            checks: streamed.checks,
            size: streamed.size,
            etag: streamed.etag,
            resumed_from: 0,
            hashed: None,
        }),
        Err(error) => {
            file.remove();
            Err(error)
        }
    }
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
            "the content does not match `{name}`: expected `{expected}`, found `{found}`; {end}"
        ),
    );
    failure.hint(match name.as_str() {
        "--checksum" => "the object is not the expected one: ask the sender of the checksum",
        _ => "run the same command again: it starts from the beginning",
    })
}
