#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    api::run(|store, request| Box::pin(api::handlers::get_event(store, request))).await
}
