//! Hosts that are not in the table: what can be inferred from their labels.
//!
//! Stores use similar host names. A word for the service occurs beside the region, as labels
//! (`s3.eu-west-1.example.com`, `eu-west-1.s3.example.com`) or in one (`s3-eu-west-1.example.com`),
//! or in the domain (`fra1.examplestorage.com`). What precedes both is a bucket.

use super::region_name::{RegionForm, region_form};

/// What can be inferred from an unknown host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuessedHost<'h> {
    /// The label, or part of one, that looks like a region.
    pub region: Option<&'h str>,
    /// What precedes service and region.
    pub bucket: Option<&'h str>,
}

/// Labels between service and region for the kind of access.
const NETWORKS: &[&str] = &[
    "direct",
    "dualstack",
    "fips",
    "internal",
    "ipv6",
    "private",
    "public",
];

/// Words in the domain names of storage services.
const DOMAIN_WORDS: &[&str] = &["bucket", "object", "s3", "spaces", "storage"];

/// Public suffixes with two labels.
const SECOND_LEVEL: &[&str] = &["ac", "co", "com", "edu", "gov", "net", "or", "org"];

/// Maximum number of labels in the host of a store.
const MOST_LABELS: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    Sure,
    Loose,
}

/// Words for object storage. A `match` on text compares lengths first, which a search of a list
/// does not.
fn service(label: &str) -> Option<Service> {
    match label {
        // These rarely mean anything else.
        "cos" | "eos" | "ks3" | "object-storage" | "object-store" | "objects" | "objectstorage"
        | "objectstore" | "objstore" | "obs" | "oos" | "oss" | "s3" | "s3-api" | "s3-compat"
        | "s3-gw" | "s3-internal" | "s3-nns" | "s3api" | "s3gw" | "sos" | "tos-s3" => {
            Some(Service::Sure)
        }
        // Beside these a country is not enough.
        "bos" | "ceph" | "files" | "gateway" | "gw" | "hb" | "minio" | "object" | "os" | "rgw"
        | "rook" | "spaces" | "ss" | "storage" | "store" | "swift" | "tos" | "vstorage" => {
            Some(Service::Loose)
        }
        _ => None,
    }
}

/// Whether a label is a word for object storage.
pub(super) fn is_service(label: &str) -> bool {
    service(label).is_some()
}

/// Parses a host name in lower case, without port, that is not in the table.
pub fn guess_host(host: &str) -> Option<GuessedHost<'_>> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut labels = [""; MOST_LABELS];
    let mut count = 0;
    for label in host.split('.') {
        *labels.get_mut(count)? = label;
        count += 1;
    }
    let labels = &labels[..count];
    // The registered domain is not a region, and neither is an IP address.
    let registered = registered(labels)?;
    let before = |index: usize| -> Option<&str> {
        let length = labels[..index].iter().map(|label| label.len() + 1).sum();
        host.get(..usize::checked_sub(length, 1)?)
    };
    let found = |region: usize, name, first: usize| {
        // `s3.` of `s3.ru1.storage.example.com` is not a bucket.
        let words = labels[..first]
            .iter()
            .rev()
            .take_while(|label| service(label).is_some());
        let first = first - words.count();
        (region < registered).then(|| GuessedHost {
            region: Some(name),
            bucket: before(first),
        })
    };
    // From the right: labels further left may be part of a bucket name.
    for index in (0..=registered).rev() {
        let label = labels[index];
        if let Some(region) = in_one_label(label)
            && let Some(guess) = found(index, region, index)
        {
            return Some(guess);
        }
        let Some(kind) = service(label) else {
            continue;
        };
        let is_region = |label: &str| match region_form(label) {
            RegionForm::Full => true,
            RegionForm::Bare => kind == Service::Sure,
            RegionForm::No => false,
        };
        let skipped = labels
            .get(index + 1)
            .is_some_and(|next| NETWORKS.contains(next));
        let next = index + 1 + usize::from(skipped);
        if let Some(region) = labels.get(next).filter(|label| is_region(label))
            && let Some(guess) = found(next, *region, index)
        {
            return Some(guess);
        }
        if let Some(left) = index.checked_sub(1)
            && is_region(labels[left])
            // A bucket may be named like a city, but has at least three letters.
            && (region_form(labels[left]) == RegionForm::Full || labels[left].len() <= 3)
            && let Some(guess) = found(left, labels[left], left)
        {
            return Some(guess);
        }
    }
    let domain = labels[registered];
    if let Some(left) = registered.checked_sub(1)
        && DOMAIN_WORDS.iter().any(|word| domain.contains(word))
        && region_form(labels[left]) == RegionForm::Full
    {
        return found(left, labels[left], left);
    }
    // No region, but a bucket before the service.
    let index = (1..registered)
        .rev()
        .find(|index| service(labels[*index]) == Some(Service::Sure))?;
    Some(GuessedHost {
        region: None,
        bucket: before(index),
    })
}

