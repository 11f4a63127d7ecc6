//! TARGET arguments: parsed, and checked against the requirements of the verb.

use std::ffi::{OsStr, OsString};

use crate::cli::TargetArgs;
use crate::error::Failure;
use crate::resolve::{self, Place, Warning};
use crate::sigv4::QueryParameter;
use crate::store::{Address, Arn, FrontUrl, Target, TargetError, TargetStore};
use crate::text;
use crate::text::CommandLine;

use super::link_request::{LinkRequest, Scope};

pub fn targets(verb: &str, args: &TargetArgs, scope: Scope) -> Result<Vec<Target>, Failure> {
    targets_of(verb, args, scope, false)
}

/// The targets of a verb; with `for_keys` the bucket of many keys.
pub fn targets_of(
    verb: &str,
    args: &TargetArgs,
    scope: Scope,
    for_keys: bool,
) -> Result<Vec<Target>, Failure> {
    let Some(bucket) = &args.bucket else {
        if args.key.is_some() {
            return Err(Failure::usage("--key requires --bucket")
                .hint("add `--bucket NAME`, or write both as BUCKET/KEY"));
        }
        if args.targets.is_empty() {
            return Err(Failure::usage("TARGET is missing").hint(match scope {
                Scope::Listing => "add a bucket: `cos-presign list BUCKET`",
                Scope::OtherService => "add the URL: `https://HOST/PATH`",
                _ if for_keys => {
                    "add the bucket of the keys: `cos-presign get BUCKET --keys-from FILE`"
                }
                _ => "write BUCKET/KEY",
            }));
        }
        return args
            .targets
            .iter()
            .map(|text| parse_target(verb, text))
            .collect();
    };
    if let Some(target) = args.targets.first() {
        return Err(Failure::usage(format!(
            "`{}` cannot be combined with --bucket",
            printable(target)
        ))
        .hint("use either TARGETs, or --bucket and --key"));
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
            "--bucket `{}` is not a bucket name",
            printable(bucket)
        ))
        .hint("pass the key separately: `--bucket NAME --key KEY`"));
    };
    Ok(vec![Target::Bucket {
        location: None,
        bucket: name.to_owned(),
        key,
        bare: false,
    }])
}

fn parse_target(verb: &str, text: &OsString) -> Result<Target, Failure> {
    if text == "-" {
        return Err(Failure::usage("`-` is not a TARGET").hint(
            "to sign the keys of standard input: `… | cos-presign get BUCKET --keys-from -`",
        ));
    }
    Target::parse(text.as_encoded_bytes()).map_err(|error| {
        let hint = match error {
            TargetError::Empty => "write BUCKET/KEY",
            TargetError::NoBucket => "remove the leading slash: BUCKET/KEY",
            TargetError::BucketNotUtf8 => "a TARGET is BUCKET/KEY",
            TargetError::CosForm => "write `cos://us-south/my-bucket/my-key`",
            TargetError::CosLocation(typed, meant) => {
                return Failure::usage(format!("the location `{typed}` of the TARGET is unknown"))
                    .hint(format!(
                        "did you mean `cos://{meant}/`? for a bucket of this name write \
                        `s3://{typed}/`"
                    ));
            }
            TargetError::Arn(_) => "write `arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/KEY`",
            TargetError::Scheme(_) => {
                "use BUCKET/KEY, s3://, cos://, gs://, oss://, obs://, \
                tos://, b2://, r2://, t3:// or the object's https:// URL"
            }
            TargetError::AddressNotUtf8 => {
                "percent-encode the URL, or use BUCKET/KEY and --endpoint"
            }
            TargetError::AddressEscape => {
                "in a URL write `%25` for `%`, or use BUCKET/KEY and \
                --endpoint"
            }
            TargetError::AddressQuery => {
                "remove it and add `--query NAME=VALUE`; for a `?` in the key write `%3F`"
            }
            TargetError::AlreadySigned => {
                // The text is a usable presigned URL, so it is not repeated.
                return Failure::usage(format!("the TARGET {}", error.problem()))
                    .hint("remove everything from `?` on");
            }
            TargetError::AddressFragment => "for a `#` in the key write `%23`",
            TargetError::Front(front) => {
                return Failure::usage(format!(
                    "the host `{}` of the TARGET {}",
                    front.host,
                    front.problem.problem()
                ))
                .hint(origin_hint(verb, &front));
            }
        };
        Failure::usage(format!(
            "the TARGET `{}` {}",
            printable(text),
            error.problem()
        ))
        .hint(hint)
    })
}

