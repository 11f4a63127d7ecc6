//! IONOS Cloud.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "ionos",
    name: "IONOS Cloud",
    hosts: &[
        host("s3.eu-central-1.ionoscloud.com").in_region("de"),
        host("s3.{region}.ionoscloud.com"),
        seen("s3-eu-central-1.ionoscloud.com").in_region("de"),
        seen("s3-{region}.ionoscloud.com"),
    ],
    regions: &[
        "de",
        "eu-central-2",
        "eu-central-3",
        "eu-central-4",
        "eu-south-2",
        "us-central-1",
    ],
    notes: &["the region of `s3.eu-central-1.ionoscloud.com` is `de`"],
    ..HOSTED
};
