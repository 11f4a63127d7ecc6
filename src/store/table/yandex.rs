//! Yandex Object Storage.

use crate::store::provider::{DAY, ExpiryLimit, HOSTED, PostForms, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "yandex",
    name: "Yandex Object Storage",
    aliases: &["yandexcloud"],
    hosts: &[
        host("storage.yandexcloud.net"),
        seen("s3.yandexcloud.net"),
        seen("storage.yandexcloud.kz").in_region("kz1"),
    ],
    regions: &["ru-central1"],
    default_region: Some("ru-central1"),
    expiry_limit: ExpiryLimit::Refused(30 * DAY),
    post_forms: PostForms::Served,
    notes: &[
        "presigned URLs are valid for up to 30 days",
        "the path must not be normalized",
    ],
    ..HOSTED
};
