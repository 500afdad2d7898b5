//! Listening: the sockets of a `host:port`, and HTTP on each of their connections.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a client may take to send its request's headers.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests that are under way may take to end at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Answers a request.
pub type Handler =
    dyn Fn(Request<Incoming>) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync;
/// An answer, whole.
pub type Answer = Response<Full<Bytes>>;

/// The sockets of one authority.
#[derive(Debug)]
pub struct Listener {
    sockets: Vec<TcpListener>,
    /// `host:port` with the port that was really taken.
    pub authority: String,
}

impl Listener {
    /// Listens on an authority of this machine; `localhost` is both of its addresses. `option` is what to
    /// change when the port is taken.
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

    /// Answers requests until `stop` is set, and then those that are under way.
    pub async fn serve(self, handler: Arc<Handler>, stop: watch::Receiver<bool>) {
        let mut accepting = JoinSet::new();
        for socket in self.sockets {
            accepting.spawn(accept(socket, Arc::clone(&handler), stop.clone()));
        }
        accepting.join_all().await;
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // That nobody can set it any more means the same.
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
            // Too many open files, for one: the next try may succeed.
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Answers are small and written at once: no reason to wait for more.
        let _ = stream.set_nodelay(true);
        let handler = Arc::clone(&handler);
        let service = service_fn(move |request| {
            let answer = handler(request);
            async { Ok::<_, Infallible>(answer.await) }
        });
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        // Clients end connections as they like: there is nothing to report.
        tokio::spawn(async { drop(connection.await) });
    }
    let _ = tokio::time::timeout(SHUTDOWN_GRACE, connections.shutdown()).await;
}
