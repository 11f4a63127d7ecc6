//! Nutanix Objects.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "nutanix",
    name: "Nutanix Objects",
    notes: &["known only to support Signature Version 4"],
    ..SERVER
};
