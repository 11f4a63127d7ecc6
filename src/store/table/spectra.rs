//! Spectra Logic BlackPearl.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "spectra",
    name: "Spectra Logic BlackPearl",
    aliases: &["spectralogic", "blackpearl"],
    notes: &["path style only, as far as known"],
    ..SERVER
};
