//! UCloud US3.

use crate::store::provider::{HOSTED, Provider, host};

pub(super) const STORE: Provider = Provider {
    id: "us3",
    name: "UCloud US3",
    aliases: &["ucloud"],
    hosts: &[host("s3-{region}.ufileos.com")],
    regions: &[
        "cn-bj",
        "cn-wlcb",
        "cn-sh2",
        "cn-gd",
        "hk",
        "us-ca",
        "sg",
        "idn-jakarta",
        "tw-tp",
        "afr-nigeria",
        "bra-saopaulo",
        "uae-dubai",
        "ge-fra",
        "vn-sng",
        "us-ws",
        "ind-mumbai",
        "kr-seoul",
        "jpn-tky",
        "th-bkk",
        "uk-london",
        "rus-mosc",
        "cn-guiyang1",
        "pk-khi",
    ],
    notes: &["every region has its own host"],
    ..HOSTED
};
