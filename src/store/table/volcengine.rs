//! Volcengine TOS.

use crate::store::provider::{HOSTED, Network, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "volcengine",
    name: "Volcengine TOS",
    aliases: &["tos"],
    schemes: &["tos"],
    hosts: &[
        host("tos-s3-{region}.volces.com"),
        host("tos-s3-{region}.ivolces.com").on(Network::Private),
    ],
    regions: &[
        "cn-beijing",
        "cn-shanghai",
        "cn-guangzhou",
        "ap-southeast-1",
    ],
    virtual_by_default: true,
    notes: &[
        "the S3 host begins with `tos-s3-`, the native one with `tos-`",
        "native URLs (`X-Tos-...`) have another signature",
    ],
    ..HOSTED
};
