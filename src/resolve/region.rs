//! Which region the signature names.

use crate::error::Failure;
use crate::store::{Endpoint, Provider, RecognizedHost, providers_of_region};

use super::accounts::Remote;
use super::location::is_name;
use super::object::Object;
use super::settings::StoreSettings;
use super::{Source, Sourced, Warning};

/// Those of the AWS tools, and that of Bun.
const REGION_VARIABLES: [&str; 3] = ["AWS_REGION", "AWS_DEFAULT_REGION", "S3_REGION"];

/// What IBM's documentation, its Terraform provider and its libraries call the location.
const IBM_LOCATIONS: [&str; 4] = [
    "COS_BUCKET_LOCATION",
    "COS_REGION",
    "IBMCLOUD_REGION",
    "IC_REGION",
];

/// The region of stores that do not check it, and of those whose region is not given.
const REGION_OF_LAST_RESORT: &str = "us-east-1";

impl StoreSettings<'_> {
    /// The region of the scope: given, or configured with the endpoint, or taken from the host, or
    /// configured, or the store's usual.
    pub(super) fn region(
        &self,
        object: &Object,
        endpoint: &Sourced<Endpoint>,
        recognized: Option<&RecognizedHost>,
        guessed: Option<&str>,
        provider: Option<&Provider>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Sourced<String>, Failure> {
        let stated = recognized.and_then(|r| r.region.clone());
        let of_unknown = guessed.map(|region| Sourced::new(region.to_owned(), Source::HostName));
        let given = self
            .args
            .region
            .clone()
            .map(|region| Sourced::new(region, Source::Option("--region")));
        if given.is_none() && object.account.is_none() {
            // A region that cannot be one is an error, also where that of the host takes
            // precedence.
            self.configured_region()?;
        }
        let configured_with = match &endpoint.source {
            Source::Variable(_) => self.region_variable()?,
            Source::Profile { .. } => self.configured_region()?,
            // Taken with its endpoint or without, an account is signed for as its tool would.
            _ => object.account.as_ref().and_then(Remote::region),
        };
        let of_target = object
            .location
            .clone()
            .map(|location| Sourced::new(location, Source::Target));
        let from_host = stated
            .clone()
            .map(|region| Sourced::new(region, Source::HostName));
        let mut region = given.or(of_target).or(configured_with).or(from_host);
        if region.is_none()
            && let Some(guessed) = of_unknown
        {
            warnings.push(Warning::new(
                "region-from-host",
                format!(
                    "the region `{}` is taken from the host `{}`; if it is another one, give \
                        --region",
                    guessed.value, endpoint.value.authority
                ),
            ));
            region = Some(guessed);
        }
        if region.is_none() {
            region = match &object.account {
                Some(account) if account.reads_region_variables => self.region_variable()?,
                Some(_) => None,
                None => self.configured_region()?,
            };
        }
        let region = region
            .unwrap_or_else(|| usual_region(object, endpoint, recognized, provider, warnings));
        // A pseudo region of the AWS tools, which no signature has.
        let region = match region.value.as_str() {
            "aws-global" if provider.is_some_and(Provider::is_aws) => {
                let signed = Sourced::new("us-east-1".to_owned(), region.source.clone());
                warnings.push(called_otherwise(&region, &signed.value, "Amazon S3"));
                signed
            }
            _ => region,
        };
        let region = spelled(region, provider, warnings);
        if let Some(stated) = stated
            .filter(|stated| *stated != region.value && provider.is_some_and(|p| p.checks_region))
        {
            warnings.push(Warning::new(
                "region-differs",
                format!(
                    "the host `{}` is of the region `{stated}`, but the URL is signed for `{}` \
                        ({})",
                    endpoint.value.authority, region.value, region.source
                ),
            ));
        }
        Ok(region)
    }

    /// The region from which the table makes an endpoint. One that is configured for another store
    /// does not count.
    pub(super) fn region_for_table(&self, provider: &Provider) -> Result<Option<String>, Failure> {
        if let Some(region) = &self.args.region {
            return Ok(Some(region.clone()));
        }
        if !provider.needs_region() {
            return Ok(provider
                .default_region
                .filter(|_| provider.has_endpoint())
                .map(str::to_owned));
        }
        let configured = match provider.is_ibm() {
            true => self.region_of_environment()?,
            false => self.configured_region()?,
        };
        let configured = configured.map(|region| region.value);
        let known = |region: &String| {
            (provider.is_aws() && providers_of_region(region).iter().all(|p| p.is_aws()))
                || provider.known_region(region).is_some()
        };
        Ok(configured
            .filter(known)
            .or_else(|| provider.default_region.map(str::to_owned)))
    }

    pub(super) fn configured_region(&self) -> Result<Option<Sourced<String>>, Failure> {
        match self.region_variable()? {
            Some(region) => Ok(Some(region)),
            None => self.region_of_profile(),
        }
    }

    /// The same, with the variables that IBM documents for a location: they choose a
    /// store, and are no region of another one's.
    pub(super) fn region_of_environment(&self) -> Result<Option<Sourced<String>>, Failure> {
        if let Some(region) = self.region_variable()? {
            return Ok(Some(region));
        }
        for name in IBM_LOCATIONS {
            let Some(text) = self.env.text(name)? else {
                continue;
            };
            if providers_of_region(text).iter().any(|p| p.is_ibm()) {
                let region = Sourced::new(text.to_owned(), Source::Variable(name));
                return Ok(Some(region));
            }
        }
        self.region_of_profile()
    }

    pub(super) fn region_variable(&self) -> Result<Option<Sourced<String>>, Failure> {
        for name in REGION_VARIABLES {
            if let Some(region) = self.env.text(name)? {
                if !is_region(region) {
                    return Err(Failure::configuration(format!(
                        "the region in `{name}`, `{}`, is not a name",
                        region.escape_debug()
                    ))
                    .hint(format!("set it to one word: `export {name}=us-south`")));
                }
                return Ok(Some(Sourced::new(
                    region.to_owned(),
                    Source::Variable(name),
                )));
            }
        }
        Ok(None)
    }

    pub(super) fn region_of_profile(&self) -> Result<Option<Sourced<String>>, Failure> {
        let Some(profile) = self.files.profile()? else {
            return Ok(None);
        };
        let Some(option) = profile.option("region") else {
            return Ok(None);
        };
        let region = option.text();
        if !is_region(region) {
            return Err(Failure::configuration(format!(
                "the region of profile `{}` in {}, `{}`, is not a name",
                profile.name,
                option.place(),
                region.escape_debug()
            ))
            .hint("write it without quotes and comments: `region = us-south`"));
        }
        Ok(Some(Sourced::new(
            region.to_owned(),
            Source::Profile {
                name: profile.name.to_owned(),
                file: option.file.to_owned(),
            },
        )))
    }
}

