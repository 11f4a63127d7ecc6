//! VK Cloud Object Storage.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "vk",
    name: "VK Cloud Object Storage",
    aliases: &["vkcloud"],
    hosts: &[
        host("hb.{region}.vkcloud-storage.ru"),
        seen("hb.vkcs.cloud").in_region("ru-msk"),
        seen("hb.bizmrg.com").in_region("ru-msk"),
        seen("ib.{region}.vkcloud-storage.ru"),
        seen("ib.bizmrg.com").in_region("ru-msk"),
    ],
    regions: &["ru-msk", "kz-ast"],
    default_region: Some("ru-msk"),
    notes: &["the storage class Icebox has its own hosts (`ib.`)"],
    ..HOSTED
};
