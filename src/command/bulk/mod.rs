//! Bulk signing: the verbs stay the same, but the keys come from a list, a manifest or a listing.

mod framing;
mod keys;
mod line_form;
mod link_maker;
mod listed_record;
mod listing_notes;
mod page;
mod progress;
mod targets;
mod worker;
mod write_links;

use std::collections::HashSet;
use std::thread::available_parallelism;

use crate::cli::{BulkArgs, InputForm, OutputForm};
use crate::error::{Failure, Kind};
use crate::output::Link;
use crate::pipeline;
use crate::resolve::{Lifetime, Signers, StoreSettings};
use crate::sigv4::{Algorithm, wipe_stack};
use crate::store::Target;
use crate::text::{CommandLine, escape_controls};

use super::shared::link_request::{Io, LinkRequest, Scope};
use super::shared::sign::presign;
use super::shared::{clickable, fetch_credentials, notices, signed_options, target, url_checks};
use keys::Keys;
use line_form::Form;
use link_maker::{LinkMaker, PLACEHOLDER};
use worker::Common;
use write_links::{Input, Options};

/// More threads do not help, and each needs memory.
const MOST_JOBS: usize = 64;

/// Signs every key and writes the URLs in the order of the keys.
pub fn run(mut link_request: LinkRequest, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let Some(args) = link_request.bulk else {
        return Ok(());
    };
    let form = form_of(&link_request, args)?;
    if let (Some(InputForm::Targets), Some(file)) = (args.input, &args.keys_from) {
        return targets::run(link_request, args, file, form, Io { env, out, err });
    }
    let jobs = jobs(args)?;
    let payload_hash = signed_options::complete(&mut link_request)?;
    let target = only_target(&link_request, args)?;
    let lifetime = Lifetime::resolve(&link_request.sign.time, env.now)?;
    let files = fetch_credentials::files(
        &link_request.sign.credentials,
        &link_request.sign.network,
        env,
    );
    let signers = Signers::new(&link_request.sign.credentials, env, &files);
    let settings = StoreSettings::new(&link_request.sign.store, env, &files, link_request.service)
        .for_region_set(link_request.sign.algorithm.region_set.as_deref());
    let sample_target = with_placeholder(&target, &settings, &link_request)?;
    let place = settings
        .place(&sample_target)
        .map_err(|failure| target::with_command(failure, &link_request.verb, &target))?;
    check_algorithm(place.algorithm, &link_request)?;
    let mut sample = presign(
        &link_request,
        place.clone(),
        lifetime,
        &payload_hash,
        &signers,
    )?;
    url_checks::add_warnings(&mut sample);
    let prefix = prefix_of(&sample)?;
    let maker = LinkMaker {
        link_request: &link_request,
        lifetime,
        payload_hash,
        settings,
        signers,
        sample_target,
        place,
        prefix: prefix.clone(),
        now: env.now,
    };

    let quiet = link_request.sign.output.quiet;
    let mut printed = HashSet::new();
    if !quiet {
        notices::print(&sample, form, &mut printed, err)?;
    }
    if form == OutputForm::Html {
        return page::write(args, maker, sample, Io { env, out, err });
    }
    let Keys {
        source,
        framing,
        name,
        size,
        first_line,
        beginning,
        note,
        listing_notes,
    } = keys::open(args, &maker, &sample, env)?;
    if let Some(note) = note.filter(|_| !quiet) {
        writeln!(err, "note: {}", escape_controls(&note))?;
    }
    let form = Form::new(form, &framing, &sample)?;
    // Memory for URLs is allocated when they are made, not when keys are read.
    let source = Box::new(pipeline::Portions::new(
        source,
        framing.cut(),
        framing.end(),
        sample.url().len() + form.length_without_url(),
        jobs,
    ));
    let nothing = args.recursive.recursive.then(|| no_match(&prefix, &sample));
    let common = Common {
        template: maker.usual_template()?,
        form,
        framing,
        prefix,
    };
    sample.forget_secret();
    let options = Options {
        args,
        jobs,
        quiet,
        printed,
        nothing,
    };
    let input = Input {
        source,
        name,
        size,
        first_line,
        beginning,
        listing_notes,
    };
    let streams = Io { env, out, err };
    if common.framing.can_ask_for_more() {
        wipe_stack();
        return write_links::run(&common, Some(&maker), options, input, streams);
    }
    // From here on only the key derived from the secret for this day, region and service is needed.
    drop(maker);
    drop(files);
    wipe_stack();
    write_links::run(&common, None, options, input, streams)
}

