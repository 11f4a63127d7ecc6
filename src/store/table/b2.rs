//! Backblaze B2.

use crate::store::provider::{HOSTED, OtherRegions, PostForms, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "b2",
    name: "Backblaze B2",
    aliases: &["backblaze"],
    schemes: &["b2"],
    hosts: &[host("s3.{region}.backblazeb2.com")],
    regions: &[
        "us-west-004",
        "us-east-005",
        "us-west-000",
        "us-west-001",
        "us-west-002",
        "eu-central-003",
    ],
    other_regions: OtherRegions::Refused,
    post_forms: PostForms::NotDocumented,
    // The ID of the master key is that of the account; IDs of application keys have 25 characters.
    native_key_id_length: Some(12),
    notes: &[
        "https only",
        "the master application key does not work, others do",
    ],
    ..HOSTED
};
