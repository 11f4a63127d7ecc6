//! One request for the object or a range of it, and what the answer means.

use crate::command::transfer::{Session, Subject, TransferError};
use crate::error::{Failure, Kind};
use crate::http::{BODY_LIMIT, Channel, Head, Probe};
use crate::sigv4::Header;
use crate::transfer::opaque;

/// The link and how it is used.
pub struct Link<'l, 'a> {
    pub errand: &'l Session<'a>,
    pub url: String,
    pub headers: Vec<Header>,
    pub subject: Subject,
}

/// A part of the object that was begun.
#[derive(Clone, Copy, Debug)]
pub struct Range<'r> {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: Option<u64>,
    /// Of the object that was begun; it goes on only if it is still the same.
    pub etag: &'r str,
    /// Of the whole, if it is known.
    pub size: Option<u64>,
}

/// An answer that may be used. Its body waits in the channel.
pub enum Opened {
    /// All of it, whatever was asked for.
    Whole(Head),
    /// The range.
    Range,
    /// The object is another now.
    Changed,
}

impl Link<'_, '_> {
    /// Sends the request. Neither `Range` nor `If-Match` is signed, so both may be sent.
    pub fn open(
        &self,
        channel: &mut Channel,
        range: Option<Range>,
    ) -> Result<Opened, TransferError> {
        let mut headers = self.headers.clone();
        if let Some(Range {
            start, end, etag, ..
        }) = range
        {
            let end = end
                .map(|end| end.saturating_sub(1).to_string())
                .unwrap_or_default();
            headers.push(Header::new("Range", format!("bytes={start}-{end}")));
            headers.push(Header::new("If-Match", etag));
        }
        let probe = Probe {
            method: "GET",
            url: &self.url,
            headers,
            host: None,
            body: None,
        };
        let head = channel
            .send(&probe, None)
            .map_err(|error| self.errand.unanswered(&self.subject, &error))?;
        match (head.status, range) {
            (200, Some(range)) if differs(&head, range.etag) => {
                self.errand.met();
                Ok(Opened::Changed)
            }
            (200, _) => {
                self.errand.met();
                Ok(Opened::Whole(head))
            }
            (206, Some(range)) => {
                self.errand.met();
                self.check_range(&head, range)
            }
            (412 | 416, Some(_)) => {
                self.errand.met();
                Ok(Opened::Changed)
            }
            (206, None) => {
                Err(self.strange("it sent a part of the object, and the whole was asked for"))
            }
            (204..300, _) => Err(self.strange(&format!("it answered {}", head.status_text))),
            _ => {
                let answer = channel.answer(head, BODY_LIMIT);
                let answer =
                    answer.map_err(|error| self.errand.unanswered(&self.subject, &error))?;
                self.errand.met();
                Err(self.errand.refused(&self.subject, &answer))
            }
        }
    }

    fn check_range(&self, head: &Head, range: Range) -> Result<Opened, TransferError> {
        let told = head.header("content-range").and_then(content_range);
        let Some((start, last, size)) = told else {
            return Err(self.strange("it sent a part of the object, and does not say which"));
        };
        if differs(head, range.etag)
            || range
                .size
                .zip(size)
                .is_some_and(|(expected, found)| expected != found)
        {
            return Ok(Opened::Changed);
        }
        if start != range.start || range.end.is_some_and(|end| last >= end) {
            return Err(self.strange(&format!(
                "it sent the bytes {start} to {last}, and those from {} on were asked for",
                range.start
            )));
        }
        Ok(Opened::Range)
    }

    fn strange(&self, what: &str) -> TransferError {
        let message = format!(
            "`{}` does not answer as a store does: {what}",
            self.subject.host
        );
        Failure::new(Kind::Refused, message)
            .hint("something else than the store may answer there: check the network")
            .into()
    }

    /// The object is another in the middle of the download.
    pub fn changed(&self) -> Failure {
        Failure::new(
            Kind::Refused,
            format!(
                "{} failed: the object changed while it was downloaded",
                self.subject.what
            ),
        )
        .hint("run the same command again when nobody writes to the object")
    }
}

/// Whether the answer is about another object.
fn differs(head: &Head, etag: &str) -> bool {
    head.header("etag")
        .is_some_and(|found| opaque(found) != opaque(etag))
}

/// `bytes 0-9/100`, as first, last, size.
fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let rest = text.trim().strip_prefix("bytes")?.trim_start();
    let (range, size) = rest.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let size: Option<u64> = size.trim().parse().ok();
    (first <= last && size.is_none_or(|size| last < size)).then_some((first, last, size))
}

/// What is left of a trouble at the end of all patience.
pub fn failure(trouble: TransferError) -> anyhow::Error {
    match trouble {
        TransferError::Passing(failure, _) | TransferError::Final(failure) => failure.into(),
        TransferError::Stopped => anyhow::anyhow!("stopped without a cause"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, range) in [
            ("bytes 0-9/100", Some((0, 9, Some(100)))),
            ("bytes 5-5/*", Some((5, 5, None))),
            ("bytes */100", None),
            ("bytes 9-0/100", None),
            ("bytes 0-100/100", None),
            ("0-9/100", None),
            ("bytes 0-9", None),
        ] {
            assert_eq!(content_range(text), range, "{text}");
        }
    }
}
