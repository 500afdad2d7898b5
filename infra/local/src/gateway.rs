//! An API Gateway HTTP API: routes, authorizers, CORS, throttling and payloads, as the template
//! defines them.
//!
//! Each rule names its source: a page of AWS's guides, or a "row" of
//! `tests/local/recorded-answers.json`, the answers of real APIs that one test compares. What
//! neither says is marked, with what a record would have to show.

pub mod authorizer;
mod body;
pub mod cors;
mod path;
mod payload;
mod response;
pub mod routes;
pub mod throttle;
pub mod wildcard;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};

use crate::lambda::{InvokeError, Invoked, Pool};
use crate::server::Response;
use authorizer::{Authorizer, Denied, Guard};
use cors::Cors;
use payload::Payload;
use response::FunctionResponse;
use routes::{PathParameters, RouteKey};
use throttle::{Limits, Throttle};

/// Largest request body (API Gateway Developer Guide, "Quotas for configuring and running an HTTP
/// API"). What a function can get is less: [`payload::MAX`].
const BODY_MAX: usize = 10 * 1024 * 1024;
/// "Total combined size of request line and header values" (the same page). A larger one is a 431
/// (inferred: a record would have to show the status).
const HEADERS_MAX: usize = 10_240;

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// The stage whose name is no part of paths.
const DEFAULT_STAGE: &str = "$default";

/// An HTTP API with its one stage, as the template defines it.
#[derive(Debug)]
pub struct Api {
    pub id: String,
    /// `host:port`, from the output `ApiUrl`.
    pub authority: String,
    pub stage: String,
    pub cors: Option<Cors>,
    pub limits: Limits,
    /// With the names of their functions.
    pub routes: Vec<Route<String>>,
    /// By their ids in the template.
    pub authorizers: HashMap<String, Authorizer<String>>,
}

/// A route with its integration. `F` is a function: its name, or its pool.
#[derive(Debug)]
pub struct Route<F> {
    pub key: RouteKey,
    pub function: F,
    /// The integration's timeout.
    pub timeout: Duration,
    /// Whether the function lets the API invoke it.
    pub permitted: bool,
    /// The id of its authorizer, and the scopes of which a token needs one.
    pub authorizer: Option<(String, Vec<String>)>,
}

/// A running API.
#[derive(Debug)]
pub struct Gateway {
    api_id: String,
    /// The API's own `host:port`. Functions get this one, not the client's `Host`.
    authority: String,
    stage: String,
    cors: Option<Cors>,
    throttle: Throttle,
    /// The most specific first.
    routes: Vec<RunningRoute>,
}

#[derive(Debug)]
struct RunningRoute {
    key: RouteKey,
    function: Arc<Pool>,
    timeout: Duration,
    permitted: bool,
    guard: Option<Guard<Arc<Pool>>>,
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

/// Where a request goes.
struct Target<'a> {
    path: &'a str,
    route_path: &'a str,
    route: Option<(&'a RunningRoute, PathParameters<'a>)>,
}

impl Gateway {
    /// Connects the routes of an API to running functions.
    pub fn new(api: Api, functions: &HashMap<String, Arc<Pool>>) -> Self {
        let authorizers: HashMap<String, Arc<Authorizer<_>>> = api
            .authorizers
            .into_iter()
            .filter_map(|(id, authorizer)| Some((id, Arc::new(authorizer.connect(functions)?))))
            .collect();
        let mut routes: Vec<_> = api
            .routes
            .into_iter()
            .filter_map(|route| {
                let guard = match route.authorizer {
                    Some((id, scopes)) => {
                        Some(Guard { authorizer: Arc::clone(authorizers.get(&id)?), scopes })
                    }
                    None => None,
                };
                Some(RunningRoute {
                    key: route.key,
                    function: Arc::clone(functions.get(&route.function)?),
                    timeout: route.timeout,
                    permitted: route.permitted,
                    guard,
                })
            })
            .collect();
        routes.sort_by_key(|route| Reverse(route.key.precedence()));
        Self {
            api_id: api.id,
            authority: api.authority,
            stage: api.stage,
            cors: api.cors,
            throttle: Throttle::new(api.limits),
            routes,
        }
    }

