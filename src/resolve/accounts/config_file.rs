//! Our own named targets: `COS_PRESIGN_CONFIG`, else `cos-presign/config.toml` in `XDG_CONFIG_HOME`
//! or `~/.config`.
//!
//! Made for teams: one file has for each name the store, bucket, keys and maximum expiry, and the
//! TARGET is `@reports/2026/q1.pdf`.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::cli::CredentialsFrom;
use crate::env::Env;
use crate::error::Failure;
use crate::resolve::Source;
use crate::resolve::credentials::ibm_documents::credential_of_file;
use crate::resolve::key_check::check_key;
use crate::resolve::named_file::{NamedBy, named_path, text_if_there};
use crate::resolve::secret_file::secret_file;
use crate::resolve::time_text::parse_duration;
use crate::sigv4::Credentials;
use crate::store::{Addressing, Network, Target, find_provider};
#[cfg(unix)]
use crate::text::CommandLine;

use super::{Found, Remote, RemoteKeys, Rules, Tool, inner_target};

/// The options of a target, sorted.
const OPTIONS: [&str; 17] = [
    "access_key_id",
    "addressing",
    "bucket",
    "credentials",
    "endpoint",
    "expires",
    "max_expires",
    "network",
    "profile",
    "provider",
    "public_endpoint",
    "region",
    "secret_access_key",
    "secret_file",
    "service_credential",
    "session_token",
    "session_token_file",
];

/// What accounts and lookups need of `config.toml`.
pub(super) const TOOL: Tool = Tool {
    pin: CredentialsFrom::File,
    noun: NOUN,
    form: Some("NAME/KEY"),
    shares_names_with_buckets: true,
    find,
    not_found,
    unmistakable: |name| format!("write `@{name}/…`"),
    beginnings: |env| {
        let names = names(env).unwrap_or_default();
        names.iter().map(|name| format!("@{name}/")).collect()
    },
    every: |env| {
        let names = names(env).unwrap_or_default();
        let targets = names.iter();
        targets
            .filter_map(|name| Some(target(env, name).ok()??.account))
            .collect()
    },
};

const NOUN: &str = "target";

/// A target of `config.toml`, `name` or `@name`. With a bucket of its own, all that follows the
/// name is the
/// key.
fn find(env: &Env, word: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
    let marked = word.strip_prefix('@');
    let Some(OwnTarget { account, bucket }) = target(env, marked.unwrap_or(word))? else {
        return match marked {
            Some(name) => Err(not_found(env, name)),
            None => Ok(None),
        };
    };
    let target = match (bucket, key.filter(|rest| !rest.is_empty())) {
        (Some(bucket), _) => Target::Bucket {
            location: None,
            bucket,
            key: key.map(<[u8]>::to_vec),
            bare: false,
        },
        (None, Some(rest)) => inner_target(word, rest)?,
        (None, None) => {
            return Err(Failure::usage(format!(
                "`{word}` is the {}, which has no bucket, and none follows it",
                account.source
            ))
            .hint(format!("write `{word}/BUCKET/KEY`")));
        }
    };
    Ok(Some(Found { account, target }))
}

fn not_found(env: &Env, name: &str) -> Failure {
    let place = path(env)
        .map(|(path, _)| format!("`{}`", path.display()))
        .unwrap_or_default();
    let names = names(env).unwrap_or_default();
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

/// A target, with the bucket that it may stand for.
pub struct OwnTarget {
    pub account: Remote,
    pub bucket: Option<String>,
}

/// The file, and the table `target` in it.
struct Config {
    path: PathBuf,
    targets: Table,
}

/// Where the file is or would be, and the variable that says so.
pub fn path(env: &Env) -> Option<(PathBuf, NamedBy)> {
    if let Some(named) = named_path(env, "COS_PRESIGN_CONFIG") {
        return Some(named);
    }
    let folder = env.path("XDG_CONFIG_HOME").or_else(|| env.path("APPDATA"));
    let folder = folder.or_else(|| env.home().map(|home| home.join(".config")));
    Some((folder?.join("cos-presign").join("config.toml"), None))
}

/// The names of all targets.
///
/// # Errors
/// A file that cannot be read.
pub fn names(env: &Env) -> Result<Vec<String>, Failure> {
    Ok(read(env)?
        .map(|config| config.targets.keys().cloned().collect())
        .unwrap_or_default())
}

/// The target of this name.
///
/// # Errors
/// A file that cannot be read, or a target that cannot be used.
pub fn target(env: &Env, name: &str) -> Result<Option<OwnTarget>, Failure> {
    let Some(mut config) = read(env)? else {
        return Ok(None);
    };
    let Some(Value::Table(table)) = config.targets.remove(name) else {
        return Ok(None);
    };
    Reader {
        name,
        path: &config.path,
        table,
    }
    .target(env)
    .map(Some)
}

fn read(env: &Env) -> Result<Option<Config>, Failure> {
    let Some((path, named_by)) = path(env) else {
        return Ok(None);
    };
    let Some(text) = text_if_there(&path, named_by)? else {
        return Ok(None);
    };
    let wrong = |what: String| {
        Failure::configuration(format!("`{}` {what}", path.display())).hint(
            "a target looks like `[target.reports]` with `region = \"us-south\"` and \
                `bucket = \"reports\"` below it",
        )
    };
    // The line itself may hold a secret, so only its number and what was expected there are shown.
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| {
            text[..span.start.min(text.len())].matches('\n').count() + 1
        });
        wrong(format!(
            "line {line} is not TOML: {}",
            error.message().lines().next().unwrap_or_default()
        ))
    })?;
    let targets = match table.remove("target") {
        None => Table::new(),
        Some(Value::Table(targets)) => targets,
        Some(_) => return Err(wrong("has a `target` that is not a table".to_owned())),
    };
    if let Some(other) = table.keys().next() {
        return Err(wrong(format!(
            "has `{}`, and only tables `[target.NAME]` are known",
            other.escape_debug()
        )));
    }
    if let Some((name, _)) = targets.iter().find(|(_, value)| !value.is_table()) {
        return Err(wrong(format!(
            "has a `target.{}` that is not a table",
            name.escape_debug()
        )));
    }
    Ok(Some(Config { path, targets }))
}

