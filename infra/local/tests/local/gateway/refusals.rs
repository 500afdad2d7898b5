//! The gateway's own errors. They have no detail, and nothing of the function.

use std::fmt::Write;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{TestStack, own, raw, status_and_body};

/// A failure is a 500 (rows `function-*`), and the next request succeeds.
#[tokio::test]
async fn a_function_that_fails_is_a_500_and_recovers() {
    let stack = TestStack::start(|_| {});
    let failed = own(500, "Internal Server Error");
    let before = stack.echo("/echo").await["process"].clone();

    assert_eq!(status_and_body(stack.call(Method::GET, "/error", "").await).await, failed);
    assert_eq!(stack.echo("/echo").await["process"], before, "the process was not reused");

    for malformed in ["", "{", r#"{"statusCode":"many"}"#, r#"{"statusCode":200,"body":1}"#] {
        let response = stack.call(Method::POST, "/answer", malformed).await;
        assert_eq!(status_and_body(response).await, failed, "{malformed}");
    }

    for end in ["/crash", "/abort"] {
        let before = stack.echo("/echo").await["process"].clone();
        assert_eq!(status_and_body(stack.call(Method::GET, end, "").await).await, failed);
        let after = stack.echo("/echo").await["process"].clone();
        assert_ne!(after, before, "the process was not replaced");
        assert_eq!(json!(stack.runner.children()), json!([after]));
    }
}

/// Lambda takes a response of 6 MB (Lambda Developer Guide, "Lambda quotas").
#[tokio::test]
async fn a_response_over_the_limit_of_lambda_is_a_500() {
    let stack = TestStack::start(|_| {});
    let process = stack.echo("/echo").await["process"].clone();
    let most = 6 * 1024 * 1024;
    let response = stack.call(Method::POST, "/large", &most.to_string()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.bytes().await.unwrap().len() > most - 100);
    let response = stack.call(Method::POST, "/large", &(most + 1).to_string()).await;
    assert_eq!(status_and_body(response).await, own(500, "Internal Server Error"));
    assert_eq!(stack.echo("/echo").await["process"], process, "the process was not reused");
}

/// Lambda's timeout (Lambda Developer Guide, "Configure Lambda function timeout") kills the
/// process, and the client gets a 500. The integration's timeout (API Gateway Developer Guide,
/// "Quotas for configuring and running an HTTP API": at most 30 s) is a 503 (row
/// integration-timeout).
#[tokio::test]
async fn timeouts_are_those_of_the_template() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Function"]["Properties"]["Timeout"] = json!(1);
    });
    let before = stack.echo("/echo").await["process"].clone();
    let response = stack.call(Method::GET, "/hang", "").await;
    assert_eq!(status_and_body(response).await, own(500, "Internal Server Error"));
    assert_ne!(stack.echo("/echo").await["process"], before, "the process was not killed");

    let stack = TestStack::start(|template| {
        template["Resources"]["Integration"]["Properties"]["TimeoutInMillis"] = json!(50);
    });
    let process = stack.echo("/echo").await["process"].clone();
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let response = stack.call(Method::POST, "/wait", go.to_str().unwrap()).await;
    assert_eq!(status_and_body(response).await, own(503, "Service Unavailable"));
    // The function continues.
    let alive = stack.runner.children();
    assert!(alive.iter().any(|pid| json!(pid) == process), "{alive:?}");
    std::fs::write(&go, "").unwrap();
}

/// A response after the integration's timeout is dropped: the next client of the same process does
/// not get it. Here all processes are late, and all get new requests at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_response_is_dropped() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Integration"]["Properties"]["TimeoutInMillis"] = json!(1_000);
    });
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let send = |path: &str, body: String| {
        let (http, url) = (stack.http.clone(), format!("{}{path}", stack.runner.api()));
        async move {
            let request = http.post(url).header("content-type", "text/plain");
            (body.clone(), request.body(body).send().await.unwrap())
        }
    };

    let wait = || send("/wait", go.to_str().unwrap().to_owned());
    for (_, response) in (0..8).map(|_| wait()).collect::<JoinSet<_>>().join_all().await {
        assert_eq!(status_and_body(response).await, own(503, "Service Unavailable"));
    }
    let processes = stack.runner.children();
    std::fs::write(&go, "").unwrap();

    let echo = |n| send("/echo", format!("request {n}"));
    for (body, response) in (0..40).map(echo).collect::<JoinSet<_>>().join_all().await {
        let response: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(response["payload"]["body"], json!(body));
        assert!(processes.iter().any(|pid| json!(pid) == response["process"]), "{response}");
    }
    assert_eq!(stack.runner.children(), processes, "a late process was killed");
}

