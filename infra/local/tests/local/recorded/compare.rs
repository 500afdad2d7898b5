//! What a row records, compared with what came.

use regex_lite::Regex;
use serde_json::Value;

use super::wire::Answer;
use super::{Called, Row};

/// Headers that every answer has, and those of the connection: no row counts them.
const NOT_COUNTED: [&str; 4] = ["apigw-requestid", "connection", "date", "keep-alive"];

/// Members of an event that tell where an API is, who calls and when.
const OF_THE_PLACE: [&str; 12] = [
    "headers.host",
    "headers.x-forwarded-for",
    "headers.x-forwarded-port",
    "headers.x-forwarded-proto",
    "requestContext.accountId",
    "requestContext.apiId",
    "requestContext.domainName",
    "requestContext.domainPrefix",
    "requestContext.http.sourceIp",
    "requestContext.requestId",
    "requestContext.time",
    "requestContext.timeEpoch",
];

/// The differences, one text each.
pub fn all(row: &Row, answer: &Answer, called: &Called) -> Vec<String> {
    let mut differences = answer_of(row, answer);
    differences.extend(event_of(row, answer, called));
    differences
}

/// The differences of an answer.
pub fn answer_of(row: &Row, answer: &Answer) -> Vec<String> {
    let mut found = Differences::default();
    if let Some(status) = row.status() {
        found.compare("status", &status.into(), Some(&answer.status.into()));
    }
    for (name, value) in members(row.recorded("headers")) {
        found.compare(
            &format!("header {name}"),
            value,
            answer.header(name).map(Value::from).as_ref(),
        );
    }
    if row.recorded("headersComplete") == true {
        let named = row.recorded("headers");
        let cookies = row.recorded("setCookie").is_array();
        for (name, value) in &answer.headers {
            let counts = !(NOT_COUNTED.contains(&name.as_str()) || cookies && name == "set-cookie");
            if counts && named.get(name).is_none() {
                found.add(format!("header {name}: none, not {value}"));
            }
        }
    }
    for name in texts(row.recorded("headersAbsent")) {
        if let Some(value) = answer.header(&name.to_lowercase()) {
            found.add(format!("header {name}: none, not {value}"));
        }
    }
    for name in texts(row.recorded("headersPresent")) {
        if answer.header(&name.to_lowercase()).is_none() {
            found.add(format!("header {name}: missing"));
        }
    }
    for (name, pattern) in members(row.recorded("headerPatterns")) {
        found.matches(
            &format!("header {name}"),
            pattern,
            answer.header(name).map(Value::from).as_ref(),
        );
    }
    if row.recorded("setCookie").is_array() {
        let cookies: Value = answer.all("set-cookie").collect();
        found.compare("setCookie", row.recorded("setCookie"), Some(&cookies));
    }
    if let Some(body) = row.recorded("body").as_str() {
        let came = String::from_utf8_lossy(&answer.body).into_owned().into();
        found.compare("body", &body.into(), Some(&came));
    }
    found.0
}

fn event_of(row: &Row, answer: &Answer, called: &Called) -> Vec<String> {
    let mut found = Differences::default();
    let event = called.event.as_ref();
    if let Some(invoked) = row.recorded("invoked").as_bool() {
        found.compare("invoked", &invoked.into(), Some(&event.is_some().into()));
        if !invoked && answer.status == 401 && called.authorizer {
            found.add("the authorizer was called".into());
        }
    }
    if let Some(route) = row.recorded("route").as_str() {
        let taken = event.map(|event| event["routeKey"].clone());
        // A route that refuses before its function is called shows by its authorizer.
        let refused = row.recorded("invoked") == false && matches!(answer.status, 401 | 403);
        if !refused {
            found.compare("route", &route.into(), taken.as_ref());
        }
    }
    found.covers("event", "", row.recorded("event"), event);
    for path in texts(row.recorded("eventAbsent")) {
        match (event, event.and_then(|event| at(event, path))) {
            (None, _) => found.add(format!("event without {path}: no event")),
            (_, Some(value)) => found.add(format!("event.{path}: none, not {value}")),
            _ => {}
        }
    }
    for (path, pattern) in members(row.recorded("eventPatterns")) {
        if path != "headers.host" && path != "requestContext.domainName" {
            let value = event.and_then(|event| at(event, path));
            found.matches(&format!("event.{path}"), pattern, value);
        }
    }
    if row.recorded("requestIdIsHeader") == true {
        let id = event.map(|event| event["requestContext"]["requestId"].clone());
        let header = answer.header("apigw-requestid").map_or(Value::Null, Value::from);
        found.compare("requestId", &header, id.as_ref());
    }
    found.0
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn add(&mut self, difference: String) {
        self.0.push(difference);
    }

    fn compare(&mut self, what: &str, recorded: &Value, came: Option<&Value>) {
        if came != Some(recorded) {
            let came = came.map_or("nothing".to_owned(), short);
            self.add(format!("{what}: {}, not {came}", short(recorded)));
        }
    }

    fn matches(&mut self, what: &str, pattern: &Value, came: Option<&Value>) {
        let pattern = pattern.as_str().unwrap();
        let text = came.map(|came| came.as_str().map_or_else(|| came.to_string(), str::to_owned));
        if !text.as_ref().is_some_and(|text| Regex::new(pattern).unwrap().is_match(text)) {
            self.add(format!("{what}: like {pattern}, not {}", text.unwrap_or("nothing".into())));
        }
    }

    /// Whether all members of `recorded` are in `came`.
    fn covers(&mut self, what: &str, path: &str, recorded: &Value, came: Option<&Value>) {
        if OF_THE_PLACE.contains(&path) {
            return;
        }
        match recorded {
            Value::Null if path.is_empty() => {}
            Value::Object(members) => {
                for (name, member) in members {
                    let path =
                        if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    let came = came.and_then(|came| came.get(name));
                    self.covers(&format!("{what}.{name}"), &path, member, came);
                }
            }
            _ => self.compare(what, recorded, came),
        }
    }
}

fn at<'a>(event: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(event, |value, name| value.get(name))
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(200).collect()
}