/// The TARGET that precedes every key.
fn only_target(link_request: &LinkRequest, args: &BulkArgs) -> Result<Target, Failure> {
    let mut targets = target::targets_of(
        &link_request.verb,
        link_request.target,
        link_request.scope,
        args.keys_from.is_some(),
    )?;
    match (targets.pop(), targets.pop()) {
        (Some(target), None) => Ok(target),
        _ => Err(
            Failure::usage("several TARGETs cannot be combined with a list of keys")
                .hint("run the command once for each bucket"),
        ),
    }
}

fn check_algorithm(algorithm: Algorithm, link_request: &LinkRequest) -> Result<(), Failure> {
    if algorithm == Algorithm::HmacSha256 {
        return Ok(());
    }
    let command = CommandLine::cos_presign(&link_request.verb).fixed("TARGET…");
    Err(
        Failure::usage("SigV4A does not support --keys-from and --recursive").hint(format!(
            "pass the objects as TARGETs: `{command}`, or use the access point of one region"
        )),
    )
}

/// The failure if a listing has no matching object.
fn no_match(prefix: &[u8], sample: &Link) -> Failure {
    let bucket = sample.place.bucket.as_deref().unwrap_or_default();
    let prefix = String::from_utf8_lossy(prefix);
    Failure::new(
        Kind::Refused,
        format!("no matching object in `{bucket}/{prefix}`"),
    )
    .hint("check the prefix, which is compared byte for byte, and filters such as --include")
}

fn jobs(args: &BulkArgs) -> Result<usize, Failure> {
    match args.jobs {
        Some(0) => Err(Failure::usage("--jobs must be at least 1").hint("use at least `--jobs 1`")),
        Some(jobs) if usize::from(jobs) > MOST_JOBS => Err(Failure::usage(format!(
            "--jobs {jobs} is more than {MOST_JOBS}"
        ))
        .hint("one per core is fastest")),
        // Signing waits for nothing, so more threads than cores would only take turns and memory.
        Some(jobs) => Ok(usize::from(jobs).min(cores())),
        None => Ok(cores()),
    }
}

fn cores() -> usize {
    available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_JOBS)
}

fn form_of(link_request: &LinkRequest, args: &BulkArgs) -> Result<OutputForm, Failure> {
    let output = &link_request.sign.output;
    if link_request.scope != Scope::Object {
        return Err(
            Failure::usage(format!("{} makes one link", link_request.verb))
                .hint("use get, put, head or delete"),
        );
    }
    if link_request.sign.verify.verify {
        return Err(Failure::usage(
            "--verify cannot be combined with a list of keys: it would send a request for each",
        )
        .hint("verify some of them: `… | head -n 5 | cos-presign verify -`"));
    }
    if output.verbose > 0 {
        return Err(Failure::usage(
            "--verbose shows every step for one URL and cannot be combined with a list of keys",
        )
        .hint("sign one of the keys without --keys-from and --recursive"));
    }
    if args.input.is_some_and(|input| input != InputForm::Targets)
        && (output.json || output.output.is_some())
    {
        return Err(Failure::usage(
            "--output cannot be combined with --input: a manifest keeps its format",
        )
        .hint("remove --output, or pass the keys alone, one per line"));
    }
    if output
        .output_file
        .as_deref()
        .is_some_and(|file| file != std::path::Path::new("-"))
    {
        return Err(Failure::usage("--output-file is for single URLs")
            .hint("redirect standard output to a file: `… > links.txt`"));
    }
    let form = if output.json {
        OutputForm::Json
    } else {
        output.output.unwrap_or_default()
    };
    if args.recursive.versions {
        check_versions(link_request, form)?;
    }
    match form {
        OutputForm::Url | OutputForm::Json | OutputForm::Tsv | OutputForm::Curl => Ok(form),
        OutputForm::Html if args.keys_from.is_some() => Err(Failure::usage(
            "a page shows sizes and dates, which a list of keys does not have",
        )
        .hint("use `--recursive` in place of `--keys-from`, or `--output markdown`")),
        OutputForm::Html | OutputForm::Markdown => {
            clickable::check_clickable(link_request, form)?;
            Ok(form)
        }
        OutputForm::Wget | OutputForm::Powershell | OutputForm::Python | OutputForm::Qr => {
            Err(Failure::usage("this --output is for single URLs").hint(
                "use url, tsv, json, html, markdown or curl (a file for `curl --parallel \
                 --config`)",
            ))
        }
    }
}

