//! AWS's shared `credentials` and `config` files, read as botocore reads them.
//!
//! Observed of botocore 1.43 and kept here: names of options are lower-cased, values are trimmed; a line that begins with
//! `#` or `;` is a comment, but `#` inside a value belongs to the value; `=` and `:` both separate; an indented line goes
//! on with the option above it, which is how `s3 =` gets options of its own; in `config` a profile is `[profile NAME]`
//! but `[default]`; quotes around a value are part of the value; `endpoint_url` and `region` are accepted in either
//! file. Unlike botocore we pass over a byte order mark, and merge two sections with one name, as AWS's other SDKs do, instead
//! of refusing the file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use crate::env::Env;
use crate::error::Failure;

/// Options of one section; an indented option is `parent.child`.
type Section = BTreeMap<String, String>;

/// Both files. Without `Debug`: they hold secrets.
#[derive(Default)]
pub struct AwsFiles {
    credentials: (PathBuf, BTreeMap<String, Section>),
    config: (PathBuf, BTreeMap<String, Section>),
}

/// Either file may hold secrets.
impl Drop for AwsFiles {
    fn drop(&mut self) {
        for (_, sections) in [&mut self.credentials, &mut self.config] {
            sections
                .values_mut()
                .flat_map(BTreeMap::values_mut)
                .for_each(Zeroize::zeroize);
        }
    }
}

/// One profile, from both files.
#[derive(Clone, Copy)]
pub struct Profile<'a> {
    /// Its name.
    pub name: &'a str,
    files: &'a AwsFiles,
}

impl AwsFiles {
    /// Reads the files that exist; those that were named by a variable have to.
    ///
    /// # Errors
    /// A file that cannot be read or is not of this format.
    pub fn read(env: &Env) -> Result<AwsFiles, Failure> {
        Ok(AwsFiles {
            credentials: read_file(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
            config: read_file(env, "AWS_CONFIG_FILE", "config")?,
        })
    }

    /// The profile of this name, if either file has it.
    pub fn profile<'a>(&'a self, name: &'a str) -> Option<Profile<'a>> {
        let profile = Profile { name, files: self };
        (profile.credentials().is_some() || profile.config().is_some()).then_some(profile)
    }

    /// The same, with the name that the file has.
    pub fn profile_by_owned_name(&self, name: &str) -> Option<Profile<'_>> {
        let in_credentials = self
            .credentials
            .1
            .keys()
            .find(|key| *key == name)
            .map(String::as_str);
        let in_config = self
            .config
            .1
            .keys()
            .map(|key| key.strip_prefix("profile ").unwrap_or(key))
            .find(|key| *key == name);
        self.profile(in_credentials.or(in_config)?)
    }

    /// Names of all profiles, for an error.
    pub fn profile_names(&self) -> Vec<String> {
        let from_config =
            self.config
                .1
                .keys()
                .filter_map(|section| match section.strip_prefix("profile ") {
                    Some(name) => Some(name.to_owned()),
                    None => (section == "default").then(|| section.clone()),
                });
        let mut names: Vec<String> = self
            .credentials
            .1
            .keys()
            .cloned()
            .chain(from_config)
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

impl<'a> Profile<'a> {
    fn credentials(&self) -> Option<&'a Section> {
        self.files.credentials.1.get(self.name)
    }

    fn config(&self) -> Option<&'a Section> {
        let sections = &self.files.config.1;
        let named = sections.get(&format!("profile {}", self.name));
        if self.name == "default" {
            named.or_else(|| sections.get("default"))
        } else {
            named
        }
    }

    /// An option and the file that has it; the credentials file is asked first, as botocore does for credentials.
    pub fn get(&self, option: &str) -> Option<(&'a str, &'a Path)> {
        let places = [
            (self.credentials(), &self.files.credentials.0),
            (self.config(), &self.files.config.0),
        ];
        places.into_iter().find_map(|(section, file)| {
            let value = section?.get(option)?;
            (!value.is_empty()).then_some((value.as_str(), file.as_path()))
        })
    }

    /// `endpoint_url` for S3: that of the `services` section first, then the profile's own.
    ///
    /// # Errors
    /// A `services` option that names a section which is not there.
    pub fn s3_endpoint_url(&self) -> Result<Option<(&'a str, &'a Path)>, Failure> {
        self.endpoint_url("s3")
    }

