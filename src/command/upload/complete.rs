//! The end of an upload in parts: put together, or thrown away.

use crate::command::shared::client::as_store_answer;
use crate::command::transfer::{Session, Subject, TransferError};
use crate::error::{Failure, Kind};
use crate::http::{Answer, Channel, ProbeError};
use crate::sigv4::Header;
use crate::transfer::{Completed, Multipart, Request, complete_document, opaque};

use super::multipart::{Run, host, probe};
use super::{ANEW, Done};

/// A list of a thousand parts has some 300 KiB.
const PAGE_LIMIT: usize = 8 << 20;

/// What the object has to be.
pub struct Expected {
    pub size: u64,
    /// Where it can be known.
    pub etag: Option<String>,
}

/// What the object is.
pub struct Found {
    pub size: Option<u64>,
    pub etag: Option<String>,
}

impl Found {
    /// Whether nothing speaks against it. An ETag that is no MD5 of MD5s says nothing.
    fn may_be(&self, expected: &Expected) -> bool {
        self.size == Some(expected.size) && self.differs(expected).is_none()
    }

    /// Whether it cannot be another object.
    pub fn is_surely(&self, expected: &Expected) -> bool {
        let etag = self.etag.as_deref().map(opaque);
        self.size == Some(expected.size) && etag.is_some() && etag == expected.etag.as_deref()
    }

    /// The ETag that should be there, and the one that is.
    fn differs<'f>(&'f self, expected: &'f Expected) -> Option<(&'f str, &'f str)> {
        let (expected, found) = (expected.etag.as_deref()?, opaque(self.etag.as_deref()?));
        (found != expected && is_of_parts(found)).then_some((expected, found))
    }
}

/// `HEX-N`
fn is_of_parts(etag: &str) -> bool {
    etag.split_once('-').is_some_and(|(digest, count)| {
        digest.len() == 32
            && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
            && count.parse::<u32>().is_ok()
    })
}

/// A connection.
pub fn channel<'a>(errand: &Session<'a>) -> Result<Channel<'a>, Failure> {
    errand.client.channel().map_err(|error| {
        Failure::new(Kind::Network, error.to_string()).hint("close other programs")
    })
}

/// What is left of a trouble at the end of all patience.
pub fn failure(trouble: TransferError) -> anyhow::Error {
    match trouble {
        TransferError::Passing(failure, _) | TransferError::Final(failure) => failure.into(),
        TransferError::Stopped => anyhow::anyhow!("stopped without a cause"),
    }
}

/// Sends a small request. Only trouble that passes is an error; what else the store says is for the caller.
pub fn ask(
    errand: &Session,
    channel: &mut Channel,
    request: &Request,
    subject: &Subject,
    body: Option<&[u8]>,
) -> Result<Answer, TransferError> {
    let mut headers: Vec<Header> = request
        .headers
        .iter()
        .map(|(name, value)| Header::new(name.as_str(), value.as_str()))
        .collect();
    if body.is_some()
        && !headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("content-type"))
    {
        headers.push(Header::new("Content-Type", "application/xml"));
    }
    let probe = probe(request, headers, body.map(<[u8]>::to_vec));
    let answered = channel.ask(&probe, None, PAGE_LIMIT);
    let answer = answered.map_err(|error| errand.unanswered(subject, &error))?;
    errand.met();
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    match errand.refused(subject, &answer) {
        passing @ TransferError::Passing(..) => Err(passing),
        _ => Ok(answer),
    }
}

