//! Where: endpoint, region, store and addressing of one target.

use crate::cli::{AddressingArg, StoreArgs};
use crate::error::Failure;
use crate::sigv4::{Algorithm, Scheme};
use crate::store::{
    AccessPointRules, Address, Addressing, AddressingSupport, BucketError, Endpoint, Provider,
    Target, access_point_rules, check_bucket, find_provider, guess_host, is_dns_compatible,
    is_unlikely_bucket,
};
use crate::text::{CommandLine, escape_controls};

use super::accounts::Remote;
use super::endpoint::{
    check_endpoint_ends_in_no_bucket, check_endpoint_is_no_bucket, warn_about_bucket_in_endpoint,
    warn_about_network,
};
use super::endpoint_text::parse_endpoint;
use super::object::Object;
use super::place::Place;
use super::settings::StoreSettings;
use super::{Source, Sourced, Warning};

impl StoreSettings<'_> {
    /// Works out where a target is.
    ///
    /// # Errors
    /// A bucket that cannot exist, an endpoint that is none, or nothing known about the store.
    pub fn place(&self, target: &Target) -> Result<Place, Failure> {
        let place = self.place_as_configured(target)?;
        if self.args.find_region {
            self.place_in_found_region(target, &place)
        } else {
            Ok(place)
        }
    }

    /// With `--find-region`: the place again, in the region that the store names.
    fn place_in_found_region(&self, target: &Target, first: &Place) -> Result<Place, Failure> {
        let Some(bucket) = first.bucket.as_deref().filter(|_| self.service_is_s3) else {
            return Err(
                Failure::usage("--find-region requires a bucket, but the TARGET has none")
                    .hint("set the region: `--region NAME`"),
            );
        };
        if first.algorithm != Algorithm::HmacSha256 {
            return Err(Failure::usage(
                "--find-region cannot be combined with SigV4A, which signs for several regions",
            )
            .hint("remove --find-region"));
        }
        let Some(fetcher) = self.files.fetcher.as_deref() else {
            return Err(Failure::usage(
                "--find-region sends a request, but this command sends nothing",
            )
            .hint("remove it, or use it with a command that signs: `cos-presign get`"));
        };
        let region = fetcher.find_region(first)?;
        if first.region.source == Source::Target && first.region.value != region {
            return Err(Failure::usage(format!(
                "the TARGET names the region `{}`, but `{bucket}` is in `{region}` (--find-region)",
                first.region.value
            ))
            .hint("correct the region of the TARGET"));
        }
        let args = StoreArgs {
            region: Some(region.clone()),
            find_region: false,
            ..self.args.clone()
        };
        let settings = StoreSettings {
            args: &args,
            ..*self
        };
        let mut place = settings.place_as_configured(target)?;
        if place.region.source == Source::Option("--region") {
            place.region.source = Source::Option("--find-region");
        }
        let found = format!("`{bucket}` is in the region `{region}` (--find-region)");
        place.warnings.push(Warning::new("region-found", found));
        Ok(place)
    }

    fn place_as_configured(&self, target: &Target) -> Result<Place, Failure> {
        if let Some(region) = self
            .args
            .region
            .as_deref()
            .filter(|region| !is_name(region))
        {
            return Err(Failure::usage(format!(
                "--region `{}` is not a name",
                region.escape_debug()
            ))
            .hint("give one word: `--region us-south`"));
        }
        let found = self.account(target)?;
        let mut object = self.object(found.as_ref().map_or(target, |found| &found.target))?;
        object.account = match found {
            Some(found) => Some(found.account),
            None => self.s3cmd(&object)?,
        };
        let provider = self.provider_of(&object)?;
        let mut configured = match object
            .account
            .as_ref()
            .filter(|_| self.args.endpoint.is_none())
        {
            Some(account) => self.endpoint_of_account(account)?,
            None => self.endpoint(&object, provider)?,
        };
        let variants = self.variants(object.account.as_ref())?;
        let accelerate = variants.accelerate();
        let mut warnings = object
            .account
            .as_ref()
            .map(|account| account.warnings.clone())
            .unwrap_or_default();
        configured = {
            let recognized = configured.value.recognize();
            let of_table = recognized.as_ref().and_then(|r| find_provider(r.provider));
            let region = recognized.as_ref().and_then(|r| r.region.as_deref());
            variants.apply(
                configured,
                of_table,
                region,
                object.bucket.as_deref(),
                &mut warnings,
            )?
        };
        let recognized = configured.value.recognize();
        let of_host = recognized.as_ref().and_then(|r| find_provider(r.provider));
        if let (Some(said), Some(seen)) = (provider, of_host)
            && said.id != seen.id
        {
            let by = match &object.store {
                Some((_, form)) => format!("the TARGET ({form})"),
                None => "--provider".to_owned(),
            };
            return Err(Failure::usage(format!(
                "{by} names {}, but `{}` ({}) is of {}",
                said.id, configured.value, configured.source, seen.name
            ))
            .hint("remove one of them"));
        }
        let provider = provider
            .or(of_host)
            .or(object.account.as_ref().and_then(|account| account.provider));
        if self.service_is_s3 {
            check_endpoint_is_no_bucket(&configured, recognized.as_ref(), self.args)?;
            check_endpoint_ends_in_no_bucket(&configured, &object, provider, self.args)?;
            let bucket = object.bucket.as_deref();
            warn_about_bucket_in_endpoint(&configured, bucket, self.args, &mut warnings);
        }
        self.check_presigned_urls_are_safe(provider, &mut warnings)?;
        if let Some(bucket) = object
            .bucket
            .as_ref()
            .filter(|_| object.is_cos_without_location)
        {
            warnings.push(Warning::new(
                "location-is-a-bucket",
                format!(
                    "`{bucket}` is not a location of IBM COS, so it is taken for the bucket; with \
                        a location write `cos://us-south/BUCKET/KEY`"
                ),
            ));
        }
        if let (Some(host), Some(bucket)) = (&object.guessed_host, &object.bucket) {
            warnings.push(Warning::new(
                "bucket-from-host",
                format!(
                    "`{bucket}` in the host `{host}` is taken for the bucket; if it is the first \
                        part of the path, give --addressing path"
                ),
            ));
        }
        if let (Some(page), Some((store, _))) = (&object.page, &object.store) {
            let key = page.key.as_deref().unwrap_or_default();
            warnings.push(Warning::new(
                "console-url",
                format!(
                    "`{}` of {} is read from the URL of a web page",
                    escape_controls(&format!("{}/{}", page.bucket, String::from_utf8_lossy(key))),
                    store.name
                ),
            ));
        }
        self.add_base_path(&mut configured)?;
        if let Some(bucket) = &object.bucket {
            check_bucket(bucket, provider).map_err(|error| {
                let failure = impossible_bucket(bucket, &error);
                match &object.account {
                    Some(account) => failure.hint(format!(
                        "`{bucket}` is read as the bucket after the {}",
                        account.source
                    )),
                    None => failure,
                }
            })?;
            if let Some(store) = provider.filter(|p| is_unlikely_bucket(bucket, p)) {
                let rule = "names have 3 to 63 lower-case letters, digits, `.` and `-`";
                warnings.push(Warning::new(
                    "unlikely-bucket",
                    format!(
                        "`{bucket}` is an unlikely bucket name for {}: its {rule}",
                        store.name
                    ),
                ));
            }
        }
        let mut public = self.public_endpoint(object.account.as_ref())?;
        if let Some(public) = &mut public {
            check_endpoint_is_no_bucket(public, public.value.recognize().as_ref(), self.args)?;
            check_endpoint_ends_in_no_bucket(public, &object, provider, self.args)?;
            self.add_base_path(public)?;
        }
        // An internal endpoint may have a name that says nothing, and the public one a name that
        // says all.
        let recognized =
            recognized.or_else(|| public.as_ref().and_then(|public| public.value.recognize()));
        let signed_host = public.as_ref().unwrap_or(&configured).value.host();
        let rules = access_point_rules(&signed_host).filter(|_| self.service_is_s3);
        let guessed = guess_host(&signed_host)
            .and_then(|guess| guess.region)
            .filter(|_| recognized.is_none() && self.service_is_s3);
        let (algorithm, region) = match self.region_set_for(rules)? {
            Some(regions) => (Algorithm::EcdsaP256Sha256, regions),
            None => {
                let region = self.region(
                    &object,
                    &configured,
                    recognized.as_ref(),
                    guessed,
                    provider,
                    &mut warnings,
                )?;
                (Algorithm::HmacSha256, region)
            }
        };
        let (endpoint, internal_endpoint) = match public {
            Some(public) => (public, Some(configured)),
            None => (configured, None),
        };
        let addressing = match accelerate && self.args.addressing.is_none() {
            // As botocore: an accelerated host is no place for path style, whatever the profile
            // says.
            true if endpoint.value.host().starts_with("s3-accelerate.") => Addressing::Virtual,
            _ => self.addressing(&object, &endpoint, provider, &mut warnings)?,
        };
        warn_about_network(&endpoint.value, &mut warnings);
        if endpoint.value.scheme == Scheme::Http {
            warnings.push(Warning::new(
                "http-endpoint",
                format!(
                    "the URL of `{}` uses plain http: anyone on the way can read and use it",
                    endpoint.value
                ),
            ));
        }
        let address = Address::new(
            &endpoint.value,
            addressing,
            object.bucket.as_deref(),
            object.key.as_deref(),
        );
        Ok(Place {
            endpoint,
            internal_endpoint,
            region,
            algorithm,
            service: rules.map_or(self.service, |rules| rules.service).to_owned(),
            provider,
            addressing,
            bucket: object.bucket,
            key: object.key,
            version_id: object.version_id,
            path_as_sent: object.path_as_sent,
            address,
            account: object.account,
            warnings,
        })
    }

    /// The store that --provider or the scheme of the target names.
    fn provider_of(&self, object: &Object) -> Result<Option<&'static Provider>, Failure> {
        let named = self.provider_option()?;
        let Some((store, form)) = &object.store else {
            return Ok(named);
        };
        match named {
            Some(other) if other.id != store.id => Err(Failure::usage(format!(
                "the TARGET ({form}) is in {}, but --provider is {}",
                store.name, other.id
            ))
            .hint("remove --provider, or write the TARGET as BUCKET/KEY")),
            _ => Ok(Some(store)),
        }
    }

    /// Refuses stores of which a presigned URL publishes a secret.
    fn check_presigned_urls_are_safe(
        &self,
        provider: Option<&Provider>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Failure> {
        let Some((store, problem)) =
            provider.and_then(|p| p.presign_problem.map(|problem| (p, problem)))
        else {
            return Ok(());
        };
        let what = format!("a presigned URL of {} {}", store.name, problem.problem);
        if !self.args.force {
            return Err(Failure::usage(what).hint(format!(
                "{}; to sign all the same, add --force",
                problem.hint
            )));
        }
        warnings.push(Warning::new("publishes-secret", what));
        Ok(())
    }

    /// Puts --base-path behind the endpoint.
    fn add_base_path(&self, endpoint: &mut Sourced<Endpoint>) -> Result<(), Failure> {
        let Some(base) = &self.args.base_path else {
            return Ok(());
        };
        let base = format!("/{}", base.trim_matches('/')).into_bytes();
        let given = &mut endpoint.value.base_path;
        if !given.is_empty() && *given != base {
            return Err(Failure::usage(format!(
                "the endpoint `{}` ({}) has a different path than --base-path",
                endpoint.value, endpoint.source
            ))
            .hint("remove one of them"));
        }
        *given = if base == b"/" { Vec::new() } else { base };
        Ok(())
    }

    /// The address that recipients use, if it is another one.
    fn public_endpoint(
        &self,
        account: Option<&Remote>,
    ) -> Result<Option<Sourced<Endpoint>>, Failure> {
        if let Some(text) = &self.args.public_endpoint {
            return Ok(Some(Sourced::new(
                parse_endpoint("--public-endpoint", text)?,
                Source::Option("--public-endpoint"),
            )));
        }
        let Some(account) = account else {
            return Ok(None);
        };
        let Some(text) = &account.rules.public_endpoint else {
            return Ok(None);
        };
        let endpoint = parse_endpoint(
            &format!("the `public_endpoint` of the {}", account.source),
            text,
        )?;
        Ok(Some(Sourced::new(endpoint, account.source.clone())))
    }

    /// The regions of a signature of version 4A, where there is to be one.
    fn region_set_for(
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

    fn addressing(
        &self,
        object: &Object,
        endpoint: &Sourced<Endpoint>,
        provider: Option<&Provider>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Addressing, Failure> {
        let Some(bucket) = &object.bucket else {
            return Ok(Addressing::Path);
        };
        let asked = match self.args.addressing {
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
        };
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
        let accelerated = endpoint.value.host().starts_with("s3-accelerate.")
            && provider.is_some_and(Provider::is_aws);
        if accelerated {
            check_accelerated_bucket(bucket, endpoint, asked.as_ref())?;
        }
        let Some((addressing, by)) = asked else {
            let from_table = matches!(endpoint.source, Source::Table(_) | Source::Remote { .. });
            let usual = provider.is_some_and(|provider| provider.virtual_by_default);
            let virtual_by_default =
                support == AddressingSupport::VirtualOnly || accelerated || (from_table && usual);
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
        match addressing {
            Addressing::Virtual if support == AddressingSupport::PathOnly => {
                return Err(Failure::usage(format!(
                    "{by}, but {name} serves path style \
                    only"
                ))
                .hint("use `--addressing path`"));
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
            Addressing::Virtual
                if bucket.contains('.') && endpoint.value.scheme == Scheme::Https =>
            {
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
        Ok(addressing)
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

/// Whether a text can be a region in the credential scope.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '/')
}

fn impossible_bucket(bucket: &str, error: &BucketError) -> Failure {
    let shown: String = bucket.chars().flat_map(char::escape_debug).collect();
    if let (Some((remote, _)), BucketError::Character(':')) = (shown.split_once(':'), error) {
        return Failure::usage(format!(
            "`{remote}:` is not a remote of rclone, and `{shown}` is not a bucket name"
        ))
        .hint(
            "`rclone listremotes` shows the remotes; a bucket is written without a colon: \
            BUCKET/KEY",
        );
    }
    if *error == BucketError::Express {
        return Failure::usage(format!(
            "`{shown}` is a directory bucket (S3 Express One Zone), which accepts no URLs signed \
                with long-lived keys"
        ))
        .hint(
            "copy the object to a general purpose bucket; S3 Express needs session credentials, \
            which expire after 5 minutes",
        );
    }
    Failure::usage(format!(
        "invalid bucket name `{shown}`: it {}",
        error.problem()
    ))
    .hint("a TARGET is BUCKET/KEY; everything before the first slash is the bucket")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_patterns_of_them() {
        for text in ["*", "us-*", "us-east-1"] {
            assert!(is_region_pattern(text) && is_name(text), "{text}");
        }
        for text in ["", "US", "us_east", "us east", "a,b", "ü"] {
            assert!(!is_region_pattern(text), "{text}");
        }
        assert!(is_name("US_East.1,x"));
        for text in ["", "a/b", "a b", "a\n", "ü"] {
            assert!(!is_name(text), "{text}");
        }
    }
}
