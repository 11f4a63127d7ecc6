//! Where: endpoint, region, store and addressing of one target.

use crate::cli::StoreArgs;
use crate::error::Failure;
use crate::sigv4::Algorithm;
use crate::store::{
    Address, BucketError, Endpoint, Provider, Target, access_point_rules, check_bucket,
    find_provider, guess_host, is_unlikely_bucket,
};
use crate::text::escape_controls;

use super::accounts::Remote;
use super::endpoint::{
    check_endpoint_ends_in_no_bucket, check_endpoint_is_no_bucket, warn_about_bucket_in_endpoint,
    warn_about_network, warn_about_plain_http,
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
        self.check_region_option()?;
        let object = self.object_with_account(target)?;
        let account = object.account.as_ref();
        let named = self.provider_of(&object)?;
        let mut warnings = account.map_or_else(Vec::new, |account| account.warnings.clone());
        let variants = self.variants(account)?;
        let accelerate = variants.accelerate();
        let mut configured = {
            let configured = match account.filter(|_| self.args.endpoint.is_none()) {
                Some(account) => self.endpoint_of_account(account)?,
                None => self.endpoint(&object, named)?,
            };
            let recognized = configured.value.recognize();
            let of_table = recognized.as_ref().and_then(|r| find_provider(r.provider));
            let region = recognized.as_ref().and_then(|r| r.region.as_deref());
            let bucket = object.bucket.as_deref();
            variants.apply(configured, of_table, region, bucket, &mut warnings)?
        };
        let recognized = configured.value.recognize();
        let of_host = recognized.as_ref().and_then(|r| find_provider(r.provider));
        check_named_provider(named, of_host, &object, &configured)?;
        let provider = named
            .or(of_host)
            .or(account.and_then(|account| account.provider));
        if self.service_is_s3 {
            check_endpoint_is_no_bucket(&configured, recognized.as_ref(), self.args)?;
            check_endpoint_ends_in_no_bucket(&configured, &object, provider, self.args)?;
            let bucket = object.bucket.as_deref();
            warn_about_bucket_in_endpoint(&configured, bucket, self.args, &mut warnings);
        }
        self.check_presigned_urls_are_safe(provider, &mut warnings)?;
        warn_about_reading(&object, &mut warnings);
        self.add_base_path(&mut configured)?;
        check_bucket_name(&object, provider, &mut warnings)?;
        let mut public = self.public_endpoint(account)?;
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
                let recognized = recognized.as_ref();
                let region = self.region(
                    &object,
                    &configured,
                    recognized,
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
        let addressing =
            self.addressing(&object, &endpoint, provider, accelerate, &mut warnings)?;
        warn_about_network(&endpoint.value, &mut warnings);
        warn_about_plain_http(&endpoint.value, &mut warnings);
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

    fn check_region_option(&self) -> Result<(), Failure> {
        match self.args.region.as_deref() {
            Some(region) if !is_name(region) => Err(Failure::usage(format!(
                "--region `{}` is not a name",
                region.escape_debug()
            ))
            .hint("give one word: `--region us-south`")),
            _ => Ok(()),
        }
    }

    /// The object of a target, with the alias, remote or s3cmd configuration that it names.
    fn object_with_account(&self, target: &Target) -> Result<Object, Failure> {
        let found = self.account(target)?;
        let mut object = self.object(found.as_ref().map_or(target, |found| &found.target))?;
        object.account = match found {
            Some(found) => Some(found.account),
            None => self.s3cmd(&object)?,
        };
        Ok(object)
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
}

/// Refuses a store that is named where the host is that of another one.
fn check_named_provider(
    named: Option<&Provider>,
    of_host: Option<&Provider>,
    object: &Object,
    endpoint: &Sourced<Endpoint>,
) -> Result<(), Failure> {
    let (Some(named), Some(of_host)) = (named, of_host) else {
        return Ok(());
    };
    if named.id == of_host.id {
        return Ok(());
    }
    let by = match &object.store {
        Some((_, form)) => format!("the TARGET ({form})"),
        None => "--provider".to_owned(),
    };
    Err(Failure::usage(format!(
        "{by} names {}, but `{}` ({}) is of {}",
        named.id, endpoint.value, endpoint.source, of_host.name
    ))
    .hint("remove one of them"))
}

/// Names what the TARGET was taken for where it can be read in two ways.
fn warn_about_reading(object: &Object, warnings: &mut Vec<Warning>) {
    let Some(bucket) = &object.bucket else {
        return;
    };
    if object.is_cos_without_location {
        warnings.push(Warning::new(
            "location-is-a-bucket",
            format!(
                "`{bucket}` is not a location of IBM COS, so it is taken for the bucket; with a \
                 location write `cos://us-south/BUCKET/KEY`"
            ),
        ));
    }
    if let Some(host) = &object.guessed_host {
        warnings.push(Warning::new(
            "bucket-from-host",
            format!(
                "`{bucket}` in the host `{host}` is taken for the bucket; if it is the first part \
                 of the path, give --addressing path"
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
}

/// Refuses a bucket that no store can have, and warns about one that this store cannot.
fn check_bucket_name(
    object: &Object,
    provider: Option<&Provider>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Failure> {
    let Some(bucket) = &object.bucket else {
        return Ok(());
    };
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
    Ok(())
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
    fn a_region_of_the_scope_is_one_word() {
        for text in ["us-east-1", "US_East.1,x"] {
            assert!(is_name(text), "{text}");
        }
        for text in ["", "a/b", "a b", "a\n", "ü"] {
            assert!(!is_name(text), "{text}");
        }
    }
}
