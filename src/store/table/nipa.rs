//! Nipa Cloud Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "nipa",
    name: "Nipa Cloud Object Storage",
    hosts: &[host("s3-bkk.nipa.cloud").in_region("NCP-TH")],
    default_region: Some("NCP-TH"),
    notes: &["the region is `NCP-TH`, in upper case"],
    ..HOSTED
};
