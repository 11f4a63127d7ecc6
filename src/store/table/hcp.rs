//! Hitachi Content Platform.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "hcp",
    name: "Hitachi Content Platform",
    aliases: &["hitachi"],
    notes: &["versions are listed with the oldest first"],
    ..SERVER
};
