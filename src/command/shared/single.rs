//! The steps of every verb: resolve, presign, render, and send if requested.

use std::collections::HashSet;

use anyhow::Context;

use crate::cli::OutputForm;
use crate::env::Env;
use crate::error::Failure;
use crate::output::links::json::{self, Verification};
use crate::output::{Link, links, verbose};
use crate::resolve::{Lifetime, Signers, StoreSettings};
use crate::sigv4::{PayloadHash, wipe_stack};
use crate::store::Target;

use super::clickable::check_clickable;
use super::link_request::{Io, LinkRequest};
use super::output_file::OutputTarget;
use super::sign::presign;
use super::{
    fetch_credentials, notices, signed_options, target, upload_page_text, url_checks, verify_links,
};
use crate::command::bulk;

/// Presigns all targets, then prints the URLs: if one fails, none is printed.
pub fn run(mut link_request: LinkRequest, streams: Io) -> anyhow::Result<()> {
    if link_request.bulk.is_some_and(|bulk| bulk.is_used()) {
        return bulk::run(link_request, streams);
    }
    let Io { env, out, err } = streams;
    let form = form_of(&link_request)?;
    let sheet = OutputTarget::new(form, link_request.sign.output.output_file.as_deref(), env)?;
    let is_verified = verify_links::is_requested(
        &link_request.sign.verify,
        link_request.method,
        link_request.scope,
    )?;
    let payload_hash = signed_options::complete(&mut link_request)?;
    let targets = target::targets(&link_request.verb, link_request.target, link_request.scope)?;
    let lifetime = Lifetime::resolve(&link_request.sign.time, env.now)?;
    let mut links = signed(&link_request, &targets, lifetime, &payload_hash, env)?;

    print(
        &link_request,
        &mut links,
        form,
        sheet,
        is_verified,
        Io { env, out, err },
    )
}

/// Prints URLs, and verifies them if requested.
pub fn print(
    link_request: &LinkRequest,
    links: &mut [Link],
    form: OutputForm,
    mut sheet: OutputTarget,
    is_verified: bool,
    streams: Io,
) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let output = &link_request.sign.output;
    // Derived keys are shown, and a refusal is explained, with the secret in memory; writing can
    // block as long as the reader does.
    if output.verbose < 2 && !is_verified {
        links.iter_mut().for_each(Link::forget_secret);
        wipe_stack();
    }
    let mut printed = HashSet::new();
    // A JSON object contains the result of the verification; every other output precedes it.
    let verified = match form {
        OutputForm::Json if is_verified => {
            Some(verify_links::check_all(links, link_request.sign, env)?)
        }
        _ => None,
    };
    for (index, link) in links.iter().enumerate() {
        if !output.quiet {
            notices::print(link, form, &mut printed, err)?;
        }
        if output.verbose > 0 {
            verbose::write(link, env.stderr_is_terminal, err)?;
        }
        if output.verbose > 1 {
            verbose::write_keys(link, err)?;
        }
        match (form, link_request.page) {
            (OutputForm::Html, Some(words)) => {
                if !output.quiet {
                    let bucket = link.place.bucket.as_deref().unwrap_or_default();
                    notices::print_once(upload_page_text::cors_note(bucket), &mut printed, err)?;
                }
                upload_page_text::write(link, words, sheet.or(out))
            }
            (OutputForm::Qr, _) => {
                if let Some(note) = sheet.room_note(link.url()).filter(|_| !output.quiet) {
                    notices::print_once(note, &mut printed, err)?;
                }
                sheet.draw(link.url(), out)?
            }
            (OutputForm::Json, _) => {
                let result = verified.as_ref().and_then(|results| results.get(index));
                let verification = result.map(|result| Verification {
                    ok: result.is_ok(),
                    result: match result {
                        Ok(response) => response,
                        Err(failure) => &failure.message,
                    },
                    hint: result
                        .as_ref()
                        .err()
                        .and_then(|failure| failure.hint.as_deref()),
                });
                json::write_verified(link, output.verbose, verification, sheet.or(out))
            }
            _ => links::write(form, link, output.verbose > 0, sheet.or(out)),
        }
        .context("cannot write to standard output")?;
    }
    out.flush().context("cannot write to standard output")?;
    sheet.finish()?;
    match verified {
        Some(results) => verify_links::report(results.into_iter(), err),
        None if is_verified => verify_links::run(links, link_request.sign, env, err),
        None => Ok(()),
    }
}

/// The URLs of all targets. The credentials read for them are dropped here.
fn signed<'a>(
    link_request: &LinkRequest<'a>,
    targets: &[Target],
    lifetime: Lifetime,
    payload_hash: &PayloadHash,
    env: &Env,
) -> anyhow::Result<Vec<Link<'a>>> {
    let files = fetch_credentials::files(
        &link_request.sign.credentials,
        &link_request.sign.network,
        env,
    );
    let signers = Signers::new(&link_request.sign.credentials, env, &files);
    let settings = StoreSettings::new(&link_request.sign.store, env, &files, link_request.service)
        .for_region_set(link_request.sign.algorithm.region_set.as_deref());
    sign_all(
        link_request,
        targets,
        lifetime,
        payload_hash,
        &settings,
        &signers,
    )
}

/// The URLs of all targets, with settings and credentials that were read before.
pub fn sign_all<'a>(
    link_request: &LinkRequest<'a>,
    targets: &[Target],
    lifetime: Lifetime,
    payload_hash: &PayloadHash,
    settings: &StoreSettings,
    signers: &Signers,
) -> anyhow::Result<Vec<Link<'a>>> {
    let mut links = Vec::with_capacity(targets.len());
    for target in targets {
        target::check_key_is_there(link_request, target)?;
        let place = settings
            .place(target)
            .map_err(|failure| target::with_command(failure, &link_request.verb, target))?;
        let mut link = presign(link_request, place, lifetime, payload_hash, signers)?;
        url_checks::add_warnings(&mut link);
        links.push(link);
    }
    Ok(links)
}

/// The output format, if it can print the URLs of this request.
pub fn form_of(link_request: &LinkRequest) -> Result<OutputForm, Failure> {
    let output = &link_request.sign.output;
    let form = if output.json {
        OutputForm::Json
    } else {
        output.output.unwrap_or_default()
    };
    if link_request.names_file && !form.is_command() {
        return Err(
            Failure::usage("--upload-file requires --output for a command")
                .hint("add `--output curl`, or wget, powershell or python"),
        );
    }
    link_request.page.map_or(Ok(()), |words| {
        upload_page_text::check_words(words, form == OutputForm::Html)
    })?;
    match form {
        OutputForm::Html if link_request.page.is_some() => {
            match link_request.target.targets.len() {
                0 | 1 => Ok(form),
                _ => Err(Failure::usage("an upload page takes one TARGET").hint(
                    "create one page per object, or one for a prefix: `cos-presign post \
                    BUCKET/PREFIX/ --output html`",
                )),
            }
        }
        OutputForm::Qr if link_request.target.targets.len() > 1 => {
            Err(Failure::usage("a QR code takes one TARGET").hint("create one QR code per TARGET"))
        }
        OutputForm::Html | OutputForm::Markdown | OutputForm::Qr => {
            check_clickable(link_request, form)?;
            Ok(form)
        }
        _ => Ok(form),
    }
}
