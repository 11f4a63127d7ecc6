//! Qiniu Kodo.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "qiniu",
    name: "Qiniu Kodo",
    aliases: &["kodo"],
    hosts: &[
        host("s3-{region}.qiniucs.com"),
        seen("s3.{region}.qiniucs.com"),
    ],
    regions: &[
        "cn-east-1",
        "cn-east-2",
        "cn-north-1",
        "cn-south-1",
        "us-north-1",
        "ap-southeast-1",
        "ap-northeast-1",
    ],
    notes: &["native URLs (`token`, `e`) have another signature"],
    ..HOSTED
};
