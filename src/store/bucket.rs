//! Bucket names.

use super::Provider;

/// Why a bucket name is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BucketError {
    /// Empty.
    Empty,
    /// Shorter than 3 or longer than 255 characters, the limits of all stores.
    Length(usize),
    /// A character that no store allows.
    Character(char),
    /// `.` and `..` would change the path.
    Dots,
    /// A directory bucket of S3 Express One Zone.
    Express,
}

impl BucketError {
    /// What is wrong, as the predicate of a sentence about the name.
    pub fn problem(&self) -> String {
        match self {
            BucketError::Empty => "is empty".to_owned(),
            BucketError::Length(1) => {
                "has 1 character; bucket names have 3 to 63 (old ones up to 255)".to_owned()
            }
            BucketError::Length(length) => {
                format!("has {length} characters; bucket names have 3 to 63 (old ones up to 255)")
            }
            BucketError::Character(c) => format!("has a `{}` in it", c.escape_debug()),
            BucketError::Dots => "is only dots".to_owned(),
            BucketError::Express => {
                "is that of a directory bucket (S3 Express One Zone)".to_owned()
            }
        }
    }
}

impl std::fmt::Display for BucketError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the bucket's name {}", self.problem())
    }
}

impl std::error::Error for BucketError {}

/// Checks a name against the rules common to all stores.
///
/// The rules are permissive: the oldest AWS buckets have up to 255 letters of either case, digits,
/// `.`, `-` and `_`, and Ceph's tenants are written `tenant:bucket`.
///
/// # Errors
/// [`BucketError`] contains the violated rule.
pub fn check_bucket(name: &str, provider: Option<&Provider>) -> Result<(), BucketError> {
    if name.is_empty() {
        return Err(BucketError::Empty);
    }
    // Its URLs are signed with credentials from `CreateSession`, with a token parameter of their
    // own.
    if name.ends_with("--x-s3") && provider.is_none_or(Provider::is_aws) {
        return Err(BucketError::Express);
    }
    let tenants = !provider.is_some_and(|p| p.is_ibm() || p.is_aws());
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c) || (tenants && c == ':');
    if let Some(character) = name.chars().find(|c| !allowed(*c)) {
        return Err(BucketError::Character(character));
    }
    if name.bytes().all(|b| b == b'.') {
        return Err(BucketError::Dots);
    }
    if !(3..=255).contains(&name.len()) {
        return Err(BucketError::Length(name.len()));
    }
    Ok(())
}

/// Whether a valid name violates the rule that its store documents today.
pub fn is_unlikely_bucket(name: &str, provider: &Provider) -> bool {
    provider.is_ibm()
        && (name.len() > 63 || name.bytes().any(|b| b.is_ascii_uppercase() || b == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::find_provider;

    #[test]
    fn refuses_impossible_names_and_no_others() {
        for name in [
            "abc",
            "my-bucket",
            "my.bucket",
            "Legacy_Bucket",
            "tenant:bucket",
            &"a".repeat(255),
        ] {
            assert_eq!(check_bucket(name, None), Ok(()), "{name}");
        }
        for (name, error) in [
            ("", BucketError::Empty),
            ("ab", BucketError::Length(2)),
            ("my bucket", BucketError::Character(' ')),
            ("bücket", BucketError::Character('ü')),
            ("..", BucketError::Dots),
            ("...", BucketError::Dots),
            ("my-bucket--usw2-az1--x-s3", BucketError::Express),
        ] {
            assert_eq!(check_bucket(name, None), Err(error), "{name}");
        }
        assert_eq!(
            check_bucket("my-bucket--usw2-az1--x-s3", find_provider("minio")),
            Ok(())
        );
        let ibm = find_provider("ibm");
        let ibm_store = ibm.expect("in the table");
        assert!(
            is_unlikely_bucket("Legacy_Bucket", ibm_store)
                && is_unlikely_bucket(&"a".repeat(64), ibm_store)
        );
        assert!(
            !is_unlikely_bucket("my.bucket-1", ibm_store)
                && !is_unlikely_bucket(&"a".repeat(63), ibm_store)
        );
        assert_eq!(
            check_bucket("tenant:bucket", ibm),
            Err(BucketError::Character(':'))
        );
    }
}
