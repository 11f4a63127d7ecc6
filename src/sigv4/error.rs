//! Why a request cannot be signed. Data only: messages for users are written by the caller.

use std::fmt;

/// Why a request cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The access key ID is empty, or has a byte that is not allowed in a credential.
    AccessKeyId,
    /// The secret access key is empty.
    SecretAccessKey,
    /// The session token is empty.
    SessionToken,
    /// Not a time in the expected format.
    Time(String),
    /// The object key is empty: the URL would be that of the bucket.
    EmptyKey,
    /// A path that is sent verbatim contains a space, `?`, `#` or control character, or is not
    /// UTF-8.
    PathAsSent,
    /// A form would have this field twice.
    RepeatedField(String),
    /// The field is set by the signature and cannot be chosen.
    ReservedField(String),
    /// A form lacks this field.
    MissingField(String),
    /// A form has a field without a condition in its policy.
    FieldWithoutCondition(String),
    /// A field has a value that a condition of the policy does not allow.
    FieldNotAllowed(String),
    /// The condition of a policy is not JSON, or not a condition.
    Condition(String),
    /// A field of the credential scope would be empty or contain `/`.
    ScopeField {
        /// `region`, `region set` or `service`.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// A header's name is not a token (RFC 9110, 5.1).
    HeaderName(String),
    /// A header's value has a line end or another control character (RFC 9110, 5.5).
    HeaderValue {
        /// The header's name; its value may be secret and is not repeated.
        name: String,
    },
    /// The header is set by the signature and cannot be chosen.
    ReservedHeader(String),
    /// The query parameter is set by the signature and cannot be chosen.
    ReservedParameter(String),
    /// `X-Amz-Expires` must be at least one second.
    ZeroExpiry,
    /// The time is outside the years 0000 to 9999 that `YYYYMMDDTHHMMSSZ` can write.
    TimeOutOfRange,
    /// The method is not a token (RFC 9110, 9.1).
    Method(String),
    /// The host is empty or has an invalid byte.
    Host(String),
    /// The path does not begin with `/`.
    Path,
    /// Bulk signing does not support such a request: its path is normalized, encoded twice or sent
    /// verbatim, or the signature is in a header or made with a key pair.
    NotForBulk,
    /// Forms are signed with version 4 only.
    NotForForms,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::AccessKeyId => {
                f.write_str("the access key ID is empty or contains a `/` or control character")
            }
            Error::ScopeField { field, value } => {
                write!(
                    f,
                    "the {field} `{}` is empty or contains a `/`, a space or a control character",
                    value.escape_debug()
                )
            }
            Error::HeaderName(name) => write!(f, "`{}` is not a header name", name.escape_debug()),
            Error::HeaderValue { name } => {
                write!(
                    f,
                    "the value of the header `{name}` contains a line end or control character"
                )
            }
            Error::ReservedHeader(name) => write!(f, "the header `{name}` is set by the signature"),
            Error::ReservedParameter(name) => {
                write!(f, "the query parameter `{name}` is set by the signature")
            }
            Error::ZeroExpiry => f.write_str("the expiry is zero seconds"),
            Error::TimeOutOfRange => f.write_str("the time is outside the years 0 to 9999"),
            Error::Method(method) => write!(f, "`{}` is not a method", method.escape_debug()),
            Error::Host(host) => write!(f, "`{}` is not a host", host.escape_debug()),
            Error::NotForBulk => f.write_str("this output format is for single URLs, not in bulk"),
            Error::NotForForms => f.write_str("forms do not support signature version 4A"),
            Error::SecretAccessKey => f.write_str("the secret access key is empty"),
            Error::SessionToken => f.write_str("the session token is empty"),
            Error::Time(text) => write!(f, "`{}` is not a time", text.escape_debug()),
            Error::EmptyKey => f.write_str("the object key is empty"),
            Error::PathAsSent => f.write_str(
                "the path contains a space, `?`, `#` or control character that is not encoded",
            ),
            Error::RepeatedField(name) => {
                write!(f, "the form has the field `{}` twice", name.escape_debug())
            }
            Error::ReservedField(name) => {
                write!(
                    f,
                    "the field `{}` is set by the signature",
                    name.escape_debug()
                )
            }
            Error::MissingField(name) => {
                write!(f, "the form has no field `{}`", name.escape_debug())
            }
            Error::FieldWithoutCondition(name) => write!(
                f,
                "the policy has no condition for the field `{}`",
                name.escape_debug()
            ),
            Error::FieldNotAllowed(name) => write!(
                f,
                "the policy does not allow the value of the field `{}`",
                name.escape_debug()
            ),
            Error::Condition(text) => {
                write!(
                    f,
                    "`{}` is not a condition of a policy",
                    text.escape_debug()
                )
            }
            Error::Path => f.write_str("the path does not begin with `/`"),
        }
    }
}

impl std::error::Error for Error {}
