//! Responses of something that is not the store, and no response at all.

use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::store::BodyKind;
use crate::text::{CommandLine, escape_controls};

use super::Reader;

impl Reader<'_> {
    /// A web page in place of a document or an object. An object may be one itself.
    pub(super) fn page(&self) -> Vec<Finding> {
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

    pub(super) fn cors(&self) -> Finding {
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

    pub(super) fn not_a_store(&self) -> Finding {
        Finding::likely(
            Code::NotAStoreAnswer,
            "the response is a page or text of something else: a proxy, a login page or a CDN \
             responded, not the store",
        )
        .fix("go to the store itself: check the endpoint, and what stands before it")
    }

    pub(super) fn tls(&self) -> Finding {
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

    pub(super) fn other(&self) -> Finding {
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

    pub(super) fn cors_refused(&self) -> Finding {
        self.cors().fix(format!(
            "add a rule to the bucket; `{}` prints one",
            CommandLine::cos_presign("cors").fixed_option("--origin", "https://app.example")
        ))
    }

    pub(super) fn unreachable(&self) -> Finding {
        Finding::likely(Code::Unreachable, "no connection to the host was made")
            .fix("see where it stops: `curl -v URL`")
    }

    pub(super) fn busy(&self) -> Finding {
        Finding::likely(
            Code::StoreBusy,
            "the store could not serve the request; that is not the link's fault",
        )
        .fix("try again later")
    }
}
