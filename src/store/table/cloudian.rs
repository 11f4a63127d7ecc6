//! Cloudian HyperStore.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "cloudian",
    name: "Cloudian HyperStore",
    notes: &["known only to support Signature Version 4"],
    ..SERVER
};
