//! A download from the first byte to the last: for standard output, and for servers without ranges.

use std::io::Write;

use crate::command::transfer::{ProgressLine, TransferError};
use crate::disk::PartialFile;
use crate::http::{Channel, Head, ProbeError};
use crate::transfer::{Checks, Digests, is_strong};

use super::destination::Destination;
use super::differs;
use super::fetch::{Link, Opened, Range};

/// Receives the bytes in order.
pub trait Sink {
    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()>;
    /// Discards everything written, if possible.
    fn rewind(&mut self) -> Option<()>;
}

/// Standard output.
pub struct ToWriter<'w>(pub &'w mut dyn Write);

impl Sink for ToWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.0.write_all(bytes).map_err(|error| match error.kind() {
            // The reader has closed the pipe.
            std::io::ErrorKind::BrokenPipe => error.into(),
            _ => anyhow::Error::new(error).context("cannot write to standard output"),
        })
    }

    fn rewind(&mut self) -> Option<()> {
        None
    }
}

/// The file of a download that cannot be resumed.
pub struct ToFile<'f> {
    file: &'f PartialFile,
    destination: &'f Destination,
    at: u64,
}

impl<'f> ToFile<'f> {
    pub fn new(file: &'f PartialFile, destination: &'f Destination) -> Self {
        ToFile {
            file,
            destination,
            at: 0,
        }
    }
}

impl Sink for ToFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file
            .write_at(self.at, bytes)
            .map_err(|error| self.destination.cannot_write(&error, 0))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn rewind(&mut self) -> Option<()> {
        self.at = 0;
        self.file.set_length(0).ok()
    }
}

/// What was received.
pub struct Streamed {
    pub checks: Checks,
    pub size: u64,
    pub etag: Option<String>,
}

struct Stream<'s, 'l, 'a> {
    link: &'s Link<'l, 'a>,
    wanted: Option<[u8; 32]>,
    /// Metadata of the first response.
    known: Option<Known>,
    at: u64,
}

struct Known {
    etag: Option<String>,
    size: Option<u64>,
    checks: Checks,
    digests: Digests,
}

/// Why an attempt failed.
enum StreamError {
    Transfer(TransferError),
    /// The output cannot be written.
    Output(anyhow::Error),
}

impl From<TransferError> for StreamError {
    fn from(error: TransferError) -> StreamError {
        StreamError::Transfer(error)
    }
}

/// Downloads the object and compares it with the checksums of the store and the user.
pub fn run(
    link: &Link,
    sink: &mut dyn Sink,
    wanted: Option<[u8; 32]>,
    screen: &mut ProgressLine,
) -> anyhow::Result<Streamed> {
    let mut channel = link.session.channel()?;
    let mut stream = Stream {
        link,
        wanted,
        known: None,
        at: 0,
    };
    let mut backoff = link.session.backoff();
    loop {
        let before = stream.at;
        match stream.attempt(&mut channel, sink, screen) {
            Ok(()) => break,
            Err(StreamError::Transfer(TransferError::Transient(failure, after))) => {
                if stream.at > before {
                    backoff.reset();
                }
                backoff
                    .wait(failure, after)
                    .map_err(TransferError::into_error)?;
            }
            Err(StreamError::Transfer(error)) => return Err(error.into_error()),
            Err(StreamError::Output(error)) => return Err(error),
        }
    }
    let Some(known) = stream.known else {
        return Err(anyhow::anyhow!("the download ended without a response"));
    };
    known
        .digests
        .finish()
        .map_err(|mismatch| differs(&mismatch, "discard the output"))?;
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
    ) -> Result<(), StreamError> {
        let session = self.link.session;
        let broken = |error| session.no_response(&self.link.subject, &error);
        let mut skip = self.open(channel, sink)?;
        while let Some(data) = channel.next_piece().map_err(broken)? {
            // Bytes written before the connection was lost.
            let seen = usize::try_from(skip).unwrap_or(usize::MAX).min(data.len());
            skip -= seen as u64;
            let data = &data[seen..];
            let size = self.known.as_ref().and_then(|known| known.size);
            if size.is_some_and(|size| data.len() as u64 > size.saturating_sub(self.at)) {
                return Err(self
                    .link
                    .unexpected("it sent more bytes than the object has")
                    .into());
            }
            sink.write(data).map_err(StreamError::Output)?;
            self.at += data.len() as u64;
            if let Some(known) = &mut self.known {
                known.digests.update(data);
            }
            let mut progress = session.progress();
            progress.moved += data.len() as u64;
            screen.show(&progress);
        }
        match self.known.as_ref().and_then(|known| known.size) {
            Some(size) if size != self.at => Err(broken(ProbeError::Closed).into()),
            _ => Ok(()),
        }
    }

    /// Sends the request. Returns how many bytes of the response have been written already.
    fn open(&mut self, channel: &mut Channel, sink: &mut dyn Sink) -> Result<u64, StreamError> {
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
            Opened::Range(checks) if self.agrees(&checks) => Ok(0),
            Opened::Whole(head) if range.is_some() => {
                if self.agrees(&Checks::of_response(&head.headers)) {
                    return Ok(self.at);
                }
                self.open_anew(channel, sink)
            }
            Opened::Whole(head) => {
                self.begin(&head, sink)?;
                Ok(0)
            }
            Opened::Range(_) | Opened::Unconfirmed | Opened::Changed => {
                self.open_anew(channel, sink)
            }
        }
    }

    /// Whether the response has the same metadata as the first one.
    fn agrees(&self, checks: &Checks) -> bool {
        self.known
            .as_ref()
            .is_none_or(|known| known.checks.clone().merge(checks))
    }

    /// Requests the current object, without a condition.
    fn open_anew(
        &mut self,
        channel: &mut Channel,
        sink: &mut dyn Sink,
    ) -> Result<u64, StreamError> {
        self.known = None;
        self.restart(sink)?;
        self.open(channel, sink)
    }

    fn begin(&mut self, head: &Head, sink: &mut dyn Sink) -> Result<(), StreamError> {
        self.restart(sink)?;
        let checks = Checks::of_response(&head.headers);
        let expected = match self.wanted {
            Some(digest) => checks.clone().with_sha256(&digest),
            None => checks.clone(),
        };
        let size = head
            .header("content-length")
            .and_then(|size| size.parse().ok());
        self.known = Some(Known {
            etag: head.header("etag").map(str::to_owned),
            size,
            checks,
            digests: Digests::new(&expected),
        });
        self.link.session.progress().total = size;
        Ok(())
    }

    fn restart(&mut self, sink: &mut dyn Sink) -> Result<(), StreamError> {
        if self.at == 0 {
            return Ok(());
        }
        if sink.rewind().is_none() {
            return Err(StreamError::Transfer(self.link.changed().into()));
        }
        self.at = 0;
        self.link.session.progress().moved = 0;
        Ok(())
    }
}
