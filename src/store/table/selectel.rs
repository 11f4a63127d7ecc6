//! Selectel and Servercore.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "selectel",
    name: "Selectel and Servercore",
    aliases: &["servercore"],
    hosts: &[
        host("s3.{region}.storage.selcloud.ru"),
        seen("s3.storage.selcloud.ru").in_region("ru-1"),
        seen("s3.{region}.srvstorage.uz"),
        seen("s3.{region}.srvstorage.kz"),
    ],
    regions: &["ru-1", "ru-3", "ru-7", "gis-1", "kz-1", "uz-2"],
    notes: &["Servercore has its own hosts: `srvstorage.uz`, `srvstorage.kz`"],
    ..HOSTED
};
