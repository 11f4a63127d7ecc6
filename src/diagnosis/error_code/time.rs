//! Refusals of the time: expired, not valid yet, a clock that is wrong.

use chrono::{DateTime, Utc};

use crate::diagnosis::checks::{again, local_time, post_command, renew_by_redirect};
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::scheme::redirecting_service;
use crate::diagnosis::time::span;
use crate::diagnosis::url_parts::SignatureKind;
use crate::text::escape_controls;

use super::Reader;

impl Reader<'_> {
    pub(super) fn expired(&self) -> Vec<Finding> {
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

    pub(super) fn not_yet_valid(&self) -> Vec<Finding> {
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
    pub(super) fn ahead(&self) -> Option<i64> {
        self.anatomy
            .issued_at
            .zip(self.case.response_time())
            .map(|(issued, server)| (issued - server).num_seconds())
    }

    pub(super) fn skewed(&self) -> Vec<Finding> {
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

    pub(super) fn expiry_limit(&self) -> Finding {
        Finding::certain(
            Code::ExpiryOverLimit,
            "X-Amz-Expires is over the store's limit",
        )
        .fix(format!(
            "make the link again: `{}`",
            again(self.anatomy).fixed_option("--expires", "7d")
        ))
    }

    pub(super) fn policy_expired(&self) -> Finding {
        Finding::certain(Code::Expired, "the policy of the form has expired").fix(format!(
            "make a new form: `{}`",
            post_command(self.anatomy, None, None)
        ))
    }
}
