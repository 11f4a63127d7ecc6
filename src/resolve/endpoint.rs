//! Which endpoint: from the most explicit to the least, never a store that was not named.

use crate::cli::{AddressingArg, CredentialsFrom, NetworkArg, StoreArgs};
use crate::error::Failure;
use crate::sigv4::Scheme;
use crate::store::{
    Endpoint, Network, PROVIDERS, Provider, RecognizedHost, find_provider, guess_host,
    providers_of_region, suggest_region,
};
use crate::text::CommandLine;

use super::accounts::{Remote, from_s3cmd, no_keys_of_s3cmd};
use super::endpoint_text::parse_endpoint;
use super::object::Object;
use super::settings::StoreSettings;
use super::{Source, Sourced, Warning};

/// Variables with an endpoint, the first that is set counts: those of the AWS tools, those of the
/// IBM
/// documentation, and those of libraries.
pub(super) const ENDPOINT_VARIABLES: [&str; 6] = [
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "COS_ENDPOINT",
    "IBMCLOUD_COS_ENDPOINT",
    "S3_ENDPOINT_URL",
    "S3_ENDPOINT",
];

impl StoreSettings<'_> {
    pub(super) fn provider_option(&self) -> Result<Option<&'static Provider>, Failure> {
        let Some(name) = &self.args.provider else {
            return Ok(None);
        };
        match find_provider(name) {
            Some(provider) => Ok(Some(provider)),
            None => {
                let ids: Vec<&str> = PROVIDERS.iter().map(|p| p.id).collect();
                Err(
                    Failure::usage(format!("unknown store `{name}` (--provider)")).hint(format!(
                        "use one of {}, or give `--endpoint URL` instead",
                        ids.join(", ")
                    )),
                )
            }
        }
    }

    pub(super) fn network(&self) -> Network {
        match self.args.network {
            None | Some(NetworkArg::Public) => Network::Public,
            Some(NetworkArg::Private) => Network::Private,
            Some(NetworkArg::Direct) => Network::Direct,
        }
    }

    /// The endpoint, from the most to the least explicit: the target's own, `--endpoint`, a store
    /// named by `--provider`, by `cos://` or by a region that only one store has, then environment
    /// and profile, then the store of a configured region.
    ///
    /// A region of Amazon S3 names no store when an endpoint is configured, since every other store
    /// has adopted those names.
    pub(super) fn endpoint(
        &self,
        object: &Object,
        provider: Option<&'static Provider>,
    ) -> Result<Sourced<Endpoint>, Failure> {
        if let Some(endpoint) = &object.endpoint {
            self.refuse_network("the address of the target")?;
            self.refuse_another_endpoint(endpoint)?;
            return Ok(endpoint.clone());
        }
        if let Some(text) = &self.args.endpoint {
            self.refuse_network("--endpoint")?;
            return Ok(Sourced::new(
                parse_endpoint("--endpoint", text)?,
                Source::Option("--endpoint"),
            ));
        }
        if let Some(location) = &object.location {
            if let Some(other) = provider.filter(|p| !p.is_ibm()) {
                return Err(Failure::usage(format!(
                    "the TARGET is in IBM COS (cos://), but --provider is {}",
                    other.id
                ))
                .hint("remove --provider, or write the TARGET as BUCKET/KEY"));
            }
            let Some(ibm) = find_provider("ibm") else {
                return Err(nothing_known(object));
            };
            return self.table_endpoint(ibm, location);
        }
        if let Some(provider) = provider {
            return self.endpoint_of_provider(provider, object);
        }
        if let Some(region) = &self.args.region
            && let [provider] = providers_of_region(region)[..]
            && !provider.is_aws()
        {
            return self.table_endpoint(provider, region);
        }
        if let Some(configured) = self.configured_endpoint(None)? {
            return Ok(configured);
        }
        self.endpoint_of_region(object)
    }

    /// The endpoint of a store that is named.
    fn endpoint_of_provider(
        &self,
        provider: &'static Provider,
        object: &Object,
    ) -> Result<Sourced<Endpoint>, Failure> {
        if let Some(configured) = self.configured_endpoint(Some(provider))? {
            return Ok(configured);
        }
        match self.region_for_table(provider)? {
            Some(region) => self.table_endpoint(provider, &region),
            None if !provider.has_endpoint() => Err(no_endpoint_given(provider)),
            None => Err(Failure::configuration(match &object.store {
                None => format!("--provider {} needs a region", provider.id),
                Some((_, form)) => format!(
                    "the TARGET ({form}) does not name the region of {}",
                    provider.name
                ),
            })
            .hint(match &object.store {
                None => region_hint(provider),
                Some(_) => format!(
                    "add it, as in `{}`",
                    with_region(CommandLine::options(), provider)
                ),
            })),
        }
    }

    /// The endpoint of the only store that has the configured region.
    fn endpoint_of_region(&self, object: &Object) -> Result<Sourced<Endpoint>, Failure> {
        let region = match &self.args.region {
            Some(region) => Some(Sourced::new(region.clone(), Source::Option("--region"))),
            None => self.region_of_environment()?,
        };
        let Some(region) = region else {
            return Err(nothing_known(object));
        };
        match providers_of_region(&region.value)[..] {
            [provider] => self.table_endpoint(provider, &region.value),
            [] => Err(Failure::configuration(format!(
                "unknown region `{}` ({}), and no endpoint given",
                region.value, region.source
            ))
            .hint(match suggest_region(&region.value, None) {
                Some(meant) => format!(
                    "did you mean `{}`?",
                    CommandLine::options().option("--region", meant)
                ),
                None => format!(
                    "add the endpoint: `{}`",
                    CommandLine::options()
                        .fixed_option("--endpoint", "https://HOST")
                        .option("--region", &region.value)
                ),
            })),
            ref several => {
                let ids: Vec<&str> = several.iter().map(|p| p.id).collect();
                Err(Failure::configuration(format!(
                    "the region `{}` ({}) is one of several stores: {}",
                    region.value,
                    region.source,
                    ids.join(", ")
                ))
                .hint(format!(
                    "say which: `{}`, or give `--endpoint URL`",
                    CommandLine::options().option("--provider", ids[0])
                )))
            }
        }
    }

    /// An account's own endpoint, or what the table has for its store and region.
    pub(super) fn endpoint_of_account(
        &self,
        account: &Remote,
    ) -> Result<Sourced<Endpoint>, Failure> {
        self.refuse_network(&format!("the {}", account.source))?;
        let source = &account.source;
        if let Some(text) = &account.endpoint {
            return Ok(Sourced::new(
                parse_endpoint(&format!("the endpoint of the {source}"), text)?,
                source.clone(),
            ));
        }
        let unknown = || {
            Failure::configuration(format!("the {source} has no endpoint"))
                .hint("add `--endpoint https://HOST`")
        };
        let of_region = || match providers_of_region(account.region.as_deref()?)[..] {
            [provider] => Some(provider),
            _ => None,
        };
        let provider = account.provider.or_else(of_region).ok_or_else(unknown)?;
        let region = self
            .args
            .region
            .as_deref()
            .or(account.region.as_deref())
            .or(provider.default_region);
        let region = region.or(account.usual_region).ok_or_else(unknown)?;
        self.table_endpoint_on(
            account.rules.network.unwrap_or(self.network()),
            provider,
            region,
        )
    }

    /// The account of s3cmd, if an option names it, or if nothing else names store or keys: both
    /// come from it together.
    pub(super) fn s3cmd(&self, object: &Object) -> Result<Option<Remote>, Failure> {
        let pinned = self.files.pin() == Some(CredentialsFrom::S3cmd);
        if !pinned {
            let given =
                object.endpoint.is_some() || object.location.is_some() || !self.service_is_s3;
            let args = self.args;
            if given
                || args.endpoint.is_some()
                || args.provider.is_some()
                || args.region.is_some()
                || self.files.pin().is_some()
            {
                return Ok(None);
            }
            if self.any_configured_endpoint()?.is_some()
                || self.region_of_environment()?.is_some()
                || self.files.usual_keys_exist()
            {
                return Ok(None);
            }
        }
        match from_s3cmd(self.env, object.bucket.as_deref())? {
            Some(account)
                if account.endpoint.is_some()
                    && (self.args.endpoint.is_none() && object.endpoint.is_none()) =>
            {
                Ok(Some(account))
            }
            // An address names the store itself; the keys are found by the signers.
            Some(_) => Ok(None),
            None if pinned => Err(no_keys_of_s3cmd()),
            None => Ok(None),
        }
    }

    pub(super) fn refuse_network(&self, what: &str) -> Result<(), Failure> {
        match self.args.network {
            None => Ok(()),
            Some(_) => Err(Failure::usage(format!(
                "--network chooses an endpoint from the table, and {what} gives one already"
            ))
            .hint("remove --network, or give `--region` instead of the endpoint")),
        }
    }

    /// An address as the TARGET contains its endpoint: another one would have no effect.
    fn refuse_another_endpoint(&self, of_target: &Sourced<Endpoint>) -> Result<(), Failure> {
        let Some(text) = &self.args.endpoint else {
            return Ok(());
        };
        let option = parse_endpoint("--endpoint", text)?;
        let is_below = |host: &str, other: &str| {
            host.strip_suffix(other)
                .is_some_and(|bucket| bucket.is_empty() || bucket.ends_with('.'))
        };
        if is_below(&of_target.value.host(), &option.host())
            || is_below(&option.host(), &of_target.value.host())
        {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "the TARGET is at `{}`, but --endpoint is `{option}`",
            of_target.value
        ))
        .hint(
            "remove --endpoint, or write the TARGET as BUCKET/KEY; the host that recipients use is \
             `--public-endpoint URL`",
        ))
    }

    pub(super) fn table_endpoint(
        &self,
        provider: &'static Provider,
        region: &str,
    ) -> Result<Sourced<Endpoint>, Failure> {
        self.table_endpoint_on(self.network(), provider, region)
    }

    fn table_endpoint_on(
        &self,
        network: Network,
        provider: &'static Provider,
        region: &str,
    ) -> Result<Sourced<Endpoint>, Failure> {
        // The table is not exhaustive, but these two stores share no region names.
        if let [owner] = providers_of_region(region)[..]
            && owner.id != provider.id
            && (owner.is_ibm() || owner.is_aws())
            && (provider.is_ibm() || provider.is_aws())
        {
            return Err(Failure::usage(format!(
                "`{region}` is a region of {}, not of {}",
                owner.name, provider.name
            ))
            .hint(region_hint(provider)));
        }
        let region =
            match provider.known_region(region) {
                Some(known)
                    if known.eq_ignore_ascii_case(region)
                        || known.eq_ignore_ascii_case(provider.without_prefix(region)) =>
                {
                    known
                }
                Some(_) => region,
                None => match provider
                    .region_of_label(region)
                    .or_else(|| suggest_region(region, Some(provider)))
                {
                    None => region,
                    // A host made from a typing error would be another one's, or none at all.
                    Some(meant) => {
                        return Err(Failure::usage(format!(
                        "unknown region `{region}` of {}",
                        provider.name
                    ))
                    .hint(format!(
                        "did you mean `{}`? a region that is not in the table needs its endpoint: \
                            `{}`",
CommandLine::options().option("--region", meant),
CommandLine::options().fixed_option("--endpoint", "https://HOST").option("--region", region)
                    )));
                    }
                },
            };
        let url = provider.endpoint(region, network).ok_or_else(|| {
            if provider.has_endpoint() && !provider.has_network(network) {
                Failure::usage(format!(
                    "{} has no {} network",
                    provider.name,
                    network.as_str()
                ))
                .hint("remove --network")
            } else if provider.has_endpoint() {
                Failure::usage(format!("unknown region `{region}` of {}", provider.name))
                    .hint(region_hint(provider))
            } else {
                no_endpoint_given(provider)
            }
        })?;
        let endpoint = Endpoint::parse(&url)
            .ok()
            .filter(|endpoint| endpoint.recognize().is_some());
        let endpoint = endpoint.ok_or_else(|| {
            Failure::usage(format!(
                "`{region}` cannot be a region of {}",
                provider.name
            ))
            .hint(region_hint(provider))
        })?;
        Ok(Sourced::new(endpoint, Source::Table(provider.name)))
    }

    /// `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` and `endpoint_url` of the profile, in botocore's
    /// order. Where a store was named, an endpoint that is known to be another store's is not its.
    pub(super) fn configured_endpoint(
        &self,
        provider: Option<&Provider>,
    ) -> Result<Option<Sourced<Endpoint>>, Failure> {
        let Some(found) = self.any_configured_endpoint()? else {
            return Ok(None);
        };
        let of_another = match (provider, found.value.recognize()) {
            (Some(provider), Some(recognized)) => recognized.provider != provider.id,
            // A store with hosts of its own is not at an unknown address.
            (Some(provider), None) => provider.has_endpoint(),
            (None, _) => false,
        };
        Ok((!of_another).then_some(found))
    }

    pub(super) fn any_configured_endpoint(&self) -> Result<Option<Sourced<Endpoint>>, Failure> {
        if let Some(text) = &self.args.endpoint {
            return Ok(Some(Sourced::new(
                parse_endpoint("--endpoint", text)?,
                Source::Option("--endpoint"),
            )));
        }
        let ignored = self.files.ignores_configured_endpoints()?;
        for name in ENDPOINT_VARIABLES {
            if let Some(text) = self
                .env
                .text(name)?
                .filter(|_| !(ignored && name.starts_with("AWS_")))
            {
                return Ok(Some(Sourced::new(
                    parse_endpoint(&format!("`{name}`"), text)?,
                    Source::Variable(name),
                )));
            }
        }
        let Some(profile) = self.files.profile()?.filter(|_| !ignored) else {
            return Ok(None);
        };
        let Some((url, file)) = profile.s3_endpoint_url()? else {
            return Ok(None);
        };
        let source = Source::Profile {
            name: profile.name.to_owned(),
            file: file.to_owned(),
        };
        Ok(Some(Sourced::new(
            parse_endpoint(&format!("`endpoint_url` of {source}"), url)?,
            source,
        )))
    }
}

