use crate::dom::{self, El, el};
use crate::session::Session;
use crate::{APP_NAME, browser};

/// The id of every page's heading.
pub const HEADING: &str = "heading";

/// The one `h1` of a page, also the document's title. It gets the focus when the reader comes from
/// another page of the app. When the text changes, the element stays, and with it the focus.
pub fn page_heading(text: impl Fn() -> String + 'static) -> El {
    let heading = el("h1").attr("id", HEADING).attr("tabindex", "-1").attr("dir", "auto");
    let shown = heading.clone();
    dom::on_change(text, move |text| {
        shown.set_text(text);
        browser::set_title(&[text, " · ", APP_NAME].concat());
    });
    if Session::of_app().takes_arrival() {
        browser::focus_soon(HEADING.to_owned());
    }
    heading
}
