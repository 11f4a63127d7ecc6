//! Hetzner Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "hetzner",
    name: "Hetzner Object Storage",
    hosts: &[host("{region}.your-objectstorage.com")],
    regions: &["hel1", "fsn1", "nbg1"],
    notes: &["every location has its own host"],
    ..HOSTED
};
