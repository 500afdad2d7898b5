//! Acknowledged events survive, and every process ends with its run.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use harness::client::Client;
use reqwest::StatusCode;
use serde_json::json;

use crate::runner::{Runner, assert_gone, synthesized};

const EVENTS: usize = 200;
const CLIENTS: usize = 16;

/// Creates event number `n`. Returns its id, or `None` without a response.
async fn create(http: &Client, api: &str, n: usize) -> Option<String> {
    let event = json!({ "name": format!("Event {n}"), "date": "2026-06-15" });
    let response = http.create(api, &event, Some(&format!("event-{n}"))).await.ok()?;
    assert_eq!(response.status, StatusCode::CREATED);
    Some(response.event().id.to_string())
}

/// The ids of all events of the list.
async fn list(http: &Client, api: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = Some(String::new());
    while let Some(query) = next {
        let response = http.list(api, &query).await.unwrap();
        ids.extend(response.events().iter().map(|event| event.id.to_string()));
        next = response.next_query();
    }
    ids
}

/// 16 clients create 200 events. `after` is called after each response with the number of responses
/// so far. Returns the ids of the created events.
async fn create_all(api: &str, after: impl Fn(usize) + Send + Sync + 'static) -> BTreeSet<String> {
    let (next, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let after = Arc::new(after);
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (next, answered, after) = (next.clone(), answered.clone(), after.clone());
        let api = api.to_owned();
        clients.spawn(async move {
            let http = Client::new().unwrap();
            let mut ids = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= EVENTS {
                    return ids;
                }
                if let Some(id) = create(&http, &api, n).await {
                    ids.push(id);
                    after(answered.fetch_add(1, Ordering::Relaxed) + 1);
                }
            }
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_events_of_concurrent_clients_are_in_the_list() {
    let runner = Runner::start(&synthesized(), &["--memory", "--no-site"]);
    let created = create_all(runner.api(), |_| {}).await;
    assert_eq!(created.len(), EVENTS);
    let listed = list(&Client::new().unwrap(), runner.api()).await;
    assert_eq!(listed.len(), EVENTS);
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), created);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_no_acknowledged_event() {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--no-site", "--data", data.path().to_str().unwrap()];
    let runner = Arc::new(Runner::start(&synthesized(), &arguments));
    let functions: Arc<std::sync::Mutex<Vec<u32>>> = Arc::default();
    let api = runner.api().to_owned();
    let (victim, found) = (Arc::clone(&runner), Arc::clone(&functions));
    let created = create_all(&api, move |answered| {
        if answered == EVENTS / 2 {
            *found.lock().unwrap() = victim.children();
            victim.signal("-KILL");
        }
    })
    .await;
    assert!((EVENTS / 2..EVENTS).contains(&created.len()), "{} acknowledged", created.len());
    let functions = functions.lock().unwrap().clone();
    assert!(functions.len() >= 4, "{functions:?}");
    assert_gone(&functions);

    let runner = Runner::start(&synthesized(), &arguments);
    let http = Client::new().unwrap();
    let kept: HashSet<String> = list(&http, runner.api()).await.into_iter().collect();
    let lost: Vec<_> = created.iter().filter(|id| !kept.contains(*id)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    // The clients retry all creates with their keys: none creates a second event.
    assert_eq!(create_all(runner.api(), |_| {}).await.len(), EVENTS);
    assert_eq!(list(&http, runner.api()).await.len(), EVENTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_no_acknowledged_event() {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--no-site", "--data", data.path().to_str().unwrap()];
    let http = Client::new().unwrap();
    let create = async |api: &str, n: usize| {
        let event = json!({ "name": format!("Event {n}"), "description": "d".repeat(2_000) });
        http.create(api, &event, None).await.unwrap()
    };

    let runner = Runner::start_on_small_disk(&synthesized(), &arguments, 2_048);
    let mut created = BTreeSet::new();
    let refused = loop {
        assert!(created.len() < 2_000, "the disk is not full");
        let response = create(runner.api(), created.len()).await;
        if response.status != StatusCode::CREATED {
            break response;
        }
        created.insert(response.event().id.to_string());
    };
    assert!(refused.status.is_server_error(), "{refused:?}");
    assert!(!refused.json().to_string().contains("disk"), "{refused:?}");
    let listed: BTreeSet<_> = list(&http, runner.api()).await.into_iter().collect();
    assert!(listed.is_superset(&created), "stored events can be read");
    drop(runner);

    let runner = Runner::start(&synthesized(), &arguments);
    let listed: BTreeSet<_> = list(&http, runner.api()).await.into_iter().collect();
    assert!(listed.is_superset(&created));
    assert_eq!(create(runner.api(), 0).await.status, StatusCode::CREATED, "there is room again");
}

#[test]
fn every_process_ends_with_its_run() {
    for how in ["the end of its input", "-TERM", "-INT", "-KILL"] {
        let mut runner = Runner::start(&synthesized(), &["--memory", "--no-site"]);
        let functions = runner.children();
        assert_eq!(functions.len(), 4);
        match how {
            "the end of its input" => drop(runner.control.take()),
            signal => runner.signal(signal),
        }
        let status = runner.wait();
        assert_eq!(status.success(), how != "-KILL", "{how}: {status}");
        assert_gone(&functions);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_keeps_the_data_and_unchanged_functions() {
    use std::io::Write;

    let mut runner = Runner::start(&synthesized(), &["--memory", "--no-site"]);
    let http = Client::new().unwrap();
    let id = create(&http, runner.api(), 0).await.unwrap();
    let before = runner.children();
    let mut control = runner.control.take().unwrap();
    writeln!(control, "reload {}", synthesized().display()).unwrap();
    assert_eq!(runner.line(), json!({ "reloaded": true }));
    assert_eq!(runner.children(), before);
    assert_eq!(list(&http, runner.api()).await, std::slice::from_ref(&id));

    writeln!(control, "reload /nowhere").unwrap();
    let failed = runner.line();
    assert!(failed["reloadFailed"].as_str().unwrap().contains("/nowhere"), "{failed}");
    assert_eq!(list(&http, runner.api()).await, [id]);
}
