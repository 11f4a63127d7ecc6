//! Exoscale SOS.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "exoscale",
    name: "Exoscale SOS",
    aliases: &["sos"],
    hosts: &[host("sos-{region}.exo.io")],
    regions: &[
        "at-vie-1", "at-vie-2", "bg-sof-1", "ch-dk-2", "ch-gva-2", "de-fra-1", "de-muc-1",
        "hr-zag-1",
    ],
    notes: &["every zone has its own host"],
    ..HOSTED
};
