use lambda_http::http::StatusCode;
use serde_json::json;

use crate::client::{TestApi, on_both};

#[tokio::test]
async fn deletes_once() {
    on_both(async |api| {
        let created = api.create(&json!({ "name": "a" })).await.event();
        let kept = api.create(&json!({ "name": "b" })).await.event();
        let id = created.id.to_string();
        let deleted = api.delete(&id).await;
        assert_eq!((deleted.status, deleted.body.as_slice()), (StatusCode::NO_CONTENT, &b""[..]));
        for _ in 0..2 {
            assert_eq!(api.delete(&id).await.problem().error, "Event not found");
        }
        assert_eq!(api.get(&id).await.status, StatusCode::NOT_FOUND);
        assert_eq!(api.list("").await.events(), [kept]);
    })
    .await;
}

#[tokio::test]
async fn a_malformed_id_is_not_found() {
    on_both(async |api| {
        assert_eq!(api.delete("nope").await.problem().error, "Event not found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_deletes_at_once_one_deletes() {
    let api = std::sync::Arc::new(TestApi::behind_gateway().await);
    let id = api.create(&json!({ "name": "a" })).await.event().id.to_string();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (api, id) = (std::sync::Arc::clone(&api), id.clone());
        calls.spawn(async move { api.delete(&id).await.status.as_u16() });
    }
    let mut statuses = calls.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 204);
    assert_eq!(statuses[1..], [404; 63]);
    std::sync::Arc::into_inner(api).unwrap().stop().await;
}
