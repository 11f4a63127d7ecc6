//! `post`: a form for uploads, and the policy that restricts them.

mod form_fields;
mod policy_file;

use std::io::Write;

use anyhow::Context;

use crate::cli::{FormOutput, PostArgs};
use crate::error::Failure;
use crate::output::form::{self, Form};
use crate::output::upload_page::{self, FormContentType, Sends, UploadPage};
use crate::resolve::{self, Lifetime, Place, Signers, StoreSettings, Warning};
use crate::sigv4::{
    Algorithm, Condition, Credentials, FILENAME, Mismatch, PostForm, PostPolicy, Presigner,
    SigningTime,
};
use crate::store::{PostForms, Provider, Target};
use crate::text::{self, CommandLine, escape_controls};

use super::shared::fetch_credentials;
use super::shared::link_request::{Io, Scope, signed_first};
use super::shared::notices;
use super::shared::sign;
use super::shared::target;
use super::shared::upload_page_text;

use policy_file::PolicyFile;

/// Maximum size that stores accept in one request.
const LARGEST_FORM: u64 = 5 * 1024 * 1024 * 1024;

pub fn run(args: &PostArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    signed_first(out, |out| make(args, Io { env, out, err }))
}

fn make(args: &PostArgs, streams: Io) -> anyhow::Result<()> {
    let Io { env, out, err } = streams;
    let output = if args.json {
        FormOutput::Json
    } else {
        args.output.unwrap_or_default()
    };
    check_words(args, output)?;
    let target = one_target(args)?;
    let policy_file = args
        .form
        .policy
        .as_deref()
        .map(|file| PolicyFile::read(file, env))
        .transpose()?;
    let files = fetch_credentials::files(&args.credentials, &args.network, env);
    let signers = Signers::new(&args.credentials, env, &files);
    let store = policy_file
        .as_ref()
        .map_or_else(|| args.store.clone(), |file| file.store(&args.store));
    let settings = StoreSettings::new(&store, env, &files, "s3");
    let place = settings
        .place(&target)
        .map_err(|failure| target::with_command(failure, "post", &target))?;
    let mut warnings = place.warnings.clone();
    check_forms_are_served(&place, &mut warnings)?;
    let Some(bucket) = place.bucket.clone() else {
        return Err(Failure::usage("the TARGET contains no bucket")
            .hint("use an object or a prefix: `BUCKET/PREFIX/`")
            .into());
    };
    let key = key_of(&place, &mut warnings)?;
    let credentials = signers.of(&place)?;
    notices::warn_about_credentials(&credentials, &place, &mut warnings);

    let (signed_at, expires_at, form) = match &policy_file {
        Some(file) => {
            let signed_at = file.signed_at(env.now)?;
            file.check_signer(&credentials, &place)?;
            let presigner = presigner(&credentials.value, &place, signed_at)?;
            let form = file.seal(&presigner, &key, &args.form)?;
            file.check_end(env.now, &mut warnings);
            (signed_at, form.policy.expiration(), form)
        }
        None => {
            let lifetime =
                Lifetime::resolve(&args.time, env.now)?.for_account(place.account.as_ref())?;
            warnings.extend(lifetime.check_limit(place.provider)?);
            let presigner = presigner(&credentials.value, &place, lifetime.signed_at)?;
            let form_fields::FormFields { fields, conditions } = form_fields::read(&args.form)?;
            let (life, outlived) = lifetime.ended_by(&credentials)?;
            warnings.extend(outlived);
            // The policy states the requested expiry; the store ends it with the credentials.
            let form = presigner.write_form(&bucket, &key, fields, conditions, lifetime.expires_at);
            let form = form.map_err(|error| sign::from_core(&error))?;
            (life.signed_at, life.expires_at, form)
        }
    };
    check_form(&form, &bucket, output, policy_file.is_some(), &mut warnings)?;
    check_size(&form.policy, &mut warnings)?;

    let file = args
        .upload_file
        .as_deref()
        .map(|file| file.as_encoded_bytes());
    let form = Form {
        form,
        bucket,
        key,
        place,
        signed_at,
        expires_at,
        credentials,
        warnings,
        file,
    };
    if !args.quiet {
        print_notes(args, output, &form, err)?;
    }
    if args.verbose > 0 {
        form::verbose(&form, env.stderr_is_terminal, err)?;
    }
    match output {
        FormOutput::Json => form::json(&form, out),
        FormOutput::Curl => form::curl(&form, &content_type_of_file(&form)?, out),
        FormOutput::Html => write_page(args, &form, out),
    }
    .context("cannot write to standard output")
}

