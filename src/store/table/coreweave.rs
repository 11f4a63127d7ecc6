//! CoreWeave AI Object Storage.

use crate::store::provider::{HOSTED, Network, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "coreweave",
    name: "CoreWeave AI Object Storage",
    aliases: &["caios"],
    hosts: &[
        host("cwobject.com"),
        seen("cwlota.com").on(Network::Private),
    ],
    virtual_by_default: true,
    notes: &["one host for all zones; the zone is the region of the signature; set --region"],
    ..HOSTED
};
