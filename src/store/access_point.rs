//! Access points of Amazon S3: the parts of their ARNs, and their hosts.
//!
//! Source: AWS's endpoint rules for S3, as applied by botocore 1.43.

use crate::sigv4::Algorithm;

use super::aws_partition::aws_domain;

/// A parsed access point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessPoint {
    /// In one region.
    Regional {
        /// `s3`, or `s3-object-lambda`, whose functions transform objects in transit.
        service: &'static str,
        /// Region.
        region: String,
        /// The account, 12 digits.
        account: String,
        /// Name.
        name: String,
    },
    /// On an AWS Outpost.
    Outpost {
        /// Region.
        region: String,
        /// The account, 12 digits.
        account: String,
        /// `op-…`
        outpost: String,
        /// Name.
        name: String,
    },
    /// In several regions; it accepts only URLs signed with SigV4A.
    MultiRegion {
        /// `….mrap`
        alias: String,
    },
}

/// What an ARN of S3 identifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arn {
    /// `arn:aws:s3:::bucket/key`
    Bucket(String, Option<Vec<u8>>),
    /// `arn:aws:s3:us-west-2:123456789012:accesspoint/name/key`
    AccessPoint(AccessPoint, Option<Vec<u8>>),
}

/// Why an ARN cannot be the target of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArnError {
    /// Fewer than six fields, or fields that are not UTF-8.
    Form,
    /// Not of S3.
    Service,
    /// A resource that is neither a bucket nor an access point.
    Resource,
    /// An invalid region or account.
    RegionOrAccount,
    /// A name that cannot be part of a host name.
    Name,
}

impl ArnError {
    /// What is wrong, as the predicate of a sentence about the ARN.
    pub fn problem(self) -> &'static str {
        match self {
            ArnError::Form => "is not an ARN, which has six fields",
            ArnError::Service => "is an ARN of a service other than S3",
            ArnError::Resource => "is an ARN of neither a bucket nor an access point",
            ArnError::RegionOrAccount => "is an ARN without a region or an account of 12 digits",
            ArnError::Name => "is an ARN with an invalid bucket or access point name",
        }
    }
}

impl std::fmt::Display for ArnError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the text {}", self.problem())
    }
}

impl std::error::Error for ArnError {}

impl Arn {
    /// Parses an ARN with or without a key after it. What follows the name of the resource is the
    /// key, byte for byte.
    ///
    /// # Errors
    /// [`ArnError`] describes what is wrong.
    pub fn parse(text: &[u8]) -> Result<Arn, ArnError> {
        let mut fields = text.splitn(6, |byte| *byte == b':');
        let mut field =
            || std::str::from_utf8(fields.next().unwrap_or_default()).map_err(|_| ArnError::Form);
        let (arn, partition, service, region, account) =
            (field()?, field()?, field()?, field()?, field()?);
        let Some(resource) = fields
            .next()
            .filter(|_| arn == "arn" && partition.starts_with("aws"))
        else {
            return Err(ArnError::Form);
        };
        match service {
            "s3" if region.is_empty() && account.is_empty() => {
                let (name, key) = cut(resource);
                let name = std::str::from_utf8(name).map_err(|_| ArnError::Name)?;
                Ok(Arn::Bucket(name.to_owned(), key.map(<[u8]>::to_vec)))
            }
            "s3" | "s3-object-lambda" | "s3-outposts" => {
                access_point(service, region, account, resource)
            }
            _ => Err(ArnError::Service),
        }
    }
}

fn access_point(
    service: &str,
    region: &str,
    account: &str,
    resource: &[u8],
) -> Result<Arn, ArnError> {
    let (mut kind, mut rest) = cut_label(resource);
    let mut outpost = None;
    if service == "s3-outposts" && kind == b"outpost" {
        let (id, behind) = cut_label(rest.ok_or(ArnError::Resource)?);
        outpost = Some(label(id)?);
        (kind, rest) = cut_label(behind.ok_or(ArnError::Resource)?);
    }
    let Some(rest) =
        rest.filter(|_| kind == b"accesspoint" && outpost.is_some() == (service == "s3-outposts"))
    else {
        return Err(ArnError::Resource);
    };
    let (name, key) = cut(rest);
    let key = key.map(<[u8]>::to_vec);
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ArnError::RegionOrAccount);
    }
    if let Some(alias) = name
        .strip_suffix(b".mrap")
        .filter(|_| region.is_empty() && service == "s3")
    {
        return Ok(Arn::AccessPoint(
            AccessPoint::MultiRegion {
                alias: format!("{}.mrap", label(alias)?),
            },
            key,
        ));
    }
    let region = label(region.as_bytes()).map_err(|_| ArnError::RegionOrAccount)?;
    let (name, account) = (label(name)?, account.to_owned());
    let service = if service == "s3" {
        "s3"
    } else {
        "s3-object-lambda"
    };
    let access_point = match outpost {
        Some(outpost) => AccessPoint::Outpost {
            region,
            account,
            outpost,
            name,
        },
        None => AccessPoint::Regional {
            service,
            region,
            account,
            name,
        },
    };
    Ok(Arn::AccessPoint(access_point, key))
}

