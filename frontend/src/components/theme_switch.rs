use leptos::prelude::*;

use crate::browser;

/// Light, dark, or as the system has it. The stylesheet and the script at the top of `index.html` do the rest.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let kept = browser::kept(browser::THEME).unwrap_or_default();
    let choices = [("", "System"), ("light", "Light"), ("dark", "Dark")].map(|(theme, name)| {
        view! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    checked=kept == theme
                    on:change=move |_| browser::show_theme(theme)
                />
                {name}
            </label>
        }
    });
    view! {
        <footer class="site-foot">
            <fieldset class="themes">
                <legend>"Theme"</legend>
                {choices.into_iter().collect_view()}
            </fieldset>
        </footer>
    }
}
