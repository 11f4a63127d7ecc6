//! Where: endpoint, region, store and addressing of one target.

use crate::cli::{AddressingArg, NetworkArg, StoreArgs};
use crate::env::Env;
use crate::error::Failure;
use crate::sigv4::Scheme;
use crate::store::{
    Address, Addressing, AddressingSupport, BucketError, Endpoint, EndpointError, Network, Provider, RecognizedHost, Target,
    check_bucket, find_provider, is_dns_compatible, is_unlikely_bucket, providers_of_region, without_storage_class,
};

use super::{Files, Source, Sourced, Warning};

/// The region of stores that do not look at it, and of those that nobody has told us about.
const REGION_OF_LAST_RESORT: &str = "us-east-1";

/// A target with everything that decides where its link leads.
#[derive(Debug)]
pub struct Place {
    /// The endpoint that is signed: the public one, where there is one.
    pub endpoint: Sourced<Endpoint>,
    /// The endpoint that was configured, where another one is signed.
    pub internal_endpoint: Option<Sourced<Endpoint>>,
    /// Region of the scope.
    pub region: Sourced<String>,
    /// The store, if it is known.
    pub provider: Option<&'static Provider>,
    /// Addressing.
    pub addressing: Addressing,
    /// Bucket; none for a request to the store itself.
    pub bucket: Option<String>,
    /// Key, byte for byte.
    pub key: Option<Vec<u8>>,
    /// Version that was part of an address.
    pub version_id: Option<Vec<u8>>,
    /// The path of an address as it was typed; for services that are not stores.
    pub path_as_sent: Option<String>,
    /// Host and path of the URL.
    pub address: Address,
    /// What should be told.
    pub warnings: Vec<Warning>,
}

/// A bucket and key, and what the target itself says about the endpoint.
struct Object {
    bucket: Option<String>,
    key: Option<Vec<u8>>,
    version_id: Option<Vec<u8>>,
    path_as_sent: Option<String>,
    endpoint: Option<Sourced<Endpoint>>,
    addressing: Option<Addressing>,
    location: Option<String>,
}

impl Object {
    fn new(bucket: Option<String>, key: Option<Vec<u8>>) -> Self {
        Object { bucket, key, version_id: None, path_as_sent: None, endpoint: None, addressing: None, location: None }
    }
}

/// Settings of the store that hold for every target; read once.
pub struct StoreSettings<'a> {
    args: &'a StoreArgs,
    env: &'a Env,
    files: &'a Files<'a>,
    service_is_s3: bool,
}

impl<'a> StoreSettings<'a> {
    /// Takes what is needed; nothing is read yet.
    pub fn new(args: &'a StoreArgs, env: &'a Env, files: &'a Files<'a>, service: &str) -> Self {
        StoreSettings { args, env, files, service_is_s3: service == "s3" }
    }

    /// Works out where a target is.
    ///
    /// # Errors
    /// A bucket that cannot exist, an endpoint that is none, or nothing known about the store.
    pub fn place(&self, target: &Target) -> Result<Place, Failure> {
        let object = self.object(target)?;
        let provider = self.provider_option()?;
        let configured = self.endpoint(&object, provider)?;
        let recognized = configured.value.recognize();
        let provider = provider.or_else(|| recognized.as_ref().and_then(|r| find_provider(r.provider)));
        let mut warnings = Vec::new();
        if self.service_is_s3 {
            check_endpoint_is_no_bucket(&configured, recognized.as_ref(), self.args)?;
        }
        if let Some(bucket) = &object.bucket {
            check_bucket(bucket, provider).map_err(|error| impossible_bucket(bucket, &error))?;
            if let Some(store) = provider.filter(|p| is_unlikely_bucket(bucket, p)) {
                let rule = "names have 3 to 63 lower-case letters, digits, `.` and `-`";
                warnings.push(Warning::new(
                    "unlikely-bucket",
                    format!("{} will hardly have a bucket `{bucket}`: its {rule}", store.name),
                ));
            }
        }
        let region = self.region(&object, &configured, recognized.as_ref(), provider, &mut warnings)?;
        let public = self.args.public_endpoint.as_deref().map(|text| parse_endpoint("--public-endpoint", text)).transpose()?;
        let (endpoint, internal_endpoint) = match public {
            Some(public) => (Sourced::new(public, Source::Option("--public-endpoint")), Some(configured)),
            None => (configured, None),
        };
        let addressing = self.addressing(&object, &endpoint, provider, &mut warnings)?;
        warn_about_network(&endpoint.value, &mut warnings);
        if endpoint.value.scheme == Scheme::Http {
            warnings.push(Warning::new(
                "http-endpoint",
                format!("the link to `{}` goes over http: everyone on the way can read and use it", endpoint.value),
            ));
        }
        let address = Address::new(&endpoint.value, addressing, object.bucket.as_deref(), object.key.as_deref());
        Ok(Place {
            endpoint,
            internal_endpoint,
            region,
            provider,
            addressing,
            bucket: object.bucket,
            key: object.key,
            version_id: object.version_id,
            path_as_sent: object.path_as_sent,
            address,
            warnings,
        })
    }

