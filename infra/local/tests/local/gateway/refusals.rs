//! What the gateway answers by itself, and says little of why. None of it reaches the function or comes from it.

use std::fmt::Write;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Stack, own, raw, status_and_body};

/// 500, and the next request is answered (recorded from real APIs; the guide does not name the status).
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

    for end in ["/crash", "/abort"] {
        let before = stack.echo("/echo").await["process"].clone();
        assert_eq!(status_and_body(stack.call(Method::GET, end, "").await).await, failed);
        let after = stack.echo("/echo").await["process"].clone();
        assert_ne!(after, before, "it was replaced");
        assert_eq!(json!(stack.runner.children()), json!([after]));
    }
}

/// Lambda's own time limit (Lambda Developer Guide, "Configure Lambda function timeout") ends the process, and the
/// caller gets a 500. The integration's (API Gateway Developer Guide, "Quotas for configuring and running an HTTP API":
/// at most 30 s) is a 503 (recorded from real APIs).
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

/// A function that answers when its caller was already told 503: nobody gets that answer, least of all the next caller
/// of the same process. Here all processes are late at once, and all are asked again at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_late_is_nobodys() {
    let stack = Stack::start(|template| {
        template["Resources"]["Integration"]["Properties"]["TimeoutInMillis"] = json!(1_000);
    });
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let send = |path: &str, body: String| {
        let (http, url) = (stack.http.clone(), format!("{}{path}", stack.runner.api()));
        async move { (body.clone(), http.post(url).body(body).send().await.unwrap()) }
    };

    let wait = || send("/wait", go.to_str().unwrap().to_owned());
    for (_, answer) in (0..8).map(|_| wait()).collect::<JoinSet<_>>().join_all().await {
        assert_eq!(status_and_body(answer).await, own(503, "Service Unavailable"));
    }
    let processes = stack.runner.children();
    std::fs::write(&go, "").unwrap();

    let echo = |n| send("/echo", format!("request {n}"));
    for (body, answer) in (0..40).map(echo).collect::<JoinSet<_>>().join_all().await {
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(answer["payload"]["body"], json!(body));
        assert!(processes.iter().any(|pid| json!(pid) == answer["process"]), "{answer}");
    }
    assert_eq!(stack.runner.children(), processes, "none was ended for being late");
}

/// API Gateway Developer Guide, "Throttle requests to your HTTP APIs for better performance": 429. That it comes without
/// `Retry-After` is inferred.
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

/// Lambda Developer Guide, "Configuring reserved concurrency for a function": more are refused; the gateway makes a 503
/// of it (recorded from real APIs). A run's own limit is not AWS's: those beyond it queue.
#[tokio::test]
async fn beyond_the_reserved_concurrency_requests_are_refused() {
    let stack = Stack::start(|template| {
        template["Resources"]["Function"]["Properties"]["ReservedConcurrentExecutions"] = json!(1);
    });
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let (http, url) = (stack.http.clone(), format!("{}/wait", stack.runner.api()));
    let body = go.to_str().unwrap().to_owned();
    // Whichever of the two comes first keeps the other out; this one comes again until it is with the function.
    let waiting = tokio::spawn(async move {
        loop {
            let answer = http.post(&url).body(body.clone()).send().await.unwrap();
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                return answer;
            }
        }
    });
    let refused = loop {
        let answer = stack.call(Method::GET, "/echo", "").await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(status_and_body(refused).await, own(503, "Service Unavailable"));
    std::fs::write(&go, "").unwrap();
    assert_eq!(waiting.await.unwrap().status(), StatusCode::OK);
    assert_eq!(stack.call(Method::GET, "/echo", "").await.status(), StatusCode::OK);
}

/// API Gateway Developer Guide, "Quotas for configuring and running an HTTP API": 10 MB. The status is inferred.
#[tokio::test]
async fn a_body_over_10_mb_does_not_reach_the_function() {
    let stack = Stack::start(|_| {});
    let body = "x".repeat(10 * 1024 * 1024);
    let answer = stack.call(Method::POST, "/error", &body).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "the function got it");
    let answer = stack.call(Method::POST, "/error", &format!("{body}x")).await;
    assert_eq!(status_and_body(answer).await, own(413, "Request Entity Too Large"));
}

/// The same page: 10,240 bytes of request line and header values. The status is inferred.
#[tokio::test]
async fn a_request_line_and_headers_over_10_240_bytes_do_not_reach_the_function() {
    let stack = Stack::start(|_| {});
    let statuses = [0, 1].map(|more| {
        let mut request = String::from("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
        let line = "GET /echo HTTP/1.1".len() + "h".len() + "close".len();
        write!(request, "X-Long: {}\r\n\r\n", "x".repeat(10_240 - line + more)).unwrap();
        raw(&stack, request.as_bytes()).0
    });
    assert_eq!(statuses, [200, 431]);
    let target = format!("/echo?{}", "x".repeat(10_240));
    let answer = stack.call(Method::GET, &target, "").await;
    assert_eq!(status_and_body(answer).await, own(431, "Request Header Fields Too Large"));
}

/// Each answer has an id of its own: the one that the function and its log got (API Gateway Developer Guide, "Customize
/// HTTP API access logs": `requestId`; the header is recorded from real APIs).
#[tokio::test]
async fn every_answer_names_its_request() {
    let stack = Stack::start(|template| {
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
        let answer = request.header("access-control-request-method", "GET").send().await.unwrap();
        assert!(ids.insert(answer.headers()["apigw-requestid"].to_str().unwrap().to_owned()));
    }
}
