//! NetApp StorageGRID.

use crate::store::provider::{Provider, SERVER};

pub(super) const STORE: Provider = Provider {
    id: "storagegrid",
    name: "NetApp StorageGRID",
    aliases: &["netapp"],
    notes: &["virtual-host style needs a domain name that the administrator sets"],
    ..SERVER
};
