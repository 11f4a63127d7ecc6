//! The store to which the URL leads.

use crate::store::{
    Addressing, AddressingSupport, FrontKind, Network, Provider, RecognizedHost,
    access_point_rules, front_of,
};
use crate::text::{CommandLine, escape_controls};

use super::{again, again_for_key, region_command};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::host::host_name;
use crate::diagnosis::url_parts::{Anatomy, Credential};

/// Hosts that serve public objects only.
fn takes_no_signature(anatomy: &Anatomy) -> Option<Finding> {
    let host = host_name(&anatomy.parts.authority);
    let mut labels = host.split('.');
    let is_of_website = |label: &str| {
        label == "s3-web"
            || label.starts_with("s3-website")
            || label.ends_with("-website")
            || label.starts_with("website-")
    };
    let is_website = labels.any(is_of_website)
        || [".website.yandexcloud.net", ".web.core.windows.net"]
            .iter()
            .any(|domain| host.ends_with(domain));
    if is_website {
        let region = anatomy
            .credential
            .as_ref()
            .map(|credential| credential.region.as_str())
            .unwrap_or("REGION");
        let (bucket, _) = host.split_once('.').unwrap_or((&host, ""));
        let fix = match host.ends_with("amazonaws.com") || host.ends_with("appdomain.cloud") {
            true => {
                let key = anatomy.path();
                CommandLine::cos_presign(anatomy.verb)
                    .value([bucket.as_bytes(), &key].concat())
                    .option("--region", region)
                    .to_string()
            }
            false => {
                "cos-presign get BUCKET/KEY --endpoint https://HOST --region REGION".to_owned()
            }
        };
        return Some(
            Finding::likely(
                Code::WebsiteEndpoint,
                format!(
                    "`{host}` serves a static website: it accepts no signatures and serves \
                     public objects only"
                ),
            )
            .fix(format!(
                "make the link for the REST endpoint of the bucket: `{fix}`"
            )),
        );
    }
    let front = front_of(&host);
    let what = match front.as_ref().map(|front| front.kind) {
        Some(FrontKind::Console) => {
            Some("is the web console of the store, which does not know signatures of S3")
        }
        Some(FrontKind::OtherInterface) => {
            Some("is another interface of the store, which does not know signatures of S3")
        }
        Some(FrontKind::PrivateLink) => Some("is a VPC endpoint without `bucket.` before it"),
        _ => None,
    };
    if let Some(what) = what {
        let finding = Finding::likely(Code::WrongHost, format!("`{host}` {what}"));
        return Some(match front.and_then(|front| front.origin) {
            Some(origin) => finding.fix(format!(
                "make the link for the S3 host: `{}`",
                CommandLine::cos_presign("get")
                    .fixed("BUCKET/KEY")
                    .option("--endpoint", format!("https://{origin}"))
                    .fixed_option("--region", "REGION")
            )),
            None => finding.fix("make the link for the S3 endpoint of the store"),
        });
    }
    host.ends_with(".r2.dev").then(|| {
        Finding::likely(
            Code::WrongHost,
            format!("`{host}` is the public r2.dev host of a bucket, which accepts no signatures"),
        )
        .fix(
            "make the link for the S3 host: `cos-presign get BUCKET/KEY --endpoint \
             https://ACCOUNT.r2.cloudflarestorage.com --region auto`",
        )
    })
}

/// Services of Amazon S3 that have hosts of their own.
fn service_of_other_hosts(anatomy: &Anatomy) -> Option<Finding> {
    let credential = anatomy.credential.as_ref()?;
    let host = host_name(&anatomy.parts.authority);
    let service = ["s3-object-lambda", "s3-outposts", "s3express"]
        .into_iter()
        .find(|service| *service == credential.service)?;
    (!host.contains(service)).then(|| {
        Finding::likely(
            Code::WrongService,
            format!(
                "the credential scope is for the service `{service}`, which has hosts of its \
                 own, and `{host}` is none of them"
            ),
        )
        .fix(format!(
            "make the link for the service `s3`: `{}`",
            again(anatomy)
        ))
    })
}

/// The key without the bucket that is before it once more.
fn key_without_bucket<'k>(anatomy: &'k Anatomy, bucket: &str) -> &'k [u8] {
    let key = anatomy.key.as_deref().unwrap_or_default();
    key.strip_prefix(bucket.as_bytes())
        .and_then(|key| key.strip_prefix(b"/"))
        .unwrap_or(key)
}

/// What does not fit the store.
pub fn findings(anatomy: &Anatomy) -> Vec<Finding> {
    if let Some(finding) = no_bucket(anatomy).or_else(|| takes_no_signature(anatomy)) {
        return vec![finding];
    }
    let mut found: Vec<Finding> = service_of_other_hosts(anatomy).into_iter().collect();
    let (Some(recognized), Some(store), Some(credential)) =
        (&anatomy.recognized, anatomy.provider(), &anatomy.credential)
    else {
        return found;
    };
    found.extend(master_key(store, credential));
    found.extend(private_endpoint(anatomy, recognized, store, credential));
    found.extend(region(anatomy, recognized, store, credential));
    found.extend(service(anatomy, store, credential));
    found.extend(bucket_in_host(anatomy));
    found.extend(style(anatomy, store));
    found
}

