//! Supabase Storage.

use crate::store::provider::{AddressingSupport, ExpiryLimit, HOSTED, PostForms, Provider, seen};

pub(super) const STORE: Provider = Provider {
    id: "supabase",
    name: "Supabase Storage",
    hosts: &[
        seen("{name}.storage.supabase.co"),
        seen("{name}.supabase.co"),
    ],
    checks_region: true,
    addressing: AddressingSupport::PathOnly,
    base_path: Some("/storage/v1/s3"),
    expiry_limit: ExpiryLimit::None,
    post_forms: PostForms::Served,
    notes: &[
        "the base path `/storage/v1/s3` of the endpoint is signed too",
        "with a session token the access key ID is the project reference",
    ],
    ..HOSTED
};
