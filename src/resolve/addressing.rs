//! Where the bucket is in the URL.

use crate::cli::AddressingArg;
use crate::error::Failure;
use crate::sigv4::Scheme;
use crate::store::{
    Addressing, AddressingSupport, Endpoint, Provider, access_point_rules, is_dns_compatible,
};

use super::object::Object;
use super::settings::StoreSettings;
use super::{Source, Sourced, Warning};

impl StoreSettings<'_> {
    /// Where the bucket is in the URL: as an option, the address, the account or the profile says,
    /// else as is usual at the store.
    pub(super) fn addressing(
        &self,
        object: &Object,
        endpoint: &Sourced<Endpoint>,
        provider: Option<&Provider>,
        accelerate: bool,
        warnings: &mut Vec<Warning>,
    ) -> Result<Addressing, Failure> {
        let Some(bucket) = &object.bucket else {
            return Ok(Addressing::Path);
        };
        let asked = self.requested_addressing(object, bucket, endpoint)?;
        let is_accelerated = endpoint.value.host().starts_with("s3-accelerate.");
        if accelerate && is_accelerated && self.args.addressing.is_none() {
            // As botocore: an accelerated host is no place for path style, whatever the profile
            // says.
            return Ok(Addressing::Virtual);
        }
        if access_point_rules(&endpoint.value.host()).is_some() {
            return match self.args.addressing {
                None | Some(AddressingArg::Auto | AddressingArg::Virtual) => {
                    Ok(Addressing::Virtual)
                }
                Some(AddressingArg::Path | AddressingArg::BucketHost) => Err(Failure::usage(
                    "--addressing is given, and an access point always stands before the host",
                )
                .hint("remove --addressing")),
            };
        }
        let support = provider.map_or(AddressingSupport::Both, |p| p.addressing);
        let name = provider.map_or("the store", |p| p.name);
        let is_accelerated = is_accelerated && provider.is_some_and(Provider::is_aws);
        if is_accelerated {
            check_accelerated_bucket(bucket, endpoint, asked.as_ref())?;
        }
        let Some((addressing, by)) = asked else {
            let from_table = matches!(endpoint.source, Source::Table(_) | Source::Remote { .. });
            let usual = provider.is_some_and(|provider| provider.virtual_by_default);
            let virtual_by_default = support == AddressingSupport::VirtualOnly
                || is_accelerated
                || (from_table && usual);
            let addressing = if virtual_by_default && is_dns_compatible(bucket) {
                Addressing::Virtual
            } else {
                Addressing::Path
            };
            if addressing == Addressing::Path && support == AddressingSupport::VirtualOnly {
                warnings.push(path_style_refused(name));
            }
            return Ok(addressing);
        };
        check_style(addressing, &by, bucket, endpoint, provider, warnings)?;
        Ok(addressing)
    }

    /// The style that an option, TARGET, account or profile requests, and which of them.
    fn requested_addressing(
        &self,
        object: &Object,
        bucket: &str,
        endpoint: &Sourced<Endpoint>,
    ) -> Result<Option<(Addressing, String)>, Failure> {
        Ok(match self.args.addressing {
            Some(AddressingArg::Path) => Some((Addressing::Path, "--addressing path".to_owned())),
            Some(AddressingArg::Virtual) => {
                Some((Addressing::Virtual, "--addressing virtual".to_owned()))
            }
            Some(AddressingArg::BucketHost) => Some((Addressing::BucketHost, String::new())),
            Some(AddressingArg::Auto) => None,
            None => match object.addressing {
                Some(addressing) => Some((addressing, "the address of the target".to_owned())),
                None => match &object.account {
                    Some(account) => account
                        .addressing
                        .map(|addressing| (addressing, account.source.to_string())),
                    None => self.addressing_of_profile(bucket, endpoint.value.scheme)?,
                },
            },
        })
    }

    fn addressing_of_profile(
        &self,
        bucket: &str,
        scheme: Scheme,
    ) -> Result<Option<(Addressing, String)>, Failure> {
        let Some(profile) = self.files.profile()? else {
            return Ok(None);
        };
        if let Some(option) = profile.option("s3").filter(|option| !option.is_section()) {
            return Err(Failure::configuration(format!(
                "`s3 = {}` in {} is a string, and options such as `addressing_style` belong below \
                    it",
                option.text().escape_debug(),
                option.place()
            ))
            .hint("remove what follows `s3 =`, or the whole line"));
        }
        let Some((style, file)) = profile.s3("addressing_style") else {
            return Ok(None);
        };
        let by = format!("`addressing_style = {style}` in `{}`", file.display());
        match style {
            "path" => Ok(Some((Addressing::Path, by))),
            // As botocore: no certificate covers such a host.
            "virtual" if bucket.contains('.') && scheme == Scheme::Https => {
                Ok(Some((Addressing::Path, by)))
            }
            "virtual" => Ok(Some((Addressing::Virtual, by))),
            "auto" => Ok(None),
            _ => Err(
                Failure::configuration(format!("{by} is not an addressing style"))
                    .hint("use auto, path or virtual"),
            ),
        }
    }
}

