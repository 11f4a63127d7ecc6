//! 3DS OUTSCALE OOS.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "outscale",
    name: "3DS OUTSCALE OOS",
    aliases: &["oos"],
    hosts: &[host("oos.{region}.outscale.com")],
    regions: &[
        "eu-west-2",
        "us-east-2",
        "us-west-1",
        "cloudgouv-eu-west-1",
        "ap-northeast-1",
    ],
    notes: &["`cloudgouv-eu-west-1` is the SecNumCloud region"],
    ..HOSTED
};
