//! Accounts: stores with keys that have a name in another tool's file, and what a TARGET that begins with such a name means.

mod mc;
mod plain_ini;
mod rclone;
mod s3cmd;

use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::CredentialsFrom;
use crate::error::Failure;
use crate::sigv4::Credentials;
use crate::store::{Addressing, Provider, Target, without_storage_class};

use super::credentials::read_limited;
use super::settings::StoreSettings;
use super::{Source, Sourced};

pub(super) use s3cmd::from_s3cmd;

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The MinIO client.
    Mc,
    /// rclone.
    Rclone,
    /// s3cmd, which has one account and no name for it.
    S3cmd,
}

impl Tool {
    /// What `--credentials-from` calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Tool::Mc => "mc",
            Tool::Rclone => "rclone",
            Tool::S3cmd => "s3cmd",
        }
    }

    /// What it calls its accounts.
    fn noun(self) -> &'static str {
        match self {
            Tool::Mc => "mc alias",
            Tool::Rclone => "rclone remote",
            Tool::S3cmd => "s3cmd account",
        }
    }
}

/// A store and its keys, as another tool knows them.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose.
    pub tool: Tool,
    /// Where it was found, for `-v` and errors.
    pub source: Source,
    /// URL or host; none where the store follows from provider and region.
    pub endpoint: Option<String>,
    /// Region to sign for.
    pub region: Option<String>,
    /// The region with which that tool signs if nothing says another one.
    pub usual_region: Option<&'static str>,
    /// The store, if the tool says it.
    pub provider: Option<&'static Provider>,
    /// Where the bucket stands.
    pub addressing: Option<Addressing>,
    /// Who signs.
    pub keys: AccountKeys,
}

impl Account {
    /// The region that its own settings name.
    pub(super) fn region(&self) -> Option<Sourced<String>> {
        // A location constraint of IBM's names a storage class too, which is no part of the region.
        let region = without_storage_class(self.region.as_deref()?);
        Some(Sourced::new(region.to_owned(), self.source.clone()))
    }
}

/// Who signs for an account.
#[derive(Clone, Debug)]
pub enum AccountKeys {
    /// These.
    Static(Credentials),
    /// Whatever AWS's rules find in this profile.
    Profile(String),
    /// Whatever the usual sources have.
    Usual,
}

/// A target that is in an account.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) account: Account,
    /// What follows the account's name, as a target of its own.
    pub(super) target: Target,
}

