//! The payload of a function, and the response made of what it returns (API Gateway Developer
//! Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0).

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{TestStack, raw};

/// API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", format 2.0.
#[tokio::test]
async fn the_payload_is_format_2() {
    let stack = TestStack::start(|template| {
        template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("GET /echo/{name}");
    });
    let url = format!("{}/echo/a%20b%C3%BC?q=1&q=2&r=a%2Bb+c", stack.runner.api());
    let response = stack
        .http
        .get(url)
        .header("X-Repeated", "one")
        .header("X-Repeated", "two")
        .header("Cookie", "a=1; b=2")
        .header("X-Forwarded-For", "203.0.113.7")
        .header("Host", "somebody.example")
        .header("User-Agent", "test")
        .send()
        .await
        .unwrap();
    let id = response.headers()["apigw-requestid"].to_str().unwrap().to_owned();
    let response: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let payload = &response["payload"];
    let authority = stack.runner.api().strip_prefix("http://").unwrap();
    for (pointer, expected) in [
        ("/version", json!("2.0")),
        ("/routeKey", json!("GET /echo/{name}")),
        ("/rawPath", json!("/echo/a bü")),
        ("/rawQueryString", json!("q=1&q=2&r=a%2Bb+c")),
        ("/queryStringParameters", json!({ "q": "1,2", "r": "a+b c" })),
        ("/pathParameters", json!({ "name": "a bü" })),
        ("/cookies", json!(["a=1", "b=2"])),
        ("/headers/x-repeated", json!("one,two")),
        ("/headers/host", json!(authority)),
        ("/headers/x-forwarded-for", json!("127.0.0.1")),
        ("/headers/x-forwarded-proto", json!("http")),
        ("/requestContext/http/method", json!("GET")),
        ("/requestContext/http/path", json!("/echo/a bü")),
        ("/requestContext/http/userAgent", json!("test")),
        ("/requestContext/requestId", json!(id)),
        ("/requestContext/stage", json!("$default")),
        ("/requestContext/http/protocol", json!("HTTP/1.1")),
        ("/headers/content-length", json!("0")),
        ("/isBase64Encoded", json!(false)),
    ] {
        assert_eq!(payload.pointer(pointer), Some(&expected), "{pointer}");
    }
    assert_eq!(payload.get("body"), None);
    assert_eq!(payload["headers"].get("cookie"), None);
    assert!(payload["requestContext"]["timeEpoch"].as_u64().unwrap() > 1_700_000_000_000);
}

/// The type of a body decides (rows `body-*`); what is no UTF-8 cannot be text in JSON.
#[tokio::test]
async fn bodies_are_text_or_base64() {
    let stack = TestStack::start(|_| {});
    for (content_type, body, expected) in [
        ("application/json", &b"{}"[..], json!(["{}", false])),
        ("text/plain; charset=utf-8", "ü".as_bytes(), json!(["ü", false])),
        ("application/octet-stream", b"a", json!(["YQ==", true])),
        ("application/json", b"\xff", json!(["/w==", true])),
    ] {
        let request = stack.http.post(format!("{}/echo", stack.runner.api()));
        let request = request.header("content-type", content_type).body(body.to_vec());
        let response = request.send().await.unwrap().bytes().await.unwrap();
        let payload = &serde_json::from_slice::<Value>(&response).unwrap()["payload"];
        assert_eq!(json!([payload["body"], payload["isBase64Encoded"]]), expected);
    }
}

/// A body in chunks comes in one piece, with its length.
#[tokio::test]
async fn a_body_in_chunks_gets_a_length() {
    let stack = TestStack::start(|_| {});
    let request = b"POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\
        Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    let (status, body) = raw(&stack, request);
    assert_eq!(status, 200);
    let payload = serde_json::from_str::<Value>(&body).unwrap()["payload"].take();
    assert_eq!(payload["body"], "abc");
    assert_eq!(payload["headers"]["content-length"], "3");
    assert_eq!(payload["headers"].get("transfer-encoding"), None);
}

