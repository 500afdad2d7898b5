//! The four Lambdas of the events API.
//!
//! Each route has its own function, with its own binary, memory, timeout and permission. [`run`]
//! passes each request to one of the [`handlers`]. The handler parses it ([`request`], `domain`),
//! calls the [`store`], and returns a response or an [`ApiError`]. [`service`] turns the error into
//! a problem response, and adds the CORS headers ([`cors`]). `list_events` alone takes one argument
//! more: the settings of its calendar feed.
//!
//! | module | what is there |
//! |---|---|
//! | [`handlers`] | `async fn(&EventStore, Request) -> Result<Response, ApiError>`, one a file |
//! | [`store`] | [`EventStore`]: the table and its index; the only module that uses DynamoDB |
//! | [`request`], [`response`] | reading requests, building responses |
//! | [`list_query`] | the query parameters of the list, and its cursor |
//! | [`feed`] | the list as a calendar that others subscribe to |
//! | [`error`] | every error with its status and its texts |
//! | [`cors`] | the CORS headers of the responses |
//! | [`service`] | start-up, error responses, CORS: what all routes have in common |
//! | [`env`](mod@env) | the environment variables |
//! | [`clock`] | the time |

pub mod clock;
pub mod cors;
pub mod env;
pub mod error;
pub mod feed;
pub mod handlers;
pub mod list_query;
pub mod request;
pub mod response;
pub mod service;
pub mod store;

pub use error::ApiError;
pub use service::run;
pub use store::EventStore;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A request as the Lambda runtime passes it on.
pub type Request = lambda_http::Request;
/// A response of a handler.
pub type Response = lambda_http::Response<lambda_http::Body>;
