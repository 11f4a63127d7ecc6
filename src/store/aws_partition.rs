//! AWS partitions: groups of regions, each with its own domain.
//!
//! Source: `partitions.json` of botocore 1.44.

/// A partition.
struct Partition {
    /// Prefix of the names of its regions.
    region_prefix: &'static str,
    /// Domain of its hosts.
    domain: &'static str,
}

/// The last one is for all other regions.
const PARTITIONS: &[Partition] = &[
    partition("cn-", "amazonaws.com.cn"),
    partition("eusc-", "amazonaws.eu"),
    partition("us-iso-", "c2s.ic.gov"),
    partition("us-isob-", "sc2s.sgov.gov"),
    partition("eu-isoe-", "cloud.adc-e.uk"),
    partition("us-isof-", "csp.hci.ic.gov"),
    partition("", "amazonaws.com"),
];

const fn partition(region_prefix: &'static str, domain: &'static str) -> Partition {
    Partition {
        region_prefix,
        domain,
    }
}

/// Prefixes of the direction in a region name.
const REGION_AREAS: &[&str] = &[
    "af", "ap", "ca", "cn", "eu", "eu-isoe", "eusc-de", "il", "me", "mx", "sa", "us", "us-gov",
    "us-iso", "us-isob", "us-isof",
];

/// The directions in region names.
const DIRECTIONS: &[&str] = &[
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// The domain of the hosts of a region.
pub(crate) fn aws_domain(region: &str) -> &'static str {
    PARTITIONS
        .iter()
        .find(|partition| region.starts_with(partition.region_prefix))
        .map_or("amazonaws.com", |partition| partition.domain)
}

/// An AWS host without its domain and the dot before it.
pub(super) fn without_aws_domain(host: &str) -> Option<&str> {
    PARTITIONS
        .iter()
        .find_map(|partition| host.strip_suffix(partition.domain)?.strip_suffix('.'))
}

/// Whether a name has the form of an AWS region, `us-east-1`, known or new.
pub(super) fn is_aws_region(name: &str) -> bool {
    // Pseudo-regions of AWS tools.
    if name == "aws-global" {
        return true;
    }
    let Some((rest, number)) = name.rsplit_once('-') else {
        return false;
    };
    let Some((area, direction)) = rest.rsplit_once('-') else {
        return false;
    };
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && DIRECTIONS.contains(&direction)
        && REGION_AREAS.contains(&area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_the_domain_of_their_partition() {
        for (region, domain) in [
            ("us-east-1", "amazonaws.com"),
            ("us-gov-west-1", "amazonaws.com"),
            ("cn-north-1", "amazonaws.com.cn"),
            ("eusc-de-east-1", "amazonaws.eu"),
            ("us-isob-east-1", "sc2s.sgov.gov"),
            ("us-iso-east-1", "c2s.ic.gov"),
        ] {
            assert_eq!(aws_domain(region), domain, "{region}");
            let host = format!("s3.{region}.{domain}");
            let front = format!("s3.{region}");
            assert_eq!(without_aws_domain(&host), Some(front.as_str()));
            assert!(is_aws_region(region), "{region}");
        }
        assert_eq!(without_aws_domain("evilamazonaws.com"), None);
    }

    #[test]
    fn new_regions_have_the_form_and_other_names_have_not() {
        for name in ["me-west-1", "sa-west-1", "ap-southeast-12"] {
            assert!(is_aws_region(name), "{name}");
        }
        for name in [
            "us-esat-1",
            "accelerate",
            "fips",
            "us-east",
            "us-east-",
            "website-eu-west-1",
        ] {
            assert!(!is_aws_region(name), "{name}");
        }
    }
}