/// "Duplicate headers are combined with commas" (also row event-repeated-header). Bytes that are not
/// UTF-8 are replaced.
#[tokio::test]
async fn repeated_headers_are_joined() {
    let stack = TestStack::start(|_| {});
    let request = b"GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-A: 1\r\nx-a: 2, 3\r\n\
        Cookie: a=1; b=2\r\nCookie: c=3\r\nX-Bytes: \xff\r\n\r\n";
    let (status, body) = raw(&stack, request);
    assert_eq!(status, 200);
    let payload = serde_json::from_str::<Value>(&body).unwrap()["payload"].take();
    assert_eq!(payload["headers"]["x-a"], "1,2, 3");
    assert_eq!(payload["cookies"], json!(["a=1", "b=2", "c=3"]));
    assert_eq!(payload["headers"]["x-bytes"], "\u{fffd}");
}

/// The host is the gateway's own (row event-whole), whatever a client sends. The functions' HTTP crate
/// cannot parse some of these.
#[tokio::test]
async fn the_clients_host_does_not_reach_the_function() {
    let stack = TestStack::start(|_| {});
    let authority = stack.runner.api().strip_prefix("http://").unwrap();
    for host in [
        &b"Host: somebody.example\r\n"[..],
        b"Host: \xe9v\xff\r\n",
        b"Host: a b<>\r\n",
        b"Host: http://a/b?c\r\n",
        b"Host:\r\n",
        b"Host: a\r\nHost: b\r\n",
        b"X-Forwarded-Host: c\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Port: none\r\n",
        b"",
    ] {
        let request = [b"GET /echo HTTP/1.1\r\nConnection: close\r\n", host, b"\r\n"].concat();
        let (status, body) = raw(&stack, &request);
        assert_eq!(status, 200, "{}", host.escape_ascii());
        let payload = serde_json::from_str::<Value>(&body).unwrap()["payload"].take();
        assert_eq!(payload["headers"]["host"], authority);
        assert_eq!(payload["requestContext"]["domainName"], authority);
        assert_eq!(payload["headers"].get("x-forwarded-host"), None);
        assert_eq!(payload["headers"]["x-forwarded-proto"], "http");
    }
    // A request line with a host, as for a proxy.
    let (status, body) =
        raw(&stack, b"GET http://e\xc3\xa9@x/echo?a=b HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(status == 400 || !body.contains("e\u{e9}@x"), "{status} {body}");
    let (status, body) =
        raw(&stack, b"GET http://other.example/echo?a=b HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 200);
    let payload = serde_json::from_str::<Value>(&body).unwrap()["payload"].take();
    assert_eq!(json!([payload["rawPath"], payload["rawQueryString"]]), json!(["/echo", "a=b"]));
    assert_eq!(payload["headers"]["host"], authority);
}

/// In the examples of the guide, the payload has no members for missing parts of the request.
#[tokio::test]
async fn missing_parts_have_no_members() {
    let stack = TestStack::start(|_| {});
    let payload = stack.echo("/echo").await["payload"].take();
    for member in ["pathParameters", "queryStringParameters", "cookies", "body"] {
        assert_eq!(payload.get(member), None, "{member}");
    }
    assert_eq!(payload["rawQueryString"], "");
}

/// "To customize the response, your Lambda function should return a response with the following
/// format", and "if your Lambda function returns valid JSON and doesn't return a statusCode", that
/// JSON is the body.
#[tokio::test]
async fn a_function_may_return_a_response_or_any_json() {
    let stack = TestStack::start(|_| {});
    let response = async |response: Value| {
        let request = stack.http.post(format!("{}/answer", stack.runner.api()));
        request.body(response.to_string()).send().await.unwrap()
    };
    let formatted = response(json!({
        "statusCode": 418,
        "headers": { "X-Text": "a", "x-number": 1 },
        "cookies": ["a=1; Secure", "b=2"],
        "isBase64Encoded": true,
        "body": "/wA=",
    }))
    .await;
    assert_eq!(formatted.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(formatted.headers()["x-text"], "a");
    assert_eq!(formatted.headers()["x-number"], "1");
    let cookies: Vec<_> = formatted.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Secure", "b=2"]);
    assert_eq!(formatted.bytes().await.unwrap(), &b"\xff\0"[..]);

    let plain = response(json!({ "a": 1 })).await;
    assert_eq!(plain.status(), StatusCode::OK);
    assert_eq!(plain.headers()["content-type"], "application/json");
    assert_eq!(plain.text().await.unwrap(), r#"{"a":1}"#);
}