struct Reader<'a> {
    name: &'a str,
    path: &'a Path,
    table: Table,
}

impl Reader<'_> {
    fn failure(&self, what: &str) -> Failure {
        Failure::configuration(format!(
            "the target `{}` in `{}` {what}",
            self.name.escape_debug(),
            self.path.display()
        ))
    }

    fn text(&mut self, option: &str) -> Result<Option<String>, Failure> {
        match self.table.remove(option) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self
                .failure(&format!("has a `{option}` that is not a string"))
                .hint(format!("write it as `{option} = \"…\"`"))),
        }
    }

    /// One word of a list.
    fn word<T: Copy>(&mut self, option: &str, words: &[(&str, T)]) -> Result<Option<T>, Failure> {
        let Some(text) = self.text(option)? else {
            return Ok(None);
        };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Err(self
                    .failure(&format!("has `{option} = \"{}\"`", text.escape_debug()))
                    .hint(format!("use one of {}", list.join(", "))))
            }
        }
    }

    fn duration(&mut self, option: &str) -> Result<Option<u64>, Failure> {
        let seconds = match self.table.remove(option) {
            None => return Ok(None),
            Some(Value::Integer(seconds)) => u64::try_from(seconds).ok(),
            Some(Value::String(text)) => parse_duration(option, &text).ok(),
            Some(_) => None,
        };
        match seconds.filter(|seconds| *seconds > 0) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(self
                .failure(&format!("has an `{option}` that is not a duration"))
                .hint(format!("write it as `{option} = \"24h\"`, or as seconds"))),
        }
    }

    /// A file, from the folder of the configuration if its name is not a whole path; `~/` is the
    /// home directory.
    fn file(&mut self, option: &str, env: &Env) -> Result<Option<PathBuf>, Failure> {
        let Some(text) = self.text(option)? else {
            return Ok(None);
        };
        if let (Some(rest), Some(home)) = (text.strip_prefix("~/"), env.home()) {
            return Ok(Some(home.join(rest)));
        }
        Ok(Some(self.path.parent().unwrap_or(Path::new("")).join(text)))
    }

    fn target(mut self, env: &Env) -> Result<OwnTarget, Failure> {
        if let Some(unknown) = self
            .table
            .keys()
            .find(|option| OPTIONS.binary_search(&option.as_str()).is_err())
        {
            return Err(self
                .failure(&format!(
                    "has an option `{}`, which is not known",
                    unknown.escape_debug()
                ))
                .hint(format!("the options are {}", OPTIONS.join(", "))));
        }
        let source = Source::Remote {
            noun: NOUN,
            name: self.name.to_owned(),
            place: format!("`{}`", self.path.display()),
        };
        let provider = match self.text("provider")? {
            None => None,
            Some(id) => match find_provider(&id) {
                Some(provider) => Some(provider),
                None => {
                    return Err(self
                        .failure(&format!(
                            "has `provider = \"{}\"`, which is not a known store",
                            id.escape_debug()
                        ))
                        .hint("`cos-presign stores` lists them; for others give an `endpoint`"));
                }
            },
        };
        let styles = [
            ("path", Addressing::Path),
            ("virtual", Addressing::Virtual),
            ("bucket-host", Addressing::BucketHost),
        ];
        let networks = [
            ("public", Network::Public),
            ("private", Network::Private),
            ("direct", Network::Direct),
        ];
        let rules = Rules {
            public_endpoint: self.text("public_endpoint")?,
            network: self.word("network", &networks)?,
            expires: self.duration("expires")?,
            max_expires: self.duration("max_expires")?,
        };
        if let (Some(usual), Some(most)) = (rules.expires, rules.max_expires)
            && usual > most
        {
            return Err(self
                .failure("has an `expires` above its `max_expires`")
                .hint("lower the one or raise the other"));
        }
        let account = Remote {
            endpoint: self.text("endpoint")?,
            region: self.text("region")?,
            usual_region: None,
            reads_region_variables: false,
            provider,
            addressing: self.word("addressing", &styles)?,
            accelerate: false,
            dual_stack: false,
            keys: self.keys(env)?,
            rules,
            warnings: Vec::new(),
            upload_warnings: Vec::new(),
            source,
        };
        if account.endpoint.is_none() && account.region.is_none() && account.provider.is_none() {
            return Err(self
                .failure("names no store")
                .hint("add `region = \"us-south\"`, or an `endpoint`"));
        }
        Ok(OwnTarget {
            account,
            bucket: self.text("bucket")?,
        })
    }

    fn keys(&mut self, env: &Env) -> Result<RemoteKeys, Failure> {
        let kinds = [
            "access_key_id",
            "credentials",
            "profile",
            "service_credential",
        ];
        let given: Vec<&str> = kinds
            .into_iter()
            .filter(|kind| self.table.contains_key(*kind))
            .collect();
        if let [first, second, ..] = given[..] {
            return Err(self
                .failure(&format!("has both `{first}` and `{second}`"))
                .hint("keep the one that should sign"));
        }
        let secrets = ["secret_access_key", "session_token"];
        if let Some(secret) = secrets
            .into_iter()
            .find(|secret| self.table.contains_key(*secret))
        {
            self.check_mode(secret)?;
        }
        if let Some(profile) = self.text("profile")? {
            return Ok(RemoteKeys::Profile(profile));
        }
        let sources = [
            ("env", CredentialsFrom::Env),
            ("ibm", CredentialsFrom::Ibm),
            ("aws", CredentialsFrom::Aws),
        ];
        if let Some(source) = self.word("credentials", &sources)? {
            return Ok(RemoteKeys::From(source));
        }
        if let Some(file) = self.file("service_credential", env)? {
            return Ok(RemoteKeys::Static(credential_of_file(
                &file,
                &self.option("service_credential"),
            )?));
        }
        let secret = match (
            self.text("secret_access_key")?,
            self.file("secret_file", env)?,
        ) {
            (Some(_), Some(_)) => {
                return Err(self
                    .failure("has both `secret_access_key` and `secret_file`")
                    .hint("keep the file"));
            }
            (Some(secret), None) => Some(secret.into_bytes()),
            (None, file) => self.secret_in("secret_file", file, env)?,
        };
        let token = match self.text("session_token")? {
            Some(token) => Some(token.into_bytes()),
            None => {
                let file = self.file("session_token_file", env)?;
                self.secret_in("session_token_file", file, env)?
            }
        };
        match (self.text("access_key_id")?, secret) {
            (None, None) => Ok(RemoteKeys::Found),
            (Some(id), Some(secret)) => {
                let from = format!("the target `{}`", self.name);
                check_key(&from, id.as_bytes(), "access key id")?;
                check_key(&from, &secret, "secret access key")?;
                let keys = Credentials::new(id, secret);
                Ok(RemoteKeys::Static(match token {
                    Some(token) => keys.with_session_token(token),
                    None => keys,
                }))
            }
            (id, _) => {
                let missing = if id.is_some() {
                    "secret_access_key` or `secret_file"
                } else {
                    "access_key_id"
                };
                Err(self
                    .failure(&format!("has no `{missing}`"))
                    .hint("id and secret belong together"))
            }
        }
    }

    /// What stands in the file that an option names.
    fn secret_in(
        &self,
        option: &str,
        file: Option<PathBuf>,
        env: &Env,
    ) -> Result<Option<Vec<u8>>, Failure> {
        file.map(|file| secret_file(env, &file, &self.option(option)).map(|secret| secret.to_vec()))
            .transpose()
    }

    /// An option, with the target that it belongs to.
    fn option(&self, name: &str) -> String {
        format!("`{name}` of the target `{}`", self.name)
    }

    /// A file with a secret must not be readable by other users.
    fn check_mode(&self, secret: &str) -> Result<(), Failure> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(self.path).map(|about| about.permissions().mode() & 0o777);
            if let Ok(mode) = mode
                && mode & 0o077 != 0
            {
                return Err(self
                    .failure(&format!(
                        "has a `{secret}`, and its file has mode {mode:04o}, so others can read it"
                    ))
                    .hint(format!(
                        "close it: `{}`",
                        CommandLine::new("chmod 600")
                            .value(self.path.as_os_str().as_encoded_bytes())
                    )));
            }
        }
        let _ = secret;
        Ok(())
    }
}
