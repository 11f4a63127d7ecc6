//! What a row of the table says about a store. Every way in which a store differs from the others
//! is a column.

use super::aws_partition::aws_domain;
use super::multipart::MOST_PARTS;

/// A network of a store's cloud from which an endpoint can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The internet.
    Public,
    /// The internal network of the store's cloud; of IBM Cloud the classic infrastructure.
    Private,
    /// An IBM Cloud VPC.
    Direct,
}

impl Network {
    /// `public`, `private` or `direct`, as it stands in IBM's host names.
    pub fn as_str(self) -> &'static str {
        match self {
            Network::Public => "public",
            Network::Private => "private",
            Network::Direct => "direct",
        }
    }
}

/// Maximum of `X-Amz-Expires`, in seconds.
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
    /// Both, or nothing else is known.
    Both,
    /// Only `endpoint/bucket/key`.
    PathOnly,
    /// Only `bucket.endpoint/key`.
    VirtualOnly,
}

/// Whether a store takes files from HTML forms (POST policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostForms {
    /// It does.
    Served,
    /// It is documented, or was seen, to refuse them.
    NotServed,
    /// Its list of operations lacks them, or it has forms with a signature of its own.
    NotDocumented,
    /// Nothing is known.
    Unknown,
}

/// Which regions of a credential scope a store accepts at a host that names another one, as its
/// documentation and public reports have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherRegions {
    /// Any, as far as is known.
    Accepted,
    /// None.
    Refused,
    /// These.
    Only(&'static [&'static str]),
}

/// Whose store it is, and with that where its credentials are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// IBM Cloud Object Storage, whose HMAC keys are in service credentials.
    Ibm,
    /// Amazon S3, whose names of regions all others borrowed.
    Aws,
    /// A service of somebody else.
    Hosted,
    /// Software that anybody runs, at hosts of their own.
    Server,
}

impl Kind {
    /// `hosted` or `server`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Ibm | Kind::Aws | Kind::Hosted => "hosted",
            Kind::Server => "server",
        }
    }
}

/// Why no presigned URL should be made for a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresignProblem {
    /// What a presigned URL would do, to be said of it.
    pub problem: &'static str,
    /// The way out.
    pub hint: &'static str,
}

/// A store.
#[derive(Debug)]
pub struct Provider {
    /// What `--provider` takes.
    pub id: &'static str,
    /// Its name in sentences.
    pub name: &'static str,
    /// Whose it is.
    pub kind: Kind,
    /// Other spellings of the id, those of rclone among them.
    pub aliases: &'static [&'static str],
    /// Schemes of a TARGET that name the store: `gs` for `gs://BUCKET/KEY`.
    pub schemes: &'static [&'static str],
    /// Its hosts, the most specific first.
    pub hosts: &'static [Host],
    /// Names of regions that are known. New ones appear; nothing is refused for not being here.
    pub regions: &'static [&'static str],
    /// Other names that hosts have for a region, and the region.
    pub region_aliases: &'static [(&'static str, &'static str)],
    /// Region of the scope when the host does not name one.
    pub default_region: Option<&'static str>,
    /// Whether the store checks the region of the scope, as far as is known.
    pub checks_region: bool,
    /// Whether it accepts a region that is not the one of the host, where it does not check the
    /// region of all requests.
    pub other_regions: OtherRegions,
    /// Addressing styles.
    pub addressing: AddressingSupport,
    /// Whether the bucket stands before the host where nothing asks for a style.
    pub virtual_by_default: bool,
    /// The path of its endpoints, which is signed.
    pub base_path: Option<&'static str>,
    /// Expiry.
    pub expiry_limit: ExpiryLimit,
    /// Forms.
    pub post_forms: PostForms,
    /// How many parts an upload may have.
    pub most_parts: u64,
    /// Whether the store is known to compare an upload with `x-amz-checksum-sha256`.
    pub checks_sha256: bool,
    /// Whether the store keeps the condition `If-None-Match: *` of an upload, or is not known not
    /// to.
    pub keeps_if_none_match: bool,
    /// Whether a slash at the start of a key is a part of it there, or is not known not to be.
    pub keeps_first_slash: bool,
    /// Why no presigned URL should be made for it.
    pub presign_problem: Option<PresignProblem>,
    /// How long the access key ids are that the store takes for its native interface only.
    pub native_key_id_length: Option<usize>,
    /// What people have to know who make links for it, a sentence each.
    pub notes: &'static [&'static str],
}

/// A service of which nothing special is known; its row says what is.
pub(super) const HOSTED: Provider = Provider {
    id: "",
    name: "",
    kind: Kind::Hosted,
    aliases: &[],
    schemes: &[],
    hosts: &[],
    regions: &[],
    region_aliases: &[],
    default_region: None,
    checks_region: false,
    other_regions: OtherRegions::Accepted,
    addressing: AddressingSupport::Both,
    virtual_by_default: false,
    base_path: None,
    expiry_limit: ExpiryLimit::Unknown,
    post_forms: PostForms::Unknown,
    most_parts: MOST_PARTS,
    checks_sha256: false,
    keeps_if_none_match: true,
    keeps_first_slash: true,
    presign_problem: None,
    native_key_id_length: None,
    notes: &[],
};

/// A server product of which nothing special is known.
pub(super) const SERVER: Provider = Provider {
    kind: Kind::Server,
    default_region: Some("us-east-1"),
    ..HOSTED
};

/// Seconds of a day.
pub(super) const DAY: u64 = 86_400;

/// AWS's limit, and that of most stores.
pub(super) const SEVEN_DAYS: u64 = 7 * DAY;

