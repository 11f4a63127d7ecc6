//! `share`: uploads files and prints the URLs to download them.

mod files;
mod send;

use std::ffi::OsString;

use anyhow::Context;
use chrono::{DateTime, Utc};

use crate::cli::{OutputForm, ShareArgs, SignArgs, StoreArgs, TargetArgs, TimeArgs, VerifyArgs};
use crate::cli::{TransferArgs, UploadArgs};
use crate::error::Failure;
use crate::output::Link;
use crate::output::links_page::{self, Entry, LinksPage};
use crate::resolve::{
    FileFacts, Lifetime, Parts, Place, Signers, StoreSettings, content_disposition, parse_size,
};
use crate::sigv4::wipe_stack;
use crate::store::{Target, TargetStore, USUAL_PART};
use crate::text::CommandLine;

use super::shared::link_request::{Io, LinkRequest, Scope};
use super::shared::output_file::OutputTarget;
use super::shared::{
    client, fetch_credentials, notices, signed_options, single, target, verify_links,
};
use super::transfer::{self, Progress, ProgressLine, Session};
use files::{SharedFile, SharedFiles};
use send::{Outcome, Sender};

/// Validity of upload requests. The last part of a large file is signed with the first.
const UPLOAD_TIME: &str = "1d";

pub fn run(args: &ShareArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let jobs = transfer::jobs(args.jobs)?;
    let part_size = args
        .part_size
        .as_deref()
        .map(|text| parse_size("--part-size", text))
        .transpose()?;
    let part_size = send::part_size(part_size, USUAL_PART)?;
    let (files, target) = args.files_and_target()?;
    let shared = files::find(files)?;
    let sign = sign_args(args);
    let fetched = fetch_credentials::files(&sign.credentials, &sign.network, env);
    let signers = Signers::new(&sign.credentials, env, &fetched);
    let settings = StoreSettings::new(&sign.store, env, &fetched, "s3");
    let targets = TargetArgs {
        targets: target_texts(target, &shared, &settings)?,
        ..TargetArgs::default()
    };

    // Everything that can be rejected is rejected before the first byte is sent.
    let mut request = link_request(args, &targets, &sign, &shared)?;
    let is_page = form_asked_for(args) == OutputForm::Html;
    let form = if is_page {
        OutputForm::Html
    } else {
        single::form_of(&request)?
    };
    let mut sheet = OutputTarget::new(form, args.output.output_file.as_deref(), env)?;
    let is_verified = verify_links::is_requested(&sign.verify, "GET", Scope::Object)?;
    let payload_hash = signed_options::complete(&mut request)?;
    let objects = target::targets("share", &targets, Scope::Object)?;
    let links = |now| {
        let lifetime = Lifetime::resolve(&args.time, now)?;
        single::sign_all(
            &request,
            &objects,
            lifetime,
            &payload_hash,
            &settings,
            &signers,
        )
    };
    links(env.now)?;

    // Files are uploaded to the configured endpoint, whichever one the recipients will use.
    let upload_sign = upload_args(&sign);
    let upload_settings = StoreSettings::new(&upload_sign.store, env, &fetched, "s3");
    let network = TransferArgs {
        network: args.network.clone(),
        quiet: args.output.quiet,
        ..TransferArgs::default()
    };
    let client = client::client(&args.network, Some(&args.credentials), env)?;
    let session = Session::new(&client, &network, env, Progress::default())?;
    let sender = Sender {
        args,
        sign: &upload_sign,
        settings: &upload_settings,
        signers: &signers,
        session: &session,
        jobs,
        part_size,
    };
    let mut screen = ProgressLine::new(env.stderr_is_terminal, args.output.quiet, err);
    shared.notes.iter().for_each(|note| screen.line(note));
    upload_all(&sender, &shared, &targets, &mut screen)?;

    let mut links = links(session.now())?;
    drop(signers);
    drop(fetched);
    if !is_page {
        let streams = Io { env, out, err };
        return single::print(&request, &mut links, form, sheet, is_verified, streams);
    }
    if !is_verified {
        links.iter_mut().for_each(|link| link.forget_secret());
        wipe_stack();
    }
    let mut printed = std::collections::HashSet::new();
    for link in links.iter().filter(|_| !args.output.quiet) {
        notices::print(link, form, &mut printed, err)?;
    }
    let entries = entries(&shared, &links, session.now())?;
    let expires_at = links
        .iter()
        .map(|link| link.lifetime.expires_at.to_utc())
        .min();
    let page = LinksPage {
        title: args.title.as_deref().unwrap_or("Files"),
        entries: &entries,
        expires_at: expires_at.unwrap_or(env.now),
    };
    links_page::write(&page, sheet.or(out)).context("cannot write to standard output")?;
    out.flush().context("cannot write to standard output")?;
    sheet.finish()?;
    if is_verified {
        verify_links::run(&links, &sign, env, err)
    } else {
        Ok(())
    }
}

/// How the requests of the upload are signed.
fn upload_args(sign: &SignArgs) -> SignArgs {
    SignArgs {
        time: TimeArgs {
            expires: Some(UPLOAD_TIME.to_owned()),
            ..TimeArgs::default()
        },
        store: StoreArgs {
            public_endpoint: None,
            ..sign.store.clone()
        },
        credentials: sign.credentials.clone(),
        ..SignArgs::default()
    }
}

/// The rows of the page: each file, with the time of its upload.
fn entries(
    shared: &SharedFiles,
    links: &[Link],
    uploaded_at: DateTime<Utc>,
) -> Result<Vec<Entry>, Failure> {
    let entry = |(file, link): (&SharedFile, &Link)| {
        Ok(Entry {
            name: file.name.to_string_lossy().into_owned(),
            url: link.url().to_owned(),
            size: Some(FileFacts::read("FILE", &file.path)?.size),
            modified: Some(uploaded_at),
        })
    };
    shared.files.iter().zip(links).map(entry).collect()
}

