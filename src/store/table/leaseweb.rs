//! Leaseweb Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "leaseweb",
    name: "Leaseweb Object Storage",
    hosts: &[
        host("nl.object-storage.io").in_region("nl-01"),
        host("de.object-storage.io").in_region("de-01"),
    ],
    regions: &["nl-01", "de-01"],
    notes: &["the host contains `nl` or `de`; the region is `nl-01` or `de-01`"],
    ..HOSTED
};
