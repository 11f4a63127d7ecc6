//! Apache Ozone S3 Gateway.

use crate::store::provider::{ExpiryLimit, Provider, SERVER, SEVEN_DAYS};

pub(super) const STORE: Provider = Provider {
    id: "ozone",
    name: "Apache Ozone S3 Gateway",
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    notes: &[
        "an expired URL is refused with 400, not 403",
        "the region of the signature is not checked",
    ],
    ..SERVER
};
