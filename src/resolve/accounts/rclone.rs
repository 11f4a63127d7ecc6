//! Remotes of rclone: `rclone.conf`, `RCLONE_CONFIG_<REMOTE>_<OPTION>`, `RCLONE_S3_<OPTION>`.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::cli::CredentialsFrom;
use crate::env::Env;
use crate::error::Failure;
use crate::resolve::credentials::ibm_documents::CREATE_HMAC_KEYS;
use crate::resolve::key_check::check_key;
use crate::resolve::named_file::{named_path, text_if_there};
use crate::resolve::{Source, Warning};
use crate::sigv4::Credentials;
use crate::store::{Addressing, AddressingSupport, Endpoint, Provider, find_provider};
use crate::text::CommandLine;

use super::goconfig::{self, Sections};
use super::{Found, Remote, RemoteKeys, Rules, Tool, chosen_by_option, inner_target, rclone_dump};

/// What accounts and lookups need of rclone.
pub(super) const TOOL: Tool = Tool {
    pin: CredentialsFrom::Rclone,
    noun: NOUN,
    form: Some("REMOTE:BUCKET/KEY"),
    // Few stores have buckets with a colon in their names.
    shares_names_with_buckets: false,
    find,
    not_found: |_, name| {
        Failure::usage(format!(
            "--credentials-from rclone, but `{}` is not a remote of rclone",
            name.escape_debug()
        ))
        .hint("`rclone listremotes` shows them; a TARGET is REMOTE:BUCKET/KEY")
    },
    unmistakable: |_| chosen_by_option(CredentialsFrom::Rclone),
    beginnings: |env| {
        let names = names(env).into_iter();
        names.map(|name| format!("{name}:")).collect()
    },
    every,
};

const NOUN: &str = "rclone remote";

fn find(env: &Env, word: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
    let Some((name, first)) = word.split_once(':') else {
        return Ok(None);
    };
    let mut path = first.as_bytes().to_vec();
    if let Some(key) = key {
        path.push(b'/');
        path.extend_from_slice(key);
    }
    let found = match name {
        // The first colon is that before the options.
        "" => Some(connection(env, &path)?),
        _ => remote(env, name, path)?,
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
        target: inner_target(name, path)?,
    }))
}

/// Options with which rclone does not start if they are neither true nor false.
const BOOLEANS: [&str; 15] = [
    "decompress",
    "disable_checksum",
    "disable_http2",
    "env_auth",
    "force_path_style",
    "leave_parts_on_error",
    "memory_pool_use_mmap",
    "no_check_bucket",
    "no_head",
    "no_head_object",
    "no_system_metadata",
    "requester_pays",
    "use_accelerate_endpoint",
    "use_presigned_request",
    "versions",
];

/// Maximum number of aliases of aliases; more is a circle.
const LONGEST_CHAIN: usize = 10;

/// The remote of this name, and the path in its store that `path` means.
///
/// # Errors
/// A remote that is no S3 store or cannot be used; a config that is encrypted or cannot be read.
fn remote(env: &Env, name: &str, path: Vec<u8>) -> Result<Option<(Remote, Vec<u8>)>, Failure> {
    let mut config = None;
    let (mut name, mut path) = (name.to_owned(), path);
    for step in 0..LONGEST_CHAIN {
        let Some(options) = Options::find(env, &name, &mut config)? else {
            return match step {
                0 => Ok(None),
                _ => Err(Failure::configuration(format!(
                    "an rclone alias points to the remote `{name}`, which does not exist"
                ))
                .hint(
                    "`rclone listremotes --long` shows the remotes; `rclone config` changes them",
                )),
            };
        };
        match options.get("type").as_deref().map(String::as_str) {
            Some("s3") => {
                let bucket = path.strip_prefix(b"/").unwrap_or(&path);
                let bucket = bucket.split(|b| *b == b'/').next().unwrap_or_default();
                let account = options.account(&String::from_utf8_lossy(bucket))?;
                return Ok(Some((account, path)));
            }
            Some("alias") => {
                let target = options.get("remote").unwrap_or_default();
                let Some((next, prefix)) =
                    target.split_once(':').filter(|(next, _)| !next.is_empty())
                else {
                    return Err(options.fault(
                        "is an alias of something that is no remote",
                        "give an alias of an S3 remote",
                    ));
                };
                path = joined(prefix.as_bytes(), &path);
                name = next.to_owned();
            }
            Some("crypt") => {
                return Err(options.fault(
                    "encrypts names and contents, so only rclone could read what is downloaded",
                    "name the remote below it, and the encrypted path: `rclone cryptdecode \
                        --reverse` prints it",
                ));
            }
            Some(other) => {
                let what =
                    format!("is of the type `{other}`, and only the type s3 has presigned URLs");
                return Err(options.fault(
                    &what,
                    "name an S3 remote; `rclone listremotes --long` shows their types",
                ));
            }
            None => return Err(options.fault("has no type", "`rclone config` creates a remote")),
        }
    }
    Err(
        Failure::configuration(format!("the rclone remote `{name}` is a circle of aliases"))
            .hint("`rclone config` changes them"),
    )
}

