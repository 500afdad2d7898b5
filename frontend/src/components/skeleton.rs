//! What stands where values will be. A screen reader hears the page's status instead.

use leptos::prelude::*;

#[component]
pub fn AgendaSkeleton() -> impl IntoView {
    let day = |rows: usize| {
        let row = |_| {
            view! {
                <div class="event">
                    <div><Lines/></div>
                </div>
            }
        };
        view! {
            <div class="day">
                <span class="bar badge-bar"></span>
                <div class="events">{(0..rows).map(row).collect_view()}</div>
            </div>
        }
    };
    view! {
        <div class="month skeleton" aria-hidden="true">
            <span class="bar month-bar"></span>
            <div class="days">{[1, 2, 1].map(day).collect_view()}</div>
        </div>
    }
}

#[component]
pub fn EventSkeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            <Lines/>
            <span class="bar meta-bar"></span>
        </div>
    }
}

#[component]
fn Lines() -> impl IntoView {
    view! {
        <span class="bar name-bar"></span>
        <span class="bar meta-bar"></span>
    }
}
