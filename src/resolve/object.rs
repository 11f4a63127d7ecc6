//! Which bucket and key a target means, and what the target itself says about the endpoint.

use crate::cli::AddressingArg;
use crate::error::Failure;
use crate::store::{
    AccessPoint, Addressing, ConsoleUrl, Endpoint, Provider, RecognizedHost, Target, TargetStore,
    find_provider, guess_host,
};

use super::accounts::Remote;
use super::endpoint_text::parse_endpoint;
use super::settings::StoreSettings;
use super::{Source, Sourced};

/// A bucket and key, and what the target itself says about the endpoint.
pub(super) struct Object {
    pub(super) bucket: Option<String>,
    pub(super) key: Option<Vec<u8>>,
    pub(super) version_id: Option<Vec<u8>>,
    pub(super) path_as_sent: Option<String>,
    pub(super) endpoint: Option<Sourced<Endpoint>>,
    pub(super) addressing: Option<Addressing>,
    pub(super) location: Option<String>,
    /// Whether it is `cos://BUCKET/KEY`.
    pub(super) is_cos_without_location: bool,
    /// The store that the target names, and how: `gs://`.
    pub(super) store: Option<(&'static Provider, String)>,
    /// The page of a web console from which bucket and key are read.
    pub(super) page: Option<ConsoleUrl>,
    /// The host before which a bucket was seen, although its store is not known.
    pub(super) guessed_host: Option<String>,
    pub(super) account: Option<Remote>,
}

impl Object {
    fn new(bucket: Option<String>, key: Option<Vec<u8>>) -> Self {
        Object {
            bucket,
            key,
            version_id: None,
            path_as_sent: None,
            endpoint: None,
            addressing: None,
            location: None,
            is_cos_without_location: false,
            store: None,
            page: None,
            guessed_host: None,
            account: None,
        }
    }
}

impl StoreSettings<'_> {
    pub(super) fn object(&self, target: &Target) -> Result<Object, Failure> {
        match target {
            Target::Service => Ok(Object::new(None, None)),
            Target::Bucket {
                location,
                bucket,
                key,
                ..
            } => {
                let mut object = Object::new(Some(bucket.clone()), key.clone());
                match location {
                    Some(TargetStore::IbmLocation(location)) => {
                        object.location = Some(location.clone());
                    }
                    Some(TargetStore::Scheme { scheme, provider }) => {
                        object.store =
                            find_provider(provider).map(|store| (store, format!("{scheme}://")));
                    }
                    Some(TargetStore::Console(page)) => self.add_page(&mut object, page)?,
                    Some(TargetStore::CosWithoutLocation) => object.is_cos_without_location = true,
                    None => {}
                }
                Ok(object)
            }
            Target::AccessPoint { access_point, key } => {
                self.access_point(access_point, key.clone())
            }
            Target::Address {
                origin,
                path_as_sent,
                path,
                version_id,
            } => {
                let origin = parse_endpoint("the address", origin)?;
                let mut object = if self.service_is_s3 {
                    self.object_of_address(origin, path)?
                } else {
                    of_other_service(origin, path)
                };
                object.version_id = version_id.clone();
                object.path_as_sent = Some(path_as_sent.clone());
                Ok(object)
            }
        }
    }

    /// What a page of a web console says about the endpoint.
    fn add_page(&self, object: &mut Object, page: &ConsoleUrl) -> Result<(), Failure> {
        object.store = find_provider(page.provider).map(|store| (store, "web console".to_owned()));
        object.version_id = page.version_id.clone();
        if let Some(endpoint) = &page.endpoint
            && self.args.endpoint.is_none()
        {
            let endpoint = parse_endpoint("the TARGET", endpoint)?;
            // As for --region, so that the addressing is that of the store.
            let source = match &object.store {
                Some((store, _)) => Source::Table(store.name),
                None => Source::Target,
            };
            object.endpoint = Some(Sourced::new(endpoint, source));
        }
        object.page = Some(page.clone());
        Ok(())
    }

