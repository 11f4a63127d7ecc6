//! The shared `credentials` and `config` files of the AWS tools, read as botocore reads them.
//!
//! Observed of botocore 1.43 and kept here: in `config` a profile is `[profile NAME]` with the
//! quotes of a shell, or `[default]`; of `[default]` and `[profile default]` the later one counts
//! alone; in `credentials` the whole header is the name. Settings are those of `config` with those
//! of `credentials` laid over them one by one; `s3 =` is one of them, with all that is below it.
//! Keys are another matter: id, secret and token of a profile are all from one file (see
//! `static_keys`). The names of files may have `~` and `$VARIABLE` in them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::Failure;
use crate::resolve::secret_file::{ReadError, read_limited};

use super::config_parser::{self, Section, Sections, Value};

/// Both files. Without `Debug`: they hold secrets.
#[derive(Default)]
pub struct AwsFiles {
    credentials: File,
    config: File,
}

/// One file, with its sections by what they are.
#[derive(Default)]
struct File {
    path: PathBuf,
    profiles: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    /// Headers that are none of these.
    others: Vec<String>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `credentials`
    Credentials,
    /// `config`
    Config,
}

/// One profile, from both files.
#[derive(Clone, Copy)]
pub struct Profile<'a> {
    /// Its name.
    pub name: &'a str,
    files: &'a AwsFiles,
}

/// An option of a profile.
#[derive(Clone, Copy)]
pub struct ProfileOption<'a> {
    value: &'a Value,
    /// The file that has it.
    pub file: &'a Path,
}

impl<'a> ProfileOption<'a> {
    /// The text; lines below the first are joined by `\n`.
    pub fn text(self) -> &'a str {
        &self.value.text
    }

    /// Whether it has options below it instead of a text.
    pub fn is_section(self) -> bool {
        self.value.nested.is_some()
    }

    /// An option below this one.
    pub fn nested(self, name: &str) -> Option<&'a str> {
        let value = self.value.nested.as_ref()?.get(name)?;
        (!value.is_empty()).then_some(value)
    }

    /// For errors.
    pub fn place(self) -> String {
        format!("`{}` line {}", self.file.display(), self.value.line)
    }
}

impl AwsFiles {
    /// Reads the files that exist.
    ///
    /// # Errors
    /// A file that cannot be read or is not of this format.
    pub fn read(env: &Env) -> Result<AwsFiles, Failure> {
        let (path, sections) = read_file(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        let credentials = File {
            path,
            profiles: sections.into_iter().collect(),
            ..File::default()
        };
        let (path, sections) = read_file(env, "AWS_CONFIG_FILE", "config")?;
        Ok(AwsFiles {
            credentials,
            config: config_of(path, sections),
        })
    }

    fn file(&self, kind: FileKind) -> &File {
        match kind {
            FileKind::Credentials => &self.credentials,
            FileKind::Config => &self.config,
        }
    }

    /// The profile of this name, if either file has it.
    pub fn profile<'a>(&'a self, name: &'a str) -> Option<Profile<'a>> {
        [FileKind::Credentials, FileKind::Config]
            .into_iter()
            .any(|kind| self.file(kind).profiles.contains_key(name))
            .then_some(Profile { name, files: self })
    }

    /// The same, with the name that the file has.
    pub fn profile_by_owned_name(&self, name: &str) -> Option<Profile<'_>> {
        let owned = [FileKind::Credentials, FileKind::Config]
            .into_iter()
            .find_map(|kind| self.file(kind).profiles.get_key_value(name))?;
        self.profile(owned.0)
    }

