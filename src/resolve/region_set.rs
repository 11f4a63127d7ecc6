//! The regions of a signature of version 4A.

use crate::error::Failure;
use crate::sigv4::Algorithm;
use crate::store::AccessPointRules;
use crate::text::CommandLine;

use super::settings::StoreSettings;
use super::{Source, Sourced};

impl StoreSettings<'_> {
    /// The regions of a signature of version 4A, where there is to be one.
    pub(super) fn region_set_for(
        &self,
        rules: Option<AccessPointRules>,
    ) -> Result<Option<Sourced<String>>, Failure> {
        let wanted = rules.is_some_and(|rules| rules.algorithm == Algorithm::EcdsaP256Sha256);
        if wanted && let Some(region) = &self.args.region {
            return Err(Failure::usage(format!(
                "--region {region} is given, and a multi-Region access point is in several"
            ))
            .hint(format!(
                "remove it, or limit the link: `{}`",
                CommandLine::options().option("--region-set", region)
            )));
        }
        match self.region_set {
            Some(regions) if regions.split(',').all(is_region_pattern) => Ok(Some(Sourced::new(
                regions.to_owned(),
                Source::Option("--region-set"),
            ))),
            Some(regions) => Err(Failure::usage(format!(
                "--region-set `{}` is not a list of regions",
                regions.escape_debug()
            ))
            .hint(
                "separate them by commas, `*` stands for anything: `--region-set 'us-*,eu-west-1'`",
            )),
            None if wanted => self.configured_region_set().map(Some),
            None => Ok(None),
        }
    }

    /// The regions that variable or profile name for version 4A, else all.
    fn configured_region_set(&self) -> Result<Sourced<String>, Failure> {
        const VARIABLE: &str = "AWS_SIGV4A_SIGNING_REGION_SET";
        let (text, source) = match self.env.text(VARIABLE)? {
            Some(text) => (text, Source::Variable(VARIABLE)),
            None => {
                let profile = self.files.profile()?;
                let option = profile.and_then(|profile| {
                    let option = profile.option("sigv4a_signing_region_set")?;
                    let source = Source::Profile {
                        name: profile.name.to_owned(),
                        file: option.file.to_owned(),
                    };
                    Some((option.text().to_owned(), source))
                });
                return match option {
                    Some((text, source)) => checked_region_set(&text, source),
                    None => Ok(Sourced::new("*".to_owned(), Source::Target)),
                };
            }
        };
        checked_region_set(text, source)
    }
}

/// A list as the AWS tools write it, with spaces after its commas.
fn checked_region_set(text: &str, source: Source) -> Result<Sourced<String>, Failure> {
    let regions: Vec<&str> = text.split(',').map(str::trim).collect();
    if !regions.iter().all(|region| is_region_pattern(region)) {
        return Err(Failure::configuration(format!(
            "the regions of version 4A, `{}` ({source}), are not a list of regions",
            text.escape_debug()
        ))
        .hint("separate them by commas, `*` stands for anything: `us-*,eu-west-1`"));
    }
    Ok(Sourced::new(regions.join(","), source))
}

fn is_region_pattern(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-*".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_patterns_of_them() {
        for text in ["*", "us-*", "us-east-1"] {
            assert!(is_region_pattern(text), "{text}");
        }
        for text in ["", "US", "us_east", "us east", "a,b", "ü"] {
            assert!(!is_region_pattern(text), "{text}");
        }
    }
}