/// Prints warnings, and what an uploaded file may do.
fn print_notes(
    args: &PostArgs,
    output: FormOutput,
    form: &Form,
    err: &mut dyn Write,
) -> std::io::Result<()> {
    let is_prefix = form.key.contains(FILENAME);
    let note = match output {
        FormOutput::Html => Some(upload_page_text::cors_note(&form.bucket)),
        FormOutput::Curl if is_prefix => Some(
            "note: an uploaded file keeps its name and replaces an object of that name; an \
             upload page (`--output html`) generates unique names"
                .to_owned(),
        ),
        _ => None,
    };
    let warning = (args.keep_names && is_prefix).then(|| {
        "warning: files keep their names: a file replaces an object of the same name".to_owned()
    });
    form::notes(form)
        .into_iter()
        .chain(warning)
        .chain(note)
        .try_for_each(|line| writeln!(err, "{}", escape_controls(&line)))
}

/// A form has one target: an object or a prefix.
fn one_target(args: &PostArgs) -> Result<Target, Failure> {
    if args.target.targets.is_empty() && args.target.bucket.is_none() && args.target.key.is_none() {
        return Err(Failure::usage("TARGET is missing")
            .hint("use an object, BUCKET/KEY, or a prefix, BUCKET/PREFIX/"));
    }
    let mut targets = target::targets("post", &args.target, Scope::Any)?;
    match (targets.pop(), targets.is_empty()) {
        (Some(target), true) => Ok(target),
        _ => Err(Failure::usage("post takes one TARGET").hint(
            "for many files use a prefix, BUCKET/PREFIX/; for different forms run post once \
                per TARGET",
        )),
    }
}

fn check_words(args: &PostArgs, output: FormOutput) -> Result<(), Failure> {
    upload_page_text::check_words(&args.page, output == FormOutput::Html)?;
    if args.keep_names && output != FormOutput::Html {
        return Err(
            Failure::usage("--keep-names requires --output html").hint("add `--output html`")
        );
    }
    if args.upload_file.is_some() && output != FormOutput::Curl {
        return Err(
            Failure::usage("--upload-file requires --output for a command")
                .hint("add `--output curl`"),
        );
    }
    Ok(())
}

fn check_forms_are_served(place: &Place, warnings: &mut Vec<Warning>) -> Result<(), Failure> {
    if place.algorithm != Algorithm::HmacSha256 {
        return Err(
            Failure::usage("Multi-Region Access Points do not accept forms").hint(
                "create a URL or a page for one object: `cos-presign put TARGET --output html`",
            ),
        );
    }
    let Some(Provider {
        name, post_forms, ..
    }) = place.provider
    else {
        return Ok(());
    };
    match post_forms {
        PostForms::NotServed => Err(Failure::usage(format!("{name} does not accept forms"))
            .hint("create a URL or a page for one object: `cos-presign put TARGET --output html`")),
        PostForms::NotDocumented => {
            warnings.push(Warning::new(
                "post-forms-undocumented",
                format!(
                    "{name} does not document forms; test one before sending it, or use \
                    `cos-presign put --output html`"
                ),
            ));
            Ok(())
        }
        PostForms::Served | PostForms::Unknown => Ok(()),
    }
}

