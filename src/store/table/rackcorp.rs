//! RackCorp.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "rackcorp",
    name: "RackCorp",
    hosts: &[host("{region}.s3.rackcorp.com")],
    regions: &[
        "au",
        "au-nsw",
        "au-qld",
        "au-vic",
        "au-wa",
        "ph",
        "th",
        "hk",
        "mn",
        "kg",
        "id",
        "jp",
        "sg",
        "de",
        "us",
        "us-east-1",
        "us-west-1",
        "nz",
    ],
    notes: &["every region has its own host"],
    ..HOSTED
};
