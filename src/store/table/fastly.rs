//! Fastly Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "fastly",
    name: "Fastly Object Storage",
    hosts: &[host("{region}.object.fastlystorage.app")],
    regions: &[
        "au-east-1",
        "eu-central",
        "eu-south-1",
        "eu-west-1",
        "jp-central-1",
        "uk-east-1",
        "us-central-1",
        "us-east",
        "us-east-1",
        "us-west",
        "us-west-1",
    ],
    notes: &["the ETag of a multipart upload is not an MD5"],
    ..HOSTED
};
