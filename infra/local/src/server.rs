//! The HTTP server of the gateway and the web site.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use http_body_util::Full;
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a client may take to send its request's headers.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in progress may take at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Responds to a request.
pub type Handler =
    dyn Fn(Request<Incoming>) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;
/// A response with its whole body.
pub type Response = hyper::Response<Full<Bytes>>;

/// The sockets of one authority.
#[derive(Debug)]
pub struct Listener {
    sockets: Vec<TcpListener>,
    /// `host:port`; for port 0, with the port that the system chose.
    pub authority: String,
}

impl Listener {
    /// Listens on an authority of this machine; `localhost` stands for its IPv4 and its IPv6
    /// address. The error for a port that is taken names `option`, which changes it.
    pub async fn bind(authority: &str, option: &str) -> Result<Self> {
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "0"));
        let port: u16 = port.parse().with_context(|| format!("{authority} has no port"))?;
        let taken = |port: u16| {
            format!("port {port} is taken: stop what uses it, or choose another with {option}")
        };
        let first =
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| taken(port))?;
        let port = first.local_addr()?.port();
        let mut sockets = vec![first];
        if host == "localhost" {
            match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
                Ok(second) => sockets.push(second),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    return Err(error).with_context(|| taken(port));
                }
                // A machine without IPv6.
                Err(_) => {}
            }
        }
        Ok(Self { sockets, authority: format!("{host}:{port}") })
    }

    /// Responds to requests until `stop` is set, and then to those in progress.
    pub async fn serve(self, handler: Arc<Handler>, stop: watch::Receiver<bool>) {
        let mut accepting = JoinSet::new();
        for socket in self.sockets {
            accepting.spawn(accept(socket, Arc::clone(&handler), stop.clone()));
        }
        accepting.join_all().await;
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A dropped sender stops the server, too.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn accept(socket: TcpListener, handler: Arc<Handler>, mut stop: watch::Receiver<bool>) {
    let connections = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS_TIMEOUT);
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            // For example, too many open files: the next attempt may succeed.
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Responses are small and written at once, so Nagle's algorithm only delays them.
        let _ = stream.set_nodelay(true);
        let handler = Arc::clone(&handler);
        let service = service_fn(move |request| {
            let response = handler(request);
            async { Ok::<_, Infallible>(response.await) }
        });
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        // Clients may close connections at any time: that is no error.
        tokio::spawn(async { drop(connection.await) });
    }
    let _ = tokio::time::timeout(SHUTDOWN_GRACE, connections.shutdown()).await;
}
