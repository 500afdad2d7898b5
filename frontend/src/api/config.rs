//! The API's origin, from `/config.json`, which the deployment puts next to the site: one build
//! serves every stage.

use std::cell::OnceCell;

use gloo_net::http::Request;
use serde::Deserialize;

use super::{Failure, lost, send, time_limit};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    api_url: String,
}

thread_local! {
    static API_ORIGIN: OnceCell<String> = const { OnceCell::new() };
}

/// The origin of the API without a trailing slash. It is read once; after a failure, again.
pub(super) async fn api_origin() -> Result<String, Failure> {
    if let Some(origin) = API_ORIGIN.with(|origin| origin.get().cloned()) {
        return Ok(origin);
    }
    let request = Request::get("/config.json").abort_signal(Some(&time_limit()));
    let response = send(request.build()).await.map_err(|error| lost(&error))?;
    let origin = match response.status {
        200 => origin(&response.body).ok_or_else(Failure::misconfigured)?,
        // The site has no such file. Any other failure may pass.
        400..500 => return Err(Failure::misconfigured()),
        _ => return response.decode(),
    };
    Ok(API_ORIGIN.with(|cell| cell.get_or_init(|| origin).clone()))
}

fn origin(config: &str) -> Option<String> {
    let Config { api_url } = serde_json::from_str(config).ok()?;
    let origin = api_url.trim_end_matches('/');
    (origin.starts_with("https://") || origin.starts_with("http://")).then(|| origin.to_owned())
}

#[cfg(test)]
mod tests {
    use super::origin;

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
            assert_eq!(origin(config).as_deref(), expected, "{config}");
        }
    }
}