    /// The same for another service.
    ///
    /// # Errors
    /// As for S3.
    pub fn endpoint_url(&self, service: &str) -> Result<Option<(&'a str, &'a Path)>, Failure> {
        if let Some((services, file)) = self.get("services") {
            let section = self
                .files
                .config
                .1
                .get(&format!("services {services}"))
                .ok_or_else(|| {
                    Failure::configuration(format!(
                        "profile `{}` says `services = {services}`, and {} has no such section",
                        self.name,
                        file.display()
                    ))
                    .hint(format!(
                        "add a section `[services {services}]`, or remove the line"
                    ))
                })?;
            if let Some(url) = section
                .get(&format!("{service}.endpoint_url"))
                .filter(|url| !url.is_empty())
            {
                return Ok(Some((url, &self.files.config.0)));
            }
        }
        Ok(self.get("endpoint_url"))
    }
}

fn read_file(
    env: &Env,
    variable: &'static str,
    name: &str,
) -> Result<(PathBuf, BTreeMap<String, Section>), Failure> {
    let named = env.path(variable);
    let Some(path) = named
        .clone()
        .or_else(|| env.home().map(|home| home.join(".aws").join(name)))
    else {
        return Ok(Default::default());
    };
    let bytes = match fs::File::open(&path) {
        Ok(file) => match super::read_limited(Ok(file), &path, named.as_ref().map(|_| variable)) {
            Ok(bytes) => bytes,
            Err(failure) if failure.message.ends_with("larger than 1 MiB") || named.is_some() => {
                return Err(failure);
            }
            Err(_) => return Ok((path, BTreeMap::new())),
        },
        // AWS's tools pass over a missing file even when it was named: `AWS_CONFIG_FILE=/dev/null` and the like are common.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok((path, BTreeMap::new()));
        }
        // Whoever runs us in a home directory that is not theirs, or is none, has not asked for what is in it.
        Err(_) if named.is_none() => return Ok((path, BTreeMap::new())),
        Err(error) => {
            return Err(Failure::cannot_read(
                &format!("`{}`", path.display()),
                Some(variable),
                &error,
            )
            .hint("give the credentials another way, or make the file readable"));
        }
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Failure::configuration(format!("{} is not UTF-8", path.display()))
            .hint("save the file as UTF-8 text")
    })?;
    let sections = parse(text).map_err(|line| {
        // The line itself may hold a secret, so only its number is shown.
        Failure::configuration(format!(
            "{} line {line} is neither a section, an option nor a comment",
            path.display()
        ))
        .hint("options look like `region = us-south` and stand below a section such as `[default]`")
    })?;
    Ok((path, sections))
}

/// Gives the sections, or the number of the first line that cannot be understood.
fn parse(text: &str) -> Result<BTreeMap<String, Section>, usize> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut section: Option<String> = None;
    let mut parent: Option<String> = None;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        if let Some(name) = trimmed.strip_prefix('[').filter(|_| !indented) {
            let name = section_name(name.split_once(']').ok_or(index + 1)?.0);
            sections.entry(name.clone()).or_default();
            section = Some(name);
            parent = None;
            continue;
        }
        let options = section
            .as_ref()
            .and_then(|name| sections.get_mut(name))
            .ok_or(index + 1)?;
        let (name, value) = match trimmed.find(['=', ':']) {
            Some(at) if at > 0 => (
                trimmed[..at].trim_end().to_lowercase(),
                trimmed[at + 1..].trim_start(),
            ),
            // A continued value without a name in it means nothing to us.
            _ if indented && parent.is_some() => continue,
            _ => return Err(index + 1),
        };
        let replaced = match (&parent, indented) {
            (Some(parent), true) => options.insert(format!("{parent}.{name}"), value.to_owned()),
            _ => {
                parent = Some(name.clone());
                options.insert(name, value.to_owned())
            }
        };
        drop(replaced.map(Zeroizing::new));
    }
    Ok(sections)
}

