//! Object storage of Sakura Cloud.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "sakura",
    name: "Sakura Cloud",
    hosts: &[
        host("s3.isk01.sakurastorage.jp").in_region("jp-north-1"),
        host("s3.tky01.sakurastorage.jp").in_region("jp-east-1"),
    ],
    regions: &["jp-north-1", "jp-east-1"],
    notes: &["the host contains the site, `isk01` or `tky01`, not the region"],
    ..HOSTED
};
