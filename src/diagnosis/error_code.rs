//! The store's response: its code, sentences and fields as findings.
//!
//! Which cause a code and a sentence stand for is a table of `store`. Here it is put beside the
//! request.

use chrono::{DateTime, Utc};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::sigv4::encode;
use crate::store::{BodyKind, Endpoint, ErrorResponse, Refusal, is_region_name};
use crate::text::{CommandLine, escape_controls};

use super::case::{Case, SignatureState};
use super::checks::{
    again, again_at_host, again_at_port, command, is_checksum_of_nothing, list_command, local_time,
    missing_headers, post_command, region_command, renew_by_redirect,
};
use super::code::Code;
use super::finding::{Certainty, Finding};
use super::host::host_name;
use super::scheme::redirecting_service;
use super::time::span;
use super::url_parts::{Anatomy, SignatureKind};

/// Headers that a CDN adds to what it passes on; no client can sign them.
const HEADERS_OF_CLOUDFRONT: [&str; 3] = ["x-amz-cf-id", "x-amz-cf-pop", "x-amz-cf-event"];

/// The findings of the response.
pub fn findings(anatomy: &Anatomy, case: &Case, state: SignatureState) -> Vec<Finding> {
    let empty = ErrorResponse::default();
    let reader = Reader {
        anatomy,
        case,
        state,
        response: case.response.as_ref().unwrap_or(&empty),
    };
    let mut found = match case.refusal() {
        Some(refusal) => reader.of_refusal(refusal),
        None => reader.of_status(),
    };
    if let Some(said) = reader.said() {
        for finding in found
            .iter_mut()
            .filter(|finding| finding.evidence.is_empty())
        {
            finding.evidence.push(said.clone());
        }
    }
    found
}

struct Reader<'a> {
    anatomy: &'a Anatomy,
    case: &'a Case,
    state: SignatureState,
    response: &'a ErrorResponse,
}

