//! Infomaniak.

use crate::store::provider::{AddressingSupport, HOSTED, PostForms, Provider, seen};

pub(super) const STORE: Provider = Provider {
    id: "infomaniak",
    name: "Infomaniak",
    hosts: &[
        seen("s3.{name}.infomaniak.cloud").in_region("us-east-1"),
        seen("s3.{name}.infomaniak.com").in_region("us-east-1"),
    ],
    regions: &["us-east-1"],
    default_region: Some("us-east-1"),
    addressing: AddressingSupport::PathOnly,
    post_forms: PostForms::NotDocumented,
    notes: &[
        "the host is that of a cluster, and the region is us-east-1 everywhere",
        "path style only",
    ],
    ..HOSTED
};