impl StoreSettings<'_> {
    /// The account that a target names, if it names one.
    ///
    /// Options that name a store or its keys make the first word a bucket. Where nothing but the surroundings name a store,
    /// a word that is both is refused: a link into the wrong store would look just like the right one.
    ///
    /// # Errors
    /// A name that means two things; an account that cannot be used; a file that cannot be read.
    pub(super) fn account(&self, target: &Target) -> Result<Option<Found>, Failure> {
        let Target::Bucket { location: None, bucket, key, bare: true } = target else { return self.pinned_without_name() };
        let pin = self.files.pin();
        let by_options = self.args.endpoint.is_some()
            || self.args.provider.is_some()
            || self.args.network.is_some()
            || self.files.options_name_credentials();
        if !self.service_is_s3 || (by_options && pin.is_none()) {
            return Ok(None);
        }
        let found = match pin {
            None => [self.mc(bucket, key.as_deref())?, self.rclone(bucket, key.as_deref())?],
            Some(CredentialsFrom::Mc) => [Some(self.mc(bucket, key.as_deref())?.ok_or_else(|| no_alias(bucket))?), None],
            Some(CredentialsFrom::Rclone) => [None, Some(self.rclone(bucket, key.as_deref())?.ok_or_else(|| no_remote(bucket))?)],
            Some(_) => return Ok(None),
        };
        let found = match found {
            [Some(alias), Some(_)] => {
                return Err(Failure::usage(format!("`{bucket}` is an {} and an {}", alias.account.source, Tool::Rclone.noun()))
                    .hint("say which: `--credentials-from mc` or `--credentials-from rclone`"));
            }
            [first, second] => first.or(second),
        };
        if let Some(found) = &found
            && pin.is_none()
            // Few stores have buckets with a colon in their names, and none of those is meant by the name of a remote.
            && found.account.tool == Tool::Mc
            && let Some(store) = self.configured_store()?
        {
            let rest = match &found.target {
                Target::Bucket { bucket, .. } => bucket.as_str(),
                _ => "BUCKET",
            };
            return Err(Failure::usage(format!(
                "`{bucket}` can be the {} and a bucket of the store that {store} names",
                found.account.source
            ))
            .hint(format!(
                "for the bucket `{rest}` of the account add `--credentials-from {}`, for the bucket `{bucket}` write `s3://{bucket}/…`",
                found.account.tool.as_str()
            )));
        }
        Ok(found)
    }

    fn pinned_without_name(&self) -> Result<Option<Found>, Failure> {
        let (example, tool) = match self.files.pin() {
            Some(CredentialsFrom::Mc) => ("ALIAS/BUCKET/KEY", "mc"),
            Some(CredentialsFrom::Rclone) => ("REMOTE:BUCKET/KEY", "rclone"),
            _ => return Ok(None),
        };
        Err(Failure::usage(format!("--credentials-from {tool} takes the account from the TARGET, and this one names none"))
            .hint(format!("write the TARGET as {example}")))
    }

    /// What in the surroundings names a store.
    fn configured_store(&self) -> Result<Option<String>, Failure> {
        if self.args.region.is_some() {
            return Ok(Some("--region".to_owned()));
        }
        if let Some(configured) = self.any_configured_endpoint()? {
            return Ok(Some(configured.source.to_string()));
        }
        Ok(self.configured_region()?.map(|region| region.source.to_string()))
    }

    fn mc(&self, bucket: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
        let Some(account) = mc::alias(self.env, bucket)? else { return Ok(None) };
        let Some(rest) = key.filter(|rest| !rest.is_empty()) else {
            return Err(Failure::usage(format!("`{bucket}` is the {}, and no bucket follows it", account.source))
                .hint(format!("write `{bucket}/BUCKET/KEY`; for a bucket called `{bucket}`: `s3://{bucket}/…`")));
        };
        Ok(Some(Found { account, target: inner(bucket, rest)? }))
    }

    fn rclone(&self, bucket: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
        let Some((name, first)) = bucket.split_once(':') else { return Ok(None) };
        let mut path = first.as_bytes().to_vec();
        if let Some(key) = key {
            path.push(b'/');
            path.extend_from_slice(key);
        }
        let Some((account, path)) = rclone::remote(self.env, name, path)? else { return Ok(None) };
        let path = path.strip_prefix(b"/").unwrap_or(&path);
        if path.is_empty() {
            return Err(Failure::usage(format!("`{name}:` is the {}, and no bucket follows it", account.source))
                .hint(format!("write `{name}:BUCKET/KEY`")));
        }
        Ok(Some(Found { account, target: inner(name, path)? }))
    }
}

fn inner(name: &str, path: &[u8]) -> Result<Target, Failure> {
    let (bucket, key) = match path.iter().position(|b| *b == b'/') {
        Some(slash) => (&path[..slash], Some(path[slash + 1..].to_vec())),
        None => (path, None),
    };
    let bucket = std::str::from_utf8(bucket).map_err(|_| {
        Failure::usage(format!("the bucket after `{name}` is not UTF-8"))
            .hint("names of buckets are ASCII; keys may be any bytes")
    })?;
    Ok(Target::Bucket { location: None, bucket: bucket.to_owned(), key, bare: false })
}

fn no_alias(bucket: &str) -> Failure {
    Failure::usage(format!("--credentials-from mc, but `{bucket}` is no alias of the MinIO client"))
        .hint("`mc alias list` shows them; a TARGET is ALIAS/BUCKET/KEY")
}

fn no_remote(bucket: &str) -> Failure {
    Failure::usage(format!("--credentials-from rclone, but `{bucket}` names no remote of rclone"))
        .hint("`rclone listremotes` shows them; a TARGET is REMOTE:BUCKET/KEY")
}

/// Every set of keys in the files of these tools. What cannot be used is left out.
pub(super) fn every(env: &crate::env::Env) -> Vec<Sourced<Credentials>> {
    let mut accounts = mc::every(env);
    accounts.extend(rclone::every(env));
    accounts.extend(from_s3cmd(env).ok().flatten());
    let keys = accounts.into_iter().filter_map(|account| match account.keys {
        AccountKeys::Static(keys) => Some(Sourced::new(keys, account.source)),
        AccountKeys::Profile(_) | AccountKeys::Usual => None,
    });
    keys.collect()
}

/// The text of a file that need not be there, in a home directory that may be somebody else's.
fn text_if_there(path: &Path, named: bool) -> Result<Option<Zeroizing<String>>, Failure> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(_) if !named => return Ok(None),
        Err(error) => {
            return Err(Failure::configuration(format!("cannot read `{}`: {error}", path.display()))
                .hint("check the variable that names the file, and the rights of the file"));
        }
    };
    if !named && file.metadata().is_ok_and(|about| about.is_dir()) {
        return Ok(None);
    }
    let bytes = read_limited(Ok(file), path)?;
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
        .map_err(|_| Failure::configuration(format!("`{}` is not UTF-8", path.display())).hint("save the file as UTF-8 text"))?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}
