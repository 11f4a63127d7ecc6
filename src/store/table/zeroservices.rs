//! ZERO-Z3 of Zero Services.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "zeroservices",
    name: "Zero Services ZERO-Z3",
    hosts: &[
        host("fra1.s3.zeroservices.eu").in_region("zero-fra1"),
        host("fra.s3.zeroservices.eu").in_region("zero-fra2"),
        host("eyl1.s3.zeroservices.eu").in_region("zero-eyl1"),
        seen("eyl.s3.zeroservices.eu").in_region("zero-eyl1"),
        host("hel.s3.zeroservices.eu").in_region("zero-hel1"),
    ],
    regions: &["zero-fra1", "zero-fra2", "zero-eyl1", "zero-hel1"],
    notes: &["the names of regions and hosts differ"],
    ..HOSTED
};
