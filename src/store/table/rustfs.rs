//! RustFS.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "rustfs",
    name: "RustFS",
    notes: &["a replacement for MinIO"],
    ..SERVER
};
