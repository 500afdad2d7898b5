//! The gateway's half of CORS (API Gateway Developer Guide, "Configure CORS for HTTP APIs in API Gateway").

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::Stack;

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

/// Only what is below this path has a route.
fn routed(template: &mut Value) {
    template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("POST /{proxy+}");
}

/// What the gateway puts on an answer to an allowed origin.
fn granted() -> Value {
    json!({
        "access-control-allow-origin": GOOD,
        "access-control-expose-headers": "link",
        "vary": "origin",
    })
}

/// The status of the answer, and all of its headers that have to do with CORS.
async fn call(
    stack: &Stack,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    let mut request = Client::new().request(method, format!("{}{target}", stack.runner.api()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body).send().await.unwrap();
    let headers = answer.headers().iter();
    let headers = headers
        .filter(|(name, _)| *name == "vary" || name.as_str().starts_with("access-control-"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap()));
    (answer.status().as_u16(), headers.collect())
}

/// "API Gateway automatically sends a response to preflight OPTIONS requests, even if there isn't an OPTIONS route
/// configured": no function is called, also where no path has a route. That an origin which is not allowed gets the same
/// 204 without any of the headers is inferred.
#[tokio::test]
async fn preflights_are_answered_without_a_route_and_without_a_function() {
    // A function that was called would have to answer, and this one would crash.
    let stack = Stack::start(configured);
    let allowed = json!({
        "access-control-allow-origin": GOOD,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "60",
    });
    let nowhere = Stack::start(|template| {
        configured(template);
        routed(template);
    });
    for (stack, target) in [(&stack, "/crash"), (&nowhere, "/crash"), (&nowhere, "/")] {
        for (origin, expected) in [(GOOD, &allowed), (BAD, &json!({})), ("null", &json!({}))] {
            let headers = [("origin", origin), ("access-control-request-method", "POST")];
            let answer = call(stack, Method::OPTIONS, target, &headers, "").await;
            assert_eq!(answer, (204, expected.clone()), "{target} {origin}");
        }
    }
}

/// "For the OPTIONS method, your request must contain an origin header and an Access-Control-Request-Method header":
/// any other takes a route as every method does.
#[tokio::test]
async fn an_options_request_that_is_no_preflight_takes_a_route() {
    let routed = Stack::start(|template| {
        configured(template);
        routed(template);
    });
    let default = Stack::start(configured);
    for (headers, expected) in [
        (&[("origin", GOOD)][..], granted()),
        (&[("access-control-request-method", "POST")], json!({})),
        (&[], json!({})),
    ] {
        let answer = call(&routed, Method::OPTIONS, "/echo", headers, "").await;
        assert_eq!(answer, (404, expected.clone()), "{headers:?}");
        let answer = call(&default, Method::OPTIONS, "/echo", headers, "").await;
        assert_eq!(answer, (200, expected), "{headers:?}");
    }
}

const FROM_FUNCTION: &str = r#"{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*","Access-Control-Allow-Credentials":"true","vary":"Accept"}}"#;

/// "If you configure CORS for an API, API Gateway ignores CORS headers returned from your backend integration", and "adds
/// the configured CORS headers to the response from an integration"; "to return CORS headers, your request must contain
/// an origin header". That its `vary` takes the place of the integration's is inferred.
#[tokio::test]
async fn with_cors_configured_the_gateways_headers_are_the_ones() {
    let stack = Stack::start(configured);
    let none = json!({ "vary": "Accept" });
    for (headers, expected) in [
        (&[("origin", GOOD)][..], granted()),
        (&[("origin", BAD)], none.clone()),
        (&[], none.clone()),
        // Inferred: a browser sends one.
        (&[("origin", GOOD), ("origin", GOOD)], none.clone()),
        (&[("origin", GOOD), ("origin", BAD)], none.clone()),
    ] {
        let answer = call(&stack, Method::POST, "/answer", headers, FROM_FUNCTION).await;
        assert_eq!(answer, (200, expected), "{headers:?}");
    }
}

/// The same page, by what it does not say: without a configuration the integration's headers pass, and `OPTIONS` is a
/// method as any other.
#[tokio::test]
async fn without_cors_configured_the_functions_headers_pass_through() {
    let stack = Stack::start(routed);
    let theirs = json!({
        "access-control-allow-origin": "*",
        "access-control-allow-credentials": "true",
        "vary": "Accept",
    });
    for origin in [GOOD, BAD] {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let answer = call(&stack, Method::POST, "/answer", &headers, FROM_FUNCTION).await;
        assert_eq!(answer, (200, theirs.clone()));
        let answer = call(&stack, Method::OPTIONS, "/answer", &headers, "").await;
        assert_eq!(answer, (404, json!({})));
    }
}

/// The gateway's own answers carry its headers too, so that a page can read why it got nothing (recorded from a real API:
/// a 401; the others inferred from it).
#[tokio::test]
async fn the_gateways_own_answers_carry_its_headers() {
    let stack = Stack::start(|template| {
        configured(template);
        routed(template);
        template["Resources"]["Function"]["Properties"]["Timeout"] = json!(1);
    });
    let slow = Stack::start(|template| {
        configured(template);
        template["Resources"]["Integration"]["Properties"]["TimeoutInMillis"] = json!(50);
    });
    let throttled = Stack::start(|template| {
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
            let answer = call(stack, Method::POST, target, headers, body.to_owned()).await;
            assert_eq!(answer, (status, expected.clone()), "{target} {origin}");
        }
    }
}

/// A preflight is answered before the stage's limits are asked (inferred: it is no call of a route).
#[tokio::test]
async fn preflights_are_not_throttled() {
    let stack = Stack::start(|template| {
        configured(template);
        template["Resources"]["Stage"]["Properties"]["DefaultRouteSettings"] =
            json!({ "ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0 });
    });
    let headers = [("origin", BAD), ("access-control-request-method", "POST")];
    let answer = call(&stack, Method::OPTIONS, "/echo", &headers, "").await;
    assert_eq!(answer, (204, json!({})));
}
