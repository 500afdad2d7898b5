//! What a row is given, as a stack that runs: its template, its tokens, its function's answer.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::Row;
use super::wire::Request;
use crate::issuer::{AUDIENCE, Issuer, key, message, now, strange_key};
use crate::runner::template;

/// What decides the template of a row.
#[derive(Debug)]
pub struct Setup {
    routes: Vec<String>,
    cors: Value,
    stage: String,
    throttle: Value,
    fault: Fault,
    authorizer: Option<Authorizer>,
    /// A row of its own run has its id here.
    alone: String,
}

/// What `fault` says, as far as the template knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Throttled,
    NotPermitted,
    Slow,
    Throws,
    Crashes,
    WrongFormat,
}

#[derive(Debug)]
struct Authorizer {
    is_jwt: bool,
    /// The words of the row, in lower case but for names.
    words: String,
    scopes: Vec<String>,
    /// Of a Lambda authorizer.
    sources: Vec<String>,
    /// The one route that it guards; `None` for all.
    route: Option<String>,
}

/// The issuer of all rows.
fn issuer() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| Issuer::start(&[key()]))
}

impl Setup {
    pub fn of(row: &Row) -> Self {
        let request = row.given("request");
        let is_alone = !row.given("throttle").is_null() || !row.given("fault").is_null();
        Self {
            routes: routes(row),
            cors: row.given("cors").clone(),
            stage: row.given("stage").as_str().unwrap_or("$default").to_owned(),
            throttle: row.given("throttle").clone(),
            fault: Fault::of(row.given("fault").as_str().unwrap_or_default()),
            authorizer: Authorizer::of(row, request),
            alone: if is_alone { row.id().to_owned() } else { String::new() },
        }
    }

    /// Rows with the same key have the same template.
    pub fn key(&self) -> String {
        let mut authorizer = String::new();
        if let Some(Authorizer { is_jwt, scopes, sources, route, .. }) = &self.authorizer {
            authorizer = format!("{is_jwt} {scopes:?} {sources:?} {route:?}");
        }
        let Self { routes, cors, stage, alone, .. } = self;
        format!("{routes:?} {cors} {stage} {authorizer} {alone}")
    }

    /// The stack. The limit of its integrations is a part of the real one; without a scale, it is
    /// the default. `folder` is where its functions read what to do.
    pub fn template(&self, folder: &Path, scale: u32) -> Value {
        let mut template = template();
        let resources = template["Resources"].as_object_mut().unwrap();
        let route = resources.remove("Route").unwrap();
        for (number, key) in self.routes.iter().enumerate() {
            let mut route = route.clone();
            let properties = &mut route["Properties"];
            properties["RouteKey"] = json!(key);
            if let Some(authorizer) = self.guard(key) {
                properties["AuthorizerId"] = json!({ "Ref": "Authorizer" });
                properties["AuthorizationType"] =
                    json!(if authorizer.is_jwt { "JWT" } else { "CUSTOM" });
                if authorizer.is_jwt {
                    properties["AuthorizationScopes"] = json!(authorizer.scopes);
                }
            }
            resources.insert(format!("Route{number}"), route);
        }
        resources["Stage"]["Properties"]["StageName"] = json!(self.stage);
        if !self.throttle.is_null() {
            resources["Stage"]["Properties"]["DefaultRouteSettings"] = self.throttle.clone();
        }
        if !self.cors.is_null() {
            resources["Api"]["Properties"]["CorsConfiguration"] = self.cors.clone();
        }
        if let Some(part) = 30_000_u32.checked_div(scale) {
            resources["Integration"]["Properties"]["TimeoutInMillis"] =
                json!(if self.fault == Fault::Slow { part } else { 20_000 });
        }
        if self.fault == Fault::NotPermitted {
            resources.remove("Permission");
        }
        if let Some(authorizer) = &self.authorizer {
            let mut function = resources["Function"].clone();
            function["Properties"]["Environment"] = script(folder, "authorizer");
            resources.insert("AuthorizerFunction".into(), function);
            resources.insert("Authorizer".into(), authorizer.resource());
        }
        let function = &mut resources["Function"]["Properties"];
        function["Environment"] = script(folder, "function");
        function["Timeout"] = json!(20);
        if self.fault == Fault::Throttled {
            function["ReservedConcurrentExecutions"] = json!(0);
        }
        template
    }

    fn guard(&self, key: &str) -> Option<&Authorizer> {
        self.authorizer.as_ref().filter(|of| of.route.as_ref().is_none_or(|route| route == key))
    }

