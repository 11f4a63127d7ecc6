//! For a URL that may have been signed elsewhere: which credentials may have signed it, and which
//! endpoints of its store are configured here.

use std::fs;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::CredentialArgs;
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Credentials;
use crate::store::{Endpoint, Provider};

use crate::resolve::Sourced;
use crate::resolve::endpoint_text::parse_endpoint;

use super::files::Files;
use super::{Preference, search};

/// No response document and no URL is longer.
const INPUT_LIMIT: u64 = 1 << 20;

/// What is configured on this machine that may explain a URL.
#[derive(Debug)]
pub struct LocalContext {
    /// Credentials, the likeliest first.
    pub signers: Vec<Sourced<Credentials>>,
    /// Endpoints that are configured anywhere.
    pub endpoints: Vec<Endpoint>,
    /// Regions that are.
    pub regions: Vec<String>,
    /// Why the usual credentials cannot be used.
    pub unusable: Option<Failure>,
}

impl LocalContext {
    /// Collects them. Credentials with the access key ID of the URL come first, wherever they are;
    /// `everything` adds all others.
    ///
    /// # Errors
    /// Credentials that options name and that cannot be had; an endpoint given as an option that is
    /// none.
    pub fn new(
        args: &CredentialArgs,
        env: &Env,
        provider: Option<&Provider>,
        access_key_id: Option<&str>,
        everything: bool,
        endpoint_options: &[String],
    ) -> Result<LocalContext, Failure> {
        let files = Files::new(args, env);
        let preference = if provider.is_some_and(Provider::is_ibm) {
            Preference::Ibm
        } else {
            Preference::Aws
        };
        let is_named = args.name_keys() || args.credentials_from.is_some();
        let mut unusable = None;
        let usual = match search::find(args, env, &files, preference) {
            Ok(found) => found,
            Err(failure) if is_named => return Err(failure),
            Err(failure) => {
                unusable = Some(failure);
                None
            }
        };
        let all = search::every(env, &files);
        let is_signer =
            |found: &Sourced<Credentials>| Some(found.value.access_key_id()) == access_key_id;
        let mut signers: Vec<Sourced<Credentials>> = Vec::new();
        if is_named {
            signers.extend(usual.clone());
        }
        signers.extend(usual.clone().filter(is_signer));
        signers.extend(all.iter().filter(|found| is_signer(found)).cloned());
        signers.extend(usual);
        if everything {
            signers.extend(all);
        }
        let mut seen: Vec<(String, Zeroizing<Vec<u8>>)> = Vec::new();
        signers.retain(|found| {
            let pair = (
                found.value.access_key_id().to_owned(),
                Zeroizing::new(found.value.secret_access_key().expose_secret().to_vec()),
            );
            let is_new = !seen.contains(&pair);
            seen.push(pair);
            is_new
        });
        Ok(LocalContext {
            signers,
            endpoints: endpoints(env, &files, endpoint_options)?,
            regions: regions(env, &files),
            unusable,
        })
    }
}

/// Endpoints from options, variables and all profiles. What cannot be read is omitted.
fn endpoints(env: &Env, files: &Files, options: &[String]) -> Result<Vec<Endpoint>, Failure> {
    let mut found = Vec::new();
    for text in options {
        found.push(parse_endpoint("--endpoint", text)?);
    }
    let variables = [
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL",
        "COS_ENDPOINT",
        "S3_ENDPOINT",
        "S3_ENDPOINT_URL",
        "MINIO_ENDPOINT",
    ];
    let texts = variables
        .iter()
        .filter_map(|name| env.text(name).ok().flatten())
        .map(str::to_owned);
    let of_profiles = files.profiles().into_iter().filter_map(|profile| {
        let (url, _) = profile.s3_endpoint_url().ok().flatten()?;
        Some(url.to_owned())
    });
    found.extend(
        texts
            .chain(of_profiles.collect::<Vec<_>>())
            .filter_map(|text| Endpoint::parse(&text).ok()),
    );
    Ok(found)
}

fn regions(env: &Env, files: &Files) -> Vec<String> {
    let of_variables = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .iter()
        .filter_map(|name| env.text(name).ok().flatten());
    let of_profiles = files
        .profiles()
        .into_iter()
        .filter_map(|profile| profile.get("region").map(|(region, _)| region.to_owned()));
    of_variables.map(str::to_owned).chain(of_profiles).collect()
}

