//! Synology C2 Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "synology",
    name: "Synology C2 Object Storage",
    aliases: &["c2"],
    hosts: &[host("{region}.s3.synologyc2.net")],
    regions: &[
        "eu-001", "eu-002", "eu-003", "eu-004", "tw-001", "us-001", "us-002", "us-003",
    ],
    notes: &["every region has its own host"],
    ..HOSTED
};
