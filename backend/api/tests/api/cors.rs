//! The CORS headers of the Lambdas, without the gateway.

use lambda_http::http::{Method, StatusCode};
use serde_json::json;

use crate::client::{ORIGIN, Response, TestApi};
use crate::faults::api_without_table;

pub const EXPOSED: &str = "link,location,idempotency-replayed,retry-after";

/// Values of `Origin`, and whether the stage allows them.
const ORIGINS: [(Option<&str>, bool); 17] = [
    (Some(ORIGIN), true),
    (None, false),
    (Some("null"), false),
    (Some("*"), false),
    (Some(""), false),
    (Some("https://example.com"), false),
    (Some("http://localhost:8080.evil.test"), false),
    (Some("http://localhost:8080@evil.test"), false),
    (Some("http://evil-localhost:8080"), false),
    (Some("http://localhost:80800"), false),
    (Some("http://localhost:808"), false),
    (Some("http://localhost:8080/"), false),
    (Some("https://localhost:8080"), false),
    (Some("http://LOCALHOST:8080"), false),
    (Some("HTTP://localhost:8080"), false),
    (Some("http://localhost:8080 http://localhost:8080"), false),
    (Some("http://localhost:8080, http://localhost:8080"), false),
];

type Headers<'a> = &'a [(&'a str, &'a str)];

/// The headers of a response to an allowed origin, or to another or none.
fn assert_headers(response: &Response, allowed: bool, case: &str) {
    assert_eq!(response.header("vary"), Some("Origin"), "{case}");
    let expected = allowed.then_some(ORIGIN);
    assert_eq!(response.header("access-control-allow-origin"), expected, "{case}");
    let exposed = allowed.then_some(EXPOSED);
    assert_eq!(response.header("access-control-expose-headers"), exposed, "{case}");
}

/// Sends the request with every origin, and checks status and headers of the responses.
async fn check(
    api: &TestApi,
    method: &Method,
    target: &str,
    headers: Headers<'_>,
    body: &[u8],
    status: u16,
) {
    for (origin, allowed) in ORIGINS {
        let mut headers = headers.to_vec();
        headers.extend(origin.map(|origin| ("origin", origin)));
        let response = api.send(method.clone(), target, &headers, body).await;
        let case = format!("{method} {target} {headers:?}");
        assert_eq!(response.status.as_u16(), status, "{case}");
        assert_headers(&response, allowed, &case);
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");
const UNKNOWN: &str = "/events/6ba7b810-9dad-41d1-80b4-00c04fd430c8";

#[tokio::test]
async fn every_response_names_an_allowed_origin_and_no_other() {
    let api = TestApi::in_process();
    let stored = api.create(&json!({ "name": "a" })).await.event().id;
    let stored = format!("/events/{stored}");
    let key = ("idempotency-key", "k");
    let large = vec![b' '; 32 * 1024 + 1];
    let calls: [(Method, &str, Headers<'_>, &[u8], u16); 16] = [
        (Method::GET, "/events", &[], b"", 200),
        (Method::GET, "/events?limit=0", &[], b"", 400),
        (Method::GET, "/events?format=ics", &[], b"", 200),
        (Method::GET, "/events?format=ics", &[("if-none-match", "*")], b"", 304),
        (Method::GET, "/events?%FF=%FF", &[], b"", 400),
        (Method::POST, "/events", &[JSON, key], br#"{"name":"a"}"#, 201),
        (Method::POST, "/events", &[JSON, key], br#"{"name":"b"}"#, 422),
        (Method::POST, "/events", &[JSON], b"", 400),
        (Method::POST, "/events", &[JSON], b"\xff", 400),
        (Method::POST, "/events", &[JSON], b"{\"name\":\"\0\"}", 400),
        (Method::POST, "/events", &[], br#"{"name":"a"}"#, 415),
        (Method::POST, "/events", &[JSON], &large, 413),
        (Method::GET, &stored, &[], b"", 200),
        (Method::GET, "/events/nope", &[], b"", 404),
        (Method::DELETE, "/events/nope", &[], b"", 404),
        (Method::DELETE, UNKNOWN, &[], b"", 404),
    ];
    for (method, target, headers, body, status) in calls {
        check(&api, &method, target, headers, body, status).await;
    }
    for (origin, allowed) in ORIGINS {
        let id = api.create(&json!({ "name": "a" })).await.event().id;
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let response = api.send(Method::DELETE, &format!("/events/{id}"), &headers, b"").await;
        assert_eq!(response.status, StatusCode::NO_CONTENT);
        assert_headers(&response, allowed, &format!("DELETE {origin:?}"));
    }
}

#[tokio::test]
async fn so_does_the_response_to_a_failed_call_to_the_table() {
    let (api, _proxy) = api_without_table();
    check(&api, &Method::GET, "/events", &[], b"", 500).await;
    check(&api, &Method::GET, "/events?format=ics", &[], b"", 500).await;
    check(&api, &Method::POST, "/events", &[JSON], br#"{"name":"a"}"#, 500).await;
    check(&api, &Method::GET, UNKNOWN, &[], b"", 500).await;
    check(&api, &Method::DELETE, UNKNOWN, &[], b"", 500).await;
}
