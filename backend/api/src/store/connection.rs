//! The DynamoDB client, from the environment variables of a function (Lambda Developer Guide,
//! "Defined runtime environment variables").

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::{Builder, tls};

use crate::env::{EnvError, variable};

/// The timeout of one attempt, from connecting to the whole response. DynamoDB responds within
/// milliseconds; a response that takes longer than this is lost.
const ATTEMPT: Duration = Duration::from_millis(1_500);
const ATTEMPTS: u32 = 3;
/// The timeout of all attempts of a call with the pauses between them, and of all calls for a page.
/// It is shorter than the functions' timeout, so that the caller gets our 503 and not the gateway's
/// 500.
pub const TIME_LIMIT: Duration = Duration::from_secs(6);

pub(super) fn client_from_env() -> Result<Client, EnvError> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN").ok(),
        None,
        "environment",
    );
    let region = Region::new(variable("AWS_REGION")?);
    // The SDKs' variable for another endpoint, such as that of the local engine.
    Ok(client(credentials, region, variable("AWS_ENDPOINT_URL_DYNAMODB").ok()))
}

/// A client with our timeouts and retries. `endpoint` replaces the endpoint of the region.
pub fn client(credentials: Credentials, region: Region, endpoint: Option<String>) -> Client {
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region)
        .credentials_provider(credentials)
        // The credentials stay the same as long as the process lives.
        .identity_cache(IdentityCache::no_cache())
        .http_client(http)
        // The timeouts below limit whole responses, so they limit stalled ones too.
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
