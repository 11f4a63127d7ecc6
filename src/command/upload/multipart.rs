//! A multipart upload: finds the parts that exist, sends the others, and completes it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::command::transfer::{ProgressLine, TransferError, Unit};
use crate::disk::LocalFile;
use crate::error::{Failure, Kind};
use crate::http::Channel;
use crate::sigv4::Header;
use crate::store::ErrorResponse;
use crate::threads;
use crate::transfer::{ListedPart, Slice, composite, listed_parts};

use super::complete::{self, Expected};
use super::request::PlanSession;
use super::send_part::{Sender, Sent, md5_of_slice};
use super::{Done, changed, invalid_plan};

/// Interval of the progress line.
const REFRESH: Duration = Duration::from_millis(100);

/// A plan and a file.
pub struct Run<'r, 'a> {
    pub upload: PlanSession<'r, 'a>,
    pub file: &'r LocalFile,
    /// Headers of the command line.
    pub headers: &'r [Header],
    pub jobs: usize,
}

/// State of the upload at the store.
enum Existing {
    Parts(BTreeMap<u32, ListedPart>),
    /// The upload no longer exists.
    Gone(Failure),
}

/// Why not all parts were sent, and how many were.
struct SendError {
    error: anyhow::Error,
    /// Whether the upload no longer exists.
    is_gone: bool,
    sent: usize,
}

impl Run<'_, '_> {
    pub fn run(&self, completes: bool, screen: &mut ProgressLine) -> anyhow::Result<Done> {
        let session = self.upload.session;
        let slices = self
            .upload
            .plan
            .slices(self.file.size())
            .map_err(|error| invalid_plan(&error))?;
        {
            let mut progress = session.progress();
            progress.total = Some(self.file.size());
            progress.parts = Some((0, slices.len()));
            progress.unit = Unit::Parts;
        }
        let mut channel = session.channel()?;
        let listed = match self
            .existing(&mut channel, &slices)
            .map_err(TransferError::into_error)?
        {
            Existing::Parts(listed) => listed,
            Existing::Gone(failure) => return self.done_before(&slices, 0, failure.into()),
        };
        // This connection would time out while other threads send the parts.
        drop(channel);
        let sent = match self.send(&slices, &listed, screen) {
            Ok(sent) => sent,
            // Another process may have completed the same plan meanwhile.
            Err(SendError {
                error,
                is_gone: true,
                sent,
            }) => {
                session.resume();
                return self.done_before(&slices, sent, error);
            }
            Err(failed) => return Err(failed.error),
        };
        if self.file.has_changed() {
            return Err(changed(self.file).into());
        }
        let new = sent.iter().filter(|sent| sent.is_new).count();
        let mut done = self.done(sent.len(), new);
        if completes {
            let mut channel = session.channel()?;
            let document: Vec<_> = slices
                .iter()
                .zip(&sent)
                .map(|(slice, sent)| (slice.number, sent.etag.clone()))
                .collect();
            let expected = self.expected(&sent);
            done.etag = complete::complete(&self.upload, &mut channel, &document, &expected)
                .map_err(TransferError::into_error)?;
            done.completed = true;
        }
        done.retries = session.progress().retries;
        Ok(done)
    }

    /// Lists the uploaded parts.
    fn existing(&self, channel: &mut Channel, slices: &[Slice]) -> Result<Existing, TransferError> {
        let (plan, session) = (self.upload.plan, self.upload.session);
        let mut listed = BTreeMap::new();
        let last = slices.last().map_or(0, |slice| slice.index);
        for (page, request) in plan.list_parts.iter().enumerate() {
            // Each page has a thousand parts.
            if page > 0 && page * 1000 > last {
                break;
            }
            let subject = self
                .upload
                .subject(format!("to list the parts of `{}`", plan.key), &request.url);
            let response =
                session.persist(|_| self.upload.ask(channel, request, &subject, None))?;
            let read = ErrorResponse::parse(&response.body);
            match response.status {
                200..300 => {}
                404 if matches!(read.code(), Some("NoSuchUpload") | None) => {
                    return Ok(Existing::Gone(session.refusal(&subject, &response, &read)));
                }
                // To a store that cannot list parts, all of them are sent.
                405 | 501 => return Ok(Existing::Parts(BTreeMap::new())),
                _ => return Err(session.refused(&subject, &response)),
            }
            let Some(parts) = listed_parts(&response.body) else {
                let message = format!(
                    "`{}` responded {} without a list of parts",
                    subject.host, response.status_text
                );
                return Err(Failure::new(Kind::Network, message)
                    .hint("the response may not come from the store: check the network")
                    .into());
            };
            listed.extend(parts.into_iter().map(|part| (part.number, part)));
        }
        Ok(Existing::Parts(listed))
    }

