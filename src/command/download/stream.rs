//! An object fetched from its first byte to its last: for standard output, and from servers without ranges.

use std::io::Write;

use crate::command::transfer::{ProgressLine, TransferError};
use crate::disk::PartialFile;
use crate::error::{Failure, Kind};
use crate::http::{Channel, Head, ProbeError};
use crate::transfer::{Checks, Digests, is_strong};

use super::destination::Place;
use super::fetch::{Link, Opened, Range, failure};
use super::{checks_of, differs};

/// Takes the bytes in their order.
pub trait Sink {
    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()>;
    /// Forgets all that was written, if that can be done.
    fn rewind(&mut self) -> Option<()>;
}

/// Standard output.
pub struct ToWriter<'w>(pub &'w mut dyn Write);

impl Sink for ToWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.0.write_all(bytes).map_err(|error| match error.kind() {
            // Who reads has seen enough.
            std::io::ErrorKind::BrokenPipe => error.into(),
            _ => anyhow::Error::new(error).context("cannot write to standard output"),
        })
    }

    fn rewind(&mut self) -> Option<()> {
        None
    }
}

/// A file that cannot be gone on with.
pub struct ToFile<'f> {
    file: &'f PartialFile,
    place: &'f Place,
    at: u64,
}

impl<'f> ToFile<'f> {
    pub fn new(file: &'f PartialFile, place: &'f Place) -> Self {
        let _ = file.set_length(0);
        ToFile { file, place, at: 0 }
    }
}

impl Sink for ToFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file
            .write_at(self.at, bytes)
            .map_err(|error| self.place.cannot_write(&error, None))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn rewind(&mut self) -> Option<()> {
        self.at = 0;
        self.file.set_length(0).ok()
    }
}

/// What came.
pub struct Streamed {
    pub checks: Checks,
    pub size: u64,
    pub etag: Option<String>,
}

struct Stream<'s, 'l, 'a> {
    link: &'s Link<'l, 'a>,
    wanted: Option<[u8; 32]>,
    /// What the first answer said.
    known: Option<Known>,
    at: u64,
}

struct Known {
    etag: Option<String>,
    size: Option<u64>,
    checks: Checks,
    digests: Digests,
}

/// How a try ended.
enum End {
    TransferError(TransferError),
    /// The output does not take it.
    Output(anyhow::Error),
}

impl From<TransferError> for End {
    fn from(trouble: TransferError) -> End {
        End::TransferError(trouble)
    }
}

/// Fetches all of it and compares it with what the store says and what is wanted.
pub fn run(
    link: &Link,
    sink: &mut dyn Sink,
    wanted: Option<[u8; 32]>,
    screen: &mut ProgressLine,
) -> anyhow::Result<Streamed> {
    let channel = link.errand.client.channel();
    let mut channel = channel.map_err(|error| {
        Failure::new(Kind::Network, error.to_string()).hint("close other programs")
    })?;
    let mut stream = Stream {
        link,
        wanted,
        known: None,
        at: 0,
    };
    let mut patience = link.errand.patience();
    loop {
        let before = stream.at;
        match stream.attempt(&mut channel, sink, screen) {
            Ok(()) => break,
            Err(End::TransferError(TransferError::Passing(passing, after))) => {
                if stream.at > before {
                    patience.reset();
                }
                patience.wait(passing, after).map_err(failure)?;
            }
            Err(End::TransferError(trouble)) => return Err(failure(trouble)),
            Err(End::Output(error)) => return Err(error),
        }
    }
    let Some(known) = stream.known else {
        return Err(anyhow::anyhow!("nothing was answered"));
    };
    known
        .digests
        .finish()
        .map_err(|mismatch| differs(&mismatch, "do not use what was written"))?;
    Ok(Streamed {
        checks: known.checks,
        size: stream.at,
        etag: known.etag,
    })
}

impl Stream<'_, '_, '_> {
    fn attempt(
        &mut self,
        channel: &mut Channel,
        sink: &mut dyn Sink,
        screen: &mut ProgressLine,
    ) -> Result<(), End> {
        let mut skip = self.open(channel, sink)?;
        loop {
            let broken = |error| self.link.errand.unanswered(&self.link.subject, &error);
            let Some(data) = channel.next_piece().map_err(broken)? else {
                break;
            };
            // Bytes that were written before the connection broke.
            let seen = usize::try_from(skip).unwrap_or(usize::MAX).min(data.len());
            skip -= seen as u64;
            let data = &data[seen..];
            sink.write(data).map_err(End::Output)?;
            self.at += data.len() as u64;
            if let Some(known) = &mut self.known {
                known.digests.update(data);
            }
            let mut account = self.link.errand.account();
            account.moved += data.len() as u64;
            screen.show(&account);
        }
        match self.known.as_ref().and_then(|known| known.size) {
            Some(size) if size != self.at => Err(self
                .link
                .errand
                .unanswered(&self.link.subject, &ProbeError::Closed)
                .into()),
            _ => Ok(()),
        }
    }

    /// Sends the request. Gives how many bytes of the answer are there already.
    fn open(&mut self, channel: &mut Channel, sink: &mut dyn Sink) -> Result<u64, End> {
        let known = self.known.as_ref().filter(|_| self.at > 0);
        let etag = known
            .and_then(|known| known.etag.clone())
            .filter(|etag| is_strong(etag));
        let size = known.and_then(|known| known.size);
        let range = etag.as_deref().map(|etag| Range {
            start: self.at,
            end: None,
            etag,
            size,
        });
        match self.link.open(channel, range)? {
            Opened::Range => Ok(0),
            Opened::Whole(_) if range.is_some() => Ok(self.at),
            Opened::Whole(head) => {
                self.begin(&head, sink)?;
                Ok(0)
            }
            Opened::Changed => {
                // The object that is there now is asked for without a condition.
                self.known = None;
                self.restart(sink)?;
                self.open(channel, sink)
            }
        }
    }

    fn begin(&mut self, head: &Head, sink: &mut dyn Sink) -> Result<(), End> {
        self.restart(sink)?;
        let of_answer = checks_of(&head.headers);
        let checks = match self.wanted {
            Some(digest) => of_answer.with_sha256(&digest),
            None => of_answer,
        };
        let size = head
            .header("content-length")
            .and_then(|size| size.parse().ok());
        let digests = Digests::new(&checks);
        self.known = Some(Known {
            etag: head.header("etag").map(str::to_owned),
            size,
            checks,
            digests,
        });
        self.link.errand.account().total = size;
        Ok(())
    }

    fn restart(&mut self, sink: &mut dyn Sink) -> Result<(), End> {
        if self.at == 0 {
            return Ok(());
        }
        if sink.rewind().is_none() {
            return Err(End::TransferError(self.link.changed().into()));
        }
        self.at = 0;
        self.link.errand.account().moved = 0;
        Ok(())
    }
}
