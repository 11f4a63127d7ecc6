//! Dell ECS.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "dell-ecs",
    name: "Dell ECS",
    aliases: &["ecs", "objectscale"],
    notes: &[
        "bucket names may have capitals and `_`",
        "virtual-host style needs a base URL that the administrator sets",
    ],
    ..SERVER
};
