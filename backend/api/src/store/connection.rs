//! The DynamoDB client, from the environment that Lambda gives a function (Lambda Developer Guide,
//! "Defined runtime environment variables").

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::{Builder, tls};

/// One try, from connecting to the whole answer. DynamoDB answers in milliseconds; one that takes longer
/// than this is lost.
const ATTEMPT: Duration = Duration::from_millis(1_500);
const ATTEMPTS: u32 = 3;
/// All tries with the pauses between them, and all that one request asks of the table: below the functions'
/// own time limit, so that the caller gets our 503 and not the gateway's 500.
pub const TIME_LIMIT: Duration = Duration::from_secs(6);

#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is missing or unusable")]
pub struct MissingVariable(pub(crate) String);

/// Reads a variable that must be there; it may be empty.
pub fn variable(name: &str) -> Result<String, MissingVariable> {
    std::env::var(name).map_err(|_| MissingVariable(name.into()))
}

pub(super) fn client_from_env() -> Result<Client, MissingVariable> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN").ok(),
        None,
        "environment",
    );
    let region = Region::new(variable("AWS_REGION")?);
    // The SDKs' own variable for another endpoint: the local engine's.
    Ok(client(credentials, region, variable("AWS_ENDPOINT_URL_DYNAMODB").ok()))
}

/// A client with our time limits and retries; `endpoint` is DynamoDB's own unless given.
pub fn client(credentials: Credentials, region: Region, endpoint: Option<String>) -> Client {
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region)
        .credentials_provider(credentials)
        // They are at hand, and stay the same as long as the process lives.
        .identity_cache(IdentityCache::no_cache())
        .http_client(http)
        // The time limits below are for whole answers, also for slow ones.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(TIME_LIMIT)
                .build(),
        );
    config.set_endpoint_url(endpoint);
    Client::from_conf(config.build())
}
