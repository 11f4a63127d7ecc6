//! Hosts that belong to a store but do not support S3 signatures: websites, content delivery,
//! consoles, other interfaces. A presigned URL must be for the origin.

use super::aws_partition::{aws_domain, is_aws_region, without_aws_domain};
use super::host_name::read_host;
use super::unknown_host::{guess_host, is_service};

/// What a host is that is no S3 endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Front {
    /// Its kind.
    pub kind: FrontKind,
    /// The host to sign for, if known. Words in upper case are placeholders.
    pub origin: Option<String>,
    /// The bucket in the host.
    pub bucket: Option<String>,
}

/// Kinds of hosts that are no S3 endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontKind {
    /// It serves the objects of a bucket as a website.
    Website,
    /// It delivers copies of public objects.
    Cdn,
    /// The page of a web console.
    Console,
    /// An interface of the store that is not S3.
    OtherInterface,
    /// S3 Express One Zone, whose directory buckets require session credentials.
    DirectoryBuckets,
    /// A VPC endpoint of AWS without the label before it that says what it is for.
    PrivateLink,
}

/// A host name pattern: `*.example.com` with all subdomains, `{region}` for the label or part of
/// one with the region.
struct Row {
    pattern: &'static str,
    kind: FrontKind,
    origin: Option<&'static str>,
    /// Whether the bucket precedes it.
    follows_bucket: bool,
}

const fn row(pattern: &'static str, kind: FrontKind, origin: &'static str) -> Row {
    Row {
        pattern,
        kind,
        origin: Some(origin),
        follows_bucket: false,
    }
}

/// The host of a bucket.
const fn of_bucket(pattern: &'static str, kind: FrontKind, origin: &'static str) -> Row {
    Row {
        follows_bucket: true,
        ..row(pattern, kind, origin)
    }
}

const fn alone(pattern: &'static str, kind: FrontKind) -> Row {
    Row {
        pattern,
        kind,
        origin: None,
        follows_bucket: false,
    }
}

