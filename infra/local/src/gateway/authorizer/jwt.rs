//! JWT authorizers (API Gateway Developer Guide, "Control access to HTTP APIs with JWT
//! authorizers"). "Row" is one of `tests/local/recorded-answers.json`.

use std::time::{SystemTime, UNIX_EPOCH};

use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::{Map, Value};

use super::issuer::Issuer;
use super::{Denied, Identity, IdentitySource};

/// "Currently, only RSA-based algorithms are supported."
const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

#[derive(Debug)]
pub struct Jwt {
    pub source: IdentitySource,
    pub issuer: Issuer,
    pub audience: Vec<String>,
}

type Claims = Map<String, Value>;

/// The error of a token, as `error_description` says it.
type Invalid = &'static str;

impl Jwt {
    /// The claims of the request's token.
    pub async fn admit(&self, parts: &Parts, scopes: &[String]) -> Result<Identity, Denied> {
        // Row jwt-missing.
        let Some(value) = self.source.value(parts, "") else {
            return Err(Denied::Unauthorized(Some(HeaderValue::from_static("Bearer"))));
        };
        // "The identity source can include only the token, or the token prefixed with Bearer."
        let token = match value.split_at_checked("Bearer ".len()) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer ") => token.trim(),
            _ => value.trim(),
        };
        let claims = match self.verify(token).await {
            Ok(claims) => claims,
            Err(description) => {
                // Row jwt-wrong-audience.
                return Err(Denied::Unauthorized(Some(challenge(
                    scopes,
                    "invalid_token",
                    description,
                ))));
            }
        };
        let granted = granted_scopes(&claims);
        // "The token must include at least one of the scopes in the route's authorizationScopes."
        if !scopes.is_empty() && !scopes.iter().any(|scope| granted.contains(&scope.as_str())) {
            // Row jwt-insufficient-scope.
            let description = format!("expected scopes: [{}]", scopes.join(" "));
            return Err(Denied::Forbidden(Some(challenge(
                scopes,
                "insufficient_scope",
                &description,
            ))));
        }
        let scopes = (!scopes.is_empty()).then(|| granted.into_iter().map(str::to_owned).collect());
        let claims = claims.iter().map(|(name, claim)| (name.clone(), as_text(claim).into()));
        Ok(Identity::Jwt { claims: claims.collect(), scopes })
    }

    /// Checks signature and claims, in the order of the guide ("Authorizing API requests"). Of the
    /// descriptions, AWS prints that of the audience (row jwt-wrong-audience); the others are ours
    /// (inferred: a record would have to show `www-authenticate` for each).
    async fn verify(&self, token: &str) -> Result<Claims, Invalid> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| {
            if token.split('.').count() == 3 {
                "the token's header cannot be read"
            } else {
                "token contains an invalid number of segments"
            }
        })?;
        let claims = self.verify_signature(token, &header).await?;
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.url()) {
            return Err("the token does not have a valid issuer");
        }
        // "API Gateway validates client_id only if aud is not present."
        let audience = claims.get("aud").or_else(|| claims.get("client_id"));
        if !texts(audience).iter().any(|of| self.audience.iter().any(|known| known == of)) {
            return Err("the token does not have a valid audience");
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let time = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(claim) => claim.as_f64().map(Some).ok_or("a time of the token is no number"),
        };
        if time("exp")?.is_none_or(|end| end <= now) {
            return Err("the token has expired");
        }
        if time("nbf")?.is_some_and(|start| start > now) {
            return Err("the token is not valid yet");
        }
        if time("iat")?.is_some_and(|issued| issued > now) {
            return Err("the token was issued in the future");
        }
        Ok(claims)
    }

    async fn verify_signature(&self, token: &str, header: &Header) -> Result<Claims, Invalid> {
        // The token chooses among these, never another kind of key.
        if !ALGORITHMS.contains(&header.alg) {
            return Err("the token's signing method is not supported");
        }
        // RFC 7515, section 4.1.11: extensions that must be understood.
        if header.crit.is_some() {
            return Err("the token has critical extensions");
        }
        let id = header.kid.as_deref().ok_or("the token names no key")?;
        let key = self.issuer.key(id).await.ok_or("the token's key is not known")?;
        if key.common.key_algorithm.is_some_and(|of| of.to_string() != format!("{:?}", header.alg))
        {
            return Err("the token's key is for another signing method");
        }
        let key = DecodingKey::from_jwk(&key).map_err(|_| "the token's key cannot be used")?;
        let mut validation = Validation::new(header.alg);
        // Only the signature: the claims are checked one by one.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let token = jsonwebtoken::decode(token, &key, &validation);
        token.map(|token| token.claims).map_err(|_| "the token's signature is invalid")
    }
}

fn challenge(scopes: &[String], error: &str, description: &str) -> HeaderValue {
    let scopes = scopes.join(" ");
    let challenge =
        format!("Bearer scope=\"{scopes}\" error=\"{error}\" error_description=\"{description}\"");
    // A scope of the template may hold what no header can.
    HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static("Bearer"))
}

/// `scope` or `scp`: a list, or text with blanks.
fn granted_scopes(claims: &Claims) -> Vec<&str> {
    let claims = ["scope", "scp"].map(|name| texts(claims.get(name)));
    claims.into_iter().flatten().flat_map(str::split_whitespace).collect()
}

/// A claim that is one text or a list of them.
fn texts(claim: Option<&Value>) -> Vec<&str> {
    match claim {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Claims come as text; a list in brackets, separated by blanks (row jwt-array-claim).
fn as_text(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(as_text).collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}
