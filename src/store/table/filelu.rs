//! FileLu S5.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "filelu",
    name: "FileLu S5",
    aliases: &["s5"],
    hosts: &[host("{region}.s5lu.com")],
    regions: &["us", "eu", "ap", "me"],
    notes: &["every region has its own host"],
    ..HOSTED
};
