//! One part: read, compared with the part of the store, and sent with retries.

use std::io::Read;

use md5::{Digest, Md5};

use crate::command::shared::client::as_error_response;
use crate::command::transfer::{Session, Subject, TransferError};
use crate::disk::LocalFile;
use crate::error::{Failure, Kind};
use crate::http::{BODY_LIMIT, Channel, Probe, ProbeError, Response, Source, Start};
use crate::sigv4::Header;
use crate::transfer::{ListedPart, Slice, is_md5_of_content, md5_of_etag};

use super::request::{PlanSession, add_content_md5, headers_of};
use super::{RESUME, changed};

/// A part in the store.
#[derive(Clone, Debug)]
pub struct Sent {
    /// As returned by the store.
    pub etag: String,
    pub md5: [u8; 16],
    /// Whether the ETag is the MD5.
    pub is_md5: bool,
    /// Whether this run has sent it.
    pub is_new: bool,
}

/// Sends parts over one connection.
pub struct Sender<'s, 'r, 'a> {
    upload: &'s PlanSession<'r, 'a>,
    file: &'s LocalFile,
    /// Headers of the command line.
    headers: &'s [Header],
    channel: Channel<'a>,
    start: Start,
}

/// The MD5 of a part of the file at this moment.
pub fn md5_of_slice(
    session: &Session,
    file: &LocalFile,
    slice: Slice,
) -> Result<[u8; 16], TransferError> {
    let mut digest = Md5::new();
    let mut reader = file.slice(slice.offset, slice.size);
    let mut piece = vec![0; 128 * 1024];
    let mut left = slice.size;
    while left > 0 {
        if session.is_stopped() {
            return Err(TransferError::Stopped);
        }
        match reader.read(&mut piece) {
            // The file has become shorter.
            Ok(0) => return Err(changed(file).into()),
            Ok(count) => {
                digest.update(&piece[..count]);
                left -= count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                let message = format!("cannot read `{}`: {error}", file.path().display());
                return Err(Failure::new(Kind::Io, message)
                    .hint("check the disk")
                    .into());
            }
        }
    }
    Ok(digest.finalize().into())
}

impl<'s, 'r, 'a> Sender<'s, 'r, 'a> {
    pub fn new(
        upload: &'s PlanSession<'r, 'a>,
        file: &'s LocalFile,
        headers: &'s [Header],
    ) -> Result<Self, TransferError> {
        Ok(Sender {
            upload,
            file,
            headers,
            channel: upload.session.channel()?,
            start: Start::AtOnce,
        })
    }

    /// Sends the part, unless the store has it.
    pub fn part(
        &mut self,
        slice: Slice,
        listed: Option<&ListedPart>,
    ) -> Result<Sent, TransferError> {
        let session = self.upload.session;
        let md5 = md5_of_slice(session, self.file, slice)?;
        let found = listed
            .filter(|part| part.size == slice.size)
            .map(|part| (part, md5_of_etag(&part.etag)));
        if let Some((part, etag)) = found.filter(|(_, etag)| etag.is_none_or(|etag| etag == md5)) {
            let mut progress = session.progress();
            progress.there += slice.size;
            progress.parts.iter_mut().for_each(|(done, _)| *done += 1);
            return Ok(Sent {
                etag: part.etag.clone(),
                md5,
                is_md5: etag.is_some(),
                is_new: false,
            });
        }
        let sent = session.persist(|failed| {
            // A retry must send the same bytes.
            if failed > 0 && md5_of_slice(session, self.file, slice)? != md5 {
                return Err(changed(self.file).into());
            }
            self.send(slice, md5)
        })?;
        session
            .progress()
            .parts
            .iter_mut()
            .for_each(|(done, _)| *done += 1);
        Ok(sent)
    }

    fn send(&mut self, slice: Slice, md5: [u8; 16]) -> Result<Sent, TransferError> {
        let (plan, session) = (self.upload.plan, self.upload.session);
        let part = &plan.parts[slice.index];
        let subject = self.upload.subject(
            format!("part {} of `{}`", slice.number, plan.key),
            &part.url,
        );
        let mut headers = headers_of(&plan.headers);
        headers.extend_from_slice(self.headers);
        add_content_md5(&mut headers, md5);
        let (reader, sent) = session.counted(self.file.slice(slice.offset, slice.size));
        let source = Source {
            length: slice.size,
            reader,
            start: self.start,
        };
        let probe = Probe {
            method: "PUT",
            url: &part.url,
            headers,
            host: None,
            body: None,
        };
        let outcome = match self.channel.ask(&probe, Some(source), BODY_LIMIT) {
            Ok(response) => {
                session.responded();
                self.start = Start::AtOnce;
                self.accepted(&subject, &response, md5)
            }
            Err(error) => Err(self.lost(&subject, &error)),
        };
        if outcome.is_err() {
            sent.withdraw();
        }
        outcome
    }

    fn lost(&mut self, subject: &Subject, error: &ProbeError) -> TransferError {
        let session = self.upload.session;
        // A refusal may have been lost because the store closed the connection during the body; the
        // next attempt waits for `100 Continue` first.
        if *error == ProbeError::Closed {
            self.start = Start::WhenWanted;
        }
        if matches!(error, ProbeError::Source(_))
            && self.file.has_changed()
            && !session.is_stopped()
        {
            return changed(self.file).into();
        }
        session.no_response(subject, error)
    }

    /// Whether the store has the part as sent.
    fn accepted(
        &self,
        subject: &Subject,
        response: &Response,
        md5: [u8; 16],
    ) -> Result<Sent, TransferError> {
        let session = self.upload.session;
        if !(200..300).contains(&response.status) {
            let read = as_error_response(response);
            if read.code() == Some("BadDigest") {
                // Damaged in transit, or on the disk: before the next attempt the file is compared
                // with its earlier content.
                return Err(TransferError::Transient(
                    session.refusal(subject, response, &read),
                    None,
                ));
            }
            return Err(session.refused(subject, response));
        }
        let Some(etag) = response.header("etag").map(str::to_owned) else {
            let message = format!(
                "`{}` accepted {} without an ETag for it",
                subject.host, subject.what
            );
            return Err(Failure::new(Kind::Network, message)
                .hint("the response may not come from the store: check the network")
                .into());
        };
        let found = md5_of_etag(&etag).filter(|_| is_md5_of_content(&response.headers));
        if found.is_some_and(|found| found != md5) {
            let message = format!(
                "the store has other content of {} than was sent",
                subject.what
            );
            return Err(TransferError::Transient(
                Failure::new(Kind::Refused, message).hint(RESUME),
                None,
            ));
        }
        Ok(Sent {
            etag,
            md5,
            is_md5: found.is_some(),
            is_new: true,
        })
    }
}
