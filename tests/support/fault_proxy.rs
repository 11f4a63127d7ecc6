//! A reverse proxy that does to a request what a bad network, a busy store or a killed one would.
//! One request a connection.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Pass,
    /// Resets the connection after this many bytes of the request body; the store receives nothing.
    ResetAfter(usize),
    /// The store responds, but the response is lost.
    LoseResponse,
    /// Closes the connection after this many bytes of the response body.
    CutResponseAfter(usize),
    /// Stalls after this many bytes of the response body.
    StallAfter(usize),
    /// Sends this many bytes of the response body per fifth of a second.
    Slow(usize),
    /// Accepts the request, forwards nothing, and does not respond.
    Hang,
    /// Forwards after this many milliseconds.
    Delay(u64),
    /// Forwards nothing, and responds with this.
    Response(&'static str),
    /// The store gets it without its `Range`.
    WithoutRange,
    /// Changes the last byte of the response.
    Damage,
}

/// A request that came by.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `PUT /bucket/key?…`
    pub line: String,
    /// The whole head, in lower case.
    pub head: String,
    /// What happened to it.
    pub fault: Fault,
}

pub struct FaultProxy {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl FaultProxy {
    /// `rule` is called for each request with its ordinal among requests with the same line.
    pub fn start(
        backend: SocketAddr,
        rule: impl Fn(&str, usize) -> Fault + Send + Sync + 'static,
    ) -> FaultProxy {
        FaultProxy::start_shared(backend, Arc::new(rule))
    }

    /// The same for each kind of rule: the threads are compiled once, not once a test.
    fn start_shared(
        backend: SocketAddr,
        rule: Arc<dyn Fn(&str, usize) -> Fault + Send + Sync>,
    ) -> FaultProxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, rule) = (Arc::clone(&kept), Arc::clone(&rule));
                thread::spawn(move || serve(stream.unwrap(), backend, &kept, &*rule));
            }
        });
        FaultProxy { address, seen }
    }

    /// `http://127.0.0.1:PORT`
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests whose line has this text in it.
    pub fn seen(&self, part: &str) -> Vec<Seen> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|seen| seen.line.contains(part))
            .cloned()
            .collect()
    }
}

fn serve(
    mut client: TcpStream,
    backend: SocketAddr,
    seen: &Mutex<Vec<Seen>>,
    rule: &dyn Fn(&str, usize) -> Fault,
) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match client.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let text = String::from_utf8(head).unwrap();
    let line = text.split(" HTTP/").next().unwrap().to_owned();
    let fault = {
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|seen| seen.line == line).count();
        let fault = rule(&line, before);
        seen.push(Seen {
            line,
            head: text.to_ascii_lowercase(),
            fault: fault.clone(),
        });
        fault
    };
    let lower = text.to_ascii_lowercase();
    let length: usize = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok())
        .unwrap_or_default();
    if let Fault::Response(response) = fault {
        let _ = client.write_all(response.as_bytes());
        drain(&mut client, length);
        let _ = client.shutdown(Shutdown::Both);
        return;
    }
    if lower.contains("expect: 100-continue") {
        let _ = client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    if let Fault::ResetAfter(count) = fault {
        let mut taken = vec![0; count.min(length)];
        let _ = client.read_exact(&mut taken);
        // What is unread when the socket is closed makes it a reset.
        thread::sleep(Duration::from_millis(20));
        return;
    }
    if fault == Fault::Hang {
        let _ = std::io::copy(&mut client, &mut std::io::sink());
        return;
    }
    if let Fault::Delay(milliseconds) = fault {
        thread::sleep(Duration::from_millis(milliseconds));
    }
    let mut store = TcpStream::connect(backend).unwrap();
    let drops = |line: &str| {
        let line = line.to_ascii_lowercase();
        line.starts_with("connection:")
            || line.starts_with("expect:")
            || (fault == Fault::WithoutRange && line.starts_with("range:"))
    };
    let lines: Vec<&str> = text
        .trim_end()
        .split("\r\n")
        .filter(|line| !drops(line))
        .collect();
    store
        .write_all(format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n")).as_bytes())
        .unwrap();
    let mut piece = vec![0; 16 * 1024];
    let mut left = length;
    while left > 0 {
        let room = left.min(piece.len());
        match client.read(&mut piece[..room]) {
            Ok(count) if count > 0 => {
                left -= count;
                if store.write_all(&piece[..count]).is_err() {
                    break;
                }
            }
            _ => return,
        }
    }
    let mut response = Vec::new();
    let _ = store.read_to_end(&mut response);
    let body = response
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(response.len(), |at| at + 4);
    match fault {
        Fault::LoseResponse => {}
        Fault::CutResponseAfter(count) => {
            let _ = client.write_all(&response[..response.len().min(body + count)]);
        }
        Fault::StallAfter(count) => {
            let _ = client.write_all(&response[..response.len().min(body + count)]);
            // Until the client goes away.
            let _ = client.read(&mut byte);
        }
        Fault::Slow(count) => {
            let _ = client.write_all(&response[..body]);
            for piece in response[body..].chunks(count) {
                if client.write_all(piece).is_err() {
                    return;
                }
                thread::sleep(Duration::from_millis(200));
            }
        }
        Fault::Damage => {
            if let Some(last) = response.last_mut() {
                *last ^= 1;
            }
            let _ = client.write_all(&response);
        }
        _ => _ = client.write_all(&response),
    }
    let _ = client.shutdown(Shutdown::Both);
}

fn drain(client: &mut TcpStream, mut left: usize) {
    let _ = client.set_read_timeout(Some(Duration::from_millis(500)));
    let mut piece = vec![0; 16 * 1024];
    while left > 0 {
        match client.read(&mut piece) {
            Ok(count) if count > 0 => left = left.saturating_sub(count),
            _ => return,
        }
    }
}
