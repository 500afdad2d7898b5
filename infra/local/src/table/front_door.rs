//! The HTTP API of the table: who calls, and whether the call may go on.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::serve::ListenerExt;
use dynoxide::Database;
use dynoxide::auth_material::{self, AuthMaterial};
use serde_json::json;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::access_key::AccessKey;
use super::operations::{Call, Failure};
use super::policy::{Access, Refusal, Role};
use super::signature::Authorization;
use crate::template::{ACCOUNT, REGION};

/// DynamoDB's limit of a request.
const MAX_BODY: usize = 16 << 20;
const AMZ_JSON: &str = "application/x-amz-json-1.0";
/// What DynamoDB answers to what is no call of its API.
const NOT_FOUND: &str = "<UnknownOperationException/>\n";

/// The database and those who may use it.
pub(super) struct FrontDoor {
    pub database: Database,
    /// By the ids of their keys.
    callers: RwLock<HashMap<String, Arc<Caller>>>,
}

struct Caller {
    key: AccessKey,
    rights: Rights,
}

enum Rights {
    Everything,
    Function { name: String, role: Role },
}

impl FrontDoor {
    pub fn new(database: Database) -> Self {
        Self { database, callers: RwLock::default() }
    }

    pub fn admit_admin(&self, key: AccessKey) {
        let mut callers = self.callers.write().unwrap_or_else(PoisonError::into_inner);
        callers.insert(key.id.clone(), Arc::new(Caller { key, rights: Rights::Everything }));
    }

    /// Admits these functions, and no others.
    pub fn admit_functions(&self, functions: impl Iterator<Item = (AccessKey, String, Role)>) {
        let mut callers = self.callers.write().unwrap_or_else(PoisonError::into_inner);
        callers.retain(|_, caller| matches!(caller.rights, Rights::Everything));
        callers.extend(functions.map(|(key, name, role)| {
            let rights = Rights::Function { name, role };
            (key.id.clone(), Arc::new(Caller { key, rights }))
        }));
    }

    fn caller(&self, key_id: &str) -> Option<Arc<Caller>> {
        self.callers.read().unwrap_or_else(PoisonError::into_inner).get(key_id).cloned()
    }

    /// Responds to a call of the API.
    fn call(&self, request: &Parts, body: &[u8]) -> Result<String, Error> {
        let operation = operation(&request.headers).ok_or(Error::UnknownOperation)?;
        let caller = self.authenticate(request, body)?;
        let call = Call { operation, body, check: &|access| caller.check(access) };
        call.run(&self.database).map_err(|failure| match failure {
            Failure::Unknown => Error::UnknownOperation,
            Failure::Denied(message) => Error::AccessDenied(message),
            Failure::Engine(error) => {
                let status = StatusCode::from_u16(error.status_code());
                Error::Engine(status.unwrap_or(StatusCode::BAD_REQUEST), error.to_json())
            }
        })
    }

    fn authenticate(&self, request: &Parts, body: &[u8]) -> Result<Arc<Caller>, Error> {
        let authorization = only(&request.headers, &AUTHORIZATION);
        let material = AuthMaterial {
            authorization,
            query: "",
            has_date_header: request.headers.contains_key("x-amz-date"),
        };
        if let Some(error) = auth_material::validate(material) {
            return Err(Error::Engine(StatusCode::BAD_REQUEST, error));
        }
        let authorization =
            authorization.and_then(Authorization::parse).ok_or(Error::InvalidSignature)?;
        let caller = self.caller(authorization.key_id).ok_or(Error::UnrecognizedClient)?;
        if authorization.is_by(&caller.key, request, body) {
            Ok(caller)
        } else {
            Err(Error::InvalidSignature)
        }
    }
}

impl Caller {
    /// An error is the message of IAM (IAM User Guide, "Access denied error messages").
    fn check(&self, access: &Access) -> Result<(), String> {
        let Rights::Function { name, role } = &self.rights else { return Ok(()) };
        let Access { action, resource } = access;
        role.check(access).map_err(|refusal| {
            let why = match refusal {
                Refusal::Explicit => "with an explicit deny in an identity-based policy".to_owned(),
                Refusal::Implicit => {
                    format!("because no identity-based policy allows the {action} action")
                }
            };
            format!(
                "User: arn:aws:sts::{ACCOUNT}:assumed-role/{}/{name} is not authorized to \
                 perform: {action} on resource: {resource} {why}",
                role.name
            )
        })
    }
}

