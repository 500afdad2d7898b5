//! The processes of a function (Lambda Developer Guide).

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Stack, own, status_and_body};

/// Lambda Developer Guide, "Lambda execution environment": one request at a time, and the environment stays.
#[tokio::test]
async fn a_process_handles_one_request_after_the_other() {
    let stack = Stack::start(|_| {});
    let first = stack.echo("/echo").await["process"].clone();
    for _ in 0..20 {
        assert_eq!(stack.echo("/echo").await["process"], first);
    }
    assert_eq!(json!(stack.runner.children()), json!([first]));
}

/// Requests that come at once get processes of their own, up to a limit; those beyond it wait their turn.
#[tokio::test(flavor = "multi_thread")]
async fn more_requests_get_more_processes_up_to_a_limit_and_then_queue() {
    let stack = Stack::start(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (http, url) = (stack.http.clone(), format!("{}/wait", stack.runner.api()));
        let body = go.to_str().unwrap().to_owned();
        calls.spawn(async move {
            let answer = http.post(url).body(body).send().await.unwrap();
            let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            answer["process"].as_u64().unwrap()
        });
    }
    // All that can start have started; the others wait.
    while stack.runner.children().len() < 8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stack.runner.children().len(), 8);
    std::fs::write(&go, "").unwrap();
    let processes = calls.join_all().await;
    assert_eq!(processes.len(), 20);
    assert_eq!(processes.into_iter().collect::<HashSet<_>>().len(), 8);
    assert_eq!(stack.runner.children().len(), 8, "they stay warm");
}

/// Lambda Developer Guide, "Defined runtime environment variables": those, the function's own, and nothing
/// of whoever started the run.
#[tokio::test]
async fn a_function_sees_its_own_environment_only() {
    let stack = Stack::start(|template| {
        template["Resources"]["Function"]["Properties"]["Environment"] =
            json!({ "Variables": { "GREETING": { "Fn::Sub": "hello ${AWS::Region}" } } });
    });
    let environment = stack.echo("/echo").await["environment"].clone();
    assert_eq!(environment["GREETING"], "hello us-east-1");
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_NAME"], "test-Function");
    assert_eq!(environment.get("CARGO_MANIFEST_DIR"), None);
    assert_eq!(environment.get("HOME"), None);
}

/// A function of a run that was killed goes on for a moment, and asks for its next request where that run was. Nobody else's
/// are there, whatever ports later runs get.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_other_run_is_where_a_killed_one_was() {
    let mut addresses = HashSet::new();
    for _ in 0..3 {
        let stack = Stack::start(|_| {});
        let environment = stack.echo("/echo").await["environment"].clone();
        let runtime_api = environment["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap();
        let (address, _) = runtime_api.split_once(':').unwrap();
        let address: std::net::Ipv4Addr = address.parse().unwrap();
        assert!(address.is_loopback(), "{address}");
        assert!(addresses.insert(address), "{address} had been another run's");
    }
}

/// Lambda Developer Guide, "Configure Lambda function memory": a function that takes more than it has is ended. Its
/// request gets the gateway's 500, the next one a new process.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_function_that_takes_more_memory_than_it_has_is_ended() {
    let stack = Stack::start(|template| {
        template["Resources"]["Function"]["Properties"]["MemorySize"] = json!(128);
    });
    let first = stack.echo("/echo").await["process"].clone();
    let answer = stack.call(Method::POST, "/leak", "200").await;
    assert_eq!(status_and_body(answer).await, own(500, "Internal Server Error"));
    assert_ne!(stack.echo("/echo").await["process"], first);
}