/// The text up to the first slash, and the rest.
fn cut(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|b| *b == b'/') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// The parts of a resource are separated by slashes or colons.
fn cut_label(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|b| matches!(b, b'/' | b':')) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// A label of a host name.
fn label(bytes: &[u8]) -> Result<String, ArnError> {
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    let fits = (1..=63).contains(&bytes.len())
        && bytes.iter().all(inner)
        && !bytes.starts_with(b"-")
        && !bytes.ends_with(b"-");
    if fits {
        Ok(String::from_utf8_lossy(bytes).into_owned())
    } else {
        Err(ArnError::Name)
    }
}

impl AccessPoint {
    /// Prefix of the endpoint's host, like a bucket in virtual-host style.
    pub fn host_label(&self) -> String {
        match self {
            AccessPoint::Regional { account, name, .. } => format!("{name}-{account}"),
            AccessPoint::Outpost {
                account,
                outpost,
                name,
                ..
            } => format!("{name}-{account}.{outpost}"),
            AccessPoint::MultiRegion { alias } => alias.clone(),
        }
    }

    /// The host of the endpoint.
    pub fn endpoint_host(&self) -> String {
        match self {
            AccessPoint::Regional {
                service: "s3",
                region,
                ..
            } => format!("s3-accesspoint.{region}.{}", aws_domain(region)),
            AccessPoint::Regional {
                service, region, ..
            } => format!("{service}.{region}.{}", aws_domain(region)),
            AccessPoint::Outpost { region, .. } => {
                format!("s3-outposts.{region}.{}", aws_domain(region))
            }
            AccessPoint::MultiRegion { .. } => MULTI_REGION_HOST.to_owned(),
        }
    }
}

/// Suffix of the alias of every Multi-Region Access Point.
const MULTI_REGION_HOST: &str = "accesspoint.s3-global.amazonaws.com";

/// The signature required by the host of an access point; `None` for other hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessPointRules {
    /// Service of the credential scope.
    pub service: &'static str,
    /// Algorithm.
    pub algorithm: Algorithm,
}

/// The rules of a host, with or without a prefix.
pub fn access_point_rules(host: &str) -> Option<AccessPointRules> {
    let host = host.to_ascii_lowercase();
    if host == MULTI_REGION_HOST
        || host
            .strip_suffix(MULTI_REGION_HOST)
            .is_some_and(|front| front.ends_with('.'))
    {
        return Some(AccessPointRules {
            service: "s3",
            algorithm: Algorithm::EcdsaP256Sha256,
        });
    }
    let of = |service| {
        Some(AccessPointRules {
            service,
            algorithm: Algorithm::HmacSha256,
        })
    };
    match access_point_host(&host)?.0 {
        "s3-outposts" => of("s3-outposts"),
        "s3-object-lambda" | "s3-object-lambda-fips" => of("s3-object-lambda"),
        _ => of("s3"),
    }
}

/// Service label, region and prefix of a regional host in lower case.
pub(super) fn access_point_host(host: &str) -> Option<(&'static str, &str, Option<&str>)> {
    let front = match host.strip_suffix(".amazonaws.com.cn") {
        Some(front) if host.contains(".cn-") => front,
        _ => host
            .strip_suffix(".amazonaws.com")
            .filter(|_| !host.contains(".cn-"))?,
    };
    let (front, region) = front.rsplit_once('.')?;
    let front = front.strip_suffix(".dualstack").unwrap_or(front);
    let (front, label) = match front.rsplit_once('.') {
        Some((front, label)) => (Some(front), label),
        None => (None, front),
    };
    let known = [
        "s3-accesspoint",
        "s3-accesspoint-fips",
        "s3-outposts",
        "s3-object-lambda",
        "s3-object-lambda-fips",
    ];
    let service = known.into_iter().find(|known| *known == label)?;
    Some((service, region, front))
}

