//! SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), for the steps that need them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// HMAC-SHA256 of a message.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = hmac_of_key(key);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA256 with both blocks of the key hashed, to be cloned.
pub(super) fn hmac_of_key(key: &[u8]) -> Hmac<Sha256> {
    // HMAC accepts keys of every length (RFC 2104), so there is no error to return.
    #[allow(clippy::expect_used, reason = "unreachable: see above")]
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC accepts keys of any length")
}

/// SHA-256.
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}
