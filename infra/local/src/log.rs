//! The log: one line a request.

use std::time::Duration;

use hyper::StatusCode;

use crate::gateway::Trace;

/// `POST /events 201 create-event cold 43 ms`
pub fn request(method: &str, path: &str, status: StatusCode, trace: &Trace, took: Duration) {
    let function = match (&trace.function, trace.cold) {
        (Some(function), true) => format!(" {function} cold"),
        (Some(function), false) => format!(" {function} warm"),
        (None, _) => " gateway".to_owned(),
    };
    let took = took.as_secs_f64() * 1e3;
    let status = status.as_u16();
    match &trace.error {
        Some(error) => tracing::error!(
            "{method} {path} {status}{function} {took:.1} ms {} {error}",
            trace.request_id
        ),
        None => tracing::info!("{method} {path} {status}{function} {took:.1} ms"),
    }
}
