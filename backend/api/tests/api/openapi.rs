//! `openapi.json` is written by hand. These tests compare it with the code and the stack.

use std::collections::BTreeSet;

use api::list_query::PARAMETERS;
use domain::limits;
use serde_json::{Value, json};
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;

use crate::client::assembly;
use crate::cors::EXPOSED;

fn document() -> Value {
    serde_json::from_str(include_str!("../../openapi.json")).unwrap()
}

/// The operations with their paths.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().unwrap().iter();
        operations
            .filter(|(name, _)| *name != "parameters")
            .map(move |(method, operation)| (path, method, operation))
    })
}

/// The names of the parameters that stand in a place: the query, the header or the path.
fn names<'a>(parameters: &'a Value, place: &str) -> Vec<&'a str> {
    let parameters = parameters.as_array().unwrap().iter().filter(|p| p["in"] == place);
    parameters.map(|p| p["name"].as_str().unwrap()).collect()
}

#[test]
fn operations_are_the_routes_and_functions_of_the_stack() {
    let document = document();
    let described: BTreeSet<(String, String)> = operations(&document)
        .map(|(path, method, operation)| {
            let function = operation["operationId"].as_str().unwrap().to_owned();
            (format!("{} {path}", method.to_uppercase()), function)
        })
        .collect();
    let stack = Stack::read(&Assembly::read(&assembly()).unwrap()).unwrap();
    let deployed: BTreeSet<(String, String)> = stack
        .api
        .routes
        .iter()
        .map(|route| {
            let function = &stack.functions[&route.function];
            (route.key.as_str().to_owned(), function.label.clone())
        })
        .collect();
    assert_eq!(described, deployed);
    assert_eq!(described.len(), 4);
}

#[test]
fn parameters_and_headers_are_those_of_the_code() {
    let document = document();
    let (list, create) =
        (&document["paths"]["/events"]["get"], &document["paths"]["/events"]["post"]);
    assert_eq!(names(&list["parameters"], "query"), PARAMETERS);
    assert_eq!(names(&list["parameters"], "header"), ["If-None-Match"]);
    assert_eq!(names(&create["parameters"], "header"), ["Idempotency-Key"]);
    assert_eq!(names(&document["paths"]["/events/{id}"]["parameters"], "path"), ["id"]);

    let shared = document["components"]["responses"].as_object().unwrap().values();
    let headers: BTreeSet<String> = operations(&document)
        .flat_map(|(_, _, operation)| operation["responses"].as_object().unwrap().values())
        .chain(shared)
        .filter_map(|response| response["headers"].as_object())
        .flat_map(|headers| headers.keys().map(|name| name.to_lowercase()))
        // For who sends what the page never does.
        .filter(|name| !["accept-encoding", "cache-control", "etag"].contains(&name.as_str()))
        .collect();
    assert_eq!(headers, EXPOSED.split(',').map(str::to_owned).collect());
}

#[test]
fn limits_are_those_of_the_domain() {
    let document = document();
    let (list, create) =
        (&document["paths"]["/events"]["get"], &document["paths"]["/events"]["post"]);
    let limit = PARAMETERS.iter().position(|name| *name == "limit").unwrap();
    assert_eq!(
        list["parameters"][limit]["schema"],
        json!({
            "type": "integer",
            "minimum": 1,
            "maximum": limits::PAGE_MAX,
            "default": limits::PAGE_MAX,
        })
    );
    let page = &list["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(page["maxItems"], limits::PAGE_MAX);
    let feed = &list["responses"]["200"]["content"]["text/calendar"]["schema"]["description"];
    let most = format!("At most {} events, and less where they are long", limits::FEED_MAX);
    assert_eq!(*feed, most);
    let key = format!("^[!-~]{{1,{}}}$", limits::IDEMPOTENCY_KEY_MAX);
    assert_eq!(create["parameters"][0]["schema"]["pattern"], key);
    let body = format!("At most {} bytes", limits::BODY_MAX_BYTES);
    assert_eq!(create["requestBody"]["description"], body);

    for schema in ["Event", "NewEvent"] {
        let properties = &document["components"]["schemas"][schema]["properties"];
        assert_eq!(properties["description"]["maxLength"], limits::DESCRIPTION_MAX, "{schema}");
        // `maxLength` would count the white space that is trimmed. The pattern has the first
        // character, the last one, and as many between them as this quantifier allows.
        for (name, max) in [("name", limits::NAME_MAX), ("location", limits::LOCATION_MAX)] {
            let pattern = properties[name]["pattern"].as_str().unwrap();
            assert!(pattern.contains(&format!("]{{0,{}}}[", max - 2)), "{schema}: {pattern}");
        }
    }
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}