/// Every host that is known to be mistaken for an endpoint, with all subdomains.
const ROWS: &[Row] = &[
    alone(
        "config.cloud-object-storage.cloud.ibm.com",
        FrontKind::OtherInterface,
    ),
    alone(
        "config.private.cloud-object-storage.cloud.ibm.com",
        FrontKind::OtherInterface,
    ),
    alone(
        "config.direct.cloud-object-storage.cloud.ibm.com",
        FrontKind::OtherInterface,
    ),
    alone("s3.console.aws.amazon.com", FrontKind::Console),
    alone("console.aws.amazon.com", FrontKind::Console),
    alone("console.amazonaws.cn", FrontKind::Console),
    alone("cloud.ibm.com", FrontKind::Console),
    row(
        "console.cloud.google.com",
        FrontKind::Console,
        "storage.googleapis.com",
    ),
    row(
        "storage.cloud.google.com",
        FrontKind::Console,
        "storage.googleapis.com",
    ),
    row(
        "dash.cloudflare.com",
        FrontKind::Console,
        "ACCOUNT.r2.cloudflarestorage.com",
    ),
    row(
        "secure.backblaze.com",
        FrontKind::Console,
        "s3.REGION.backblazeb2.com",
    ),
    row(
        "console.wasabisys.com",
        FrontKind::Console,
        "s3.REGION.wasabisys.com",
    ),
    row(
        "cloud.digitalocean.com",
        FrontKind::Console,
        "REGION.digitaloceanspaces.com",
    ),
    row(
        "console.scaleway.com",
        FrontKind::Console,
        "s3.REGION.scw.cloud",
    ),
    row(
        "console.hetzner.com",
        FrontKind::Console,
        "REGION.your-objectstorage.com",
    ),
    row(
        "console.hetzner.cloud",
        FrontKind::Console,
        "REGION.your-objectstorage.com",
    ),
    row(
        "cloud.linode.com",
        FrontKind::Console,
        "REGION.linodeobjects.com",
    ),
    row(
        "oss.console.aliyun.com",
        FrontKind::Console,
        "oss-REGION.aliyuncs.com",
    ),
    row(
        "oss.console.alibabacloud.com",
        FrontKind::Console,
        "oss-REGION.aliyuncs.com",
    ),
    row(
        "console.cloud.tencent.com",
        FrontKind::Console,
        "cos.REGION.myqcloud.com",
    ),
    row(
        "console.tencentcloud.com",
        FrontKind::Console,
        "cos.REGION.myqcloud.com",
    ),
    row("console.storage.dev", FrontKind::Console, "t3.storage.dev"),
    row("console.tigris.dev", FrontKind::Console, "t3.storage.dev"),
    row(
        "cloud.oracle.com",
        FrontKind::Console,
        "NAMESPACE.compat.objectstorage.REGION.oraclecloud.com",
    ),
    row(
        "console.yandex.cloud",
        FrontKind::Console,
        "storage.yandexcloud.net",
    ),
    row(
        "console.huaweicloud.com",
        FrontKind::Console,
        "obs.REGION.myhuaweicloud.com",
    ),
    row(
        "supabase.com",
        FrontKind::Console,
        "PROJECT.storage.supabase.co/storage/v1/s3",
    ),
    row(
        "link.storjshare.io",
        FrontKind::Cdn,
        "gateway.storjshare.io",
    ),
    of_bucket(
        "website.yandexcloud.net",
        FrontKind::Website,
        "storage.yandexcloud.net",
    ),
    of_bucket(
        "s3-website.{region}.scw.cloud",
        FrontKind::Website,
        "s3.{region}.scw.cloud",
    ),
    of_bucket(
        "website-{region}.linodeobjects.com",
        FrontKind::Website,
        "{region}.linodeobjects.com",
    ),
    of_bucket(
        "cos-website.{region}.myqcloud.com",
        FrontKind::Website,
        "cos.{region}.myqcloud.com",
    ),
    of_bucket(
        "obs-website.{region}.myhuaweicloud.com",
        FrontKind::Website,
        "obs.{region}.myhuaweicloud.com",
    ),
    of_bucket(
        "{region}.cdn.digitaloceanspaces.com",
        FrontKind::Cdn,
        "{region}.digitaloceanspaces.com",
    ),
    row("r2.dev", FrontKind::Cdn, "ACCOUNT.r2.cloudflarestorage.com"),
    row(
        "f000.backblazeb2.com",
        FrontKind::OtherInterface,
        "s3.us-west-000.backblazeb2.com",
    ),
    row(
        "f001.backblazeb2.com",
        FrontKind::OtherInterface,
        "s3.us-west-001.backblazeb2.com",
    ),
    row(
        "f002.backblazeb2.com",
        FrontKind::OtherInterface,
        "s3.us-west-002.backblazeb2.com",
    ),
    row(
        "f003.backblazeb2.com",
        FrontKind::OtherInterface,
        "s3.eu-central-003.backblazeb2.com",
    ),
    row(
        "f004.backblazeb2.com",
        FrontKind::OtherInterface,
        "s3.us-west-004.backblazeb2.com",
    ),
    row(
        "f005.backblazeb2.com",
        FrontKind::OtherInterface,
        "s3.us-east-005.backblazeb2.com",
    ),
    row(
        "api.backblazeb2.com",
        FrontKind::OtherInterface,
        "s3.REGION.backblazeb2.com",
    ),
    alone("cloudfront.net", FrontKind::Cdn),
    alone("b-cdn.net", FrontKind::Cdn),
    alone("akamaized.net", FrontKind::Cdn),
    alone("azureedge.net", FrontKind::Cdn),
    alone("azurefd.net", FrontKind::Cdn),
    alone("cdn77.org", FrontKind::Cdn),
    of_bucket(
        "file.myqcloud.com",
        FrontKind::Cdn,
        "cos.REGION.myqcloud.com",
    ),
    alone("blob.core.windows.net", FrontKind::OtherInterface),
    of_bucket(
        "tos-{region}.volces.com",
        FrontKind::OtherInterface,
        "tos-s3-{region}.volces.com",
    ),
];

