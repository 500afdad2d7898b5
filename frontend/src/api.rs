//! Every call of the API. Nothing else in the app knows a URL.

mod config;
mod diagnosis;
mod failure;
mod response;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use domain::{Date, Event, EventContent, EventId};
use gloo_net::http;
use leptos::logging;
use web_sys::AbortSignal;

pub use config::Access;
use config::Config;
use diagnosis::Call;
pub use failure::{Failure, Kind};
use response::Response;

use crate::retry::{self, Refusals};
use crate::span::{Selection, Span};
use crate::{browser, json, sign_in};

/// How long a call may take, the body included. The API itself gives up after 30 s at most.
const TIME_LIMIT_MS: u32 = 20_000;

/// Some events in list order, and where the ones after them are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub events: Vec<Arc<Event>>,
    pub next: Option<NextPage>,
}

/// The path of the next page of a list, from the API's `Link` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPage(String);

#[cfg(test)]
impl NextPage {
    pub(crate) fn for_test(path: &str) -> Self {
        Self(path.to_owned())
    }
}

impl NextPage {
    pub fn first(selection: &Selection) -> Self {
        Self(first_page(selection))
    }

    /// The first page of the events from one day to another, both included.
    pub fn of_days(from: Date, to: Date) -> Self {
        Self::first(&Span::Between(Some(from), Some(to)).selection(None))
    }
}

/// The calendar feed, for calendars to subscribe to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub address: String,
    /// Of the venues, by its IANA name.
    pub time_zone: Option<String>,
}

/// `None` where only members may read: no calendar signs in.
pub async fn feed() -> Result<Option<Feed>, Failure> {
    let Config { origin, access, time_zone } = config::config().await?;
    let address = origin + "/events?format=ics";
    Ok((access != Access::Members).then_some(Feed { address, time_zone }))
}

pub async fn list_events(NextPage(path): &NextPage) -> Result<Page, Failure> {
    let response = Request { call: Call::Read, path, key: "", body: "" }.send().await?;
    let next = response.next_page().map(|path| NextPage(path.to_owned()));
    let events = response.decode(|value| json::list(value, json::event))?;
    Ok(Page { events: events.into_iter().map(Arc::new).collect(), next })
}

fn first_page(selection: &Selection) -> String {
    let Selection { from, to, undated, descending, .. } = selection;
    let mut path = "/events".to_owned();
    let mut separator = '?';
    let mut add = |name: &str, value: &str| {
        path.extend([&String::from(separator), name, value]);
        separator = '&';
    };
    for (name, date) in [("from=", from), ("to=", to)] {
        if let Some(date) = date {
            add(name, &date.to_string());
        }
    }
    if *undated {
        add("undated=", "true");
    }
    if *descending {
        add("order=", "desc");
    }
    path
}

/// Calls with one key and one content create one event, however often they are sent.
pub async fn create_event(
    content: &EventContent,
    idempotency_key: &str,
) -> Result<Arc<Event>, Failure> {
    let body = json::content_text(content);
    let request =
        Request { call: Call::Create, path: "/events", key: idempotency_key, body: &body };
    request.send().await?.decode(json::event).map(Arc::new)
}

pub async fn get_event(id: EventId) -> Result<Arc<Event>, Failure> {
    let request = Request { call: Call::Read, path: &format!("/events/{id}"), key: "", body: "" };
    request.send().await?.decode(json::event).map(Arc::new)
}

/// An event that does not exist counts as deleted: by somebody else, or by a call whose response
/// was lost.
pub async fn delete_event(id: EventId) -> Result<(), Failure> {
    let request = Request { call: Call::Delete, path: &format!("/events/{id}"), key: "", body: "" };
    match request.send().await?.check() {
        Err(failure) if failure.kind != Kind::NotFound => Err(failure),
        _ => Ok(()),
    }
}

/// Reads what no call has read yet.
pub async fn load_config() -> Result<(), Failure> {
    config::config().await.map(drop)
}

fn time_limit() -> AbortSignal {
    AbortSignal::timeout_with_u32(TIME_LIMIT_MS)
}

