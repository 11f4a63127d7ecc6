//! Timeweb Cloud S3.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "timeweb",
    name: "Timeweb Cloud S3",
    hosts: &[host("s3.timeweb.cloud"), seen("s3.twcstorage.ru")],
    default_region: Some("ru-1"),
    notes: &[
        "presigned URLs do not work on custom domains",
        "the region is `ru-1`, as far as known",
    ],
    ..HOSTED
};
