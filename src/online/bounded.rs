//! A connection from which only so much can be read. hyper bounds each header, but skips interim answers (`100 Continue`)
//! without counting them, and the time limit has to wait while it does.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::error::ProbeError;

/// Room for the longest header, and what chunks, TLS and a proxy add to the part of a body that is read.
const BESIDE_BODY: usize = 1024 * 1024;

/// TCP up to the limit.
pub struct Bounded {
    stream: TcpStream,
    left: usize,
}

impl Bounded {
    /// Nothing has been read yet.
    pub fn new(stream: TcpStream, body_limit: usize) -> Bounded {
        Bounded { stream, left: body_limit.saturating_add(BESIDE_BODY) }
    }
}

impl AsyncRead for Bounded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::Error::other(ProbeError::HeaderTooLarge)));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.left = self.left.saturating_sub(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
