//! The subject of a refusal, from the error codes and messages of stores, as one table.
//!
//! If a code has one meaning, it decides. If stores use one code for several causes, a part of the
//! message or a field decides. The first matching row counts. Sources: the error references of AWS,
//! Google, Alibaba, Tencent, Huawei, Backblaze, Cloudflare and Azure, the source of MinIO, Ceph,
//! Garage, Swift, s3s and Supabase Storage, and responses recorded from servers.

use super::{BodyKind, ErrorResponse};

/// What a store refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The signature is not the one the store computed.
    Signature,
    /// The access key ID is unknown, disabled or malformed.
    AccessKey,
    /// The session token has expired.
    TokenExpired,
    /// The session token is not accepted.
    TokenInvalid,
    /// The URL has expired.
    Expired,
    /// The URL is not valid yet.
    NotYetValid,
    /// The clocks differ.
    Skewed,
    /// `X-Amz-Expires` exceeds the store's limit.
    ExpiryLimit,
    /// The request was not recognised as signed.
    Unsigned,
    /// A parameter of the signature is missing or malformed.
    Parameters,
    /// Signed for another region.
    Region,
    /// Signed for another service.
    Service,
    /// The bucket is at another endpoint.
    Redirected,
    /// The global endpoint does not serve the region.
    Location,
    /// The other addressing style is required.
    Addressing,
    /// The request was interpreted as one about a bucket: the URL contains no bucket, or no key.
    BucketCreation,
    /// No such bucket.
    NoBucket,
    /// No such object or version.
    NoKey,
    /// No such upload or part, or parts in disorder.
    Multipart,
    /// Not permitted.
    Denied,
    /// Not permitted: the KMS key.
    Kms,
    /// The requester must accept the costs.
    RequesterPays,
    /// A limit, debt or suspension of the account.
    Account,
    /// Another method is required.
    Method,
    /// Two kinds of authentication.
    TwoAuth,
    /// A value that cannot be sent back as a header.
    Disposition,
    /// Signature version 2 is not accepted.
    Version2,
    /// Presigned requests are not accepted.
    PresignedNotTaken,
    /// A header was sent and is not signed.
    HeaderNotSigned,
    /// A signed header was not sent.
    HeaderMissing,
    /// A header or its value is not supported.
    HeaderNotSupported,
    /// Content-MD5 or a checksum is required.
    ChecksumRequired,
    /// A checksum is not that of the body.
    Digest,
    /// A malformed digest.
    DigestMalformed,
    /// The payload hash is not that of the body.
    PayloadHash,
    /// Fewer bytes arrived than declared.
    BodyIncomplete,
    /// The body has no length.
    Chunked,
    /// The body, or a part of the request, is too large or too small.
    Size,
    /// The form violates its policy.
    Policy,
    /// The form's policy has expired.
    PolicyExpired,
    /// The form itself is malformed.
    Form,
    /// The object is archived.
    Archived,
    /// A condition was not met.
    Precondition,
    /// CORS.
    Cors,
    /// Transfer Acceleration is off.
    Acceleration,
    /// The port of the console, or of another service.
    ConsolePort,
    /// Plain HTTP to an HTTPS port, or vice versa.
    Tls,
    /// No connection.
    Unreachable,
    /// The operation is not implemented.
    NotImplemented,
    /// Overloaded, or failing.
    Busy,
    /// A page or text that is not from a store.
    NotAStore,
    /// Unknown code or message.
    Other,
}

impl Refusal {
    /// Whether stores send this only after the signature was verified.
    ///
    /// Not for bare denials: Garage and Ceph use them for wrong signatures too.
    pub fn is_after_the_signature(self) -> bool {
        use Refusal::*;
        matches!(
            self,
            NoKey
                | Multipart
                | Kms
                | RequesterPays
                | HeaderNotSupported
                | ChecksumRequired
                | Digest
                | DigestMalformed
                | PayloadHash
                | BodyIncomplete
                | Size
                | Archived
                | Precondition
                | Disposition
        )
    }

