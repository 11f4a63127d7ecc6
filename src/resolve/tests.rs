//! From a home directory, variables and options to a place and who signs for it. What people see of
//! that is in `tests/golden`; here are the rules of which each line would want a home of its own
//! there.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;

use chrono::DateTime;

use super::accounts::RemoteKeys;
use super::*;
use crate::cli::{AddressingArg, NetworkArg, StoreArgs};
use crate::store::Target;

/// A target and its options.
#[derive(Default)]
struct Line {
    target: String,
    store: StoreArgs,
    credentials: CredentialArgs,
}

impl Line {
    fn parse(text: &str) -> Line {
        let mut words = text.split(' ');
        let mut line = Line {
            target: words.next().unwrap().to_owned(),
            ..Line::default()
        };
        let (store, credentials) = (&mut line.store, &mut line.credentials);
        while let (Some(option), Some(value)) = (words.next(), words.next()) {
            let text = Some(value.to_owned());
            match option {
                "--access-key-id" => credentials.access_key_id = text,
                "--addressing" => store.addressing = Some(addressing(value)),
                "--credentials-from" => {
                    credentials.credentials_from = Some(credentials_from(value))
                }
                "--endpoint" => store.endpoint = text,
                "--network" if value == "private" => store.network = Some(NetworkArg::Private),
                "--network" => store.network = Some(NetworkArg::Public),
                "--profile" => credentials.profile = text,
                "--provider" => store.provider = text,
                "--region" => store.region = text,
                "--secret-file" => credentials.secret_file = Some(value.into()),
                "--service-credential" => credentials.service_credential = Some(value.into()),
                _ => panic!("{option}"),
            }
        }
        line
    }
}

fn addressing(value: &str) -> AddressingArg {
    match value {
        "auto" => AddressingArg::Auto,
        "bucket-host" => AddressingArg::BucketHost,
        "path" => AddressingArg::Path,
        "virtual" => AddressingArg::Virtual,
        _ => panic!("{value}"),
    }
}

fn credentials_from(value: &str) -> CredentialsFrom {
    use CredentialsFrom::{Aws, Env, File, Ibm, Mc, Rclone, S3cmd};
    [Aws, Env, File, Ibm, Mc, Rclone, S3cmd]
        .into_iter()
        .find(|from| from.as_str() == value)
        .unwrap()
}

/// Hands out the same keys to everybody.
struct Hands;

impl Fetcher for Hands {
    fn fetch(&self, _: &CredentialRequest) -> Result<Credentials, Failure> {
        Ok(Credentials::new("FETCHED", "s"))
    }

    fn find_region(&self, place: &Place) -> Result<String, Failure> {
        Ok(format!("found-for-{}", place.region.value))
    }
}

/// A line, variables, and the answer.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

struct Home(tempfile::TempDir);