/// An error of a call.
enum Error {
    UnknownOperation,
    UnrecognizedClient,
    InvalidSignature,
    AccessDenied(String),
    /// A status and a body.
    Engine(StatusCode, String),
}

impl Error {
    fn status_and_body(self) -> (StatusCode, String) {
        let body = match self {
            Self::Engine(status, body) => return (status, body),
            Self::UnknownOperation => json!({ "__type": coral("UnknownOperationException") }),
            Self::UnrecognizedClient => json!({
                "__type": coral("UnrecognizedClientException"),
                "message": "The security token included in the request is invalid.",
            }),
            Self::InvalidSignature => json!({
                "__type": coral("InvalidSignatureException"),
                "message": "The request signature we calculated does not match the signature you \
                            provided. Check your AWS Secret Access Key and signing method. \
                            Consult the service documentation for details.",
            }),
            // Recorded from DynamoDB with a capital M.
            Self::AccessDenied(message) => {
                json!({ "__type": coral("AccessDeniedException"), "Message": message })
            }
        };
        (StatusCode::BAD_REQUEST, body.to_string())
    }
}

fn coral(name: &str) -> String {
    format!("com.amazon.coral.service#{name}")
}

/// Serves the API until `stop`, and then the requests in progress.
pub(super) async fn serve(
    listener: TcpListener,
    door: Arc<FrontDoor>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = Router::new().fallback(respond).with_state(door);
    let listener = listener.tap_io(|stream| {
        // Without this a kernel may delay a response by 40 ms.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).with_graceful_shutdown(stop).await
}

async fn respond(
    State(door): State<Arc<FrontDoor>>,
    request: Request,
) -> Result<Response, Infallible> {
    let (request, body) = request.into_parts();
    Ok(if is_of_browser(&request) {
        text(StatusCode::FORBIDDEN, "The table answers programs of this machine, and no browser.\n")
    } else if request.uri.path() != "/" || request.uri.query().is_some() {
        text(StatusCode::NOT_FOUND, NOT_FOUND)
    } else if request.method == Method::GET {
        text(StatusCode::OK, &format!("healthy: dynamodb.{REGION}.amazonaws.com "))
    } else if request.method == Method::POST
        && let Some(content_type) = content_type(&request.headers)
    {
        let (status, body) = match axum::body::to_bytes(body, MAX_BODY).await {
            Ok(body) => match door.call(&request, &body) {
                Ok(body) => (StatusCode::OK, body),
                Err(error) => error.status_and_body(),
            },
            Err(_) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                json!({ "__type": coral("RequestEntityTooLargeException") }).to_string(),
            ),
        };
        response(status, content_type, body.into())
    } else {
        text(StatusCode::NOT_FOUND, NOT_FOUND)
    })
}

/// Whether a page may have caused the request. Browsers name the page's origin, but in a read they
/// need not; a page whose host name was made to lead here (DNS rebinding) names that host.
fn is_of_browser(request: &Parts) -> bool {
    let is_here = |authority: &str| {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
    };
    request.headers.contains_key(ORIGIN)
        || !only(&request.headers, &HOST).is_some_and(is_here)
        || request.uri.authority().is_some_and(|authority| !is_here(authority.as_str()))
}

/// The operation of a call. Two targets are as none: another reader may take the other.
fn operation(headers: &HeaderMap) -> Option<&str> {
    let target = only(headers, &HeaderName::from_static("x-amz-target"))?;
    target
        .strip_prefix("DynamoDB_20120810.")
        .or_else(|| target.strip_prefix("DynamoDBStreams_20120810."))
}

/// The content type of a call's response: that of the request.
fn content_type(headers: &HeaderMap) -> Option<&'static str> {
    let given = only(headers, &CONTENT_TYPE)?.split(';').next()?.trim();
    [AMZ_JSON, "application/json"].into_iter().find(|known| known.eq_ignore_ascii_case(given))
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn text(status: StatusCode, body: &str) -> Response {
    response(status, "text/plain", Bytes::copy_from_slice(body.as_bytes()))
}

fn response(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let checksum = crc32fast::hash(&body);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-amz-crc32", checksum.into());
    // An id has only characters that a header may have.
    if let Ok(id) = request_id().try_into() {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// 52 capital letters and digits, as those of DynamoDB.
fn request_id() -> String {
    let mut id = [Uuid::new_v4(), Uuid::new_v4()].map(|id| id.simple().to_string()).concat();
    id.truncate(52);
    id.make_ascii_uppercase();
    id
}
