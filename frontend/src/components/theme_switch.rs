use leptos::prelude::*;

/// Light, dark, or the system's, which is "". On a narrow screen, who is signed in is here too.
#[component]
pub fn ThemeSwitch(
    theme: String,
    name: Memo<Option<String>>,
    on_choose: Callback<&'static str>,
) -> impl IntoView {
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
    let who = move || name.get().map(|name| format!("Signed in as {name}")).unwrap_or_default();
    view! {
        <footer class="site-foot">
            <p class="who" prop:textContent=move || who()></p>
            <fieldset class="themes">
                <legend>"Theme"</legend>
                {choice("", "System")}
                {choice("light", "Light")}
                {choice("dark", "Dark")}
            </fieldset>
        </footer>
    }
}