    /// What the function does.
    pub fn answer(&self, row: &Row) -> String {
        match self.fault {
            Fault::Slow => "!hang".into(),
            Fault::Throws => "!error".into(),
            Fault::Crashes => "!crash".into(),
            Fault::WrongFormat => r#"{"statusCode":200,"body":{"is":"no text"}}"#.into(),
            _ => row.given("answer").as_str().unwrap_or(r#"{"statusCode":200}"#).into(),
        }
    }

    /// What the authorizer's function says.
    pub fn verdict(&self, row: &Row) -> String {
        let says_no = ["denies", "deny", "says no", "refuses"];
        let words = self.authorizer.as_ref().map_or("", |authorizer| &authorizer.words);
        let context = &row.recorded("event")["requestContext"]["authorizer"]["lambda"];
        json!({
            "isAuthorized": !says_no.iter().any(|no| words.contains(no)),
            "context": context.as_object().cloned().unwrap_or_default(),
        })
        .to_string()
    }

    /// The request as it is sent. Words of the row name what it leaves out: a token, a header.
    pub fn request(&self, row: &Row) -> Request {
        let given = row.given("request");
        let mut headers: Vec<(String, String)> = given["headers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|pair| {
                (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned())
            })
            .collect();
        if let Some(authorizer) = &self.authorizer {
            authorizer.complete(row, &mut headers);
        }
        let body = match (given["body"].as_str(), given["bodyBytes"].as_u64()) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(bytes)) => vec![b'x'; usize::try_from(bytes).unwrap()],
            (None, None) => given["bodyBase64"].as_str().map_or_else(Vec::new, |body| {
                use base64::Engine;
                base64::engine::general_purpose::STANDARD.decode(body).unwrap()
            }),
        };
        Request {
            method: given["method"].as_str().unwrap().to_owned(),
            target: given["target"].as_str().unwrap().to_owned(),
            headers,
            body,
        }
    }
}

/// The routes of a row. Where the source names none, one takes the request: `$default`, or for an
/// `OPTIONS` request that the gateway answers, one of the method that it asks for.
fn routes(row: &Row) -> Vec<String> {
    let given: Vec<String> =
        serde_json::from_value(row.given("routes").clone()).unwrap_or_default();
    if !row.given("routes").is_null() {
        given
    } else if row.given("request")["method"] == "OPTIONS" {
        vec!["GET /{proxy+}".into()]
    } else if row.status() == Some(404) && row.given("answer").is_null() {
        vec!["GET /another/path".into()]
    } else {
        vec!["$default".into()]
    }
}

fn script(folder: &Path, function: &str) -> Value {
    json!({ "Variables": { "SCRIPT": folder.join(function) } })
}

impl Fault {
    fn of(words: &str) -> Self {
        let words = words.to_lowercase();
        let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
        if words.is_empty() {
            Self::None
        } else if says(&["throttle", "concurrency"]) {
            Self::Throttled
        } else if says(&["permission"]) {
            Self::NotPermitted
        } else if says(&["longer", "slow", "time out", "times out", "timeout"]) {
            Self::Slow
        } else if says(&["format"]) {
            Self::WrongFormat
        } else if says(&["crash", "exit", "killed", "memory"]) {
            Self::Crashes
        } else {
            // It throws, or its runtime reports that there is no handler: the same to the gateway.
            Self::Throws
        }
    }
}

impl Authorizer {
    fn of(row: &Row, request: &Value) -> Option<Self> {
        let context = &row.recorded("event")["requestContext"]["authorizer"];
        let words = match row.given("authorizer").as_str() {
            Some(words) => words.to_owned(),
            None if context["lambda"].is_object() => "Lambda".into(),
            None if context["jwt"].is_object() => "JWT".into(),
            None => return None,
        };
        let is_jwt = words.starts_with("JWT");
        let clause = |names: &[&str]| {
            words.split(';').find_map(|clause| {
                let clause = clause.trim();
                names.iter().find_map(|name| clause.split_once(name).map(|(_, rest)| rest.trim()))
            })
        };
        let scopes = clause(&["route's scopes:", "route's scope:"]).map_or_else(Vec::new, list);
        let headers: Vec<_> = request["headers"].as_array().into_iter().flatten().collect();
        let sources = if words.contains("two headers") {
            TWO_HEADERS.map(|name| format!("$request.header.{name}")).into()
        } else if words.contains('$') {
            let sources = words.split([' ', ',', ';']).filter(|word| word.starts_with("$re"));
            sources.map(str::to_owned).collect()
        } else {
            let first = headers.first().and_then(|header| header[0].as_str());
            first.map(|name| format!("$request.header.{name}")).into_iter().collect()
        };
        let route =
            words.split_once(" on ").map(|(_, rest)| rest.split(';').next().unwrap_or(rest));
        let route = route.map(|route| route.trim().to_owned());
        Some(Self {
            is_jwt,
            scopes,
            sources,
            route: route.filter(|route| row.given("routes").to_string().contains(route.as_str())),
            words,
        })
    }