/// A request of the API, which can be sent again.
struct Request<'a> {
    call: Call,
    path: &'a str,
    /// The idempotency key of a creation.
    key: &'a str,
    body: &'a str,
}

impl Request<'_> {
    /// Sends it, with a token where the site wants one. A token that is refused is renewed once.
    async fn send(self) -> Result<Response, Failure> {
        let Config { origin, access, .. } = config::config().await?;
        if !access.guards(self.call) {
            return self.send_with(None, &origin).await;
        }
        let Some(token) = sign_in::token().await? else { return Err(Failure::signed_out()) };
        let response = self.send_with(Some(&token), &origin).await?;
        if !response.is_unauthorized() {
            return Ok(response);
        }
        let Some(token) = sign_in::renewed_token().await? else {
            return Err(Failure::signed_out());
        };
        let response = self.send_with(Some(&token), &origin).await?;
        if response.is_unauthorized() {
            sign_in::forget();
        }
        Ok(response)
    }

    /// Without a response it finds out why.
    async fn send_with(&self, token: Option<&str>, origin: &str) -> Result<Response, Failure> {
        let error = match send(self.build(token, origin)).await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        let failure = lost(&error);
        if is_timeout(&error) {
            return Err(failure);
        }
        let cause = self.call.cause(origin, token.is_some()).await;
        Err(Failure::caused_by(cause, &browser::origin(), origin))
    }

    fn build(&self, token: Option<&str>, origin: &str) -> Result<http::Request, gloo_net::Error> {
        let url = [origin, self.path].concat();
        let request = self.call.request(&url, self.key, token);
        let request = request.abort_signal(Some(&time_limit()));
        if self.body.is_empty() { request.build() } else { request.body(self.body) }
    }
}

thread_local! {
    static REFUSALS: RefCell<Refusals> = RefCell::default();
    static UNDER_WAY: Cell<u32> = const { Cell::new(0) };
}

async fn send(
    request: Result<http::Request, gloo_net::Error>,
) -> Result<Response, gloo_net::Error> {
    count_calls(1);
    let response = async { read(request?.send().await?).await };
    let response = response.await;
    count_calls(-1);
    response
}

fn count_calls(change: i32) {
    let calls = UNDER_WAY.get().saturating_add_signed(change);
    UNDER_WAY.set(calls);
    browser::show_progress(calls > 0);
}

async fn read(response: http::Response) -> Result<Response, gloo_net::Error> {
    let headers = response.headers();
    let (status, retry_after) = (response.status(), headers.get("retry-after"));
    let wait = REFUSALS.with_borrow_mut(|refusals| {
        refusals.wait(status, retry_after.as_deref(), js_sys::Math::random())
    });
    Ok(Response {
        status,
        retry_at: wait.map(|wait| retry::end(browser::now(), wait)),
        link: headers.get("link"),
        location: headers.get("location"),
        body: response.text().await?,
    })
}

/// There was no response, or not all of it.
fn lost(error: &gloo_net::Error) -> Failure {
    logging::warn!("{error}");
    if is_timeout(error) { Failure::timed_out() } else { Failure::unreachable() }
}

fn is_timeout(error: &gloo_net::Error) -> bool {
    matches!(error, gloo_net::Error::JsError(error) if error.name == "TimeoutError")
}

#[cfg(test)]
mod tests {
    use super::{Span, first_page};

    #[test]
    fn each_list_has_its_query() {
        let day = |text: &str| Some(text.parse().unwrap());
        let today = day("2026-06-12");
        let now = today.zip("09:00".parse().ok());
        for (span, path) in [
            (Span::Upcoming, "/events?from=2026-06-11"),
            (Span::Past, "/events?to=2026-06-11&order=desc"),
            (Span::Undated, "/events?undated=true"),
            (Span::Between(today, day("2026-06-30")), "/events?from=2026-06-12&to=2026-06-30"),
        ] {
            assert_eq!(first_page(&span.selection(now)), path);
        }
    }
}
