//! CORS of the gateway (API Gateway Developer Guide, "Configure CORS for HTTP APIs in API
//! Gateway").

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::TestStack;

const GOOD: &str = "https://good.example";
const BAD: &str = "https://bad.example";

fn configured(template: &mut Value) {
    template["Resources"]["Api"]["Properties"]["CorsConfiguration"] = json!({
        "AllowOrigins": [GOOD],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["content-type"],
        "ExposeHeaders": ["link"],
        "MaxAge": 60,
    });
}

/// Only a POST to a path of one segment has a route.
fn routed(template: &mut Value) {
    template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("POST /{name}");
}

/// The gateway's headers of a response to an allowed origin.
fn granted() -> Value {
    json!({
        "access-control-allow-origin": GOOD,
        "access-control-expose-headers": "link",
        "vary": "origin",
    })
}

/// The status of the response and its headers of CORS.
async fn call(
    stack: &TestStack,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    let mut request = Client::new().request(method, format!("{}{target}", stack.runner.api()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.body(body).send().await.unwrap();
    let headers = response.headers().iter();
    let headers = headers
        .filter(|(name, _)| *name == "vary" || name.as_str().starts_with("access-control-"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap()));
    (response.status().as_u16(), headers.collect())
}

/// "API Gateway automatically sends a response to preflight OPTIONS requests, even if there isn't
/// an OPTIONS route configured": no function is called, even if no path has a route. An origin that
/// is not allowed gets the same 204 without the headers (row preflight-of-a-foreign-origin).
#[tokio::test]
async fn preflights_need_neither_a_route_nor_a_function() {
    let stack = TestStack::start(|template| {
        configured(template);
        routed(template);
    });
    let allowed = json!({
        "access-control-allow-origin": GOOD,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "60",
    });
    // The function would crash at the first path; the others have no route at all.
    for target in ["/crash", "/", "/a/b"] {
        for (origin, expected) in [(GOOD, &allowed), (BAD, &json!({})), ("null", &json!({}))] {
            let headers = [("origin", origin), ("access-control-request-method", "POST")];
            let response = call(&stack, Method::OPTIONS, target, &headers, "").await;
            assert_eq!(response, (204, expected.clone()), "{target} {origin}");
        }
    }
}

/// An `OPTIONS` request that no route takes is answered by the gateway, with CORS headers only if it
/// is a preflight (row options-without-origin). A route that takes `OPTIONS` gets all of them, but
/// its CORS headers are the gateway's (row any-route-takes-options).
#[tokio::test]
async fn a_route_may_take_options_requests() {
    let routed = TestStack::start(|template| {
        configured(template);
        routed(template);
    });
    let default = TestStack::start(configured);
    for (headers, expected) in [
        (&[("origin", GOOD)][..], granted()),
        (&[("origin", GOOD), ("access-control-request-method", "POST")], granted()),
        (&[("access-control-request-method", "POST")], json!({})),
        (&[], json!({})),
    ] {
        let response = call(&default, Method::OPTIONS, "/echo", headers, "").await;
        assert_eq!(response, (200, expected), "{headers:?}");
        if headers.len() < 2 {
            let response = call(&routed, Method::OPTIONS, "/echo", headers, "").await;
            assert_eq!(response, (204, json!({})), "{headers:?}");
        }
    }
}

/// `https://*` allows every origin of that scheme (row origin-pattern-https), and nothing else.
#[tokio::test]
async fn an_origin_may_be_a_pattern_of_its_scheme() {
    let stack = TestStack::start(|template| {
        configured(template);
        let cors = &mut template["Resources"]["Api"]["Properties"]["CorsConfiguration"];
        cors["AllowOrigins"] = json!(["https://*", "http://localhost:8080"]);
        cors["AllowCredentials"] = json!(true);
    });
    for (origin, is_allowed) in [
        (GOOD, true),
        (BAD, true),
        ("http://localhost:8080", true),
        ("http://good.example", false),
        ("https://", false),
        ("null", false),
    ] {
        let headers = [("origin", origin)];
        let (_, headers) = call(&stack, Method::GET, "/echo", &headers, "").await;
        let allowed = headers.get("access-control-allow-origin").and_then(Value::as_str);
        assert_eq!(allowed, is_allowed.then_some(origin));
        assert_eq!(headers.get("access-control-allow-credentials").is_some(), is_allowed);
    }
}

const FROM_FUNCTION: &str = r#"{
    "statusCode": 200,
    "headers": {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Credentials": "true",
        "vary": "Accept"
    }
}"#;

/// "If you configure CORS for an API, API Gateway ignores CORS headers returned from your backend
/// integration", and "adds the configured CORS headers to the response from an integration"; "to
/// return CORS headers, your request must contain an origin header". Its `vary` replaces the
/// integration's.
#[tokio::test]
async fn with_cors_configured_the_gateway_replaces_the_functions_headers() {
    let stack = TestStack::start(configured);
    let none = json!({ "vary": "Accept" });
    for (headers, expected) in [
        (&[("origin", GOOD)][..], granted()),
        (&[("origin", BAD)], none.clone()),
        (&[], none.clone()),
        // Repeated headers are one value with a comma, which is no origin.
        (&[("origin", GOOD), ("origin", GOOD)], none.clone()),
        (&[("origin", GOOD), ("origin", BAD)], none.clone()),
    ] {
        let response = call(&stack, Method::POST, "/answer", headers, FROM_FUNCTION).await;
        assert_eq!(response, (200, expected), "{headers:?}");
    }
}

/// The same page implies: without a configuration the integration's headers pass through, and
/// `OPTIONS` is a method like any other.
#[tokio::test]
async fn without_cors_configured_the_functions_headers_pass_through() {
    let stack = TestStack::start(routed);
    let theirs = json!({
        "access-control-allow-origin": "*",
        "access-control-allow-credentials": "true",
        "vary": "Accept",
    });
    for origin in [GOOD, BAD] {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let response = call(&stack, Method::POST, "/answer", &headers, FROM_FUNCTION).await;
        assert_eq!(response, (200, theirs.clone()));
        let response = call(&stack, Method::OPTIONS, "/answer", &headers, "").await;
        assert_eq!(response, (404, json!({})));
    }
}

/// The gateway's own responses have its CORS headers, so that a page can read them (row
/// cors-on-gateways-401).
#[tokio::test]
async fn the_gateways_own_responses_have_its_cors_headers() {
    let stack = TestStack::start(|template| {
        configured(template);
        routed(template);
        template["Resources"]["Function"]["Properties"]["Timeout"] = json!(1);
    });
    let slow = TestStack::start(|template| {
        configured(template);
        template["Resources"]["Integration"]["Properties"]["TimeoutInMillis"] = json!(50);
    });
    let throttled = TestStack::start(|template| {
        configured(template);
        template["Resources"]["Stage"]["Properties"]["DefaultRouteSettings"] =
            json!({ "ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0 });
    });
    let (long, large) = ("x".repeat(10_240), "x".repeat(10 * 1024 * 1024 + 1));
    for (origin, expected) in [(GOOD, granted()), (BAD, json!({}))] {
        let only = [("origin", origin)];
        for (stack, target, headers, body, status) in [
            (&stack, "/a/b", &only[..], "", 404),
            (&stack, "/a%25b", &only, "", 400),
            (&stack, "/error", &only, "", 500),
            (&stack, "/crash", &only, "", 500),
            (&stack, "/hang", &only, "", 500),
            (&stack, "/answer", &only, "{", 500),
            (&stack, "/echo", &only, &large, 413),
            (&stack, "/echo", &[("origin", origin), ("x-long", &long)], "", 431),
            (&slow, "/hang", &only, "", 503),
            (&throttled, "/echo", &only, "", 429),
        ] {
            let response = call(stack, Method::POST, target, headers, body.to_owned()).await;
            assert_eq!(response, (status, expected.clone()), "{target} {origin}");
        }
    }
}

/// The stage's limits do not apply to preflights: they take no route.
#[tokio::test]
async fn preflights_are_not_throttled() {
    let stack = TestStack::start(|template| {
        configured(template);
        routed(template);
        template["Resources"]["Stage"]["Properties"]["DefaultRouteSettings"] =
            json!({ "ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0 });
    });
    let headers = [("origin", BAD), ("access-control-request-method", "POST")];
    let response = call(&stack, Method::OPTIONS, "/echo", &headers, "").await;
    assert_eq!(response, (204, json!({})));
}
