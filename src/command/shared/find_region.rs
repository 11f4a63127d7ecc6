//! `--find-region`: the region of a bucket, requested from its store.

use std::time::Instant;

use crate::cli::{CredentialArgs, NetworkArgs};
use crate::env::Env;
use crate::error::{Failure, Kind};
use crate::http::{RegionError, RegionRequest, Retries, find_bucket_region};
use crate::resolve::{Files, Place, Signers};
use crate::store::{Address, Addressing};
use crate::text::escape_controls;

use super::client;

/// Sends the request to the configured endpoint, whichever one the URL is for.
pub fn request(
    place: &Place,
    credentials: &CredentialArgs,
    network: &NetworkArgs,
    env: &Env,
    files: &Files,
) -> Result<String, Failure> {
    let bucket = place.bucket.as_deref().unwrap_or_default();
    let endpoint = &place
        .internal_endpoint
        .as_ref()
        .unwrap_or(&place.endpoint)
        .value;
    let is_aws = place.provider.is_some_and(|provider| provider.is_aws());
    let is_ibm = place.provider.is_some_and(|provider| provider.is_ibm());
    // With path style the host is that of the region, not of the bucket, so it always exists.
    let addressing = match is_aws {
        true => Addressing::Path,
        false => place.addressing,
    };
    let address = Address::new(endpoint, addressing, Some(bucket), None);
    let signer;
    let request = if is_aws {
        RegionRequest::Head
    } else {
        signer = Signers::new(credentials, env, files).of(place)?;
        RegionRequest::Location {
            credentials: &signer.value,
            region: &place.region.value,
            ibm_endpoint: is_ibm.then(|| Address::new(endpoint, Addressing::Path, None, None)),
        }
    };
    let client = client::client(network, Some(credentials), env)?;
    let retries = network
        .retries
        .map_or_else(Retries::default, Retries::of_listings);
    let (started, now) = (Instant::now(), env.now);
    let clock = || now + chrono::TimeDelta::from_std(started.elapsed()).unwrap_or_default();
    find_bucket_region(&client, &request, &address, bucket, &retries, clock)
        .map_err(|error| failure(&error, bucket, &address, is_aws))
}

fn failure(error: &RegionError, bucket: &str, address: &Address, is_aws: bool) -> Failure {
    let refusal = match error {
        RegionError::NoResponse(error) => return client::no_response(&address.authority, error),
        RegionError::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let hint = match refusal.map_or(0, |refusal| refusal.status) {
        404 => "check the bucket name, and that the endpoint is that of its store",
        401 | 403 if !is_aws => {
            "GetBucketLocation needs a permission, `s3:GetBucketLocation`; or set the region: \
             `--region NAME`"
        }
        _ => "set the region: `--region NAME`",
    };
    let message = format!(
        "cannot find the region of `{}` at `{}`: {}",
        escape_controls(bucket),
        address.authority,
        escape_controls(&error.to_string())
    );
    Failure::new(Kind::Refused, message).hint(hint)
}
