//! VAST Data S3.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "vast",
    name: "VAST Data S3",
    notes: &["known only to support Signature Version 4"],
    ..SERVER
};
