//! Scality CloudServer.

use crate::store::provider::{ExpiryLimit, Provider, SERVER, SEVEN_DAYS};

pub(super) const STORE: Provider = Provider {
    id: "scality",
    name: "Scality CloudServer",
    aliases: &["cloudserver", "zenko", "artesca"],
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    notes: &[
        "unsigned `x-amz-` headers are refused",
        "an expired URL is refused with RequestTimeTooSkewed",
    ],
    ..SERVER
};
