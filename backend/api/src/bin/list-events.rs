#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    api::run(|store, request| Box::pin(api::handlers::list_events(store, request))).await
}
