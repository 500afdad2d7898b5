//! The body of every error response of the API (RFC 9457, "Problem Details for HTTP APIs").

use serde::{Deserialize, Serialize};

/// `application/problem+json`. `error` is the one-line message of the first version of this API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// A URI reference of the problem type; `about:blank` adds nothing to the status.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Every invalid field, not only the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemEntry>,
    pub error: String,
    /// Only on a 5xx: the id under which the error is logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// One element of [`Problem::errors`]: an invalid field of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EntryJson", into = "EntryJson")]
pub struct ProblemEntry {
    pub target: Target,
    pub detail: String,
}

/// The field of the request that is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A JSON pointer as a URI fragment (RFC 6901, section 6): `#/date`; `#` is the whole body.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
    /// The name of a request header.
    Header(String),
}

/// The JSON members. `#[serde(flatten)]` on an enum would compile to much more code, which the page
/// downloads.
#[derive(Serialize, Deserialize)]
struct EntryJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<String>,
    detail: String,
}

impl TryFrom<EntryJson> for ProblemEntry {
    type Error = &'static str;

    fn try_from(json: EntryJson) -> Result<Self, Self::Error> {
        let pointer = json.pointer.map(Target::Pointer);
        let parameter = json.parameter.map(Target::Parameter);
        let target = pointer.or(parameter).or(json.header.map(Target::Header));
        let target = target.ok_or("an error without pointer, parameter or header")?;
        Ok(Self { target, detail: json.detail })
    }
}

impl From<ProblemEntry> for EntryJson {
    fn from(ProblemEntry { target, detail }: ProblemEntry) -> Self {
        let mut json = Self { pointer: None, parameter: None, header: None, detail };
        match target {
            Target::Pointer(pointer) => json.pointer = Some(pointer),
            Target::Parameter(name) => json.parameter = Some(name),
            Target::Header(name) => json.header = Some(name),
        }
        json
    }
}
