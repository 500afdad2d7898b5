//! The DynamoDB client, from the environment variables of a function (Lambda Developer Guide,
//! "Defined runtime environment variables").

use std::env;
use std::mem;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, ConfigBag, Credentials, IdentityCache, Intercept, Region,
    RuntimeComponents, StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::{BoxError, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
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
    Ok(client(credentials, region, endpoint(|name| env::var(name).ok())))
}

/// Another endpoint than that of the region, such as the local engine's, from environment variables
/// (AWS SDKs and Tools Reference Guide, "Service-specific endpoints"): the service's own first.
pub fn endpoint(variable: impl Fn(&'static str) -> Option<String>) -> Option<String> {
    ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"]
        .into_iter()
        .filter_map(variable)
        .find(|url| !url.is_empty())
}

/// Opens a connection that later calls of `client` use.
///
/// It sends no call of the API, because three of the four functions may make only one that costs or
/// writes, and DynamoDB would count a denied one as an error of the user. `GET /` at the endpoint
/// needs no credentials: DynamoDB responds with `healthy: dynamodb.REGION.amazonaws.com`.
pub(super) async fn open(client: &Client) -> Result<(), BoxError> {
    // It shares the connections of `client`. An override of one call would cost 90 kB of code.
    let config = client.config().to_builder().interceptor(HealthCheck);
    let client = Client::from_conf(config.retry_config(RetryConfig::disabled()).build());
    let call = client.get_item().table_name("none").key("id", AttributeValue::S(String::new()));
    match call.send().await {
        Err(error @ (SdkError::DispatchFailure(_) | SdkError::TimeoutError(_))) => {
            Err(error.into())
        }
        // The response is not one of the API: the SDK cannot read it.
        _ => Ok(()),
    }
}

/// Sends `GET /` without credentials in the place of a signed call.
#[derive(Debug)]
struct HealthCheck;

impl Intercept for HealthCheck {
    fn name(&self) -> &'static str {
        "HealthCheck"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.set_method("GET")?;
        mem::take(request.headers_mut());
        *request.body_mut() = "".into();
        Ok(())
    }
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
