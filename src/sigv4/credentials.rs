//! Credentials. Secrets are a type: redacted in `Debug`, wiped on drop, never compared.

use std::fmt;

use super::wipe::Zeroizing;
use super::{Error, SigningTime};

/// Bytes that must not be shown: a secret access key or a session token.
///
/// ```
/// use cos_presign::sigv4::Secret;
/// assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(redacted)");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Stores the bytes unchanged: nothing is trimmed or decoded.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Secret(Zeroizing::new(bytes.into()))
    }

    /// The bytes. The long name makes each use visible in a review.
    pub fn expose_secret(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Secret::new(bytes)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// An access key ID with its secret and, for temporary credentials, the session token that belongs
/// to them.
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    expires_at: Option<SigningTime>,
}

impl Credentials {
    /// Long-lived credentials, such as IBM COS HMAC keys.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<Vec<u8>>) -> Self {
        Credentials {
            access_key_id: access_key_id.into(),
            secret_access_key: Secret::new(secret_access_key),
            session_token: None,
            expires_at: None,
        }
    }

    /// Temporary credentials with their session token.
    pub fn with_session_token(mut self, token: impl Into<Vec<u8>>) -> Self {
        self.session_token = Some(Secret::new(token));
        self
    }

    /// Sets the expiry of temporary credentials. It is not signed, but what they have signed
    /// expires then too.
    pub fn ending_at(mut self, time: SigningTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// When these credentials expire, if known.
    pub fn expires_at(&self) -> Option<SigningTime> {
        self.expires_at
    }

    /// The access key ID: public, part of every URL.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key.
    pub fn secret_access_key(&self) -> &Secret {
        &self.secret_access_key
    }

    /// Wipes the secret access key after signing; the ID and token are kept.
    #[cfg(feature = "cli")]
    pub(crate) fn forget_secret(&mut self) {
        self.secret_access_key = Secret::new(Vec::new());
    }

    /// Rejects credentials that cannot sign: stores accept no empty secret and no empty token.
    pub(super) fn check(&self) -> Result<(), Error> {
        // The fields of a credential are separated by slashes.
        let id = &self.access_key_id;
        if id.is_empty() || id.contains('/') || id.chars().any(char::is_control) {
            return Err(Error::AccessKeyId);
        }
        if self.secret_access_key.expose_secret().is_empty() {
            return Err(Error::SecretAccessKey);
        }
        match &self.session_token {
            Some(token) if token.expose_secret().is_empty() => Err(Error::SessionToken),
            _ => Ok(()),
        }
    }

    /// The session token, if these are temporary credentials.
    pub fn session_token(&self) -> Option<&Secret> {
        self.session_token.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_the_id_and_neither_secret() {
        let credentials =
            Credentials::new("AKID", "s3cr3t-value").with_session_token("t0k3n-value");
        let shown = format!("{credentials:?} {credentials:#?}");
        assert!(shown.contains("AKID"), "{shown}");
        assert_eq!(
            format!("{:?}", credentials.secret_access_key()),
            "Secret(redacted)"
        );
        assert!(
            !shown.contains("s3cr3t-value") && !shown.contains("t0k3n-value"),
            "{shown}"
        );
    }

    #[test]
    fn temporary_credentials_remember_their_end() {
        let credentials = Credentials::new("AKID", "secret");
        assert_eq!(credentials.expires_at(), None);
        let end = SigningTime::from_unix_seconds(1_769_860_800).expect("in range");
        assert_eq!(credentials.ending_at(end).expires_at(), Some(end));
    }

    #[cfg(feature = "cli")]
    #[test]
    fn a_secret_can_be_forgotten() {
        let mut credentials = Credentials::new("AKID", "s3cr3t-value");
        credentials.forget_secret();
        assert_eq!(credentials.access_key_id(), "AKID");
        assert!(credentials.secret_access_key().expose_secret().is_empty());
    }
}
