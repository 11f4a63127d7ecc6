//! Garage.

use crate::store::provider::{ExpiryLimit, PostForms, Provider, SERVER, SEVEN_DAYS};

pub(super) const STORE: Provider = Provider {
    id: "garage",
    name: "Garage",
    regions: &["garage"],
    default_region: Some("garage"),
    checks_region: true,
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    post_forms: PostForms::Served,
    keeps_if_none_match: false,
    keeps_first_slash: false,
    notes: &[
        "the region has to be that of `garage.toml`, usually `garage`",
        "a slash at the start of a key is dropped",
        "`If-None-Match: *` of an upload is passed over: it replaces what is there",
    ],
    ..SERVER
};
