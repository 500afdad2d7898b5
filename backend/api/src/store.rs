//! The events table. No other module uses DynamoDB.
//!
//! An item has the members of an event as strings, and the two keys of the index `byDate`. The
//! partition key `shard` is a number from the event's id: with one partition, its write limit would
//! limit all creates. The sort key `sort` is the text of the event's [`SortKey`](domain::SortKey).
//! A page of the list queries all shards in parallel and merges their events.

mod connection;
mod item;
mod page;
mod query_response;

use std::collections::HashMap;
use std::error::Error;
use std::ops::ControlFlow;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::{Event, EventId};

use crate::ApiError;
use crate::env::{self, EnvError};
use crate::error::chain;
use crate::list_query::ListQuery;
pub use connection::{TIME_LIMIT, client, endpoint};
pub use item::from_event as item_of;
pub use page::Page;
use query_response::client_with_bodies;

/// The table with its index.
#[derive(Debug, Clone)]
pub struct EventStore {
    client: Client,
    table: String,
    shards: u32,
}

/// The result of a create.
#[derive(Debug)]
pub enum Created {
    /// The event is new, and stored.
    New(Event),
    /// An event with this id and the same content was stored before.
    Same(Event),
    /// An event with this id and other content was stored before.
    Other(EventId),
}

impl EventStore {
    /// A store on `table`, whose index has `shards` partition keys, at least 1.
    pub fn new(client: &Client, table: String, shards: u32) -> Self {
        Self { client: client_with_bodies(client), table, shards: shards.max(1) }
    }

    /// The store that `TABLE_NAME`, `SHARDS` and Lambda's own variables (region, credentials,
    /// endpoint) describe.
    pub fn from_env() -> Result<Self, EnvError> {
        let client = connection::client_from_env()?;
        Ok(Self::new(&client, env::variable("TABLE_NAME")?, env::number("SHARDS")?))
    }

    /// Opens the connection, so that the first request need not wait for it.
    pub async fn warm(&self) {
        if let Err(error) = connection::open(&self.client).await {
            tracing::warn!(error = %chain(&*error), "the table is unreachable at start");
        }
    }

    /// Stores the event unless its id is stored already. One call in both cases.
    pub async fn create(&self, event: Event) -> Result<Created, ApiError> {
        let Err(error) = self
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
        match error.as_service_error().and_then(stored_item) {
            Some(item) => {
                let stored = item::to_event(item)?;
                Ok(if stored.content == event.content {
                    Created::Same(stored)
                } else {
                    Created::Other(stored.id)
                })
            }
            None => Err(failed(error)),
        }
    }

    pub async fn get(&self, id: EventId) -> Result<Option<Event>, ApiError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("id", AttributeValue::S(id.to_string()))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed)?;
        output.item.as_ref().map(item::to_event).transpose()
    }

    /// Deletes an event with one conditional write. `false` if there is none with this id.
    pub async fn delete(&self, id: EventId) -> Result<bool, ApiError> {
        let result = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("id", AttributeValue::S(id.to_string()))
            .condition_expression("attribute_exists(id)")
            .send()
            .await;
        match result {
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
        page::page(self, query).await
    }

    /// Gives the events of a list to `take` in their order, until it breaks or there are no more,
    /// and at most `most`. Returns the number of items that the queries of the index returned, for
    /// which DynamoDB bills.
    pub async fn read(
        &self,
        query: &ListQuery,
        most: usize,
        take: impl FnMut(Event) -> ControlFlow<()>,
    ) -> Result<usize, ApiError> {
        // Each call has its own timeout, but a list may need several calls one after the other.
        tokio::time::timeout(TIME_LIMIT, page::read(self, query, most, take))
            .await
            .unwrap_or_else(|elapsed| Err(ApiError::Unavailable(elapsed.into())))
    }
}

/// The stored item that a failed condition returns.
fn stored_item(error: &PutItemError) -> Option<&HashMap<String, AttributeValue>> {
    match error {
        PutItemError::ConditionalCheckFailedException(error) => error.item(),
        _ => None,
    }
}

/// The error of a failed call. After throttling, a timeout, a lost connection or a 5xx of DynamoDB
/// a retry may help; any other error is a defect here.
fn failed<E>(error: SdkError<E>) -> ApiError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let retryable = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(error) => {
            error.raw().status().is_server_error()
                || error.err().code().is_some_and(|code| THROTTLED.contains(&code))
        }
        _ => false,
    };
    if retryable { ApiError::Unavailable(error.into()) } else { ApiError::Internal(error.into()) }
}

/// The 400s of DynamoDB after which a retry may help (Developer Guide, "Error handling with
/// DynamoDB").
const THROTTLED: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "LimitExceededException",
];