/// The region of a tool or store, where none is given or configured.
fn usual_region(
    object: &Object,
    endpoint: &Sourced<Endpoint>,
    recognized: Option<&RecognizedHost>,
    provider: Option<&Provider>,
    warnings: &mut Vec<Warning>,
) -> Sourced<String> {
    // A tool signs for its own default also where the store that it has configured has another
    // one, unless the host shows which store it is.
    let of_tool = object.account.as_ref().and_then(|account| {
        account
            .usual_region
            .map(|region| Sourced::new(region.to_owned(), account.source.clone()))
    });
    let of_store = provider.and_then(|provider| {
        provider
            .default_region
            .map(|region| Sourced::new(region.to_owned(), Source::Table(provider.name)))
    });
    let (first, second) = match recognized {
        Some(_) => (of_store, of_tool),
        None => (of_tool, of_store),
    };
    first.or(second).unwrap_or_else(|| {
        warnings.push(Warning::new(
            "region-guessed",
            format!(
                "no region is given for `{}`, so the URL is signed for \
                `{REGION_OF_LAST_RESORT}`; if the store refuses it, give \
                --region",
                endpoint.value
            ),
        ));
        Sourced::new(REGION_OF_LAST_RESORT.to_owned(), Source::Default)
    })
}

/// Whether a text can be a region: one of a store in the table, or what botocore takes for one, a
/// label of a host name.
fn is_region(text: &str) -> bool {
    let is_label = (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.bytes().all(|b| b.is_ascii_digit());
    is_label || (is_name(text) && !providers_of_region(text).is_empty())
}

/// The region as the store writes it: `us-south` for `US-SOUTH`, `us` for the host's `dal.us`.
fn spelled(
    region: Sourced<String>,
    provider: Option<&Provider>,
    warnings: &mut Vec<Warning>,
) -> Sourced<String> {
    let Some(provider) = provider else {
        return region;
    };
    let known = provider
        .known_region(&region.value)
        .filter(|known| known.eq_ignore_ascii_case(&region.value))
        .unwrap_or(&region.value);
    if known != region.value {
        warnings.push(Warning::new(
            "region-spelling",
            format!(
                "the region `{}` ({}) is spelled `{known}` by {}, and the URL is signed for that",
                region.value, region.source, provider.name
            ),
        ));
    }
    let signed = provider.signed_region(known);
    let signed = provider
        .known_region(signed)
        .filter(|known| known.eq_ignore_ascii_case(signed))
        .unwrap_or(signed);
    // Hosts and consoles have the store's own other names.
    let is_given = !matches!(region.source, Source::HostName | Source::Target);
    if signed != known && is_given {
        warnings.push(called_otherwise(&region, signed, provider.name));
    }
    Sourced::new(signed.to_owned(), region.source)
}

fn called_otherwise(region: &Sourced<String>, signed: &str, store: &str) -> Warning {
    Warning::new(
        "region-spelling",
        format!(
            "the region `{}` ({}) is called `{signed}` in signatures of {store}, and the URL is \
             signed for that",
            region.value, region.source
        ),
    )
}
