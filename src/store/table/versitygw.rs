//! Versity S3 Gateway.

use crate::store::provider::{ExpiryLimit, Provider, SERVER, SEVEN_DAYS};

pub(super) const STORE: Provider = Provider {
    id: "versitygw",
    name: "Versity S3 Gateway",
    aliases: &["versity"],
    checks_region: true,
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    notes: &["the region must be that of the gateway, usually us-east-1"],
    ..SERVER
};