/// A remote that is written into the target, `:s3,provider=IBMCOS,access_key_id=…:bucket/key`, and
/// what follows it. Its text may hold a secret, so no message repeats it.
///
/// # Errors
/// A text that rclone could not read either, or a store that is not S3.
fn connection(env: &Env, text: &[u8]) -> Result<(Remote, Vec<u8>), Failure> {
    let fault =
        |what: &str| {
            Failure::usage(format!("the TARGET is a connection string of rclone, and {what}")).hint(
            "its form is `:s3,provider=NAME,endpoint=HOST,env_auth=true:BUCKET/KEY`; values with \
                `:` or `,` are in quotes",
        )
        };
    let (head, path) = split_connection(text).ok_or_else(|| fault("its options do not end"))?;
    let head = std::str::from_utf8(head).map_err(|_| fault("it is not UTF-8"))?;
    let mut options = split_options(head).ok_or_else(|| fault("a quote in it is not closed"))?;
    let kind = options.remove(0);
    if kind.0 != "s3" || kind.1.is_some() {
        return Err(fault("it names no S3 store"));
    }
    let given = options
        .into_iter()
        .map(|(name, value)| {
            (
                name,
                value.unwrap_or_else(|| Zeroizing::new("true".to_owned())),
            )
        })
        .collect();
    let options = Options {
        env,
        name: ":s3".to_owned(),
        place: "the TARGET".to_owned(),
        sections: None,
        given,
    };
    let bucket = path.split(|b| *b == b'/').next().unwrap_or_default();
    let account = options.account(&String::from_utf8_lossy(bucket))?;
    Ok((account, path.to_vec()))
}

/// The options and the path of a connection string, which are separated by the first colon outside
/// of quotes.
fn split_connection(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut quote = None;
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b':') => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

type Given = Vec<(String, Option<Zeroizing<String>>)>;

/// `name=value` between commas; in quotes a quote is written twice.
fn split_options(head: &str) -> Option<Given> {
    let mut options: Given = Vec::new();
    let mut rest = head;
    loop {
        let end = rest.find(['=', ',']).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        if !rest[end..].starts_with('=') {
            options.push((name, None));
            match rest[end..].strip_prefix(',') {
                Some(more) => rest = more,
                None => return Some(options),
            }
            continue;
        }
        let value = &rest[end + 1..];
        let mut text = Zeroizing::new(String::new());
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let used = match quote {
            None => {
                let end = value.find(',').unwrap_or(value.len());
                text.push_str(&value[..end]);
                end
            }
            Some(quote) => {
                let mut at = 1;
                loop {
                    let next = at + value[at..].find(quote)?;
                    text.push_str(&value[at..next]);
                    at = next + 1;
                    if !value[at..].starts_with(quote) {
                        break at;
                    }
                    text.push(quote);
                    at += 1;
                }
            }
        };
        options.push((name, Some(text)));
        match value[used..].strip_prefix(',') {
            Some(more) => rest = more,
            None if value[used..].is_empty() => return Some(options),
            None => return None,
        }
    }
}

/// The names of all remotes that may be S3: those of variables are omitted,
/// since a variable has its name in capitals.
fn names(env: &Env) -> Vec<String> {
    let Some(config) = Config::read_unencrypted(env) else {
        return Vec::new();
    };
    let may_be_s3 = |name: &&str| {
        let kind = config.sections.get(name, "type");
        kind.is_some_and(|kind| matches!(kind.as_str(), "s3" | "alias"))
    };
    let names = config.sections.names().filter(may_be_s3);
    names.map(str::to_owned).collect()
}

