//! Who may call a route: JWT authorizers (API Gateway Developer Guide, "Control access to HTTP APIs
//! with JWT authorizers") and Lambda authorizers ("Control access to HTTP APIs with AWS Lambda
//! authorizers"). The answers are rows `jwt-*` and `lambda-authorizer-*`.

use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::RSA_PSS_SHA512;
use reqwest::Response;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{TestStack, own, raw};
use crate::issuer::{AUDIENCE, Issuer, Key, key, message, now, strange_key};
use crate::runner::{Runner, assemble_program, template};

const SCOPE: &str = "events/write";
const ORIGIN: &str = "https://app.example.com";

/// A stack whose route `POST /{name}` takes tokens of the issuer with the scope. `GET /open` takes
/// everybody.
fn guarded(issuer: &Issuer) -> TestStack {
    TestStack::start(|template| {
        let resources = template["Resources"].as_object_mut().unwrap();
        let mut open = resources["Route"].clone();
        open["Properties"]["RouteKey"] = json!("GET /open");
        resources.insert("Open".into(), open);
        let route = &mut resources["Route"]["Properties"];
        route["RouteKey"] = json!("POST /{name}");
        route["AuthorizationType"] = json!("JWT");
        route["AuthorizerId"] = json!({ "Ref": "Authorizer" });
        route["AuthorizationScopes"] = json!([SCOPE]);
        resources.insert(
            "Authorizer".into(),
            json!({
                "Type": "AWS::ApiGatewayV2::Authorizer",
                "Properties": {
                    "ApiId": { "Ref": "Api" },
                    "AuthorizerType": "JWT",
                    "IdentitySource": ["$request.header.Authorization"],
                    "JwtConfiguration": { "Issuer": issuer.url, "Audience": [AUDIENCE] },
                },
            }),
        );
        resources["Api"]["Properties"]["CorsConfiguration"] =
            json!({ "AllowOrigins": [ORIGIN], "AllowMethods": ["POST"] });
    })
}

/// Claims of a token that the route takes, changed.
fn claims(issuer: &Issuer, change: &Value) -> Value {
    let mut with_scope = json!({ "scope": format!("openid {SCOPE}") });
    with_scope.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    issuer.claims_with(&with_scope)
}

async fn send(stack: &TestStack, token: &str) -> Response {
    let request = stack.http.post(format!("{}/echo", stack.runner.api()));
    request.header("authorization", format!("Bearer {token}")).send().await.unwrap()
}

