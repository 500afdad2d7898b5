//! A client of the API with one method a route. The same tests run against the handlers in process,
//! and against the real binaries behind the local gateway. Both use the tables of the synthesized
//! template in a real engine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use api::cors::AllowedOrigins;
use api::feed::Settings;
use api::service::{HandlerFuture, respond};
use api::{EventStore, handlers};
use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Event, EventId};
use harness::client::Client;
pub use harness::client::Response;
use lambda_http::http::Method;
use serde_json::{Value, json};
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;
use template_runner::table::{Data, Engine};
use template_runner::{Options, Run};

/// The web origin of the stage that tests run.
pub const ORIGIN: &str = "http://localhost:8080";

/// The feed of the stage.
pub static FEED: LazyLock<Settings> = LazyLock::new(|| {
    let stack = Stack::read(&Assembly::read(&assembly()).unwrap()).unwrap();
    let mut variables = stack.functions.values().flat_map(|function| &function.environment);
    let (_, page_origin) = variables.find(|(name, _)| name == "FEED_PAGE_ORIGIN").unwrap();
    Settings { page_origin: page_origin.clone(), time_zone: None }
});

/// More pages than any list in these tests has.
const MOST_PAGES: usize = 500;

/// A fresh, empty API.
pub struct TestApi(Target);

enum Target {
    InProcess { store: EventStore, table: Table, origins: AllowedOrigins, _engine: Engine },
    Gateway { run: Run, http: Client },
}

/// Runs a test against the handlers in process, and against the binaries behind the local run.
pub async fn on_both(test: impl AsyncFn(&TestApi)) {
    test(&TestApi::in_process()).await;
    let api = TestApi::behind_gateway().await;
    test(&api).await;
    api.stop().await;
}

/// The output folder of `cdk synth`, which `cargo xtask test rust` makes.
pub fn assembly() -> PathBuf {
    std::env::var_os("EVENTS_ASSEMBLY")
        .expect("EVENTS_ASSEMBLY is not set: run `cargo xtask test rust`")
        .into()
}

impl TestApi {
    /// The handlers on an engine in memory.
    pub fn in_process() -> Self {
        Self::in_process_through(str::to_owned)
    }

    /// The handlers on an engine in memory behind a proxy. `proxy` gets the engine's URL, and
    /// returns the URL for the handlers.
    pub fn in_process_through(proxy: impl FnOnce(&str) -> String) -> Self {
        let stack = Stack::read(&Assembly::read(&assembly()).unwrap()).unwrap();
        let engine = Engine::start(&Data::Memory, 0).unwrap();
        engine.create_tables(&stack.tables).unwrap();
        let (table, store) = table_on(&proxy(&engine.url), &engine, &stack);
        let origins = AllowedOrigins::from_list(ORIGIN);
        Self(Target::InProcess { store, table, origins, _engine: engine })
    }

    /// The binaries, started by the local run for this test alone.
    pub async fn behind_gateway() -> Self {
        let run = Run::start(&Options::in_memory(assembly())).await.unwrap();
        Self(Target::Gateway { run, http: Client::new().unwrap() })
    }

    /// The store of the handlers in process.
    pub fn store(&self) -> &EventStore {
        match &self.0 {
            Target::InProcess { store, .. } => store,
            Target::Gateway { .. } => panic!("each function has its own store"),
        }
    }

    /// Puts an item into the table of the handlers in process, as it is.
    pub async fn put_item(&self, item: HashMap<String, AttributeValue>) {
        let Target::InProcess { table: Table { client, name }, .. } = &self.0 else {
            panic!("only handlers in process")
        };
        client.put_item().table_name(name).set_item(Some(item)).send().await.unwrap();
    }

    /// The feed of handlers in process with these settings.
    pub async fn feed(&self, settings: Option<&Settings>, query: &str) -> Response {
        let payload = payload(&Method::GET, &format!("/events{query}"), &[], b"");
        let request = lambda_http::request::from_str(&payload).unwrap();
        let response = handlers::list_events(self.store(), settings, request).await;
        collected(response.unwrap_or_else(|error| error.into_response(REQUEST_ID)))
    }

    /// The URL of the gateway.
    pub fn url(&self) -> &str {
        match &self.0 {
            Target::Gateway { run, .. } => &run.addresses.api,
            Target::InProcess { .. } => panic!("handlers in process have no gateway"),
        }
    }

    /// Stops the local run with all its processes.
    pub async fn stop(self) {
        if let Target::Gateway { run, .. } = self.0 {
            run.stop().await;
        }
    }