/// The command for the object behind a website or a content delivery host.
fn origin_hint(verb: &str, front: &FrontUrl) -> String {
    if front.host.ends_with(".cloudfront.net") {
        let query = format!(
            "DistributionList.Items[?DomainName=='{}'].Origins.Items[].DomainName",
            front.host
        );
        return format!(
            "sign for the store behind it; `{}` prints its host",
            CommandLine::new("aws cloudfront list-distributions")
                .option("--query", query)
                .fixed_option("--output", "text")
        );
    }
    let bucket = front.bucket.as_deref().unwrap_or("BUCKET");
    let name = [bucket.as_bytes(), b"/", &front.key].concat();
    let command = CommandLine::cos_presign(verb).value(name);
    let Some(origin) = &front.origin else {
        return format!(
            "sign for the store behind it: `{}`",
            command.fixed_option("--endpoint", "https://HOST")
        );
    };
    let command = command.option("--endpoint", format!("https://{origin}"));
    match front.host.ends_with(".r2.dev") {
        false => format!("sign for the store itself: `{command}`"),
        true => format!(
            "sign for the store itself: `{command}`; the settings of the bucket show its name and \
             the account under S3 API"
        ),
    }
}

/// A bucket where an object is required is a mistake in the command line, whatever else may be
/// missing.
pub fn check_key_is_there(link_request: &LinkRequest, target: &Target) -> Result<(), Failure> {
    match target {
        // `remote:key` can be complete, if the remote includes the bucket.
        Target::Bucket {
            bucket, bare: true, ..
        } if bucket.contains(':') => Ok(()),
        Target::Bucket {
            location: Some(TargetStore::Console(page)),
            bucket,
            key: None,
            ..
        } if link_request.scope == Scope::Object => {
            Err(without_key(link_request, bucket, page.endpoint.as_deref()))
        }
        Target::Bucket {
            bucket, key: None, ..
        } if link_request.scope == Scope::Object => Err(without_key(link_request, bucket, None)),
        Target::Bucket { key: Some(key), .. }
            if key.is_empty() && link_request.scope == Scope::Object =>
        {
            resolve::key_bytes(key, &mut Vec::new())
        }
        Target::AccessPoint {
            access_point,
            key: None,
        } if link_request.scope == Scope::Object => {
            let name = access_point.host_label();
            Err(Failure::usage(format!(
                "{} requires a key, but the access point `{name}` has none",
                link_request.verb
            ))
            .hint("write the key after the ARN: ARN/KEY"))
        }
        Target::AccessPoint { key: Some(key), .. }
            if key.is_empty() && link_request.scope == Scope::Object =>
        {
            resolve::key_bytes(key, &mut Vec::new())
        }
        Target::Service if link_request.scope == Scope::Object => {
            Err(without_key(link_request, "BUCKET", None))
        }
        _ => Ok(()),
    }
}

fn without_key(link_request: &LinkRequest, bucket: &str, endpoint: Option<&str>) -> Failure {
    let of_bucket = |verb| {
        let command = CommandLine::cos_presign(verb).value(bucket);
        match endpoint {
            Some(endpoint) => command.option("--endpoint", endpoint),
            None => command,
        }
    };
    let bucket = text::escape_controls(bucket);
    Failure::usage(format!(
        "{} requires a key, but `{bucket}` has none",
        link_request.verb
    ))
    .hint(match link_request.method {
        "GET" => format!(
            "add a key, `{bucket}/KEY`, or list the bucket: `{}`",
            of_bucket("list")
        ),
        "HEAD" => format!(
            "add a key, `{bucket}/KEY`, or request the bucket: `{}`",
            of_bucket("request HEAD")
        ),
        _ => format!("add a key: `{bucket}/KEY`"),
    })
}

