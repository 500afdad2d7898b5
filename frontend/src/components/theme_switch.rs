use leptos::prelude::*;

/// Light, dark, or the system's, which is "".
#[component]
pub fn ThemeSwitch(theme: String, on_choose: Callback<&'static str>) -> impl IntoView {
    let choice = |value: &'static str, name: &'static str| {
        view! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    checked=theme == value
                    on:change=move |_| on_choose.run(value)
                />
                {name}
            </label>
        }
    };
    view! {
        <footer class="site-foot">
            <fieldset class="themes">
                <legend>"Theme"</legend>
                {choice("", "System")}
                {choice("light", "Light")}
                {choice("dark", "Dark")}
            </fieldset>
        </footer>
    }
}
