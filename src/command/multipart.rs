//! `multipart`: the URLs with which a recipient without credentials uploads one large object in
//! parts.

use std::collections::HashSet;
use std::io::Write;

use anyhow::Context;

use crate::cli::{MultipartArgs, OnlyStep, OutputForm, PlanOutput, SignArgs};
use crate::env::Env;
use crate::error::Failure;
use crate::http::{self, Probe};
use crate::output::plan::{self, Plan, PlannedPart};
use crate::output::{Link, links};
use crate::resolve::{FileFacts, Lifetime, Parts, Place, Signers, StoreSettings, parse_size};
use crate::sigv4::{Header, PayloadHash, Presigned, Presigner, QueryParameter, Request};
use crate::store::{Cut, CutError, LEAST_PART, MOST_PARTS, PARTS_A_PAGE, Provider, Target};
use crate::text::CommandLine;

use super::shared::explain_refusal::refused;
use super::shared::link_request::{Io, LinkRequest, Scope, signed_first};
use super::shared::sign::{self, Signable};
use super::shared::{client, fetch_credentials, notices, signed_options, target, upload_page_text};

pub fn run(args: &MultipartArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    signed_first(out, |out| make(args, Io { env, out, err }))
}

fn make(args: &MultipartArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let files = fetch_credentials::files(&args.credentials, &args.network, env);
    let signers = Signers::new(&args.credentials, env, &files);
    let settings = StoreSettings::new(&args.store, env, &files, "s3");
    write(args, &settings, &signers, Io { env, out, err })
}

/// Writes the plan, with settings and credentials that were read before.
pub fn write(
    args: &MultipartArgs,
    settings: &StoreSettings,
    signers: &Signers,
    streams: Io,
) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let form = if args.json {
        Some(PlanOutput::Json)
    } else {
        args.output
    };
    upload_page_text::check_words(&args.page, form == Some(PlanOutput::Html))?;
    let is_new = signed_options::requires_new_object(args.if_none_match.as_deref())?;
    let size = match args.only {
        Some(OnlyStep::Create) => None,
        None => Some(size(args)?),
    };
    let sign = sign_args(args);
    let parts = carried(args)?;
    let mut link_request = LinkRequest::new(
        "multipart",
        "POST",
        Scope::Object,
        &args.target,
        &sign,
        parts,
    );
    let payload_hash = signed_options::complete(&mut link_request)?;
    link_request
        .parts
        .query
        .push(QueryParameter::new("uploads", ""));
    let target = one_target(&link_request)?;
    let lifetime = Lifetime::resolve(&args.time, env.now)?;
    target::check_key_is_there(&link_request, &target)?;
    let place = settings
        .place(&target)
        .map_err(|failure| target::with_command(failure, "multipart", &target))?;
    let Some(size) = size else {
        let link = sign::presign(&link_request, place, lifetime, &payload_hash, signers)?;
        return only_create(&link, form, args.quiet, out, err);
    };

    let cut = cut(args, size, &place)?;
    let signable = sign::signable(&link_request, place, lifetime, &payload_hash, signers)?;
    if !args.quiet {
        let mut printed = HashSet::new();
        signable.warnings.iter().try_for_each(|warning| {
            notices::print_once(
                format!("{}: {}", warning.label(), warning.message),
                &mut printed,
                err,
            )
        })?;
    }
    if form == Some(PlanOutput::Html) && !args.quiet {
        let bucket = signable.place.bucket.as_deref().unwrap_or_default();
        let note = upload_page_text::cors_note(bucket);
        notices::print_once(note, &mut HashSet::new(), err)?;
    }
    let presigner = sign::presigner(
        &link_request,
        &signable.credentials.value,
        &signable.place,
        signable.lifetime,
    )?;
    let upload_id = match &args.upload_id {
        Some(id) if id.is_empty() => {
            return Err(Failure::usage("--upload-id is empty")
                .hint("remove it to create an upload")
                .into());
        }
        Some(id) => id.clone(),
        None => create(args, &signable, &presigner, env)?,
    };
    let plan = plan(
        args,
        &signable,
        &presigner,
        signable.lifetime,
        cut,
        (upload_id, is_new),
    )?;
    match form.unwrap_or_default() {
        PlanOutput::Json => plan::json(&plan, out),
        PlanOutput::Sh => plan::sh(&plan, out),
        PlanOutput::Python => plan::python(&plan, out),
        PlanOutput::Html => plan::html(&plan, &args.page, out),
    }
    .and_then(|()| out.flush())
    .context("cannot write to standard output")
}