    /// All parts in order, sent or found.
    fn send(
        &self,
        slices: &[Slice],
        listed: &BTreeMap<u32, ListedPart>,
        screen: &mut ProgressLine,
    ) -> Result<Vec<Sent>, SendError> {
        let session = self.upload.session;
        let next = AtomicUsize::new(0);
        let (report, reports) = mpsc::channel();
        let mut sent: Vec<Option<Sent>> = vec![None; slices.len()];
        let mut first = None;
        let started = std::thread::scope(|scope| {
            let work = |_| {
                let (report, next) = (report.clone(), &next);
                move || {
                    let mut sender = match Sender::new(&self.upload, self.file, self.headers) {
                        Ok(sender) => sender,
                        Err(error) => return drop(report.send((0, Err(error)))),
                    };
                    while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed))
                        .filter(|index| *index < slices.len())
                    {
                        let slice = slices[index];
                        let outcome = sender.part(slice, listed.get(&slice.number));
                        let has_failed = outcome.is_err();
                        if report.send((index, outcome)).is_err()
                            || has_failed
                            || session.is_stopped()
                        {
                            return;
                        }
                    }
                }
            };
            threads::start_some(scope, (0..self.jobs.min(slices.len())).map(work))?;
            drop(report);
            loop {
                match reports.recv_timeout(REFRESH) {
                    Ok((index, Ok(part))) => sent[index] = Some(part),
                    Ok((_, Err(error))) => {
                        session.stop();
                        // The first failure causes those of the other threads.
                        if !matches!(error, TransferError::Stopped) {
                            first.get_or_insert(error);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => screen.show(&session.progress()),
                    Err(RecvTimeoutError::Disconnected) => return Ok::<_, Failure>(()),
                }
            }
        });
        screen.clear();
        let new = sent.iter().flatten().filter(|sent| sent.is_new).count();
        let failed = |error, is_gone| SendError {
            error,
            is_gone,
            sent: new,
        };
        started.map_err(|failure| failed(failure.into(), false))?;
        if let Some(error) = first {
            let is_gone = matches!(error, TransferError::UploadGone(_));
            return Err(failed(error.into_error(), is_gone));
        }
        let all: Option<Vec<Sent>> = sent.into_iter().collect();
        all.ok_or_else(|| {
            failed(
                anyhow::anyhow!("a part was neither sent nor refused"),
                false,
            )
        })
    }

    /// The upload no longer exists, perhaps because another run has completed it. If the object
    /// exists and certainly is the file, the upload is done. `sent` parts were sent by this run.
    fn done_before(
        &self,
        slices: &[Slice],
        sent: usize,
        gone: anyhow::Error,
    ) -> anyhow::Result<Done> {
        let session = self.upload.session;
        if self.upload.plan.object.is_none() {
            return Err(gone);
        }
        let mut parts = Vec::with_capacity(slices.len());
        for slice in slices {
            let md5 =
                md5_of_slice(session, self.file, *slice).map_err(TransferError::into_error)?;
            parts.push(md5);
        }
        let expected = Expected {
            size: self.file.size(),
            etag: Some(composite(&parts)),
        };
        let mut channel = session.channel()?;
        match complete::object(&self.upload, &mut channel).map_err(TransferError::into_error)? {
            Some(found) if found.is_surely(&expected) => Ok(Done {
                etag: found.etag,
                completed: true,
                ..self.done(slices.len(), sent)
            }),
            _ => Err(gone),
        }
    }

    fn expected(&self, sent: &[Sent]) -> Expected {
        let parts: Option<Vec<[u8; 16]>> = sent
            .iter()
            .map(|sent| sent.is_md5.then_some(sent.md5))
            .collect();
        Expected {
            size: self.file.size(),
            etag: parts.map(|parts| composite(&parts)),
        }
    }

    fn done(&self, parts: usize, sent: usize) -> Done {
        let progress = self.upload.session.progress();
        Done {
            bucket: Some(self.upload.plan.bucket.clone()),
            key: Some(self.upload.plan.key.clone()),
            size: Some(self.file.size()),
            bytes_sent: progress.moved,
            parts: Some(parts),
            parts_sent: Some(sent),
            parts_skipped: Some(parts - sent),
            retries: progress.retries,
            ..Done::default()
        }
    }
}
