//! SeaweedFS.

use crate::store::provider::{ExpiryLimit, PostForms, Provider, SERVER, SEVEN_DAYS};

pub(super) const STORE: Provider = Provider {
    id: "seaweedfs",
    name: "SeaweedFS",
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    post_forms: PostForms::Served,
    notes: &[
        "the region of the signature is not checked",
        "a key that ends in a slash loses its content",
    ],
    ..SERVER
};