/// The kind of a lower-case host that is not an endpoint.
pub fn front_of(host: &str) -> Option<Front> {
    let host = host.strip_suffix('.').unwrap_or(host);
    if let Some(front) = of_aws(host).or_else(|| of_ibm(host)) {
        return Some(front);
    }
    let of_table = ROWS.iter().find_map(|row| {
        let (before, region) = matched(row.pattern, host)?;
        Some(Front {
            kind: row.kind,
            origin: row
                .origin
                .map(|origin| origin.replace("{region}", region.unwrap_or("REGION"))),
            bucket: bucket_before(before).filter(|_| row.follows_bucket),
        })
    });
    of_table.or_else(|| of_word(host))
}

/// A website of any other store: `-website` behind the word for the service, in a host that
/// without it is one of the store.
fn of_word(host: &str) -> Option<Front> {
    const WORD: &str = "-website";
    let at = host.rfind(WORD)?;
    let label = host[..at].rfind('.').map_or(0, |dot| dot + 1);
    let after = &host[at + WORD.len()..];
    if !is_service(&host[label..at]) || !after.starts_with(['.', '-']) {
        return None;
    }
    let origin = format!("{}{after}", &host[..at]);
    let bucket = match read_host(&origin) {
        Some(reading) => reading.bucket,
        None => {
            guess_host(&origin)
                .filter(|guess| guess.region.is_some())?
                .bucket
        }
    };
    // In a bucket the word is no more than a part of its name.
    let start = bucket.map_or(0, |bucket| bucket.len() + 1);
    (start <= label).then(|| Front {
        kind: FrontKind::Website,
        bucket: bucket.map(str::to_owned),
        origin: origin.get(start..).map(str::to_owned),
    })
}

/// The bucket of `bucket.`, which precedes a pattern.
fn bucket_before(before: &str) -> Option<String> {
    let bucket = before.strip_suffix('.')?;
    (!bucket.is_empty()).then(|| bucket.to_owned())
}

/// Whether a host or a parent domain matches this pattern: what precedes it, and the region in it.
fn matched<'h>(pattern: &str, host: &'h str) -> Option<(&'h str, Option<&'h str>)> {
    // A search for the whole word would take longer than everything else that is done with a host.
    let Some(brace) = pattern.bytes().position(|byte| byte == b'{') else {
        let front = host.strip_suffix(pattern)?;
        return (front.is_empty() || front.ends_with('.')).then_some((front, None));
    };
    let (before, after) = (&pattern[..brace], &pattern[brace + "{region}".len()..]);
    let rest = host.strip_suffix(after)?;
    let at = match before {
        "" => rest.rfind('.').map_or(0, |dot| dot + 1),
        _ => rest.rfind(before)? + before.len(),
    };
    let region = &rest[at..];
    let front = &rest[..at - before.len()];
    let is_label = !region.is_empty() && !region.contains('.');
    let is_whole = front.is_empty() || front.ends_with('.');
    // The S3 host of Volcengine has the same prefix as the native one.
    (is_label && is_whole && !region.starts_with("s3-")).then_some((front, Some(region)))
}

/// Static websites of IBM, with the label `s3-web` in place of `s3`.
fn of_ibm(host: &str) -> Option<Front> {
    let front = host.strip_suffix(".cloud-object-storage.appdomain.cloud")?;
    let at = match front.starts_with("s3-web.") {
        true => 0,
        false => front.find(".s3-web.")? + 1,
    };
    Some(Front {
        kind: FrontKind::Website,
        origin: Some(format!("s3{}", &host[at + "s3-web".len()..])),
        bucket: bucket_before(&host[..at]),
    })
}

