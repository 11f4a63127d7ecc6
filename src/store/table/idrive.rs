//! IDrive e2.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "idrive",
    name: "IDrive e2",
    aliases: &["idrive-e2", "e2"],
    hosts: &[
        host("s3.{region}.idrivee2.com"),
        seen("{name}.{name}.idrivee2-{name}.com"),
    ],
    regions: &[
        "us-west-1",
        "us-west-2",
        "us-west-3",
        "us-southwest-1",
        "us-midwest-1",
        "us-central-1",
        "us-east-1",
        "us-southeast-1",
        "ca-east-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-west-4",
        "eu-central-1",
        "eu-central-2",
    ],
    notes: &["older accounts have their own hosts without a region; set --region"],
    ..HOSTED
};
