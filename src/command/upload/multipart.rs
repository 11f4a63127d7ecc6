//! An upload in parts: which are there, sending the others, and the end of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::command::transfer::{ProgressLine, Session, Subject, TransferError, Unit};
use crate::disk::LocalFile;
use crate::error::Failure;
use crate::http::{Channel, Probe};
use crate::sigv4::Header;
use crate::store::StoreAnswer;
use crate::threads;
use crate::transfer::{ListedPart, Multipart, Request, Slice, composite, listed_parts};

use super::complete::{self, Expected};
use super::{AGAIN, Done, changed, no_plan};

/// How often somebody looks how far it is.
const GLANCE: Duration = Duration::from_millis(100);

/// A plan and a file.
pub struct Run<'r, 'a> {
    pub plan: &'r Multipart,
    pub file: &'r LocalFile,
    pub errand: &'r Session<'a>,
    /// Of the command line.
    pub headers: &'r [Header],
    pub jobs: usize,
}

/// A part that the store has.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What the store calls it.
    pub etag: String,
    pub md5: [u8; 16],
    /// Whether the ETag is the MD5.
    pub is_md5: bool,
    /// Whether it went over the network now.
    pub is_new: bool,
}

/// What the store has of the upload.
enum There {
    Parts(BTreeMap<u32, ListedPart>),
    /// The upload is none any more.
    Gone(Box<Failure>),
}

impl Run<'_, '_> {
    pub fn run(&self, completes: bool, screen: &mut ProgressLine) -> anyhow::Result<Done> {
        let slices = self
            .plan
            .slices(self.file.size())
            .map_err(|error| no_plan(&error))?;
        {
            let mut account = self.errand.account();
            account.total = Some(self.file.size());
            account.parts = Some((0, slices.len()));
            account.unit = Unit::Parts;
        }
        let mut channel = complete::channel(self.errand)?;
        let listed = match self
            .there(&mut channel, &slices)
            .map_err(complete::failure)?
        {
            There::Parts(listed) => listed,
            There::Gone(failure) => return self.done_before(&mut channel, &slices, *failure),
        };
        // While the parts are sent by others, this connection would only grow old.
        drop(channel);
        let sent = self.send(&slices, &listed, screen)?;
        if self.file.has_changed() {
            return Err(changed(self.file).into());
        }
        let mut done = self.done(&sent);
        if completes {
            let mut channel = complete::channel(self.errand)?;
            let document: Vec<_> = slices
                .iter()
                .zip(&sent)
                .map(|(slice, sent)| (slice.number, sent.etag.clone()))
                .collect();
            done.etag = complete::complete(self, &mut channel, &document, &self.expected(&sent))
                .map_err(complete::failure)?;
            done.completed = true;
        }
        done.retries = self.errand.account().retries;
        Ok(done)
    }

    pub fn subject(&self, what: impl Into<String>, url: &str) -> Subject {
        Subject {
            what: what.into(),
            host: host(url),
            ends: self.plan.expires_at,
            again: AGAIN,
        }
    }

    /// Asks which parts are there.
    fn there(&self, channel: &mut Channel, slices: &[Slice]) -> Result<There, TransferError> {
        let mut listed = BTreeMap::new();
        let last = slices.last().map_or(0, |slice| slice.index);
        for (page, request) in self.plan.list_parts.iter().enumerate() {
            // Each page has a thousand parts.
            if page > 0 && page * 1000 > last {
                break;
            }
            let subject = self.subject(
                format!("to list the parts of `{}`", self.plan.key),
                &request.url,
            );
            let answer = self
                .errand
                .persist(|_| complete::ask(self.errand, channel, request, &subject, None))?;
            let read = StoreAnswer::parse(&answer.body);
            match answer.status {
                200..300 => {}
                404 if matches!(read.code(), Some("NoSuchUpload") | None) => {
                    return Ok(There::Gone(Box::new(
                        self.errand.refusal(&subject, &answer, &read),
                    )));
                }
                // A store that cannot list parts gets all of them.
                405 | 501 => return Ok(There::Parts(BTreeMap::new())),
                _ => return Err(self.errand.refused(&subject, &answer)),
            }
            let Some(parts) = listed_parts(&answer.body) else {
                let message = format!(
                    "`{}` answered {} without a list of parts",
                    subject.host, answer.status_text
                );
                return Err(Failure::new(crate::error::Kind::Network, message)
                    .hint("something else than the store may answer there: check the network")
                    .into());
            };
            listed.extend(parts.into_iter().map(|part| (part.number, part)));
        }
        Ok(There::Parts(listed))
    }

