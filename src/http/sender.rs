//! Sends URLs one after another from one thread. The connection to a host is kept for the next URL
//! of that host while the store keeps it open: most of the time of a small request is spent
//! connecting.

use std::collections::HashMap;
use std::time::Instant;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant as Deadline, timeout_at};

use super::address::HostPort;
use super::error::{ProbeError, classify};
use super::proxy::Proxy;
use super::read_limit::IoMeter;
use super::runtime::Background;
use super::transient::may_resend;
use super::{Client, Probe, Response, connect, read, request};

/// Maximum number of kept connections: URLs of many hosts must not use up the file descriptors.
const MOST_KEPT: usize = 8;

/// For one thread; each thread has its own.
pub struct Sender<'a> {
    client: &'a Client,
    kept: HashMap<(bool, String), Open>,
    /// Dropped last: the connections run on it.
    runtime: Background,
}

struct Open {
    sender: SendRequest<Full<Bytes>>,
    meter: IoMeter,
}

impl Client {
    /// A sender without connections.
    ///
    /// # Errors
    /// The system has no file descriptors left.
    pub fn sender(&self) -> Result<Sender<'_>, ProbeError> {
        Ok(Sender {
            client: self,
            kept: HashMap::new(),
            runtime: Background::new().map_err(|error| classify(&error))?,
        })
    }
}

impl Sender<'_> {
    /// Sends the request, and reads at most this much of the body. Redirects are not followed,
    /// because their target was not signed.
    ///
    /// # Errors
    /// No response, or a request that cannot be sent as signed.
    pub fn send(&mut self, probe: &Probe, body_limit: usize) -> Result<Response, ProbeError> {
        let client = self.client;
        let address = HostPort::parse(probe.url)?;
        let proxy = client.proxies.of(&address);
        let request = request(probe, &address, proxy.as_ref())?;
        let peer = (address.https, address.authority.clone());
        let kept = self.kept.remove(&peer);
        let exchange = exchange(client, kept, &address, proxy.as_ref(), request, body_limit);
        let (response, open) = self.runtime.block_on(exchange)??;
        // The rest of a body would be read as the response to the next request.
        if !response.body_cut {
            if self.kept.len() >= MOST_KEPT {
                self.kept.clear();
            }
            self.kept.insert(peer, open);
        }
        Ok(response)
    }
}

async fn exchange(
    client: &Client,
    kept: Option<Open>,
    address: &HostPort,
    proxy: Option<&Proxy>,
    request: Request<Full<Bytes>>,
    body_limit: usize,
) -> Result<(Response, Open), ProbeError> {
    let started = Instant::now();
    let deadline = Deadline::now() + client.timeout;
    if let Some(mut open) = kept
        && let Ok(Ok(())) = timeout_at(deadline, open.sender.ready()).await
    {
        open.meter.allow(body_limit as u64);
        let again = request.clone();
        match timeout_at(deadline, open.sender.try_send_request(again)).await {
            Err(_) => return Err(ProbeError::ResponseTimeout(client.timeout)),
            Ok(Ok(response)) => {
                return Ok((read(response, started, deadline, body_limit).await, open));
            }
            // Closed meanwhile, or the previous response left unread bytes.
            Ok(Err(error)) if may_resend(request.method(), error.message().is_some()) => {}
            Ok(Err(error)) => return Err(classify(error.error())),
        }
    }
    let (open, response) = connected(client, address, proxy, request, body_limit, deadline).await?;
    Ok((read(response, started, deadline, body_limit).await, open))
}

async fn connected(
    client: &Client,
    address: &HostPort,
    proxy: Option<&Proxy>,
    request: Request<Full<Bytes>>,
    body_limit: usize,
    deadline: Deadline,
) -> Result<(Open, hyper::Response<Incoming>), ProbeError> {
    let meter = IoMeter::new(body_limit);
    let stream = timeout_at(
        Deadline::now() + client.connect_timeout,
        connect::connect(address, proxy, &client.trust, &meter),
    )
    .await
    .map_err(|_| ProbeError::ConnectTimeout(client.connect_timeout))??;
    let responded = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        Ok::<_, hyper::Error>((sender, response))
    };
    let (sender, response) = timeout_at(deadline, responded)
        .await
        .map_err(|_| ProbeError::ResponseTimeout(client.timeout))?
        .map_err(|error| classify(&error))?;
    Ok((Open { sender, meter }, response))
}
