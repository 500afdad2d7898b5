//! The body of every error answer of the API (RFC 9457, "Problem Details for HTTP APIs").

use serde::{Deserialize, Serialize};

/// `application/problem+json`. `error` is the one-line message that clients of the first version of this
/// API read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// A URI reference that names the kind of problem; `about:blank` says no more than the status.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Each broken member or parameter, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemEntry>,
    pub error: String,
    /// On a 5xx: what to quote when asking about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// One broken member of the body, or one broken query parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemEntry {
    #[serde(flatten)]
    pub target: Target,
    pub detail: String,
}

/// Where the mistake is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// A JSON pointer as a URI fragment (RFC 6901, section 6): `#/date`; `#` is the body as a whole.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
    /// The name of a request header.
    Header(String),
}
