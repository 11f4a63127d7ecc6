//! Filebase.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "filebase",
    name: "Filebase",
    hosts: &[host("s3.filebase.com")],
    regions: &["us-east-1"],
    default_region: Some("us-east-1"),
    notes: &["objects are kept on IPFS"],
    ..HOSTED
};
