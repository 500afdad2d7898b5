//! Failures of the table and of the connection to it.

use harness::client::Client;
use harness::proxy::{Fault, Faults, Proxy};
use lambda_http::http::StatusCode;
use serde_json::json;
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;

use crate::client::{REQUEST_ID, TestApi, assembly};

/// The handlers, behind a proxy with faults.
fn api_with(faults: Faults) -> (TestApi, Proxy) {
    let mut proxy = None;
    let api = TestApi::in_process_through(|engine| {
        proxy.insert(Proxy::start(engine, faults).unwrap()).url.clone()
    });
    (api, proxy.unwrap())
}

/// The handlers with a table that rejects every call, without hope for a retry.
pub fn api_without_table() -> (TestApi, Proxy) {
    api_with(Faults::Always(Fault::Refused))
}

#[tokio::test]
async fn a_retry_of_the_sdk_after_a_lost_response_creates_once() {
    for key in [None, Some("k")] {
        let (api, proxy) = api_with(Faults::listed([Fault::CutAfter]));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        let response = api.create_with(&headers, br#"{"name":"a"}"#).await;
        assert_eq!(response.status, StatusCode::CREATED, "{key:?}");
        assert_eq!(proxy.requests(), 2, "{key:?}: a call and its retry");
        assert_eq!(api.list("").await.events(), [response.event()]);
    }
}

#[tokio::test]
async fn after_a_retry_of_the_sdk_a_deleted_event_is_not_found() {
    let (api, proxy) = api_with(Faults::listed([Fault::CutAfter]));
    // The create loses its first response.
    let id = api.create(&json!({ "name": "a" })).await.event().id.to_string();
    assert_eq!(proxy.requests(), 2);
    assert_eq!(api.delete(&id).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(&id).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_retry_of_the_caller_after_a_lost_response_creates_once() {
    let api = TestApi::behind_gateway().await;
    let proxy = Proxy::start(api.url(), Faults::listed([Fault::CutAfter])).unwrap();
    let client = Client::new().unwrap();
    let event = json!({ "name": "a" });
    let create = || client.create(&proxy.url, &event, Some("k"));
    create().await.expect_err("the proxy cuts the first response");
    let response = create().await.unwrap();
    assert_eq!(response.status, StatusCode::CREATED);
    assert_eq!(response.header("idempotency-replayed"), Some("true"));
    assert_eq!(api.list("").await.events().len(), 1);
    api.stop().await;
}

#[tokio::test]
async fn throttling_and_lost_responses_are_503s_with_retry_after() {
    for fault in [Fault::Throttled, Fault::Broken, Fault::CutWithin, Fault::Silent] {
        let (api, proxy) = api_with(Faults::Always(fault));
        let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
        let event = json!({ "name": "a" });
        let (created, got, deleted, listed, fed) = tokio::join!(
            api.create(&event),
            api.get(id),
            api.delete(id),
            api.list(""),
            api.list("?format=ics")
        );
        for response in [created, got, deleted, listed, fed] {
            assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{fault:?}");
            assert_eq!(response.header("retry-after"), Some("1"));
            let problem = response.problem();
            assert_eq!(problem.error, "Service temporarily unavailable");
            assert_eq!(problem.request_id.as_deref(), Some(REQUEST_ID));
            assert_eq!((problem.detail, problem.errors.len()), (None, 0));
        }
        assert!(proxy.requests() >= 5 * 3, "{fault:?}: three attempts each");
    }
}

#[test]
fn every_timeout_is_shorter_than_the_one_around_it() {
    let stack = Stack::read(&Assembly::read(&assembly()).unwrap()).unwrap();
    assert_eq!(stack.api.routes.len(), 4);
    for route in &stack.api.routes {
        let function = &stack.functions[&route.function];
        assert!(api::store::TIME_LIMIT < function.timeout, "the table's in {}", function.name);
        assert!(function.timeout < route.timeout, "{} in the gateway's", function.name);
    }
}

#[tokio::test]
async fn an_internal_error_shows_only_the_request_id() {
    let (api, proxy) = api_with(Faults::Always(Fault::Refused));
    let response = api.get("6ba7b810-9dad-41d1-80b4-00c04fd430c8").await;
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        response.json(),
        json!({
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "error": "Internal server error",
            "requestId": REQUEST_ID,
        })
    );
    assert_eq!(response.header("retry-after"), None);
    assert_eq!(proxy.requests(), 1, "no retry");
}
