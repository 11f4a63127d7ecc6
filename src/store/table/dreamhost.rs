//! DreamObjects.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "dreamhost",
    name: "DreamObjects",
    aliases: &["dreamobjects"],
    hosts: &[
        host("s3.{region}.dream.io"),
        seen("objects-{region}.dream.io"),
    ],
    regions: &["us-east-005"],
    notes: &["the region is in the host"],
    ..HOSTED
};
