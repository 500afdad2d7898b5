//! The calls of the article about the first version of this API: its printed results are still
//! right.

use lambda_http::http::StatusCode;
use serde_json::json;

use crate::client::on_both;

#[tokio::test]
async fn the_calls_of_the_article_give_its_results() {
    on_both(async |api| {
        let created = api.create(&json!({ "name": "CDK Workshop", "date": "2026-06-15" })).await;
        assert_eq!(created.status, StatusCode::CREATED);
        let event = created.json();
        assert_eq!(
            (&event["name"], &event["date"]),
            (&json!("CDK Workshop"), &json!("2026-06-15"))
        );
        let id = event["id"].as_str().unwrap();

        let list = api.list("").await;
        assert_eq!((list.status, list.json()), (StatusCode::OK, json!([event])));
        let got = api.get(id).await;
        assert_eq!((got.status, got.json()), (StatusCode::OK, event.clone()));

        let deleted = api.delete(id).await;
        assert_eq!((deleted.status, deleted.body.len()), (StatusCode::NO_CONTENT, 0));
        let gone = api.get(id).await;
        assert_eq!(
            (gone.status, &gone.json()["error"]),
            (StatusCode::NOT_FOUND, &json!("Event not found"))
        );

        let no_json = api.create_with(&[("content-type", "application/json")], b"{").await;
        assert_eq!(no_json.status, StatusCode::BAD_REQUEST);
        assert_eq!(no_json.json()["error"], "Invalid JSON in request body");
        let no_name = api.create(&json!({ "date": "2026-06-15" })).await;
        assert_eq!(no_name.status, StatusCode::BAD_REQUEST);
        assert_eq!(no_name.json()["error"], "Missing required field: name");
    })
    .await;
}
