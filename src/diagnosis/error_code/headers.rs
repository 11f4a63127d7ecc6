//! Refusals of headers: not signed, not sent, not supported.

use crate::diagnosis::checks::{again, missing_headers};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::{Certainty, Finding};
use crate::text::{CommandLine, escape_controls};

use super::{HEADERS_OF_CLOUDFRONT, Reader, is_number};

impl Reader<'_> {
    /// Lines of version 2's string to sign that differ from what the URL says: method, digest,
    /// type, end, and the resource. Pages show them joined with spaces.
    pub(super) fn version_2_headers(&self) -> Option<Finding> {
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

    pub(super) fn version_2_type_added(&self, seen: &str) -> Finding {
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

    pub(super) fn header_not_signed(&self) -> Vec<Finding> {
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
    pub(super) fn quoted_header(&self) -> Option<String> {
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

    pub(super) fn header_missing(&self) -> Vec<Finding> {
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

    pub(super) fn header_not_supported(&self) -> Finding {
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

    pub(super) fn disposition(&self) -> Finding {
        Finding::certain(
            Code::DispositionNotLatin1,
            "the store cannot send a value of the query in a header",
        )
        .fix(format!(
            "encode the name (RFC 8187): `{}`",
            again(self.anatomy).fixed_option("--download-as", "NAME")
        ))
    }
}
