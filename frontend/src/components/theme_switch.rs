use crate::browser;
use crate::dom::{El, Parent, el};

/// Light, dark, or the system's. The stylesheet and the first script of `index.html` do the rest.
pub fn theme_switch() -> El {
    let kept = browser::kept(browser::THEME).unwrap_or_default();
    let choices = [("", "System"), ("light", "Light"), ("dark", "Dark")].map(|(theme, name)| {
        let choice = el("input")
            .attr("type", "radio")
            .attr("name", "theme")
            .maybe("checked", (kept == theme).then_some(""))
            .on("change", move |_| browser::show_theme(theme));
        el("label").child(choice).child(name)
    });
    let themes = el("fieldset").class("themes").markup("<legend>Theme</legend>");
    el("footer").class("site-foot").child(themes.children(choices))
}
