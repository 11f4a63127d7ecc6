//! The table of stores, a row a store. It is a help, not a fence: a host or region that is not in it works all the same
//! when an endpoint is given.

use super::access_point::{access_point_host, multi_region_alias};
use super::multipart::MOST_PARTS;

/// A network of IBM COS from which an endpoint can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The internet.
    Public,
    /// IBM Cloud's classic infrastructure.
    Private,
    /// An IBM Cloud VPC.
    Direct,
}

impl Network {
    /// `public`, `private` or `direct`, as it stands in host names.
    pub fn as_str(self) -> &'static str {
        match self {
            Network::Public => "public",
            Network::Private => "private",
            Network::Direct => "direct",
        }
    }
}

/// How long a link may live, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryLimit {
    /// The store refuses more: seen in its source or stated in its documentation.
    Refused(u64),
    /// The store is documented, or seen in its source, to have no limit.
    None,
    /// Not known. Most stores refuse more than seven days.
    Unknown,
}

/// Which addressing styles a store serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressingSupport {
    /// Both.
    Both,
    /// Only `endpoint/bucket/key`.
    PathOnly,
    /// Only `bucket.endpoint/key`.
    VirtualOnly,
}

/// A store.
#[derive(Debug)]
pub struct Provider {
    /// What `--provider` takes.
    pub id: &'static str,
    /// Its name in sentences.
    pub name: &'static str,
    /// Other spellings of the id.
    pub aliases: &'static [&'static str],
    /// Its hosts, the most specific first; see [`recognize_host`] for the syntax.
    pub hosts: &'static [Host],
    /// Region names that are known. New ones appear; nothing is refused for not being here.
    pub regions: &'static [&'static str],
    /// Region of the scope when the host does not name one.
    pub default_region: Option<&'static str>,
    /// Whether the store checks the region of the scope, as far as is known.
    pub checks_region: bool,
    /// Addressing styles.
    pub addressing: AddressingSupport,
    /// Expiry.
    pub expiry_limit: ExpiryLimit,
    /// Forms.
    pub post_forms: PostForms,
    /// What people have to know who make links for it, a sentence each.
    pub notes: &'static [&'static str],
}

/// Whether a store takes files from HTML forms (POST policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostForms {
    /// It does.
    Served,
    /// It says that it does not (Cloudflare R2).
    NotServed,
    /// Its list of operations lacks them, or it has forms with a signature of its own.
    NotDocumented,
    /// Nothing is known.
    Unknown,
}

/// A pattern of host names.
#[derive(Debug)]
pub struct Host {
    /// Labels, `{region}` standing for one of them or a part of one, `{account}` for 32 hexadecimal digits, `{name}` for
    /// any, `{aws}` for the domain of an AWS partition.
    pub template: &'static str,
    /// The network it is reached from.
    pub network: Network,
    /// The region where the template names none.
    pub region: Option<&'static str>,
    /// Whether [`Provider::endpoint`] makes endpoints of it.
    pub builds: bool,
}

const fn host(template: &'static str) -> Host {
    Host {
        template,
        network: Network::Public,
        region: None,
        builds: true,
    }
}

const fn seen(template: &'static str, region: Option<&'static str>) -> Host {
    Host {
        template,
        network: Network::Public,
        region,
        builds: false,
    }
}

const fn on(network: Network, template: &'static str) -> Host {
    Host {
        template,
        network,
        region: None,
        builds: true,
    }
}

const fn legacy(network: Network, template: &'static str) -> Host {
    Host {
        template,
        network,
        region: None,
        builds: false,
    }
}

/// Seven days, AWS's limit and that of most stores.
const SEVEN_DAYS: u64 = 604_800;

/// The label that marks IBM's static website hosts, which are not S3 endpoints.
pub const IBM_STATIC_WEBSITE_LABEL: &str = "s3-web";

