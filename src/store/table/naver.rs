//! Naver Cloud Object Storage.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "naver",
    name: "Naver Cloud Object Storage",
    aliases: &["ncloud"],
    hosts: &[
        host("kr.object.ncloudstorage.com").in_region("kr-standard"),
        host("us.object.ncloudstorage.com").in_region("us-standard"),
        host("jp.object.ncloudstorage.com").in_region("jp-standard"),
        host("sg.object.ncloudstorage.com").in_region("sg-standard"),
        host("de.object.ncloudstorage.com").in_region("de-standard"),
        seen("jp.object.ncpstorage.com").in_region("jp-standard"),
        seen("krs.object.gov-ncloudstorage.com").in_region("gov2-standard"),
        seen("kr.object.gov-ncloudstorage.com").in_region("gov-standard"),
        seen("kr.object.fin-ncloudstorage.com").in_region("fin-standard"),
        seen("kr.object.private.ncloudstorage.com").in_region("kr-standard"),
    ],
    regions: &[
        "kr-standard",
        "us-standard",
        "jp-standard",
        "sg-standard",
        "de-standard",
    ],
    notes: &["the host contains the country, `kr`; the region is `kr-standard`"],
    ..HOSTED
};
