//! ArvanCloud.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "arvan",
    name: "ArvanCloud",
    aliases: &["arvancloud"],
    hosts: &[host("s3.{region}.arvanstorage.ir")],
    regions: &["ir-thr-at1", "ir-tbz-sh1"],
    notes: &["every region has its own host"],
    ..HOSTED
};
