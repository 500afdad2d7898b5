//! When the table, or the way to it, fails.

use harness::client::Client;
use harness::proxy::{Fault, Faults, Proxy};
use lambda_http::http::StatusCode;
use serde_json::json;
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;

use crate::client::{REQUEST_ID, TestApi, assembly};

/// The handlers with a fault between them and the engine.
fn api_with(faults: Faults) -> (TestApi, Proxy) {
    let mut proxy = None;
    let api = TestApi::in_process_through(|engine| {
        proxy.insert(Proxy::start(engine, faults).unwrap()).url.clone()
    });
    (api, proxy.unwrap())
}

/// The handlers with a table that refuses every call for good.
pub fn api_with_broken_table() -> (TestApi, Proxy) {
    api_with(Faults::Always(Fault::Refused))
}

#[tokio::test]
async fn our_own_retry_after_a_lost_answer_creates_once() {
    for key in [None, Some("k")] {
        let (api, proxy) = api_with(Faults::listed([Fault::CutAfter]));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        let answer = api.create_with(&headers, br#"{"name":"a"}"#).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{key:?}");
        assert_eq!(proxy.requests(), 2, "{key:?}: one try, one more");
        assert_eq!(api.list("").await.events(), [answer.event()]);
    }
}

#[tokio::test]
async fn our_own_retry_after_a_lost_answer_says_that_the_deleted_is_gone() {
    let (api, proxy) = api_with(Faults::listed([Fault::CutAfter]));
    // The first answer is lost to this one.
    let id = api.create(&json!({ "name": "a" })).await.event().id.to_string();
    assert_eq!(proxy.requests(), 2);
    assert_eq!(api.delete(&id).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(&id).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_caller_that_lost_the_answer_asks_again_and_has_one_event() {
    let api = TestApi::behind_gateway().await;
    let proxy = Proxy::start(api.url(), Faults::listed([Fault::CutAfter])).unwrap();
    let client = Client::new().unwrap();
    let event = json!({ "name": "a" });
    let create = || client.create(&proxy.url, &event, Some("k"));
    create().await.expect_err("the answer was to be lost");
    let answer = create().await.unwrap();
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("idempotency-replayed"), Some("true"));
    assert_eq!(api.list("").await.events().len(), 1);
    api.stop().await;
}

#[tokio::test]
async fn a_table_that_is_throttled_or_silent_is_worth_a_retry() {
    for fault in [Fault::Throttled, Fault::Broken, Fault::CutWithin, Fault::Silent] {
        let (api, proxy) = api_with(Faults::Always(fault));
        let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
        let event = json!({ "name": "a" });
        let (created, got, deleted, listed) =
            tokio::join!(api.create(&event), api.get(id), api.delete(id), api.list(""));
        for answer in [created, got, deleted, listed] {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{fault:?}");
            assert_eq!(answer.header("retry-after"), Some("1"));
            let problem = answer.problem();
            assert_eq!(problem.error, "Service temporarily unavailable");
            assert_eq!(problem.request_id.as_deref(), Some(REQUEST_ID));
            assert_eq!((problem.detail, problem.errors.len()), (None, 0));
        }
        assert!(proxy.requests() >= 4 * 3, "{fault:?}: three tries each");
    }
}

#[test]
fn every_time_limit_is_below_the_one_around_it() {
    let stack = Stack::read(&Assembly::read(&assembly()).unwrap()).unwrap();
    for route in &stack.api.routes {
        let function = &stack.functions[&route.function];
        assert!(api::store::TIME_LIMIT < function.timeout, "the table's within {}", function.name);
        assert!(function.timeout < route.timeout, "{} within the gateway's", function.name);
    }
}

#[tokio::test]
async fn an_error_of_ours_shows_nothing_but_the_requests_id() {
    let (api, proxy) = api_with(Faults::Always(Fault::Refused));
    let answer = api.get("6ba7b810-9dad-41d1-80b4-00c04fd430c8").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        answer.json(),
        json!({
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "error": "Internal server error",
            "requestId": REQUEST_ID,
        })
    );
    assert_eq!(answer.header("retry-after"), None);
    assert_eq!(proxy.requests(), 1, "there is no point in another try");
}
