//! IBM Cloud Object Storage.

use crate::store::provider::{
    ExpiryLimit, HOSTED, Kind, Network, PostForms, Provider, host, legacy, seen,
};

pub(super) const STORE: Provider = Provider {
    id: "ibm",
    name: "IBM Cloud Object Storage",
    kind: Kind::Ibm,
    aliases: &["ibmcos", "cos", "ibm-cos"],
    hosts: &[
        host("s3.private.{region}.cloud-object-storage.appdomain.cloud").on(Network::Private),
        host("s3.direct.{region}.cloud-object-storage.appdomain.cloud").on(Network::Direct),
        host("s3.{region}.cloud-object-storage.appdomain.cloud"),
        // Tethered: a city of a geography.
        seen("s3.private.{metro}.{region}.cloud-object-storage.appdomain.cloud")
            .on(Network::Private),
        seen("s3.direct.{metro}.{region}.cloud-object-storage.appdomain.cloud").on(Network::Direct),
        seen("s3.{metro}.{region}.cloud-object-storage.appdomain.cloud"),
        legacy("s3.{geo}.objectstorage.softlayer.net"),
        legacy("s3-api.{geo}.objectstorage.softlayer.net"),
        legacy("s3.{geo}.objectstorage.service.networklayer.com").on(Network::Private),
        legacy("s3-api.{geo}.objectstorage.service.networklayer.com").on(Network::Private),
        legacy("s3.{geo}.objectstorage.adn.networklayer.com").on(Network::Direct),
        legacy("s3-api.{geo}.objectstorage.adn.networklayer.com").on(Network::Direct),
    ],
    regions: &[
        "us-south", "us-east", "eu-gb", "eu-de", "au-syd", "jp-tok", "jp-osa", "ca-tor", "br-sao",
        "eu-es", "ca-mon", "in-che", "in-mum", "us", "eu", "ap", "ams03", "che01", "mon01",
        "par01", "sjc04", "sng01",
    ],
    region_aliases: &[
        ("dal.us", "us"),
        ("sjc.us", "us"),
        ("wdc.us", "us"),
        ("ams.eu", "eu"),
        ("fra.eu", "eu"),
        ("tok.ap", "ap"),
        ("syd.ap", "ap"),
        ("osa.ap", "ap"),
    ],
    expiry_limit: ExpiryLimit::None,
    post_forms: PostForms::NotDocumented,
    checks_sha256: true,
    notes: &[
        "any region is accepted in the signature; the host decides",
        "URLs work at the host of the bucket's location; `private` and `direct` hosts are \
         reachable only inside IBM Cloud",
        "a bucket's firewall or context-based restrictions refuse requests with AccessDenied",
        "URLs are signed with HMAC keys, not API keys",
    ],
    ..HOSTED
};
