//! The credential scope: the day, region and service for which a signing key is valid.

use std::fmt;

use super::{Error, SigningTime};

/// `20130524/us-east-1/s3/aws4_request`; with SigV4A `20130524/s3/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialScope {
    date: String,
    /// Empty where there is none.
    region: String,
    service: String,
}

impl CredentialScope {
    /// The last field of every scope.
    pub const TERMINATOR: &'static str = "aws4_request";

    /// # Errors
    /// [`Error::ScopeField`] if region or service is empty or could be taken for two fields.
    pub fn new(signed_at: SigningTime, region: &str, service: &str) -> Result<Self, Error> {
        check_field("region", region)?;
        check_field("service", service)?;
        Ok(CredentialScope {
            date: signed_at.datestamp(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }

    /// The scope of SigV4A, which does not contain the regions.
    ///
    /// # Errors
    /// As [`CredentialScope::new`].
    pub fn without_region(signed_at: SigningTime, service: &str) -> Result<Self, Error> {
        check_field("service", service)?;
        Ok(CredentialScope {
            date: signed_at.datestamp(),
            region: String::new(),
            service: service.to_owned(),
        })
    }

    /// `YYYYMMDD`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The signed region; empty with SigV4A.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The signed service: `s3` for every object store.
    pub fn service(&self) -> &str {
        &self.service
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.region.as_str() {
            "" => write!(f, "{}/{}/{}", self.date, self.service, Self::TERMINATOR),
            region => write!(
                f,
                "{}/{region}/{}/{}",
                self.date,
                self.service,
                Self::TERMINATOR
            ),
        }
    }
}

pub(super) fn check_field(field: &'static str, value: &str) -> Result<(), Error> {
    if value.is_empty()
        || value.contains('/')
        || value.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        return Err(Error::ScopeField {
            field,
            value: value.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_documented() {
        let signed_at = SigningTime::from_unix_seconds(1_369_353_600).expect("in range");
        let scope = CredentialScope::new(signed_at, "us-east-1", "s3").expect("valid");
        assert_eq!(scope.to_string(), "20130524/us-east-1/s3/aws4_request");
        let scope = CredentialScope::without_region(signed_at, "s3").expect("valid");
        assert_eq!(
            (scope.to_string().as_str(), scope.region()),
            ("20130524/s3/aws4_request", "")
        );
        for region in ["", "a/b", "us east", "us-south\n"] {
            assert!(
                CredentialScope::new(signed_at, region, "s3").is_err(),
                "{region:?}"
            );
        }
    }
}
