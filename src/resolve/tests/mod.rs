//! From a home directory, variables and options to a place and its credentials. Output and messages
//! are tested in `tests/golden`; here are the rules for which each line would need a home directory
//! of its own there.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod accounts;
mod credentials;
mod own_targets;
mod places;

use std::fs;

use chrono::DateTime;

use super::accounts::RemoteKeys;
use super::*;
use crate::cli::{AddressingArg, NetworkArg, StoreArgs};
use crate::cli::{CredentialArgs, CredentialsFrom};
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Credentials;
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

/// Has the same keys for every request.
struct SameKeys;

impl Fetcher for SameKeys {
    fn fetch(&self, _: &CredentialRequest) -> Result<Credentials, Failure> {
        Ok(Credentials::new("FETCHED", "s"))
    }

    fn find_region(&self, place: &Place) -> Result<String, Failure> {
        Ok(format!("found-for-{}", place.region.value))
    }
}

/// A line, variables, and the expected result.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

struct Home(tempfile::TempDir);

/// The name of a file in the home directory: the MinIO client's has no dot on Windows.
fn as_here(name: &str) -> &str {
    match cfg!(windows) {
        true => name.strip_prefix(".mc/").map_or(name, |_| &name[1..]),
        false => name,
    }
}

impl Home {
    fn new(files: &[(&str, &str)]) -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = home.0.path().join(as_here(name));
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

    /// The URL of a line, the region that it is signed for, the access key ID and the warnings; or
    /// the error.
    fn outcome(&self, line: &str, variables: &[(&str, &str)]) -> String {
        self.resolve(line, variables).unwrap_or_else(|failure| {
            let shown = failure
                .message
                .replace(self.0.path().to_str().unwrap(), "~");
            let shown = match cfg!(windows) {
                true => shown.replace('\\', "/").replace("~/mc/", "~/.mc/"),
                false => shown,
            };
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

    fn resolve(&self, line: &str, variables: &[(&str, &str)]) -> Result<String, Failure> {
        let env = self.env(variables);
        let line = Line::parse(line);
        let files = Files::new(&line.credentials, &env).fetched_by(Some(&SameKeys));
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
            assert_eq!(
                &self.outcome(line, variables),
                expected,
                "{line} {variables:?}"
            );
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
        "path": {"url": "https://mc.example.com",
            "accessKey": "PATH", "secretKey": "s", "path": "on"},
        "host": {"url": "https://mc.example.com",
            "accessKey": "HOST", "secretKey": "s", "path": "dns"},
        "auto": {"url": "http://mc.example.com",
            "accessKey": "AUTO", "secretKey": "s", "path": "auto"},
        "aws": {"url": "https://s3.eu-west-1.amazonaws.com",
            "accessKey": "AUTO", "secretKey": "s", "path": "auto"},
        "aws-path": {"url": "https://s3.eu-west-1.amazonaws.com",
            "accessKey": "PATH", "secretKey": "s", "path": "on"},
        "a.b": {"url": "https://mc.example.com", "accessKey": "DOT", "secretKey": "s"}
    }}"#,
);

const RCLONE: (&str, &str) = (
    ".config/rclone/rclone.conf",
    "[ibm]\ntype = s3\nprovider = IBMCOS\naccess_key_id = RCLONE\nsecret_access_key = s\nendpoint \
        = rclone.example.com\n\
     [host]\ntype = s3\naccess_key_id = RHOST\nsecret_access_key = s\nendpoint = \
     rclone.example.com\nforce_path_style = false\n\
     [env-true]\ntype = s3\nenv_auth = TRUE\nendpoint = rclone.example.com\n\
     [env-1]\ntype = s3\nenv_auth = 1\nendpoint = rclone.example.com\n\
     [env-no]\ntype = s3\nenv_auth = 0\nendpoint = rclone.example.com\n\
     [v2]\ntype = s3\nv2_auth = true\naccess_key_id = V2\nsecret_access_key = s\nendpoint = \
     rclone.example.com\n\
     [v2-region]\ntype = s3\nregion = other-v2-signature\naccess_key_id = V2\nsecret_access_key = \
     s\nendpoint = r.example.com\n\
     [alias]\ntype = alias\nremote = ibm:my-bucket/p\n\
     [lost]\ntype = alias\nremote = nowhere:my-bucket\n\
     [drive]\ntype = drive\n",
);

const S3CMD: (&str, &str) = (
    ".s3cfg",
    "[default]\naccess_key = S3CMD\nsecret_key = s\nhost_base = s3cmd.example.com\n",
);
