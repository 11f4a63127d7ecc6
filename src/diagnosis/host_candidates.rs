//! Other hosts and paths by which the object of a URL is known: one of them may be what was signed.

use std::collections::HashSet;

use crate::forensics::{Cause, Clues, HostClue};
use crate::store::{
    Address, Addressing, Endpoint, PROVIDERS, Provider, other_hosts, providers_of_region,
    read_host, similar_regions,
};

use super::host::{differ_in_port_only, host_name};
use super::url_parts::Anatomy;

/// Where stores are found inside of networks and in the first chapter of every tutorial.
const INTERNAL: [&str; 16] = [
    "localhost",
    "localhost:9000",
    "127.0.0.1:9000",
    "minio",
    "minio:9000",
    "localhost:4566",
    "localstack:4566",
    "localhost:8333",
    "localhost:3900",
    "localhost:7480",
    "rook-ceph-rgw",
    "s3",
    "s3.local",
    "storage",
    "host.docker.internal:9000",
    "nginx",
];

/// Base paths under which gateways put a store.
const BASE_PATHS: [&str; 12] = [
    "/s3",
    "/minio",
    "/storage",
    "/api",
    "/cos",
    "/files",
    "/storage/v1/s3",
    "/object-store",
    "/objects",
    "/media",
    "/swift/v1",
    "/cdn",
];

/// Gathers what the search may draw on for a URL. `seen_host` is the host that the store saw, where
/// that is known; `endpoints` and `regions` are those that are configured on this machine.
pub fn clues(
    anatomy: &Anatomy,
    seen_host: Option<&str>,
    endpoints: &[Endpoint],
    regions: &[String],
) -> Clues {
    let mut near = Collector {
        anatomy,
        clues: Vec::new(),
    };
    let url_host = anatomy.host();
    if let Some(seen) = seen_host.filter(|seen| !seen.eq_ignore_ascii_case(&url_host)) {
        near.clues.push(HostClue {
            host: url_host.clone(),
            path: None,
            cause: Cause::ProxyHost,
        });
        let (seen_name, _) = seen.split_once(':').unwrap_or((seen, ""));
        near.clues.push(HostClue {
            host: seen_name.to_owned(),
            path: None,
            cause: Cause::ProxyHost,
        });
    }
    for endpoint in endpoints {
        near.add_endpoint(endpoint);
    }
    near.other_style(&url_host);
    for host in twins(&url_host) {
        near.clues.push(HostClue {
            host,
            path: None,
            cause: Cause::Host,
        });
    }
    for endpoint in endpoints {
        // The endpoint may be that of a CDN or of a bucket, whose origin was signed.
        for host in twins(&lower_host(&endpoint.authority, endpoint)) {
            near.clues.push(HostClue {
                host,
                path: None,
                cause: Cause::Host,
            });
        }
        let host = lower_host(&endpoint.authority, endpoint);
        near.clues.push(HostClue {
            host,
            path: None,
            cause: Cause::Host,
        });
    }
    let mut far = Collector {
        anatomy,
        clues: Vec::new(),
    };
    let known = other_hosts(&host_name(&anatomy.parts.authority));
    let scope_region = anatomy
        .credential
        .as_ref()
        .map(|credential| credential.region.as_str());
    let host_region = anatomy
        .recognized
        .as_ref()
        .and_then(|recognized| recognized.region.as_deref());
    for (region, host) in known {
        let is_near = region.is_none()
            || region == scope_region
            || region == host_region
            || region == Some("us-east-1");
        let endpoint = Endpoint {
            scheme: anatomy.parts.scheme(),
            authority: host,
            base_path: Vec::new(),
        };
        if is_near {
            near.add_endpoint(&endpoint)
        } else {
            far.add_endpoint(&endpoint)
        }
    }
    for host in INTERNAL {
        near.clues.push(HostClue {
            host: host.to_owned(),
            path: None,
            cause: Cause::Host,
        });
    }
    let mut base_paths: Vec<Vec<u8>> = endpoints
        .iter()
        .map(|e| e.base_path.clone())
        .filter(|base| !base.is_empty())
        .collect();
    base_paths.extend(BASE_PATHS.iter().map(|base| base.as_bytes().to_vec()));
    let (regions, far_regions) = region_candidates(anatomy, endpoints, regions);
    Clues {
        hosts: near.clues,
        far_hosts: far.clues,
        base_paths,
        regions,
        far_regions,
    }
}

