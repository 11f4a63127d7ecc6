//! Vultr Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "vultr",
    name: "Vultr Object Storage",
    hosts: &[host("{region}.vultrobjects.com")],
    regions: &["ewr1", "sjc1", "ams1", "blr1", "del1", "sgp1", "lux1"],
    notes: &["every cluster has its own host"],
    ..HOSTED
};
