//! What every verb does: resolve, presign, render, and send if asked to.

use std::ffi::{OsStr, OsString};
use std::io::Write;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::cli::{CustomerKeyArgs, OutputForm, ReadArgs, ResponseArgs, SignArgs, TargetArgs};
use crate::env::Env;
use crate::error::Failure;
use crate::output::{self, Body, Link, text, verbose};
use crate::resolve::{self, Files, Lifetime, Parts, Place, StoreSettings, Warning};
use crate::sigv4::{
    self, Header, PathEncoding, PathMode, PayloadHash, Presigner, QueryParameter, Request, RequestPath, SECRET_HEADERS,
    SessionTokenMode,
};
use crate::store::{Target, TargetError};

use super::verify;

/// Where to read from and write to.
pub struct Streams<'a> {
    pub env: &'a Env,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
}

/// What a verb's target has to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An object.
    Object,
    /// A bucket; what follows it is a prefix of keys.
    Listing,
    /// An object, a bucket or the store itself.
    Any,
    /// An address of a service that is not a store.
    OtherService,
}

/// One verb's wish.
pub struct Ask<'a> {
    /// As it is typed: `get`, `request POST`.
    pub verb: String,
    pub method: &'a str,
    pub scope: Scope,
    pub target: &'a TargetArgs,
    pub sign: &'a SignArgs,
    pub parts: Parts,
    pub service: &'a str,
    /// `None`: the `x-amz-content-sha256` header if there is one, else unsigned.
    pub payload_hash: Option<PayloadHash>,
    pub path_mode: PathMode,
    pub path_encoding: PathEncoding,
    pub session_token_mode: SessionTokenMode,
    pub body: Body<'a>,
}

impl<'a> Ask<'a> {
    pub fn new(
        verb: impl Into<String>,
        method: &'a str,
        scope: Scope,
        target: &'a TargetArgs,
        sign: &'a SignArgs,
        parts: Parts,
    ) -> Self {
        Ask {
            verb: verb.into(),
            method,
            scope,
            target,
            sign,
            parts,
            service: "s3",
            payload_hash: None,
            path_mode: PathMode::Raw,
            path_encoding: PathEncoding::Once,
            session_token_mode: SessionTokenMode::Signed,
            body: Body::Empty,
        }
    }
}

/// Makes the links of all targets, then prints them: if one cannot be made, none is printed.
pub fn run(mut ask: Ask, streams: Streams) -> anyhow::Result<()> {
    let Streams { env, out, err } = streams;
    let form = form_of(&ask)?;
    let timeout = verify::timeout(&ask.sign.verify, ask.method, ask.scope)?;
    add_query(&mut ask.parts, &ask.sign.request.query)?;
    for text in &ask.sign.request.header {
        let header = resolve::parse_header(text)?;
        ask.parts.push_header(header)?;
    }
    check_doubles(&ask.parts)?;
    let payload_hash = payload_hash(&ask)?;
    let targets = targets(&ask)?;
    let lifetime = Lifetime::resolve(&ask.sign.time, env.now)?;
    let files = Files::new(&ask.sign.credentials, env);
    let settings = StoreSettings::new(&ask.sign.store, env, &files, ask.service);
    let mut links = Vec::with_capacity(targets.len());
    for target in &targets {
        check_key_is_there(&ask, target)?;
        let place = settings.place(target).map_err(|failure| with_command(failure, &ask, target))?;
        links.push(presign(&ask, place, lifetime, &payload_hash, env, &files)?);
    }

    let output = &ask.sign.output;
    for link in &links {
        if !output.quiet {
            tell(link, form, env, err)?;
        }
        if output.verbose > 0 {
            verbose::write(link, env.stderr_is_terminal, err)?;
        }
        if output.verbose > 1 {
            let scope = sigv4::CredentialScope::new(lifetime.signed_at, &link.place.region.value, ask.service)?;
            verbose::write_keys(&link.credentials.value, &scope, err)?;
        }
        output::write(form, link, output.verbose > 0, out).context("cannot write to standard output")?;
    }
    out.flush().context("cannot write to standard output")?;
    match timeout {
        Some(timeout) => verify::run(&links, timeout, err),
        None => Ok(()),
    }
}

