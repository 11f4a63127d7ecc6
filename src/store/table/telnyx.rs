//! Telnyx Cloud Storage.

use crate::store::provider::{HOSTED, PostForms, PresignProblem, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "telnyx",
    name: "Telnyx Cloud Storage",
    hosts: &[host("{region}.telnyxcloudstorage.com")],
    regions: &[
        "us-central-1",
        "us-east-1",
        "us-west-1",
        "eu-central-1",
        "ap-southeast-1",
        "ca-central-1",
    ],
    post_forms: PostForms::NotDocumented,
    presign_problem: Some(PresignProblem {
        problem: "publishes the API key of the account, which is its access key ID",
        hint: "use Telnyx's presign API, which keeps the key out of the URL: \
            https://developers.telnyx.com/docs/cloud-storage/presigned-urls",
    }),
    notes: &[
        "the access key ID is the API key of the account, so every presigned URL publishes it",
        "Telnyx has its own presign API",
    ],
    ..HOSTED
};
