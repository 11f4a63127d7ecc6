//! Google Cloud Storage.

use crate::store::provider::{ExpiryLimit, HOSTED, Network, Provider, SEVEN_DAYS, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "gcs",
    name: "Google Cloud Storage",
    aliases: &["google"],
    schemes: &["gs"],
    hosts: &[
        host("storage.googleapis.com"),
        seen("storage.{region}.rep.googleapis.com"),
        seen("commondatastorage.googleapis.com"),
        seen("storage-{name}.p.googleapis.com").on(Network::Private),
    ],
    regions: &["auto"],
    default_region: Some("auto"),
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    notes: &[
        "HMAC keys (`GOOG1E...`) are needed",
        "`Accept-Encoding` must not be signed, because it is changed in transit",
    ],
    ..HOSTED
};
