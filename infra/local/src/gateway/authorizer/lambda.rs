//! Lambda authorizers (API Gateway Developer Guide, "Control access to HTTP APIs with AWS Lambda
//! authorizers"), with payload format 2.0. "Row" is one of `tests/local/recorded-answers.json`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Denied, Identity, IdentitySource};
use crate::gateway::payload::Payload;
use crate::gateway::{invoke, wildcard};
use crate::lambda::Pool;

/// "Authorizer Lambda function timeout" ("Quotas for configuring and running an HTTP API").
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Results that are kept at once; more than a local run needs.
const CACHED_MAX: usize = 1_000;

#[derive(Debug)]
pub struct Lambda<F> {
    function: F,
    settings: Settings,
    cache: Mutex<Cache>,
}

/// Verdicts with their age, by the values of the identity sources.
type Cache = HashMap<Vec<String>, (Instant, Arc<Verdict>)>;

#[derive(Debug)]
pub struct Settings {
    pub sources: Vec<IdentitySource>,
    /// `EnableSimpleResponses`: a yes or no in place of a policy.
    pub simple: bool,
    /// How long a result counts; zero: for its request only.
    pub ttl: Duration,
}

/// What the function said.
#[derive(Debug)]
struct Verdict {
    rule: Rule,
    context: Arc<Map<String, Value>>,
}

#[derive(Debug)]
enum Rule {
    Simple(bool),
    Policy(Vec<Statement>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SimpleResponse {
    is_authorized: bool,
    context: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyResponse {
    policy_document: PolicyDocument,
    context: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    statement: OneOrMany<Statement>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<F> Lambda<F> {
    pub fn new(function: F, settings: Settings) -> Self {
        Self { function, settings, cache: Mutex::default() }
    }

    pub fn function(&self) -> &F {
        &self.function
    }

    pub(super) fn with<G>(self, function: G) -> Lambda<G> {
        Lambda::new(function, self.settings)
    }
}

impl Lambda<Arc<Pool>> {
    pub(super) async fn admit(&self, payload: Payload<'_>) -> Result<Identity, Denied> {
        let route_arn = payload.route_arn();
        // "If any of the identity sources is missing, null, or empty, API Gateway returns a 401
        // without calling the function" (rows lambda-authorizer-no-header and
        // lambda-authorizer-one-of-two).
        let sources = self.settings.sources.iter();
        let identity: Option<Vec<String>> =
            sources.map(|source| source.value(payload.parts, payload.route_key)).collect();
        let identity = identity.ok_or(Denied::Unauthorized(None))?;
        let verdict = match self.cached(&identity) {
            Some(verdict) => verdict,
            None => {
                let event = payload.to_authorizer_json(&route_arn, &identity);
                // "If the Lambda authorizer fails or its answer has an invalid format, clients get a
                // 500 Internal Server Error" ("Troubleshooting Lambda authorizer errors").
                let invoked = invoke(&self.function, event, TIME_LIMIT)
                    .await
                    .map_err(|error| Denied::Failed(format!("the authorizer {error}")))?;
                let verdict = Verdict::read(&invoked.payload, self.settings.simple)
                    .map_err(|error| Denied::Failed(format!("the authorizer's answer: {error}")))?;
                self.keep(identity, Arc::new(verdict))
            }
        };
        // Row lambda-authorizer-denies.
        if !verdict.rule.allows(&route_arn) {
            return Err(Denied::Forbidden(None));
        }
        Ok(Identity::Lambda(Arc::clone(&verdict.context)))
    }

    /// "To enable caching, your authorizer must have at least one identity source."
    fn caches(&self) -> bool {
        !self.settings.ttl.is_zero() && !self.settings.sources.is_empty()
    }

    fn cached(&self, identity: &[String]) -> Option<Arc<Verdict>> {
        if !self.caches() {
            return None;
        }
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, verdict) = cache.get(identity)?;
        (since.elapsed() < self.settings.ttl).then(|| Arc::clone(verdict))
    }

    fn keep(&self, identity: Vec<String>, verdict: Arc<Verdict>) -> Arc<Verdict> {
        if self.caches() {
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            if cache.len() >= CACHED_MAX {
                cache.retain(|_, (since, _)| since.elapsed() < self.settings.ttl);
            }
            if cache.len() < CACHED_MAX {
                cache.insert(identity, (Instant::now(), Arc::clone(&verdict)));
            }
        }
        verdict
    }
}

impl Verdict {
    fn read(payload: &[u8], simple: bool) -> serde_json::Result<Self> {
        let (rule, context) = if simple {
            let response: SimpleResponse = serde_json::from_slice(payload)?;
            (Rule::Simple(response.is_authorized), response.context)
        } else {
            let response: PolicyResponse = serde_json::from_slice(payload)?;
            let statements = response.policy_document.statement.as_slice().to_vec();
            (Rule::Policy(statements), response.context)
        };
        Ok(Self { rule, context: Arc::new(context.unwrap_or_default()) })
    }
}

impl Rule {
    fn allows(&self, route_arn: &str) -> bool {
        match self {
            Self::Simple(is_authorized) => *is_authorized,
            Self::Policy(statements) => {
                let mut covering = statements.iter().filter(|s| s.covers(route_arn)).peekable();
                covering.peek().is_some() && covering.all(|s| s.effect == Effect::Allow)
            }
        }
    }
}

impl Statement {
    fn covers(&self, route_arn: &str) -> bool {
        let action = |pattern: &String| {
            wildcard::covers(&pattern.to_ascii_lowercase(), "execute-api:invoke")
        };
        self.action.as_slice().iter().any(action)
            && self.resource.as_slice().iter().any(|pattern| wildcard::covers(pattern, route_arn))
    }
}

impl<T> OneOrMany<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
