//! UpCloud Object Storage.

use crate::store::provider::{HOSTED, Provider, seen};

pub(super) const STORE: Provider = Provider {
    id: "upcloud",
    name: "UpCloud Object Storage",
    hosts: &[seen("{name}.upcloudobjects.com")],
    notes: &["the host of an instance does not contain its region; set --region"],
    ..HOSTED
};