/// An endpoint that begins with a bucket would give links with the bucket in them twice.
pub(super) fn check_endpoint_is_no_bucket(
    endpoint: &Sourced<Endpoint>,
    recognized: Option<&RecognizedHost>,
    args: &StoreArgs,
) -> Result<(), Failure> {
    let Some(bucket) = recognized
        .and_then(|r| r.bucket.as_ref())
        .filter(|_| args.addressing != Some(AddressingArg::BucketHost))
    else {
        return Ok(());
    };
    let without = endpoint
        .value
        .authority
        .get(bucket.len() + 1..)
        .unwrap_or_default();
    let option = if endpoint.source == Source::Option("--public-endpoint") {
        "--public-endpoint"
    } else {
        "--endpoint"
    };
    Err(Failure::usage(format!(
        "the endpoint `{}` ({}) begins with the bucket `{bucket}`",
        endpoint.value, endpoint.source
    ))
    .hint(format!(
        "give the endpoint of the store, `{option} {}://{without}`, and the bucket in the TARGET",
        endpoint.value.scheme.as_str()
    )))
}

/// The same where only the name suggests it: an endpoint may be called like one of its buckets.
pub(super) fn warn_about_bucket_in_endpoint(
    endpoint: &Sourced<Endpoint>,
    bucket: Option<&str>,
    args: &StoreArgs,
    warnings: &mut Vec<Warning>,
) {
    let host = endpoint.value.host();
    let Some(bucket) = bucket.filter(|_| args.addressing != Some(AddressingArg::BucketHost)) else {
        return;
    };
    let is_before_a_region = || {
        let rest = host.strip_prefix(bucket)?.strip_prefix('.')?;
        guess_host(rest)?.region
    };
    let is_bucket = guess_host(&host).and_then(|guess| guess.bucket) == Some(bucket)
        || is_before_a_region().is_some();
    if endpoint.value.recognize().is_some() || !is_bucket {
        return;
    }
    let without = format!(
        "{}://{}",
        endpoint.value.scheme.as_str(),
        &endpoint.value.authority[bucket.len() + 1..]
    );
    let option = CommandLine::options().option("--endpoint", &without);
    warnings.push(Warning::new(
        "bucket-in-endpoint",
        format!(
            "the endpoint `{}` ({}) begins with `{bucket}`, so that the bucket is in the URL \
             twice; if that is the bucket, give `{option}`",
            endpoint.value, endpoint.source
        ),
    ));
}

