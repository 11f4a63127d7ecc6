//! Cloudflare R2.

use crate::store::provider::{ExpiryLimit, HOSTED, OtherRegions, PostForms, Provider, SEVEN_DAYS, seen};

pub(super) const STORE: Provider = Provider {
    id: "r2",
    name: "Cloudflare R2",
    aliases: &["cloudflare"],
    schemes: &["r2"],
    hosts: &[
        seen("{account}.eu.r2.cloudflarestorage.com").in_region("auto"),
        seen("{account}.fedramp.r2.cloudflarestorage.com").in_region("auto"),
        seen("{account}.r2.cloudflarestorage.com").in_region("auto"),
    ],
    regions: &["auto"],
    default_region: Some("auto"),
    // `us-east-1` stands for `auto` there; the others are its hints of a location.
    other_regions: OtherRegions::Only(&[
        "auto",
        "us-east-1",
        "wnam",
        "enam",
        "weur",
        "eeur",
        "apac",
        "oc",
    ]),
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    post_forms: PostForms::NotServed,
    notes: &[
        "the host contains the account ID: `https://ACCOUNT.r2.cloudflarestorage.com`",
        "URLs do not work on custom domains",
    ],
    ..HOSTED
};
