//! Linode Object Storage.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "linode",
    name: "Linode Object Storage",
    aliases: &["akamai"],
    hosts: &[host("{region}.linodeobjects.com")],
    regions: &[
        "nl-ams-1",
        "us-southeast-1",
        "in-maa-1",
        "us-ord-1",
        "eu-central-1",
        "id-cgk-1",
        "gb-lon-1",
        "us-lax-1",
        "es-mad-1",
        "us-mia-1",
        "it-mil-1",
        "us-east-1",
        "jp-osa-1",
        "fr-par-1",
        "br-gru-1",
        "us-sea-1",
        "ap-south-1",
        "sg-sin-1",
        "se-sto-1",
        "jp-tyo-1",
        "us-iad-10",
        "au-mel-1",
        "de-fra-1",
        "fr-par-13",
        "in-bom-1",
        "us-iad-1",
        "us-iad-18",
        "us-lax-4",
        "us-ord-10",
        "us-sea-9",
    ],
    notes: &["hosts of newer endpoint types differ between accounts; set `--endpoint`"],
    ..HOSTED
};
