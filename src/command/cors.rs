//! `cors`: the CORS rules that allow uploads from a page of another origin.

use std::io::Write;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};

use crate::cli::{CorsArgs, CorsOutput, TargetArgs, TimeArgs};
use crate::env::Env;
use crate::error::Failure;
use crate::output::reports::cors;
use crate::resolve::{Files, Lifetime, Place, Signers, StoreSettings, parse_duration};
use crate::sigv4::{Header, QueryParameter, Request};
use crate::store::{CORS_METHODS, CorsRule, OriginError, check_origin};

use super::shared::fetch_credentials;
use super::shared::link_request::{Io, Scope, signed_first};
use super::shared::sign;
use super::shared::target;

pub fn run(args: &CorsArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    signed_first(out, |out| make(args, Io { env, out, err }))
}

fn make(args: &CorsArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let rule = rule(args)?;
    let files = fetch_credentials::files(&args.credentials, &args.network, env);
    match args.output {
        CorsOutput::Json => cors::json(&rule, out),
        CorsOutput::Xml => writeln!(out, "{}", rule.to_xml()),
        CorsOutput::Aws | CorsOutput::Ibmcloud | CorsOutput::Curl => {
            let place = place(args, env, &files)?;
            command(args, &place, &rule, env, &files, out)?;
            if !args.quiet {
                writeln!(
                    err,
                    "note: the command replaces all CORS rules of the bucket"
                )?;
            }
            Ok(())
        }
    }
    .context("cannot write to standard output")
}

fn rule(args: &CorsArgs) -> Result<CorsRule, Failure> {
    for origin in &args.origin {
        check_origin(origin).map_err(|error| not_an_origin(origin, error))?;
    }
    for method in &args.method {
        if !CORS_METHODS.contains(&method.as_str()) {
            return Err(Failure::usage(format!(
                "--method `{}` cannot be used in CORS rules",
                method.escape_debug()
            ))
            .hint("use GET, HEAD, PUT, POST or DELETE, in upper case; OPTIONS is always allowed"));
        }
    }
    for (option, name) in args
        .allow_header
        .iter()
        .map(|name| ("--allow-header", name))
        .chain(
            args.expose_header
                .iter()
                .map(|name| ("--expose-header", name)),
        )
    {
        let valid = |b: u8| b.is_ascii_alphanumeric() || b"-_*".contains(&b);
        if name.is_empty() || !name.bytes().all(valid) {
            return Err(Failure::usage(format!(
                "{option} `{}` is not a header name",
                name.escape_debug()
            ))
            .hint(format!("pass one name: `{option} x-amz-meta-from`")));
        }
    }
    let or = |given: &[String], default: &[&str]| match given.is_empty() {
        true => default.iter().map(|text| (*text).to_owned()).collect(),
        false => given.to_vec(),
    };
    Ok(CorsRule {
        origins: args.origin.clone(),
        methods: or(&args.method, &["PUT", "POST"]),
        headers: or(&args.allow_header, &["*"]),
        exposed: or(&args.expose_header, &["ETag"]),
        max_age: args
            .max_age
            .as_deref()
            .map_or(Ok(3600), |text| parse_duration("--max-age", text))?,
    })
}

fn not_an_origin(origin: &str, error: OriginError) -> Failure {
    let failure = Failure::usage(format!(
        "--origin `{}` {}",
        origin.escape_debug(),
        error.problem()
    ));
    match error {
        OriginError::Scheme => failure.hint(format!("write `https://{origin}`")),
        OriginError::Path => {
            let end = origin
                .match_indices(['/', '?', '#'])
                .map(|(at, _)| at)
                .find(|at| *at > 7)
                .unwrap_or(origin.len());
            failure.hint(format!("write `{}`", &origin[..end]))
        }
        OriginError::Host => failure.hint("write scheme, host and port: `https://www.example.com`"),
        OriginError::Stars => failure.hint("repeat `--origin` for each origin"),
    }
}

fn place(args: &CorsArgs, env: &Env, files: &Files) -> Result<Place, Failure> {
    let Some(bucket) = &args.bucket else {
        return Err(Failure::usage("--output for a command requires BUCKET")
            .hint("add it: `cos-presign cors BUCKET --origin …`"));
    };
    let target = TargetArgs {
        targets: vec![bucket.clone()],
        ..TargetArgs::default()
    };
    let targets = target::targets("cors", &target, Scope::Any)?;
    let settings = StoreSettings::new(&args.store, env, files, "s3");
    let place = settings
        .place(&targets[0])
        .map_err(|failure| target::with_command(failure, "cors", &targets[0]))?;
    if place.bucket.is_none() || place.key.as_ref().is_some_and(|key| !key.is_empty()) {
        return Err(Failure::usage(format!(
            "`{}` is not a bucket",
            bucket.to_string_lossy().escape_debug()
        ))
        .hint("CORS rules belong to a bucket: remove what follows its name"));
    }
    Ok(place)
}

fn command(
    args: &CorsArgs,
    place: &Place,
    rule: &CorsRule,
    env: &Env,
    files: &Files,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let bucket = place.bucket.as_deref().unwrap_or_default();
    let region = place.region.value.clone();
    match args.output {
        CorsOutput::Ibmcloud => {
            if place.provider.is_some_and(|provider| !provider.is_ibm()) {
                return Err(Failure::usage(format!(
                    "`ibmcloud cos` is for IBM COS, but the bucket is on {}",
                    place
                        .provider
                        .map_or("another store", |provider| provider.name)
                ))
                .hint("use `--output aws` or `--output curl`")
                .into());
            }
            cors::command(
                "ibmcloud cos bucket-cors-put",
                bucket,
                rule,
                &[("--region", region)],
                out,
            )?;
        }
        CorsOutput::Aws => {
            let mut options = vec![("--region", region)];
            if !place.provider.is_some_and(|provider| provider.is_aws()) {
                options.push(("--endpoint-url", place.endpoint.value.to_string()));
            }
            cors::command("aws s3api put-bucket-cors", bucket, rule, &options, out)?;
        }
        CorsOutput::Json | CorsOutput::Xml | CorsOutput::Curl => {
            let xml = rule.to_xml();
            let md5 = BASE64.encode(Md5::digest(xml.as_bytes()));
            let credentials = Signers::new(&args.credentials, env, files).of(place)?;
            let lifetime = Lifetime::resolve(&TimeArgs::default(), env.now)?;
            let presigner = place
                .presigner(&credentials.value, lifetime.signed_at)
                .map_err(|error| sign::from_core(&error))?
                .expires_in(lifetime.expiry);
            let address = &place.address;
            let mut request = Request::new(
                "PUT",
                address.scheme,
                address.authority.as_str(),
                address.path.as_slice(),
            );
            request.query.push(QueryParameter::new("cors", ""));
            request
                .headers
                .push(Header::new("Content-MD5", md5.as_bytes()));
            let presigned = presigner
                .presign(&request)
                .map_err(|error| sign::from_core(&error))?;
            cors::curl(presigned.url.as_str(), &md5, &xml, out)?;
        }
    }
    Ok(())
}