    /// Whether it precedes the check of any signature: the connection, the address, a form, CORS.
    pub fn is_before_the_signature(self) -> bool {
        use Refusal::*;
        matches!(
            self,
            Cors | ConsolePort
                | Tls
                | Unreachable
                | NotAStore
                | TwoAuth
                | Chunked
                | PresignedNotTaken
                | Version2
                | Unsigned
                | Busy
                | Form
                | Policy
                | PolicyExpired
                | Account
                | Acceleration
                | NotImplemented
                | HeaderMissing
                | HeaderNotSigned
                | BucketCreation
                | Redirected
                | Location
                | Other
        )
    }
}

/// Code (empty: any), part of a message or field (empty: any), and their meaning.
type Row = (&'static [&'static str], &'static str, Refusal);

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "Forbidden",
    "AccessForbidden",
    "UnauthorizedAccess",
    "Unauthorized",
    "403",
    "401",
];

const INVALID: &[&str] = &["InvalidRequest", "InvalidArgument", "BadRequest", "400"];

const PARAMETERS: &[&str] = &[
    "AuthorizationQueryParametersError",
    "AuthorizationHeaderMalformed",
    "AuthorizationParametersError",
];

/// Messages that decide whatever the code is, then codes, then messages of ambiguous codes.
const TABLE: &[Row] = &[
    // CORS: three forms.
    (&[], "CORSResponse", Refusal::Cors),
    (&[], "CORS request is not allowed", Refusal::Cors),
    (&[], "blocked by CORS policy", Refusal::Cors),
    (&[], "Cross-Origin Request Blocked", Refusal::Cors),
    (&[], "Access-Control-Allow-Origin", Refusal::Cors),
    (&[], "CORS is not enabled", Refusal::Cors),
    (&[], "blocked by CORS policy", Refusal::Cors),
    // What a page's script is shown of a response without CORS headers.
    (&[], "Failed to fetch", Refusal::Cors),
    (&[], "NetworkError when attempting to fetch", Refusal::Cors),
    (&[], "Load failed", Refusal::Cors),
    (&[], "xhr network error", Refusal::Cors),
    // The connection.
    (&[], "HTTP request to an HTTPS server", Refusal::Tls),
    (&[], "HTTP request was sent to HTTPS port", Refusal::Tls),
    (&["XMinioInsecureClientRequest"], "", Refusal::Tls),
    (&[], "plain-text request from TLS", Refusal::Tls),
    (&[], "ERR_SSL_", Refusal::Tls),
    (&[], "SSL_ERROR_", Refusal::Tls),
    (&[], "EPROTO", Refusal::Tls),
    (&[], "SSL routines", Refusal::Tls),
    (&[], "wrong version number", Refusal::Tls),
    (&[], "CERTIFICATE_VERIFY_FAILED", Refusal::Tls),
    (&[], "unable to verify the first certificate", Refusal::Tls),
    (&[], "self signed certificate", Refusal::Tls),
    (&[], "self-signed certificate", Refusal::Tls),
    (&[], "ERR_CERT_", Refusal::Tls),
    (&[], "SSLHandshakeException", Refusal::Tls),
    (&[], "x509: ", Refusal::Tls),
    (&[], "ERR_TLS_CERT", Refusal::Tls),
    (&[], "certificate problem", Refusal::Tls),
    (&[], "certificate verify failed", Refusal::Tls),
    (&[], "certificate subject name", Refusal::Tls),
    (&[], "certificate's altnames", Refusal::Tls),
    (&[], "certificate is valid for", Refusal::Tls),
    (&[], "hostname mismatch", Refusal::Tls),
    (&[], "ECONNREFUSED", Refusal::Unreachable),
    (&[], "ENOTFOUND", Refusal::Unreachable),
    (&[], "ETIMEDOUT", Refusal::Unreachable),
    (&[], "ECONNRESET", Refusal::Unreachable),
    (&[], "getaddrinfo", Refusal::Unreachable),
    (&[], "no such host", Refusal::Unreachable),
    (&[], "Could not resolve host", Refusal::Unreachable),
    (&[], "Connection refused", Refusal::Unreachable),
    (&[], "Connection timed out", Refusal::Unreachable),
    (&[], "ERR_NAME_NOT_RESOLVED", Refusal::Unreachable),
    (&[], "ERR_CONNECTION_", Refusal::Unreachable),
    (&[], "Connection reset by peer", Refusal::Unreachable),
    (&[], "Empty reply from server", Refusal::Unreachable),
    (&[], "socket hang up", Refusal::Unreachable),
    (&[], "Failed to connect to", Refusal::Unreachable),
    (&[], "made to API port", Refusal::ConsolePort),
    (&[], "MinIO Console", Refusal::ConsolePort),
    // Forms.
    (&[], "Policy expired", Refusal::PolicyExpired),
    (&[], "according to Policy", Refusal::Policy),
    (&[], "Policy Condition failed", Refusal::Policy),
    (&[], "appear in the list of conditions", Refusal::Policy),
    (&[], "did not reference these fields", Refusal::Policy),
    (
        &["PostPolicyInvalidKeyName", "PolicyConditionFailed"],
        "",
        Refusal::Policy,
    ),
    (&["InvalidPolicyDocument"], "Invalid JSON", Refusal::Form),
    (&["InvalidPolicyDocument"], "base64", Refusal::Form),
    (&["InvalidPolicyDocument"], "", Refusal::Policy),
    (&[], "must contain a field named", Refusal::Form),
    (&[], "exactly one file upload", Refusal::Form),
    (&[], "enclosure-type multipart", Refusal::Form),
    (&[], "expects Content-Type multipart", Refusal::Form),
    (&[], "well-formed multipart/form-data", Refusal::Form),
    (
        &[],
        "request fields preceding the upload file",
        Refusal::Form,
    ),
    (
        &[
            "MalformedPOSTRequest",
            "RequestIsNotMultiPartContent",
            "IncorrectNumberOfFilesInPostRequest",
            "IncorrectNumberOfFilesInPOSTRequest",
            "MaxPostPreDataLengthExceeded",
            "MaxPostPreDataLengthExceededError",
            "UserKeyMustBeSpecified",
            "InlineDataTooLarge",
            "FieldItemTooLong",
            "POSTFileRequired",
        ],
        "",
        Refusal::Form,
    ),
    // Time.
    (
        &[
            "ExpiredRequest",
            "RequestExpired",
            "ExpiredPresignRequest",
            "ExpiredSignature",
        ],
        "",
        Refusal::Expired,
    ),
    (&[], "not yet valid", Refusal::NotYetValid),
    (&[], "not valid yet", Refusal::NotYetValid),
    (&["ExpiredToken"], "signature expired", Refusal::Expired),
    (&["ExpiredToken"], "Request has expired", Refusal::Expired),
    (
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "TokenRefreshRequired",
            "SecurityTokenExpired",
        ],
        "",
        Refusal::TokenExpired,
    ),
    (
        &["RequestTimeTooSkewed", "RequestInTheFuture"],
        "",
        Refusal::Skewed,
    ),
    (&[], "has expired", Refusal::Expired),
    (&[], "jwt expired", Refusal::Expired),
    (&[], "Date is too old", Refusal::Expired),
    (&[], "in the specified time frame", Refusal::Expired),
    (&[], "less than a week", Refusal::ExpiryLimit),
    (&[], "may not exceed a week", Refusal::ExpiryLimit),
    (&[], "less than 604800", Refusal::ExpiryLimit),
    // Tokens.
    (
        &[
            "InvalidToken",
            "InvalidTokenId",
            "InvalidSecurityToken",
            "AccessKeyIdAndSecurityTokenNotMatch",
            "TokenCodeInvalidError",
            "UnrecognizedClientException",
            "InvalidJWT",
        ],
        "",
        Refusal::TokenInvalid,
    ),
    (INVALID, "X-Amz-Security-Token", Refusal::TokenInvalid),
    (
        &[],
        "session token should be a valid JWT",
        Refusal::TokenInvalid,
    ),
    // Regions. Before the keys: Oracle's message mentions both.
    (&[], "region must be specified", Refusal::Region),
    (
        &["InvalidRegionName", "InvalidRegion", "BucketRegionError"],
        "",
        Refusal::Region,
    ),
    (PARAMETERS, "region", Refusal::Region),
    (PARAMETERS, "unexpected scope", Refusal::Region),
    (&[], "Region does not match", Refusal::Region),
    (PARAMETERS, "incorrect service", Refusal::Service),
    (&[], "account is disabled", Refusal::Account),
    // Keys.
    (
        &[
            "InvalidAccessKeyId",
            "InvalidAccessKey",
            "InvalidClientTokenId",
            "NoSuchAccessKey",
            "UnknownAccessKey",
            "InvalidSecurity",
            "NotSignedUp",
        ],
        "",
        Refusal::AccessKey,
    ),
    (&[], "access key has length", Refusal::AccessKey),
    (&[], "non-empty Access Key", Refusal::AccessKey),
    (
        &["AccessDenied", "Forbidden"],
        "No such key",
        Refusal::AccessKey,
    ),
    // Two kinds of authentication, or an unsupported one.
    (&[], "one auth mechanism", Refusal::TwoAuth),
    (&[], "auth mechanism", Refusal::TwoAuth),
    (&[], "authentication mechanism", Refusal::TwoAuth),
    (&[], "multiple auth", Refusal::TwoAuth),
    (&[], "Unsupported authorization", Refusal::TwoAuth),
    (&[], "Authorization header is invalid", Refusal::TwoAuth),
    (&["AmbiguousGrantByEmailAddress"], "", Refusal::Other),
    (&["CredentialsNotSupported"], "", Refusal::PresignedNotTaken),
    (
        &[],
        "does not support given credentials type",
        Refusal::PresignedNotTaken,
    ),
    (&[], "SigV2", Refusal::Version2),
    (
        &[],
        "authorization mechanism you have provided is not",
        Refusal::Version2,
    ),
    (&[], "require AWS Signature Version 4", Refusal::Version2),
    (&["UnsupportedSignature"], "", Refusal::Version2),
    // The signature.
    (
        &["SignatureDoesNotMatch"],
        "missing signed header",
        Refusal::HeaderMissing,
    ),
    (
        &["InvalidSignature"],
        "Missing signature",
        Refusal::Unsigned,
    ),
    (
        &[
            "SignatureDoesNotMatch",
            "InvalidSignature",
            "SignatureNotMatch",
        ],
        "",
        Refusal::Signature,
    ),
    (
        &["AccessDenied", "Forbidden"],
        "Invalid signature",
        Refusal::Signature,
    ),
    (&["AuthenticationFailed"], "", Refusal::Signature),
    // Headers.
    (
        &[],
        "headers present in the request which were not signed",
        Refusal::HeaderNotSigned,
    ),
    (&[], "should be signed", Refusal::HeaderNotSigned),
    (
        &[],
        "included in signedheaders, but not in the request",
        Refusal::HeaderMissing,
    ),
    (&[], "signed header", Refusal::HeaderMissing),
    (
        &[],
        "Content-MD5 OR x-amz-checksum-",
        Refusal::ChecksumRequired,
    ),
    (&["MissingContentMD5"], "", Refusal::ChecksumRequired),
    (
        &[],
        "no corresponding x-amz-checksum",
        Refusal::ChecksumRequired,
    ),
    (&[], "Checksum Type mismatch", Refusal::Multipart),
    (
        &[],
        "must include the checksum for each part",
        Refusal::Multipart,
    ),
    (
        &[],
        "Missing required header for this request: x-amz-content-sha256",
        Refusal::TwoAuth,
    ),
    (&[], "Unsupported header", Refusal::HeaderNotSupported),
    (&["NotImplemented"], "in credential scope", Refusal::Service),
    (&["NotImplemented"], "Transfer-Encoding", Refusal::Chunked),
    (&["NotImplemented"], "Header '", Refusal::HeaderNotSupported),
    (
        &["NotImplemented"],
        "A header you provided",
        Refusal::HeaderNotSupported,
    ),
    (
        &["NotImplemented"],
        "Server side encryption",
        Refusal::HeaderNotSupported,
    ),
    (
        &[
            "AccessControlListNotSupported",
            "InvalidStorageClass",
            "InvalidTag",
            "InvalidEncryptionAlgorithmError",
            "InvalidRange",
            "MalformedACLError",
            "MissingSecurityElement",
        ],
        "",
        Refusal::HeaderNotSupported,
    ),
    (
        &[],
        "metadata headers are not supported",
        Refusal::HeaderNotSupported,
    ),
    (
        &[],
        "encryption method specified is not supported",
        Refusal::HeaderNotSupported,
    ),
    (
        &[],
        "uniform bucket-level access",
        Refusal::HeaderNotSupported,
    ),
    (
        &[],
        "form of Server Side Encryption",
        Refusal::HeaderNotSupported,
    ),
    (
        &[],
        "not represented using ISO-8859-1",
        Refusal::Disposition,
    ),
    (&[], "represented using ISO-8859-1", Refusal::Disposition),
    (&[], "Host header is malformed", Refusal::Addressing),
    (&["InvalidHostHeader"], "", Refusal::Addressing),
    // The body.
    (&["MissingContentLength"], "", Refusal::Chunked),
    (&["IncompleteBody"], "", Refusal::BodyIncomplete),
    (
        &["RequestTimeout"],
        "socket connection",
        Refusal::BodyIncomplete,
    ),
    (&["InvalidDigest"], "", Refusal::DigestMalformed),
    (
        &[],
        "checksum-crc32 header is invalid",
        Refusal::DigestMalformed,
    ),
    (&[], "header is invalid", Refusal::DigestMalformed),
    (
        &[
            "BadDigest",
            "XAmzContentChecksumMismatch",
            "ChecksumMismatch",
        ],
        "",
        Refusal::Digest,
    ),
    (
        &["XAmzContentSHA256Mismatch", "ContentSHA256Mismatch"],
        "",
        Refusal::PayloadHash,
    ),
    (&[], "x-amz-content-sha256 must be", Refusal::PayloadHash),
    (
        &[
            "EntityTooLarge",
            "EntityTooSmall",
            "MaxMessageLengthExceeded",
            "MetadataTooLarge",
            "RequestHeaderSectionTooLarge",
            "RequestHeadersTooLarge",
        ],
        "",
        Refusal::Size,
    ),
    (&[], "Request Entity Too Large", Refusal::Size),
    (&[], "Payload Too Large", Refusal::Size),
    // The place.
    (
        &[
            "PermanentRedirect",
            "TemporaryRedirect",
            "Redirect",
            "MovedPermanently",
        ],
        "",
        Refusal::Redirected,
    ),
    (
        &["IncorrectEndpoint", "EndpointNotFound"],
        "",
        Refusal::Redirected,
    ),
    (
        &[],
        "must be addressed using the specified endpoint",
        Refusal::Redirected,
    ),
    (
        &["IllegalLocationConstraintException"],
        "",
        Refusal::Location,
    ),
    (
        &[
            "SecondLevelDomainForbidden",
            "PathStyleDomainForbidden",
            "VirtualHostDomainRequired",
            "InvalidAddressingHeader",
        ],
        "",
        Refusal::Addressing,
    ),
    (&[], "virtual hosted style", Refusal::Addressing),
    (&[], "third level domain", Refusal::Addressing),
    (&[], "Transfer Acceleration", Refusal::Acceleration),
    (&[], "create bucket", Refusal::BucketCreation),
    (
        &[
            "BucketAlreadyExists",
            "BucketAlreadyOwnedByYou",
            "TooManyBuckets",
            "InvalidLocationConstraint",
        ],
        "",
        Refusal::BucketCreation,
    ),
    (
        &["NoSuchBucket", "InvalidBucketName", "TenantNotFound"],
        "",
        Refusal::NoBucket,
    ),
    (
        &["NoSuchKey", "NoSuchVersion", "KeyNotFound", "NoSuchObject"],
        "",
        Refusal::NoKey,
    ),
    (
        &[
            "NoSuchUpload",
            "InvalidPart",
            "InvalidPartOrder",
            "InvalidPartNumber",
            "FilePartNotExist",
            "FilePartStale",
            "FilePartInterity",
        ],
        "",
        Refusal::Multipart,
    ),
    (&[], "parts must have the same length", Refusal::Multipart),
    (&[], "Object not found", Refusal::NoKey),
    (&[], "Bucket not found", Refusal::NoBucket),
    (
        &["MethodNotAllowed", "InvalidHttpMethod"],
        "",
        Refusal::Method,
    ),
    // State.
    (
        &["InvalidObjectState", "RestoreInProgress"],
        "",
        Refusal::Archived,
    ),
    (
        &["PreconditionFailed", "ConditionalRequestConflict"],
        "",
        Refusal::Precondition,
    ),
    // Money, limits, permissions.
    (&[], "requester pays", Refusal::RequesterPays),
    (&["UserProjectMissing"], "", Refusal::RequesterPays),
    (&[], "cap exceeded", Refusal::Account),
    (&[], "cap reached", Refusal::Account),
    (
        &[
            "AccountProblem",
            "AllAccessDisabled",
            "OptInRequired",
            "InvalidPayer",
            "UnavailableForLegalReasons",
            "UserSuspended",
            "QuotaExceeded",
            "UserDisable",
            "InDebt",
            "InDebtOverdue",
            "InArrearOrInsufficientBalance",
            "FrozenUserId",
            "DeregisterUserId",
            "AccountDisabled",
            "UserProjectAccountProblem",
            "BucketDisable",
            "AbnormalBucketOwnerStatus",
            "XMinioStorageFull",
            "XMinioAdminBucketQuotaExceeded",
            "InsufficientStorage",
            "download_cap_exceeded",
            "storage_cap_exceeded",
            "transaction_cap_exceeded",
        ],
        "",
        Refusal::Account,
    ),
    (DENIED, "kms:", Refusal::Kms),
    (DENIED, "ciphertext refers to", Refusal::Kms),
    (DENIED, "object lock", Refusal::Other),
    (DENIED, "WORM", Refusal::Other),
    (
        &[
            "KMS.DisabledException",
            "KMS.InvalidStateException",
            "KMS.NotFoundException",
            "KMS.KMSInvalidKeyUsageException",
            "KMSInvalidStateException",
            "XMinioEncryptionError",
        ],
        "",
        Refusal::Kms,
    ),
    // Requests that were treated as unsigned.
    (
        &["Unauthorized", "401", "AuthenticationRequired"],
        "",
        Refusal::Unsigned,
    ),
    (&[], "Anonymous caller", Refusal::Unsigned),
    (&[], "Anonymous access is forbidden", Refusal::Unsigned),
    (&[], "Anonymous users cannot", Refusal::Unsigned),
    (&[], "anonymous access yet", Refusal::Unsigned),
    (&[], "No AWSAccessKey was presented", Refusal::Unsigned),
    (
        &[],
        "requires the Signature, Expires and",
        Refusal::Unsigned,
    ),
    (
        &[],
        "should have required property 'token'",
        Refusal::Unsigned,
    ),
    (
        &[
            "MissingAuthenticationToken",
            "MissingSecurityHeader",
            "MissingKey",
        ],
        "",
        Refusal::Unsigned,
    ),
    (PARAMETERS, "", Refusal::Parameters),
    (
        &["MalformedSecurityHeader", "InvalidURI"],
        "",
        Refusal::Parameters,
    ),
    (INVALID, "X-Amz-", Refusal::Parameters),
    (INVALID, "Missing presigned url", Refusal::Parameters),
    (INVALID, "Credential", Refusal::Parameters),
    (DENIED, "", Refusal::Denied),
    // The rest.
    (
        &[
            "SlowDown",
            "SlowDownRead",
            "SlowDownWrite",
            "InternalError",
            "ServiceUnavailable",
            "RequestTimeout",
            "RequestLimitExceeded",
            "TooManyRequests",
            "TooManyRequestsException",
            "Throttling",
            "ThrottlingException",
            "KMS.ThrottlingException",
            "BandwidthLimitExceeded",
            "Busy",
            "ServerBusy",
            "OperationAborted",
            "XMinioServerNotInitialized",
            "XMinioIAMNotInitialized",
            "XMinioBucketMetadataNotInitialized",
            "XMinioBackendDown",
            "DatabaseTimeout",
            "DatabaseConnectionLimit",
            "LockTimeout",
        ],
        "",
        Refusal::Busy,
    ),
    (&["NotImplemented"], "", Refusal::NotImplemented),
    (&[], "404 page not found", Refusal::NotAStore),
    (&[], "default backend", Refusal::NotAStore),
    (&[], "no healthy upstream", Refusal::NotAStore),
    (&[], "upstream connect error", Refusal::NotAStore),
    (&[], "Missing Authentication Token", Refusal::NotAStore),
    (&[], "error code: 10", Refusal::NotAStore),
];

