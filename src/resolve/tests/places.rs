//! Endpoint, region and addressing.

use super::*;

#[test]
fn addressing_style_of_the_profile_is_used() {
    let home = |style: &str| {
        let keys = "aws_access_key_id = AWS\naws_secret_access_key = s";
        Home::new(&[(
            ".aws/config",
            &format!("[default]\nregion = eu-west-1\n{keys}\ns3 =\n  addressing_style = {style}\n"),
        )])
    };
    let own = [("AWS_ENDPOINT_URL", "https://own.example.com")];
    let (path, host) = (
        "https://s3.eu-west-1.amazonaws.com/my-bucket/k",
        "https://my-bucket.s3.eu-west-1.amazonaws.com/k",
    );
    let (own_path, own_host) = (
        "https://own.example.com/my-bucket/k",
        "https://my-bucket.own.example.com/k",
    );
    for (style, of_aws, of_own) in [
        ("path", path, own_path),
        ("virtual", host, own_host),
        ("auto", host, own_path),
    ] {
        home(style).all(&[
            (
                "my-bucket/k",
                &[],
                &format!("{of_aws} for eu-west-1 by AWS"),
            ),
            (
                "my-bucket/k",
                &own,
                &format!("{of_own} for eu-west-1 by AWS"),
            ),
            (
                "my-bucket/k --addressing path",
                &own,
                &format!("{own_path} for eu-west-1 by AWS"),
            ),
            (
                "my-bucket/k --addressing virtual",
                &own,
                &format!("{own_host} for eu-west-1 by AWS"),
            ),
            (
                "my-bucket/k --addressing auto",
                &own,
                &format!("{own_path} for eu-west-1 by AWS"),
            ),
        ]);
    }
    assert_eq!(
        home("dns").outcome("my-bucket/k", &[]),
        "error: `addressing_style = dns` in `~/.aws/config` is not an addressing style"
    );
}

/// A region of Amazon S3 names no store where an endpoint is configured; that of another store
/// does.
#[test]
fn configured_endpoint_counts_for_its_store() {
    let home = Home::new(&[]);
    let keys = |url: &'static str| [AWS_KEYS[0], AWS_KEYS[1], ("AWS_ENDPOINT_URL", url)];
    let own = keys("https://own.example.com");
    let ibm = keys("https://s3.eu-de.cloud-object-storage.appdomain.cloud");
    let dualstack = keys("https://s3.dualstack.eu-west-1.amazonaws.com");
    let of_aws = "https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by AWS";
    let of_ibm =
        "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/k for us-south by AWS";
    home.all(&[
        ("my-bucket/k --region eu-west-1", &AWS_KEYS, of_aws),
        (
            "my-bucket/k --region eu-west-1",
            &own,
            "https://own.example.com/my-bucket/k for eu-west-1 by AWS",
        ),
        ("my-bucket/k --region us-south", &own, of_ibm),
        // Where a store is named, an endpoint of another is not its, and one of its own is.
        (
            "my-bucket/k --provider aws --region eu-west-1",
            &ibm,
            of_aws,
        ),
        (
            "my-bucket/k --provider aws --region eu-west-1",
            &own,
            of_aws,
        ),
        (
            "my-bucket/k --provider aws --region eu-west-1",
            &dualstack,
            "https://s3.dualstack.eu-west-1.amazonaws.com/my-bucket/k for eu-west-1 by AWS",
        ),
        (
            "my-bucket/k --provider minio",
            &own,
            "https://own.example.com/my-bucket/k for us-east-1 by AWS",
        ),
        (
            "my-bucket/k --provider minio",
            &AWS_KEYS,
            "error: no endpoint given for MinIO",
        ),
        (
            "my-bucket/k --provider minio --region r --network private",
            &AWS_KEYS,
            "error: no endpoint given for MinIO",
        ),
        (
            "my-bucket/k --provider aws --region eu-west-1 --network private",
            &AWS_KEYS,
            "error: Amazon S3 has no private network",
        ),
    ]);
}