/// Refuses a style that store, host or bucket cannot have.
fn check_style(
    addressing: Addressing,
    by: &str,
    bucket: &str,
    endpoint: &Sourced<Endpoint>,
    provider: Option<&Provider>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Failure> {
    let support = provider.map_or(AddressingSupport::Both, |p| p.addressing);
    let name = provider.map_or("the store", |p| p.name);
    match addressing {
        Addressing::Virtual if support == AddressingSupport::PathOnly => {
            return Err(
                Failure::usage(format!("{by}, but {name} serves path style only"))
                    .hint("use `--addressing path`"),
            );
        }
        Addressing::Virtual if endpoint.value.is_ip_address() => {
            return Err(Failure::usage(format!(
                "{by}, but no bucket can precede the IP address `{}`",
                endpoint.value.authority
            ))
            .hint("use `--addressing path`, or an endpoint with a name"));
        }
        Addressing::Virtual if !can_be_in_a_host_name(bucket) => {
            return Err(Failure::usage(format!(
                "{by}, but the bucket `{bucket}` cannot be part of a host name"
            ))
            .hint("use `--addressing path`"));
        }
        Addressing::Virtual if bucket.contains('.') && endpoint.value.scheme == Scheme::Https => {
            warnings.push(Warning::new(
                "dots-in-virtual-host",
                format!(
                    "the bucket `{bucket}` has dots, so TLS certificates for `*.{}` do not \
                         cover the link; use --addressing path",
                    endpoint.value.authority
                ),
            ));
        }
        Addressing::Path if support == AddressingSupport::VirtualOnly => {
            warnings.push(path_style_refused(name));
        }
        _ => {}
    }
    Ok(())
}

/// Whether a bucket can precede a host, dots or not.
fn can_be_in_a_host_name(bucket: &str) -> bool {
    !bucket
        .bytes()
        .any(|b| b.is_ascii_uppercase() || b == b'_' || b == b':')
}

/// Accelerated hosts serve virtual-host style only, with buckets that are one label.
fn check_accelerated_bucket(
    bucket: &str,
    endpoint: &Sourced<Endpoint>,
    asked: Option<&(Addressing, String)>,
) -> Result<(), Failure> {
    if let Some((Addressing::Path, by)) = asked {
        return Err(Failure::usage(format!(
            "{by}, but `{}` ({}) serves virtual-host style only",
            endpoint.value, endpoint.source
        ))
        .hint("use `--addressing virtual`, or the endpoint of the region"));
    }
    if is_dns_compatible(bucket) && !bucket.contains('.') {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "the bucket `{}` cannot be part of an accelerated host name, `{}` ({})",
        bucket.escape_debug(),
        endpoint.value,
        endpoint.source
    ))
    .hint("sign for the endpoint of its region: `--region REGION` without --endpoint"))
}

fn path_style_refused(store: &str) -> Warning {
    Warning::new(
        "path-style-refused",
        format!(
            "{store} refuses path style for most buckets; --addressing virtual is what it serves"
        ),
    )
}
