//! A connection that is kept for consecutive requests with bodies of any size in both directions.
//! Its timeout is an idle timeout, because the total time of a transfer cannot be predicted.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant as Clock};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{EXPECT, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};

use super::address::HostPort;
use super::body::{GoAhead, Outgoing, Source, Start, Streamed};
use super::error::{ProbeError, classify};
use super::read_limit::IoMeter;
use super::runtime::Background;
use super::{Client, Probe, Response, connect, head, status_text};

/// A connection to one store, opened when it is needed. For one thread; each thread has its own.
pub struct Channel<'a> {
    client: &'a Client,
    runtime: Background,
    open: Option<Open>,
    /// The unread rest of the last response.
    body: Option<Incoming>,
    /// Whether the connection can be reused after the body has been read.
    is_reusable: bool,
}

struct Open {
    sender: SendRequest<Outgoing>,
    meter: IoMeter,
    /// Scheme and authority.
    peer: (bool, String),
}

/// A response without its body.
#[derive(Debug)]
pub struct Head {
    /// `206`
    pub status: u16,
    /// `206 Partial Content`
    pub status_text: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// From the start of the request to the response header.
    pub elapsed: Duration,
}

impl Head {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Client {
    /// A connection that is kept. `timeout` of the settings is its idle timeout.
    ///
    /// # Errors
    /// The system has no file descriptors left.
    pub fn channel(&self) -> Result<Channel<'_>, ProbeError> {
        let runtime = Background::new().map_err(|error| classify(&error))?;
        Ok(Channel {
            client: self,
            runtime,
            open: None,
            body: None,
            is_reusable: false,
        })
    }
}

impl Channel<'_> {
    /// Sends a request; its body is that of the request, or the source. Redirects are not followed.
    ///
    /// # Errors
    /// No response, or a request that cannot be sent as signed. The next request opens a new
    /// connection.
    pub fn send(&mut self, probe: &Probe, source: Option<Source>) -> Result<Head, ProbeError> {
        let started = Clock::now();
        // The rest of a body would have to be read or sent first; a new connection costs less.
        if self.body.take().is_some() || !self.is_reusable {
            self.open = None;
        }
        let address = HostPort::parse(probe.url)?;
        let proxy = self.client.proxies.of(&address);
        let length = source
            .as_ref()
            .map(|source| source.length)
            .or(probe.body.as_ref().map(|body| body.len() as u64));
        let mut request = head(probe, length, &address, proxy.as_ref())?;
        let go_ahead = GoAhead::default();
        if source
            .as_ref()
            .is_some_and(|source| source.start == Start::WhenWanted)
        {
            request
                .headers_mut()
                .insert(EXPECT, HeaderValue::from_static("100-continue"));
            let heard = go_ahead.clone();
            hyper::ext::on_informational(&mut request, move |interim| {
                if interim.status() == hyper::StatusCode::CONTINUE {
                    heard.give();
                }
            });
        }
        let is_streamed = source.is_some();
        let stall = self.client.timeout;
        let mut kept = self.open.take();
        let client = self.client;
        let responded = self.runtime.block_on(async {
            let mut open = match kept
                .take()
                .filter(|open| open.peer == (address.https, address.authority.clone()))
            {
                // The peer may have closed the connection meanwhile, which is noticed when it is
                // polled.
                Some(mut open) => {
                    match timeout_at(Instant::now() + stall, open.sender.ready()).await {
                        Ok(Ok(())) => open,
                        _ => connected(client, &address).await?,
                    }
                }
                None => connected(client, &address).await?,
            };
            let body = match source {
                Some(source) => Outgoing::Streamed(Streamed::new(source, go_ahead)),
                None => Outgoing::Whole(Full::from(probe.body.clone().unwrap_or_default())),
            };
            // Limit for the header and interim responses; the caller limits the body.
            open.meter.allow(0);
            open.meter.touch();
            let sent = open.sender.send_request(request.map(|()| body));
            // An incomplete header does not count as progress: a peer could send one byte at a time
            // for years.
            let response = while_moving(|| open.meter.sent(), stall, sent).await?;
            open.meter.allow(u64::MAX);
            response
                .map(|response| (open, response))
                .map_err(|error| classify(&error))
        });
        let (open, response) = responded??;
        self.open = Some(open);
        // A refusal may arrive before everything is sent.
        self.is_reusable = !is_streamed || response.status().is_success();
        let (status, status_text) = (response.status().as_u16(), status_text(&response));
        let headers = super::headers(&response);
        self.body = Some(response.into_body());
        Ok(Head {
            status,
            status_text,
            headers,
            elapsed: started.elapsed(),
        })
    }

    /// The next bytes of the body; `None` after the last.
    ///
    /// # Errors
    /// A body that breaks off or exceeds the idle timeout.
    pub fn next_piece(&mut self) -> Result<Option<Bytes>, ProbeError> {
        loop {
            let (Some(open), Some(body)) = (&self.open, &mut self.body) else {
                return Ok(None);
            };
            // The caller may have taken longer to write the bytes than the idle timeout.
            open.meter.touch();
            match self.runtime.block_on(while_moving(
                || open.meter.moved(),
                self.client.timeout,
                body.frame(),
            ))?? {
                None => {
                    self.body = None;
                    return Ok(None);
                }
                Some(Err(error)) => return Err(classify(&error)),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Sends a request and reads the response with at most this much of its body.
    ///
    /// # Errors
    /// As [`Channel::send`] and [`Channel::next_piece`].
    pub fn ask(
        &mut self,
        probe: &Probe,
        source: Option<Source>,
        body_limit: usize,
    ) -> Result<Response, ProbeError> {
        let head = self.send(probe, source)?;
        self.response(head, body_limit)
    }

    /// The rest of the response, with at most this much of its body. A store may send spaces while
    /// it completes an upload; a refusal arrives without delay.
    ///
    /// # Errors
    /// As [`Channel::next_piece`].
    pub fn response(&mut self, head: Head, body_limit: usize) -> Result<Response, ProbeError> {
        let started = Clock::now();
        let mut body = Vec::new();
        let mut body_cut = false;
        while let Some(data) = self.next_piece()? {
            if head.status >= 300 && started.elapsed() > self.client.timeout {
                body_cut = true;
                break;
            }
            let room = body_limit - body.len();
            body.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                body_cut = true;
                break;
            }
        }
        let Head {
            status,
            status_text,
            headers,
            elapsed,
        } = head;
        Ok(Response {
            status,
            status_text,
            headers,
            body,
            body_cut,
            elapsed,
        })
    }
}

async fn connected(client: &Client, address: &HostPort) -> Result<Open, ProbeError> {
    let proxy = client.proxies.of(address);
    let meter = IoMeter::new(0);
    let connecting = connect::connect(address, proxy.as_ref(), &client.trust, &meter);
    let stream = timeout_at(Instant::now() + client.connect_timeout, connecting)
        .await
        .map_err(|_| ProbeError::ConnectTimeout(client.connect_timeout))??;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| classify(&error))?;
    tokio::spawn(connection);
    Ok(Open {
        sender,
        meter,
        peer: (address.https, address.authority.clone()),
    })
}

/// Waits while bytes are transferred.
async fn while_moving<F: Future>(
    last: impl Fn() -> Instant,
    stall: Duration,
    future: F,
) -> Result<F::Output, ProbeError> {
    let mut future = pin!(future);
    loop {
        let limit = last() + stall;
        if let Ok(output) = timeout_at(limit, future.as_mut()).await {
            return Ok(output);
        }
        if last() + stall <= Instant::now() {
            return Err(ProbeError::Stalled(stall));
        }
    }
}
