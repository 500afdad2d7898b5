//! The front door of the table, through the AWS SDK with the functions' keys, and with requests
//! that no SDK sends.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
};
use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementRequest, Get, KeysAndAttributes, ParameterizedStatement, Put,
    PutRequest, TransactGetItem, TransactWriteItem, WriteRequest,
};
use serde_json::{Value, json};
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;
use template_runner::table::policy::{Effect, Patterns, Role, Statement};
use template_runner::table::{AccessKey, Data, Engine};

use crate::runner::synthesized;

const FUNCTIONS: [&str; 4] = ["list-events", "create-event", "get-event", "delete-event"];

/// The table of the stack, with its functions' roles.
struct Table {
    engine: Engine,
    name: String,
    /// The functions' physical names and roles' names, by route.
    functions: HashMap<String, (String, String)>,
}

impl Table {
    fn start() -> Self {
        let stack = Stack::read(&Assembly::read(&synthesized()).unwrap()).unwrap();
        let engine = Engine::start(&Data::Memory, 0).unwrap();
        engine.create_tables(&stack.tables).unwrap();
        let functions = stack
            .functions
            .values()
            .map(|function| {
                let role = stack.roles[&function.name].name.clone();
                (function.label.clone(), (function.name.clone(), role))
            })
            .collect();
        engine.admit(stack.roles);
        Self { engine, name: stack.tables[0].name.clone(), functions }
    }

    fn key_of(&self, function: &str) -> AccessKey {
        self.engine.function_keys.of(&self.functions[function].0)
    }

    fn client(&self, key: &AccessKey) -> Client {
        client(&self.engine.url, key)
    }

    fn arn(&self) -> String {
        format!("arn:aws:dynamodb:us-east-1:000000000000:table/{}", self.name)
    }

    fn authority(&self) -> &str {
        self.engine.url.strip_prefix("http://").unwrap()
    }
}

