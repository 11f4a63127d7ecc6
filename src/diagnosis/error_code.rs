//! The store's own words: what its error code and the fields beside it mean.
//!
//! Sentences differ from store to store and from year to year; codes and fields do not. So the sentence is only shown,
//! and read for nothing but the two codes that say nothing by themselves.

use unicode_normalization::is_nfc;

use crate::store::{BodyKind, Endpoint, StoreAnswer, is_region_name};
use crate::text::{CommandLine, escape_controls};

use super::case::{Case, SignatureState};
use super::checks::{
    command, is_checksum_of_nothing, list_command, local_time, region_command, span, verb_of,
};
use super::code::Code;
use super::finding::Finding;
use super::url_parts::{Anatomy, SignatureKind};

/// What the answer says.
pub fn findings(anatomy: &Anatomy, case: &Case, state: SignatureState) -> Vec<Finding> {
    let empty = StoreAnswer::default();
    let answer = case.answer.as_ref().unwrap_or(&empty);
    let words = Words {
        anatomy,
        case,
        state,
        answer,
    };
    let mut found = match answer.code() {
        Some(code) => words.of_code(code),
        None => words.of_status(),
    };
    if let Some(message) = answer.message() {
        let said = format!("the store says: {}", escape_controls(message));
        for finding in found
            .iter_mut()
            .filter(|finding| finding.evidence.is_empty())
        {
            finding.evidence.push(said.clone());
        }
    }
    found
}

struct Words<'a> {
    anatomy: &'a Anatomy,
    case: &'a Case,
    state: SignatureState,
    answer: &'a StoreAnswer,
}

