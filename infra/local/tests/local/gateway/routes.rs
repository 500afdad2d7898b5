//! Which route takes a request (API Gateway Developer Guide, "Create routes for HTTP APIs").

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{TestStack, own, status_and_body};

/// A path without a route, or with routes of other methods only, is a 404, not a 405 (rows
/// `other-method-*`, head-without-route, path-slash).
#[tokio::test]
async fn a_path_without_a_route_is_the_gateways_404() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("GET /echo/{name}");
    });
    for (method, target) in [
        (Method::GET, "/"),
        (Method::GET, "/echo"),
        (Method::GET, "/echo/a/"),
        (Method::GET, "/echo/a%2Fb"),
        (Method::GET, "/echo/a%252Fb"),
        (Method::GET, "/echo/a/b"),
        (Method::POST, "/echo/a"),
        (Method::OPTIONS, "/echo/a"),
    ] {
        let response = stack.call(method.clone(), target, "").await;
        assert_eq!(status_and_body(response).await, own(404, "Not Found"), "{method} {target}");
    }
    let response = stack.call(Method::HEAD, "/echo/a", "").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

/// "API Gateway selects the route with the most-specific match": full match, then `{proxy+}`, then
/// `$default` (also rows `route-*`: a variable after literal text, before `{proxy+}`).
#[tokio::test]
async fn the_most_specific_route_takes_a_request() {
    let keys = ["$default", "ANY /{proxy+}", "GET /echo/{name}", "GET /echo/today", "ANY /echo"];
    let stack = TestStack::start(|template| {
        let route = template["Resources"]["Route"].take();
        template["Resources"].as_object_mut().unwrap().remove("Route");
        for (number, key) in keys.iter().enumerate() {
            let mut route = route.clone();
            route["Properties"]["RouteKey"] = json!(key);
            template["Resources"][format!("Route{number}")] = route;
        }
    });
    for (method, target, key, parameters) in [
        (Method::GET, "/echo/today", "GET /echo/today", Value::Null),
        (Method::GET, "/echo/1", "GET /echo/{name}", json!({ "name": "1" })),
        (Method::POST, "/echo/1", "ANY /{proxy+}", json!({ "proxy": "echo/1" })),
        (Method::GET, "/echo/a%2Fb", "ANY /{proxy+}", json!({ "proxy": "echo/a/b" })),
        (Method::PATCH, "/echo", "ANY /echo", Value::Null),
        (Method::GET, "/echo/", "GET /echo/{name}", json!({ "name": "" })),
        (Method::GET, "/echo/a/../today", "GET /echo/today", Value::Null),
        (Method::GET, "/", "ANY /{proxy+}", json!({ "proxy": "" })),
    ] {
        let response = stack.call(method.clone(), target, "").await;
        let response: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        let payload = &response["payload"];
        assert_eq!(payload["routeKey"], key, "{method} {target}");
        assert_eq!(payload["pathParameters"], parameters, "{method} {target}");
    }
}

/// A named stage is the first segment of every path (rows event-named-stage and
/// stage-missing-in-path-options).
#[tokio::test]
async fn a_named_stage_is_part_of_every_path() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Stage"]["Properties"]["StageName"] = json!("dev");
        template["Resources"]["Api"]["Properties"]["CorsConfiguration"] =
            json!({ "AllowOrigins": ["*"] });
    });
    for (target, path) in [("/dev/echo", "/dev/echo"), ("/dev", "/dev"), ("/dev/", "/dev/")] {
        let payload = stack.echo(target).await["payload"].take();
        assert_eq!(payload["rawPath"], path);
        assert_eq!(payload["requestContext"]["http"]["path"], path);
        assert_eq!(payload["requestContext"]["stage"], "dev");
    }
    for target in ["/", "/echo", "/devil", "/dev2/echo", "/dev/../echo"] {
        let response = stack.call(Method::OPTIONS, target, "").await;
        assert_eq!(status_and_body(response).await, own(404, "Not Found"), "{target}");
    }
}