/// AWS hosts: the label before the region decides.
fn of_aws(host: &str) -> Option<Front> {
    let front = without_aws_domain(host)?;
    if let Some(front) = front.strip_suffix(".vpce") {
        return of_private_link(front, &host[front.len()..]);
    }
    let mut labels = front.rsplit('.').filter(|label| *label != "dualstack");
    let (last, before) = (labels.next()?, labels.next());
    let rest = |label: Option<&str>| -> Option<(FrontKind, Option<String>)> {
        let label = label?;
        let old = label.strip_prefix("s3-website-").map(str::to_owned);
        match label {
            "s3-website" => Some((FrontKind::Website, None)),
            "s3-control" | "s3-control-fips" | "s3express-control" => {
                Some((FrontKind::OtherInterface, None))
            }
            _ if old.is_some() => Some((FrontKind::Website, old)),
            _ if label.starts_with("s3express-") => Some((FrontKind::DirectoryBuckets, None)),
            _ => None,
        }
    };
    let (kind, named) = rest(before)
        .filter(|_| is_aws_region(last))
        .or_else(|| rest(Some(last)))?;
    let region = named.or_else(|| is_aws_region(last).then(|| last.to_owned()));
    let service = front
        .rfind("s3-website")
        .filter(|_| kind == FrontKind::Website);
    Some(Front {
        kind,
        bucket: service.and_then(|service| bucket_before(&front[..service])),
        origin: region
            .filter(|_| kind != FrontKind::DirectoryBuckets)
            .map(|region| format!("s3.{region}.{}", aws_domain(&region))),
    })
}

