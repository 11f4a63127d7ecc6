//! The table of stores, one file per store. To add one, write its file and add it to the list
//! below. Hosts and regions outside the table work with an explicit endpoint.

use super::provider::Provider;

/// Declares a module and a row for each name.
macro_rules! stores {
    ($($store:ident)*) => {
        $(mod $store;)*

        /// Every store, IBM COS first.
        pub static PROVIDERS: &[Provider] = &[$($store::STORE),*];
    };
}

stores! {
    ibm
    aws
    minio
    ceph
    r2
    b2
    wasabi
    do_spaces
    gcs
    oci
    scaleway
    ovh
    hetzner
    linode
    alibaba
    tencent
    storj
    tigris
    supabase
    telnyx
    yandex
    huawei
    volcengine
    baidu
    exoscale
    vultr
    idrive
    ionos
    selectel
    vk
    infomaniak
    contabo
    upcloud
    filebase
    qiniu
    impossible
    cubbit
    mega
    fastly
    synology
    lyve
    leaseweb
    outscale
    coreweave
    timeweb
    arvan
    magalu
    petabox
    rabata
    us3
    chinamobile
    bizfly
    rackcorp
    filelu
    dreamhost
    byteark
    zeroservices
    nipa
    dinahosting
    vitanium
    sakura
    naver
    cloud_ru
    dell_ecs
    storagegrid
    seaweedfs
    garage
    rclone_serve
    versitygw
    ozone
    scality
    localstack
    rustfs
    flashblade
    hcp
    spectra
    cloudian
    nutanix
    vast
    qumulo
}