    fn object(&self, target: &Target) -> Result<Object, Failure> {
        match target {
            Target::Service => Ok(Object::new(None, None)),
            Target::Bucket { location, bucket, key } => {
                let mut object = Object::new(Some(bucket.clone()), key.clone());
                object.location = location.clone();
                Ok(object)
            }
            Target::Address { origin, path_as_sent, path, version_id } => {
                let origin = parse_endpoint("the address", origin)?;
                let mut object =
                    if self.service_is_s3 { self.object_of_address(origin, path)? } else { of_other_service(origin, path) };
                object.version_id = version_id.clone();
                object.path_as_sent = Some(path_as_sent.clone());
                Ok(object)
            }
        }
    }

    /// Finds bucket and key in an object's address: by the store's host names, by the configured endpoint, or, where
    /// neither is known, as path style.
    fn object_of_address(&self, origin: Endpoint, path: &[u8]) -> Result<Object, Failure> {
        let key_of = |path: &[u8]| path.strip_prefix(b"/").filter(|key| !key.is_empty()).map(<[u8]>::to_vec);
        let virtual_host = |bucket: &str, authority: String, base_path: Vec<u8>, path: &[u8]| {
            let mut object = Object::new(Some(bucket.to_owned()), key_of(path));
            object.endpoint = Some(Sourced::new(Endpoint { scheme: origin.scheme, authority, base_path }, Source::Target));
            object.addressing = Some(Addressing::Virtual);
            object
        };
        if self.args.addressing == Some(AddressingArg::BucketHost) {
            let mut object = Object::new(Some(origin.host()), key_of(path));
            object.endpoint = Some(Sourced::new(origin, Source::Target));
            return Ok(object);
        }
        if let Some(RecognizedHost { bucket: Some(bucket), .. }) = origin.recognize() {
            let authority = origin.authority[bucket.len() + 1..].to_owned();
            return Ok(virtual_host(&bucket, authority, Vec::new(), path));
        }
        let configured = self.configured_endpoint(None)?.filter(|c| c.value.scheme == origin.scheme);
        if let Some(configured) = &configured {
            let base = &configured.value.base_path;
            let authority = configured.value.authority.to_ascii_lowercase();
            let below_base = path.strip_prefix(base.as_slice()).filter(|rest| rest.is_empty() || rest.starts_with(b"/"));
            if let (Some(rest), Some(bucket)) = (
                below_base,
                origin
                    .authority
                    .to_ascii_lowercase()
                    .strip_suffix(&authority)
                    .and_then(|front| front.strip_suffix('.'))
                    .filter(|b| !b.is_empty()),
            ) {
                return Ok(virtual_host(bucket, configured.value.authority.clone(), base.clone(), rest));
            }
            if let Some(rest) = below_base.filter(|_| origin.authority.to_ascii_lowercase() == authority) {
                return Ok(path_style(configured.value.clone(), rest));
            }
        }
        if self.args.addressing == Some(AddressingArg::Virtual)
            && let Some((bucket, authority)) = origin.authority.split_once('.')
        {
            return Ok(virtual_host(bucket, authority.to_owned(), Vec::new(), path));
        }
        if origin.host().ends_with(".supabase.co")
            && let Some(rest) = path.strip_prefix(b"/storage/v1/s3")
        {
            return Ok(path_style(Endpoint { base_path: b"/storage/v1/s3".to_vec(), ..origin }, rest));
        }
        Ok(path_style(origin, path))
    }

