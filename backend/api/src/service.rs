//! What all routes have in common: start-up, error responses, CORS.

use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::pin::Pin;

use lambda_http::request::RequestContext;
use lambda_http::{IntoResponse, RequestExt, service_fn};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;

use crate::cors::AllowedOrigins;
use crate::{ApiError, EventStore, Request, Response, clock};

/// The future of a handler, boxed so that every handler has one type.
pub type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send + 'a>>;

/// Runs a function: starts logging, builds the store once, opens its connection, then handles
/// requests until Lambda ends the process. The configuration is in environment variables; the error
/// of a missing or invalid one names it.
pub async fn run<H>(handler: H) -> Result<(), lambda_http::Error>
where
    H: for<'a> Fn(&'a EventStore, Request) -> HandlerFuture<'a> + Send + Sync,
{
    tracing::subscriber::set_global_default(log(std::io::stdout))?;
    let origins = AllowedOrigins::from_env()?;
    let store = EventStore::from_env()?;
    store.warm().await;
    let (handler, origins, store) = (&handler, &origins, &store);
    lambda_http::run(service_fn(async move |request: Request| {
        let response = respond(handler, origins, store, request).await;
        Ok::<_, Infallible>(ReadyResponse(response))
    }))
    .await
}

/// A response with its whole body, as text. For other types `lambda_http` decodes and copies it.
struct ReadyResponse(Response);

impl IntoResponse for ReadyResponse {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response> + Send>> {
        Box::pin(ready(self.0))
    }
}

/// Writes log events as lines of JSON.
///
/// Lambda filters them by `level`, and takes the level only of a line with a `timestamp` that it
/// can read; any other line counts as INFO (Lambda Developer Guide, "Log-level filtering").
pub fn log<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_timer(Milliseconds)
        .with_target(false)
        .with_max_level(Level::INFO)
        .with_writer(writer)
        .finish()
        .with(filter_fn(is_written).with_max_level_hint(LevelFilter::INFO))
}

/// Warnings and errors of all crates; of this one also who changed what. The spans of others would
/// cost time in each request.
fn is_written(metadata: &Metadata<'_>) -> bool {
    let is_ours = metadata.target().starts_with(concat!(env!("CARGO_CRATE_NAME"), "::"));
    metadata.is_event() && (*metadata.level() <= Level::WARN || is_ours)
}

/// The time as Lambda's guide writes it: `yyyy-MM-ddTHH:mm:ss.mmmZ`.
struct Milliseconds;

impl FormatTime for Milliseconds {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", clock::now().map_err(|_| fmt::Error)?)
    }
}

/// Handles one request. An error of the handler becomes a problem response.
pub async fn respond<H>(
    handler: &H,
    origins: &AllowedOrigins,
    store: &EventStore,
    request: Request,
) -> Response
where
    H: for<'a> Fn(&'a EventStore, Request) -> HandlerFuture<'a>,
{
    let request_id = request_id(&request);
    let origin = request.headers().get(lambda_http::http::header::ORIGIN).cloned();
    let mut response =
        handler(store, request).await.unwrap_or_else(|error| error.into_response(&request_id));
    origins.apply(origin.as_ref(), response.headers_mut());
    response
}

/// The id that the gateway also sends as `apigw-requestid`, so that a caller can quote it.
fn request_id(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    }
    .unwrap_or_default()
}
