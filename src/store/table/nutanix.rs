//! Nutanix Objects.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "nutanix",
    name: "Nutanix Objects",
    notes: &["what is known is that it speaks Signature Version 4"],
    ..SERVER
};
