//! Ceph RADOS Gateway.

use crate::store::provider::{ExpiryLimit, PostForms, Provider, SERVER, SEVEN_DAYS};

pub(super) const STORE: Provider = Provider {
    id: "ceph",
    name: "Ceph RADOS Gateway",
    aliases: &["rgw"],
    expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
    post_forms: PostForms::Served,
    notes: &[
        "the region of the signature is not checked",
        "virtual-host style needs `rgw dns name`",
        "newer versions refuse unsigned `x-amz-` headers",
    ],
    ..SERVER
};
