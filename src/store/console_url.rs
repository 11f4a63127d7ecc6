//! URLs from the address bar of a browser: pages of web consoles and native URLs of objects, which
//! name bucket and key in a form of their own.

use crate::sigv4::encode;

use super::host_name::find_provider;
use super::provider::Network;
use super::region_name::is_region_name;
use super::{Endpoint, Provider};

/// An object in a page of a web console, or in a native URL of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleUrl {
    /// ID of the store.
    pub provider: &'static str,
    /// The bucket.
    pub bucket: String,
    /// The key, or the prefix of a page that lists objects.
    pub key: Option<Vec<u8>>,
    /// The version.
    pub version_id: Option<Vec<u8>>,
    /// The endpoint URL, if the page names what it depends on.
    pub endpoint: Option<String>,
}

/// The pages of one host.
struct Pages {
    /// The labels of the host, after any others. A placeholder stands for a whole label.
    host: &'static str,
    provider: &'static str,
    /// Path and query of a page, and the host of the endpoint if the table cannot make it of the
    /// region. More path segments and query parameters may follow; `{key}` is the rest of the
    /// path, `{any}` any segment.
    pages: &'static [(&'static str, &'static str)],
}

const TABLE_HOST: &str = "";

const AWS_PAGES: &[(&str, &str)] = &[
    (
        "/s3/object/{bucket}/{key}?prefix={key}&region={region}&versionId={version}",
        TABLE_HOST,
    ),
    (
        "/s3/buckets/{bucket}/{key}?prefix={key}&region={region}",
        TABLE_HOST,
    ),
    (
        "/s3/upload/{bucket}/{key}?prefix={key}&region={region}",
        TABLE_HOST,
    ),
];

const OCI_HOST: &str = "{account}.compat.objectstorage.{region}.oraclecloud.com";

const OCI_NATIVE: &[(&str, &str)] = &[
    ("/n/{account}/b/{bucket}/o/{key}", OCI_HOST),
    ("/p/{any}/n/{account}/b/{bucket}/o/{key}", OCI_HOST),
];

const SUPABASE_HOST: &str = "{account}.storage.supabase.co";

const ALIBABA_PAGES: &[(&str, &str)] = &[("/bucket/oss-{region}/{bucket}?path={key}", TABLE_HOST)];

const TENCENT_PAGES: &[(&str, &str)] = &[
    ("/?bucket={bucket}&region={region}", TABLE_HOST),
    ("/?bucketName={bucket}&region={region}", TABLE_HOST),
];

const HUAWEI_PAGES: &[(&str, &str)] = &[
    ("/obs/manage/{bucket}?region={region}", TABLE_HOST),
    ("/obs/manager/{bucket}?region={region}", TABLE_HOST),
];

const GCS_JSON: &[(&str, &str)] = &[
    (
        "/download/storage/v1/b/{bucket}/o/{key}?generation={version}",
        TABLE_HOST,
    ),
    (
        "/storage/v1/b/{bucket}/o/{key}?generation={version}",
        TABLE_HOST,
    ),
];

const GCS_BROWSER: &[(&str, &str)] = &[
    ("/storage/browser/_details/{bucket}/{key}", TABLE_HOST),
    ("/storage/browser/{bucket}/{key}", TABLE_HOST),
];

const WASABI_PAGES: &[(&str, &str)] = &[(
    "/file_manager/{bucket}/{key}?region={region}&prefix={key}",
    TABLE_HOST,
)];

