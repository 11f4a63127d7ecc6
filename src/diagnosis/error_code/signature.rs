//! Refusals of the signature, or of how the request is signed.

use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::url_parts::SignatureKind;
use crate::sigv4::encode;
use crate::text::escape_controls;

use super::Reader;

impl Reader<'_> {
    /// The signature does not fit: what else the fields show.
    pub(super) fn signature(&self) -> Vec<Finding> {
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
    pub(super) fn resource(&self) -> Option<Finding> {
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

    pub(super) fn unsigned(&self) -> Vec<Finding> {
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
    pub(super) fn parameters(&self) -> Vec<Finding> {
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

    pub(super) fn version_2(&self) -> Vec<Finding> {
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

    pub(super) fn two_mechanisms(&self) -> Finding {
        Finding::certain(
            Code::TwoAuthMechanisms,
            "an Authorization header was sent with the URL, which has a signature already",
        )
        .fix("send the URL without the header; clients that follow redirects often add it")
    }

    pub(super) fn presigned_not_taken(&self) -> Finding {
        Finding::certain(
            Code::PresignedNotTaken,
            "what responded accepts no signature in the query",
        )
        .fix("send the request to the store behind it, or sign it with a header")
    }
}
