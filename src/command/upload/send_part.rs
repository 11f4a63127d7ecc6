//! One part: read, compared with what the store has, and sent as often as it takes.

use std::io::Read;
use std::sync::PoisonError;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use crate::command::shared::client::as_store_answer;
use crate::command::transfer::TransferError;
use crate::error::{Failure, Kind};
use crate::http::{BODY_LIMIT, Channel, Probe, ProbeError, Source, Start};
use crate::sigv4::Header;
use crate::transfer::{ListedPart, Slice, is_md5_of_content, md5_of_etag};

use super::multipart::{Run, Sent};
use super::{AGAIN, changed, complete};

/// Sends parts over one connection.
pub struct Sender<'s, 'r, 'a> {
    run: &'s Run<'r, 'a>,
    channel: Channel<'a>,
    start: Start,
}

impl<'r, 'a> Run<'r, 'a> {
    pub fn sender<'s>(&'s self) -> Result<Sender<'s, 'r, 'a>, TransferError> {
        Ok(Sender {
            run: self,
            channel: complete::channel(self.errand)?,
            start: Start::AtOnce,
        })
    }

    /// The MD5 of a part as it is on the disk now.
    pub fn md5(&self, slice: Slice) -> Result<[u8; 16], TransferError> {
        let mut digest = Md5::new();
        let mut reader = self.file.slice(slice.offset, slice.size);
        let mut piece = vec![0; 128 * 1024];
        let mut left = slice.size;
        while left > 0 {
            if self.errand.is_stopped() {
                return Err(TransferError::Stopped);
            }
            match reader.read(&mut piece) {
                // Shorter than it was.
                Ok(0) => return Err(changed(self.file).into()),
                Ok(count) => {
                    digest.update(&piece[..count]);
                    left -= count as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let message = format!("cannot read `{}`: {error}", self.file.path().display());
                    return Err(Failure::configuration(message)
                        .hint("check the disk")
                        .into());
                }
            }
        }
        Ok(digest.finalize().into())
    }
}

impl Sender<'_, '_, '_> {
    /// Sends the part, unless the store has it.
    pub fn part(
        &mut self,
        slice: Slice,
        listed: Option<&ListedPart>,
    ) -> Result<Sent, TransferError> {
        let md5 = self.run.md5(slice)?;
        let errand = self.run.errand;
        let found = listed
            .filter(|part| part.size == slice.size)
            .map(|part| (part, md5_of_etag(&part.etag)));
        if let Some((part, etag)) = found.filter(|(_, etag)| etag.is_none_or(|etag| etag == md5)) {
            let mut account = errand.account();
            account.there += slice.size;
            account.parts.iter_mut().for_each(|(done, _)| *done += 1);
            return Ok(Sent {
                etag: part.etag.clone(),
                md5,
                is_md5: etag.is_some(),
                is_new: false,
            });
        }
        let sent = errand.persist(|failed| {
            // What is sent again has to be what was sent before.
            if failed > 0 && self.run.md5(slice)? != md5 {
                return Err(changed(self.run.file).into());
            }
            self.send(slice, md5)
        })?;
        errand
            .account()
            .parts
            .iter_mut()
            .for_each(|(done, _)| *done += 1);
        Ok(sent)
    }

    fn send(&mut self, slice: Slice, md5: [u8; 16]) -> Result<Sent, TransferError> {
        let (plan, errand) = (self.run.plan, self.run.errand);
        let part = &plan.parts[slice.index];
        let subject = self.run.subject(
            format!("part {} of `{}`", slice.number, plan.key),
            &part.url,
        );
        let mut headers: Vec<Header> = plan
            .headers
            .iter()
            .map(|(name, value)| Header::new(name.as_str(), value.as_str()))
            .collect();
        headers.extend_from_slice(self.run.headers);
        if !headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("content-md5"))
        {
            headers.push(Header::new("Content-MD5", STANDARD.encode(md5)));
        }
        let (reader, count) = errand.counted(self.run.file.slice(slice.offset, slice.size));
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
        let answered = self.channel.ask(&probe, Some(source), BODY_LIMIT);
        // Only what arrived counts.
        let take_back =
            || errand.account().moved -= *count.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match answered {
            Ok(answer) => answer,
            Err(error) => {
                take_back();
                // It may be a refusal that got lost behind bytes which nobody wanted; next time the store is asked first.
                self.start = if error == ProbeError::Closed {
                    Start::WhenWanted
                } else {
                    self.start
                };
                if matches!(error, ProbeError::Source(_))
                    && self.run.file.has_changed()
                    && !errand.is_stopped()
                {
                    return Err(changed(self.run.file).into());
                }
                return Err(errand.unanswered(&subject, &error));
            }
        };
        errand.met();
        self.start = Start::AtOnce;
        if !(200..300).contains(&answer.status) {
            take_back();
            let read = as_store_answer(&answer);
            if read.code() == Some("BadDigest") {
                // Damaged on the way, or on the disk: whether the file is what it was is looked at before the next try.
                return Err(TransferError::Passing(
                    errand.refusal(&subject, &answer, &read),
                    None,
                ));
            }
            return Err(errand.refused(&subject, &answer));
        }
        let Some(etag) = answer.header("etag").map(str::to_owned) else {
            let message = format!(
                "`{}` took {} and gave no ETag for it",
                subject.host, subject.what
            );
            return Err(Failure::new(Kind::Network, message)
                .hint("something else than the store may answer there: check the network")
                .into());
        };
        let found = md5_of_etag(&etag).filter(|_| is_md5_of_content(&answer.headers));
        if found.is_some_and(|found| found != md5) {
            take_back();
            let message = format!(
                "the store has something else of {} than was sent",
                subject.what
            );
            return Err(TransferError::Passing(
                Failure::new(Kind::Refused, message).hint(AGAIN),
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
