use leptos::prelude::*;

use super::Part;

/// Who is signed in, and the way in or out, where the site has a sign-in.
#[component]
pub fn AccountBar(
    is_offered: Memo<bool>,
    name: Memo<Option<String>>,
    on_sign_in: Callback<()>,
    on_sign_out: Callback<()>,
) -> impl IntoView {
    let ways = move || {
        let (label, on_press) =
            if name.read().is_some() { ("Sign out", on_sign_out) } else { ("Sign in", on_sign_in) };
        let who = name.get().map(|name| view! { <span dir="auto">{name}</span> });
        view! {
            <p>
                {who}
                <button class="link" type="button" on:click=move |_| on_press.run(())>
                    {label}
                </button>
            </p>
        }
        .into_any()
    };
    // Its room is there before it is known.
    view! {
        <div class="account">
            <Part view=move || is_offered.get().then(ways)/>
        </div>
    }
}
