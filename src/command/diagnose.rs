//! `diagnose`: why a link is refused, offline.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::cli::DiagnoseArgs;
use crate::diagnosis::{Anatomy, Case, Diagnosis, PostedForm, diagnose};
use crate::disk::LocalFile;
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::offline;
use crate::output::reports::diagnosis;
use crate::resolve::{LocalContext, parse_sent_header, parse_time, read_input};
use crate::sigv4::UrlError;
use crate::text::escape_controls;

use super::shared::link_request::Io;

pub fn run(args: &DiagnoseArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let reads_stdin = args.response.as_deref() == Some(Path::new("-"));
    let url = match args.url.as_str() {
        "-" if reads_stdin => {
            return Err(
                Failure::usage("the URL and --response both read standard input")
                    .hint("put one of them into a file")
                    .into(),
            );
        }
        // Whatever prints a link ends its line.
        "-" => {
            String::from_utf8_lossy(read_input(env, Path::new("-"))?.trim_ascii_end()).into_owned()
        }
        url => url.to_owned(),
    };
    let anatomy = Anatomy::of(&url).map_err(|error| not_a_url(&url, error))?;
    let mut case = Case::new(url, env.now);
    if let Some(text) = &args.at {
        case.now = parse_time("--at", text)?;
    }
    case.method = args.method.as_deref().map(check_method).transpose()?;
    for text in &args.header {
        case.headers.push(parse_sent_header(text)?);
    }
    if let Some(host) = &args.host {
        case.host = Some(check_host(host)?);
    }
    if let Some(file) = &args.response {
        if !case.add_response(&read_input(env, file)?) {
            writeln!(
                err,
                "warning: `{}` has neither a status line nor an error document of a store",
                escape_controls(&file.to_string_lossy())
            )?;
        }
    }
    if let Some(file) = &args.form {
        case.form = Some(read_form(env, file)?);
    }
    case.status = args.status;
    case.server_date = args
        .server_date
        .as_deref()
        .map(parse_server_date)
        .transpose()?;
    let context = LocalContext::new(
        &args.credentials,
        env,
        anatomy.provider(),
        anatomy.access_key_id.as_deref(),
        args.try_all_profiles,
        &args.endpoint,
    )?;
    add_local_context(&mut case, context, err)?;
    let started = Instant::now();
    let diagnosis = diagnose(&case).map_err(|error| not_a_url(&case.url, error))?;
    diagnosis::write(args.report.form(), &diagnosis, started.elapsed(), out)?;
    out.flush()?;
    exit_status(&diagnosis)
}

fn read_form(env: &Env, file: &Path) -> anyhow::Result<PostedForm> {
    let text = read_input(env, file)?;
    let mut form = PostedForm::parse(&String::from_utf8_lossy(&text)).ok_or_else(|| {
        Failure::usage(format!(
            "`{}` (--form) has no fields of a form",
            escape_controls(&file.to_string_lossy())
        ))
        .hint(
            "give the JSON of `cos-presign post --json`, an HTML page, or the arguments of \
             `curl -F`",
        )
    })?;
    // The arguments of curl name the file; its size is compared with the policy if it is here.
    let file = form
        .file_path()
        .and_then(|path| LocalFile::open(Path::new(path)).ok());
    form.file_size = file.map(|file| file.size());
    Ok(form)
}

/// What this machine knows, for the case.
fn add_local_context(
    case: &mut Case,
    context: LocalContext,
    err: &mut dyn Write,
) -> anyhow::Result<()> {
    if let Some(failure) = &context.unusable {
        writeln!(
            err,
            "warning: the credentials of this machine cannot be used: {}",
            escape_controls(&failure.message)
        )?;
    }
    add_candidates(case, context);
    Ok(())
}

/// The same without warnings.
pub fn add_candidates(case: &mut Case, context: LocalContext) {
    for found in context.signers {
        case.add_candidate(&found.value, found.source.to_string());
    }
    case.endpoints = context.endpoints;
    case.regions = context.regions;
}

/// The report is written; the exit code remains.
fn exit_status(diagnosis: &Diagnosis) -> anyhow::Result<()> {
    if diagnosis.is_good() {
        Ok(())
    } else {
        Err(Failure::silent(Kind::Refused).into())
    }
}

pub fn no_url() -> Failure {
    Failure::usage("no URL is given")
        .hint("put the link between single quotes, or give `-` and pipe it in")
}

pub fn not_a_url(text: &str, error: UrlError) -> Failure {
    Failure::usage(offline::not_a_url(text, error).message())
        .hint("put the whole link between single quotes: 'https://…'")
}

pub fn check_method(text: &str) -> Result<String, Failure> {
    offline::check_method("--method", text)
        .map_err(|error| Failure::usage(error.message()).hint(error.hint()))
}

/// The store's date: also in the form of HTTP.
fn parse_server_date(text: &str) -> Result<chrono::DateTime<chrono::Utc>, Failure> {
    match chrono::DateTime::parse_from_rfc2822(text.trim()) {
        Ok(time) => Ok(time.to_utc()),
        Err(_) => parse_time("--server-date", text),
    }
}

fn check_host(text: &str) -> Result<String, Failure> {
    let host = text.trim();
    let fits = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    if fits {
        return Ok(host.to_owned());
    }
    Err(
        Failure::usage(format!("--host `{}` is not a host", text.escape_debug()))
            .hint("give what stood in the Host header: `--host minio:9000`"),
    )
}