impl Home {
    fn new(files: &[(&str, &str)]) -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = home.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
        home
    }

    /// `~` in a value is this home.
    fn env(&self, variables: &[(&str, &str)]) -> Env {
        let home = self.0.path().to_str().unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.replace('~', home)));
        let all = variables.chain([("HOME".to_owned(), home.to_owned())]);
        Env::new(
            all.collect::<Vec<_>>(),
            DateTime::UNIX_EPOCH,
            std::io::empty(),
        )
    }

    /// Where a line leads, for which region it is signed and with whose keys, and what is warned
    /// of; or why it leads nowhere.
    fn ask(&self, line: &str, variables: &[(&str, &str)]) -> String {
        self.answer(line, variables).unwrap_or_else(|failure| {
            let shown = failure
                .message
                .replace(self.0.path().to_str().unwrap(), "~");
            format!("error: {shown}")
        })
    }

    /// Endpoint, bucket and key of a target.
    fn parts(&self, line: &str, variables: &[(&str, &str)]) -> String {
        let env = self.env(variables);
        let line = Line::parse(line);
        let files = Files::new(&line.credentials, &env);
        let settings = StoreSettings::new(&line.store, &env, &files, "s3");
        let place = settings
            .place(&Target::parse(line.target.as_bytes()).unwrap())
            .unwrap();
        let key = place.key.map(|key| String::from_utf8(key).unwrap());
        format!(
            "{} {} {}",
            place.endpoint.value,
            place.bucket.as_deref().unwrap_or("-"),
            key.as_deref().unwrap_or("-")
        )
    }

    fn answer(&self, line: &str, variables: &[(&str, &str)]) -> Result<String, Failure> {
        let env = self.env(variables);
        let line = Line::parse(line);
        let files = Files::new(&line.credentials, &env).fetched_by(Some(&Hands));
        let settings = StoreSettings::new(&line.store, &env, &files, "s3");
        let place = settings.place(&Target::parse(line.target.as_bytes()).unwrap())?;
        let signer = Signers::new(&line.credentials, &env, &files).of(&place)?;
        let (address, region, id) = (
            &place.address,
            &place.region.value,
            signer.value.access_key_id(),
        );
        let warnings: String = place
            .warnings
            .iter()
            .map(|warning| format!(", {}", warning.code))
            .collect();
        let path = String::from_utf8_lossy(&address.path);
        Ok(format!(
            "{}://{}{path} for {region} by {id}{warnings}",
            address.scheme.as_str(),
            address.authority
        ))
    }

    fn all(&self, cases: &[Case]) {
        for (line, variables, expected) in cases {
            assert_eq!(&self.ask(line, variables), expected, "{line} {variables:?}");
        }
    }
}

const AWS_KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AWS"), ("AWS_SECRET_ACCESS_KEY", "s")];
const COS_KEYS: [(&str, &str); 2] = [
    ("COS_HMAC_ACCESS_KEY_ID", "COS"),
    ("COS_HMAC_SECRET_ACCESS_KEY", "s"),
];

const MC: (&str, &str) = (
    ".mc/config.json",
    r#"{"aliases": {
        "path": {"url": "https://mc.example.com", "accessKey": "PATH", "secretKey": "s", "path": "on"},
        "host": {"url": "https://mc.example.com", "accessKey": "HOST", "secretKey": "s", "path": "dns"},
        "auto": {"url": "http://mc.example.com", "accessKey": "AUTO", "secretKey": "s", "path": "auto"},
        "aws": {"url": "https://s3.eu-west-1.amazonaws.com", "accessKey": "AUTO", "secretKey": "s", "path": "auto"},
        "aws-path": {"url": "https://s3.eu-west-1.amazonaws.com", "accessKey": "PATH", "secretKey": "s", "path": "on"},
        "a.b": {"url": "https://mc.example.com", "accessKey": "DOT", "secretKey": "s"}
    }}"#,
);

const RCLONE: (&str, &str) = (
    ".config/rclone/rclone.conf",
    "[ibm]\ntype = s3\nprovider = IBMCOS\naccess_key_id = RCLONE\nsecret_access_key = s\nendpoint = rclone.example.com\n\
     [host]\ntype = s3\naccess_key_id = RHOST\nsecret_access_key = s\nendpoint = rclone.example.com\nforce_path_style = false\n\
     [env-true]\ntype = s3\nenv_auth = TRUE\nendpoint = rclone.example.com\n\
     [env-1]\ntype = s3\nenv_auth = 1\nendpoint = rclone.example.com\n\
     [env-no]\ntype = s3\nenv_auth = 0\nendpoint = rclone.example.com\n\
     [v2]\ntype = s3\nv2_auth = true\naccess_key_id = V2\nsecret_access_key = s\nendpoint = rclone.example.com\n\
     [v2-region]\ntype = s3\nregion = other-v2-signature\naccess_key_id = V2\nsecret_access_key = s\nendpoint = r.example.com\n\
     [alias]\ntype = alias\nremote = ibm:my-bucket/p\n\
     [lost]\ntype = alias\nremote = nowhere:my-bucket\n\
     [drive]\ntype = drive\n",
);

