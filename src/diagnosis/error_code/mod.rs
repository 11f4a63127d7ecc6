//! The store's response: its code, sentences and fields as findings.
//!
//! Which cause a code and a sentence stand for is a table of `store`. Here it is put beside the
//! request.

mod access;
mod body;
mod connection;
mod credentials;
mod headers;
mod place;
mod signature;
mod time;

use crate::store::{BodyKind, ErrorResponse, Refusal};
use crate::text::escape_controls;

use super::case::{Case, SignatureState};
use super::checks::{again, post_command};
use super::code::Code;
use super::finding::Finding;
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
            Refusal::ExpiryLimit => vec![self.expiry_limit()],
            Refusal::Unsigned => self.unsigned(),
            Refusal::Parameters => self.parameters(),
            Refusal::Region => self.region_refused(),
            Refusal::Service => vec![self.wrong_service()],
            Refusal::Redirected => self.redirected(),
            Refusal::Location => self.illegal_location(),
            Refusal::Addressing => vec![self.wrong_addressing()],
            Refusal::BucketCreation => vec![self.bucket_creation()],
            Refusal::NoBucket => self.no_such_bucket(),
            Refusal::NoKey => self.no_such_key(),
            Refusal::Multipart => vec![self.multipart_mismatch()],
            Refusal::Denied => self.access_denied(),
            Refusal::Kms => vec![self.kms_denied()],
            Refusal::RequesterPays => vec![self.requester_pays()],
            Refusal::Account => vec![self.account_limit()],
            Refusal::Method => vec![self.method_not_allowed()],
            Refusal::TwoAuth => vec![self.two_mechanisms()],
            Refusal::Disposition => vec![self.disposition()],
            Refusal::Version2 => self.version_2(),
            Refusal::PresignedNotTaken => vec![self.presigned_not_taken()],
            Refusal::HeaderNotSigned => self.header_not_signed(),
            Refusal::HeaderMissing => self.header_missing(),
            Refusal::HeaderNotSupported => vec![self.header_not_supported()],
            Refusal::ChecksumRequired => vec![self.checksum_required()],
            Refusal::Digest => vec![self.bad_digest()],
            Refusal::DigestMalformed => vec![self.digest_malformed()],
            Refusal::PayloadHash => vec![self.payload_hash()],
            Refusal::BodyIncomplete => vec![self.body_incomplete()],
            Refusal::Chunked => vec![self.chunked_body()],
            Refusal::Size => vec![self.size()],
            Refusal::PolicyExpired => vec![self.policy_expired()],
            Refusal::Policy => vec![self.policy()],
            Refusal::Form => vec![self.form_malformed()],
            Refusal::Archived => vec![self.archived()],
            Refusal::Precondition => vec![self.precondition()],
            Refusal::Cors => vec![self.cors_refused()],
            Refusal::Acceleration => vec![self.acceleration_off()],
            Refusal::ConsolePort => vec![self.console_port()],
            Refusal::Tls => vec![self.tls()],
            Refusal::Unreachable => vec![self.unreachable()],
            Refusal::NotImplemented => self.not_implemented(),
            Refusal::Busy => vec![self.busy()],
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

    fn mentions(&self, words: &str) -> bool {
        self.response
            .sentences()
            .iter()
            .any(|text| text.to_ascii_lowercase().contains(words))
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