    fn resource(&self) -> Value {
        let mut properties = json!({ "ApiId": { "Ref": "Api" }, "Name": "authorizer" });
        if self.is_jwt {
            properties["AuthorizerType"] = json!("JWT");
            properties["IdentitySource"] = json!(["$request.header.Authorization"]);
            properties["JwtConfiguration"] =
                json!({ "Issuer": issuer().url, "Audience": [AUDIENCE] });
        } else {
            properties["AuthorizerType"] = json!("REQUEST");
            properties["AuthorizerPayloadFormatVersion"] = json!("2.0");
            properties["EnableSimpleResponses"] = json!(true);
            properties["IdentitySource"] = json!(self.sources);
            properties["AuthorizerUri"] = json!({ "Fn::Join": ["", [
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/",
                { "Fn::GetAtt": ["AuthorizerFunction", "Arn"] },
                "/invocations",
            ]] });
        }
        json!({ "Type": "AWS::ApiGatewayV2::Authorizer", "Properties": properties })
    }

    /// Adds what the words say that the request has, and puts a token in the place of its name.
    fn complete(&self, row: &Row, headers: &mut Vec<(String, String)>) {
        if self.words.contains("one sent") && headers.is_empty() {
            headers.push((TWO_HEADERS[0].into(), "sent".into()));
        }
        if !self.is_jwt || self.words.contains("no token") {
            return;
        }
        let authorization =
            headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        match authorization {
            Some((_, value)) => *value = value.replace("TOKEN", &self.token()),
            None if row.is_invoked() || self.words.contains("the token") => {
                headers.push(("Authorization".into(), format!("Bearer {}", self.token())));
            }
            None => {}
        }
    }

    /// The token that the words describe; a valid one unless they say otherwise.
    fn token(&self) -> String {
        let issuer = issuer();
        let mut claims = issuer.claims();
        let says = |any: &[&str]| any.iter().any(|word| self.words.to_lowercase().contains(word));
        for clause in self.words.split(';').map(str::trim) {
            if let Some((_, claim)) = clause.split_once("the token has the claim ") {
                let (name, value) = claim.split_once(':').unwrap_or((claim, ""));
                claims[name.trim()] = claim_of(value.trim());
            } else if let Some(scopes) = clause
                .strip_prefix("the token has the scopes")
                .or_else(|| clause.strip_prefix("the token has the scope"))
                .or_else(|| clause.strip_prefix("the token's scopes:"))
            {
                claims["scope"] = list(scopes.trim_start_matches(':')).join(" ").into();
            }
        }
        if says(&["the token has both", "the token has one", "the token has all"]) {
            let number = if says(&["has one"]) { 1 } else { self.scopes.len() };
            claims["scope"] = self.scopes[..number].join(" ").into();
        }
        if says(&["audience is another", "another audience"]) {
            claims["aud"] = json!("another");
        }
        if says(&["client_id"]) {
            claims["client_id"] = claims["aud"].take();
            claims.as_object_mut().unwrap().remove("aud");
        }
        if says(&["issuer is another", "another issuer"]) {
            claims["iss"] = json!("http://issuer.example");
        }
        if says(&["expired"]) {
            claims["exp"] = json!(now() - 60);
        }
        if says(&["not yet valid", "not valid yet"]) {
            claims["nbf"] = json!(now() + 3_600);
        }
        if says(&["hs256", "hmac"]) {
            key().sign_with_public_key(&claims)
        } else if says(&["alg none", "algorithm none", "unsigned"]) {
            format!("{}.", message(&json!({ "alg": "none" }), &claims))
        } else if says(&["another key", "signature"]) {
            strange_key().sign(&claims)
        } else if says(&["unknown kid", "unknown key"]) {
            key().sign_as(&json!({ "alg": "RS256", "kid": "unknown" }), &claims)
        } else if says(&["no jwt", "not a jwt", "not a token", "malformed", "garbage"]) {
            "not-a-token".into()
        } else {
            key().sign(&claims)
        }
    }
}

const TWO_HEADERS: [&str; 2] = ["X-First", "X-Second"];

fn list(words: &str) -> Vec<String> {
    let words = words.trim().trim_start_matches('[').trim_end_matches(']');
    let words = words.split([',', ' ']).filter(|word| !word.is_empty() && *word != "and");
    words.map(str::to_owned).collect()
}

/// `[admin, poweruser]` is a list, `7` a number, anything else a text.
fn claim_of(words: &str) -> Value {
    if words.starts_with('[') {
        return list(words).into();
    }
    serde_json::from_str(words).unwrap_or_else(|_| words.into())
}
