//! Accounts of other tools.

use super::*;

#[test]
fn aliases_of_the_minio_client_are_used() {
    let home = Home::new(&[
        MC,
        (
            "env",
            "MC_HOST_listed=https://LISTED:s@listed.example.com\n",
        ),
    ]);
    home.all(&[
        (
            "path/my-bucket/k",
            &[],
            "https://mc.example.com/my-bucket/k for us-east-1 by PATH",
        ),
        (
            "host/my-bucket/k",
            &[],
            "https://my-bucket.mc.example.com/k for us-east-1 by HOST",
        ),
        (
            "auto/my-bucket/k",
            &[],
            "http://mc.example.com/my-bucket/k for us-east-1 by AUTO, http-endpoint",
        ),
        (
            "aws/my-bucket/k",
            &[],
            "https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by AUTO",
        ),
        (
            "aws-path/my-bucket/k",
            &[],
            "https://s3.eu-west-1.amazonaws.com/my-bucket/k for eu-west-1 by PATH",
        ),
        (
            "path/my-bucket/k",
            &[("MC_REGION", "eu-1")],
            "https://mc.example.com/my-bucket/k for eu-1 by PATH",
        ),
        (
            "path/my-bucket/k",
            &[("MC_HOST_path", "https://VARIABLE:s@own.example.com")],
            "https://own.example.com/my-bucket/k for us-east-1 by VARIABLE",
        ),
        (
            "listed/my-bucket/k",
            &[("MC_CONFIG_ENV_FILE", "~/env")],
            "https://listed.example.com/my-bucket/k for us-east-1 by LISTED",
        ),
        // No name of an alias has a dot, so it is a bucket, even where a file has such a one.
        (
            "a.b/k",
            &[],
            "error: cannot determine the endpoint of `a.b`: no endpoint, region or provider given",
        ),
        (
            "path",
            &[],
            "error: `path` is the mc alias `path` in `~/.mc/config.json`, and no bucket follows it",
        ),
    ]);
}

#[test]
fn remotes_of_rclone_are_used() {
    let home = Home::new(&[
        RCLONE,
        ("encrypted", "# comment\n\nRCLONE_ENCRYPT_V0:\nxyz\n"),
    ]);
    let to = |id: &str| format!("https://rclone.example.com/my-bucket/k for us-east-1 by {id}");
    let by_variables = [
        ("RCLONE_CONFIG", "~/encrypted"),
        ("RCLONE_CONFIG_MINE_TYPE", "s3"),
        ("RCLONE_CONFIG_MINE_ACCESS_KEY_ID", "MINE"),
        ("RCLONE_CONFIG_MINE_SECRET_ACCESS_KEY", "s"),
        ("RCLONE_CONFIG_MINE_ENDPOINT", "https://mine.example.com"),
    ];
    home.all(&[
        ("ibm:my-bucket/k", &[], &to("RCLONE")),
        (
            "host:my-bucket/k",
            &[],
            "https://my-bucket.rclone.example.com/k for us-east-1 by RHOST",
        ),
        ("env-true:my-bucket/k", &AWS_KEYS, &to("AWS")),
        ("env-1:my-bucket/k", &AWS_KEYS, &to("AWS")),
        (
            "env-no:my-bucket/k",
            &AWS_KEYS,
            "error: the rclone remote `env-no` in `~/.config/rclone/rclone.conf` has no keys, so \
                it cannot sign",
        ),
        (
            "alias:k",
            &[],
            "https://rclone.example.com/my-bucket/p/k for us-east-1 by RCLONE",
        ),
        (
            "lost:k",
            &[],
            "error: an rclone alias points to the remote `nowhere`, which does not \
            exist",
        ),
        (
            "missing:my-bucket/k",
            &[],
            "error: `missing:` is not a remote of rclone, and no \
            endpoint, region or provider is given for a bucket `missing:my-bucket`",
        ),
        (
            "v2:my-bucket/k",
            &[],
            "error: the rclone remote `v2` in `~/.config/rclone/rclone.conf` uses signature \
                version 2, which cos-presign does not support",
        ),
        (
            "v2-region:my-bucket/k",
            &[],
            "error: the rclone remote `v2-region` in `~/.config/rclone/rclone.conf` uses \
                signature version 2, which cos-presign does not support",
        ),
        (
            "mine:my-bucket/k",
            &by_variables,
            "https://mine.example.com/my-bucket/k for us-east-1 by MINE",
        ),
        (
            "ibm:my-bucket/k",
            &by_variables,
            "error: `~/encrypted` is encrypted, and no password is given",
        ),
        // The variables of all remotes go before the file, but have no say in what a remote is.
        (
            "ibm:my-bucket/k",
            &[("RCLONE_S3_ACCESS_KEY_ID", "ALL")],
            &to("ALL"),
        ),
        (
            "ibm:my-bucket/k",
            &[("RCLONE_S3_TYPE", "drive")],
            &to("RCLONE"),
        ),
        (
            "alias:k",
            &[("RCLONE_S3_REMOTE", "host:other")],
            "https://rclone.example.com/my-bucket/p/k for us-east-1 by RCLONE",
        ),
        (
            "ibm:my-bucket/k",
            &[
                ("RCLONE_S3_ACCESS_KEY_ID", "ALL"),
                ("RCLONE_CONFIG_IBM_ACCESS_KEY_ID", "OWN"),
            ],
            &to("OWN"),
        ),
    ]);
}

