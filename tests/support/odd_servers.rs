//! Faulty servers on the loopback interface, until the test process ends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// `200` with an empty body.
pub const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A running server and every request that it read.
pub struct OddServer {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: Arc<AtomicUsize>,
}

impl OddServer {
    /// Passes each connection to a function on its own thread. The return value of the function is
    /// recorded as a request.
    pub fn start(serve: impl Fn(TcpStream) -> Vec<u8> + Send + Sync + 'static) -> OddServer {
        OddServer::start_shared(Arc::new(serve))
    }

    /// The same for each kind of function: the threads are compiled once, not once a test.
    fn start_shared(serve: Arc<dyn Fn(TcpStream) -> Vec<u8> + Send + Sync>) -> OddServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::Relaxed);
                let (kept, serve) = (Arc::clone(&kept), Arc::clone(&serve));
                thread::spawn(move || {
                    let request = serve(stream.unwrap());
                    kept.lock().unwrap().push(request);
                });
            }
        });
        OddServer {
            address,
            requests,
            connections,
        }
    }

    /// Reads a request and responds with these bytes.
    pub fn responding(response: &[u8]) -> OddServer {
        let response = response.to_vec();
        OddServer::start(move |mut stream| {
            let request = read_request(&mut stream);
            let _ = stream.write_all(&response);
            hang_up(&stream);
            request
        })
    }

    /// Reads a request, responds with these bytes, and repeats the second part until the client
    /// closes the connection.
    pub fn responding_without_end(start: &[u8], again: &[u8]) -> OddServer {
        let start = start.to_vec();
        let again = again.repeat((16 << 10) / again.len() + 1);
        OddServer::start(move |mut stream| {
            let request = read_request(&mut stream);
            let mut going_on = stream.write_all(&start).is_ok();
            let mut sent = 0;
            while going_on {
                going_on = stream.write_all(&again).is_ok();
                sent += again.len();
                // A client that reads on until its timeout needs no more, and other tests do.
                if sent > 16 << 20 {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
            }
            request
        })
    }

    /// Reads a request, responds with these bytes, and then stalls.
    pub fn falling_silent_after(start: &[u8]) -> OddServer {
        let start = start.to_vec();
        OddServer::start(move |mut stream| {
            let request = read_request(&mut stream);
            let _ = stream.write_all(&start);
            // Until the client goes away.
            let _ = stream.read(&mut [0]);
            request
        })
    }

    /// Accepts a connection and hangs up.
    pub fn closing_at_once() -> OddServer {
        OddServer::start(|stream| {
            drop(stream);
            Vec::new()
        })
    }

    /// Hangs up with bytes of the request unread, which resets the connection.
    pub fn resetting() -> OddServer {
        OddServer::start(|mut stream| {
            let mut first = vec![0];
            let _ = stream.read_exact(&mut first);
            first
        })
    }

    /// TLS with this certificate, then responds with these bytes.
    pub fn with_tls(identity: &Identity, response: &[u8]) -> OddServer {
        OddServer::speaking(identity.server_config(), response)
    }

    /// The same, for clients with a certificate of this authority only.
    pub fn with_client_certificates(
        identity: &Identity,
        clients: &Identity,
        response: &[u8],
    ) -> OddServer {
        let mut roots = RootCertStore::empty();
        roots.add(clients.issuer.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .unwrap();
        let key = PrivateKeyDer::try_from(identity.key.clone()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(identity.chain.clone(), key)
            .unwrap();
        OddServer::speaking(Arc::new(config), response)
    }

    fn speaking(config: Arc<ServerConfig>, response: &[u8]) -> OddServer {
        let response = response.to_vec();
        OddServer::start(move |stream| {
            let mut stream =
                StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let request = read_request(&mut stream);
            if !request.is_empty() {
                let _ = stream.write_all(&response);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
            request
        })
    }

    /// A proxy: passes on what has the absolute form to the server that it names, and opens
    /// tunnels.
    pub fn proxy() -> OddServer {
        OddServer::start(|mut client| {
            let request = read_request(&mut client);
            let text = String::from_utf8(request.clone()).unwrap();
            let mut words = text.split(' ');
            let (method, target) = (words.next().unwrap(), words.next().unwrap());
            let authority = target
                .trim_start_matches("http://")
                .split(['/', '?'])
                .next()
                .unwrap();
            let Ok(mut server) = TcpStream::connect(authority) else {
                let _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
                return request;
            };
            if method == "CONNECT" {
                client
                    .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    .unwrap();
            } else {
                let passed_on = text.replacen(&format!("http://{authority}"), "", 1);
                server.write_all(passed_on.as_bytes()).unwrap();
            }
            relay(&client, &server);
            request
        })
    }

    /// A reverse proxy that puts another host in the place of the one that was signed; without one
    /// it changes nothing.
    pub fn in_front_of(backend: SocketAddr, host: Option<&str>) -> OddServer {
        let host = host.map(|host| format!("Host: {host}"));
        OddServer::start(move |mut client| {
            let request = read_request(&mut client);
            let text = String::from_utf8(request.clone()).unwrap();
            let is_host = |line: &str| line.to_ascii_lowercase().starts_with("host:");
            let passed_on = text.split("\r\n").map(|line| match &host {
                Some(host) if is_host(line) => host,
                _ => line,
            });
            let mut server = TcpStream::connect(backend).unwrap();
            server
                .write_all(passed_on.collect::<Vec<_>>().join("\r\n").as_bytes())
                .unwrap();
            relay(&client, &server);
            request
        })
    }

    /// `http://127.0.0.1:PORT`
    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `https://localhost:PORT`
    pub fn https(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// The requests whose connections have ended, as text.
    pub fn requests(&self) -> Vec<String> {
        // The client may be done before the server is.
        for _ in 0..200 {
            if !self.requests.lock().unwrap().is_empty() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.requests
            .lock()
            .unwrap()
            .iter()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    }

    /// The same, without waiting for the first.
    pub fn requests_so_far(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    }

    /// Number of connections, including silent ones.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Whether there was any connection.
    pub fn was_called(&self) -> bool {
        !self.requests.lock().unwrap().is_empty()
    }
}

/// A request to the end of its body, or what came before the connection ended.
pub fn read_request(stream: &mut impl Read) -> Vec<u8> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            _ => return request,
        }
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head
        .split("\r\n")
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).is_ok() {
        request.append(&mut body);
    }
    request
}

/// Ends the connection in order; unread bytes would turn that into a reset.
fn hang_up(stream: &TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut stream = stream;
    let mut rest = [0; 1024];
    while stream.read(&mut rest).is_ok_and(|length| length > 0) {}
}

/// Carries bytes both ways until the client hangs up.
fn relay(client: &TcpStream, server: &TcpStream) {
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// A certificate with its key, and the certificate of its CA.
pub struct Identity {
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: Vec<u8>,
    issuer: rustls::pki_types::CertificateDer<'static>,
    /// PEM.
    pub authority: String,
    /// The certificate and its key, PEM.
    pub pem: String,
}

impl Identity {
    /// Issued for this name by a new authority that is named after it, valid from one year to
    /// another.
    pub fn issued(name: &str, years: (i32, i32)) -> Identity {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority
            .distinguished_name
            .push(DnType::CommonName, format!("authority of {name}"));
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, years).signed_by(&key, &authority).unwrap();
        Identity {
            chain: vec![certificate.der().clone()],
            key: key.serialize_der(),
            issuer: authority.der().clone(),
            authority: authority.pem(),
            pem: certificate.pem() + &key.serialize_pem(),
        }
    }

    /// Signed by itself; `as_authority` marks it as an authority, as `openssl req -x509` does.
    pub fn self_signed(name: &str, as_authority: bool) -> Identity {
        let mut params = params(name, (2020, 2090));
        if as_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Identity {
            chain: vec![certificate.der().clone()],
            key: key.serialize_der(),
            issuer: certificate.der().clone(),
            authority: certificate.pem(),
            pem: certificate.pem() + &key.serialize_pem(),
        }
    }

    fn server_config(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::try_from(self.key.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        Arc::new(
            config
                .with_no_client_auth()
                .with_single_cert(self.chain.clone(), key)
                .unwrap(),
        )
    }
}

fn params(name: &str, (from, to): (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params
}