/// The formats of the consoles as their documents and users show them.
const PAGES: &[Pages] = &[
    pages("s3.console.aws.amazon.com", "aws", AWS_PAGES),
    pages("{region}.console.aws.amazon.com", "aws", AWS_PAGES),
    pages("console.aws.amazon.com", "aws", AWS_PAGES),
    pages("console.amazonaws.cn", "aws", AWS_PAGES),
    pages("console.amazonaws-us-gov.com", "aws", AWS_PAGES),
    pages(
        "cloud.ibm.com",
        "ibm",
        &[
            (
                "/objectstorage?bucket={bucket}&bucketRegion={region}&endpoint={endpoint}&\
                 prefix={key}",
                TABLE_HOST,
            ),
            (
                "/objectstorage/buckets/{bucket}?region={region}",
                TABLE_HOST,
            ),
            (
                "/objectstorage/{any}/buckets/{bucket}?region={region}",
                TABLE_HOST,
            ),
        ],
    ),
    pages("console.cloud.google.com", "gcs", GCS_BROWSER),
    pages("console.developers.google.com", "gcs", GCS_BROWSER),
    pages(
        "storage.cloud.google.com",
        "gcs",
        &[("/{bucket}/{key}", TABLE_HOST)],
    ),
    pages("storage.googleapis.com", "gcs", GCS_JSON),
    pages("www.googleapis.com", "gcs", GCS_JSON),
    pages(
        "dash.cloudflare.com",
        "r2",
        &[
            (
                "/{account}/r2/default/buckets/{bucket}/objects/{key}/details?prefix={key}",
                "{account}.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/eu/buckets/{bucket}/objects/{key}/details?prefix={key}",
                "{account}.eu.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/fedramp/buckets/{bucket}/objects/{key}/details?prefix={key}",
                "{account}.fedramp.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/default/buckets/{bucket}/objects/{key}",
                "{account}.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/default/buckets/{bucket}?prefix={key}",
                "{account}.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/eu/buckets/{bucket}/objects/{key}",
                "{account}.eu.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/eu/buckets/{bucket}?prefix={key}",
                "{account}.eu.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/fedramp/buckets/{bucket}/objects/{key}",
                "{account}.fedramp.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/fedramp/buckets/{bucket}?prefix={key}",
                "{account}.fedramp.r2.cloudflarestorage.com",
            ),
            (
                "/{account}/r2/buckets/{bucket}?prefix={key}",
                "{account}.r2.cloudflarestorage.com",
            ),
        ],
    ),
    pages(
        "{any}.backblazeb2.com",
        "b2",
        &[("/file/{bucket}/{key}", TABLE_HOST)],
    ),
    pages("console.wasabisys.com", "wasabi", WASABI_PAGES),
    pages(
        "cloud.digitalocean.com",
        "do-spaces",
        &[("/spaces/{bucket}?path={key}", TABLE_HOST)],
    ),
    pages(
        "console.scaleway.com",
        "scaleway",
        &[
            (
                "/object-storage/buckets/{region}/{bucket}/files/{key}?prefix={key}",
                TABLE_HOST,
            ),
            (
                "/object-storage/buckets/{region}/{bucket}/explorer/{key}?prefix={key}",
                TABLE_HOST,
            ),
            (
                "/object-storage/buckets/{region}/{bucket}?prefix={key}",
                TABLE_HOST,
            ),
        ],
    ),
    pages(
        "cloud.linode.com",
        "linode",
        &[(
            "/object-storage/buckets/{region}/{bucket}?prefix={key}",
            TABLE_HOST,
        )],
    ),
    pages("oss.console.aliyun.com", "alibaba", ALIBABA_PAGES),
    pages("oss.console.alibabacloud.com", "alibaba", ALIBABA_PAGES),
    pages("console.cloud.tencent.com", "tencent", TENCENT_PAGES),
    pages("console.tencentcloud.com", "tencent", TENCENT_PAGES),
    pages("console.huaweicloud.com", "huawei", HUAWEI_PAGES),
    pages("console-intl.huaweicloud.com", "huawei", HUAWEI_PAGES),
    pages("storage.huaweicloud.com", "huawei", HUAWEI_PAGES),
    pages(
        "cloud.oracle.com",
        "oci",
        &[(
            "/object-storage/buckets/{account}/{bucket}?region={region}&prefix={key}",
            OCI_HOST,
        )],
    ),
    pages("objectstorage.{region}.oraclecloud.com", "oci", OCI_NATIVE),
    pages(
        "objectstorage.{region}.oci.customer-oci.com",
        "oci",
        OCI_NATIVE,
    ),
    pages(
        "console.yandex.cloud",
        "yandex",
        &[
            (
                "/folders/{any}/storage/buckets/{bucket}?key={key}",
                TABLE_HOST,
            ),
            (
                "/folders/{any}/storage/bucket/{bucket}?key={key}",
                TABLE_HOST,
            ),
        ],
    ),
    pages(
        "console.storage.dev",
        "tigris",
        &[("/buckets/{bucket}?prefix={key}", TABLE_HOST)],
    ),
    pages(
        "console.tigris.dev",
        "tigris",
        &[("/buckets/{bucket}?prefix={key}", TABLE_HOST)],
    ),
    pages(
        "supabase.com",
        "supabase",
        &[
            (
                "/dashboard/project/{account}/storage/files/buckets/{bucket}",
                SUPABASE_HOST,
            ),
            (
                "/dashboard/project/{account}/storage/buckets/{bucket}",
                SUPABASE_HOST,
            ),
        ],
    ),
    pages(
        "{account}.supabase.co",
        "supabase",
        &[
            ("/storage/v1/object/public/{bucket}/{key}", SUPABASE_HOST),
            ("/storage/v1/object/sign/{bucket}/{key}", SUPABASE_HOST),
            (
                "/storage/v1/object/authenticated/{bucket}/{key}",
                SUPABASE_HOST,
            ),
        ],
    ),
    pages(
        "link.storjshare.io",
        "storj",
        &[
            ("/s/{any}/{bucket}/{key}", TABLE_HOST),
            ("/raw/{any}/{bucket}/{key}", TABLE_HOST),
        ],
    ),
];