/// Domain of each AWS partition, with the prefix of its region names; the last one is for all other regions.
const AWS_PARTITIONS: &[(&str, &str)] = &[
    ("cn-", "amazonaws.com.cn"),
    ("eusc-", "amazonaws.eu"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("", "amazonaws.com"),
];

/// Every store, IBM COS first.
pub static PROVIDERS: &[Provider] = &[
    Provider {
        id: "ibm",
        name: "IBM Cloud Object Storage",
        aliases: &["ibmcos", "cos", "ibm-cos"],
        hosts: &[
            on(
                Network::Private,
                "s3.private.{region}.cloud-object-storage.appdomain.cloud",
            ),
            on(
                Network::Direct,
                "s3.direct.{region}.cloud-object-storage.appdomain.cloud",
            ),
            host("s3.{region}.cloud-object-storage.appdomain.cloud"),
            legacy(
                Network::Private,
                "s3.private.{metro}.{region}.cloud-object-storage.appdomain.cloud",
            ),
            legacy(
                Network::Direct,
                "s3.direct.{metro}.{region}.cloud-object-storage.appdomain.cloud",
            ),
            legacy(
                Network::Public,
                "s3.{metro}.{region}.cloud-object-storage.appdomain.cloud",
            ),
            legacy(Network::Public, "s3.{region}.objectstorage.softlayer.net"),
            legacy(
                Network::Public,
                "s3-api.{region}.objectstorage.softlayer.net",
            ),
            legacy(
                Network::Private,
                "s3.{region}.objectstorage.service.networklayer.com",
            ),
            legacy(
                Network::Private,
                "s3-api.{region}.objectstorage.service.networklayer.com",
            ),
            legacy(
                Network::Direct,
                "s3.{region}.objectstorage.adn.networklayer.com",
            ),
            legacy(
                Network::Direct,
                "s3-api.{region}.objectstorage.adn.networklayer.com",
            ),
        ],
        regions: &[
            "us-south", "us-east", "eu-gb", "eu-de", "au-syd", "jp-tok", "jp-osa", "ca-tor",
            "br-sao", "eu-es", "ca-mon", "in-che", "in-mum", "us", "eu", "ap", "ams03", "che01",
            "mon01", "par01", "sjc04", "sng01",
        ],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::None,
        post_forms: PostForms::NotDocumented,
        notes: &[
            "any region is taken in the signature; the host decides",
            "links are used at the host of the bucket's location; `private` and `direct` hosts answer inside IBM Cloud only",
            "a bucket's firewall or context-based restrictions refuse with AccessDenied when the link is used",
            "API keys cannot sign links, HMAC keys can",
        ],
    },
    Provider {
        id: "aws",
        name: "Amazon S3",
        aliases: &["amazon", "s3"],
        hosts: &[
            host("s3.{region}.{aws}"),
            seen("s3.dualstack.{region}.{aws}", None),
            seen("s3-fips.{region}.{aws}", None),
            seen("s3-fips.dualstack.{region}.{aws}", None),
            seen("s3-accelerate.{aws}", None),
            seen("s3-accelerate.dualstack.{aws}", None),
            seen("s3-external-1.{aws}", Some("us-east-1")),
            seen("s3.{aws}", Some("us-east-1")),
            seen("s3-{region}.{aws}", None),
        ],
        regions: &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "cn-north-1",
            "cn-northwest-1",
            "eusc-de-east-1",
            "us-iso-east-1",
            "us-iso-west-1",
            "us-isob-east-1",
            "us-isob-west-1",
            "eu-isoe-west-1",
            "us-isof-east-1",
            "us-isof-south-1",
            "us-gov-east-1",
            "us-gov-west-1",
        ],
        default_region: None,
        checks_region: true,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Served,
        notes: &[
            "the region of the signature has to be the bucket's",
            "the life of a link is looked at when a request begins; a transfer under way goes on",
            "a link of temporary credentials ends with their session token",
            "S3 Express buckets (names in `--x-s3`) need sessions, and are not supported",
        ],
    },
    Provider {
        id: "minio",
        name: "MinIO",
        aliases: &[],
        hosts: &[],
        regions: &[],
        default_region: Some("us-east-1"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Served,
        notes: &[
            "unsigned `x-amz-meta-` headers are refused",
            "the region is compared only where the server sets one",
            "links for more than 15 minutes ahead are refused",
        ],
    },
    Provider {
        id: "ceph",
        name: "Ceph RADOS Gateway",
        aliases: &["rgw"],
        hosts: &[],
        regions: &[],
        default_region: Some("us-east-1"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Served,
        notes: &[
            "the region of the signature is not compared",
            "virtual-host style needs `rgw dns name`",
            "newer versions refuse `x-amz-` headers that are not signed",
        ],
    },
    Provider {
        id: "r2",
        name: "Cloudflare R2",
        aliases: &["cloudflare"],
        hosts: &[
            seen("{account}.eu.r2.cloudflarestorage.com", Some("auto")),
            seen("{account}.fedramp.r2.cloudflarestorage.com", Some("auto")),
            seen("{account}.r2.cloudflarestorage.com", Some("auto")),
        ],
        regions: &["auto"],
        default_region: Some("auto"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::NotServed,
        notes: &[
            "the host has the account's id: `https://ACCOUNT.r2.cloudflarestorage.com`",
            "links do not work on custom domains",
        ],
    },
    Provider {
        id: "b2",
        name: "Backblaze B2",
        aliases: &["backblaze"],
        hosts: &[host("s3.{region}.backblazeb2.com")],
        regions: &["us-west-004", "us-east-005"],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::NotDocumented,
        notes: &[
            "https only",
            "the master application key does not work, others do",
        ],
    },
    Provider {
        id: "wasabi",
        name: "Wasabi",
        aliases: &[],
        hosts: &[
            host("s3.{region}.wasabisys.com"),
            seen("s3.wasabisys.com", Some("us-east-1")),
        ],
        regions: &[
            "us-east-1",
            "us-east-2",
            "us-central-1",
            "us-west-1",
            "ca-central-1",
            "eu-central-1",
            "eu-central-2",
            "eu-west-1",
            "eu-west-2",
            "eu-south-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-southeast-1",
            "ap-southeast-2",
        ],
        default_region: Some("us-east-1"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Unknown,
        notes: &["every region has a host of its own"],
    },
    Provider {
        id: "do-spaces",
        name: "DigitalOcean Spaces",
        aliases: &["digitalocean", "spaces"],
        hosts: &[host("{region}.digitaloceanspaces.com")],
        regions: &[
            "syd1", "sfo3", "sfo2", "fra1", "nyc3", "ams3", "sgp1", "lon1", "tor1", "blr1",
        ],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Unknown,
        notes: &["the host of the origin is signed, not that of the CDN"],
    },
    Provider {
        id: "gcs",
        name: "Google Cloud Storage",
        aliases: &["google"],
        hosts: &[host("storage.googleapis.com")],
        regions: &["auto"],
        default_region: Some("auto"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Unknown,
        notes: &[
            "HMAC keys (`GOOG1E...`) are needed",
            "`Accept-Encoding` must not be signed, because it is changed on the way",
        ],
    },
    Provider {
        id: "oci",
        name: "Oracle Cloud Object Storage",
        aliases: &["oracle"],
        hosts: &[
            seen(
                "{name}.compat.objectstorage.{region}.oci.customer-oci.com",
                None,
            ),
            seen("{name}.compat.objectstorage.{region}.oraclecloud.com", None),
            seen("vhcompat.objectstorage.{region}.oci.customer-oci.com", None),
        ],
        regions: &[],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::NotDocumented,
        notes: &[
            "the host begins with the namespace of the tenancy",
            "a Customer Secret Key is needed",
        ],
    },
    Provider {
        id: "scaleway",
        name: "Scaleway",
        aliases: &["scw"],
        hosts: &[host("s3.{region}.scw.cloud")],
        regions: &["nl-ams", "fr-par", "pl-waw"],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Served,
        notes: &["an upload has at most 1000 parts"],
    },
    Provider {
        id: "ovh",
        name: "OVHcloud",
        aliases: &["ovhcloud"],
        hosts: &[
            host("s3.{region}.io.cloud.ovh.net"),
            seen("s3.{region}.io.cloud.ovh.us", None),
            seen("s3.{region}.perf.cloud.ovh.net", None),
        ],
        regions: &[
            "gra",
            "rbx",
            "sbg",
            "eu-west-par",
            "de",
            "uk",
            "waw",
            "bhs",
            "ca-east-tor",
            "sgp",
            "ap-southeast-syd",
            "ap-south-mum",
            "us-east-va",
            "us-west-or",
            "rbx-archive",
        ],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Unknown,
        notes: &["regions are written in small letters"],
    },
    Provider {
        id: "hetzner",
        name: "Hetzner Object Storage",
        aliases: &[],
        hosts: &[host("{region}.your-objectstorage.com")],
        regions: &["hel1", "fsn1", "nbg1"],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Unknown,
        notes: &["every location has a host of its own"],
    },
    Provider {
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
        ],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Unknown,
        notes: &["hosts of newer endpoint types differ from account to account; give `--endpoint`"],
    },
    Provider {
        id: "alibaba",
        name: "Alibaba Cloud OSS",
        aliases: &["aliyun", "oss"],
        hosts: &[
            seen("oss-{region}-internal.aliyuncs.com", None),
            host("oss-{region}.aliyuncs.com"),
        ],
        regions: &[
            "cn-hangzhou",
            "cn-shanghai",
            "cn-qingdao",
            "cn-beijing",
            "cn-zhangjiakou",
            "cn-huhehaote",
            "cn-wulanchabu",
            "cn-shenzhen",
            "cn-heyuan",
            "cn-guangzhou",
            "cn-chengdu",
            "cn-hongkong",
            "us-west-1",
            "us-east-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-5",
            "ap-northeast-1",
            "ap-south-1",
            "eu-central-1",
            "eu-west-1",
            "me-east-1",
        ],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::VirtualOnly,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Served,
        notes: &[
            "path style is refused",
            "native OSS links (`x-oss-...`) are another scheme",
        ],
    },
    Provider {
        id: "tencent",
        name: "Tencent Cloud COS",
        aliases: &["tencent-cos"],
        hosts: &[host("cos.{region}.myqcloud.com")],
        regions: &[
            "ap-beijing",
            "ap-nanjing",
            "ap-shanghai",
            "ap-guangzhou",
            "ap-chengdu",
            "ap-chongqing",
            "ap-hongkong",
            "ap-singapore",
            "ap-mumbai",
            "ap-seoul",
            "ap-bangkok",
            "ap-tokyo",
            "na-siliconvalley",
            "na-ashburn",
            "na-toronto",
            "eu-frankfurt",
            "eu-moscow",
        ],
        default_region: None,
        checks_region: false,
        addressing: AddressingSupport::VirtualOnly,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::NotDocumented,
        notes: &[
            "bucket names end in the account's APPID",
            "path style is refused for buckets since 2024",
        ],
    },
    Provider {
        id: "storj",
        name: "Storj",
        aliases: &[],
        hosts: &[host("gateway.storjshare.io")],
        regions: &[],
        default_region: Some("us-east-1"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Served,
        notes: &["any region is taken"],
    },
    Provider {
        id: "tigris",
        name: "Tigris",
        aliases: &[],
        hosts: &[
            host("t3.storage.dev"),
            seen("fly.storage.tigris.dev", Some("auto")),
        ],
        regions: &["auto"],
        default_region: Some("auto"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(7_776_000),
        post_forms: PostForms::Unknown,
        notes: &[
            "for a custom domain the link is signed for `BUCKET.t3.storage.dev`, and then the host is exchanged",
        ],
    },
    Provider {
        id: "supabase",
        name: "Supabase Storage",
        aliases: &[],
        hosts: &[seen("{name}.storage.supabase.co", None)],
        regions: &[],
        default_region: None,
        checks_region: true,
        addressing: AddressingSupport::PathOnly,
        expiry_limit: ExpiryLimit::None,
        post_forms: PostForms::Served,
        notes: &[
            "the base path `/storage/v1/s3` of the endpoint is signed too",
            "with a session token the access key id is the project's reference",
        ],
    },
    Provider {
        id: "dell-ecs",
        name: "Dell ECS",
        aliases: &["ecs", "objectscale"],
        hosts: &[],
        regions: &[],
        default_region: Some("us-east-1"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Unknown,
        notes: &[
            "bucket names may have capitals and `_`",
            "virtual-host style needs a base URL that the administrator sets",
        ],
    },
    Provider {
        id: "storagegrid",
        name: "NetApp StorageGRID",
        aliases: &["netapp"],
        hosts: &[],
        regions: &[],
        default_region: Some("us-east-1"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Unknown,
        post_forms: PostForms::Unknown,
        notes: &["virtual-host style needs a domain name that the administrator sets"],
    },
    Provider {
        id: "seaweedfs",
        name: "SeaweedFS",
        aliases: &[],
        hosts: &[],
        regions: &[],
        default_region: Some("us-east-1"),
        checks_region: false,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Served,
        notes: &["the region of the signature is not compared"],
    },
    Provider {
        id: "garage",
        name: "Garage",
        aliases: &[],
        hosts: &[],
        regions: &["garage"],
        default_region: Some("garage"),
        checks_region: true,
        addressing: AddressingSupport::Both,
        expiry_limit: ExpiryLimit::Refused(SEVEN_DAYS),
        post_forms: PostForms::Served,
        notes: &[
            "the region has to be that of `garage.toml`, usually `garage`",
            "a slash at the start of a key is dropped",
            "`If-None-Match: *` of an upload is passed over: it replaces what is there",
        ],
    },
];

impl Provider {
    /// Whether this is IBM Cloud Object Storage, whose credentials come from places of their own.
    pub fn is_ibm(&self) -> bool {
        self.id == "ibm"
    }

    /// Whether this is Amazon S3, for which bare buckets are addressed by virtual host.
    pub fn is_aws(&self) -> bool {
        self.id == "aws"
    }

    /// The endpoint of a region, as a URL; `None` where the table has no host to make it from.
    ///
    /// The region need not be a known one. IBM's location constraints (`us-south-smart`) name the location's host.
    pub fn endpoint(&self, region: &str, network: Network) -> Option<String> {
        let exception = match (self.id, region) {
            _ if network != Network::Public => None,
            ("wasabi", "us-east-1") => Some("s3.wasabisys.com".to_owned()),
            ("ovh", "us-east-va" | "us-west-or") => Some(format!("s3.{region}.io.cloud.ovh.us")),
            _ => None,
        };
        let host = exception.or_else(|| {
            let template = self
                .hosts
                .iter()
                .find(|h| h.builds && h.network == network)?
                .template;
            let location = if self.is_ibm() {
                without_storage_class(region)
            } else {
                region
            };
            Some(
                template
                    .replace("{region}", location)
                    .replace("{aws}", aws_domain(region)),
            )
        })?;
        Some(format!("https://{host}"))
    }

    /// How many parts an upload may have.
    pub fn most_parts(&self) -> u64 {
        if self.id == "scaleway" {
            1000
        } else {
            MOST_PARTS
        }
    }

    /// Whether the store is known to compare an upload with `x-amz-checksum-sha256`.
    pub fn checks_sha256(&self) -> bool {
        matches!(self.id, "aws" | "ibm" | "minio")
    }

    /// Whether the store keeps the condition `If-None-Match: *` of an upload, or is not known not to.
    pub fn keeps_if_none_match(&self) -> bool {
        self.id != "garage"
    }

    /// Whether a slash at the start of a key is a part of it there, or is not known not to be.
    pub fn keeps_first_slash(&self) -> bool {
        self.id != "garage"
    }

    /// Whether the store has endpoints on this network.
    pub fn has_network(&self, network: Network) -> bool {
        self.hosts.iter().any(|h| h.builds && h.network == network)
    }

    /// Whether an endpoint of this store needs to be told a region.
    pub fn needs_region(&self) -> bool {
        self.hosts
            .iter()
            .any(|h| h.builds && h.template.contains("{region}"))
    }

    /// Whether the table can make an endpoint of this store at all.
    pub fn has_endpoint(&self) -> bool {
        self.hosts.iter().any(|h| h.builds)
    }
}

/// The domain of the partition that a region of AWS's is in.
pub(crate) fn aws_domain(region: &str) -> &'static str {
    AWS_PARTITIONS
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("amazonaws.com", |(_, domain)| domain)
}

/// `us-south-smart` and `us-standard` without the storage class: IBM's location constraints name a location and a class,
/// its hosts only the location. A region that `ibmcloud` calls `us-geo` is the host's `us`.
pub fn without_storage_class(region: &str) -> &str {
    [
        "-standard",
        "-vault",
        "-cold",
        "-smart",
        "-flex",
        "-onerate_active",
        "-geo",
    ]
    .iter()
    .find_map(|class| region.strip_suffix(class))
    .unwrap_or(region)
}

/// Finds a store by its id or another spelling of it.
pub fn find_provider(id: &str) -> Option<&'static Provider> {
    let id = id.to_ascii_lowercase();
    PROVIDERS
        .iter()
        .find(|p| p.id == id || p.aliases.contains(&id.as_str()))
}

/// The stores that have a region of this name.
///
/// Several stores borrowed AWS's names; a name that AWS has is AWS's.
pub fn providers_of_region(region: &str) -> Vec<&'static Provider> {
    let having: Vec<_> = PROVIDERS
        .iter()
        .filter(|p| {
            p.regions.contains(&region)
                || (p.is_ibm() && p.regions.contains(&without_storage_class(region)))
        })
        .collect();
    match having.iter().find(|p| p.is_aws()) {
        Some(aws) => vec![aws],
        None if having.is_empty() && is_aws_region(region) => {
            PROVIDERS.iter().filter(|p| p.is_aws()).collect()
        }
        None => having,
    }
}

/// Whether a name is of the form of AWS's regions, so that a region works on the day it opens: `me-west-1`. These are the
/// patterns of botocore's `partitions.json`, but for numbers that begin with zero, which are Backblaze's.
fn is_aws_region(name: &str) -> bool {
    const AREAS: [&str; 9] = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"];
    const PARTITIONS: [&str; 7] = [
        "cn-", "us-gov-", "us-iso-", "us-isob-", "us-isof-", "eu-isoe-", "eusc-de-",
    ];
    if name == "aws-global" {
        return true;
    }
    let rest = PARTITIONS
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .or_else(|| {
            let (area, rest) = name.split_once('-')?;
            AREAS.contains(&area).then_some(rest)
        });
    let Some((place, number)) = rest.and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    let is_word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    !place.is_empty()
        && place.bytes().all(is_word)
        && !number.is_empty()
        && !number.starts_with('0')
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// What a host name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognizedHost {
    /// The id of the store.
    pub provider: &'static str,
    /// The region that the name states.
    pub region: Option<String>,
    /// The network it is reached from.
    pub network: Network,
    /// The bucket, where the name is `bucket.endpoint`.
    pub bucket: Option<String>,
}

/// Reads store, region, network and bucket off a host name without its port.
pub fn recognize_host(host: &str) -> Option<RecognizedHost> {
    let host = host.to_ascii_lowercase();
    let access_point = access_point_host(&host).map(|(_, region, front)| (Some(region), front));
    if let Some((region, bucket)) =
        access_point.or_else(|| multi_region_alias(&host).map(|alias| (None, alias)))
    {
        return Some(RecognizedHost {
            provider: "aws",
            region,
            network: Network::Public,
            bucket,
        });
    }
    for provider in PROVIDERS {
        for pattern in provider.hosts {
            let templates: Vec<String> = match pattern.template.strip_suffix("{aws}") {
                Some(front) => AWS_PARTITIONS
                    .iter()
                    .map(|(_, domain)| format!("{front}{domain}"))
                    .collect(),
                None => vec![pattern.template.to_owned()],
            };
            for template in templates {
                let Some((region, bucket)) = match_template(&template, &host) else {
                    continue;
                };
                let region = region.or_else(|| {
                    pattern
                        .region
                        .or(provider.default_region)
                        .map(str::to_owned)
                });
                let region = if provider.is_ibm() {
                    region.map(|r| without_geo(&r))
                } else {
                    region
                };
                return Some(RecognizedHost {
                    provider: provider.id,
                    region,
                    network: pattern.network,
                    bucket,
                });
            }
        }
    }
    None
}

/// The endpoints of the store that a host belongs to: every name in every region, with the region that the name states.
/// Nothing for a host that is not in the table.
pub fn other_hosts(host: &str) -> Vec<(Option<&'static str>, String)> {
    let Some(provider) =
        recognize_host(host).and_then(|recognized| find_provider(recognized.provider))
    else {
        return Vec::new();
    };
    // Some hosts have a label that only their owner knows.
    let own_label = host
        .split('.')
        .find(|label| label.len() == 32 && label.bytes().all(|b| b.is_ascii_hexdigit()));
    let mut names = Vec::new();
    for pattern in provider.hosts {
        let template = pattern
            .template
            .replace("{account}", own_label.unwrap_or("{account}"));
        if template.contains("{account}")
            || template.contains("{name}")
            || template.contains("{metro}")
        {
            continue;
        }
        if !template.contains("{region}") {
            let domain = provider
                .regions
                .first()
                .map_or("amazonaws.com", |region| aws_domain(region));
            names.push((None, template.replace("{aws}", domain)));
            continue;
        }
        for region in provider.regions {
            names.push((
                Some(*region),
                template
                    .replace("{region}", region)
                    .replace("{aws}", aws_domain(region)),
            ));
        }
    }
    names
}

/// Legacy IBM hosts say `us-geo` and `dal-us-geo` where today's say `us`.
fn without_geo(region: &str) -> String {
    match region.strip_suffix("-geo") {
        Some(geo) => geo.rsplit('-').next().unwrap_or(geo).to_owned(),
        None => region.to_owned(),
    }
}

/// Matches labels from the right; what is left over on the left is the bucket.
fn match_template(template: &str, host: &str) -> Option<(Option<String>, Option<String>)> {
    let wanted: Vec<&str> = template.split('.').collect();
    let labels: Vec<&str> = host.split('.').collect();
    let surplus = labels.len().checked_sub(wanted.len())?;
    let mut region = None;
    for (want, have) in wanted.iter().zip(&labels[surplus..]) {
        match *want {
            "{account}" if have.len() == 32 && have.bytes().all(|b| b.is_ascii_hexdigit()) => {}
            "{name}" if !have.is_empty() => {}
            // IBM's tethered endpoints name a city before the geography.
            "{metro}" if have.len() == 3 && have.bytes().all(|b| b.is_ascii_lowercase()) => {}
            label => match label.split_once("{region}") {
                Some((before, after)) => {
                    let name = have.strip_prefix(before)?.strip_suffix(after)?;
                    if name.is_empty() || matches!(name, "dualstack" | "private" | "direct" | "cdn")
                    {
                        return None;
                    }
                    region = Some(name.to_owned());
                }
                None if label == *have => {}
                None => return None,
            },
        }
    }
    let bucket = labels[..surplus].join(".");
    Some((region, (!bucket.is_empty()).then_some(bucket)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(host: &str) -> (String, Option<String>, Network, Option<String>) {
        let found = recognize_host(host).unwrap_or_else(|| panic!("{host} is not recognized"));
        (
            found.provider.to_owned(),
            found.region,
            found.network,
            found.bucket,
        )
    }

    #[test]
    fn reads_hosts() {
        let ibm = "cloud-object-storage.appdomain.cloud";
        for (host, provider, region, network, bucket) in [
            (
                format!("s3.us-south.{ibm}"),
                "ibm",
                Some("us-south"),
                Network::Public,
                None,
            ),
            (
                format!("s3.direct.eu-fr2.{ibm}"),
                "ibm",
                Some("eu-fr2"),
                Network::Direct,
                None,
            ),
            (
                format!("my.bucket.s3.private.us.{ibm}"),
                "ibm",
                Some("us"),
                Network::Private,
                Some("my.bucket"),
            ),
            (
                format!("s3.dal.us.{ibm}"),
                "ibm",
                Some("us"),
                Network::Public,
                None,
            ),
            (
                format!("s3.private.ams03.{ibm}"),
                "ibm",
                Some("ams03"),
                Network::Private,
                None,
            ),
            (
                "s3-api.us-geo.objectstorage.softlayer.net".into(),
                "ibm",
                Some("us"),
                Network::Public,
                None,
            ),
            (
                "s3-api.dal-us-geo.objectstorage.adn.networklayer.com".into(),
                "ibm",
                Some("us"),
                Network::Direct,
                None,
            ),
            (
                "s3.amazonaws.com".into(),
                "aws",
                Some("us-east-1"),
                Network::Public,
                None,
            ),
            (
                "examplebucket.s3.amazonaws.com".into(),
                "aws",
                Some("us-east-1"),
                Network::Public,
                Some("examplebucket"),
            ),
            (
                "b.s3.dualstack.eu-west-1.amazonaws.com".into(),
                "aws",
                Some("eu-west-1"),
                Network::Public,
                Some("b"),
            ),
            (
                "s3-us-west-2.amazonaws.com".into(),
                "aws",
                Some("us-west-2"),
                Network::Public,
                None,
            ),
            (
                "s3.cn-north-1.amazonaws.com.cn".into(),
                "aws",
                Some("cn-north-1"),
                Network::Public,
                None,
            ),
            (
                "b.s3-accelerate.amazonaws.com".into(),
                "aws",
                None,
                Network::Public,
                Some("b"),
            ),
            (
                "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com".into(),
                "r2",
                Some("auto"),
                Network::Public,
                None,
            ),
            (
                "oss-cn-hangzhou-internal.aliyuncs.com".into(),
                "alibaba",
                Some("cn-hangzhou"),
                Network::Public,
                None,
            ),
            (
                "b.oss-cn-hangzhou.aliyuncs.com".into(),
                "alibaba",
                Some("cn-hangzhou"),
                Network::Public,
                Some("b"),
            ),
            (
                "s3.wasabisys.com".into(),
                "wasabi",
                Some("us-east-1"),
                Network::Public,
                None,
            ),
            (
                "b.nyc3.digitaloceanspaces.com".into(),
                "do-spaces",
                Some("nyc3"),
                Network::Public,
                Some("b"),
            ),
            (
                "ref.storage.supabase.co".into(),
                "supabase",
                None,
                Network::Public,
                None,
            ),
        ] {
            let expected = (
                provider.to_owned(),
                region.map(str::to_owned),
                network,
                bucket.map(str::to_owned),
            );
            assert_eq!(told(&host), expected, "{host}");
        }
        let account = "0123456789abcdef0123456789abcdef";
        assert_eq!(
            recognize_host(&format!("{account}0.r2.cloudflarestorage.com")),
            None
        );
        assert_eq!(
            recognize_host(&format!(
                "{}.r2.cloudflarestorage.com",
                account.replace('0', "g")
            )),
            None
        );
        for metro in ["dall", "da1"] {
            assert_eq!(
                recognize_host(&format!("s3.{metro}.us.{ibm}")),
                None,
                "{metro} is no city"
            );
        }
        for host in [
            ".storage.supabase.co",
            "s3-.amazonaws.com",
            "s3.dualstack.amazonaws.com",
        ] {
            assert_eq!(recognize_host(host), None, "{host}");
        }
        for host in [
            "localhost",
            "s3.example.com",
            "evilamazonaws.com",
            "cloud-object-storage.appdomain.cloud",
        ] {
            assert_eq!(recognize_host(host), None, "{host}");
        }
    }

    #[test]
    fn every_endpoint_of_the_table_is_recognized_as_what_it_is() {
        let mut count = 0;
        for provider in PROVIDERS {
            for region in provider.regions {
                for network in [Network::Public, Network::Private, Network::Direct] {
                    let Some(url) = provider.endpoint(region, network) else {
                        continue;
                    };
                    let host = url.strip_prefix("https://").expect("https");
                    assert_eq!(
                        told(host),
                        (
                            provider.id.to_owned(),
                            Some((*region).to_owned()),
                            network,
                            None
                        ),
                        "{host}"
                    );
                    count += 1;
                }
            }
        }
        assert!(count > 150, "{count}");
    }

    #[test]
    fn a_region_names_its_store() {
        let ids = |region| {
            providers_of_region(region)
                .iter()
                .map(|p| p.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("us-south"), ["ibm"]);
        assert_eq!(ids("us-south-smart"), ["ibm"]);
        assert_eq!(ids("us-standard"), ["ibm"]);
        assert_eq!(ids("us-east-1"), ["aws"]);
        assert_eq!(ids("fr-par"), ["scaleway"]);
        assert_eq!(ids("auto"), ["r2", "gcs", "tigris"]);
        assert_eq!(ids("mars"), Vec::<&str>::new());
    }

    #[test]
    fn what_only_some_stores_do() {
        let ids = |is: &dyn Fn(&Provider) -> bool| {
            PROVIDERS
                .iter()
                .filter(|p| is(p))
                .map(|p| p.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(&Provider::is_ibm), ["ibm"]);
        assert_eq!(ids(&Provider::is_aws), ["aws"]);
        assert_eq!(ids(&|p| p.most_parts() == 1000), ["scaleway"]);
        assert_eq!(
            ids(&|p| p.most_parts() == 10_000).len(),
            PROVIDERS.len() - 1
        );
        assert_eq!(ids(&Provider::checks_sha256), ["ibm", "aws", "minio"]);
        let names = [Network::Public, Network::Private, Network::Direct].map(Network::as_str);
        assert_eq!(names, ["public", "private", "direct"]);
    }

    #[test]
    fn what_the_table_can_make_endpoints_of() {
        for (id, endpoint, region, private) in [
            ("ibm", true, true, true),
            ("aws", true, true, false),
            ("minio", false, false, false),
            ("r2", false, false, false),
        ] {
            let provider = find_provider(id).expect("in the table");
            let of = (
                provider.has_endpoint(),
                provider.needs_region(),
                provider.has_network(Network::Private),
            );
            assert_eq!(of, (endpoint, region, private), "{id}");
        }
        let storj = find_provider("storj").expect("in the table");
        assert_eq!((storj.has_endpoint(), storj.needs_region()), (true, false));
    }

    #[test]
    fn other_hosts_are_those_of_the_same_store() {
        assert_eq!(other_hosts("s3.example.com"), []);
        let of_aws = other_hosts("s3.eu-west-1.amazonaws.com");
        for (region, host) in [
            (None, "s3.amazonaws.com"),
            (None, "s3-accelerate.amazonaws.com"),
            (Some("eu-west-1"), "s3.dualstack.eu-west-1.amazonaws.com"),
            (Some("cn-north-1"), "s3.cn-north-1.amazonaws.com.cn"),
        ] {
            assert!(of_aws.contains(&(region, host.to_owned())), "{host}");
        }
        let account = "0123456789abcdef0123456789abcdef";
        let of_account = other_hosts(&format!("{account}.r2.cloudflarestorage.com"));
        let expected = ["eu.r2", "fedramp.r2", "r2"]
            .map(|name| (None, format!("{account}.{name}.cloudflarestorage.com")));
        assert_eq!(of_account, expected);
        assert_eq!(
            other_hosts(&format!("cafe.{account}.r2.cloudflarestorage.com")),
            expected,
            "`cafe` is the bucket"
        );
        for host in of_aws.iter().chain(&other_hosts(
            "s3.us-south.cloud-object-storage.appdomain.cloud",
        )) {
            assert!(!host.1.contains(['{', '}']), "{}", host.1);
        }
        // Labels that only their owner knows are not made up.
        assert_eq!(other_hosts("ref.storage.supabase.co"), []);
    }
}
