//! The rows that need no special API, sent to a running one: `RECORDED_API` is its URL. `cargo xtask
//! test e2e` does so for an app that runs already.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::compare;
use super::given::Setup;
use super::wire::{self, Answer};
use super::{Row, rows, say};

/// What an answer of the gateway's own says.
const OWN: [&str; 2] = ["{\"message\":\"Not Found\"}", "{\"message\":\"Bad Request\"}"];

/// Each row that the API answers otherwise is printed as a new row. None of the API's own routes
/// takes these requests.
#[test]
#[ignore = "needs the URL of a running API in RECORDED_API"]
fn a_running_api_answers_as_recorded() {
    let api = std::env::var("RECORDED_API").expect("RECORDED_API names no running API");
    let rows: Vec<_> = rows().into_iter().filter(fits).collect();
    let mut differing = 0;
    for row in &rows {
        let answer = wire::send(&api, &Setup::of(row).request(row));
        let differences = compare::answer_of(row, &answer);
        if !differences.is_empty() {
            differing += 1;
            say(&format!("{}: {}", row.id(), differences.join("; ")));
            say(&format!("{:#},", as_row(row, &answer, &api)));
        }
    }
    say(&format!("{} of {} rows agree", rows.len() - differing, rows.len()));
    assert_eq!(differing, 0, "rows that this API answers otherwise are printed above");
}

/// Whether a row is the same for our API: its routes are below `/events`, and its CORS knows other
/// origins.
fn fits(row: &Row) -> bool {
    let special = ["answer", "authorizer", "fault", "throttle", "stage"];
    let request = row.given("request");
    let target = request["target"].as_str().unwrap_or_default();
    if special.iter().any(|name| !row.given(name).is_null())
        || target.starts_with("/events")
        || row.recorded("invoked") == true
    {
        return false;
    }
    if request["method"] == "OPTIONS" {
        let refused = row.recorded("headersAbsent").to_string();
        row.given("cors").is_object() && refused.contains("\"access-control-allow-origin\"")
    } else {
        let body = row.recorded("body").as_str();
        match row.status() {
            Some(400) => true,
            Some(404) => body.is_none_or(|body| body.is_empty() || OWN.contains(&body)),
            _ => false,
        }
    }
}

/// The answer as a row of the file.
fn as_row(row: &Row, answer: &Answer, api: &str) -> Value {
    let mut new = row.0.clone();
    let mut headers = answer.to_json();
    for name in ["apigw-requestid", "connection", "date"] {
        headers.remove(name);
    }
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let today =
        time::UtcDateTime::from_unix_timestamp(i64::try_from(seconds).unwrap()).unwrap().date();
    new["id"] = json!(format!("{}-deployed", row.id()));
    new["recorded"] = json!({
        "status": answer.status,
        "headers": headers,
        "headersComplete": true,
        "body": String::from_utf8_lossy(&answer.body),
    });
    new["source"] = json!(format!("our API at {api}"));
    new["seen"] = json!(today.to_string());
    new["kind"] = json!("recorded");
    new
}
