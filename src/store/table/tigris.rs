//! Tigris.

use crate::store::provider::{DAY, ExpiryLimit, HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "tigris",
    name: "Tigris",
    schemes: &["t3"],
    hosts: &[
        host("t3.storage.dev"),
        seen("fly.storage.tigris.dev"),
        seen("t3.tigrisfiles.io"),
        // Buckets of Railway.
        seen("storage.railway.app"),
        seen("t3.storageapi.dev"),
    ],
    regions: &["auto"],
    default_region: Some("auto"),
    expiry_limit: ExpiryLimit::Refused(90 * DAY),
    notes: &[
        "for a custom domain the URL is signed for `BUCKET.t3.storage.dev`, then the host is \
         replaced",
    ],
    ..HOSTED
};
