//! rclone serve s3.

use crate::store::provider::{ExpiryLimit, PostForms, Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "rclone-serve",
    name: "rclone serve s3",
    aliases: &["rclone"],
    expiry_limit: ExpiryLimit::None,
    post_forms: PostForms::NotServed,
    notes: &[
        "there is no limit to the expiry",
        "an expired URL is refused with 400, not 403",
    ],
    ..SERVER
};
