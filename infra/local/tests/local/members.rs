//! Who may do what in a stage with sign-in: the synthesized stack with the real functions, and
//! tokens that must not pass. The answers are rows `jwt-*` of `recorded-answers.json`; the CORS
//! headers on them are row `cors-on-gateways-401`.

use std::fs;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::issuer::{Issuer, Key, key, message, now, strange_key};
use crate::runner::{Runner, assembly, changed};

/// The page's origin in a stack whose port is 0.
const ORIGIN: &str = "http://localhost:0";
/// The API, as `cargo xtask test` names it to the stage.
const AUDIENCE: &str = "http://localhost:0";
const FOREIGN: &str = "https://elsewhere.example";
const READ: &str = "events/read";
const WRITE: &str = "events/write";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A run of the stack whose tokens come from an issuer of the test's own.
struct Stack {
    runner: Runner,
    issuer: Issuer,
    http: Client,
    folder: TempDir,
}

/// A call, and what it needs in a stage of `members`.
struct Call {
    method: Method,
    target: String,
    body: Option<Value>,
    scope: &'static str,
}

impl Stack {
    fn members_write() -> Self {
        Self::start("EVENTS_ASSEMBLY_MEMBERS_WRITE")
    }

    fn members() -> Self {
        Self::start("EVENTS_ASSEMBLY_MEMBERS")
    }

    fn start(variable: &str) -> Self {
        let issuer = Issuer::start(&[key()]);
        let folder = changed(&assembly(variable), |template| {
            let resources = template["Resources"].as_object_mut().unwrap().values_mut();
            let mut authorizers =
                resources.filter(|it| it["Type"] == "AWS::ApiGatewayV2::Authorizer");
            let authorizer = authorizers.next().unwrap();
            // Its audience stays what the stage says.
            authorizer["Properties"]["JwtConfiguration"]["Issuer"] = json!(issuer.url);
            assert!(authorizers.next().is_none());
        });
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let runner = Runner::start_with_log(folder.path(), &["--memory", "--no-site"], log);
        Self { runner, issuer, http: Client::new(), folder }
    }

    /// A token that may do all, with changed claims.
    fn token(&self, change: &Value) -> String {
        key().sign(&self.claims(change))
    }

    fn claims(&self, change: &Value) -> Value {
        let mut all = json!({ "aud": AUDIENCE, "scope": format!("{READ} {WRITE}") });
        all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.issuer.claims_with(&all)
    }

    async fn send(&self, call: &Call, origin: &str, authorization: &[String]) -> Response {
        let url = format!("{}{}", self.runner.api(), call.target);
        let mut request = self.http.request(call.method.clone(), url).header("origin", origin);
        if let Some(body) = &call.body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        for value in authorization {
            request = request.header("authorization", value);
        }
        request.send().await.unwrap()
    }

    /// Creates an event with a good token; gives its id.
    async fn create(&self) -> String {
        let token = format!("Bearer {}", self.token(&json!({})));
        let response = self.send(&create(), ORIGIN, &[token]).await;
        assert_eq!(response.status(), 201);
        body(response).await["id"].as_str().unwrap().to_owned()
    }

    /// The names of the events that are stored.
    async fn stored(&self) -> Vec<Value> {
        let token = format!("Bearer {}", self.token(&json!({})));
        let response = self.send(&list(), ORIGIN, &[token]).await;
        assert_eq!(response.status(), 200);
        let mut events = body(response).await;
        events.as_array_mut().unwrap().iter_mut().map(|event| event["id"].take()).collect()
    }

    /// What was logged of requests: method and path, and what answered them.
    fn answered(&self) -> Vec<(String, String)> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        let request = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            let at = words.iter().position(|word| ["GET", "POST", "DELETE"].contains(word))?;
            Some((words[at..].get(..2)?.join(" "), (*words.get(at + 3)?).to_owned()))
        };
        log.lines().filter(|line| !line.starts_with('[')).filter_map(request).collect()
    }

    /// What functions logged, with their names.
    fn logged(&self) -> Vec<(String, Value)> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        let line = |line: &str| {
            let (name, json) = line.strip_prefix('[')?.split_once("] ")?;
            Some((name.to_owned(), serde_json::from_str(json).unwrap()))
        };
        log.lines().filter_map(line).collect()
    }
}

