//! Amazon S3's other hosts: FIPS 140, dual stack (IPv6) and Transfer Acceleration.
//!
//! Options, variables and the profile require them, read as botocore does: `true` in any case, and
//! nothing else, means yes. FIPS is a matter of compliance, so no such setting is dropped silently:
//! where it cannot be honoured an option is refused, and a setting leads to a warning.

use crate::error::Failure;
use crate::store::{Endpoint, Provider, aws_domain, is_dns_compatible};

use super::accounts::Remote;
use super::settings::StoreSettings;
use super::{Source, Sourced, Warning};

/// Domains of AWS partitions without dual-stack hosts of Amazon S3, as botocore 1.43 has them.
const WITHOUT_DUAL_STACK: [&str; 2] = ["cloud.adc-e.uk", "csp.hci.ic.gov"];

/// What is required, and by which setting.
#[derive(Clone, Debug, Default)]
pub(super) struct Variants {
    fips: Option<Setting>,
    dual_stack: Option<Setting>,
    accelerate: Option<Setting>,
    /// Values that are neither yes nor no.
    unclear: Vec<Warning>,
}

/// A setting, for messages.
#[derive(Clone, Debug)]
struct Setting {
    by: String,
    is_option: bool,
}

impl Setting {
    fn option(name: &str) -> Setting {
        Setting {
            by: name.to_owned(),
            is_option: true,
        }
    }

    fn failure(&self, message: String) -> Failure {
        match self.is_option {
            true => Failure::usage(message),
            false => Failure::configuration(message),
        }
    }
}

impl StoreSettings<'_> {
    /// What options require, and for the AWS settings the variables and the profile.
    pub(super) fn variants(&self, account: Option<&Remote>) -> Result<Variants, Failure> {
        let mut variants = Variants::default();
        if account.is_none() && self.service_is_s3 {
            self.configured_variants(&mut variants)?;
        }
        if let Some(account) = account {
            let by_account = |is_set: bool, name: &str| {
                is_set.then(|| Setting {
                    by: format!("`{name}` of the {}", account.source),
                    is_option: false,
                })
            };
            variants.accelerate = by_account(account.accelerate, "use_accelerate_endpoint");
            variants.dual_stack = by_account(account.dual_stack, "use_dual_stack");
        }
        let args = self.args;
        if args.fips {
            variants.fips = Some(Setting::option("--fips"));
        }
        if args.dualstack {
            variants.dual_stack = Some(Setting::option("--dualstack"));
        }
        if args.accelerate {
            variants.accelerate = Some(Setting::option("--accelerate"));
        }
        Ok(variants)
    }

    fn configured_variants(&self, variants: &mut Variants) -> Result<(), Failure> {
        let profile = self.files.profile()?;
        if let Some(message) = profile
            .as_ref()
            .and_then(|profile| profile.misplaced_endpoint())
        {
            variants
                .unclear
                .push(Warning::new("setting-misplaced", message));
        }
        let mut read = |variable: Option<&'static str>, option: &str, section: Option<&str>| {
            let of_variable = match variable {
                Some(name) => self.env.text(name)?.map(|text| (format!("`{name}`"), text)),
                None => None,
            };
            let of_profile = || {
                let profile = profile.as_ref()?;
                let (text, file) = match section {
                    Some(_) => profile.s3(option)?,
                    None => profile.get(option)?,
                };
                Some((format!("`{option}` in `{}`", file.display()), text))
            };
            let Some((by, text)) = of_variable.or_else(of_profile) else {
                return Ok::<_, Failure>(None);
            };
            match text.to_ascii_lowercase().as_str() {
                "true" => Ok(Some(Setting {
                    by,
                    is_option: false,
                })),
                "false" => Ok(None),
                _ => {
                    variants.unclear.push(Warning::new(
                        "setting-not-understood",
                        format!(
                            "{by} is `{}`, which the AWS tools read as false; write `true` or \
                                `false`",
                            text.escape_debug()
                        ),
                    ));
                    Ok(None)
                }
            }
        };
        let fips = read(Some("AWS_USE_FIPS_ENDPOINT"), "use_fips_endpoint", None)?;
        let of_s3 = read(None, "use_dualstack_endpoint", Some("s3"))?;
        let dual_stack = match of_s3 {
            Some(setting) => Some(setting),
            None => read(
                Some("AWS_USE_DUALSTACK_ENDPOINT"),
                "use_dualstack_endpoint",
                None,
            )?,
        };
        let accelerate = read(None, "use_accelerate_endpoint", Some("s3"))?;
        variants.fips = fips;
        variants.dual_stack = dual_stack;
        variants.accelerate = accelerate;
        Ok(())
    }
}

impl Variants {
    /// Whether objects are requested from the accelerated host.
    pub(super) fn accelerate(&self) -> bool {
        self.accelerate.is_some()
    }

