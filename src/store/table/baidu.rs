//! Baidu Cloud BOS.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "baidu",
    name: "Baidu Cloud BOS",
    aliases: &["bos"],
    hosts: &[host("s3.{region}.bcebos.com")],
    regions: &["bj", "gz", "su", "bd", "fwh", "hkg"],
    notes: &[
        "S3 is served at `s3.REGION.bcebos.com` only, not at `REGION.bcebos.com`",
        "custom domains do not accept presigned URLs",
        "`fwh` and `hkg` are served over http only",
    ],
    ..HOSTED
};
