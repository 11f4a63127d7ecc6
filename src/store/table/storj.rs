//! Storj.

use crate::store::provider::{HOSTED, PostForms, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "storj",
    name: "Storj",
    hosts: &[
        host("gateway.storjshare.io"),
        seen("gateway.{name}.storjshare.io"),
    ],
    default_region: Some("us-east-1"),
    post_forms: PostForms::Served,
    notes: &["any region is accepted"],
    ..HOSTED
};
