//! Where the API is and who may call it, from `/config.json`, which the deployment puts next to the
//! site: one build serves every stage.

use std::cell::RefCell;

use super::diagnosis::Call;
use super::{Failure, lost, send, time_limit};
use crate::{json, sign_in};
use gloo_net::http::Request;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Config {
    /// The origin of the API without a trailing slash.
    pub origin: String,
    pub access: Access,
    /// Of the venues, by its IANA name.
    pub time_zone: Option<String>,
}

/// What needs a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// To change events.
    MembersWrite,
    /// Everything.
    Members,
}

impl Access {
    pub(super) fn guards(self, call: Call) -> bool {
        match self {
            Self::Public => false,
            Self::MembersWrite => call != Call::Read,
            Self::Members => true,
        }
    }
}

thread_local! {
    static CONFIG: RefCell<Option<Result<Config, Failure>>> = const { RefCell::new(None) };
    /// The request that is under way.
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// It is read once, for all calls that need it; after a failure, again.
pub(super) async fn config() -> Result<Config, Failure> {
    if let Some(Ok(config)) = CONFIG.with_borrow(Clone::clone) {
        return Ok(config);
    }
    let loading = LOADING.with_borrow_mut(|loading| {
        let load = async {
            let config = load().await;
            if let Ok(config) = &config {
                sign_in::learned(config.access);
            }
            CONFIG.set(Some(config));
            LOADING.set(None);
            Ok(JsValue::UNDEFINED)
        };
        loading.get_or_insert_with(|| future_to_promise(load)).clone()
    });
    // It has no error of its own.
    let _ = JsFuture::from(loading).await;
    CONFIG.with_borrow(Clone::clone).unwrap_or_else(|| Err(Failure::misconfigured()))
}

async fn load() -> Result<Config, Failure> {
    let request = Request::get("/config.json").abort_signal(Some(&time_limit()));
    let response = send(request.build()).await.map_err(|error| lost(&error))?;
    let config = match response.status {
        200 => parse(&response.body),
        // It may pass. Any other says that the site has no such file.
        500.. => response.check().map(|()| None)?,
        _ => None,
    };
    config.ok_or_else(Failure::misconfigured)
}

fn parse(file: &str) -> Option<Config> {
    let file = json::parse(file)?;
    let api_url = file.text("apiUrl")?;
    let origin = api_url.trim_end_matches('/');
    let access = match file.get("signIn") {
        None => Access::Public,
        Some(sign_in) if sign_in.text("access")? == "members" => Access::Members,
        Some(_) => Access::MembersWrite,
    };
    let is_origin = origin.starts_with("https://") || origin.starts_with("http://");
    let time_zone = file.text("timeZone");
    is_origin.then(|| Config { origin: origin.to_owned(), access, time_zone })
}

#[cfg(test)]
mod tests {
    use super::{Access, parse};

    #[test]
    fn the_api_is_where_the_config_says() {
        let cases = [
            (r#"{"apiUrl":"http://localhost:3000"}"#, Some("http://localhost:3000")),
            (r#"{"apiUrl":"https://api.example/","later":1}"#, Some("https://api.example")),
            (r#"{"apiUrl":""}"#, None),
            (r#"{"apiUrl":"/events"}"#, None),
            ("{}", None),
            ("<!doctype html>", None),
        ];
        for (config, expected) in cases {
            let origin = parse(config).map(|config| config.origin);
            assert_eq!(origin.as_deref(), expected, "{config}");
        }
    }

    #[test]
    fn the_config_says_what_needs_a_sign_in() {
        for (sign_in, access) in [
            ("", Access::Public),
            (r#","signIn":{"access":"members-write"}"#, Access::MembersWrite),
            (r#","signIn":{"access":"members","issuer":"https://id.example"}"#, Access::Members),
        ] {
            let file = format!(r#"{{"apiUrl":"http://localhost:3000"{sign_in}}}"#);
            assert_eq!(parse(&file).unwrap().access, access, "{file}");
        }
    }

    #[test]
    fn the_config_may_name_the_time_zone_of_the_venues() {
        let zone = |file| parse(file).unwrap().time_zone;
        assert_eq!(zone(r#"{"apiUrl":"http://localhost:3000"}"#), None);
        let file = r#"{"apiUrl":"http://localhost:3000","timeZone":"Europe/Zurich"}"#;
        assert_eq!(zone(file).as_deref(), Some("Europe/Zurich"));
    }
}