const fn pages(
    host: &'static str,
    provider: &'static str,
    pages: &'static [(&'static str, &'static str)],
) -> Pages {
    Pages {
        host,
        provider,
        pages,
    }
}

/// Parses a URL copied from a browser; `None` if it is not of a known format or names no bucket.
pub fn read_console_url(text: &str) -> Option<ConsoleUrl> {
    let (_, rest) = text.split_once("://")?;
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.to_ascii_lowercase();
    let route = Route::parse(rest);
    PAGES.iter().find_map(|pages| {
        let mut of_host = Fields::default();
        match_host(pages.host, &host, &mut of_host)?;
        let provider = find_provider(pages.provider)?;
        pages.pages.iter().find_map(|(page, endpoint)| {
            let mut fields = of_host.clone();
            route.read(page, &mut fields)?;
            fields.into_url(provider, endpoint)
        })
    })
}

/// The values of placeholders.
#[derive(Clone, Default)]
struct Fields {
    account: Option<Vec<u8>>,
    bucket: Option<Vec<u8>>,
    endpoint: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    region: Option<Vec<u8>>,
    version: Option<Vec<u8>>,
}

impl Fields {
    fn set(&mut self, name: &str, value: Vec<u8>) {
        let field = match name {
            "account" => &mut self.account,
            "bucket" => &mut self.bucket,
            "endpoint" => &mut self.endpoint,
            "key" => &mut self.key,
            "region" => &mut self.region,
            "version" => &mut self.version,
            _ => return,
        };
        *field = Some(value).filter(|value| !value.is_empty());
    }

