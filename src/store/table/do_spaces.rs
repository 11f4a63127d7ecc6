//! DigitalOcean Spaces.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "do-spaces",
    name: "DigitalOcean Spaces",
    aliases: &["digitalocean", "spaces"],
    hosts: &[host("{region}.digitaloceanspaces.com")],
    regions: &[
        "syd1", "sfo3", "sfo2", "fra1", "nyc3", "ams3", "sgp1", "lon1", "tor1", "blr1", "atl1",
    ],
    notes: &["the host of the origin is signed, not that of the CDN"],
    ..HOSTED
};
