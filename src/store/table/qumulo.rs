//! Qumulo.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "qumulo",
    name: "Qumulo",
    notes: &["known only to support Signature Version 4"],
    ..SERVER
};
