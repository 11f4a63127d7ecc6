//! A body that is read while it is sent, so that a file of any size needs little memory.

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

/// Bytes read at a time.
const PIECE: u64 = 64 * 1024;

/// A server that does not support `Expect` never responds to it; one that does needs one round
/// trip.
const PATIENCE: Duration = Duration::from_secs(2);

/// A body that is streamed.
pub struct Source {
    /// Exact length in bytes.
    pub length: u64,
    /// The source of the bytes.
    pub reader: Box<dyn Read + Send>,
    /// Whether to wait for `100 Continue`.
    pub start: Start,
}

/// When the body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Immediately after the header.
    AtOnce,
    /// After `100 Continue` (`Expect: 100-continue`): a server that refuses does so before the body
    /// is sent.
    WhenWanted,
}

/// The body of a request on a kept connection.
pub enum Outgoing {
    /// In memory.
    Whole(Full<Bytes>),
    /// Streamed.
    Streamed(Streamed),
}

/// A source that is being sent.
pub struct Streamed {
    reader: Box<dyn Read + Send>,
    left: u64,
    wait: Option<(GoAhead, Pin<Box<Sleep>>)>,
}

impl Streamed {
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

/// Set when the server has sent `100 Continue`.
#[derive(Clone, Default)]
pub struct GoAhead(Arc<(AtomicBool, Mutex<Option<Waker>>)>);

impl GoAhead {
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
