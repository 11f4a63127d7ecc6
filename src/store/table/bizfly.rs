//! Bizfly Cloud.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "bizfly",
    name: "Bizfly Cloud",
    aliases: &["bizflycloud"],
    hosts: &[host("{region}.ss.bfcplatform.vn")],
    regions: &["hn", "hcm"],
    notes: &["every region has its own host"],
    ..HOSTED
};