    /// Names of all profiles, for an error.
    pub fn profile_names(&self) -> Vec<String> {
        let mut names: Vec<String> = [FileKind::Credentials, FileKind::Config]
            .into_iter()
            .flat_map(|kind| self.file(kind).profiles.keys().cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// What is wrong with the header of a profile that was not found: each file has a form
    /// of its own.
    pub fn misplaced_header(&self, name: &str) -> Option<String> {
        let quoted = match name.contains(char::is_whitespace) {
            true => format!("\"{name}\""),
            false => name.to_owned(),
        };
        if self.config.others.iter().any(|header| header == name) {
            return Some(format!(
                "`{}` has `[{name}]`, and its profiles are written `[profile {quoted}]`",
                self.config.path.display()
            ));
        }
        let prefixed = [format!("profile {name}"), format!("profile {quoted}")];
        let header = prefixed
            .iter()
            .find(|header| self.credentials.profiles.contains_key(*header))?;
        Some(format!(
            "`{}` has `[{header}]`, and its profiles are written `[{name}]`",
            self.credentials.path.display()
        ))
    }

    /// Whether `config` has a section `[sso-session NAME]`.
    pub fn has_sso_session(&self, name: &str) -> bool {
        self.config.sso_sessions.contains_key(name)
    }
}

impl<'a> Profile<'a> {
    /// A setting: `credentials` goes before `config`.
    pub fn option(&self, name: &str) -> Option<ProfileOption<'a>> {
        [FileKind::Credentials, FileKind::Config]
            .into_iter()
            .find_map(|kind| self.option_in(kind, name))
    }

    /// The same of one file.
    pub fn option_in(&self, kind: FileKind, name: &str) -> Option<ProfileOption<'a>> {
        let file = self.files.file(kind);
        Some(ProfileOption {
            value: file.profiles.get(self.name)?.get(name)?,
            file: &file.path,
        })
    }

    /// The text of a setting and the file that has it.
    pub fn get(&self, option: &str) -> Option<(&'a str, &'a Path)> {
        let option = self.option(option)?;
        Some((option.text(), option.file))
    }

    /// An option below `s3 =`.
    pub fn s3(&self, name: &str) -> Option<(&'a str, &'a Path)> {
        let option = self.option("s3")?;
        Some((option.nested(name)?, option.file))
    }

    /// An `endpoint_url` where the AWS tools do not look for it, for a warning.
    pub fn misplaced_endpoint(&self) -> Option<String> {
        if self.s3("endpoint_url").is_some() {
            return Some(format!(
                "`endpoint_url` below `s3 =` of the profile `{}` is ignored, as the AWS tools do: \
                    write it at the level of `s3 =`, or in a section `[services NAME]`",
                self.name
            ));
        }
        let services = self.option("services")?.text();
        let section = self.files.config.services.get(services)?;
        section.get("endpoint_url").map(|_| {
            format!(
                "`endpoint_url` in the section `[services {services}]` is ignored, as the AWS \
                    tools do: write it below `s3 =` there"
            )
        })
    }

    /// `endpoint_url` for S3: that of the `services` section first, then the profile's own.
    ///
    /// # Errors
    /// A `services` option that names a section which is not there, or where the service has a
    /// text.
    pub fn s3_endpoint_url(&self) -> Result<Option<(&'a str, &'a Path)>, Failure> {
        self.endpoint_url("s3")
    }

    /// The same for another service.
    ///
    /// # Errors
    /// As for S3.
    pub fn endpoint_url(&self, service: &str) -> Result<Option<(&'a str, &'a Path)>, Failure> {
        let config = &self.files.config;
        if let Some(named) = self.option("services") {
            let services = named.text();
            let section = config
                .services
                .get(services)
                .filter(|section| !section.is_empty());
            let section = section.ok_or_else(|| {
                let what = match config.services.contains_key(services) {
                    true => "and that section is empty",
                    false => "and there is no such section",
                };
                Failure::configuration(format!(
                    "profile `{}` has `services = {}` ({}), {what}",
                    self.name,
                    services.escape_debug(),
                    named.place()
                ))
                .hint(format!(
                    "add a section `[services {}]` to `{}`, or remove the line",
                    services.escape_debug(),
                    config.path.display()
                ))
            })?;
            if let Some(text) = section.get(service)
                && text.nested.is_none()
                && !text.text.is_empty()
            {
                return Err(Failure::configuration(format!(
                    "`{service} = {}` in the section `[services {}]` (`{}` line {}) is a string, \
                        and `endpoint_url` belongs below it",
                    text.text.lines().next().unwrap_or_default().escape_debug(),
                    services.escape_debug(),
                    config.path.display(),
                    text.line
                ))
                .hint(format!(
                    "remove what follows `{service} =`, or the whole line"
                )));
            }
            let url = section
                .get(service)
                .and_then(|options| options.nested.as_ref()?.get("endpoint_url"))
                .filter(|url| !url.is_empty());
            if let Some(url) = url {
                return Ok(Some((url, &config.path)));
            }
        }
        Ok(self.get("endpoint_url"))
    }
}

