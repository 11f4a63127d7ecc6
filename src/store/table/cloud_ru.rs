//! Evolution Object Storage of Cloud.ru.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "cloud-ru",
    name: "Cloud.ru Evolution",
    hosts: &[host("s3.cloud.ru").in_region("ru-central-1")],
    regions: &["ru-central-1"],
    default_region: Some("ru-central-1"),
    notes: &["the access key ID is `TENANT_ID:KEY_ID`"],
    ..HOSTED
};