fn create() -> Call {
    let body = Some(json!({ "name": "Choir", "date": "2026-06-15" }));
    Call { method: Method::POST, target: "/events".into(), body, scope: WRITE }
}

fn delete(id: &str) -> Call {
    let target = format!("/events/{id}");
    Call { method: Method::DELETE, target, body: None, scope: WRITE }
}

fn list() -> Call {
    Call { method: Method::GET, target: "/events".into(), body: None, scope: READ }
}

fn get(id: &str) -> Call {
    Call { method: Method::GET, target: format!("/events/{id}"), body: None, scope: READ }
}

async fn body(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// The headers that CORS has to do with.
fn cors(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let is_cors =
        |name: &HeaderName| name.as_str().starts_with("access-control-") || name == "vary";
    let mut cors: Vec<_> = headers
        .iter()
        .filter(|(name, _)| is_cors(name))
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    cors.sort_unstable();
    cors
}

/// What the gateway says of CORS to the page on any answer.
const CORS: [(&str, &str); 3] = [
    ("access-control-allow-origin", ORIGIN),
    ("access-control-expose-headers", "link,location,idempotency-replayed,retry-after"),
    ("vary", "origin"),
];

/// An attack: the values of `Authorization`, the status, and what `www-authenticate` says: the error
/// with its description, nothing but the scheme (`""`), or `None` for no such header.
struct Attack {
    what: &'static str,
    authorization: Vec<String>,
    status: u16,
    challenge: Option<&'static str>,
}

impl Attack {
    /// A token that is refused, with the gateway's description.
    fn token(what: &'static str, token: &str, why: &'static str) -> Self {
        Self::values(what, vec![format!("Bearer {token}")], why)
    }

    fn values(what: &'static str, authorization: Vec<String>, why: &'static str) -> Self {
        Self { what, authorization, status: 401, challenge: Some(why) }
    }

    /// A token whose scopes are too few.
    fn scopes(what: &'static str, token: &str) -> Self {
        let authorization = vec![format!("Bearer {token}")];
        Self { what, authorization, status: 403, challenge: None }
    }
}

/// Whatever somebody may try who has no token of the stage's issuer with the right scope.
fn attacks(stack: &Stack, foreign: &Issuer, needed: &str) -> Vec<Attack> {
    let (key, later) = (key(), now() + 3_600);
    let good = stack.claims(&json!({}));
    let with = |change: Value| stack.token(&change);
    let unsigned =
        |alg: &str| format!("{}.", message(&json!({ "alg": alg, "kid": key.id }), &good));
    let bearer = |token: &str| format!("Bearer {token}");
    let other = if needed == WRITE { READ } else { WRITE };
    let of_foreign_issuer = {
        let change = json!({ "aud": AUDIENCE, "scope": good["scope"] });
        foreign.claims_with(&change)
    };
    let foreign_key = Key::new("key-2");
    foreign.publish(&[&foreign_key]);
    let changed_claims = {
        let signed = key.sign(&stack.claims(&json!({ "scope": other })));
        let signature = signed.rsplit('.').next().unwrap().to_owned();
        format!("{}.{signature}", message(&json!({ "alg": "RS256", "kid": key.id }), &good))
    };
    vec![
        Attack::values("no token", vec![], ""),
        Attack::values(
            "`Bearer` alone",
            vec!["Bearer".into()],
            "token contains an invalid number of segments",
        ),
        Attack::values(
            "two headers, each with a good token",
            vec![bearer(&key.sign(&good)); 2],
            "token contains an invalid number of segments",
        ),
        Attack::values(
            "another scheme",
            vec![format!("Basic {}", key.sign(&good))],
            "the token's header cannot be read",
        ),
        Attack::token("alg none", &unsigned("none"), "the token's header cannot be read"),
        Attack::token("alg None", &unsigned("None"), "the token's header cannot be read"),
        Attack::token(
            "HS256 with the bytes of the public key",
            &key.sign_with_public_key(&good),
            "the token's signing method is not supported",
        ),
        Attack::token(
            "another key under the right id",
            &strange_key().sign(&good),
            "the token's signature is invalid",
        ),
        Attack::token(
            "claims of another token",
            &changed_claims,
            "the token's signature is invalid",
        ),
        Attack::token(
            "an unknown key",
            &key.sign_as(&json!({ "alg": "RS256", "kid": "unknown" }), &good),
            "the token's key is not known",
        ),
        Attack::token(
            "a token of a foreign issuer",
            &foreign_key.sign(&of_foreign_issuer),
            "the token's key is not known",
        ),
        Attack::token(
            "a foreign issuer, signed by the right key",
            &with(json!({ "iss": foreign.url })),
            "the token does not have a valid issuer",
        ),
        Attack::token(
            "a foreign audience",
            &with(json!({ "aud": "https://api.elsewhere.example" })),
            "the token does not have a valid audience",
        ),
        Attack::token(
            "an ID token: its audience is the client",
            &with(json!({ "aud": "page", "scope": null })),
            "the token does not have a valid audience",
        ),
        Attack::scopes("an ID token with the right audience", &with(json!({ "scope": null }))),
        Attack::scopes("too few scopes", &with(json!({ "scope": format!("openid {other}") }))),
        Attack::token("expired", &with(json!({ "exp": now() - 1 })), "the token has expired"),
        Attack::token("without end", &with(json!({ "exp": null })), "the token has expired"),
        Attack::token(
            "not yet valid",
            &with(json!({ "nbf": later })),
            "the token is not valid yet",
        ),
        // "Total combined size of request line and header values" (Developer Guide, quotas); the
        // status is inferred.
        Attack {
            what: "more than a request may have",
            authorization: vec![bearer(&"x".repeat(10_240))],
            status: 431,
            challenge: None,
        },
    ]
}

/// Sends every attack to the guarded calls, from the page and from elsewhere.
async fn refuses_all_attacks(stack: &Stack, guarded: impl Fn(&str) -> Vec<Call>) {
    let foreign = Issuer::start(&[]);
    let id = stack.create().await;
    let calls = guarded(&id);
    let mut expected = stack.answered();
    for call in &calls {
        for Attack { what, authorization, status, challenge } in
            attacks(stack, &foreign, call.scope)
        {
            let scope = call.scope;
            let challenge = match (status, challenge) {
                (401, Some("")) => Some("Bearer".to_owned()),
                (401, Some(why)) => Some(format!(
                    "Bearer scope=\"{scope}\" error=\"invalid_token\" error_description=\"{why}\""
                )),
                (403, _) => Some(format!(
                    "Bearer scope=\"{scope}\" error=\"insufficient_scope\" \
                     error_description=\"expected scopes: [{scope}]\""
                )),
                _ => None,
            };
            let message = match status {
                401 => "Unauthorized",
                403 => "Forbidden",
                _ => "Request Header Fields Too Large",
            };
            for (origin, expected_cors) in [(ORIGIN, &CORS[..]), (FOREIGN, &[])] {
                let what = format!("{} {} {what} from {origin}", call.method, call.target);
                let response = stack.send(call, origin, &authorization).await;
                assert_eq!(response.status(), status, "{what}");
                let headers = response.headers().clone();
                let said = headers.get("www-authenticate").map(|value| value.to_str().unwrap());
                assert_eq!(said, challenge.as_deref(), "{what}");
                assert_eq!(headers["content-type"], "application/json", "{what}");
                assert_eq!(cors(&headers), expected_cors, "{what}");
                assert_eq!(body(response).await, json!({ "message": message }), "{what}");
                expected.push((format!("{} {}", call.method, call.target), "gateway".into()));
            }
        }
    }
    assert_eq!(stack.answered(), expected, "no function was called");
    assert_eq!(stack.stored().await, [json!(id)], "nothing was created or deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_attack_creates_or_deletes_where_members_write() {
    let stack = Stack::members_write();
    refuses_all_attacks(&stack, |id| vec![create(), delete(id)]).await;
    // Everybody reads, whatever they send along.
    let id = stack.create().await;
    for call in [list(), get(&id)] {
        for authorization in [vec![], vec!["Bearer x.y.z".to_owned()]] {
            assert_eq!(stack.send(&call, FOREIGN, &authorization).await.status(), 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_attack_reads_or_writes_where_members_do_both() {
    let stack = Stack::members();
    let guarded = |id: &str| vec![create(), delete(id), list(), get(id)];
    refuses_all_attacks(&stack, guarded).await;
}

/// More than the server reads at all: no gateway answers it, and no function sees it.
#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_of_token_is_refused() {
    use std::io::{Read, Write};
    let stack = Stack::members_write();
    let authority = stack.runner.api().strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(authority).unwrap();
    let head = b"POST /events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ";
    // It may refuse before it has read all.
    let _ = stream.write_all(&[&head[..], &vec![b'x'; 1 << 20], b"\r\n\r\n"].concat());
    let mut response = [0; 12];
    stream.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"HTTP/1.1 431");
    assert_eq!(stack.answered(), []);
    assert_eq!(stack.stored().await, [] as [Value; 0]);
}

/// A right token passes, however its scheme is spelled, and functions log whose it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_creates_and_deletes_and_the_functions_log_who() {
    for stack in [Stack::members_write(), Stack::members()] {
        let change = json!({ "sub": "ada-1", "email": "ada@example.org" });
        let token = [format!("bearer {}", stack.token(&change))];
        let response = stack.send(&create(), ORIGIN, &token).await;
        assert_eq!(response.status(), 201);
        assert_eq!(cors(response.headers()), CORS);
        let id = body(response).await["id"].as_str().unwrap().to_owned();
        let response = stack.send(&get(&id), ORIGIN, &token).await;
        assert_eq!(response.status(), 200);
        for status in [204, 404] {
            let response = stack.send(&delete(&id), ORIGIN, &token).await;
            assert_eq!(response.status(), status);
        }
        let logged = stack.logged();
        let expected = [("create-event", "event created"), ("delete-event", "event deleted")];
        assert_eq!(logged.len(), expected.len(), "{logged:?}");
        for ((function, mut line), (expected, message)) in logged.into_iter().zip(expected) {
            assert_eq!(function, expected);
            line.as_object_mut().unwrap().remove("timestamp").unwrap();
            let written =
                json!({ "level": "INFO", "message": message, "subject": "ada-1", "id": id });
            assert_eq!(line, written, "nothing else of the token");
        }
    }
}

/// A preflight asks for no token, and allows one to be sent.
#[tokio::test(flavor = "multi_thread")]
async fn preflights_need_no_token() {
    let stack = Stack::members();
    for (target, method) in [("/events", "POST"), ("/events", "GET"), ("/events/x", "DELETE")] {
        let preflight = |origin| {
            let url = format!("{}{target}", stack.runner.api());
            let request = stack.http.request(Method::OPTIONS, url).header("origin", origin);
            let request = request.header("access-control-request-method", method);
            request.header("access-control-request-headers", "authorization,content-type").send()
        };
        let response = preflight(ORIGIN).await.unwrap();
        assert_eq!(response.status(), 204);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], ORIGIN);
        assert_eq!(
            headers["access-control-allow-headers"],
            "authorization,content-type,idempotency-key"
        );
        let response = preflight(FOREIGN).await.unwrap();
        assert_eq!(response.status(), 204);
        assert_eq!(cors(response.headers()), []);
    }
}

/// "API Gateway can cache the public key for two hours." A key that is new is read once.
#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_and_tokens_outlive_the_provider() {
    let stack = Stack::members_write();
    let claims = stack.claims(&json!({}));
    let missing = delete(NOBODY);
    let status = async |token: String| {
        stack.send(&missing, ORIGIN, &[format!("Bearer {token}")]).await.status().as_u16()
    };
    // 404 is the function's: the token passed.
    assert_eq!(status(key().sign(&claims)).await, 404);
    assert_eq!(stack.issuer.reads(), 1);

    let next = Key::new("key-of-tomorrow");
    stack.issuer.publish(&[&next]);
    assert_eq!(status(key().sign(&claims)).await, 404, "the old key is cached");
    assert_eq!(stack.issuer.reads(), 1);
    for _ in 0..3 {
        assert_eq!(status(next.sign(&claims)).await, 404, "the new key");
    }
    assert_eq!(stack.issuer.reads(), 2);
    assert_eq!(status(key().sign(&claims)).await, 401, "the old key is no longer published");

    stack.issuer.leave();
    assert_eq!(status(next.sign(&claims)).await, 404, "the provider is gone");
    assert_eq!(status(Key::new("unseen").sign(&claims)).await, 401);
}
