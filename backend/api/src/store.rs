//! The events table: the one place that knows DynamoDB.
//!
//! An item is the event's members as strings, and two attributes of the index `byDate`: `shard`, a number
//! from the id, so that no single index partition caps how fast events can be created; and `sort`, the
//! [`SortKey`]. A page of the list asks all shards side by side and merges what they answer.

mod connection;
mod item;
mod page;
mod sort_key;

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::{Event, EventId};

use crate::ApiError;
use crate::list_query::ListQuery;
pub use connection::{MissingVariable, TIME_LIMIT, client, variable};
pub use item::from_event as item_of;
pub use page::Page;
pub use sort_key::SortKey;

/// The table with its index.
#[derive(Debug, Clone)]
pub struct EventStore {
    client: Client,
    table: String,
    shards: u32,
}

/// What a create found.
#[derive(Debug)]
pub enum Created {
    /// Nothing: the event is stored now.
    New(Event),
    /// An event with this id and the same content, as it is stored.
    Same(Event),
    /// An event with this id and other content.
    Other(EventId),
}

impl EventStore {
    /// A store on `table`, whose index has `shards` partitions keys, 1 at least.
    pub fn new(client: Client, table: String, shards: u32) -> Self {
        Self { client, table, shards: shards.max(1) }
    }

    /// The store that the function's environment describes: `TABLE_NAME`, `SHARDS`, and the variables that
    /// Lambda sets (region, credentials, perhaps an endpoint).
    pub fn from_env() -> Result<Self, MissingVariable> {
        let shards = variable("SHARDS")?
            .parse()
            .map_err(|_| MissingVariable("SHARDS (a whole number)".into()))?;
        Ok(Self::new(connection::client_from_env()?, variable("TABLE_NAME")?, shards))
    }

    /// Opens the connection before the first request waits for it. Three of four functions may not read
    /// items: their call is refused, which costs nothing and leaves the connection open all the same.
    pub async fn warm(&self) {
        let warmed = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("id", AttributeValue::S("warm".into()))
            .send()
            .await;
        if let Err(error) = warmed
            && error.as_service_error().is_none()
        {
            tracing::warn!(error = %error, "the table could not be reached at start");
        }
    }

    /// Writes the event unless its id is taken. One call, also when it is.
    pub async fn create(&self, event: Event) -> Result<Created, ApiError> {
        let Err(refused) = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_event(&event, self.shards)))
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
        else {
            return Ok(Created::New(event));
        };
        match refused.as_service_error().and_then(stored_item) {
            Some(item) => {
                let stored = item::to_event(item)?;
                Ok(if stored.content == event.content {
                    Created::Same(stored)
                } else {
                    Created::Other(stored.id)
                })
            }
            None => Err(failed(refused)),
        }
    }

    pub async fn get(&self, id: EventId) -> Result<Option<Event>, ApiError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("id", AttributeValue::S(id.to_string()))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?;
        answer.item.as_ref().map(item::to_event).transpose()
    }

    /// Whether there was such an event. One conditional write, nothing read before.
    pub async fn delete(&self, id: EventId) -> Result<bool, ApiError> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("id", AttributeValue::S(id.to_string()))
            .condition_expression("attribute_exists(id)")
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// One page of the list.
    pub async fn list(&self, query: &ListQuery) -> Result<Page, ApiError> {
        // Its calls have time limits of their own, and there may be several, one after the other.
        tokio::time::timeout(TIME_LIMIT, page::read(self, query))
            .await
            .unwrap_or_else(|elapsed| Err(ApiError::Unavailable(elapsed.into())))
    }
}

/// The item that a refused write found.
fn stored_item(error: &PutItemError) -> Option<&HashMap<String, AttributeValue>> {
    match error {
        PutItemError::ConditionalCheckFailedException(refused) => refused.item(),
        _ => None,
    }
}

/// What a failed call means for the caller: throttling, time-outs and faults of DynamoDB are worth a retry,
/// everything else is ours.
fn failed<E>(error: SdkError<E>) -> ApiError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let worth_a_retry = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(answer) => {
            answer.raw().status().is_server_error()
                || answer.err().code().is_some_and(|code| THROTTLED.contains(&code))
        }
        _ => false,
    };
    if worth_a_retry {
        ApiError::Unavailable(error.into())
    } else {
        ApiError::Internal(error.into())
    }
}

/// DynamoDB's 400s that say "later" (Developer Guide, "Error handling with DynamoDB").
const THROTTLED: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "LimitExceededException",
];