#[test]
fn a_source_that_takes_its_account_from_the_target_needs_one_there() {
    let home = Home::new(&[]);
    for from in ["mc", "rclone", "file"] {
        for target in ["https://x.example.com/my-bucket/k", "s3://my-bucket/k", "/"] {
            let line = format!("{target} --credentials-from {from}");
            let expected = format!(
                "error: --credentials-from {from} takes the account from the TARGET, and this one \
                    names none"
            );
            assert_eq!(home.outcome(&line, &AWS_KEYS), expected, "{line}");
        }
    }
    home.all(&[
        (
            "my-bucket/k --credentials-from mc",
            &[],
            "error: --credentials-from mc, but `my-bucket` is not an alias of the MinIO client",
        ),
        (
            "my-bucket/k --credentials-from rclone",
            &[],
            "error: --credentials-from rclone, but `my-bucket` is not a remote of rclone",
        ),
        (
            "my-bucket/k --credentials-from file",
            &[],
            "error: there is no target `my-bucket` in `~/.config/cos-presign/config.toml`",
        ),
        (
            "@my-bucket/k --credentials-from mc",
            &[],
            "error: `@my-bucket` is a target, and --credentials-from names another source",
        ),
    ]);
}

/// Store and keys come from the file of s3cmd together, and only where nothing else names either.
#[test]
fn s3cmd_is_used_where_nothing_else_names_a_store() {
    let home = Home::new(&[S3CMD]);
    let theirs = "https://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD";
    let unknown = "error: cannot determine the endpoint of `my-bucket`: no endpoint, region or \
        provider given";
    let ibm = "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/k for us-south \
        by S3CMD";
    let aws = "https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by S3CMD";
    home.all(&[
        ("my-bucket/k", &[], theirs),
        ("my-bucket/k --region us-south", &[], ibm),
        ("my-bucket/k --provider aws --region eu-west-1", &[], aws),
        ("my-bucket/k", &[("AWS_REGION", "us-south")], ibm),
        ("cos://us-south/my-bucket/k", &[], ibm),
        (
            "my-bucket/k --endpoint https://own.example.com",
            &[],
            "https://own.example.com/my-bucket/k for us-east-1 by S3CMD, region-guessed",
        ),
        (
            "my-bucket/k",
            &[("AWS_ENDPOINT_URL", "https://own.example.com")],
            "https://own.example.com/my-bucket/k for us-east-1 by S3CMD, region-guessed",
        ),
        (
            "https://own.example.com/my-bucket/k",
            &[],
            "https://own.example.com/my-bucket/k for us-east-1 by S3CMD, region-guessed",
        ),
        ("my-bucket/k", &AWS_KEYS, unknown),
        ("my-bucket/k", &COS_KEYS, unknown),
        ("my-bucket/k --credentials-from env", &AWS_KEYS, unknown),
        // Named by the option, it counts whatever else there is.
        ("my-bucket/k --credentials-from s3cmd", &AWS_KEYS, theirs),
        (
            "my-bucket/k --credentials-from s3cmd",
            &[("AWS_REGION", "us-south")],
            theirs,
        ),
        (
            "my-bucket/k --credentials-from s3cmd --region eu-1",
            &[],
            "https://s3cmd.example.com/my-bucket/k for eu-1 by S3CMD",
        ),
        (
            "my-bucket/k --credentials-from s3cmd --endpoint https://own.example.com",
            &AWS_KEYS,
            "https://own.example.com/my-bucket/k for us-east-1 by S3CMD, region-guessed",
        ),
        (
            "https://own.example.com/my-bucket/k --credentials-from s3cmd",
            &AWS_KEYS,
            "https://own.example.com/my-bucket/k for us-east-1 by S3CMD, region-guessed",
        ),
    ]);
    let without = Home::new(&[]);
    let error = "error: --credentials-from s3cmd, but s3cmd has no keys in `~/.s3cfg`";
    assert_eq!(
        without.outcome("my-bucket/k --credentials-from s3cmd", &[]),
        error
    );
    assert_eq!(without.outcome("my-bucket/k", &[]), unknown);
    let keys_alone = Home::new(&[(".s3cfg", "[default]\naccess_key = S3CMD\nsecret_key = s\n")]);
    assert_eq!(keys_alone.outcome("my-bucket/k", &[]), unknown);
    assert_eq!(
        keys_alone.outcome("my-bucket/k --region us-south", &[]),
        ibm
    );
}

