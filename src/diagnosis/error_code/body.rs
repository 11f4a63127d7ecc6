//! Refusals of the body: its size, its checksum, its form.

use crate::diagnosis::checks::{again, is_checksum_of_nothing};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::store::BodyKind;
use crate::text::escape_controls;

use super::{Reader, is_number};

impl Reader<'_> {
    pub(super) fn size(&self) -> Finding {
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
    pub(super) fn form_size(&self) -> Finding {
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

    pub(super) fn is_multipart(&self) -> bool {
        self.anatomy.text("uploadId").is_some()
    }

    pub(super) fn has_checksum_of_nothing(&self) -> bool {
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

    pub(super) fn bad_digest(&self) -> Finding {
        match self.has_checksum_of_nothing() {
            true => Finding::certain(
                Code::ChecksumOfEmptyBody,
                "the checksum in the link is that of an empty body",
            )
            .fix(
                "turn the SDK's checksum off \
                     (`AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED`), or make the link here",
            ),
            false => Finding::certain(
                Code::PayloadHashMismatch,
                "the body is not the one whose checksum was signed",
            )
            .fix("send the file for which the link was made, or make a link for this one"),
        }
    }

    pub(super) fn policy(&self) -> Finding {
        Finding::certain(
            Code::PolicyConditionFailed,
            "a field of the form does not meet a condition of the policy",
        )
        .fix(
            "send exactly the fields that were signed, the file last; look at the condition that \
             is named; `--form FILE` checks them here",
        )
    }

    pub(super) fn multipart_mismatch(&self) -> Finding {
        Finding::certain(
            Code::MultipartMismatch,
            "the request does not fit the multipart upload it belongs to",
        )
        .fix(
            "create the upload, its parts and its completion with one plan: \
                         `cos-presign multipart BUCKET/KEY --size SIZE --region REGION`",
        )
    }

    pub(super) fn checksum_required(&self) -> Finding {
        Finding::certain(
            Code::ChecksumRequired,
            "the store requires Content-MD5 or a \
                     checksum header for this upload (Object Lock)",
        )
        .fix(format!(
            "sign the checksum of the file and send it: `{}`",
            again(self.anatomy).fixed_option("--checksum-sha256", "BASE64")
        ))
    }

    pub(super) fn digest_malformed(&self) -> Finding {
        match self.has_checksum_of_nothing() {
            true => self.bad_digest(),
            false => Finding::certain(
                Code::DigestMalformed,
                "the digest has the wrong form: it has to be the base64 of its bytes, not \
                     hexadecimal digits",
            )
            .fix("take the base64 of the bytes: `openssl md5 -binary FILE | base64`"),
        }
    }

    pub(super) fn payload_hash(&self) -> Finding {
        Finding::certain(
            Code::PayloadHashMismatch,
            "the body is not the one whose hash was signed",
        )
        .fix("make the link without a payload hash: links sign UNSIGNED-PAYLOAD")
    }

    pub(super) fn body_incomplete(&self) -> Finding {
        Finding::certain(
            Code::BodyIncomplete,
            "fewer bytes of the body arrived than Content-Length announces, or the sender \
                     stopped",
        )
        .fix(
            "send the file from the disk, with its own length: `curl --upload-file FILE \
                     URL`",
        )
    }

    pub(super) fn chunked_body(&self) -> Finding {
        Finding::certain(
            Code::ChunkedBody,
            "the body was sent in chunks, without its length, and the store refuses that",
        )
        .fix("send a file, not a pipe: `curl --upload-file FILE URL`")
    }

    pub(super) fn form_malformed(&self) -> Finding {
        Finding::certain(
            Code::FormMalformed,
            "the store cannot read the form as it was sent",
        )
        .fix(
            "send the fields of the form first and the file last, as \
                         multipart/form-data; `--form FILE` checks the fields here",
        )
    }
}