/// API Gateway Developer Guide, "Throttle requests to your HTTP APIs for better performance": 429.
/// It names no `Retry-After`.
#[tokio::test]
async fn requests_over_the_stages_limits_are_throttled() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Stage"]["Properties"]["DefaultRouteSettings"] =
            json!({ "ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1 });
    });
    let mut throttled = 0;
    for _ in 0..5 {
        let response = stack.call(Method::GET, "/echo", "").await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(response.headers().get("retry-after"), None);
            assert_eq!(status_and_body(response).await, own(429, "Too Many Requests"));
            throttled += 1;
        }
    }
    assert!((2..=3).contains(&throttled), "{throttled} of 5");
}

/// Lambda Developer Guide, "Configuring reserved concurrency for a function": Lambda throttles
/// further requests, and the gateway returns a 503 (row function-throttled). Over the run's own
/// limit of processes, which AWS does not have, requests wait.
#[tokio::test]
async fn requests_over_the_reserved_concurrency_are_refused() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Function"]["Properties"]["ReservedConcurrentExecutions"] = json!(1);
    });
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let (http, url) = (stack.http.clone(), format!("{}/wait", stack.runner.api()));
    let body = go.to_str().unwrap().to_owned();
    // This request and the one below refuse each other; this one retries until the function has it.
    let waiting = tokio::spawn(async move {
        loop {
            let response = http.post(&url).body(body.clone()).send().await.unwrap();
            if response.status() != StatusCode::SERVICE_UNAVAILABLE {
                return response;
            }
        }
    });
    let refused = loop {
        let response = stack.call(Method::GET, "/echo", "").await;
        if response.status() != StatusCode::OK {
            break response;
        }
    };
    assert_eq!(status_and_body(refused).await, own(503, "Service Unavailable"));
    std::fs::write(&go, "").unwrap();
    assert_eq!(waiting.await.unwrap().status(), StatusCode::OK);
    assert_eq!(stack.call(Method::GET, "/echo", "").await.status(), StatusCode::OK);
}

/// Lambda Developer Guide, "Lambda quotas": 6 MB of event. A body that makes it larger is a 413 of
/// the gateway, as is one over the API's own 10 MB (row body-of-6-5-mb; API Gateway Developer Guide,
/// "Quotas for configuring and running an HTTP API").
#[tokio::test]
async fn an_event_over_6_mb_does_not_reach_the_function() {
    let stack = TestStack::start(|_| {});
    let size = 6 * 1024 * 1024;
    // The other members of the event take some hundred bytes; in base64, a body takes a third more.
    for (content_type, length, is_too_large) in [
        ("text/plain", size - 4_096, false),
        ("text/plain", size, true),
        ("application/octet-stream", size / 4 * 3 - 4_096, false),
        ("application/octet-stream", size / 4 * 3, true),
        ("text/plain", 10 * 1024 * 1024 + 1, true),
    ] {
        let request = stack.http.post(format!("{}/error", stack.runner.api()));
        let request = request.header("content-type", content_type).body("x".repeat(length));
        let response = request.send().await.unwrap();
        if is_too_large {
            assert_eq!(status_and_body(response).await, own(413, "Request Entity Too Large"));
        } else {
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "the function got it");
        }
    }
}

/// "Quotas for configuring and running an HTTP API": 10,240 bytes of request line and header values.
#[tokio::test]
async fn a_request_line_and_headers_over_10_240_bytes_do_not_reach_the_function() {
    let stack = TestStack::start(|_| {});
    let statuses = [0, 1].map(|more| {
        let mut request = String::from("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
        let line = "GET /echo HTTP/1.1".len() + "h".len() + "close".len();
        write!(request, "X-Long: {}\r\n\r\n", "x".repeat(10_240 - line + more)).unwrap();
        raw(&stack, request.as_bytes()).0
    });
    assert_eq!(statuses, [200, 431]);
    let target = format!("/echo?{}", "x".repeat(10_240));
    let response = stack.call(Method::GET, &target, "").await;
    assert_eq!(status_and_body(response).await, own(431, "Request Header Fields Too Large"));
}

/// Each response has its own id, which the function gets, too (API Gateway Developer Guide,
/// "Customize HTTP API access logs": `requestId`; row event-http2-client).
#[tokio::test]
async fn every_response_has_the_id_of_its_request() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("GET /{proxy+}");
        template["Resources"]["Api"]["Properties"]["CorsConfiguration"] =
            json!({ "AllowOrigins": ["https://good.example"], "AllowMethods": ["GET"] });
    });
    let mut ids = std::collections::HashSet::new();
    for (method, target) in [
        (Method::GET, "/echo"),
        (Method::GET, "/echo"),
        (Method::GET, "/error"),
        (Method::GET, "/crash"),
        (Method::POST, "/echo"),
        (Method::OPTIONS, "/echo"),
    ] {
        let request = stack.http.request(method, format!("{}{target}", stack.runner.api()));
        let request = request.header("origin", "https://good.example");
        let response = request.header("access-control-request-method", "GET").send().await.unwrap();
        assert!(ids.insert(response.headers()["apigw-requestid"].to_str().unwrap().to_owned()));
    }
}
