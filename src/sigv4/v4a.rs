//! The asymmetric variant, SigV4A: the key pair derived from a secret, and its ECDSA signatures on
//! the curve P-256.
//!
//! Canonical request and string to sign are those of version 4, except for the algorithm name and a
//! credential scope without a region: the regions in which a signature is valid are in the signed
//! parameter or header `X-Amz-Region-Set`. The key pair depends on neither day nor region nor
//! service.
//!
//! The derivation is the key derivation function in counter mode of NIST SP 800-108 (5.1) with
//! HMAC-SHA256, and the generation by testing candidates of FIPS 186-4 (B.4.2).

use std::fmt;

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{DerSignature, SigningKey as EcdsaKey, VerifyingKey};

use super::hash::hmac_sha256;
use super::wipe::Zeroizing;
use super::{Algorithm, Secret, Signature, StringToSign};

/// The key pair of an access key ID and its secret. As powerful as the secret and without expiry,
/// so it is protected like one: the private key is wiped on drop.
#[derive(Clone)]
pub struct KeyPair(EcdsaKey);

impl KeyPair {
    /// Derives the pair. Costs one multiplication on the curve, as much as a signature.
    pub fn derive(access_key_id: &str, secret_access_key: &Secret) -> KeyPair {
        let input_key = Zeroizing::new([b"AWS4A", secret_access_key.expose_secret()].concat());
        // One candidate in four billion is not a valid key; 254 in a row are practically
        // impossible.
        #[allow(clippy::expect_used, reason = "unreachable: see above")]
        let key = (1..=254)
            .find_map(|counter| candidate(&input_key, access_key_id, counter))
            .expect("a key among 254 candidates");
        KeyPair(key)
    }

    /// Signs, with the nonce of RFC 6979: signatures are deterministic.
    pub fn sign(&self, string_to_sign: &StringToSign) -> Signature {
        let signature: DerSignature = self.0.sign(string_to_sign.as_str().as_bytes());
        Signature::of_der(signature.as_bytes())
    }

    /// The public key, which verifies signatures.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }

    /// The private key, big-endian.
    pub fn expose_private_key(&self) -> Secret {
        Secret::new(self.0.to_bytes().as_slice())
    }
}

/// `counter`: that of the candidates, which increases until there is a key. The counter inside the
/// function is always one, because a block of HMAC-SHA256 provides all bits.
fn candidate(input_key: &[u8], access_key_id: &str, counter: u8) -> Option<EcdsaKey> {
    let mut input = Vec::with_capacity(64);
    input.extend_from_slice(&1_u32.to_be_bytes());
    input.extend_from_slice(Algorithm::EcdsaP256Sha256.as_str().as_bytes());
    input.push(0);
    input.extend_from_slice(access_key_id.as_bytes());
    input.push(counter);
    input.extend_from_slice(&256_u32.to_be_bytes());
    key_of(Zeroizing::new(hmac_sha256(input_key, &input)))
}

/// The candidate plus one, if that is a valid key: greater than zero, and less than the order of
/// the curve.
fn key_of(mut candidate: Zeroizing<[u8; 32]>) -> Option<EcdsaKey> {
    for byte in candidate.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    EcdsaKey::from_slice(candidate.as_slice()).ok()
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(redacted)")
    }
}

/// The public key of a key pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Whether a signature (DER, RFC 3279, 2.2.3) is one of this text.
    pub fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        DerSignature::try_from(signature)
            .is_ok_and(|signature| self.0.verify(text, &signature).is_ok())
    }

    /// The coordinates of the point, big-endian.
    pub fn coordinates(&self) -> [[u8; 32]; 2] {
        let point = self.0.to_sec1_point(false);
        let half = |from: usize| {
            let mut bytes = [0; 32];
            bytes.copy_from_slice(&point.as_bytes()[from..from + 32]);
            bytes
        };
        // A byte precedes them that marks an uncompressed point.
        [half(1), half(33)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_show_the_key() {
        let pair = KeyPair::derive("AKID", &Secret::new("s3cr3t"));
        assert_eq!(format!("{pair:?}"), "KeyPair(redacted)");
    }

    #[test]
    fn a_key_is_one_more_than_its_candidate_and_less_than_the_order() {
        let order = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
            .expect("digits");
        let below_order = |by: u8| {
            let mut candidate: [u8; 32] = order.as_slice().try_into().expect("32 bytes");
            candidate[31] -= by;
            candidate
        };
        let mut carried = [0; 32];
        carried[30..].copy_from_slice(&[1, 0xff]);
        let mut sum = [0; 32];
        sum[30] = 2;
        let mut one = [0; 32];
        one[31] = 1;
        for (candidate, key) in [
            ([0; 32], Some(one)),
            (carried, Some(sum)),
            (below_order(2), Some(below_order(1))),
            (below_order(1), None),
            (below_order(0), None),
            ([0xff; 32], None),
        ] {
            let made =
                key_of(Zeroizing::new(candidate)).map(|key| <[u8; 32]>::from(key.to_bytes()));
            assert_eq!(made, key, "{candidate:02x?}");
        }
    }
}
