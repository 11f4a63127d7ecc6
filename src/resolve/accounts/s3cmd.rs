//! The account of s3cmd: `S3CMD_CONFIG`, else `~/.s3cfg`.
//!
//! Observed of s3cmd 2.3 and kept here: headers of sections mean nothing, every line of the file
//! counts, and of an option the last one; `=` alone separates, and a line that is no option is
//! passed over; double quotes around a value go, single ones stay; a value that begins with `$` is
//! that variable's; a scheme before a host is cut off, and only `use_https` says which one is used.
//! What belongs to a bucket is sent to `host_bucket` if the bucket can be in a host name, else to
//! `host_base`.
//!
//! Meant otherwise: a variable that is not set is refused, and `host_base` without `host_bucket` is
//! the host of buckets too, where s3cmd would send them to Amazon S3.

use std::collections::BTreeMap;
use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::CredentialsFrom;
use crate::env::Env;
use crate::error::Failure;
use crate::resolve::Source;
use crate::resolve::credentials::config_parser::lines;
use crate::resolve::key_check::check_key;
use crate::resolve::named_file::{named_path, text_if_there};
use crate::sigv4::Credentials;
use crate::store::{Addressing, Endpoint};

use super::{Remote, RemoteKeys, Rules, Tool, chosen_by_option};

/// s3cmd has one account, which has no name in a TARGET: it counts where nothing else names a store
/// (see `StoreSettings::s3cmd`).
pub(super) const TOOL: Tool = Tool {
    pin: CredentialsFrom::S3cmd,
    noun: NOUN,
    form: None,
    shares_names_with_buckets: false,
    find: |_, _, _| Ok(None),
    not_found: |_, _| no_keys(),
    unmistakable: |_| chosen_by_option(CredentialsFrom::S3cmd),
    beginnings: |_| Vec::new(),
    every: |env| from_s3cmd(env, None).ok().flatten().into_iter().collect(),
};

const NOUN: &str = "account of s3cmd";

/// `--credentials-from s3cmd` without keys there.
pub(in crate::resolve) fn no_keys() -> Failure {
    Failure::configuration("--credentials-from s3cmd, but s3cmd has no keys in `~/.s3cfg`")
        .hint("run `s3cmd --configure`, or name its file: `S3CMD_CONFIG=FILE`")
}

/// Where `host_bucket` has the bucket.
const BUCKET: &str = "%(bucket)s";

/// The host that s3cmd has before it is configured.
const AMAZON: &str = "s3.amazonaws.com";

/// Options with which s3cmd does not start if they are neither yes nor no.
const BOOLEANS: [&str; 10] = [
    "check_ssl_certificate",
    "check_ssl_hostname",
    "encrypt",
    "enable_multipart",
    "follow_symlinks",
    "guess_mime_type",
    "preserve_attrs",
    "public_url_use_https",
    "requester_pays",
    "use_http_expect",
];

/// The account as it is for a bucket, if there is a file with keys.
///
/// # Errors
/// Half of a pair, keys that cannot be keys, or a file that cannot be read.
pub fn from_s3cmd(env: &Env, bucket: Option<&str>) -> Result<Option<Remote>, Failure> {
    let named = named_path(env, "S3CMD_CONFIG");
    let roaming = env
        .path("APPDATA")
        .map(|folder| (folder.join("s3cmd.ini"), None));
    let home = env.home().map(|home| (home.join(".s3cfg"), None));
    let places = match named {
        Some(named) => vec![named],
        None => [home, roaming].into_iter().flatten().collect(),
    };
    for (path, named_by) in places {
        if let Some(text) = text_if_there(&path, named_by)? {
            let options = parse(&text);
            return Reader {
                env,
                path: &path,
                options,
            }
            .account(bucket);
        }
    }
    Ok(None)
}

/// A value, and its line.
type Options = BTreeMap<String, (Zeroizing<String>, usize)>;

fn parse(text: &str) -> Options {
    let mut options = Options::new();
    for (at, line) in lines(text).enumerate() {
        let line = line.trim_start();
        if line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let name = name.trim_end();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let value = value.trim_start();
        let is_quoted = value.len() > 1
            && value.starts_with('"')
            && value.trim_end().ends_with('"')
            && value.trim_end().len() > 1;
        // One byte off each end, whatever stands behind the second quote.
        let value = match is_quoted.then(|| value.get(1..value.len() - 1)).flatten() {
            Some(inner) => inner,
            None => value,
        };
        let value = Zeroizing::new(value.trim().to_owned());
        options.insert(name.to_owned(), (value, at + 1));
    }
    options
}

