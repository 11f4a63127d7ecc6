//! Targets of the command line: taken apart, and checked against what the verb is about.

use std::ffi::{OsStr, OsString};

use crate::cli::TargetArgs;
use crate::error::Failure;
use crate::resolve::{self, Place, Warning};
use crate::sigv4::QueryParameter;
use crate::store::{Address, Arn, Target, TargetError};
use crate::text;
use crate::text::CommandLine;

use super::link_request::{LinkRequest, Scope};

pub fn targets(args: &TargetArgs, scope: Scope) -> Result<Vec<Target>, Failure> {
    targets_of(args, scope, false)
}

/// The same; `for_keys`: it is the bucket of many keys.
pub fn targets_of(args: &TargetArgs, scope: Scope, for_keys: bool) -> Result<Vec<Target>, Failure> {
    let Some(bucket) = &args.bucket else {
        if args.key.is_some() {
            return Err(Failure::usage("--key is given without --bucket")
                .hint("add `--bucket NAME`, or write both as BUCKET/KEY"));
        }
        if args.targets.is_empty() {
            return Err(Failure::usage("no TARGET is given").hint(match scope {
                Scope::Listing => "name a bucket: `cos-presign list BUCKET`",
                Scope::OtherService => "name the address: `https://HOST/PATH`",
                _ if for_keys => {
                    "name the bucket of the keys: `cos-presign get BUCKET --keys-from FILE`"
                }
                _ => "name an object: BUCKET/KEY",
            }));
        }
        return args.targets.iter().map(parse_target).collect();
    };
    if let Some(target) = args.targets.first() {
        return Err(
            Failure::usage(format!("`{}` is given beside --bucket", printable(target)))
                .hint("give either TARGETs, or --bucket and --key"),
        );
    }
    let key = args
        .key
        .as_deref()
        .map(|key| key.as_encoded_bytes().to_vec());
    if let Ok(Arn::AccessPoint(access_point, None)) = Arn::parse(bucket.as_encoded_bytes()) {
        return Ok(vec![Target::AccessPoint { access_point, key }]);
    }
    let Some(name) = bucket.to_str().filter(|name| !name.contains('/')) else {
        return Err(Failure::usage(format!(
            "--bucket `{}` is not a bucket's name",
            printable(bucket)
        ))
        .hint("give the key on its own: `--bucket NAME --key KEY`"));
    };
    Ok(vec![Target::Bucket {
        location: None,
        bucket: name.to_owned(),
        key,
        bare: false,
    }])
}

fn parse_target(text: &OsString) -> Result<Target, Failure> {
    if text == "-" {
        return Err(Failure::usage("`-` is not a TARGET").hint(
            "to sign the keys of standard input: `… | cos-presign get BUCKET --keys-from -`",
        ));
    }
    Target::parse(text.as_encoded_bytes()).map_err(|error| {
        let hint = match error {
            TargetError::Empty => "name an object: BUCKET/KEY",
            TargetError::NoBucket => "leave out the slash at its start: BUCKET/KEY",
            TargetError::BucketNotUtf8 => "a TARGET is BUCKET/KEY",
            TargetError::CosForm => "write `cos://us-south/my-bucket/my-key`",
            TargetError::CosLocation(typed, meant) => {
                return Failure::usage(format!("the location `{typed}` of the TARGET is unknown"))
                    .hint(format!("did you mean `cos://{meant}/`? a bucket alone is written `s3://{typed}/`"));
            }
            TargetError::Arn(_) => "write `arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/KEY`",
            TargetError::Scheme(_) => "use BUCKET/KEY, s3://, cos://, gs://, oss://, obs://, tos://, b2://, r2://, t3:// or the object's https:// URL",
            TargetError::AddressNotUtf8 => "addresses are percent-encoded; or give BUCKET/KEY and --endpoint",
            TargetError::AddressEscape => "in an address `%` is written `%25`; or give BUCKET/KEY and --endpoint",
            TargetError::AddressQuery => {
                "leave it out and add `--query NAME=VALUE`; a `?` of the key is written `%3F` in an address"
            }
            TargetError::AlreadySigned => {
                // The text is a link that works; it is not repeated.
                return Failure::usage(format!("the TARGET {}", error.problem()))
                    .hint("give the address without everything from `?` on");
            }
            TargetError::AddressFragment => "a `#` of the key is written `%23` in an address",
        };
        Failure::usage(format!("the TARGET `{}` {}", printable(text), error.problem())).hint(hint)
    })
}

/// A bucket where an object is meant is a slip of the command line, whatever else may be missing.
pub fn check_key_is_there(ask: &LinkRequest, target: &Target) -> Result<(), Failure> {
    match target {
        // `remote:key` can be all that is needed, if the remote stands for a bucket.
        Target::Bucket {
            bucket, bare: true, ..
        } if bucket.contains(':') => Ok(()),
        Target::Bucket {
            bucket, key: None, ..
        } if ask.scope == Scope::Object => Err(without_key(ask, bucket)),
        Target::Bucket { key: Some(key), .. } if key.is_empty() && ask.scope == Scope::Object => {
            resolve::key_bytes(key, &mut Vec::new())
        }
        Target::AccessPoint {
            access_point,
            key: None,
        } if ask.scope == Scope::Object => {
            let name = access_point.host_label();
            Err(Failure::usage(format!(
                "{} is for objects, and the access point `{name}` has no key",
                ask.verb
            ))
            .hint("write the key behind the ARN: ARN/KEY"))
        }
        Target::AccessPoint { key: Some(key), .. }
            if key.is_empty() && ask.scope == Scope::Object =>
        {
            resolve::key_bytes(key, &mut Vec::new())
        }
        Target::Service if ask.scope == Scope::Object => Err(without_key(ask, "BUCKET")),
        _ => Ok(()),
    }
}

