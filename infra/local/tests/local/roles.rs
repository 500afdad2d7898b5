//! A function may do what its role in the template allows, and nothing else.

use std::collections::HashMap;
use std::fs;

use harness::client::Client;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::runner::{Runner, assemble, synthesized_with, template};

/// The id of an event that does not exist.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The status and the content type of each route's answer.
async fn answers(api: &str) -> HashMap<&'static str, (u16, String)> {
    let http = Client::new().unwrap();
    let event = json!({ "name": "Choir", "date": "2026-06-15" });
    let mut answers = HashMap::new();
    for (function, response) in [
        ("list-events", http.list(api, "").await.unwrap()),
        ("create-event", http.create(api, &event, None).await.unwrap()),
        ("get-event", http.get(api, NOBODY).await.unwrap()),
        ("delete-event", http.delete(api, NOBODY).await.unwrap()),
    ] {
        let content_type = response.header("content-type").unwrap_or_default().to_owned();
        answers.insert(function, (response.status.as_u16(), content_type));
    }
    answers
}

/// Removes the statement with this action from the template. Returns whether there was one.
fn remove_statement(template: &mut Value, action: &str) -> bool {
    let mut removed = 0;
    for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
        let statements = resource.pointer_mut("/Properties/PolicyDocument/Statement");
        let Some(statements) = statements.and_then(Value::as_array_mut) else { continue };
        let before = statements.len();
        statements.retain(|statement| statement["Action"] != action);
        removed += before - statements.len();
    }
    removed == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_whose_statement_is_missing_fails_and_the_others_go_on() {
    let problem = "application/problem+json";
    let as_it_is = HashMap::from([
        ("list-events", (200, "application/json".to_owned())),
        ("create-event", (201, "application/json".to_owned())),
        ("get-event", (404, problem.to_owned())),
        ("delete-event", (404, problem.to_owned())),
    ]);
    for (function, action) in [
        ("list-events", "Query"),
        ("create-event", "PutItem"),
        ("get-event", "GetItem"),
        ("delete-event", "DeleteItem"),
    ] {
        let assembly = synthesized_with(|template| {
            assert!(remove_statement(template, &format!("dynamodb:{action}")), "{action}");
        });
        let log = assembly.path().join("log");
        let runner = Runner::start_with_log(
            assembly.path(),
            &["--memory", "--no-site"],
            fs::File::create(&log).unwrap(),
        );
        let mut expected = as_it_is.clone();
        expected.insert(function, (500, problem.to_owned()));
        assert_eq!(answers(runner.api()).await, expected, "without {action}");

        let log = fs::read_to_string(log).unwrap();
        let denials: Vec<_> = log.lines().filter(|line| line.contains("AccessDenied")).collect();
        let [denial] = *denials else { panic!("{log}") };
        assert!(denial.starts_with(&format!("[{function}] ")), "{denial}");
        assert!(
            denial.contains(&format!("is not authorized to perform: dynamodb:{action}")),
            "{log}"
        );
        let ready = &runner.ready["tableKey"]["secret"];
        assert!(!log.contains(ready.as_str().unwrap()), "the log holds a secret");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_changes_what_running_functions_may_do() {
    let whole = synthesized_with(|_| {});
    let without = synthesized_with(|template| {
        assert!(remove_statement(template, "dynamodb:Query"));
    });
    let mut runner = Runner::start(whole.path(), &["--memory", "--no-site"]);
    let processes = runner.children();
    let http = Client::new().unwrap();
    for (assembly, expected) in [
        (None, StatusCode::OK),
        (Some(&without), StatusCode::INTERNAL_SERVER_ERROR),
        (Some(&whole), StatusCode::OK),
    ] {
        if let Some(assembly) = assembly {
            runner.reload(assembly.path());
        }
        assert_eq!(http.list(runner.api(), "").await.unwrap().status, expected);
    }
    assert_eq!(runner.children(), processes, "no process was started again");
}

#[test]
fn a_locked_run_gives_no_key() {
    let assembly = synthesized_with(|_| {});
    let key =
        |arguments: &[&str]| Runner::start(assembly.path(), arguments).ready["tableKey"].take();
    assert!(key(&["--memory", "--no-site"])["secret"].is_string());
    assert!(key(&["--memory", "--no-site", "--locked"]).is_null());
}

/// A template whose function has a role with this policy document.
fn template_with(document: &Value) -> Value {
    let mut template = template();
    let resources = &mut template["Resources"];
    resources["Table"] = json!({ "Type": "AWS::DynamoDB::Table" });
    resources["Log"] = json!({ "Type": "AWS::Logs::LogGroup" });
    resources["Role"] = json!({ "Type": "AWS::IAM::Role" });
    resources["Policy"] = json!({
        "Type": "AWS::IAM::Policy",
        "Properties": { "PolicyDocument": document, "Roles": [{ "Ref": "Role" }] },
    });
    resources["Function"]["Properties"]["Role"] = json!({ "Fn::GetAtt": ["Role", "Arn"] });
    template
}

#[track_caller]
fn assert_refused(template: &Value, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    assemble(folder.path(), template, "#!/bin/sh\nexec sleep 60\n");
    let failure = Runner::fail(folder.path(), &["--memory"]);
    assert!(failure.stderr.contains(&format!("error: {expected}")), "{}", failure.stderr);
}

#[test]
fn a_policy_that_is_not_understood_is_an_error_that_names_its_place() {
    let table = json!({ "Fn::GetAtt": ["Table", "Arn"] });
    let place = "Resources.Policy.Properties.PolicyDocument.Statement.1";
    for (change, expected) in [
        (
            json!({ "Condition": { "StringEquals": { "dynamodb:LeadingKeys": "a" } } }),
            format!("{place}.Condition is not supported by the local run"),
        ),
        (json!({ "Principal": "*" }), format!("{place}.Principal is not supported")),
        (json!({ "Effect": "allow" }), format!("{place}.Effect: allow is neither Allow nor Deny")),
        (json!({ "NotAction": "dynamodb:Scan" }), format!("{place} needs either Action or")),
        (json!({ "NotResource": "*" }), format!("{place} needs either Resource or")),
        (
            json!({ "Resource": { "Fn::GetAtt": ["Log", "Arn"] } }),
            format!("{place}.Resource: the local run does not support Arn of Log"),
        ),
        (
            json!({ "Resource": ["*", "arn:aws:dynamodb:*:*:table/${aws:username}"] }),
            format!(
                "{place}.Resource: arn:aws:dynamodb:*:*:table/${{aws:username}} has a variable"
            ),
        ),
    ] {
        let mut statement =
            json!({ "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": table });
        for (name, value) in change.as_object().unwrap() {
            statement[name] = value.clone();
        }
        // One that is not about tables is not read.
        let logs = json!({
            "Effect": "Allow",
            "Action": ["logs:PutLogEvents"],
            "Resource": { "Fn::GetAtt": ["Log", "Arn"] },
            "Condition": { "Bool": { "aws:SecureTransport": "true" } },
        });
        assert_refused(&template_with(&json!({ "Statement": [logs, statement] })), &expected);
    }
}

#[test]
fn a_role_that_is_not_understood_is_an_error_that_names_its_place() {
    let template = template_with(&json!({ "Statement": [] }));
    for (pointer, value, expected) in [
        (
            "/Resources/Function/Properties/Role",
            json!("arn:aws:iam::1:role/elsewhere"),
            "Resources.Function.Properties.Role: the template has no role",
        ),
        (
            "/Resources/Role/Properties",
            json!({ "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"] }),
            "Resources.Role.Properties.ManagedPolicyArns.0: the local run does not know what",
        ),
        (
            "/Resources/Role/Properties",
            json!({ "PermissionsBoundary": "arn:aws:iam::1:policy/boundary" }),
            "Resources.Role.Properties.PermissionsBoundary is not supported",
        ),
        (
            "/Resources/Table/Properties",
            json!({ "ResourcePolicy": { "PolicyDocument": {} } }),
            "Resources.Table.Properties.ResourcePolicy is not supported",
        ),
    ] {
        let mut template = template.clone();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        template.pointer_mut(parent).unwrap()[member] = value;
        assert_refused(&template, expected);
    }
}
