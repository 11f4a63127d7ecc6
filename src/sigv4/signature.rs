//! Steps 2 and 3: the string to sign, the derived signing key, and the signature.

use std::fmt;

use super::hash::hmac_sha256;
use super::wipe::{Zeroize, Zeroizing};
use super::{CanonicalRequest, CredentialScope, Secret, SigningTime};

/// How a string to sign becomes a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// With a key derived for a day, region and service: version 4.
    #[default]
    HmacSha256,
    /// With the private key of a key pair: version 4A.
    EcdsaP256Sha256,
}

impl Algorithm {
    /// Its name: first line of the string to sign and value of `X-Amz-Algorithm`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Algorithm::HmacSha256 => "AWS4-HMAC-SHA256",
            Algorithm::EcdsaP256Sha256 => "AWS4-ECDSA-P256-SHA256",
        }
    }
}

/// The name of version 4's algorithm.
pub const ALGORITHM: &str = Algorithm::HmacSha256.as_str();

/// Four lines: algorithm, timestamp, credential scope, SHA-256 of the canonical request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StringToSign(String);

impl StringToSign {
    /// Joins the four lines.
    pub fn new(
        algorithm: Algorithm,
        signed_at: SigningTime,
        scope: &CredentialScope,
        canonical_request: &CanonicalRequest,
    ) -> Self {
        let hash = hex::encode(canonical_request.sha256());
        let algorithm = algorithm.as_str();
        StringToSign(format!(
            "{algorithm}\n{}\n{scope}\n{hash}",
            signed_at.timestamp()
        ))
    }

    /// The text that is signed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StringToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key for one day, region and service. As powerful as the secret for that scope, so it is
/// protected like one.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<[u8; 32]>);

/// kDate, kRegion, kService and kSigning, for comparison with another program.
pub struct SigningKeySteps {
    /// HMAC("AWS4" + secret, date)
    pub date: [u8; 32],
    /// HMAC(kDate, region)
    pub region: [u8; 32],
    /// HMAC(kRegion, service)
    pub service: [u8; 32],
    /// HMAC(kService, "aws4_request")
    pub signing: [u8; 32],
}

impl SigningKeySteps {
    /// Derives all four keys.
    pub fn derive(secret_access_key: &Secret, scope: &CredentialScope) -> Self {
        Self::of_fields(
            secret_access_key,
            scope.date(),
            scope.region(),
            scope.service(),
        )
    }

    /// The same from fields that need not form a valid scope.
    pub(crate) fn of_fields(
        secret_access_key: &Secret,
        date: &str,
        region: &str,
        service: &str,
    ) -> Self {
        let first = Zeroizing::new([b"AWS4", secret_access_key.expose_secret()].concat());
        // Written in place, so that all of them are wiped.
        let mut steps = SigningKeySteps {
            date: [0; 32],
            region: [0; 32],
            service: [0; 32],
            signing: [0; 32],
        };
        steps.date = hmac_sha256(&first, date.as_bytes());
        steps.region = hmac_sha256(&steps.date, region.as_bytes());
        steps.service = hmac_sha256(&steps.region, service.as_bytes());
        steps.signing = hmac_sha256(&steps.service, CredentialScope::TERMINATOR.as_bytes());
        steps
    }
}

impl SigningKey {
    /// Derives the key of a scope.
    pub fn derive(secret_access_key: &Secret, scope: &CredentialScope) -> Self {
        SigningKey(Zeroizing::new(
            SigningKeySteps::derive(secret_access_key, scope).signing,
        ))
    }

    /// The 32 bytes.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first block of the inner and outer hash of HMAC: the key, padded with zeros, XORed with
    /// 0x36 and 0x5c (RFC 2104, 2).
    pub(super) fn hmac_blocks(&self) -> [[u8; 64]; 2] {
        [0x36, 0x5c].map(|pad| {
            let mut block = [pad; 64];
            for (byte, key) in block.iter_mut().zip(*self.0) {
                *byte ^= key;
            }
            block
        })
    }

    /// Signs.
    pub fn sign(&self, string_to_sign: &StringToSign) -> Signature {
        Signature::of_hmac(hmac_sha256(
            self.as_bytes(),
            string_to_sign.as_str().as_bytes(),
        ))
    }
}

impl Drop for SigningKeySteps {
    fn drop(&mut self) {
        for key in [
            &mut self.date,
            &mut self.region,
            &mut self.service,
            &mut self.signing,
        ] {
            key.zeroize();
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

impl fmt::Debug for SigningKeySteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeySteps(redacted)")
    }
}

/// The signature, written in lower-case hexadecimal digits: 64 for an HMAC, 140 to 144 for almost
/// every one of SigV4A.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    bytes: [u8; LONGEST_DER],
    length: usize,
}

/// Two numbers of 33 bytes, each with its type and length, and the type and length of both.
const LONGEST_DER: usize = 72;

impl Signature {
    pub(super) fn of_hmac(bytes: [u8; 32]) -> Self {
        Signature::of_der(&bytes)
    }

    /// `der`: at most [`LONGEST_DER`] bytes.
    pub(super) fn of_der(der: &[u8]) -> Self {
        let mut bytes = [0; LONGEST_DER];
        bytes[..der.len()].copy_from_slice(der);
        Signature {
            bytes,
            length: der.len(),
        }
    }

    /// 32 bytes, or those of SigV4A: DER (RFC 3279, 2.2.3).
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Redacted: the signature completes the URL.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(redacted)")
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_one_in_the_documentation() {
        // AWS General Reference, "Examples of how to derive a signing key": 2012-02-15, us-east-1,
        // iam.
        let signed_at = SigningTime::from_unix_seconds(1_329_264_000).expect("in range");
        let scope = CredentialScope::new(signed_at, "us-east-1", "iam").expect("valid");
        let steps = SigningKeySteps::derive(
            &Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            &scope,
        );
        assert_eq!(
            hex::encode(steps.date),
            "969fbb94feb542b71ede6f87fe4d5fa29c789342b0f407474670f0c2489e0a0d"
        );
        assert_eq!(
            hex::encode(steps.region),
            "69daa0209cd9c5ff5c8ced464a696fd4252e981430b10e3d3fd8e2f197d7a70c"
        );
        assert_eq!(
            hex::encode(steps.service),
            "f72cfd46f26bc4643f06a11eabb6c0ba18780c19a8da0c31ace671265e3c87fa"
        );
        assert_eq!(
            hex::encode(steps.signing),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"
        );
        assert_eq!(format!("{steps:?}"), "SigningKeySteps(redacted)");
    }

    #[test]
    fn the_text_is_shown_as_it_is_signed() {
        let text = StringToSign("AWS4-HMAC-SHA256\n20120215T000000Z".to_owned());
        assert_eq!(text.to_string(), text.as_str());
    }
}