/// All that are in the file and have keys of their own.
fn every(env: &Env) -> Vec<Remote> {
    let Some(config) = Config::read_unencrypted(env) else {
        return Vec::new();
    };
    let names: Vec<String> = config.sections.names().map(str::to_owned).collect();
    let mut config = Some(Some(config));
    let mut accounts = Vec::new();
    for name in names {
        if let Ok(Some(options)) = Options::find(env, &name, &mut config)
            && options
                .get("type")
                .is_some_and(|kind| kind.as_str() == "s3")
        {
            accounts.extend(options.account("").ok());
        }
    }
    accounts
}

/// Whether a bucket is put before the host: rclone's library leaves those with dots in the path
/// where TLS is used.
fn bucket_fits(bucket: &str, is_http: bool) -> bool {
    let is_edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=63).contains(&bucket.len())
        && is_edge(bucket.bytes().next())
        && is_edge(bucket.bytes().next_back())
        && bucket
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        && !bucket.contains("..")
        && (is_http || !bucket.contains('.'))
}

fn store_of_endpoint(text: &str) -> Option<&'static Provider> {
    let recognized = Endpoint::parse(text).ok()?.recognize()?;
    find_provider(recognized.provider)
}

fn joined(prefix: &[u8], path: &[u8]) -> Vec<u8> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let prefix = prefix.strip_suffix(b"/").unwrap_or(prefix);
    match (prefix, path) {
        (b"", path) => path.to_vec(),
        (prefix, b"") => prefix.to_vec(),
        _ => [prefix, b"/", path].concat(),
    }
}

struct Config {
    path: PathBuf,
    sections: Sections,
}

impl Config {
    /// Where it is `needed`, a file that cannot be opened or decrypted is an error. One that rclone
    /// cannot read always is, as it may have options of the remote.
    fn read(env: &Env, needed: bool) -> Result<Option<Config>, Failure> {
        let Some((path, text)) = file(env).or_else(|failure| match needed {
            true => Err(failure),
            false => Ok(None),
        })?
        else {
            return Ok(None);
        };
        let sections = match is_encrypted(&text) {
            true => match rclone_dump::decrypted(env, &path) {
                Err(_) if !needed => return Ok(None),
                decrypted => decrypted?,
            },
            false => goconfig::parse(&text).map_err(|line| {
                Failure::configuration(format!(
                    "`{}` line {line} is neither a section, an option nor a comment",
                    path.display()
                ))
                .hint(
                    "rclone cannot read it either, as `rclone config show` shows; remove the line",
                )
            })?,
        };
        Ok(Some(Config { path, sections }))
    }

    /// For lists of everything that can be read: they start no program that may ask for a password.
    fn read_unencrypted(env: &Env) -> Option<Config> {
        let (path, text) = file(env).ok()??;
        let text = Some(text).filter(|text| !is_encrypted(text))?;
        let sections = goconfig::parse(&text).ok()?;
        Some(Config { path, sections })
    }
}

fn is_encrypted(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines
        .find(|line| !line.is_empty() && !line.starts_with(['#', ';']))
        .is_some_and(|line| line.starts_with("RCLONE_ENCRYPT_V"))
}

