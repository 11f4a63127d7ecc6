//! Where a URL leads, and how it is signed there.

use crate::sigv4::{self, Algorithm, Credentials, Presigner, SigningTime};
use crate::store::{Address, Addressing, Endpoint, Provider};

use super::accounts::Remote;
use super::{Sourced, Warning};

/// A target with everything that decides where its link leads.
#[derive(Clone, Debug)]
pub struct Place {
    /// The endpoint that is signed: the public one, where there is one.
    pub endpoint: Sourced<Endpoint>,
    /// The endpoint that was configured, where another one is signed.
    pub internal_endpoint: Option<Sourced<Endpoint>>,
    /// Region of the scope; with SigV4A the set of regions.
    pub region: Sourced<String>,
    /// How links are signed there.
    pub algorithm: Algorithm,
    /// Service of the scope.
    pub service: String,
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
    /// The account of another tool that it is in.
    pub account: Option<Remote>,
    /// Warnings to print.
    pub warnings: Vec<Warning>,
}

impl Place {
    /// What signs requests to this place, by its algorithm and for its region and service.
    ///
    /// # Errors
    /// As [`Presigner::new`].
    pub fn presigner<'c>(
        &self,
        credentials: &'c Credentials,
        signed_at: SigningTime,
    ) -> Result<Presigner<'c>, sigv4::Error> {
        match self.algorithm {
            Algorithm::HmacSha256 => {
                Presigner::new(credentials, &self.region.value, &self.service, signed_at)
            }
            Algorithm::EcdsaP256Sha256 => {
                Presigner::of_region_set(credentials, &self.region.value, &self.service, signed_at)
            }
        }
    }
}
