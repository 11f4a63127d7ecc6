//! OVHcloud.

use crate::store::provider::{HOSTED, Provider, host, seen};

pub(super) const STORE: Provider = Provider {
    id: "ovh",
    name: "OVHcloud",
    aliases: &["ovhcloud"],
    hosts: &[
        host("s3.us-east-va.io.cloud.ovh.us").in_region("us-east-va"),
        host("s3.us-west-or.io.cloud.ovh.us").in_region("us-west-or"),
        host("s3.{region}.io.cloud.ovh.net"),
        seen("s3.{region}.io.cloud.ovh.us"),
        seen("s3.{region}.perf.cloud.ovh.net"),
        seen("s3.{region}.cloud.ovh.net"),
        seen("storage.{region}.cloud.ovh.net"),
    ],
    regions: &[
        "gra",
        "rbx",
        "sbg",
        "eu-west-par",
        "de",
        "uk",
        "waw",
        "bhs",
        "ca-east-tor",
        "sgp",
        "ap-southeast-syd",
        "ap-south-mum",
        "us-east-va",
        "us-west-or",
        "rbx-archive",
        "eu-south-mil",
    ],
    notes: &["regions are written in lower case"],
    ..HOSTED
};
