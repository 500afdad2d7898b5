//! What stands around a function, one test a rule. Each names the rule's source: the guide's page, an answer that was
//! recorded from a real API, or that it is inferred.

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

/// A run of one function that does as it is told (`test_function.rs`).
struct Stack {
    runner: Runner,
    http: Client,
    _folder: TempDir,
}

impl Stack {
    /// Runs a stack whose function takes every request; `change` alters the template before.
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
        self.http.request(method, url).body(body.to_owned()).send().await.unwrap()
    }

    /// What the function got, and where.
    async fn echo(&self, target: &str) -> Value {
        let answer = self.call(Method::GET, target, "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

async fn status_and_body(answer: reqwest::Response) -> (u16, String) {
    assert!(answer.headers().contains_key("apigw-requestid"));
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn own(status: u16, message: &str) -> (u16, String) {
    (status, format!("{{\"message\":\"{message}\"}}"))
}

/// Sends bytes that no HTTP client would; gives the status and the body of the answer.
fn raw(stack: &Stack, request: &[u8]) -> (u16, String) {
    let authority = stack.runner.api().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    (status.parse().unwrap(), body.to_owned())
}
