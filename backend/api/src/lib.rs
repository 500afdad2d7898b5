//! The four Lambdas of the events API.
//!
//! One route is one function with its own binary, memory, time limit and permission. A request goes
//! through [`run`], which hands it to one of the [`handlers`]; the handler reads it ([`http`],
//! `domain`), asks the [`store`], and answers; an [`error::ApiError`] becomes its problem document in
//! one place, and the CORS headers are put on every answer in one place ([`cors`]).
//!
//! | module | what is there |
//! |---|---|
//! | [`handlers`] | `async fn(&EventStore, Request) -> Result<Response, ApiError>`, one a file |
//! | [`store`] | [`EventStore`]: the table, its index, and all knowledge of DynamoDB |
//! | [`http`] | reading requests and building answers |
//! | [`list_query`] | the query parameters of the list, and its cursor |
//! | [`error`] | every error with its status and its words |
//! | [`cors`] | the Lambdas' half of CORS |
//! | [`service`] | what surrounds a handler |
//! | [`openapi`] | the API's description, for its callers |

pub mod cors;
pub mod error;
pub mod handlers;
pub mod http;
pub mod list_query;
pub mod openapi;
pub mod service;
pub mod store;

pub use error::ApiError;
pub use service::run;
pub use store::EventStore;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A request as the functions' runtime hands it over.
pub type Request = lambda_http::Request;
/// An answer of a handler.
pub type Response = lambda_http::Response<lambda_http::Body>;
