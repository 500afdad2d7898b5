//! An API Gateway HTTP API: routes, CORS, throttling and payloads, as the template defines them.
//!
//! Rules that AWS documents are cited. Rules that could only be inferred are marked "inferred".

pub mod cors;
mod payload;
pub mod routes;
pub mod throttle;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Request, StatusCode};
use percent_encoding::percent_decode_str;

use crate::lambda::{InvokeError, Pool};
use crate::server::Response;
use cors::Cors;
use payload::FunctionResponse;
use routes::{PathParameters, RouteKey};
use throttle::{Limits, Throttle};

/// Largest request body (API Gateway Developer Guide, "Quotas for configuring and running an HTTP
/// API"). The status of a larger one, 413, is inferred.
const BODY_MAX: usize = 10 * 1024 * 1024;
/// "Total combined size of request line and header values" (the same page). The status of a larger
/// one, 431, is inferred.
const HEADERS_MAX: usize = 10_240;

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// An HTTP API with its `$default` stage, as the template defines it.
#[derive(Debug)]
pub struct Api {
    pub id: String,
    /// `host:port`, from the output `ApiUrl`.
    pub authority: String,
    pub cors: Option<Cors>,
    pub limits: Limits,
    /// With the names of their functions.
    pub routes: Vec<Route<String>>,
}

/// A route with its integration.
#[derive(Debug)]
pub struct Route<F> {
    pub key: RouteKey,
    pub function: F,
    /// The integration's timeout.
    pub timeout: Duration,
}

/// A running API.
#[derive(Debug)]
pub struct Gateway {
    api_id: String,
    /// The API's own `host:port`. Functions get this one, not the client's `Host`.
    authority: String,
    cors: Option<Cors>,
    throttle: Throttle,
    /// The most specific first.
    routes: Vec<Route<Arc<Pool>>>,
}

/// What the log shows of a request beside its method, path and status.
#[derive(Debug, Default)]
pub struct Trace {
    pub request_id: String,
    /// The function that was called.
    pub function: Option<String>,
    pub cold: bool,
    /// Why the gateway itself responded with a 5xx.
    pub error: Option<String>,
}

impl Gateway {
    /// Connects the routes of an API to running functions.
    pub fn new(api: Api, functions: &HashMap<String, Arc<Pool>>) -> Self {
        let mut routes: Vec<_> = api
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

    /// Responds to a request.
    pub async fn respond(&self, request: Request<Incoming>) -> (Response, Trace) {
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

    /// Invokes the function of the request's route.
    async fn integrate(
        &self,
        request: Request<Incoming>,
        trace: &mut Trace,
    ) -> Result<Response, Refusal> {
        if !self.throttle.admit() {
            return Err(Refusal::TooManyRequests);
        }
        if request_size(&request) > HEADERS_MAX {
            return Err(Refusal::HeadersTooLarge);
        }
        // An encoded slash becomes a slash, so it separates two segments (inferred).
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
            // The client disconnected: nobody reads this response.
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
        // In its own task: after a timeout or a disconnect the function continues, and what it
        // returns is dropped.
        let (function, payload) = (Arc::clone(&route.function), payload.to_json());
        let invoking = tokio::spawn(async move { function.invoke(payload).await });
        let invoked = match tokio::time::timeout(route.timeout, invoking).await {
            Ok(Ok(Ok(invoked))) => invoked,
            Ok(Ok(Err(error))) => return Err(Refusal::FunctionFailed(error)),
            Ok(Err(error)) => {
                return Err(Refusal::FunctionFailed(InvokeError::Exited(error.to_string())));
            }
            Err(_) => return Err(Refusal::IntegrationTimeout),
        };
        trace.cold = invoked.cold;
        let response = FunctionResponse::from_json(&invoked.payload).map_err(Refusal::Malformed)?;
        Ok(response.into_response())
    }

    fn route(&self, method: &str, path: &str) -> Option<(&Route<Arc<Pool>>, PathParameters)> {
        self.routes.iter().find_map(|route| Some((route, route.key.matches(method, path)?)))
    }
}

/// The bytes that count towards [`HEADERS_MAX`].
fn request_size(request: &Request<Incoming>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let line = request.method().as_str().len() + " ".len() + target + " HTTP/1.1".len();
    line + request.headers().values().map(HeaderValue::len).sum::<usize>()
}

/// Why the gateway itself responds with an error. As in API Gateway, the response has no detail.
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
    fn into_response(self, trace: &mut Trace) -> Response {
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
            Self::IntegrationTimeout => Some("exceeded the integration's timeout".into()),
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
