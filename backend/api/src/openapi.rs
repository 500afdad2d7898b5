//! The OpenAPI 3.1 document of the API, made from the limits and parameters that the code uses. It is
//! committed as `openapi.json` and served nowhere; a test fails when the two differ. No Lambda links it.

use domain::limits;
use serde_json::{Value, json};

use crate::list_query::PARAMETERS;

/// White space that is trimmed (Unicode's `White_Space`), as members of a character class.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Control characters (Unicode's `Cc`), likewise.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// The whole document.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Events",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": {
            "/events": { "get": list_events(), "post": create_event() },
            "/events/{id}": {
                "parameters": [{
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "schema": { "type": "string", "format": "uuid" },
                }],
                "get": get_event(),
                "delete": delete_event(),
            },
        },
        "components": {
            "schemas": {
                "Event": event(),
                "NewEvent": new_event(),
                "Problem": problem(),
                "GatewayError": gateway_error(),
            },
        },
    })
}

fn list_events() -> Value {
    let date = json!({ "type": "string", "format": "date" });
    let parameters: Vec<Value> = PARAMETERS
        .iter()
        .map(|name| {
            let (schema, description) = match *name {
                "from" => (date.clone(), "The first day, inclusive"),
                "to" => (date.clone(), "The last day, inclusive; not before `from`"),
                "undated" => (
                    json!({ "type": "boolean", "default": false }),
                    "Only events without a date; not with `from` or `to`",
                ),
                "order" => (
                    json!({ "type": "string", "enum": ["asc", "desc"], "default": "asc" }),
                    "By date, then time, then id; no time before any time, undated events last in `asc`",
                ),
                "limit" => (
                    json!({
                        "type": "integer",
                        "minimum": 1,
                        "maximum": limits::PAGE_MAX,
                        "default": limits::PAGE_MAX,
                    }),
                    "Events on a page",
                ),
                _ => (
                    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$" }),
                    "Out of a `Link` of the same query",
                ),
            };
            json!({ "name": name, "in": "query", "description": description, "schema": schema })
        })
        .collect();
    let events =
        json!({ "type": "array", "maxItems": limits::PAGE_MAX, "items": reference("Event") });
    let link = json!({ "Link": {
        "description": "The next page, `rel=\"next\"`, while there is more (RFC 8288)",
        "schema": { "type": "string", "pattern": "^</events\\?.+>; rel=\"next\"$" },
    } });
    json!({
        "operationId": "list-events",
        "summary": "List events, one page in order",
        "parameters": parameters,
        "responses": responses(&[
            ("200", with_headers(json_content("A page", &events), &link)),
            ("400", problem_content("Each bad parameter, or a bad cursor")),
        ]),
    })
}

fn create_event() -> Value {
    let location = json!({
        "description": "The event's path",
        "schema": { "type": "string", "format": "uri-reference" },
    });
    let replayed = json!({
        "description": "The key had made this event before",
        "schema": { "const": "true" },
    });
    let created = with_headers(
        json_content("The event as it is stored", &reference("Event")),
        &json!({ "Location": location, "Idempotency-Replayed": replayed }),
    );
    let reused = with_headers(
        problem_content("The key made another event"),
        &json!({ "Location": location }),
    );
    json!({
        "operationId": "create-event",
        "summary": "Create an event, exactly once for each key",
        "parameters": [{
            "name": "Idempotency-Key",
            "in": "header",
            "description": "As long as its event exists, the same key creates nothing else",
            "schema": {
                "type": "string",
                "pattern": format!("^[!-~]{{1,{}}}$", limits::IDEMPOTENCY_KEY_MAX),
            },
        }],
        "requestBody": {
            "description": format!("At most {} bytes", limits::BODY_MAX_BYTES),
            "required": true,
            "content": { "application/json": { "schema": reference("NewEvent") } },
        },
        "responses": responses(&[
            ("201", created),
            ("400", problem_content("Not JSON, or each bad member and a bad key")),
            ("413", problem_content("The body is too large")),
            ("415", problem_content("The body is not `application/json`")),
            ("422", reused),
        ]),
    })
}

fn get_event() -> Value {
    json!({
        "operationId": "get-event",
        "summary": "Get an event",
        "responses": responses(&[
            ("200", json_content("The event", &reference("Event"))),
            ("404", not_found()),
        ]),
    })
}

