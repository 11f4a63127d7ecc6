//! Parses host names: the store, its region, the network, and a bucket before it.

use super::access_point::{access_point_host, multi_region_alias};
use super::aws_partition::{aws_domain, is_aws_region, without_aws_domain};
use super::provider::{Host, Network, Provider, tail};
use super::table::PROVIDERS;

/// Maximum length of a host name (RFC 1035).
const LONGEST_HOST: usize = 255;

/// Information in a host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognizedHost {
    /// ID of the store.
    pub provider: &'static str,
    /// Region in the name.
    pub region: Option<String>,
    /// Network.
    pub network: Network,
    /// The bucket, if the name is `bucket.endpoint`.
    pub bucket: Option<String>,
    /// Whether it is an outdated name of the host.
    pub is_legacy: bool,
}

/// The same as slices of the name, without allocations.
#[derive(Clone, Copy, Debug)]
pub struct HostReading<'h> {
    /// The store.
    pub provider: &'static Provider,
    /// Region in the name, in the case in which it is written.
    pub region: Option<&'h str>,
    /// Network.
    pub network: Network,
    /// The bucket, if the name is `bucket.endpoint`.
    pub bucket: Option<&'h str>,
    /// Whether it is an outdated name of the host.
    pub is_legacy: bool,
}

/// Parses store, region, network and bucket from a host name without port.
pub fn recognize_host(host: &str) -> Option<RecognizedHost> {
    let reading = read_host(host)?;
    Some(RecognizedHost {
        provider: reading.provider.id,
        // One that is not in the name is spelled as the store writes it.
        region: reading.region.map(|region| match host.contains(region) {
            true => region.to_ascii_lowercase(),
            false => region.to_owned(),
        }),
        network: reading.network,
        bucket: reading.bucket.map(str::to_ascii_lowercase),
        is_legacy: reading.is_legacy,
    })
}

/// As [`recognize_host`], without allocations.
pub fn read_host(host: &str) -> Option<HostReading<'_>> {
    // The dot at the end of a name that is fully qualified.
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut buffer = [0; LONGEST_HOST];
    let name = buffer.get_mut(..host.len())?;
    name.copy_from_slice(host.as_bytes());
    name.make_ascii_lowercase();
    let name = std::str::from_utf8(name).ok()?;
    // Offsets are the same in both spellings, so the slices can be those of the original text.
    let at = |part: &str| {
        let from = part.as_ptr() as usize - name.as_ptr() as usize;
        host.get(from..from + part.len())
    };
    let of_aws = without_aws_domain(name);
    let name_tail = tail(name.as_bytes());
    if of_aws.is_some()
        && let Some((region, bucket)) = access_point(name)
    {
        return Some(HostReading {
            provider: PROVIDERS.iter().find(|provider| provider.is_aws())?,
            region: region.and_then(at),
            network: Network::Public,
            bucket: bucket.and_then(at),
            is_legacy: false,
        });
    }
    for provider in PROVIDERS {
        for pattern in provider.hosts {
            if pattern.tail.is_some() && pattern.tail != name_tail {
                continue;
            }
            let Some(found) = match_pattern(pattern, name, of_aws) else {
                continue;
            };
            let region = match found.region {
                Some(region) => at(region),
                None => pattern.region.or(provider.default_region),
            };
            return Some(HostReading {
                provider,
                region,
                network: pattern.network,
                bucket: found.bucket.and_then(at),
                is_legacy: pattern.is_legacy,
            });
        }
    }
    None
}

/// Region and prefix of the host of an access point.
fn access_point(name: &str) -> Option<(Option<&str>, Option<&str>)> {
    if let Some((_, region, front)) = access_point_host(name) {
        return Some((Some(region), front));
    }
    multi_region_alias(name).map(|alias| (None, alias))
}

/// A match of a pattern.
struct Found<'n> {
    region: Option<&'n str>,
    bucket: Option<&'n str>,
}

/// Matches labels from the right; the rest on the left is the bucket.
fn match_pattern<'n>(pattern: &Host, name: &'n str, of_aws: Option<&'n str>) -> Option<Found<'n>> {
    let (template, mut rest) = match pattern.template.strip_suffix(".{aws}") {
        Some(template) => (template, of_aws?),
        None => {
            // Most patterns fail here.
            let fixed = &pattern.template.as_bytes()[pattern.fixed_from..];
            if !name.as_bytes().ends_with(fixed) {
                return None;
            }
            (pattern.template, name)
        }
    };
    let is_of_aws = template.len() != pattern.template.len();
    let mut region = None;
    let mut wanted = template.rsplit('.');
    loop {
        let Some(want) = wanted.next() else {
            // The dot between bucket and host was consumed with the last label.
            return (!rest.is_empty()).then_some(Found {
                region,
                bucket: Some(rest),
            });
        };
        let (before, have) = match rest.rfind('.') {
            Some(dot) => (Some(&rest[..dot]), &rest[dot + 1..]),
            None => (None, rest),
        };
        if let Some(named) = match_label(want, have)? {
            if is_of_aws && !is_aws_region(named) {
                return None;
            }
            region = Some(named);
        }
        match before {
            Some(before) => rest = before,
            // Nothing may be left, so all labels must match.
            None => {
                return wanted.next().is_none().then_some(Found {
                    region,
                    bucket: None,
                });
            }
        }
    }
}