    /// The endpoint with what is required.
    ///
    /// # Errors
    /// A store or an endpoint without such a host.
    pub(super) fn apply(
        self,
        endpoint: Sourced<Endpoint>,
        provider: Option<&Provider>,
        region: Option<&str>,
        bucket: Option<&str>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Sourced<Endpoint>, Failure> {
        warnings.extend(self.unclear.iter().cloned());
        let is_of_table = matches!(endpoint.source, Source::Table(_));
        let (Some(provider), true) = (provider.filter(|p| p.is_aws()), is_of_table) else {
            self.refuse_or_warn(&endpoint, provider, warnings)?;
            return Ok(endpoint);
        };
        let region = region.unwrap_or("us-east-1");
        let is_global = region == "aws-global";
        if !is_global
            && self.fips.is_none()
            && self.dual_stack.is_none()
            && self.accelerate.is_none()
        {
            return Ok(endpoint);
        }
        let domain = aws_domain(region);
        if let (Some(setting), true) = (&self.fips, domain.ends_with(".cn")) {
            return Err(setting
                .failure(format!(
                    "{}, but AWS has no FIPS hosts in China",
                    setting.by
                ))
                .hint("choose a region outside China, or remove the setting"));
        }
        if let (Some(setting), true) = (&self.dual_stack, WITHOUT_DUAL_STACK.contains(&domain)) {
            return Err(setting
                .failure(format!(
                    "{}, but AWS has no dual-stack hosts in `{region}`",
                    setting.by
                ))
                .hint("choose another region, or remove the setting"));
        }
        if let Some(setting) = &self.accelerate {
            check_accelerated(setting, self.fips.as_ref(), domain, region, bucket)?;
        }
        let dual = if self.dual_stack.is_some() {
            ".dualstack"
        } else {
            ""
        };
        let in_region = if is_global { "us-east-1" } else { region };
        let host = match (&self.accelerate, &self.fips) {
            (Some(_), _) => format!("s3-accelerate{dual}.{domain}"),
            (None, Some(_)) => format!("s3-fips{dual}.{in_region}.{domain}"),
            (None, None) if is_global && dual.is_empty() => format!("s3.{domain}"),
            (None, None) => format!("s3{dual}.{in_region}.{domain}"),
        };
        let value = Endpoint::parse(&format!("https://{host}")).map_err(|error| {
            Failure::usage(format!(
                "`{}` cannot be a region of {}: it {}",
                region.escape_debug(),
                provider.name,
                error.problem()
            ))
            .hint("name one: `--region us-east-1`")
        })?;
        Ok(Sourced::new(value, endpoint.source))
    }

    /// For endpoints that are not Amazon S3 hosts of the table.
    fn refuse_or_warn(
        &self,
        endpoint: &Sourced<Endpoint>,
        provider: Option<&Provider>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Failure> {
        let host = endpoint.value.host();
        let of_table = matches!(endpoint.source, Source::Table(_));
        for (setting, kind, mark) in [
            (&self.fips, "FIPS", "-fips."),
            (&self.dual_stack, "dual-stack", ".dualstack."),
            (&self.accelerate, "accelerated", "s3-accelerate."),
        ] {
            let Some(setting) = setting.as_ref().filter(|_| !host.contains(mark)) else {
                continue;
            };
            let by = &setting.by;
            let what = match provider.filter(|_| of_table) {
                Some(provider) => format!("{} has no {kind} hosts", provider.name),
                None => format!(
                    "the endpoint `{}` ({}) is given",
                    endpoint.value, endpoint.source
                ),
            };
            let must_be = setting.is_option || kind == "accelerated" || kind == "FIPS" && of_table;
            if must_be {
                return Err(setting
                    .failure(format!("{by} requires {kind} hosts, but {what}"))
                    .hint(match setting.is_option {
                        true => format!("remove {by}"),
                        false => "remove the setting, or choose another profile: `--profile NAME`"
                            .to_owned(),
                    }));
            }
            warnings.push(Warning::new(
                "setting-not-applied",
                format!("{by} requires {kind} hosts, which is not applied: {what}"),
            ));
        }
        Ok(())
    }
}

fn check_accelerated(
    setting: &Setting,
    fips: Option<&Setting>,
    domain: &str,
    region: &str,
    bucket: Option<&str>,
) -> Result<(), Failure> {
    let by = &setting.by;
    if let Some(fips) = fips {
        return Err(setting
            .failure(format!(
                "{by} and {} cannot be combined: accelerated hosts are not FIPS hosts",
                fips.by
            ))
            .hint("remove one of them"));
    }
    if domain != "amazonaws.com" || region.starts_with("us-gov-") {
        return Err(setting
            .failure(format!(
                "{by}, but AWS has no accelerated hosts in `{region}`"
            ))
            .hint(
                "choose a region outside China and of the public partition, or remove the setting",
            ));
    }
    if let Some(bucket) = bucket.filter(|bucket| !is_dns_compatible(bucket) || bucket.contains('.'))
    {
        return Err(setting
            .failure(format!(
                "{by}, but the bucket `{}` cannot be part of an accelerated host name",
                bucket.escape_debug()
            ))
            .hint(
                "such buckets have small letters, digits and `-`, and no dots; remove the setting",
            ));
    }
    Ok(())
}
