//! Who is signed in, in this tab. The protocol, and the tokens, are `sign-in.js`: it is loaded when
//! somebody signs in or out, or a token is renewed.

use std::cell::Cell;

use leptos::ev;
use leptos::logging;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::api::{self, Access, Failure};
use crate::listings::Listings;
use crate::navigation::Navigation;
use crate::session::Session;
use crate::way_back::{Then, WayBack};
use crate::{browser, json, kept_list, retry};

/// Where `sign-in.js` keeps the account of this tab, until the tab is closed.
const ACCOUNT: &str = "account";

/// Where it keeps for all tabs when somebody signed out last.
const ENDED: &str = "signed-out";

/// A token is renewed so many milliseconds before it ends.
const EARLY: u64 = 30_000;

#[wasm_bindgen]
extern "C" {
    /// Calls `sign-in.js` (`start.js`).
    #[wasm_bindgen(js_name = signIn, catch)]
    async fn call(what: &str, value: &str) -> Result<JsValue, JsValue>;
}

#[derive(Clone, Copy)]
pub struct SignIn {
    session: Session,
    navigation: Navigation,
    listings: Listings,
    access: RwSignal<Access>,
    /// `None` while nobody is signed in.
    name: RwSignal<Option<String>>,
}

thread_local! {
    // The API's calls need it too, which are outside of every component.
    static OF_APP: Cell<Option<SignIn>> = const { Cell::new(None) };
}

impl SignIn {
    /// Follows what other tabs do.
    pub fn start(session: Session, navigation: Navigation, listings: Listings) -> Self {
        let access = RwSignal::new(Access::Public);
        let sign_in = Self { session, navigation, listings, access, name: RwSignal::new(None) };
        OF_APP.set(Some(sign_in));
        sign_in.look();
        // A failure is told by the call that needs it next, and reads it again.
        spawn_local(async { drop(api::load_config().await) });
        window_event_listener(ev::storage, move |change| {
            if change.key().as_deref() == Some(ENDED) {
                sign_in.ended_elsewhere();
            }
        });
        // It was out of sight while another tab did.
        window_event_listener(ev::pageshow, move |_| sign_in.look());
        sign_in
    }

    /// The sign-in of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    fn look(self) {
        let name = Account::kept().map(|account| account.name);
        if self.name.with_untracked(|before| *before != name) {
            self.name.set(name);
        }
    }

    fn ended_elsewhere(self) {
        self.look();
        if self.access.get_untracked() == Access::Members {
            // What is shown was for who is signed in.
            browser::reload();
        }
    }

    /// Whether the site has a sign-in at all.
    pub fn is_offered(self) -> bool {
        self.access.get() != Access::Public
    }

    pub fn name(self) -> Option<String> {
        self.name.get()
    }

    /// Whether a change needs a sign-in first.
    pub fn is_missing(self) -> bool {
        self.is_offered() && self.name.read().is_none()
    }

    /// Signs in, if what follows needs it and nobody is: then the page goes. Else it is `false`.
    pub fn first(self, then: Then) -> bool {
        let is_needed = match then {
            Then::Nothing => self.access.get_untracked() == Access::Members,
            Then::Create(_) | Then::Delete(..) => self.access.get_untracked() != Access::Public,
        };
        let goes = is_needed && self.name.with_untracked(Option::is_none);
        if goes {
            self.begin(then);
        }
        goes
    }

    /// Goes to the provider, and comes back to what the reader sees now.
    pub fn begin(self, then: Then) {
        self.navigation.leave();
        self.go(WayBack { to: browser::address_here(), then, list: self.listings.seen() });
    }

    /// Like [`Self::begin`], and comes back to this address.
    pub fn begin_at(self, to: String) {
        self.go(WayBack { to, then: Then::Nothing, list: None });
    }

    fn go(self, way: WayBack) {
        if !browser::keeps_in_tab() {
            let text = "This browser keeps nothing for this site, and a sign-in needs that.";
            self.say(text.to_owned());
            return;
        }
        self.call("begin", way.to_string(), "The sign-in service could not be reached.");
    }

    /// The way back that [`Self::begin`] kept. `None` when nobody is signed in now.
    pub async fn finish(self) -> Option<WayBack> {
        let address = browser::whole_address();
        // The code in it works once.
        self.navigation.hide_query();
        let state = call("finish", &address).await;
        self.look();
        match state {
            Ok(state) => state.as_string()?.parse().ok(),
            Err(error) => {
                log(&error);
                None
            }
        }
    }

    /// Signs out, in every tab and at the provider.
    pub fn end(self) {
        kept_list::forget();
        self.call("end", String::new(), "You are signed out here, but not at the sign-in service.");
    }

    fn call(self, what: &'static str, value: String, failure: &'static str) {
        spawn_local(async move {
            let result = call(what, &value).await;
            self.look();
            if let Err(error) = result {
                log(&error);
                self.say(failure.to_owned());
            }
        });
    }

    fn say(self, text: String) {
        self.session.announce(untrack(|| self.navigation.route()), text);
    }
}

/// The access token of who is signed in; another one if it ends soon.
pub async fn token() -> Result<Option<String>, Failure> {
    match Account::kept() {
        None => Ok(None),
        Some(account) if account.expires > retry::end(browser::now(), 0.0) + EARLY => {
            Ok(Some(account.access_token))
        }
        Some(_) => renewed_token().await,
    }
}

/// Another access token. `None` when the provider gives none: then nobody is signed in any more.
pub async fn renewed_token() -> Result<Option<String>, Failure> {
    let result = call("renew", "").await;
    look();
    result.map_err(|error| {
        log(&error);
        Failure::no_provider()
    })?;
    Ok(Account::kept().map(|account| account.access_token))
}

/// The API refuses the token that the provider has just given.
pub fn forget() {
    browser::forget_in_tab(ACCOUNT);
    look();
}

/// What `config.json` says, each time that it was read.
pub fn learned(access: Access) {
    if let Some(sign_in) = OF_APP.get() {
        sign_in.access.set(access);
    }
}

fn look() {
    if let Some(sign_in) = OF_APP.get() {
        sign_in.look();
    }
}

/// Its message alone: what caused it may hold tokens.
fn log(error: &JsValue) {
    let message = error.dyn_ref::<js_sys::Error>().map(js_sys::Error::message);
    logging::warn!("sign-in: {}", message.map(String::from).unwrap_or_default());
}

/// What `sign-in.js` keeps of who is signed in.
struct Account {
    name: String,
    access_token: String,
    /// When the token ends, and when the sign-in was, in milliseconds of the machine's clock.
    expires: u64,
    since: u64,
}

impl Account {
    fn kept() -> Option<Self> {
        let kept = json::parse(&browser::kept_in_tab(ACCOUNT)?)?;
        let account = Self {
            name: kept.text("name")?,
            access_token: kept.text("accessToken")?,
            expires: kept.number("expires")?,
            since: kept.number("since")?,
        };
        let ended: Option<u64> = browser::kept(ENDED).and_then(|time| time.parse().ok());
        let is_over = ended.is_some_and(|ended| ended > account.since);
        if is_over {
            browser::forget_in_tab(ACCOUNT);
        }
        (!is_over).then_some(account)
    }
}