/// `control.vpce-ID.s3.REGION` and `vpce-ID.s3.REGION`, before the domain: requests for objects are
/// sent to `bucket.vpce-ID.s3.REGION` or `accesspoint.vpce-ID.s3.REGION`.
fn of_private_link(front: &str, domain: &str) -> Option<Front> {
    let mut labels = front.rsplit('.');
    let (region, service, id) = (labels.next()?, labels.next()?, labels.next()?);
    if service != "s3" || !id.starts_with("vpce-") {
        return None;
    }
    let kind = match labels.next() {
        Some("bucket" | "accesspoint") => return None,
        Some("control") => FrontKind::OtherInterface,
        _ => FrontKind::PrivateLink,
    };
    let before = &front[..front.len() - id.len() - service.len() - region.len() - 2];
    Some(Front {
        kind,
        origin: Some(format!("bucket.{id}.{service}.{region}{domain}")),
        bucket: bucket_before(before).filter(|_| kind == FrontKind::PrivateLink),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_before_a_store_are_seen_with_their_origin() {
        for (host, kind, origin) in [
            (
                "b.s3-website-eu-west-1.amazonaws.com",
                FrontKind::Website,
                "s3.eu-west-1.amazonaws.com",
            ),
            (
                "b.s3-website.eu-central-1.amazonaws.com",
                FrontKind::Website,
                "s3.eu-central-1.amazonaws.com",
            ),
            (
                "my.b.s3-website.cn-north-1.amazonaws.com.cn",
                FrontKind::Website,
                "s3.cn-north-1.amazonaws.com.cn",
            ),
            (
                "b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
                FrontKind::DirectoryBuckets,
                "",
            ),
            (
                "123456789012.s3-control.us-east-1.amazonaws.com",
                FrontKind::OtherInterface,
                "s3.us-east-1.amazonaws.com",
            ),
            (
                "123456789012.s3-control.dualstack.us-east-1.amazonaws.com",
                FrontKind::OtherInterface,
                "s3.us-east-1.amazonaws.com",
            ),
            (
                "control.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
                FrontKind::OtherInterface,
                "bucket.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
            ),
            (
                "vpce-0a1b2c3d-4e5f.s3.cn-north-1.vpce.amazonaws.com.cn",
                FrontKind::PrivateLink,
                "bucket.vpce-0a1b2c3d-4e5f.s3.cn-north-1.vpce.amazonaws.com.cn",
            ),
            (
                "b.s3-website.gra.io.cloud.ovh.net",
                FrontKind::Website,
                "s3.gra.io.cloud.ovh.net",
            ),
            (
                "oss-website-cn-hangzhou.aliyuncs.com",
                FrontKind::Website,
                "oss-cn-hangzhou.aliyuncs.com",
            ),
            (
                "my-website.s3-website.eu-west-1.example.com",
                FrontKind::Website,
                "s3.eu-west-1.example.com",
            ),
            ("d111111abcdef8.cloudfront.net", FrontKind::Cdn, ""),
            (
                "pub-0123.r2.dev",
                FrontKind::Cdn,
                "ACCOUNT.r2.cloudflarestorage.com",
            ),
            (
                "b.nyc3.cdn.digitaloceanspaces.com",
                FrontKind::Cdn,
                "nyc3.digitaloceanspaces.com",
            ),
            (
                "f004.backblazeb2.com",
                FrontKind::OtherInterface,
                "s3.us-west-004.backblazeb2.com",
            ),
            (
                "b.s3-website.fr-par.scw.cloud",
                FrontKind::Website,
                "s3.fr-par.scw.cloud",
            ),
            (
                "b.website-us-east-1.linodeobjects.com",
                FrontKind::Website,
                "us-east-1.linodeobjects.com",
            ),
            (
                "tos-cn-beijing.volces.com",
                FrontKind::OtherInterface,
                "tos-s3-cn-beijing.volces.com",
            ),
            ("us-east-1.console.aws.amazon.com", FrontKind::Console, ""),
            (
                "config.direct.cloud-object-storage.cloud.ibm.com",
                FrontKind::OtherInterface,
                "",
            ),
            (
                "link.storjshare.io",
                FrontKind::Cdn,
                "gateway.storjshare.io",
            ),
        ] {
            let front = front_of(host).unwrap_or_else(|| panic!("{host}"));
            let shown = front.origin.as_deref().unwrap_or_default();
            assert_eq!((front.kind, shown), (kind, origin), "{host}");
        }
    }

    #[test]
    fn the_bucket_precedes_hosts_of_websites_and_some_others() {
        for (host, bucket) in [
            ("my.b.s3-website-eu-west-1.amazonaws.com", Some("my.b")),
            ("b.s3-website.eu-central-1.amazonaws.com", Some("b")),
            ("s3-website.eu-central-1.amazonaws.com", None),
            ("b.s3-website.fr-par.scw.cloud", Some("b")),
            ("b.nyc3.cdn.digitaloceanspaces.com", Some("b")),
            (
                "b.s3-web.eu-de.cloud-object-storage.appdomain.cloud",
                Some("b"),
            ),
            ("b-1250000000.file.myqcloud.com", Some("b-1250000000")),
            ("my.b.s3-website.gra.io.cloud.ovh.net", Some("my.b")),
            (
                "b.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
                Some("b"),
            ),
            (
                "control.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
                None,
            ),
            ("pub-0123.r2.dev", None),
            ("d111111abcdef8.cloudfront.net", None),
            ("123456789012.s3-control.us-east-1.amazonaws.com", None),
        ] {
            let front = front_of(host).unwrap_or_else(|| panic!("{host}"));
            assert_eq!(front.bucket.as_deref(), bucket, "{host}");
        }
        let front = front_of("b.s3-web.private.us-south.cloud-object-storage.appdomain.cloud");
        assert_eq!(
            front.and_then(|front| front.origin).as_deref(),
            Some("s3.private.us-south.cloud-object-storage.appdomain.cloud")
        );
    }

    #[test]
    fn endpoints_are_no_fronts() {
        for host in [
            "s3.eu-west-1.amazonaws.com",
            "b.s3.amazonaws.com",
            "s3-fips.us-east-1.amazonaws.com",
            "s3-website.example.com",
            "s3-website.s3.eu-west-1.amazonaws.com",
            "my-website.s3.eu-west-1.amazonaws.com",
            "s3-website.b.s3.us-south.cloud-object-storage.appdomain.cloud",
            "website.s3.eu-west-1.example.com",
            "website-data.s3.eu-west-1.example.com",
            "bucket.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
            "b.bucket.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
            "ap-1.accesspoint.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
            "tos-s3-cn-beijing.volces.com",
            "b.tos-s3-cn-beijing.volces.com",
            "s3.us-west-004.backblazeb2.com",
            "nyc3.digitaloceanspaces.com",
            "us-east-1.linodeobjects.com",
            "evilr2.dev",
            "gateway.storjshare.io",
        ] {
            assert_eq!(front_of(host), None, "{host}");
        }
    }
}
