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
#[serde(try_from = "EntryJson", into = "EntryJson")]
pub struct ProblemEntry {
    pub target: Target,
    pub detail: String,
}

/// Where the error is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A JSON pointer as a URI fragment (RFC 6901, section 6): `#/date`; `#` is the body as a whole.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
    /// The name of a request header.
    Header(String),
}

/// The flat members. A flattened enum would do the same with much more code, and the page downloads it.
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
        let target = target.ok_or("an entry without a target")?;
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
