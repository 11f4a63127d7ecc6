//! A body that is read while it is sent, so that a file of any size takes the memory of a piece.

use std::io::Read;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::error::ProbeError;

/// So much is read at a time.
const PIECE: u64 = 64 * 1024;

/// A server that knows nothing of `Expect` does not answer to it; one that does needs no longer
/// than the way there and back.
const PATIENCE: Duration = Duration::from_secs(2);

/// What to send, read bit by bit.
pub struct Source {
    /// Exactly so many bytes.
    pub length: u64,
    /// Where they come from.
    pub reader: Box<dyn Read + Send>,
    /// Whether the server is asked first.
    pub start: Start,
}

/// When the body follows its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At once.
    AtOnce,
    /// When the server wants it (`Expect: 100-continue`): one that refuses says so before anything
    /// is sent, and not after a gigabyte.
    WhenWanted,
}

/// The body of a request on a kept connection.
pub enum Outgoing {
    /// In memory.
    Whole(Full<Bytes>),
    /// Read on the way.
    Streamed(Streamed),
}

/// A source that is being sent.
pub struct Streamed {
    reader: Box<dyn Read + Send>,
    left: u64,
    wait: Option<(GoAhead, Pin<Box<Sleep>>)>,
}

impl Streamed {
    /// Nothing has been read yet.
    pub fn new(source: Source, go_ahead: GoAhead) -> Streamed {
        let wait =
            (source.start == Start::WhenWanted).then(|| (go_ahead, Box::pin(sleep(PATIENCE))));
        Streamed {
            reader: source.reader,
            left: source.length,
            wait,
        }
    }

    fn read(&mut self) -> Result<Bytes, ProbeError> {
        let mut piece = vec![0; usize::try_from(self.left.min(PIECE)).unwrap_or(usize::MAX)];
        self.reader
            .read_exact(&mut piece)
            .map_err(|error| ProbeError::Source(error.to_string()))?;
        self.left -= piece.len() as u64;
        Ok(Bytes::from(piece))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Outgoing::Whole(full) => Pin::new(full)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Outgoing::Streamed(streamed) => {
                if let Some((go_ahead, patience)) = &mut streamed.wait {
                    if !go_ahead.is_given(cx.waker()) && patience.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    streamed.wait = None;
                }
                match streamed.left {
                    0 => Poll::Ready(None),
                    _ => Poll::Ready(Some(streamed.read().map(Frame::data).map_err(Into::into))),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Outgoing::Whole(full) => full.is_end_stream(),
            Outgoing::Streamed(streamed) => streamed.left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Outgoing::Whole(full) => full.size_hint(),
            Outgoing::Streamed(streamed) => SizeHint::with_exact(streamed.left),
        }
    }
}

/// That the server said `100 Continue`.
#[derive(Clone, Default)]
pub struct GoAhead(Arc<(AtomicBool, Mutex<Option<Waker>>)>);

impl GoAhead {
    /// It did.
    pub fn give(&self) {
        self.0.0.store(true, Ordering::Release);
        if let Some(waker) = self
            .0
            .1
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            waker.wake();
        }
    }

    fn is_given(&self, waker: &Waker) -> bool {
        *self.0.1.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
        self.0.0.load(Ordering::Acquire)
    }
}