/// Sorts the sections of `config`; of two headers that come to one name the later one counts,
/// alone.
fn config_of(path: PathBuf, sections: Sections) -> File {
    let mut file = File {
        path,
        ..File::default()
    };
    for (header, options) in sections {
        let kind = ["profile", "sso-session", "services"]
            .into_iter()
            .find(|kind| header.starts_with(kind));
        let name = match (kind, config_parser::words(&header).as_deref()) {
            (None, _) if header == "default" => Some(header.clone()),
            (Some(_), Some([_, name])) => Some(name.clone()),
            _ => None,
        };
        match (kind, name) {
            (Some("sso-session"), Some(name)) => {
                file.sso_sessions.insert(name, options);
            }
            (Some("services"), Some(name)) => {
                file.services.insert(name, options);
            }
            (_, Some(name)) => {
                file.profiles.insert(name, options);
            }
            (_, None) => file.others.push(header),
        }
    }
    file
}

fn read_file(
    env: &Env,
    variable: &'static str,
    name: &str,
) -> Result<(PathBuf, Sections), Failure> {
    let named = env.expanded_path(variable);
    let Some(path) = named
        .clone()
        .or_else(|| env.home().map(|home| home.join(".aws").join(name)))
    else {
        return Ok(Default::default());
    };
    let bytes = match fs::File::open(&path) {
        Ok(file) => match read_limited(Ok(file)) {
            Ok(bytes) => bytes,
            Err(ReadError::Io(_)) if named.is_none() => return Ok((path, Sections::new())),
            Err(error) => return Err(error.failure(&path, named.map(|_| variable))),
        },
        // The AWS tools pass over a missing file even when it was named:
        // `AWS_CONFIG_FILE=/dev/null`
        // and the like are common.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok((path, Sections::new()));
        }
        // The home directory may be another user's, or none; its files were not named.
        Err(_) if named.is_none() => return Ok((path, Sections::new())),
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
    let sections = config_parser::parse(text).map_err(|error| {
        Failure::configuration(format!(
            "{} line {} {}",
            path.display(),
            error.line(),
            error.problem()
        ))
        .hint(
            "options look like `region = us-south` and belong below a section such as `[default]`",
        )
    })?;
    Ok((path, sections))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(credentials: &str, config: &str) -> AwsFiles {
        let parse = |text| config_parser::parse(text).expect("valid");
        AwsFiles {
            credentials: File {
                path: "credentials".into(),
                profiles: parse(credentials).into_iter().collect(),
                ..File::default()
            },
            config: config_of("config".into(), parse(config)),
        }
    }

    #[test]
    fn headers_of_config_are_read_as_a_shell_reads_words() {
        let config = "[profile \"my work\"]\nregion = a\n[profile  'x']\nregion = b\n[profiles \
            y]\nregion = c\n\
                      [profile a b]\nregion = d\n[profile \"z]\nregion = e\n[foo]\nregion = f\n[ \
                      default ]\nregion = g\n\
                      [default]\nregion = h\noutput = json\n[profile default]\nregion = i\n";
        let files = files("[profile foo]\nregion = j\n", config);
        assert_eq!(
            files.profile_names(),
            ["default", "my work", "profile foo", "x", "y"]
        );
        let region = |name: &str| {
            files
                .profile_by_owned_name(name)?
                .get("region")
                .map(|(text, _)| text)
        };
        assert_eq!(region("my work"), Some("a"));
        assert_eq!(region("default"), Some("i"));
        let default = files.profile("default").expect("there");
        assert!(default.get("output").is_none());
        assert_eq!(
            files.misplaced_header("foo").as_deref(),
            Some("`config` has `[foo]`, and its profiles are written `[profile foo]`")
        );
    }

    #[test]
    fn settings_of_credentials_are_laid_over_those_of_config() {
        let files = files(
            "[p]\nregion = a\ns3 =\n  addressing_style = path\n",
            "[profile p]\nregion = b\noutput = c\ns3 =\n  use_accelerate_endpoint = \
                true\nservices = svc\n\
             [services svc]\ns3 =\n\tendpoint_url = https://s3.example.com\n",
        );
        let profile = files.profile("p").expect("there");
        let get = |name| profile.get(name).map(|(text, _)| text);
        assert_eq!((get("region"), get("output")), (Some("a"), Some("c")));
        let s3 = |name| profile.s3(name).map(|(text, _)| text);
        assert_eq!(
            (s3("addressing_style"), s3("use_accelerate_endpoint")),
            (Some("path"), None)
        );
        let url = profile
            .s3_endpoint_url()
            .expect("there")
            .map(|(url, _)| url);
        assert_eq!(url, Some("https://s3.example.com"));
    }

    #[test]
    fn a_service_with_a_text_instead_of_options_is_refused() {
        for (service, refused) in [
            ("s3 = # mine\n\tendpoint_url = https://s3.example.com", true),
            ("s3 = https://s3.example.com", true),
            ("s3 =", false),
            ("s3 =\n\tendpoint_url = https://s3.example.com", false),
            ("dynamodb = text", false),
        ] {
            let config = format!(
                "[profile p]\nservices = svc\n[services svc]\n{service}\nother =\n a = b\n"
            );
            let files = files("", &config);
            let profile = files.profile("p").expect("there");
            assert_eq!(profile.s3_endpoint_url().is_err(), refused, "{service}");
        }
    }

    /// The cases that the AWS SDKs share.
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

    type Sections = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PublishedOutput {
        config: Option<Sections>,
        error_containing: Option<String>,
    }

    /// Where botocore, and with it the AWS CLI, goes its own way, and we with it: `:` separates
    /// too, a `#` in a value belongs to it, names and headers are taken as they stand, and of two
    /// headers of one profile the later one counts.
    const LIKE_BOTOCORE: [&str; 15] = [
        "Profile names support alphanumeric characters and - / . % @ _ : +",
        "Property definitions must contain an equals sign.",
        "Pound sign comments are ignored.",
        "Semicolon sign comments are ignored.",
        "All comment types can be used together.",
        "Comments can be empty.",
        "Default profile with profile prefix overrides default profile without prefix when \
            profile prefix is first.",
        "Invalid profile names are ignored.",
        "Sub-property definitions cannot have an empty name.",
        "Sub-properties can have blank lines that are ignored",
        "Default profiles with mixed prefixes in the config file ignore the one without prefix \
            when merging.",
        "Default profiles with mixed prefixes merge with credentials",
        "Credentials profiles with prefix are ignored.",
        "profile name with extra whitespace",
        "profile name with extra whitespace in credentials",
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
            let ours = config_parser::parse(&input.config_file)
                .and_then(|config| Ok((config, config_parser::parse(&input.credentials_file)?)));
            let agree = match (ours, &output.config) {
                (Ok((config, credentials)), Some(expected)) => {
                    let files = AwsFiles {
                        credentials: File {
                            profiles: credentials.into_iter().collect(),
                            ..File::default()
                        },
                        config: config_of(PathBuf::new(), config),
                    };
                    expected["profiles"].iter().all(|(name, options)| {
                        files.profile(name).is_some_and(|profile| {
                            options.iter().all(|(option, value)| {
                                profile.get(option).map_or("", |(ours, _)| ours) == value
                            })
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