fn client(url: &str, key: &AccessKey) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(&*key.id, &*key.secret, None, None, "test"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// An error's code and message; none if the call went through.
fn refusal<T, E: ProvideErrorMetadata>(result: Result<T, SdkError<E>>) -> Option<(String, String)> {
    let SdkError::ServiceError(error) = result.err()? else { panic!("no answer") };
    let (code, message) = (error.err().code().unwrap(), error.err().message().unwrap_or_default());
    Some((code.to_owned(), message.to_owned()))
}

fn id() -> AttributeValue {
    AttributeValue::S("1".into())
}

/// Does each of these with a client: an action, its resource below the table, its outcome.
async fn all_actions(
    c: &Client,
    table: &str,
) -> Vec<(&'static str, &'static str, Option<(String, String)>)> {
    const TABLE: &str = "";
    const INDEX: &str = "/index/byDate";
    let t = table;
    let shard = || AttributeValue::N("0".into());
    let by_shard = || {
        let query = c.query().table_name(t).key_condition_expression("#s = :s");
        let query = query.expression_attribute_names("#s", "shard");
        query.expression_attribute_values(":s", shard())
    };
    let put = || Put::builder().table_name(t).item("id", id()).build().unwrap();
    let get = || Get::builder().table_name(t).key("id", id()).build().unwrap();
    let write = WriteRequest::builder()
        .put_request(PutRequest::builder().item("id", id()).build().unwrap())
        .build();
    let keys = KeysAndAttributes::builder().keys([("id".to_owned(), id())].into()).build().unwrap();
    let select = format!("SELECT * FROM \"{t}\" WHERE id = '1'");
    let select_index = format!("SELECT * FROM \"{t}\".\"byDate\" WHERE shard = 0");
    let insert = format!("INSERT INTO \"{t}\" VALUE {{'id': '2'}}");
    let update = format!("UPDATE \"{t}\" SET a = 1 WHERE id = '1'");
    let delete = format!("DELETE FROM \"{t}\" WHERE id = '2'");
    let statement = |text: &str| ParameterizedStatement::builder().statement(text).build().unwrap();
    let in_batch = |text: &str| BatchStatementRequest::builder().statement(text).build().unwrap();
    vec![
        ("PutItem", TABLE, refusal(c.put_item().table_name(t).item("id", id()).send().await)),
        ("GetItem", TABLE, refusal(c.get_item().table_name(t).key("id", id()).send().await)),
        ("UpdateItem", TABLE, refusal(c.update_item().table_name(t).key("id", id()).send().await)),
        ("DeleteItem", TABLE, refusal(c.delete_item().table_name(t).key("id", id()).send().await)),
        ("Query", TABLE, {
            let query = c.query().table_name(t).key_condition_expression("id = :i");
            refusal(query.expression_attribute_values(":i", id()).send().await)
        }),
        ("Query", INDEX, refusal(by_shard().index_name("byDate").send().await)),
        ("Scan", TABLE, refusal(c.scan().table_name(t).send().await)),
        ("Scan", INDEX, refusal(c.scan().table_name(t).index_name("byDate").send().await)),
        ("BatchGetItem", TABLE, refusal(c.batch_get_item().request_items(t, keys).send().await)),
        ("BatchWriteItem", TABLE, {
            refusal(c.batch_write_item().request_items(t, vec![write]).send().await)
        }),
        // What a transaction does to an item needs the permission of that.
        ("PutItem", TABLE, {
            let item = TransactWriteItem::builder().put(put()).build();
            refusal(c.transact_write_items().transact_items(item).send().await)
        }),
        ("GetItem", TABLE, {
            let item = TransactGetItem::builder().get(get()).build();
            refusal(c.transact_get_items().transact_items(item).send().await)
        }),
        ("PartiQLSelect", TABLE, refusal(c.execute_statement().statement(&select).send().await)),
        ("PartiQLSelect", INDEX, {
            refusal(c.execute_statement().statement(&select_index).send().await)
        }),
        ("PartiQLInsert", TABLE, refusal(c.execute_statement().statement(&insert).send().await)),
        ("PartiQLUpdate", TABLE, {
            refusal(c.execute_transaction().transact_statements(statement(&update)).send().await)
        }),
        ("PartiQLDelete", TABLE, {
            refusal(c.batch_execute_statement().statements(in_batch(&delete)).send().await)
        }),
        ("DescribeTable", TABLE, refusal(c.describe_table().table_name(t).send().await)),
        ("ListTables", "*", refusal(c.list_tables().send().await)),
        ("DeleteTable", TABLE, refusal(c.delete_table().table_name(t).send().await)),
    ]
}

#[tokio::test]
async fn each_function_may_do_its_own_action_and_no_other() {
    let table = Table::start();
    for function in FUNCTIONS {
        let own = match function {
            "list-events" => ("Query", "/index/byDate"),
            "create-event" => ("PutItem", ""),
            "get-event" => ("GetItem", ""),
            _ => ("DeleteItem", ""),
        };
        let client = table.client(&table.key_of(function));
        let (name, role) = &table.functions[function];
        for (action, below, outcome) in all_actions(&client, &table.name).await {
            let resource =
                if below == "*" { "*".into() } else { format!("{}{below}", table.arn()) };
            let expected = ((action, below) != own).then(|| {
                let message = format!(
                    "User: arn:aws:sts::000000000000:assumed-role/{role}/{name} is not authorized \
                     to perform: dynamodb:{action} on resource: {resource} because no \
                     identity-based policy allows the dynamodb:{action} action"
                );
                ("AccessDeniedException".to_owned(), message)
            });
            assert_eq!(outcome, expected, "{function} does {action} on {resource}");
        }
    }
    let admin = table.client(&table.engine.admin_key());
    for (action, below, outcome) in all_actions(&admin, &table.name).await {
        assert_eq!(outcome, None, "{action} {below}");
    }
}

#[tokio::test]
async fn a_statement_that_denies_is_named() {
    let table = Table::start();
    let statement = |effect, action: &str| {
        let patterns = |pattern: &str| Patterns { patterns: vec![pattern.into()], negated: false };
        Statement { effect, actions: patterns(action), resources: patterns("*") }
    };
    let statements =
        vec![statement(Effect::Allow, "dynamodb:*"), statement(Effect::Deny, "dynamodb:Put*")];
    table.engine.admit([("f".to_owned(), Role { name: "r".into(), statements })].into());
    let client = table.client(&table.engine.function_keys.of("f"));
    let get = client.get_item().table_name(&table.name).key("id", id());
    assert_eq!(refusal(get.send().await), None);
    let put = client.put_item().table_name(&table.name).item("id", id());
    let (code, message) = refusal(put.send().await).unwrap();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.ends_with("with an explicit deny in an identity-based policy"), "{message}");
}

