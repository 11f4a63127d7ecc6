//! A connection that is kept for one request after another, whose bodies may be of any size either way. What ends it is not a
//! limit of the whole, which nobody can know beforehand, but that no byte moves any more.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant as Clock};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{EXPECT, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::runtime::Runtime;
use tokio::time::{Instant, timeout_at};

use super::address::Address;
use super::bounded::Meter;
use super::error::{ProbeError, classify};
use super::streamed::{GoAhead, Outgoing, Source, Start, Streamed};
use super::{Answer, BODY_LIMIT, Client, Probe, connect, head, status_text};

/// A connection to one store, made when it is needed. For one thread; several have one each.
pub struct Channel<'a> {
    client: &'a Client,
    runtime: Background,
    open: Option<Open>,
}

/// A runtime that is not waited for at its end: a name that is still being looked up would hold us.
struct Background(Option<Runtime>);

impl Background {
    fn block_on<F: Future>(&self, future: F) -> Result<F::Output, ProbeError> {
        let runtime = self.0.as_ref().ok_or(ProbeError::Closed)?;
        Ok(runtime.block_on(future))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

struct Open {
    sender: SendRequest<Outgoing>,
    meter: Meter,
    /// Scheme and authority.
    peer: (bool, String),
}

/// An answer whose body has not been read.
pub struct Reply<'c, 'a> {
    /// `206`
    pub status: u16,
    /// `206 Partial Content`
    pub status_text: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    channel: &'c mut Channel<'a>,
    body: Incoming,
    /// Whether the connection is good for another request.
    is_clean: bool,
    /// Whether a refusal may have come before all was sent.
    is_streamed: bool,
    started: Clock,
}

impl Client {
    /// A connection that is kept. `timeout` of the settings is how long it may stand still.
    ///
    /// # Errors
    /// What the system says if it has no more handles.
    pub fn channel(&self) -> Result<Channel<'_>, ProbeError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| classify(&error))?;
        Ok(Channel { client: self, runtime: Background(Some(runtime)), open: None })
    }
}

impl<'a> Channel<'a> {
    /// Sends a request; its body is that of the probe, or the source. Redirects are not followed.
    ///
    /// # Errors
    /// No answer, or a request that cannot be sent as it was signed. The next request makes a new connection.
    pub fn send<'c>(&'c mut self, probe: &Probe, source: Option<Source>) -> Result<Reply<'c, 'a>, ProbeError> {
        let started = Clock::now();
        let address = Address::parse(probe.url)?;
        let proxy = self.client.proxies.of(&address);
        let length = source.as_ref().map(|source| source.length).or(probe.body.as_ref().map(|body| body.len() as u64));
        let mut request = head(probe, length, &address, proxy.as_ref())?;
        let go_ahead = GoAhead::default();
        if source.as_ref().is_some_and(|source| source.start == Start::WhenWanted) {
            request.headers_mut().insert(EXPECT, HeaderValue::from_static("100-continue"));
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
        let answered = self.runtime.block_on(async {
            let mut open = match kept.take().filter(|open| open.peer == (address.https, address.authority.clone())) {
                // The peer may have hung up meanwhile; the connection notices when it is looked at.
                Some(mut open) => match timeout_at(Instant::now() + stall, open.sender.ready()).await {
                    Ok(Ok(())) => open,
                    _ => connected(client, &address).await?,
                },
                None => connected(client, &address).await?,
            };
            let body = match source {
                Some(source) => Outgoing::Streamed(Streamed::new(source, go_ahead)),
                None => Outgoing::Whole(Full::from(probe.body.clone().unwrap_or_default())),
            };
            // A header and what is interim before it; the body is bounded by whoever reads it.
            open.meter.allow(0);
            open.meter.touch();
            let response = while_moving(&open.meter, stall, open.sender.send_request(request.map(|()| body))).await?;
            open.meter.allow(u64::MAX);
            response.map(|response| (open, response)).map_err(|error| classify(&error))
        });
        let (open, response) = answered??;
        self.open = Some(open);
        let headers = super::headers(&response);
        Ok(Reply {
            status: response.status().as_u16(),
            status_text: status_text(&response),
            headers,
            channel: self,
            body: response.into_body(),
            is_clean: false,
            is_streamed,
            started,
        })
    }

    /// Ends the connection; the next request makes another.
    pub fn close(&mut self) {
        self.open = None;
    }
}

impl Reply<'_, '_> {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The next bytes of the body; `None` after the last.
    ///
    /// # Errors
    /// A body that breaks off or stands still.
    pub fn next(&mut self) -> Result<Option<Bytes>, ProbeError> {
        let stall = self.channel.client.timeout;
        loop {
            let Some(open) = &self.channel.open else { return Err(ProbeError::Closed) };
            // Whoever writes the bytes away may have taken longer than the peer may.
            open.meter.touch();
            let frame = self.channel.runtime.block_on(while_moving(&open.meter, stall, self.body.frame()))??;
            match frame {
                None => {
                    self.is_clean = !self.is_streamed || (200..300).contains(&self.status);
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

    /// The whole answer with the beginning of its body: as much as any error document has.
    ///
    /// # Errors
    /// A body that breaks off or stands still.
    pub fn into_answer(mut self) -> Result<Answer, ProbeError> {
        let mut body = Vec::new();
        let mut body_cut = false;
        while let Some(data) = self.next()? {
            let room = BODY_LIMIT - body.len();
            body.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                body_cut = true;
                break;
            }
        }
        Ok(Answer {
            status: self.status,
            status_text: self.status_text.clone(),
            headers: std::mem::take(&mut self.headers),
            body,
            body_cut,
            elapsed: self.started.elapsed(),
        })
    }
}

/// What is left of a body, read or sent, would have to pass before the next request; a new connection
/// costs less.
impl Drop for Reply<'_, '_> {
    fn drop(&mut self) {
        if !self.is_clean {
            self.channel.close();
        }
    }
}

async fn connected(client: &Client, address: &Address) -> Result<Open, ProbeError> {
    let proxy = client.proxies.of(address);
    let meter = Meter::new(0);
    let connecting = connect::connect(address, proxy.as_ref(), &client.trust, &meter);
    let stream = timeout_at(Instant::now() + client.connect_timeout, connecting)
        .await
        .map_err(|_| ProbeError::ConnectTimeout(client.connect_timeout))??;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| classify(&error))?;
    tokio::spawn(connection);
    Ok(Open { sender, meter, peer: (address.https, address.authority.clone()) })
}

/// Waits as long as bytes move.
async fn while_moving<F: Future>(meter: &Meter, stall: Duration, future: F) -> Result<F::Output, ProbeError> {
    let mut future = pin!(future);
    loop {
        let limit = meter.moved() + stall;
        if let Ok(output) = timeout_at(limit, future.as_mut()).await {
            return Ok(output);
        }
        if meter.moved() + stall <= Instant::now() {
            return Err(ProbeError::Stalled(stall));
        }
    }
}
