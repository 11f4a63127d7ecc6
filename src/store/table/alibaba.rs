//! Alibaba Cloud OSS.

use crate::store::provider::{
    AddressingSupport, ExpiryLimit, HOSTED, Network, PostForms, Provider, SEVEN_DAYS, host, seen,
};

pub(super) const STORE: Provider = Provider {
    id: "alibaba",
    name: "Alibaba Cloud OSS",
    aliases: &["aliyun", "oss"],
    schemes: &["oss"],
    hosts: &[
        seen("s3.oss-{region}-internal.aliyuncs.com").on(Network::Private),
        seen("s3.oss-accelerate.aliyuncs.com"),
        seen("s3.oss-accelerate-overseas.aliyuncs.com"),
        seen("s3.oss-{region}.aliyuncs.com"),
        seen("oss-{region}-internal.aliyuncs.com").on(Network::Private),
        seen("oss-accelerate.aliyuncs.com"),
        seen("oss-accelerate-overseas.aliyuncs.com"),
        host("oss-{region}.aliyuncs.com"),
        // Dual-stack.
        seen("{region}.oss.aliyuncs.com"),
    ],
    regions: &[
        "cn-hangzhou",
        "cn-shanghai",
        "cn-qingdao",
        "cn-beijing",
        "cn-zhangjiakou",
        "cn-huhehaote",
        "cn-wulanchabu",
        "cn-shenzhen",
        "cn-heyuan",
        "cn-guangzhou",
        "cn-chengdu",
        "cn-hongkong",
        "us-west-1",
        "us-east-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-5",
        "ap-northeast-1",
        "ap-south-1",
        "eu-central-1",
        "eu-west-1",
        "me-east-1",
        "ap-southeast-6",
    ],
    // `oss-cn-hangzhou` in the consoles and tools of Alibaba.
    region_prefix: Some("oss-"),
    addressing: AddressingSupport::VirtualOnly,
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    post_forms: PostForms::Served,
    // Since 2025-03-20, in mainland China.
    own_domain_regions: &[
        "cn-hangzhou",
        "cn-shanghai",
        "cn-qingdao",
        "cn-beijing",
        "cn-zhangjiakou",
        "cn-huhehaote",
        "cn-wulanchabu",
        "cn-shenzhen",
        "cn-heyuan",
        "cn-guangzhou",
        "cn-chengdu",
    ],
    notes: &[
        "path style is refused",
        "native OSS URLs (`x-oss-...`) have another signature",
        "custom domains are needed for new accounts in mainland China (since March 2025)",
    ],
    ..HOSTED
};