impl Words<'_> {
    fn of_code(&self, code: &str) -> Vec<Finding> {
        match code {
            "SignatureDoesNotMatch" | "InvalidSignature" => Vec::new(),
            "AuthorizationQueryParametersError"
            | "AuthorizationHeaderMalformed"
            | "AuthorizationParametersError" => self.parameters(),
            "AccessDenied" | "Forbidden" | "AllAccessDisabled" | "AccountProblem"
            | "UnauthorizedAccess" | "Unauthorized" => self.access_denied(),
            "RequestTimeTooSkewed" => self.skewed(),
            "ExpiredRequest" | "RequestExpired" | "ExpiredPresignRequest" => self.expired(),
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
                self.expired_token()
            }
            "InvalidToken" => self.invalid_token(),
            "InvalidAccessKeyId"
            | "InvalidAccessKey"
            | "InvalidClientTokenId"
            | "NotSignedUp"
            | "NoSuchAccessKey"
            | "UnknownAccessKey" => self.unknown_access_key(),
            "PermanentRedirect" | "TemporaryRedirect" | "Redirect" | "MovedPermanently" => {
                self.redirected()
            }
            "IllegalLocationConstraintException" => self.illegal_location(),
            "NoSuchKey" | "NoSuchVersion" | "KeyNotFound" => self.no_such_key(),
            "NoSuchBucket" | "InvalidBucketName" => self.no_such_bucket(),
            "MethodNotAllowed" => vec![self.method_not_allowed()],
            "InvalidRequest" | "InvalidArgument" | "BadRequest" => self.invalid(),
            "NotImplemented" => self.not_implemented(),
            "MissingContentLength" => vec![
                Finding::certain(Code::ChunkedBody, "the body was sent without its length")
                    .fix("send a file, not a pipe: `curl --upload-file FILE URL`"),
            ],
            "BadDigest" | "InvalidDigest" | "XAmzContentChecksumMismatch" | "ChecksumMismatch" => {
                vec![self.bad_digest()]
            }
            "XAmzContentSHA256Mismatch" | "ContentSHA256Mismatch" => vec![
                Finding::certain(
                    Code::PayloadHashMismatch,
                    "the body is not the one whose hash was signed",
                )
                .fix("make the link without a payload hash: links sign UNSIGNED-PAYLOAD"),
            ],
            "InvalidPolicyDocument" => vec![self.policy()],
            "EntityTooLarge" | "EntityTooSmall" if self.anatomy.kind == SignatureKind::None => {
                vec![self.policy()]
            }
            "EntityTooLarge" | "EntityTooSmall" => vec![
                Finding::certain(
                    Code::EntityTooLarge,
                    format!("the store refuses a body of this size ({code})"),
                )
                .fix("upload in parts: one PUT takes at most 5 GiB"),
            ],
            "InvalidObjectState" | "RestoreInProgress" => vec![
                Finding::certain(
                    Code::ObjectArchived,
                    "the object is in an archive and has to be restored first",
                )
                .fix("restore it, then use the link again: `aws s3api restore-object`"),
            ],
            "PreconditionFailed" | "ConditionalRequestConflict" => vec![
                Finding::certain(
                    Code::PreconditionFailed,
                    "a condition of the request was not met (If-Match, If-None-Match)",
                )
                .fix("look at what is there already, or leave out the condition"),
            ],
            "SlowDown" | "InternalError" | "ServiceUnavailable" | "RequestTimeout"
            | "TooManyRequests" | "Busy" => {
                vec![self.busy()]
            }
            "MissingAuthenticationToken" | "MissingSecurityHeader"
                if self.anatomy.kind == SignatureKind::None =>
            {
                Vec::new()
            }
            _ => self.of_status(),
        }
    }

    /// Where there is no code: HEAD has no body, and proxies write pages of their own.
    fn of_status(&self) -> Vec<Finding> {
        let Some(status) = self.case.status() else {
            return self.html();
        };
        match status {
            301 | 302 | 303 | 307 | 308 => self.redirected(),
            404 if self.answer.kind == BodyKind::Empty => vec![self.missing(false)],
            405 => vec![self.method_not_allowed()],
            403 if self.answer.kind == BodyKind::Empty && self.state == SignatureState::Matches => {
                self.access_denied()
            }
            411 => self.of_code("MissingContentLength"),
            412 => self.of_code("PreconditionFailed"),
            429 | 500 | 503 => vec![self.busy()],
            400.. => self.html(),
            _ => Vec::new(),
        }
    }

    fn html(&self) -> Vec<Finding> {
        if self.answer.kind != BodyKind::Html {
            return Vec::new();
        }
        vec![
            Finding::likely(
                Code::NotAStoreAnswer,
                "the answer is a web page: a proxy, a login page or a CDN has answered, not the store",
            )
            .fix("go to the store itself: check the endpoint, and what stands before it"),
        ]
    }

    fn region(&self) -> Option<&str> {
        let of_header = || self.answer.header("x-amz-bucket-region");
        self.answer
            .element("Region")
            .map(str::trim)
            .or_else(of_header)
    }

    fn scope_region(&self) -> &str {
        self.anatomy
            .credential
            .as_ref()
            .map_or("", |credential| credential.region.as_str())
    }

    fn parameters(&self) -> Vec<Finding> {
        match self.region() {
            Some(region) if region != self.scope_region() => vec![
                Finding::certain(
                    Code::WrongRegion,
                    format!(
                        "the link is signed for `{}`, and the store says `{}`",
                        self.scope_region(),
                        escape_controls(region)
                    ),
                )
                .fix(format!(
                    "sign for it: `{}`",
                    region_command(self.anatomy, region)
                )),
            ],
            // What is malformed has been seen in the URL itself.
            _ => Vec::new(),
        }
    }

    fn access_denied(&self) -> Vec<Finding> {
        if let Some(headers) = self.answer.element("HeadersNotSigned") {
            let names: Vec<String> = headers
                .split([',', ';'])
                .map(|name| name.trim().to_ascii_lowercase())
                .collect();
            if names.iter().any(|name| name == "host") {
                return vec![
                    Finding::certain(
                        Code::SignedHeadersMalformed,
                        "the store says that `host` is not signed",
                    )
                    .fix("make the link again: `host` is always signed"),
                ];
            }
            let command = names.iter().fold(
                command(self.anatomy, verb_of(self.case)),
                |command, name| command.header(name),
            );
            let list = names.join(", ");
            return vec![
                Finding::certain(
                    Code::HeaderNotSigned,
                    format!("`{}` was sent and is not signed", escape_controls(&list)),
                )
                .fix(format!("sign it too: `{command}`")),
            ];
        }
        let has_expiry =
            self.answer.element("Expires").is_some() && self.answer.element("ServerTime").is_some();
        if has_expiry {
            return self.expired();
        }
        if self.mentions("according to policy") || self.mentions("policy condition") {
            return vec![self.policy()];
        }
        if let (Some(issued), Some(server)) = (self.anatomy.issued_at, self.server_time())
            && (issued - server).num_seconds() > 60
            && (issued - self.case.now).num_seconds() <= 60
        {
            return self.skewed();
        }
        let known = self
            .anatomy
            .expires_at
            .is_some_and(|ends| ends < self.case.now)
            || self
                .anatomy
                .issued_at
                .is_some_and(|issued| (issued - self.case.now).num_seconds() > 0)
            || matches!(
                self.state,
                SignatureState::Explained | SignatureState::Unexplained
            )
            || self.anatomy.kind == SignatureKind::None;
        if known {
            return Vec::new();
        }
        let key = self
            .anatomy
            .access_key_id
            .as_deref()
            .unwrap_or("the access key");
        let message = match self.state {
            SignatureState::Matches => {
                format!(
                    "the signature is right: {key} may not do this, or the object is missing and may not be listed"
                )
            }
            _ => format!(
                "the store most likely accepted the signature: {key} may not do this, or the object is missing and may not be listed"
            ),
        };
        vec![Finding::likely(Code::AccessDenied, message).fix(
            "check the key for slips, then the rights of the access key and the bucket's policy",
        )]
    }

    /// For the two codes that many stores use for everything.
    fn mentions(&self, words: &str) -> bool {
        self.answer
            .message()
            .is_some_and(|message| message.to_ascii_lowercase().contains(words))
    }

    fn server_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        let text = self
            .answer
            .element("ServerTime")
            .or_else(|| self.answer.header("date"))?
            .trim();
        let rfc3339 = chrono::DateTime::parse_from_rfc3339(text).ok();
        rfc3339
            .or_else(|| chrono::DateTime::parse_from_rfc2822(text).ok())
            .map(|time| time.to_utc())
    }

    fn expired(&self) -> Vec<Finding> {
        let renew = format!(
            "make a new link: `{}`",
            command(self.anatomy, verb_of(self.case)).fixed_option("--expires", "24h")
        );
        let since = self
            .server_time()
            .zip(self.anatomy.expires_at)
            .map(|(now, ends)| (now - ends).num_seconds());
        let mut finding = match since {
            Some(seconds) if seconds >= 0 => Finding::certain(
                Code::Expired,
                format!(
                    "the link had ended {} before the store got it",
                    span(seconds)
                ),
            ),
            _ => Finding::certain(Code::Expired, "the store says that the link has ended"),
        };
        for field in ["X-Amz-Expires", "Expires", "ServerTime"] {
            if let Some(value) = self.answer.element(field) {
                finding = finding.evidence(format!("{field}: {}", escape_controls(value.trim())));
            }
        }
        vec![finding.fix(renew)]
    }

    fn skewed(&self) -> Vec<Finding> {
        let ahead = self
            .anatomy
            .issued_at
            .zip(self.server_time())
            .map(|(issued, server)| (issued - server).num_seconds());
        let message = match ahead {
            Some(seconds) if seconds > 0 => format!(
                "the link is signed {} ahead of the store's clock",
                span(seconds)
            ),
            Some(seconds) => format!(
                "the link is signed {} behind the store's clock",
                span(-seconds)
            ),
            None => "the clock that signed differs too much from the store's".to_owned(),
        };
        let mut finding = Finding::certain(Code::ClockSkew, message);
        for field in [
            "RequestTime",
            "ServerTime",
            "MaxAllowedSkewMilliseconds",
            "MaxSkewSeconds",
        ] {
            if let Some(value) = self.answer.element(field) {
                finding = finding.evidence(format!("{field}: {}", escape_controls(value.trim())));
            }
        }
        let mut found =
            vec![finding.fix("set the clock that signs: `timedatectl set-ntp true`; or sign as of earlier: `--backdate 15m`")];
        found.extend(ahead.and_then(local_time));
        found
    }

    fn expired_token(&self) -> Vec<Finding> {
        // Google calls an expired link an expired token.
        if !self.anatomy.has_token {
            return self.expired();
        }
        vec![
            Finding::certain(Code::TokenExpired, "the session token in the link has ended, and the link with it")
                .fix("get new temporary credentials and make the link again; permanent keys make links that last"),
        ]
    }

    fn invalid_token(&self) -> Vec<Finding> {
        if !self.anatomy.has_token {
            return vec![self.token_missing()];
        }
        if matches!(self.state, SignatureState::Explained) {
            return Vec::new();
        }
        vec![
            Finding::certain(Code::TokenInvalid, "the store does not take the session token in the link")
                .fix("sign with the token that belongs to the keys; for an opt-in region get it from a regional STS endpoint"),
        ]
    }

    fn token_missing(&self) -> Finding {
        Finding::certain(
            Code::TokenMissing,
            "the link is signed with temporary keys, and has no session token",
        )
        .fix("sign with the session token too: set `AWS_SESSION_TOKEN`, then make the link again")
    }

    fn unknown_access_key(&self) -> Vec<Finding> {
        let id = self.anatomy.access_key_id.as_deref().unwrap_or_default();
        if id.starts_with("ASIA") && !self.anatomy.has_token {
            return vec![self.token_missing()];
        }
        vec![
            Finding::certain(Code::WrongAccessKey, format!("the store does not know the access key id `{}`", escape_controls(id)))
                .fix("check that the key exists, is active, and belongs to this store: `--profile NAME` takes another"),
        ]
    }

    fn redirected(&self) -> Vec<Finding> {
        let endpoint = self.answer.element("Endpoint").map(str::trim);
        let location = self
            .answer
            .header("location")
            .map(|location| location.split('?').next().unwrap_or(location));
        let stated_region = self
            .region()
            .filter(|region| *region != self.scope_region());
        let region = stated_region.filter(|region| is_region_name(region));
        let place = endpoint
            .or(location)
            .or(stated_region)
            .unwrap_or("another endpoint");
        let fix = match (region, endpoint) {
            (Some(region), _) => format!(
                "sign for the bucket's region: `{}`",
                region_command(self.anatomy, region)
            ),
            (None, Some(endpoint)) if Endpoint::parse(endpoint).is_ok() => format!(
                "sign for that endpoint: `{}`",
                CommandLine::options().option("--endpoint", format!("https://{endpoint}"))
            ),
            (None, _) => "sign for the endpoint to which it leads".to_owned(),
        };
        let finding = Finding::certain(
            Code::Redirected,
            format!(
                "the store sends the request on to `{}`, which was not signed",
                escape_controls(place)
            ),
        );
        let finding = match stated_region {
            Some(text) if region.is_none() => finding.evidence(format!(
                "the store says that the region is `{}`, which is no name of a region",
                escape_controls(text)
            )),
            _ => finding,
        };
        vec![finding.fix(fix)]
    }

    fn illegal_location(&self) -> Vec<Finding> {
        let host = super::host_name(&self.anatomy.parts.authority);
        if host.ends_with("s3.amazonaws.com") {
            return vec![
                Finding::certain(
                    Code::GlobalEndpoint,
                    "the bucket is in a region that the global endpoint does not serve",
                )
                .fix(format!(
                    "sign for the region's own endpoint: `{}`",
                    region_command(self.anatomy, self.scope_region())
                )),
            ];
        }
        vec![
            Finding::certain(
                Code::WrongRegion,
                "the bucket is in another region than this endpoint",
            )
            .fix("sign with the bucket's region: `--region NAME`"),
        ]
    }

    fn no_such_key(&self) -> Vec<Finding> {
        let mut found = vec![self.missing(true)];
        let key = self.anatomy.key.as_deref().unwrap_or_default();
        if let Ok(text) = std::str::from_utf8(key)
            && !is_nfc(text)
        {
            found.push(
                Finding::possible(
                    Code::UnicodeNormalization,
                    "the key has decomposed characters (NFD, as macOS writes them); the object may have the composed ones",
                )
                .fix("list the bucket and copy the key from there: `cos-presign list BUCKET`"),
            );
        }
        found
    }

    fn missing(&self, is_stated: bool) -> Finding {
        let key = self
            .anatomy
            .key
            .as_deref()
            .map(|key| String::from_utf8_lossy(key).into_owned())
            .unwrap_or_default();
        let bucket = self.anatomy.bucket.as_deref().unwrap_or("BUCKET");
        let message = format!(
            "the signature was accepted, and there is no object `{}` in `{}`",
            escape_controls(&key),
            escape_controls(bucket)
        );
        let fix = format!(
            "look which keys there are: `{}`",
            list_command(self.anatomy)
        );
        if is_stated {
            Finding::certain(Code::NoSuchKey, message).fix(fix)
        } else {
            Finding::likely(Code::NoSuchKey, message).fix(fix)
        }
    }

    fn no_such_bucket(&self) -> Vec<Finding> {
        let of_url = self.anatomy.bucket.as_deref().unwrap_or_default();
        match self.answer.element("BucketName").map(str::trim) {
            Some(seen) if seen != of_url && !seen.is_empty() && !self.anatomy.host().starts_with(&format!("{seen}.")) => vec![
                Finding::certain(
                    Code::WrongAddressing,
                    format!(
                        "the store looked for a bucket `{}`, and the link is about `{}`",
                        escape_controls(seen),
                        escape_controls(of_url)
                    ),
                )
                .fix("make the link in the other style: `--addressing path` or `--addressing virtual`"),
            ],
            _ => vec![
                Finding::certain(Code::NoSuchBucket, format!("there is no bucket `{}` at this endpoint", escape_controls(of_url)))
                    .fix("check the bucket's name, and whether it belongs to this endpoint"),
            ],
        }
    }

    fn method_not_allowed(&self) -> Finding {
        let method = self
            .case
            .method_used()
            .unwrap_or_else(|| "this method".to_owned());
        Finding::certain(
            Code::WrongMethod,
            format!("the store does not take {method} there"),
        )
        .fix("make a link for the method that is meant: `cos-presign get`, `put`, `head`, `delete`")
    }

    fn invalid(&self) -> Vec<Finding> {
        let argument = self
            .answer
            .element("ArgumentName")
            .map(str::trim)
            .unwrap_or_default()
            .to_ascii_lowercase();
        if argument == "authorization"
            || self.mentions("auth mechanism")
            || self.mentions("authentication mechanism")
            || self.mentions("multiple auth")
        {
            return vec![
                Finding::certain(
                    Code::TwoAuthMechanisms,
                    "an Authorization header was sent with the URL, which has a signature already",
                )
                .fix("send the URL without the header; clients that follow redirects often add it"),
            ];
        }
        if argument.starts_with("response-") {
            return vec![
                Finding::certain(Code::DispositionNotLatin1, format!("the store cannot send the value of {argument} in a header"))
                    .fix("encode the name (RFC 8187): `cos-presign get BUCKET/KEY --download-as NAME` does"),
            ];
        }
        if let Some(region) = self.region().filter(|region| {
            *region != self.scope_region()
                && !self.scope_region().is_empty()
                && argument.contains("region")
        }) {
            return vec![Finding::certain(
                Code::WrongRegion,
                format!("the store says its region is `{}`", escape_controls(region)),
            )];
        }
        if self.anatomy.kind == SignatureKind::V2 {
            let again = format!(
                "make the link again with version 4: `{}`",
                command(self.anatomy, "get")
            );
            let mut found = vec![
                Finding::certain(
                    Code::SignatureVersion2,
                    "the store takes no signatures of version 2 for this object or region",
                )
                .fix(again.clone()),
            ];
            if self.mentions("kms") {
                found.push(
                    Finding::likely(
                        Code::KmsNeedsSigv4,
                        "the object is encrypted by KMS, for which only version 4 is taken",
                    )
                    .fix(again),
                );
            }
            return found;
        }
        let empty_checksum = self.anatomy.parts.parameters().iter().any(|p| {
            is_checksum_of_nothing(
                &String::from_utf8_lossy(&p.decoded_name()),
                &p.decoded_value(),
            )
        });
        if empty_checksum {
            return vec![self.bad_digest()];
        }
        Vec::new()
    }

    fn not_implemented(&self) -> Vec<Finding> {
        let header = self
            .answer
            .element("Header")
            .map(|header| header.trim().to_ascii_lowercase())
            .unwrap_or_default();
        if header == "transfer-encoding"
            || header.is_empty()
                && self
                    .case
                    .sent_headers()
                    .iter()
                    .any(|(name, _)| name == "transfer-encoding")
        {
            return vec![
                Finding::certain(
                    Code::ChunkedBody,
                    "the body was sent in chunks, without a length, and the store refuses that",
                )
                .fix("send a file, not a pipe: `curl --upload-file FILE URL`"),
            ];
        }
        Vec::new()
    }

    fn bad_digest(&self) -> Finding {
        let parameters = self
            .anatomy
            .parts
            .parameters()
            .iter()
            .map(|p| (p.decoded_name(), p.decoded_value()));
        let headers = self
            .case
            .sent_headers()
            .into_iter()
            .map(|(name, value)| (name.into_bytes(), value));
        let of_nothing = parameters
            .chain(headers)
            .any(|(name, value)| is_checksum_of_nothing(&String::from_utf8_lossy(&name), &value));
        match of_nothing {
            true => Finding::certain(Code::ChecksumOfEmptyBody, "the checksum in the link is that of an empty body")
                .fix("turn the SDK's checksum off (`AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED`), or make the link here"),
            false => Finding::certain(Code::PayloadHashMismatch, "the body is not the one whose checksum was signed")
                .fix("send the file for which the link was made, or make a link for this one"),
        }
    }

    fn policy(&self) -> Finding {
        let finding = Finding::certain(
            Code::PolicyConditionFailed,
            "a field of the form does not meet a condition of the policy",
        );
        let finding = match self.answer.message() {
            Some(message) => {
                finding.evidence(format!("the store says: {}", escape_controls(message)))
            }
            None => finding,
        };
        finding.fix("send exactly the fields that were signed, the file last; look at the condition that is named")
    }

    fn busy(&self) -> Finding {
        Finding::likely(
            Code::StoreBusy,
            "the store could not serve the request; that is not the link's fault",
        )
        .fix("try again later")
    }
}
