//! Inputs of a committed corpus, changed at random: whatever comes, the answer is the caller's own error in the
//! form that the contract gives it, or a success.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::corpus::near;
use lambda_http::http::Method;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::client::{Response, TestApi};

const BODIES: &str = include_str!("../corpus/bodies.txt");
const QUERIES: &str = include_str!("../corpus/queries.txt");
const HEADERS: &str = include_str!("../corpus/headers.txt");

/// What a header or a query may hold when it has come through HTTP.
fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).filter(|c| matches!(c, ' '..='~')).collect()
}

fn is_as_the_contract_says(answer: &Response) {
    assert!(answer.status.as_u16() < 500, "{answer:?}");
    if !answer.status.is_success() {
        let problem = answer.problem();
        assert!(!problem.error.is_empty() && !problem.error.contains('\n'), "{problem:?}");
    }
    assert_eq!(answer.header("vary"), Some("Origin"));
}

fn in_process() -> (tokio::runtime::Runtime, TestApi) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let api = runtime.block_on(async { TestApi::in_process() });
    (runtime, api)
}

#[test]
fn any_body_and_headers() {
    let (runtime, api) = in_process();
    proptest!(|(body in near(BODIES), header in near(HEADERS))| {
        let header = text(&header);
        let (name, value) = header.split_once(':').unwrap_or(("origin", &header));
        let mut headers = vec![("content-type", "application/json")];
        if ["content-type", "idempotency-key", "origin"].contains(&name) {
            headers.push((name, value.trim()));
        }
        let answer = runtime.block_on(api.send(Method::POST, "/events", &headers, &body));
        is_as_the_contract_says(&answer);
    });
}

#[test]
fn any_query() {
    let (runtime, api) = in_process();
    proptest!(|(query in near(QUERIES))| {
        // These are no part of a URL; the gateway refuses them before anybody sees them.
        let query: String = text(&query).chars().filter(|c| !" \"#<>".contains(*c)).collect();
        let target = format!("/events?{query}");
        let answer = runtime.block_on(api.send(Method::GET, &target, &[], b""));
        is_as_the_contract_says(&answer);
    });
}

#[test]
fn any_cursor() {
    let (runtime, api) = in_process();
    let created =
        (0..3).map(|n| serde_json::json!({ "name": "a", "date": format!("2026-06-1{n}") }));
    let next = runtime.block_on(async {
        for event in created {
            api.create(&event).await.event();
        }
        api.list("?limit=1").await.next_query().unwrap()
    });
    let (_, cursor) = next.split_once("cursor=").unwrap();
    let whole = URL_SAFE_NO_PAD.decode(cursor).unwrap();
    proptest!(|(at in any::<Index>(), byte in any::<u8>(), tail in prop::collection::vec(any::<u8>(), 0..4))| {
        let mut changed = whole.clone();
        changed[at.index(whole.len())] = byte;
        changed.extend(tail);
        let target = format!("/events?limit=1&cursor={}", URL_SAFE_NO_PAD.encode(&changed));
        let answer = runtime.block_on(api.send(Method::GET, &target, &[], b""));
        assert_eq!(answer.status.is_success(), changed == whole, "{answer:?}");
        is_as_the_contract_says(&answer);
    });
}

#[test]
fn any_id() {
    let (runtime, api) = in_process();
    proptest!(|(id in "[!$-.0-;=@A-Z_a-z~]{0,40}")| {
        for method in [Method::GET, Method::DELETE] {
            let answer = runtime.block_on(api.send(method, &format!("/events/{id}"), &[], b""));
            assert_eq!(answer.status.as_u16(), 404, "{answer:?}");
            is_as_the_contract_says(&answer);
        }
    });
}
