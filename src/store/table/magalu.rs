//! Magalu Cloud.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "magalu",
    name: "Magalu Cloud",
    hosts: &[host("{region}.magaluobjects.com")],
    regions: &["br-se1", "br-ne1"],
    notes: &["every region has its own host"],
    ..HOSTED
};
