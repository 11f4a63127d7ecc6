//! Refusals of access key and session token.

use crate::diagnosis::case::SignatureState;
use crate::diagnosis::code::Code;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::url_parts::SignatureKind;
use crate::text::escape_controls;

use super::Reader;

impl Reader<'_> {
    pub(super) fn key(&self) -> &str {
        self.anatomy
            .access_key_id
            .as_deref()
            .unwrap_or("the access key")
    }

    pub(super) fn expired_token(&self) -> Vec<Finding> {
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

    pub(super) fn invalid_token(&self) -> Vec<Finding> {
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

    pub(super) fn token_refused(&self) -> Finding {
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

    pub(super) fn token_missing(&self) -> Finding {
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

    pub(super) fn unknown_access_key(&self) -> Vec<Finding> {
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
}
