//! Refusals of access, and of objects and buckets that are not there.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::diagnosis::case::SignatureState;
use crate::diagnosis::checks::{again, command, list_command};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::sigv4::encode;
use crate::store::Refusal;
use crate::text::escape_controls;

use super::Reader;

impl Reader<'_> {
    pub(super) fn access_denied(&self) -> Vec<Finding> {
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

    pub(super) fn no_such_key(&self) -> Vec<Finding> {
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

    pub(super) fn missing(&self, is_stated: bool) -> Finding {
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

    pub(super) fn no_such_bucket(&self) -> Vec<Finding> {
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

    pub(super) fn method_not_allowed(&self) -> Finding {
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

    pub(super) fn not_implemented(&self) -> Vec<Finding> {
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

    pub(super) fn kms_denied(&self) -> Finding {
        Finding::certain(
            Code::AccessDenied,
            format!(
                "the signature is right, and {} may not use the KMS key of the object{}",
                self.key(),
                self.action()
                    .map(|action| format!(" ({action})"))
                    .unwrap_or_default()
            ),
        )
        .fix(
            "give the signer the permission on the KMS key (kms:Decrypt to read, \
                     kms:GenerateDataKey to write); the link can stay",
        )
    }

    pub(super) fn requester_pays(&self) -> Finding {
        Finding::certain(
            Code::AccessDenied,
            "the requester pays for this bucket, and the \
                     request does not accept that",
        )
        .fix(format!(
            "sign the header that accepts it, and send it: `{}`",
            again(self.anatomy).fixed_option("-H", "'x-amz-request-payer: requester'")
        ))
    }

    pub(super) fn account_limit(&self) -> Finding {
        Finding::certain(
            Code::AccountLimit,
            "a limit or the state of the account stops \
                     the request; the link is not the cause",
        )
        .fix(
            "raise the limit or settle the account in the store's console; the link \
                         can stay",
        )
    }

    pub(super) fn archived(&self) -> Finding {
        Finding::certain(
            Code::ObjectArchived,
            "the object is in an archive and has to be restored first",
        )
        .fix("restore it, then use the link again: `aws s3api restore-object`")
    }

    pub(super) fn precondition(&self) -> Finding {
        Finding::certain(
            Code::PreconditionFailed,
            "a condition of the request was not met (If-Match, If-None-Match)",
        )
        .fix("look at what is there already, or remove the condition")
    }
}
