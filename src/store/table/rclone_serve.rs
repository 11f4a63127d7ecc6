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
        "there is no limit to the expiry",
        "an expired URL is refused with 400, not 403",
        "`If-None-Match: *` of an upload is passed over: it replaces what is there",
        "keys that begin with a slash or have two in a row are refused",
    ],
    ..SERVER
};