#[test]
fn addressing_follows_options_and_store() {
    let home = Home::new(&[]);
    let oss = "https://my-bucket.oss-eu-west-1.aliyuncs.com/k for eu-west-1 by AWS";
    home.all(&[
        (
            "my-bucket/k --provider oss --region eu-west-1",
            &AWS_KEYS,
            oss,
        ),
        (
            "my-bucket/k --provider oss --region eu-west-1 --addressing path",
            &AWS_KEYS,
            "https://oss-eu-west-1.aliyuncs.com/my-bucket/k for eu-west-1 by AWS, \
                path-style-refused",
        ),
        (
            "my-bucket/k --endpoint https://s3-accelerate.amazonaws.com --region eu-west-1",
            &AWS_KEYS,
            "https://my-bucket.s3-accelerate.amazonaws.com/k for eu-west-1 by AWS",
        ),
        (
            "my-bucket/k --endpoint https://s3.eu-west-1.amazonaws.com",
            &AWS_KEYS,
            "https://s3.eu-west-1.amazonaws.com/my-bucket/k for eu-west-1 by AWS",
        ),
        (
            "my.bucket/k --region eu-west-1",
            &AWS_KEYS,
            "https://s3.eu-west-1.amazonaws.com/my.bucket/k for eu-west-1 by AWS",
        ),
        (
            "my.bucket/k --region eu-west-1 --addressing virtual",
            &AWS_KEYS,
            "https://my.bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by AWS, \
                dots-in-virtual-host",
        ),
        (
            "my.bucket/k --endpoint http://own.example.com --addressing virtual --region r",
            &AWS_KEYS,
            "http://my.bucket.own.example.com/k for r by AWS, http-endpoint",
        ),
        (
            "my-bucket/k --endpoint https://10.0.0.1 --addressing virtual --region r",
            &AWS_KEYS,
            "error: --addressing virtual, but no bucket can precede the IP address `10.0.0.1`",
        ),
        (
            "my_bucket/k --endpoint https://own.example.com --addressing virtual --region r",
            &AWS_KEYS,
            "error: --addressing virtual, but the bucket `my_bucket` cannot be part of a host name",
        ),
        (
            "my-bucket/k --endpoint https://bucket.example.com --addressing bucket-host --region r",
            &AWS_KEYS,
            "https://bucket.example.com/k for r by AWS",
        ),
        (
            "my-bucket/k --provider supabase --endpoint \
                https://x.storage.supabase.co/storage/v1/s3 --region r --addressing virtual",
            &AWS_KEYS,
            "error: --addressing virtual, but Supabase Storage serves path style only",
        ),
    ]);
}

/// The URL of an object is read by the configured endpoint, if it is one of its.
#[test]
fn object_urls_are_matched_with_the_configured_endpoint() {
    let home = Home::new(&[]);
    let own = [
        ("AWS_ENDPOINT_URL", "https://Own.example.com/base"),
        ("AWS_REGION", "r"),
    ];
    for (target, expected) in [
        (
            "https://own.example.com/base/my-bucket/k",
            "https://Own.example.com/base my-bucket k",
        ),
        (
            "https://my-bucket.OWN.example.com/base/k/l",
            "https://Own.example.com/base my-bucket k/l",
        ),
        (
            "https://my-bucket.own.example.com/base",
            "https://Own.example.com/base my-bucket -",
        ),
        (
            "https://own.example.com/based/k",
            "https://own.example.com based k",
        ),
        (
            "https://my-bucket.own.example.com/based/k",
            "https://my-bucket.own.example.com based k",
        ),
        (
            "http://own.example.com/base/my-bucket/k",
            "http://own.example.com base my-bucket/k",
        ),
        (
            "https://other.example.com/base/my-bucket/k",
            "https://other.example.com base my-bucket/k",
        ),
        (
            "https://my-own.example.com/base/my-bucket/k",
            "https://my-own.example.com base my-bucket/k",
        ),
    ] {
        assert_eq!(home.parts(target, &own), expected, "{target}");
    }
}

