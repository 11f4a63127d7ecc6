//! Vitanium Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "vitanium",
    name: "Vitanium Object Storage",
    hosts: &[host("s3.vitanium.com").in_region("eu-west-2")],
    regions: &["eu-west-2"],
    default_region: Some("eu-west-2"),
    notes: &["one host, in the region `eu-west-2`"],
    ..HOSTED
};