fn no_bucket(anatomy: &Anatomy) -> Option<Finding> {
    let bucket_of_host = anatomy
        .recognized
        .as_ref()
        .and_then(|recognized| recognized.bucket.as_ref());
    (anatomy.parts.path.starts_with("//") && bucket_of_host.is_none()).then(|| {
        Finding::possible(
            Code::WrongAddressing,
            "the path begins with `//`, so there is no bucket in it, and the host names none \
             either",
        )
        .fix(
            "name the bucket: `cos-presign get BUCKET/KEY --endpoint https://HOST --region \
             REGION`",
        )
    })
}

fn master_key(store: &Provider, credential: &Credential) -> Option<Finding> {
    (store.native_key_id_length == Some(credential.access_key_id.len())).then(|| {
        Finding::likely(
            Code::WrongAccessKey,
            format!(
                "the access key id `{}` has the form of a master key, and {} refuses URLs signed \
                 with one",
                escape_controls(&credential.access_key_id),
                store.name
            ),
        )
        .fix("sign with an application key of the store: `--profile NAME`")
    })
}

fn private_endpoint(
    anatomy: &Anatomy,
    recognized: &RecognizedHost,
    store: &Provider,
    credential: &Credential,
) -> Option<Finding> {
    // A private endpoint of AWS is created by its users, inside of a network of their own.
    (recognized.network != Network::Public && !store.is_aws()).then(|| {
        Finding::likely(
            Code::PrivateEndpoint,
            format!(
                "the host is {}'s {} endpoint, which responds only inside of its cloud",
                store.name,
                recognized.network.as_str()
            ),
        )
        .fix(format!(
            "make the link for the public one: `{}`",
            region_command(anatomy, &credential.region)
        ))
    })
}

fn region(
    anatomy: &Anatomy,
    recognized: &RecognizedHost,
    store: &Provider,
    credential: &Credential,
) -> Option<Finding> {
    let host = host_name(&anatomy.parts.authority);
    let is_global =
        store.is_aws() && (host == "s3.amazonaws.com" || host.ends_with(".s3.amazonaws.com"));
    let signed = credential.region.as_str();
    if is_global && signed != "us-east-1" {
        let message = format!(
            "the link is signed for {signed} but leads to AWS's global endpoint, which redirects \
             new buckets and refuses new regions"
        );
        return Some(Finding::likely(Code::GlobalEndpoint, message).fix(format!(
            "make it for the region's own endpoint: `{}`",
            region_command(anatomy, signed)
        )));
    }
    let of_host = recognized.region.as_deref()?;
    // Other stores accept any region.
    let is_wrong = of_host != signed && !signed.is_empty() && store.refuses_other_region(signed);
    is_wrong.then(|| {
        let message = format!("the host is in {of_host}, and the credential scope has {signed}");
        Finding::likely(Code::WrongRegion, message).fix(format!(
            "make the link for the host's region: `{}`",
            region_command(anatomy, of_host)
        ))
    })
}

fn service(anatomy: &Anatomy, store: &Provider, credential: &Credential) -> Option<Finding> {
    (!credential.service.starts_with("s3")).then(|| {
        Finding::likely(
            Code::WrongService,
            format!(
                "the credential scope is for the service `{}`, and {} checks `s3`",
                credential.service, store.name
            ),
        )
        .fix(format!(
            "make the link for the service `s3`: `{}`",
            again(anatomy)
        ))
    })
}

/// A bucket in the host that is also in the path, or that the certificate does not cover.
fn bucket_in_host(anatomy: &Anatomy) -> Vec<Finding> {
    let (Addressing::Virtual, Some(bucket)) = (anatomy.addressing, &anatomy.bucket) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let key = anatomy.key.as_deref().unwrap_or_default();
    if key.starts_with(format!("{bucket}/").as_bytes()) {
        found.push(
            Finding::likely(
                Code::WrongAddressing,
                format!("the bucket `{bucket}` is both in the host and in the path"),
            )
            .fix(format!(
                "make the link with the bucket in the host alone: `{}`",
                again_for_key(anatomy, key_without_bucket(anatomy, bucket))
                    .fixed_option("--addressing", "virtual")
            )),
        );
    }
    // Access points have certificates of their own.
    let is_access_point = access_point_rules(&host_name(&anatomy.parts.authority)).is_some();
    let has_tls = anatomy.parts.scheme.eq_ignore_ascii_case("https");
    if bucket.contains('.') && !is_access_point && has_tls {
        found.push(
            Finding::likely(
                Code::WrongAddressing,
                format!(
                    "the bucket `{bucket}` has a dot, so the certificate of the store does not \
                     cover its host name"
                ),
            )
            .fix(format!(
                "make the link in path style: `{}`",
                again(anatomy).fixed_option("--addressing", "path")
            )),
        );
    }
    found
}

fn style(anatomy: &Anatomy, store: &Provider) -> Option<Finding> {
    let style = match (store.addressing, anatomy.addressing) {
        (AddressingSupport::PathOnly, Addressing::Virtual) => "path",
        (AddressingSupport::VirtualOnly, Addressing::Path) => "virtual",
        _ => return None,
    };
    Some(
        Finding::likely(
            Code::WrongAddressing,
            format!("{} serves only {style}-style URLs", store.name),
        )
        .fix(format!(
            "make the link in that style: `{}`",
            again(anatomy).option("--addressing", style)
        )),
    )
}
