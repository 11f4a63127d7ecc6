//! The failure when a store refuses, or does not respond.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::diagnosis::rfc3339;
use crate::error::{Failure, Kind};
use crate::http::{ProbeError, Response, is_transient};
use crate::store::{ErrorResponse, Refusal};
use crate::text::escape_controls;

use super::{Session, TransferError};
use crate::command::shared::client;

/// The subject of a request, for messages. Never the URL.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `part 3 of \`dir/big.bin\``
    pub what: String,
    /// Host and port.
    pub host: String,
    /// Expiry of the URL, if known.
    pub expires_at: Option<DateTime<Utc>>,
    /// The hint after a failure of the network or the store.
    pub again: &'static str,
}

impl Session<'_> {
    /// No response, or an incomplete one.
    pub fn no_response(&self, subject: &Subject, error: &ProbeError) -> TransferError {
        if self.is_stopped() {
            return TransferError::Stopped;
        }
        let failure = client::no_response(&subject.host, error);
        match error {
            ProbeError::Source(_) => TransferError::Final(
                Failure::new(Kind::Refused, escape_controls(&error.to_string()))
                    .hint("check the file and its disk"),
            ),
            error if self.is_transient(error) => {
                TransferError::Transient(failure.hint(subject.again), None)
            }
            _ => TransferError::Final(failure),
        }
    }

    /// An unsuccessful response.
    pub fn refused(&self, subject: &Subject, response: &Response) -> TransferError {
        let read = client::as_error_response(response);
        if is_transient(response.status, read.code()) {
            let code = code_of(&read);
            let message = format!(
                "`{}` responded {}{code}",
                subject.host,
                escape_controls(&response.status_text)
            );
            let after: Option<Duration> = response.retry_after(self.now());
            return TransferError::Transient(
                Failure::new(Kind::Network, message).hint(subject.again),
                after,
            );
        }
        let failure = self.refusal(subject, response, &read);
        match read.code() {
            Some("NoSuchUpload") => TransferError::UploadGone(failure),
            _ => TransferError::Final(failure),
        }
    }

    /// The message of the store, and a hint.
    pub fn refusal(&self, subject: &Subject, response: &Response, read: &ErrorResponse) -> Failure {
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
            subject.what, response.status_text
        );
        let failure = Failure::new(Kind::Refused, escape_controls(&text));
        failure.hint(self.hint_for(subject, response, read))
    }

    fn hint_for(&self, subject: &Subject, response: &Response, read: &ErrorResponse) -> String {
        let code = read.code().unwrap_or_default();
        let says_expired = read
            .message()
            .is_some_and(|message| message.to_ascii_lowercase().contains("expired"));
        let is_refusal = matches!(response.status, 400 | 401 | 403);
        let expired = subject.expires_at.filter(|time| *time <= self.now());
        if let Some(time) = expired.filter(|_| is_refusal) {
            return format!("the URL expired at {}: request a new one", rfc3339(time));
        }
        if (300..400).contains(&response.status) {
            let location = response
                .header("location")
                .and_then(|location| location.split("://").nth(1)?.split(['/', '?']).next());
            let host = location
                .map(|host| format!(" to `{}`", escape_controls(host)))
                .unwrap_or_default();
            return format!(
                "the store redirects{host}, where the signature is not valid: request a URL for \
                 the correct endpoint"
            );
        }
        if let Some(text) = way_out_of_refusal(read) {
            return text;
        }
        let text = match code {
            "ExpiredRequest"
            | "RequestExpired"
            | "ExpiredPresignRequest"
            | "ExpiredToken"
            | "ExpiredTokenException" => "the URL has expired: request a new one",
            _ if says_expired => "the URL has expired by the clock of the store: request a new one",
            "SignatureDoesNotMatch" | "InvalidSignature" => {
                "the URL or a header differs from what was signed: see `cos-presign diagnose URL`"
            }
            "NoSuchUpload" => {
                "the upload was completed or aborted, or the store has removed it: request a new \
                 plan"
            }
            "NoSuchKey" | "NoSuchVersion" => "the object does not exist: ask the sender of the URL",
            "NoSuchBucket" => "the bucket does not exist: ask the sender of the URL",
            "InvalidAccessKeyId" => {
                "the access key that signed the URL is not valid: request a new URL"
            }
            "RequestTimeTooSkewed" => {
                "the clock of the computer that signed the URL was wrong: request a new URL"
            }
            "EntityTooLarge" | "EntityTooSmall" | "MaxMessageLengthExceeded" => {
                "a file of this size is not allowed: ask the sender of the URL"
            }
            "InvalidPart" | "InvalidPartOrder" => {
                "the store has lost a part: run the same command again to send what is missing"
            }
            "PreconditionFailed" => {
                "the object exists already, and the URL does not allow replacing it"
            }
            "ConditionalRequestConflict" => {
                "another client is writing the same object: run the same command again"
            }
            "InvalidObjectState" => {
                "the object is archived and must be restored first: ask the sender of the URL"
            }
            "AccessDenied" => {
                "the signer of the URL has no permission for this, or the URL has expired: \
                 request a new one"
            }
            _ => {
                "request a new one; for details run `cos-presign verify URL` or `cos-presign \
                 diagnose URL`"
            }
        };
        text.to_owned()
    }
}

/// Hints for refusals that a new URL of the same kind does not fix.
fn way_out_of_refusal(read: &ErrorResponse) -> Option<String> {
    let mentions = |word: &str| {
        let lower = |text: &&str| text.to_ascii_lowercase().contains(word);
        read.sentences().iter().any(lower)
    };
    let text = match read.refusal()? {
        Refusal::Policy => {
            "the policy of the form does not allow this file or one of the fields: the store \
             names the condition; request a form that allows it"
        }
        Refusal::PolicyExpired => "the form has expired: request a new one",
        Refusal::Form => {
            "the store cannot read the form: `cos-presign diagnose URL --form FILE` checks its \
             fields"
        }
        Refusal::NotImplemented if mentions("post") || mentions("form") => {
            "the store does not accept forms: request a URL for PUT instead (`cos-presign put`)"
        }
        Refusal::HeaderNotSupported
            if read.code() == Some("AccessControlListNotSupported")
                || mentions("acl")
                || mentions("uniform bucket-level") =>
        {
            "ACLs are disabled on the bucket: request a form or URL made without `--acl`"
        }
        Refusal::HeaderNotSupported | Refusal::NotImplemented => {
            "the store does not support the named header: request a URL without that header"
        }
        Refusal::ChecksumRequired => {
            "the bucket requires a checksum: request a URL made with `--checksum-sha256`"
        }
        Refusal::DigestMalformed | Refusal::Digest | Refusal::PayloadHash => {
            "the URL is for another file, or its checksum is malformed: ask the sender of the URL"
        }
        Refusal::Account => {
            "a limit of the store account is reached: ask the sender of the URL to raise it"
        }
        Refusal::Kms => {
            "the signer of the URL has no permission to use the KMS key of the object: ask the \
             sender of the URL"
        }
        Refusal::RequesterPays => {
            "the requester must pay for this bucket: request a URL made with `-H \
             'x-amz-request-payer: requester'`"
        }
        Refusal::ConsolePort => "the URL is for the console of the store: request one for its API",
        Refusal::TwoAuth => "the request has two signatures: send no Authorization header",
        _ => return None,
    };
    Some(text.to_owned())
}

fn code_of(read: &ErrorResponse) -> String {
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
