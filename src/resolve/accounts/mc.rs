//! Aliases of the MinIO client: `MC_HOST_<alias>`, a file of such lines, `config.json`.

use std::path::PathBuf;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::cli::CredentialsFrom;
use crate::env::Env;
use crate::error::Failure;
use crate::resolve::Source;
use crate::resolve::key_check::check_key;
use crate::resolve::named_file::{NamedBy, named_path, text_if_there};
use crate::sigv4::Credentials;
use crate::store::Addressing;
use crate::text::CommandLine;

use super::{Found, Remote, RemoteKeys, Rules, Tool, chosen_by_option, inner_target};

/// What accounts and lookups need of the MinIO client.
pub(super) const TOOL: Tool = Tool {
    pin: CredentialsFrom::Mc,
    noun: NOUN,
    form: Some("ALIAS/BUCKET/KEY"),
    shares_names_with_buckets: true,
    find,
    not_found: |_, name| {
        Failure::usage(format!(
            "--credentials-from mc, but `{}` is not an alias of the MinIO client",
            name.escape_debug()
        ))
        .hint("`mc alias list` shows them; a TARGET is ALIAS/BUCKET/KEY")
    },
    unmistakable: |_| chosen_by_option(CredentialsFrom::Mc),
    beginnings: |env| {
        let names = names(env).into_iter();
        names.map(|name| format!("{name}/")).collect()
    },
    every,
};

const NOUN: &str = "mc alias";

fn find(env: &Env, name: &str, key: Option<&[u8]>) -> Result<Option<Found>, Failure> {
    let Some(account) = alias(env, name)? else {
        return Ok(None);
    };
    let Some(rest) = key.filter(|rest| !rest.is_empty()) else {
        return Err(Failure::usage(format!(
            "`{name}` is the {}, and no bucket follows it",
            account.source
        ))
        .hint(format!(
            "write `{name}/BUCKET/KEY`; for a bucket called `{name}`: `s3://{name}/…`"
        )));
    };
    Ok(Some(Found {
        account,
        target: inner_target(name, rest)?,
    }))
}

/// `config.json`; older versions call the aliases hosts.
#[derive(Deserialize)]
struct Config {
    #[serde(default, alias = "hosts")]
    aliases: std::collections::BTreeMap<String, Alias>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alias {
    #[serde(default)]
    url: String,
    #[serde(default)]
    access_key: Zeroizing<String>,
    #[serde(default)]
    secret_key: Zeroizing<String>,
    #[serde(default)]
    session_token: Zeroizing<String>,
    #[serde(default)]
    api: String,
    #[serde(default, alias = "lookup")]
    path: String,
}

/// The alias of this name. A variable goes before the file, as in `mc`.
///
/// # Errors
/// An alias that cannot be used; a file that cannot be read.
fn alias(env: &Env, name: &str) -> Result<Option<Remote>, Failure> {
    let may_be_alias = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !may_be_alias {
        return Ok(None);
    }
    let variable = format!("MC_HOST_{name}");
    let with_region = |account: Remote| -> Result<_, Failure> {
        Ok(Some(Remote {
            region: env.text("MC_REGION")?.map(str::to_owned),
            ..account
        }))
    };
    if let Some(text) = env.text(&variable)? {
        return with_region(from_url(text, name, &format!("`{variable}`"))?);
    }
    if let Some((path, named_by)) = named_path(env, "MC_CONFIG_ENV_FILE") {
        let text = text_if_there(&path, named_by)?.unwrap_or_default();
        let prefix = format!("{variable}=");
        if let Some(line) = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(&prefix))
        {
            return with_region(from_url(line, name, &format!("`{}`", path.display()))?);
        }
    }
    for (path, named_by) in files(env) {
        if let Some(mut config) = read(&path, named_by)?
            && let Some(alias) = config.aliases.remove(name)
        {
            return with_region(from_file(alias, name, &format!("`{}`", path.display()))?);
        }
    }
    Ok(None)
}

/// The names of all aliases.
fn names(env: &Env) -> Vec<String> {
    let configs = files(env)
        .into_iter()
        .filter_map(|(path, named_by)| read(&path, named_by).ok()?);
    configs
        .flat_map(|config| config.aliases.into_keys().collect::<Vec<_>>())
        .chain(env.names_after("MC_HOST_"))
        .collect()
}

/// All that are in files.
fn every(env: &Env) -> Vec<Remote> {
    let configs = files(env)
        .into_iter()
        .filter_map(|(path, named_by)| Some((read(&path, named_by).ok()??, path)));
    let accounts = configs.flat_map(|(config, path)| {
        let place = format!("`{}`", path.display());
        config
            .aliases
            .into_iter()
            .filter_map(move |(name, alias)| from_file(alias, &name, &place).ok())
    });
    accounts.collect()
}

/// `mc` takes its folder's name from its own: a package that calls it `mcli` has `~/.mcli`.
fn files(env: &Env) -> Vec<(PathBuf, NamedBy)> {
    if let Some((folder, named_by)) = named_path(env, "MC_CONFIG_DIR") {
        return vec![(folder.join("config.json"), named_by)];
    }
    let Some(home) = env.home() else {
        return Vec::new();
    };
    let folders: &[&str] = if cfg!(windows) {
        &["mc"]
    } else {
        &[".mc", ".mcli"]
    };
    folders
        .iter()
        .map(|folder| (home.join(folder).join("config.json"), None))
        .collect()
}