/// Puts the parts together and gives the object's ETag.
pub fn complete(
    run: &Run,
    channel: &mut Channel,
    parts: &[(u32, String)],
    expected: &Expected,
) -> Result<Option<String>, TransferError> {
    let request = &run.plan.complete;
    let subject = run.subject(
        format!("to put the parts of `{}` together", run.plan.key),
        &request.url,
    );
    let document = complete_document(parts);
    // Whether the store may have done it without our hearing of it.
    let mut may_be_done = false;
    let etag = run.errand.persist(|_| {
        let answer = match ask(run.errand, channel, request, &subject, Some(&document)) {
            Ok(answer) => answer,
            Err(trouble) => {
                may_be_done = true;
                return Err(trouble);
            }
        };
        if (200..300).contains(&answer.status) {
            return match Completed::parse(&answer.body) {
                Completed::Done { etag } => Ok(etag),
                Completed::Failed(_) => Err(failed_after_all(run.errand, &subject, answer)),
                Completed::Unclear => {
                    may_be_done = true;
                    Err(run.errand.unanswered(&subject, &ProbeError::Closed))
                }
            };
        }
        let read = as_store_answer(&answer);
        if read.code() == Some("NoSuchUpload")
            && let Some(found) = object(run, channel)?
            && (found.is_surely(expected) || (may_be_done && found.may_be(expected)))
        {
            return Ok(found.etag);
        }
        Err(run.errand.refused(&subject, &answer))
    })?;
    let mut found = Found {
        size: None,
        etag: etag.filter(|etag| !opaque(etag).is_empty()),
    };
    // Ceph leaves it empty in this answer.
    if found.etag.is_none()
        && let Some(object) = object(run, channel)?
    {
        found = object;
    }
    let hint = "upload it again by a new plan, and do not use the object";
    if let Some(size) = found.size.filter(|size| *size != expected.size) {
        let message = format!(
            "the object is not what was sent: it has {size} bytes, and the file {}",
            expected.size
        );
        return Err(Failure::new(Kind::Refused, message).hint(hint).into());
    }
    match found.differs(expected) {
        None => Ok(found.etag),
        Some((expected, found)) => Err(Failure::new(
            Kind::Refused,
            format!("the object is not what was sent: its ETag is `{found}`, and the parts add up to `{expected}`"),
        )
        .hint(hint)
        .into()),
    }
}

/// The status said 200 before the store knew; the error decides.
fn failed_after_all(errand: &Session, subject: &Subject, mut answer: Answer) -> TransferError {
    answer.status = 400;
    answer.status_text.push_str(" with an error");
    errand.refused(subject, &answer)
}

/// Looks whether the object is there; `None` if it is not, or that cannot be asked.
pub fn object(run: &Run, channel: &mut Channel) -> Result<Option<Found>, TransferError> {
    let Some(request) = &run.plan.object else {
        return Ok(None);
    };
    let subject = run.subject(format!("to look at `{}`", run.plan.key), &request.url);
    let answer = run
        .errand
        .persist(|_| ask(run.errand, channel, request, &subject, None))?;
    let size = answer
        .header("content-length")
        .and_then(|size| size.parse().ok());
    let etag = answer.header("etag").map(str::to_owned);
    Ok((answer.status == 200).then_some(Found { size, etag }))
}

/// `--abort`
pub fn abort(plan: &Multipart, errand: &Session) -> anyhow::Result<Done> {
    let Some(request) = &plan.abort else {
        return Err(Failure::usage("the plan has no link to abort the upload")
            .hint("ask for a plan that has one")
            .into());
    };
    let subject = Subject {
        what: format!("to abort the upload of `{}`", plan.key),
        host: host(&request.url),
        ends: plan.expires_at,
        again: ANEW,
    };
    let mut channel = channel(errand)?;
    let answer = errand
        .persist(|_| ask(errand, &mut channel, request, &subject, None))
        .map_err(failure)?;
    if !(200..300).contains(&answer.status) {
        return Err(failure(errand.refused(&subject, &answer)));
    }
    Ok(Done {
        bucket: Some(plan.bucket.clone()),
        key: Some(plan.key.clone()),
        retries: errand.account().retries,
        aborted: true,
        ..Done::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_speaks_for_or_against_or_not_at_all() {
        let expected = Expected {
            size: 5,
            etag: Some("59adb24ef3cdbe0297f05b395827453f-1".to_owned()),
        };
        let found = |size, etag: &str| Found {
            size: Some(size),
            etag: Some(etag.to_owned()),
        };
        for (object, may_be, surely) in [
            (
                found(5, "\"59adb24ef3cdbe0297f05b395827453f-1\""),
                true,
                true,
            ),
            (
                found(5, "\"69adb24ef3cdbe0297f05b395827453f-1\""),
                false,
                false,
            ),
            (
                found(6, "\"59adb24ef3cdbe0297f05b395827453f-1\""),
                false,
                false,
            ),
            (
                found(5, "\"59adb24ef3cdbe0297f05b395827453f\""),
                true,
                false,
            ),
            (found(5, "something"), true, false),
        ] {
            assert_eq!(
                (object.may_be(&expected), object.is_surely(&expected)),
                (may_be, surely),
                "{:?}",
                object.etag
            );
        }
        let unknown = Expected {
            size: 5,
            etag: None,
        };
        assert!(!found(5, "x").is_surely(&unknown) && found(5, "x").may_be(&unknown));
    }
}