    pub async fn list(&self, query: &str) -> Response {
        self.send(Method::GET, &format!("/events{query}"), &[], b"").await
    }

    pub async fn create(&self, event: &Value) -> Response {
        self.create_with(&[("content-type", "application/json")], event.to_string().as_bytes())
            .await
    }

    pub async fn create_with_key(&self, key: &str, event: &Value) -> Response {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.create_with(&headers, event.to_string().as_bytes()).await
    }

    pub async fn create_with(&self, headers: &[(&str, &str)], body: &[u8]) -> Response {
        self.send(Method::POST, "/events", headers, body).await
    }

    pub async fn get(&self, id: &str) -> Response {
        self.send(Method::GET, &format!("/events/{id}"), &[], b"").await
    }

    pub async fn delete(&self, id: &str) -> Response {
        self.send(Method::DELETE, &format!("/events/{id}"), &[], b"").await
    }

    /// All events of a list: follows `Link` from page to page.
    pub async fn walk(&self, query: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let mut next = Some(query.to_owned());
        for _ in 0..MOST_PAGES {
            let Some(query) = next else { return events };
            let page = self.list(&query).await;
            events.extend(page.events());
            next = page.next_query();
        }
        panic!("more than {MOST_PAGES} pages")
    }

    /// Sends any request.
    pub async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        match &self.0 {
            Target::Gateway { run, http } => {
                let url = format!("{}{target}", run.addresses.api);
                http.send(method, &url, headers, body.to_vec()).await.unwrap()
            }
            Target::InProcess { store, origins, .. } => {
                let payload = payload(&method, target, headers, body);
                let request = lambda_http::request::from_str(&payload).unwrap();
                let handler = handler(&method, target);
                collected(respond(&handler, origins, store, request).await)
            }
        }
    }
}

fn collected(response: api::Response) -> Response {
    let (parts, body) = response.into_parts();
    Response { status: parts.status, headers: parts.headers, body: body.to_vec() }
}

/// The table, without the API in between.
struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
}

/// The table of a stack on an engine, and the store on it with its shards and the client of the
/// functions.
fn table_on(url: &str, engine: &Engine, stack: &Stack) -> (Table, EventStore) {
    let key = engine.admin_key();
    let credentials = Credentials::new(key.id, key.secret, None, None, "test");
    let client = api::store::client(credentials, Region::new("us-east-1"), Some(url.to_owned()));
    let function = stack.functions.values().next().unwrap();
    let environment: HashMap<_, _> = function.environment.iter().cloned().collect();
    let shards = environment["SHARDS"].parse().unwrap();
    let name = environment["TABLE_NAME"].clone();
    let store = EventStore::new(&client, name.clone(), shards);
    (Table { client, name }, store)
}

type Handler = for<'a> fn(&'a EventStore, api::Request) -> HandlerFuture<'a>;

fn handler(method: &Method, target: &str) -> Handler {
    match (method.as_str(), target.starts_with("/events/")) {
        ("GET", false) => {
            |store, request| Box::pin(handlers::list_events(store, Some(&FEED), request))
        }
        ("POST", false) => |store, request| Box::pin(handlers::create_event(store, request)),
        ("GET", true) => |store, request| Box::pin(handlers::get_event(store, request)),
        ("DELETE", true) => |store, request| Box::pin(handlers::delete_event(store, request)),
        _ => panic!("{method} {target} has no handler"),
    }
}

/// The payload of an API Gateway HTTP API, format 2.0.
fn payload(method: &Method, target: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: HashMap<_, _> = headers.iter().copied().collect();
    let mut payload = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "test",
            "domainName": "localhost",
            "domainPrefix": "test",
            "http": {
                "method": method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
            "requestId": REQUEST_ID,
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_i64,
        },
        "isBase64Encoded": false,
    });
    if let Some(id) = path.strip_prefix("/events/") {
        payload["pathParameters"] = json!({ "id": id });
    }
    match std::str::from_utf8(body) {
        Ok("") => {}
        Ok(text) => payload["body"] = text.into(),
        Err(_) => {
            use base64::Engine;
            payload["body"] = base64::engine::general_purpose::STANDARD.encode(body).into();
            payload["isBase64Encoded"] = true.into();
        }
    }
    payload.to_string()
}

/// The request id of every request in process.
pub const REQUEST_ID: &str = "TestRequestId000";

/// The ids of events, in their order.
pub fn ids(events: &[Event]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}
