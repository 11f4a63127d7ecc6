//! Hosts of many stores: the signed region, and which part is the bucket. `tests/hosts.json`
//! contains hosts of public lists with their sources; the others are below.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::run::{EXAMPLE_KEYS, Run};

const REGION_OF_LAST_RESORT: &str = "us-east-1";

fn presign(args: &[&str], variables: &[(&str, &str)]) -> (Option<Value>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cos-presign"))
        .env_clear()
        .envs([
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
        ])
        .envs(variables.iter().copied())
        .arg("get")
        .args(args)
        .args(["--output", "json", "--at", "2026-01-31"])
        .output()
        .unwrap();
    (
        serde_json::from_slice(&output.stdout).ok(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// Region of the scope, host and path.
fn signed(link: &Value) -> (String, String, String) {
    let url = link["url"].as_str().unwrap();
    let region = url
        .split_once("X-Amz-Credential=")
        .and_then(|(_, rest)| rest.split("%2F").nth(2))
        .unwrap();
    let (host, rest) = url.split_once("://").unwrap().1.split_once('/').unwrap();
    let path = rest.split('?').next().unwrap();
    (region.to_owned(), host.to_owned(), path.to_owned())
}

#[test]
fn hosts_of_public_lists_get_the_region_of_their_list() {
    let hosts: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string("tests/hosts.json").unwrap()).unwrap();
    assert!(hosts.len() > 100, "{}", hosts.len());
    let regions_of = |row: &Value| -> Vec<String> {
        let names = row["region"].as_array().unwrap().iter();
        names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let mut wrong = Vec::new();
    // As endpoints.
    for row in &hosts {
        let endpoint = format!("https://{}", row["host"].as_str().unwrap());
        let (link, stderr) = presign(&["my-bucket/k", "--endpoint", &endpoint], &[]);
        let region = link.as_ref().map(|link| signed(link).0).unwrap_or(stderr);
        if !regions_of(row).contains(&region) {
            wrong.push(format!("{endpoint}: {region}, not {:?}", regions_of(row)));
        }
    }
    // In URLs, all in one run, without and with another region in the environment.
    let urls: String = hosts
        .iter()
        .map(|row| format!("https://{}/my-bucket/k\n", row["host"].as_str().unwrap()))
        .collect();
    let options = "get --keys-from - --input targets --addressing path --quiet";
    for variables in [vec![], vec![("AWS_REGION", "eu-west-3")]] {
        let done = Run::new()
            .envs(EXAMPLE_KEYS)
            .envs(variables.iter().copied())
            .args(options.split(' '))
            .stdin(urls.as_str())
            .run();
        assert_eq!(done.stdout.lines().count(), hosts.len(), "{}", done.stderr);
        for (row, url) in hosts.iter().zip(done.stdout.lines()) {
            let region = signed(&serde_json::json!({ "url": url })).0;
            // If neither the table nor the name contains a region, the environment may.
            let is_free = !variables.is_empty() && regions_of(row) == [REGION_OF_LAST_RESORT];
            if !is_free && !regions_of(row).contains(&region) {
                wrong.push(format!("{variables:?} {url}: not {:?}", regions_of(row)));
            }
        }
    }
    // --region has precedence over all of them.
    let done = Run::new()
        .envs(EXAMPLE_KEYS)
        .args(options.split(' '))
        .args(["--region", "my-region"])
        .stdin(urls.as_str())
        .run();
    let others = done
        .stdout
        .lines()
        .filter(|url| !url.contains("%2Fmy-region%2Fs3%2F"));
    assert_eq!(others.count(), 0, "{}", done.stdout);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Region and, if it differs, the signed host of `my-bucket.HOST`.
#[test]
fn a_bucket_before_the_host_is_read_as_bucket_and_endpoint() {
    for (host, region) in [
        ("obs.cn-north-4.myhuaweicloud.com", "cn-north-4"),
        ("s3.oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou"),
        ("cn-hangzhou.oss.aliyuncs.com", "cn-hangzhou"),
        ("sos-ch-gva-2.exo.io", "ch-gva-2"),
        ("s3.eu-central-1.ionoscloud.com", "de"),
        ("storage.yandexcloud.net", "ru-central1"),
        (
            "bucket.vpce-0a1b2c3d-4e5f.s3.us-west-2.vpce.amazonaws.com",
            "us-west-2",
        ),
        (
            "s3-fips.dualstack.us-gov-west-1.amazonaws.com",
            "us-gov-west-1",
        ),
        ("cos.ap-guangzhou.tencentcos.cn", "ap-guangzhou"),
        ("s3.eu-west-7.unknown-store.example", "eu-west-7"),
        ("eu-west-7.s3.unknown-store.example", "eu-west-7"),
        ("objects.fra1.unknown-store.example", "fra1"),
        // With the dot of a fully qualified name.
        (
            "s3.us-south.cloud-object-storage.appdomain.cloud.",
            "us-south",
        ),
        ("s3.eu-west-7.unknown-store.example.", "eu-west-7"),
    ] {
        let address = format!("https://my-bucket.{host}/dir/k");
        let (link, stderr) = presign(&[&address], &[("AWS_REGION", "eu-west-3")]);
        let link = link.unwrap_or_else(|| panic!("{address}: {stderr}"));
        assert_eq!(
            signed(&link),
            (
                region.to_owned(),
                format!("my-bucket.{host}"),
                "dir/k".to_owned()
            ),
        );
        assert_eq!(link["bucket"], "my-bucket", "{address}");
    }
}

#[test]
fn unknown_hosts_without_a_region_yield_nothing() {
    for host in [
        "s3.example.com",
        "minio.my-company.com",
        "s3.dev.example.com",
        "s3-backup.example.com",
        "us-east-2.example.com",
        "storage.de.example.com",
        "10.0.0.7",
    ] {
        let endpoint = format!("https://{host}");
        let (link, stderr) = presign(
            &["my-bucket/k", "--endpoint", &endpoint],
            &[("AWS_REGION", "eu-west-3")],
        );
        let region = signed(&link.unwrap_or_else(|| panic!("{host}: {stderr}"))).0;
        assert_eq!(region, "eu-west-3", "{host}");
    }
}

#[test]
fn a_region_from_an_unknown_host_is_noted_with_its_source() {
    let output = Command::new(env!("CARGO_BIN_EXE_cos-presign"))
        .env_clear()
        .envs([
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
        ])
        .args([
            "get",
            "my-bucket/k",
            "--endpoint",
            "https://s3.eu-west-7.unknown-store.example",
        ])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        stderr,
        "note: the region `eu-west-7` is taken from the host `s3.eu-west-7.unknown-store.example`; \
         if it is another one, give --region\n"
    );
}

/// A region that is not signed as it was given is noted with its source.
#[test]
fn another_name_of_a_region_is_noted() {
    for (args, given, signed_for) in [
        (
            "b-1/k --region oss-cn-shanghai",
            "oss-cn-shanghai",
            "cn-shanghai",
        ),
        (
            "oss://b-1/k --region OSS-CN-HONGKONG",
            "OSS-CN-HONGKONG",
            "cn-hongkong",
        ),
        (
            "b-1/k --endpoint https://oss-eu-west-1.aliyuncs.com --region oss-eu-west-1",
            "oss-eu-west-1",
            "eu-west-1",
        ),
        (
            "cos://b-1250000000/k --region cos.ap-guangzhou",
            "cos.ap-guangzhou",
            "ap-guangzhou",
        ),
        ("b-1/k --region dal.us", "dal.us", "us"),
        (
            "b-1/k --provider wasabi --region nl-1",
            "nl-1",
            "eu-central-1",
        ),
        ("b-1/k --region aws-global", "aws-global", "us-east-1"),
        ("b-1/k --region US-SOUTH", "US-SOUTH", "us-south"),
        ("b-1/k --provider ovh --region GRA", "GRA", "gra"),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let (link, stderr) = presign(&args, &[]);
        let link = link.unwrap_or_else(|| panic!("{args:?}: {stderr}"));
        let (region, host, _) = signed(&link);
        assert_eq!(region, signed_for, "{args:?}");
        assert_eq!(host, host.to_ascii_lowercase(), "{args:?}");
        let note = format!("note: the region `{given}` (--region) is ");
        let notes: Vec<&str> = stderr.lines().filter(|l| l.starts_with(&note)).collect();
        assert_eq!(notes.len(), 1, "{args:?}: {stderr}");
        assert!(notes[0].contains(&format!("`{signed_for}`")), "{stderr}");
    }
    // The name that a host has is the store's own.
    for endpoint in [
        "https://oss-cn-hongkong.aliyuncs.com",
        "https://s3.dal.us.cloud-object-storage.appdomain.cloud",
        "https://s3.nl-1.wasabisys.com",
    ] {
        let (_, stderr) = presign(&["b-1/k", "--endpoint", endpoint], &[]);
        assert_eq!(stderr, "", "{endpoint}");
    }
}

#[test]
fn hosts_that_do_not_serve_every_account_or_may_hold_the_bucket_are_noted() {
    let mainland = ["b-1/k", "--region", "oss-cn-hangzhou"];
    let (_, stderr) = presign(&mainland, &[]);
    assert!(
        stderr.contains("--addressing bucket-host --region cn-hangzhou`"),
        "{stderr}"
    );
    let domain = "https://files.example.cn --addressing bucket-host --region cn-hangzhou";
    let mut args = vec!["b-1/k", "--endpoint"];
    args.extend(domain.split(' '));
    let (link, stderr) = presign(&args, &[]);
    let expected = ("cn-hangzhou", "files.example.cn", "k");
    let (region, host, path) = signed(&link.unwrap_or_else(|| panic!("{stderr}")));
    assert_eq!((&*region, &*host, &*path), expected);
    assert_eq!(stderr, "");
    let called_like_the_bucket = ["files/k", "--endpoint", "https://files.s3.fra1.example.com"];
    let (_, stderr) = presign(&called_like_the_bucket, &[]);
    assert!(
        stderr.contains("give `--endpoint https://s3.fra1.example.com`"),
        "{stderr}"
    );
    let another = ["other/k", "--endpoint", "https://files.s3.fra1.example.com"];
    let (_, stderr) = presign(&another, &[]);
    assert!(!stderr.contains("twice"), "{stderr}");
}

/// Refused hosts, and required words of the hint.
#[test]
fn hosts_and_targets_without_presigned_urls_are_refused_with_a_hint() {
    let account = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";
    let ends_in_bucket = format!("{account}/files");
    let cases: BTreeMap<&str, (Vec<&str>, &str)> = BTreeMap::from([
        (
            "telnyx",
            (
                vec![
                    "b-1/k",
                    "--endpoint",
                    "https://us-east-1.telnyxcloudstorage.com",
                ],
                "--force",
            ),
        ),
        (
            "website",
            (
                vec!["https://my-bucket.s3-website-eu-west-1.amazonaws.com/k"],
                "--endpoint https://s3.eu-west-1.amazonaws.com",
            ),
        ),
        (
            "website2",
            (
                vec!["https://my-bucket.s3-website.eu-central-1.amazonaws.com/k"],
                "--endpoint https://s3.eu-central-1.amazonaws.com",
            ),
        ),
        (
            "cloudfront",
            (
                vec!["https://d111111abcdef8.cloudfront.net/k"],
                "`aws cloudfront list-distributions --query 'DistributionList.Items[?DomainName==",
            ),
        ),
        (
            "r2.dev",
            (
                vec!["https://pub-1.r2.dev/dir/k?x=1"],
                "`cos-presign get BUCKET/dir/k --endpoint https://ACCOUNT.r2.cloudflarestorage.com`",
            ),
        ),
        (
            "do-cdn",
            (
                vec!["https://my-bucket.nyc3.cdn.digitaloceanspaces.com/a%20k"],
                "`cos-presign get 'my-bucket/a k' --endpoint https://nyc3.digitaloceanspaces.com`",
            ),
        ),
        (
            "b2",
            (
                vec!["https://f004.backblazeb2.com/file/my-bucket/dir/k"],
                "`cos-presign get my-bucket/dir/k --endpoint https://s3.us-west-004.backblazeb2.com`",
            ),
        ),
        (
            "ibm-website",
            (
                vec![
                    "https://my-bucket.s3-web.eu-de.cloud-object-storage.appdomain.cloud/index.html",
                ],
                "`cos-presign get my-bucket/index.html --endpoint \
                 https://s3.eu-de.cloud-object-storage.appdomain.cloud`",
            ),
        ),
        (
            "console-without-region",
            (
                vec!["https://cloud.digitalocean.com/spaces/b-1?path=dir%2Fk"],
                "`--region syd1`",
            ),
        ),
        (
            "console-of-a-bucket",
            (
                vec![
                    "https://cloud.ibm.com/objectstorage/crn?bucket=b-1&bucketRegion=eu-de&\
                     endpoint=s3.eu-de.cloud-object-storage.appdomain.cloud",
                ],
                "`cos-presign list b-1 --endpoint \
                 https://s3.eu-de.cloud-object-storage.appdomain.cloud`",
            ),
        ),
        (
            "console-of-no-bucket",
            (
                vec!["https://s3.console.aws.amazon.com/s3/home?region=us-east-1#x"],
                "copy the object's own URL",
            ),
        ),
        (
            "ibm-config",
            (
                vec![
                    "b-1/k",
                    "--endpoint",
                    "https://config.cloud-object-storage.cloud.ibm.com/v1",
                ],
                "--region us-south",
            ),
        ),
        (
            "express",
            (
                vec!["https://b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com/k"],
                "general purpose bucket",
            ),
        ),
        (
            "bucket-path",
            (
                vec!["files/k", "--endpoint", &ends_in_bucket, "--region", "auto"],
                "--endpoint https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com`",
            ),
        ),
        (
            "bucket-path-unknown",
            (
                vec![
                    "files/k",
                    "--endpoint",
                    "https://gw.example.com/files",
                    "--region",
                    "x",
                ],
                "--base-path /files",
            ),
        ),
        (
            "slip",
            (
                vec!["b-1/k", "--region", "us-suoth"],
                "did you mean `--region us-south`?",
            ),
        ),
        (
            "slip-provider",
            (
                vec!["b-1/k", "--provider", "ibm", "--region", "us-suoth"],
                "did you mean `--region us-south`?",
            ),
        ),
        (
            "slip-aws",
            (
                vec!["b-1/k", "--provider", "aws", "--region", "us-esat-1"],
                "did you mean `--region us-east-1`?",
            ),
        ),
        (
            "slip-cos",
            (
                vec!["cos://us-suoth/b-1/k"],
                "did you mean `cos://us-south/`?",
            ),
        ),
        (
            "label-of-the-host",
            (
                vec!["b-1/k", "--provider", "ionos", "--region", "eu-central-1"],
                "did you mean `--region de`?",
            ),
        ),
        (
            "label-of-the-host-2",
            (
                vec!["b-1/k", "--provider", "naver", "--region", "KR"],
                "did you mean `--region kr-standard`?",
            ),
        ),
        (
            "no-region-of-the-store",
            (
                vec!["b-1/k", "--provider", "byteark", "--region", "mars"],
                "name one: `--provider byteark --region st-th`",
            ),
        ),
        (
            "private-link",
            (
                vec!["https://b-1.vpce-0a-1b.s3.us-west-2.vpce.amazonaws.com/k"],
                "`cos-presign get b-1/k --endpoint \
                 https://bucket.vpce-0a-1b.s3.us-west-2.vpce.amazonaws.com`",
            ),
        ),
        (
            "private-link-control",
            (
                vec![
                    "b-1/k",
                    "--endpoint",
                    "https://control.vpce-0a-1b.s3.us-west-2.vpce.amazonaws.com",
                ],
                "`--endpoint https://bucket.vpce-0a-1b.s3.us-west-2.vpce.amazonaws.com`",
            ),
        ),
        (
            "accelerated-dots",
            (
                vec![
                    "my.b/k",
                    "--endpoint",
                    "https://s3-accelerate.amazonaws.com",
                ],
                "`--region REGION` without --endpoint",
            ),
        ),
        (
            "accelerated-path",
            (
                vec![
                    "b-1/k",
                    "--endpoint",
                    "https://s3-accelerate.dualstack.amazonaws.com",
                    "--addressing",
                    "path",
                ],
                "use `--addressing virtual`",
            ),
        ),
        (
            "scheme",
            (
                vec!["gs://my-bucket/k", "--provider", "aws"],
                "remove --provider",
            ),
        ),
    ]);
    for (name, (args, hint)) in cases {
        let (link, stderr) = presign(&args, &[]);
        assert!(link.is_none(), "{name}: {link:?}");
        assert!(stderr.contains(hint), "{name}: {stderr}");
    }
}

/// The command of a hint is run: it signs the same object.
#[test]
fn commands_for_the_origin_work_when_pasted() {
    for url in [
        "https://my-bucket.nyc3.cdn.digitaloceanspaces.com/dir/k",
        "https://f003.backblazeb2.com/file/my-bucket/dir/k",
        "https://my-bucket.s3-website-eu-west-1.amazonaws.com/dir/k",
        "https://my-bucket.s3-web.us-south.cloud-object-storage.appdomain.cloud/dir/k",
        "https://my-bucket.s3-website.fr-par.scw.cloud/dir/k",
        "https://my-bucket.s3-website.gra.io.cloud.ovh.net/dir/k",
        "https://my-bucket.vpce-0a-1b.s3.us-west-2.vpce.amazonaws.com/dir/k",
        "https://link.storjshare.io/raw/grant/my-bucket/dir/k",
    ] {
        let (_, stderr) = presign(&[url], &[]);
        let command = stderr
            .split_once("`cos-presign get ")
            .and_then(|(_, rest)| rest.split('`').next())
            .unwrap_or_else(|| panic!("{url}: {stderr}"));
        let args: Vec<&str> = command.split(' ').collect();
        let (link, stderr) = presign(&args, &[]);
        let link = link.unwrap_or_else(|| panic!("{command}: {stderr}"));
        assert_eq!(
            (&link["bucket"], &link["key"]),
            (&"my-bucket".into(), &"dir/k".into())
        );
    }
}

#[test]
fn urls_of_web_consoles_are_read_as_bucket_key_and_endpoint() {
    let account = "0123456789abcdef0123456789abcdef";
    let r2 =
        format!("https://dash.cloudflare.com/{account}/r2/default/buckets/b-1/objects/dir%2Fk");
    let r2_host = format!("{account}.r2.cloudflarestorage.com");
    for (url, region, host, path) in [
        (
            "https://eu-west-1.console.aws.amazon.com/s3/object/b-1?region=eu-west-1&\
             prefix=dir%2Fk&versionId=v1",
            "eu-west-1",
            "b-1.s3.eu-west-1.amazonaws.com",
            "dir/k",
        ),
        (
            "https://console.cloud.google.com/storage/browser/_details/b-1/dir/k;tab=live_object",
            "auto",
            "storage.googleapis.com",
            "b-1/dir/k",
        ),
        (&r2, "auto", &r2_host, "b-1/dir/k"),
        (
            "https://console.wasabisys.com/file_manager/b-1/dir/k?region=eu-central-1",
            "eu-central-1",
            "s3.eu-central-1.wasabisys.com",
            "b-1/dir/k",
        ),
        (
            "https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/b-1/object?path=dir%2Fk",
            "cn-hangzhou",
            "b-1.oss-cn-hangzhou.aliyuncs.com",
            "dir/k",
        ),
        (
            "https://console.scaleway.com/object-storage/buckets/fr-par/b-1/files/dir/k",
            "fr-par",
            "s3.fr-par.scw.cloud",
            "b-1/dir/k",
        ),
        (
            "https://objectstorage.us-ashburn-1.oraclecloud.com/n/my-ns/b/b-1/o/dir%2Fk",
            "us-ashburn-1",
            "my-ns.compat.objectstorage.us-ashburn-1.oraclecloud.com",
            "b-1/dir/k",
        ),
        (
            "https://cloud.linode.com/object-storage/buckets/us-east-1/b-1/objects?prefix=dir/k",
            "us-east-1",
            "us-east-1.linodeobjects.com",
            "b-1/dir/k",
        ),
    ] {
        let (link, stderr) = presign(&[url], &[("AWS_REGION", "eu-west-3")]);
        let link = link.unwrap_or_else(|| panic!("{url}: {stderr}"));
        let expected = (region.to_owned(), host.to_owned(), path.to_owned());
        assert_eq!(signed(&link), expected, "{url}");
        assert_eq!(
            (&link["bucket"], &link["key"]),
            (&"b-1".into(), &"dir/k".into()),
            "{url}"
        );
        assert!(stderr.starts_with("note: `b-1/dir/k` of "), "{stderr}");
        assert_eq!(link["warnings"][0]["code"], "console-url", "{url}");
        let has_version = link["url"].as_str().unwrap().contains("versionId=v1");
        assert_eq!(has_version, url.contains("versionId"), "{url}");
    }
    // `--region` selects the host, if the page does not.
    let page = "https://cloud.digitalocean.com/spaces/b-1?path=dir%2Fk";
    let (link, stderr) = presign(&[page, "--region", "nyc3"], &[]);
    let link = link.unwrap_or_else(|| panic!("{stderr}"));
    assert_eq!(signed(&link).1, "nyc3.digitaloceanspaces.com");
}

#[test]
fn schemes_of_targets_name_their_store() {
    let account = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";
    for (args, region, host, path) in [
        (
            vec!["gs://my-bucket/k"],
            "auto",
            "storage.googleapis.com",
            "my-bucket/k",
        ),
        (
            vec!["oss://my-bucket/k", "--region", "cn-hangzhou"],
            "cn-hangzhou",
            "my-bucket.oss-cn-hangzhou.aliyuncs.com",
            "k",
        ),
        (
            vec!["oss://my-bucket/k", "--region", "oss-cn-hangzhou"],
            "cn-hangzhou",
            "my-bucket.oss-cn-hangzhou.aliyuncs.com",
            "k",
        ),
        (
            vec!["obs://my-bucket/k", "--region", "cn-north-4"],
            "cn-north-4",
            "obs.cn-north-4.myhuaweicloud.com",
            "my-bucket/k",
        ),
        (
            vec!["tos://my-bucket/k", "--region", "cn-beijing"],
            "cn-beijing",
            "my-bucket.tos-s3-cn-beijing.volces.com",
            "k",
        ),
        (
            vec!["b2://my-bucket/k", "--region", "us-west-004"],
            "us-west-004",
            "s3.us-west-004.backblazeb2.com",
            "my-bucket/k",
        ),
        (
            vec!["r2://my-bucket/k", "--endpoint", account],
            "auto",
            "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com",
            "my-bucket/k",
        ),
        (
            vec!["t3://my-bucket/k"],
            "auto",
            "t3.storage.dev",
            "my-bucket/k",
        ),
        (
            vec!["cos://my-bucket-1250000000/k", "--region", "ap-guangzhou"],
            "ap-guangzhou",
            "my-bucket-1250000000.cos.ap-guangzhou.myqcloud.com",
            "k",
        ),
        (
            vec!["cos://my-bucket/dir/k", "--region", "us-south"],
            "us-south",
            "s3.us-south.cloud-object-storage.appdomain.cloud",
            "my-bucket/dir/k",
        ),
        (
            vec!["cos://US-SOUTH/my-bucket/k"],
            "us-south",
            "s3.us-south.cloud-object-storage.appdomain.cloud",
            "my-bucket/k",
        ),
        (
            vec!["s3a://my-bucket/k", "--region", "eu-west-1"],
            "eu-west-1",
            "my-bucket.s3.eu-west-1.amazonaws.com",
            "k",
        ),
        (
            vec!["my-bucket/k", "--region", "US-SOUTH"],
            "us-south",
            "s3.us-south.cloud-object-storage.appdomain.cloud",
            "my-bucket/k",
        ),
        (
            vec!["my-bucket/k", "--region", "dal.us"],
            "us",
            "s3.dal.us.cloud-object-storage.appdomain.cloud",
            "my-bucket/k",
        ),
        (
            vec!["my-bucket/k", "--region", "me-west-1"],
            "me-west-1",
            "my-bucket.s3.me-west-1.amazonaws.com",
            "k",
        ),
        (
            vec![
                "files/k",
                "--endpoint",
                "https://gw.example.com",
                "--base-path",
                "/files",
                "--region",
                "x",
            ],
            "x",
            "gw.example.com",
            "files/files/k",
        ),
        (
            vec![
                "b-1/k",
                "--endpoint",
                "https://ref.storage.supabase.co/storage/v1/s3",
                "--region",
                "x",
            ],
            "x",
            "ref.storage.supabase.co",
            "storage/v1/s3/b-1/k",
        ),
    ] {
        let (link, stderr) = presign(&args, &[]);
        let link = link.unwrap_or_else(|| panic!("{args:?}: {stderr}"));
        let expected = (region.to_owned(), host.to_owned(), path.to_owned());
        assert_eq!(signed(&link), expected, "{args:?}");
    }
}

#[test]
fn force_signs_for_a_store_whose_urls_publish_a_secret() {
    let endpoint = "https://us-east-1.telnyxcloudstorage.com";
    let (link, stderr) = presign(&["my-bucket/k", "--endpoint", endpoint, "--force"], &[]);
    assert_eq!(
        link.map(|link| signed(&link).0).as_deref(),
        Some("us-east-1")
    );
    assert!(
        stderr
            .starts_with("warning: a presigned URL of Telnyx Cloud Storage publishes the API key"),
        "{stderr}"
    );
}

#[test]
fn a_master_key_of_backblaze_is_warned_about() {
    let args = ["my-bucket/k", "--provider", "b2", "--region", "us-west-004"];
    for (id, expected) in [("0a1b2c3d4e5f", true), ("0040a1b2c3d4e5f0000000001", false)] {
        let (link, stderr) = presign(&args, &[("AWS_ACCESS_KEY_ID", id)]);
        assert!(link.is_some(), "{stderr}");
        assert_eq!(stderr.contains("master key"), expected, "{id}: {stderr}");
    }
}
