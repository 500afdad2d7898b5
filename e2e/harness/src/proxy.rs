//! Injects faults into a connection. It forwards HTTP/1.1 messages with a `content-length`.

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The fault of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Fault {
    /// The request is forwarded, and its response returned.
    None,
    /// The response is delayed by this many milliseconds.
    Late(u64),
    /// The proxy returns a `ThrottlingException`.
    Throttled,
    /// The proxy returns a 500.
    Broken,
    /// The proxy returns a `ResourceNotFoundException`, which clients do not retry.
    Refused,
    /// The connection is closed before the request is forwarded.
    CutBefore,
    /// The request is forwarded; the connection is closed before its response.
    CutAfter,
    /// The request is forwarded; the connection is closed after half of its response.
    CutWithin,
    /// The request never gets a response.
    Silent,
}

/// Determines the fault of each request, in the order of the requests.
#[derive(Debug)]
pub enum Faults {
    /// These faults, then none.
    Listed(VecDeque<Fault>),
    /// The same fault for all requests.
    Always(Fault),
    /// A random fault for `percent` of the requests.
    Random { rng: Rng, percent: u8 },
}

impl Faults {
    pub fn listed(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self::Listed(faults.into_iter().collect())
    }

    pub fn random(seed: u64, percent: u8) -> Self {
        Self::Random { rng: Rng::with_seed(seed), percent }
    }

    fn next(&mut self) -> Fault {
        match self {
            Self::Listed(faults) => faults.pop_front().unwrap_or(Fault::None),
            Self::Always(fault) => *fault,
            Self::Random { rng, percent } => {
                // All are drawn for each request, so that the kinds do not depend on `percent`.
                let (hit, kind) = (rng.u8(..100) < *percent, rng.u8(..100));
                let delay = rng.u64(1..200);
                match kind {
                    _ if !hit => Fault::None,
                    0..25 => Fault::Late(delay),
                    25..45 => Fault::Throttled,
                    45..55 => Fault::Broken,
                    55..70 => Fault::CutBefore,
                    70..88 => Fault::CutAfter,
                    88..98 => Fault::CutWithin,
                    _ => Fault::Silent,
                }
            }
        }
    }
}

/// DynamoDB's errors (Developer Guide, "Error handling with DynamoDB"). Tests check that the API
/// does not show their messages.
const THROTTLED: &str =
    r#"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"secret"}"#;
const REFUSED: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"secret"}"#;
const BROKEN: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"secret"}"#;

/// A proxy in front of a server of this machine. Dropping it stops it.
#[derive(Debug)]
pub struct Proxy {
    pub url: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    faults: Mutex<Faults>,
    requests: AtomicUsize,
}

impl Proxy {
    /// Listens on a free port in front of `upstream`, a URL of this machine.
    pub fn start(upstream: &str, faults: Faults) -> io::Result<Self> {
        let listener = listen()?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            faults: Mutex::new(faults),
            requests: AtomicUsize::new(0),
        });
        let accepted = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            let mut relays = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&accepted);
                relays.spawn(async move {
                    // Both ends are killed on purpose: a broken connection is no error.
                    let _ = shared.relay(client).await;
                });
                while relays.try_join_next().is_some() {}
            }
        });
        Ok(Self { url, shared, accepting })
    }

    /// Sets the faults of the requests from now on.
    pub fn set(&self, faults: Faults) {
        *self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// How many requests were received.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

/// Listens on any free port. Where all of 127.0.0.0/8 is this machine (Linux), also on an address
/// that no other proxy of this process gets: functions that outlive a killed run continue their
/// requests, which must not reach another table.
fn listen() -> io::Result<std::net::TcpListener> {
    static PROXIES: AtomicU16 = AtomicU16::new(0);
    let [a, b] = PROXIES.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    std::net::TcpListener::bind((Ipv4Addr::new(127, 128, a, b), 0))
        .or_else(|_| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    async fn relay(&self, mut client: TcpStream) -> io::Result<()> {
        let mut server = None;
        while let Some(request) = message(&mut client).await? {
            self.requests.fetch_add(1, Ordering::SeqCst);
            let fault = self.faults.lock().unwrap_or_else(PoisonError::into_inner).next();
            match fault {
                Fault::Throttled => client.write_all(&response(400, THROTTLED)).await?,
                Fault::Broken => client.write_all(&response(500, BROKEN)).await?,
                Fault::Refused => client.write_all(&response(400, REFUSED)).await?,
                Fault::CutBefore => return Ok(()),
                Fault::Silent => std::future::pending().await,
                Fault::None | Fault::Late(_) | Fault::CutAfter | Fault::CutWithin => {
                    let server = match &mut server {
                        Some(server) => server,
                        None => server.insert(TcpStream::connect(&self.upstream).await?),
                    };
                    server.write_all(&request).await?;
                    let Some(response) = message(server).await? else { return Ok(()) };
                    match fault {
                        Fault::CutAfter => return Ok(()),
                        Fault::CutWithin => {
                            return client.write_all(&response[..response.len() / 2]).await;
                        }
                        Fault::Late(delay) => {
                            tokio::time::sleep(Duration::from_millis(delay)).await;
                        }
                        _ => {}
                    }
                    client.write_all(&response).await?;
                }
            }
        }
        Ok(())
    }
}

fn response(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} injected\r\n\
         content-type: application/x-amz-json-1.0\r\n\
         content-length: {length}\r\n\r\n"
    );
    (head + body).into_bytes()
}

/// Reads one message with a `content-length`; `None` at the end of the connection.
async fn message(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8_192];
    loop {
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(Ok(0), |length| length.trim().parse::<usize>())
                .map_err(io::Error::other)?;
            if bytes.len() >= head + length {
                return Ok(Some(bytes));
            }
        }
        match stream.read(&mut buffer).await? {
            0 => return Ok(None),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
