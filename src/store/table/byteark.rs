//! ByteArk.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "byteark",
    name: "ByteArk",
    hosts: &[
        host("st-th.byteark.com").in_region("st-th"),
        host("st-th-1.byteark.com").in_region("st-th-1"),
        host("st-th-2.byteark.com").in_region("st-th-2"),
        host("st-th-archive.byteark.com").in_region("st-th-archive"),
    ],
    regions: &["st-th", "st-th-1", "st-th-2", "st-th-archive"],
    notes: &["the region is the first label of the host"],
    ..HOSTED
};
