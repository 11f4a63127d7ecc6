//! `upload`: a file, with a plan or a URL.

mod complete;
mod multipart;
mod request;
mod send_part;
mod single;

use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::cli::UploadToPlanArgs;
use crate::disk::LocalFile;
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::resolve::read_file;
use crate::sigv4::Header;
use crate::text::escape_controls;
use crate::transfer::{Plan, PlanError, opaque};

use super::shared::link_request::Io;
use super::transfer::{self, Progress, ProgressLine, Session};
use request::PlanSession;

/// Ten thousand URLs with session tokens have about 20 MiB.
const PLAN_LIMIT: u64 = 256 << 20;

/// Standard input can be read only once, and a retry needs it again.
const STDIN_LIMIT: u64 = 64 << 20;

/// The hint after a network failure.
const RESUME: &str = "run the same command again: it resumes where it stopped";
const AGAIN: &str = "run the same command again";

pub fn run(args: &UploadToPlanArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let network = &args.network;
    let jobs = transfer::jobs(args.jobs)?;
    let headers = transfer::headers(&args.header)?;
    let plan = plan(args, env)?;
    let client = transfer::client(network, env)?;
    let session = Session::new(&client, network, env, Progress::default())?;
    let mut screen = ProgressLine::new(env.stderr_is_terminal, network.quiet, err);
    let mut done = upload(args, &plan, headers, jobs, &session, &mut screen)?;
    screen.clear();
    if !network.json {
        screen.done(&done.sentence());
    }
    done.etag = done.etag.map(|etag| opaque(&etag).to_owned());
    if network.json {
        serde_json::to_writer(&mut *out, &done)
            .map_err(std::io::Error::from)
            .context("cannot write to standard output")?;
        out.write_all(b"\n")
            .context("cannot write to standard output")?;
    }
    Ok(())
}

fn upload(
    args: &UploadToPlanArgs,
    plan: &Plan,
    headers: Vec<Header>,
    jobs: usize,
    session: &Session,
    screen: &mut ProgressLine,
) -> anyhow::Result<Done> {
    match (plan, &args.file) {
        (Plan::Multipart(plan), _) if args.abort => complete::abort(plan, session),
        (Plan::Put(_) | Plan::Form(_), _) if args.abort || args.no_complete => {
            let option = if args.abort {
                "--abort"
            } else {
                "--no-complete"
            };
            Err(Failure::usage(format!(
                "{option} is for multipart uploads, but the plan is for one request"
            ))
            .hint(format!("remove {option}"))
            .into())
        }
        (Plan::Multipart(plan), Some(file)) => {
            if file == Path::new("-") {
                return Err(Failure::usage(
                    "a multipart upload cannot be read from standard input: parts are sent \
                     concurrently and retried",
                )
                .hint("write it to a file first and use that")
                .into());
            }
            let file = open(file)?;
            let run = multipart::Run {
                upload: PlanSession { plan, session },
                file: &file,
                headers: &headers,
                jobs,
            };
            run.run(!args.no_complete, screen)
        }
        (plan, Some(file)) => {
            let env = session.env();
            single::run(plan, &source(file, env)?, headers, session, screen)
        }
        // The parser requires a file unless there is --abort.
        (_, None) => Err(Failure::usage("FILE is missing")
            .hint("add the file to upload")
            .into()),
    }
}

/// Uploads a file with a plan.
pub fn send(
    plan: &Plan,
    file: &Path,
    jobs: usize,
    session: &Session,
    screen: &mut ProgressLine,
) -> anyhow::Result<()> {
    let file = open(file)?;
    let done = match plan {
        Plan::Multipart(plan) => multipart::Run {
            upload: PlanSession { plan, session },
            file: &file,
            headers: &[],
            jobs,
        }
        .run(true, screen),
        _ => single::run(plan, &Source::File(file), Vec::new(), session, screen),
    };
    done.map(|_| ())
}

/// The result; field names are stable.
#[derive(Debug, Default, Serialize)]
struct Done {
    bucket: Option<String>,
    key: Option<String>,
    size: Option<u64>,
    bytes_sent: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts_sent: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts_skipped: Option<usize>,
    retries: u32,
    etag: Option<String>,
    /// Whether the object exists.
    completed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    aborted: bool,
}

impl Done {
    /// The result as a sentence.
    fn sentence(&self) -> String {
        let name = self.key.as_deref().map_or_else(
            || "the file".to_owned(),
            |key| format!("`{}`", escape_controls(key)),
        );
        let size = self.size.map(|size| format!(", {}", transfer::size(size)));
        let resumed = self
            .parts_skipped
            .filter(|count| *count > 0)
            .map(|count| format!(", {count} parts were uploaded before"));
        let what = match (self.aborted, self.completed) {
            (true, _) => "aborted the upload of",
            (_, true) => "uploaded",
            _ => "sent all parts of",
        };
        format!(
            "{what} {name}{}{}",
            size.unwrap_or_default(),
            resumed.unwrap_or_default()
        )
    }
}

/// What is uploaded with one request.
enum Source {
    File(LocalFile),
    Memory(Vec<u8>),
}

fn source(file: &Path, env: &Env) -> Result<Source, Failure> {
    if file == Path::new("-") {
        let hint = "write it to a file first and use that: a failed request is sent again";
        return read_file(env, file, STDIN_LIMIT, hint).map(Source::Memory);
    }
    open(file).map(Source::File)
}

fn open(path: &Path) -> Result<LocalFile, Failure> {
    LocalFile::open(path)
        .map_err(|error| Failure::cannot_read(&format!("`{}`", path.display()), None, &error))
}

fn changed(file: &LocalFile) -> Failure {
    Failure::new(
        Kind::Refused,
        format!(
            "`{}` changed while it was uploaded; nothing is completed",
            file.path().display()
        ),
    )
    .hint(
        "run the same command again when the file no longer changes: parts that differ are sent \
        again",
    )
}

fn plan(args: &UploadToPlanArgs, env: &Env) -> Result<Plan, Failure> {
    if args.plan == "-" && args.file.as_deref() == Some(Path::new("-")) {
        return Err(Failure::usage(
            "PLAN and FILE cannot both be `-`: there is one standard input",
        )
        .hint("replace one of them by a file"));
    }
    let is_link = |text: &str| {
        text.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("http"))
            && text.contains("://")
    };
    let text = match args.plan.to_str().filter(|text| is_link(text)) {
        Some(link) => link.to_owned(),
        None => {
            let bytes = read_file(
                env,
                Path::new(&args.plan),
                PLAN_LIMIT,
                "pass the plan, not the file to upload",
            )?;
            // A plan that is not UTF-8 is not JSON either.
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    Plan::parse(&text).map_err(|error| invalid_plan(&error))
}

fn invalid_plan(error: &PlanError) -> Failure {
    Failure::usage(escape_controls(&error.to_string())).hint(match error {
        PlanError::NotJson { .. } | PlanError::Unknown | PlanError::Inconsistent(_) => {
            "use the unchanged plan: `cos-presign upload PLAN FILE`, in this order"
        }
        PlanError::Several => "use one of them",
        PlanError::OtherMethod(_) => "request an upload URL, made with `cos-presign put`",
        PlanError::ConnectionHeader(_) | PlanError::OtherServer { .. } => {
            "do not use this plan: request another, and check who created this one"
        }
        PlanError::OtherSize { .. } | PlanError::TooLarge { .. } => {
            "check whether it is the right file, or request a plan for this one"
        }
    })
}