    /// All parts, in their order, sent or found.
    fn send(
        &self,
        slices: &[Slice],
        listed: &BTreeMap<u32, ListedPart>,
        screen: &mut ProgressLine,
    ) -> anyhow::Result<Vec<Sent>> {
        let next = AtomicUsize::new(0);
        let (report, reports) = mpsc::channel();
        let mut sent: Vec<Option<Sent>> = vec![None; slices.len()];
        let mut failure = None;
        std::thread::scope(|scope| {
            let work = |_| {
                let (report, next) = (report.clone(), &next);
                move || {
                    let mut sender = match self.sender() {
                        Ok(sender) => sender,
                        Err(trouble) => return drop(report.send((0, Err(trouble)))),
                    };
                    while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed))
                        .filter(|index| *index < slices.len())
                    {
                        let slice = slices[index];
                        let outcome = sender.part(slice, listed.get(&slice.number));
                        let is_over = outcome.is_err();
                        if report.send((index, outcome)).is_err()
                            || is_over
                            || self.errand.is_stopped()
                        {
                            return;
                        }
                    }
                }
            };
            threads::start_some(scope, (0..self.jobs.min(slices.len())).map(work))?;
            drop(report);
            loop {
                match reports.recv_timeout(GLANCE) {
                    Ok((index, Ok(part))) => sent[index] = Some(part),
                    Ok((_, Err(trouble))) => {
                        self.errand.stop();
                        // The first failure is the cause of the others.
                        if !matches!(trouble, TransferError::Stopped) {
                            failure.get_or_insert(complete::failure(trouble));
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => screen.show(&self.errand.account()),
                    Err(RecvTimeoutError::Disconnected) => return Ok::<_, Failure>(()),
                }
            }
        })?;
        screen.clear();
        if let Some(failure) = failure {
            return Err(failure);
        }
        let all: Option<Vec<Sent>> = sent.into_iter().collect();
        all.ok_or_else(|| anyhow::anyhow!("a part was neither sent nor refused"))
    }

    /// The upload is not there any more: it may be that this is because an earlier run completed it.
    fn done_before(
        &self,
        channel: &mut Channel,
        slices: &[Slice],
        gone: Failure,
    ) -> anyhow::Result<Done> {
        if self.plan.object.is_none() {
            return Err(gone.into());
        }
        let mut sent = Vec::with_capacity(slices.len());
        for slice in slices {
            let md5 = self.md5(*slice).map_err(complete::failure)?;
            sent.push(Sent {
                etag: hex::encode(md5),
                md5,
                is_md5: true,
                is_new: false,
            });
        }
        let expected = self.expected(&sent);
        match complete::object(self, channel).map_err(complete::failure)? {
            Some(found) if found.is_surely(&expected) => Ok(Done {
                etag: found.etag,
                completed: true,
                ..self.done(&sent)
            }),
            _ => Err(gone.into()),
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

    fn done(&self, sent: &[Sent]) -> Done {
        let account = self.errand.account();
        let new = sent.iter().filter(|sent| sent.is_new).count();
        Done {
            bucket: Some(self.plan.bucket.clone()),
            key: Some(self.plan.key.clone()),
            size: Some(self.file.size()),
            bytes_sent: account.moved,
            parts: Some(sent.len()),
            parts_sent: Some(new),
            parts_skipped: Some(sent.len() - new),
            retries: account.retries,
            ..Done::default()
        }
    }
}

/// Host and port of a link, which may be named.
pub fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// A request without a body of its own.
pub fn probe<'p>(request: &'p Request, headers: Vec<Header>, body: Option<Vec<u8>>) -> Probe<'p> {
    Probe {
        method: &request.method,
        url: &request.url,
        headers,
        host: None,
        body,
    }
}
