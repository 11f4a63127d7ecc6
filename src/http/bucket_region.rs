//! The region of a bucket, requested from the store.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::sigv4::{self, Credentials, QueryParameter};
use crate::store::{
    Address, is_region_name, location_in_list, location_of_bucket, region_of_location,
};

use super::listing::Refusal;
use super::retry::Retries;
use super::signed_call::SignedCall;
use super::{BODY_LIMIT, Client, Probe, ProbeError, Response};

/// An extended list of a thousand buckets.
const LIST_LIMIT: usize = 4 * 1024 * 1024;

/// How the store is asked.
#[derive(Debug)]
pub enum RegionRequest<'a> {
    /// `HEAD` of the bucket without credentials: AWS responds with `x-amz-bucket-region`, whatever
    /// the status.
    Head,
    /// GetBucketLocation.
    Location {
        credentials: &'a Credentials,
        /// Region of the credential scope.
        region: &'a str,
        /// The endpoint itself, if the store is IBM COS: an endpoint responds with 404 for the
        /// buckets of other regions, but lists all of them.
        ibm_endpoint: Option<Address>,
    },
}

/// Why there is no region.
#[derive(Debug)]
pub enum RegionError {
    /// The request cannot be signed.
    Signing(sigv4::Error),
    /// There was no response.
    NoResponse(ProbeError),
    /// The store refused, and did not name a region.
    Refused(Box<Refusal>),
    /// The response does not contain a region.
    Absent { status_text: String },
    /// The response contains something that cannot be a region.
    Invalid(String),
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegionError::Signing(error) => write!(f, "the request cannot be signed: {error}"),
            RegionError::NoResponse(error) => write!(f, "{error}"),
            RegionError::Refused(refusal) => {
                f.write_str(&refusal.status_text)?;
                match &refusal.code {
                    Some(code) => write!(f, ", {code}"),
                    None => Ok(()),
                }
            }
            RegionError::Absent { status_text } => {
                write!(f, "the response ({status_text}) does not contain it")
            }
            RegionError::Invalid(text) => {
                write!(f, "the store named `{text}`, which is not a region name")
            }
        }
    }
}

/// Requests the region. `address` and `bucket` are those of the bucket.
///
/// # Errors
/// [`RegionError`] contains the cause.
pub fn find_bucket_region(
    client: &Client,
    request: &RegionRequest,
    address: &Address,
    bucket: &str,
    retries: &Retries,
    now: impl Fn() -> DateTime<Utc>,
) -> Result<String, RegionError> {
    let found = match request {
        RegionRequest::Head => {
            let path = String::from_utf8_lossy(&address.path);
            let url = format!("{}://{}{path}", address.scheme.as_str(), address.authority);
            let response = retries.send(&now, || client.call(&head(&url), BODY_LIMIT));
            let response = response.map_err(RegionError::NoResponse)?;
            named(&response, 1)?
        }
        RegionRequest::Location {
            credentials,
            region,
            ibm_endpoint,
        } => {
            let send = |address: &Address, query, limit| {
                let call = SignedCall {
                    credentials,
                    region,
                    address,
                    query,
                    headers: Vec::new(),
                };
                let mut unsigned = None;
                let response = retries.send(&now, || match call.send(client, now(), limit) {
                    Ok(response) => response,
                    Err(error) => {
                        let text = error.to_string();
                        unsigned = Some(error);
                        Err(ProbeError::NotSendable(text))
                    }
                });
                match unsigned {
                    Some(error) => Err(RegionError::Signing(error)),
                    None => response.map_err(RegionError::NoResponse),
                }
            };
            let query = vec![QueryParameter::new("location", "")];
            let response = send(address, query, BODY_LIMIT)?;
            let is_ibm = ibm_endpoint.is_some();
            match (response.status, ibm_endpoint) {
                (200, _) => match location_of_bucket(&response.body) {
                    Some(location) => region_of_location(&location, is_ibm).to_owned(),
                    None => return Err(absent(&response)),
                },
                (404, Some(endpoint)) => {
                    let query = vec![
                        QueryParameter::new("extended", ""),
                        QueryParameter::new("prefix", bucket),
                    ];
                    let list = send(endpoint, query, LIST_LIMIT)?;
                    match location_in_list(&list.body, bucket) {
                        Some(location) => region_of_location(&location, is_ibm).to_owned(),
                        // The bucket is of others, or there is none: the first refusal says so.
                        None => named(&response, 1)?,
                    }
                }
                _ => named(&response, 1)?,
            }
        }
    };
    if is_region_name(&found) {
        Ok(found)
    } else {
        Err(RegionError::Invalid(found))
    }
}

fn head(url: &str) -> Probe<'_> {
    Probe {
        method: "HEAD",
        url,
        headers: Vec::new(),
        host: None,
        body: None,
    }
}

/// The region that a header or an error document names.
fn named(response: &Response, tries: u32) -> Result<String, RegionError> {
    let refusal = Refusal::new(response, tries);
    match &refusal.region {
        Some(region) => Ok(region.clone()),
        None if response.status < 300 => Err(absent(response)),
        None => Err(RegionError::Refused(Box::new(refusal))),
    }
}

fn absent(response: &Response) -> RegionError {
    RegionError::Absent {
        status_text: response.status_text.clone(),
    }
}