fn presign<'a>(
    ask: &Ask<'a>,
    place: Place,
    lifetime: Lifetime,
    payload_hash: &PayloadHash,
    env: &Env,
    files: &Files,
) -> anyhow::Result<Link<'a>> {
    let mut warnings = place.warnings.clone();
    let mut query = Vec::new();
    if let Some(version_id) = place.version_id.as_ref() {
        if ask.parts.query.iter().any(|p| p.name == b"versionId") {
            return Err(Failure::usage("a version is given both in the TARGET and as an option")
                .hint("leave out one of them")
                .into());
        }
        query.push(QueryParameter::new("versionId", version_id.as_slice()));
    }
    query.extend(ask.parts.query.iter().cloned());
    check_scope(ask, &place, &mut warnings)?;
    let mut place = place;
    if ask.scope == Scope::Listing {
        list_prefix(&mut place, &mut query)?;
    }
    warnings.extend(ask.parts.warnings.iter().cloned());
    warnings.extend(lifetime.check_limit(place.provider)?);
    let credentials = resolve::credentials(&ask.sign.credentials, env, files, &place)?;
    warn_about_credentials(&credentials, &place, &mut warnings);
    let presigner = Presigner::new(&credentials.value, &place.region.value, ask.service, lifetime.signed_at)
        .map_err(|error| from_core(&error))?
        .expires_in(lifetime.expiry)
        .path_rules(ask.path_mode, ask.path_encoding)
        .session_token_mode(ask.session_token_mode);
    let mut request =
        Request::new(ask.method, place.address.scheme, place.address.authority.as_str(), place.address.path.as_slice());
    if ask.scope == Scope::OtherService
        && let Some(path) = &place.path_as_sent
    {
        let path = if path.is_empty() { "/" } else { path };
        request.path = RequestPath::AsSent(path.as_bytes().to_vec());
    }
    request.query = query;
    request.headers = ask.parts.headers.clone();
    request.payload_hash = payload_hash.clone();
    let presigned = presigner.presign(&request).map_err(|error| from_core(&error))?;
    let credential_scope = presigner.scope().to_string();
    Ok(Link { presigned, method: ask.method, place, lifetime, credential_scope, credentials, warnings, body: ask.body })
}

/// A bucket where an object is meant is a slip of the command line, whatever else may be missing.
fn check_key_is_there(ask: &Ask, target: &Target) -> Result<(), Failure> {
    match target {
        Target::Bucket { bucket, key: None, .. } if ask.scope == Scope::Object => Err(without_key(ask, bucket)),
        Target::Service if ask.scope == Scope::Object => Err(without_key(ask, "BUCKET")),
        _ => Ok(()),
    }
}

fn without_key(ask: &Ask, bucket: &str) -> Failure {
    let bucket = text::escape_controls(bucket);
    Failure::usage(format!("{} is for objects, and `{bucket}` has no key", ask.verb)).hint(match ask.method {
        "GET" => format!("name an object, `{bucket}/KEY`, or list the bucket: `cos-presign list {bucket}`"),
        "HEAD" => format!("name an object, `{bucket}/KEY`, or ask for the bucket: `cos-presign request HEAD {bucket}`"),
        _ => format!("name an object: `{bucket}/KEY`"),
    })
}

/// Where nothing is known of the store, the way out is the whole command.
fn with_command(failure: Failure, ask: &Ask, target: &Target) -> Failure {
    let (true, Target::Bucket { bucket, key, .. }) = (failure.about_unknown_store, target) else { return failure };
    let name = match key {
        Some(key) => [bucket.as_bytes(), b"/", key].concat(),
        None => bucket.as_bytes().to_vec(),
    };
    let word = String::from_utf8_lossy(&text::shell_quote(&name)).into_owned();
    failure.hint(format!(
        "name its region: `cos-presign {} {} --region us-south` (IBM COS), `--region us-east-1` (AWS), or its address: `--endpoint https://HOST`",
        ask.verb,
        text::escape_controls(&word)
    ))
}

/// Adds `--query`. A parameter without a value names the operation (`tagging`, `uploads`) and so comes before all others,
/// where botocore writes it.
fn add_query(parts: &mut Parts, texts: &[OsString]) -> Result<(), Failure> {
    let mut operations = Vec::new();
    for text in texts {
        let parameter = resolve::parse_query(text)?;
        let has_value = text.as_encoded_bytes().contains(&b'=');
        if has_value { &mut parts.query } else { &mut operations }.push(parameter);
    }
    parts.query.splice(0..0, operations);
    Ok(())
}

