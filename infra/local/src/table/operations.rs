//! The operations of the DynamoDB API on the engine, each after its access was checked.
//!
//! Source of what an operation needs: Service Authorization Reference, "Actions, resources, and
//! condition keys for Amazon DynamoDB". What is checked is the request that the engine gets, so
//! nothing in its text can mean one table here and another there.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::partiql;
use super::policy::Access;

/// Why an operation failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// There is no such operation.
    Unknown,
    /// The caller may not do it; the message says what.
    Denied(String),
    Engine(DynoxideError),
}

/// A request with its body, and what its caller may do.
pub(super) struct Call<'a> {
    pub operation: &'a str,
    pub body: &'a [u8],
    /// Checks an access; an error is the message for the caller.
    pub check: &'a dyn Fn(&Access) -> Result<(), String>,
}

impl Call<'_> {
    /// Runs the operation. Returns the response's body.
    pub fn run(&self, database: &Database) -> Result<String, Failure> {
        use Database as D;
        let on = |table: &str| vec![Access::to_table(self.operation, table)];
        let on_index =
            |table: &str, index: Option<&str>| vec![Access::to_index(self.operation, table, index)];
        let on_arn = |arn: Option<&str>| vec![Access::new(self.operation, arn.unwrap_or("*"))];
        // In a transaction and in a statement, the items' actions count.
        let on_item = |action: &str, table: &str| Access::to_table(action, table);
        match self.operation {
            "GetItem" => self.call(database, D::get_item, |r| on(&r.table_name)),
            "PutItem" => self.call(database, D::put_item, |r| on(&r.table_name)),
            "UpdateItem" => self.call(database, D::update_item, |r| on(&r.table_name)),
            "DeleteItem" => self.call(database, D::delete_item, |r| on(&r.table_name)),
            "Query" => {
                self.call(database, D::query, |r| on_index(&r.table_name, r.index_name.as_deref()))
            }
            "Scan" => {
                self.call(database, D::scan, |r| on_index(&r.table_name, r.index_name.as_deref()))
            }
            "SearchVectors" => self.call(database, D::search_vectors, |r| {
                on_index(&r.table_name, Some(&r.index_name))
            }),
            "BatchGetItem" => self.call(database, D::batch_get_item, |r| {
                r.request_items.keys().flat_map(|table| on(table)).collect()
            }),
            "BatchWriteItem" => self.call(database, D::batch_write_item, |r| {
                r.request_items.keys().flat_map(|table| on(table)).collect()
            }),
            "TransactGetItems" => self.call(database, D::transact_get_items, |r| {
                r.transact_items.iter().map(|i| on_item("GetItem", &i.get.table_name)).collect()
            }),
            "TransactWriteItems" => self.call(database, D::transact_write_items, |r| {
                let accesses = r.transact_items.iter().flat_map(|item| {
                    [
                        item.put.as_ref().map(|i| on_item("PutItem", &i.table_name)),
                        item.update.as_ref().map(|i| on_item("UpdateItem", &i.table_name)),
                        item.delete.as_ref().map(|i| on_item("DeleteItem", &i.table_name)),
                        item.condition_check
                            .as_ref()
                            .map(|i| on_item("ConditionCheckItem", &i.table_name)),
                    ]
                });
                accesses.flatten().collect()
            }),
            "ExecuteStatement" => {
                self.call(database, D::execute_statement, |r| vec![partiql::access(&r.statement)])
            }
            "BatchExecuteStatement" => self.call(database, D::batch_execute_statement, |r| {
                r.statements.iter().map(|s| partiql::access(&s.statement)).collect()
            }),
            "ExecuteTransaction" => self.call(database, D::execute_transaction, |r| {
                r.transact_statements.iter().map(|s| partiql::access(&s.statement)).collect()
            }),
            "CreateTable" => self.call(database, D::create_table, |r| on(&r.table_name)),
            "DeleteTable" => self.call(database, D::delete_table, |r| on(&r.table_name)),
            "DescribeTable" => self.call(database, D::describe_table, |r| on(&r.table_name)),
            "UpdateTable" => self.call(database, D::update_table, |r| on(&r.table_name)),
            "UpdateTimeToLive" => {
                self.call(database, D::update_time_to_live, |r| on(&r.table_name))
            }
            "DescribeTimeToLive" => {
                self.call(database, D::describe_time_to_live, |r| on(&r.table_name))
            }
            "TagResource" => {
                self.call(database, D::tag_resource, |r| on_arn(r.resource_arn.as_deref()))
            }
            "UntagResource" => {
                self.call(database, D::untag_resource, |r| on_arn(r.resource_arn.as_deref()))
            }
            "ListTagsOfResource" => {
                self.call(database, D::list_tags_of_resource, |r| on_arn(r.resource_arn.as_deref()))
            }
            "DescribeStream" => {
                self.call(database, D::describe_stream, |r| on_arn(Some(&r.stream_arn)))
            }
            "GetShardIterator" => {
                self.call(database, D::get_shard_iterator, |r| on_arn(Some(&r.stream_arn)))
            }
            // An iterator does not say of which stream it is.
            "GetRecords" => self.call(database, D::get_records, |_| on_arn(None)),
            "ListStreams" => self.call(database, D::list_streams, |_| on_arn(None)),
            "ListTables" => self.call(database, D::list_tables, |_| on_arn(None)),
            _ => Err(Failure::Unknown),
        }
    }

    fn call<Q: DeserializeOwned, A: Serialize>(
        &self,
        database: &Database,
        run: impl FnOnce(&Database, Q) -> dynoxide::Result<A>,
        accesses: impl FnOnce(&Q) -> Vec<Access>,
    ) -> Result<String, Failure> {
        let failed = |error| Failure::Engine(of_operation(error, self.operation));
        let request = read(self.body).map_err(failed)?;
        for access in accesses(&request) {
            (self.check)(&access).map_err(Failure::Denied)?;
        }
        let response = run(database, request).map_err(failed)?;
        serde_json::to_string(&response)
            .map_err(|error| failed(DynoxideError::InternalServerError(error.to_string())))
    }
}