/// Size of the file in bytes, and its name in messages.
fn size(args: &MultipartArgs) -> Result<(u64, String), Failure> {
    match (&args.size, &args.from_file) {
        (Some(text), _) => Ok((
            parse_size("--size", text)?,
            format!("a file of size `{text}` (--size)"),
        )),
        (None, Some(file)) => Ok((
            FileFacts::read("--from-file", file)?.size,
            format!("`{}`", file.display()),
        )),
        (None, None) => Err(Failure::usage(
            "the size of the file is required to compute the number of parts",
        )
        .hint("add `--size 12GiB`, or the file: `--from-file FILE`")),
    }
}

fn cut(args: &MultipartArgs, (size, file): (u64, String), place: &Place) -> Result<Cut, Failure> {
    let part_size = args
        .part_size
        .as_deref()
        .map(|text| parse_size("--part-size", text))
        .transpose()?;
    let most = place.provider.map_or(MOST_PARTS, Provider::most_parts);
    Cut::new(size, part_size, most).map_err(|error| {
        let part_size = args.part_size.as_deref().unwrap_or_default();
        match error {
            CutError::Empty => Failure::usage(format!("{file} is empty and has no parts"))
                .hint("upload it in one request: `cos-presign put`"),
            CutError::TooLarge => Failure::usage(format!(
                "{file} exceeds {most} parts of 5 GiB, the maximum of the store"
            ))
            .hint("upload it as several objects"),
            CutError::SmallParts => Failure::usage(format!(
                "--part-size `{part_size}` is less than 5 MiB, the minimum of stores"
            ))
            .hint(format!(
                "use at least `{}`, or remove the option",
                CommandLine::options().option("--part-size", LEAST_PART.to_string())
            )),
            CutError::LargeParts => Failure::usage(format!(
                "--part-size `{part_size}` is more than 5 GiB, the maximum of stores"
            ))
            .hint("remove it: a suitable size is chosen"),
            CutError::ManyParts(least) => Failure::usage(format!(
                "--part-size `{part_size}` splits {file} into more than {most} parts"
            ))
            .hint(format!(
                "use at least `{}`, or remove the option",
                CommandLine::options().option("--part-size", format!("{}MiB", least >> 20))
            )),
        }
    })
}

/// The shared options, without those that this verb does not have.
fn sign_args(args: &MultipartArgs) -> SignArgs {
    SignArgs {
        time: args.time.clone(),
        store: args.store.clone(),
        algorithm: Default::default(),
        credentials: args.credentials.clone(),
        request: Default::default(),
        output: Default::default(),
        verify: Default::default(),
        network: args.network.clone(),
    }
}

/// Headers of the object, sent with the request that creates the upload.
fn carried(args: &MultipartArgs) -> anyhow::Result<Parts> {
    let mut parts = Parts::default();
    match (&args.upload.content_type, &args.from_file) {
        (Some(given), _) => parts.header("content-type", Some(given))?,
        (None, Some(file)) => parts.header(
            "content-type",
            FileFacts::read("--from-file", file)?.content_type,
        )?,
        (None, None) => {}
    }
    signed_options::add_upload(&mut parts, &args.upload)?;
    signed_options::add_customer_key(&mut parts, &args.customer_key)?;
    Ok(parts)
}

fn one_target(link_request: &LinkRequest) -> Result<Target, Failure> {
    let mut targets = target::targets(&link_request.verb, link_request.target, link_request.scope)?;
    match (targets.pop(), targets.is_empty()) {
        (Some(target), true) => Ok(target),
        _ => {
            Err(Failure::usage("multipart takes one TARGET")
                .hint("run the command once per TARGET"))
        }
    }
}