impl ErrorResponse {
    /// The subject of the refusal, from its code, messages and fields; `None` if they do not show
    /// it.
    pub fn refusal(&self) -> Option<Refusal> {
        let code = self.code();
        let texts = self.sentences();
        let has = |part: &str| {
            let part = part.to_ascii_lowercase();
            texts
                .iter()
                .any(|text| text.to_ascii_lowercase().contains(&part))
        };
        let fits = |(codes, part, _): &&Row| {
            let is_code = codes.is_empty()
                || code.is_some_and(|code| codes.iter().any(|c| c.eq_ignore_ascii_case(code)));
            is_code && (part.is_empty() || has(part))
        };
        // Object names are arbitrary, so only errors and unstructured bodies are searched for text.
        let is_error = matches!(
            self.kind,
            BodyKind::Error | BodyKind::Html | BodyKind::Other
        );
        if !is_error {
            return None;
        }
        if self.element("HeadersNotSigned").is_some() {
            return Some(Refusal::HeaderNotSigned);
        }
        let row = TABLE.iter().find(fits).map(|(_, _, refusal)| *refusal);
        match row {
            Some(Refusal::Denied)
                if self.element("Expires").is_some() && self.element("ServerTime").is_some() =>
            {
                Some(Refusal::Expired)
            }
            Some(refusal) => Some(refusal),
            None => match self.element("ArgumentName").map(str::to_ascii_lowercase) {
                Some(name) if name == "authorization" => Some(Refusal::TwoAuth),
                Some(name) if name.starts_with("response-") => Some(Refusal::Disposition),
                Some(name) if name.contains("region") => Some(Refusal::Region),
                _ if code.is_some() || self.kind == BodyKind::Error => Some(Refusal::Other),
                _ => None,
            },
        }
    }
}