/// What the core refuses has mostly been refused before with better words; this is for the rest.
fn from_core(error: &sigv4::Error) -> Failure {
    let hint = match error {
        sigv4::Error::AccessKeyId => "check where the access key id comes from: `-v` shows it when it is valid",
        sigv4::Error::ScopeField { .. } => "give one name: `--region us-south`",
        _ => "check the value; `cos-presign request --help` describes every option",
    };
    Failure::usage(error.to_string()).hint(hint)
}

fn form_of(ask: &Ask) -> Result<OutputForm, Failure> {
    let output = &ask.sign.output;
    let form = if output.json { OutputForm::Json } else { output.output.unwrap_or_default() };
    let name = match form {
        OutputForm::Html => "html",
        OutputForm::Markdown => "markdown",
        _ => return Ok(form),
    };
    if ask.method != "GET" {
        return Err(Failure::usage(format!(
            "--output {name} makes a link to click on, which is always a GET, not a {}",
            ask.method
        ))
        .hint("use `--output curl` or another command"));
    }
    if !ask.parts.headers.is_empty() || !ask.sign.request.header.is_empty() {
        return Err(Failure::usage(format!(
            "--output {name} makes a link to click on, and browsers send no signed headers with it"
        ))
        .hint("use `--output curl` or another command"));
    }
    Ok(form)
}

fn payload_hash(ask: &Ask) -> Result<PayloadHash, Failure> {
    let header = ask.parts.headers.iter().find(|h| h.name.eq_ignore_ascii_case("x-amz-content-sha256"));
    let from_header = header.map(|h| PayloadHash::Literal(String::from_utf8_lossy(&h.value).into_owned()));
    let hash = match (&ask.payload_hash, from_header) {
        (Some(given), Some(header)) if given.to_text() != header.to_text() => {
            return Err(Failure::usage(format!(
                "--payload-hash `{}` and the header x-amz-content-sha256 differ",
                given.to_text()
            ))
            .hint("leave out one of them"));
        }
        (Some(given), _) => given.clone(),
        (None, Some(header)) => header,
        (None, None) => PayloadHash::Unsigned,
    };
    let text = hash.to_text();
    if text.is_empty() || text.bytes().any(|b| b <= b' ' || b == 0x7f) {
        return Err(Failure::usage(format!("--payload-hash `{}` is not one word", text.escape_debug()))
            .hint("give `unsigned`, `empty`, or the SHA-256 of the body in hexadecimal"));
    }
    Ok(hash)
}

/// A parameter or header that two options set would be signed, but which of the values a store takes is its own affair.
fn check_doubles(parts: &Parts) -> Result<(), Failure> {
    for (index, parameter) in parts.query.iter().enumerate() {
        if parts.query[..index].iter().any(|p| p.name == parameter.name) {
            let name = String::from_utf8_lossy(&parameter.name);
            return Err(Failure::usage(format!("the query parameter `{}` is given twice", name.escape_debug()))
                .hint("leave out one of them"));
        }
    }
    for (index, header) in parts.headers.iter().enumerate() {
        if parts.headers[..index].iter().any(|h| h.name.eq_ignore_ascii_case(&header.name)) {
            return Err(Failure::usage(format!("the header `{}` is given twice", header.name))
                .hint("join the values with a comma, or leave out one of them"));
        }
    }
    Ok(())
}

fn targets(ask: &Ask) -> Result<Vec<Target>, Failure> {
    let args = ask.target;
    let Some(bucket) = &args.bucket else {
        if args.key.is_some() {
            return Err(
                Failure::usage("--key is given without --bucket").hint("add `--bucket NAME`, or write both as BUCKET/KEY")
            );
        }
        if args.targets.is_empty() {
            return Err(Failure::usage("no TARGET is given").hint(match ask.scope {
                Scope::Listing => "name a bucket: `cos-presign list BUCKET`",
                Scope::OtherService => "name the address: `https://HOST/PATH`",
                _ => "name an object: BUCKET/KEY",
            }));
        }
        return args.targets.iter().map(parse_target).collect();
    };
    if let Some(target) = args.targets.first() {
        return Err(Failure::usage(format!("`{}` is given beside --bucket", printable(target)))
            .hint("give either TARGETs, or --bucket and --key"));
    }
    let Some(name) = bucket.to_str().filter(|name| !name.contains('/')) else {
        return Err(Failure::usage(format!("--bucket `{}` is not a bucket's name", printable(bucket)))
            .hint("give the key on its own: `--bucket NAME --key KEY`"));
    };
    let key = args.key.as_deref().map(|key| key.as_encoded_bytes().to_vec());
    Ok(vec![Target::Bucket { location: None, bucket: name.to_owned(), key }])
}

