//! What is said when a store refuses, or does not answer.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::diagnosis::rfc3339;
use crate::error::{Failure, Kind};
use crate::http::{Answer, ProbeError, is_passing};
use crate::store::StoreAnswer;
use crate::text::escape_controls;

use super::{Session, TransferError};
use crate::command::shared::client;

/// What a request is about, for messages. Never the link.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `part 3 of \`dir/big.bin\``
    pub what: String,
    /// Host and port.
    pub host: String,
    /// When the link ends, as far as it is known.
    pub ends: Option<DateTime<Utc>>,
    /// What to do after the network or the store failed.
    pub again: &'static str,
}

impl Session<'_> {
    /// No answer, or none that is whole.
    pub fn unanswered(&self, subject: &Subject, error: &ProbeError) -> TransferError {
        if self.is_stopped() {
            return TransferError::Stopped;
        }
        let failure = client::unanswered(&subject.host, error);
        match error {
            ProbeError::Source(_) => TransferError::Final(
                Failure::new(Kind::Refused, escape_controls(&error.to_string()))
                    .hint("check the file and its disk"),
            ),
            error if self.is_passing(error) => {
                TransferError::Passing(failure.hint(subject.again), None)
            }
            _ => TransferError::Final(failure),
        }
    }

    /// An answer that is no success.
    pub fn refused(&self, subject: &Subject, answer: &Answer) -> TransferError {
        let read = client::as_store_answer(answer);
        if is_passing(answer.status, read.code()) {
            let code = code_of(&read);
            let message = format!(
                "`{}` answered {}{code}",
                subject.host,
                escape_controls(&answer.status_text)
            );
            let after: Option<Duration> = answer.retry_after(self.now());
            return TransferError::Passing(
                Failure::new(Kind::Network, message).hint(subject.again),
                after,
            );
        }
        TransferError::Final(self.refusal(subject, answer, &read))
    }

    /// The store's own words, and the way out.
    pub fn refusal(&self, subject: &Subject, answer: &Answer, read: &StoreAnswer) -> Failure {
        let code = code_of(read);
        let message: String = read
            .message()
            .unwrap_or_default()
            .trim_end_matches('.')
            .chars()
            .take(300)
            .collect();
        let message = if message.is_empty() {
            message
        } else {
            format!(": {message}")
        };
        let text = format!(
            "the store refused {}: {}{code}{message}",
            subject.what, answer.status_text
        );
        let failure = Failure::new(Kind::Refused, escape_controls(&text));
        failure.hint(self.way_out(subject, answer, read))
    }

    fn way_out(&self, subject: &Subject, answer: &Answer, read: &StoreAnswer) -> String {
        let code = read.code().unwrap_or_default();
        let says_expired = read
            .message()
            .is_some_and(|message| message.to_ascii_lowercase().contains("expired"));
        let is_refusal = matches!(answer.status, 400 | 401 | 403);
        let has_ended = subject.ends.filter(|ends| *ends <= self.now());
        if let Some(ends) = has_ended.filter(|_| is_refusal) {
            return format!("the link ended at {}: ask for a new one", rfc3339(ends));
        }
        if (300..400).contains(&answer.status) {
            let location = answer
                .header("location")
                .and_then(|location| location.split("://").nth(1)?.split(['/', '?']).next());
            let host = location
                .map(|host| format!(" to `{}`", escape_controls(host)))
                .unwrap_or_default();
            return format!(
                "the store redirects{host}, where the signature is not valid: ask for a link to the right endpoint"
            );
        }
        let text = match code {
            "ExpiredRequest"
            | "RequestExpired"
            | "ExpiredPresignRequest"
            | "ExpiredToken"
            | "ExpiredTokenException" => "the link has ended: ask for a new one",
            _ if says_expired => "the link has ended by the store's clock: ask for a new one",
            "SignatureDoesNotMatch" | "InvalidSignature" => {
                "the link was changed on its way: ask for it again; `cos-presign diagnose URL` finds out more"
            }
            "NoSuchUpload" => {
                "the upload was completed or aborted, or the store has thrown it away: ask for a new plan"
            }
            "NoSuchKey" | "NoSuchVersion" => {
                "the object is not there, or not any more: ask whoever sent the link"
            }
            "NoSuchBucket" => "the bucket is not there: ask whoever sent the link",
            "InvalidAccessKeyId" => {
                "the key that made the link is not valid any more: ask for a new one"
            }
            "RequestTimeTooSkewed" => {
                "the clock of whoever made the link was wrong: ask for a new one"
            }
            "EntityTooLarge" | "EntityTooSmall" | "MaxMessageLengthExceeded" => {
                "a file of this size is not allowed here: ask whoever sent the link"
            }
            "InvalidPart" | "InvalidPartOrder" => {
                "the store has lost a part: run the same command again, and what is missing is sent"
            }
            "PreconditionFailed" => "the object exists already, and the link does not replace it",
            "InvalidObjectState" => {
                "the object is in an archive and has to be restored first: ask whoever sent the link"
            }
            "AccessDenied" => {
                "whoever made the link may not do this any more, or it has ended: ask for a new one"
            }
            _ => {
                "ask for a new one; `cos-presign verify URL` and `cos-presign diagnose URL` find out more"
            }
        };
        text.to_owned()
    }
}

fn code_of(read: &StoreAnswer) -> String {
    let code: String = read.code().unwrap_or_default().chars().take(100).collect();
    if code.is_empty() {
        code
    } else {
        format!(", {}", escape_controls(&code))
    }
}

/// `1.5 GiB`
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1 << 20, "1.0 MiB"),
            ((1 << 30) - 1, "1.0 GiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
