//! Tencent Cloud COS.

use crate::store::provider::{AddressingSupport, HOSTED, Network, PostForms, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "tencent",
    name: "Tencent Cloud COS",
    aliases: &["tencent-cos"],
    hosts: &[
        host("cos.{region}.myqcloud.com"),
        seen("cos-internal.{region}.myqcloud.com").on(Network::Private),
        seen("cos.{region}.tencentcos.cn"),
        seen("cos.{region}.tencentcos.com"),
        seen("cos-internal.{region}.tencentcos.cn").on(Network::Private),
    ],
    regions: &[
        "ap-beijing",
        "ap-nanjing",
        "ap-shanghai",
        "ap-guangzhou",
        "ap-chengdu",
        "ap-chongqing",
        "ap-hongkong",
        "ap-singapore",
        "ap-mumbai",
        "ap-seoul",
        "ap-bangkok",
        "ap-tokyo",
        "na-siliconvalley",
        "na-ashburn",
        "na-toronto",
        "eu-frankfurt",
        "eu-moscow",
    ],
    // As in the host, and in older tools.
    region_prefix: Some("cos."),
    addressing: AddressingSupport::VirtualOnly,
    post_forms: PostForms::NotDocumented,
    notes: &[
        "bucket names end in the account's APPID",
        "path style is refused for buckets since 2024",
    ],
    ..HOSTED
};
