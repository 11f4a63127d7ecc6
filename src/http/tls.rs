//! Trusted certificates, and the client certificate.

use std::fmt;
use std::fs;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use zeroize::Zeroizing;

use super::Settings;
use super::error::{ProbeError, is_ca_as_server};

/// Certificates that are trusted in addition to those of the system.
#[derive(Clone, Debug)]
pub struct Authority {
    /// PEM.
    pub pem: Vec<u8>,
    /// Source: `--cacert`, `AWS_CA_BUNDLE`.
    pub source: String,
}

/// A client certificate.
#[derive(Clone)]
pub struct Identity {
    /// PEM: the certificate and its chain.
    pub certificates: Vec<u8>,
    /// PEM.
    pub key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// The CAs of the system and the additional ones. Loaded by the first `https://` request: an
/// `http://` store can be used on a system without CAs.
pub struct Trust {
    given: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    is_insecure: bool,
    has_ca_variables: bool,
    /// Why the CAs of the environment cannot be used.
    unusable: Option<String>,
    config: OnceLock<Result<ClientConfig, ProbeError>>,
}

impl Trust {
    /// Parses the PEM texts.
    pub fn new(settings: &Settings) -> Result<Trust, ProbeError> {
        let mut given = Vec::new();
        for authority in &settings.authorities {
            given.extend(certificates(&authority.pem).map_err(|why| {
                ProbeError::Settings(format!(
                    "the CA certificates of {} cannot be used: {why}",
                    authority.source
                ))
            })?);
        }
        let identity = settings.identity.as_ref().map(|identity| {
            let unusable = |what: &str, why: String| {
                ProbeError::Settings(format!("the {what} cannot be used: {why}"))
            };
            let chain = certificates(&identity.certificates)
                .map_err(|why| unusable("certificate of --client-cert", why))?;
            let key = PrivateKeyDer::from_pem_slice(&identity.key).map_err(|error| {
                // An encrypted key has a different PEM label, so the parser skips it.
                let is_encrypted = identity.key.windows(9).any(|part| part == b"ENCRYPTED");
                let why = if is_encrypted {
                    "it is encrypted".to_owned()
                } else {
                    error.to_string()
                };
                unusable("private key of the client certificate", why)
            })?;
            Ok((chain, key))
        });
        Ok(Trust {
            given,
            identity: identity.transpose()?,
            is_insecure: settings.is_insecure,
            has_ca_variables: settings.has_ca_variables,
            unusable: settings.unusable_authorities.clone(),
            config: OnceLock::new(),
        })
    }

    /// The TLS settings of every connection.
    pub fn config(&self) -> Result<ClientConfig, ProbeError> {
        self.config.get_or_init(|| self.load()).clone()
    }

    /// Settings that trust no certificate, for a client that does not use TLS.
    pub fn without_authorities() -> Result<ClientConfig, ProbeError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| ProbeError::Tls(error.to_string()))?;
        Ok(builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth())
    }

    fn load(&self) -> Result<ClientConfig, ProbeError> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = if self.is_insecure {
            Arc::new(AcceptAll(Arc::clone(&provider)))
        } else if let Some(why) = &self.unusable {
            return Err(ProbeError::NoAuthorities(why.clone()));
        } else {
            let system = if self.has_ca_variables {
                system_authorities()
            } else {
                Vec::new()
            };
            let added = self.given.iter().cloned().chain(system);
            let verifier = Verifier::new_with_extra_roots(added, Arc::clone(&provider));
            Arc::new(WithGiven {
                verifier: verifier.map_err(|error| ProbeError::NoAuthorities(error.to_string()))?,
                given: self.given.clone(),
            })
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ProbeError::Tls(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| {
                    ProbeError::Settings(format!("the client certificate cannot be used: {error}"))
                })?,
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Files of the CAs of Unix systems.
const SYSTEM_BUNDLES: [&str; 8] = [
    // Debian, Ubuntu, Alpine, Arch, Gentoo
    "/etc/ssl/certs/ca-certificates.crt",
    // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    // openSUSE
    "/etc/ssl/ca-bundle.pem",
    // NixOS
    "/etc/ssl/certs/ca-bundle.crt",
    // OpenBSD, NetBSD
    "/etc/ssl/cert.pem",
    // FreeBSD
    "/usr/local/share/certs/ca-root-nss.crt",
    "/usr/local/etc/ssl/cert.pem",
];

/// The CAs of the system, which the platform verifier does not read if `SSL_CERT_FILE` or
/// `SSL_CERT_DIR` is set. On Windows and macOS it does, and none of these files exists.
fn system_authorities() -> Vec<CertificateDer<'static>> {
    let pem = SYSTEM_BUNDLES.iter().find_map(|file| fs::read(file).ok());
    CertificateDer::pem_slice_iter(&pem.unwrap_or_default())
        .flatten()
        .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok())
        .collect()
}

/// Whether the text has a certificate.
pub fn has_certificate(pem: &[u8]) -> bool {
    CertificateDer::pem_slice_iter(pem)
        .flatten()
        .next()
        .is_some()
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if read.is_empty() {
        return Err("it contains no PEM certificate".to_owned());
    }
    Ok(read)
}

/// The certificates of the system and the given ones. A given one may be that of the server itself,
/// marked as a CA, as `openssl req -x509` makes it. webpki accepts no CA as a server, whatever has
/// signed it.
#[derive(Debug)]
struct WithGiven {
    verifier: Verifier,
    given: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for WithGiven {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified =
            self.verifier
                .verify_server_cert(certificate, intermediates, name, ocsp_response, now);
        match verified {
            // Whether it is valid now was checked before.
            Err(error) if is_ca_as_server(&error) && self.given.contains(certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// `--insecure`: accepts every subject and issuer. The server must still prove that it has the
/// private key.
#[derive(Debug)]
struct AcceptAll(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