const S3CMD: (&str, &str) = (
    ".s3cfg",
    "[default]\naccess_key = S3CMD\nsecret_key = s\nhost_base = s3cmd.example.com\n",
);

#[test]
fn aliases_of_the_minio_client() {
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
            "error: nothing says in which store `a.b` is: no endpoint, region or provider",
        ),
        (
            "path",
            &[],
            "error: `path` is the mc alias `path` in `~/.mc/config.json`, and no bucket follows it",
        ),
    ]);
}

#[test]
fn remotes_of_rclone() {
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
        ("host:my-bucket/k", &[], "https://my-bucket.rclone.example.com/k for us-east-1 by RHOST"),
        ("env-true:my-bucket/k", &AWS_KEYS, &to("AWS")),
        ("env-1:my-bucket/k", &AWS_KEYS, &to("AWS")),
        (
            "env-no:my-bucket/k",
            &AWS_KEYS,
            "error: the rclone remote `env-no` in `~/.config/rclone/rclone.conf` has no keys, so it cannot sign",
        ),
        ("alias:k", &[], "https://rclone.example.com/my-bucket/p/k for us-east-1 by RCLONE"),
        ("lost:k", &[], "error: an alias of rclone leads to the remote `nowhere`, which does not exist"),
        ("nobody:my-bucket/k", &[], "error: `nobody:` is no remote of rclone's, and nothing says in which store a bucket `nobody:my-bucket` is: no endpoint, region or provider"),
        (
            "v2:my-bucket/k",
            &[],
            "error: the rclone remote `v2` in `~/.config/rclone/rclone.conf` signs with version 2, which cos-presign does not",
        ),
        (
            "v2-region:my-bucket/k",
            &[],
            "error: the rclone remote `v2-region` in `~/.config/rclone/rclone.conf` signs with version 2, which cos-presign does not",
        ),
        ("mine:my-bucket/k", &by_variables, "https://mine.example.com/my-bucket/k for us-east-1 by MINE"),
        (
            "ibm:my-bucket/k",
            &by_variables,
            "error: `~/encrypted` is encrypted, and only rclone has the password",
        ),
        // The variables of all remotes go before the file, but have no say in what a remote is.
        ("ibm:my-bucket/k", &[("RCLONE_S3_ACCESS_KEY_ID", "ALL")], &to("ALL")),
        ("ibm:my-bucket/k", &[("RCLONE_S3_TYPE", "drive")], &to("RCLONE")),
        ("alias:k", &[("RCLONE_S3_REMOTE", "host:other")], "https://rclone.example.com/my-bucket/p/k for us-east-1 by RCLONE"),
        (
            "ibm:my-bucket/k",
            &[("RCLONE_S3_ACCESS_KEY_ID", "ALL"), ("RCLONE_CONFIG_IBM_ACCESS_KEY_ID", "OWN")],
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
                "error: --credentials-from {from} takes the account from the TARGET, and this one names none"
            );
            assert_eq!(home.ask(&line, &AWS_KEYS), expected, "{line}");
        }
    }
    home.all(&[
        (
            "my-bucket/k --credentials-from mc",
            &[],
            "error: --credentials-from mc, but `my-bucket` is no alias of the MinIO client",
        ),
        (
            "my-bucket/k --credentials-from rclone",
            &[],
            "error: --credentials-from rclone, but `my-bucket` names no remote of rclone",
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

/// Store and keys come from s3cmd's file together, and only where nothing else says where or who.
#[test]
fn when_the_file_of_s3cmd_counts() {
    let home = Home::new(&[S3CMD]);
    let theirs = "https://s3cmd.example.com/my-bucket/k for us-east-1 by S3CMD";
    let unknown =
        "error: nothing says in which store `my-bucket` is: no endpoint, region or provider";
    let ibm = "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/k for us-south by S3CMD";
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
        // Asked for, it counts whatever else there is.
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
        without.ask("my-bucket/k --credentials-from s3cmd", &[]),
        error
    );
    assert_eq!(without.ask("my-bucket/k", &[]), unknown);
    let keys_alone = Home::new(&[(".s3cfg", "[default]\naccess_key = S3CMD\nsecret_key = s\n")]);
    assert_eq!(keys_alone.ask("my-bucket/k", &[]), unknown);
    assert_eq!(keys_alone.ask("my-bucket/k --region us-south", &[]), ibm);
}

#[test]
fn what_the_file_of_s3cmd_says() {
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
        assert_eq!(home.ask("my-bucket/k", &[]), expected, "{line}");
    }
    // A bucket before the host is what s3cmd does by itself, so that says nothing; a host without
    // one says path style.
    let of_aws = |line: &str| {
        let text = "[default]\naccess_key = S3CMD\nsecret_key = s\nhost_base = s3.eu-west-1.amazonaws.com\nhost_bucket = ";
        Home::new(&[(".s3cfg", &format!("{text}{line}\n"))]).ask("my-bucket/k", &[])
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
fn addressing_of_a_profile() {
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
        home("dns").ask("my-bucket/k", &[]),
        "error: `addressing_style = dns` in `~/.aws/config` is not an addressing style"
    );
}

#[test]
fn targets_of_our_own() {
    let home = Home::new(&[
        (
            ".config/cos-presign/config.toml",
            "[target.reports]\nregion = \"us-south\"\nbucket = \"reports\"\naccess_key_id = \"OWN\"\nsecret_file = \"secret\"\n\
             [target.path]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_file = \"~/secret\"\n\
             [target.from-aws]\nregion = \"us-south\"\nbucket = \"reports\"\ncredentials = \"aws\"\n\
             [target.from-env]\nregion = \"us-south\"\nbucket = \"reports\"\ncredentials = \"env\"\n\
             [target.from-ibm]\nregion = \"us-south\"\nbucket = \"reports\"\ncredentials = \"ibm\"\n\
             [target.lost]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_file = \"lost\"\n\
             [target.lost-token]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_file = \"secret\"\nsession_token_file = \"lost\"\n\
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
            "https://s3.us-south.cloud-object-storage.appdomain.cloud/reports/k for us-south by {id}"
        )
    };
    let container = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x")];
    home.all(&[
        ("@reports/k", &[], own),
        ("reports/k", &[], own),
        ("@path/reports/k", &[], own),
        // A target and an alias: a link into the wrong store would look just like the right one.
        ("path/reports/k", &[], "error: `path` is a target of yours and the mc alias `path` in `~/.mc/config.json`"),
        ("path/reports/k --credentials-from file", &[], own),
        ("path/reports/k --credentials-from mc", &[], "https://mc.example.com/reports/k for us-east-1 by PATH"),
        (
            "path",
            &[],
            "error: `path` is the target `path` in `~/.config/cos-presign/config.toml`, which has no bucket, and none follows it",
        ),
        ("@from-aws/k", &container, &by("FETCHED")),
        ("@from-aws/k", &[], "error: --credentials-from aws, but AWS's files have no keys for the profile in force"),
        ("@from-env/k", &container, "error: --credentials-from env, but no variable has keys"),
        ("@from-env/k", &COS_KEYS, &by("COS")),
        ("@from-ibm/k", &container, "error: --credentials-from ibm, but there is no service credential"),
    ]);
    let cannot_read = |target: &str, option: &str| {
        let said = home.ask(&format!("@{target}/b-1/k"), &[]);
        let start = format!(
            "error: cannot read `~/.config/cos-presign/lost` (`{option}` of the target `{target}`): "
        );
        assert!(said.starts_with(&start), "{said}");
    };
    cannot_read("lost", "secret_file");
    cannot_read("lost-token", "session_token_file");
    cannot_read("lost-credential", "service_credential");
    for (target, option) in [("empty", "bucket"), ("number", "region")] {
        let expected = format!(
            "error: the target `{target}` in `~/.config/cos-presign/config.toml` has a `{option}` that is no text"
        );
        assert_eq!(home.ask(&format!("@{target}/k"), &[]), expected);
    }
}

#[test]
fn lives_that_a_target_of_our_own_may_give() {
    for (line, fault) in [
        ("expires = 1", None),
        ("expires = \"1s\"", None),
        ("expires = 0", Some("has an `expires` that is no duration")),
        ("expires = -1", Some("has an `expires` that is no duration")),
        (
            "expires = \"soon\"",
            Some("has an `expires` that is no duration"),
        ),
        (
            "expires = true",
            Some("has an `expires` that is no duration"),
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
            None => "https://s3.us-south.cloud-object-storage.appdomain.cloud/reports/k for us-south by COS".to_owned(),
            Some(fault) => format!("error: the target `t` in `~/.config/cos-presign/config.toml` {fault}"),
        };
        assert_eq!(home.ask("@t/k", &COS_KEYS), expected, "{line}");
    }
}

#[test]
fn what_a_target_can_begin_with() {
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

/// Whoever diagnoses a link looks at all keys that are there.
#[test]
fn every_set_of_keys_is_found() {
    let own = (
        ".config/cos-presign/config.toml",
        "[target.reports]\nregion = \"us-south\"\naccess_key_id = \"OWN\"\nsecret_access_key = \"s\"\n",
    );
    let aws = (
        ".aws/config",
        "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n[profile b]\naws_access_key_id = B\naws_secret_access_key = s\n",
    );
    let ibm = (
        ".bluemix/cos_credentials",
        r#"{"apikey":"x","cos_hmac_keys":{"access_key_id":"IBM","secret_access_key":"s"}}"#,
    );
    let home = Home::new(&[MC, RCLONE, S3CMD, own, aws, ibm]);
    let env = home.env(&[AWS_KEYS, COS_KEYS].concat());
    let args = CredentialArgs::default();
    let files = Files::new(&args, &env);
    let mut found: Vec<String> = credentials::every(&env, &files)
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

/// Nobody's keys are asked for where somebody's are meant, and none for IBM's store.
#[test]
fn when_the_surroundings_are_asked_for_keys() {
    let broken_ibm = (".bluemix/cos_credentials", r#"{"apikey":"x"}"#);
    let home = Home::new(&[broken_ibm]);
    let container = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x")];
    let aws =
        |id: &str| format!("https://my-bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by {id}");
    home.all(&[
        ("my-bucket/k --region eu-west-1", &container, &aws("FETCHED")),
        ("my-bucket/k --region eu-west-1 --credentials-from aws", &container, &aws("FETCHED")),
        ("my-bucket/k --region eu-west-1", &[AWS_KEYS.as_slice(), &container].concat(), &aws("AWS")),
        (
            "my-bucket/k --region eu-west-1 --credentials-from env",
            &container,
            "error: --credentials-from env, but no variable has keys",
        ),
        ("my-bucket/k --region eu-west-1", &[], "error: no credentials found in options, environment or files"),
        (
            "my-bucket/k --region us-south",
            &container,
            "error: `~/.bluemix/cos_credentials` has an API key but no `cos_hmac_keys`, and an API key cannot presign",
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
    assert_eq!(home.ask("my-bucket/k", &AWS_KEYS), aws);
    assert_eq!(
        home.ask(
            "my-bucket/k",
            &with(("AWS_SHARED_CREDENTIALS_FILE", "~/not-there"))
        ),
        aws
    );
    let said = home.ask(
        "my-bucket/k",
        &with(("AWS_SHARED_CREDENTIALS_FILE", "~/folder")),
    );
    assert!(
        said.starts_with("error: cannot read `~/folder` (AWS_SHARED_CREDENTIALS_FILE): "),
        "{said}"
    );
    // Nobody asked for what is in the home directory.
    let of_somebody = Home::new(&[(".aws/config/file", "")]);
    assert_eq!(
        of_somebody.ask("my-bucket/k --region eu-west-1", &AWS_KEYS),
        aws
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
    let unknown = "error: nothing says in which store `path` is: no endpoint, region or provider";
    home.all(&[
        ("path/k --profile b", &[], unknown),
        ("path/k --access-key-id X --secret-file /dev/null", &[], unknown),
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
        ("path/k --provider aws --region eu-west-1", &AWS_KEYS, "https://path.s3.eu-west-1.amazonaws.com/k for eu-west-1 by AWS"),
        (
            "path/k --network public --region us-south",
            &AWS_KEYS,
            "https://s3.us-south.cloud-object-storage.appdomain.cloud/path/k for us-south by AWS",
        ),
        // A region alone may be meant for the one or the other.
        (
            "path/k --region us-south",
            &AWS_KEYS,
            "error: `path` can be the mc alias `path` in `~/.mc/config.json` and a bucket of the store that --region names",
        ),
    ]);
    let s3cmd = Home::new(&[S3CMD]);
    let unknown =
        "error: nothing says in which store `my-bucket` is: no endpoint, region or provider";
    assert_eq!(
        s3cmd.ask("my-bucket/k --access-key-id X --secret-file /dev/null", &[]),
        unknown
    );
}

#[test]
fn options_that_name_different_keys() {
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
            home.ask(&format!("my-bucket/k --region eu-west-1 {options}"), &[]),
            expected,
            "{options}"
        );
    }
}

/// A region of AWS's names no store where an endpoint is configured; that of another store does.
#[test]
fn regions_and_configured_endpoints() {
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
            "error: MinIO has no endpoint of its own",
        ),
        (
            "my-bucket/k --provider minio --region r --network private",
            &AWS_KEYS,
            "error: MinIO has no endpoint of its own",
        ),
        (
            "my-bucket/k --provider aws --region eu-west-1 --network private",
            &AWS_KEYS,
            "error: Amazon S3 has no private network",
        ),
    ]);
}

#[test]
fn where_the_bucket_stands() {
    let home = Home::new(&[]);
    let oss = "https://my-bucket.oss-eu-west-1.aliyuncs.com/k for eu-west-1 by AWS";
    home.all(&[
        ("my-bucket/k --provider oss --region eu-west-1", &AWS_KEYS, oss),
        (
            "my-bucket/k --provider oss --region eu-west-1 --addressing path",
            &AWS_KEYS,
            "https://oss-eu-west-1.aliyuncs.com/my-bucket/k for eu-west-1 by AWS, path-style-refused",
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
            "https://my.bucket.s3.eu-west-1.amazonaws.com/k for eu-west-1 by AWS, dots-in-virtual-host",
        ),
        (
            "my.bucket/k --endpoint http://own.example.com --addressing virtual --region r",
            &AWS_KEYS,
            "http://my.bucket.own.example.com/k for r by AWS, http-endpoint",
        ),
        (
            "my-bucket/k --endpoint https://10.0.0.1 --addressing virtual --region r",
            &AWS_KEYS,
            "error: --addressing virtual, but no bucket can stand before the address `10.0.0.1`",
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
            "my-bucket/k --provider supabase --endpoint https://x.storage.supabase.co/storage/v1/s3 --region r --addressing virtual",
            &AWS_KEYS,
            "error: --addressing virtual, but Supabase Storage serves path style only",
        ),
    ]);
}

/// An address is taken apart by the endpoint that is configured, if it is one of its.
#[test]
fn addresses_below_a_configured_endpoint() {
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

/// What is set beside an endpoint goes before what its host says, and what is set elsewhere does
/// not.
#[test]
fn regions_beside_an_endpoint() {
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
fn regions_of_a_named_store() {
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
    let with_class = home.ask("my-bucket/k --provider ibm", &set("us-south-standard"));
    assert!(
        with_class.starts_with(
            "https://s3.us-south.cloud-object-storage.appdomain.cloud/my-bucket/k for "
        ),
        "{with_class}"
    );
    let of_ibm = home.ask("my-bucket/k --provider aws", &set("us-south"));
    assert!(!of_ibm.contains("us-south.amazonaws"), "{of_ibm}");
}