/// Checks that the target contains what the verb requires.
pub fn check_scope(
    link_request: &LinkRequest,
    place: &Place,
    warnings: &mut Vec<Warning>,
) -> Result<(), Failure> {
    match link_request.scope {
        Scope::OtherService => match place.path_as_sent {
            Some(_) => return Ok(()),
            None => {
                return Err(Failure::usage(format!(
                    "the service `{}` has no buckets; TARGET must be a URL",
                    link_request.service
                ))
                .hint("write a URL: `https://HOST/PATH`"));
            }
        },
        Scope::Listing if place.bucket.is_none() => {
            return Err(Failure::usage("the TARGET contains no bucket")
                .hint("add one: `cos-presign list BUCKET`"));
        }
        Scope::Object if place.bucket.is_none() || place.key.is_none() => {
            return Err(without_key(
                link_request,
                place.bucket.as_deref().unwrap_or("BUCKET"),
                None,
            ));
        }
        Scope::Object | Scope::Any | Scope::Listing => {}
    }
    match &place.key {
        Some(key) if link_request.scope != Scope::Listing => resolve::key_bytes(key, warnings),
        _ => Ok(()),
    }
}

/// Warnings where the store is known to ignore something that is signed.
pub fn known_deviations(link_request: &LinkRequest, place: &Place) -> Vec<Warning> {
    let mut warnings = Vec::new();
    add_star(link_request, place, &mut warnings);
    let Some(provider) = place.provider else {
        return warnings;
    };
    let is_conditional = link_request
        .parts
        .headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("if-none-match"));
    if link_request.method == "PUT" && is_conditional && !provider.keeps_if_none_match() {
        let message = format!(
            "{} ignores `If-None-Match` of an upload: the URL replaces an existing object",
            provider.name
        );
        warnings.push(Warning::new("condition-not-kept", message));
    }
    let has_first_slash = place.key.as_ref().is_some_and(|key| key.starts_with(b"/"));
    if has_first_slash && link_request.scope != Scope::Listing && !provider.keeps_first_slash() {
        let message = format!(
            "{} removes the leading slash of the key: the URL is for another object",
            provider.name
        );
        warnings.push(Warning::new("first-slash-dropped", message));
    }
    warnings
}

/// A shell passes a pattern without a match unchanged.
fn add_star(link_request: &LinkRequest, place: &Place, warnings: &mut Vec<Warning>) {
    if place.key.as_ref().is_some_and(|key| key.contains(&b'*'))
        && link_request.scope == Scope::Object
        && !link_request.bulk.is_some_and(|bulk| bulk.is_used())
    {
        warnings.push(Warning::new(
            "literal-star",
            "the key contains a `*`, which is signed literally; for all matching objects add \
             --recursive and --include"
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
            Failure::usage("the prefix is set both in the TARGET and by --prefix")
                .hint("remove one of them"),
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

/// If the store is unknown, the hint is the complete command.
pub fn with_command(failure: Failure, verb: &str, target: &Target) -> Failure {
    let (true, Target::Bucket { bucket, key, .. }) = (failure.about_unknown_store, target) else {
        return failure;
    };
    let (verb, name) = match key {
        Some(key) => (verb, [bucket.as_bytes(), b"/", key].concat()),
        // `get` would require a key.
        None if verb == "get" => ("list", bucket.as_bytes().to_vec()),
        None => (verb, bucket.as_bytes().to_vec()),
    };
    failure.hint(format!(
        "set its region, `{}` (IBM COS) or `--region us-east-1` (AWS), or its endpoint, \
         `--endpoint https://HOST`",
        CommandLine::cos_presign(verb)
            .value(name)
            .fixed_option("--region", "us-south")
    ))
}

fn printable(text: &OsStr) -> String {
    text::escape_controls(&text.to_string_lossy()).into_owned()
}
