//! Contabo Object Storage.

use crate::store::provider::{AddressingSupport, HOSTED, Provider, seen};

pub(super) const STORE: Provider = Provider {
    id: "contabo",
    name: "Contabo Object Storage",
    hosts: &[seen("{name}.contabostorage.com").in_region("default")],
    regions: &["default"],
    default_region: Some("default"),
    addressing: AddressingSupport::PathOnly,
    notes: &[
        "the region is `default` everywhere",
        "public URLs have the tenant before the bucket, `TENANT:BUCKET`; presigned ones do not",
    ],
    ..HOSTED
};