struct Reader<'a> {
    env: &'a Env,
    path: &'a Path,
    options: Options,
}

impl Reader<'_> {
    fn fault(&self, name: &str, what: &str) -> Failure {
        let line = self.options.get(name).map_or(0, |(_, line)| *line);
        Failure::configuration(format!(
            "`{name}` in `{}` line {line} {what}",
            self.path.display()
        ))
    }

    /// An option; none if it is empty.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let Some((value, _)) = self.options.get(name) else {
            return Ok(None);
        };
        let mut value = value.clone();
        // A variable may name another; one that names itself is a circle.
        for _ in 0..10 {
            let Some(variable) = value.strip_prefix('$') else {
                return Ok((!value.is_empty()).then_some(value));
            };
            value = match self.env.text(variable)? {
                Some(text) => Zeroizing::new(text.to_owned()),
                None => {
                    return Err(self
                        .fault(
                            name,
                            &format!(
                                "is the variable `{}`, which is not set",
                                variable.escape_debug()
                            ),
                        )
                        .hint("set the variable, or write the value into the file"));
                }
            };
        }
        Err(self
            .fault(name, "is a variable that refers to itself")
            .hint("write the value into the file"))
    }

    fn is_yes(&self, name: &str, default: bool) -> Result<bool, Failure> {
        if !self.options.contains_key(name) {
            return Ok(default);
        }
        let value = self.get(name)?.unwrap_or_default();
        match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(self
                .fault(
                    name,
                    &format!("is `{}`, which is neither yes nor no", value.escape_debug()),
                )
                .hint(format!("write `{name} = True` or `{name} = False`"))),
        }
    }

    fn host(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.get(name)?.map(|value| {
            let host = value
                .strip_prefix("http://")
                .or_else(|| value.strip_prefix("https://"));
            host.unwrap_or(&value).to_ascii_lowercase()
        }))
    }

    fn account(&self, bucket: Option<&str>) -> Result<Option<Remote>, Failure> {
        let source = Source::Remote {
            noun: NOUN,
            name: "default".to_owned(),
            place: format!("`{}`", self.path.display()),
        };
        let Some(keys) = self.keys()? else {
            // s3cmd takes its keys from elsewhere then, from where we have them too.
            return Ok(None);
        };
        if self.is_yes("signature_v2", false)? {
            return Err(self
                .fault(
                    "signature_v2",
                    "requires signature version 2, which cos-presign does not support",
                )
                .hint("if the store takes version 4, write `signature_v2 = False`"));
        }
        let scheme = if self.is_yes("use_https", true)? {
            "https"
        } else {
            "http"
        };
        for name in BOOLEANS {
            self.is_yes(name, false)?;
        }
        let port = if scheme == "https" { ":443" } else { ":80" };
        let without_port =
            |host: String| host.strip_suffix(port).map_or(host.clone(), str::to_owned);
        let base = self.host("host_base")?.map(without_port);
        if base.as_ref().is_some_and(|host| host.contains('/')) {
            return Err(self
                .fault("host_base", "has a path, and a host has none")
                .hint("write `host_base = HOST`, without what follows the host"));
        }
        let (host, addressing) = match self.bucket_host(bucket, base.as_deref())? {
            Some((host, addressing)) if base.is_some() => (Some(without_port(host)), addressing),
            _ => (base.clone(), Addressing::Path),
        };
        let location = self.get("bucket_location")?;
        let region = match location.as_deref().map(String::as_str) {
            Some("EU") => Some("eu-west-1".to_owned()),
            // `US` is written into every file, and s3cmd then asks the store.
            None | Some("US") => base
                .filter(|base| Some(base) != host.as_ref())
                .and_then(|base| Endpoint::parse(&base).ok()?.recognize()?.region),
            Some(region) => Some(region.to_owned()),
        };
        Ok(Some(Remote {
            source,
            endpoint: host.map(|host| format!("{scheme}://{host}")),
            region,
            usual_region: Some("us-east-1"),
            reads_region_variables: false,
            provider: None,
            addressing: Some(addressing),
            accelerate: false,
            dual_stack: false,
            keys: RemoteKeys::Static(keys),
            rules: Rules::default(),
            warnings: Vec::new(),
            upload_warnings: Vec::new(),
        }))
    }

    /// The host of a bucket that can be in a host name, where `host_bucket` has a place for it.
    fn bucket_host(
        &self,
        bucket: Option<&str>,
        base: Option<&str>,
    ) -> Result<Option<(String, Addressing)>, Failure> {
        let default = || (base == Some(AMAZON)).then(|| format!("{BUCKET}.{AMAZON}"));
        let template = self.host("host_bucket")?.or_else(default);
        let (Some(template), Some(bucket)) = (template, bucket) else {
            return Ok(None);
        };
        if !template.contains(BUCKET) || !can_be_in_a_host_name(bucket) {
            return Ok(None);
        }
        if template.contains('/') {
            return Err(self
                .fault("host_bucket", "has a path, and a host has none")
                .hint("write `host_bucket = %(bucket)s.HOST`, or for path style the host alone"));
        }
        Ok(Some(match template.strip_prefix(&format!("{BUCKET}.")) {
            Some(rest) if !rest.contains(BUCKET) => (rest.to_owned(), Addressing::Virtual),
            _ => (template.replace(BUCKET, bucket), Addressing::BucketHost),
        }))
    }

    fn keys(&self) -> Result<Option<Credentials>, Failure> {
        let (id, secret) = match (self.get("access_key")?, self.get("secret_key")?) {
            (Some(id), Some(secret)) => (id, secret),
            (None, None) => return Ok(None),
            (id, _) => {
                let missing = match id {
                    Some(_) => "secret_key",
                    None => "access_key",
                };
                return Err(Failure::configuration(format!(
                    "`{}` has no `{missing}`",
                    self.path.display()
                ))
                .hint("run `s3cmd --configure` again"));
            }
        };
        let checked = |name: &str, value: &str, what: &str| {
            let line = self.options.get(name).map_or(0, |(_, line)| *line);
            let from = format!("`{}` line {line}", self.path.display());
            check_key(&from, value.as_bytes(), what)
        };
        checked("access_key", &id, "access key id")?;
        checked("secret_key", &secret, "secret access key")?;
        let mut keys = Credentials::new(id.as_str(), secret.as_str());
        if let Some(token) = self.get("access_token")? {
            checked("access_token", &token, "session token")?;
            keys = keys.with_session_token(token.as_str());
        }
        Ok(Some(keys))
    }
}

