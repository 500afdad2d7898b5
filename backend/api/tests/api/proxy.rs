//! A connection that can be made to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to requests.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The first one is done, and its answer is lost with the connection; the others pass.
    LoseFirstAnswer,
    /// Each is answered with this in the place of the server.
    Answer(&'static str),
    /// Nobody ever answers.
    Silence,
}

/// A proxy in front of a server; it ends with its test.
pub struct Proxy {
    pub url: String,
    requests: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens in front of `upstream`, a URL of this machine.
    pub fn start(upstream: &str, fault: Fault) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(relay(client, upstream.clone(), fault, Arc::clone(&counted)));
            }
        });
        Self { url, requests }
    }

    /// How many requests came.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Hands over one request after the other, each whole.
async fn relay(mut client: TcpStream, upstream: String, fault: Fault, requests: Arc<AtomicUsize>) {
    let mut server = TcpStream::connect(&upstream).await.unwrap();
    while let Some(request) = message(&mut client).await {
        let number = requests.fetch_add(1, Ordering::SeqCst);
        match fault {
            Fault::Silence => std::future::pending().await,
            Fault::Answer(answer) => client.write_all(answer.as_bytes()).await.unwrap(),
            Fault::LoseFirstAnswer => {
                server.write_all(&request).await.unwrap();
                let Some(answer) = message(&mut server).await else { return };
                if number == 0 {
                    return;
                }
                client.write_all(&answer).await.unwrap();
            }
        }
    }
}

/// Reads one HTTP message with a `content-length`; `None` at the end of the connection.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8_192];
    loop {
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= head + length {
                return Some(bytes);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
