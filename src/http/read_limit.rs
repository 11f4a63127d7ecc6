//! A stream with a read limit that records when a byte was last transferred. hyper limits each
//! header, but skips interim responses (`100 Continue`) without counting them, and its timeout does
//! not run meanwhile.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::error::ProbeError;

/// Room for the longest header, and for the overhead of chunks, TLS and a proxy.
const BESIDE_BODY: u64 = 1024 * 1024;

/// Remaining bytes that may be read from a connection, and the time of the last transferred byte in
/// either direction.
#[derive(Clone)]
pub struct IoMeter(Arc<Reading>);

struct Reading {
    left: AtomicU64,
    moved: Mutex<Instant>,
    sent: Mutex<Instant>,
}

impl IoMeter {
    /// A meter that allows this much of a body, and a header before it.
    pub fn new(body_limit: usize) -> IoMeter {
        let left = AtomicU64::new((body_limit as u64).saturating_add(BESIDE_BODY));
        let now = Instant::now();
        IoMeter(Arc::new(Reading {
            left,
            moved: Mutex::new(now),
            sent: Mutex::new(now),
        }))
    }

    /// Resets the limit, whatever was read before.
    pub fn allow(&self, bytes: u64) {
        self.0
            .left
            .store(bytes.saturating_add(BESIDE_BODY), Ordering::Relaxed);
    }

    /// Time of the last transferred byte.
    pub fn moved(&self) -> Instant {
        *self.0.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time of the last sent byte.
    pub fn sent(&self) -> Instant {
        *self.0.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restarts the idle time.
    pub fn touch(&self) {
        self.has_come();
        self.has_gone();
    }

    fn has_come(&self) {
        *self.0.moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn has_gone(&self) {
        *self.0.sent.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// TCP with a limit.
pub struct Bounded {
    stream: TcpStream,
    meter: IoMeter,
}

impl Bounded {
    pub fn new(stream: TcpStream, meter: IoMeter) -> Bounded {
        Bounded { stream, meter }
    }
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.meter.0.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Err(io::Error::other(ProbeError::HeaderTooLarge)));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.meter.has_come();
        self.meter.0.left.store(
            left.saturating_sub((buf.filled().len() - before) as u64),
            Ordering::Relaxed,
        );
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.meter.touch();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
