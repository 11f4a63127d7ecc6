//! LocalStack.

use crate::store::provider::{ExpiryLimit, PostForms, Provider, SERVER, seen};

pub(super) const STORE: Provider = Provider {
    id: "localstack",
    name: "LocalStack",
    hosts: &[
        seen("s3.localhost.localstack.cloud"),
        seen("s3.{region}.localhost.localstack.cloud"),
    ],
    expiry_limit: ExpiryLimit::None,
    post_forms: PostForms::Served,
    notes: &[
        "signatures are not checked unless `S3_SKIP_SIGNATURE_VALIDATION=0`",
        "the secret of unknown access keys is `test`",
    ],
    ..SERVER
};
