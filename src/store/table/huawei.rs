//! Huawei Cloud OBS.

use crate::store::provider::{HOSTED, PostForms, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "huawei",
    name: "Huawei Cloud OBS",
    aliases: &["huaweiobs", "huawei-obs"],
    schemes: &["obs"],
    hosts: &[
        host("obs.{region}.myhuaweicloud.com"),
        seen("obs.{region}.myhuaweicloud.eu"),
    ],
    regions: &[
        "af-south-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "cn-east-3",
        "cn-east-2",
        "cn-north-1",
        "cn-north-4",
        "cn-south-1",
        "ap-southeast-1",
        "sa-argentina-1",
        "sa-peru-1",
        "na-mexico-1",
        "sa-chile-1",
        "sa-brazil-1",
        "ru-northwest-2",
    ],
    post_forms: PostForms::NotDocumented,
    notes: &["native URLs (`AccessKeyId`, `Expires`, `Signature`) have another signature"],
    ..HOSTED
};