/// Labels in the place of a region that are not regions.
const NO_REGIONS: [&str; 14] = [
    "accelerate",
    "accelerate-overseas",
    "cdn",
    "control",
    "direct",
    "dualstack",
    "fips",
    "internal",
    "private",
    "public",
    "s3",
    "storage",
    "website",
    "www",
];

/// Whether a label matches, and the region in it.
fn match_label<'n>(want: &str, have: &'n str) -> Option<Option<&'n str>> {
    let Some(open) = want.find('{') else {
        return (want == have).then_some(None);
    };
    let close = want.find('}')?;
    let inner = have
        .strip_prefix(&want[..open])?
        .strip_suffix(&want[close + 1..])?;
    if inner.is_empty() {
        return None;
    }
    match &want[open + 1..close] {
        "region" => (!NO_REGIONS.contains(&inner)).then_some(Some(inner)),
        "geo" => Some(Some(without_geo(inner))),
        "account" if inner.len() == 32 && inner.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Some(None)
        }
        // IBM's tethered endpoints have a city before the geography.
        "metro" if inner.len() == 3 && inner.bytes().all(|b| b.is_ascii_lowercase()) => Some(None),
        "vpce" if inner.starts_with("vpce-") => Some(None),
        "name" => Some(None),
        _ => None,
    }
}

/// Old hosts of IBM have `us-geo` and `dal-us-geo` where current ones have `us`.
fn without_geo(region: &str) -> &str {
    match region.strip_suffix("-geo") {
        Some(geo) => geo.rsplit('-').next().unwrap_or(geo),
        None => region,
    }
}

/// Finds a store by its ID or an alias.
pub fn find_provider(id: &str) -> Option<&'static Provider> {
    let is = |name: &str| name.eq_ignore_ascii_case(id);
    PROVIDERS
        .iter()
        .find(|p| is(p.id) || p.aliases.iter().any(|alias| is(alias)))
}

/// The store of a TARGET scheme.
pub fn provider_of_scheme(scheme: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|p| p.schemes.contains(&scheme))
}

/// The stores that have a region of this name.
///
/// Several stores use AWS region names, and some have short names that are also IBM's: these belong
/// to AWS and IBM. A new name in the form of AWS belongs to AWS.
pub fn providers_of_region(region: &str) -> Vec<&'static Provider> {
    let has_it = |provider: &&Provider| provider.known_region(region).is_some();
    let aws = PROVIDERS.iter().find(|provider| provider.is_aws());
    let ibm = PROVIDERS.iter().find(|provider| provider.is_ibm());
    if let Some(owner) = aws.filter(has_it).or_else(|| ibm.filter(has_it)) {
        return vec![owner];
    }
    let having: Vec<_> = PROVIDERS.iter().filter(has_it).collect();
    match having.is_empty() && is_aws_region(region) {
        true => aws.into_iter().collect(),
        false => having,
    }
}

/// The endpoints of the store of a host: each host name in each region, with its region. Empty for
/// an unknown host.
pub fn other_hosts(host: &str) -> Vec<(Option<&'static str>, String)> {
    let Some(provider) = read_host(host).map(|reading| reading.provider) else {
        return Vec::new();
    };
    // Some hosts have an account-specific label.
    let own_label = host
        .split('.')
        .find(|label| label.len() == 32 && label.bytes().all(|b| b.is_ascii_hexdigit()));
    let mut names = Vec::new();
    for pattern in provider.hosts {
        let template = pattern
            .template
            .replace("{account}", own_label.unwrap_or("{account}"))
            .replace("{geo}", "{region}");
        if ["{account}", "{name}", "{metro}", "{vpce}"]
            .iter()
            .any(|placeholder| template.contains(placeholder))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read_parts(host: &str) -> (String, Option<String>, Network, Option<String>) {
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
                Network::Private,
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
            assert_eq!(read_parts(&host), expected, "{host}");
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
                        read_parts(host),
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
        // Account-specific labels are not invented.
        assert_eq!(other_hosts("ref.storage.supabase.co"), []);
    }
}