/// Dashboards show an endpoint with the bucket behind it; it would be in the URL twice.
pub(super) fn check_endpoint_ends_in_no_bucket(
    endpoint: &Sourced<Endpoint>,
    object: &Object,
    provider: Option<&Provider>,
    args: &StoreArgs,
) -> Result<(), Failure> {
    let base = &endpoint.value.base_path;
    let is_known = provider
        .and_then(|provider| provider.base_path)
        .is_some_and(|path| path.as_bytes() == base.as_slice());
    if base.is_empty() || is_known || args.base_path.is_some() {
        return Ok(());
    }
    let Some(bucket) = &object.bucket else {
        return Ok(());
    };
    let last = base.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let has_host_of_table = endpoint.value.recognize().is_some();
    if last != bucket.as_bytes() && !has_host_of_table {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(base).into_owned();
    let option = if endpoint.source == Source::Option("--public-endpoint") {
        "--public-endpoint"
    } else {
        "--endpoint"
    };
    let what = match last == bucket.as_bytes() {
        true => format!("ends in the bucket `{bucket}`, which would be in the URL twice"),
        false => format!("has the path `{shown}`, and endpoints of this store have none"),
    };
    Err(Failure::usage(format!(
        "the endpoint `{}` ({}) {what}",
        endpoint.value, endpoint.source
    ))
    .hint(format!(
        "give it without the path: `{option} {}://{}`; if all its paths begin so, add `{}`",
        endpoint.value.scheme.as_str(),
        endpoint.value.authority,
        CommandLine::options().option("--base-path", shown)
    )))
}

pub(super) fn warn_about_plain_http(endpoint: &Endpoint, warnings: &mut Vec<Warning>) {
    if endpoint.scheme == Scheme::Http {
        warnings.push(Warning::new(
            "http-endpoint",
            format!(
                "the URL of `{endpoint}` uses plain http: anyone on the way can read and use it"
            ),
        ));
    }
}

pub(super) fn warn_about_network(endpoint: &Endpoint, warnings: &mut Vec<Warning>) {
    let Some(recognized) = endpoint.recognize() else {
        return;
    };
    let Some(store) = find_provider(recognized.provider) else {
        return;
    };
    if recognized.network == Network::Public
        && let Some(region) = recognized.region.as_deref()
        && store.own_domain_regions.contains(&region)
    {
        let options = CommandLine::options()
            .fixed_option("--endpoint", "https://DOMAIN")
            .fixed_option("--addressing", "bucket-host")
            .option("--region", region);
        warnings.push(Warning::new(
            "own-domain-needed",
            format!(
                "new accounts of {} cannot use `{}`: sign for a domain of the bucket, `{options}`",
                store.name, endpoint.authority
            ),
        ));
    }
    let current = |network| store.endpoint(recognized.region.as_deref()?, network);
    if let Some(current) = current(recognized.network).filter(|_| recognized.is_legacy) {
        warnings.push(Warning::new(
            "legacy-endpoint",
            format!(
                "`{}` is a legacy endpoint; the current one of {} is {current}",
                endpoint.authority,
                // The usual short name.
                if store.is_ibm() {
                    "IBM COS"
                } else {
                    store.name
                }
            ),
        ));
    }
    if recognized.network == Network::Public {
        return;
    }
    let reach = match (recognized.network, store.is_ibm()) {
        (Network::Direct, _) => "a VPC of IBM Cloud".to_owned(),
        (_, true) => "IBM Cloud's private network".to_owned(),
        (_, false) => format!("the internal network of {}", store.name),
    };
    let named = format!("{}.", recognized.network.as_str());
    let public = match current(Network::Public) {
        Some(public) if recognized.is_legacy || !endpoint.authority.contains(&named) => {
            Some(public)
        }
        _ if endpoint.authority.contains(&named) => {
            let public = endpoint.authority.replacen(&named, "", 1);
            Some(format!("https://{public}"))
        }
        public => public,
    };
    let way_out = match public {
        Some(public) => format!(
            "for other recipients add {}",
            CommandLine::options().option("--public-endpoint", public)
        ),
        None => "for other recipients add --public-endpoint URL".to_owned(),
    };
    warnings.push(Warning::new(
        "private-endpoint",
        format!(
            "`{}` can be reached from {reach} only; {way_out}",
            endpoint.authority
        ),
    ));
}

pub(super) fn nothing_known(object: &Object) -> Failure {
    let bucket = object
        .bucket
        .as_deref()
        .unwrap_or("BUCKET")
        .escape_debug()
        .to_string();
    if let Some((remote, _)) = bucket.split_once(':') {
        return Failure::configuration(format!(
            "`{remote}:` is not a remote of rclone, and no endpoint, region or provider is given \
                for a bucket `{bucket}`"
        ))
        .hint(
            "`rclone listremotes` shows the remotes; for a bucket of that name give `--endpoint \
            https://HOST`",
        );
    }
    Failure {
        about_unknown_store: true,
        ..Failure::configuration(format!(
            "cannot determine the endpoint of `{bucket}`: no \
            endpoint, region or provider given"
        ))
    }
    .hint(
        "give its region or endpoint: `--region us-south` (IBM COS), `--region us-east-1` \
        (AWS), `--endpoint https://HOST`",
    )
}

/// The failure for a store that everyone runs at an endpoint of their own.
fn no_endpoint_given(provider: &Provider) -> Failure {
    let options = CommandLine::options()
        .option("--provider", provider.id)
        .fixed_option("--endpoint", "https://HOST");
    Failure::configuration(format!("no endpoint given for {}", provider.name))
        .hint(format!("add its endpoint: `{options}`"))
}

pub(super) fn region_hint(provider: &Provider) -> String {
    let options = CommandLine::options().option("--provider", provider.id);
    format!("name one: `{}`", with_region(options, provider))
}

fn with_region(options: CommandLine, provider: &Provider) -> CommandLine {
    let example = match provider.is_aws() {
        true => Some(&"us-east-1"),
        false => provider.regions.first(),
    };
    match example {
        Some(region) => options.option("--region", region),
        None => options.fixed_option("--region", "REGION"),
    }
}