/// The registered label: the last but one, or the one before it under `co.uk` and similar.
fn registered(labels: &[&str]) -> Option<usize> {
    let last = labels.len().checked_sub(2)?;
    let top = labels[last + 1];
    if top.is_empty() || top.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let is_second_level = top.len() == 2 && SECOND_LEVEL.contains(&labels[last]);
    match is_second_level {
        true => last.checked_sub(1),
        false => Some(last),
    }
}

/// The region of `s3-eu-west-1`, `tos-s3-cn-beijing` or `fra1-s3`.
fn in_one_label(label: &str) -> Option<&str> {
    let hyphens = || {
        let bytes = label.as_bytes();
        (1..bytes.len().saturating_sub(1)).filter(move |at| bytes[*at] == b'-')
    };
    // The longest word leaves the shortest rest.
    let behind = hyphens().rev().find_map(|at| {
        let kind = service(&label[..at])?;
        Some((kind, &label[at + 1..]))
    });
    let in_front = hyphens().find_map(|at| {
        let kind = service(&label[at + 1..])?;
        Some((kind, &label[..at]))
    });
    [behind, in_front]
        .into_iter()
        .flatten()
        .find_map(|(kind, name)| match region_form(name) {
            RegionForm::Full => Some(name),
            RegionForm::Bare if kind == Service::Sure => Some(name),
            RegionForm::Bare | RegionForm::No => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_beside_a_word_for_the_service_is_the_region() {
        let mut wrong = Vec::new();
        for (host, region) in [
            ("s3.eu-west-1.example.com", "eu-west-1"),
            ("s3.fr-par.example.cloud", "fr-par"),
            ("eu-west-1.s3.example.com", "eu-west-1"),
            ("s3-eu-west-1.example.com", "eu-west-1"),
            ("s3.dualstack.eu-west-1.example.com", "eu-west-1"),
            ("sos-ch-gva-2.example.io", "ch-gva-2"),
            ("obs.eu-de.otc.t-systems.com", "eu-de"),
            ("obs.ru-moscow-1.hc.sbercloud.ru", "ru-moscow-1"),
            (
                "obs.eu-west-0.prod-cloud-ocb.orange-business.com",
                "eu-west-0",
            ),
            ("oos.eu-west-2.example.com", "eu-west-2"),
            ("oos-cn.ctyunapi.cn", "cn"),
            ("tos-s3-cn-beijing.example.com", "cn-beijing"),
            ("os.zrh1.example.cloud", "zrh1"),
            ("objects.lpg.cloudscale.ch", ""),
            ("objects.fra1.example.com", "fra1"),
            (
                "objectstorage.uk-gov-london-1.oraclegovcloud.uk",
                "uk-gov-london-1",
            ),
            (
                "ns.compat.objectstorage.eu-frankfurt-2.oraclecloud.eu",
                "eu-frankfurt-2",
            ),
            ("object-storage.nz-por-1.catalystcloud.io", "nz-por-1"),
            ("storage.gra1.example.net", "gra1"),
            ("hcm01.vstorage.vngcloud.vn", "hcm01"),
            ("us-east-1.storage.example.net", "us-east-1"),
            ("de-fra.i3storage.com", "de-fra"),
            ("fra1.examplespaces.com", "fra1"),
            ("object.storage.eu01.onstackit.cloud", "eu01"),
            ("s3.waw3-1.cloudferro.com", "waw3-1"),
            ("objectstore.lon1.civo.com", "lon1"),
            ("objectstorage.kr-central-2.kakaocloud.com", "kr-central-2"),
            ("s3.ru1.storage.beget.cloud", "ru1"),
            ("s3.pek3b.qingstor.com", "pek3b"),
            ("s3.cn-north-1.jdcloud-oss.com", "cn-north-1"),
            ("s3-internal.cn-north-1.jdcloud-oss.com", "cn-north-1"),
            ("s3.sto1.safedc.net", "sto1"),
            ("s3-kna1.citycloud.com", "kna1"),
            ("obs.eu-ch2.sc.otc.t-systems.com", "eu-ch2"),
            ("oss.cn-north-3.inspurcloudoss.com", "cn-north-3"),
            ("s3.de.tebi.io", "de"),
            ("de-s3.example.com", "de"),
            ("eu2.examplestorage.com", "eu2"),
            ("s3.bj.example.com", "bj"),
            ("hk.s3.example.com", "hk"),
            ("s3.gra.io.example.net", "gra"),
            ("ks3-cn-beijing.ksyuncs.com", "cn-beijing"),
            ("s3.ap-southeast-1.example.co.uk", "ap-southeast-1"),
            ("us-central-1.s3.stackpathstorage.com", "us-central-1"),
            ("files.us-east-2.example.ai", "us-east-2"),
            ("object.us-east1-a.examplecompute.com", "us-east1-a"),
            ("ny-s3.storage.example.com", "ny"),
            ("objectstore.mum1.example.com", "mum1"),
            ("s3.us-west-2.example.com.br", "us-west-2"),
        ] {
            for (address, bucket) in [
                (host.to_owned(), None),
                (format!("my-bucket.{host}"), Some("my-bucket")),
                (format!("my.bucket.{host}"), Some("my.bucket")),
            ] {
                if region.is_empty() {
                    let seen = guess_host(&address).and_then(|guess| guess.region);
                    assert_eq!(seen, None, "{address}");
                    continue;
                }
                let guess = guess_host(&address);
                let seen = guess.and_then(|guess| guess.region);
                let below = host.starts_with("ns.");
                if seen != Some(region) || (!below && guess.and_then(|g| g.bucket) != bucket) {
                    wrong.push(format!("{address}: {guess:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn no_region_is_made_of_other_words() {
        for host in [
            "s3.example.com",
            "s3.my-company.com",
            "s3.my-company.co.uk",
            "minio.example.com",
            "minio.my-app-1.example.com",
            "s3.dev.example.com",
            "s3.prod-1.example.com",
            "s3.k8s.example.com",
            "s3-dev.example.com",
            "s3-backup.example.com",
            "s3-proxy.internal",
            "s3.internal",
            "s3.lan",
            "s3",
            "localhost",
            "storage.example.de",
            "storage.de.example.com",
            "minio.us.example.com",
            "us-east-1.example.com",
            "fra1.example.com",
            "files.example.com",
            "files.de.example.com",
            "s3.us-based-a.example.com",
            "s3.fra1.com",
            "s3.de",
            "s3.us",
            "cos.io",
            "eu-west-1.com",
            "s3.node-1.example.com",
            "s3.lab-2.example.org",
            "objects.team-a.example.com",
            "c1.nl.fornex.io",
            "web1.de.example.com",
            "10.0.0.1",
            "127.0.0.1",
            "my-bucket.s3.example.com",
            "s3.amazonaws.com.example.org",
            "s3.filebase.com",
            "in.s3.example.com",
            "my.s3.example.com",
            "s3.it.example.com",
            "s3.my.example.com",
            "rook-ceph-rgw.rook-ceph.svc.cluster.local",
            "minio.minio.svc.cluster.local",
            "",
            ".",
            "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.s3.eu-west-1.example.com",
        ] {
            let region = guess_host(host).and_then(|guess| guess.region);
            assert_eq!(region, None, "{host}");
        }
    }

    #[test]
    fn a_bucket_before_the_service_is_seen_without_a_region_too() {
        let guess = guess_host("my-bucket.s3.example.com").expect("a bucket");
        assert_eq!((guess.region, guess.bucket), (None, Some("my-bucket")));
        assert_eq!(guess_host("s3.example.com"), None);
        assert_eq!(guess_host("files.example.com"), None);
    }
}