async fn status(stack: &TestStack, token: &str) -> u16 {
    send(stack, token).await.status().as_u16()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of tokens")]
async fn a_token_passes_only_if_all_of_it_is_right() {
    let issuer = Issuer::start(&[key()]);
    let stack = guarded(&issuer);
    let (key, later) = (key(), now() + 3_600);
    let with = |change: Value| key.sign(&claims(&issuer, &change));
    let valid = claims(&issuer, &json!({}));
    let header = json!({ "alg": "RS256", "kid": key.id });
    for (what, token, expected) in [
        ("valid", with(json!({})), 200),
        (
            "PS512",
            {
                let header = json!({ "alg": "PS512", "kid": "no-alg" });
                let token = key.sign_with(&RSA_PSS_SHA512, &header, &valid);
                issuer.publish_also(key, "no-alg");
                token
            },
            200,
        ),
        ("several audiences", with(json!({ "aud": ["other", AUDIENCE] })), 200),
        ("client_id", with(json!({ "aud": null, "client_id": AUDIENCE })), 200),
        ("scp", with(json!({ "scope": null, "scp": [SCOPE] })), 200),
        ("no scope, as in an ID token", with(json!({ "scope": null })), 403),
        ("another scope", with(json!({ "scope": "events/read events/writer" })), 403),
        ("another audience", with(json!({ "aud": "other" })), 401),
        (
            "client_id beside another audience",
            with(json!({ "aud": "other", "client_id": AUDIENCE })),
            401,
        ),
        ("no audience", with(json!({ "aud": null })), 401),
        ("an audience that is a number", with(json!({ "aud": 7, "client_id": AUDIENCE })), 401),
        ("another issuer", with(json!({ "iss": "http://issuer.example" })), 401),
        ("no issuer", with(json!({ "iss": null })), 401),
        ("expired", with(json!({ "exp": now() - 1 })), 401),
        ("without end", with(json!({ "exp": null })), 401),
        ("an end that is text", with(json!({ "exp": later.to_string() })), 401),
        ("not yet valid", with(json!({ "nbf": later })), 401),
        ("issued later", with(json!({ "iat": later })), 401),
        (
            "unsigned",
            format!("{}.", message(&json!({ "alg": "none", "kid": key.id }), &valid)),
            401,
        ),
        ("NONE", format!("{}.", message(&json!({ "alg": "NONE", "kid": key.id }), &valid)), 401),
        ("HS256 with the public key", key.sign_with_public_key(&valid), 401),
        (
            "HS256 over an RSA signature",
            key.sign_as(&json!({ "alg": "HS256", "kid": key.id }), &valid),
            401,
        ),
        ("ES256", key.sign_as(&json!({ "alg": "ES256", "kid": key.id }), &valid), 401),
        (
            "RS512 over a signature of RS256",
            key.sign_as(&json!({ "alg": "RS512", "kid": key.id }), &valid),
            401,
        ),
        ("another key", strange_key().sign(&valid), 401),
        (
            "a key in the header",
            {
                let header =
                    json!({ "alg": "RS256", "kid": key.id, "jwk": strange_key().public() });
                strange_key().sign_as(&header, &valid)
            },
            401,
        ),
        ("an unknown key", key.sign_as(&json!({ "alg": "RS256", "kid": "unknown" }), &valid), 401),
        ("no key", key.sign_as(&json!({ "alg": "RS256" }), &valid), 401),
        (
            "critical extensions",
            key.sign_as(&json!({ "alg": "RS256", "kid": key.id, "crit": ["x"] }), &valid),
            401,
        ),
        (
            "other claims",
            {
                let signature = key.sign(&issuer.claims());
                let signature = signature.rsplit('.').next().unwrap();
                format!("{}.{signature}", message(&header, &valid))
            },
            401,
        ),
        ("claims that are a list", key.sign(&json!([1])), 401),
        ("no signature", message(&header, &valid), 401),
        ("no token", "x".into(), 401),
        ("dots", "..".into(), 401),
        ("as long as a request may be", "x".repeat(9_000), 401),
        ("longer than a request may be", "x".repeat(11_000), 431),
    ] {
        let response = send(&stack, &token).await;
        assert_eq!(response.status(), expected, "{what}");
        let challenge = response.headers().get("www-authenticate");
        assert_eq!(challenge.is_some(), matches!(expected, 401 | 403), "{what}");
        if expected == 401 {
            let challenge = challenge.unwrap().to_str().unwrap();
            assert!(challenge.starts_with("Bearer scope=\"events/write\" error=\"invalid_token\""));
            assert_eq!(response.text().await.unwrap(), own(401, "Unauthorized").1);
        }
    }
    // A megabyte of token is more than the server reads at all.
    let request =
        [b"POST /echo HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ", &vec![b'x'; 1 << 20][..]];
    assert_eq!(raw(&stack, &[&request.concat()[..], b"\r\n\r\n"].concat()).0, 431);
}

/// "The identity source can include only the token, or the token prefixed with `Bearer`." Without a
/// value: row jwt-missing. Two headers are one value with a comma.
#[tokio::test]
async fn the_identity_source_is_one_header() {
    let issuer = Issuer::start(&[key()]);
    let stack = guarded(&issuer);
    let token = key().sign(&claims(&issuer, &json!({})));
    for (values, expected, challenge) in [
        (vec![token.clone()], 200, ""),
        (vec![format!("bearer {token}")], 200, ""),
        (
            vec![format!("Basic {token}")],
            401,
            "Bearer scope=\"events/write\" error=\"invalid_token\"",
        ),
        (
            vec![format!("Bearer {token}"); 2],
            401,
            "Bearer scope=\"events/write\" error=\"invalid_token\"",
        ),
        (vec![String::new()], 401, "Bearer"),
        (vec![], 401, "Bearer"),
    ] {
        let mut request = stack.http.post(format!("{}/echo", stack.runner.api()));
        for value in &values {
            request = request.header("authorization", value);
        }
        let response = request.header("origin", ORIGIN).send().await.unwrap();
        assert_eq!(response.status(), expected, "{values:?}");
        assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
        if expected == 401 {
            let said = response.headers()["www-authenticate"].to_str().unwrap();
            assert!(said.starts_with(challenge) && (said == "Bearer") == (challenge == "Bearer"));
        }
    }
    // Neither a preflight nor a route without an authorizer asks for a token.
    let preflight =
        stack.http.request(reqwest::Method::OPTIONS, format!("{}/echo", stack.runner.api()));
    let preflight =
        preflight.header("origin", ORIGIN).header("access-control-request-method", "POST");
    assert_eq!(preflight.send().await.unwrap().status(), 204);
    assert_eq!(stack.call(reqwest::Method::GET, "/open", "").await.status(), 200);
}

/// Claims come as text (row jwt-array-claim); the scopes are those of the token.
#[tokio::test]
async fn the_function_sees_verified_claims() {
    let issuer = Issuer::start(&[key()]);
    let stack = guarded(&issuer);
    let change = json!({ "exp": now() + 60, "admin": true, "groups": ["a", 1] });
    let claims = claims(&issuer, &change);
    let response = send(&stack, &key().sign(&claims)).await.bytes().await.unwrap();
    let payload = serde_json::from_slice::<Value>(&response).unwrap()["payload"].take();
    let jwt = &payload["requestContext"]["authorizer"]["jwt"];
    assert_eq!(jwt["scopes"], json!(["openid", SCOPE]));
    assert_eq!(jwt["claims"]["sub"], "tester");
    assert_eq!(jwt["claims"]["exp"], claims["exp"].to_string());
    assert_eq!(jwt["claims"]["admin"], "true");
    assert_eq!(jwt["claims"]["groups"], "[a 1]");
}

/// "API Gateway can cache the public key for two hours." An unknown key has the keys read again, but
/// made-up ones do not hammer the issuer. Tokens pass while the issuer is gone.
#[tokio::test]
async fn keys_are_cached_and_read_again_for_an_unknown_one() {
    let issuer = Issuer::start(&[key()]);
    let stack = guarded(&issuer);
    let claims = claims(&issuer, &json!({}));
    let token = key().sign(&claims);
    for _ in 0..5 {
        assert_eq!(status(&stack, &token).await, 200);
    }
    assert_eq!(issuer.reads(), 1);

    let next = Key::new("key-2");
    issuer.publish(&[key(), &next]);
    assert_eq!(status(&stack, &next.sign(&claims)).await, 200, "a new key");
    assert_eq!(issuer.reads(), 2);

    for number in 0..50 {
        let header = json!({ "alg": "RS256", "kid": format!("made-up-{number}") });
        assert_eq!(status(&stack, &key().sign_as(&header, &claims)).await, 401);
    }
    assert!(issuer.reads() <= 6, "{} reads", issuer.reads());

    issuer.leave();
    for token in [&token, &next.sign(&claims)] {
        assert_eq!(status(&stack, token).await, 200, "the issuer is gone");
    }
}

/// An issuer that cannot be reached, or says what is no key set, is a 401 and not a hang.
#[tokio::test]
async fn without_keys_no_token_passes() {
    let issuer = Issuer::start(&[]);
    let stack = guarded(&issuer);
    let token = key().sign(&claims(&issuer, &json!({})));
    assert_eq!(status(&stack, &token).await, 401);
    issuer.leave();
    let start = Instant::now();
    for _ in 0..10 {
        assert_eq!(status(&stack, &token).await, 401);
    }
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// A stack with a Lambda authorizer before its one route, `POST /{name}`.
struct Asked {
    runner: Runner,
    folder: TempDir,
}

impl Asked {
    fn start(properties: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut template = template();
        let resources = template["Resources"].as_object_mut().unwrap();
        let mut authorizer = json!({
            "ApiId": { "Ref": "Api" },
            "AuthorizerType": "REQUEST",
            "AuthorizerPayloadFormatVersion": "2.0",
            "AuthorizerUri": { "Fn::Join": ["", [
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/",
                { "Fn::GetAtt": ["Asked", "Arn"] },
                "/invocations",
            ]] },
            "IdentitySource": ["$request.header.X-Token", "$request.querystring.room"],
        });
        for (name, property) in properties.as_object().unwrap() {
            authorizer[name] = property.clone();
        }
        let mut function = resources["Function"].clone();
        let script = |name: &str| json!({ "Variables": { "SCRIPT": folder.path().join(name) } });
        function["Properties"]["Environment"] = script("authorizer");
        resources.insert("Asked".into(), function);
        resources["Function"]["Properties"]["Environment"] = script("function");
        let kind = "AWS::ApiGatewayV2::Authorizer";
        resources.insert("Authorizer".into(), json!({ "Type": kind, "Properties": authorizer }));
        let route = &mut resources["Route"]["Properties"];
        route["RouteKey"] = json!("POST /{name}");
        route["AuthorizationType"] = json!("CUSTOM");
        route["AuthorizerId"] = json!({ "Ref": "Authorizer" });
        let program = Path::new(env!("CARGO_BIN_EXE_test-function"));
        assemble_program(folder.path(), &template, program);
        let asked = Self { runner: Runner::start(folder.path(), &["--memory"]), folder };
        asked.write("function.answer", r#"{"statusCode":200}"#);
        asked
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// What a function got since the last look.
    fn take(&self, name: &str) -> Option<Value> {
        let path = self.folder.path().join(name);
        let event = std::fs::read(&path).ok()?;
        std::fs::remove_file(path).unwrap();
        Some(serde_json::from_slice(&event).unwrap())
    }

    async fn send(&self, target: &str, token: Option<&str>) -> u16 {
        let mut request =
            reqwest::Client::new().post(format!("{}{target}", self.runner.api())).body("secret");
        if let Some(token) = token {
            request = request.header("x-token", token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers().get("www-authenticate"), None);
        response.status().as_u16()
    }
}

#[tokio::test]
async fn a_lambda_authorizer_is_asked_and_its_answer_kept() {
    let stack = Asked::start(&json!({
        "EnableSimpleResponses": true,
        "AuthorizerResultTtlInSeconds": 300,
    }));
    stack.write("authorizer.answer", r#"{"isAuthorized":true,"context":{"who":"me"}}"#);
    assert_eq!(stack.send("/a?room=1", Some("t")).await, 200);
    let event = stack.take("authorizer.event").unwrap();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["type"], "REQUEST");
    assert_eq!(event["routeKey"], "POST /{name}");
    assert_eq!(event["identitySource"], json!(["t", "1"]));
    assert_eq!(
        event["routeArn"],
        "arn:aws:execute-api:us-east-1:000000000000:test-Api/$default/POST/a"
    );
    assert_eq!((event.get("body"), event.get("isBase64Encoded")), (None, None));
    let event = stack.take("function.event").unwrap();
    assert_eq!(event["requestContext"]["authorizer"], json!({ "lambda": { "who": "me" } }));

    stack.write("authorizer.answer", r#"{"isAuthorized":false}"#);
    assert_eq!(stack.send("/b?room=1", Some("t")).await, 200, "its answer is kept");
    assert_eq!(stack.take("authorizer.event"), None);
    assert!(stack.take("function.event").is_some());
    assert_eq!(stack.send("/b?room=2", Some("t")).await, 403, "another identity");
    assert!(stack.take("authorizer.event").is_some());
    for (target, token) in [("/b", Some("t")), ("/b?room=", Some("t")), ("/b?room=1", None)] {
        assert_eq!(stack.send(target, token).await, 401, "{target}");
        assert_eq!(stack.take("authorizer.event"), None);
    }
    assert_eq!(stack.take("function.event"), None);
}

/// An authorizer may return an IAM policy. "If the authorizer fails, or its answer has an invalid
/// format, clients get a 500" (the same guide, "Troubleshooting").
#[tokio::test]
async fn a_lambda_authorizer_may_return_a_policy_or_fail() {
    let stack = Asked::start(&json!({ "IdentitySource": [] }));
    let policy = |statements: Value| {
        json!({ "principalId": "me", "policyDocument": { "Statement": statements } }).to_string()
    };
    let statement = |effect: &str, resource: &str| json!({ "Effect": effect, "Action": "execute-api:Invoke", "Resource": resource });
    for (answer, expected) in [
        (policy(json!([statement("Allow", "*")])), 200),
        (policy(statement("Allow", "arn:aws:execute-api:*:*:*/$default/POST/a")), 200),
        (policy(json!([statement("Allow", "arn:aws:execute-api:*/GET/*")])), 403),
        (policy(json!([statement("Allow", "*"), statement("Deny", "*/a")])), 403),
        (policy(json!([])), 403),
        (r#"{"isAuthorized":true}"#.into(), 500),
        ("not JSON".into(), 500),
        ("!error".into(), 500),
    ] {
        stack.write("authorizer.answer", &answer);
        assert_eq!(stack.send("/a", None).await, expected, "{answer}");
        assert_eq!(stack.take("function.event").is_some(), expected == 200);
    }
}
