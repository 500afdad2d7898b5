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

/// Only a POST to a path below the root has a route.
fn routed(template: &mut Value) {
    template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("POST /{proxy+}");
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
/// an OPTIONS route configured": no function is called, even if no path has a route. Inferred: an
/// origin that is not allowed gets the same 204 without the headers.
#[tokio::test]
async fn preflights_need_neither_a_route_nor_a_function() {
    // The function would crash.
    let stack = TestStack::start(configured);
    let allowed = json!({
        "access-control-allow-origin": GOOD,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "60",
    });
    let nowhere = TestStack::start(|template| {
        configured(template);
        routed(template);
    });
    for (stack, target) in [(&stack, "/crash"), (&nowhere, "/crash"), (&nowhere, "/")] {
        for (origin, expected) in [(GOOD, &allowed), (BAD, &json!({})), ("null", &json!({}))] {
            let headers = [("origin", origin), ("access-control-request-method", "POST")];
            let response = call(stack, Method::OPTIONS, target, &headers, "").await;
            assert_eq!(response, (204, expected.clone()), "{target} {origin}");
        }
    }
}

/// "For the OPTIONS method, your request must contain an origin header and an
/// Access-Control-Request-Method header": any other `OPTIONS` request takes a route.
#[tokio::test]
async fn an_options_request_that_is_not_a_preflight_takes_a_route() {
    let routed = TestStack::start(|template| {
        configured(template);
        routed(template);
    });
    let default = TestStack::start(configured);
    for (headers, expected) in [
        (&[("origin", GOOD)][..], granted()),
        (&[("access-control-request-method", "POST")], json!({})),
        (&[], json!({})),
    ] {
        let response = call(&routed, Method::OPTIONS, "/echo", headers, "").await;
        assert_eq!(response, (404, expected.clone()), "{headers:?}");
        let response = call(&default, Method::OPTIONS, "/echo", headers, "").await;
        assert_eq!(response, (200, expected), "{headers:?}");
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
/// return CORS headers, your request must contain an origin header". Inferred: its `vary` replaces
/// the integration's.
#[tokio::test]
async fn with_cors_configured_the_gateway_replaces_the_functions_headers() {
    let stack = TestStack::start(configured);
    let none = json!({ "vary": "Accept" });
    for (headers, expected) in [
        (&[("origin", GOOD)][..], granted()),
        (&[("origin", BAD)], none.clone()),
        (&[], none.clone()),
        // Inferred: a browser sends one origin.
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

/// The gateway's own responses have its CORS headers, so that a page can read them (recorded from a
/// real API for a 401; inferred for the others).
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
            (&stack, "/", &only[..], "", 404),
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

/// The stage's limits do not apply to preflights (inferred: a preflight takes no route).
#[tokio::test]
async fn preflights_are_not_throttled() {
    let stack = TestStack::start(|template| {
        configured(template);
        template["Resources"]["Stage"]["Properties"]["DefaultRouteSettings"] =
            json!({ "ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0 });
    });
    let headers = [("origin", BAD), ("access-control-request-method", "POST")];
    let response = call(&stack, Method::OPTIONS, "/echo", &headers, "").await;
    assert_eq!(response, (204, json!({})));
}