fn parse_target(text: &OsString) -> Result<Target, Failure> {
    Target::parse(text.as_encoded_bytes()).map_err(|error| {
        let (what, hint) = match error {
            TargetError::Empty => ("is empty", "name an object: BUCKET/KEY"),
            TargetError::NoBucket => ("has no bucket before the slash", "leave out the slash at its start: BUCKET/KEY"),
            TargetError::BucketNotUtf8 => ("has a bucket that is not UTF-8", "a TARGET is BUCKET/KEY"),
            TargetError::CosForm => ("is not of the form cos://LOCATION/BUCKET/KEY", "write `cos://us-south/my-bucket/my-key`"),
            TargetError::Scheme(_) => {
                ("has a scheme that is not known", "use BUCKET/KEY, s3://, cos:// or the object's https:// address")
            }
            TargetError::AddressNotUtf8 => {
                ("is an address that is not UTF-8", "addresses are percent-encoded; or give BUCKET/KEY and --endpoint")
            }
            TargetError::AddressEscape => (
                "has a `%` that is not followed by two hexadecimal digits",
                "in an address `%` is written `%25`; or give BUCKET/KEY and --endpoint",
            ),
            TargetError::AddressQuery => {
                ("has a query", "leave it out and add `--query NAME=VALUE`; a `?` of the key is written `%3F` in an address")
            }
            TargetError::AlreadySigned => {
                // The text is a link that works; it is not repeated.
                return Failure::usage("the TARGET is a presigned URL already")
                    .hint("give the address without everything from `?` on");
            }
            TargetError::AddressFragment => ("has a `#`", "a `#` of the key is written `%23` in an address"),
        };
        Failure::usage(format!("the TARGET `{}` {what}", printable(text))).hint(hint)
    })
}

fn printable(text: &OsStr) -> String {
    text::escape_controls(&text.to_string_lossy()).into_owned()
}

/// Checks that the target names what the verb is about.
fn check_scope(ask: &Ask, place: &Place, warnings: &mut Vec<Warning>) -> Result<(), Failure> {
    match ask.scope {
        Scope::OtherService => match place.path_as_sent {
            Some(_) => return Ok(()),
            None => {
                return Err(Failure::usage(format!(
                    "the service `{}` has no buckets, so the TARGET has to be an address",
                    ask.service
                ))
                .hint("write it out: `https://HOST/PATH`"));
            }
        },
        Scope::Listing if place.bucket.is_none() => {
            return Err(Failure::usage("the TARGET names no bucket").hint("name one: `cos-presign list BUCKET`"));
        }
        Scope::Object if place.bucket.is_none() || place.key.is_none() => {
            return Err(without_key(ask, place.bucket.as_deref().unwrap_or("BUCKET")));
        }
        Scope::Object | Scope::Any | Scope::Listing => {}
    }
    match &place.key {
        Some(key) if ask.scope != Scope::Listing => resolve::key_bytes(key, warnings),
        _ => Ok(()),
    }
}

/// For a listing, what follows the bucket is a prefix: a parameter, not a part of the path.
fn list_prefix(place: &mut Place, query: &mut Vec<QueryParameter>) -> Result<(), Failure> {
    let Some(prefix) = place.key.take().filter(|prefix| !prefix.is_empty()) else {
        place.address = address_without_key(place);
        return Ok(());
    };
    if query.iter().any(|p| p.name == b"prefix") {
        return Err(Failure::usage("a prefix is given both in the TARGET and as --prefix").hint("leave out one of them"));
    }
    query.insert(1.min(query.len()), QueryParameter::new("prefix", prefix));
    place.address = address_without_key(place);
    Ok(())
}

fn address_without_key(place: &Place) -> crate::store::Address {
    crate::store::Address::new(&place.endpoint.value, place.addressing, place.bucket.as_deref(), None)
}