    fn into_url(self, provider: &'static Provider, endpoint: &str) -> Option<ConsoleUrl> {
        let text = |value: Option<Vec<u8>>| String::from_utf8(value?).ok();
        let bucket = text(self.bucket)?;
        if !bucket
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        {
            return None;
        }
        let region = text(self.region).filter(|region| is_region_name(region));
        let account = text(self.account).filter(|account| is_label(account));
        let named = text(self.endpoint).filter(|host| {
            Endpoint::parse(host)
                .ok()
                .and_then(|endpoint| endpoint.recognize())
                .is_some_and(|found| found.provider == provider.id && found.bucket.is_none())
        });
        let endpoint = match (named, endpoint) {
            (Some(host), _) => Some(format!("https://{}", host.trim_start_matches("https://"))),
            (None, TABLE_HOST) => region.and_then(|region| {
                let known = provider.known_region(&region).unwrap_or(&region).to_owned();
                provider.endpoint(&known, Network::Public)
            }),
            (None, template) => {
                let host = match account {
                    Some(account) => template.replace("{account}", &account),
                    None => template.to_owned(),
                };
                let host = match region {
                    Some(region) => host.replace("{region}", &region),
                    None => host,
                };
                let base = provider.base_path.unwrap_or_default();
                (!host.contains('{')).then(|| format!("https://{host}{base}"))
            }
        };
        Some(ConsoleUrl {
            provider: provider.id,
            bucket,
            key: self.key,
            version_id: self.version,
            endpoint,
        })
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// Matches labels from the right.
fn match_host(pattern: &str, host: &str, fields: &mut Fields) -> Option<()> {
    let mut labels = host.rsplit('.');
    for want in pattern.rsplit('.') {
        let have = labels.next()?;
        match placeholder(want) {
            Some((_, name, _)) if !have.is_empty() => fields.set(name, have.as_bytes().to_vec()),
            _ if want == have => {}
            _ => return None,
        }
    }
    Some(())
}

/// `before{name}after`
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// Path and query of a page. A console that is a program in the browser has both in the fragment.
struct Route<'t> {
    path: &'t str,
    queries: [&'t str; 2],
}

impl<'t> Route<'t> {
    fn parse(text: &'t str) -> Self {
        let (outer, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (path, query) = outer.split_once('?').unwrap_or((outer, ""));
        let fragment = fragment.strip_prefix('!').unwrap_or(fragment);
        if fragment.starts_with('/') {
            let (path, inner) = fragment.split_once('?').unwrap_or((fragment, ""));
            return Route {
                path,
                queries: [inner, query],
            };
        }
        Route {
            // Google's console has parameters of the page in its path.
            path: path.split_once(";tab=").map_or(path, |(path, _)| path),
            queries: [query, ""],
        }
    }

    /// Reads the fields of a page; the query goes before the path.
    fn read(&self, page: &str, fields: &mut Fields) -> Option<()> {
        let (path, query) = page.split_once('?').unwrap_or((page, ""));
        let mut have = self.path.strip_prefix('/').unwrap_or(self.path);
        let mut want = path.strip_prefix('/').unwrap_or(path);
        while !want.is_empty() {
            if let Some(suffix) = want.strip_prefix("{key}") {
                let key = have.strip_suffix(suffix)?;
                fields.set("key", encode::decode(key.as_bytes()).ok()?);
                break;
            }
            let (segment, rest) = want.split_once('/').unwrap_or((want, ""));
            let (value, behind) = have.split_once('/').unwrap_or((have, ""));
            match placeholder(segment) {
                Some((before, name, after)) => {
                    let value = value.strip_prefix(before)?.strip_suffix(after)?;
                    if value.is_empty() {
                        return None;
                    }
                    fields.set(name, encode::decode(value.as_bytes()).ok()?);
                }
                None if segment == value => {}
                None => return None,
            }
            (want, have) = (rest, behind);
        }
        for (parameter, (_, name, _)) in query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .filter_map(|(parameter, value)| Some((parameter, placeholder(value)?)))
        {
            let mut pairs = self
                .queries
                .iter()
                .flat_map(|query| query.split('&'))
                .filter_map(|pair| pair.split_once('='));
            if let Some((_, value)) = pairs.find(|(found, _)| *found == parameter) {
                // As browsers write forms: a space is `+`, and a `+` is `%2B`.
                let value = value.replace('+', "%20");
                fields.set(name, encode::decode(value.as_bytes()).ok()?);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_consoles_name_bucket_key_and_endpoint() {
        let account = "0123456789abcdef0123456789abcdef";
        let r2 = format!("https://{account}.r2.cloudflarestorage.com");
        let r2_eu = format!("https://{account}.eu.r2.cloudflarestorage.com");
        let mut wrong = Vec::new();
        for (url, provider, bucket, key, endpoint) in [
            (
                "https://us-west-2.console.aws.amazon.com/s3/object/my-bucket?region=us-west-2&\
                 bucketType=general&prefix=a+dir/k%2B1.txt",
                "aws",
                "my-bucket",
                "a dir/k+1.txt",
                "https://s3.us-west-2.amazonaws.com",
            ),
            (
                "https://s3.console.aws.amazon.com/s3/object/my-bucket/dir/k?region=eu-west-1&\
                 tab=overview",
                "aws",
                "my-bucket",
                "dir/k",
                "https://s3.eu-west-1.amazonaws.com",
            ),
            (
                "https://123456789012-abcdefgh.eu-west-3.console.aws.amazon.com/s3/buckets/b.1?\
                 prefix=dir%2F",
                "aws",
                "b.1",
                "dir/",
                "https://s3.eu-west-3.amazonaws.com",
            ),
            (
                "https://cn-north-1.console.amazonaws.cn/s3/object/b-1?region=cn-north-1&prefix=k",
                "aws",
                "b-1",
                "k",
                "https://s3.cn-north-1.amazonaws.com.cn",
            ),
            (
                "https://cloud.ibm.com/objectstorage/crn%3Av1%3Abluemix%3Apublic?bucket=b-1&\
                 bucketRegion=eu-de&endpoint=s3.eu-de.cloud-object-storage.appdomain.cloud&\
                 paneId=bucket_overview",
                "ibm",
                "b-1",
                "",
                "https://s3.eu-de.cloud-object-storage.appdomain.cloud",
            ),
            (
                "https://cloud.ibm.com/objectstorage/crn?bucket=b-1&bucketRegion=us-south-smart&\
                 endpoint=s3.example.com",
                "ibm",
                "b-1",
                "",
                "https://s3.us-south.cloud-object-storage.appdomain.cloud",
            ),
            (
                "https://console.cloud.google.com/storage/browser/_details/b-1/dir/a%20k.txt;\
                 tab=live_object?project=p-1",
                "gcs",
                "b-1",
                "dir/a k.txt",
                "",
            ),
            (
                "https://console.cloud.google.com/storage/browser/b-1/dir;tab=objects?pageState=x",
                "gcs",
                "b-1",
                "dir",
                "",
            ),
            (
                "https://storage.cloud.google.com/b-1/dir/k?authuser=1",
                "gcs",
                "b-1",
                "dir/k",
                "",
            ),
            (
                "https://storage.googleapis.com/download/storage/v1/b/b-1/o/dir%2Fk?alt=media",
                "gcs",
                "b-1",
                "dir/k",
                "",
            ),
            (
                &format!(
                    "https://dash.cloudflare.com/{account}/r2/default/buckets/b-1/objects/\
                     dir%2Fk.txt/details"
                ),
                "r2",
                "b-1",
                "dir/k.txt",
                &r2,
            ),
            (
                &format!("https://dash.cloudflare.com/{account}/r2/eu/buckets/b-1?prefix=dir%2F"),
                "r2",
                "b-1",
                "dir/",
                &r2_eu,
            ),
            (
                "https://console.wasabisys.com/#/file_manager/b-1/dir/k?region=eu-central-1",
                "wasabi",
                "b-1",
                "dir/k",
                "https://s3.eu-central-1.wasabisys.com",
            ),
            (
                "https://cloud.digitalocean.com/spaces/b-1?i=0a1b2c&path=dir%2F",
                "do-spaces",
                "b-1",
                "dir/",
                "",
            ),
            (
                "https://console.scaleway.com/object-storage/buckets/fr-par/b-1/files/dir",
                "scaleway",
                "b-1",
                "dir",
                "https://s3.fr-par.scw.cloud",
            ),
            (
                "https://cloud.linode.com/object-storage/buckets/us-east-1/b-1/objects?prefix=d/",
                "linode",
                "b-1",
                "d/",
                "https://us-east-1.linodeobjects.com",
            ),
            (
                "https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/b-1/object?path=dir%2F",
                "alibaba",
                "b-1",
                "dir/",
                "https://oss-cn-hangzhou.aliyuncs.com",
            ),
            (
                "https://console.cloud.tencent.com/cos/bucket?bucket=b-1250000000&\
                 region=ap-guangzhou",
                "tencent",
                "b-1250000000",
                "",
                "https://cos.ap-guangzhou.myqcloud.com",
            ),
            (
                "https://console.huaweicloud.com/console/?region=cn-north-4&locale=zh-cn#/obs/\
                 manage/b-1/object/list",
                "huawei",
                "b-1",
                "",
                "https://obs.cn-north-4.myhuaweicloud.com",
            ),
            (
                "https://cloud.oracle.com/object-storage/buckets/my-ns/b-1/objects?\
                 region=us-ashburn-1",
                "oci",
                "b-1",
                "",
                "https://my-ns.compat.objectstorage.us-ashburn-1.oraclecloud.com",
            ),
            (
                "https://objectstorage.eu-frankfurt-1.oraclecloud.com/n/my-ns/b/b-1/o/dir%2Fk",
                "oci",
                "b-1",
                "dir/k",
                "https://my-ns.compat.objectstorage.eu-frankfurt-1.oraclecloud.com",
            ),
            (
                "https://console.yandex.cloud/folders/b1g/storage/buckets/b-1?key=dir%2Fk",
                "yandex",
                "b-1",
                "dir/k",
                "",
            ),
            (
                "https://ref.supabase.co/storage/v1/object/public/b-1/dir/k",
                "supabase",
                "b-1",
                "dir/k",
                "https://ref.storage.supabase.co/storage/v1/s3",
            ),
            (
                "https://f004.backblazeb2.com/file/b-1/dir/k",
                "b2",
                "b-1",
                "dir/k",
                "",
            ),
        ] {
            let seen = read_console_url(url).map(|found| {
                (
                    found.provider,
                    found.bucket,
                    String::from_utf8(found.key.unwrap_or_default()).expect("UTF-8"),
                    found.endpoint.unwrap_or_default(),
                )
            });
            let expected = (
                provider,
                bucket.to_owned(),
                key.to_owned(),
                endpoint.to_owned(),
            );
            if seen.as_ref() != Some(&expected) {
                wrong.push(format!("{url}: {seen:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_version_in_the_page_is_read() {
        let found = read_console_url(
            "https://s3.console.aws.amazon.com/s3/object/b-1?region=us-east-1&prefix=k&versionId=x%2By",
        );
        let version = found.and_then(|found| found.version_id);
        assert_eq!(version.as_deref(), Some(&b"x+y"[..]));
    }

    #[test]
    fn other_urls_are_not_pages_of_a_bucket() {
        for url in [
            "https://s3.console.aws.amazon.com/s3/home?region=us-east-1",
            "https://s3.console.aws.amazon.com/s3/buckets",
            "https://us-east-1.console.aws.amazon.com/ec2/home#Instances",
            "https://cloud.ibm.com/objectstorage/create",
            "https://dash.cloudflare.com/0123/r2/overview",
            "https://storage.googleapis.com/my-bucket/k",
            "https://my-bucket.s3.amazonaws.com/s3/object/b/k",
            "https://console.cloud.google.com/storage/browser",
            "https://supabase.com/dashboard/project/ref",
            "https://ref.supabase.co/storage/v1/s3/b-1/k",
            "https://s3.us-west-004.backblazeb2.com/b-1/k",
            "https://s3.console.aws.amazon.com/s3/object/b%2Fx/k",
            "https://",
            "no URL",
        ] {
            assert_eq!(read_console_url(url), None, "{url}");
        }
    }

    #[test]
    fn every_page_has_its_store_and_known_placeholders() {
        for pages in PAGES {
            assert!(find_provider(pages.provider).is_some(), "{}", pages.host);
            for (page, endpoint) in pages.pages {
                let mut rest = format!("{}/{page}/{endpoint}", pages.host);
                while let Some((before, name, after)) = placeholder(&rest) {
                    let known = [
                        "account", "any", "bucket", "endpoint", "key", "region", "version",
                    ];
                    assert!(known.contains(&name), "{before}{{{name}}}");
                    rest = after.to_owned();
                }
                assert!(page.contains("{bucket}"), "{page}");
            }
        }
    }
}