/// Reads a request. The engine's types say by these prefixes which error a value causes.
fn read<Q: DeserializeOwned>(body: &[u8]) -> dynoxide::Result<Q> {
    use DynoxideError::{EnvelopedValidation, SerializationException, ValidationException};
    serde_json::from_slice(body).map_err(|error| {
        if error.classify() != Category::Data {
            return SerializationException(String::new());
        }
        let whole = error.to_string();
        let text = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(text, _)| text);
        let (kind, message) = text.split_once(':').unwrap_or_default();
        match kind {
            "VALIDATION_REQUEST" => return EnvelopedValidation(message.to_owned()),
            "VALIDATION" => return ValidationException(message.to_owned()),
            "SERIALIZATION" => return SerializationException(message.to_owned()),
            // These keep the place.
            "VALIDATION_AS_READ" => {
                return ValidationException(whole[kind.len() + 1..].to_owned());
            }
            "SERIALIZATION_AS_READ" => {
                return SerializationException(whole[kind.len() + 1..].to_owned());
            }
            _ => {}
        }
        let is_invalid =
            ["missing field", "unknown variant", "invalid type: null", "AttributeValue"]
                .iter()
                .any(|sign| text.contains(sign));
        if is_invalid {
            ValidationException(text.to_owned())
        } else {
            SerializationException(text.to_owned())
        }
    })
}

/// An error as this operation words it.
fn of_operation(error: DynoxideError, operation: &str) -> DynoxideError {
    use DynoxideError::{
        ConditionalCheckFailedException, EnvelopedValidation, StatementConditionalCheckFailed,
        ValidationException,
    };
    match (error, operation) {
        (EnvelopedValidation(message), "PutItem" | "UpdateItem" | "DeleteItem") => {
            ValidationException(format!("1 validation error detected: {message}"))
        }
        (EnvelopedValidation(message), _) => ValidationException(message),
        (ConditionalCheckFailedException(message, Some(item)), "ExecuteStatement") => {
            StatementConditionalCheckFailed(message, item)
        }
        (error, _) => error,
    }
}
