//! The response to a query of the index, read from the bytes that DynamoDB sends.
//!
//! The SDK makes a map of each item and a text of each attribute. For the thousand items of a feed
//! that takes most of the time. So it is told to leave the body as it is.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use aws_sdk_dynamodb::error::{BoxError, ErrorMetadata};
use aws_sdk_dynamodb::operation::query::{QueryError, QueryInput, QueryOutput};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use serde::Deserialize;

use super::item::Stored;
use crate::ApiError;

/// The members of a response that are used (DynamoDB API Reference, "Query").
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueryResponse {
    #[serde(default)]
    pub items: Vec<Stored>,
    pub last_evaluated_key: Option<HashMap<String, KeyValue>>,
}

impl QueryResponse {
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        // The whole body is checked to be UTF-8 at once: string by string takes a third longer.
        let text = str::from_utf8(body).map_err(|error| ApiError::Internal(error.into()))?;
        serde_json::from_str(text).map_err(|error| ApiError::Internal(error.into()))
    }
}

/// A value of a key.
#[derive(Deserialize)]
pub(super) enum KeyValue {
    S(String),
    N(String),
}

impl From<KeyValue> for AttributeValue {
    fn from(value: KeyValue) -> Self {
        match value {
            KeyValue::S(text) => Self::S(text),
            KeyValue::N(number) => Self::N(number),
        }
    }
}

/// A client whose queries return the body of their response as it is: see [`body`].
pub(super) fn client_with_bodies(client: &Client) -> Client {
    // It shares the connections of `client`. An interceptor of one call would cost 140 kB of code.
    Client::from_conf(client.config().to_builder().interceptor(KeepBody).build())
}

/// The body of the response to a query. It takes the place of the items, as one binary attribute.
pub(super) fn body(output: QueryOutput) -> Vec<u8> {
    let attributes = output.items.into_iter().flatten().flat_map(HashMap::into_values);
    let mut bodies = attributes.filter_map(|value| match value {
        AttributeValue::B(body) => Some(body.into_inner()),
        _ => None,
    });
    bodies.next().unwrap_or_default()
}

/// Replaces how the SDK reads the response to a query.
#[derive(Debug)]
struct KeepBody;

impl Intercept for KeepBody {
    fn name(&self) -> &'static str {
        "KeepBody"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.input().downcast_ref::<QueryInput>().is_some() {
            config.interceptor_state().store_put(SharedResponseDeserializer::new(Self));
        }
        Ok(())
    }
}

impl DeserializeResponse for KeepBody {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let body = response.body().bytes().unwrap_or_default();
        if !response.status().is_success() {
            return Err(OrchestratorError::operation(Error::erase(error(body))));
        }
        let item = HashMap::from([(String::new(), AttributeValue::B(Blob::new(body)))]);
        Ok(Output::erase(QueryOutput::builder().items(item).build()))
    }
}

/// The error of a response (Smithy, "AWS JSON 1.0 protocol", "Operation error serialization"): its
/// code is what follows the namespace in `__type`.
fn error(body: &[u8]) -> QueryError {
    #[derive(Default, Deserialize)]
    struct Body {
        #[serde(rename = "__type")]
        kind: Option<String>,
        #[serde(alias = "Message")]
        message: Option<String>,
    }
    let Body { kind, message } = serde_json::from_slice(body).unwrap_or_default();
    let code = kind.map(|kind| kind.rsplit('#').next().unwrap_or_default().to_owned());
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = code {
        metadata = metadata.code(code);
    }
    if let Some(message) = message {
        metadata = metadata.message(message);
    }
    QueryError::generic(metadata.build())
}