/// The config file and its text.
fn file(env: &Env) -> Result<Option<(PathBuf, Zeroizing<String>)>, Failure> {
    let folder = env
        .path("XDG_CONFIG_HOME")
        .or_else(|| env.home().map(|home| home.join(".config")));
    let in_folder = folder.map(|folder| (folder.join("rclone").join("rclone.conf"), None));
    let roaming = env
        .path("APPDATA")
        .map(|folder| (folder.join("rclone").join("rclone.conf"), None));
    let old = env.home().map(|home| (home.join(".rclone.conf"), None));
    let places = match named_path(env, "RCLONE_CONFIG") {
        Some(named) => vec![named],
        None => [roaming, in_folder, old].into_iter().flatten().collect(),
    };
    for (path, named_by) in places {
        if let Some(text) = text_if_there(&path, named_by)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

/// Options of one remote: its own variables go before those of all S3 remotes, those before the
/// file.
struct Options<'e, 'c> {
    env: &'e Env,
    name: String,
    place: String,
    /// The file, where it has this remote.
    sections: Option<&'c Sections>,
    /// What a connection string says, which goes before all.
    given: Vec<(String, Zeroizing<String>)>,
}

impl<'e, 'c> Options<'e, 'c> {
    fn find(
        env: &'e Env,
        name: &str,
        config: &'c mut Option<Option<Config>>,
    ) -> Result<Option<Options<'e, 'c>>, Failure> {
        let by_variable = variable_of(name, "type");
        let is_by_variable = env.variable(&by_variable).is_some();
        if config.is_none() {
            // With all options in variables neither the file nor its password is needed.
            *config = Some(Config::read(env, !is_by_variable)?);
        }
        let of_file = config.as_ref().and_then(Option::as_ref);
        let of_file = of_file.filter(|config| config.sections.contains(name));
        let place = match of_file {
            Some(config) => format!("`{}`", config.path.display()),
            None if is_by_variable => format!("`{by_variable}`"),
            None => return Ok(None),
        };
        Ok(Some(Options {
            env,
            name: name.to_owned(),
            place,
            sections: of_file.map(|config| &config.sections),
            given: Vec::new(),
        }))
    }

    fn get(&self, option: &str) -> Option<Zeroizing<String>> {
        let of_all = format!("RCLONE_S3_{}", option.to_uppercase());
        let of_all = (option != "type" && option != "remote").then_some(of_all);
        let variables = [Some(variable_of(&self.name, option)), of_all];
        let given = self.given.iter().find(|(name, _)| name == option);
        if let Some((_, value)) = given.filter(|(_, value)| !value.is_empty()) {
            return Some(value.clone());
        }
        let from_variable = variables
            .into_iter()
            .flatten()
            .find_map(|variable| Some(self.env.variable(&variable)?.to_str()?.to_owned()));
        let value = from_variable
            .map(Zeroizing::new)
            .or_else(|| self.sections?.get(&self.name, option));
        value.filter(|value| !value.is_empty())
    }

    /// Yes and no as Go scans them.
    fn boolean(&self, option: &str) -> Result<Option<bool>, Failure> {
        let Some(value) = self.get(option) else {
            return Ok(None);
        };
        match value.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Ok(Some(true)),
            "false" | "f" | "0" => Ok(Some(false)),
            _ => Err(self.fault(
                &format!(
                    "has `{option} = {}`, which is neither true nor false",
                    value.escape_debug()
                ),
                "rclone does not start with it either; write `true` or `false`",
            )),
        }
    }

    fn is_set(&self, option: &str) -> Result<bool, Failure> {
        Ok(self.boolean(option)? == Some(true))
    }

    /// Whether the TARGET is the remote.
    fn is_connection(&self) -> bool {
        self.name.starts_with(':')
    }

    fn fault(&self, what: &str, hint: &str) -> Failure {
        Failure::configuration(format!(
            "the rclone remote `{}` in {} {what}",
            self.name, self.place
        ))
        .hint(hint)
    }

    /// rclone knows of most providers whether they take virtual style, and then uses it whatever
    /// the option says.
    fn has_virtual_style(&self) -> Result<bool, Failure> {
        let always = [
            "AWS",
            "Alibaba",
            "DigitalOcean",
            "Dreamhost",
            "HuaweiOBS",
            "Netease",
            "Qiniu",
            "RackCorp",
            "Scaleway",
            "Storj",
            "TencentCOS",
            "Wasabi",
        ];
        let by_provider = self
            .get("provider")
            .is_some_and(|name| always.contains(&name.as_str()));
        Ok(self.boolean("force_path_style")? == Some(false)
            || by_provider
            || self.is_set("use_accelerate_endpoint")?)
    }

    fn account(&self, bucket: &str) -> Result<Remote, Failure> {
        let region = self.get("region").map(|region| region.to_string());
        if self.is_set("v2_auth")? || region.as_deref() == Some("other-v2-signature") {
            return Err(self.fault(
                "uses signature version 2, which cos-presign does not support",
                "if the store takes version 4, remove `v2_auth` and the region \
                    `other-v2-signature` with `rclone config`",
            ));
        }
        if self.get("role_arn").is_some() {
            return Err(self.fault(
                "assumes a role",
                "make an AWS profile for the role, and give --profile and --endpoint",
            ));
        }
        for option in BOOLEANS {
            self.boolean(option)?;
        }
        let provider = self.provider()?;
        let keys = self.keys()?;
        let endpoint = self.get("endpoint").map(|endpoint| endpoint.to_string());
        let store = endpoint.as_deref().map_or(provider, store_of_endpoint);
        // rclone would send to Amazon S3 what belongs to another store.
        let has_host = |provider: &&Provider| {
            let is_known = |region: &String| provider.known_region(region).is_some();
            provider.is_aws() || provider.has_endpoint() && region.as_ref().is_some_and(is_known)
        };
        if endpoint.is_none() && !provider.is_some_and(|provider| has_host(&provider)) {
            return Err(self.fault(
                "has no endpoint",
                match self.is_connection() {
                    true => "add `endpoint=HOST` to its options",
                    false => "give it one: `rclone config update REMOTE endpoint=HOST`",
                },
            ));
        }
        let is_http = endpoint
            .as_deref()
            .is_some_and(|url| url.starts_with("http://"));
        let addressing = match self.has_virtual_style()? {
            true if bucket_fits(bucket, is_http) => Some(Addressing::Virtual),
            true => Some(Addressing::Path),
            // Path style is the default, except at stores that refuse it.
            false => match self.boolean("force_path_style")? {
                None if store
                    .is_some_and(|store| store.addressing == AddressingSupport::VirtualOnly) =>
                {
                    None
                }
                _ => Some(Addressing::Path),
            },
        };
        Ok(Remote {
            source: Source::Remote {
                noun: NOUN,
                name: self.name.clone(),
                place: self.place.clone(),
            },
            endpoint,
            region: region.filter(|region| region != "other-v4-signature"),
            usual_region: Some("us-east-1"),
            reads_region_variables: false,
            provider,
            addressing,
            accelerate: self.is_set("use_accelerate_endpoint")?,
            dual_stack: self.is_set("use_dual_stack")?,
            keys,
            rules: Rules::default(),
            warnings: self.not_carried()?,
            upload_warnings: self.not_carried_by_uploads(),
        })
    }

    /// Settings with which rclone makes its own requests, and which a presigned URL does not have.
    fn not_carried(&self) -> Result<Vec<Warning>, Failure> {
        let mut warnings = Vec::new();
        if self.is_set("requester_pays")? {
            warnings.push(self.not_applied("requester_pays", "--requester-pays"));
        }
        let of_customer = ["sse_customer_key", "sse_customer_key_base64"];
        let mut set = of_customer
            .into_iter()
            .filter(|name| self.get(name).is_some());
        if let Some(option) = set.next() {
            warnings.push(self.not_applied(option, "--sse-c-key-file FILE"));
        }
        Ok(warnings)
    }

    /// The same for requests that write objects.
    fn not_carried_by_uploads(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Some(kind) = self.get("server_side_encryption") {
            let option = CommandLine::options().option("--sse", kind.as_str());
            warnings.push(self.not_applied("server_side_encryption", &option.to_string()));
        }
        if let Some(key) = self.get("sse_kms_key_id") {
            let option = CommandLine::options().option("--sse-kms-key-id", key.as_str());
            warnings.push(self.not_applied("sse_kms_key_id", &option.to_string()));
        }
        warnings
    }

    fn not_applied(&self, setting: &str, option: &str) -> Warning {
        Warning::new(
            "setting-not-applied",
            format!(
                "`{setting}` of the rclone remote `{}` in {} is not applied: to sign it add \
                    `{option}`",
                self.name, self.place
            ),
        )
    }

    /// What rclone calls the stores of the table.
    fn provider(&self) -> Result<Option<&'static Provider>, Failure> {
        let Some(name) = self.get("provider") else {
            return Ok(None);
        };
        let id = match name.to_ascii_lowercase().as_str() {
            "ibmcos" => "ibm",
            "cloudflare" => "r2",
            "digitalocean" => "do-spaces",
            "tencentcos" => "tencent",
            "ovhcloud" => "ovh",
            "ceph" => "ceph",
            "aws" => "aws",
            "gcs" => "gcs",
            "dreamhost" | "other" => return Ok(None),
            other => return Ok(find_provider(other)),
        };
        Ok(find_provider(id))
    }

    fn keys(&self) -> Result<RemoteKeys, Failure> {
        let (id, secret) = (self.get("access_key_id"), self.get("secret_access_key"));
        match (id, secret) {
            (Some(id), Some(secret)) => {
                let from = format!("the rclone remote `{}` in {}", self.name, self.place);
                check_key(&from, id.as_bytes(), "access key id")?;
                check_key(&from, secret.as_bytes(), "secret access key")?;
                let mut keys = Credentials::new(id.as_str(), secret.as_str());
                if let Some(token) = self.get("session_token") {
                    keys = keys.with_session_token(token.as_str());
                }
                Ok(RemoteKeys::Static(keys))
            }
            (None, None) if self.is_set("env_auth")? => {
                if self.get("shared_credentials_file").is_some() {
                    return Err(self.fault(
                        "names a credentials file of its own",
                        "set `AWS_SHARED_CREDENTIALS_FILE` to it, and remove \
                            `shared_credentials_file` from the remote",
                    ));
                }
                Ok(self.get("profile").map_or(RemoteKeys::Found, |profile| {
                    RemoteKeys::Profile(profile.to_string())
                }))
            }
            (None, None) if self.get("ibm_api_key").is_some() => Err(self.fault(
                "has an IBM API key, and an API key cannot presign",
                CREATE_HMAC_KEYS,
            )),
            (None, None) if self.is_connection() => Err(self.fault(
                "has no keys, so it cannot sign",
                "add `env_auth=true` to its options, which uses the keys of the environment and of \
                 the AWS files",
            )),
            (None, None) => Err(self.fault(
                "has no keys, so it cannot sign",
                "give it `access_key_id` and `secret_access_key`, or `env_auth = true`, with \
                    `rclone config`",
            )),
            (Some(_), None) => Err(self.fault(
                "has no `secret_access_key`",
                match self.is_connection() {
                    true => "set `RCLONE_S3_SECRET_ACCESS_KEY`",
                    false => "add it with `rclone config`",
                },
            )),
            (None, Some(_)) => Err(self.fault(
                "has no `access_key_id`",
                match self.is_connection() {
                    true => "add `access_key_id=ID` to its options",
                    false => "add it with `rclone config`",
                },
            )),
        }
    }
}