/// `--only create`: prints the URL that creates the upload, for another client to send.
fn only_create(
    link: &Link,
    form: Option<PlanOutput>,
    quiet: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<()> {
    let form = match form {
        None => OutputForm::Url,
        Some(PlanOutput::Json) => OutputForm::Json,
        Some(_) => {
            return Err(
                Failure::usage("--only create prints one URL, not a program that uploads")
                    .hint("remove `--output`, or use `--output json`")
                    .into(),
            );
        }
    };
    if !quiet {
        notices::print(link, form, &mut HashSet::new(), err)?;
    }
    links::write(form, link, false, out).context("cannot write to standard output")
}

/// Requests an upload ID from the store.
fn create(
    args: &MultipartArgs,
    signable: &Signable,
    presigner: &Presigner,
    env: &Env,
) -> anyhow::Result<String> {
    let presigned = sign(presigner, &signable.request)?;
    let client = client::client(&args.network, Some(&args.credentials), env)?;
    let headers = presigned.headers_to_send.clone();
    let probe = Probe {
        method: "POST",
        url: presigned.url.as_str(),
        headers,
        host: None,
        body: Some(Vec::new()),
    };
    let host = &signable.place.address.authority;
    let response = client
        .call(&probe, http::BODY_LIMIT)
        .map_err(|error| client::no_response(host, &error))?;
    let read = client::as_error_response(&response);
    match read
        .element("UploadId")
        .filter(|_| (200..300).contains(&response.status))
    {
        Some(id) => Ok(id.to_owned()),
        None if (200..300).contains(&response.status) => Err(Failure::new(
            crate::error::Kind::Network,
            format!(
                "`{host}` responded {} without an upload ID",
                response.status_text
            ),
        )
        .hint("check the endpoint: the response may not come from a store")
        .into()),
        None => Err(refused(
            "to create the upload",
            &presigned,
            "POST",
            &signable.credentials,
            &response,
            env,
        )
        .into()),
    }
}

fn sign(presigner: &Presigner, request: &Request) -> Result<Presigned, Failure> {
    presigner
        .presign(request)
        .map_err(|error| sign::from_core(&error))
}

fn plan<'a>(
    args: &MultipartArgs,
    signable: &'a Signable,
    presigner: &Presigner,
    lifetime: Lifetime,
    cut: Cut,
    (upload_id, is_new): (String, bool),
) -> Result<Plan<'a>, Failure> {
    let create = &signable.request;
    // The SSE-C key is needed for every part, and requester-pays for every request.
    let of_parts = headers_of(create, |name| {
        name.starts_with("x-amz-server-side-encryption-customer-") || name == "x-amz-request-payer"
    });
    let of_all = headers_of(create, |name| name == "x-amz-request-payer");
    let mut of_completion = of_all.clone();
    if is_new {
        of_completion.push(Header::new("if-none-match", "*"));
    }
    let request = |method: &str, query: &[(&str, String)], headers: &[Header]| {
        let mut request = Request::new(
            method,
            create.scheme,
            create.authority.as_str(),
            signable.place.address.path.as_slice(),
        );
        request.query = query
            .iter()
            .map(|(name, value)| QueryParameter::new(*name, value.as_str()))
            .collect();
        request.headers = headers.to_vec();
        request.payload_hash = PayloadHash::Unsigned;
        sign(presigner, &request)
    };
    let id = || ("uploadId", upload_id.clone());
    let mut parts = Vec::with_capacity(usize::try_from(cut.count()).unwrap_or_default());
    for part in cut.parts() {
        let presigned = request(
            "PUT",
            &[("partNumber", part.number.to_string()), id()],
            &of_parts,
        )?;
        parts.push(PlannedPart {
            part,
            url: presigned.url.as_str().to_owned(),
        });
    }
    let mut list_parts = Vec::new();
    for page in 0..cut.count().div_ceil(PARTS_A_PAGE) {
        let mut query = vec![("max-parts", PARTS_A_PAGE.to_string())];
        if page > 0 {
            query.push(("part-number-marker", (page * PARTS_A_PAGE).to_string()));
        }
        query.push(id());
        list_parts.push(request("GET", &query, &of_all)?);
    }
    Ok(Plan {
        bucket: signable.place.bucket.as_deref().unwrap_or_default(),
        key: signable.place.key.as_deref().unwrap_or_default(),
        cut,
        issued_at: lifetime.signed_at,
        expires_at: lifetime.expires_at,
        parts,
        part_headers: of_parts.clone(),
        list_parts,
        complete: request("POST", &[id()], &of_completion)?,
        abort: request("DELETE", &[id()], &of_all)?,
        object: request("HEAD", &[], &of_parts)?,
        file: args
            .from_file
            .as_deref()
            .and_then(|file| file.file_name())
            .map(|name| name.as_encoded_bytes().to_vec()),
        upload_id,
    })
}

fn headers_of(request: &Request, wanted: impl Fn(&str) -> bool) -> Vec<Header> {
    request
        .headers
        .iter()
        .filter(|header| wanted(&header.name.to_ascii_lowercase()))
        .cloned()
        .collect()
}
