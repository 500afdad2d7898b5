//! What a function does before its first request: its log, its endpoint, its connection.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use api::store::{client, endpoint};
use api::{EventStore, service};
use aws_sdk_dynamodb::config::{Credentials, Region};
use domain::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_of_the_log_has_the_level_and_time_that_lambda_filters_by() {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    tracing::subscriber::with_default(service::log(move || writer.clone()), || {
        tracing::error!(error = "broken", "internal error");
    });
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert_eq!((&line["message"], &line["error"]), (&"internal error".into(), &"broken".into()));
    // Years to milliseconds, and a Z.
    line["timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
}

#[test]
fn what_other_crates_say_below_a_warning_is_not_logged() {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    tracing::subscriber::with_default(service::log(move || writer.clone()), || {
        let _span = tracing::info_span!(target: "lambda_runtime", "invoke").entered();
        tracing::info!(target: "lambda_runtime", "of another crate");
        tracing::info!(target: "apixaban", "of a crate with a similar name");
        tracing::debug!(target: "api::handlers", "below info");
        tracing::warn!(target: "lambda_runtime", "a warning");
        tracing::info!(target: "api::handlers", "who changed what");
    });
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let messages: Vec<_> = lines.map(|mut line| line["message"].take()).collect();
    assert_eq!(messages, ["a warning", "who changed what"]);
}

#[test]
fn the_endpoint_of_the_service_comes_before_that_of_all_services() {
    let of = |variables: &[(&str, &str)]| {
        endpoint(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    let general = ("AWS_ENDPOINT_URL", "http://localhost:1");
    let own = ("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:2");
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[general]).as_deref(), Some(general.1));
    assert_eq!(of(&[general, own]).as_deref(), Some(own.1));
    assert_eq!(of(&[general, (own.0, "")]).as_deref(), Some(general.1));
}

/// Responds to each request of the first connection; gives their heads, in lower case.
async fn heads_of_one_connection(listener: TcpListener, responses: [&str; 2]) -> Vec<String> {
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut heads = Vec::new();
    for body in responses {
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            assert_ne!(connection.read_buf(&mut request).await.unwrap(), 0, "{heads:?}");
        }
        heads.push(String::from_utf8_lossy(&request).to_lowercase());
        let length = body.len();
        let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        connection.write_all(response.as_bytes()).await.unwrap();
    }
    heads
}

#[tokio::test]
async fn the_connection_is_opened_without_a_call_of_the_api() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(heads_of_one_connection(listener, ["healthy: dynamodb", "{}"]));

    let credentials = Credentials::new("id", "secret", None, None, "test");
    let client = client(credentials, Region::new("eu-central-1"), Some(url));
    let store = EventStore::new(&client, "events".into(), 1);
    store.warm().await;
    let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8".parse().unwrap();
    assert!(store.get(id).await.unwrap().is_none());

    let heads = server.await.unwrap();
    assert!(heads[0].starts_with("get / http/1.1\r\n"), "{}", heads[0]);
    assert!(!heads[0].contains("authorization") && !heads[0].contains("x-amz"), "{}", heads[0]);
    // The next call is on the same connection, signed.
    assert!(heads[1].starts_with("post / http/1.1\r\n"), "{}", heads[1]);
    assert!(heads[1].contains("authorization: aws4-hmac-sha256"), "{}", heads[1]);
}
