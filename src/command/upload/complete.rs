//! The end of a multipart upload: completed or aborted.

use crate::command::shared::client::as_error_response;
use crate::command::transfer::{Session, Subject, TransferError};
use crate::error::{Failure, Kind};
use crate::http::{Channel, ProbeError, Response};
use crate::transfer::{Completed, Multipart, complete_document, opaque};

use super::Done;
use super::request::PlanSession;

/// Expected properties of the object.
pub struct Expected {
    pub size: u64,
    /// Size and ETag, if they can be known.
    pub etag: Option<String>,
}

/// The properties of the object.
pub struct Found {
    pub size: Option<u64>,
    pub etag: Option<String>,
}

impl Found {
    /// Whether the object may be the file. An ETag that is not an MD5 of MD5s is not compared.
    fn may_be(&self, expected: &Expected) -> bool {
        self.size == Some(expected.size) && self.differs(expected).is_none()
    }

    /// Whether the object certainly is the file.
    pub fn is_surely(&self, expected: &Expected) -> bool {
        let etag = self.etag.as_deref().map(opaque);
        self.size == Some(expected.size) && etag.is_some() && etag == expected.etag.as_deref()
    }

    /// The expected ETag, and the actual one.
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

/// Completes the upload and returns the ETag of the object.
pub fn complete(
    upload: &PlanSession,
    channel: &mut Channel,
    parts: &[(u32, String)],
    expected: &Expected,
) -> Result<Option<String>, TransferError> {
    let mut found = Found {
        size: None,
        etag: request_completion(upload, channel, parts, expected)?
            .filter(|etag| !opaque(etag).is_empty()),
    };
    // Ceph leaves it empty in this response.
    if found.etag.is_none()
        && let Some(object) = object(upload, channel)?
    {
        found = object;
    }
    let hint = "upload it again with a new plan, and do not use the object";
    if let Some(size) = found.size.filter(|size| *size != expected.size) {
        let message = format!(
            "the object is not what was sent: it has {size} bytes, the file {}",
            expected.size
        );
        return Err(Failure::new(Kind::Refused, message).hint(hint).into());
    }
    match found.differs(expected) {
        None => Ok(found.etag),
        Some((expected, found)) => Err(Failure::new(
            Kind::Refused,
            format!(
                "the object is not what was sent: its ETag is `{found}`, expected `{expected}`"
            ),
        )
        .hint(hint)
        .into()),
    }
}

/// Returns the ETag of the response, or that of the object if the upload was completed before.
fn request_completion(
    upload: &PlanSession,
    channel: &mut Channel,
    parts: &[(u32, String)],
    expected: &Expected,
) -> Result<Option<String>, TransferError> {
    let (plan, session) = (upload.plan, upload.session);
    let request = &plan.complete;
    let subject = upload.subject(
        format!("to put the parts of `{}` together", plan.key),
        &request.url,
    );
    let document = complete_document(parts);
    // Whether the store may have completed it and the response was lost.
    let mut may_be_done = false;
    session.persist(|_| {
        let response = match upload.ask(channel, request, &subject, Some(&document)) {
            Ok(response) => response,
            Err(error) => {
                may_be_done = true;
                return Err(error);
            }
        };
        if (200..300).contains(&response.status) {
            return match Completed::parse(&response.body) {
                Completed::Done { etag } => Ok(etag),
                Completed::Failed(_) => Err(failed_with_status_200(session, &subject, response)),
                Completed::Unclear => {
                    may_be_done = true;
                    Err(session.no_response(&subject, &ProbeError::Closed))
                }
            };
        }
        let read = as_error_response(&response);
        if read.code() == Some("NoSuchUpload")
            && let Some(found) = object(upload, channel)?
            && (found.is_surely(expected) || (may_be_done && found.may_be(expected)))
        {
            return Ok(found.etag);
        }
        Err(session.refused(&subject, &response))
    })
}

/// The store responds 200 before it knows the outcome; the error in the body decides.
fn failed_with_status_200(
    session: &Session,
    subject: &Subject,
    mut response: Response,
) -> TransferError {
    response.status = 400;
    response.status_text.push_str(" with an error");
    session.refused(subject, &response)
}

/// Checks whether the object exists; `None` if it does not, or the plan has no URL for that.
pub fn object(upload: &PlanSession, channel: &mut Channel) -> Result<Option<Found>, TransferError> {
    let Some(request) = &upload.plan.object else {
        return Ok(None);
    };
    let subject = upload.subject(format!("to look at `{}`", upload.plan.key), &request.url);
    let response = upload
        .session
        .persist(|_| upload.ask(channel, request, &subject, None))?;
    let size = response
        .header("content-length")
        .and_then(|size| size.parse().ok());
    let etag = response.header("etag").map(str::to_owned);
    Ok((response.status == 200).then_some(Found { size, etag }))
}

/// `--abort`
pub fn abort(plan: &Multipart, session: &Session) -> anyhow::Result<Done> {
    let Some(request) = &plan.abort else {
        return Err(Failure::usage("the plan has no URL to abort the upload")
            .hint("request a plan that has one")
            .into());
    };
    let upload = PlanSession { plan, session };
    let subject = upload.subject(
        format!("to abort the upload of `{}`", plan.key),
        &request.url,
    );
    let mut channel = session.channel()?;
    let response = session
        .persist(|_| upload.ask(&mut channel, request, &subject, None))
        .map_err(TransferError::into_error)?;
    if !(200..300).contains(&response.status) {
        return Err(session.refused(&subject, &response).into_error());
    }
    Ok(Done {
        bucket: Some(plan.bucket.clone()),
        key: Some(plan.key.clone()),
        retries: session.progress().retries,
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