fn read(path: &std::path::Path, named_by: NamedBy) -> Result<Option<Config>, Failure> {
    let Some(text) = text_if_there(path, named_by)? else {
        return Ok(None);
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Failure::configuration(format!(
            "`{}` is not the MinIO client's config from line {}, column {} on",
            path.display(),
            error.line(),
            error.column()
        ))
        .hint(
            "`mc alias list` shows whether the MinIO client can read it; `s3://BUCKET/KEY` \
            works without it",
        )
    })
}

fn from_file(alias: Alias, name: &str, place: &str) -> Result<Remote, Failure> {
    let addressing = match alias.path.to_ascii_lowercase().as_str() {
        "on" | "path" => Some(Addressing::Path),
        "off" | "dns" => Some(Addressing::Virtual),
        _ => None,
    };
    if alias.api.eq_ignore_ascii_case("s3v2") {
        return Err(Failure::configuration(format!(
            "the mc alias `{name}` in {place} uses signature version 2, which cos-presign does \
                not support"
        ))
        .hint(format!(
            "if the store takes version 4: `{}`",
            CommandLine::new("mc alias set")
                .value(name)
                .value(&alias.url)
                .fixed_option("--api", "S3v4")
        )));
    }
    account(
        name,
        place,
        &alias.url,
        &alias.access_key,
        &alias.secret_key,
        &alias.session_token,
        addressing,
    )
}

/// `https://ACCESS:SECRET[:TOKEN]@HOST`; nothing in it is percent-encoded.
fn from_url(text: &str, name: &str, place: &str) -> Result<Remote, Failure> {
    let fault = || {
        // The text holds a secret, so it is not repeated.
        Failure::configuration(format!(
            "the mc alias `{name}` in {place} is not of the form https://ACCESSKEY:SECRETKEY@HOST"
        ))
        .hint("keys are not percent-encoded there, and no path follows the host")
    };
    let (scheme, rest) = text
        .trim()
        .split_once("://")
        .filter(|(s, _)| matches!(*s, "http" | "https"))
        .ok_or_else(fault)?;
    let (keys, host) = rest.rsplit_once('@').unwrap_or(("", rest));
    let host = host.strip_suffix('/').unwrap_or(host);
    if host.is_empty() || host.contains('/') {
        return Err(fault());
    }
    let mut parts = keys.splitn(3, ':');
    let (access, secret, token) = (
        parts.next().unwrap_or(""),
        parts.next().unwrap_or(""),
        parts.next().unwrap_or(""),
    );
    account(
        name,
        place,
        &format!("{scheme}://{host}"),
        access,
        secret,
        token,
        None,
    )
}

fn account(
    name: &str,
    place: &str,
    url: &str,
    access: &str,
    secret: &str,
    token: &str,
    addressing: Option<Addressing>,
) -> Result<Remote, Failure> {
    let source = Source::Remote {
        noun: NOUN,
        name: name.to_owned(),
        place: place.to_owned(),
    };
    if access.is_empty() || secret.is_empty() {
        return Err(
            Failure::configuration(format!("the {source} has no keys, so it cannot sign")).hint(
                format!(
                    "give it some: `{}`",
                    CommandLine::new("mc alias set")
                        .value(name)
                        .value(url)
                        .fixed("ACCESSKEY SECRETKEY")
                ),
            ),
        );
    }
    let from = source.to_string();
    check_key(&from, access.as_bytes(), "access key id")?;
    check_key(&from, secret.as_bytes(), "secret access key")?;
    let mut keys = Credentials::new(access, secret);
    if !token.is_empty() {
        check_key(&from, token.as_bytes(), "session token")?;
        keys = keys.with_session_token(token);
    }
    Ok(Remote {
        source,
        endpoint: Some(url.to_owned()),
        region: None,
        usual_region: Some("us-east-1"),
        reads_region_variables: true,
        provider: None,
        addressing,
        accelerate: false,
        dual_stack: false,
        keys: RemoteKeys::Static(keys),
        rules: Rules::default(),
        warnings: Vec::new(),
        upload_warnings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(account: &Remote) -> (String, Vec<u8>, Option<Vec<u8>>) {
        let RemoteKeys::Static(keys) = &account.keys else {
            panic!("{account:?}")
        };
        let token = keys
            .session_token()
            .map(|token| token.expose_secret().to_vec());
        (
            keys.access_key_id().to_owned(),
            keys.secret_access_key().expose_secret().to_vec(),
            token,
        )
    }

    #[test]
    fn keys_in_a_url_are_taken_as_they_are() {
        for (text, url, expected) in [
            ("https://AK:s/k+%2F@h", "https://h", ("AK", "s/k+%2F", None)),
            (
                "http://AK:s@k@h:9000/",
                "http://h:9000",
                ("AK", "s@k", None),
            ),
            (
                "https://AK:SK:to:ken@h",
                "https://h",
                ("AK", "SK", Some("to:ken")),
            ),
        ] {
            let account = from_url(text, "x", "`MC_HOST_x`").expect(text);
            assert_eq!(account.endpoint.as_deref(), Some(url), "{text}");
            let (id, secret, token) = expected;
            assert_eq!(
                keys(&account),
                (id.to_owned(), secret.into(), token.map(Into::into)),
                "{text}"
            );
        }
        for text in [
            "",
            "h",
            "ftp://a:b@h",
            "https://a:b@",
            "https://a:b@h/path",
            "https://h",
            "https://a@h",
            "https://:b@h",
        ] {
            let failure = from_url(text, "x", "`MC_HOST_x`").expect_err(text);
            assert!(!failure.message.contains("a:b"), "{failure:?}");
        }
    }
}