/// Regions that are signed for most often, at whatever store.
const COMMON_REGIONS: [&str; 26] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ca-central-1",
    "sa-east-1",
    "us-south",
    "us-east",
    "eu-de",
    "auto",
    "us-standard",
    "default",
    "garage",
    "eu",
    "us",
    "aws-global",
    "",
];

/// Regions that may have been signed: those that are tried together with a second mistake, and
/// those that are tried alone. Every one of them costs some thousand requests in pairs.
fn region_candidates(
    anatomy: &Anatomy,
    endpoints: &[Endpoint],
    regions: &[String],
) -> (Vec<String>, Vec<String>) {
    let signed = anatomy
        .credential
        .as_ref()
        .map(|credential| credential.region.as_str())
        .unwrap_or_default();
    let of_host = anatomy
        .recognized
        .as_ref()
        .and_then(|recognized| recognized.region.clone());
    // The store of the URL and those of endpoints that are configured here; where none is known,
    // the stores that have the region of the scope.
    let mut stores: Vec<&Provider> = anatomy.provider().into_iter().collect();
    stores.extend(
        endpoints
            .iter()
            .filter_map(|e| read_host(&host_name(&e.authority)).map(|reading| reading.provider)),
    );
    if stores.is_empty() {
        stores = providers_of_region(signed);
    }
    let has_classes = stores.is_empty() || stores.iter().any(|store| store.is_ibm());
    let near = regions
        .iter()
        .cloned()
        .chain(of_host)
        .chain([signed.to_ascii_lowercase(), signed.to_ascii_uppercase()])
        .chain(similar_regions(signed).map(str::to_owned))
        .chain(
            stores
                .iter()
                .flat_map(|p| p.regions)
                .map(|r| (*r).to_owned()),
        )
        .chain(COMMON_REGIONS.map(str::to_owned));
    let (near_classes, far_classes) = match has_classes {
        true => (&IBM_CLASSES[..], &[][..]),
        false => (&[][..], &IBM_CLASSES[..]),
    };
    let near = near.chain(near_classes.iter().map(|r| (*r).to_owned()));
    let mut seen = HashSet::new();
    let near: Vec<String> = near.filter(|region| seen.insert(region.clone())).collect();
    let far = PROVIDERS
        .iter()
        .flat_map(|p| p.regions)
        .chain(far_classes)
        .chain(["US"].iter())
        .map(|region| (*region).to_owned());
    let far = far.filter(|region| seen.insert(region.clone())).collect();
    (near, far)
}

/// Location constraints of IBM, which some programs sign as a region.
const IBM_CLASSES: [&str; 16] = [
    "us-south-standard",
    "us-east-standard",
    "eu-de-standard",
    "eu-gb-standard",
    "us-smart",
    "us-south-smart",
    "eu-standard",
    "ap-standard",
    "jp-tok-standard",
    "au-syd-standard",
    "us-geo",
    "eu-geo",
    "ap-geo",
    "us-cold",
    "us-vault",
    "eu-smart",
];

/// Other spellings of a host: the origin behind a CDN's name, and the names of this machine.
fn twins(host: &str) -> Vec<String> {
    let mut found = Vec::new();
    for label in [".cdn.", "-cdn.", ".edge.", ".cdn-"] {
        if host.contains(label) {
            found.push(host.replacen(label, ".", 1));
        }
    }
    for prefix in [
        "cdn.", "static.", "files.", "media.", "assets.", "s3.", "minio.", "www.",
    ] {
        if let Some(rest) = host.strip_prefix(prefix).filter(|rest| rest.contains('.')) {
            found.push(rest.to_owned());
        }
    }
    let (name, port) = host
        .split_once(':')
        .map_or((host, ""), |(name, port)| (name, port));
    const LOCAL: [&str; 4] = ["localhost", "127.0.0.1", "host.docker.internal", "0.0.0.0"];
    if LOCAL.contains(&name) {
        for other in LOCAL.iter().filter(|other| **other != name) {
            found.push(match port {
                "" => (*other).to_owned(),
                port => format!("{other}:{port}"),
            });
        }
    }
    found
}

