//! MinIO.

use crate::store::provider::{ExpiryLimit, PostForms, Provider, SERVER, SEVEN_DAYS};

pub(super) const STORE: Provider = Provider {
    id: "minio",
    name: "MinIO",
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    post_forms: PostForms::Served,
    checks_sha256: true,
    notes: &[
        "unsigned `x-amz-meta-` headers are refused",
        "the region is checked only if the server sets one",
        "URLs signed for more than 15 minutes ahead are refused",
    ],
    ..SERVER
};
