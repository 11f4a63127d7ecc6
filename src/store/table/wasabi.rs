//! Wasabi.

use crate::store::provider::{ExpiryLimit, HOSTED, OtherRegions, Provider, SEVEN_DAYS, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "wasabi",
    name: "Wasabi",
    hosts: &[
        host("s3.wasabisys.com").in_region("us-east-1"),
        // Dell ObjectScale, at the ports 9020 and 9021.
        seen("s3.{region}-dell-obs.wasabisys.com"),
        seen("s3-nns.{region}-dell-obs.wasabisys.com"),
        host("s3.{region}.wasabisys.com"),
    ],
    regions: &[
        "us-east-1",
        "us-east-2",
        "us-central-1",
        "us-west-1",
        "ca-central-1",
        "eu-central-1",
        "eu-central-2",
        "eu-west-1",
        "eu-west-2",
        "eu-south-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-3",
        "us-west-2",
    ],
    region_aliases: &[
        ("nl-1", "eu-central-1"),
        ("de-1", "eu-central-2"),
        ("uk-1", "eu-west-1"),
        ("fr-1", "eu-west-2"),
        ("it-1", "eu-south-1"),
    ],
    other_regions: OtherRegions::Refused,
    default_region: Some("us-east-1"),
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    notes: &["every region has its own host"],
    ..HOSTED
};
