//! The account of s3cmd: `S3CMD_CONFIG`, else `~/.s3cfg`.

use crate::env::Env;
use crate::error::Failure;
use crate::resolve::Source;
use crate::resolve::credentials::check_key;
use crate::sigv4::Credentials;
use crate::store::Addressing;

use super::{Remote, RemoteKeys, Tool, ini, named_path, text_if_there};

/// The account, if there is a file with keys.
///
/// # Errors
/// Half of a pair, keys that cannot be keys, or a file that cannot be read.
pub fn from_s3cmd(env: &Env) -> Result<Option<Remote>, Failure> {
    let named = named_path(env, "S3CMD_CONFIG");
    let roaming = env
        .path("APPDATA")
        .map(|folder| (folder.join("s3cmd.ini"), None));
    let home = env.home().map(|home| (home.join(".s3cfg"), None));
    for (path, named_by) in named.map_or_else(
        || [home, roaming].into_iter().flatten().collect(),
        |named| vec![named],
    ) {
        let Some(text) = text_if_there(&path, named_by)? else {
            continue;
        };
        let sections = ini::parse(&text);
        let get = |name: &str| {
            let value = sections
                .get("default")
                .or_else(|| sections.get(""))?
                .get(name)?
                .as_str();
            let unquoted = value
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
                .unwrap_or(value);
            (!unquoted.is_empty()).then_some(unquoted)
        };
        let source = Source::Remote {
            noun: "account of s3cmd",
            name: "default".to_owned(),
            place: format!("`{}`", path.display()),
        };
        let (id, secret) = match (get("access_key"), get("secret_key")) {
            (Some(id), Some(secret)) => (id, secret),
            // s3cmd takes its keys from elsewhere then, from where we have them too.
            (None, None) => return Ok(None),
            (id, _) => {
                let missing = if id.is_some() {
                    "secret_key"
                } else {
                    "access_key"
                };
                return Err(Failure::configuration(format!(
                    "`{}` has no `{missing}`",
                    path.display()
                ))
                .hint("run `s3cmd --configure` again"));
            }
        };
        let from = format!("`{}`", path.display());
        check_key(&from, id.as_bytes(), "access key id")?;
        check_key(&from, secret.as_bytes(), "secret access key")?;
        let mut keys = Credentials::new(id, secret);
        if let Some(token) = get("access_token") {
            keys = keys.with_session_token(token);
        }
        let scheme = if get("use_https").is_some_and(is_no) {
            "http"
        } else {
            "https"
        };
        let endpoint = get("host_base").map(|host| format!("{scheme}://{host}"));
        let host_bucket = get("host_bucket").unwrap_or("%(bucket)s");
        // That is how s3cmd itself tells the styles apart.
        let addressing = if host_bucket.contains("%(bucket)s") {
            None
        } else {
            Some(Addressing::Path)
        };
        let region = get("bucket_location").filter(|location| !matches!(*location, "US" | "EU"));
        return Ok(Some(Remote {
            tool: Tool::S3cmd,
            source,
            endpoint,
            region: region.map(str::to_owned),
            usual_region: Some("us-east-1"),
            provider: None,
            addressing,
            accelerate: false,
            dual_stack: false,
            keys: RemoteKeys::Static(keys),
            rules: super::Rules::default(),
        }));
    }
    Ok(None)
}

fn is_no(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "false" | "no" | "0" | "off"
    )
}
