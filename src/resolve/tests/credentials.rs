//! Which credentials sign.

use super::*;

/// `diagnose` tries all keys.
#[test]
fn every_set_of_keys_is_found() {
    let own = (
        ".config/cos-presign/config.toml",
        "[target.reports]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_access_key = \
            \"s\"\n",
    );
    let aws = (
        ".aws/config",
        "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n[profile \
            b]\naws_access_key_id = B\naws_secret_access_key = s\n",
    );
    let ibm = (
        ".bluemix/cos_credentials",
        r#"{"apikey":"x","cos_hmac_keys":{"access_key_id":"IBM","secret_access_key":"s"}}"#,
    );
    let home = Home::new(&[MC, RCLONE, S3CMD, own, aws, ibm]);
    let env = home.env(&[AWS_KEYS, COS_KEYS].concat());
    let args = CredentialArgs::default();
    let files = Files::new(&args, &env);
    let mut found: Vec<String> = crate::resolve::credentials::search::every(&env, &files)
        .iter()
        .map(|found| found.value.access_key_id().to_owned())
        .collect();
    found.sort_unstable();
    found.dedup();
    let mut expected = vec![
        "AUTO", "AWS", "B", "COS", "DEFAULT", "DOT", "HOST", "IBM", "OWN", "PATH", "RCLONE",
        "RHOST", "S3CMD",
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// Not where a source is named, and not for IBM COS.
#[test]
fn ambient_credentials_are_fetched_last() {
    let broken_ibm = (".bluemix/cos_credentials", r#"{"apikey":"x"}"#);
    let home = Home::new(&[broken_ibm]);
    let container = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x")];
    let aws =
        |id: &str| format!("https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by {id}");
    home.all(&[
        (
            "my-bucket/k --region eu-west-1",
            &container,
            &aws("FETCHED"),
        ),
        (
            "my-bucket/k --region eu-west-1 --credentials-from aws",
            &container,
            &aws("FETCHED"),
        ),
        (
            "my-bucket/k --region eu-west-1",
            &[AWS_KEYS.as_slice(), &container].concat(),
            &aws("AWS"),
        ),
        (
            "my-bucket/k --region eu-west-1 --credentials-from env",
            &container,
            "error: --credentials-from env, but no variable has keys",
        ),
        (
            "my-bucket/k --region eu-west-1",
            &[],
            "error: no credentials found in options, environment or files",
        ),
        (
            "my-bucket/k --region us-south",
            &container,
            "error: `~/.bluemix/cos_credentials` has an API key but no `cos_hmac_keys`, and an \
                API key cannot presign",
        ),
    ]);
}

#[test]
fn files_of_aws_that_were_named_have_to_be_readable() {
    let home = Home::new(&[
        (".aws/config", "[default]\nregion = eu-west-1\n"),
        ("folder/file", ""),
    ]);
    let aws = "https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by AWS";
    let with = |variable: (&'static str, &'static str)| [AWS_KEYS[0], AWS_KEYS[1], variable];
    assert_eq!(home.outcome("my-bucket/k", &AWS_KEYS), aws);
    assert_eq!(
        home.outcome(
            "my-bucket/k",
            &with(("AWS_SHARED_CREDENTIALS_FILE", "~/not-there"))
        ),
        aws
    );
    let said = home.outcome(
        "my-bucket/k",
        &with(("AWS_SHARED_CREDENTIALS_FILE", "~/folder")),
    );
    assert!(
        said.starts_with("error: cannot read `~/folder` (AWS_SHARED_CREDENTIALS_FILE): "),
        "{said}"
    );
    // The files of the home directory were not named.
    let of_somebody = Home::new(&[(".aws/config/file", "")]);
    assert_eq!(
        of_somebody.outcome("my-bucket/k --region eu-west-1", &AWS_KEYS),
        aws
    );
}

#[test]
fn options_that_name_different_keys_are_refused() {
    let home = Home::new(&[(
        ".aws/config",
        "[profile b]\naws_access_key_id = B\naws_secret_access_key = s\n",
    )]);
    let aws = "https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by B";
    for (options, expected) in [
        ("--profile b", aws),
        ("--profile b --credentials-from aws", aws),
        (
            "--profile b --credentials-from ibm",
            "error: --profile and --credentials-from ibm name different sources",
        ),
        (
            "--access-key-id X --credentials-from env",
            "error: --access-key-id and --credentials-from env name different sources",
        ),
        (
            "--secret-file x --credentials-from env",
            "error: --secret-file and --credentials-from env name different sources",
        ),
        (
            "--service-credential x --credentials-from aws",
            "error: --service-credential and --credentials-from aws name different sources",
        ),
        (
            "--access-key-id X --profile b",
            "error: --access-key-id and --profile both name credentials",
        ),
        (
            "--secret-file x --profile b",
            "error: --access-key-id and --profile both name credentials",
        ),
        (
            "--service-credential x --profile b",
            "error: --service-credential and --profile both name credentials",
        ),
        (
            "--access-key-id X",
            "error: --access-key-id is given, but not its secret",
        ),
    ] {
        assert_eq!(
            home.outcome(&format!("my-bucket/k --region eu-west-1 {options}"), &[]),
            expected,
            "{options}"
        );
    }
}