/// The field `key`: for a prefix the name of the file is appended.
fn key_of(place: &Place, warnings: &mut Vec<Warning>) -> Result<String, Failure> {
    let key = place.key.as_deref().unwrap_or_default();
    let Ok(key) = std::str::from_utf8(key) else {
        return Err(Failure::usage(format!(
            "the key `{}` is not UTF-8, which a policy requires",
            String::from_utf8_lossy(key)
        ))
        .hint("use a UTF-8 key, or a presigned URL: `cos-presign put`"));
    };
    match key.matches(FILENAME).count() {
        0 | 1 => {}
        _ => {
            return Err(
                Failure::usage(format!("the key `{key}` has `{FILENAME}` more than once"))
                    .hint("stores replace it only once"),
            );
        }
    }
    if key.is_empty() || key.ends_with('/') {
        if !key.is_empty() {
            resolve::key_bytes(key.as_bytes(), warnings)?;
        }
        return Ok(format!("{key}{FILENAME}"));
    }
    resolve::key_bytes(key.as_bytes(), warnings)?;
    Ok(key.to_owned())
}

fn presigner<'c>(
    credentials: &'c Credentials,
    place: &Place,
    signed_at: SigningTime,
) -> Result<Presigner<'c>, Failure> {
    place
        .presigner(credentials, signed_at)
        .map_err(|error| sign::from_core(&error))
}

/// Evaluates the policy as the store will, before the form is used.
fn check_form(
    form: &PostForm,
    bucket: &str,
    output: FormOutput,
    given_policy: bool,
    warnings: &mut Vec<Warning>,
) -> Result<(), Failure> {
    for mismatch in form.policy.check(bucket, &form.fields) {
        match mismatch {
            Mismatch::Differs { condition, value } => {
                return Err(never_allowed(&condition, &value, given_policy));
            }
            // The page and the command send the type of the file.
            Mismatch::Missing(Condition::StartsWith { field, .. })
                if output != FormOutput::Json && field.eq_ignore_ascii_case("content-type") => {}
            Mismatch::Missing(condition) if output != FormOutput::Json => {
                let field = condition.field().unwrap_or_default().to_owned();
                return Err(Failure::usage(format!(
                    "the policy has the condition `{condition}`, but the form has no field \
                     `{field}`"
                ))
                .hint(format!(
                    "set the field: `{}`",
                    CommandLine::options().option("--field", format!("{field}=VALUE"))
                )));
            }
            Mismatch::Missing(condition) => {
                let field = condition.field().unwrap_or_default();
                warnings.push(Warning::new(
                    "field-to-add",
                    format!(
                        "the client must add the field `{field}`, required by the condition \
                        `{condition}` of the policy"
                    ),
                ));
            }
            Mismatch::WithoutCondition(field) => warnings.push(Warning::new(
                "field-without-condition",
                format!(
                    "the policy has no condition for the field `{field}`; Amazon S3 refuses \
                    forms with such a field"
                ),
            )),
        }
    }
    Ok(())
}

fn never_allowed(condition: &Condition, value: &str, given_policy: bool) -> Failure {
    let field = condition.field().unwrap_or_default();
    let value = if field.eq_ignore_ascii_case("x-amz-security-token") {
        "(not shown)"
    } else {
        value
    };
    let failure = match value.contains(FILENAME) && field.eq_ignore_ascii_case("key") {
        true => {
            format!("the key `{value}` cannot match the condition `{condition}` for any file name")
        }
        false => {
            format!("the field `{field}` is `{value}`, which the condition `{condition}` refuses")
        }
    };
    let hint = match field.to_ascii_lowercase().as_str() {
        "bucket" | "key" => "change the TARGET, or the condition",
        _ if given_policy => "change the field with `--field`, or the policy",
        _ => "change one of the two options",
    };
    Failure::usage(failure).hint(hint)
}

