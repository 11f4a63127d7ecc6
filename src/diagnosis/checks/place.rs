//! The store to which the URL leads.

use crate::store::{Addressing, AddressingSupport, Network, access_point_rules};

use super::region_command;
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::url_parts::{Anatomy, host_name};

/// What does not fit the store.
pub fn findings(anatomy: &Anatomy) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(recognized) = &anatomy.recognized else {
        return found;
    };
    let (Some(store), Some(credential)) = (anatomy.provider(), &anatomy.credential) else {
        return found;
    };
    if recognized.network != Network::Public {
        found.push(
            Finding::likely(
                Code::PrivateEndpoint,
                format!(
                    "the host is {}'s {} endpoint, which answers inside of its cloud only",
                    store.name,
                    recognized.network.as_str()
                ),
            )
            .fix(format!(
                "make the link for the public one: `{}`",
                region_command(anatomy, &credential.region)
            )),
        );
    }
    let host = host_name(&anatomy.parts.authority);
    let is_global =
        store.is_aws() && (host == "s3.amazonaws.com" || host.ends_with(".s3.amazonaws.com"));
    if is_global && credential.region != "us-east-1" {
        found.push(
            Finding::likely(
                Code::GlobalEndpoint,
                format!(
                    "the link is signed for {} but leads to AWS's global endpoint, which redirects new buckets and refuses new regions",
                    credential.region
                ),
            )
            .fix(format!("make it for the region's own endpoint: `{}`", region_command(anatomy, &credential.region))),
        );
    } else if let Some(region) = recognized.region.as_deref()
        && region != credential.region
        && !credential.region.is_empty()
    {
        let message = format!(
            "the host is in {region}, and the credential scope says {}",
            credential.region
        );
        let fix = format!(
            "make the link for the host's region: `{}`",
            region_command(anatomy, region)
        );
        found.push(match store.checks_region {
            true => Finding::likely(Code::WrongRegion, message).fix(fix),
            false => Finding::possible(Code::WrongRegion, message).fix(fix),
        });
    }
    if !credential.service.starts_with("s3") {
        found.push(
            Finding::likely(
                Code::WrongService,
                format!(
                    "the credential scope is for the service `{}`, and {} checks `s3`",
                    credential.service, store.name
                ),
            )
            .fix("make the link for the service `s3`"),
        );
    }
    if let (Addressing::Virtual, Some(bucket)) = (anatomy.addressing, &anatomy.bucket) {
        let doubled = anatomy
            .key
            .as_deref()
            .is_some_and(|key| key.starts_with(format!("{bucket}/").as_bytes()));
        if doubled {
            found.push(
                Finding::likely(
                    Code::WrongAddressing,
                    format!("the bucket `{bucket}` stands both in the host and in the path"),
                )
                .fix(
                    "make the link with one of them: `--addressing path` or `--addressing virtual`",
                ),
            );
        }
        // Access points have certificates of their own.
        let is_access_point = access_point_rules(&host_name(&anatomy.parts.authority)).is_some();
        if bucket.contains('.')
            && !is_access_point
            && anatomy.parts.scheme.eq_ignore_ascii_case("https")
        {
            found.push(
                Finding::likely(
                    Code::WrongAddressing,
                    format!("the bucket `{bucket}` has a dot, so the certificate of the store does not cover its host name"),
                )
                .fix("make the link with `--addressing path`"),
            );
        }
    }
    let style = match (store.addressing, anatomy.addressing) {
        (AddressingSupport::PathOnly, Addressing::Virtual) => Some("path"),
        (AddressingSupport::VirtualOnly, Addressing::Path) => Some("virtual"),
        _ => None,
    };
    if let Some(style) = style {
        found.push(
            Finding::likely(
                Code::WrongAddressing,
                format!("{} serves only {style}-style addresses", store.name),
            )
            .fix(format!("make the link with `--addressing {style}`")),
        );
    }
    found
}