/// A region that is configured with an endpoint precedes that of its host, one configured
/// elsewhere does
/// not.
#[test]
fn region_comes_from_host_or_configuration() {
    let keys = "aws_access_key_id = AWS\naws_secret_access_key = s";
    let url = "https://s3.eu-west-1.amazonaws.com";
    let profile = format!("[default]\n{keys}\nregion = us-west-2\nendpoint_url = {url}\n");
    let (bare, of_profile) = (Home::new(&[]), Home::new(&[(".aws/config", &profile)]));
    let link = |region: &str, more: &str| format!("{url}/my-bucket/k for {region} by AWS{more}");
    let by_variable = [
        AWS_KEYS[0],
        AWS_KEYS[1],
        ("AWS_ENDPOINT_URL", url),
        ("AWS_REGION", "us-west-2"),
    ];
    bare.all(&[
        ("my-bucket/k", &by_variable[..3], &link("eu-west-1", "")),
        (
            "my-bucket/k",
            &by_variable,
            &link("us-west-2", ", region-differs"),
        ),
        (
            "my-bucket/k --region eu-west-1",
            &by_variable,
            &link("eu-west-1", ""),
        ),
        (
            &format!("my-bucket/k --endpoint {url}"),
            &[AWS_KEYS[0], AWS_KEYS[1], by_variable[3]],
            &link("eu-west-1", ""),
        ),
    ]);
    of_profile.all(&[
        ("my-bucket/k", &[], &link("us-west-2", ", region-differs")),
        (
            "my-bucket/k",
            &[("AWS_REGION", "us-east-2")],
            &link("us-east-2", ", region-differs"),
        ),
        (
            &format!("my-bucket/k --endpoint {url}"),
            &[],
            &link("eu-west-1", ""),
        ),
    ]);
    // The MinIO client looks at the variables, rclone does not.
    let home = Home::new(&[MC, RCLONE]);
    home.all(&[
        (
            "path/my-bucket/k --credentials-from mc",
            &[],
            "https://mc.example.com/my-bucket/k for us-east-1 by PATH",
        ),
        (
            "path/my-bucket/k --credentials-from mc",
            &[("AWS_REGION", "eu-1")],
            "https://mc.example.com/my-bucket/k for eu-1 by PATH",
        ),
        (
            "ibm:my-bucket/k",
            &[("AWS_REGION", "eu-1")],
            "https://rclone.example.com/my-bucket/k for us-east-1 by RCLONE",
        ),
    ]);
}

/// A configured region makes the endpoint of a named store if it can be one of its regions.
#[test]
fn named_store_uses_its_regions() {
    let home = Home::new(&[]);
    let set = |region: &'static str| [AWS_KEYS[0], AWS_KEYS[1], ("AWS_REGION", region)];
    let ibm =
        "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/k for us-south by AWS";
    home.all(&[
        ("my-bucket/k --provider ibm", &set("us-south"), ibm),
        (
            "my-bucket/k --provider ibm",
            &set("eu-west-1"),
            "error: --provider ibm needs a region",
        ),
        (
            "my-bucket/k --provider ibm",
            &AWS_KEYS,
            "error: --provider ibm needs a region",
        ),
        (
            "my-bucket/k --provider aws",
            &set("eu-west-1"),
            "https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by AWS",
        ),
        // AWS may have a new one.
        (
            "my-bucket/k --provider aws",
            &set("eu-west-9"),
            "https://my-bucket.s3.eu-west-9.amazonaws.com/k for eu-west-9 by AWS",
        ),
        (
            "my-bucket/k --provider storj",
            &AWS_KEYS,
            "https://gateway.storjshare.io/my-bucket/k for us-east-1 by AWS",
        ),
    ]);
    let with_class = home.outcome("my-bucket/k --provider ibm", &set("us-south-standard"));
    assert!(
        with_class.starts_with(
            "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/k for "
        ),
        "{with_class}"
    );
    let of_ibm = home.outcome("my-bucket/k --provider aws", &set("us-south"));
    assert!(!of_ibm.contains("us-south.amazonaws"), "{of_ibm}");
}
