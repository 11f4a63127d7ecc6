//! rclone serve s3.

use crate::store::provider::{ExpiryLimit, PostForms, Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "rclone-serve",
    name: "rclone serve s3",
    aliases: &["rclone"],
    expiry_limit: ExpiryLimit::None,
    post_forms: PostForms::NotServed,
    keeps_if_none_match: false,
    notes: &[
        "the expiry is not limited",
        "an expired URL is refused with 400, not 403",
        "`If-None-Match: *` of an upload is ignored: it replaces an existing object",
        "keys with a leading or double slash are refused",
    ],
    ..SERVER
};