/// Whether a word is an error code of the table.
pub fn is_error_code(word: &str) -> bool {
    TABLE.iter().any(|(codes, _, _)| codes.contains(&word))
        || ["InvalidArgument", "InvalidRequest", "BadRequest"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_causes_of_one_code_apart() {
        for (code, message, refusal) in [
            ("AccessDenied", "Access Denied", Refusal::Denied),
            ("AccessDenied", "Request has expired", Refusal::Expired),
            (
                "AccessDenied",
                "Request is not valid yet",
                Refusal::NotYetValid,
            ),
            (
                "AccessDenied",
                "Forbidden: Invalid signature",
                Refusal::Signature,
            ),
            (
                "AccessDenied",
                "Invalid according to Policy: Policy expired.",
                Refusal::PolicyExpired,
            ),
            (
                "AccessForbidden",
                "CORSResponse: This CORS request is not allowed.",
                Refusal::Cors,
            ),
            (
                "InvalidArgument",
                "S3 API Requests must be made to API port.",
                Refusal::ConsolePort,
            ),
            (
                "InvalidArgument",
                "X-Amz-Security-Token",
                Refusal::TokenInvalid,
            ),
            ("RequestTimeout", "A timeout", Refusal::Busy),
            (
                "RequestTimeout",
                "Your socket connection to the server",
                Refusal::BodyIncomplete,
            ),
            ("SignatureDoesNotMatch", "", Refusal::Signature),
            ("SomethingNew", "Words of a store", Refusal::Other),
        ] {
            let text = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            let response = ErrorResponse::parse(text.as_bytes());
            assert_eq!(response.refusal(), Some(refusal), "{text}");
        }
    }

    #[test]
    fn reads_texts_that_are_no_documents() {
        for (text, refusal) in [
            ("404 page not found\n", Some(Refusal::NotAStore)),
            (
                "Client sent an HTTP request to an HTTPS server.\n",
                Some(Refusal::Tls),
            ),
            ("hello", None),
            (
                "<ListBucketResult><Name>has expired</Name></ListBucketResult>",
                None,
            ),
        ] {
            assert_eq!(
                ErrorResponse::parse(text.as_bytes()).refusal(),
                refusal,
                "{text}"
            );
        }
    }
}
