use lambda_http::http::StatusCode;
use serde_json::json;

use crate::client::on_both;

#[tokio::test]
async fn returns_the_event_that_create_returned() {
    on_both(async |api| {
        let event = json!({
            "name": " Ünïcode 🎉 ",
            "date": "2026-06-15",
            "time": "18:30",
            "location": "Hall \"3\"",
            "description": " two\r\nlines ",
        });
        let created = api.create(&event).await.event();
        assert_eq!(created.content.name.as_str(), "Ünïcode 🎉");
        assert_eq!(created.content.description.as_ref().unwrap().as_str(), " two\r\nlines ");
        assert_eq!(api.get(&created.id.to_string()).await.event(), created);
    })
    .await;
}

#[tokio::test]
async fn an_id_is_read_in_any_case() {
    on_both(async |api| {
        let event = api.create(&json!({ "name": "a" })).await.event();
        let response = api.get(&event.id.to_string().to_uppercase()).await;
        assert_eq!(response.event(), event);
        let response = api.delete(&event.id.to_string().to_uppercase()).await;
        assert_eq!(response.status, StatusCode::NO_CONTENT);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_or_malformed_id_is_not_found() {
    on_both(async |api| {
        for id in [
            "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
            "nope",
            "warm",
            "..%2e",
            "%20",
            "%00",
            "a%3Fb%23c",
            "%F0%9F%8E%89",
        ] {
            let response = api.get(id).await;
            assert_eq!(response.status, StatusCode::NOT_FOUND, "{id}");
            let problem = response.problem();
            assert_eq!((problem.error.as_str(), problem.request_id), ("Event not found", None));
        }
    })
    .await;
}
