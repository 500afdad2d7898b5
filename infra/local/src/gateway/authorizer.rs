//! Who may call a route: JWT and Lambda authorizers (API Gateway Developer Guide, "Control and
//! manage access to HTTP APIs in API Gateway").

mod identity;
mod issuer;
pub mod jwt;
pub mod lambda;

use std::collections::HashMap;
use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde::Serialize;
use serde_json::{Map, Value};

use super::payload::Payload;
use crate::lambda::Pool;
pub use identity::IdentitySource;
pub use issuer::Issuer;

/// An authorizer of the template, or one that runs. `F` is its function: a name, or a pool.
#[derive(Debug)]
pub enum Authorizer<F> {
    Jwt(jwt::Jwt),
    Lambda(lambda::Lambda<F>),
}

/// What keeps others from a route.
#[derive(Debug)]
pub struct Guard<F> {
    pub authorizer: Arc<Authorizer<F>>,
    /// The token needs at least one of them. Lambda authorizers do not look at them.
    pub scopes: Vec<String>,
}

/// What a function learns of its caller: `requestContext.authorizer`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Identity {
    Jwt {
        claims: Map<String, Value>,
        /// `None` on a route without scopes (row jwt-scopes-null).
        scopes: Option<Vec<String>>,
    },
    Lambda(Arc<Map<String, Value>>),
}

/// Why a request may not pass.
#[derive(Debug)]
pub enum Denied {
    /// 401, with the value of `www-authenticate` of a JWT authorizer.
    Unauthorized(Option<HeaderValue>),
    /// 403, likewise.
    Forbidden(Option<HeaderValue>),
    /// The authorizer itself failed: a 500.
    Failed(String),
}

impl Guard<Arc<Pool>> {
    pub(super) async fn admit(&self, payload: Payload<'_>) -> Result<Identity, Denied> {
        match &*self.authorizer {
            Authorizer::Jwt(jwt) => jwt.admit(payload.parts, &self.scopes).await,
            Authorizer::Lambda(lambda) => lambda.admit(payload).await,
        }
    }
}

impl Authorizer<String> {
    /// Connects a Lambda authorizer to its running function.
    pub(super) fn connect(
        self,
        functions: &HashMap<String, Arc<Pool>>,
    ) -> Option<Authorizer<Arc<Pool>>> {
        Some(match self {
            Self::Jwt(jwt) => Authorizer::Jwt(jwt),
            Self::Lambda(lambda) => {
                let function = Arc::clone(functions.get(lambda.function())?);
                Authorizer::Lambda(lambda.with(function))
            }
        })
    }
}

impl Denied {
    /// Status, message, and the value of `www-authenticate`.
    pub(super) fn answer(&self) -> (StatusCode, &'static str, Option<&HeaderValue>) {
        match self {
            Self::Unauthorized(challenge) => {
                (StatusCode::UNAUTHORIZED, "Unauthorized", challenge.as_ref())
            }
            Self::Forbidden(challenge) => (StatusCode::FORBIDDEN, "Forbidden", challenge.as_ref()),
            Self::Failed(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", None),
        }
    }
}
