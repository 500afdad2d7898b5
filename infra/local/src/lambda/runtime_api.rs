//! The Lambda Runtime API for one process (Lambda Developer Guide, "Using the Lambda runtime API for custom
//! runtimes"). Each process has its own, on its own port, so that a call says by itself whose it is.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use uuid::Uuid;

/// A payload on its way to a process.
#[derive(Debug)]
pub(super) struct Invocation {
    pub payload: Bytes,
    pub deadline: Instant,
    pub reply: Reply,
}

/// Where the answer goes, or the error that the function reports.
type Reply = oneshot::Sender<Result<Bytes, Value>>;

/// Set once: the process asked for work, or it reported why it cannot.
pub(super) type Ready = watch::Sender<Option<Result<(), Value>>>;

struct Api {
    queue: Mutex<mpsc::Receiver<Invocation>>,
    ready: Ready,
    function_arn: String,
    /// The invocation that the process works on.
    current: Mutex<Option<(String, Reply)>>,
}

/// A port of its own for one process.
///
/// The functions of a run that was killed go on until their request is done, and then ask for another one at the port
/// that they know: their runtime takes no refusal for an end. A later run that happened to have that port would hand them
/// its requests, and they would answer from their own table. So each run listens on an address of its own where
/// all of 127.0.0.0/8 is this machine (Linux); elsewhere that chance is left.
pub(super) async fn listen() -> std::io::Result<TcpListener> {
    // A process id has less than 23 bits.
    let [_, a, b, c] = std::process::id().to_be_bytes();
    match TcpListener::bind((Ipv4Addr::new(127, a | 64, b, c), 0)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    }
}

/// Serves the process until the task is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    queue: mpsc::Receiver<Invocation>,
    ready: Ready,
    function_arn: String,
) {
    let api =
        Arc::new(Api { queue: Mutex::new(queue), ready, function_arn, current: Mutex::new(None) });
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // Without this a kernel may hold an answer back for 40 ms.
        let _ = stream.set_nodelay(true);
        let api = Arc::clone(&api);
        connections.spawn(async move {
            let service =
                service_fn(|request| async { Ok::<_, Infallible>(api.answer(request).await) });
            // The process closes its connections as it likes.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
        while connections.try_join_next().is_some() {}
    }
}

impl Api {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        let parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => match body(request).await {
                Ok(payload) => self.finish(id, Ok(payload)).await,
                Err(response) => response,
            },
            (&Method::POST, ["invocation", id, "error"]) => match body(request).await {
                Ok(error) => self.finish(id, Err(reported(&error))).await,
                Err(response) => response,
            },
            (&Method::POST, ["init", "error"]) => match body(request).await {
                Ok(error) => {
                    self.ready.send_replace(Some(Err(reported(&error))));
                    status(StatusCode::ACCEPTED)
                }
                Err(response) => response,
            },
            _ => status(StatusCode::NOT_FOUND),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        self.ready.send_replace(Some(Ok(())));
        let Some(invocation) = self.queue.lock().await.recv().await else {
            // The process is about to be ended, and any answer would be a failure to it.
            return std::future::pending().await;
        };
        let id = Uuid::new_v4().to_string();
        *self.current.lock().await = Some((id.clone(), invocation.reply));
        let left = invocation.deadline.saturating_duration_since(Instant::now());
        Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &id)
            .header("lambda-runtime-deadline-ms", unix_millis(left))
            .header("lambda-runtime-invoked-function-arn", &self.function_arn)
            .header("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0")
            .body(Full::new(invocation.payload))
            .unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
    }

    async fn finish(&self, id: &str, result: Result<Bytes, Value>) -> Response<Full<Bytes>> {
        let mut current = self.current.lock().await;
        match current.take_if(|(expected, _)| expected == id) {
            Some((_, reply)) => {
                // Nobody waits any more when the caller went away.
                let _ = reply.send(result);
                status(StatusCode::ACCEPTED)
            }
            None => status(StatusCode::BAD_REQUEST),
        }
    }
}

async fn body(request: Request<Incoming>) -> Result<Bytes, Response<Full<Bytes>>> {
    match request.into_body().collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(_) => Err(status(StatusCode::BAD_REQUEST)),
    }
}

/// What a function says of its own error; not all of them say it in JSON.
fn reported(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| json!(String::from_utf8_lossy(body)))
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    *response.status_mut() = status;
    response
}

fn unix_millis(from_now: Duration) -> u64 {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + from_now;
    u64::try_from(at.as_millis()).unwrap_or(u64::MAX)
}
