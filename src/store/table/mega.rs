//! MEGA S4.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "mega",
    name: "MEGA S4",
    aliases: &["megas4"],
    hosts: &[
        host("s3.{region}.megas4.com"),
        seen("s3.{region}.s4.mega.io"),
    ],
    regions: &[
        "eu-luxembourg-1",
        "eu-luxembourg-2",
        "eu-amsterdam-1",
        "eu-amsterdam-2",
        "eu-paris-1",
        "eu-paris-2",
        "eu-barcelona-1",
        "eu-barcelona-2",
        "ca-montreal-1",
        "ca-montreal-2",
        "ca-vancouver-1",
        "ca-vancouver-2",
        "ap-tokyo-1",
        "ap-tokyo-2",
    ],
    notes: &["hosts were renamed in August 2026 and end in `-1` or `-2` now"],
    ..HOSTED
};