/// Prefix of the host of all Multi-Region Access Points.
pub(super) fn multi_region_alias(host: &str) -> Option<Option<&str>> {
    let front = host.strip_suffix(MULTI_REGION_HOST)?;
    match front.strip_suffix('.') {
        Some(alias) => Some(Some(alias)),
        None => front.is_empty().then_some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::recognize_host;

    #[test]
    fn hosts_are_those_of_aws() {
        for (arn, host, service) in [
            (
                "arn:aws:s3:us-west-2:123456789012:accesspoint/my-ap",
                "my-ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
                "s3",
            ),
            (
                "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:my-ap",
                "my-ap-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn",
                "s3",
            ),
            (
                "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/mybanner",
                "mybanner-123456789012.s3-object-lambda.us-east-1.amazonaws.com",
                "s3-object-lambda",
            ),
            (
                "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/reports",
                "reports-123456789012.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com",
                "s3-outposts",
            ),
            (
                "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
                "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com",
                "s3",
            ),
        ] {
            for (key, text) in [
                (None, arn.to_owned()),
                (Some(&b"a/b:c"[..]), format!("{arn}/a/b:c")),
            ] {
                let parsed = Arn::parse(text.as_bytes());
                let Ok(Arn::AccessPoint(point, found)) = parsed else {
                    panic!("{text}: {parsed:?}")
                };
                assert_eq!(found.as_deref(), key, "{text}");
                assert_eq!(
                    format!("{}.{}", point.host_label(), point.endpoint_host()),
                    host
                );
                let rules = access_point_rules(host).expect("an access point's");
                assert_eq!(
                    rules,
                    access_point_rules(&point.endpoint_host()).expect("the same")
                );
                assert_eq!(rules.service, service);
                let of_pair = matches!(point, AccessPoint::MultiRegion { .. });
                assert_eq!(rules.algorithm == Algorithm::EcdsaP256Sha256, of_pair);
                let recognized = recognize_host(host).expect("of AWS");
                assert_eq!(
                    (recognized.provider, recognized.bucket),
                    ("aws", Some(point.host_label()))
                );
            }
        }
    }

    #[test]
    fn a_buckets_arn_is_the_bucket() {
        assert_eq!(
            Arn::parse(b"arn:aws:s3:::b"),
            Ok(Arn::Bucket("b".into(), None))
        );
        assert_eq!(
            Arn::parse(b"arn:aws:s3:::b//k:\xff"),
            Ok(Arn::Bucket("b".into(), Some(b"/k:\xff".to_vec())))
        );
        assert_eq!(Arn::parse(b"arn:aws:s3:::b\xff/k"), Err(ArnError::Name));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, error) in [
            ("arn:aws:s3", ArnError::Form),
            ("arn:gcp:s3:::b", ArnError::Form),
            ("arn:aws:sqs:us-east-1:123456789012:q", ArnError::Service),
            ("arn:aws:s3:us-east-1:123456789012:b", ArnError::Resource),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint",
                ArnError::Resource,
            ),
            (
                "arn:aws:s3-outposts:us-east-1:123456789012:accesspoint/x",
                ArnError::Resource,
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:outpost/op-1/accesspoint/x",
                ArnError::Resource,
            ),
            (
                "arn:aws:s3-outposts:us-east-1:123456789012:accesspoint/x/accesspoint/y",
                ArnError::Resource,
            ),
            (
                "arn:aws:s3:us-east-1:1234:accesspoint/x",
                ArnError::RegionOrAccount,
            ),
            (
                "arn:aws:s3::123456789012:accesspoint/x",
                ArnError::RegionOrAccount,
            ),
            (
                "arn:aws:s3:us_east:123456789012:accesspoint/x",
                ArnError::RegionOrAccount,
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint/X_y",
                ArnError::Name,
            ),
            (
                "arn:aws:s3::123456789012:accesspoint/a.b.mrap",
                ArnError::Name,
            ),
            (
                "arn:aws:s3:us-east-1:123456789012:accesspoint/a.mrap",
                ArnError::Name,
            ),
        ] {
            assert_eq!(Arn::parse(text.as_bytes()), Err(error), "{text}");
            assert_eq!(error.to_string(), format!("the text {}", error.problem()));
        }
        for host in [
            "accesspoint.s3-global.amazonaws.com.evil.example",
            "s3.us-west-2.amazonaws.com",
            "xaccesspoint.s3-global.amazonaws.com",
            "x-123456789012.s3-accesspoint.cn-north-1.amazonaws.com",
            "x-123456789012.s3-accesspoint.us-west-2.amazonaws.com.cn",
        ] {
            assert_eq!(access_point_rules(host), None, "{host}");
        }
        let dual_stack =
            access_point_rules("x-123456789012.s3-accesspoint.dualstack.us-west-2.amazonaws.com");
        assert_eq!(dual_stack.map(|rules| rules.service), Some("s3"));
    }
}
