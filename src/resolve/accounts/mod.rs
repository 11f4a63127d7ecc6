//! Accounts: stores with keys that have a name in another tool's file, and what a TARGET that
//! begins with such a name means.

mod config_file;
mod goconfig;
mod mc;
mod rclone;
mod s3cmd;

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::cli::CredentialsFrom;
use crate::error::Failure;
use crate::sigv4::Credentials;
use crate::store::{Addressing, Network, Provider, Target, without_storage_class};
use crate::text::CommandLine;

use super::credentials::read_limited;
use super::settings::StoreSettings;
use super::{Source, Sourced};

pub(super) use s3cmd::from_s3cmd;

pub use config_file::{names as target_names, path as config_path};

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The MinIO client.
    Mc,
    /// rclone.
    Rclone,
    /// s3cmd, which has one account and no name for it.
    S3cmd,
    /// Ourselves.
    Own,
}

impl Tool {
    /// What `--credentials-from` calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Tool::Mc => "mc",
            Tool::Rclone => "rclone",
            Tool::S3cmd => "s3cmd",
            Tool::Own => "file",
        }
    }

    /// What it calls its accounts.
    fn noun(self) -> &'static str {
        match self {
            Tool::Mc => "mc alias",
            Tool::Rclone => "rclone remote",
            Tool::S3cmd => "s3cmd account",
            Tool::Own => "target",
        }
    }
}

/// A store and its keys, as another tool knows them.
#[derive(Clone, Debug)]
pub struct Remote {
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
    /// Whether it asks for AWS's Transfer Acceleration hosts.
    pub accelerate: bool,
    /// Whether it asks for AWS's dual-stack hosts.
    pub dual_stack: bool,
    /// Who signs.
    pub keys: RemoteKeys,
    /// What only our own targets say.
    pub rules: Rules,
}

/// What a target of our own says besides.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The address that recipients use.
    pub public_endpoint: Option<String>,
    /// Network of an endpoint of the table.
    pub network: Option<Network>,
    /// Life of a link where nothing is said, in seconds.
    pub expires: Option<u64>,
    /// No link may live longer, in seconds.
    pub max_expires: Option<u64>,
}

impl Remote {
    /// Wipes the keys, when all is signed.
    pub fn forget_keys(&mut self) {
        self.keys = RemoteKeys::Found;
    }

    /// The region that its own settings name.
    pub(super) fn region(&self) -> Option<Sourced<String>> {
        // A location constraint of IBM's names a storage class too, which is no part of the region.
        let region = without_storage_class(self.region.as_deref()?);
        Some(Sourced::new(region.to_owned(), self.source.clone()))
    }
}

/// Who signs for an account.
#[derive(Clone, Debug)]
pub enum RemoteKeys {
    /// These.
    Static(Credentials),
    /// Whatever AWS's rules find in this profile.
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
    /// What follows the account's name, as a target of its own.
    pub(super) target: Target,
}

