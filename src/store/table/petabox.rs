//! Petabox.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "petabox",
    name: "Petabox",
    hosts: &[host("s3.{region}.petabox.io")],
    regions: &[
        "us-east-1",
        "eu-central-1",
        "ap-southeast-1",
        "me-south-1",
        "sa-east-1",
    ],
    notes: &["every region has its own host"],
    ..HOSTED
};
