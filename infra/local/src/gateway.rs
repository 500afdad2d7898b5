//! An API Gateway HTTP API: routes, CORS, throttle, and the payload of the functions, out of the template.
//!
//! What AWS documents is cited where it is done; what could only be inferred says so.

pub mod cors;
mod payload;
pub mod routes;
pub mod throttle;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use percent_encoding::percent_decode_str;

use crate::lambda::{InvokeError, Pool};
use crate::stack::Api;
use cors::Cors;
use payload::Answer;
use routes::{PathParameters, RouteKey};
use throttle::Throttle;

/// Largest request body; beyond it 413, which is inferred (API Gateway Developer Guide, "Quotas for configuring and running an HTTP API").
const BODY_MAX: usize = 10 * 1024 * 1024;
/// "Total combined size of request line and header values" (the same page); beyond it 431, which is inferred.
const HEADERS_MAX: usize = 10_240;

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// A running API.
#[derive(Debug)]
pub struct Gateway {
    api_id: String,
    /// The API's own `host:port`; what a client says of it is not passed on.
    authority: String,
    cors: Option<Cors>,
    throttle: Throttle,
    /// The most specific first.
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    key: RouteKey,
    function: Arc<Pool>,
    timeout: Duration,
}

/// What the log says of a request beside its method, path and status.
#[derive(Debug, Default)]
pub struct Trace {
    pub request_id: String,
    /// The function that was called.
    pub function: Option<String>,
    pub cold: bool,
    /// Why the gateway answered 5xx by itself.
    pub error: Option<String>,
}

impl Gateway {
    /// Puts the routes of an API onto running functions.
    pub fn new(api: Api, functions: &HashMap<String, Arc<Pool>>) -> Self {
        let mut routes: Vec<Route> = api
            .routes
            .into_iter()
            .filter_map(|route| {
                let function = functions.get(&route.function)?;
                Some(Route {
                    key: route.key,
                    function: Arc::clone(function),
                    timeout: route.timeout,
                })
            })
            .collect();
        routes.sort_by_key(|route| Reverse(route.key.precedence()));
        Self {
            api_id: api.id,
            authority: api.authority,
            cors: api.cors,
            throttle: Throttle::new(api.limits),
            routes,
        }
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request<Incoming>) -> (Response<Full<Bytes>>, Trace) {
        let mut trace = Trace { request_id: payload::request_id(), ..Trace::default() };
        let origin = Cors::origin(request.headers());
        let mut response = match &self.cors {
            Some(cors) if Cors::is_preflight(request.method(), request.headers()) => {
                let mut response = Response::new(Full::default());
                *response.status_mut() = StatusCode::NO_CONTENT;
                *response.headers_mut() = cors.preflight_headers(origin.as_ref());
                response
            }
            cors => {
                let mut response = match self.integrate(request, &mut trace).await {
                    Ok(response) => response,
                    Err(refusal) => refusal.into_response(&mut trace),
                };
                if let Some(cors) = cors {
                    cors.apply(origin.as_ref(), response.headers_mut());
                }
                response
            }
        };
        if let Ok(id) = HeaderValue::try_from(trace.request_id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        (response, trace)
    }

    /// Has the function of the request's route answer it.
    async fn integrate(
        &self,
        request: Request<Incoming>,
        trace: &mut Trace,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        if !self.throttle.admit() {
            return Err(Refusal::TooManyRequests);
        }
        if request_size(&request) > HEADERS_MAX {
            return Err(Refusal::HeadersTooLarge);
        }
        // An encoded slash is a slash by now: such a path has one segment more (inferred).
        let path = percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned();
        let (route, parameters) =
            self.route(request.method().as_str(), &path).ok_or(Refusal::NotFound)?;
        trace.function = Some(route.function.function().label.clone());

        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, BODY_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return Err(Refusal::BodyTooLarge);
            }
            // The client went away: nobody reads this answer.
            Err(_) => return Err(Refusal::BadRequest),
        };
        let payload = payload::Payload {
            api_id: &self.api_id,
            authority: &self.authority,
            route_key: route.key.as_str(),
            path: &path,
            parameters,
            request_id: &trace.request_id,
            parts: &parts,
            body,
        };
        // A task of its own: the function goes on when the time is over or the client has gone away, and its
        // answer is dropped.
        let (function, payload) = (Arc::clone(&route.function), payload.to_json());
        let invoking = tokio::spawn(async move { function.invoke(payload).await });
        let invoked = match tokio::time::timeout(route.timeout, invoking).await {
            Ok(Ok(Ok(invoked))) => invoked,
            Ok(Ok(Err(error))) => return Err(Refusal::FunctionFailed(error)),
            Ok(Err(error)) => {
                return Err(Refusal::FunctionFailed(InvokeError::Ended(error.to_string())));
            }
            Err(_) => return Err(Refusal::IntegrationTimeout),
        };
        trace.cold = invoked.cold;
        let answer = Answer::from_json(&invoked.payload).map_err(Refusal::Malformed)?;
        Ok(answer.into_response())
    }

    fn route(&self, method: &str, path: &str) -> Option<(&Route, PathParameters)> {
        self.routes.iter().find_map(|route| Some((route, route.key.matches(method, path)?)))
    }
}

/// The bytes that count towards the limit: of the request line and of the values of all headers.
fn request_size(request: &Request<Incoming>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let line = request.method().as_str().len() + " ".len() + target + " HTTP/1.1".len();
    line + request.headers().values().map(HeaderValue::len).sum::<usize>()
}

/// Why the gateway answers by itself. It says little: API Gateway does too.
#[derive(Debug)]
enum Refusal {
    NotFound,
    TooManyRequests,
    HeadersTooLarge,
    BodyTooLarge,
    BadRequest,
    IntegrationTimeout,
    FunctionFailed(InvokeError),
    Malformed(payload::Malformed),
}

impl Refusal {
    fn into_response(self, trace: &mut Trace) -> Response<Full<Bytes>> {
        let (status, message) = match &self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
            Self::HeadersTooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
            }
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::IntegrationTimeout | Self::FunctionFailed(InvokeError::Throttled) => {
                (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
            Self::FunctionFailed(_) | Self::Malformed(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        };
        trace.error = match self {
            Self::FunctionFailed(error) => Some(error.to_string()),
            Self::Malformed(error) => Some(error.to_string()),
            Self::IntegrationTimeout => Some("over the integration's time limit".into()),
            _ => None,
        };
        let body = format!("{{\"message\":\"{message}\"}}");
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