    /// Responds to a request.
    pub async fn respond(&self, request: Request<Incoming>) -> (Response, Trace) {
        let mut trace = Trace { request_id: payload::request_id(), ..Trace::default() };
        let (parts, body) = request.into_parts();
        let mut response = self.answer(&parts, body, &mut trace).await;
        if let Ok(id) = HeaderValue::try_from(trace.request_id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        (response, trace)
    }

    async fn answer(&self, parts: &Parts, body: Incoming, trace: &mut Trace) -> Response {
        let path = path::read(parts.uri.path());
        let target = match &path {
            Ok(path) => match self.target(&parts.method, path) {
                Some(target) => Some(target),
                // It reaches no stage, so none of the API's rules (row
                // stage-missing-in-path-options).
                None => return Refusal::NotFound.into_response(trace),
            },
            Err(path::BadPath) => None,
        };
        let origin = Cors::origin(&parts.headers);
        // "API Gateway automatically sends a response to preflight OPTIONS requests, even if there
        // isn't an OPTIONS route configured", but a route of `ANY`, `OPTIONS` or `$default` takes
        // them (rows any-route-takes-options, named-methods-leave-options). No authorizer stands
        // before it, and it does not count against the stage's limits (inferred: a record would
        // have to show a preflight of a throttled stage).
        if let Some(cors) = &self.cors
            && parts.method == Method::OPTIONS
            && target.as_ref().is_some_and(|target| target.route.is_none())
        {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NO_CONTENT;
            *response.headers_mut() = cors.preflight_headers(&parts.headers, origin.as_ref());
            return response;
        }
        // Row path-percent-not-twice.
        let result = match target {
            Some(target) => self.integrate(parts, body, target, trace).await,
            None => Err(Refusal::BadRequest),
        };
        let mut response = result.unwrap_or_else(|refusal| refusal.into_response(trace));
        if let Some(cors) = &self.cors {
            cors.apply(origin.as_ref(), response.headers_mut());
        }
        response
    }

    /// Where a path goes; `None` if it does not begin with the name of the stage.
    fn target<'a>(&'a self, method: &Method, path: &'a str) -> Option<Target<'a>> {
        let route_path = if self.stage == DEFAULT_STAGE {
            path
        } else {
            match path.strip_prefix('/')?.strip_prefix(self.stage.as_str())? {
                "" => "/",
                path if path.starts_with('/') => path,
                _ => return None,
            }
        };
        let route = self
            .routes
            .iter()
            .find_map(|route| Some((route, route.key.matches(method.as_str(), route_path)?)));
        Some(Target { path, route_path, route })
    }

    /// Invokes the function of the request's route.
    async fn integrate(
        &self,
        parts: &Parts,
        body: Incoming,
        target: Target<'_>,
        trace: &mut Trace,
    ) -> Result<Response, Refusal> {
        if !self.throttle.admit() {
            return Err(Refusal::TooManyRequests);
        }
        if request_size(parts) > HEADERS_MAX {
            return Err(Refusal::HeadersTooLarge);
        }
        let Target { path, route_path, route } = target;
        let (route, parameters) = route.ok_or(Refusal::NotFound)?;
        let payload = Payload {
            api_id: &self.api_id,
            authority: &self.authority,
            stage: &self.stage,
            route_key: route.key.as_str(),
            path,
            route_path,
            parameters: &parameters,
            request_id: &trace.request_id,
            parts,
        };
        let identity = match &route.guard {
            Some(guard) => Some(guard.admit(payload).await.map_err(Refusal::Denied)?),
            None => None,
        };
        let body = match Limited::new(body, BODY_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return Err(Refusal::BodyTooLarge);
            }
            // The client disconnected: nobody reads this response.
            Err(_) => return Err(Refusal::BadRequest),
        };
        let event = payload.to_json(&body, identity.as_ref());
        if event.len() > payload::MAX {
            return Err(Refusal::BodyTooLarge);
        }
        trace.function = Some(route.function.function().label.clone());
        if !route.permitted {
            return Err(Refusal::NotPermitted);
        }
        let invoked =
            invoke(&route.function, event, route.timeout).await.map_err(Refusal::CallFailed)?;
        trace.cold = invoked.cold;
        let response = FunctionResponse::from_json(invoked.payload).map_err(Refusal::Malformed)?;
        Ok(response.into_response())
    }
}

/// Why a call of a function has no result.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("{0}")]
    Failed(InvokeError),
    #[error("exceeded the gateway's timeout")]
    TimedOut,
}

/// Invokes a function in a task of its own: after a timeout or a disconnect the function continues,
/// and what it returns is dropped.
async fn invoke(function: &Arc<Pool>, event: Bytes, limit: Duration) -> Result<Invoked, CallError> {
    let function = Arc::clone(function);
    let invoking = tokio::spawn(async move { function.invoke(event).await });
    match tokio::time::timeout(limit, invoking).await {
        Ok(Ok(result)) => result.map_err(CallError::Failed),
        Ok(Err(error)) => Err(CallError::Failed(InvokeError::Exited(error.to_string()))),
        Err(_) => Err(CallError::TimedOut),
    }
}

/// The bytes that count towards [`HEADERS_MAX`].
fn request_size(parts: &Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let line = parts.method.as_str().len() + " ".len() + target + " HTTP/1.1".len();
    line + parts.headers.values().map(HeaderValue::len).sum::<usize>()
}

/// Why the gateway itself responds with an error. As in API Gateway, the response has no detail.
#[derive(Debug)]
enum Refusal {
    NotFound,
    TooManyRequests,
    HeadersTooLarge,
    BodyTooLarge,
    BadRequest,
    Denied(Denied),
    /// Row no-invoke-permission.
    NotPermitted,
    CallFailed(CallError),
    Malformed(response::Malformed),
}

impl Refusal {
    /// Rows other-method-*, body-of-6-5-mb, jwt-*, lambda-authorizer-*, function-*,
    /// integration-timeout, stage-throttle-documented.
    fn into_response(self, trace: &mut Trace) -> Response {
        let mut challenge = None;
        let (status, message) = match &self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
            Self::HeadersTooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
            }
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Denied(denied) => {
                let (status, message, of_scheme) = denied.answer();
                challenge = of_scheme.cloned();
                (status, message)
            }
            Self::CallFailed(CallError::TimedOut | CallError::Failed(InvokeError::Throttled)) => {
                (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
            Self::NotPermitted | Self::CallFailed(_) | Self::Malformed(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        };
        trace.error = match self {
            Self::CallFailed(error) => Some(error.to_string()),
            Self::Malformed(error) => Some(error.to_string()),
            Self::Denied(Denied::Failed(error)) => Some(error),
            Self::NotPermitted => Some("the function has no permission for this route".into()),
            _ => None,
        };
        let body = format!("{{\"message\":\"{message}\"}}");
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
