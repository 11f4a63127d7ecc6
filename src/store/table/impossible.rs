//! Impossible Cloud.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "impossible",
    name: "Impossible Cloud",
    aliases: &["impossiblecloud", "jetbackup"],
    hosts: &[
        host("{region}.storage.impossibleapi.net"),
        seen("{region}.storage.jetbackup.com"),
    ],
    regions: &[
        "eu-central-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-east-1",
        "eu-north-1",
        "us-east-1",
    ],
    notes: &["every region has its own host"],
    ..HOSTED
};