#[tokio::test]
async fn keys() {
    let table = Table::start();
    let key = table.key_of("get-event");
    let try_with = async |key: AccessKey| {
        let client = table.client(&key);
        refusal(client.get_item().table_name(&table.name).key("id", id()).send().await)
    };
    assert_eq!(try_with(key.clone()).await, None);
    let other = table.key_of("list-events");
    for (key, expected) in [
        (AccessKey::random(), "UnrecognizedClientException"),
        (AccessKey { id: "local".into(), secret: "local".into() }, "UnrecognizedClientException"),
        (AccessKey { secret: other.secret, ..key.clone() }, "InvalidSignatureException"),
        (AccessKey { secret: String::new(), ..key.clone() }, "InvalidSignatureException"),
    ] {
        assert_eq!(try_with(key).await.unwrap().0, expected);
    }
    // A function that is no longer part of the stack.
    table.engine.admit(HashMap::new());
    assert_eq!(try_with(key).await.unwrap().0, "UnrecognizedClientException");
}

type Change = fn(&mut HttpRequest);

/// Changes a request that is signed already.
#[derive(Debug)]
struct Signed(Change);

impl Intercept for Signed {
    fn name(&self) -> &'static str {
        "Signed"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0(context.request_mut());
        Ok(())
    }
}

