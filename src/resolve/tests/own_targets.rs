//! Targets of `config.toml`.

use super::*;

#[test]
fn targets_of_config_toml_are_used() {
    let home = Home::new(&[
        (
            ".config/cos-presign/config.toml",
            "[target.reports]\nregion = \"us-south\"\nbucket = \"reports\"\naccess_key_id = \
                \"OWN\"\nsecret_file = \"secret\"\n\
             [target.path]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_file = \
             \"~/secret\"\n\
             [target.from-aws]\nregion = \"us-south\"\nbucket = \"reports\"\ncredentials = \
             \"aws\"\n\
             [target.from-env]\nregion = \"us-south\"\nbucket = \"reports\"\ncredentials = \
             \"env\"\n\
             [target.from-ibm]\nregion = \"us-south\"\nbucket = \"reports\"\ncredentials = \
             \"ibm\"\n\
             [target.lost]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_file = \
             \"lost\"\n\
             [target.lost-token]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_file = \
             \"secret\"\nsession_token_file = \"lost\"\n\
             [target.lost-credential]\nregion = \"us-south\"\nservice_credential = \"lost\"\n\
             [target.empty]\nregion = \"us-south\"\nbucket = \"\"\n\
             [target.number]\nregion = 1\n",
        ),
        (".config/cos-presign/secret", "s\n"),
        ("secret", "s\n"),
        MC,
    ]);
    let own =
        "https://s3.us-south.cloud-object-storage.appdomain.cloud/reports/k for us-south by OWN";
    let by = |id: &str| {
        format!(
            "https://s3.us-south.cloud-object-storage.appdomain.cloud/reports/k for us-south by \
                {id}"
        )
    };
    let container = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x")];
    home.all(&[
        ("@reports/k", &[], own),
        ("reports/k", &[], own),
        ("@path/reports/k", &[], own),
        // A target and an alias: a link into the wrong store would look just like the right one.
        (
            "path/reports/k",
            &[],
            "error: `path` is the target `path` in \
            `~/.config/cos-presign/config.toml` and the mc alias `path` in `~/.mc/config.json`",
        ),
        ("path/reports/k --credentials-from file", &[], own),
        (
            "path/reports/k --credentials-from mc",
            &[],
            "https://mc.example.com/reports/k for us-east-1 by PATH",
        ),
        (
            "path",
            &[],
            "error: `path` is the target `path` in `~/.config/cos-presign/config.toml`, which has \
                no bucket, and none follows it",
        ),
        ("@from-aws/k", &container, &by("FETCHED")),
        (
            "@from-aws/k",
            &[],
            "error: --credentials-from aws, but the AWS files have no keys for \
            the profile in effect",
        ),
        (
            "@from-env/k",
            &container,
            "error: --credentials-from env, but no variable has keys",
        ),
        ("@from-env/k", &COS_KEYS, &by("COS")),
        (
            "@from-ibm/k",
            &container,
            "error: --credentials-from ibm, but there is no service \
            credential",
        ),
    ]);
    let cannot_read = |target: &str, option: &str| {
        let said = home.outcome(&format!("@{target}/b-1/k"), &[]);
        let start = format!(
            "error: cannot read `~/.config/cos-presign/lost` (`{option}` of the target \
                `{target}`): "
        );
        assert!(said.starts_with(&start), "{said}");
    };
    cannot_read("lost", "secret_file");
    cannot_read("lost-token", "session_token_file");
    cannot_read("lost-credential", "service_credential");
    for (target, option) in [("empty", "bucket"), ("number", "region")] {
        let expected = format!(
            "error: the target `{target}` in `~/.config/cos-presign/config.toml` has a `{option}` \
                that is not a string"
        );
        assert_eq!(home.outcome(&format!("@{target}/k"), &[]), expected);
    }
}

#[test]
fn expiries_of_targets_are_checked() {
    for (line, fault) in [
        ("expires = 1", None),
        ("expires = \"1s\"", None),
        (
            "expires = 0",
            Some("has an `expires` that is not a duration"),
        ),
        (
            "expires = -1",
            Some("has an `expires` that is not a duration"),
        ),
        (
            "expires = \"soon\"",
            Some("has an `expires` that is not a duration"),
        ),
        (
            "expires = true",
            Some("has an `expires` that is not a duration"),
        ),
        ("expires = 60\nmax_expires = 60", None),
        (
            "expires = 61\nmax_expires = 60",
            Some("has an `expires` above its `max_expires`"),
        ),
    ] {
        let text = format!("[target.t]\nregion = \"us-south\"\nbucket = \"reports\"\n{line}\n");
        let home = Home::new(&[(".config/cos-presign/config.toml", &text)]);
        let expected = match fault {
            None => "https://s3.us-south.cloud-object-storage.appdomain.cloud/reports/k for \
                us-south by COS"
                .to_owned(),
            Some(fault) => format!(
                "error: the target `t` in `~/.config/cos-presign/config.toml` \
                {fault}"
            ),
        };
        assert_eq!(home.outcome("@t/k", &COS_KEYS), expected, "{line}");
    }
}
