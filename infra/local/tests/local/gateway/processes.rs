//! The processes of a function (Lambda Developer Guide).

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{TestStack, own, status_and_body};

/// Lambda Developer Guide, "Lambda execution environment": it handles one request at a time, and is
/// reused.
#[tokio::test]
async fn a_process_is_reused() {
    let stack = TestStack::start(|_| {});
    let first = stack.echo("/echo").await["process"].clone();
    for _ in 0..20 {
        assert_eq!(stack.echo("/echo").await["process"], first);
    }
    assert_eq!(json!(stack.runner.children()), json!([first]));
}

/// Concurrent requests get their own processes up to a limit; further requests wait.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_get_processes_up_to_a_limit() {
    let stack = TestStack::start(|_| {});
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (http, url) = (stack.http.clone(), format!("{}/wait", stack.runner.api()));
        let body = go.to_str().unwrap().to_owned();
        calls.spawn(async move {
            let response = http.post(url).body(body).send().await.unwrap();
            let response: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
            response["process"].as_u64().unwrap()
        });
    }
    // Wait until as many processes as possible have started.
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

/// A function has the variables of the Lambda Developer Guide, "Defined runtime environment
/// variables", and its own. It inherits none of the run's.
#[tokio::test]
async fn a_function_does_not_inherit_the_environment() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Function"]["Properties"]["Environment"] =
            json!({ "Variables": { "GREETING": { "Fn::Sub": "hello ${AWS::Region}" } } });
    });
    let environment = stack.echo("/echo").await["environment"].clone();
    assert_eq!(environment["GREETING"], "hello us-east-1");
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_NAME"], "test-Function");
    assert_eq!(environment.get("CARGO_MANIFEST_DIR"), None);
    assert_eq!(environment.get("HOME"), None);
}

/// A function of a killed run may ask for its next request at the address of that run. Later runs
/// have other addresses, so it gets none of their requests.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn each_run_has_its_own_address() {
    let mut addresses = HashSet::new();
    for _ in 0..3 {
        let stack = TestStack::start(|_| {});
        let environment = stack.echo("/echo").await["environment"].clone();
        let runtime_api = environment["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap();
        let (address, _) = runtime_api.split_once(':').unwrap();
        let address: std::net::Ipv4Addr = address.parse().unwrap();
        assert!(address.is_loopback(), "{address}");
        assert!(addresses.insert(address), "{address} was another run's");
    }
}

/// Lambda Developer Guide, "Configure Lambda function memory": a function that uses more memory is
/// killed. Its request gets the gateway's 500, the next request a new process.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_function_that_exceeds_its_memory_is_killed() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Function"]["Properties"]["MemorySize"] = json!(128);
    });
    let first = stack.echo("/echo").await["process"].clone();
    let response = stack.call(Method::POST, "/leak", "200").await;
    assert_eq!(status_and_body(response).await, own(500, "Internal Server Error"));
    assert_ne!(stack.echo("/echo").await["process"], first);
}
