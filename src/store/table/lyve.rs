//! Seagate Lyve Cloud.

use crate::store::provider::{HOSTED, Provider, seen};

pub(super) const STORE: Provider = Provider {
    id: "lyve",
    name: "Seagate Lyve Cloud",
    aliases: &["lyvecloud", "seagate"],
    hosts: &[
        seen("s3.{region}.{name}.lyve.seagate.com"),
        seen("s3.{region}.lyvecloud.seagate.com"),
    ],
    regions: &["us-west-1", "eu-west-1"],
    notes: &["the host contains the name of the account: \
        `https://s3.REGION.ACCOUNT.lyve.seagate.com`"],
    ..HOSTED
};