#[test]
fn options_of_s3cmd_choose_store_and_region() {
    for (line, expected) in [
        (
            "use_https = True",
            "https://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD",
        ),
        (
            "use_https = False",
            "http://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD, http-endpoint",
        ),
        (
            "use_https = no",
            "http://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD, http-endpoint",
        ),
        (
            "use_https = 0",
            "http://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD, http-endpoint",
        ),
        (
            "use_https = off",
            "http://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD, http-endpoint",
        ),
        (
            "bucket_location = eu-1",
            "https://s3cmd.example.com/my-bucket/k for eu-1 by S3CMD",
        ),
        (
            "bucket_location = US",
            "https://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD",
        ),
        (
            "bucket_location = EU",
            "https://s3cmd.example.com/my-bucket/k for eu-west-1 by S3CMD",
        ),
        (
            "access_key = \"QUOTED\"",
            "https://s3cmd.example.com/my-bucket/k for us-east-1 by QUOTED",
        ),
        ("access_key =", "error: `~/.s3cfg` has no `access_key`"),
        ("secret_key =", "error: `~/.s3cfg` has no `secret_key`"),
        (
            "; host_base = other.example.com",
            "https://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD",
        ),
        (
            "# host_base = other.example.com",
            "https://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD",
        ),
    ] {
        let home = Home::new(&[(".s3cfg", &format!("{}{line}\n", S3CMD.1))]);
        assert_eq!(home.outcome("my-bucket/k", &[]), expected, "{line}");
    }
    // A bucket before the host is what s3cmd does by itself, so that says nothing; a host without
    // one says path style.
    let of_aws = |line: &str| {
        let text = "[default]\naccess_key = S3CMD\nsecret_key = s\nhost_base = \
            s3.eu-west-1.amazonaws.com\nhost_bucket = ";
        Home::new(&[(".s3cfg", &format!("{text}{line}\n"))]).outcome("my-bucket/k", &[])
    };
    let virtual_style = "https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by S3CMD";
    assert_eq!(
        of_aws("%(bucket)s.s3.eu-west-1.amazonaws.com"),
        virtual_style
    );
    assert_eq!(
        of_aws("s3.eu-west-1.amazonaws.com"),
        "https://s3.eu-west-1.amazonaws.com/my-bucket/k for eu-west-1 by S3CMD"
    );
}