fn check_size(policy: &PostPolicy, warnings: &mut Vec<Warning>) -> Result<(), Failure> {
    let Some((min, max)) = policy.content_length_range() else {
        return Ok(());
    };
    if min > max {
        return Err(Failure::usage(format!(
            "the minimum size of {min} bytes exceeds the maximum of {max}"
        ))
        .hint("swap --min-size and --max-size, or remove one of them"));
    }
    if min > LARGEST_FORM {
        return Err(Failure::usage(format!(
            "the minimum size of {min} bytes exceeds the maximum of stores for one request, 5 GiB"
        ))
        .hint("for larger files: `cos-presign multipart`"));
    }
    if max > LARGEST_FORM {
        warnings.push(Warning::new(
            "size-over-limit",
            format!(
                "the form allows {max} bytes, but stores accept at most 5 GiB in one request; for \
                 more use `cos-presign multipart`"
            ),
        ));
    }
    Ok(())
}

/// The condition of the policy on the type of the file.
fn content_type_condition(form: &Form) -> FormContentType {
    let conditions = form.form.policy.conditions();
    let is_sent = form
        .form
        .fields
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match conditions
        .iter()
        .any(|condition| condition.is_about("content-type"))
    {
        _ if is_sent => FormContentType::Fixed,
        true => FormContentType::Chosen,
        false => FormContentType::Free,
    }
}

/// The field `Content-Type` of the printed command, if the policy allows several types.
fn content_type_of_file(form: &Form) -> Result<Option<String>, Failure> {
    if form.file.is_none() && form.key.contains(FILENAME) {
        return Err(Failure::usage(
            "--output curl requires --upload-file for a form without a fixed key",
        )
        .hint("add `--upload-file FILE`"));
    }
    if content_type_condition(form) != FormContentType::Chosen {
        return Ok(None);
    }
    let name = form.file_name();
    let shown = String::from_utf8_lossy(&name);
    let guessed = resolve::type_of_name(&shown);
    let refuse = |what: String| {
        Failure::usage(what).hint(
            "add a file of that type with `--upload-file FILE`, or use one type: \
                `--content-type image/png`",
        )
    };
    let Some(guessed) = guessed else {
        return Err(refuse(format!(
            "the type of `{shown}` is unknown, but the form restricts types"
        )));
    };
    let fits = form
        .form
        .policy
        .conditions()
        .iter()
        .all(|condition| match condition {
            Condition::StartsWith { field, prefix }
                if field.eq_ignore_ascii_case("content-type") =>
            {
                guessed.starts_with(prefix.as_str())
            }
            _ => true,
        });
    match fits {
        true => Ok(Some(guessed)),
        false => Err(refuse(format!(
            "`{shown}` is {guessed}, which the form does not accept"
        ))),
    }
}

fn write_page(args: &PostArgs, form: &Form, out: &mut dyn Write) -> std::io::Result<()> {
    let sent = form
        .form
        .fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let prefixes = form
        .form
        .policy
        .conditions()
        .iter()
        .filter_map(|condition| match condition {
            Condition::StartsWith { field, prefix }
                if field.eq_ignore_ascii_case("content-type") =>
            {
                Some(prefix.clone())
            }
            _ => None,
        });
    let content_types: Vec<String> = match sent {
        Some((_, value)) => vec![value.clone()],
        None => prefixes.filter(|prefix| !prefix.is_empty()).collect(),
    };
    let range = form.form.policy.content_length_range();
    let is_prefix = form.key.contains(FILENAME);
    let language = args.page.lang.unwrap_or_default();
    let object = (!is_prefix).then(|| text::local_name(form.key.as_bytes()));
    let title = args
        .page
        .title
        .clone()
        .unwrap_or_else(|| upload_page::default_title(language, object.as_deref()));
    let page = UploadPage {
        title: &title,
        message: args.page.message.as_deref(),
        from: args.page.from.as_deref(),
        language,
        bucket: &form.bucket,
        sends: Sends::Form {
            url: &form.url(),
            fields: &form.form.fields,
            content_type: content_type_condition(form),
            keeps_names: args.keep_names,
        },
        min_size: range.map(|(min, _)| min).filter(|min| *min > 0),
        max_size: range.map(|(_, max)| max),
        content_types,
        expires_at: u64::try_from(form.expires_at.to_utc().timestamp()).unwrap_or_default(),
    };
    upload_page::write(&page, out)
}