/// `profile "my profile"` and `profile  x` are `profile my profile` and `profile x`.
fn section_name(text: &str) -> String {
    let text = text.trim();
    match text.split_once(char::is_whitespace) {
        Some((kind @ ("profile" | "services" | "sso-session"), name)) => {
            let name = name.trim();
            let unquoted = ['"', '\'']
                .iter()
                .find_map(|quote| name.strip_prefix(*quote)?.strip_suffix(*quote));
            format!("{kind} {}", unquoted.unwrap_or(name))
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_botocore_reads() {
        let text = "\u{feff}# comment\r\n[default]\r\naws_access_key_id = AKID  \r\nAWS_SECRET_ACCESS_KEY=a=b#c;d%e\r\n\r\n\
                    [profile \"my ibm\"]\nregion: us-south\ns3 =\n    addressing_style = path\n  max_concurrent_requests=20\n; x\n\
                    services = svc\n[services svc]\ns3 =\n\tendpoint_url = https://s3.example.com\n";
        let sections = parse(text).expect("valid");
        assert_eq!(sections["default"]["aws_access_key_id"], "AKID");
        assert_eq!(sections["default"]["aws_secret_access_key"], "a=b#c;d%e");
        assert_eq!(sections["profile my ibm"]["region"], "us-south");
        assert_eq!(sections["profile my ibm"]["s3.addressing_style"], "path");
        assert_eq!(sections["profile my ibm"]["services"], "svc");
        assert_eq!(
            sections["services svc"]["s3.endpoint_url"],
            "https://s3.example.com"
        );
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        for (text, line) in [
            ("aws_access_key_id = x", 1),
            ("[default]\nnonsense", 2),
            ("\n[default", 2),
            ("[a]\n= x", 2),
        ] {
            assert_eq!(parse(text).map(|_| ()), Err(line), "{text}");
        }
    }

    /// AWS's own cases, which its SDKs share.
    #[derive(serde::Deserialize)]
    struct Published {
        tests: Vec<PublishedCase>,
    }

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PublishedCase {
        name: String,
        input: PublishedInput,
        output: PublishedOutput,
    }

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PublishedInput {
        #[serde(default)]
        config_file: String,
        #[serde(default)]
        credentials_file: String,
    }

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PublishedOutput {
        config: Option<BTreeMap<String, BTreeMap<String, Section>>>,
        error_containing: Option<String>,
    }

    /// Where botocore, and with it the AWS CLI, goes its own way, and we with it: `:` separates too, a `#` in a value belongs to
    /// it, values are one line long, names may have any character, and what is not understood is passed over.
    const LIKE_BOTOCORE: [&str; 17] = [
        "Profile names support alphanumeric characters and - / . % @ _ : +",
        "Property definitions must contain an equals sign.",
        "Pound sign comments are ignored.",
        "Semicolon sign comments are ignored.",
        "All comment types can be used together.",
        "Comments can be empty.",
        "Property values can be continued on the next line.",
        "Property values can be continued with multiple lines.",
        "Continuations are trimmed.",
        "Continuation values include pound comments.",
        "Continuation values include semicolon comments.",
        "Invalid profile names are ignored.",
        "Invalid sub-property definitions cause an error.",
        "Sub-property definitions cannot have an empty name.",
        "Credentials profiles with prefix are ignored.",
        "profile name with extra whitespace in credentials",
        "properties from an invalid profile name are ignored",
    ];

    #[test]
    fn aws_own_cases() {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/aws-profile-parser.json");
        let published: Published =
            serde_json::from_str(&fs::read_to_string(file).expect("readable")).expect("JSON");
        let mut differing = Vec::new();
        for PublishedCase {
            name,
            input,
            output,
        } in &published.tests
        {
            let ours = parse(&input.config_file)
                .and_then(|config| Ok((config, parse(&input.credentials_file)?)));
            let agree = match (&ours, &output.config) {
                (Ok((config, credentials)), Some(expected)) => {
                    let files = AwsFiles {
                        credentials: (PathBuf::new(), credentials.clone()),
                        config: (PathBuf::new(), config.clone()),
                    };
                    expected["profiles"].iter().all(|(name, options)| {
                        let profile = files.profile(name).expect(name);
                        options.iter().all(|(option, value)| {
                            let value = value.trim_start_matches('\n');
                            match value
                                .split_once('=')
                                .filter(|_| profile.get(option).is_none())
                            {
                                // Options of an option have names of their own here.
                                Some((inner, _)) if options[option].starts_with('\n') => {
                                    value.is_empty()
                                        || files.config.1.values().any(|s| {
                                            s.contains_key(&format!("{option}.{}", inner.trim()))
                                        })
                                }
                                _ => profile.get(option).map_or("", |(ours, _)| ours) == value,
                            }
                        })
                    }) && files
                        .profile_names()
                        .iter()
                        .all(|name| expected["profiles"].contains_key(name))
                }
                (Err(_), None) => output.error_containing.is_some(),
                _ => false,
            };
            if !agree {
                differing.push(name.as_str());
            }
        }
        assert_eq!(differing, LIKE_BOTOCORE);
    }
}
