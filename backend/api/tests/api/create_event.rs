use std::sync::Arc;

use domain::{Target, limits};
use lambda_http::http::StatusCode;
use serde_json::json;

use crate::client::{TestApi, on_both};

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn responds_with_the_event_and_its_path() {
    on_both(async |api| {
        let response = api.create(&json!({ "name": " a ", "location": null })).await;
        assert_eq!(response.status, StatusCode::CREATED);
        let event = response.event();
        assert_eq!(event.content.name.as_str(), "a");
        assert_eq!(event.id.as_uuid().get_version_num(), 4);
        assert_eq!(response.header("location"), Some(format!("/events/{}", event.id).as_str()));
        assert_eq!(response.header("idempotency-replayed"), None);
        assert!(response.json().get("location").is_none(), "an absent member is absent");
    })
    .await;
}

#[tokio::test]
async fn type_comes_before_size_and_size_before_content() {
    on_both(async |api| {
        let too_large = vec![b'x'; limits::BODY_MAX_BYTES + 1];
        let others = [
            vec![],
            vec![("content-type", "text/plain")],
            vec![("content-type", "application/jsonp")],
            vec![("content-type", "application/json, text/plain")],
            vec![("content-type", "")],
        ];
        for headers in &others {
            let response = api.create_with(headers, &too_large).await;
            assert_eq!(response.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{headers:?}");
            assert_eq!(response.problem().error, "Content-Type must be application/json");
        }
        for encoding in ["gzip", "br", "identity, gzip", "x"] {
            let headers = [JSON, ("content-encoding", encoding)];
            let response = api.create_with(&headers, &too_large).await;
            assert_eq!(response.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{encoding}");
            assert_eq!(response.header("accept-encoding"), Some("identity"));
            assert_eq!(response.problem().error, "Content-Encoding is not supported");
        }
        for encoding in ["identity", "Identity", ""] {
            let headers = [JSON, ("content-encoding", encoding)];
            let response = api.create_with(&headers, br#"{"name":"a"}"#).await;
            assert_eq!(response.status, StatusCode::CREATED, "{encoding}");
        }
        for content_type in ["application/json", "Application/JSON ; charset=utf-8"] {
            let response = api.create_with(&[("content-type", content_type)], &too_large).await;
            assert_eq!(response.status, StatusCode::PAYLOAD_TOO_LARGE, "{content_type}");
            assert_eq!(response.problem().error, "Request body is larger than 32768 bytes");
        }
        let spaces = " ".repeat(limits::BODY_MAX_BYTES - 12);
        let largest = format!(r#"{{"name":"a"}}{spaces}"#);
        assert_eq!(largest.len(), limits::BODY_MAX_BYTES);
        let response = api.create_with(&[JSON], largest.as_bytes()).await;
        assert_eq!(response.status, StatusCode::CREATED);
        // The gateway encodes a body that is not UTF-8 in base64.
        let response = api.create_with(&[JSON], b"{\"name\":\"\xff\"}").await;
        let problem = response.problem();
        assert_eq!(problem.error, "Invalid JSON in request body");
        assert_eq!(problem.detail.as_deref(), Some("not UTF-8 at byte 9"));
    })
    .await;
}

#[tokio::test]
async fn a_byte_order_mark_before_the_json_is_ignored() {
    on_both(async |api| {
        let response = api.create_with(&[JSON], b"\xEF\xBB\xBF{\"name\":\"a\"}").await;
        assert_eq!(response.event().content.name.as_str(), "a");
        let response = api.create_with(&[JSON], b"\xEF\xBB\xBF").await;
        assert_eq!(response.problem().error, "Missing required field: name");
        let response = api.create_with(&[JSON], b"\xEF\xBB\xBF\xEF\xBB\xBF{}").await;
        assert_eq!(response.problem().error, "Invalid JSON in request body");
    })
    .await;
}

#[tokio::test]
async fn reports_every_error_of_body_and_key_together() {
    on_both(async |api| {
        let body = r#"{"name":"a","name":"b","time":"9:00","date":"2026-06-31","price":1}"#;
        let response =
            api.create_with(&[JSON, ("idempotency-key", "two words")], body.as_bytes()).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST);
        let problem = response.problem();
        assert_eq!(problem.error, "Invalid field: name is given more than once");
        let targets: Vec<_> = problem.errors.into_iter().map(|entry| entry.target).collect();
        let pointer = |member: &str| Target::Pointer(format!("#/{member}"));
        assert_eq!(
            targets,
            [
                pointer("name"),
                pointer("time"),
                pointer("date"),
                pointer("price"),
                Target::Header("Idempotency-Key".into()),
            ]
        );
        assert_eq!(api.list("").await.json(), json!([]), "nothing was stored");
    })
    .await;
}

#[tokio::test]
async fn a_key_has_1_to_255_visible_characters() {
    on_both(async |api| {
        let longest = "~".repeat(limits::IDEMPOTENCY_KEY_MAX);
        for key in ["!", longest.as_str()] {
            let response = api.create_with_key(key, &json!({ "name": "a" })).await;
            assert_eq!(response.status, StatusCode::CREATED, "{key}");
        }
        let too_long = format!("{longest}~");
        for key in ["", "a b", too_long.as_str(), "a\tb"] {
            let response = api.create_with_key(key, &json!({ "name": "a" })).await;
            assert_eq!(response.status, StatusCode::BAD_REQUEST, "{key}");
            assert_eq!(
                response.problem().error,
                "Invalid header: Idempotency-Key must be 1 to 255 visible ASCII characters"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_creates_once_while_its_event_exists() {
    on_both(async |api| {
        let event = json!({ "name": "a", "date": "2026-06-15" });
        let first = api.create_with_key("k", &event).await;
        assert_eq!(first.header("idempotency-replayed"), None);
        // Another text with the same content.
        let again = api.create_with_key("k", &json!({ "date": "2026-06-15", "name": " a " })).await;
        assert_eq!(again.status, StatusCode::CREATED);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(
            (again.event(), again.header("location")),
            (first.event(), first.header("location"))
        );

        let other = api.create_with_key("k", &json!({ "name": "b" })).await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(other.header("location"), first.header("location"));
        assert_eq!(other.problem().error, "Idempotency-Key was used for another event");
        assert_eq!(api.list("").await.events(), [first.event()]);

        let id = first.event().id;
        assert_eq!(api.delete(&id.to_string()).await.status, StatusCode::NO_CONTENT);
        let anew = api.create_with_key("k", &json!({ "name": "b" })).await;
        assert_eq!((anew.status, anew.event().id), (StatusCode::CREATED, id));
        assert_eq!(anew.header("idempotency-replayed"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_creates_with_one_key_at_once_one_creates() {
    let api = Arc::new(TestApi::behind_gateway().await);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let api = Arc::clone(&api);
        calls.spawn(async move { api.create_with_key("k", &json!({ "name": "a" })).await });
    }
    let responses = calls.join_all().await;
    let event = responses[0].event();
    assert!(responses.iter().all(|response| response.event() == event));
    let replayed = responses.iter().filter(|a| a.header("idempotency-replayed").is_some()).count();
    assert_eq!(replayed, 63);
    assert_eq!(api.list("").await.events(), [event]);
    Arc::into_inner(api).unwrap().stop().await;
}
