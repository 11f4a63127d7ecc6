//! Cloudian HyperStore.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "cloudian",
    name: "Cloudian HyperStore",
    notes: &["what is known is that it speaks Signature Version 4"],
    ..SERVER
};