#[tokio::test]
async fn a_request_that_was_changed_after_it_was_signed() {
    let table = Table::start();
    let client = table.client(&table.engine.admin_key());
    let cases: [(&str, Change, &str); 7] = [
        ("nothing", |_| {}, ""),
        (
            "body",
            |r| {
                r.headers_mut().insert("content-length", "2");
                *r.body_mut() = "{}".into();
            },
            "InvalidSignatureException",
        ),
        (
            "target",
            |r| drop(r.headers_mut().insert("x-amz-target", "DynamoDB_20120810.ListTables")),
            "InvalidSignatureException",
        ),
        (
            "time",
            |r| drop(r.headers_mut().insert("x-amz-date", "20200101T000000Z")),
            "InvalidSignatureException",
        ),
        (
            "no signature",
            |r| drop(r.headers_mut().remove("authorization")),
            "MissingAuthenticationTokenException",
        ),
        (
            "another scheme",
            |r| drop(r.headers_mut().insert("authorization", "Bearer x")),
            "MissingAuthenticationTokenException",
        ),
        (
            "a part of a signature",
            |r| drop(r.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 Credential=a/b")),
            "IncompleteSignatureException",
        ),
    ];
    for (name, change, expected) in cases {
        let call = client.get_item().table_name(&table.name).key("id", id());
        let result = call.customize().interceptor(Signed(change)).send().await;
        assert_eq!(refusal(result).map(|(code, _)| code).unwrap_or_default(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_target_that_is_not_signed() {
    let table = Table::start();
    let client = table.client(&table.engine.admin_key());
    let call = client.get_item().table_name(&table.name).key("id", id());
    let result = call
        .customize()
        .mutate_request(|request| drop(request.headers_mut().remove("x-amz-target")))
        .interceptor(Signed(|request| {
            request.headers_mut().insert("x-amz-target", "DynamoDB_20120810.GetItem");
        }))
        .send()
        .await;
    assert_eq!(refusal(result).unwrap().0, "InvalidSignatureException");
}

/// What a function might try to read the table with, which may only put items.
#[tokio::test]
async fn a_request_that_two_readers_may_read_in_two_ways() {
    let table = Table::start();
    let client = table.client(&table.key_of("create-event"));
    let item = json!({ "id": { "S": "1" } });
    let denied = "AccessDeniedException";
    let target = "DynamoDB_20120810.PutItem";
    let cases = [
        ("its own", target, json!({ "TableName": table.name, "Item": item }).to_string(), ""),
        (
            // The engine takes no ARNs.
            "by ARN",
            target,
            json!({ "TableName": table.arn(), "Item": item }).to_string(),
            "ValidationException",
        ),
        (
            "another table",
            target,
            json!({ "TableName": "other", "Item": item }).to_string(),
            denied,
        ),
        (
            "two tables",
            target,
            format!("{{\"TableName\":\"{}\",\"TableName\":\"x\",\"Item\":{item}}}", table.name),
            "SerializationException",
        ),
        (
            "by ARN, in a batch",
            "DynamoDB_20120810.BatchGetItem",
            json!({ "RequestItems": { table.arn(): { "Keys": [{ "id": { "S": "1" } }] } } })
                .to_string(),
            denied,
        ),
        ("no table", target, json!({ "Item": item }).to_string(), "ValidationException"),
        ("no JSON", target, "\u{1f}\u{8b}".into(), "SerializationException"),
        ("no body", target, String::new(), "SerializationException"),
        (
            "lower case",
            "DynamoDB_20120810.putitem",
            json!({ "TableName": table.name, "Item": item }).to_string(),
            "UnknownOperationException",
        ),
        (
            "a prefix in lower case",
            "dynamodb_20120810.PutItem",
            json!({ "TableName": table.name, "Item": item }).to_string(),
            "UnknownOperationException",
        ),
        (
            "no prefix",
            "PutItem",
            json!({ "TableName": table.name, "Item": item }).to_string(),
            "UnknownOperationException",
        ),
        (
            "another operation",
            "DynamoDB_20120810.Scan",
            json!({ "TableName": table.name }).to_string(),
            denied,
        ),
        (
            "a transaction of one allowed and one denied item",
            "DynamoDB_20120810.TransactWriteItems",
            json!({ "TransactItems": [
                { "Put": { "TableName": table.name, "Item": item } },
                { "Delete": { "TableName": table.name, "Key": { "id": { "S": "2" } } } },
            ] })
            .to_string(),
            denied,
        ),
        (
            "an item with two actions",
            "DynamoDB_20120810.TransactWriteItems",
            json!({ "TransactItems": [{
                "Put": { "TableName": table.name, "Item": item },
                "ConditionCheck": {
                    "TableName": table.name,
                    "Key": { "id": { "S": "2" } },
                    "ConditionExpression": "attribute_exists(id)",
                },
            }] })
            .to_string(),
            denied,
        ),
    ];
    for (name, target, body, expected) in cases {
        // Before it is signed, so the signature is right.
        let call = client.put_item().table_name(&table.name).item("id", id());
        let result = call
            .customize()
            .mutate_request(move |request| {
                request.headers_mut().insert("x-amz-target", target);
                request.headers_mut().insert("content-length", body.len().to_string());
                *request.body_mut() = body.clone().into();
            })
            .send()
            .await;
        assert_eq!(refusal(result).map(|(code, _)| code).unwrap_or_default(), expected, "{name}");
    }
}

/// Sends a request as it is, on a connection of its own. Returns the response.
fn raw(table: &Table, method_and_path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
    let headers = headers.concat();
    let length = body.len();
    let request = format!(
        "{method_and_path} HTTP/1.1\r\nconnection: close\r\n{headers}\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(table.authority()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[tokio::test]
async fn pages_of_browsers_are_refused() {
    let table = Table::start();
    let here = table.authority();
    let port = here.rsplit_once(':').unwrap().1;
    let api = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "DynamoDB_20120810.ListTables"),
    ];
    for method in ["GET /", "POST /", "OPTIONS /", "PUT /", "GET /x"] {
        for (host, origin) in [
            (here.to_owned(), Some("http://localhost:8080")),
            (here.to_owned(), Some("null")),
            (here.to_owned(), Some("")),
            (format!("evil.example:{port}"), None),
            ("evil.example".to_owned(), None),
            (format!("127.0.0.1.evil.example:{port}"), None),
            (format!("localhost.evil.example:{port}"), None),
            (format!("10.0.0.1:{port}"), None),
            (format!("127.0.0.1@evil.example:{port}"), None),
            (String::new(), None),
        ] {
            let mut headers = vec![("host", host.as_str())];
            headers.extend(origin.map(|origin| ("origin", origin)));
            headers.extend(api);
            headers.push(("access-control-request-method", "POST"));
            let response = raw(&table, method, &headers, "").to_lowercase();
            assert!(response.starts_with("http/1.1 403 "), "{method} {headers:?}: {response}");
            assert!(!response.contains("access-control"), "{response}");
        }
        let two = [("host", here), ("host", "evil.example")];
        let response = raw(&table, method, &two, "");
        assert!(!response.starts_with("HTTP/1.1 200"), "{response}");
    }
    for host in [here, &format!("localhost:{port}"), "127.0.0.1", "127.128.0.1:1"] {
        let response = raw(&table, "GET /", &[("host", host)], "");
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        assert!(response.ends_with("healthy: dynamodb.us-east-1.amazonaws.com "), "{response}");
    }
}

#[tokio::test]
async fn requests_that_are_no_calls() {
    let table = Table::start();
    let host = ("host", table.authority());
    let json_type = ("content-type", "application/x-amz-json-1.0");
    let target = ("x-amz-target", "DynamoDB_20120810.ListTables");
    for (method, headers, status, holds) in [
        ("PUT /", vec![host], 404, "<UnknownOperationException/>"),
        ("OPTIONS /", vec![host], 404, "<UnknownOperationException/>"),
        ("GET /shell", vec![host], 404, "<UnknownOperationException/>"),
        ("POST /?x=1", vec![host, json_type, target], 404, "<UnknownOperationException/>"),
        ("POST /", vec![host, target], 404, "<UnknownOperationException/>"),
        (
            "POST /",
            vec![host, ("content-type", "text/plain"), target],
            404,
            "<UnknownOperationException/>",
        ),
        ("POST /", vec![host, json_type], 400, "UnknownOperationException"),
        ("POST /", vec![host, json_type, target, target], 400, "UnknownOperationException"),
        ("POST /", vec![host, json_type, target], 400, "MissingAuthenticationTokenException"),
    ] {
        let response = raw(&table, method, &headers, "{}");
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{method}: {response}");
        assert!(response.contains(holds), "{method}: {response}");
        assert!(response.contains("x-amzn-requestid: "), "{response}");
    }
    let huge = "x".repeat((16 << 20) + 1);
    let response = raw(&table, "POST /", &[host, json_type, target], &huge);
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
}

#[tokio::test]
async fn a_denial_on_the_wire() {
    let table = Table::start();
    let client = table.client(&table.key_of("get-event"));
    let denied = client.scan().table_name(&table.name).send().await.unwrap_err();
    let response = denied.raw_response().unwrap();
    assert_eq!(response.status().as_u16(), 400);
    assert_eq!(response.headers().get("content-type"), Some("application/x-amz-json-1.0"));
    let id = response.headers().get("x-amzn-requestid").unwrap();
    assert!(id.len() == 52 && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()));
    let body = response.body().bytes().unwrap();
    let checksum = response.headers().get("x-amz-crc32").unwrap();
    assert_eq!(checksum.parse(), Ok(crc32fast::hash(body)));
    let body: Value = serde_json::from_slice(body).unwrap();
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["Message", "__type"]);
    assert_eq!(body["__type"], "com.amazon.coral.service#AccessDeniedException");
}
