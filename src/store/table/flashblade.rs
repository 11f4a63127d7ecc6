//! Pure Storage FlashBlade.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "flashblade",
    name: "Pure Storage FlashBlade",
    aliases: &["pure"],
    notes: &["path style unless the administrator sets a domain"],
    ..SERVER
};