fn warn_about_credentials(credentials: &resolve::Sourced<sigv4::Credentials>, place: &Place, warnings: &mut Vec<Warning>) {
    if credentials.value.session_token().is_some() {
        warnings.push(Warning::new(
            "session-token",
            "the credentials are temporary: the link ends when they do, and it contains their session token",
        ));
    }
    let of_ibm = match &credentials.source {
        resolve::Source::Variable(name) => name.starts_with("COS_"),
        resolve::Source::File(_) => true,
        _ => false,
    };
    if of_ibm && place.provider.is_some_and(|p| p.is_aws()) {
        warnings.push(Warning::new(
            "credentials-of-ibm",
            format!(
                "the credentials ({}) are IBM's, but the link leads to Amazon S3; for IBM COS give --region or --endpoint",
                credentials.source
            ),
        ));
    }
}

/// Warnings, and the headers that the client must send.
fn tell(link: &Link, form: OutputForm, env: &Env, err: &mut dyn Write) -> std::io::Result<()> {
    let shown = |text: &str| if env.stderr_is_terminal { text::escape_controls(text).into_owned() } else { text.to_owned() };
    for warning in &link.warnings {
        writeln!(err, "warning: {}", shown(&warning.message))?;
    }
    let sends_them = matches!(form, OutputForm::Curl | OutputForm::Wget | OutputForm::Powershell | OutputForm::Python);
    if !sends_them && !link.presigned.headers_to_send.is_empty() {
        let headers: Vec<String> = link.presigned.headers_to_send.iter().map(header_for_people).collect();
        writeln!(err, "note: the client must send, unchanged: {}", shown(&headers.join(", ")))?;
    }
    Ok(())
}

fn header_for_people(header: &Header) -> String {
    if SECRET_HEADERS.contains(&header.name.to_ascii_lowercase().as_str()) {
        return format!("`{}` (not shown)", header.name);
    }
    format!("`{}: {}`", header.name, String::from_utf8_lossy(&header.value))
}

/// `--version-id`, `--requester-pays`.
pub fn add_read(parts: &mut Parts, args: &ReadArgs) -> anyhow::Result<()> {
    if args.version_id.as_ref().is_some_and(|id| id.is_empty()) {
        return Err(Failure::usage("--version-id is empty").hint("leave it out to mean the newest version").into());
    }
    parts.parameter("versionId", args.version_id.as_deref());
    add_requester_pays(parts, args.requester_pays)
}

/// `--requester-pays`.
pub fn add_requester_pays(parts: &mut Parts, requester_pays: bool) -> anyhow::Result<()> {
    Ok(parts.header("x-amz-request-payer", requester_pays.then_some("requester"))?)
}

/// `--sse-c-key-file`.
pub fn add_customer_key(parts: &mut Parts, args: &CustomerKeyArgs) -> anyhow::Result<()> {
    let Some(file) = &args.sse_c_key_file else { return Ok(()) };
    for header in resolve::customer_key_headers(file)? {
        parts.push_header(header)?;
    }
    parts.warnings.push(Warning::new(
        "customer-key",
        "whoever uses the link must be given the SSE-C key as well; --output json and curl contain it",
    ));
    Ok(())
}

/// `--response-…`, in alphabetical order.
pub fn add_response(parts: &mut Parts, args: &ResponseArgs) {
    parts.parameter("response-cache-control", args.response_cache_control.as_deref());
    parts.parameter("response-content-disposition", args.response_content_disposition.as_deref());
    parts.parameter("response-content-encoding", args.response_content_encoding.as_deref());
    parts.parameter("response-content-language", args.response_content_language.as_deref());
    parts.parameter("response-content-type", args.response_content_type.as_deref());
    parts.parameter("response-expires", args.response_expires.as_deref());
}

/// Checks that a checksum is base64 of the right number of bytes; people paste hexadecimal ones.
pub fn check_digest(option: &str, value: &str, length: usize) -> Result<(), Failure> {
    let decoded = BASE64.decode(value);
    if decoded.as_ref().is_ok_and(|bytes| bytes.len() == length) {
        return Ok(());
    }
    let from_hex = hex::decode(value).ok().filter(|bytes| bytes.len() == length);
    Err(Failure::usage(format!("{option} `{}` is not {length} bytes in base64", value.escape_debug())).hint(match from_hex {
        Some(bytes) => format!("it is hexadecimal; in base64 it is `{option} {}`", BASE64.encode(bytes)),
        None => format!("make it so: `openssl dgst -{} -binary FILE | base64`", option.rsplit('-').next().unwrap_or("sha256")),
    }))
}
