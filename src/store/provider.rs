//! The columns of the table of stores: every way in which stores differ.

use super::aws_partition::aws_domain;
use super::multipart::MOST_PARTS;

/// A network from which an endpoint can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The internet.
    Public,
    /// The internal network of the store's cloud; for IBM Cloud the classic infrastructure.
    Private,
    /// An IBM Cloud VPC.
    Direct,
}

impl Network {
    /// `public`, `private` or `direct`, as in IBM's host names.
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
    /// The store refuses more, by its source or documentation.
    Refused(u64),
    /// No limit, by documentation or source.
    None,
    /// Unknown. Most stores refuse more than seven days.
    Unknown,
}

/// Addressing styles that a store supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressingSupport {
    /// Both, or unknown.
    Both,
    /// Only `endpoint/bucket/key`.
    PathOnly,
    /// Only `bucket.endpoint/key`.
    VirtualOnly,
}

/// Whether a store accepts uploads from HTML forms (POST policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostForms {
    /// It accepts them.
    Served,
    /// It refuses them, by documentation or test.
    NotServed,
    /// Its documentation does not list them, or its forms have another signature.
    NotDocumented,
    /// Unknown.
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

/// The operator of a store, which decides where its credentials are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// IBM Cloud Object Storage, whose HMAC keys are in service credentials.
    Ibm,
    /// Amazon S3, whose region names others reuse.
    Aws,
    /// A hosted service.
    Hosted,
    /// Server software with hosts of its users.
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
    /// What a presigned URL would do, as the predicate of a sentence about the store.
    pub problem: &'static str,
    /// The alternative.
    pub hint: &'static str,
}

/// A store.
#[derive(Debug)]
pub struct Provider {
    /// Value of `--provider`.
    pub id: &'static str,
    /// Display name.
    pub name: &'static str,
    /// The operator.
    pub kind: Kind,
    /// Aliases of the ID, including those of rclone.
    pub aliases: &'static [&'static str],
    /// TARGET schemes of the store: `gs` for `gs://BUCKET/KEY`.
    pub schemes: &'static [&'static str],
    /// Its hosts, the most specific first.
    pub hosts: &'static [Host],
    /// Known region names. New ones appear; nothing is refused because it is missing here.
    pub regions: &'static [&'static str],
    /// Other names of a region in hosts, and the region.
    pub region_aliases: &'static [(&'static str, &'static str)],
    /// What other tools write before a region of this store.
    pub region_prefix: Option<&'static str>,
    /// Region of the scope if the host does not contain one.
    pub default_region: Option<&'static str>,
    /// Whether the store checks the region of the scope, as far as known.
    pub checks_region: bool,
    /// Whether it accepts a region that is not the one of the host, where it does not check the
    /// region of all requests.
    pub other_regions: OtherRegions,
    /// Addressing styles.
    pub addressing: AddressingSupport,
    /// Whether virtual-host style is the default.
    pub virtual_by_default: bool,
    /// Path of its endpoints, which is signed.
    pub base_path: Option<&'static str>,
    /// Maximum of `X-Amz-Expires`.
    pub expiry_limit: ExpiryLimit,
    /// Support of form uploads.
    pub post_forms: PostForms,
    /// Maximum number of parts of an upload.
    pub most_parts: u64,
    /// Whether the store is known to check `x-amz-checksum-sha256`.
    pub checks_sha256: bool,
    /// Whether the store honours `If-None-Match: *` of an upload, or is not known to ignore it.
    pub keeps_if_none_match: bool,
    /// Whether a leading slash of a key is kept, or is not known to be removed.
    pub keeps_first_slash: bool,
    /// Why no presigned URL should be made for it.
    pub presign_problem: Option<PresignProblem>,
    /// Length of access key IDs that are only valid for the native interface.
    pub native_key_id_length: Option<usize>,
    /// Regions in which new accounts must use a domain of their own.
    pub own_domain_regions: &'static [&'static str],
    /// Notes for users, one sentence each.
    pub notes: &'static [&'static str],
}

/// Defaults for a hosted service; its row sets what differs.
pub(super) const HOSTED: Provider = Provider {
    id: "",
    name: "",
    kind: Kind::Hosted,
    aliases: &[],
    schemes: &[],
    hosts: &[],
    regions: &[],
    region_aliases: &[],
    region_prefix: None,
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
    own_domain_regions: &[],
    notes: &[],
};

/// Defaults for server software.
pub(super) const SERVER: Provider = Provider {
    kind: Kind::Server,
    default_region: Some("us-east-1"),
    ..HOSTED
};

/// Seconds per day.
pub(super) const DAY: u64 = 86_400;

/// The limit of AWS, and of most stores.
pub(super) const SEVEN_DAYS: u64 = 7 * DAY;