/// A file or, for `-`, standard input, up to 1 MiB.
///
/// # Errors
/// What reading gives, or more than that.
pub fn read_input(env: &Env, file: &Path) -> Result<Vec<u8>, Failure> {
    read_file(
        env,
        file,
        INPUT_LIMIT,
        "give the head and the error document only",
    )
}

/// The same up to a limit, with what to do if there is more.
///
/// # Errors
/// What reading gives, or more than that.
pub fn read_file(env: &Env, file: &Path, limit: u64, hint: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let (name, read) = if file == Path::new("-") {
        (
            "standard input".to_owned(),
            env.read_stdin(limit + 1).map(|read| bytes = read),
        )
    } else {
        let read =
            fs::File::open(file).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
        (format!("`{}`", file.display()), read.map(|_| ()))
    };
    read.map_err(|error| Failure::cannot_read(&name, None, &error))?;
    if bytes.len() as u64 > limit {
        return Err(
            Failure::usage(format!("{name} is larger than {} MiB", limit >> 20)).hint(hint),
        );
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn input_is_read_up_to_the_limit_and_refused_beyond() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let limit = 2 << 20;
        for (length, read) in [
            (0, true),
            (limit - 1, true),
            (limit, true),
            (limit + 1, false),
            (2 * limit, false),
        ] {
            let content = vec![b'x'; length];
            fs::write(&path, &content).expect("written");
            let env = Env::new::<String>(
                [],
                DateTime::UNIX_EPOCH,
                std::io::Cursor::new(content.clone()),
            );
            for (file, name) in [
                (path.as_path(), format!("`{}`", path.display())),
                (Path::new("-"), "standard input".to_owned()),
            ] {
                let bytes = read_file(&env, file, limit as u64, "cut it");
                let refusal = format!("{name} is larger than 2 MiB");
                match bytes {
                    Ok(bytes) => assert!(read && bytes == content, "{name} {length}"),
                    Err(failure) => assert_eq!((read, failure.message), (false, refusal)),
                }
            }
        }
    }

    /// The signer first, then the usual keys, then all others, each once; and where the store may
    /// be.
    #[test]
    fn who_may_have_signed() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("config");
        let text = "[default]\naws_access_key_id = USUAL\naws_secret_access_key = s\nregion = \
            eu-1\nendpoint_url = https://profile\n\
                    [profile b]\naws_access_key_id = SIGNER\naws_secret_access_key = s\n\
                    [profile c]\naws_access_key_id = SIGNER\naws_secret_access_key = other\n\
                    [profile d]\naws_access_key_id = SIGNER\naws_secret_access_key = s\n\
                    [profile e]\naws_access_key_id = OTHER\naws_secret_access_key = s\n";
        fs::write(&config, text).expect("written");
        let variables = [
            ("AWS_CONFIG_FILE", config.to_str().expect("UTF-8")),
            ("AWS_REGION", "eu-2"),
            ("S3_ENDPOINT", "https://variable"),
            ("COS_ENDPOINT", "no: address"),
        ];
        let env = Env::new(variables, DateTime::UNIX_EPOCH, std::io::empty());
        let around = |everything: bool| {
            let options = ["https://option".to_owned()];
            let args = CredentialArgs::default();
            let found = LocalContext::new(&args, &env, None, Some("SIGNER"), everything, &options)
                .expect("readable");
            let secret = |key: &Credentials| {
                String::from_utf8_lossy(key.secret_access_key().expose_secret()).into_owned()
            };
            let signers: Vec<String> = found
                .signers
                .iter()
                .map(|s| format!("{} {}", s.value.access_key_id(), secret(&s.value)))
                .collect();
            let endpoints: Vec<String> = found.endpoints.iter().map(ToString::to_string).collect();
            (
                signers.join(", "),
                endpoints.join(", "),
                found.regions.join(", "),
            )
        };
        let (signers, endpoints, regions) = around(false);
        assert_eq!(signers, "SIGNER s, SIGNER other, USUAL s");
        assert_eq!(
            endpoints,
            "https://option, https://variable, https://profile"
        );
        assert_eq!(regions, "eu-2, eu-1");
        assert_eq!(around(true).0, "SIGNER s, SIGNER other, USUAL s, OTHER s");
    }
}
