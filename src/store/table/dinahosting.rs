//! Dinahosting Almacenamiento S3.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "dinahosting",
    name: "Dinahosting S3",
    hosts: &[host("objects.dinaserver.com").in_region("default")],
    regions: &["default"],
    default_region: Some("default"),
    notes: &["the region is `default`"],
    ..HOSTED
};