fn without_key(ask: &LinkRequest, bucket: &str) -> Failure {
    let of_bucket = |verb| CommandLine::cos_presign(verb).value(bucket);
    let bucket = text::escape_controls(bucket);
    Failure::usage(format!(
        "{} is for objects, and `{bucket}` has no key",
        ask.verb
    ))
    .hint(match ask.method {
        "GET" => format!(
            "name an object, `{bucket}/KEY`, or list the bucket: `{}`",
            of_bucket("list")
        ),
        "HEAD" => format!(
            "name an object, `{bucket}/KEY`, or ask for the bucket: `{}`",
            of_bucket("request HEAD")
        ),
        _ => format!("name an object: `{bucket}/KEY`"),
    })
}

/// Checks that the target names what the verb is about.
pub fn check_scope(
    ask: &LinkRequest,
    place: &Place,
    warnings: &mut Vec<Warning>,
) -> Result<(), Failure> {
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
            return Err(Failure::usage("the TARGET names no bucket")
                .hint("name one: `cos-presign list BUCKET`"));
        }
        Scope::Object if place.bucket.is_none() || place.key.is_none() => {
            return Err(without_key(
                ask,
                place.bucket.as_deref().unwrap_or("BUCKET"),
            ));
        }
        Scope::Object | Scope::Any | Scope::Listing => {}
    }
    match &place.key {
        Some(key) if ask.scope != Scope::Listing => resolve::key_bytes(key, warnings),
        _ => Ok(()),
    }
}

/// Where this store is known to do something else than what is signed.
pub fn known_deviations(ask: &LinkRequest, place: &Place) -> Vec<Warning> {
    let mut warnings = Vec::new();
    add_star(ask, place, &mut warnings);
    let Some(provider) = place.provider else {
        return warnings;
    };
    let is_conditional = ask
        .parts
        .headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("if-none-match"));
    if ask.method == "PUT" && is_conditional && !provider.keeps_if_none_match() {
        let message = format!(
            "{} passes over `If-None-Match` of an upload: the link replaces an object that is there",
            provider.name
        );
        warnings.push(Warning::new("condition-not-kept", message));
    }
    let has_first_slash = place.key.as_ref().is_some_and(|key| key.starts_with(b"/"));
    if has_first_slash && ask.scope != Scope::Listing && !provider.keeps_first_slash() {
        let message = format!(
            "{} drops the slash at the start of the key: the link is to another object",
            provider.name
        );
        warnings.push(Warning::new("first-slash-dropped", message));
    }
    warnings
}

/// A shell has left a pattern that nothing matches as it is.
fn add_star(ask: &LinkRequest, place: &Place, warnings: &mut Vec<Warning>) {
    if place.key.as_ref().is_some_and(|key| key.contains(&b'*'))
        && ask.scope == Scope::Object
        && !ask.bulk.is_some_and(|bulk| bulk.is_asked_for())
    {
        warnings.push(Warning::new(
            "literal-star",
            "the key has a `*` in it, which is signed as it is; for all objects that match add --recursive and --include"
                .to_owned(),
        ));
    }
}

/// For a listing, what follows the bucket is a prefix: a parameter, not a part of the path.
pub fn list_prefix(place: &mut Place, query: &mut Vec<QueryParameter>) -> Result<(), Failure> {
    let Some(prefix) = place.key.take().filter(|prefix| !prefix.is_empty()) else {
        place.address = address_without_key(place);
        return Ok(());
    };
    if query.iter().any(|p| p.name == b"prefix") {
        return Err(
            Failure::usage("a prefix is given both in the TARGET and as --prefix")
                .hint("leave out one of them"),
        );
    }
    query.insert(1.min(query.len()), QueryParameter::new("prefix", prefix));
    place.address = address_without_key(place);
    Ok(())
}

fn address_without_key(place: &Place) -> Address {
    Address::new(
        &place.endpoint.value,
        place.addressing,
        place.bucket.as_deref(),
        None,
    )
}

/// Where nothing is known of the store, the way out is the whole command.
pub fn with_command(failure: Failure, verb: &str, target: &Target) -> Failure {
    let (true, Target::Bucket { bucket, key, .. }) = (failure.about_unknown_store, target) else {
        return failure;
    };
    let name = match key {
        Some(key) => [bucket.as_bytes(), b"/", key].concat(),
        None => bucket.as_bytes().to_vec(),
    };
    failure.hint(format!(
        "name its region: `{}` (IBM COS), `--region us-east-1` (AWS), or its address: `--endpoint https://HOST`",
        CommandLine::cos_presign(verb)
            .value(name)
            .fixed_option("--region", "us-south")
    ))
}

fn printable(text: &OsStr) -> String {
    text::escape_controls(&text.to_string_lossy()).into_owned()
}
