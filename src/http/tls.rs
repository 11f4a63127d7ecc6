//! Which certificates are trusted.

use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use super::error::ProbeError;

/// The authorities of the system and those that were given. Loaded by the first `https://` request: an `http://` store can be
/// asked on a system that has no authorities at all.
pub struct Trust {
    given: Vec<CertificateDer<'static>>,
    config: OnceLock<Result<ClientConfig, ProbeError>>,
}

impl Trust {
    /// Reads the certificates of a PEM file.
    pub fn new(pem: Option<&[u8]>) -> Result<Trust, ProbeError> {
        let unusable =
            |why: &str| ProbeError::Settings(format!("the CA certificates cannot be used: {why}"));
        let given: Vec<_> = match pem {
            None => Vec::new(),
            Some(pem) => CertificateDer::pem_slice_iter(pem)
                .collect::<Result<_, _>>()
                .map_err(|error| unusable(&error.to_string()))?,
        };
        if pem.is_some() && given.is_empty() {
            return Err(unusable("no PEM certificate is in the file"));
        }
        Ok(Trust {
            given,
            config: OnceLock::new(),
        })
    }

    /// The TLS settings of every connection.
    pub fn config(&self) -> Result<ClientConfig, ProbeError> {
        self.config
            .get_or_init(|| {
                self.load()
                    .map_err(|error| ProbeError::NoAuthorities(error.to_string()))
            })
            .clone()
    }

    fn load(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier =
            Verifier::new_with_extra_roots(self.given.iter().cloned(), Arc::clone(&provider))?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}
