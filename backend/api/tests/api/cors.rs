//! The Lambdas' half, without the gateway's in between.

use lambda_http::http::Method;

use crate::client::{ORIGIN, TestApi};

#[tokio::test]
async fn every_answer_names_an_allowed_origin_and_no_other() {
    let api = TestApi::in_process();
    let calls: [(Method, &str, &[u8]); 7] = [
        (Method::GET, "/events", b""),
        (Method::GET, "/events?limit=0", b""),
        (Method::POST, "/events", br#"{"name":"a"}"#),
        (Method::POST, "/events", b"\xff"),
        (Method::GET, "/events/nope", b""),
        (Method::DELETE, "/events/nope", b""),
        (Method::DELETE, "/events/6ba7b810-9dad-41d1-80b4-00c04fd430c8", b""),
    ];
    for (method, target, body) in calls {
        for (origin, allowed) in [
            (Some(ORIGIN), true),
            (None, false),
            (Some("null"), false),
            (Some("http://localhost:8080.evil.test"), false),
            (Some("http://localhost:80800"), false),
            (Some("http://localhost:808"), false),
            (Some("http://localhost:8080/"), false),
            (Some("https://localhost:8080"), false),
            (Some("http://LOCALHOST:8080"), false),
            (Some("http://localhost:8080 http://localhost:8080"), false),
            (Some("http://localhost:8080, http://localhost:8080"), false),
            (Some(""), false),
        ] {
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(origin.map(|origin| ("origin", origin)));
            let answer = api.send(method.clone(), target, &headers, body).await;
            let case = format!("{method} {target} from {origin:?}");
            assert_eq!(answer.header("vary"), Some("Origin"), "{case}");
            let expected = allowed.then_some(ORIGIN);
            assert_eq!(answer.header("access-control-allow-origin"), expected, "{case}");
            let exposed = allowed.then_some("link,location,idempotency-replayed,retry-after");
            assert_eq!(answer.header("access-control-expose-headers"), exposed, "{case}");
        }
    }
}