impl StoreSettings<'_> {
    /// The account that a target names, if it names one.
    ///
    /// Options that name a store or its keys make the first word a bucket. Where nothing but the
    /// surroundings name a store, a word that is both is refused: a link into the wrong store would
    /// look just like the right one.
    ///
    /// # Errors
    /// A name that means two things; an account that cannot be used; a file that cannot be read.
    pub(super) fn account(&self, target: &Target) -> Result<Option<Found>, Failure> {
        let Target::Bucket {
            location: None,
            bucket,
            key,
            bare: true,
        } = target
        else {
            return self.pinned_without_name();
        };
        let pin = self.files.pin();
        if let Some(name) = bucket.strip_prefix('@').filter(|_| self.service_is_s3) {
            if pin.is_some_and(|pin| pin != CredentialsFrom::File) {
                return Err(Failure::usage(format!(
                    "`@{name}` is a target, and --credentials-from names another source"
                ))
                .hint("leave out one of them"));
            }
            return match self.own(name, bucket, key.as_deref())? {
                Some(found) => Ok(Some(found)),
                None => Err(self.no_target(name)),
            };
        }
        let by_options = self.args.endpoint.is_some()
            || self.args.provider.is_some()
            || self.args.network.is_some()
            || self.files.options_name_credentials();
        if !self.service_is_s3 || (by_options && pin.is_none()) {
            return Ok(None);
        }
        let found = match pin {
            None => {
                let own = self.own(bucket, bucket, key.as_deref())?;
                match (own, self.mc_if_whole(bucket, key.as_deref())?) {
                    (Some(_), Some(alias)) => {
                        return Err(Failure::usage(format!("`{bucket}` is a target of yours and the {}", alias.account.source))
                            .hint(format!("for the target write `@{bucket}/…`, for the other `--credentials-from mc`")));
                    }
                    (Some(own), None) => [Some(own), None],
                    (None, _) => [
                        self.mc(bucket, key.as_deref())?,
                        self.rclone(bucket, key.as_deref())?,
                    ],
                }
            }
            Some(CredentialsFrom::File) => match self.own(bucket, bucket, key.as_deref())? {
                Some(found) => [Some(found), None],
                None => return Err(self.no_target(bucket)),
            },
            Some(CredentialsFrom::Mc) => [
                Some(
                    self.mc(bucket, key.as_deref())?
                        .ok_or_else(|| no_alias(bucket))?,
                ),
                None,
            ],
            Some(CredentialsFrom::Rclone) => [
                None,
                Some(
                    self.rclone(bucket, key.as_deref())?
                        .ok_or_else(|| no_remote(bucket))?,
                ),
            ],
            Some(_) => return Ok(None),
        };
        let found = match found {
            [Some(alias), Some(_)] => {
                return Err(Failure::usage(format!(
                    "`{bucket}` is an {} and an {}",
                    alias.account.source,
                    Tool::Rclone.noun()
                ))
                .hint("say which: `--credentials-from mc` or `--credentials-from rclone`"));
            }
            [first, second] => first.or(second),
        };
        if let Some(found) = &found
            && pin.is_none()
            // Few stores have buckets with a colon in their names, and none of those is meant by
            // the name of a remote.
            && matches!(found.account.tool, Tool::Mc | Tool::Own)
            && let Some(store) = self.configured_store()?
        {
            let rest = match &found.target {
                Target::Bucket { bucket, .. } => bucket.as_str(),
                _ => "BUCKET",
            };
            if found.account.tool == Tool::Own {
                let source = &found.account.source;
                return Err(Failure::usage(format!(
                    "`{bucket}` can be the {source} and a bucket of the store that {store} names"
                ))
                .hint(format!(
                    "for the target write `@{bucket}/…`, for the bucket `s3://{bucket}/…`"
                )));
            }
            return Err(Failure::usage(format!(
                "`{bucket}` can be the {} and a bucket of the store that {store} names",
                found.account.source
            ))
            .hint(format!(
                "for the bucket `{rest}` of the account add `{}`, for the bucket `{bucket}` write `s3://{bucket}/…`",
                CommandLine::options().option("--credentials-from", found.account.tool.as_str())
            )));
        }
        Ok(found)
    }

    fn pinned_without_name(&self) -> Result<Option<Found>, Failure> {
        let (example, tool) = match self.files.pin() {
            Some(CredentialsFrom::Mc) => ("ALIAS/BUCKET/KEY", "mc"),
            Some(CredentialsFrom::Rclone) => ("REMOTE:BUCKET/KEY", "rclone"),
            Some(CredentialsFrom::File) => ("NAME/KEY", "file"),
            _ => return Ok(None),
        };
        Err(Failure::usage(format!(
            "--credentials-from {tool} takes the account from the TARGET, and this one names none"
        ))
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
        Ok(self
            .region_of_environment()?
            .map(|region| region.source.to_string()))
    }

    /// A target of our own. With a bucket of its own, all that follows the name is the key.
    /// `shown`: the name as it was typed.
    fn own(&self, name: &str, shown: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
        let Some(config_file::OwnTarget { account, bucket }) = config_file::target(self.env, name)?
        else {
            return Ok(None);
        };
        let target = match (bucket, key.filter(|rest| !rest.is_empty())) {
            (Some(bucket), _) => Target::Bucket {
                location: None,
                bucket,
                key: key.map(<[u8]>::to_vec),
                bare: false,
            },
            (None, Some(rest)) => inner(shown, rest)?,
            (None, None) => {
                return Err(Failure::usage(format!(
                    "`{shown}` is the {}, which has no bucket, and none follows it",
                    account.source
                ))
                .hint(format!("write `{shown}/BUCKET/KEY`")));
            }
        };
        Ok(Some(Found { account, target }))
    }

    fn no_target(&self, name: &str) -> Failure {
        let place = config_file::path(self.env)
            .map(|(path, _)| format!("`{}`", path.display()))
            .unwrap_or_default();
        let names = config_file::names(self.env).unwrap_or_default();
        let failure = Failure::configuration(format!(
            "there is no target `{}` in {place}",
            name.escape_debug()
        ));
        failure.hint(match names.is_empty() {
            true => format!(
                "add a table `[target.{}]` to that file",
                name.escape_debug()
            ),
            false => format!("the targets are {}", names.join(", ")),
        })
    }

    /// An alias, whatever may be wrong with what follows it.
    fn mc_if_whole(&self, bucket: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
        if mc::alias(self.env, bucket)?.is_none() {
            Ok(None)
        } else {
            self.mc(bucket, key)
        }
    }

    fn mc(&self, bucket: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
        let Some(account) = mc::alias(self.env, bucket)? else {
            return Ok(None);
        };
        let Some(rest) = key.filter(|rest| !rest.is_empty()) else {
            return Err(Failure::usage(format!(
                "`{bucket}` is the {}, and no bucket follows it",
                account.source
            ))
            .hint(format!(
                "write `{bucket}/BUCKET/KEY`; for a bucket called `{bucket}`: `s3://{bucket}/…`"
            )));
        };
        Ok(Some(Found {
            account,
            target: inner(bucket, rest)?,
        }))
    }

    fn rclone(&self, bucket: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
        let Some((name, first)) = bucket.split_once(':') else {
            return Ok(None);
        };
        let mut path = first.as_bytes().to_vec();
        if let Some(key) = key {
            path.push(b'/');
            path.extend_from_slice(key);
        }
        let found = match name {
            // The first colon is that before the options.
            "" => Some(rclone::connection(self.env, &path)?),
            _ => rclone::remote(self.env, name, path)?,
        };
        let Some((account, path)) = found else {
            return Ok(None);
        };
        let path = path.strip_prefix(b"/").unwrap_or(&path);
        if path.is_empty() {
            return Err(Failure::usage(format!(
                "`{name}:` is the {}, and no bucket follows it",
                account.source
            ))
            .hint(format!("write `{name}:BUCKET/KEY`")));
        }
        Ok(Some(Found {
            account,
            target: inner(name, path)?,
        }))
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
    Ok(Target::Bucket {
        location: None,
        bucket: bucket.to_owned(),
        key,
        bare: false,
    })
}

fn no_alias(bucket: &str) -> Failure {
    Failure::usage(format!(
        "--credentials-from mc, but `{bucket}` is no alias of the MinIO client"
    ))
    .hint("`mc alias list` shows them; a TARGET is ALIAS/BUCKET/KEY")
}

fn no_remote(bucket: &str) -> Failure {
    Failure::usage(format!(
        "--credentials-from rclone, but `{bucket}` names no remote of rclone"
    ))
    .hint("`rclone listremotes` shows them; a TARGET is REMOTE:BUCKET/KEY")
}

/// What a TARGET that names an account can begin with: `alias/`, `remote:`, `@name/`. What cannot
/// be read is left out.
pub fn target_beginnings(env: &crate::env::Env) -> Vec<String> {
    let own = config_file::names(env)
        .unwrap_or_default()
        .into_iter()
        .map(|name| format!("@{name}/"));
    let aliases = mc::names(env).into_iter().map(|name| format!("{name}/"));
    let remotes = rclone::names(env)
        .into_iter()
        .map(|name| format!("{name}:"));
    let mut all: Vec<String> = own.chain(aliases).chain(remotes).collect();
    all.sort();
    all.dedup();
    all
}

/// Every set of keys in the files of these tools. What cannot be used is left out.
pub(super) fn every(env: &crate::env::Env) -> Vec<Sourced<Credentials>> {
    let mut accounts = mc::every(env);
    accounts.extend(rclone::every(env));
    accounts.extend(from_s3cmd(env, None).ok().flatten());
    let own = config_file::names(env).unwrap_or_default();
    accounts.extend(
        own.iter()
            .filter_map(|name| Some(config_file::target(env, name).ok()??.account)),
    );
    let keys = accounts
        .into_iter()
        .filter_map(|account| match account.keys {
            RemoteKeys::Static(keys) => Some(Sourced::new(keys, account.source)),
            RemoteKeys::Profile(_) | RemoteKeys::From(_) | RemoteKeys::Found => None,
        });
    keys.collect()
}

/// The variable that names a file; none for a file where a tool looks by itself.
pub(super) type NamedBy = Option<&'static str>;

/// What a variable names, and that it does.
pub(super) fn named_path(
    env: &crate::env::Env,
    variable: &'static str,
) -> Option<(PathBuf, NamedBy)> {
    let value = env.variable(variable)?;
    let path = value
        .to_str()
        .map_or_else(|| PathBuf::from(value), |text| env.under_home(text));
    Some((path, Some(variable)))
}

/// The text of a file that need not be there, in a home directory that may be somebody else's.
fn text_if_there(path: &Path, named_by: NamedBy) -> Result<Option<Zeroizing<String>>, Failure> {
    let file = std::fs::File::open(path);
    let is_readable = file
        .as_ref()
        .is_ok_and(|file| file.metadata().is_ok_and(|about| !about.is_dir()));
    if named_by.is_none() && !is_readable {
        return Ok(None);
    }
    let bytes = read_limited(file, path, named_by)?;
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).map_err(
        |_| {
            Failure::configuration(format!("`{}` is not UTF-8", path.display()))
                .hint("save the file as UTF-8 text")
        },
    )?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}
