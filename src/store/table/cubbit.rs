//! Cubbit DS3.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "cubbit",
    name: "Cubbit DS3",
    aliases: &["ds3"],
    hosts: &[host("s3.cubbit.eu"), seen("s3.{name}.cubbit.eu")],
    regions: &["eu-west-1"],
    default_region: Some("eu-west-1"),
    notes: &["tenants have their own hosts: `s3.TENANT.cubbit.eu`"],
    ..HOSTED
};