/// A version can be read and deleted; a page and a list of files have one place for each key.
fn check_versions(ask: &LinkRequest, form: OutputForm) -> Result<(), Failure> {
    if ask.method == "PUT" {
        return Err(Failure::usage("--versions cannot be combined with put")
            .hint("an upload makes a new version: remove --versions"));
    }
    if ask.parts.query.iter().any(|p| p.name == b"versionId") {
        return Err(
            Failure::usage("--versions cannot be combined with --version-id")
                .hint("remove one of them"),
        );
    }
    match form {
        OutputForm::Curl if matches!(ask.method, "GET") => Err(Failure::usage(
            "--versions cannot be combined with --output curl: the versions of a key would \
             overwrite each other",
        )
        .hint("use `--output tsv`, which has the key and the URL of each version")),
        OutputForm::Html => Err(
            Failure::usage("--versions cannot be combined with --output html")
                .hint("use `--output markdown` or `--output tsv`"),
        ),
        _ => Ok(()),
    }
}

/// The target with one more character as its key, so that the whole prefix becomes part of the key.
fn with_placeholder(
    target: &Target,
    settings: &StoreSettings,
    link_request: &LinkRequest,
) -> Result<Target, Failure> {
    Ok(match target.clone() {
        Target::Bucket {
            location,
            bucket,
            key,
            bare,
        } => {
            let mut key = key.unwrap_or_default();
            // After the name of an account the next part is the bucket.
            if !key.is_empty() && bare && settings.place(target)?.key.is_none() {
                key.push(b'/');
            }
            key.push(PLACEHOLDER);
            Target::Bucket {
                location,
                bucket,
                key: Some(key),
                bare,
            }
        }
        Target::AccessPoint { access_point, key } => {
            let mut key = key.unwrap_or_default();
            key.push(PLACEHOLDER);
            Target::AccessPoint {
                access_point,
                key: Some(key),
            }
        }
        Target::Address {
            version_id: Some(_),
            ..
        } => {
            return Err(
                Failure::usage("the TARGET contains a version, but each key has its own")
                    .hint("remove `?versionId=`; JSONL records can contain `version_id`"),
            );
        }
        Target::Address {
            origin,
            mut path_as_sent,
            mut path,
            version_id,
        } => {
            let place = settings.place(target)?;
            if place.key.is_none() && !path.ends_with(b"/") {
                path.push(b'/');
                path_as_sent.push('/');
            }
            path.push(PLACEHOLDER);
            path_as_sent.push(char::from(PLACEHOLDER));
            Target::Address {
                origin,
                path_as_sent,
                path,
                version_id,
            }
        }
        Target::Service => {
            return Err(
                Failure::usage("the TARGET contains no bucket").hint(format!(
                    "name one: `{}`",
                    CommandLine::cos_presign(&link_request.verb)
                        .fixed("BUCKET")
                        .fixed_option("--keys-from", "FILE")
                )),
            );
        }
    })
}

/// The key of the sample without the placeholder.
fn prefix_of(sample: &Link) -> Result<Vec<u8>, Failure> {
    match sample.place.key.as_deref().and_then(|key| key.split_last()) {
        Some((_, prefix)) => Ok(prefix.to_vec()),
        None => Err(Failure::usage("the TARGET contains no bucket")
            .hint("write `BUCKET` or `BUCKET/PREFIX`")),
    }
}