fn delete_event() -> Value {
    json!({
        "operationId": "delete-event",
        "summary": "Delete an event",
        "responses": responses(&[
            ("204", json!({ "description": "It was there, and is not any more" })),
            ("404", not_found()),
        ]),
    })
}

/// The answers of a route, with those that the gateway makes itself.
fn responses(own: &[(&str, Value)]) -> Value {
    let failed = json!({
        "description": "The body carries the request's id",
        "content": {
            "application/problem+json": { "schema": reference("Problem") },
            "application/json": { "schema": reference("GatewayError") },
        },
    });
    let unavailable = with_headers(
        failed.clone(),
        &json!({ "Retry-After": { "description": "Seconds", "schema": { "type": "string" } } }),
    );
    let gateway = json_content("By the gateway", &reference("GatewayError"));
    let mut all = json!({ "429": gateway, "431": gateway, "500": failed, "503": unavailable });
    for (status, response) in own {
        all[status] = response.clone();
    }
    all
}

/// 404 of a route; a path that has another form, such as one with an encoded slash, is the gateway's.
fn not_found() -> Value {
    json!({
        "description": "There is no such event",
        "content": {
            "application/problem+json": { "schema": reference("Problem") },
            "application/json": { "schema": reference("GatewayError") },
        },
    })
}

fn json_content(description: &str, schema: &Value) -> Value {
    json!({
        "description": description,
        "content": { "application/json": { "schema": schema } },
    })
}

fn problem_content(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": reference("Problem") } },
    })
}

fn with_headers(mut response: Value, headers: &Value) -> Value {
    response["headers"] = headers.clone();
    response
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// A text that is trimmed, then has 1 to `max` characters of which none is a control character. Said by a
/// pattern alone: `maxLength` would count what is trimmed.
fn trimmed_text(max: usize) -> Value {
    let (inner, outer) = (format!("[^{CONTROL}]"), format!("[^{CONTROL}{SPACE}]"));
    let rest = max - 2;
    json!({
        "pattern": format!("^[{SPACE}]*{outer}({inner}{{0,{rest}}}{outer})?[{SPACE}]*$"),
    })
}

/// The members that a person sets, with their schemas but for the type.
fn members() -> [(&'static str, Value); 5] {
    [
        ("name", trimmed_text(limits::NAME_MAX)),
        ("date", json!({ "format": "date" })),
        ("time", json!({ "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" })),
        ("location", trimmed_text(limits::LOCATION_MAX)),
        (
            "description",
            json!({
                "minLength": 1,
                "maxLength": limits::DESCRIPTION_MAX,
                "pattern": r"^[^\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]*$",
            }),
        ),
    ]
}

/// An event of an answer: absent members are absent.
fn event() -> Value {
    let mut schema = json!({
        "type": "object",
        "required": ["id", "name", "createdAt"],
        "dependentRequired": { "time": ["date"] },
        "additionalProperties": false,
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "createdAt": {
                "type": "string",
                "format": "date-time",
                "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$",
            },
        },
    });
    for (name, mut member) in members() {
        member["type"] = "string".into();
        schema["properties"][name] = member;
    }
    schema
}

/// The body of a create request: `null` means absent, and a time needs a date.
fn new_event() -> Value {
    let mut schema = json!({
        "type": "object",
        "required": ["name"],
        "additionalProperties": false,
        "properties": {},
        "anyOf": [
            { "required": ["date"], "properties": { "date": { "type": "string" } } },
            { "properties": { "time": { "type": "null" } } },
        ],
    });
    for (name, mut member) in members() {
        member["type"] = if name == "name" { json!("string") } else { json!(["string", "null"]) };
        schema["properties"][name] = member;
    }
    schema
}

/// RFC 9457.
fn problem() -> Value {
    let entry = |place: &str| {
        json!({
            "type": "object",
            "required": [place, "detail"],
            "additionalProperties": false,
            "properties": { place: { "type": "string" }, "detail": { "type": "string" } },
        })
    };
    json!({
        "type": "object",
        "required": ["type", "title", "status", "error"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "errors": {
                "type": "array",
                "minItems": 1,
                "items": { "oneOf": [entry("pointer"), entry("parameter"), entry("header")] },
            },
            "error": { "type": "string", "description": "One line" },
            "requestId": { "type": "string" },
        },
    })
}

/// What the gateway says by itself.
fn gateway_error() -> Value {
    json!({
        "type": "object",
        "required": ["message"],
        "additionalProperties": false,
        "properties": { "message": { "type": "string" } },
    })
}