    fn provider_option(&self) -> Result<Option<&'static Provider>, Failure> {
        let Some(name) = &self.args.provider else { return Ok(None) };
        match find_provider(name) {
            Some(provider) => Ok(Some(provider)),
            None => {
                let ids: Vec<&str> = crate::store::PROVIDERS.iter().map(|p| p.id).collect();
                Err(Failure::usage(format!("--provider `{name}` is not a store that is known"))
                    .hint(format!("use one of {}, or give `--endpoint URL` instead", ids.join(", "))))
            }
        }
    }

    fn network(&self) -> Network {
        match self.args.network {
            None | Some(NetworkArg::Public) => Network::Public,
            Some(NetworkArg::Private) => Network::Private,
            Some(NetworkArg::Direct) => Network::Direct,
        }
    }

    /// The endpoint, from the most to the least explicit: the target's own, `--endpoint`, a store named by `--provider`, by
    /// `cos://` or by a region that only one store has, then environment and profile, then the store of a configured region.
    ///
    /// A region of AWS's names no store when an endpoint is configured, since every other store took over AWS's names.
    fn endpoint(&self, object: &Object, provider: Option<&'static Provider>) -> Result<Sourced<Endpoint>, Failure> {
        if let Some(endpoint) = &object.endpoint {
            self.refuse_network("the address of the target")?;
            return Ok(endpoint.clone());
        }
        if let Some(text) = &self.args.endpoint {
            self.refuse_network("--endpoint")?;
            return Ok(Sourced::new(parse_endpoint("--endpoint", text)?, Source::Option("--endpoint")));
        }
        if let Some(location) = &object.location {
            let Some(ibm) = find_provider("ibm") else { return Err(nothing_known(object)) };
            return self.table_endpoint(ibm, location);
        }
        if let Some(provider) = provider {
            if let Some(configured) = self.configured_endpoint(Some(provider))? {
                return Ok(configured);
            }
            return match self.region_for_table(provider)? {
                Some(region) => self.table_endpoint(provider, &region),
                None if !provider.has_endpoint() => {
                    Err(Failure::configuration(format!("{} has no endpoint of its own", provider.name))
                        .hint(format!("add its address: `--provider {} --endpoint https://HOST`", provider.id)))
                }
                None => {
                    Err(Failure::configuration(format!("--provider {} needs a region", provider.id)).hint(region_hint(provider)))
                }
            };
        }
        if let Some(region) = &self.args.region {
            match providers_of_region(region)[..] {
                [provider] if !provider.is_aws() => return self.table_endpoint(provider, region),
                [aws] => {
                    return match self.configured_endpoint(None)? {
                        Some(configured) => Ok(configured),
                        None => self.table_endpoint(aws, region),
                    };
                }
                _ => {}
            }
        }
        if let Some(configured) = self.configured_endpoint(None)? {
            return Ok(configured);
        }
        let region = match &self.args.region {
            Some(region) => Some(Sourced::new(region.clone(), Source::Option("--region"))),
            None => self.configured_region()?,
        };
        let Some(region) = region else { return Err(nothing_known(object)) };
        match providers_of_region(&region.value)[..] {
            [provider] => self.table_endpoint(provider, &region.value),
            [] => Err(Failure::configuration(format!(
                "the region `{}` ({}) names no store that is known, and there is no endpoint",
                region.value, region.source
            ))
            .hint(format!(
                "add the store or its address: `--provider ibm --region {0}`, `--endpoint https://HOST --region {0}`",
                region.value
            ))),
            ref several => {
                let ids: Vec<&str> = several.iter().map(|p| p.id).collect();
                Err(Failure::configuration(format!(
                    "the region `{}` ({}) is one of several stores: {}",
                    region.value,
                    region.source,
                    ids.join(", ")
                ))
                .hint(format!("say which: `--provider {}`, or give `--endpoint URL`", ids[0])))
            }
        }
    }

    fn refuse_network(&self, what: &str) -> Result<(), Failure> {
        match self.args.network {
            None => Ok(()),
            Some(_) => Err(Failure::usage(format!("--network chooses an endpoint from the table, and {what} gives one already"))
                .hint("leave out --network, or give `--region` instead of the endpoint")),
        }
    }

    fn table_endpoint(&self, provider: &'static Provider, region: &str) -> Result<Sourced<Endpoint>, Failure> {
        let network = self.network();
        let url = provider.endpoint(region, network).ok_or_else(|| {
            if provider.has_endpoint() && !provider.has_network(network) {
                Failure::usage(format!("{} has no {} network", provider.name, network.as_str())).hint("leave out --network")
            } else {
                Failure::configuration(format!("{} has no endpoint of its own", provider.name))
                    .hint(format!("add its address: `--provider {} --endpoint https://HOST`", provider.id))
            }
        })?;
        let endpoint = Endpoint::parse(&url).ok().filter(|endpoint| endpoint.recognize().is_some());
        let endpoint = endpoint.ok_or_else(|| {
            Failure::usage(format!("`{region}` cannot be a region of {}", provider.name)).hint(region_hint(provider))
        })?;
        Ok(Sourced::new(endpoint, Source::Table(provider.name)))
    }

    /// `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` and `endpoint_url` of the profile, in botocore's order. Where a store was
    /// named, an endpoint that is known to be another store's is not its.
    fn configured_endpoint(&self, provider: Option<&Provider>) -> Result<Option<Sourced<Endpoint>>, Failure> {
        let Some(found) = self.any_configured_endpoint()? else { return Ok(None) };
        let of_another = match (provider, found.value.recognize()) {
            (Some(provider), Some(recognized)) => recognized.provider != provider.id,
            // A store with hosts of its own is not at an unknown address.
            (Some(provider), None) => provider.has_endpoint(),
            (None, _) => false,
        };
        Ok((!of_another).then_some(found))
    }

    fn any_configured_endpoint(&self) -> Result<Option<Sourced<Endpoint>>, Failure> {
        if let Some(text) = &self.args.endpoint {
            return Ok(Some(Sourced::new(parse_endpoint("--endpoint", text)?, Source::Option("--endpoint"))));
        }
        if self.env.text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.is_some_and(|v| v.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        for name in ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] {
            if let Some(text) = self.env.text(name)? {
                return Ok(Some(Sourced::new(parse_endpoint(&format!("`{name}`"), text)?, Source::Variable(name))));
            }
        }
        let Some(profile) = self.files.profile()? else { return Ok(None) };
        let Some((url, file)) = profile.s3_endpoint_url()? else { return Ok(None) };
        let source = Source::Profile { name: profile.name.to_owned(), file: file.to_owned() };
        Ok(Some(Sourced::new(parse_endpoint(&format!("`endpoint_url` of {source}"), url)?, source)))
    }

    fn region_variable(&self) -> Result<Option<Sourced<String>>, Failure> {
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let Some(region) = self.env.text(name)? {
                return Ok(Some(Sourced::new(region.to_owned(), Source::Variable(name))));
            }
        }
        Ok(None)
    }

    fn region_of_profile(&self) -> Result<Option<Sourced<String>>, Failure> {
        let Some(profile) = self.files.profile()? else { return Ok(None) };
        Ok(profile.get("region").map(|(region, file)| {
            Sourced::new(region.to_owned(), Source::Profile { name: profile.name.to_owned(), file: file.to_owned() })
        }))
    }

    fn configured_region(&self) -> Result<Option<Sourced<String>>, Failure> {
        match self.region_variable()? {
            Some(region) => Ok(Some(region)),
            None => self.region_of_profile(),
        }
    }

    /// The region from which the table makes an endpoint. One that is configured for another store does not count.
    fn region_for_table(&self, provider: &Provider) -> Result<Option<String>, Failure> {
        if let Some(region) = &self.args.region {
            return Ok(Some(region.clone()));
        }
        if !provider.needs_region() {
            return Ok(provider.default_region.filter(|_| provider.has_endpoint()).map(str::to_owned));
        }
        let configured = self.configured_region()?.map(|region| region.value);
        let known = |region: &String| {
            provider.is_aws()
                || provider.regions.contains(&region.as_str())
                || provider.regions.contains(&without_storage_class(region))
        };
        Ok(configured.filter(known).or_else(|| provider.default_region.map(str::to_owned)))
    }

    /// The region of the scope: given, or set beside the endpoint, or read off the host, or configured, or the store's usual.
    fn region(
        &self,
        object: &Object,
        endpoint: &Sourced<Endpoint>,
        recognized: Option<&RecognizedHost>,
        provider: Option<&Provider>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Sourced<String>, Failure> {
        let stated = recognized.and_then(|r| r.region.clone());
        let given = self.args.region.clone().map(|region| Sourced::new(region, Source::Option("--region")));
        let beside = match &endpoint.source {
            Source::Variable(_) => self.region_variable()?,
            Source::Profile { .. } => self.region_of_profile()?,
            _ => None,
        };
        let of_target = object.location.clone().map(|location| Sourced::new(location, Source::Target));
        let from_host = stated.clone().map(|region| Sourced::new(region, Source::HostName));
        let mut region = given.or(of_target).or(beside).or(from_host);
        if region.is_none() {
            region = self.configured_region()?;
        }
        if region.is_none() {
            region = provider.and_then(|p| p.default_region.map(|region| Sourced::new(region.to_owned(), Source::Table(p.name))));
        }
        let region = region.unwrap_or_else(|| {
            warnings.push(Warning::new(
                "region-guessed",
                format!("nothing names the region of `{}`, so the link is signed for `{REGION_OF_LAST_RESORT}`; if the store refuses it, give --region", endpoint.value),
            ));
            Sourced::new(REGION_OF_LAST_RESORT.to_owned(), Source::Default)
        });
        if let Some(stated) = stated.filter(|stated| *stated != region.value && provider.is_some_and(|p| p.checks_region)) {
            warnings.push(Warning::new(
                "region-differs",
                format!(
                    "the host `{}` is of the region `{stated}`, but the link is signed for `{}` ({})",
                    endpoint.value.authority, region.value, region.source
                ),
            ));
        }
        Ok(region)
    }

    fn addressing(
        &self,
        object: &Object,
        endpoint: &Sourced<Endpoint>,
        provider: Option<&Provider>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Addressing, Failure> {
        let asked = match self.args.addressing {
            Some(AddressingArg::Path) => Some((Addressing::Path, "--addressing path".to_owned())),
            Some(AddressingArg::Virtual) => Some((Addressing::Virtual, "--addressing virtual".to_owned())),
            Some(AddressingArg::BucketHost) => return Ok(Addressing::BucketHost),
            Some(AddressingArg::Auto) => None,
            None => match object.addressing {
                Some(addressing) => Some((addressing, "the address of the target".to_owned())),
                None => self.addressing_of_profile()?,
            },
        };
        let Some(bucket) = &object.bucket else { return Ok(Addressing::Path) };
        let support = provider.map_or(AddressingSupport::Both, |p| p.addressing);
        let name = provider.map_or("the store", |p| p.name);
        let Some((addressing, by)) = asked else {
            let from_table = matches!(endpoint.source, Source::Table(_));
            let accelerated = endpoint.value.host().starts_with("s3-accelerate.");
            let virtual_by_default = support == AddressingSupport::VirtualOnly
                || accelerated
                || (from_table && provider.is_some_and(Provider::is_aws));
            let addressing = if virtual_by_default && is_dns_compatible(bucket) { Addressing::Virtual } else { Addressing::Path };
            return Ok(addressing);
        };
        match addressing {
            Addressing::Virtual if support == AddressingSupport::PathOnly => {
                return Err(Failure::usage(format!("{by}, but {name} serves path style only")).hint("use `--addressing path`"));
            }
            Addressing::Virtual if endpoint.value.is_ip_address() => {
                return Err(Failure::usage(format!(
                    "{by}, but no bucket can stand before the address `{}`",
                    endpoint.value.authority
                ))
                .hint("use `--addressing path`, or an endpoint with a name"));
            }
            Addressing::Virtual if bucket.bytes().any(|b| b.is_ascii_uppercase() || b == b'_' || b == b':') => {
                return Err(Failure::usage(format!("{by}, but the bucket `{bucket}` cannot be part of a host name"))
                    .hint("use `--addressing path`"));
            }
            Addressing::Virtual if bucket.contains('.') && endpoint.value.scheme == Scheme::Https => warnings.push(Warning::new(
                "dots-in-virtual-host",
                format!(
                    "the bucket `{bucket}` has dots, so TLS certificates for `*.{}` do not cover the link; use --addressing path",
                    endpoint.value.authority
                ),
            )),
            Addressing::Path if support == AddressingSupport::VirtualOnly => {
                warnings.push(Warning::new(
                    "path-style-refused",
                    format!("{name} refuses path style for most buckets; use --addressing virtual"),
                ));
            }
            _ => {}
        }
        Ok(addressing)
    }

    fn addressing_of_profile(&self) -> Result<Option<(Addressing, String)>, Failure> {
        let Some(profile) = self.files.profile()? else { return Ok(None) };
        let Some((style, file)) = profile.get("s3.addressing_style") else { return Ok(None) };
        let by = format!("`addressing_style = {style}` in `{}`", file.display());
        match style {
            "path" => Ok(Some((Addressing::Path, by))),
            "virtual" => Ok(Some((Addressing::Virtual, by))),
            "auto" => Ok(None),
            _ => Err(Failure::configuration(format!("{by} is not an addressing style")).hint("use auto, path or virtual")),
        }
    }
}

fn path_style(endpoint: Endpoint, path: &[u8]) -> Object {
    let rest = path.strip_prefix(b"/").unwrap_or(path);
    let (bucket, key) = match rest.iter().position(|b| *b == b'/') {
        Some(slash) => (&rest[..slash], Some(rest[slash + 1..].to_vec())),
        None => (rest, None),
    };
    let bucket = String::from_utf8_lossy(bucket).into_owned();
    let mut object = Object::new((!bucket.is_empty()).then_some(bucket), key);
    object.endpoint = Some(Sourced::new(endpoint, Source::Target));
    object.addressing = Some(Addressing::Path);
    object
}

/// Services other than S3 have no buckets; the whole path is theirs.
fn of_other_service(origin: Endpoint, path: &[u8]) -> Object {
    let mut object = Object::new(None, path.strip_prefix(b"/").filter(|key| !key.is_empty()).map(<[u8]>::to_vec));
    object.endpoint = Some(Sourced::new(origin, Source::Target));
    object
}

fn region_hint(provider: &Provider) -> String {
    match provider.regions.first() {
        Some(region) => format!("name one: `--provider {} --region {region}`", provider.id),
        None => format!("name one: `--provider {} --region REGION`", provider.id),
    }
}

fn nothing_known(object: &Object) -> Failure {
    let bucket = object.bucket.as_deref().unwrap_or("BUCKET").escape_debug().to_string();
    Failure {
        about_unknown_store: true,
        ..Failure::configuration(format!("nothing says in which store `{bucket}` is: no endpoint, region or provider"))
    }
    .hint("name its region or address: `--region us-south` (IBM COS), `--region us-east-1` (AWS), `--endpoint https://HOST`")
}

fn impossible_bucket(bucket: &str, error: &BucketError) -> Failure {
    let shown: String = bucket.chars().flat_map(char::escape_debug).collect();
    let reason = match error {
        BucketError::Empty => "it is empty".to_owned(),
        BucketError::Length(length) => format!("it has {length} characters instead of 3 to 63"),
        BucketError::Character(c) => format!("it has a `{}` in it", c.escape_debug()),
        BucketError::Dots => "it is only dots".to_owned(),
        BucketError::Arn => "access point ARNs are not supported".to_owned(),
    };
    Failure::usage(format!("no bucket can be called `{shown}`: {reason}"))
        .hint("a TARGET is BUCKET/KEY; everything before the first slash is the bucket")
}

/// An endpoint that begins with a bucket would give links with the bucket in them twice.
fn check_endpoint_is_no_bucket(
    endpoint: &Sourced<Endpoint>,
    recognized: Option<&RecognizedHost>,
    args: &StoreArgs,
) -> Result<(), Failure> {
    let Some(bucket) = recognized.and_then(|r| r.bucket.as_ref()).filter(|_| args.addressing != Some(AddressingArg::BucketHost))
    else {
        return Ok(());
    };
    let without = endpoint.value.authority.get(bucket.len() + 1..).unwrap_or_default();
    Err(Failure::usage(format!("the endpoint `{}` ({}) begins with the bucket `{bucket}`", endpoint.value, endpoint.source))
        .hint(format!(
            "give the store's own address, `--endpoint {}://{without}`, and the bucket in the TARGET",
            endpoint.value.scheme.as_str()
        )))
}

fn warn_about_network(endpoint: &Endpoint, warnings: &mut Vec<Warning>) {
    let Some(recognized) = endpoint.recognize().filter(|r| r.network != Network::Public) else { return };
    let network = recognized.network.as_str();
    let reach = if recognized.network == Network::Private { "IBM Cloud's private network" } else { "a VPC of IBM Cloud" };
    let public = endpoint.authority.replacen(&format!("{network}."), "", 1);
    warnings.push(Warning::new(
        "private-endpoint",
        format!(
            "`{}` can be reached from {reach} only; for other recipients add --public-endpoint https://{public}",
            endpoint.authority
        ),
    ));
}

/// Reads an endpoint and says what is wrong with it and where it came from.
fn parse_endpoint(from: &str, text: &str) -> Result<Endpoint, Failure> {
    Endpoint::parse(text).map_err(|error| {
        let (what, hint) = match error {
            EndpointError::NoHost => {
                ("has no host", "give a host or URL: `https://s3.us-south.cloud-object-storage.appdomain.cloud`")
            }
            EndpointError::Scheme => {
                ("is neither http nor https", "begin it with `https://` or `http://`, or give the host alone")
            }
            EndpointError::UserInfo => {
                let what = "has a user name or password in it";
                // The text is not repeated: it holds a password.
                return Failure::usage(format!("the URL given as {from} {what}"))
                    .hint("give credentials by environment or file, and the endpoint without them");
            }
            EndpointError::QueryOrFragment => ("has a `?` or `#`", "give scheme, host and port only"),
            EndpointError::Port => ("has a port that is not a number from 1 to 65535", "write it as `https://host:9000`"),
            EndpointError::Host => ("has a host name that cannot be", "names outside ASCII are written in punycode: `xn--…`"),
            EndpointError::Brackets => ("has an IPv6 address without brackets", "write it as `http://[::1]:9000`"),
            EndpointError::Escape => {
                ("has a `%` that is not followed by two hexadecimal digits", "write a `%` in a path as `%25`")
            }
            EndpointError::IbmDirectory => (
                "is IBM's list of endpoints, not an endpoint",
                "name the bucket's location: `--region us-south`; `ibmcloud cos bucket-location-get --bucket NAME` tells it",
            ),
            EndpointError::IbmStaticWebsite => {
                ("is a host for static websites, which knows no signatures", "use the same host with `s3.` instead of `s3-web.`")
            }
            EndpointError::Cdn => {
                ("is a content delivery host, which knows no signatures", "use the store's own host: without `.cdn`")
            }
            EndpointError::Console => {
                ("is a page of a web console, not a store", "copy the object's own URL, or give BUCKET/KEY and --region")
            }
        };
        Failure::usage(format!("{from} `{text}` {what}")).hint(hint)
    })
}
