//! The committed description says what the code and the stack do.

use std::collections::BTreeSet;
use std::path::Path;

use api::openapi::document;
use serde_json::Value;
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;

use crate::client::assembly;

#[test]
fn the_committed_document_is_the_codes_own() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{:#}\n", document())).unwrap();
    }
    let committed: Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap_or_default()).unwrap_or_default();
    assert!(
        committed == document(),
        "openapi.json is not up to date: run this test with UPDATE=1 and commit the file"
    );
}

#[test]
fn its_operations_are_the_stacks_routes_and_functions() {
    let document = document();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, operations)| {
            operations.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters").map(
                move |(method, operation)| {
                    let name = operation["operationId"].as_str().unwrap().to_owned();
                    (format!("{} {path}", method.to_uppercase()), name)
                },
            )
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
