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
        "the region must be that of `garage.toml`, usually `garage`",
        "a leading slash of a key is removed",
        "`If-None-Match: *` of an upload is ignored: it replaces an existing object",
    ],
    ..SERVER
};