impl Reader<'_> {
    /// The store's own sentences, for the evidence.
    fn said(&self) -> Option<String> {
        let mut sentences: Vec<&str> = Vec::new();
        for sentence in self.response.sentences() {
            let sentence = sentence.lines().next().unwrap_or_default();
            if !sentence.is_empty() && !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
        let text: String = sentences.join("; ").chars().take(600).collect();
        (!text.is_empty()).then(|| format!("message of the store: {}", escape_controls(&text)))
    }

    fn is_form(&self) -> bool {
        let is_post = self.case.method_used().as_deref() == Some("POST");
        self.anatomy.kind == SignatureKind::None
            && (is_post
                || self.case.form.is_some()
                || self.case.refusal().is_some_and(is_of_a_form))
    }

    fn code(&self) -> &str {
        self.response.code().unwrap_or_default()
    }

    /// The command that makes the URL again, between backticks.
    fn again(&self) -> String {
        match self.is_form() {
            true => format!("`{}`", post_command(self.anatomy, None, None)),
            false => format!("`{}`", again(self.anatomy)),
        }
    }

    fn of_refusal(&self, refusal: Refusal) -> Vec<Finding> {
        match refusal {
            Refusal::Signature => self.signature(),
            Refusal::AccessKey => self.unknown_access_key(),
            Refusal::TokenExpired => self.expired_token(),
            Refusal::TokenInvalid => self.invalid_token(),
            Refusal::Expired => self.expired(),
            Refusal::NotYetValid => self.not_yet_valid(),
            Refusal::Skewed => self.skewed(),
            Refusal::ExpiryLimit => vec![
                Finding::certain(
                    Code::ExpiryOverLimit,
                    "X-Amz-Expires is over the store's limit",
                )
                .fix(format!(
                    "make the link again: `{}`",
                    again(self.anatomy).fixed_option("--expires", "7d")
                )),
            ],
            Refusal::Unsigned => self.unsigned(),
            Refusal::Parameters => self.parameters(),
            Refusal::Region => self.region_refused(),
            Refusal::Service => vec![
                Finding::certain(
                    Code::WrongService,
                    "the store refuses the service in the \
                     credential scope",
                )
                .fix(format!(
                    "make the link for the service `s3`: {}",
                    self.again()
                )),
            ],
            Refusal::Redirected => self.redirected(),
            Refusal::Location => self.illegal_location(),
            Refusal::Addressing => vec![
                Finding::certain(
                    Code::WrongAddressing,
                    "the store accepts only the other \
                     addressing style",
                )
                .fix(format!(
                    "make the link in the other style: `{}`",
                    again(self.anatomy).option("--addressing", self.anatomy.other_addressing())
                )),
            ],
            Refusal::BucketCreation => vec![
                Finding::certain(
                    Code::WrongAddressing,
                    "the store read the request as one about a bucket itself: the URL names no \
                     bucket, or no key, in the place where the store looks for it",
                )
                .fix(
                    "name both: `cos-presign put BUCKET/KEY --endpoint https://HOST --region \
                     REGION --addressing path`",
                ),
            ],
            Refusal::NoBucket => self.no_such_bucket(),
            Refusal::NoKey => self.no_such_key(),
            Refusal::Multipart => vec![
                Finding::certain(
                    Code::MultipartMismatch,
                    "the request does not fit the multipart \
                     upload it belongs to",
                )
                .fix(
                    "create the upload, its parts and its completion with one plan: \
                         `cos-presign multipart BUCKET/KEY --size SIZE --region REGION`",
                ),
            ],
            Refusal::Denied => self.access_denied(),
            Refusal::Kms => {
                vec![
                Finding::certain(
                    Code::AccessDenied,
                    format!(
                        "the signature is right, and {} may not use the KMS key of the object{}",
                        self.key(),
                        self.action().map(|action| format!(" ({action})")).unwrap_or_default()
                    ),
                )
                .fix("give the signer the permission on the KMS key (kms:Decrypt to read, \
                     kms:GenerateDataKey to write); the link can stay"),
            ]
            }
            Refusal::RequesterPays => vec![
                Finding::certain(
                    Code::AccessDenied,
                    "the requester pays for this bucket, and the \
                     request does not accept that",
                )
                .fix(format!(
                    "sign the header that accepts it, and send it: `{}`",
                    again(self.anatomy).fixed_option("-H", "'x-amz-request-payer: requester'")
                )),
            ],
            Refusal::Account => vec![
                Finding::certain(
                    Code::AccountLimit,
                    "a limit or the state of the account stops \
                     the request; the link is not the cause",
                )
                .fix(
                    "raise the limit or settle the account in the store's console; the link \
                         can stay",
                ),
            ],
            Refusal::Method => vec![self.method_not_allowed()],
            Refusal::TwoAuth => vec![
                Finding::certain(
                    Code::TwoAuthMechanisms,
                    "an Authorization header was sent with the URL, which has a signature already",
                )
                .fix("send the URL without the header; clients that follow redirects often add it"),
            ],
            Refusal::Disposition => vec![
                Finding::certain(
                    Code::DispositionNotLatin1,
                    "the store cannot send a value of the query in a header",
                )
                .fix(format!(
                    "encode the name (RFC 8187): `{}`",
                    again(self.anatomy).fixed_option("--download-as", "NAME")
                )),
            ],
            Refusal::Version2 => self.version_2(),
            Refusal::PresignedNotTaken => vec![
                Finding::certain(
                    Code::PresignedNotTaken,
                    "what responded accepts no signature in \
                     the query",
                )
                .fix("send the request to the store behind it, or sign it with a header"),
            ],
            Refusal::HeaderNotSigned => self.header_not_signed(),
            Refusal::HeaderMissing => self.header_missing(),
            Refusal::HeaderNotSupported => vec![self.header_not_supported()],
            Refusal::ChecksumRequired => vec![
                Finding::certain(
                    Code::ChecksumRequired,
                    "the store requires Content-MD5 or a \
                     checksum header for this upload (Object Lock)",
                )
                .fix(format!(
                    "sign the checksum of the file and send it: `{}`",
                    again(self.anatomy).fixed_option("--checksum-sha256", "BASE64")
                )),
            ],
            Refusal::Digest => vec![self.bad_digest()],
            Refusal::DigestMalformed => vec![match self.has_checksum_of_nothing() {
                true => self.bad_digest(),
                false => Finding::certain(
                    Code::DigestMalformed,
                    "the digest has the wrong form: it has to be the base64 of its bytes, not \
                     hexadecimal digits",
                )
                .fix("take the base64 of the bytes: `openssl md5 -binary FILE | base64`"),
            }],
            Refusal::PayloadHash => vec![
                Finding::certain(
                    Code::PayloadHashMismatch,
                    "the body is not the one whose hash was signed",
                )
                .fix("make the link without a payload hash: links sign UNSIGNED-PAYLOAD"),
            ],
            Refusal::BodyIncomplete => {
                vec![
                Finding::certain(
                    Code::BodyIncomplete,
                    "fewer bytes of the body arrived than Content-Length announces, or the sender \
                     stopped",
                )
                .fix("send the file from the disk, with its own length: `curl --upload-file FILE \
                     URL`"),
            ]
            }
            Refusal::Chunked => vec![
                Finding::certain(
                    Code::ChunkedBody,
                    "the body was sent in chunks, without its length, and the store refuses that",
                )
                .fix("send a file, not a pipe: `curl --upload-file FILE URL`"),
            ],
            Refusal::Size => vec![self.size()],
            Refusal::PolicyExpired => vec![
                Finding::certain(Code::Expired, "the policy of the form has expired").fix(format!(
                    "make a new form: `{}`",
                    post_command(self.anatomy, None, None)
                )),
            ],
            Refusal::Policy => vec![self.policy()],
            Refusal::Form => vec![
                Finding::certain(
                    Code::FormMalformed,
                    "the store cannot read the form as it was \
                     sent",
                )
                .fix(
                    "send the fields of the form first and the file last, as \
                         multipart/form-data; `--form FILE` checks the fields here",
                ),
            ],
            Refusal::Archived => vec![
                Finding::certain(
                    Code::ObjectArchived,
                    "the object is in an archive and has to be restored first",
                )
                .fix("restore it, then use the link again: `aws s3api restore-object`"),
            ],
            Refusal::Precondition => vec![
                Finding::certain(
                    Code::PreconditionFailed,
                    "a condition of the request was not met (If-Match, If-None-Match)",
                )
                .fix("look at what is there already, or remove the condition"),
            ],
            Refusal::Cors => {
                vec![self.cors().fix(format!(
                        "add a rule to the bucket; `{}` prints one",
                        CommandLine::cos_presign("cors")
                            .fixed_option("--origin", "https://app.example")
                    ))]
            }
            Refusal::Acceleration => vec![
                Finding::certain(
                    Code::AccelerationOff,
                    "Transfer Acceleration is not available \
                     for this bucket",
                )
                .fix(format!(
                    "make the link for the regional host: `{}`",
                    region_command(self.anatomy, self.scope_region())
                )),
            ],
            Refusal::ConsolePort => vec![
                Finding::certain(
                    Code::ConsolePort,
                    "the URL leads to the web console of the \
                     store, not to its API",
                )
                .fix(format!(
                    "make the link for the port of the API, 9000 by default: `{}`",
                    again_at_port(self.anatomy, 9000)
                )),
            ],
            Refusal::Tls => vec![self.tls()],
            Refusal::Unreachable => vec![
                Finding::likely(Code::Unreachable, "no connection to the host was made")
                    .fix("see where it stops: `curl -v URL`"),
            ],
            Refusal::NotImplemented => self.not_implemented(),
            Refusal::Busy => vec![
                Finding::likely(
                    Code::StoreBusy,
                    "the store could not serve the request; that is not the link's fault",
                )
                .fix("try again later"),
            ],
            Refusal::NotAStore => vec![self.not_a_store()],
            Refusal::Other => vec![self.other()],
        }
    }

    /// Where there are no words: HEAD has no body, and proxies write pages of their own.
    fn of_status(&self) -> Vec<Finding> {
        let Some(status) = self.case.status() else {
            return self.page();
        };
        let is_empty = self.response.kind == BodyKind::Empty;
        // A refusal of GET has a body; where its headers announce one and there is none, it was
        // `curl -I`.
        let announces_a_body = ["content-length", "transfer-encoding"].iter().any(|name| {
            self.response
                .header(name)
                .is_some_and(|value| value.trim() != "0")
        });
        let is_head = match self.case.method_used() {
            Some(method) => method == "HEAD",
            None => announces_a_body,
        };
        match status {
            200..=299 => self.page(),
            301 | 302 | 303 | 307 | 308 => self.redirected(),
            400 | 403
                if is_empty
                    && is_head
                    && (self.state == SignatureState::NotChecked
                        || self.case.method_used().is_none()) =>
            {
                vec![
                    Finding::likely(
                        Code::WrongMethod,
                        "HEAD was refused without a text; a link for GET does not work for HEAD",
                    )
                    .fix("try GET without downloading: `curl --range 0-0 --output /dev/null URL`"),
                ]
            }
            404 if is_empty => vec![self.missing(false)],
            405 => vec![self.method_not_allowed()],
            403 if is_empty && self.state == SignatureState::Matches => self.access_denied(),
            411 => self.of_refusal(Refusal::Chunked),
            412 => self.of_refusal(Refusal::Precondition),
            429 | 500 | 503 => self.of_refusal(Refusal::Busy),
            400.. => self.page(),
            _ => Vec::new(),
        }
    }

    /// A web page in place of a document or an object. An object may be one itself.
    fn page(&self) -> Vec<Finding> {
        let key = self
            .anatomy
            .key
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_served = self.case.status().is_none_or(|status| status < 300);
        let names_a_page = key.ends_with(b".html")
            || key.ends_with(b".htm")
            || key.ends_with(b"/")
            || key.is_empty();
        match self.response.kind {
            BodyKind::Html if !(is_served && names_a_page) => vec![self.not_a_store()],
            _ => Vec::new(),
        }
    }

    fn cors(&self) -> Finding {
        match self.mentions("cors")
            || self.mentions("cross-origin")
            || self.mentions("access-control")
        {
            true => Finding::certain(
                Code::CorsRefused,
                "the bucket has no CORS rule for this page, method and headers",
            ),
            false => Finding::likely(
                Code::CorsRefused,
                "the browser hides the response from the page: mostly for want of a CORS rule, or \
                 the host was not reached",
            ),
        }
    }

    fn not_a_store(&self) -> Finding {
        Finding::likely(
            Code::NotAStoreAnswer,
            "the response is a page or text of something else: a proxy, a login page or a CDN \
             responded, not the store",
        )
        .fix("go to the store itself: check the endpoint, and what stands before it")
    }

    fn stated_region(&self) -> Option<&str> {
        let of_header = || self.response.header("x-amz-bucket-region");
        self.response.element("Region").or_else(of_header)
    }

    fn region(&self) -> Option<&str> {
        self.stated_region().filter(|text| is_region_name(text))
    }

    fn scope_region(&self) -> &str {
        self.anatomy
            .credential
            .as_ref()
            .map_or("", |credential| credential.region.as_str())
    }

    fn key(&self) -> &str {
        self.anatomy
            .access_key_id
            .as_deref()
            .unwrap_or("the access key")
    }

    /// The signature does not fit: what else the fields show.
    fn signature(&self) -> Vec<Finding> {
        if self.is_form() {
            return vec![
                Finding::likely(
                    Code::WrongSecret,
                    "the signature of the form is not the one that the store computes from its \
                     policy: the secret, the policy or a field was changed",
                )
                .fix("check the form offline: `--form FILE`"),
            ];
        }
        let mut found: Vec<Finding> = self.resource().into_iter().collect();
        if self.anatomy.kind == SignatureKind::V2 {
            found.extend(self.version_2_headers());
        }
        found
    }

    /// The path that the store saw, where the response has it (MinIO, Garage).
    fn resource(&self) -> Option<Finding> {
        let seen = self
            .response
            .element("Resource")
            .filter(|path| path.starts_with('/'))?;
        let seen = encode::decode_lenient(seen.as_bytes());
        let path = self.anatomy.path();
        let host = self.anatomy.host();
        let (first, _) = host.split_once('.')?;
        let of_host = [b"/", first.as_bytes(), &path].concat();
        let bucket = self.anatomy.bucket.as_deref().unwrap_or_default();
        let of_bucket = [b"/", bucket.as_bytes(), &path].concat();
        if seen == path || seen == of_host || seen == of_bucket {
            return None;
        }
        let shown = String::from_utf8_lossy(&seen).into_owned();
        let what = if path.ends_with(&seen) {
            "the first part of the path was removed"
        } else if seen.ends_with(&path) {
            "a base path was put before it"
        } else {
            return None;
        };
        Some(
            Finding::likely(
                Code::ProxyRewroteHost,
                format!(
                    "the store saw the path `{}`: {what} on the way",
                    escape_controls(&shown)
                ),
            )
            .evidence(format!("Resource: {}", escape_controls(&shown)))
            .fix(
                "let the proxy pass the path on as it is, or sign for the path that the store sees",
            ),
        )
    }

    /// Lines of version 2's string to sign that differ from what the URL says: method, digest,
    /// type, end, and the resource. Pages show them joined with spaces.
    fn version_2_headers(&self) -> Option<Finding> {
        let text = self.response.string_to_sign()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.split('\n').collect();
        let words: Vec<&str> = text.split_whitespace().collect();
        let (method, seen) = match (lines.as_slice(), words.as_slice()) {
            ([method, _, seen, _, _, ..], _) => (*method, *seen),
            (_, [method, seen, expires, _, ..]) if is_number(expires) => (*method, *seen),
            (_, [method, expires, _, ..]) if is_number(expires) => (*method, ""),
            _ => return None,
        };
        let of_url = self.anatomy.text("Content-Type");
        let is_of_upload = of_url.is_some() || self.anatomy.text("x-amz-acl").is_some();
        if is_of_upload && matches!(method, "GET" | "HEAD") {
            return Some(
                Finding::likely(
                    Code::WrongMethod,
                    format!("the URL has parameters of an upload, and the store saw a {method}"),
                )
                .fix("upload with it: `curl --upload-file FILE URL`"),
            );
        }
        let Some(of_url) = of_url else {
            return (!seen.is_empty()).then(|| self.version_2_type_added(seen));
        };
        if seen == of_url {
            return None;
        }
        Some(
            Finding::certain(
                Code::SignedHeaderMissing,
                format!(
                    "the content-type `{}` is in the URL, and the store got {}",
                    escape_controls(&of_url),
                    match seen {
                        "" => "none".to_owned(),
                        seen => format!("`{}`", escape_controls(seen)),
                    }
                ),
            )
            .fix(format!(
                "send it as a header: `{}`",
                CommandLine::curl()
                    .fixed_option("--upload-file", "FILE")
                    .option("-H", format!("content-type: {of_url}"))
                    .fixed("URL")
            )),
        )
    }

    fn version_2_type_added(&self, seen: &str) -> Finding {
        Finding::likely(
            Code::HeaderNotSigned,
            format!(
                "the content-type `{}` was sent; version 2 signs it, and the URL shows none",
                escape_controls(seen)
            ),
        )
        .fix(format!(
            "send no content type (`curl --header 'content-type:' --upload-file FILE URL`), or \
             make the link with version 4: {}",
            self.again()
        ))
    }

    fn unsigned(&self) -> Vec<Finding> {
        if self.code() == "MissingKey" {
            return vec![
                Finding::certain(
                    Code::CloudfrontSignature,
                    "the distribution of CloudFront serves signed URLs and cookies only, and the \
                     request has no Key-Pair-Id",
                )
                .fix(
                    "make a signed URL for it: `aws cloudfront sign`; or use the host of the \
                     bucket",
                ),
            ];
        }
        match self.anatomy.kind {
            SignatureKind::V4 if self.anatomy.provider().is_some_and(|p| p.id == "r2") => vec![
                Finding::likely(
                    Code::WrongAccessKey,
                    "R2 does not accept these credentials, or read the request as unsigned",
                )
                .fix(
                    "check that the access key exists and is not expired: `--profile NAME` \
                     selects another",
                ),
            ],
            SignatureKind::V4 if !self.anatomy.has_changed_names() => vec![
                Finding::likely(
                    Code::QueryParameterRemoved,
                    "the store read the request as unsigned: the parameters of the signature did \
                     not reach it",
                )
                .fix("send the URL with its whole query"),
            ],
            _ => Vec::new(),
        }
    }

    /// What is malformed is seen in the URL itself, unless another URL was sent than was given.
    fn parameters(&self) -> Vec<Finding> {
        if self.code() == "InvalidURI" {
            return vec![
                Finding::likely(
                    Code::PathNotEncoded,
                    "the store cannot parse the path of the request: it has bytes that have to be \
                     percent-encoded",
                )
                .fix(
                    "use the URL exactly as it was made; programs that decode or join URLs \
                     damage it",
                ),
            ];
        }
        let is_whole = self.anatomy.kind == SignatureKind::V4 && self.anatomy.credential.is_some();
        if !is_whole || self.anatomy.has_changed_names() {
            return Vec::new();
        }
        const FORMS: [(&str, Code); 8] = [
            ("requires the x-amz-", Code::QueryParameterRemoved),
            ("x-amz-algorithm only", Code::QueryParameterChanged),
            ("credential date", Code::ScopeDateMismatch),
            ("x-amz-expires should", Code::ExpiryMalformed),
            ("x-amz-expires must be", Code::ExpiryMalformed),
            ("x-amz-date must", Code::DateMalformed),
            ("x-amz-credential", Code::ScopeMalformed),
            ("x-amz-signedheaders", Code::SignedHeadersMalformed),
        ];
        match FORMS.iter().find(|(words, _)| self.mentions(words)) {
            Some((_, code)) => {
                vec![
                Finding::likely(
                    *code,
                    "the store read other parameters of the signature than this URL has: the URL \
                     was changed or cut before it was sent",
                )
                .fix("send the whole URL as it was made, between single quotes in a shell: `curl \
                     'URL'`"),
            ]
            }
            None if self.mentions("missing required header") => vec![self.other()],
            None if self.mentions("x-amz-checksum") => vec![self.header_not_supported()],
            None if self.mentions("x-amz-") || self.mentions("credential") => Vec::new(),
            None => vec![self.other()],
        }
    }

    /// Region names in the store's sentence: `expecting 'x'`, `Must be one of: a, b`, a scope.
    fn region_of_sentence(&self) -> Option<String> {
        self.response.sentences().into_iter().find_map(|text| {
            let quoted = |mark: &str| {
                let (_, rest) = text.split_once(mark)?;
                let rest = rest.trim_start().trim_start_matches(['\'', '"', '`']);
                let end = rest.find(['\'', '"', '`', ',', ' ']).unwrap_or(rest.len());
                Some(rest[..end].trim_end_matches(['.', ';']).to_owned())
            };
            let of_list = || {
                let (_, list) = text.split_once("one of:")?;
                let names: Vec<&str> = list.split(',').map(str::trim).collect();
                let name = names
                    .iter()
                    .find(|name| **name == "auto")
                    .or(names.first())?;
                Some((*name).to_owned())
            };
            let of_scope = || quoted("expected:")?.split('/').nth(1).map(str::to_owned);
            quoted("expecting")
                .or_else(of_list)
                .or_else(of_scope)
                .filter(|name| is_region_name(name))
        })
    }

    fn region_refused(&self) -> Vec<Finding> {
        let of_host = self
            .anatomy
            .recognized
            .as_ref()
            .and_then(|recognized| recognized.region.clone());
        let named = self
            .region()
            .map(str::to_owned)
            .or_else(|| self.region_of_sentence())
            .or(of_host);
        let scope = self.scope_region();
        match named {
            Some(region) if region != scope => vec![
                Finding::certain(
                    Code::WrongRegion,
                    format!(
                        "the link is signed for `{}`, and the store expects `{}`",
                        escape_controls(scope),
                        escape_controls(&region)
                    ),
                )
                .fix(format!(
                    "sign for it: `{}`",
                    region_command(self.anatomy, &region)
                )),
            ],
            // The same region: another part of the scope is wrong, and seen in the URL.
            Some(_) if !self.mentions("region") => Vec::new(),
            _ => vec![
                Finding::likely(
                    Code::WrongRegion,
                    format!(
                        "the store does not accept the region `{}`",
                        escape_controls(scope)
                    ),
                )
                .fix(format!(
                    "sign with the region of the store: `{}`",
                    region_command(self.anatomy, "REGION")
                )),
            ],
        }
    }

    fn version_2(&self) -> Vec<Finding> {
        if self.is_form() {
            return vec![
                Finding::certain(
                    Code::SignatureVersion2,
                    "the store accepts no forms with a signature of version 2",
                )
                .fix(format!("make the form with version 4: {}", self.again())),
            ];
        }
        if self.anatomy.kind != SignatureKind::V2 {
            return match self.anatomy.kind {
                SignatureKind::V4 => vec![self.other()],
                _ => Vec::new(),
            };
        }
        let fix = format!("make the link again with version 4: {}", self.again());
        let mut found = vec![
            Finding::certain(
                Code::SignatureVersion2,
                "the store accepts no signatures of version 2 for this object or region",
            )
            .fix(fix.clone()),
        ];
        if self.mentions("kms") {
            found.push(
                Finding::likely(
                    Code::KmsNeedsSigv4,
                    "the object is encrypted by KMS, for which only version 4 is accepted",
                )
                .fix(fix),
            );
        }
        found
    }

    fn header_not_signed(&self) -> Vec<Finding> {
        let of_field = self.response.element("HeadersNotSigned").map(str::to_owned);
        let list = of_field
            .or_else(|| self.quoted_header())
            .unwrap_or_default();
        let mut names: Vec<String> = list
            .split([',', ';'])
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() {
            // The store names none; these are the ones that have to be signed.
            let is_signed = |name: &String| self.anatomy.signed_headers.contains(name);
            let sent = self.case.sent_headers().into_iter().map(|(name, _)| name);
            names = sent
                .filter(|name| name.starts_with("x-amz-") && !is_signed(name))
                .collect();
        }
        if names.iter().any(|name| name == "host") {
            return vec![
                Finding::certain(
                    Code::SignedHeadersMalformed,
                    "the store reports that `host` is not signed",
                )
                .fix("make the link again: `host` is always signed"),
            ];
        }
        let shown = escape_controls(&names.join(", ")).into_owned();
        if names
            .iter()
            .any(|name| HEADERS_OF_CLOUDFRONT.contains(&name.as_str()))
        {
            return vec![
                Finding::certain(
                    Code::HeaderNotSigned,
                    format!(
                        "CloudFront stands before the store and added `{shown}`, which no \
                         client can sign"
                    ),
                )
                .fix(
                    "let the link lead to the bucket's own host, or use signed URLs of \
                     CloudFront with origin access control",
                ),
            ];
        }
        // gofakes3 (`rclone serve s3`) has this sentence for a signed header that did not arrive,
        // too.
        let missing = match names.is_empty() && self.case.headers_are_known() {
            true => missing_headers(&self.anatomy.signed_headers, self.case),
            false => None,
        };
        if let Some(mut missing) = missing {
            missing.certainty = Certainty::Certain;
            return vec![missing];
        }
        let shown = match shown.as_str() {
            "" => "a header".to_owned(),
            shown => format!("`{shown}`"),
        };
        let sent = self.case.sent_headers();
        let command = names.iter().fold(again(self.anatomy), |command, name| {
            match sent.iter().find(|(n, _)| n == name) {
                Some((_, value)) => {
                    let value = String::from_utf8_lossy(value);
                    command.option("-H", format!("{name}: {value}"))
                }
                None => command.header(name),
            }
        });
        vec![
            Finding::certain(
                Code::HeaderNotSigned,
                format!("{shown} was sent and is not signed"),
            )
            .fix(format!("remove it, or sign it too: `{command}`")),
        ]
    }

    /// The header that the response names.
    fn quoted_header(&self) -> Option<String> {
        let of_field = ["Header", "ParameterName"]
            .iter()
            .find_map(|name| self.response.element(name).map(str::to_owned));
        let is_header = |word: &&str| {
            let lower = word.to_ascii_lowercase();
            lower.contains('-')
                && lower
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_*".contains(&b))
                && (lower.starts_with("x-")
                    || lower.starts_with("content-")
                    || lower.starts_with("cache-"))
        };
        let in_sentence = || {
            self.response.sentences().into_iter().find_map(|text| {
                text.split(|c: char| c.is_whitespace() || "'`\":,;.()".contains(c))
                    .find(is_header)
                    .map(str::to_ascii_lowercase)
            })
        };
        of_field.or_else(in_sentence)
    }

    fn header_missing(&self) -> Vec<Finding> {
        let name = self
            .quoted_header()
            .unwrap_or_else(|| "a signed header".to_owned());
        let name = name.to_ascii_lowercase();
        let sent = self.case.sent_headers();
        let value = sent
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value);
        let message = match value {
            Some(_) => format!(
                "`{}` is signed and was sent, and the store did not get it: something on the way \
                 removed it",
                escape_controls(&name)
            ),
            None => format!(
                "`{}` is signed, and the store did not get it",
                escape_controls(&name)
            ),
        };
        let command = match value {
            Some(value) => CommandLine::curl()
                .option("-H", format!("{name}: {}", String::from_utf8_lossy(value)))
                .fixed("URL"),
            None => CommandLine::curl().header(&name).fixed("URL"),
        };
        vec![
            Finding::certain(Code::SignedHeaderMissing, message)
                .fix(format!("send it as it was signed: `{command}`")),
        ]
    }

    fn header_not_supported(&self) -> Finding {
        let by_code = match self.code() {
            "AccessControlListNotSupported" | "MalformedACLError" => Some("x-amz-acl"),
            "InvalidStorageClass" => Some("x-amz-storage-class"),
            "InvalidTag" => Some("x-amz-tagging"),
            "InvalidEncryptionAlgorithmError" => Some("x-amz-server-side-encryption"),
            "InvalidRange" => Some("range"),
            _ if self.mentions("uniform bucket-level") => Some("x-amz-acl"),
            _ => None,
        };
        let name = by_code.map(str::to_owned).or_else(|| self.quoted_header());
        let message = match &name {
            Some(name) => format!(
                "the store does not support `{}`, or its value, in this request",
                escape_controls(name)
            ),
            None => "the store does not support a header of this request".to_owned(),
        };
        Finding::certain(Code::HeaderNotSupported, message).fix(format!(
            "make the link without it, and do not send it: {}; a new link of the same kind is \
             refused too",
            self.again()
        ))
    }

    fn size(&self) -> Finding {
        if self.is_form() {
            return self.form_size();
        }
        if self.response.kind == BodyKind::Html || self.response.code().is_none() {
            return Finding::certain(
                Code::EntityTooLarge,
                "a proxy before the store refuses a body of this size",
            )
            .fix(
                "raise the limit of the proxy (nginx: `client_max_body_size 0;`), or upload in \
                 smaller parts",
            );
        }
        let (message, fix) = match self.code() {
            "EntityTooSmall" if self.is_multipart() => (
                "a part is smaller than the store accepts: 5 MiB, but for the last one",
                "upload larger parts: `cos-presign multipart BUCKET/KEY --size SIZE --region \
                 REGION` plans them",
            ),
            "EntityTooSmall" => (
                "the body is smaller than the store accepts",
                "send the whole file",
            ),
            "MetadataTooLarge" => (
                "the metadata headers are too large",
                "send less metadata: 2 KB on most stores",
            ),
            "RequestHeaderSectionTooLarge" | "RequestHeadersTooLarge" => (
                "the headers of the request are too large",
                "send fewer or shorter headers",
            ),
            _ => (
                "the store refuses a body of this size",
                "upload in parts: one PUT accepts at most 5 GiB",
            ),
        };
        let code = match self.code() {
            "" => String::new(),
            code => format!(" ({})", escape_controls(code)),
        };
        Finding::certain(Code::EntityTooLarge, format!("{message}{code}")).fix(fix)
    }

    /// The policy of a form bounds the size of the file.
    fn form_size(&self) -> Finding {
        let number = |name: &str| {
            let value = self.response.element(name)?;
            is_number(value).then(|| value.to_owned())
        };
        let limits = [
            ("ProposedSize", "the file has"),
            ("MaxSizeAllowed", "the policy allows at most"),
            ("MinSizeAllowed", "the policy requires at least"),
        ];
        let sizes: Vec<String> = limits
            .iter()
            .filter_map(|(name, text)| Some(format!("{text} {} bytes", number(name)?)))
            .collect();
        let sizes = match sizes.is_empty() {
            true => String::new(),
            false => format!(": {}", sizes.join(", ")),
        };
        Finding::certain(
            Code::PolicyConditionFailed,
            format!("the size of the file does not meet the policy of the form{sizes}"),
        )
        .fix(
            "send a file of that size, or make a form with another limit (`--max-size`); `--form \
             FILE` checks it here",
        )
    }

    fn is_multipart(&self) -> bool {
        self.anatomy.text("uploadId").is_some()
    }

    fn tls(&self) -> Finding {
        let scheme = self.anatomy.parts.scheme.to_ascii_lowercase();
        let of_plain = self.mentions("http request") || self.mentions("plain-text");
        let (message, other) = match (scheme.as_str(), of_plain) {
            ("http", _) | (_, true) => ("the URL has http, and the port speaks TLS", "https"),
            _ => (
                "no secure connection was made: the port speaks plain HTTP, or its certificate is \
                 not trusted",
                "http",
            ),
        };
        let other = format!("{other}://{}", self.anatomy.parts.authority);
        Finding::likely(Code::TlsTrouble, message).fix(format!(
            "try the same URL with `{}`: the scheme is not signed; or trust the certificate: \
             `curl --cacert ca.pem URL`",
            escape_controls(&other)
        ))
    }

    fn other(&self) -> Finding {
        if self.is_multipart() && matches!(self.code(), "MalformedXML" | "MissingRequestBodyError")
        {
            return Finding::certain(
                Code::MultipartMismatch,
                "the completion of a multipart upload needs the list of its parts as XML in the \
                 body",
            )
            .fix(
                "send it: `curl --request POST --header 'Content-Type: application/xml' \
                 --data-binary @parts.xml URL`",
            );
        }
        let (message, fix) = match self.code() {
            "KeyTooLong" | "KeyTooLongError" => (
                "the key is longer than the store accepts, mostly 1024 bytes".to_owned(),
                "use a shorter key",
            ),
            "XMinioInvalidObjectName" | "XMinioInvalidResourceName" => (
                "the store does not accept this key: it has characters or segments that its disks \
                 cannot hold"
                    .to_owned(),
                "use another key, without `.` and `..` segments, backslashes and control \
                 characters",
            ),
            "XMinioObjectExistsAsDirectory" | "XMinioParentIsObject" => (
                "a part of the key is an object already, or the key is a folder of others"
                    .to_owned(),
                "use another key, or delete the object in its way",
            ),
            _ if self.mentions("object lock")
                || self.mentions("worm")
                || self.mentions("retention") =>
            {
                (
                    "the object is locked: it can be neither overwritten nor deleted until its \
                 retention ends"
                        .to_owned(),
                    "wait for the end of the retention, or use another key; the link is not the \
                     cause",
                )
            }
            "NotImplemented" => (
                "the store does not implement what the request requires".to_owned(),
                "remove what the store lacks; a new link of the same kind is refused too",
            ),
            "" => (
                "the store refused the request for a reason of its own".to_owned(),
                "read the message of the store; a new link of the same kind is likely to be \
                 refused too",
            ),
            code => (
                format!(
                    "the store refused the request for a reason of its own: {}",
                    escape_controls(code)
                ),
                "read the message of the store; a new link of the same kind is likely to be \
                 refused too",
            ),
        };
        Finding::certain(Code::RefusedByStore, message).fix(fix)
    }

    /// `s3:GetObject`, where the sentence names it.
    fn action(&self) -> Option<String> {
        self.response.sentences().into_iter().find_map(|text| {
            let (_, rest) = text
                .split_once("to perform: ")
                .or_else(|| text.split_once("does not have "))?;
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            Some(rest[..end].chars().take(100).collect())
        })
    }

    fn access_denied(&self) -> Vec<Finding> {
        if let (Some(issued), Some(server)) = (self.anatomy.issued_at, self.case.response_time())
            && (issued - server).num_seconds() > 60
            && (issued - self.case.now).num_seconds() <= 60
        {
            return self.skewed();
        }
        let when = self.case.response_time().unwrap_or(self.case.now);
        let ended = self.anatomy.expires_at.is_some_and(|ends| ends < when);
        let is_early = self
            .anatomy
            .issued_at
            .is_some_and(|issued| (issued - when).num_seconds() > 60);
        let known = ended
            || is_early
            || matches!(
                self.state,
                SignatureState::Explained | SignatureState::Unexplained
            )
            || !self.anatomy.kind.is_of_version_4()
            || self.anatomy.has_changed_names();
        if known {
            return Vec::new();
        }
        let key = escape_controls(self.key()).into_owned();
        if let Some(action) = self.action() {
            let is_listing = action == "s3:ListBucket";
            let (message, fix) = match is_listing {
                true => (
                    format!(
                        "the signature is right; the object does not exist, and {key} may not \
                         list the bucket ({action}), so the status is 403 and not 404"
                    ),
                    "check the key for typing mistakes; with s3:ListBucket the status is 404",
                ),
                false => (
                    format!(
                        "the signature is right, and {key} may not do this: {}",
                        escape_controls(&action)
                    ),
                    "give the signer this permission, or lift what denies it; the link can stay",
                ),
            };
            return vec![Finding::certain(Code::AccessDenied, message).fix(fix)];
        }
        let mut found = Vec::new();
        let is_upload = matches!(
            self.case.method_used().as_deref(),
            None | Some("PUT" | "POST")
        );
        let in_query = self.anatomy.parts.parameters().iter().any(|p| {
            p.decoded_name()
                .to_ascii_lowercase()
                .starts_with(b"x-amz-server-side-encryption")
        });
        if is_upload && in_query {
            found.push(
                Finding::likely(
                    Code::EncryptionNotEnforced,
                    "x-amz-server-side-encryption is in the query, where stores ignore it; a \
                     policy that demands encryption denies the upload",
                )
                .fix(format!(
                    "sign it as a header: `{}`",
                    again(self.anatomy).fixed_option("--sse", "AES256")
                )),
            );
        }
        let accepted = match self.state {
            SignatureState::Matches => "the store accepts the signature",
            _ => "the store most likely accepts the signature",
        };
        let finding = match self.own_reason() {
            Some(reason) => Finding::likely(
                Code::AccessDenied,
                format!(
                    "{accepted}, and denies the request: `{}`",
                    escape_controls(reason)
                ),
            )
            .fix("resolve what the message names; the link can stay"),
            None => Finding::likely(
                Code::AccessDenied,
                format!(
                    "{accepted}: {key} may not do this, or the object is missing and may not \
                     be listed"
                ),
            )
            .fix(
                "check the key for typing mistakes, then the permissions of the access key and \
                 the bucket's policy",
            ),
        };
        found.push(finding);
        found
    }

    /// The message of a denial that gives a reason.
    fn own_reason(&self) -> Option<&str> {
        let message = self.response.message()?.lines().next()?.trim();
        let plain: String = message
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let is_plain = matches!(
            plain.as_str(),
            "" | "accessdenied"
                | "forbidden"
                | "accessforbidden"
                | "denied"
                | "accessisdenied"
                | "youdonothavepermissiontoaccessthisresource"
                | "permissiondenied"
        );
        (!is_plain && message.len() > 8).then_some(message)
    }

    fn mentions(&self, words: &str) -> bool {
        self.response
            .sentences()
            .iter()
            .any(|text| text.to_ascii_lowercase().contains(words))
    }

    fn expired(&self) -> Vec<Finding> {
        let kind = self.anatomy.kind;
        let renew = if redirecting_service(&self.anatomy.parts).is_some() {
            renew_by_redirect(self.anatomy)
        } else if kind.is_of_version_4() || kind == SignatureKind::V2 {
            format!(
                "make a new link: `{}`",
                again(self.anatomy).fixed_option("--expires", "24h")
            )
        } else {
            "make a new link".to_owned()
        };
        let since = self
            .case
            .response_time()
            .zip(self.anatomy.expires_at)
            .map(|(now, ends)| (now - ends).num_seconds());
        let mut finding = match since {
            Some(seconds) if seconds >= 0 => Finding::certain(
                Code::Expired,
                format!(
                    "the link had expired {} before the store got it",
                    span(seconds)
                ),
            ),
            _ => Finding::certain(Code::Expired, "the store reports that the link has expired"),
        };
        for field in ["X-Amz-Expires", "Expires", "ServerTime"] {
            if let Some(value) = self.response.element(field) {
                finding = finding.evidence(format!("{field}: {}", escape_controls(value)));
            }
        }
        vec![finding.fix(renew)]
    }

    fn not_yet_valid(&self) -> Vec<Finding> {
        let ahead = self.ahead();
        let message = match ahead {
            Some(seconds) if seconds > 0 => format!(
                "the link is signed {} ahead of the store's clock",
                span(seconds)
            ),
            _ => "the store reports that the link is not valid yet".to_owned(),
        };
        let mut found = vec![Finding::certain(Code::NotYetValid, message).fix(format!(
            "set the clock that signs: `timedatectl set-ntp true`; or sign as of earlier: `{}`",
            again(self.anatomy).fixed_option("--backdate", "15m")
        ))];
        found.extend(ahead.and_then(local_time));
        found
    }

    /// By how many seconds the link is signed ahead of the store's clock.
    fn ahead(&self) -> Option<i64> {
        self.anatomy
            .issued_at
            .zip(self.case.response_time())
            .map(|(issued, server)| (issued - server).num_seconds())
    }

    fn skewed(&self) -> Vec<Finding> {
        let ahead = self.ahead();
        let is_within = self
            .case
            .response_time()
            .zip(self.anatomy.issued_at.zip(self.anatomy.expires_at))
            .is_some_and(|(now, (issued, ends)): (DateTime<Utc>, _)| issued <= now && now <= ends);
        if is_within {
            return vec![
                Finding::possible(
                    Code::ClockSkew,
                    "the link is valid at the time of the response; the store allows it a few \
                     minutes only, as if it were a request signed with a header",
                )
                .fix("use links within 15 minutes of signing at this store, or update it"),
            ];
        }
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
            if let Some(value) = self.response.element(field) {
                finding = finding.evidence(format!("{field}: {}", escape_controls(value)));
            }
        }
        let mut found = vec![finding.fix(
            "set the clock that signs: `timedatectl set-ntp true`; or sign as of \
                 earlier: `--backdate 15m`",
        )];
        found.extend(ahead.and_then(local_time));
        found
    }

    fn expired_token(&self) -> Vec<Finding> {
        // Google and Supabase call an expired link an expired token.
        if !self.anatomy.has_token {
            let when = self.case.response_time().unwrap_or(self.case.now);
            let is_valid = self.anatomy.expires_at.is_some_and(|ends| when < ends);
            return match self.anatomy.kind.is_of_version_4() && is_valid {
                true => vec![
                    Finding::likely(
                        Code::TokenExpired,
                        "the store reports that a session token has expired, and this URL has \
                         none: another request was refused, or the token was sent as a header",
                    )
                    .fix("get new temporary credentials and make the link again with their token"),
                ],
                false => self.expired(),
            };
        }
        vec![
            Finding::certain(
                Code::TokenExpired,
                "the session token in the link has expired, and \
                 the link with it",
            )
            .fix(
                "get new temporary credentials and make the link again; permanent keys make \
                     links that last",
            ),
        ]
    }

    fn invalid_token(&self) -> Vec<Finding> {
        if !self.anatomy.has_token {
            return match self.mentions("x-amz-security-token")
                || !self.anatomy.kind.is_of_version_4()
            {
                true => vec![self.token_refused()],
                false => vec![self.token_missing()],
            };
        }
        if matches!(self.state, SignatureState::Explained) || self.anatomy.token_is_encoded_twice()
        {
            return Vec::new();
        }
        vec![self.token_refused()]
    }

    fn token_refused(&self) -> Finding {
        let finding = Finding::certain(
            Code::TokenInvalid,
            "the store does not accept the session token in the link",
        );
        match self.anatomy.provider() {
            Some(store) if !store.is_aws() => finding.fix(format!(
                "sign with keys of {} that have no token, or with the token that belongs to them",
                store.name
            )),
            _ => finding.fix(
                "sign with the token that belongs to the keys; for an opt-in region \
                 get it from a regional STS endpoint",
            ),
        }
    }

    fn token_missing(&self) -> Finding {
        let id = self.key();
        let is_temporary = id.starts_with("ASIA")
            || self.case.candidates.iter().any(|named| {
                named.candidate.access_key_id == id && named.candidate.token.is_some()
            });
        let finding = match is_temporary {
            true => Finding::certain(
                Code::TokenMissing,
                "the link is signed with temporary keys, and has no session token",
            ),
            false => Finding::likely(
                Code::TokenMissing,
                "the store requires a session token, and the link has none: its keys may be \
                 temporary",
            ),
        };
        finding.fix(
            "sign with the session token too: set `AWS_SESSION_TOKEN`, then make the link again",
        )
    }

    fn unknown_access_key(&self) -> Vec<Finding> {
        let id = self.anatomy.access_key_id.as_deref().unwrap_or_default();
        let has_token_here =
            self.case.candidates.iter().any(|named| {
                named.candidate.access_key_id == id && named.candidate.token.is_some()
            });
        if (id.starts_with("ASIA") || has_token_here) && !self.anatomy.has_token {
            return vec![self.token_missing()];
        }
        if !self.anatomy.kind.is_of_version_4() && self.anatomy.kind != SignatureKind::V2 {
            return Vec::new();
        }
        let (message, fix) = if id.contains(['*', '<', '>']) || id.is_empty() {
            (
                format!(
                    "the access key id in the link is masked: `{}`",
                    escape_controls(id)
                ),
                "copy the link from where it was made, not from a log",
            )
        } else if id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
            (
                "the secret is in the place of the access key id, so it is public now".to_owned(),
                "revoke the key, make a new one, and sign with its id (32 digits) and its secret \
                 (64 digits)",
            )
        } else if self.mentions("has length") || self.mentions("malformed access key") {
            (
                format!(
                    "`{}` does not have the form of the store's access key ids: it may be the id \
                     of an account, of a token, or of another store",
                    escape_controls(id)
                ),
                "sign with an access key of this store: `--profile NAME` selects another",
            )
        } else if self.mentions("disabled") || self.mentions("inactive") {
            (
                format!("the access key `{}` is disabled", escape_controls(id)),
                "enable it in the store's console, or sign with another: `--profile NAME`",
            )
        } else {
            (
                format!(
                    "the store does not know the access key id `{}`",
                    escape_controls(id)
                ),
                "check that the key exists, is active, and belongs to this store: `--profile \
                 NAME` selects another",
            )
        };
        vec![Finding::certain(Code::WrongAccessKey, message).fix(fix)]
    }

    fn redirected(&self) -> Vec<Finding> {
        let endpoint = self.response.element("Endpoint");
        let location = self
            .response
            .header("location")
            .map(|location| location.split('?').next().unwrap_or(location));
        let stated_region = self
            .stated_region()
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
                again_at_host(self.anatomy, endpoint)
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
                "the store gives the region as `{}`, which is no name of a region",
                escape_controls(text)
            )),
            _ => finding,
        };
        vec![finding.fix(fix)]
    }

    fn illegal_location(&self) -> Vec<Finding> {
        let host = host_name(&self.anatomy.parts.authority);
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
            .fix(format!(
                "sign with the bucket's region: `{}`",
                region_command(self.anatomy, "REGION")
            )),
        ]
    }

    fn no_such_key(&self) -> Vec<Finding> {
        let mut found = vec![self.missing(true)];
        let key = self.anatomy.key.as_deref().unwrap_or_default();
        let Ok(text) = std::str::from_utf8(key) else {
            return found;
        };
        let list = format!(
            "list the bucket and copy the key from there: `{}`",
            list_command(self.anatomy)
        );
        if !is_nfc(text) {
            found.push(
                Finding::possible(
                    Code::UnicodeNormalization,
                    "the key has decomposed characters (NFD, as macOS writes them); the object \
                     may have the composed ones",
                )
                .fix(list),
            );
        } else if text.nfd().count() != text.chars().count() {
            found.push(
                Finding::possible(
                    Code::UnicodeNormalization,
                    "the key has accents in their composed form (NFC); the object may have the \
                     decomposed one (NFD, as macOS writes them)",
                )
                .fix(list),
            );
        }
        if encode::decode_lenient(key) != key {
            found.push(
                Finding::possible(
                    Code::PathDoubleEncoded,
                    "the key has percent-encoded bytes in it: it may have been encoded before it \
                     was signed",
                )
                .fix("give the key as it is stored, not as it stands in a URL"),
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
        let what = match self.anatomy.text("versionId") {
            Some(version) if self.code() == "NoSuchVersion" => {
                format!("version `{}` of the object", escape_controls(&version))
            }
            _ => "object".to_owned(),
        };
        let message = format!(
            "the signature was accepted, and there is no {what} `{}` in `{}`",
            escape_controls(&key),
            escape_controls(bucket)
        );
        let fix = format!("list the keys: `{}`", list_command(self.anatomy));
        if is_stated {
            Finding::certain(Code::NoSuchKey, message).fix(fix)
        } else {
            Finding::likely(Code::NoSuchKey, message).fix(fix)
        }
    }

    fn no_such_bucket(&self) -> Vec<Finding> {
        let of_url = self.anatomy.bucket.as_deref().unwrap_or_default();
        match self.response.element("BucketName") {
            Some(seen)
                if seen != of_url
                    && !seen.is_empty()
                    && !self.anatomy.host().starts_with(&format!("{seen}.")) =>
            {
                vec![
                    Finding::certain(
                        Code::WrongAddressing,
                        format!(
                            "the store looked for a bucket `{}`, and the link is about `{}`",
                            escape_controls(seen),
                            escape_controls(of_url)
                        ),
                    )
                    .fix(format!(
                        "make the link in the other style: `{}`",
                        again(self.anatomy).option("--addressing", self.anatomy.other_addressing())
                    )),
                ]
            }
            _ => vec![
                Finding::certain(
                    Code::NoSuchBucket,
                    format!(
                        "there is no bucket `{}` at this endpoint",
                        escape_controls(of_url)
                    ),
                )
                .fix("check the bucket's name, and whether it belongs to this endpoint"),
            ],
        }
    }

    fn method_not_allowed(&self) -> Finding {
        let method = self
            .case
            .method_used()
            .unwrap_or_else(|| "this method".to_owned());
        let finding = Finding::certain(
            Code::WrongMethod,
            format!("the store does not accept {method} there"),
        );
        match self.is_form() {
            true => finding.fix("post the form to the URL of the bucket, not of an object"),
            false => finding.fix(
                "make a link for the method that is meant: `cos-presign get`, \
                 `put`, `head`, `delete`",
            ),
        }
    }

    fn not_implemented(&self) -> Vec<Finding> {
        if self.is_form() {
            return vec![
                Finding::certain(Code::PresignedNotTaken, "the store accepts no POST forms").fix(
                    format!(
                        "make a link for PUT, which does the same: `{}`",
                        command(self.anatomy, "put")
                    ),
                ),
            ];
        }
        let service = self
            .anatomy
            .credential
            .as_ref()
            .map_or("s3", |credential| credential.service.as_str());
        // s3s says so of every service but `s3`.
        if !service.starts_with("s3") {
            return Vec::new();
        }
        let is_chunked = self
            .case
            .sent_headers()
            .iter()
            .any(|(name, _)| name == "transfer-encoding");
        match is_chunked {
            true => self.of_refusal(Refusal::Chunked),
            false => vec![self.other()],
        }
    }

    fn has_checksum_of_nothing(&self) -> bool {
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
        parameters
            .chain(headers)
            .any(|(name, value)| is_checksum_of_nothing(&String::from_utf8_lossy(&name), &value))
    }

    fn bad_digest(&self) -> Finding {
        match self.has_checksum_of_nothing() {
            true => Finding::certain(
                Code::ChecksumOfEmptyBody,
                "the checksum in the link is that \
                 of an empty body",
            )
            .fix(
                "turn the SDK's checksum off \
                     (`AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED`), or make the link here",
            ),
            false => Finding::certain(
                Code::PayloadHashMismatch,
                "the body is not the one whose \
                 checksum was signed",
            )
            .fix("send the file for which the link was made, or make a link for this one"),
        }
    }

    fn policy(&self) -> Finding {
        Finding::certain(
            Code::PolicyConditionFailed,
            "a field of the form does not meet a condition of the policy",
        )
        .fix(
            "send exactly the fields that were signed, the file last; look at the condition that \
             is named; `--form FILE` checks them here",
        )
    }
}

/// Whether only forms are refused for it.
pub fn is_of_a_form(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Policy | Refusal::PolicyExpired | Refusal::Form
    )
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
