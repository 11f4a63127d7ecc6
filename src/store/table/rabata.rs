//! Rabata.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "rabata",
    name: "Rabata",
    hosts: &[host("s3.{region}.rabata.io")],
    regions: &["us-east-1", "eu-west-1", "eu-west-2"],
    notes: &["every region has its own host"],
    ..HOSTED
};