fn form_asked_for(args: &ShareArgs) -> OutputForm {
    if args.output.json {
        OutputForm::Json
    } else {
        args.output.output.unwrap_or_default()
    }
}

/// The shared options; this verb has some of them.
fn sign_args(args: &ShareArgs) -> SignArgs {
    SignArgs {
        time: args.time.clone(),
        store: args.store.clone(),
        credentials: args.credentials.clone(),
        output: args.output.clone(),
        verify: VerifyArgs {
            verify: args.verify,
        },
        network: args.network.clone(),
        ..SignArgs::default()
    }
}

fn link_request<'a>(
    args: &'a ShareArgs,
    targets: &'a TargetArgs,
    sign: &'a SignArgs,
    shared: &SharedFiles,
) -> anyhow::Result<LinkRequest<'a>> {
    if args.download_as.is_some() && shared.files.len() > 1 {
        return Err(
            Failure::usage("--download-as is for one file, but several are shared")
                .hint("remove it: each file is saved under its own name")
                .into(),
        );
    }
    if args.title.is_some() && form_asked_for(args) != OutputForm::Html {
        return Err(Failure::usage("--title requires --output html")
            .hint("add `--output html`")
            .into());
    }
    let mut parts = Parts::default();
    let UploadArgs { requester_pays, .. } = args.upload;
    signed_options::add_requester_pays(&mut parts, requester_pays)?;
    let disposition = content_disposition(args.download_as.as_deref(), args.inline)?;
    // A page of links is for downloads, and its button needs attachments.
    let of_page = (form_asked_for(args) == OutputForm::Html).then(|| "attachment".to_owned());
    parts.parameter("response-content-disposition", disposition.or(of_page));
    let mut request = LinkRequest::new("share", "GET", Scope::Object, targets, sign, parts);
    request.download_as = args.download_as.as_deref();
    Ok(request)
}

/// The TARGET of each file.
fn target_texts(
    text: &OsString,
    shared: &SharedFiles,
    settings: &StoreSettings,
) -> Result<Vec<OsString>, Failure> {
    let only = TargetArgs {
        targets: vec![text.clone()],
        ..TargetArgs::default()
    };
    let mut targets = target::targets("share FILE", &only, Scope::Any)?;
    let Some(target) = targets.pop() else {
        return Err(Failure::usage("TARGET is missing"));
    };
    if matches!(target, Target::Service) {
        return Err(Failure::usage("the TARGET contains no bucket")
            .hint("write it: `cos-presign share FILE BUCKET/PREFIX/`"));
    }
    if let Target::Bucket {
        location: Some(TargetStore::Console(page)),
        ..
    } = &target
    {
        // The names of files are appended to the text.
        let prefix = [
            page.bucket.as_bytes(),
            b"/",
            page.key.as_deref().unwrap_or_default(),
        ];
        let command = CommandLine::cos_presign("share")
            .fixed("FILE")
            .value(prefix.concat());
        let command = match &page.endpoint {
            Some(endpoint) => command.option("--endpoint", endpoint),
            None => command.option("--provider", page.provider),
        };
        return Err(Failure::usage("the TARGET of share is a URL of a web page")
            .hint(format!("write it as BUCKET/PREFIX/: `{command}`")));
    }
    let Place { key, bucket, .. } = settings
        .place(&target)
        .map_err(|failure| target::with_command(failure, "share FILE", &target))?;
    let names_object = key
        .as_ref()
        .is_some_and(|key| !key.is_empty() && !key.ends_with(b"/"));
    if names_object && shared.is_one_file {
        return Ok(vec![text.clone()]);
    }
    if names_object {
        let shown = text.to_string_lossy().into_owned();
        return Err(Failure::usage(format!(
            "the TARGET `{shown}` is one object, but several files are shared"
        ))
        .hint(format!("end it with a slash: `{shown}/`")));
    }
    let needs_slash = key.is_none() && bucket.is_some();
    Ok(shared
        .files
        .iter()
        .map(|file| files::target_of(text, needs_slash, &target, &file.name))
        .collect())
}

fn upload_all(
    sender: &Sender,
    shared: &SharedFiles,
    targets: &TargetArgs,
    screen: &mut ProgressLine,
) -> anyhow::Result<()> {
    let all = shared.files.len();
    let mut uploaded = 0;
    for (index, (file, text)) in shared.files.iter().zip(&targets.targets).enumerate() {
        let target = TargetArgs {
            targets: vec![text.clone()],
            ..TargetArgs::default()
        };
        if all > 1 {
            screen.restart(format!("file {} of {all}: ", index + 1));
        }
        match sender.send(&file.path, &target, screen) {
            Ok(Outcome::Uploaded) => uploaded += 1,
            Ok(Outcome::WasThere) => {}
            Err(error) => {
                screen.clear();
                if index > 0 {
                    screen.note(&format!("{index} of {all} files uploaded"));
                }
                return Err(error);
            }
        }
    }
    screen.clear();
    let files = |count| if count == 1 { "file" } else { "files" };
    let there = all - uploaded;
    screen.done(&match (uploaded, there) {
        (_, 0) => format!("uploaded {all} {}", files(all)),
        (0, _) => format!("{all} {} with this content: uploaded before", files(all)),
        _ => format!(
            "uploaded {uploaded} {}; {there} uploaded before",
            files(uploaded)
        ),
    });
    Ok(())
}
