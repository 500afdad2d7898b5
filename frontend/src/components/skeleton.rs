//! What stands where values will be. A screen reader hears the page's status instead.

use leptos::prelude::*;

#[component]
pub fn AgendaSkeleton() -> impl IntoView {
    let day = |rows: usize| {
        view! {
            <div class="day">
                <span class="bar badge-bar"></span>
                <div class="events">
                    {(0..rows)
                        .map(|_| {
                            view! {
                                <div class="event">
                                    <div>
                                        <span class="bar name-bar"></span>
                                        <span class="bar meta-bar"></span>
                                    </div>
                                </div>
                            }
                        })
                        .collect_view()}
                </div>
            </div>
        }
    };
    view! {
        <div class="month skeleton" aria-hidden="true">
            <span class="bar month-bar"></span>
            <div class="days">{day(1)} {day(2)} {day(1)}</div>
        </div>
    }
}

#[component]
pub fn EventSkeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            <span class="bar name-bar"></span>
            <span class="bar meta-bar"></span>
            <span class="bar meta-bar"></span>
        </div>
    }
}
