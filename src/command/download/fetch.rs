//! One request for the object or a range, and the interpretation of its response.

use crate::command::transfer::{Session, Subject, TransferError};
use crate::error::{Failure, Kind};
use crate::http::{BODY_LIMIT, Channel, Head, Probe};
use crate::sigv4::Header;
use crate::transfer::{Checks, is_strong};

/// The URL and the headers to send.
pub struct Link<'l, 'a> {
    pub session: &'l Session<'a>,
    pub url: String,
    /// Identifies the object, whatever the signature.
    pub object: String,
    pub headers: Vec<Header>,
    pub subject: Subject,
}

/// The missing part of an object that is partly downloaded.
#[derive(Clone, Copy, Debug)]
pub struct Range<'r> {
    /// First byte.
    pub start: u64,
    /// Byte after the last; `None` is the end of the object.
    pub end: Option<u64>,
    /// ETag of the object; the download is resumed only if it is unchanged.
    pub etag: &'r str,
    /// Size of the object, if known.
    pub size: Option<u64>,
}

/// A usable response. Its body is still in the channel.
pub enum Opened {
    /// The whole object. If a range was requested, the ETag is that of the range.
    Whole(Head),
    /// Exactly the range, and what the response states about the object.
    Range(Checks),
    /// A range of a possibly changed object: without a strong ETag this cannot be excluded.
    Unconfirmed,
    /// The object has changed.
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
                Err(self.unexpected("it sent a part of the object instead of all of it"))
            }
            (204..300, _) => Err(self.unexpected(&format!("it responded {}", head.status_text))),
            _ => {
                let response = channel
                    .response(head, BODY_LIMIT)
                    .map_err(|error| self.session.no_response(&self.subject, &error))?;
                self.session.responded();
                Err(self.session.refused(&self.subject, &response))
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

    /// Content-Length and chunked encoding contradict each other about the end of the body. Proxies
    /// and servers that interpret them differently can be made to mix up responses (request
    /// smuggling).
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
            return Err(self.unexpected("it sent a part of the object without Content-Range"));
        };
        if range
            .size
            .zip(size)
            .is_some_and(|(expected, found)| expected != found)
        {
            return Ok(Opened::Changed);
        }
        // For a range without an end, everything from its start was requested.
        let end = range.end.or(range.size).or(size);
        if start != range.start || end.is_some_and(|end| last.checked_add(1) != Some(end)) {
            return Err(self.unexpected(&format!(
                "it sent the bytes {start} to {last} instead of those from {} on",
                range.start
            )));
        }
        let length = head.header("content-length");
        if length.is_some_and(|length| length.trim().parse() != Ok(last - start + 1)) {
            return Err(self
                .unexpected("its Content-Length differs from the size of the part that it sent"));
        }
        match head.header("etag") {
            Some(etag) if etag == range.etag => Ok(Opened::Range(Checks::of_range(&head.headers))),
            Some(etag) if is_strong(etag) => Ok(Opened::Changed),
            _ => Ok(Opened::Unconfirmed),
        }
    }

    /// The server violates HTTP or the S3 API, so nothing that it sent can be trusted.
    pub fn unexpected(&self, what: &str) -> TransferError {
        let message = format!(
            "`{}` does not respond as a store does: {what}",
            self.subject.host
        );
        Failure::new(Kind::Refused, message)
            .hint("the response may not come from the store: check the network")
            .into()
    }

    /// The object changed during the download.
    pub fn changed(&self) -> Failure {
        Failure::new(
            Kind::Refused,
            format!(
                "{} failed: the object changed while it was downloaded",
                self.subject.what
            ),
        )
        .hint("run the same command again when the object no longer changes")
    }
}

/// Whether the whole object arrived, and is the one of the range.
fn is_of(head: &Head, range: Range) -> bool {
    let size = head
        .header("content-length")
        .and_then(|size| size.trim().parse::<u64>().ok());
    head.header("etag") == Some(range.etag)
        && range.size.zip(size).is_none_or(|(one, other)| one == other)
}

/// Parses `bytes 0-9/100` to first, last and size.
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
