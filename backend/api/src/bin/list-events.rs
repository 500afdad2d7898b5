#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let feed = api::feed::Settings::from_env();
    api::run(|store, request| Box::pin(api::handlers::list_events(store, feed, request))).await
}
