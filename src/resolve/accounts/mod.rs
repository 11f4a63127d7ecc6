//! Accounts: stores with keys that have a name in the file of another tool, and in our own.
//!
//! A tool is one row of [`TOOLS`], which its own file defines.

mod config_file;
mod goconfig;
mod lookup;
mod mc;
mod rclone;
mod rclone_dump;
mod s3cmd;

use crate::cli::CredentialsFrom;
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Credentials;
use crate::store::{Addressing, Network, Provider, Target, without_storage_class};
use crate::text::CommandLine;

use super::{Source, Sourced, Warning};

pub use config_file::{names as target_names, path as config_path};
pub(super) use s3cmd::{from_s3cmd, no_keys as no_keys_of_s3cmd};

/// Finds the account that a word names, with the key that follows it.
type Find = fn(&Env, &str, Option<&[u8]>) -> Result<Option<Found>, Failure>;

/// A program whose file has stores with keys.
pub(super) struct Tool {
    /// The value of `--credentials-from` that means its accounts and no others.
    pub(super) pin: CredentialsFrom,
    /// What it calls an account.
    pub(super) noun: &'static str,
    /// The form of a TARGET that names an account; none where accounts have no names.
    pub(super) form: Option<&'static str>,
    /// Whether a name can be the name of a bucket as well.
    pub(super) shares_names_with_buckets: bool,
    /// The account that the first word of a TARGET names, with the rest of it as a target.
    pub(super) find: Find,
    /// The failure where `--credentials-from` requires an account that does not exist.
    pub(super) not_found: fn(&Env, &str) -> Failure,
    /// What to write or to add, so that a name means the account and nothing else.
    pub(super) unmistakable: fn(&str) -> String,
    /// What TARGETs can begin with. What cannot be read is omitted.
    pub(super) beginnings: fn(&Env) -> Vec<String>,
    /// All accounts in files. What cannot be used is omitted.
    pub(super) every: fn(&Env) -> Vec<Remote>,
}

/// All tools; where two have the same name for an account, the first row is reported first.
const TOOLS: [&Tool; 4] = [&config_file::TOOL, &mc::TOOL, &rclone::TOOL, &s3cmd::TOOL];

/// A store and its keys, as a tool has them configured.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Where it was found, for `-v` and errors.
    pub source: Source,
    /// URL or host; none where the store follows from provider and region.
    pub endpoint: Option<String>,
    /// Region to sign for.
    pub region: Option<String>,
    /// The region with which that tool signs if none is configured.
    pub usual_region: Option<&'static str>,
    /// Whether that tool reads `AWS_REGION` for an account without a region.
    pub reads_region_variables: bool,
    /// The store, if it is configured.
    pub provider: Option<&'static Provider>,
    /// Where the bucket stands.
    pub addressing: Option<Addressing>,
    /// Whether Transfer Acceleration hosts of Amazon S3 are configured.
    pub accelerate: bool,
    /// Whether dual-stack hosts of Amazon S3 are configured.
    pub dual_stack: bool,
    /// Who signs.
    pub keys: RemoteKeys,
    /// What only our own targets have.
    pub rules: Rules,
    /// Settings of the account that a presigned URL does not carry.
    pub warnings: Vec<Warning>,
    /// The same for requests that write objects.
    pub upload_warnings: Vec<Warning>,
}

/// What only a target of `config.toml` has.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The endpoint that recipients use.
    pub public_endpoint: Option<String>,
    /// Network of an endpoint of the table.
    pub network: Option<Network>,
    /// Expiry in seconds where none is given.
    pub expires: Option<u64>,
    /// Maximum expiry in seconds.
    pub max_expires: Option<u64>,
}

impl Remote {
    /// Wipes the keys, when all is signed.
    pub fn forget_keys(&mut self) {
        self.keys = RemoteKeys::Found;
    }

    /// The region that its own settings name.
    pub(super) fn region(&self) -> Option<Sourced<String>> {
        // A location constraint of IBM COS names a storage class too, which is no part of the
        // region.
        let region = without_storage_class(self.region.as_deref()?);
        Some(Sourced::new(region.to_owned(), self.source.clone()))
    }
}

/// Who signs for an account.
#[derive(Clone, Debug)]
pub enum RemoteKeys {
    /// These.
    Static(Credentials),
    /// Whatever this profile of the AWS files has.
    Profile(String),
    /// Whatever this source has.
    From(CredentialsFrom),
    /// Whatever the usual sources have.
    Found,
}

/// A target that is in an account.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) account: Remote,
    /// What follows the name of the account, as a target of its own.
    pub(super) target: Target,
}

/// For [`Tool::unmistakable`], where an option does it.
fn chosen_by_option(from: CredentialsFrom) -> String {
    let option = CommandLine::options().option("--credentials-from", from.as_str());
    format!("add `{option}`")
}

/// `BUCKET/KEY` behind the name of an account.
fn inner_target(name: &str, path: &[u8]) -> Result<Target, Failure> {
    let (bucket, key) = match path.iter().position(|b| *b == b'/') {
        Some(slash) => (&path[..slash], Some(path[slash + 1..].to_vec())),
        None => (path, None),
    };
    let bucket = std::str::from_utf8(bucket).map_err(|_| {
        Failure::usage(format!("the bucket after `{name}` is not UTF-8"))
            .hint("bucket names are ASCII; keys may be any bytes")
    })?;
    Ok(Target::Bucket {
        location: None,
        bucket: bucket.to_owned(),
        key,
        bare: false,
    })
}

/// What a TARGET that names an account can begin with: `alias/`, `remote:`, `@name/`. What cannot
/// be read is omitted.
pub fn target_beginnings(env: &Env) -> Vec<String> {
    let mut all: Vec<String> = TOOLS
        .iter()
        .flat_map(|tool| (tool.beginnings)(env))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Every set of keys in the files of these tools. What cannot be used is omitted.
pub(super) fn every(env: &Env) -> Vec<Sourced<Credentials>> {
    let accounts = TOOLS.iter().flat_map(|tool| (tool.every)(env));
    accounts
        .filter_map(|account| match account.keys {
            RemoteKeys::Static(keys) => Some(Sourced::new(keys, account.source)),
            RemoteKeys::Profile(_) | RemoteKeys::From(_) | RemoteKeys::Found => None,
        })
        .collect()
}
