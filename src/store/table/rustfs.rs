//! RustFS.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "rustfs",
    name: "RustFS",
    notes: &["made to replace MinIO"],
    ..SERVER
};