/// The rule of s3cmd, which allows dots.
fn can_be_in_a_host_name(bucket: &str) -> bool {
    let is_edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=63).contains(&bucket.len())
        && is_edge(bucket.bytes().next())
        && is_edge(bucket.bytes().next_back())
        && bucket
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        && !["-.", ".-", ".."].iter().any(|pair| bucket.contains(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_counts_and_the_last_value_wins() {
        let text = "top = 0\n[ default ]\nhost_base = a\n; x = 1\nmy-key = 2\ny: 3\n  z = \"q\" \
            \nw = \"q\"\nv='q'\r\n\
                    [mine] # c\nhost_base = b # c\n# host_base = c\nAccess = 1";
        let options = parse(text);
        let shown: Vec<String> = options
            .iter()
            .map(|(name, (value, line))| format!("{name}={}:{line}", value.as_str()))
            .collect();
        let lines = [
            "Access=1",
            "host_base=b # c",
            "top=0",
            "v='q'",
            "w=q",
            "z=q\"",
        ];
        for (shown, expected) in shown.iter().zip(lines) {
            assert!(shown.starts_with(expected), "{shown}");
        }
        assert_eq!(shown.len(), lines.len());
    }

    #[test]
    fn buckets_of_host_names() {
        for bucket in ["my-bucket", "dotted.name", "a1b"] {
            assert!(can_be_in_a_host_name(bucket), "{bucket}");
        }
        for bucket in ["ab", "UPPER", "a_b", "-ab", "ab-", "a..b", "a-.b"] {
            assert!(!can_be_in_a_host_name(bucket), "{bucket}");
        }
    }
}
