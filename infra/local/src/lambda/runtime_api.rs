//! The Lambda Runtime API for one process (Lambda Developer Guide, "Using the Lambda runtime API
//! for custom runtimes"). Each process has its own, on its own port, so a call needs no
//! authentication.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use hyper::StatusCode;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use uuid::Uuid;

/// Largest response: "Invocation payload (request and response)", 6 MB (Lambda Developer Guide,
/// "Lambda quotas"). A larger one fails the invocation, so the gateway says 500 (inferred: a record
/// would have to show the status).
const RESPONSE_MAX: usize = 6 * 1024 * 1024;

/// A payload on its way to a process.
#[derive(Debug)]
pub(super) struct Invocation {
    pub payload: Bytes,
    pub deadline: Instant,
    pub reply: Reply,
}

/// Takes what the function returns, or the error that it reports.
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

/// Listens on a port for one process.
///
/// A function of a killed run finishes its request and then asks for the next one at the port that
/// it knows; its runtime retries while that port is closed. A later run on the same port would hand
/// its requests to this function, which would answer from the old run's table. So each run listens
/// on its own address where all of 127.0.0.0/8 is this machine (Linux). Elsewhere this can happen.
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
    let api = Api { queue: Mutex::new(queue), ready, function_arn, current: Mutex::new(None) };
    let runtime = Router::new()
        .route("/invocation/next", get(next))
        .route("/invocation/{id}/response", post(response))
        .route("/invocation/{id}/error", post(error))
        .route("/init/error", post(init_error));
    let app = Router::new()
        .nest("/2018-06-01/runtime", runtime)
        // axum's own limit is 2 MB.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(api));
    let listener = listener.tap_io(|stream| {
        // Without this a kernel may delay a response by 40 ms.
        let _ = stream.set_nodelay(true);
    });
    // It retries after errors of the listener, and never returns.
    let _ = axum::serve(listener, app).await;
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    api.ready.send_replace(Some(Ok(())));
    let Some(invocation) = api.queue.lock().await.recv().await else {
        // The process is about to be killed, and would log any response as an error.
        return std::future::pending().await;
    };
    let id = Uuid::new_v4().to_string();
    *api.current.lock().await = Some((id.clone(), invocation.reply));
    let left = invocation.deadline.saturating_duration_since(Instant::now());
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", &id),
        ("lambda-runtime-deadline-ms", &unix_millis(left).to_string()),
        ("lambda-runtime-invoked-function-arn", &api.function_arn),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0"),
    ];
    (headers, invocation.payload).into_response()
}

async fn response(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    payload: Bytes,
) -> StatusCode {
    if payload.len() <= RESPONSE_MAX {
        return api.finish(&id, Ok(payload)).await;
    }
    let length = payload.len();
    let error = json!({
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": format!("a response of {length} bytes, at most {RESPONSE_MAX}"),
    });
    api.finish(&id, Err(error)).await;
    StatusCode::PAYLOAD_TOO_LARGE
}

async fn error(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.finish(&id, Err(reported(&body))).await
}

async fn init_error(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    api.ready.send_replace(Some(Err(reported(&body))));
    StatusCode::ACCEPTED
}

impl Api {
    async fn finish(&self, id: &str, result: Result<Bytes, Value>) -> StatusCode {
        let mut current = self.current.lock().await;
        match current.take_if(|(expected, _)| expected == id) {
            Some((_, reply)) => {
                // The invocation may have timed out.
                let _ = reply.send(result);
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

/// The error that a function reports, which need not be JSON.
fn reported(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| json!(String::from_utf8_lossy(body)))
}

fn unix_millis(from_now: Duration) -> u64 {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + from_now;
    u64::try_from(at.as_millis()).unwrap_or(u64::MAX)
}