/// A pattern of host names.
#[derive(Debug)]
pub struct Host {
    /// Labels. A placeholder stands for one of them or a part of one: `{region}`, `{geo}` for a
    /// region that may end in `-geo`, `{account}` for 32 hexadecimal digits, `{metro}` for three
    /// letters, `{vpce}` for the name of a VPC endpoint, `{name}` for anything, and at the end
    /// `{aws}` for the domain of an AWS partition.
    pub template: &'static str,
    /// The network it is reached from.
    pub network: Network,
    /// The region, where the template names none.
    pub region: Option<&'static str>,
    /// Whether [`Provider::endpoint`] makes endpoints of it.
    pub builds: bool,
    /// Whether it is an old name of a host that has another one today.
    pub is_legacy: bool,
    /// Where the last placeholder of the template ends: what follows is in every host.
    pub(super) fixed_from: usize,
}

impl Host {
    pub(super) const fn on(mut self, network: Network) -> Host {
        self.network = network;
        self
    }

    pub(super) const fn in_region(mut self, region: &'static str) -> Host {
        self.region = Some(region);
        self
    }
}

/// A host of which endpoints are made.
pub(super) const fn host(template: &'static str) -> Host {
    Host {
        builds: true,
        ..seen(template)
    }
}

/// A host that is recognized.
pub(super) const fn seen(template: &'static str) -> Host {
    let bytes = template.as_bytes();
    let mut fixed_from = bytes.len();
    while fixed_from > 0 && bytes[fixed_from - 1] != b'}' {
        fixed_from -= 1;
    }
    Host {
        template,
        network: Network::Public,
        region: None,
        builds: false,
        is_legacy: false,
        fixed_from,
    }
}

/// A host that is recognized and has another name today.
pub(super) const fn legacy(template: &'static str) -> Host {
    Host {
        is_legacy: true,
        ..seen(template)
    }
}

impl Provider {
    /// Whether this is IBM Cloud Object Storage, whose credentials come from places of their own.
    pub fn is_ibm(&self) -> bool {
        self.kind == Kind::Ibm
    }

    /// Whether this is Amazon S3.
    pub fn is_aws(&self) -> bool {
        self.kind == Kind::Aws
    }

    /// The endpoint of a region, as a URL; `None` where the table has no host to make it from.
    ///
    /// The region need not be a known one. IBM's location constraints (`us-south-smart`) name the
    /// location's host.
    pub fn endpoint(&self, region: &str, network: Network) -> Option<String> {
        // It becomes part of the host: anything but labels would be another host.
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !region.split('.').all(is_label) {
            return None;
        }
        let mut hosts = self
            .hosts
            .iter()
            .filter(|host| host.builds && host.network == network);
        let host = match hosts.clone().find(|host| host.region == Some(region)) {
            Some(host) => host,
            None => hosts.find(|host| host.region.is_none())?,
        };
        let location = if self.is_ibm() {
            without_storage_class(region)
        } else {
            region
        };
        let host = host
            .template
            .replace("{region}", location)
            .replace("{aws}", aws_domain(region));
        Some(format!(
            "https://{host}{}",
            self.base_path.unwrap_or_default()
        ))
    }

    /// Whether the store refuses a credential scope of this region at a host of another one.
    pub fn refuses_other_region(&self, region: &str) -> bool {
        self.checks_region
            || match self.other_regions {
                OtherRegions::Accepted => false,
                OtherRegions::Refused => true,
                OtherRegions::Only(accepted) => !accepted.contains(&region),
            }
    }

    /// How many parts an upload may have.
    pub fn most_parts(&self) -> u64 {
        self.most_parts
    }

    /// Whether the store is known to compare an upload with `x-amz-checksum-sha256`.
    pub fn checks_sha256(&self) -> bool {
        self.checks_sha256
    }

    /// Whether the store keeps the condition `If-None-Match: *` of an upload, or is not known not
    /// to.
    pub fn keeps_if_none_match(&self) -> bool {
        self.keeps_if_none_match
    }

    /// Whether a slash at the start of a key is a part of it there, or is not known not to be.
    pub fn keeps_first_slash(&self) -> bool {
        self.keeps_first_slash
    }

    /// Whether the store has endpoints on this network.
    pub fn has_network(&self, network: Network) -> bool {
        self.hosts.iter().any(|h| h.builds && h.network == network)
    }

    /// Whether an endpoint of this store needs to be told a region.
    pub fn needs_region(&self) -> bool {
        self.hosts
            .iter()
            .any(|h| h.builds && (h.region.is_some() || h.template.contains("{region}")))
    }

    /// Whether the table can make an endpoint of this store at all.
    pub fn has_endpoint(&self) -> bool {
        self.hosts.iter().any(|h| h.builds)
    }

    /// The region by the spelling of the table, where this is one of its names in capitals or small
    /// letters, with a storage class or another name of the hosts'.
    pub fn known_region(&self, name: &str) -> Option<&'static str> {
        let exact = |name: &str| {
            let listed = self.regions.iter().copied();
            let aliases = self.region_aliases.iter().map(|(alias, _)| *alias);
            listed
                .chain(aliases)
                .find(|known| known.eq_ignore_ascii_case(name))
        };
        exact(name).or_else(|| match self.is_ibm() {
            true => exact(without_storage_class(name)),
            false => None,
        })
    }

    /// The region that is signed for one of the hosts' other names of it.
    pub fn signed_region<'r>(&self, name: &'r str) -> &'r str {
        self.region_aliases
            .iter()
            .find(|(alias, _)| *alias == name)
            .map_or(name, |(_, region)| region)
    }
}

/// `us-south-smart` and `us-standard` without the storage class: IBM's location constraints name a
/// location and a class, its hosts only the location. A region that `ibmcloud` calls `us-geo` is
/// the host's `us`.
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
