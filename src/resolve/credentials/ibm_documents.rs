//! Where IBM's service credentials are found: files, variables of Code Engine and Cloud Foundry,
//! service bindings, and the file of the COS plug-in.

use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use crate::env::Env;
use crate::error::Failure;
use crate::resolve::key_check::check_key;
use crate::resolve::named_file::named_path;
use crate::resolve::secret_file::{read_limited, read_named};
use crate::resolve::{Source, Sourced};
use crate::sigv4::Credentials;

use super::ibm::{self, ServiceCredential};

/// The command that creates HMAC keys of IBM COS.
pub(in crate::resolve) const CREATE_HMAC_KEYS: &str = "create HMAC keys: `ibmcloud resource \
    service-key-create NAME Writer --instance-name INSTANCE --parameters '{\"HMAC\":true}'`";

/// The service credentials of IBM Cloud: the file, the services of Code Engine and Cloud
/// Foundry, bindings, and the plug-in's file. The inner result is an error where the file has no
/// usable keys: that matters only if no other source is complete.
///
/// # Errors
/// Two that have different keys: which of them is meant cannot be known.
pub(super) fn ibm_documents(
    env: &Env,
) -> Result<Option<Result<Sourced<Credentials>, Failure>>, Failure> {
    let mut candidates = ibm_candidates(env)?;
    let complete: Vec<&Sourced<Credentials>> = candidates
        .iter()
        .filter_map(|found| found.as_ref().ok())
        .collect();
    if let Some(first) = complete.first()
        && let Some(other) = complete
            .iter()
            .find(|other| other.value.access_key_id() != first.value.access_key_id())
    {
        return Err(Failure::configuration(format!(
            "`{}` and `{}` have different HMAC keys",
            first.source, other.source
        ))
        .hint(
            "say which: `--service-credential FILE`, or set `COS_HMAC_ACCESS_KEY_ID` and \
                `COS_HMAC_SECRET_ACCESS_KEY`",
        ));
    }
    let best = candidates.iter().position(Result::is_ok).unwrap_or(0);
    Ok((!candidates.is_empty()).then(|| candidates.swap_remove(best)))
}

pub(super) fn ibm_candidates(
    env: &Env,
) -> Result<Vec<Result<Sourced<Credentials>, Failure>>, Failure> {
    let mut found = Vec::new();
    let usual = || {
        env.home()
            .map(|home| (home.join(".bluemix").join("cos_credentials"), None))
    };
    if let Some((path, named_by)) = named_path(env, "COS_CREDENTIALS_FILE").or_else(usual) {
        let file = fs::File::open(&path);
        // The home directory may be another user's, or none; its files were not named.
        if named_by.is_some() || file.is_ok() {
            let bytes = read_limited(file).map_err(|error| error.failure(&path, named_by))?;
            found.push(ibm_credential(&bytes, Source::File(path)));
        }
    }
    for variable in ["CE_SERVICES", "VCAP_SERVICES"] {
        let Some(text) = env.text(variable)? else {
            continue;
        };
        let services = ibm::services(text.as_bytes()).map_err(|(line, column)| {
            Failure::configuration(format!(
                "`{variable}` is not JSON from line {line}, column {column} on"
            ))
            .hint(format!("set it again, or remove it: `unset {variable}`"))
        })?;
        found.extend(services.map(|services| usable(services, Source::Variable(variable))));
    }
    if let Some(root) = env.path("SERVICE_BINDING_ROOT") {
        let mut folders: Vec<_> = fs::read_dir(&root)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        folders.sort();
        for folder in folders {
            let read = |name: &str| {
                let path = folder.join(name);
                let bytes = read_named(&path, None).ok()?;
                Some(Zeroizing::new(
                    std::str::from_utf8(&bytes)
                        .ok()?
                        .trim_end_matches(['\r', '\n'])
                        .to_owned(),
                ))
            };
            found.extend(
                ibm::binding(read).map(|binding| usable(binding, Source::File(folder.clone()))),
            );
        }
    }
    let plugin = env
        .home()
        .map(|home| home.join(".bluemix/plugins/cloud-object-storage/config.json"));
    if let Some(path) = plugin.filter(|_| found.is_empty())
        && let Ok(file) = fs::File::open(&path)
    {
        let bytes = read_limited(Ok(file)).map_err(|error| error.failure(&path, None))?;
        // The plug-in keeps other settings there too; most people have no keys in it.
        let keys = ibm::read(&bytes)
            .ok()
            .filter(|keys| matches!(keys, ServiceCredential::Hmac { .. }));
        found.extend(keys.map(|keys| usable(keys, Source::File(path))));
    }
    Ok(found)
}

pub(super) fn ibm_credential(
    bytes: &[u8],
    source: Source,
) -> Result<Sourced<Credentials>, Failure> {
    let found = ibm::read(bytes).map_err(|(line, column)| {
        Failure::configuration(format!(
            "`{source}` is not JSON from line {line}, column {column} on"
        ))
        .hint("save the service credential again, whole")
    })?;
    usable(found, source)
}

/// For targets of `config.toml`.
pub(in crate::resolve) fn credential_of_file(
    file: &Path,
    named_by: &str,
) -> Result<Credentials, Failure> {
    let bytes = read_named(file, Some(named_by))?;
    Ok(ibm_credential(&bytes, Source::File(file.to_owned()))?.value)
}

fn usable(found: ServiceCredential, source: Source) -> Result<Sourced<Credentials>, Failure> {
    let shown = source.to_string();
    match found {
        ServiceCredential::Hmac {
            access_key_id,
            secret_access_key,
        } => {
            check_key(
                &format!("`{shown}`"),
                access_key_id.as_bytes(),
                "access key id",
            )?;
            check_key(
                &format!("`{shown}`"),
                secret_access_key.expose_secret(),
                "secret access key",
            )?;
            Ok(Sourced::new(
                Credentials::new(access_key_id, secret_access_key.expose_secret()),
                source,
            ))
        }
        ServiceCredential::WithoutHmac => Err(Failure::configuration(format!(
            "`{shown}` has an API key but no `cos_hmac_keys`, \
                and an API key cannot presign"
        ))
        .hint(CREATE_HMAC_KEYS)),
        ServiceCredential::Half(missing) => Err(Failure::configuration(format!(
            "the `cos_hmac_keys` in `{shown}` have no `{missing}`"
        ))
        .hint(CREATE_HMAC_KEYS)),
        ServiceCredential::Several(count) => Err(Failure::configuration(format!(
            "`{shown}` has {count} credentials with HMAC keys"
        ))
        .hint(
            "keep one of them in a file of its own: `ibmcloud resource service-key NAME \
                    --output json`",
        )),
        ServiceCredential::Unknown => Err(Failure::configuration(format!(
            "`{shown}` has neither `cos_hmac_keys` nor anything else of a service credential"
        ))
        .hint(CREATE_HMAC_KEYS)),
    }
}