/// A pattern of host names.
#[derive(Debug)]
pub struct Host {
    /// Labels. A placeholder matches one of them or a part of one: `{region}`, `{geo}` for a region
    /// that may end in `-geo`, `{account}` for 32 hexadecimal digits, `{metro}` for three letters,
    /// `{vpce}` for the name of a VPC endpoint, `{name}` for anything, and at the end `{aws}` for
    /// the domain of an AWS partition.
    pub template: &'static str,
    /// Network.
    pub network: Network,
    /// The region, if the template has none.
    pub region: Option<&'static str>,
    /// Whether [`Provider::endpoint`] uses it.
    pub builds: bool,
    /// Whether it is an outdated name of a host.
    pub is_legacy: bool,
    /// End of the last placeholder of the template: what follows is in every host.
    pub(super) fixed_from: usize,
    /// The end of that, if it is long enough: most patterns are excluded by one comparison.
    pub(super) tail: Option<u64>,
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

/// A host from which endpoints are made.
pub(super) const fn host(template: &'static str) -> Host {
    Host {
        builds: true,
        ..seen(template)
    }
}

/// A host that is only recognized.
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
        tail: match bytes.len() - fixed_from < TAIL {
            true => None,
            false => tail(bytes),
        },
    }
}

/// Bytes of a tail.
const TAIL: usize = 8;

/// The last bytes of a name as one number.
pub(super) const fn tail(name: &[u8]) -> Option<u64> {
    if name.len() < TAIL {
        return None;
    }
    let mut number = 0;
    let mut at = name.len() - TAIL;
    while at < name.len() {
        number = number << 8 | name[at] as u64;
        at += 1;
    }
    Some(number)
}

/// An outdated host that is only recognized.
pub(super) const fn legacy(template: &'static str) -> Host {
    Host {
        is_legacy: true,
        ..seen(template)
    }
}

impl Provider {
    /// Whether this is IBM Cloud Object Storage, whose credentials have their own sources.
    pub fn is_ibm(&self) -> bool {
        self.kind == Kind::Ibm
    }

    /// Whether this is Amazon S3.
    pub fn is_aws(&self) -> bool {
        self.kind == Kind::Aws
    }

    /// The endpoint URL of a region; `None` if the table has no host for it.
    ///
    /// The region need not be a known one. IBM's location constraints (`us-south-smart`) use the
    /// host of their location.
    pub fn endpoint(&self, region: &str, network: Network) -> Option<String> {
        // It becomes part of the host: anything but labels would change the host.
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
        let location = match self.is_ibm() {
            true => without_storage_class(region),
            false => self.without_prefix(region),
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

    /// Maximum number of parts of an upload.
    pub fn most_parts(&self) -> u64 {
        self.most_parts
    }

    /// Whether the store is known to check `x-amz-checksum-sha256`.
    pub fn checks_sha256(&self) -> bool {
        self.checks_sha256
    }

    /// Whether the store honours `If-None-Match: *` of an upload, or is not known to ignore it.
    pub fn keeps_if_none_match(&self) -> bool {
        self.keeps_if_none_match
    }

    /// Whether a leading slash of a key is kept, or is not known to be removed.
    pub fn keeps_first_slash(&self) -> bool {
        self.keeps_first_slash
    }

    /// Whether the store has endpoints on this network.
    pub fn has_network(&self, network: Network) -> bool {
        self.hosts.iter().any(|h| h.builds && h.network == network)
    }

    /// Whether an endpoint of this store requires a region.
    pub fn needs_region(&self) -> bool {
        self.hosts
            .iter()
            .any(|h| h.builds && (h.region.is_some() || h.template.contains("{region}")))
    }

    /// Whether the table has an endpoint of this store.
    pub fn has_endpoint(&self) -> bool {
        self.hosts.iter().any(|h| h.builds)
    }

    /// The canonical name of a region, which may be written in another case, with a storage class,
    /// or under another name of its hosts.
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
            false => exact(self.without_prefix(name)),
        })
    }

    /// The region without the prefix that tools of the store write before it.
    pub(crate) fn without_prefix<'r>(&self, region: &'r str) -> &'r str {
        let rest = || {
            let prefix = self.region_prefix?;
            let (start, rest) = region.split_at_checked(prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then_some(rest)
        };
        rest().unwrap_or(region)
    }

    /// The region whose host has this label in its place: `kr-standard` for `kr`.
    #[cfg(feature = "cli")]
    pub(crate) fn region_of_label(&self, label: &str) -> Option<&'static str> {
        self.hosts
            .iter()
            .filter(|host| host.builds)
            .find(|host| {
                let mut labels = host.template.split('.');
                labels.any(|known| known.eq_ignore_ascii_case(label))
            })
            .and_then(|host| host.region)
    }

    /// The region to sign for another name of it in hosts.
    pub fn signed_region<'r>(&self, name: &'r str) -> &'r str {
        self.region_aliases
            .iter()
            .find(|(alias, _)| *alias == name)
            .map_or(self.without_prefix(name), |(_, region)| region)
    }
}

/// `us-south-smart` and `us-standard` without the storage class: IBM's location constraints consist
/// of location and class, its hosts contain only the location. A region that `ibmcloud` calls
/// `us-geo` has the host label `us`.
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