    /// An access point is a bucket with a host of its own.
    fn access_point(
        &self,
        access_point: &AccessPoint,
        key: Option<Vec<u8>>,
    ) -> Result<Object, Failure> {
        let mut object = Object::new(Some(access_point.host_label()), key);
        object.addressing = Some(Addressing::Virtual);
        // Other host names for the same, dualstack, FIPS and VPC endpoints, are for `--endpoint`.
        if self.args.endpoint.is_none() {
            let host = access_point.endpoint_host();
            object.endpoint = Some(Sourced::new(
                parse_endpoint("the ARN", &host)?,
                Source::Target,
            ));
        } else if matches!(access_point, AccessPoint::MultiRegion { .. }) {
            return Err(Failure::usage(
                "--endpoint is given, and a multi-Region access point is at one address only",
            )
            .hint("remove --endpoint"));
        }
        Ok(object)
    }

    /// Finds bucket and key in an object's address: by the store's host names, by the configured
    /// endpoint, or, where neither is known, as path style.
    pub(super) fn object_of_address(
        &self,
        origin: Endpoint,
        path: &[u8],
    ) -> Result<Object, Failure> {
        let key_of = |path: &[u8]| {
            path.strip_prefix(b"/")
                .filter(|key| !key.is_empty())
                .map(<[u8]>::to_vec)
        };
        let virtual_host = |bucket: &str, authority: String, base_path: Vec<u8>, path: &[u8]| {
            let mut object = Object::new(Some(bucket.to_owned()), key_of(path));
            object.endpoint = Some(Sourced::new(
                Endpoint {
                    scheme: origin.scheme,
                    authority,
                    base_path,
                },
                Source::Target,
            ));
            object.addressing = Some(Addressing::Virtual);
            object
        };
        if self.args.addressing == Some(AddressingArg::BucketHost) {
            let mut object = Object::new(Some(origin.host()), key_of(path));
            object.endpoint = Some(Sourced::new(origin, Source::Target));
            return Ok(object);
        }
        if let Some(RecognizedHost {
            bucket: Some(bucket),
            ..
        }) = origin.recognize()
        {
            let authority = origin.authority[bucket.len() + 1..].to_owned();
            return Ok(virtual_host(&bucket, authority, Vec::new(), path));
        }
        let configured = self
            .configured_endpoint(None)?
            .filter(|c| c.value.scheme == origin.scheme);
        if let Some(configured) = &configured {
            let base = &configured.value.base_path;
            let authority = configured.value.authority.to_ascii_lowercase();
            let below_base = path
                .strip_prefix(base.as_slice())
                .filter(|rest| rest.is_empty() || rest.starts_with(b"/"));
            if let (Some(rest), Some(bucket)) = (
                below_base,
                origin
                    .authority
                    .to_ascii_lowercase()
                    .strip_suffix(&authority)
                    .and_then(|front| front.strip_suffix('.'))
                    .filter(|b| !b.is_empty()),
            ) {
                return Ok(virtual_host(
                    bucket,
                    configured.value.authority.clone(),
                    base.clone(),
                    rest,
                ));
            }
            if let Some(rest) =
                below_base.filter(|_| origin.authority.to_ascii_lowercase() == authority)
            {
                return Ok(path_style(configured.value.clone(), rest));
            }
        }
        if self.args.addressing == Some(AddressingArg::Virtual)
            && let Some((bucket, authority)) = origin.authority.split_once('.')
        {
            return Ok(virtual_host(bucket, authority.to_owned(), Vec::new(), path));
        }
        let recognized = origin.recognize();
        let base = recognized
            .as_ref()
            .and_then(|recognized| find_provider(recognized.provider)?.base_path);
        if let Some(base) = base
            && let Some(rest) = path.strip_prefix(base.as_bytes())
        {
            return Ok(path_style(
                Endpoint {
                    base_path: base.as_bytes().to_vec(),
                    ..origin
                },
                rest,
            ));
        }
        let host = origin.host();
        let is_unknown = recognized.is_none() && self.args.addressing.is_none();
        if let Some(bucket) = guess_host(&host).and_then(|guess| guess.bucket)
            && is_unknown
        {
            let authority = origin.authority[bucket.len() + 1..].to_owned();
            let mut object = virtual_host(bucket, authority, Vec::new(), path);
            object.guessed_host = Some(host.clone());
            return Ok(object);
        }
        Ok(path_style(origin, path))
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
    let mut object = Object::new(
        None,
        path.strip_prefix(b"/")
            .filter(|key| !key.is_empty())
            .map(<[u8]>::to_vec),
    );
    object.endpoint = Some(Sourced::new(origin, Source::Target));
    object
}
