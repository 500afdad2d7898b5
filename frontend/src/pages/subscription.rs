//! The calendar feed, as the agenda offers it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::copying::Copying;
use crate::api::{self, Feed};
use crate::components::{CopyTexts, NoFeed, Subscribe, SubscribeToFeed};

const FEED: CopyTexts = CopyTexts {
    label: "Address of the feed",
    action: "Copy address",
    copied: "Address copied",
    failed: "Copy the address from the field",
};

#[component]
pub fn Subscription() -> impl IntoView {
    let feed = RwSignal::new(None);
    spawn_local(async move {
        // The list tells of a failure.
        if let Ok(known) = api::feed().await {
            feed.try_set(Some(known));
        }
    });
    view! { <Subscribe view=move |()| feed.get().map(offer)/> }
}

fn offer(feed: Option<Feed>) -> AnyView {
    match feed {
        Some(Feed { address, time_zone }) => {
            let (_, rest) = address.split_once(':').unwrap_or(("", &address));
            let webcal = format!("webcal:{rest}");
            view! {
                <SubscribeToFeed webcal time_zone>
                    <Copying address texts=&FEED shows_field=true/>
                </SubscribeToFeed>
            }
            .into_any()
        }
        None => view! { <NoFeed/> }.into_any(),
    }
}