#[test]
fn completion_lists_every_named_account() {
    let own = (
        ".config/cos-presign/config.toml",
        "[target.reports]\nregion = \"us-south\"\n[target.a]\nregion = \"us-south\"\n",
    );
    let home = Home::new(&[MC, RCLONE, own]);
    let env = home.env(&[
        ("MC_HOST_lab", "https://a:b@lab.example.com"),
        ("MC_HOST_auto", "https://a:b@lab.example.com"),
    ]);
    let mut expected = vec![
        "@a/",
        "@reports/",
        "a.b/",
        "auto/",
        "aws-path/",
        "aws/",
        "host/",
        "lab/",
        "path/",
    ];
    expected.extend([
        "alias:",
        "env-1:",
        "env-no:",
        "env-true:",
        "host:",
        "ibm:",
        "lost:",
        "v2-region:",
        "v2:",
    ]);
    expected.sort_unstable();
    assert_eq!(target_beginnings(&env), expected);
    assert_eq!(
        target_beginnings(&Home::new(&[]).env(&[])),
        Vec::<String>::new()
    );
}

#[test]
fn keys_of_an_account_are_forgotten() {
    let home = Home::new(&[MC]);
    let env = home.env(&[]);
    let (store, credentials) = (StoreArgs::default(), CredentialArgs::default());
    let files = Files::new(&credentials, &env);
    let place = StoreSettings::new(&store, &env, &files, "s3")
        .place(&Target::parse(b"path/my-bucket/k").unwrap())
        .unwrap();
    let mut account = place.account.unwrap();
    assert!(matches!(account.keys, RemoteKeys::Static(_)));
    account.forget_keys();
    assert!(matches!(account.keys, RemoteKeys::Found));
}

/// What options name is meant, and the first word of the target is then a bucket.
#[test]
fn options_go_before_names_of_accounts() {
    let home = Home::new(&[
        MC,
        (
            ".aws/config",
            "[profile b]\naws_access_key_id = B\naws_secret_access_key = s\n",
        ),
    ]);
    let unknown =
        "error: cannot determine the endpoint of `path`: no endpoint, region or provider given";
    home.all(&[
        ("path/k --profile b", &[], unknown),
        (
            "path/k --access-key-id X --secret-file /dev/null",
            &[],
            unknown,
        ),
        (
            "path/my-bucket/k --profile b --credentials-from mc",
            &[],
            "error: --profile and --credentials-from mc name different sources",
        ),
        (
            "path/k --endpoint https://own.example.com",
            &AWS_KEYS,
            "https://own.example.com/path/k for us-east-1 by AWS, region-guessed",
        ),
        (
            "path/k --provider aws --region eu-west-1",
            &AWS_KEYS,
            "https://path.s3.eu-west-1.amazonaws.com/k for eu-west-1 by \
            AWS",
        ),
        (
            "path/k --network public --region us-south",
            &AWS_KEYS,
            "https://s3.us-south.cloud-object-storage.appdomain.cloud/path/k for us-south by AWS",
        ),
        // A region alone may be meant for the one or the other.
        (
            "path/k --region us-south",
            &AWS_KEYS,
            "error: `path` can be the mc alias `path` in `~/.mc/config.json` and a bucket of the \
                store that --region names",
        ),
    ]);
    let s3cmd = Home::new(&[S3CMD]);
    let unknown = "error: cannot determine the endpoint of `my-bucket`: no endpoint, region or \
        provider given";
    assert_eq!(
        s3cmd.outcome("my-bucket/k --access-key-id X --secret-file /dev/null", &[]),
        unknown
    );
}
