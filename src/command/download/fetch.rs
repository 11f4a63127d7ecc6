//! One request for the object or a range of it, and what the response means.

use crate::command::transfer::{Session, Subject, TransferError};
use crate::error::{Failure, Kind};
use crate::http::{BODY_LIMIT, Channel, Head, Probe};
use crate::sigv4::Header;
use crate::transfer::{Checks, is_strong};

/// The URL and how it is used.
pub struct Link<'l, 'a> {
    pub session: &'l Session<'a>,
    pub url: String,
    /// Which object it is for, whatever its signature.
    pub object: String,
    pub headers: Vec<Header>,
    pub subject: Subject,
}

/// A part of an object of which something is there already.
#[derive(Clone, Copy, Debug)]
pub struct Range<'r> {
    /// The first byte.
    pub start: u64,
    /// The byte after the last; `None` is the end of the object.
    pub end: Option<u64>,
    /// Of the object; it is resumed only if it is still the same.
    pub etag: &'r str,
    /// Of the whole, if it is known.
    pub size: Option<u64>,
}

/// A response that may be used. Its body waits in the channel.
pub enum Opened {
    /// All of it. Where a range was asked for, the ETag is that of the range.
    Whole(Head),
    /// Exactly the range, and what the response says about the whole.
    Range(Checks),
    /// A range of what may be another object: without a strong ETag nothing says so.
    Unconfirmed,
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
        let probe = Probe {
            method: "GET",
            url: &self.url,
            headers: self.headers_for(range),
            host: None,
            body: None,
        };
        let head = channel
            .send(&probe, None)
            .map_err(|error| self.session.no_response(&self.subject, &error))?;
        if matches!(head.status, 200 | 206) {
            self.session.responded();
            self.check_framing(&head)?;
        }
        match (head.status, range) {
            (200, Some(range)) if !is_of(&head, range) => Ok(Opened::Changed),
            (200, _) => Ok(Opened::Whole(head)),
            (206, Some(range)) => self.check_range(&head, range),
            (412 | 416, Some(_)) => {
                self.session.responded();
                Ok(Opened::Changed)
            }
            (206, None) => {
                Err(self.unexpected("it sent a part of the object, and the whole was asked for"))
            }
            (204..300, _) => Err(self.unexpected(&format!("it responded {}", head.status_text))),
            _ => {
                let answer = channel
                    .answer(head, BODY_LIMIT)
                    .map_err(|error| self.session.no_response(&self.subject, &error))?;
                self.session.responded();
                Err(self.session.refused(&self.subject, &answer))
            }
        }
    }

    fn headers_for(&self, range: Option<Range>) -> Vec<Header> {
        let mut headers = self.headers.clone();
        if let Some(range) = range {
            let last = range
                .end
                .map(|end| end.saturating_sub(1).to_string())
                .unwrap_or_default();
            headers.push(Header::new(
                "Range",
                format!("bytes={}-{last}", range.start),
            ));
            headers.push(Header::new("If-Match", range.etag));
        }
        headers
    }

    /// A length beside chunks says two things about where the body ends. Proxies and servers that
    /// differ over which of them counts can be made to mix up responses.
    fn check_framing(&self, head: &Head) -> Result<(), TransferError> {
        let has = |name| head.header(name).is_some();
        if has("content-length") && has("transfer-encoding") {
            return Err(self.unexpected("it sent both Content-Length and Transfer-Encoding"));
        }
        Ok(())
    }

    fn check_range(&self, head: &Head, range: Range) -> Result<Opened, TransferError> {
        let mut fields = head
            .headers
            .iter()
            .filter(|(name, _)| name == "content-range");
        let sent = match (fields.next(), fields.next()) {
            (Some((_, text)), None) => content_range(text),
            _ => None,
        };
        let Some((start, last, size)) = sent else {
            return Err(self.unexpected("it sent a part of the object, and does not say which one"));
        };
        if range
            .size
            .zip(size)
            .is_some_and(|(expected, found)| expected != found)
        {
            return Ok(Opened::Changed);
        }
        // Of one whose end is not known, everything from its start on was asked for.
        let end = range.end.or(range.size).or(size);
        if start != range.start || end.is_some_and(|end| last.checked_add(1) != Some(end)) {
            return Err(self.unexpected(&format!(
                "it sent the bytes {start} to {last}, and those from {} on were asked for",
                range.start
            )));
        }
        let length = head.header("content-length");
        if length.is_some_and(|length| length.trim().parse() != Ok(last - start + 1)) {
            return Err(
                self.unexpected("its Content-Length is not that of the part of the object it sent")
            );
        }
        match head.header("etag") {
            Some(etag) if etag == range.etag => Ok(Opened::Range(Checks::of_range(&head.headers))),
            Some(etag) if is_strong(etag) => Ok(Opened::Changed),
            _ => Ok(Opened::Unconfirmed),
        }
    }

    /// The peer breaks a rule of HTTP or of S3, so nothing that it sent can be trusted.
    pub fn unexpected(&self, what: &str) -> TransferError {
        let message = format!(
            "`{}` does not respond as a store does: {what}",
            self.subject.host
        );
        Failure::new(Kind::Refused, message)
            .hint("something else than the store may respond there: check the network")
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
        .hint("run the same command again when nothing writes to the object")
    }
}

/// Whether all of the object came, and it is still the one of the range.
fn is_of(head: &Head, range: Range) -> bool {
    let size = head
        .header("content-length")
        .and_then(|size| size.trim().parse::<u64>().ok());
    head.header("etag") == Some(range.etag)
        && range.size.zip(size).is_none_or(|(one, other)| one == other)
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
