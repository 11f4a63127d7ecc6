//! Transient failures, and when to retry.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::Method;

use crate::store::ErrorResponse;

use super::{ProbeError, Response};

/// Error codes of overloaded or failing stores.
const CODES: [&str; 7] = [
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServerBusy",
    "ServiceUnavailable",
    "SlowDown",
    "TooManyRequests",
];

impl ProbeError {
    /// Whether a retry may succeed. For the first request an unknown host is more likely a typing
    /// mistake than a transient failure, and a retry would only delay the error.
    pub fn is_transient(&self, is_first: bool) -> bool {
        match self {
            ProbeError::ResponseTimeout(_)
            | ProbeError::Closed
            | ProbeError::ConnectTimeout(_)
            | ProbeError::Stalled(_) => true,
            ProbeError::ConnectionRefused
            | ProbeError::UnknownName { .. }
            | ProbeError::Unreachable(_) => !is_first,
            ProbeError::ProxyUnreachable { cause, .. } => cause.is_transient(is_first),
            _ => false,
        }
    }
}

/// Whether a request refused with this status and code may succeed later.
pub fn is_transient(status: u16, code: Option<&str>) -> bool {
    // 501 and 505 are permanent.
    let is_trouble = matches!(status, 408 | 429) || (status >= 500 && !matches!(status, 501 | 505));
    is_trouble || code.is_some_and(is_transient_code)
}

/// Whether the code is transient.
pub fn is_transient_code(code: &str) -> bool {
    CODES.contains(&code)
}

/// Whether a request that failed on a kept connection is sent again on a new one: the peer may have
/// closed that one before the request arrived. A request that changes the store is not repeated,
/// unless nothing of it was sent.
pub(super) fn may_resend(method: &Method, is_unsent: bool) -> bool {
    is_unsent || matches!(*method, Method::GET | Method::HEAD)
}

impl Response {
    /// Whether a retry may succeed.
    pub fn is_transient(&self) -> bool {
        !matches!(self.status, 200..400)
            && is_transient(self.status, ErrorResponse::parse(&self.body).code())
    }

    /// `Retry-After`: seconds, or a date relative to the Date header.
    pub fn retry_after(&self, now: DateTime<Utc>) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now)
            .to_std()
            .ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_time() {
        let now = DateTime::parse_from_rfc3339("2026-11-23T10:00:00Z")
            .unwrap()
            .to_utc();
        for (text, seconds) in [
            ("7", Some(7)),
            ("Mon, 23 Nov 2026 10:00:09 GMT", Some(9)),
            ("Mon, 23 Nov 2026 09:00:00 GMT", None),
            ("soon", None),
        ] {
            let response = Response {
                status: 503,
                status_text: "503 Slow Down".to_owned(),
                headers: vec![("retry-after".to_owned(), text.to_owned())],
                body: Vec::new(),
                body_cut: false,
                elapsed: Duration::ZERO,
            };
            assert_eq!(
                response.retry_after(now),
                seconds.map(Duration::from_secs),
                "{text}"
            );
        }
    }

    #[test]
    fn trouble_passes_and_refusals_do_not() {
        for (status, code, transient) in [
            (500, None, true),
            (503, Some("SlowDown"), true),
            (408, None, true),
            (429, None, true),
            (400, Some("RequestTimeout"), true),
            (501, None, false),
            (403, Some("AccessDenied"), false),
            (404, Some("NoSuchUpload"), false),
        ] {
            assert_eq!(is_transient(status, code), transient, "{status} {code:?}");
        }
        assert!(ProbeError::Closed.is_transient(true));
        assert!(
            !ProbeError::ConnectionRefused.is_transient(true)
                && ProbeError::ConnectionRefused.is_transient(false)
        );
        assert!(!ProbeError::UnknownAuthority.is_transient(false));
    }
}
