//! Scaleway.

use crate::store::provider::{HOSTED, PostForms, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "scaleway",
    name: "Scaleway",
    aliases: &["scw"],
    hosts: &[host("s3.{region}.scw.cloud")],
    regions: &["nl-ams", "fr-par", "pl-waw", "it-mil"],
    post_forms: PostForms::Served,
    most_parts: 1000,
    notes: &["an upload has at most 1000 parts"],
    ..HOSTED
};