struct Collector<'a> {
    anatomy: &'a Anatomy,
    clues: Vec<HostClue>,
}

impl Collector<'_> {
    /// Both styles at an endpoint.
    fn add_endpoint(&mut self, endpoint: &Endpoint) {
        let Some(bucket) = self.anatomy.bucket.as_deref() else {
            let host = lower_host(&endpoint.authority, endpoint);
            self.clues.push(HostClue {
                host,
                path: None,
                cause: Cause::Host,
            });
            return;
        };
        for style in [Addressing::Path, Addressing::Virtual] {
            let address = Address::new(endpoint, style, Some(bucket), self.anatomy.key.as_deref());
            let host = lower_host(&address.authority, endpoint);
            let same = host == self.anatomy.host() && address.path == self.anatomy.path();
            if same {
                continue;
            }
            if style == self.anatomy.addressing {
                let path = (address.path != self.anatomy.path()).then_some(address.path);
                let is_port = path.is_none() && differ_in_port_only(&host, &self.anatomy.host());
                self.clues.push(HostClue {
                    host,
                    path,
                    cause: if is_port { Cause::Port } else { Cause::Host },
                });
            } else {
                self.clues.push(HostClue {
                    host,
                    path: Some(address.path),
                    cause: Cause::Addressing,
                });
            }
        }
    }

    /// The same host with the bucket in the other place, whether the host is known or not.
    fn other_style(&mut self, host: &str) {
        let path = self.anatomy.path();
        let inner = path.strip_prefix(b"/").unwrap_or(&path);
        if self.anatomy.addressing == Addressing::Path
            && let Some(slash) = inner.iter().position(|b| *b == b'/')
            && let Ok(bucket) = std::str::from_utf8(&inner[..slash])
        {
            let host = format!("{}.{host}", bucket.to_ascii_lowercase());
            let key = inner[slash..].to_vec();
            self.clues.push(HostClue {
                host: host.clone(),
                path: Some(key),
                cause: Cause::Addressing,
            });
            self.clues.push(HostClue {
                host,
                path: None,
                cause: Cause::Addressing,
            });
        }
        let is_base_path = |label: &str| {
            BASE_PATHS
                .iter()
                .any(|base| base.strip_prefix('/') == Some(label))
        };
        if let Some((bucket, rest)) = host
            .split_once('.')
            .filter(|(label, _)| self.anatomy.recognized.is_none() && !is_base_path(label))
        {
            let with_bucket = [b"/", bucket.as_bytes(), &path].concat();
            self.clues.push(HostClue {
                host: rest.to_owned(),
                path: Some(with_bucket.clone()),
                cause: Cause::Addressing,
            });
            self.clues.push(HostClue {
                host: host.to_owned(),
                path: Some(with_bucket),
                cause: Cause::Addressing,
            });
            self.clues.push(HostClue {
                host: rest.to_owned(),
                path: None,
                cause: Cause::Host,
            });
        }
        if let Some(bucket) = self
            .anatomy
            .recognized
            .as_ref()
            .and_then(|recognized| recognized.bucket.as_deref())
            && let Some(rest) = host.get(bucket.len() + 1..)
        {
            let with_bucket = [b"/", bucket.as_bytes(), &path].concat();
            self.clues.push(HostClue {
                host: rest.to_owned(),
                path: Some(with_bucket.clone()),
                cause: Cause::Addressing,
            });
            self.clues.push(HostClue {
                host: host.to_owned(),
                path: Some(with_bucket),
                cause: Cause::Addressing,
            });
        }
    }
}

/// As a client sends it: lower case, without the default port.
fn lower_host(authority: &str, endpoint: &Endpoint) -> String {
    let host = authority.to_ascii_lowercase();
    let default = format!(":{}", endpoint.scheme.default_port());
    host.strip_suffix(&default)
        .map(str::to_owned)
        .unwrap_or(host)
}