/// `RCLONE_CONFIG_MY_REMOTE_ACCESS_KEY_ID`
fn variable_of(remote: &str, option: &str) -> String {
    format!("RCLONE_CONFIG_{}_{}", remote, option.replace('-', "_")).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings_are_taken_apart_as_rclone_does() {
        let text = b"s3,provider=IBMCOS,env_auth,endpoint='https://h:9000',\
            secret_access_key=\"a\"\"b,c\":bucket/k:e,y";
        let (head, path) = split_connection(text).expect("whole");
        assert_eq!(path, b"bucket/k:e,y");
        let options = split_options(std::str::from_utf8(head).expect("UTF-8")).expect("closed");
        let shown: Vec<(&str, Option<&str>)> = options
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_ref().map(|value| value.as_str())))
            .collect();
        let expected = [
            ("s3", None),
            ("provider", Some("IBMCOS")),
            ("env_auth", None),
            ("endpoint", Some("https://h:9000")),
            ("secret_access_key", Some("a\"b,c")),
        ];
        assert_eq!(shown, expected);
        assert!(split_connection(b"s3,endpoint='h:9000").is_none());
        assert!(split_options("s3,a='b").is_none());
    }

    #[test]
    fn an_alias_stands_before_the_path() {
        for (prefix, path, expected) in [
            ("", "b/k", "b/k"),
            ("b", "k", "b/k"),
            ("b/", "/k", "b/k"),
            ("b/p", "", "b/p"),
            ("", "/b//k", "b//k"),
        ] {
            assert_eq!(
                joined(prefix.as_bytes(), path.as_bytes()),
                expected.as_bytes(),
                "{prefix} {path}"
            );
        }
    }
}
