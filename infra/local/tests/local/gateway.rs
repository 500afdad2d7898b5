//! What stands around a function: its processes, its time limit, the payload, the gateway's own answers.

use std::collections::HashSet;
use std::path::Path;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::runner::{Runner, assemble_program, template};

/// A run of one function that does as it is told (`test_function.rs`).
struct Stack {
    runner: Runner,
    http: Client,
    _folder: TempDir,
}

impl Stack {
    /// Runs a stack whose function takes every request; `change` alters the template before.
    fn start(change: impl FnOnce(&mut Value)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut template = template();
        template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("$default");
        template["Resources"]["Function"]["Properties"]["Timeout"] = json!(20);
        change(&mut template);
        assemble_program(folder.path(), &template, Path::new(env!("CARGO_BIN_EXE_test-function")));
        let runner = Runner::start(folder.path(), &["--memory"]);
        Self { runner, http: Client::new(), _folder: folder }
    }

    async fn call(&self, method: Method, target: &str, body: &str) -> reqwest::Response {
        let url = format!("{}{target}", self.runner.api());
        self.http.request(method, url).body(body.to_owned()).send().await.unwrap()
    }

    /// What the function got, and where.
    async fn echo(&self, target: &str) -> Value {
        let answer = self.call(Method::GET, target, "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

async fn status_and_body(answer: reqwest::Response) -> (u16, String) {
    assert!(answer.headers().contains_key("apigw-requestid"));
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn own(status: u16, message: &str) -> (u16, String) {
    (status, format!("{{\"message\":\"{message}\"}}"))
}

/// Lambda Developer Guide, "Lambda execution environment": one request at a time, and the environment stays.
#[tokio::test]
async fn a_process_handles_one_request_after_the_other() {
    let stack = Stack::start(|_| {});
    let first = stack.echo("/echo").await["process"].clone();
    for _ in 0..20 {
        assert_eq!(stack.echo("/echo").await["process"], first);
    }
    assert_eq!(json!(stack.runner.children()), json!([first]));
}

/// Requests that come at once get processes of their own, up to a limit; those beyond it wait their turn.
#[tokio::test(flavor = "multi_thread")]
async fn more_requests_get_more_processes_up_to_a_limit_and_then_queue() {
    let stack = Stack::start(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (http, url) = (stack.http.clone(), format!("{}/wait", stack.runner.api()));
        let body = go.to_str().unwrap().to_owned();
        calls.spawn(async move {
            let answer = http.post(url).body(body).send().await.unwrap();
            let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            answer["process"].as_u64().unwrap()
        });
    }
    // All that can start have started; the others wait.
    while stack.runner.children().len() < 8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stack.runner.children().len(), 8);
    std::fs::write(&go, "").unwrap();
    let processes = calls.join_all().await;
    assert_eq!(processes.len(), 20);
    assert_eq!(processes.into_iter().collect::<HashSet<_>>().len(), 8);
    assert_eq!(stack.runner.children().len(), 8, "they stay warm");
}

/// "the function fails, crashes, or answers something malformed": 500, and the next request is answered.
#[tokio::test]
async fn a_function_that_fails_is_a_500_and_does_not_stay_broken() {
    let stack = Stack::start(|_| {});
    let failed = own(500, "Internal Server Error");
    let before = stack.echo("/echo").await["process"].clone();

    assert_eq!(status_and_body(stack.call(Method::GET, "/error", "").await).await, failed);
    assert_eq!(stack.echo("/echo").await["process"], before, "an error is not the end of it");

    for malformed in ["", "{", r#"{"statusCode":"many"}"#, r#"{"statusCode":200,"body":1}"#] {
        let answer = stack.call(Method::POST, "/answer", malformed).await;
        assert_eq!(status_and_body(answer).await, failed, "{malformed}");
    }

    assert_eq!(status_and_body(stack.call(Method::GET, "/crash", "").await).await, failed);
    let after = stack.echo("/echo").await["process"].clone();
    assert_ne!(after, before, "it was replaced");
    assert_eq!(json!(stack.runner.children()), json!([after]));
}

/// Lambda's own time limit ends the process, and the caller gets a 500; the integration's is a 503.
#[tokio::test]
async fn time_limits_are_the_templates() {
    let stack = Stack::start(|template| {
        template["Resources"]["Function"]["Properties"]["Timeout"] = json!(1);
    });
    let before = stack.echo("/echo").await["process"].clone();
    let answer = stack.call(Method::GET, "/hang", "").await;
    assert_eq!(status_and_body(answer).await, own(500, "Internal Server Error"));
    assert_ne!(stack.echo("/echo").await["process"], before, "what hung was ended");

    let stack = Stack::start(|template| {
        template["Resources"]["Integration"]["Properties"]["TimeoutInMillis"] = json!(50);
    });
    let process = stack.echo("/echo").await["process"].clone();
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let answer = stack.call(Method::POST, "/wait", go.to_str().unwrap()).await;
    assert_eq!(status_and_body(answer).await, own(503, "Service Unavailable"));
    // The function goes on: it was not ended with the call.
    let alive = stack.runner.children();
    assert!(alive.iter().any(|pid| json!(pid) == process), "{alive:?}");
    std::fs::write(&go, "").unwrap();
}

/// API Gateway Developer Guide, "Throttle requests to your HTTP APIs".
#[tokio::test]
async fn beyond_the_stages_limits_requests_are_throttled() {
    let stack = Stack::start(|template| {
        template["Resources"]["Stage"]["Properties"]["DefaultRouteSettings"] =
            json!({ "ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1 });
    });
    let mut throttled = 0;
    for _ in 0..5 {
        let answer = stack.call(Method::GET, "/echo", "").await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers().get("retry-after"), None);
            assert_eq!(status_and_body(answer).await, own(429, "Too Many Requests"));
            throttled += 1;
        }
    }
    assert!((2..=3).contains(&throttled), "{throttled} of 5");
}

/// API Gateway Developer Guide, "Quotas for configuring and running an HTTP API".
#[tokio::test]
async fn what_is_too_large_does_not_reach_the_function() {
    let stack = Stack::start(|_| {});
    let body = "x".repeat(10 * 1024 * 1024 + 1);
    let answer = stack.call(Method::POST, "/echo", &body).await;
    assert_eq!(status_and_body(answer).await, own(413, "Request Entity Too Large"));
    let target = format!("/echo?{}", "x".repeat(10_240));
    let answer = stack.call(Method::GET, &target, "").await;
    assert_eq!(status_and_body(answer).await, own(431, "Request Header Fields Too Large"));
}

/// API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", format 2.0.
#[tokio::test]
async fn the_payload_is_format_2() {
    let stack = Stack::start(|template| {
        template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("GET /echo/{name}");
    });
    let url = format!("{}/echo/a%20b%C3%BC?q=1&q=2&r=a%2Bb+c", stack.runner.api());
    let answer = stack
        .http
        .get(url)
        .header("X-Repeated", "one")
        .header("X-Repeated", "two")
        .header("Cookie", "a=1; b=2")
        .header("X-Forwarded-For", "203.0.113.7")
        .header("Host", "somebody.example")
        .header("User-Agent", "test")
        .send()
        .await
        .unwrap();
    let id = answer.headers()["apigw-requestid"].to_str().unwrap().to_owned();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let payload = &answer["payload"];
    let authority = stack.runner.api().strip_prefix("http://").unwrap();
    for (pointer, expected) in [
        ("/version", json!("2.0")),
        ("/routeKey", json!("GET /echo/{name}")),
        ("/rawPath", json!("/echo/a bü")),
        ("/rawQueryString", json!("q=1&q=2&r=a%2Bb+c")),
        ("/queryStringParameters", json!({ "q": "1,2", "r": "a+b c" })),
        ("/pathParameters", json!({ "name": "a bü" })),
        ("/cookies", json!(["a=1", "b=2"])),
        ("/headers/x-repeated", json!("one,two")),
        ("/headers/host", json!(authority)),
        ("/headers/x-forwarded-for", json!("127.0.0.1")),
        ("/headers/x-forwarded-proto", json!("http")),
        ("/requestContext/http/method", json!("GET")),
        ("/requestContext/http/path", json!("/echo/a bü")),
        ("/requestContext/http/userAgent", json!("test")),
        ("/requestContext/requestId", json!(id)),
        ("/requestContext/stage", json!("$default")),
        ("/isBase64Encoded", json!(false)),
    ] {
        assert_eq!(payload.pointer(pointer), Some(&expected), "{pointer}");
    }
    assert_eq!(payload.get("body"), None);
    assert_eq!(payload["headers"].get("cookie"), None);
    assert!(payload["requestContext"]["timeEpoch"].as_u64().unwrap() > 1_700_000_000_000);
}

#[tokio::test]
async fn a_path_without_a_route_is_the_gateways_404() {
    let stack = Stack::start(|template| {
        template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("GET /echo/{name}");
    });
    for (method, target) in [
        (Method::GET, "/"),
        (Method::GET, "/echo"),
        (Method::GET, "/echo/"),
        (Method::GET, "/echo/a%2Fb"),
        (Method::GET, "/echo/a/b"),
        (Method::POST, "/echo/a"),
        (Method::OPTIONS, "/echo/a"),
    ] {
        let answer = stack.call(method.clone(), target, "").await;
        assert_eq!(status_and_body(answer).await, own(404, "Not Found"), "{method} {target}");
    }
    let answer = stack.call(Method::HEAD, "/echo/a", "").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

/// Text comes as text, anything else in base64 (inferred).
#[tokio::test]
async fn bodies_come_as_text_or_in_base64() {
    let stack = Stack::start(|_| {});
    for (content_type, body, expected) in [
        ("application/json", &b"{}"[..], json!(["{}", false])),
        ("text/plain; charset=utf-8", "ü".as_bytes(), json!(["ü", false])),
        ("application/octet-stream", b"a", json!(["YQ==", true])),
        ("application/json", b"\xff", json!(["/w==", true])),
    ] {
        let request = stack.http.post(format!("{}/echo", stack.runner.api()));
        let request = request.header("content-type", content_type).body(body.to_vec());
        let answer = request.send().await.unwrap().bytes().await.unwrap();
        let payload = &serde_json::from_slice::<Value>(&answer).unwrap()["payload"];
        assert_eq!(json!([payload["body"], payload["isBase64Encoded"]]), expected);
    }
}

/// Lambda Developer Guide, "Defined runtime environment variables": those, the function's own, and nothing
/// of whoever started the run.
#[tokio::test]
async fn a_function_sees_its_own_environment_only() {
    let stack = Stack::start(|template| {
        template["Resources"]["Function"]["Properties"]["Environment"] =
            json!({ "Variables": { "GREETING": { "Fn::Sub": "hello ${AWS::Region}" } } });
    });
    let environment = stack.echo("/echo").await["environment"].clone();
    assert_eq!(environment["GREETING"], "hello us-east-1");
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_NAME"], "test-Function");
    assert_eq!(environment.get("CARGO_MANIFEST_DIR"), None);
    assert_eq!(environment.get("HOME"), None);
}

/// "If you configure CORS for an API, API Gateway ignores CORS headers returned from your backend
/// integration" (Developer Guide, "Configure CORS for HTTP APIs in API Gateway").
#[tokio::test]
async fn with_cors_configured_the_gateways_headers_are_the_ones() {
    const FROM_FUNCTION: &str = r#"{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*","Access-Control-Allow-Credentials":"true","vary":"Accept"}}"#;
    let with_cors = Stack::start(|template| {
        template["Resources"]["Api"]["Properties"]["CorsConfiguration"] = json!({
            "AllowOrigins": ["https://good.example"],
            "AllowMethods": ["GET", "POST"],
            "AllowHeaders": ["content-type"],
            "ExposeHeaders": ["link"],
            "MaxAge": 60,
        });
    });
    let without = Stack::start(|_| {});
    for (stack, origin, expected) in [
        (
            &with_cors,
            "https://good.example",
            json!({
                "access-control-allow-origin": "https://good.example",
                "access-control-expose-headers": "link",
                "vary": "origin",
            }),
        ),
        (&with_cors, "https://bad.example", json!({ "vary": "Accept" })),
        (
            &without,
            "https://bad.example",
            json!({
                "access-control-allow-origin": "*",
                "access-control-allow-credentials": "true",
                "vary": "Accept",
            }),
        ),
    ] {
        let request = stack.http.post(format!("{}/answer", stack.runner.api()));
        let answer = request.header("origin", origin).body(FROM_FUNCTION).send().await.unwrap();
        assert_eq!(cors_headers(&answer), expected, "{origin}");
    }

    for (origin, expected) in [
        (
            "https://good.example",
            json!({
                "access-control-allow-origin": "https://good.example",
                "access-control-allow-methods": "GET,POST",
                "access-control-allow-headers": "content-type",
                "access-control-max-age": "60",
            }),
        ),
        ("https://bad.example", json!({})),
    ] {
        let request = with_cors
            .http
            .request(Method::OPTIONS, format!("{}/crash", with_cors.runner.api()))
            .header("origin", origin)
            .header("access-control-request-method", "POST");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(cors_headers(&answer), expected, "{origin}");
    }
}

fn cors_headers(answer: &reqwest::Response) -> Value {
    let headers = answer.headers().iter();
    headers
        .filter(|(name, _)| *name == "vary" || name.as_str().starts_with("access-control-"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap()))
        .collect()
}
