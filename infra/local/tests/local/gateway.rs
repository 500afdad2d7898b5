//! The rules of the gateway and of the functions' processes, beside the recorded answers, which
//! `recorded.rs` compares. Each test names the rule's source: a page of the guide, or a row.

mod authorizers;
mod cors;
mod payload;
mod processes;
mod refusals;
mod routes;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::runner::{Runner, assemble_program, template};

/// A run of a stack with one function, `test_function.rs`.
struct TestStack {
    runner: Runner,
    http: Client,
    _folder: TempDir,
}

impl TestStack {
    /// Runs the stack after `change` has changed its template. Without a change, the function gets
    /// every request.
    fn start(change: impl FnOnce(&mut Value)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut template = template();
        template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("$default");
        template["Resources"]["Function"]["Properties"]["Timeout"] = json!(20);
        change(&mut template);
        assemble_program(folder.path(), &template, Path::new(env!("CARGO_BIN_EXE_test-function")));
        let runner = Runner::start(folder.path(), &["--memory"]);
        Self { runner, http: Client::new(), _folder: folder }
    }

    async fn call(&self, method: Method, target: &str, body: &str) -> reqwest::Response {
        let url = format!("{}{target}", self.runner.api());
        let request = self.http.request(method, url).header("content-type", "text/plain");
        request.body(body.to_owned()).send().await.unwrap()
    }

    /// The response of the function to `/echo`.
    async fn echo(&self, target: &str) -> Value {
        let response = self.call(Method::GET, target, "").await;
        assert_eq!(response.status(), StatusCode::OK);
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }
}

async fn status_and_body(response: reqwest::Response) -> (u16, String) {
    assert!(response.headers().contains_key("apigw-requestid"));
    (response.status().as_u16(), response.text().await.unwrap())
}

/// The status and the body of the gateway's own response.
fn own(status: u16, message: &str) -> (u16, String) {
    (status, format!("{{\"message\":\"{message}\"}}"))
}

/// Sends bytes that an HTTP client would not send. Returns the status and the body of the response.
fn raw(stack: &TestStack, request: &[u8]) -> (u16, String) {
    let authority = stack.runner.api().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.write_all(request).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    (status.parse().unwrap(), body.to_owned())
}
